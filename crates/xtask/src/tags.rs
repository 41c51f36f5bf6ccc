//! Derives the table of published tags from the history of the repositories that publish them.

mod git;
mod history;
mod library;
mod manifest;
mod pins;
mod write;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use git::Mirror;
use history::History;

/// Writes `tags.tsv`, out of the mirrors in a folder that holds one folder `owner+name` for each repository, with a git
/// directory somewhere inside.
pub(crate) fn write(mirrors: &Path) -> io::Result<()> {
    let mut history = History::default();
    let mut sources = Vec::new();
    let official = Mirror::open(mirrors, "docker-library/official-images")?;
    let linux_only = library::derive(&official, &mut history)?;
    sources.push(official);
    for source in manifest::SOURCES {
        let mirror = Mirror::open(mirrors, source.repository)?;
        manifest::derive(&mirror, source, &mut history)?;
        sources.push(mirror);
    }
    let iis = Mirror::open(mirrors, "microsoft/iis-docker")?;
    manifest::derive_iis(&iis, &mut history)?;
    sources.push(iis);
    for source in pins::SOURCES {
        let mirror = match Mirror::open(mirrors, source.repository) {
            Ok(mirror) => mirror,
            Err(error) => {
                eprintln!("left out: {error}");
                continue;
            }
        };
        pins::derive(&mirror, source, &mut history)?;
        if sources.iter().all(|it| it.name != mirror.name) {
            sources.push(mirror);
        }
    }
    // Of tags that Linux has alone only those are kept that take the place of Docker Hub's.
    let succeeds = |repository: &str| repository.starts_with("dotnet/core/") || repository.ends_with("/samples");
    history.tags.retain(|(repository, _), life| !life.platforms.windows.is_empty() || succeeds(repository));
    let heads =
        sources.iter().map(|mirror| Ok((mirror.name.clone(), mirror.head()?))).collect::<io::Result<Vec<_>>>()?;
    let folder = folder();
    fs::write(folder.join("tags.tsv"), write::table(&history, &heads))?;
    fs::write(folder.join("linux_only.txt"), write::names(&linux_only, &heads))?;
    println!("{}", history.summary());
    Ok(())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hostfit-core/src/windows/image")
}
