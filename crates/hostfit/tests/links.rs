//! Links between the pages lead somewhere: to a file of the repository, and to a heading in it.
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The pages below a folder that people read.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_ours = !name.starts_with('.') && !["target", "node_modules", "fixtures"].contains(&name);
        if entry.is_dir() && is_ours {
            pages(&entry, found);
        } else if is_page(&entry) {
            found.push(entry);
        }
    }
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|it| it.eq_ignore_ascii_case("md"))
}

/// The lines of a page that are not code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    page.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// What GitHub makes of the headings of a page.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = prose(page).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |char: &char| char.is_alphanumeric() || matches!(char, '-' | '_' | ' ');
    headings.map(|it| it.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
}

/// The links of a page into the repository that lead nowhere.
fn broken(page: &str, path: &Path) -> Vec<String> {
    let links = prose(page).flat_map(|line| line.split("](").skip(1)).filter_map(|rest| rest.split([')', ' ']).next());
    let leads_nowhere = |link: &&str| {
        let (file, anchor) = link.split_once('#').map_or((*link, None), |(file, anchor)| (file, Some(anchor)));
        let target = if file.is_empty() { path.to_owned() } else { path.parent().expect("a folder").join(file) };
        let text = || if file.is_empty() { page.to_owned() } else { fs::read_to_string(&target).expect("a page") };
        let has = |anchor: &str| anchors(&text()).contains(anchor);
        !target.exists() || anchor.is_some_and(|anchor| is_page(&target) && !has(anchor))
    };
    let is_local = |link: &&str| !link.contains(':');
    links.filter(is_local).filter(leads_nowhere).map(|link| format!("{}: {link}", path.display())).collect()
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let mut found = Vec::new();
    pages(&root(), &mut found);
    assert!(found.len() > 60, "{found:?}");
    let broken: Vec<_> =
        found.iter().flat_map(|path| broken(&fs::read_to_string(path).expect("a page"), path)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    let page = "# One `and` two\n[a](#one-and-two) [b](#three) [c](../Cargo.toml) [d](none.md) [e](https://x.y)\n\
                ```\n[f](none.md)\n```\n[g](../README.md#no-such)\n";
    let path = root().join("docs/README.md");
    let links = broken(page, &path).into_iter().map(|it| it.rsplit_once(": ").expect("a link").1.to_owned());
    assert_eq!(links.collect::<Vec<_>>(), ["#three", "none.md", "../README.md#no-such"]);
}
