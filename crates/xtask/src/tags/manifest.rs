//! Microsoft's images: the manifests of dotnet/dotnet-docker and microsoft/dotnet-framework-docker, and the folders of
//! microsoft/iis-docker.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use hostfit_core::windows::release::Releases;
use serde_json::Value;

use super::{
    git::Mirror,
    history::{History, Platforms, Snapshot},
};

pub(super) struct Source {
    pub(super) repository: &'static str,
    /// The manifests, each with the files that hold its variables.
    manifests: &'static [&'static [&'static str]],
}

const VARIABLES: [&str; 2] = ["manifest.versions.json", "manifest.datestamps.json"];

pub(super) const SOURCES: &[Source] = &[
    Source { repository: "dotnet/dotnet-docker", manifests: &[&["manifest.json"], &["manifest.samples.json"]] },
    Source {
        repository: "microsoft/dotnet-framework-docker",
        manifests: &[&["manifest.json"], &["manifest.samples.json"]],
    },
];

/// The build of `nanoserver-1809`, `windowsservercore-ltsc2022`, `src/sdk/4.8/windowsservercore-20H2`. Without a release it
/// was Windows Server 2016, until the names got releases in 2017.
pub(super) fn build_of(name: &str) -> Option<u16> {
    let words: Vec<_> = name.split(['/', '-']).collect();
    let at = words
        .iter()
        .position(|word| matches!(*word, "nanoserver" | "windowsservercore" | "servercore" | "windowsserver"))?;
    match words.get(at + 1) {
        None | Some(&"amd64") => Some(14393),
        Some(release) => Some(Releases::default().by_name(release)?.build.0),
    }
}

pub(super) fn derive(mirror: &Mirror, source: &Source, history: &mut History) -> io::Result<()> {
    for files in source.manifests {
        let paths: Vec<_> = files.iter().chain(&VARIABLES).copied().collect();
        let changes = mirror.changes(&paths)?;
        let blobs = mirror.blobs(&changes)?;
        let key = format!("{} {}", mirror.name, files.join(" "));
        let mut now: BTreeMap<&str, &str> = BTreeMap::new();
        for (number, change) in changes.iter().enumerate() {
            match change.blob.as_ref().and_then(|blob| blobs.get(blob)) {
                Some(text) => now.insert(&change.path, text),
                None => now.remove(change.path.as_str()),
            };
            // A commit counts once all its files are read.
            if changes.get(number + 1).is_some_and(|next| next.commit == change.commit) {
                continue;
            }
            let texts: Vec<_> = paths.iter().filter_map(|path| now.get(path).copied()).collect();
            if let Some(snapshot) = published(&texts) {
                history.publish(&key, change.day, snapshot);
            }
        }
    }
    Ok(())
}

/// What a manifest publishes; none where it cannot be read. Docker Hub's own names, which it had until 2018, are left out:
/// their tags are gone.
fn published(texts: &[&str]) -> Option<Snapshot> {
    let files: Vec<Value> = texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    let manifest = files.first()?;
    let mut variables = BTreeMap::new();
    for (name, value) in files.iter().filter_map(|file| file.get("variables")?.as_object()).flatten() {
        variables.insert(name.as_str(), value.as_str().unwrap_or_default());
    }
    let mut snapshot = Snapshot::new();
    for repository in manifest.get("repos")?.as_array()? {
        let name = expand(repository.get("name")?.as_str()?, &variables)?;
        if name.starts_with("microsoft/") {
            continue;
        }
        for image in repository.get("images")?.as_array()? {
            read_image(&name, image, &variables, &mut snapshot)?;
        }
    }
    Some(snapshot)
}

fn read_image(
    repository: &str,
    image: &Value,
    variables: &BTreeMap<&str, &str>,
    snapshot: &mut Snapshot,
) -> Option<()> {
    let mut all = Platforms::default();
    for platform in image.get("platforms")?.as_array()? {
        let text = |key: &str| platform.get(key).and_then(Value::as_str).unwrap_or_default();
        let mut own = Platforms::default();
        if text("os") == "windows" {
            own.windows.extend(build_of(text("osVersion")).or_else(|| build_of(text("dockerfile"))));
        } else {
            own.linux = true;
        }
        all.windows.extend(&own.windows);
        all.linux |= own.linux;
        for (repository, tag) in tags(repository, platform.get("tags"), variables) {
            add(snapshot, &repository, tag, &own);
        }
    }
    for (repository, tag) in tags(repository, image.get("sharedTags"), variables) {
        add(snapshot, &repository, tag, &all);
    }
    Some(())
}

fn add(snapshot: &mut Snapshot, repository: &str, tag: String, platforms: &Platforms) {
    let entry = snapshot.entry((repository.to_owned(), tag)).or_default();
    entry.windows.extend(&platforms.windows);
    entry.linux |= platforms.linux;
}

/// The tags of a part of a manifest with their repositories, the second one that some are published in included.
fn tags(repository: &str, tags: Option<&Value>, variables: &BTreeMap<&str, &str>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, about) in tags.and_then(Value::as_object).into_iter().flatten() {
        let Some(tag) = expand(name, variables) else { continue };
        if let Some(syndication) = about.get("syndication") {
            let other = syndication.get("repo").and_then(Value::as_str).and_then(|it| expand(it, variables));
            let renamed = syndication.get("destinationTags").and_then(Value::as_array);
            let names = renamed.map_or_else(
                || vec![tag.clone()],
                |names| names.iter().filter_map(|it| expand(it.as_str()?, variables)).collect(),
            );
            found.extend(
                other
                    .into_iter()
                    .flat_map(|other| names.iter().map(move |it| (other.clone(), it.clone())).collect::<Vec<_>>()),
            );
        }
        found.push((repository.to_owned(), tag));
    }
    found
}

/// With `$(NAME)` replaced; none where one has no value.
fn expand(text: &str, variables: &BTreeMap<&str, &str>) -> Option<String> {
    let mut text = text.to_owned();
    for _ in 0..8 {
        let Some((before, rest)) = text.split_once("$(") else { return Some(text) };
        let (name, after) = rest.split_once(')')?;
        text = format!("{before}{}{after}", variables.get(name)?);
    }
    None
}

/// The folders of microsoft/iis-docker are its tags, as long as the README lists them; it says which of them are part of
/// `latest`.
pub(super) fn derive_iis(mirror: &Mirror, history: &mut History) -> io::Result<()> {
    const REPOSITORY: &str = "windows/servercore/iis";
    let changes = mirror.changes(&["*/Dockerfile", "README.md"])?;
    let blobs = mirror.blobs(&changes)?;
    let mut folders = BTreeSet::new();
    let mut readme = "";
    for (number, change) in changes.iter().enumerate() {
        if let Some(folder) = change.path.strip_suffix("/Dockerfile") {
            if change.blob.is_some() {
                folders.insert(folder)
            } else {
                folders.remove(folder)
            };
        } else {
            readme = change.blob.as_ref().and_then(|blob| blobs.get(blob)).map_or("", String::as_str);
        }
        if changes.get(number + 1).is_some_and(|next| next.commit == change.commit) {
            continue;
        }
        let mut snapshot = Snapshot::new();
        for folder in folders.iter().filter(|folder| folder.starts_with("windowsservercore-")) {
            let (Some(build), true) = (build_of(folder), readme.contains(folder)) else { continue };
            let own = Platforms { windows: [build].into(), linux: false };
            add(&mut snapshot, REPOSITORY, (*folder).to_owned(), &own);
            if readme.contains(&format!("`{folder}, latest`")) {
                add(&mut snapshot, REPOSITORY, "latest".to_owned(), &own);
            }
        }
        history.publish(REPOSITORY, change.day, snapshot);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_which_platforms_a_tag_holds() {
        // dotnet/dotnet-docker at 6915d010 (2019-04-01), shortened.
        let manifest = r#"{"registry": "mcr.microsoft.com", "variables": {"2.1-RuntimeVersion": "2.1.9"}, "repos": [
            {"name": "dotnet/core/aspnet", "images": [{
                "sharedTags": {"$(2.1-RuntimeVersion)": {}, "2.1": {}},
                "platforms": [
                    {"os": "linux", "tags": {"$(2.1-RuntimeVersion)-stretch-slim": {}}},
                    {"os": "windows", "osVersion": "nanoserver-1709", "tags": {"2.1-nanoserver-1709": {}}},
                    {"os": "windows", "osVersion": "nanoserver-1809", "tags": {"2.1-nanoserver-1809": {}}}
                ]}]},
            {"name": "microsoft/dotnet", "images": []}]}"#;
        let snapshot = published(&[manifest]).expect("a manifest");
        let said: Vec<_> = snapshot.iter().map(|((_, tag), it)| (tag.as_str(), it.windows.len(), it.linux)).collect();
        let expected = [
            ("2.1", 2, true),
            ("2.1-nanoserver-1709", 1, false),
            ("2.1-nanoserver-1809", 1, false),
            ("2.1.9", 2, true),
            ("2.1.9-stretch-slim", 0, true),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_variable_may_hold_another() {
        let variables = [("a", "$(b).0"), ("b", "8")].into();
        assert_eq!(expand("$(a)-nanoserver", &variables).as_deref(), Some("8.0-nanoserver"));
        assert_eq!(expand("$(c)", &variables), None);
    }

    #[test]
    fn a_build_is_read_from_the_name_of_a_base() {
        for (name, build) in [
            ("nanoserver-1809", Some(17763)),
            ("windowsservercore-ltsc2016", Some(14393)),
            ("nanoserver-sac2016", Some(14393)),
            ("windowsservercore", Some(14393)),
            ("1.0/runtime/nanoserver-sac2016/amd64", Some(14393)),
            ("1.0/runtime/nanoserver/amd64", Some(14393)),
            ("src/sdk/9.0/nanoserver-ltsc2025/amd64", Some(26100)),
            ("nanoserver-20H2", Some(19042)),
            ("bookworm-slim", None),
        ] {
            assert_eq!(build_of(name), build, "{name}");
        }
    }
}
