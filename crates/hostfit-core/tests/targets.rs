//! Several fleets: which of them a file is judged against, and what is said of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[expect(dead_code, reason = "other tests show more")]
mod common;

use hostfit_core::finding::{Applicability, Finding};

/// Two fleets, of which only the second can run Windows Server 2022, beside hosts of the configuration's own that can't.
const CONFIG: &str = "\
[[target]]
paths = [\"base/**\", \"prod/**\"]
fleet = \"prod.toml\"

[[target]]
paths = [\"base/**\", \"staging/**\"]
fleet = \"fleets/staging.toml\"
name = \"staging\"

[[host]]
name = \"own2019\"
os = \"ltsc2019\"
";
const PROD: &str = include_str!("../../../fixtures/targets/prod.toml");
const STAGING: &str = "[[host]]\nname = \"staging2022\"\nos = \"ltsc2022\"\n";

const POD: &str = include_str!("../../../fixtures/targets/pod.yaml");
const DOCKERFILE: &str = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n";

fn findings(files: &[(&str, &str)]) -> common::Run {
    let fleets = [("hostfit.toml", CONFIG), ("prod.toml", PROD), ("fleets/staging.toml", STAGING)];
    run(&[&fleets, files].concat())
}

fn run(files: &[(&str, &str)]) -> common::Run {
    common::run(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
}

/// The rule, the file, the fleet and the hosts of each.
fn summaries(run: &common::Run) -> Vec<String> {
    let identity = |it: &Finding| it.identity.clone().unwrap();
    let fleet = |it: &Finding| identity(it).fleet.unwrap_or_else(|| "-".to_owned());
    let hosts = |it: &Finding| run.config.host_names(it).join(",");
    let one = |it: &Finding| format!("{} {} {} {}", identity(it).path, it.rule, fleet(it), hosts(it));
    run.findings.iter().map(one).collect()
}

#[test]
fn a_manifest_is_judged_against_the_fleet_of_its_file() {
    assert_eq!(
        summaries(&findings(&[("prod/pod.yaml", POD)])),
        ["prod/pod.yaml image-newer-than-host prod.toml prod2019"]
    );
    assert!(findings(&[("staging/pod.yaml", POD)]).is_empty());
    assert_eq!(summaries(&findings(&[("web/pod.yaml", POD)])), ["web/pod.yaml image-newer-than-host - own2019"]);
    // The other way round, so that it is the hosts that make the difference.
    let newer = [("hostfit.toml", CONFIG), ("prod.toml", STAGING), ("fleets/staging.toml", PROD)];
    assert!(run(&[&newer[..], &[("prod/pod.yaml", POD)]].concat()).is_empty());
    assert_eq!(run(&[&newer[..], &[("staging/pod.yaml", POD)]].concat()).len(), 1);
}

#[test]
fn a_file_of_several_targets_is_judged_against_each() {
    let found = findings(&[("base/pod.yaml", POD)]);
    assert_eq!(summaries(&found), ["base/pod.yaml image-newer-than-host prod.toml prod2019"]);
    // An image that runs on neither.
    let pod = POD.replace("ltsc2022", "ltsc2025");
    let found = findings(&[("base/pod.yaml", &pod)]);
    assert_eq!(
        summaries(&found),
        [
            "base/pod.yaml image-newer-than-host prod.toml prod2019",
            "base/pod.yaml image-newer-than-host staging staging2022"
        ]
    );
    assert_eq!(found[0].span, found[1].span);
    assert_ne!(found[0].fingerprint(), found[1].fingerprint());
    assert_eq!(found.iter().map(|it| it.ordinal).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn what_has_nothing_to_do_with_hosts_is_said_once_and_of_no_fleet() {
    let pod = POD.replace("ltsc2022", "2022").replace("kubernetes.io/os", "beta.kubernetes.io/os");
    let found = findings(&[("base/pod.yaml", &pod)]);
    assert_eq!(summaries(&found), ["base/pod.yaml deprecated-node-label - ", "base/pod.yaml unknown-tag - "]);
}

#[test]
fn a_dockerfile_is_judged_for_those_that_run_it() {
    let failing = |files: &[(&str, &str)]| summaries(&findings(files));
    // Nothing builds it: its own place counts.
    assert_eq!(
        failing(&[("prod/Dockerfile", DOCKERFILE)]),
        ["prod/Dockerfile image-newer-than-host prod.toml prod2019"]
    );
    assert!(failing(&[("staging/Dockerfile", DOCKERFILE)]).is_empty());
    assert_eq!(failing(&[("web/Dockerfile", DOCKERFILE)]), ["web/Dockerfile image-newer-than-host - own2019"]);
    // What a project in another target builds of it.
    let compose = "services:\n  web:\n    build: ../web\n";
    assert!(failing(&[("web/Dockerfile", DOCKERFILE), ("staging/compose.yaml", compose)]).is_empty());
    assert_eq!(
        failing(&[("web/Dockerfile", DOCKERFILE), ("prod/compose.yaml", compose), ("staging/compose.yaml", compose),]),
        ["web/Dockerfile image-newer-than-host prod.toml prod2019"]
    );
    // Through another image.
    let base = "services:\n  base:\n    build: .\n    image: shop/base:1\n    profiles: [build]\n";
    let child =
        [("base.d/Dockerfile", DOCKERFILE), ("base.d/compose.yaml", base), ("app/Dockerfile", "FROM shop/base:1\n")];
    let app = "services:\n  app:\n    build: ../app\n";
    let found = findings(&[&child[..], &[("prod/compose.yaml", app)]].concat());
    assert!(
        summaries(&found).contains(&"base.d/Dockerfile image-newer-than-host prod.toml prod2019".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_base_image_is_judged_for_those_that_run_what_is_made_of_it() {
    let server_2016 = "[[host]]\nname = \"prod2016\"\nos = \"ltsc2016\"\n";
    let fleets = [("hostfit.toml", CONFIG), ("prod.toml", server_2016), ("fleets/staging.toml", STAGING)];
    let dockerfile = "FROM mcr.microsoft.com/windows/servercore:ltsc2016\n";
    let compose = "services:\n  web:\n    build: ../web\n";
    let floating = |path: &str| {
        let mut found = run(&[&fleets[..], &[("web/Dockerfile", dockerfile), (path, compose)]].concat());
        found.retain(|it| it.rule == "floating-revision");
        summaries(&found)
    };
    assert_eq!(floating("prod/compose.yaml"), ["web/Dockerfile floating-revision prod.toml prod2016"]);
    assert!(floating("staging/compose.yaml").is_empty());
}

#[test]
fn a_compose_file_is_a_stack_where_its_own_fleet_says_so() {
    let swarm = "[[host]]\nname = \"s\"\nos = \"ltsc2019\"\norchestrator = \"swarm\"\n";
    let docker = "[[host]]\nname = \"d\"\nos = \"ltsc2019\"\norchestrator = \"docker\"\n";
    let fleets = [("hostfit.toml", CONFIG), ("prod.toml", swarm), ("fleets/staging.toml", docker)];
    let compose = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n";
    let on = |path: &str| summaries(&run(&[&fleets[..], &[(path, compose)]].concat()));
    assert_eq!(on("prod/compose.yaml"), ["prod/compose.yaml image-newer-than-host prod.toml s"]);
    assert_eq!(on("staging/compose.yaml"), ["staging/compose.yaml image-newer-than-host staging d"]);
}

#[test]
fn nodes_among_the_files_are_hosts_of_the_fleet_of_their_file() {
    let fleets = [("hostfit.toml", CONFIG), ("prod.toml", ""), ("fleets/staging.toml", "")];
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: node1}\nstatus:\n  nodeInfo: {operatingSystem: windows, \
                kernelVersion: 10.0.17763.1}\n";
    let on = |node_path, pod_path| summaries(&run(&[&fleets[..], &[(node_path, node), (pod_path, POD)]].concat()));
    let failing = ["prod/pod.yaml image-newer-than-host prod.toml node1"];
    assert_eq!(on("prod/node.yaml", "prod/pod.yaml"), failing);
    // Nobody says that this node is one of production.
    assert_eq!(on("staging/node.yaml", "prod/pod.yaml"), ["prod/pod.yaml missing-build-selector prod.toml "]);
}

/// The pin that mends it for production would keep it off the hosts of staging, which are newer.
#[test]
fn what_fixes_it_for_one_fleet_is_not_applied_unseen_for_another() {
    let kubernetes =
        |name: &str, os: &str| format!("[[host]]\nname = \"{name}\"\nos = \"{os}\"\norchestrator = \"kubernetes\"\n");
    let prod = kubernetes("p2019", "ltsc2019") + &kubernetes("p2022", "ltsc2022");
    let staging = kubernetes("s2025", "ltsc2025");
    let fleets = [("hostfit.toml", CONFIG), ("prod.toml", &*prod), ("fleets/staging.toml", &*staging)];
    let fixes = |path: &str| {
        let found = run(&[&fleets[..], &[(path, POD)]].concat());
        let pin = found.findings.into_iter().find(|it| it.rule == "missing-build-selector").unwrap();
        assert_eq!(pin.identity.unwrap().fleet.as_deref(), Some("prod.toml"));
        pin.fixes
    };
    let (alone, both) = (fixes("prod/pod.yaml"), fixes("base/pod.yaml"));
    assert_eq!(alone[0].applicability, Applicability::Safe);
    assert_eq!(both[0].applicability, Applicability::Unsafe);
    assert_eq!(both[0].edits.len(), alone[0].edits.len());
    assert_eq!(
        both[0].title,
        format!("{} (unsafe fix: check it against staging too, which does not ask for it)", alone[0].title)
    );
    // Where both ask for the same it is as safe as for one.
    let fleets = [("hostfit.toml", CONFIG), ("prod.toml", &*prod), ("fleets/staging.toml", &*prod)];
    let found = run(&[&fleets[..], &[("base/pod.yaml", POD)]].concat());
    let pins: Vec<_> = found.iter().filter(|it| it.rule == "missing-build-selector").collect();
    assert_eq!(pins.len(), 2);
    assert!(pins.iter().all(|it| it.fixes[0].applicability == Applicability::Safe), "{pins:?}");
}

#[test]
fn a_target_elsewhere_changes_no_identity() {
    let own = "[[host]]\nname = \"own2019\"\nos = \"ltsc2019\"\n";
    let before = run(&[("hostfit.toml", own), ("web/pod.yaml", POD), ("web/Dockerfile", DOCKERFILE)]);
    let after = findings(&[("web/pod.yaml", POD), ("web/Dockerfile", DOCKERFILE)]);
    assert_eq!(before.len(), 2);
    let prints = |findings: &[Finding]| findings.iter().map(Finding::fingerprint).collect::<Vec<_>>();
    assert_eq!(prints(&before), prints(&after));
}

#[test]
fn an_ignore_comment_is_of_use_where_one_of_the_fleets_needs_it() {
    let silenced = POD.replace(":ltsc2022\n", ":ltsc2022 # hostfit: ignore[image-newer-than-host]\n");
    assert!(findings(&[("base/pod.yaml", &silenced)]).is_empty());
    let found = findings(&[("staging/pod.yaml", &silenced)]);
    assert_eq!(summaries(&found), ["staging/pod.yaml unused-ignore - "]);
}
