use super::*;
use crate::source::SourceId;

const RULES: [&str; 4] = ["unknown-tag", "build-mismatch", "missing-os-selector", "unsupported-release"];

fn source(text: &str) -> Source {
    Source::from_text(SourceId(0), "hostfit.toml", text)
}

/// Each error as the bytes it stands on, its message and its help.
fn errors(text: &str) -> Vec<(String, String, String)> {
    let source = source(text);
    let errors = Config::parse(&source, &RULES).expect_err("errors");
    let show =
        |error: ConfigError| (source.slice(error.span).to_owned(), error.message, error.help.unwrap_or_default());
    errors.into_iter().map(show).collect()
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest() {
    let cases = [
        (
            "[check]\nfail_on = \"error\"\n",
            "fail_on",
            "unknown key `fail_on` in [check], on line 2",
            "did you mean `fail-on`?",
        ),
        ("[chekc]\n", "chekc", "unknown key `chekc` in hostfit.toml, on line 1", "did you mean `check`?"),
        (
            "[[override]]\npath = [\"a\"]\npaths = [\"a\"]\n",
            "path",
            "unknown key `path` in [[override]], on line 2",
            "did you mean `paths`?",
        ),
        (
            "[[override]]\npaths = [\"a\"]\nseverity = { build-missmatch = \"info\" }\n",
            "build-missmatch",
            "there is no rule `build-missmatch`",
            "did you mean `build-mismatch`?",
        ),
        (
            "[[host]]\nname = \"a\"\nos = \"linux\"\nlabel = {}\n",
            "label",
            "unknown key `label` in [[host]], on line 4",
            "did you mean `labels`?",
        ),
        (
            "[[host]]\nname = \"a\"\nos = \"linux\"\n\"quite other\" = 1\n",
            "\"quite other\"",
            "unknown key `quite other` in [[host]], on line 4",
            "known keys here: name, os, kind, orchestrator, runtime, isolation, hyperv, labels, engine-labels, taints, platform, count",
        ),
    ];
    for (text, bytes, message, help) in cases {
        assert_eq!(errors(text), [(bytes.to_owned(), message.to_owned(), help.to_owned())], "{text}");
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(errors(&windows), [(bytes.to_owned(), message.to_owned(), help.to_owned())], "{windows}");
    }
}

#[test]
fn what_cannot_be_taken_is_an_error_on_its_bytes() {
    let cases = [
        ("[check]\nselect = \"x\"\n", "\"x\"", "`select` has to be a list of strings, not a string"),
        ("[check]\nselect = [1]\n", "1", "`select` has to be a string, not a number"),
        ("[check]\nignore = [\"no-such-rule\"]\n", "no-such-rule", "there is no rule `no-such-rule`"),
        ("[check]\nseverity = { no-such-rule = \"error\" }\n", "no-such-rule", "there is no rule `no-such-rule`"),
        ("[check]\nfail-on = \"warn\"\n", "warn", "`warn` is not a value of `fail-on`"),
        ("[check]\nexclude = [\"a[\"]\n", "a[", "`a[` is not a pattern: unclosed character class; missing ']'"),
        (
            "override = { paths = [] }\n",
            "{ paths = [] }",
            "`override` has to be a list of tables, as in `[[override]]`, not a table",
        ),
        ("[[override]]\nignore = []\n", "[[override]]", "an override without `paths`"),
        ("[[override]]\npaths = [\"a[\"]\n", "a[", "`a[` is not a pattern: unclosed character class; missing ']'"),
        ("[build-args]\nV = 1809\n", "1809", "`V` has to be a string, not a number"),
        ("[images]\n\"x:*\" = \"solaris\"\n", "solaris", "`solaris` is not an operating system that hostfit can read"),
        ("[images]\nghcr.io = \"linux\"\n", "ghcr", "`ghcr` is not an image"),
        ("images = 1\n", "1", "`images` has to be a table, not a number"),
        ("[images]\nx = 1\n", "1", "`x` has to be a string, a list of strings or a table, not a number"),
        ("[images]\nx = []\n", "[]", "the list of platforms is empty"),
        ("[images]\nx = [1]\n", "1", "`x` has to be a string, not a number"),
        ("[images]\nx = [\"solaris\"]\n", "solaris", "`solaris` is not an operating system that hostfit can read"),
        ("[images]\nx = [\"linux\", \"Linux\"]\n", "Linux", "`linux` and `Linux` are the same platform"),
        ("[images]\nx = [\"ltsc2019\", \"1809\"]\n", "1809", "`ltsc2019` and `1809` are the same platform"),
        (
            "[images]\nx = [\"10.0.17763.1\", \"ltsc2019\"]\n",
            "ltsc2019",
            "`10.0.17763.1` and `ltsc2019` are the same platform",
        ),
        ("[images]\n\"x\" = { target = \"a\" }\n", "{ target = \"a\" }", "a build without `dockerfile`"),
        ("[images]\nx = { dockerfile = 1 }\n", "1", "`dockerfile` has to be a string, not a number"),
        ("[images]\nx = { dockerfile = \" \" }\n", "\" \"", "`dockerfile` is empty"),
        ("[images]\nx = { dockerfile = \"/a\" }\n", "/a", "`/a` is not a path in this repository"),
        ("[images]\nx = { dockerfile = 'C:\\a' }\n", "C:\\a", "`C:\\a` is not a path in this repository"),
        ("[images]\nx = { dockerfile = \"a\", target = \"\" }\n", "\"\"", "`target` is empty"),
        (
            "[images]\nx = { dockerfile = \"a\", build-args = { V = 1809 } }\n",
            "1809",
            "`V` has to be a string, not a number",
        ),
        ("[images]\nx = { dockerfile = \"a\", args = {} }\n", "args", "unknown key `args` in [images], on line 2"),
        (
            "host = { name = \"a\" }\n",
            "{ name = \"a\" }",
            "`host` has to be a list of tables, as in `[[host]]`, not a table",
        ),
        ("[[host]]\nos = \"linux\"\n", "[[host]]", "a host without `name`"),
        ("[[host]]\nname = \"a\"\n", "[[host]]", "a host without `os`"),
        (
            "[[host]]\nname = \"a\"\nos = \"linux\"\n[[host]]\nname = \"a\"\nos = \"linux\"\n",
            "a",
            "a second host is called `a`",
        ),
        ("[[host]]\nname = \"a\"\nos = \"linux\"\nkind = \"Server\"\n", "Server", "`Server` is not a value of `kind`"),
        (
            "[[host]]\nname = \"a\"\nos = \"Windows 11 24H2\"\nkind = \"server\"\n",
            "\"server\"",
            "`kind` is `server`, but `os` is that of a client",
        ),
        (
            "[[host]]\nname = \"a\"\nkind = \"client\"\nos = \"Windows Server 2022 Datacenter\"\n",
            "\"client\"",
            "`kind` is `client`, but `os` is that of a server",
        ),
        ("[[host]]\nname = \"a\"\nos = \"linux\"\ntaints = [\"a=b\"]\n", "a=b", "`a=b` is not a taint"),
        ("[[host]]\nname = \"a\"\nos = \"linux\"\nplatform = \"AKS\"\n", "AKS", "`AKS` is not a value of `platform`"),
        ("[[host]]\nname = \"a\"\nos = \"linux\"\nruntime = \"podman 5\"\n", "podman 5", "`podman 5` is not a runtime"),
        ("[[host]]\nname = \"a\"\nos = \"linux\"\ncount = 0\n", "0", "`count` has to be a whole number of at least 1"),
        (
            "[[host]]\nname = \"a\"\nos = \"linux\"\nhyperv = \"yes\"\n",
            "\"yes\"",
            "`hyperv` has to be true or false, not a string",
        ),
        (
            "[[host]]\nname = \"a\"\nos = \"linux\"\nlabels = { a = true }\n",
            "true",
            "`a` has to be a string, not a Boolean",
        ),
        ("[[release]]\nid = \"x\"\n", "[[release]]", "a release without `build`"),
        ("[[release]]\nid = \"x\"\nbuild = 99999\n", "99999", "`99999` is not a build number"),
    ];
    for (text, bytes, message) in cases {
        let errors = errors(text);
        let found: Vec<_> = errors.iter().map(|(bytes, message, _)| (bytes.as_str(), message.as_str())).collect();
        assert_eq!(found, [(bytes, message)], "{text}");
    }
}

#[test]
fn all_errors_are_reported_at_once_in_the_order_of_the_file() {
    let text = "[check]\nfoo = 1\nfail-on = 2\n[[host]]\nname = 3\n";
    let messages: Vec<_> = errors(text).into_iter().map(|(bytes, ..)| bytes).collect();
    assert_eq!(messages, ["foo", "2", "[[host]]", "3"]);
}

#[test]
fn toml_errors_have_their_place() {
    let found = errors("[check]\nselect = [\n");
    assert!(!found.is_empty());
    let found = errors("[check]\n[check]\n");
    assert_eq!(found.len(), 1);
}

#[test]
fn no_input_panics() {
    let deep = format!("a = {}", "[".repeat(100_000));
    for text in
        ["", "\u{feff}", "=", "[", "[[", "[[host]]", "a.b.c", "\"", "[check]\r", "a = 1979-05-27", deep.as_str()]
    {
        let _ = Config::parse(&source(text), &RULES);
    }
}

#[test]
fn of_what_is_said_of_a_file_the_last_holds_and_the_command_line_after_all() {
    let text = r#"
        [check]
        ignore = ["unknown-tag"]
        severity = { build-mismatch = "info" }
        [[override]]
        paths = ["one"]
        ignore = ["build-mismatch"]
        severity = { build-mismatch = "error" }
        [[override]]
        paths = ["two"]
        select = ["unknown-tag", "build-mismatch"]
        severity = { build-mismatch = "warning" }
    "#;
    let mut config = Config::parse(&source(text), &RULES).expect("no errors");
    let (none, one, both, two) = (SourceId(1), SourceId(2), SourceId(3), SourceId(4));
    for (number, files) in [vec![one, both], vec![both, two]].into_iter().enumerate() {
        config.overrides[number].files.extend(files);
    }
    let enabled =
        |config: &Config, file| RULES.into_iter().filter(|id| config.is_enabled(id, file)).collect::<Vec<_>>();
    let table: [(SourceId, &[&str], Severity); 4] = [
        (none, &["build-mismatch", "missing-os-selector", "unsupported-release"], Severity::Info),
        (one, &["missing-os-selector", "unsupported-release"], Severity::Error),
        (both, &["unknown-tag", "build-mismatch"], Severity::Warning),
        (two, &["unknown-tag", "build-mismatch"], Severity::Warning),
    ];
    for (file, rules, severity) in table {
        assert_eq!(enabled(&config, file), rules, "{file:?}");
        assert_eq!(config.severity_of("build-mismatch", file), Some(severity), "{file:?}");
    }
    assert!(RULES.iter().all(|id| config.is_enabled_somewhere(id)));
    config.command_line.select = vec!["build-mismatch".into(), "missing-os-selector".into()];
    config.command_line.ignore = vec!["missing-os-selector".into()];
    for file in [none, one, both, two] {
        assert_eq!(enabled(&config, file), ["build-mismatch"], "{file:?}");
    }
    assert!(!config.is_enabled_somewhere("unknown-tag"));
}

#[test]
fn patterns_are_the_same_for_all_who_share_the_file() {
    let text = "[check]\nexclude = ['.\\vendor\\**', './b', 'c/*.yaml']\n";
    let config = Config::parse(&source(text), &RULES).expect("no errors");
    assert_eq!(config.exclude, ["vendor/**", "b", "c/*.yaml"]);
}

#[test]
fn comments_are_those_of_toml() {
    let text = "# one\na = \"# no\" # two\r\nb = \"\"\"\n# no \\\"\"\"\"#three\nc = [ '#no', # four\n] # five";
    for text in [text.to_owned(), format!("\u{feff}{text}")] {
        let source = source(&text);
        let comments = Reader::new(&source, &RULES).comments();
        let comments: Vec<_> = comments.into_iter().map(|span| source.slice(span)).collect();
        assert_eq!(comments, ["# one", "# two", "#three", "# four", "# five"]);
    }
}

const WHOLE: &str = r#"
[check]
exclude = ["vendor/**"]
fail-on = "never"

[[override]]
paths = ["legacy/**"]
select = ["unknown-tag"]
ignore = ["build-mismatch"]
severity = { unknown-tag = "info" }

[build-args]
ZULU = "1"
ALPHA = "2"

[images]
"z/*" = "linux"
"a/*" = "Linux"

[[host]]
name = "linux"
os = "linux"
orchestrator = "kubernetes"
runtime = "containerd 2.1.6"
isolation = "process"
hyperv = false
labels = { "kubernetes.io/os" = "linux" }
taints = ["os=windows:NoSchedule"]
count = 12
"#;

#[test]
fn no_half_typed_file_panics() {
    for (end, char) in WHOLE.char_indices() {
        let (before, after) = WHOLE.split_at(end);
        let _ = Config::parse(&source(before), &RULES);
        let _ = Config::parse(&source(&format!("{before}{}", after.trim_start_matches(char))), &RULES);
        let _ = Config::parse(&source(&format!("{before}é\"[{after}")), &RULES);
    }
}

#[test]
fn a_whole_file_is_read_in_its_order() {
    let source = source(WHOLE);
    let config = Config::parse(&source, &RULES).expect("no errors");
    assert_eq!(config.fail_on, Some(FailOn::Never));
    assert_eq!(config.exclude, ["vendor/**"]);
    let args: Vec<_> =
        config.build_args.iter().map(|arg| (&*arg.name, source.slice(arg.span.expect("span")))).collect();
    assert_eq!(args, [("ZULU", "1"), ("ALPHA", "2")]);
    let images: Vec<_> = config.images.iter().map(|rule| (&*rule.pattern, source.slice(rule.span))).collect();
    assert_eq!(images, [("z/*", "linux"), ("a/*", "Linux")]);
    let host = config.fleet.hosts.first().expect("a host");
    assert_eq!((source.slice(host.os_span), host.count, host.hyperv), ("linux", 12, Some(false)));
    assert_eq!(source.slice(host.runtime.as_ref().expect("runtime").span), "containerd 2.1.6");
}

#[test]
fn targets_name_their_fleet_files() {
    let text = "[[target]]\npaths = [\"deploy/prod/**\"]\nfleet = 'fleets\\prod.toml'\n\n[[target]]\npaths = [\"eu/**\"]\nfleet = \
                \"./eu.toml\"\nname = \"europe\"\n\n[[target]]\npaths = [\"more/**\"]\nfleet = \"fleets/prod.toml\"\n";
    let source = source(text);
    let mut config = Config::parse(&source, &RULES).expect("a configuration");
    let read: Vec<_> = config.targets.iter().map(|it| (&*it.name, &*it.file, source.slice(it.span))).collect();
    assert_eq!(
        read,
        [("fleets/prod.toml", "fleets/prod.toml", "fleets\\prod.toml"), ("europe", "eu.toml", "./eu.toml")]
    );
    assert_eq!(config.targets[0].paths, ["deploy/prod/**", "more/**"]);
    // Each fleet is read into the targets that name it, releases of its own included.
    let fleet = "[[release]]\nid = \"next\"\nbuild = 30000\n[[host]]\nname = \"a\"\nos = \"next\"\n[check]\nignore = [\"unknown-tag\"]\n";
    let fleet = Source::from_text(SourceId(1), "eu.toml", fleet);
    config.read_target("eu.toml", &fleet, &RULES).expect("a fleet");
    let names: Vec<_> = config.fleets().map(|it| (it.name, it.fleet.hosts.len())).collect();
    assert_eq!(names, [(None, 0), (Some("fleets/prod.toml"), 0), (Some("europe"), 1)]);
    assert!(config.releases.by_name("next").is_some());
    assert!(config.rules.ignore.is_empty(), "only its hosts count");
    assert!(config.files.iter().all(|file| file.is_fleet) && config.files.len() == 2);
    // `--fleet` takes the place of all of them.
    config.replace_fleet(&fleet, &RULES).expect("a fleet");
    assert_eq!(config.fleets().count(), 1);
}

#[test]
fn a_broken_target_is_shown_at_its_bytes() {
    let cases = [
        ("[[target]]\nfleet = \"a.toml\"\n", "[[target]]", "a target without `paths`"),
        ("[[target]]\npaths = [\"a\"]\n", "[[target]]", "a target without `fleet`"),
        ("[[target]]\npaths = [\"a\"]\nfleet = \" \"\n", "\" \"", "`fleet` is empty"),
        (
            "[[target]]\npaths = [\"a\"]\nfleet = \"a\"\nhost = 1\n",
            "host",
            "unknown key `host` in [[target]], on line 4",
        ),
        (
            "[[target]]\npaths = [\"a\"]\nfleet = \"a\"\n[[target]]\npaths = [\"b\"]\nfleet = \"b\"\nname = \"a\"\n",
            "a",
            "a target with another fleet is called `a` too",
        ),
    ];
    for (text, bytes, message) in cases {
        let read: Vec<_> = errors(text).into_iter().map(|(bytes, message, _)| (bytes, message)).collect();
        assert_eq!(read, [(bytes.to_owned(), message.to_owned())], "{text}");
    }
}

#[test]
fn images_are_declared_by_a_version_a_list_or_a_dockerfile() {
    use crate::windows::image::Declared;
    let text = "[images]\na = \"ltsc2022\"\nb = [\"ltsc2022\"]\nc = [\"linux\"]\nd = [\"1809\", \"linux\", \"10.0.20348.2\", \
                \"10.0.20348.3\"]\ne = { dockerfile = '.\\src\\Dockerfile', target = \"final\", build-args = { V = \"1\" } }\n";
    let source = source(text);
    let config = Config::parse(&source, &RULES).expect("a configuration");
    let words = |rule: &ImageRule| match &rule.declared {
        Declared::Linux => "linux".to_owned(),
        Declared::Windows(version) => version.to_string(),
        Declared::MultiPlatform(variants) => {
            let windows: Vec<_> = variants.windows.iter().map(ToString::to_string).collect();
            format!("{} {}", windows.join(" "), variants.linux)
        }
        Declared::Built(build) => {
            let args: Vec<_> = build.build_args.iter().map(|(name, value)| format!("{name}={}", value.value)).collect();
            let target = build.target.as_ref().map_or("", |target| source.slice(target.span));
            format!("{} {target} {} {}", build.dockerfile, args.join(" "), source.slice(build.span))
        }
    };
    let read: Vec<_> = config.images.iter().map(|rule| (words(rule), source.slice(rule.span))).collect();
    let expected = [
        ("10.0.20348", "ltsc2022"),
        ("10.0.20348", "[\"ltsc2022\"]"),
        ("linux", "[\"linux\"]"),
        ("10.0.20348.3 10.0.20348.2 10.0.17763 true", "[\"1809\", \"linux\", \"10.0.20348.2\", \"10.0.20348.3\"]"),
        (
            "src/Dockerfile final V=1 .\\src\\Dockerfile",
            "{ dockerfile = '.\\src\\Dockerfile', target = \"final\", build-args = { V = \"1\" } }",
        ),
    ];
    assert_eq!(read, expected.map(|(words, bytes)| (words.to_owned(), bytes)));
}

#[test]
fn the_kind_of_a_host_is_that_of_its_os_string() {
    use crate::windows::HostKind::{Client, Server};
    let kind = |lines: &str| {
        let text = format!("[[host]]\nname = \"a\"\n{lines}\n");
        let config = Config::parse(&source(&text), &RULES).expect("a configuration");
        let host = &config.fleet.hosts[0];
        (host.windows().expect("Windows").to_string(), host.kind)
    };
    let table = [
        ("os = \"Windows 11 24H2\"", "10.0.26100", Client),
        ("os = \"win11-24h2\"", "10.0.26100", Client),
        ("os = \"Microsoft Windows Version 24H2 (OS Build 26100.4652)\"", "10.0.26100.4652", Client),
        ("os = \"Microsoft Windows Server Version 24H2 (OS Build 26100.4652)\"", "10.0.26100.4652", Server),
        ("os = \"Windows 10 22H2\"", "10.0.19045", Client),
        ("os = \"Windows 11 Enterprise 23H2\"\nkind = \"client\"", "10.0.22631", Client),
        ("os = \"ltsc2025\"", "10.0.26100", Server),
        ("os = \"26100\"", "10.0.26100", Server),
        ("os = \"26200\"", "10.0.26200", Client),
        ("os = \"ltsc2019\"\nkind = \"client\"", "10.0.17763", Client),
    ];
    for (lines, version, expected) in table {
        assert_eq!(kind(lines), (version.to_owned(), expected), "{lines}");
    }
}

#[test]
fn of_many_problems_the_first_are_kept() {
    let text = "..\n".repeat(100_000);
    let found = errors(&text);
    assert_eq!(found.len(), Problems::MOST + 1);
    let (_, last, _) = found.last().expect("one");
    assert!(last.starts_with("and ") && last.ends_with(" more problems in this file"), "{last}");
    let lock = lock::Lock::parse(&source(&text)).expect_err("errors");
    assert_eq!(lock.len(), Problems::MOST + 1);
    // Sections are read in another order than they stand.
    let tables = |count| (0..count).map(|number| format!("[x{number}]\n")).collect::<Vec<_>>().concat();
    let keys = tables(100);
    let found = errors(&format!("{keys}[release]\nbuild = 1\n[[host]]\nname = 1\n"));
    let spans: Vec<_> = found.iter().map(|it| it.0.clone()).take(Problems::MOST).collect();
    assert_eq!(spans, (0..Problems::MOST).map(|number| format!("x{number}")).collect::<Vec<_>>());
    let exactly = tables(Problems::MOST);
    assert_eq!(errors(&exactly).len(), Problems::MOST);
    let one_more = errors(&format!("{exactly}[y]\n"));
    assert_eq!(one_more.last().expect("one").1, "and 1 more problem in this file");
}

#[test]
fn targets_of_one_file_share_its_hosts() {
    let text = "[[target]]\npaths = [\"a\"]\nname = \"a\"\nfleet = \"f.toml\"\n[[target]]\npaths = [\"b\"]\nname = \"b\"\nfleet = \"f.toml\"\n";
    let mut config = Config::parse(&source(text), &RULES).expect("a configuration");
    let fleet = Source::from_text(SourceId(1), "f.toml", "[[host]]\nname = \"h\"\nos = \"linux\"\n");
    config.read_target("f.toml", &fleet, &RULES).expect("a fleet");
    let [a, b] = config.targets.as_slice() else { panic!("two") };
    assert_eq!((a.fleet.hosts.len(), std::sync::Arc::ptr_eq(&a.fleet, &b.fleet)), (1, true));
}

#[test]
fn a_string_that_is_not_closed_is_one_error() {
    for text in [
        "[[host]]\nname = \"win\nos = \"ltsc2022\"\n",
        "[images]\n\"a = \"linux\"\n",
        "[check]\nignore = [\"a, \"b\"]\n",
    ] {
        let found = errors(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
    }
    // Two faults are two.
    assert_eq!(errors("[check]\nfail-on = \"error\n[images]\na = \n").len(), 2);
}

#[test]
fn an_unknown_key_names_the_file_that_has_it() {
    let source = Source::from_text(SourceId(0), "fleets/prod.toml", "[[hosts]]\n");
    let errors = Config::parse(&source, &RULES).expect_err("errors");
    assert_eq!(errors[0].message, "unknown key `hosts` in prod.toml, on line 1");
}

#[test]
fn the_baseline_the_format_and_outputs_are_read() {
    let source =
        source("[check]\nbaseline = \"known.json\"\nformat = \"concise\"\noutput = [\"sarif=a=b.sarif\", 'json=x']\n");
    let config = Config::parse(&source, &RULES).expect("no errors");
    let baseline = config.baseline_file.expect("a baseline");
    assert_eq!((&*baseline.path, source.slice(baseline.span)), ("known.json", "known.json"));
    assert_eq!(config.format, Some("concise"));
    let outputs: Vec<_> = config.outputs.iter().map(|(format, file)| (*format, &*file.path)).collect();
    assert_eq!(outputs, [("sarif", "a=b.sarif"), ("json", "x")]);
    for (line, bytes, message, help) in [
        ("baseline = \"\"", "\"\"", "`baseline` is empty", ""),
        ("format = \"xml\"", "xml", "`xml` is not a value of `format`", "known values here: human, concise, json, "),
        ("output = [\"sarf=a\"]", "sarf=a", "there is no format `sarf`", "did you mean `sarif`?"),
        ("output = [\"a.sarif\"]", "a.sarif", "`a.sarif` is not an output", "write a format and a file, as in "),
        ("output = [\"sarif= \"]", "sarif= ", "`sarif= ` is not an output", "write a format and a file, as in "),
    ] {
        let found = errors(&format!("[check]\n{line}\n"));
        let [(at, what, advice)] = found.as_slice() else { panic!("{line}: {found:?}") };
        assert_eq!((at.as_str(), what.as_str()), (bytes, message), "{line}");
        assert!(advice.starts_with(help), "{line}: {advice}");
    }
}
