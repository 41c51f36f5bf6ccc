//! No input makes a run long, or its output, out of proportion: the limits are generous, and what they were set for missed
//! them by far.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use common::{Tree, text};

mod common;

#[test]
fn of_the_problems_of_a_configuration_the_first_are_shown() {
    let unknown = (0..10_000).fold(String::new(), |lines, number| lines + &format!("a{number} = 1\n"));
    let inputs = [("..".repeat(1 << 16), false), (unknown, true)];
    let names = ["hostfit.toml", "hostfit.lock"];
    for (name, (content, has_more)) in names.into_iter().flat_map(|name| inputs.clone().map(|input| (name, input))) {
        let tree = Tree::new(name).with("Dockerfile", "FROM scratch\n").with(name, content);
        let output = tree.run(&["check"]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        let shown = text(&output.stderr);
        assert!(shown.len() < 64 << 10, "{name}: {} bytes", shown.len());
        assert_eq!(shown.contains("more problems in this file"), has_more, "{shown}");
    }
}

#[test]
fn a_configuration_longer_than_other_files_may_be_is_refused() {
    for name in ["hostfit.toml", "hostfit.lock", "fleet.toml"] {
        let tree = Tree::new("long").with("Dockerfile", "FROM scratch\n").with(name, "#\n".repeat((8 << 19) + 1));
        tree.write(
            "hostfit.toml",
            if name == "fleet.toml" {
                "[[target]]\npaths = [\"**\"]\nfleet = \"fleet.toml\"\n".to_owned()
            } else {
                tree.read("hostfit.toml").unwrap_or_default()
            },
        );
        let output = tree.run(&["check"]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("is longer than 8 MiB"), "{}", text(&output.stderr));
    }
}

/// Panics where four times as much takes seven times as long, however often it is tried: what
/// else the machine does must not decide.
fn is_linear(size: usize, tree: impl Fn(usize) -> Tree, args: &[&str]) {
    let time = |tree: &Tree| {
        let start = Instant::now();
        let output = tree.run(args);
        let taken = start.elapsed();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
        taken
    };
    let (small, large) = (tree(size), tree(4 * size));
    let (mut least, mut most) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        (least, most) = (least.min(time(&small)), most.min(time(&large)));
        if most < 7 * least + Duration::from_millis(300) {
            return;
        }
    }
    panic!("{args:?}: {size} take {least:?}, {} take {most:?}", 4 * size);
}

/// The tree of a test at one size.
fn sized(name: &str, size: usize) -> Tree {
    Tree::new(&format!("{name}-{size}"))
}

#[test]
fn backslashes_take_as_long_as_there_are_many() {
    let from = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n";
    for (number, (start, path, end)) in [
        ("COPY . C:", "\\ab", "\n"),
        ("WORKDIR C:", "\\ab", "\n"),
        ("ENV X=C:", "\\ab", "\n"),
        ("VOLUME C:", "\\ab", "\n"),
        ("CMD [\"C:", "\\ab", "\"]\n"),
        ("ENTRYPOINT [", "'C:\\ab', ", "'x']\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let tree = |size| {
            sized(&format!("backslashes-{number}"), size)
                .with("Dockerfile", format!("{from}{start}{}{end}", path.repeat(size)))
        };
        is_linear(125_000, tree, &["check", "--format", "json"]);
    }
}

/// `[[host]]` entries of different names.
fn hosts(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let _ = writeln!(
            text,
            "[[host]]\nname = \"h{number}\"\nos = \"10.0.{}\"\norchestrator = \"kubernetes\"",
            10_000 + number % 50_000
        );
        let _ = writeln!(text, "labels = {{ agentpool = \"{}\", \"kubernetes.io/os\" = \"linux\" }}", number / 2);
    }
    text
}

#[test]
fn hosts_take_as_long_as_there_are_many() {
    let tree = |size| sized("hosts", size).with("hostfit.toml", hosts(size)).with("Dockerfile", "FROM scratch\n");
    is_linear(2500, tree, &["check"]);
    is_linear(2500, tree, &["fleet", "show"]);
}

/// Nodes of ten kinds, each with a label of its own that no placement asks for.
fn alike(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let os = ["ltsc2019", "ltsc2022", "ltsc2025", "10.0.14393.4704", "linux"][number % 5];
        let _ = writeln!(text, "[[host]]\nname = \"h{number}\"\nos = \"{os}\"\norchestrator = \"kubernetes\"");
        let _ = writeln!(text, "labels = {{ pool = \"p{}\", machine = \"m{number}\" }}", number % 2);
    }
    text
}

/// Pods that fail on some of them, are never placed on some, and name one of a few.
fn pods(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let selector = [
            "kubernetes.io/os: windows",
            "node.kubernetes.io/windows-build: 10.0.20348",
            "pool: p1",
            "pool: p9",
            "kubernetes.io/hostname: h7",
        ][number % 5];
        let image = ["servercore:ltsc2019", "servercore:ltsc2022", "nanoserver:ltsc2025"][number % 3];
        let _ = writeln!(text, "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: w{number}}}\nspec:");
        let _ = writeln!(text, "  nodeSelector: {{{selector}}}");
        let _ = writeln!(text, "  containers: [{{name: c, image: \"mcr.microsoft.com/windows/{image}\"}}]");
    }
    text
}

#[test]
fn pods_and_hosts_may_both_be_many() {
    let tree = |size| sized("pods", size).with("hostfit.toml", alike(size)).with("pods.yaml", pods(size));
    is_linear(2000, tree, &["check"]);
}

/// The list is written once for all findings that share it, as it would be by itself.
#[test]
fn many_hosts_are_named_in_full_where_programs_read() {
    let tree = Tree::new("named").with("hostfit.toml", alike(400)).with("pods.yaml", pods(30));
    for (format, findings, hosts, indent) in [
        ("json", "/findings", "/hosts", "        "),
        ("sarif", "/runs/0/results", "/properties/hosts", "              "),
    ] {
        let shown = text(&tree.run(&["check", "--format", format]).stdout);
        let report: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        let lists = report.pointer(findings).and_then(|it| it.as_array()).expect("findings").iter();
        let lists: Vec<_> = lists.filter_map(|it| it.pointer(hosts)?.as_array()).filter(|it| it.len() > 64).collect();
        assert!(lists.len() > 2, "{shown}");
        for list in &lists {
            let names: Vec<_> = list.iter().map(|name| format!("\n{indent}{name}")).collect();
            let end = indent.strip_suffix("  ").expect("blanks");
            assert!(shown.contains(&format!("\"hosts\": [{}\n{end}]", names.join(","))), "{format}");
        }
    }
}

#[test]
fn an_import_takes_as_long_as_there_are_nodes() {
    let list = |size: usize| {
        let mut table = "NAME  STATUS  ROLES  AGE  VERSION  LABELS\n".to_owned();
        for number in 0..size {
            let _ = writeln!(
                table,
                "n{number}  Ready  <none>  1d  v1.33.0  kubernetes.io/os=windows,node.kubernetes.io/windows-build=10.0.20348,pool=p{number}"
            );
        }
        table
    };
    let tree = |size| sized("import", size).with("nodes.txt", list(size)).with("fleet.toml", hosts(size));
    is_linear(2500, tree, &["fleet", "import", "--label", "pool", "nodes.txt"]);
}

#[test]
fn lines_of_a_configuration_and_what_they_are_about_may_both_be_many() {
    let uses = |count: usize| {
        let services =
            (0..count).map(|number| format!("  s{number}: {{image: \"registry.contoso.com/i{number}:1\"}}\n"));
        format!("services:\n{}", services.collect::<Vec<_>>().concat())
    };
    let images = |size: usize| {
        let lines = (0..size).map(|number| format!("\"registry.contoso.com/i{}:1\" = \"ltsc2022\"\n", size - number));
        sized("images", size)
            .with("hostfit.toml", format!("[images]\n{}", lines.collect::<Vec<_>>().concat()))
            .with("compose.yaml", uses(size))
    };
    is_linear(2000, images, &["images"]);
}

/// Names with a variable, which many lines may come to match, or none that begins and ends so.
#[test]
fn lines_of_a_configuration_and_names_with_a_variable_may_both_be_many() {
    for (number, (line, name)) in
        [("r.io/i{}:1", "r.io/i${X}{}:1"), ("r.io/a{}x", "r.io/a${X}x"), ("r.io/a{}x", "r.io/b{}${X}x")]
            .into_iter()
            .enumerate()
    {
        let numbered = |text: &str, number: usize| text.replace("{}", &number.to_string());
        let tree = |size: usize| {
            let lines: Vec<_> = (0..size).map(|it| format!("\"{}\" = \"ltsc2022\"\n", numbered(line, it))).collect();
            let services: Vec<_> =
                (0..2 * size).map(|it| format!("  s{it}: {{image: \"{}\"}}\n", numbered(name, it))).collect();
            sized(&format!("variables-{number}"), size)
                .with("hostfit.toml", format!("[images]\n{}", lines.concat()))
                .with("compose.yaml", format!("services:\n{}", services.concat()))
        };
        is_linear(2500, tree, &["images"]);
    }
}

/// A pattern with a wildcard becomes a program of a thousand times its size.
#[test]
fn patterns_take_little_however_long_they_are() {
    let start = Instant::now();
    let tree = Tree::new("patterns").with("Dockerfile", "FROM scratch\n").with(".gitignore", "*a".repeat(1 << 20));
    assert_eq!(tree.run(&["check"]).status.code(), Some(0));
    let long = "*a".repeat(1 << 20);
    for config in [
        format!("[check]\nexclude = [\"{long}\"]\n"),
        format!("[[override]]\npaths = [\"{long}\"]\n"),
        format!("[check]\nexclude = [{}]\n", "\"{a,b}?x\", ".repeat(1 << 17)),
        format!("[images]\n\"{long}\" = \"linux\"\n"),
    ] {
        tree.write("hostfit.toml", config);
        let output = tree.run(&["check"]);
        let shown = text(&output.stderr);
        let expected = ["have more than 65536 bytes together", "a pattern of more than 1000 bytes"];
        assert!(output.status.code() == Some(2) && expected.iter().any(|it| shown.contains(it)), "{shown}");
    }
    // What is just about allowed.
    tree.write("hostfit.toml", format!("[check]\nexclude = [\"{}\"]\n", "*a".repeat(32 << 10)));
    assert_eq!(tree.run(&["check"]).status.code(), Some(0));
    let taken = start.elapsed();
    assert!(taken < Duration::from_mins(1), "{taken:?}");
}

#[test]
fn what_every_file_is_compared_with_stays_few() {
    let tree = Tree::new("few").with("Dockerfile", "FROM scratch\n");
    let refused = |name: &str, text: String, expected: &str| {
        tree.write(name, text);
        let output = tree.run(&["check"]);
        let shown = text_of(&output);
        assert!(output.status.code() == Some(2) && shown.contains(expected), "{shown}");
        tree.write(name, "");
    };
    let lines = |line: &dyn Fn(usize) -> String, count: usize| (0..count).map(line).collect::<Vec<_>>().concat();
    let override_ = |number: usize| format!("[[override]]\npaths = [\"a{number}\"]\n");
    refused("hostfit.toml", lines(&override_, 1001), "there are 1001 overrides, more than 1000");
    let target = |number: usize| format!("[[target]]\npaths = [\"a{number}\"]\nfleet = \"f{number}.toml\"\n");
    refused("hostfit.toml", lines(&target, 1001), "there are 1001 targets, more than 1000");
    let open = |number: usize| format!("\"a{number}*\" = \"linux\"\n");
    refused("hostfit.toml", format!("[images]\n{}", lines(&open, 1001)), "there are 1001 patterns with `*`");
    let platform = |number: usize| {
        format!("{{ os = \"windows\", architecture = \"amd64\", os-version = \"10.0.1.{number}\" }},\n")
    };
    let entry = format!(
        "version = 1\n[[image]]\nimage = \"a.io/b:1\"\ndigest = \"sha256:{}\"\nmedia-type = \"x\"\ndate = 2026-01-01\nplatforms = [\n{}]\n",
        "0".repeat(64),
        lines(&platform, 1001)
    );
    refused("hostfit.lock", entry, "there are 1001 platforms, more than 1000");
}

#[test]
fn what_people_are_shown_is_in_proportion() {
    let tree = Tree::new("folded").with(
        "Dockerfile",
        format!("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nVOLUME {}\n", "C:\\a\\ ".repeat(30_000)),
    );
    let output = tree.run(&["check"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(output.stdout.len() < 256 << 10, "{} bytes", output.stdout.len());
    assert!(text(&output.stdout).contains(" more findings; `hostfit check --select "));
}

fn text_of(output: &std::process::Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}
