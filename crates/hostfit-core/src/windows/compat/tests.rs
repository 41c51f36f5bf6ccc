use super::*;

/// What Microsoft's page and the matchers' sources say of each pair; compiled 2026-11-21 from VC (HEAD 77e0742a),
/// hcsshim, containerd/platforms and moby. `y*` and `n*` are releases that the page no longer lists.
const VECTORS: &str = include_str!("../../../tests/data/compat-vectors.csv");

fn host(kind: HostKind, build: u16) -> HostFacts {
    HostFacts {
        version: OsVersion { build: Build(build), revision: None },
        kind,
        default_isolation: Isolation::Default,
        kubernetes: false,
        hyperv: None,
        containerd: false,
        matcher: None,
    }
}

fn image(build: u16) -> OsVersion {
    OsVersion { build: Build(build), revision: None }
}

fn rows() -> impl Iterator<Item = (HostKind, u16, u16, &'static str, &'static str)> {
    VECTORS.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| {
        let fields: Vec<_> = line.split(',').collect();
        let kind = if fields[0] == "client" { HostKind::Client } else { HostKind::Server };
        (kind, fields[1].parse().unwrap(), fields[2].parse().unwrap(), fields[3], fields[4])
    })
}

/// Reads `docs_process` as the rule does: two rows say more than the page's yes or no. On 14393 it is yes where
/// the revisions are equal, as here; and where a Windows 10 client has the image's build, HYP's "development
/// only" stands against VC's no, which is a risk.
#[test]
fn process_isolation_is_as_documented() {
    let mut count = 0;
    for (kind, on, of, process, _) in rows() {
        let revision = (on == 14393).then_some(1770);
        let mut host = host(kind, on);
        host.version.revision = revision;
        let answer = judge(&host, Some(OsVersion { revision, ..image(of) }), Isolation::Process);
        let expected = match process {
            _ if kind == HostKind::Client && on < 22000 && on == of => Verdict::Risk,
            "Y" => Verdict::Runs,
            "N" => Verdict::Blocked,
            other => panic!("{other}"),
        };
        assert_eq!(answer.verdict, expected, "{kind:?} {on} {of}: {answer:?}");
        count += 1;
    }
    assert_eq!(count, 98);
}

#[test]
fn hyperv_isolation_is_as_documented() {
    for (kind, on, of, _, hyperv) in rows() {
        let answer = judge(&host(kind, on), Some(image(of)), Isolation::Hyperv);
        let expected = match hyperv {
            "Y" | "y*" => Verdict::Runs,
            "N" | "n*" => Verdict::Blocked,
            // The page says nothing; but that newer images never run holds there too.
            "-" if of > on => Verdict::Blocked,
            "-" => Verdict::Unknown,
            other => panic!("{other}"),
        };
        assert_eq!(answer.verdict, expected, "{kind:?} {on} {of}: {answer:?}");
    }
}

/// The page of November 2017: rows are images, columns hosts, for 14393 and 16299.
#[test]
fn the_table_of_2017_holds_on_servers() {
    let table = [
        (14393, 14393, Verdict::Runs, Verdict::Runs),
        (16299, 14393, Verdict::Blocked, Verdict::Runs),
        (14393, 16299, Verdict::Blocked, Verdict::Blocked),
        (16299, 16299, Verdict::Runs, Verdict::Runs),
    ];
    for (on, of, process, hyperv) in table {
        let revision = Some(15);
        let mut host = host(HostKind::Server, on);
        host.version.revision = revision;
        let image = Some(OsVersion { revision, ..image(of) });
        assert_eq!(judge(&host, image, Isolation::Process).verdict, process, "{on} {of}");
        assert_eq!(judge(&host, image, Isolation::Hyperv).verdict, hyperv, "{on} {of}");
    }
}

/// The page of 2023: image, then host, then Hyper-V and process isolation. Its preview of Windows Server 2022 on
/// Windows 11 is a plain yes since 2024-11-29.
#[test]
fn the_table_of_2023_holds() {
    use HostKind::{Client, Server};
    let table = [
        (20348, Server, 20348, true, true),
        (17763, Server, 20348, true, false),
        (14393, Server, 20348, true, false),
        (20348, Server, 17763, false, false),
        (17763, Server, 17763, true, true),
        (14393, Server, 17763, true, false),
        (20348, Server, 14393, false, false),
        (17763, Server, 14393, false, false),
        (20348, Client, 22621, true, true),
        (17763, Client, 22621, true, false),
        (14393, Client, 22621, true, false),
        (20348, Client, 19045, false, false),
        (17763, Client, 19045, true, false),
        (14393, Client, 19045, true, false),
    ];
    for (of, kind, on, hyperv, process) in table {
        let answer = |isolation| judge(&host(kind, on), Some(image(of)), isolation).verdict == Verdict::Runs;
        assert_eq!(answer(Isolation::Hyperv), hyperv, "{of} on {kind:?} {on}, Hyper-V");
        assert_eq!(answer(Isolation::Process), process, "{of} on {kind:?} {on}, process");
    }
}

#[test]
fn revisions_must_be_equal_on_server_2016() {
    let answer = |on, of| {
        let mut host = host(HostKind::Server, 14393);
        host.version.revision = on;
        let answer = judge(&host, Some(OsVersion { build: Build(14393), revision: of }), Isolation::Process);
        (answer.verdict, answer.step)
    };
    // VC: the host with KB4051033, the image with KB4053579.
    assert_eq!(answer(Some(1914), Some(1944)), (Verdict::Blocked, Step::Revision2016));
    assert_eq!(answer(Some(1944), Some(1914)), (Verdict::Blocked, Step::Revision2016));
    // VC: a host with KB4041691 needs the image 10.0.14393.1770.
    assert_eq!(answer(Some(1770), Some(1770)), (Verdict::Runs, Step::Fits));
    assert_eq!(answer(None, Some(1770)), (Verdict::Risk, Step::RevisionUnknown2016));
    assert_eq!(answer(Some(1770), None), (Verdict::Risk, Step::RevisionUnknown2016));
}

#[test]
fn a_higher_revision_than_the_hosts_is_a_risk() {
    let answer = |on, of| {
        let mut host = host(HostKind::Server, 26100);
        host.version.revision = Some(on);
        judge(&host, Some(OsVersion { build: Build(26100), revision: Some(of) }), Isolation::Process)
    };
    assert_eq!(answer(2894, 3194).step, Step::RevisionAbove);
    assert_eq!(answer(3194, 2894).verdict, Verdict::Runs);
    // Revisions of different builds have nothing to do with each other.
    let mut newer = host(HostKind::Server, 26100);
    newer.version.revision = Some(1);
    let older = OsVersion { build: Build(20348), revision: Some(5000) };
    assert_eq!(judge(&newer, Some(older), Isolation::Process).verdict, Verdict::Runs);
}

#[test]
fn default_isolation_is_what_the_engine_makes_of_it() {
    use Isolation::{Default, Hyperv, Process};
    let server = host(HostKind::Server, 20348);
    let client = host(HostKind::Client, 22631);
    assert_eq!(in_effect(&server, Default), Process);
    assert_eq!(in_effect(&client, Default), Hyperv);
    assert_eq!(in_effect(&HostFacts { default_isolation: Hyperv, ..server }, Default), Hyperv);
    assert_eq!(in_effect(&HostFacts { default_isolation: Process, ..client }, Default), Process);
    assert_eq!(in_effect(&HostFacts { default_isolation: Hyperv, kubernetes: true, ..server }, Default), Process);
    assert_eq!(in_effect(&HostFacts { containerd: true, ..client }, Default), Process);
    assert_eq!(in_effect(&HostFacts { default_isolation: Hyperv, ..server }, Process), Process);
}

#[test]
fn hyperv_isolation_has_preconditions() {
    let server = host(HostKind::Server, 20348);
    let answer = |host: HostFacts, of| {
        let answer = judge(&host, Some(image(of)), Isolation::Hyperv);
        (answer.verdict, answer.step)
    };
    let kubernetes = HostFacts { kubernetes: true, ..server };
    assert_eq!(answer(kubernetes, 17763), (Verdict::Blocked, Step::HypervKubernetes));
    assert_eq!(answer(kubernetes, 26100), (Verdict::Blocked, Step::NewerThanHost));
    assert_eq!(answer(HostFacts { hyperv: Some(false), ..server }, 17763), (Verdict::Blocked, Step::HypervRole));
    let containerd = HostFacts { containerd: true, ..server };
    assert_eq!(answer(containerd, 17763), (Verdict::Risk, Step::HypervContainerd));
    assert_eq!(answer(containerd, 20348), (Verdict::Runs, Step::Hyperv));
}

#[test]
fn windows_10_takes_no_process_isolated_image_but_of_its_own_build() {
    let answer = |on, of| {
        let answer = judge(&host(HostKind::Client, on), Some(image(of)), Isolation::Process);
        (answer.verdict, answer.step)
    };
    assert_eq!(answer(19042, 19042), (Verdict::Risk, Step::ProcessOnClient));
    assert_eq!(answer(19044, 19042), (Verdict::Blocked, Step::ProcessOnClient));
    assert_eq!(answer(19044, 19044), (Verdict::Blocked, Step::ProcessOnClient));
    assert_eq!(answer(14393, 14393), (Verdict::Blocked, Step::ProcessOnClient));
    assert_eq!(answer(17134, 17134), (Verdict::Blocked, Step::ProcessOnClient));
}

#[test]
fn an_image_of_no_ltsc_is_nobodys_business() {
    for (kind, on, of) in
        [(HostKind::Server, 26100, 22621), (HostKind::Server, 25398, 25398), (HostKind::Client, 26200, 25398)]
    {
        let answer = judge(&host(kind, on), Some(image(of)), Isolation::Process);
        assert_eq!((answer.verdict, answer.step), (Verdict::Unknown, Step::NotLtsc), "{on} {of}");
    }
}

#[test]
fn the_reason_names_both_sides() {
    let releases = Releases::default();
    let host = host(HostKind::Server, 20348);
    let why = |of: u16| {
        let image = Some(image(of));
        explain(judge(&host, image, Isolation::Default), &host, image, &releases)
    };
    assert_eq!(
        why(17763),
        "Windows Server 2022 (10.0.20348) runs images from Windows Server 2022 on with process isolation; \
         Windows Server 2019 (10.0.17763) needs Hyper-V isolation"
    );
    let without = |host: HostFacts| {
        let image = Some(image(17763));
        explain(judge(&host, image, Isolation::Process), &host, image, &releases)
    };
    // Kubernetes has no Hyper-V isolation, and a host without the role neither.
    for host in [HostFacts { kubernetes: true, ..host }, HostFacts { hyperv: Some(false), ..host }] {
        let expected = "Windows Server 2022 (10.0.20348) runs images from Windows Server 2022 on with process isolation, \
                        not Windows Server 2019 (10.0.17763)";
        assert_eq!(without(host), expected);
        let older = HostFacts { version: image(19042), ..host };
        assert!(!without(older).contains("Hyper-V"), "{}", without(older));
        assert!(without(HostFacts { kubernetes: false, hyperv: None, ..older }).ends_with("; Hyper-V isolation does"));
    }
    assert_eq!(
        why(26100),
        "Windows Server 2025 (10.0.26100) is newer than Windows Server 2022 (10.0.20348); no isolation mode runs it there"
    );
}
