//! A text that names one release of Windows, as it names another: `10.0.17763` and `10.0.20348`, `1.4-ltsc2019` and
//! `1.4-ltsc2022`, `Windows2019` and `Windows2022`.

use std::ops::Range;

use super::{
    Build,
    release::{Release, Releases},
};

/// Returns `text` with what names `from` naming `to`; none where nothing in it does. A revision is dropped, since it is that
/// of the other release.
pub fn respelled(text: &str, from: Build, to: Build, releases: &Releases) -> Option<String> {
    let (old, new) = (releases.by_build(from), releases.by_build(to));
    let with = |at: Range<usize>, new: &str| Some([text.get(..at.start)?, new, text.get(at.end..)?].concat());
    if let Some(at) = word(text, &from.0.to_string()) {
        let revision = text.get(at.end..).and_then(|rest| rest.strip_prefix('.')).map_or(0, |rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 { 0 } else { digits + 1 }
        });
        return with(at.start..at.end + revision, &to.0.to_string());
    }
    let (old, new) = (old?, new?);
    let mut names: Vec<&str> = std::iter::once(&old.id).chain(&*old.aliases).map(|name| &**name).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    if let Some(at) = names.iter().find_map(|name| word(text, name)) {
        return with(at, &new.id);
    }
    let at = word(text, year(old)?)?;
    with(at, year(new).unwrap_or(&new.id))
}

/// `2022` of Windows Server 2022.
fn year(release: &Release) -> Option<&str> {
    let last = release.title.rsplit(' ').next()?;
    (last.len() == 4 && last.bytes().all(|it| it.is_ascii_digit())).then_some(last)
}

/// Where `name` stands in `text`, letter case ignored, and is not part of a longer word: `1809` may follow letters, as in
/// `servercore1809`, and `ltsc2019` may not.
fn word(text: &str, name: &str) -> Option<Range<usize>> {
    let starts_with_digit = name.starts_with(|it: char| it.is_ascii_digit());
    let (text, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    let is_part =
        |it: Option<char>| it.is_some_and(|it| it.is_ascii_digit() || it.is_ascii_alphabetic() && !starts_with_digit);
    text.match_indices(&name).map(|(at, _)| at..at + name.len()).find(|at| {
        let before = text.get(..at.start).and_then(|it| it.chars().next_back());
        let after = text.get(at.end..).and_then(|it| it.chars().next());
        !is_part(before) && !after.is_some_and(|it| it.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_one_release_becomes_that_of_another() {
        let table = [
            ("10.0.17763", Some("10.0.20348")),
            ("\"10.0.17763.6893\"", Some("\"10.0.20348\"")),
            ("17763", Some("20348")),
            ("1.4-ltsc2019", Some("1.4-ltsc2022")),
            ("2.0-nanoserver-1809", Some("2.0-nanoserver-ltsc2022")),
            ("servercore1809", Some("servercoreltsc2022")),
            ("Windows2019", Some("Windows2022")),
            ("LTSC2019-build7", Some("ltsc2022-build7")),
            ("1.0.17763.x", Some("1.0.20348.x")),
            ("win-1177630", None),
            ("1.20191", None),
            ("xltsc2019", Some("xltsc2022")),
            ("", None),
        ];
        for (text, expected) in table {
            let found = respelled(text, Build::WS2019, Build::WS2022, &Releases::default());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
