//! What is known of Windows: releases, OS strings, images, tags, and what runs on what.
//!
//! Only this module knows builds, releases and dates.

pub mod compat;
pub mod image;
pub mod matcher;
pub mod nano_server;
pub mod release;
pub mod version;

use std::fmt;

/// A Windows build: the third field of `10.0.BUILD.REVISION`. It *is* the version; names are spellings of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Build(pub u16);

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
    /// Reads `2027-01-11`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let mut number = |digits: usize| {
            let part = parts.next()?;
            (part.len() == digits && part.bytes().all(|it| it.is_ascii_digit())).then(|| part.parse::<u16>().ok())?
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Self { year, month, day })
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
