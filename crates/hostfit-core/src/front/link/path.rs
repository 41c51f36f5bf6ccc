//! Paths as files name each other: relative, with `/` or `\`, often in another letter case than on disk.

use rustc_hash::FxHashMap;

use crate::{
    front::Unit,
    source::{SourceId, Sources},
};

/// The units of a run by the path of their file.
pub(in crate::front) struct Files<'run> {
    sources: &'run Sources,
    exact: FxHashMap<String, &'run Unit>,
    /// Windows finds a file whatever its letter case; of several the first.
    folded: FxHashMap<String, &'run Unit>,
}

impl<'run> Files<'run> {
    pub(in crate::front) fn new(sources: &'run Sources, units: &'run [Unit]) -> Self {
        let mut files = Self { sources, exact: FxHashMap::default(), folded: FxHashMap::default() };
        for unit in units {
            let path = files.path(unit.source);
            let path = join("", path).unwrap_or_else(|| path.to_owned());
            files.folded.entry(path.to_ascii_lowercase()).or_insert(unit);
            files.exact.entry(path).or_insert(unit);
        }
        files
    }

    pub(super) fn path(&self, source: SourceId) -> &'run str {
        self.sources.get(source).map_or("", |source| &source.path)
    }

    /// The folder of a file, without a slash at its end.
    pub(super) fn folder(&self, source: SourceId) -> &'run str {
        self.path(source).rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    pub(super) fn name(&self, source: SourceId) -> &'run str {
        let path = self.path(source);
        path.rsplit_once('/').map_or(path, |(_, name)| name)
    }

    pub(in crate::front) fn find(&self, path: &str) -> Option<&'run Unit> {
        let path = self.sources.shortest(path);
        self.exact.get(&*path).or_else(|| self.folded.get(&path.to_ascii_lowercase())).copied()
    }

    /// The unit that a file in `folder` names as `relative`.
    pub(super) fn resolve(&self, folder: &str, relative: &str) -> Option<&'run Unit> {
        self.find(&join(folder, relative)?)
    }
}

/// `relative`, seen from `folder`. None for absolute and remote paths, which are never in the tree.
pub(in crate::front) fn join(folder: &str, relative: &str) -> Option<String> {
    let relative = relative.trim().replace('\\', "/");
    let is_elsewhere = relative.starts_with(['/', '~']) || relative.contains("://") || relative.contains("git@");
    if is_elsewhere && !folder.is_empty() || relative.get(1..2) == Some(":") {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            other => parts.push(other),
        }
    }
    let root = if folder.starts_with('/') || relative.starts_with('/') { "/" } else { "" };
    Some(format!("{root}{}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_are_joined_as_windows_and_linux_users_write_them() {
        for (folder, relative, expected) in [
            ("deploy", "../web", Some("web")),
            ("deploy", "..\\web\\.", Some("web")),
            ("deploy", "./", Some("deploy")),
            ("", "..", Some("..")),
            ("", "../..", Some("../..")),
            ("../a", "../../b", Some("../../b")),
            ("a/b", ".", Some("a/b")),
            ("/abs/a", "../b", Some("/abs/b")),
            ("a", "https://github.com/x/y.git", None),
            ("a", "git@github.com:x/y.git", None),
            ("a", "/srv/web", None),
            ("a", "C:\\web", None),
            ("a", "~/web", None),
        ] {
            assert_eq!(join(folder, relative).as_deref(), expected, "{folder} {relative}");
        }
    }
}
