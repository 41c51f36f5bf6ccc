//! Fleets with faults, marked by carets, and such without.

use super::*;
use crate::source::{Source, SourceId};

const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

/// Returns each problem of a fleet file as its kind, its level, the bytes that it stands on and its headline, with its notes
/// behind it.
fn problems(text: &str, today: Date) -> Vec<(&'static str, Severity, String, String)> {
    let source = Source::from_text(SourceId(0), "hostfit.toml", text);
    let config = Config::parse(&source, &[]).unwrap_or_else(|errors| panic!("{errors:?}"));
    let row = |it: Problem| {
        let words = [vec![it.message.headline], it.message.notes].concat().join("; ");
        (it.kind.id(), it.severity, source.slice(it.span).to_owned(), words)
    };
    all(&config, today).into_iter().map(row).collect()
}

fn kinds(text: &str, today: Date) -> Vec<(&'static str, String)> {
    problems(text, today).into_iter().map(|(kind, _, bytes, _)| (kind, bytes)).collect()
}

fn host(os: &str, rest: &str) -> String {
    format!("[[host]]\nname = \"a\"\nos = \"{os}\"\n{rest}\n")
}

fn day(text: &str) -> Date {
    Date::parse(text).expect(text)
}

/// The days are those of endoflife.date and of Microsoft's lifecycle page, as facts of the release table.
#[test]
fn a_release_is_patched_to_the_last_day_of_its_support() {
    let table = [
        ("ltsc2022", "2026-11-21", None),
        ("10.0.17134.1", "2026-11-21", Some("release-ended")),
        ("ltsc2016", "2026-07-15", None),
        ("ltsc2016", "2026-07-16", Some("release-ends")),
        ("ltsc2016", "2027-01-12", Some("release-ends")),
        ("ltsc2016", "2027-01-13", Some("release-ended")),
        // The Annual Channel ended in May, Windows 11 23H2 Enterprise in this month.
        ("25398", "2026-05-12", Some("release-ends")),
        ("25398", "2026-05-13", Some("release-ended")),
        ("22631", "2026-11-10", Some("release-ends")),
        ("22631", "2026-11-11", Some("release-ended")),
        ("20349", "2026-11-21", Some("unknown-release")),
        ("linux", "2026-11-21", None),
    ];
    for (os, today, expected) in table {
        let expected: Vec<_> = expected.map(|kind| (kind, os.to_owned())).into_iter().collect();
        assert_eq!(kinds(&host(os, ""), day(today)), expected, "{os} on {today}");
    }
    let [(_, severity, _, message)] = &problems(&host("1803", ""), TODAY)[..] else { panic!("one") };
    assert_eq!(*severity, Severity::Warning);
    assert_eq!(
        message,
        "the host `a` runs Windows Server, version 1803, which has been out of support since 2019-11-12"
    );
    // The same build as a client and as a server ends on different days.
    assert_eq!(kinds(&host("26100", "kind = \"client\""), day("2028-01-01")), [("release-ended", "26100".to_owned())]);
    assert!(kinds(&host("26100", "kind = \"server\""), day("2028-01-01")).is_empty());
}

/// The days are those that AKS announced.
#[test]
fn the_earlier_of_two_ends_decides() {
    let table = [
        ("ltsc2019", "aks", "2025-09-01", None),
        (
            "ltsc2019",
            "aks",
            "2025-09-02",
            Some(
                "the host `a` runs Windows Server 2019, which AKS retires on 2026-03-01; AKS deletes its node images on 2027-04-01",
            ),
        ),
        (
            "ltsc2019",
            "aks",
            "2026-03-01",
            Some(
                "the host `a` runs Windows Server 2019, which AKS retires on 2026-03-01; AKS deletes its node images on 2027-04-01",
            ),
        ),
        (
            "ltsc2019",
            "aks",
            "2026-03-02",
            Some(
                "the host `a` runs Windows Server 2019, which AKS retired on 2026-03-01; AKS deletes its node images on 2027-04-01",
            ),
        ),
        (
            "ltsc2019",
            "aks",
            "2027-04-01",
            Some(
                "the host `a` runs Windows Server 2019, which AKS retired on 2026-03-01; AKS deleted its node images on 2027-04-01",
            ),
        ),
        ("ltsc2019", "eks", "2026-11-21", None),
        ("ltsc2022", "aks", "2026-11-21", None),
        (
            "ltsc2022",
            "aks",
            "2028-07-01",
            Some("the host `a` runs Windows Server 2022, which AKS retired on 2028-06-30"),
        ),
        // Microsoft's own end of the Annual Channel is three days before that of AKS.
        (
            "25398",
            "aks",
            "2026-05-14",
            Some("the host `a` runs Windows Server, version 23H2, which has been out of support since 2026-05-12"),
        ),
        ("linux", "aks", "2026-11-21", None),
    ];
    for (os, platform, today, expected) in table {
        let found = problems(&host(os, &format!("platform = \"{platform}\"")), day(today));
        let messages: Vec<_> = found.iter().map(|(.., message)| message.as_str()).collect();
        assert_eq!(messages, expected.into_iter().collect::<Vec<_>>(), "{os} {platform} {today}");
    }
}

#[test]
fn labels_do_not_contradict_the_host() {
    let table: &[(&str, &str, &[&str])] = &[
        ("ltsc2022", r#"labels = { "kubernetes.io/os" = "windows" }"#, &[]),
        ("ltsc2022", r#"labels = { "kubernetes.io/os" = "linux" }"#, &["linux"]),
        ("ltsc2022", r#"labels = { "beta.kubernetes.io/os" = "Windows" }"#, &["Windows"]),
        ("linux", r#"labels = { "kubernetes.io/os" = "windows" }"#, &["windows"]),
        ("linux", r#"labels = { "kubernetes.io/os" = "linux" }"#, &[]),
        ("ltsc2022", r#"labels = { "node.kubernetes.io/windows-build" = "10.0.20348" }"#, &[]),
        ("10.0.20348.2700", r#"labels = { "node.kubernetes.io/windows-build" = "10.0.20348" }"#, &[]),
        ("ltsc2022", r#"labels = { "node.kubernetes.io/windows-build" = "10.0.17763" }"#, &["10.0.17763"]),
        // The kubelet writes no revision.
        (
            "10.0.20348.2700",
            r#"labels = { "node.kubernetes.io/windows-build" = "10.0.20348.2700" }"#,
            &["10.0.20348.2700"],
        ),
        ("linux", r#"labels = { "node.kubernetes.io/windows-build" = "10.0.20348" }"#, &["10.0.20348"]),
        ("10.0.14393.1715", r#"labels = { "beta.kubernetes.io/osbuild" = "14393.1715" }"#, &[]),
        ("10.0.14393.2000", r#"labels = { "beta.kubernetes.io/osbuild" = "14393.1715" }"#, &["14393.1715"]),
        ("ltsc2016", r#"labels = { "beta.kubernetes.io/osbuild" = "14393.1715" }"#, &[]),
        ("ltsc2022", r#"labels = { os-version = "ltsc2019" }"#, &["ltsc2019"]),
        ("ltsc2022", r#"labels = { "kubernetes.azure.com/os-sku" = "Windows2022" }"#, &[]),
        ("ltsc2025", r#"labels = { "kubernetes.azure.com/os-sku" = "Windows2022" }"#, &["Windows2022"]),
        ("ltsc2019", r#"labels = { "cloud.google.com/gke-windows-os-version" = "2022" }"#, &["2022"]),
        // Labels that say something else.
        ("ltsc2022", r#"labels = { tier = "2019", build = "1234", app-version = "10.0" }"#, &[]),
        // Swarm constraints ask for those of the engine.
        ("ltsc2022", r#"engine-labels = { OsVersion = "10.0.17763" }"#, &["10.0.17763"]),
    ];
    for (os, labels, expected) in table {
        let expected: Vec<_> = expected.iter().map(|bytes| ("label-contradicts", (*bytes).to_owned())).collect();
        // A day on which all of these releases are patched.
        assert_eq!(kinds(&host(os, labels), day("2024-11-21")), expected, "{os} {labels}");
    }
}

/// moby `checkSystem`, containerd's RELEASES.md, moby's BRANCHES-AND-TAGS.md.
#[test]
fn engines_do_on_their_host_what_others_rely_on() {
    let table: &[(&str, &str, &str, &[&str])] = &[
        ("ltsc2016", "docker 20.10.24", "2024-11-21", &[]),
        ("ltsc2016", "docker 23.0.0", "2024-11-21", &["engine-too-old"]),
        ("1803", "docker 25.0.1", "2019-01-01", &["engine-too-old"]),
        ("ltsc2019", "docker 25.0.1", "2026-11-21", &[]),
        ("ltsc2019", "docker 28.5.1", "2026-11-21", &["engine-ended"]),
        ("ltsc2019", "docker 28.5.1 (containerd)", "2026-11-21", &["engine-ended"]),
        ("ltsc2019", "docker 28.5.1", "2026-01-01", &[]),
        ("ltsc2022", "docker 29.6.2", "2026-11-21", &[]),
        ("ltsc2022", "docker", "2026-11-21", &[]),
        ("ltsc2022", "containerd 1.5.18", "2023-02-28", &["engine-too-old"]),
        ("ltsc2022", "containerd 1.5.18", "2023-03-01", &["engine-too-old", "engine-ended"]),
        ("ltsc2022", "containerd 1.6.0", "2025-08-23", &[]),
        ("ltsc2022", "containerd 1.6.39", "2025-08-24", &["engine-ended"]),
        ("ltsc2022", "containerd 1.7.34", "2026-09-30", &[]),
        ("ltsc2022", "containerd://1.7.20+azure", "2026-11-21", &["engine-ended"]),
        ("ltsc2022", "containerd 2.0.10", "2026-11-21", &[]),
        ("ltsc2022", "containerd 2.1.6", "2026-11-21", &["engine-ended"]),
        ("ltsc2022", "containerd 2.3.0", "2026-11-21", &[]),
        ("ltsc2022", "containerd 9.9.9", "2026-11-21", &[]),
        ("linux", "containerd 1.5.0", "2026-11-21", &[]),
    ];
    for (os, runtime, today, expected) in table {
        let expected: Vec<_> = expected.iter().map(|kind| (*kind, (*runtime).to_owned())).collect();
        let found = kinds(&host(os, &format!("runtime = \"{runtime}\"")), day(today));
        assert_eq!(found, expected, "{os} {runtime} {today}");
    }
    // Nobody runs HostProcess containers without Kubernetes.
    let swarm = host("ltsc2022", "runtime = \"containerd 1.5.18\"\norchestrator = \"swarm\"");
    assert!(kinds(&swarm, day("2023-02-28")).is_empty());
}

#[test]
fn a_pool_has_one_build() {
    let pool = |name: &str, os: &str, labels: &str| {
        format!("[[host]]\nname = \"{name}\"\nos = \"{os}\"\nlabels = {{ {labels} }}\n")
    };
    let aks = r#"agentpool = "win", "kubernetes.azure.com/agentpool" = "win""#;
    let two = pool("a", "ltsc2019", aks) + &pool("b", "ltsc2022", aks);
    let found = problems(&two, TODAY);
    let [(kind, severity, bytes, message)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((*kind, *severity, &**bytes), ("mixed-pool", Severity::Warning, "win"));
    assert_eq!(
        message,
        "the node pool `win` also has the host `a`, which runs 10.0.17763; a node pool has one operating system version"
    );
    for key in ["\"eks.amazonaws.com/nodegroup\"", "\"cloud.google.com/gke-nodepool\""] {
        let of = |value: &str| format!("{key} = \"{value}\"");
        assert_eq!(kinds(&(pool("a", "ltsc2019", &of("w")) + &pool("b", "linux", &of("w"))), TODAY).len(), 1, "{key}");
        assert!(
            kinds(&(pool("a", "ltsc2019", &of("w")) + &pool("b", "ltsc2022", &of("v"))), TODAY).is_empty(),
            "{key}"
        );
        // Machines of one pool are patched one after the other.
        let patched = pool("a", "10.0.20348.1", &of("w")) + &pool("b", "10.0.20348.2", &of("w"));
        assert!(kinds(&patched, TODAY).is_empty(), "{key}");
    }
    assert!(kinds(&(pool("a", "ltsc2019", "pool = \"w\"") + &pool("b", "ltsc2022", "pool = \"w\"")), TODAY).is_empty());
}

#[test]
fn fleets_of_targets_are_looked_at_too() {
    let source = Source::from_text(
        SourceId(0),
        "hostfit.toml",
        "[[target]]\npaths = [\"a\"]\nfleet = \"prod.toml\"\n[[target]]\npaths = [\"b\"]\nfleet = \"prod.toml\"\nname = \
         \"b\"\n[[target]]\npaths = [\"c\"]\nfleet = \"empty.toml\"\n",
    );
    let mut config = Config::parse(&source, &[]).expect("a configuration");
    let fleet = Source::from_text(SourceId(1), "prod.toml", host("1803", ""));
    config.read_target("prod.toml", &fleet, &[]).expect("a fleet");
    let found: Vec<_> = all(&config, TODAY).into_iter().map(|it| (it.kind, it.span.source, it.span)).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((found[0].0, fleet.slice(found[0].2)), (Kind::ReleaseEnded, "1803"));
    assert_eq!((found[1].0, source.slice(found[1].2)), (Kind::NoHosts, "empty.toml"));
}
