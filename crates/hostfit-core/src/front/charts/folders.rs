//! Which folders hold what is rendered.

use std::collections::BTreeSet;

use hostfit_render::kustomize;

/// The folders of a tree that hold a chart or a kustomization, as its paths have them, and templates that lie in no chart.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    /// Those with a `Chart.yaml`.
    pub charts: BTreeSet<String>,
    /// Those with a `kustomization.yaml`.
    pub kustomizations: BTreeSet<String>,
    /// The files that are templates and lie in no chart.
    pub alone: BTreeSet<String>,
}

impl Folders {
    /// The folders of these files.
    pub fn of<'p>(files: impl Iterator<Item = &'p str>) -> Self {
        let mut folders = Self::default();
        for path in files {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            match name {
                "Chart.yaml" => _ = folders.charts.insert(folder.to_owned()),
                name if kustomize::NAMES.contains(&name) => _ = folders.kustomizations.insert(folder.to_owned()),
                _ => {}
            }
        }
        folders
    }

    /// Whether a file of this name makes its folder one of them.
    pub fn is_marked_by(name: &str) -> bool {
        name == "Chart.yaml" || kustomize::NAMES.contains(&name)
    }

    /// Whether there is nothing to render.
    pub fn is_empty(&self) -> bool {
        self.charts.is_empty() && self.kustomizations.is_empty() && self.alone.is_empty()
    }

    /// Whether a path lies in a chart.
    pub fn is_in_chart(&self, path: &str) -> bool {
        let mut above = path;
        while let Some((folder, _)) = above.rsplit_once('/') {
            if self.charts.contains(folder) {
                return true;
            }
            above = folder;
        }
        self.charts.contains("")
    }

    /// Whether a folder is one of them.
    pub fn contains(&self, folder: &str) -> bool {
        self.charts.contains(folder) || self.kustomizations.contains(folder)
    }
}
