use hostfit_core::windows::{
    Build, HostKind, Isolation, OsVersion,
    compat::{self, HostFacts},
};

use super::{Desk, FLEET};
use crate::answer::hover::hover;

fn hovered(files: &[(&str, &str)]) -> Option<(String, String)> {
    let desk = Desk::of(files);
    let found = hover(&desk.view(), desk.cursor.0, desk.cursor.1)?;
    Some((desk.sources.slice(found.span).to_owned(), found.markdown))
}

fn with_fleet(path: &str, text: &str) -> (String, String) {
    hovered(&[("hostfit.toml", FLEET), (path, text)]).expect("a hover")
}

/// Dates and builds are those of facts §1.1; what runs where is §2.1.
#[test]
fn an_image_tells_its_release_support_and_hosts() {
    let (span, hover) = with_fleet("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:lts‸c2022\n");
    assert_eq!(span, "mcr.microsoft.com/windows/servercore:ltsc2022");
    let paragraphs: Vec<_> = hover.split("\n\n").collect();
    assert_eq!(paragraphs[0], "**Windows Server 2022** (10.0.20348)");
    assert_eq!(paragraphs[1], "Mainstream support ended 2026-10-13, extended support until 2031-10-14.");
    assert_eq!(paragraphs[2], "Known from: its name and tag, as published.");
    let hosts: Vec<_> = paragraphs[3].lines().collect();
    assert_eq!(hosts.len(), 6);
    assert!(hosts[0].starts_with("- `win2019` (10.0.17763.6893): does not run: "), "{hover}");
    assert!(hosts[0].contains("is newer than Windows Server 2019 (10.0.17763.6893)"), "{hover}");
    assert_eq!(hosts[1], "- `win2022` (10.0.20348): runs with process isolation");
    assert_eq!(hosts[2], "- `linux`: does not run: the host runs another operating system");
    assert_eq!(hosts[3], "- `build01` (10.0.26100): runs with process isolation");
    assert!(hosts[4].starts_with("- `swarm01` (10.0.17763): does not run: "), "{hover}");
    assert_eq!(hosts[5], "- `swarm02` (10.0.20348): runs with process isolation");
}

/// Windows Server 2016 leaves extended support 2027-01-11 as an image: 51 days after 2026-11-21.
#[test]
fn an_end_within_half_a_year_is_reported_in_days() {
    let (_, hover) = with_fleet("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2016‸\n");
    assert!(
        hover.contains("Mainstream support ended 2022-01-11, extended support until 2027-01-11 (51 days left)."),
        "{hover}"
    );
}

#[test]
fn a_container_is_reported_on_the_hosts_of_its_orchestrator() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  nodeSelector:\n    kubernetes.io/os: windows\n  \
                containers:\n  - name: web\n    image: \"mcr.microsoft.com/windows/‸nanoserver:1809\"\n";
    let (span, hover) = with_fleet("web.yaml", text);
    assert_eq!(span, "mcr.microsoft.com/windows/nanoserver:1809");
    assert!(hover.starts_with("**Windows Server 2019** (10.0.17763)"), "{hover}");
    assert!(
        hover.contains("- `win2019` (10.0.17763.6893): never placed there, excluded by `taint os=windows:NoSchedule`"),
        "{hover}"
    );
    assert!(hover.contains("- `win2022` (10.0.20348): does not run with process isolation: "), "{hover}");
    assert!(
        hover.contains("- `linux`: never placed there, excluded by `nodeSelector kubernetes.io/os=windows`"),
        "{hover}"
    );
    assert!(!hover.contains("build01") && !hover.contains("swarm01"), "{hover}");
}

#[test]
fn a_service_under_hyperv_runs_an_older_image() {
    let image = "mcr.microsoft.com/windows/servercore:ltsc2019";
    let text = format!("services:\n  web:\n    image: ‸{image}\n    isolation: hyperv\n");
    let (_, hover) = with_fleet("compose.yaml", &text);
    assert!(hover.contains("- `build01` (10.0.26100): runs with Hyper-V isolation"), "{hover}");
}

#[test]
fn what_the_tree_builds_is_reported_with_its_dockerfile() {
    let files = [
        ("hostfit.toml", FLEET),
        ("web/Dockerfile", "ARG TAG=ltsc2019\nFROM mcr.microsoft.com/windows/servercore:${TAG}\n"),
        (
            "compose.yaml",
            "services:\n  web:\n    build:\n      context: ./web\n      args:\n        TAG: ltsc2025\n    image: acme/‸web:1\n",
        ),
    ];
    let (_, hover) = hovered(&files).expect("a hover");
    assert!(hover.starts_with("**Windows Server 2025** (10.0.26100)"), "{hover}");
    assert!(hover.contains("Known from: the Dockerfile that builds it, FROM at web/Dockerfile:2."), "{hover}");
    let mut files = files;
    files[2].1 = "services:\n  web:\n    build: ./we‸b\n";
    let (span, hover) = hovered(&files).expect("a hover");
    assert_eq!(span, "./web");
    assert!(hover.starts_with("**Windows Server 2019** (10.0.17763)"), "{hover}");
}

#[test]
fn a_reference_with_variables_tells_what_it_comes_to() {
    let (span, hover) =
        with_fleet("Dockerfile", "ARG TAG=ltsc2025\nFROM mcr.microsoft.com/windows/servercore:${T‸AG}\n");
    assert_eq!(span, "mcr.microsoft.com/windows/servercore:${TAG}");
    assert!(hover.starts_with("`mcr.microsoft.com/windows/servercore:ltsc2025`\n\n**Windows Server 2025**"), "{hover}");
    let (span, hover) =
        with_fleet("Dockerfile", "ARG TAG=ltsc‸2025\nFROM mcr.microsoft.com/windows/servercore:${TAG}\n");
    assert_eq!(span, "ltsc2025");
    assert!(hover.contains("**Windows Server 2025** (10.0.26100)"), "{hover}");
    let (_, hover) = with_fleet("Dockerfile", "ARG TAG\nFROM mcr.microsoft.com/windows/servercore:${T‸AG}\n");
    assert!(hover.contains("Known from: variable TAG has no value here."), "{hover}");
}

/// golang's plain tags hold Windows Server 2025 and 2022, and Linux (§6): each host pulls that of its own build, and
/// Windows Server 2019 finds none. What is built from it carries the variant of the Docker host that builds it.
#[test]
fn a_multi_platform_tag_is_reported_by_what_each_host_pulls() {
    let (_, hover) = with_fleet("Dockerfile", "FROM golang:1.‸27\n");
    assert!(hover.contains("for which operating system it is built"), "{hover}");
    let (_, hover) = with_fleet("Dockerfile", "FROM golang:1.‸27\nSHELL [\"powershell\", \"-Command\"]\n");
    let built =
        "- `win2022` (10.0.20348): does not run: as a declared Docker host builds it, Windows Server 2025 (10.0.26100)";
    assert!(hover.contains(built), "{hover}");
    assert!(hover.contains("- `build01` (10.0.26100): runs with process isolation"), "{hover}");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  tolerations:\n  - operator: Exists\n  containers:\n  - image: golang:1.‸27\n";
    let (_, hover) = with_fleet("pod.yaml", pod);
    assert!(
        hover.starts_with("**Multi-platform** tag, with images for Windows Server 2025, Windows Server 2022 and Linux"),
        "{hover}"
    );
    assert!(hover.contains("- `win2019` (10.0.17763.6893): does not run: it has no variant for this host"), "{hover}");
    assert!(hover.contains("- `win2022` (10.0.20348): runs with process isolation"), "{hover}");
    assert!(hover.contains("- `linux`: runs"), "{hover}");
}

/// .NET 10 has no Windows image under its plain tags (§6), and a Dockerfile of Linux needs no list of Windows hosts.
#[test]
fn a_linux_image_is_reported_as_such() {
    let (_, hover) = with_fleet("Dockerfile", "FROM mcr.microsoft.com/dotnet/sdk:10.‸0\n");
    assert_eq!(hover, "**Linux**\n\nKnown from: its name and tag, as published.");
    let (_, hover) = with_fleet("compose.yaml", "services:\n  web:\n    image: redis:‸7\n");
    assert!(
        hover.contains(
            "- `build01` (10.0.26100): never placed there, excluded by `the operating system of its image`\n"
        ),
        "{hover}"
    );
}

#[test]
fn nothing_runs_under_a_name_that_is_not_published() {
    let (_, hover) = with_fleet("Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver‸\n");
    assert!(hover.contains("Nothing is published under this name."), "{hover}");
    assert!(!hover.contains("win2022"), "{hover}");
}

#[test]
fn a_selector_tells_which_hosts_match_and_what_excludes_the_others() {
    let pod = |selector: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: web }}\nspec:\n{selector}  containers:\n  - name: web\n    image: \
             mcr.microsoft.com/windows/servercore:ltsc2022\n"
        )
    };
    let text = pod("  nodeSelector:\n    kubernetes.io/os: windows\n    pool: ne‸w\n");
    let (span, hover) = with_fleet("web.yaml", &text);
    assert_eq!(span, "new");
    assert_eq!(
        hover,
        "`pool=new` matches `win2022`.\n\n`Pod/web` may land on 1 of 3 hosts:\n\n- `win2019`: excluded by `nodeSelector \
         pool=new`\n- `win2022`: matches\n- `linux`: excluded by `nodeSelector kubernetes.io/os=windows`"
    );
    let (span, hover) = with_fleet("web.yaml", &pod("  nodeS‸elector:\n    kubernetes.io/os: windows\n"));
    assert_eq!(span, "nodeSelector");
    assert_eq!(
        hover,
        "`Pod/web` may land on 1 of 3 hosts:\n\n- `win2019`: excluded by `taint os=windows:NoSchedule`\n- `win2022`: \
         matches\n- `linux`: excluded by `nodeSelector kubernetes.io/os=windows`"
    );
    let (_, hover) = with_fleet("web.yaml", &pod("  tolerations:\n  - key: o‸s\n    operator: Exists\n"));
    assert!(
        hover.starts_with("It tolerates `os=windows:NoSchedule` of `win2019`.\n\n`Pod/web` may land on 3 of 3 hosts"),
        "{hover}"
    );
}

#[test]
fn node_affinity_is_reported_by_its_requirement() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n  - name: web\n    image: a/b\n  \
                affinity:\n    nodeAffinity:\n      requiredDuringSchedulingIgnoredDuringExecution:\n        nodeSelectorTerms:\n        \
                - matchExpressions:\n          - key: node.kubernetes.io/windows-build\n            operator: NotIn\n            \
                values: [\"10.0.‸17763\"]\n";
    let (_, hover) = with_fleet("web.yaml", text);
    assert!(
        hover.starts_with("`node.kubernetes.io/windows-build NotIn [10.0.17763]` matches `win2022` and `linux`."),
        "{hover}"
    );
    assert!(hover.contains("`Pod/web` may land on 2 of 3 hosts"), "{hover}");
}

#[test]
fn a_constraint_is_reported_on_the_nodes_of_the_swarm() {
    let text = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n    deploy:\n      placement:\n        \
                constraints:\n          - node.labels.OsVersion == 10.0.‸20348\n";
    let (span, hover) = with_fleet("stack.yml", text);
    assert_eq!(span, "node.labels.OsVersion == 10.0.20348");
    assert!(hover.starts_with("`node.labels.OsVersion == 10.0.20348` matches `swarm02`."), "{hover}");
    assert!(hover.contains("`service web` may land on 1 of 2 hosts"), "{hover}");
    assert!(hover.contains("- `swarm01`: excluded by `constraint node.labels.OsVersion == 10.0.20348`"), "{hover}");
}

#[test]
fn a_host_tells_its_release_and_support() {
    let (span, hover) = hovered(&[("hostfit.toml", &FLEET.replace("17763.6893", "17763.‸6893"))]).expect("a hover");
    assert_eq!(span, "10.0.17763.6893");
    assert_eq!(
        hover,
        "**Windows Server 2019** (10.0.17763.6893)\n\nMainstream support ended 2024-01-09, extended support until \
         2029-01-09.\n\nSources: <https://endoflife.date/windows-server>"
    );
}

#[test]
fn a_platform_says_when_it_retires_the_release_of_the_host() {
    let host = |os: &str, platform: &str| format!("[[host]]\nname = \"a\"\nos = \"{os}\"\nplatform = \"{platform}\"\n");
    let (span, hover) = hovered(&[("hostfit.toml", &host("ltsc2019", "a‸ks"))]).expect("a hover");
    assert_eq!(span, "aks");
    assert_eq!(
        hover,
        "**Windows Server 2019** (10.0.17763)\n\nMainstream support ended 2024-01-09, extended support until 2029-01-09.\
         \n\nSupport by AKS ended 2026-03-01; not offered with Kubernetes 1.33 and later; node images to be deleted on \
         2027-04-01.\n\nSources: <https://endoflife.date/windows-server>, <https://github.com/Azure/AKS/issues/4091>, \
         <https://github.com/Azure/AKS/issues/4268>"
    );
    // The same on `os`; of a release that the platform has announced nothing of, Microsoft's dates alone.
    let (_, of_os) = hovered(&[("hostfit.toml", &host("lts‸c2019", "aks"))]).expect("a hover");
    assert!(of_os.starts_with(&hover), "{of_os}");
    let (_, hover) = hovered(&[("hostfit.toml", &host("ltsc2025", "ak‸s"))]).expect("a hover");
    assert!(hover.starts_with("**Windows Server 2025** (10.0.26100)") && !hover.contains("AKS"), "{hover}");
    assert_eq!(hovered(&[("hostfit.toml", &host("linux", "ak‸s"))]), None);
}

#[test]
fn a_rule_in_an_ignore_comment_tells_what_it_is_about() {
    let (span, hover) = with_fleet(
        "Dockerfile",
        "# hostfit: ignore[build-mismatch, unknown-‸tag]\nFROM mcr.microsoft.com/windows/servercore:2022\n",
    );
    assert_eq!(span, "unknown-tag");
    assert!(
        hover.starts_with(
            "[`unknown-tag`](https://github.com/hostfit/hostfit/blob/main/docs/rules/unknown-tag.md) (error)"
        ),
        "{hover}"
    );
}

#[test]
fn a_finding_shows_its_notes_and_help() {
    let files = [("hostfit.toml", FLEET), ("Dockerfile", "# hostfit: ignore[no-such-‸rule]\n")];
    let (span, shown) = hovered(&files).expect("the finding");
    assert_eq!(span, "no-such-rule");
    assert!(shown.starts_with("[`unused-ignore`](https://"), "{shown}");
    assert!(shown.contains("\n*help:* "), "{shown}");
}

#[test]
fn elsewhere_there_is_nothing_to_tell() {
    for text in ["FR‸OM mcr.microsoft.com/windows/servercore:ltsc2022\n", "FROM scratch\n‸\n"] {
        assert_eq!(hovered(&[("hostfit.toml", FLEET), ("Dockerfile", text)]), None, "{text}");
    }
}

/// A configuration that declares images in every way.
const DECLARED: &str = "[images]\n\"agent:*\" = [\"ltsc2019\", \"ltsc2022\", \"linux\"]\n\"worker:*\" = { dockerfile = \
                        \"src/Dockerfile\", build-args = { V = \"ltsc2019\" } }\n\"gone:*\" = { dockerfile = \"gone/Dockerfile\" }\n";

#[test]
fn a_line_of_images_says_what_it_declares() {
    let config = |at: &str| DECLARED.replacen(at, &format!("‸{at}"), 1);
    let (span, shown) = hovered(&[("hostfit.toml", &config("ltsc2019"))]).expect("a hover");
    assert_eq!(span, "[\"ltsc2019\", \"ltsc2022\", \"linux\"]");
    assert!(shown.starts_with("**Multi-platform** tag, with images for Windows Server 2022, "), "{shown}");
    let (_, shown) = hovered(&[("hostfit.toml", &config("src/Dockerfile"))]).expect("a hover");
    assert_eq!(shown, "Images that `src/Dockerfile` builds: its final stage decides.");
}

#[test]
fn an_image_that_a_dockerfile_builds_names_the_line_that_says_so() {
    let dockerfile = "ARG V=ltsc2022\nFROM mcr.microsoft.com/windows/servercore:$V\n";
    let hover_of = |image: &str| {
        let compose = format!("services:\n  web:\n    image: ‸{image}\n");
        let files = [("hostfit.toml", DECLARED), ("src/Dockerfile", dockerfile), ("compose.yaml", &compose)];
        hovered(&files).expect("a hover").1
    };
    let shown = hover_of("worker:1-ltsc2022");
    assert!(shown.starts_with("**Windows Server 2019** (10.0.17763)"), "{shown}");
    assert!(shown.contains("FROM at src/Dockerfile:2, named by \\[images\\] at hostfit.toml:3."), "{shown}");
    let shown = hover_of("gone:1-ltsc2022");
    assert!(shown.starts_with("The operating system of this image is not known."), "{shown}");
    assert!(shown.contains("the Dockerfile that \\[images\\] names at hostfit.toml:4 is not read."), "{shown}");
}

/// Of every pair of the truth table, under both isolation modes, the hover says what `hostfit compat` says.
#[test]
fn hosts_get_the_verdict_of_the_compatibility_rule() {
    let vectors = include_str!("../../../../hostfit-core/tests/data/compat-vectors.csv");
    let mut count = 0;
    for row in vectors.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let fields: Vec<_> = row.split(',').collect();
        let (kind, on, of) = (fields[0], fields[1], fields[2]);
        let config = format!(
            "[images]\n\"app:*\" = \"10.0.{of}\"\n[[host]]\nname = \"it\"\nos = \"10.0.{on}\"\nkind = \"{kind}\"\n"
        );
        for (word, isolation) in [("process", Isolation::Process), ("hyperv", Isolation::Hyperv)] {
            let compose = format!("services:\n  web:\n    image: app:‸1\n    isolation: {word}\n");
            let (_, hover) = hovered(&[("hostfit.toml", &config), ("compose.yaml", &compose)]).expect("a hover");
            let version = OsVersion { build: Build(on.parse().expect("a build")), revision: None };
            let kind = if kind == "client" { HostKind::Client } else { HostKind::Server };
            let facts = HostFacts::named(version, kind, false);
            let image = OsVersion { build: Build(of.parse().expect("a build")), revision: None };
            let mode = if word == "process" { "process" } else { "Hyper-V" };
            let expected = match compat::judge(&facts, Some(image), isolation).verdict.id() {
                "runs" => format!("runs with {mode} isolation"),
                "preview" => format!("runs with {mode} isolation, as a preview: "),
                "risk" => format!("may fail with {mode} isolation: "),
                // No isolation mode runs what is newer than the host.
                "blocked" if image.build > facts.version.build => "does not run: ".to_owned(),
                "blocked" => format!("does not run with {mode} isolation: "),
                _ => "not known: ".to_owned(),
            };
            let line = hover.lines().find(|line| line.starts_with("- `it`")).expect("a line of the host");
            assert!(line.starts_with(&format!("- `it` (10.0.{on}): {expected}")), "{row} {word}: {hover}");
            count += 1;
        }
    }
    assert_eq!(count, 2 * 98);
}

/// Facts §2.1, step 2: `exec-opts`, else Hyper-V on clients and process on servers.
#[test]
fn an_isolation_mode_says_what_the_default_is_on_each_host() {
    let fleet = "[[host]]\nname = \"server\"\nos = \"ltsc2022\"\norchestrator = \"docker\"\n\
                 [[host]]\nname = \"laptop\"\nos = \"win11-23h2\"\norchestrator = \"docker\"\n\
                 [[host]]\nname = \"strict\"\nos = \"ltsc2022\"\norchestrator = \"docker\"\nisolation = \"hyperv\"\n\
                 [[host]]\nname = \"node\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n";
    let compose =
        "services:\n  web:\n    image: mcr.microsoft.com/windows/nanoserver:ltsc2022\n    isolation: default\n";
    let expected = "`default`: the engine chooses.\n\n`default`, or no mode, means here:\n\n\
                    - `server`: process isolation, the default of Windows Server\n\
                    - `laptop`: Hyper-V isolation, the default of Windows clients\n\
                    - `strict`: Hyper-V isolation, set for its engine";
    for (typed, span) in [("isolation: def‸ault", "default"), ("isol‸ation: default", "isolation")] {
        let text = compose.replace("isolation: default", typed);
        let (shown, markdown) = hovered(&[("hostfit.toml", fleet), ("compose.yaml", &text)]).expect("a hover");
        assert_eq!((shown.as_str(), markdown.as_str()), (span, expected));
    }
    let text = compose.replace("isolation: default", "isolation: hyper‸v");
    let (_, markdown) = hovered(&[("compose.yaml", &text)]).expect("a hover");
    assert_eq!(markdown, "`hyperv`: has a kernel of its own, in a small virtual machine.");
    let own = fleet.replace("isolation = \"hyp", "isolation = \"‸hyp");
    let (_, markdown) = hovered(&[("hostfit.toml", &own)]).expect("a hover");
    assert!(markdown.contains("`hyperv`: has a kernel of its own"), "{markdown}");
    // A service of that name is none.
    let other = "services:\n  isol‸ation:\n    image: mcr.microsoft.com/windows/nanoserver:ltsc2022\n";
    assert_eq!(hovered(&[("hostfit.toml", fleet), ("compose.yaml", other)]), None);
}
