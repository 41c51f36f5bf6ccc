//! Which tags of Windows images were published, with which variants, from when until when.
//!
//! `tags.tsv` is derived by `cargo xtask tags` from the repositories that its head names, which also says what its rows mean.
//! It is searched where it lies in the program: nothing is built of it.

use memchr::{memchr, memrchr};

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
        self.groups_from("")
    }

    /// Those of which the text begins like this.
    fn groups_from<'s>(&self, start: &'s str) -> impl Iterator<Item = Group> + use<'s> {
        split_at(self.groups, b' ').filter(move |text| text.starts_with(start)).filter_map(|text| {
            let (heads, days) = text.split_once('@')?;
            let line = line_of(heads.split(',').next()?);
            Some(Group { line, tails: heads.get(line.len()..)?, days })
        })
    }

    /// The group that has the tag which begins like this.
    pub(super) fn group(&self, head: &str) -> Option<Group> {
        let line = line_of(head);
        let tail = head.get(line.len()..)?;
        self.groups_from(line).find(|group| group.line == line && group.has(tail))
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
    split_at(from(TABLE, &key), b'\n')
        .take_while(move |line| line.starts_with(&key))
        .filter_map(|line| Some(Row::parse(line)?.1))
}

/// The parts of a text between bytes of ASCII. The table's lines and groups are long, and this is faster over them than
/// `str::split`.
fn split_at(text: &'static str, byte: u8) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = memchr(byte, text.as_bytes()) else { return rest.take() };
        rest = text.get(end + 1..);
        text.get(..end)
    })
}

/// The lines of a sorted text from the first on that is not less than `key`.
pub(super) fn from(text: &'static str, key: &str) -> &'static str {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low.midpoint(high);
        // The lines are long.
        let (before, after) = text.as_bytes().split_at(middle);
        let start = memrchr(b'\n', before).map_or(0, |at| at + 1).max(low);
        let end = memchr(b'\n', after).map_or(text.len(), |at| middle + at + 1);
        let line = text.get(start..end).unwrap_or_default();
        if line.trim_end_matches('\n') < key { low = end } else { high = start }
    }
    text.get(low..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_taken_apart_before_its_family() {
        for (tag, head, suffix) in [
            ("1.27.0-windowsservercore-ltsc2022", "1.27.0", "windowsservercore-ltsc2022"),
            ("8u302-b08-jdk-nanoserver-1809", "8u302-b08-jdk", "nanoserver-1809"),
            ("windowsservercore", "", "windowsservercore"),
            ("2.1-alpine3.9", "2.1", "alpine3.9"),
            ("1.27", "1.27", ""),
            ("latest", "latest", ""),
            ("", "", ""),
        ] {
            assert_eq!(split(tag), (head, suffix), "{tag}");
            assert_eq!(join(head, suffix), tag);
        }
        for (head, line) in [
            ("1.27.0", "1.27"),
            ("v3.7.11", "v3.7"),
            ("8u302-b08-jdk", "8"),
            ("17", "17"),
            ("lts", "lts"),
            ("v", "v"),
            ("1.", "1"),
        ] {
            assert_eq!(line_of(head), line, "{head}");
        }
    }

    /// The files of the sources, read by hand: `library/*` of docker-library/official-images at 37079fb and in its history,
    /// the manifests of dotnet/dotnet-docker and microsoft/dotnet-framework-docker.
    #[test]
    fn what_was_published_is_found_and_nothing_else() {
        for (repository, tag) in [
            ("golang", "1.27.0-windowsservercore-ltsc2025"),
            ("golang", "1.22.3-nanoserver-1809"),
            ("golang", "1.6.4-windowsservercore"),
            ("golang", "windowsservercore"),
            ("python", "3.8-windowsservercore-ltsc2016"),
            ("traefik", "v2.1.1-windowsservercore-1809"),
            ("hello-world", "nanoserver-1809"),
            ("mongo", "8.3-nanoserver-ltsc2022"),
            ("dotnet/framework/aspnet", "4.8-20250408-windowsservercore-ltsc2022"),
            ("dotnet/framework/sdk", "3.5-windowsservercore-ltsc2019"),
            ("dotnet/core/aspnet", "2.1"),
            ("dotnet/core/runtime-deps", "2.1-alpine3.7"),
            ("dotnet/sdk", "8.0-nanoserver-1809"),
            ("windows/servercore/iis", "windowsservercore-1803"),
        ] {
            assert!(find(repository, tag).is_some(), "{repository}:{tag}");
        }
        for (repository, tag) in [
            ("golang", "1.27-windowsservercore-1809"),
            ("golang", "1.22.30-windowsservercore-ltsc2022"),
            ("golang", "1.22.03-windowsservercore-ltsc2022"),
            ("golang", "1.22.-windowsservercore-ltsc2022"),
            ("golan", "1.22-windowsservercore-ltsc2022"),
            ("golang", ""),
            ("", ""),
            ("mongo", "8.3-nanoserver-ltsc2025"),
            ("dotnet/framework/aspnet", "4.7.1-windowsservercore-1709"),
            ("dotnet/core/aspnet", "1.1"),
            ("dotnet/core/sdk", "1.1.2-nanoserver"),
            ("dotnet/core/sdk", "1.0.0-preview2-windowsservercore"),
            ("dotnet/sdk", "10.0-nanoserver-1809"),
            ("windows/servercore/iis", "windowsservercore-10.0.14393.1715"),
        ] {
            assert!(find(repository, tag).is_none(), "{repository}:{tag}");
        }
    }

    #[test]
    fn a_group_knows_its_last_day() {
        let row = rows_of("golang", "windowsservercore-1809").next().unwrap();
        assert_eq!(row.group("").unwrap().until(), Some(Date { year: 2025, month: 5, day: 30 }));
        let made = rows_of("golang", "windowsservercore-ltsc2022").next().unwrap();
        assert_eq!(made.group("").unwrap().until(), None);
    }

    #[test]
    fn the_files_are_sorted_and_their_rows_can_be_read() {
        for text in [TABLE, LINUX_ONLY] {
            let lines: Vec<_> = text.lines().collect();
            assert!(lines.iter().skip_while(|line| line.starts_with('#')).is_sorted());
        }
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (_, row) = Row::parse(line).unwrap();
            assert!(row.groups().count() == row.groups.split(' ').count() && row.groups().count() > 0, "{line}");
            assert!(!row.windows().is_empty() || row.has_linux(), "{line}");
        }
        assert!(["alpine", "nginx", "ubuntu"].into_iter().all(is_linux_only));
        assert!(!["golang", "alpin", "zzz", "", "# Out"].into_iter().any(is_linux_only));
    }
}
