//! Dockerfiles that `[images]` names: read wherever they lie in the repository, and said where they are not.

use super::{common::hostfit, *};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: worker}\nspec:\n  nodeSelector: {kubernetes.io/os: windows}\n  containers: \
                   [{name: c, image: 'registry.contoso.com/worker:1'}]\n";

fn tree(name: &str, dockerfile: &str) -> Tree {
    let config = format!(
        "[images]\n\"registry.contoso.com/worker:*\" = {{ dockerfile = \"{dockerfile}\", build-args = {{ V = \"ltsc2025\" }} }}\n"
    );
    Tree::new(&format!("declared-{name}"))
        .with("hostfit.toml", config)
        .with(".gitignore", "ignored\n")
        .with("src/Dockerfile", "ARG V=ltsc2022\nFROM mcr.microsoft.com/windows/servercore:$V\n")
        .with("ignored/Dockerfile", "ARG V=ltsc2022\nFROM mcr.microsoft.com/windows/servercore:$V\n")
        .with("deploy/pod.yaml", POD)
}

/// Of the pod's image: its version, and where that is known from; then what is said on stderr.
fn known(tree: &Tree, folder: &str) -> (Option<String>, String, String) {
    let output = hostfit(&tree.0.join(folder), &["images", "--format", "json"]).output().expect("run");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let images = report["images"].as_array().expect("a list");
    let pod = images.iter().find(|image| image["role"] == "container").expect("the pod");
    let from = pod["known_from"].as_str().expect("text").to_owned();
    let printed = text(&output.stderr);
    let warnings =
        printed.lines().filter(|line| !line.contains("Windows releases and tags")).collect::<Vec<_>>().join("\n");
    (pod["version"].as_str().map(str::to_owned), from, warnings)
}

#[test]
fn a_dockerfile_is_read_wherever_the_run_starts_and_though_git_ignores_it() {
    for (file, folder, from) in [
        ("src/Dockerfile", ".", "src/Dockerfile:2, named by [images] at hostfit.toml:2"),
        ("src/Dockerfile", "deploy", "../src/Dockerfile:2, named by [images] at ../hostfit.toml:2"),
        ("src/Dockerfile", "src/../deploy", "../src/Dockerfile:2, named by [images] at ../hostfit.toml:2"),
        ("ignored/Dockerfile", ".", "ignored/Dockerfile:2, named by [images] at hostfit.toml:2"),
    ] {
        let tree = tree("read", file);
        let expected = format!("the Dockerfile that builds it, FROM at {from}");
        assert_eq!(known(&tree, folder), (Some("10.0.26100".to_owned()), expected, String::new()), "{file} {folder}");
    }
}

#[test]
fn a_dockerfile_that_cannot_be_read_leaves_the_image_unknown_and_says_why() {
    let unknown = "not known: the Dockerfile that [images] names at hostfit.toml:2 is not read";
    for (file, why) in [
        ("gone/Dockerfile", "`gone/Dockerfile` is not read: there is no such file"),
        ("../outside.Dockerfile", "`../outside.Dockerfile` is not read: it is outside of the repository"),
        ("deploy/pod.yaml", "`deploy/pod.yaml` is not a Dockerfile"),
    ] {
        let tree = tree("unread", file);
        fs::write(tree.0.join("../outside.Dockerfile"), "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n")
            .expect("written");
        let warning = format!("warning: hostfit.toml:2: {why}; images that it builds are unknown");
        assert_eq!(known(&tree, "."), (None, unknown.to_owned(), warning), "{file}");
    }
    let tree = tree("excluded", "src/Dockerfile");
    let config = text(&tree.bytes("hostfit.toml"));
    tree.write("hostfit.toml", format!("[check]\nexclude = [\"src\"]\n{config}"));
    let (version, _, warning) = known(&tree, ".");
    let expected = "warning: hostfit.toml:4: `src/Dockerfile` is not read: `exclude` of hostfit.toml or `--exclude` leaves it out; images that it builds are unknown";
    assert_eq!((version, warning.as_str()), (None, expected));
}
