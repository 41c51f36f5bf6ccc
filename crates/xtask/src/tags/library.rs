//! Docker's official images: the files of `library/` in docker-library/official-images.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use super::{
    git::Mirror,
    history::{History, Platforms, Snapshot},
};
use crate::tags::manifest::build_of;

/// Reads the history of every file; gives the images that never had a Windows variant.
pub(super) fn derive(mirror: &Mirror, history: &mut History) -> io::Result<Vec<String>> {
    let changes = mirror.changes(&["library/"])?;
    let blobs = mirror.blobs(&changes)?;
    let is_windows = |text: &String| {
        text.contains("windows-amd64") || text.contains("windowsservercore") || text.contains("nanoserver")
    };
    let mut names: BTreeMap<&str, bool> = BTreeMap::new();
    for change in &changes {
        let Some(name) = change.path.strip_prefix("library/") else { continue };
        let windows = change.blob.as_ref().and_then(|blob| blobs.get(blob)).is_some_and(is_windows);
        *names.entry(name).or_default() |= windows;
    }
    for change in &changes {
        let Some(name) = change.path.strip_prefix("library/").filter(|name| names.get(name) == Some(&true)) else {
            continue;
        };
        let snapshot = match &change.blob {
            None => Snapshot::new(),
            Some(blob) => match blobs.get(blob) {
                Some(text) => published(name, text),
                None => continue,
            },
        };
        history.publish(&change.path, change.day, snapshot);
    }
    Ok(names
        .into_iter()
        .filter(|(name, windows)| !windows && name.bytes().all(|byte| !byte.is_ascii_uppercase()))
        .map(|(name, _)| name.to_owned())
        .collect())
}

/// What a file publishes: paragraphs of `Key: value`, the first one with what holds for all
/// (docker-library/bashbrew, manifest/rfc2822.go).
fn published(name: &str, text: &str) -> Snapshot {
    let mut snapshot = Snapshot::new();
    let mut common = BTreeMap::new();
    for (number, paragraph) in paragraphs(text).into_iter().enumerate() {
        if number == 0 && !paragraph.contains_key("tags") {
            common = paragraph;
            continue;
        }
        let field = |key: &str| paragraph.get(key).or_else(|| common.get(key)).map(String::as_str).unwrap_or_default();
        let list = |key: &str| -> Vec<String> {
            field(key).split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
        };
        let constraints = list("constraints");
        let architectures: BTreeSet<_> = list("architectures").into_iter().collect();
        let constraint = constraints.iter().find(|it| it.contains("windowsservercore") || it.contains("nanoserver"));
        let build = constraint.and_then(|it| build_of(it));
        let windows = constraint.is_some() || architectures.contains("windows-amd64");
        let linux = !windows || architectures.iter().any(|it| it != "windows-amd64") && constraint.is_none();
        for tag in list("tags").into_iter().chain(list("sharedtags")) {
            let platforms: &mut Platforms = snapshot.entry((name.to_owned(), tag)).or_default();
            platforms.windows.extend(build.filter(|_| windows));
            platforms.linux |= linux;
        }
    }
    snapshot
}

fn paragraphs(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut paragraphs = Vec::new();
    let mut current: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in text.lines() {
        if line.starts_with('#') {
            continue;
        }
        if line.trim().is_empty() {
            if !current.is_empty() {
                paragraphs.push(std::mem::take(&mut current));
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some(value) = current.get_mut(&last) {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((key, value)) = line.split_once(": ") {
            last = key.to_ascii_lowercase();
            current.insert(last.clone(), value.trim().to_owned());
        } else if let Some(key) = line.trim_end().strip_suffix(':') {
            last = key.to_ascii_lowercase();
            current.insert(last.clone(), String::new());
        }
    }
    if !current.is_empty() {
        paragraphs.push(current);
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `library/golang` of docker-library/official-images at 37079fb, shortened.
    const GOLANG: &str = "Maintainers: Tianon Gravi <admwiggin@gmail.com> (@tianon),
             Joseph Ferguson <yosifkit@gmail.com> (@yosifkit)
GitRepo: https://github.com/docker-library/golang.git
Builder: buildkit

Tags: 1.27.0-trixie, 1.27-trixie
SharedTags: 1.27.0, 1.27
# a comment
Architectures: amd64, arm64v8
Directory: 1.27/trixie

Tags: 1.27.0-alpine3.23
Architectures: amd64

Tags: 1.27.0-windowsservercore-ltsc2025, 1.27-windowsservercore-ltsc2025
SharedTags: 1.27.0-windowsservercore, 1.27.0, 1.27
Architectures: windows-amd64
Constraints: windowsservercore-ltsc2025

Tags: 1.27.0-nanoserver-ltsc2022
SharedTags: 1.27.0-nanoserver
Architectures: windows-amd64
Constraints: nanoserver-ltsc2022, windowsservercore-ltsc2022
";

    #[test]
    fn a_file_says_which_platforms_a_tag_holds() {
        let snapshot = published("golang", GOLANG);
        let of = |tag: &str| {
            let platforms = snapshot.get(&("golang".to_owned(), tag.to_owned())).expect(tag);
            (platforms.windows.iter().copied().collect::<Vec<_>>(), platforms.linux)
        };
        assert_eq!(of("1.27"), (vec![26100], true));
        assert_eq!(of("1.27.0"), (vec![26100], true));
        assert_eq!(of("1.27-trixie"), (vec![], true));
        assert_eq!(of("1.27.0-windowsservercore"), (vec![26100], false));
        assert_eq!(of("1.27.0-nanoserver-ltsc2022"), (vec![20348], false));
        assert_eq!(of("1.27.0-alpine3.23"), (vec![], true));
    }

    #[test]
    fn a_constraint_without_a_release_was_windows_server_2016() {
        // `library/golang` of 2017-01-15.
        let snapshot = published(
            "golang",
            "GitRepo: x\n\nTags: 1.6.4-windowsservercore, 1.6-windowsservercore\nConstraints: windowsservercore\n",
        );
        let platforms = snapshot.get(&("golang".to_owned(), "1.6-windowsservercore".to_owned())).expect("the tag");
        assert_eq!((platforms.windows.clone(), platforms.linux), ([14393].into(), false));
    }
}
