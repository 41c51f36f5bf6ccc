//! The release table.
//!
//! Sources: build numbers from microsoft/hcsshim `osversion/windowsbuilds.go` (22631, 26200 and 28000 from
//! endoflife.date); image dates and tags from Microsoft's "base image servicing lifecycles" page; host dates from
//! endoflife.date `windows-server.md` and `windows.md`; first revisions from Microsoft's "Windows Server release
//! information". Where a row has another source, it says so.

use std::{borrow::Cow, sync::LazyLock};

use super::{Images, Release};
use crate::windows::{Build, Date, HostKind, image::Family};

pub(super) const fn day(year: u16, month: u8, day: u8) -> Date {
    Date { year, month, day }
}

fn server(id: &'static str, build: u16, title: &'static str) -> Release {
    Release { title: title.into(), ..Release::custom("", Build(build)) }.named(id)
}

fn client(id: &'static str, build: u16, title: &'static str, end: Date) -> Release {
    Release { kind: HostKind::Client, host_end: Some(end), ..server(id, build, title) }
}

impl Release {
    fn named(self, id: &'static str) -> Self {
        Self { id: id.into(), ..self }
    }

    fn also(self, aliases: &[&'static str]) -> Self {
        Self { aliases: aliases.iter().map(|alias| Cow::Borrowed(*alias)).collect(), ..self }
    }

    fn first(self, revision: u16) -> Self {
        Self { first_revision: Some(revision), ..self }
    }

    fn ltsc(self, mainstream: Date, end: Date) -> Self {
        Self { ltsc: true, host_mainstream_end: Some(mainstream), ..self }.hosts(end)
    }

    fn hosts(self, end: Date) -> Self {
        Self { host_end: Some(end), ..self }
    }

    fn image(mut self, family: Family, tags: &[&'static str], mainstream: Option<Date>, end: Date) -> Self {
        let tags = tags.iter().map(|tag| Cow::Borrowed(*tag)).collect();
        self.images.push(Images { family, tags, mainstream_end: mainstream, end: Some(end) });
        self
    }

    /// Images of the three families of the Semi-Annual Channel, 1903 to 20H2.
    fn semi_annual(self, tags: &[&'static str], end: Date) -> Self {
        self.image(Family::ServerCore, tags, None, end)
            .image(Family::NanoServer, tags, None, end)
            .image(Family::Windows, tags, None, end)
            .hosts(end)
    }
}

pub(super) static TABLE: LazyLock<Vec<Release>> = LazyLock::new(table);

#[rustfmt::skip] // One release is one paragraph, one fact is one line.
fn table() -> Vec<Release> {
    use Family::{NanoServer, Server, ServerCore, Windows};
    vec![
        // `sac2016` is the tag of its Nano Server, which nobody patches any more.
        server("ltsc2016", 14393, "Windows Server 2016")
            .also(&["1607", "sac2016", "rs1"]).first(0)
            .ltsc(day(2022, 1, 11), day(2027, 1, 12))
            .image(ServerCore, &["ltsc2016", "1607"], Some(day(2022, 1, 11)), day(2027, 1, 11))
            .image(NanoServer, &["sac2016"], None, day(2018, 10, 9)),
        server("1709", 16299, "Windows Server, version 1709")
            .also(&["rs3"]).hosts(day(2019, 4, 9))
            .image(ServerCore, &["1709"], None, day(2019, 4, 9))
            .image(NanoServer, &["1709"], None, day(2019, 4, 9)),
        server("1803", 17134, "Windows Server, version 1803")
            .also(&["rs4"]).first(1).hosts(day(2019, 11, 12))
            .image(ServerCore, &["1803"], None, day(2019, 11, 12))
            .image(NanoServer, &["1803"], None, day(2019, 11, 12)),
        // `nanoserver:ltsc2019` and `windows:ltsc2019` came later than `1809`; both are there.
        server("ltsc2019", 17763, "Windows Server 2019")
            .also(&["1809", "rs5"]).first(107)
            .ltsc(day(2024, 1, 9), day(2029, 1, 9))
            .image(ServerCore, &["ltsc2019", "1809"], Some(day(2024, 1, 9)), day(2029, 1, 9))
            .image(NanoServer, &["1809", "ltsc2019"], Some(day(2024, 1, 9)), day(2029, 1, 9))
            .image(Windows, &["1809", "ltsc2019"], Some(day(2024, 1, 9)), day(2029, 1, 9)),
        server("1903", 18362, "Windows Server, version 1903")
            .also(&["19H1"]).first(30)
            .semi_annual(&["1903"], day(2020, 12, 8)),
        server("1909", 18363, "Windows Server, version 1909")
            .also(&["19H2"]).first(418)
            .semi_annual(&["1909"], day(2021, 5, 11)),
        server("2004", 19041, "Windows Server, version 2004")
            .also(&["20H1"])
            .semi_annual(&["2004"], day(2021, 12, 14)),
        // dotnet/dotnet-docker#2439 renamed 2009 to 20H2; the base images have both.
        server("20H2", 19042, "Windows Server, version 20H2")
            .also(&["2009"])
            .semi_annual(&["20H2", "2009"], day(2022, 8, 9)),
        // Without the alias `21H2`: that is also Windows 10 (19044) and Windows 11 (22000).
        server("ltsc2022", 20348, "Windows Server 2022")
            .first(169)
            .ltsc(day(2026, 10, 13), day(2031, 10, 14))
            .image(ServerCore, &["ltsc2022"], Some(day(2026, 10, 13)), day(2031, 10, 14))
            .image(NanoServer, &["ltsc2022"], Some(day(2026, 10, 13)), day(2031, 10, 14))
            // The preview tag offered this build to Windows 10 21H1: microsoft/Windows-Containers#155.
            .image(Server, &["ltsc2022", "win10-21h1-preview"], Some(day(2026, 10, 13)), day(2031, 10, 14)),
        // The Annual Channel: hosts only, they run the images of Windows Server 2022.
        server("ws-23h2-ac", 25398, "Windows Server, version 23H2")
            .first(469).hosts(day(2026, 5, 12)),
        // Microsoft's image page says 2034-10-10, endoflife.date 2034-11-14 for the host.
        server("ltsc2025", 26100, "Windows Server 2025")
            .first(1742)
            .ltsc(day(2029, 11, 13), day(2034, 11, 14))
            .image(ServerCore, &["ltsc2025"], Some(day(2029, 10, 9)), day(2034, 10, 10))
            .image(NanoServer, &["ltsc2025"], Some(day(2029, 10, 9)), day(2034, 10, 10))
            .image(Server, &["ltsc2025"], Some(day(2029, 10, 9)), day(2034, 10, 10)),
        // Clients: the end is that of Enterprise where editions differ (endoflife.date `windows.md`).
        client("win10-1607", 14393, "Windows 10 1607", day(2026, 10, 13)),
        client("win10-1703", 15063, "Windows 10 1703", day(2019, 10, 8)).also(&["1703", "rs2"]),
        client("win10-1709", 16299, "Windows 10 1709", day(2020, 10, 13)),
        client("win10-1803", 17134, "Windows 10 1803", day(2021, 5, 11)),
        client("win10-1809", 17763, "Windows 10 1809", day(2029, 1, 9)),
        client("win10-1903", 18362, "Windows 10 1903", day(2020, 12, 8)),
        client("win10-1909", 18363, "Windows 10 1909", day(2022, 5, 10)),
        client("win10-2004", 19041, "Windows 10 2004", day(2021, 12, 14)),
        client("win10-20h2", 19042, "Windows 10 20H2", day(2023, 5, 9)),
        client("win10-21h1", 19043, "Windows 10 21H1", day(2022, 12, 13)),
        client("win10-21h2", 19044, "Windows 10 21H2", day(2024, 6, 11)),
        client("win10-22h2", 19045, "Windows 10 22H2", day(2025, 10, 14)),
        client("win11-21h2", 22000, "Windows 11 21H2", day(2024, 10, 8)),
        client("win11-22h2", 22621, "Windows 11 22H2", day(2025, 10, 14)),
        client("win11-23h2", 22631, "Windows 11 23H2", day(2026, 11, 10)),
        client("win11-24h2", 26100, "Windows 11 24H2", day(2027, 10, 12)),
        client("win11-25h2", 26200, "Windows 11 25H2", day(2028, 10, 10)).also(&["25H2"]),
        client("win11-26h1", 28000, "Windows 11 26H1", day(2029, 3, 13)).also(&["26H1"]),
    ]
}
