//! `hostfit matrix`: what it prints, word for word where people or programs rely on it.
#![allow(clippy::expect_used, reason = "a test")]

mod common;

use common::{Tree, fixtures, hostfit, text};
use serde_json::Value;

fn demo(args: &[&str]) -> String {
    let output = hostfit(&fixtures("demo"), &[&["matrix"], args].concat()).env("COLUMNS", "80").output().expect("run");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn json(tree: &Tree) -> Value {
    serde_json::from_slice(&tree.run(&["matrix", "--format", "json"]).stdout).expect("JSON")
}

/// Each line of it follows from `fixtures/demo`: what fails is what `expected.txt` lists there. Files with failures come first.
#[test]
fn the_demo_is_shown_in_a_terminal() {
    let expected = "
                          win2019  win2022  linux   build01  swarm01  swarm02
deploy/billing.yaml
  Deployment/billing      CANNOT   runs     CANNOT  -        -        -
  DaemonSet/log-shipper   -        runs     -       -        -        -
deploy/nightly.yaml
  CronJob/nightly-export  CANNOT   -        -       -        -        -
deploy/web.yaml
  Deployment/web          CANNOT   runs     -       -        -        -
docker-compose.yml
  service legacy-reports  -        -        -       CANNOT   -        -
  service web             -        -        -       runs     -        -
  service legacy-print    -        -        -       runs     -        -
deploy/gateway-stack.yml
  service gateway         -        -        -       -        -        runs
Dockerfiles that nothing here deploys:
worker/Dockerfile
  final stage             CANNOT   CANNOT   -       CANNOT   CANNOT   CANNOT
api/Dockerfile
  final stage             -        -        runs    -        -        -

CANNOT  may be placed there and does not run
-       never placed there, or not applicable
Use -v to show the reason for each cell
";
    assert_eq!(demo(&[]), expected.trim_start_matches('\n'));
    assert!(
        demo(&["--color", "always"]).contains("\u{1b}[1m\u{1b}[31mCANNOT\u{1b}[0m"),
        "{}",
        demo(&["--color", "always"])
    );
}

#[test]
fn reasons_are_shown_to_those_who_ask() {
    let printed = demo(&["-v", "deploy/web.yaml", "docker-compose.yml", "web"]);
    let expected = "      win2019: cannot: Windows Server 2022 (10.0.20348) is newer than Windows
        Server 2019 (10.0.17763.6893); no isolation mode runs it there
        [missing-build-selector]\n";
    assert!(printed.contains(expected), "{printed}");
    assert!(printed.contains("win2019  Windows Server 2019 (10.0.17763.6893), Kubernetes, 4 machines\n"), "{printed}");
}

#[test]
fn json_has_the_promised_shape() {
    let value: Value =
        serde_json::from_str(&demo(&["--format", "json", "deploy/web.yaml", "docker-compose.yml", "web"]))
            .expect("JSON");
    assert_eq!(value["hosts"], serde_json::json!(["win2019", "win2022", "linux", "build01", "swarm01", "swarm02"]));
    let web = &value["workloads"][0];
    assert_eq!(web["workload"], "Deployment/web: container web");
    assert_eq!(web["path"], "deploy/web.yaml");
    assert_eq!(web["image"], "registry.contoso.com/shop/web:dev");
    assert_eq!(web["cells"].as_object().expect("cells").len(), 6);
    assert_eq!(web["cells"]["win2022"]["verdict"], "runs");
    assert_eq!(
        web["cells"]["win2019"],
        serde_json::json!({
            "verdict": "blocked",
            "why": "Windows Server 2022 (10.0.20348) is newer than Windows Server 2019 (10.0.17763.6893); no isolation mode runs it there",
            "rule": "missing-build-selector",
        })
    );
    assert_eq!(web["cells"]["linux"]["verdict"], "excluded");
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, namespace: shop }\nspec:\n  containers:\n  - name: web\n    \
                   image: mcr.microsoft.com/windows/nanoserver:ltsc2022\n";

fn host(name: &str, os: &str) -> String {
    format!("[[host]]\nname = \"{name}\"\nos = \"{os}\"\norchestrator = \"kubernetes\"\n")
}

/// One that no host satisfies, and one that some do.
fn pinned(name: &str) -> Tree {
    let pin = |name: &str, build: &str| {
        POD.replace("name: web,", &format!("name: {name},")).replace(
            "spec:\n",
            &format!("spec:\n  nodeSelector: {{ node.kubernetes.io/windows-build: 10.0.{build} }}\n"),
        )
    };
    Tree::new(name)
        .with("hostfit.toml", [host("old", "ltsc2019"), host("new", "ltsc2022"), host("linux", "linux")].concat())
        .with("a/Dockerfile", "FROM alpine:3.20\n")
        .with("pods.yaml", format!("{}---\n{}", pin("stuck", "26100"), pin("fits", "20348")))
}

#[test]
fn a_pod_that_no_host_satisfies_is_pending_in_a_terminal() {
    let expected = "
                     old      new      linux
pods.yaml
  Pod/stuck in shop  PENDING  PENDING  PENDING
  Pod/fits in shop   -        runs     -
Dockerfiles that nothing here deploys:
a/Dockerfile
  final stage        -        -        runs

PENDING  no host satisfies its placement
-        never placed there, or not applicable
Use -v to show the reason for each cell
";
    let tree = pinned("states");
    let output = tree.command(&["matrix"]).env("COLUMNS", "80").output().expect("run");
    assert_eq!(text(&output.stdout), expected.trim_start_matches('\n'));
    let summary = "3 workloads on 3 hosts: 3 pending, 2 run, 2 never placed there, 2 not applicable";
    assert!(text(&output.stderr).contains(summary), "{}", text(&output.stderr));
    // The key explains what is shown.
    let shown = text(&tree.run(&["matrix", "a/Dockerfile"]).stdout);
    assert!(shown.ends_with("\n-  not applicable\nUse -v to show the reason for each cell\n"), "{shown}");
    let shown = text(&tree.run(&["matrix", "pods.yaml"]).stdout);
    assert!(shown.contains("-        never placed there\n"), "{shown}");
}

#[test]
fn json_says_whether_a_workload_is_placed_at_all() {
    let value = json(&pinned("states-json"));
    let rows: Vec<_> = value["workloads"].as_array().expect("a list").iter().collect();
    let states: Vec<_> = rows.iter().map(|row| (&row["workload"], &row["state"])).collect();
    let expected = [
        ("final stage", "undeployed"),
        ("Pod/stuck: container web", "unschedulable"),
        ("Pod/fits: container web", "placed"),
    ]
    .map(|(workload, state)| (Value::from(workload), Value::from(state)));
    assert_eq!(states, expected.iter().map(|(workload, state)| (workload, state)).collect::<Vec<_>>());
    for host in ["old", "new", "linux"] {
        assert_eq!(rows[1]["cells"][host]["verdict"], "excluded");
        assert_eq!(rows[1]["cells"][host]["rule"], "unschedulable");
    }
}

/// Swarm places a service on nodes of its image's system, and nobody starts a Compose service on another one.
#[test]
fn services_are_not_placed_on_hosts_of_another_operating_system() {
    let host = |name: &str, os: &str, orchestrator: &str| {
        format!("[[host]]\nname = \"{name}\"\nos = \"{os}\"\norchestrator = \"{orchestrator}\"\n")
    };
    let image = |name: &str, image: &str| format!("  {name}:\n    image: {image}\n");
    let services = format!(
        "services:\n{}{}",
        image("proxy", "alpine:3.20"),
        image("web", "mcr.microsoft.com/windows/nanoserver:ltsc2022")
    );
    let tree = Tree::new("systems")
        .with(
            "hostfit.toml",
            [
                host("swarm-win", "ltsc2022", "swarm"),
                host("swarm-linux", "linux", "swarm"),
                host("docker-win", "ltsc2022", "docker"),
                host("docker-linux", "linux", "docker"),
            ]
            .concat(),
        )
        .with("compose.yaml", &services)
        .with("stack.yml", services.replace("    image", "    deploy: { mode: replicated }\n    image"));
    let value = json(&tree);
    let verdicts = |path: &str, workload: &str| {
        let mut rows = value["workloads"].as_array().expect("a list").iter();
        let row = rows.find(|row| row["path"] == path && row["workload"] == workload).expect("a row");
        assert_eq!(row["state"], "placed");
        ["swarm-win", "swarm-linux", "docker-win", "docker-linux"]
            .map(|host| row["cells"][host]["verdict"].as_str().expect("a verdict").to_owned())
    };
    assert_eq!(verdicts("stack.yml", "service proxy"), ["excluded", "runs", "excluded", "excluded"]);
    assert_eq!(verdicts("stack.yml", "service web"), ["runs", "excluded", "excluded", "excluded"]);
    assert_eq!(verdicts("compose.yaml", "service proxy"), ["excluded", "excluded", "excluded", "runs"]);
    assert_eq!(verdicts("compose.yaml", "service web"), ["excluded", "excluded", "runs", "excluded"]);
}

#[test]
fn a_page_has_what_nothing_deploys_last_and_says_no_landing_of_it() {
    let page = text(&pinned("states-html").run(&["matrix", "--format", "html"]).stdout);
    let (_, data) = page.split_once("type=\"application/json\">").expect("data");
    let data: Value = serde_json::from_str(data.split_once("</script>").expect("an end").0).expect("JSON");
    let states: Vec<_> = data["rows"].as_array().expect("rows").iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["unschedulable", "placed", "undeployed"]);
    let shown = |row: usize| {
        let pattern = data["rows"][row]["verdicts"].as_u64().expect("a number");
        let runs = data["patterns"][usize::try_from(pattern).expect("small")].as_array().expect("runs");
        let name = |number: &Value| &data["verdicts"][usize::try_from(number.as_u64().expect("one")).expect("small")];
        runs.chunks(2)
            .map(|run| (name(&run[0])["id"].as_str().expect("an id"), run[1].as_u64().expect("a count")))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(0), [("pending", 3)]);
    assert_eq!(shown(2), [("inapplicable", 2), ("runs", 1)]);
    let plain = page.split_once("<noscript>").expect("a table").1.split_once("</noscript>").expect("an end").0;
    let (deployed, others) = plain.split_once("</tbody><tbody>").expect("two sections");
    assert_eq!(deployed.matches("<td class=\"pending\"><b>pending</b><br>nodeSelector").count(), 3, "{deployed}");
    let heading = "<tr><th scope=\"rowgroup\" colspan=\"4\">Dockerfiles that nothing here deploys</th></tr>";
    assert!(others.starts_with(heading), "{others}");
    assert!(!others.contains("never") && !others.contains("land"), "{others}");
}

/// Whatever the number of hosts and the length of names.
#[test]
fn no_line_is_longer_than_a_terminal_is_wide() {
    for (number, columns) in [(1, "80"), (9, "80"), (40, "80"), (200, "80"), (30, "50"), (9, "200")] {
        let fleet =
            (0..number).map(|it| host(&format!("a-pool-with-a-name-{it}"), ["ltsc2019", "ltsc2022", "linux"][it % 3]));
        let pod = POD.replace("name: web,", &format!("name: {},", "long-".repeat(40)));
        let tree = Tree::new(&format!("width-{number}-{columns}"))
            .with("hostfit.toml", fleet.collect::<String>())
            .with(&format!("{}/pod.yaml", "deep/".repeat(20)), pod)
            .with("deploy/web.yaml", POD);
        let width: usize = columns.parse().expect("a number");
        for args in [&["matrix"][..], &["matrix", "-v"]] {
            let output = tree.command(args).env("COLUMNS", columns).output().expect("run");
            let shown = text(&output.stdout);
            let longest = shown.lines().map(|line| line.chars().count()).max();
            assert!(longest.is_some_and(|it| it > 0 && it <= width), "{longest:?} of {width}\n{shown}");
            assert!(shown.contains("CANNOT") && (number == 1 || shown.contains("runs")), "{shown}");
        }
    }
}

/// 25 hosts in three groups: every name is under its number, and the columns say what comes of each group.
#[test]
fn hosts_that_do_not_fit_are_numbered_and_equal_ones_share_a_column() {
    let fleet = (0..25).map(|it| host(&format!("node-{it:02}"), ["ltsc2019", "ltsc2022", "linux"][it % 3]));
    let tree = Tree::new("numbered").with("hostfit.toml", fleet.collect::<String>()).with("web.yaml", POD);
    let shown = text(&tree.command(&["matrix"]).env("COLUMNS", "80").output().expect("run").stdout);
    let expected = "\
1  node-00, node-02, node-03, node-05, node-06, node-08, node-09, node-11,
   node-12, node-14, node-15, node-17, node-18, node-20, node-21, node-23,
   node-24
2  node-01, node-04, node-07, node-10, node-13, node-16, node-19, node-22

                   1       2
web.yaml
  Pod/web in shop  CANNOT  runs

CANNOT  may be placed there and does not run
Use -v to show the reason for each cell
";
    assert_eq!(shown, expected);
}

#[test]
fn names_do_nothing_to_a_terminal() {
    let name = "\\e[31mred\\u202Eevil\\nline";
    let pod = POD.replace("name: web,", &format!("name: \"{name}\","));
    let tree = Tree::new("control").with("hostfit.toml", host("a\\u001b[2Jb", "ltsc2019")).with("pod.yaml", pod);
    for args in [&["matrix"][..], &["matrix", "-v"]] {
        let shown = text(&tree.run(args).stdout);
        assert!(shown.contains("[31mred") && shown.contains("[2Jb"), "{shown}");
        assert!(!shown.chars().any(|it| it != '\n' && (it.is_control() || it == '\u{202e}')), "{shown:?}");
    }
}

#[test]
fn nothing_ends_the_data_of_the_page() {
    let name = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
    let tree = Tree::new("page")
        .with("hostfit.toml", host("</script><!--", "ltsc2019"))
        .with("pod.yaml", POD.replace("name: web,", &format!("name: \"{name}\",")));
    let page = text(&tree.run(&["matrix", "--format", "html"]).stdout);
    assert_eq!(page.matches("</script>").count(), 2, "the page has two scripts of its own");
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<img"), "{page}");
    assert!(!page.contains("<!--"), "a mark was not filled in");
    let (_, data) = page.split_once("type=\"application/json\">").expect("data");
    let data: Value = serde_json::from_str(data.split_once("</script>").expect("an end").0).expect("JSON");
    assert_eq!(data["rows"][0]["short"], format!("Pod/{name}"));
    assert_eq!(data["hosts"][0]["name"], "</script><!--");
}

#[test]
fn a_page_loads_nothing() {
    let page = demo(&["--format", "html"]);
    let (head, _) = page.split_once("<style>").expect("a style");
    assert!(head.contains("default-src 'none'"), "{head}");
    for load in [" src=", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML", "<link"] {
        assert!(!page.contains(load), "{load}");
    }
}

#[test]
fn it_is_written_into_a_file_but_over_none_that_it_reads() {
    let tree = Tree::new("output").with("hostfit.toml", host("it", "ltsc2022")).with("pod.yaml", POD);
    let output = tree.run(&["matrix", "--format", "html", "--output", "matrix.html"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    assert!(tree.read("matrix.html").expect("written").starts_with("<!doctype html>"));
    let output = tree.run(&["matrix", "--output", "pod.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("it is one of the files to check"), "{}", text(&output.stderr));
    assert_eq!(tree.read("pod.yaml").as_deref(), Some(POD));
}

#[test]
fn without_a_fleet_it_says_what_is_missing() {
    let tree = Tree::new("no-fleet").with("pod.yaml", POD);
    let output = tree.run(&["matrix"]);
    assert!(text(&output.stderr).contains("no host is declared"), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("Pod/web in shop"));
    let value = json(&tree);
    assert_eq!((&value["hosts"], &value["workloads"][0]["cells"]), (&serde_json::json!([]), &serde_json::json!({})));
    assert_eq!(value["workloads"][0]["namespace"], "shop");
}

#[test]
fn output_is_the_same_on_every_run() {
    let page = |jobs| demo(&["--format", "html", "--as-of", "2026-11-21", "--jobs", jobs]);
    assert!(page("1") == page("8"));
}

#[test]
fn the_page_names_its_day_and_the_commit() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let tree = Tree::new("commit").with("hostfit.toml", host("it", "ltsc2022")).with("pod.yaml", POD);
    let page = |tree: &Tree| text(&tree.run(&["matrix", "--format", "html", "--as-of", "2026-11-21"]).stdout);
    assert!(page(&tree).contains("Checked as of <time>2026-11-21</time></p>"));
    let tree = tree.with(".git/HEAD", format!("{commit}\n"));
    let shown = format!("<time>2026-11-21</time>, checked-out commit <code title=\"{commit}\">0123456789ab</code></p>");
    assert!(page(&tree).contains(&shown), "{}", page(&tree));
}
