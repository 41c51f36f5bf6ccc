//! Which tags of Windows images were published, with which variants, from when until when.
//!
//! `tags.tsv` is derived by `cargo xtask tags` from the repositories that its head names, which also says what its rows mean.
//! It is searched where it lies in the program: nothing is built of it.

use crate::windows::{Build, Date, OsVersion};

static TABLE: &str = include_str!("tags.tsv");
/// Docker's official images without any Windows variant, one a line, sorted.
static LINUX_ONLY: &str = include_str!("linux_only.txt");

/// Words of tags that only Linux images have: distributions, and Debian's `slim`.
const DISTRIBUTIONS: [&str; 20] = [
    "alpine",
    "azurelinux",
    "bionic",
    "bookworm",
    "bullseye",
    "buster",
    "cbl",
    "debian",
    "focal",
    "jammy",
    "jessie",
    "mariner",
    "noble",
    "slim",
    "resolute",
    "stretch",
    "trixie",
    "ubi",
    "ubuntu",
    "xenial",
];

/// Whether a word of a tag says that the image is Linux: `alpine3.18`, `ubi9`, `alpine${VERSION}`.
pub(super) fn is_distribution(word: &str) -> bool {
    let name = word.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '\0'));
    DISTRIBUTIONS.contains(&name)
}

/// A tag as what stands before the Windows family or the Linux distribution, and the rest: `1.27` and
/// `windowsservercore-ltsc2022`. Of other tags all stands before it.
pub fn split(tag: &str) -> (&str, &str) {
    let mut start = 0;
    for word in tag.split('-') {
        if matches!(word, "windowsservercore" | "nanoserver" | "windowsserver") || is_distribution(word) {
            let (head, suffix) = tag.split_at_checked(start).unwrap_or((tag, ""));
            return (head.strip_suffix('-').unwrap_or(head), suffix);
        }
        start += word.len() + 1;
    }
    (tag, "")
}

/// What [`split`] takes apart.
pub(super) fn join(head: &str, suffix: &str) -> String {
    match (head, suffix) {
        ("", _) => suffix.to_owned(),
        (_, "") => head.to_owned(),
        _ => format!("{head}-{suffix}"),
    }
}

/// The `major.minor` that a tag begins with, a `v` before it included; all of it where it begins with no number.
pub fn line_of(head: &str) -> &str {
    let numbers = head.strip_prefix('v').unwrap_or(head);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let major = digits(numbers);
    if major == 0 {
        return head;
    }
    let minor = numbers.get(major..).and_then(|rest| rest.strip_prefix('.')).map_or(0, digits);
    let len = head.len() - numbers.len() + major + if minor == 0 { 0 } else { 1 + minor };
    head.get(..len).unwrap_or(head)
}

/// Tags of one repository with the same end that hold the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// `windowsservercore-ltsc2022`, `alpine3.9`; empty for tags of all platforms.
    pub(super) suffix: &'static str,
    platforms: &'static str,
    groups: &'static str,
}

/// Tags of one `major.minor` in a [`Row`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// `1.22`, `v3`, `latest`.
    pub(super) line: &'static str,
    tails: &'static str,
    /// `240206-250211`.
    days: &'static str,
}

impl Row {
    fn parse(line: &'static str) -> Option<(&'static str, Self)> {
        let mut fields = line.split('\t');
        let repository = fields.next()?;
        Some((repository, Self { suffix: fields.next()?, platforms: fields.next()?, groups: fields.next()? }))
    }

    /// Its Windows images, newest first.
    pub(super) fn windows(&self) -> Vec<OsVersion> {
        let builds = self.platforms.split(' ').filter_map(|word| word.parse().ok());
        builds.map(|build| OsVersion { build: Build(build), revision: None }).collect()
    }

    /// Whether it has Linux images.
    pub(super) fn has_linux(&self) -> bool {
        self.platforms.ends_with('L')
    }

    /// Its tags by their `major.minor`.
    pub(super) fn groups(&self) -> impl Iterator<Item = Group> + use<> {
        self.groups.split(' ').filter_map(|text| {
            let (heads, days) = text.split_once('@')?;
            let line = line_of(heads.split(',').next()?);
            Some(Group { line, tails: heads.get(line.len()..)?, days })
        })
    }

    /// The group that has the tag which begins like this.
    pub(super) fn group(&self, head: &str) -> Option<Group> {
        let line = line_of(head);
        let tail = head.get(line.len()..)?;
        self.groups().find(|group| group.line == line && group.has(tail))
    }
}

impl Group {
    fn has(&self, tail: &str) -> bool {
        self.tails.split(',').any(|part| match part.split_once('~') {
            None => part == tail,
            Some((first, last)) => {
                let prefix = first.trim_end_matches(|it: char| it.is_ascii_digit());
                let Some(number) = tail.strip_prefix(prefix) else { return false };
                let plain = number.len() == 1 || !number.starts_with('0');
                let range = (first.get(prefix.len()..).map(str::parse::<u64>), last.parse::<u64>());
                let (Some(Ok(first)), Ok(last)) = range else { return false };
                plain
                    && number.bytes().all(|it| it.is_ascii_digit())
                    && number.parse::<u64>().is_ok_and(|number| (first..=last).contains(&number))
            }
        })
    }

    /// The beginnings of its tags, those of runs left out.
    pub(super) fn heads(&self) -> impl Iterator<Item = String> + use<> {
        let line = self.line;
        self.tails.split(',').filter(|tail| !tail.contains('~')).map(move |tail| format!("{line}{tail}"))
    }

    /// The day on which the last of its tags was removed; none while one is there.
    pub(super) fn until(&self) -> Option<Date> {
        let (_, day) = self.days.split_once('-')?;
        let part = |at: std::ops::Range<usize>| day.get(at)?.parse::<u8>().ok();
        Some(Date { year: 2000 + u16::from(part(0..2)?), month: part(2..4)?, day: part(4..6)? })
    }
}

/// The rows of a repository: `golang`, `dotnet/sdk`, `windows/servercore/iis`.
pub(super) fn rows(repository: &str) -> impl Iterator<Item = Row> + use<> {
    starting_with(format!("{repository}\t"))
}

/// The rows of a repository with this end of the tags.
pub(super) fn rows_of(repository: &str, suffix: &str) -> impl Iterator<Item = Row> + use<> {
    starting_with(format!("{repository}\t{suffix}\t"))
}

/// What a whole tag holds as of its last day.
pub(super) fn find(repository: &str, tag: &str) -> Option<Row> {
    let (head, suffix) = split(tag);
    rows_of(repository, suffix).find(|row| row.group(head).is_some())
}

/// Whether the table has tags of this repository.
pub(super) fn has(repository: &str) -> bool {
    rows(repository).next().is_some()
}

/// Whether it is one of Docker's official images that never had a Windows variant.
pub(super) fn is_linux_only(name: &str) -> bool {
    let lines = from(LINUX_ONLY, name);
    lines.lines().next() == Some(name) && !name.is_empty()
}

fn starting_with(key: String) -> impl Iterator<Item = Row> {
    from(TABLE, &key)
        .lines()
        .take_while(move |line| line.starts_with(&key))
        .filter_map(|line| Some(Row::parse(line)?.1))
}

/// The lines of a sorted text from the first on that is not less than `key`.
fn from(text: &'static str, key: &str) -> &'static str {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low.midpoint(high);
        let start = text.get(..middle).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1).max(low);
        let end = text.get(middle..).and_then(|after| after.find('\n')).map_or(text.len(), |at| middle + at + 1);
        let line = text.get(start..end).unwrap_or_default();
        if line.trim_end_matches('\n') < key { low = end } else { high = start }
    }
    text.get(low..).unwrap_or_default()
}
