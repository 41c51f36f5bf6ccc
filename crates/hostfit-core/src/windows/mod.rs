//! What is known of Windows: releases, OS strings, images, tags, and what runs on what.
//!
//! Only this module knows builds, releases and dates.

pub mod compat;
pub mod engine;
mod family;
pub mod image;
pub mod machine_image;
pub mod matcher;
pub mod nano_server;
mod newest;
pub mod node_label;
pub mod platform;
pub mod release;
pub mod respell;
pub mod runner;
pub mod version;

use std::fmt;

/// A Windows build: the third field of `10.0.BUILD.REVISION`. It *is* the version; names are spellings of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Build(pub u16);

impl Build {
    /// Windows Server 2016 and Windows 10 1607: the only build where revisions must be equal.
    pub const WS2016: Self = Self(14393);
    /// Windows Server 2019.
    pub const WS2019: Self = Self(17763);
    /// Windows 10 21H1: from here on no image has the build of a Windows 10 host.
    pub const WIN10_21H1: Self = Self(19043);
    /// Windows Server 2022. From here on the kernel's interface is stable, and hosts take older images (VC;
    /// containerd/platforms `platform_windows_compat.go`).
    pub const WS2022: Self = Self(20348);
    /// The first build of Windows 11.
    pub const WIN11: Self = Self(22000);
    /// Windows Server, version 23H2: the Annual Channel for Containers.
    pub const ANNUAL: Self = Self(25398);
    /// Windows Server 2025: the newest LTSC that the compatibility rule knows.
    pub const WS2025: Self = Self(26100);
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "10.0.{}", self.0)
    }
}

/// `10.0.BUILD.REVISION` of a host or an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OsVersion {
    /// Third field.
    pub build: Build,
    /// Fourth field, where it is known.
    pub revision: Option<u16>,
}

impl fmt::Display for OsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.revision {
            Some(revision) => write!(f, "{}.{revision}", self.build),
            None => self.build.fmt(f),
        }
    }
}

/// A calendar day. Field order makes the derived comparison chronological.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Date {
    /// Reads `2027-01-11`, if there is such a day.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let mut number = |digits: usize| {
            let part = parts.next()?;
            (part.len() == digits && part.bytes().all(|it| it.is_ascii_digit())).then(|| part.parse::<u16>().ok())?
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        (1..=days_of(year, month)).contains(&day).then_some(Self { year, month, day })
    }

    /// The same day that many months later, or the last of that month if it is shorter.
    #[must_use]
    pub fn months_later(self, months: u16) -> Self {
        let months = u32::from(self.year) * 12 + u32::from(self.month.saturating_sub(1)) + u32::from(months);
        let year = u16::try_from(months / 12).unwrap_or(u16::MAX);
        let month = u8::try_from(months % 12 + 1).unwrap_or(12);
        Self { year, month, day: self.day.min(days_of(year, month)) }
    }

    /// Days since 0000-03-01 in the Gregorian calendar: for differences.
    pub fn day_number(self) -> i64 {
        // The year starts in March, so that the leap day is its last.
        let (year, month) = match self.month {
            0..=2 => (i64::from(self.year) - 1, i64::from(self.month) + 9),
            _ => (i64::from(self.year), i64::from(self.month) - 3),
        };
        year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + i64::from(self.day) - 1
    }
}

/// How many days a month has in the Gregorian calendar; none if there is no such month.
pub fn days_of(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}

/// The operating system of an image or a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Os {
    /// Windows.
    Windows,
    /// Linux.
    Linux,
}

/// Which Windows a host runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum HostKind {
    /// Windows Server.
    #[default]
    Server,
    /// Windows 10 or 11.
    Client,
}

impl HostKind {
    /// Every kind, by the name that configuration and reports have for it.
    pub const NAMED: &[(&str, Self)] = &[("server", Self::Server), ("client", Self::Client)];

    /// The name of the kind in configuration and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

/// How a container is kept apart from its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Isolation {
    /// Shares the host's kernel.
    Process,
    /// Has a kernel of its own, in a small virtual machine.
    Hyperv,
    /// What the engine makes of it.
    Default,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).expect(text)
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let table = [
            ("2026-11-21", 18, "2028-05-21"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2026-08-31", 18, "2028-02-29"),
            ("2025-08-31", 18, "2027-02-28"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", 48, "2028-02-29"),
            ("2026-10-31", 1, "2026-11-30"),
            ("2026-12-31", 1, "2027-01-31"),
            ("2026-06-15", 6, "2026-12-15"),
            ("2026-06-15", 0, "2026-06-15"),
            ("2096-02-29", 48, "2100-02-28"),
        ];
        for (from, months, to) in table {
            assert_eq!(day(from).months_later(months), day(to), "{from} + {months}");
        }
    }

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for text in ["2026-11-21", "2024-02-29", "2000-02-29"] {
            assert_eq!(day(text).to_string(), text);
        }
        for text in [
            "2023-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-11-00",
            "2026-1-1",
            "21.11.2026",
            "",
            "2026-11-21-1",
            "+026-11-21",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
