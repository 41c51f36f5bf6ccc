use super::*;
use crate::windows::Isolation;
use crate::windows::compat::HostFacts;

fn day(year: u16, month: u8, day: u8) -> Date {
    Date { year, month, day }
}

#[test]
fn the_table_is_outdated_after_eighteen_months() {
    let last = TABLE_DATE.months_later(18);
    assert!(!is_outdated(TABLE_DATE) && !is_outdated(last));
    assert!(is_outdated(Date { day: last.day + 1, ..last }) && is_outdated(last.months_later(1)));
}

#[test]
fn every_name_belongs_to_one_build() {
    let releases = Releases::default();
    for release in releases.iter() {
        for name in std::iter::once(&release.id).chain(&*release.aliases) {
            assert_eq!(releases.by_name(name).map(|found| found.build), Some(release.build), "{name}");
        }
    }
}

#[test]
fn a_tag_is_published_for_the_families_that_have_it() {
    let releases = Releases::default();
    let tags = |family| releases.published_tags(family).map(|(tag, _)| tag).collect::<Vec<_>>();
    assert!(tags(Family::NanoServer).contains(&"sac2016"));
    assert!(!tags(Family::NanoServer).contains(&"ltsc2016"));
    assert_eq!(tags(Family::Server), ["ltsc2022", "win10-21h1-preview", "ltsc2025"]);
    assert_eq!(tags(Family::Windows), ["1809", "ltsc2019", "1903", "1909", "2004", "20H2", "2009"]);
}

#[test]
fn support_ends_per_family() {
    let releases = Releases::default();
    let end = |name: &str, family| releases.by_name(name).and_then(|release| release.image_end(family));
    assert_eq!(end("sac2016", Some(Family::NanoServer)), Some(day(2018, 10, 9)));
    assert_eq!(end("ltsc2016", Some(Family::ServerCore)), Some(day(2027, 1, 11)));
    assert_eq!(end("2009", None), Some(day(2022, 8, 9)));
    assert_eq!(end("ltsc2022", Some(Family::Windows)), None);
}

#[test]
fn a_build_of_both_kinds_is_called_by_the_server_unless_the_host_is_a_client() {
    let releases = Releases::default();
    let version = OsVersion { build: Build(26100), revision: Some(2894) };
    assert_eq!(releases.describe(version), "Windows Server 2025 (10.0.26100.2894)");
    assert_eq!(releases.describe_host(version, HostKind::Client), "Windows 11 24H2 (10.0.26100.2894)");
    assert_eq!(releases.describe(OsVersion { build: Build(12345), revision: None }), "10.0.12345");
}

#[test]
fn a_release_of_the_user_goes_first() {
    let own = Release::custom("ltsc2028", Build(29000)).publishing(Family::NanoServer, Some(day(2033, 1, 1)));
    let releases = Releases::with(vec![own]);
    assert_eq!(releases.tag_of(Family::NanoServer, Build(29000)), Some("ltsc2028"));
    assert_eq!(releases.newest_for(Family::NanoServer, &[]).map(|(_, tag)| tag), Some("ltsc2028"));
    assert_eq!(releases.newest_for(Family::ServerCore, &[]).map(|(_, tag)| tag), Some("ltsc2025"));
}

#[test]
fn the_newest_release_is_one_that_runs_on_all_hosts() {
    let releases = Releases::default();
    let host = |build| HostFacts {
        version: OsVersion { build: Build(build), revision: None },
        kind: HostKind::Server,
        default_isolation: Isolation::Default,
        kubernetes: true,
        hyperv: None,
        containerd: true,
        matcher: None,
    };
    let newest = |builds: &[u16]| {
        let hosts: Vec<_> = builds.iter().map(|build| host(*build)).collect();
        releases.newest_for(Family::ServerCore, &hosts).map(|(_, tag)| tag.to_owned())
    };
    assert_eq!(newest(&[26100]).as_deref(), Some("ltsc2025"));
    assert_eq!(newest(&[20348, 26100]).as_deref(), Some("ltsc2022"));
    assert_eq!(newest(&[17763]).as_deref(), Some("ltsc2019"));
    assert_eq!(newest(&[14393]).as_deref(), Some("ltsc2016"));
    assert_eq!(newest(&[17763, 20348]), None);
}
