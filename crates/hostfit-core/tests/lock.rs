//! What rules make of a lock file: it is the last evidence, and says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
#![allow(
    clippy::disallowed_methods,
    clippy::string_slice,
    dead_code,
    reason = "a test, which shares what reads fixtures"
)]

mod common;

use common::{Run, run};

const FLEET: &str = r#"
[[host]]
name = "win2019"
os = "10.0.17763.6414"
orchestrator = "kubernetes"

[[host]]
name = "win2022"
os = "10.0.20348.2700"
orchestrator = "kubernetes"
"#;

const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A lock file: for each image its Windows versions, or `linux`, or `windows` without one.
fn lock(images: &[(&str, &[&str])]) -> String {
    let entry = |(image, platforms): &(&str, &[&str])| {
        let platform = |it: &&str| match *it {
            "linux" | "windows" => format!("{{ os = \"{it}\", architecture = \"amd64\" }}"),
            version => format!("{{ os = \"windows\", architecture = \"amd64\", os-version = \"{version}\" }}"),
        };
        let platforms: Vec<_> = platforms.iter().map(platform).collect();
        format!(
            "[[image]]\nimage = \"{image}\"\ndigest = \"{DIGEST}\"\nmedia-type = \"application/vnd.oci.image.index.v1+json\"\n\
             date = 2026-11-20\nplatforms = [{}]\n",
            platforms.join(", ")
        )
    };
    let entries: Vec<_> = images.iter().map(entry).collect();
    format!("version = 1\n{}", entries.concat())
}

fn pod(image: &str, selector: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: {image}\n  \
         nodeSelector:\n    kubernetes.io/os: {selector}\n"
    )
}

fn checked(files: &[(&str, &str)]) -> Run {
    run(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
}

/// The ids of what is found with this lock and, to see that it is the lock's doing, without.
fn with_and_without(config: &str, file: (&str, &str), lock: &str) -> (Vec<&'static str>, Vec<&'static str>) {
    let rules = |run: &Run| run.findings.iter().map(|it| it.rule).collect::<Vec<_>>();
    let with = checked(&[("hostfit.toml", config), ("hostfit.lock", lock), file]);
    let without = checked(&[("hostfit.toml", config), file]);
    (rules(&with), rules(&without))
}

#[test]
fn a_private_image_is_judged_by_what_its_registry_said() {
    let image = "registry.contoso.com/web:7";
    let pod = pod(image, "windows");
    let (with, without) = with_and_without(FLEET, ("pod.yaml", &pod), &lock(&[(image, &["10.0.20348.2700"])]));
    assert_eq!(without, ["undeclared-image-os"]);
    assert_eq!(with, ["missing-build-selector"]);
    let found = checked(&[
        ("hostfit.toml", FLEET),
        ("hostfit.lock", &lock(&[(image, &["10.0.20348.2700"])])),
        ("pod.yaml", &pod),
    ]);
    let finding = &found.findings[0];
    assert_eq!(
        (finding.severity, found.config.host_names(finding)),
        (hostfit_core::finding::Severity::Error, vec!["win2019"])
    );
    let related: Vec<_> =
        finding.related.iter().map(|it| (found.sources.slice(it.span), it.message.as_str())).collect();
    assert!(related.contains(&(image, "its registry said so on 2026-11-20")), "{related:?}");
}

#[test]
fn a_digest_alone_is_judged_too() {
    let image = format!("registry.contoso.com/web@{DIGEST}");
    let pod = pod(&image, "windows\n    node.kubernetes.io/windows-build: 10.0.17763");
    let (with, without) = with_and_without(FLEET, ("pod.yaml", &pod), &lock(&[(&image, &["10.0.20348.2700"])]));
    assert_eq!(without, ["undeclared-image-os"]);
    assert_eq!(with, ["placement-image-mismatch"]);
    // The right one is silent.
    let (with, _) = with_and_without(FLEET, ("pod.yaml", &pod), &lock(&[(&image, &["10.0.17763.6414"])]));
    assert_eq!(with, [""; 0]);
}

#[test]
fn several_platforms_are_a_multi_platform_tag() {
    let image = "registry.contoso.com/web:7";
    let pinned = pod(image, "windows\n    node.kubernetes.io/windows-build: 10.0.17763");
    let both = lock(&[(image, &["10.0.17763.6414", "10.0.20348.2700", "linux"])]);
    let (with, _) = with_and_without(FLEET, ("pod.yaml", &pinned), &both);
    assert_eq!(with, ["host-dependent-tag", "overpinned-build"]);
    // Of hosts that get different builds it warns, and names none as failing.
    let run = checked(&[("hostfit.toml", FLEET), ("hostfit.lock", &both), ("pod.yaml", &pod(image, "windows"))]);
    let finding = run.findings.iter().find(|it| it.rule == "host-dependent-tag").expect("found");
    assert_eq!(finding.severity, hostfit_core::finding::Severity::Warning);
    assert_eq!(*finding.hosts, []);
    assert!(
        finding.message.to_string().ends_with("name the tag or the digest of the one that is meant"),
        "{}",
        finding.message
    );
    assert_eq!(finding.fixes, [], "nobody knows how its tags are made");
    // In a Linux workload all is well.
    let (with, _) = with_and_without("", ("pod.yaml", &pod(image, "linux")), &both);
    assert_eq!(with, [""; 0]);
}

#[test]
fn an_image_that_is_proven_linux_has_no_windows_variant() {
    let image = "registry.contoso.com/web:7";
    let linux = lock(&[(image, &["linux"])]);
    let (with, _) = with_and_without("", ("pod.yaml", &pod(image, "windows")), &linux);
    assert!(with.contains(&"no-windows-variant") && !with.contains(&"undeclared-image-os"), "{with:?}");
    let (with, _) = with_and_without("", ("pod.yaml", &pod(image, "linux")), &linux);
    assert_eq!(with, [""; 0]);
}

#[test]
fn an_image_without_a_version_stays_undeclared() {
    let image = "registry.contoso.com/web:7";
    let (with, without) =
        with_and_without(FLEET, ("pod.yaml", &pod(image, "windows")), &lock(&[(image, &["windows"])]));
    assert_eq!(with, without);
    assert!(with.contains(&"undeclared-image-os"), "{with:?}");
}

#[test]
fn the_lock_contradicts_nothing_better() {
    // The table of images, a published tag, a Dockerfile in the tree.
    let image = "registry.contoso.com/web:7";
    let declared = format!("{FLEET}\n[images]\n\"registry.contoso.com/web:*\" = \"ltsc2019\"\n");
    let pinned = |image: &str| pod(image, "windows\n    node.kubernetes.io/windows-build: 10.0.17763");
    let (with, without) =
        with_and_without(&declared, ("pod.yaml", &pinned(image)), &lock(&[(image, &["10.0.20348.2700"])]));
    assert_eq!((with, without), (vec![], vec![]));
    let base = "mcr.microsoft.com/windows/servercore:ltsc2019";
    let (with, without) = with_and_without(FLEET, ("pod.yaml", &pinned(base)), &lock(&[(base, &["10.0.20348.2700"])]));
    assert_eq!((with, without), (vec![], vec![]));
    let build = "services:\n  web:\n    build: .\n    image: registry.contoso.com/web:7\n    isolation: process\n";
    let files = [
        ("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2019\n"),
        ("compose.yaml", build),
        ("hostfit.toml", "[[host]]\nname = \"a\"\nos = \"ltsc2019\"\norchestrator = \"docker\"\n"),
        ("hostfit.lock", &lock(&[(image, &["10.0.20348.2700"])])),
    ];
    assert_eq!(checked(&files).lines(), [""; 0]);
}

#[test]
fn a_base_image_by_digest_counts_for_what_is_built_on_it() {
    let base = format!("mcr.microsoft.com/windows/servercore@{DIGEST}");
    let files = |lock: &str| {
        checked(&[
            ("Dockerfile", &format!("FROM {base}\nRUN dir\n")),
            ("compose.yaml", "services:\n  web:\n    build: .\n    isolation: process\n"),
            ("hostfit.toml", "[[host]]\nname = \"a\"\nos = \"10.0.14393.7000\"\norchestrator = \"docker\"\n"),
            ("hostfit.lock", lock),
        ])
    };
    let rules = |run: &Run| run.findings.iter().map(|it| it.rule).collect::<Vec<_>>();
    let wrong = files(&lock(&[(&base, &["10.0.14393.7606"])]));
    assert!(rules(&wrong).contains(&"revision-mismatch"), "{:?}", wrong.lines());
    let right = files(&lock(&[(&base, &["10.0.14393.7000"])]));
    assert!(!rules(&right).contains(&"revision-mismatch"), "{:?}", right.lines());
    // A tag beside the digest tells the build, and the registry its revision.
    let tagged = base.replace('@', ":ltsc2016@");
    let found = |lock: &str| {
        let run = checked(&[
            ("compose.yaml", &format!("services:\n  web:\n    image: {tagged}\n    isolation: process\n")),
            ("hostfit.toml", "[[host]]\nname = \"a\"\nos = \"10.0.14393.7000\"\norchestrator = \"docker\"\n"),
            ("hostfit.lock", lock),
        ]);
        rules(&run).contains(&"revision-mismatch")
    };
    assert!(found(&lock(&[(&base, &["10.0.14393.7606"])])));
    assert!(!found(&lock(&[(&base, &["10.0.14393.7000"])])));
    assert!(!found(&lock(&[(&base, &["10.0.17763.1"])])), "of another build nothing is taken");
}
