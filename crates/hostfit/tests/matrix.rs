//! `hostfit matrix`: what it prints, word for word where people or programs rely on it.
#![allow(clippy::expect_used, reason = "a test")]

mod common;

use common::{Tree, fixtures, hostfit, text};
use serde_json::Value;

fn demo(args: &[&str]) -> String {
    let output = hostfit(&fixtures("demo"), &[&["matrix"], args].concat()).output().expect("run");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn json(tree: &Tree) -> Value {
    serde_json::from_slice(&tree.run(&["matrix", "--format", "json"]).stdout).expect("JSON")
}

/// Each line of it follows from `fixtures/demo`: what fails is what `expected.txt` lists there.
#[test]
fn the_demo_is_shown_in_a_terminal() {
    let expected = "
                          win2019  win2022  linux   build01  swarm01  swarm02
deploy/billing.yaml
  Deployment/billing      CANNOT   runs     CANNOT  -        -        -
  DaemonSet/log-shipper   -        runs     -       -        -        -
deploy/gateway-stack.yml
  service gateway         -        -        -       -        -        runs
deploy/nightly.yaml
  CronJob/nightly-export  CANNOT   -        -       -        -        -
deploy/web.yaml
  Deployment/web          CANNOT   runs     -       -        -        -
docker-compose.yml
  service web             -        -        -       runs     -        -
  service legacy-reports  -        -        -       CANNOT   -        -
  service legacy-print    -        -        -       runs     -        -
Dockerfiles that nothing here deploys:
api/Dockerfile
  final stage             -        -        runs    -        -        -
worker/Dockerfile
  final stage             CANNOT   CANNOT   -       CANNOT   CANNOT   CANNOT

CANNOT: does not run there; -: never placed there; -v says why
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
    let told = demo(&["-v", "deploy/web.yaml", "docker-compose.yml", "web"]);
    let expected = "      win2019: cannot: Windows Server 2022 (10.0.20348) is newer than Windows
        Server 2019 (10.0.17763.6893); no isolation mode runs it there
        [missing-build-selector]\n";
    assert!(told.contains(expected), "{told}");
    assert!(told.contains("win2019  Windows Server 2019 (10.0.17763.6893), Kubernetes, 4 machines\n"), "{told}");
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
    let shown = text(&tree.run(&["matrix"]).stdout);
    let expected = "\
1  node-00, node-02, node-03, node-05, node-06, node-08, node-09, node-11,
   node-12, node-14, node-15, node-17, node-18, node-20, node-21, node-23,
   node-24
2  node-01, node-04, node-07, node-10, node-13, node-16, node-19, node-22

                   1       2
web.yaml
  Pod/web in shop  CANNOT  runs

CANNOT: does not run there; -v says why
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
    let page = |jobs| demo(&["--format", "html", "--jobs", jobs]);
    assert!(page("1") == page("8"));
}
