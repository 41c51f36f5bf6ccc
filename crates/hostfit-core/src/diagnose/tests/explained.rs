//! What the files have to do with an error.

use super::{
    super::{explain, explain::Answer},
    reading,
};
use crate::checked::CheckedTree;

impl CheckedTree {
    fn explained(&self, text: &str) -> Vec<Answer> {
        let reading = reading(text);
        let tree = explain::Tree {
            report: &self.report,
            answers: self.answers(),
            sources: &self.sources,
            nodes: &reading.nodes,
            given: None,
        };
        reading.incidents.iter().map(|it| explain(it, tree)).collect()
    }

    /// `standing line text rule`.
    fn lines(&self, text: &str) -> Vec<String> {
        let line = |answer: &Answer| {
            let place = answer.place.as_ref().map_or_else(String::new, |it| {
                let source = self.sources.get(it.span.source).expect("a file");
                format!("{}:{} `{}`", source.path, source.position(it.span.start).line, source.slice(it.span))
            });
            format!("{} {place} {}", answer.support.id(), answer.rule.unwrap_or("-"))
        };
        self.explained(text).iter().map(line).collect()
    }
}

const FLEET: &str = "[[host]]\nname = \"win2019\"\nos = \"10.0.17763.6893\"\norchestrator = \"kubernetes\"\ntaints = [\"os=windows:NoSchedule\"]\n\
    [[host]]\nname = \"win2022\"\nos = \"10.0.20348.3207\"\norchestrator = \"kubernetes\"\ntaints = [\"os=windows:NoSchedule\"]\n\
    [[host]]\nname = \"linux\"\nos = \"linux\"\norchestrator = \"kubernetes\"\n";

fn deployment(name: &str, pod: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n{pod}")
}

fn pull_event(pod: &str, image: &str, node: &str) -> String {
    format!(
        "Name:  {pod}\nNamespace:  shop\nNode:  {node}/10.0.0.4\nContainers:\n  web:\n    Image:  {image}\nEvents:\n  Type     Reason  Age  From     Message\n  ----     ------  ---  ----     -------\n  \
         Warning  Failed  11s  kubelet  Failed to pull image \"{image}\": rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": no match for platform in manifest: not found\n"
    )
}

/// A newer image than the node's Windows; a Linux image that nothing keeps off Windows nodes.
#[test]
fn a_pull_that_fails_is_explained_by_what_is_pulled_and_where() {
    let windows = deployment(
        "web",
        "      nodeSelector:\n        kubernetes.io/os: windows\n      tolerations:\n      - {key: os, operator: Exists}\n      containers:\n      - name: web\n        image: mcr.microsoft.com/windows/servercore:ltsc2022\n",
    );
    let linux = deployment(
        "cache",
        "      tolerations:\n      - operator: Exists\n      containers:\n      - name: web\n        image: redis:7\n",
    );
    let checked = CheckedTree::of(&[("hostfit.toml", FLEET), ("web.yaml", &windows), ("cache.yaml", &linux)]);
    let pulled = "mcr.microsoft.com/windows/servercore:ltsc2022";
    assert_eq!(
        checked.lines(&pull_event("web-6d4cf56db6-abcde", pulled, "win2019")),
        ["found web.yaml:8 `nodeSelector` missing-build-selector"]
    );
    let answer = &checked.explained(&pull_event("web-6d4cf56db6-abcde", pulled, "win2019"))[0];
    assert!(answer.cause.contains("is newer than Windows Server 2019 (10.0.17763.6893)"), "{}", answer.cause);
    let lines = checked.lines(&pull_event("cache-6d4cf56db6-abcde", "redis:7", "win2019"));
    assert_eq!(lines, ["found cache.yaml:12 `redis:7` linux-pod-unpinned"]);
    // On the node that has its build the same pull can't fail so.
    let lines = checked.lines(&pull_event("web-6d4cf56db6-abcde", pulled, "win2022"));
    assert_eq!(lines, ["contradicted web.yaml:14 `ltsc2022` image-newer-than-host"]);
    // Another image than the file names now.
    let old = "mcr.microsoft.com/windows/servercore:ltsc2025";
    let answer = &checked.explained(&pull_event("web-6d4cf56db6-abcde", old, "win2019"))[0];
    assert_eq!(answer.support.id(), "contradicted");
    assert!(answer.cause.contains(old) && answer.cause.contains(pulled), "{}", answer.cause);
    // Nothing of that name.
    let answer = &checked.explained(&pull_event("api-6d4cf56db6-abcde", pulled, "win2019"))[0];
    assert_eq!((answer.support.id(), &answer.place, &answer.workload), ("nothing", &None, &None));
}

#[test]
fn a_pod_that_is_not_scheduled_is_explained_by_its_placement() {
    let event = |name: &str, why: &str| {
        format!(
            "LAST SEEN   TYPE      REASON             OBJECT           MESSAGE\n1m          Warning   FailedScheduling   pod/{name}-6d4cf56db6-abcde   0/3 nodes are available: 3 node(s) {why}.\n"
        )
    };
    let pod = |selector: &str| {
        format!(
            "      nodeSelector:\n{selector}      containers:\n      - name: web\n        image: mcr.microsoft.com/windows/servercore:ltsc2022\n"
        )
    };
    let untolerated = deployment(
        "web",
        &pod("        kubernetes.io/os: windows\n        node.kubernetes.io/windows-build: 10.0.20348\n"),
    );
    // The second label is old too, but some nodes have it.
    let unset = deployment(
        "old",
        &pod("        beta.kubernetes.io/osbuild: \"20348\"\n        beta.kubernetes.io/os: windows\n"),
    );
    let glob = deployment("glob", &pod("        node.kubernetes.io/windows-build: 10.0.20348.*\n"));
    let checked = CheckedTree::of(&[
        ("hostfit.toml", FLEET),
        ("web.yaml", &untolerated),
        ("old.yaml", &unset),
        ("glob.yaml", &glob),
    ]);
    let lines = |name: &str, why: &str| checked.lines(&event(name, why)).remove(0);
    assert_eq!(
        lines("web", "had untolerated taint {os: windows}"),
        "found web.yaml:8 `nodeSelector` missing-toleration"
    );
    assert_eq!(
        lines("old", "didn't match Pod's node affinity/selector"),
        "found old.yaml:9 `beta.kubernetes.io/osbuild` unset-node-label"
    );
    assert_eq!(
        lines("glob", "didn't match Pod's node affinity/selector"),
        "found glob.yaml:9 `10.0.20348.*` invalid-selector-value"
    );
}

#[test]
fn docker_errors_are_explained_by_the_image_they_name() {
    let compose = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n  db:\n    image: mcr.microsoft.com/windows/nanoserver:ltsc2022\n  other:\n    image: mcr.microsoft.com/windows/nanoserver:ltsc2022\n";
    let dockerfile = "FROM mcr.microsoft.com/windows/servercore\nRUN dir\n";
    let checked = CheckedTree::of(&[("hostfit.toml", ""), ("compose.yaml", compose), ("Dockerfile", dockerfile)]);
    let pull = |image: &str| {
        format!(
            "PS C:\\> docker pull {image}\nltsc2022: Pulling from {}\na Windows version 10.0.20348-based image is incompatible with a 10.0.19045 host\n",
            image.trim_start_matches("mcr.microsoft.com/").trim_end_matches(":ltsc2022")
        )
    };
    let answers = checked.explained(&pull("mcr.microsoft.com/windows/servercore:ltsc2022"));
    assert_eq!(answers[0].support.id(), "found");
    assert!(answers[0].cause.contains("10.0.19045"), "{}", answers[0].cause);
    let answers = checked.explained(&pull("mcr.microsoft.com/windows/nanoserver:ltsc2022"));
    assert_eq!((answers[0].support.id(), answers[0].related.len()), ("ambiguous", 2));
    assert_eq!(
        checked.lines("manifest for mcr.microsoft.com/windows/servercore:latest not found: manifest unknown"),
        ["found Dockerfile:1 `mcr.microsoft.com/windows/servercore` unpublished-latest"]
    );
}

#[test]
fn what_names_nothing_stands_where_its_rule_found_it() {
    let stack = "version: '3.2'\nservices:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n    isolation: hyperv\n    deploy:\n      placement:\n        constraints: [node.platform.os = windows]\n";
    let checked = CheckedTree::of(&[("hostfit.toml", ""), ("stack.yml", stack)]);
    assert_eq!(
        checked.lines("services.web Additional property isolation is not allowed"),
        ["found stack.yml:5 `hyperv` invalid-isolation"]
    );
    let lines = checked.lines("Error response from daemon: rpc error: code = InvalidArgument desc = constraint expected one operator from ==, !=");
    assert_eq!(lines, ["found stack.yml:8 `node.platform.os = windows` invalid-constraint"]);
}

/// A sandbox is not of the pod's images.
#[test]
fn a_sandbox_that_does_not_fit_is_not_laid_on_the_pod() {
    let windows = deployment(
        "web",
        "      containers:\n      - name: web\n        image: mcr.microsoft.com/windows/servercore:ltsc2022\n",
    );
    let checked = CheckedTree::of(&[("hostfit.toml", FLEET), ("web.yaml", &windows)]);
    let event = "LAST SEEN   TYPE      REASON                   OBJECT                      MESSAGE\n1m          Warning   FailedCreatePodSandBox   pod/web-6d4cf56db6-abcde   Failed to create pod sandbox: rpc error: hcsshim::CreateComputeSystem e20e: The container operating system does not match the host operating system.\n";
    let answer = &checked.explained(event)[0];
    assert_eq!((answer.support.id(), &answer.place), ("nothing", &None));
    assert!(answer.cause.contains("pause image"), "{}", answer.cause);
}
