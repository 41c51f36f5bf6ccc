//! `.helmignore`.

use crate::glob;

/// The patterns of a `.helmignore`.
#[derive(Debug, Default)]
pub(super) struct Rules {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    glob: String,
    negate: bool,
    is_folder: bool,
    /// What it is compared with: the whole path, or the last part of it.
    is_path: bool,
}

impl Rules {
    /// Reads the file; Helm always adds one rule of its own.
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines().chain(["templates/.?*"]);
        let patterns = lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self { patterns: patterns.filter(|line| !line.contains("**")).map(Pattern::new).collect() }
    }

    /// Whether a file of the chart is left out, itself or with one of its folders.
    pub(super) fn ignores(&self, path: &str) -> bool {
        let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        folders.into_iter().any(|folder| self.matches(folder, true)) || self.matches(path, false)
    }

    fn matches(&self, path: &str, is_folder: bool) -> bool {
        for pattern in &self.patterns {
            let fits = (is_folder || !pattern.is_folder) && pattern.matches(path);
            if fits != pattern.negate {
                return true;
            }
        }
        false
    }
}

impl Pattern {
    fn new(line: &str) -> Self {
        let (negate, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (is_folder, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let (is_rooted, line) = line.strip_prefix('/').map_or((false, line), |rest| (true, rest));
        Self { glob: line.to_owned(), negate, is_folder, is_path: is_rooted || line.contains('/') }
    }

    fn matches(&self, path: &str) -> bool {
        let compared = if self.is_path { path } else { path.rsplit('/').next().unwrap_or(path) };
        glob::matches_file(&self.glob, compared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_take_their_files_with_them() {
        let rules = Rules::parse("# comment\n.git/\n*.bak\n/docs/*.md\n");
        assert!(rules.ignores(".git/config"));
        assert!(rules.ignores("templates/a.yaml.bak"));
        assert!(rules.ignores("docs/a.md"));
        assert!(rules.ignores("templates/.hidden"));
        assert!(!rules.ignores("x/docs/a.md"));
        assert!(!rules.ignores("templates/a.yaml"));
    }
}
