//! Charts and kustomizations of the disk: their files are found, rendered in parallel, and what they yield joins the files of
//! the run.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io::Read,
    path::{Path, PathBuf},
};

use hostfit_core::{
    config::{Config, chart::DeclaredChart},
    front::{
        Content, Unit,
        charts::{self, Folders, Tree, manifests},
    },
    source::{MAX_BYTES, Source, SourceId, rendered::Renderer},
};

use crate::{
    ancestors,
    error::Error,
    files::{Bounds, Candidate, Folder, Found, Skipped},
    settings::RenderedText,
    tree::{self, Trees},
};

/// The files of charts and kustomizations.
#[derive(Debug, Default)]
pub(crate) struct Charts {
    /// All that lies in charts, by its path below `base`, and where it is read from, if that is not there itself.
    disk: BTreeMap<String, Option<PathBuf>>,
    /// Where what others name beside them may lie.
    trees: Trees,
    /// The folders of charts and kustomizations.
    folders: Folders,
    /// The folder that holds all of them, and what they are deployed with.
    base: PathBuf,
    /// The repository below that.
    root: String,
}

impl Charts {
    /// Takes the templates out of what was found, since they are judged as they are rendered, and finds all else that lies
    /// in charts.
    pub(crate) fn take(found: &mut Found, folder: &Folder, bounds: &Bounds, root: &Path) -> Self {
        let name = |it: &Candidate| it.path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let named = found.files.values().filter_map(|it| Some((name(it)?, it.path.parent()?.to_owned())));
        let (charts, kustomizations): (Vec<_>, Vec<_>) =
            named.filter(|(name, _)| Folders::is_marked_by(name)).partition(|(name, _)| name == "Chart.yaml");
        let set = |folders: Vec<(String, PathBuf)>| folders.into_iter().map(|(_, folder)| folder).collect();
        let (folders, kustomizations): (BTreeSet<PathBuf>, BTreeSet<PathBuf>) = (set(charts), set(kustomizations));
        let repository = ancestors::repository(&folder.path).unwrap_or(&folder.path);
        let all = folders.iter().chain(&kustomizations).map(PathBuf::as_path).chain([root, &folder.path]);
        let all = all.chain(bounds.looked_through());
        let base = all.fold(repository.to_owned(), |a, b| common(&a, b));
        let mut below = Found::default();
        let mut outermost: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
        outermost.dedup_by(|inner, outer| inner.starts_with(outer));
        below.walk_all(&outermost, folder, bounds);
        for path in folder.open.keys().filter(|path| folders.iter().any(|chart| path.starts_with(chart))) {
            // One that is not saved yet.
            let shown = folder.show(path);
            let candidate = Candidate { path: path.clone(), real: None, shown: shown.clone(), named: true };
            below.files.entry(shown).or_insert(candidate);
        }
        let is_member = |candidate: &Candidate| {
            let mut above = candidate.path.ancestors().skip(1);
            above.any(|it| it.file_name().is_some_and(|name| name == "templates") && is_chart(it.parent(), &folders))
        };
        found.files.retain(|_, candidate| !is_member(candidate));
        let read_from = |it: Candidate| {
            let own = in_tree(&it.path, &base)?;
            // A name that is not Unicode is another one in the tree.
            let other = || (base.join(&own) != it.path).then_some(it.path);
            let real = it.real.or_else(other);
            Some((own, real))
        };
        let disk = below.files.into_values().filter_map(read_from).collect();
        let below = |folders: &BTreeSet<PathBuf>| folders.iter().filter_map(|path| in_tree(path, &base)).collect();
        let (charts, kustomizations) = (below(&folders), below(&kustomizations));
        let folders = Folders { charts, kustomizations, alone: BTreeSet::new() };
        let root = in_tree(repository, &base).unwrap_or_default();
        Self { disk, trees: bounds.trees().clone(), folders, base, root }
    }
}

impl Charts {
    /// Takes templates that are rendered by themselves, since they lie in none of the charts, out of what was passed over.
    /// Returns why they were.
    pub(crate) fn take_alone(
        &mut self,
        templates: Vec<String>,
        skipped: &mut Vec<Skipped>,
        folder: &Folder,
    ) -> Vec<Skipped> {
        let templates: BTreeSet<String> = templates.into_iter().collect();
        let path = |it: &Skipped| {
            let own = in_tree(&folder.absolute(Path::new(&it.path)), &self.base)?;
            (templates.contains(&it.path) && !self.folders.is_in_chart(&own)).then_some(own)
        };
        let (taken, others): (Vec<_>, Vec<_>) = std::mem::take(skipped).into_iter().partition(|it| path(it).is_some());
        *skipped = others;
        self.folders.alone = taken.iter().filter_map(path).collect();
        taken
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// Does something with the charts, of which some files have another text than on the disk.
    pub(crate) fn with<T>(
        &self,
        config: &Config,
        folder: &Folder,
        texts: Option<charts::Texts<'_>>,
        work: impl FnOnce(&charts::Charts<'_>, &Folders) -> T,
    ) -> T {
        let shown = |path: &str| folder.show(&self.base.join(path));
        let below = |path: &str| self.below(path, folder);
        let tree = Whole { charts: self, folder, texts };
        let all = charts::Charts { tree: &tree, shown: &shown, in_tree: &below, root: &self.root, config };
        work(&all, &self.folders)
    }

    /// The charts of the configuration that are not there.
    pub(crate) fn missing<'c>(&self, config: &'c Config, folder: &Folder) -> Vec<&'c DeclaredChart> {
        let is_here = |path: &str| {
            let absolute = folder.absolute(Path::new(path));
            in_tree(&absolute, &self.base).is_some_and(|path| self.folders.charts.contains(&path))
        };
        config.charts.iter().filter(|chart| !is_here(&chart.path)).collect()
    }

    /// The path in the tree of what is shown so.
    fn below(&self, path: &str, folder: &Folder) -> String {
        in_tree(&folder.absolute(Path::new(path)), &self.base).unwrap_or_else(|| path.to_owned())
    }

    /// The file that a path in the tree is read from.
    fn on_disk(&self, path: &str) -> Option<PathBuf> {
        let own = self.base.join(path);
        match self.disk.get(path) {
            Some(real) => Some(real.clone().unwrap_or(own)),
            None => self.trees.resolve(&own).ok(),
        }
    }

    /// The file that a text is read from which is shown so; none where another one stands for it.
    pub(crate) fn file(&self, shown: &str, folder: &Folder) -> Option<PathBuf> {
        let is_open = folder.open.contains_key(&folder.absolute(Path::new(shown)));
        if is_open { None } else { self.on_disk(&self.below(shown, folder)) }
    }

    /// Renders the charts again, of which files were changed in memory: what they yielded before, which is `kept`, is replaced.
    pub(crate) fn renew(
        &self,
        kept: &mut charts::Kept,
        mut sources: Vec<Source>,
        mut units: Vec<Unit>,
        config: &Config,
        folder: &Folder,
    ) -> (Vec<Source>, Vec<Unit>) {
        let members = units.iter().filter(|unit| matches!(unit.content, Content::Chart(_)));
        let texts = members.filter_map(|unit| sources.get(unit.source.0 as usize)).filter(|it| !it.text.is_empty());
        let texts: BTreeMap<_, _> = texts.map(|it| (it.path.clone(), it.text.clone())).collect();
        let text = |path: &str| texts.get(path).map(String::as_str);
        self.with(config, folder, Some(&text), |all, folders| {
            let outputs = kept.find_again(all, folders, manifests(&sources, &units), None);
            for id in kept.add(outputs, all, &mut sources, &mut units) {
                units.extend(sources.get(id.0 as usize).map(charts::lower));
            }
        });
        units.sort_by_key(|unit| unit.source);
        (sources, units)
    }

    /// Whether a path lies in a chart.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        in_tree(path, &self.base).is_some_and(|path| self.folders.is_in_chart(&path))
    }

    /// The path of a values file that the command line names.
    pub(crate) fn in_tree(&self, path: &Path, folder: &Folder) -> Result<String, Error> {
        let absolute = folder.absolute(path);
        let inside = in_tree(&absolute, &self.base).filter(|_| self.trees.resolve(&absolute).is_ok());
        inside.ok_or_else(|| Error::message(format!("`{}` is not a file of the repository", path.display())))
    }

    /// What the chart or the kustomization at a path yields, or those below it.
    ///
    /// # Errors
    /// When one of them cannot be loaded.
    pub(crate) fn print(
        &self,
        path: &Path,
        asked: &charts::Asked,
        (sources, units): (&[Source], &[Unit]),
        config: &Config,
        folder: &Folder,
    ) -> Result<Vec<charts::Printed>, Error> {
        let given = folder.absolute(path);
        let is_kustomization = given.file_name().and_then(|name| name.to_str()).is_some_and(Folders::is_marked_by);
        let named = if is_kustomization { given.parent() } else { Some(given.as_path()) };
        let named = named.and_then(|it| in_tree(it, &self.base)).filter(|it| self.folders.contains(it));
        let mut above = given.ancestors().filter_map(|it| in_tree(it, &self.base));
        // A template is of the chart around it.
        let above = named.or_else(|| above.find(|it| self.folders.charts.contains(it)));
        self.with(config, folder, None, |all, folders| {
            let is_meant = |chart: &charts::Chart| folder.absolute(Path::new(&all.folder(chart))).starts_with(&given);
            let meant = match above {
                Some(own) => vec![all.at(&own, folders, manifests(sources, units))],
                None => all.find(folders, manifests(sources, units)).0.into_iter().filter(is_meant).collect(),
            };
            let mut printed = Vec::new();
            for chart in &meant {
                let own = all.print(chart, asked);
                printed.extend(own.map_err(|why| Error::message(format!("{}: {why}", all.folder(chart))))?);
            }
            Ok(printed)
        })
    }
}

/// The texts that charts yield, with the files by which they belong to targets.
pub(crate) fn texts(sources: &[Source], folder: &Folder) -> Vec<RenderedText> {
    let path = |path: &String| folder.absolute(Path::new(path));
    let text = |source: &Source| {
        let Some(rendering) = source.rendered.as_deref()?.renderings.first() else {
            return Some(RenderedText { id: source.id, values: Vec::new(), root: path(&source.path) });
        };
        let root = path(&rendering.root);
        let own = root.join("values.yaml");
        let values = rendering.values.iter().map(path).filter(|path| *path != own).collect();
        let own = match rendering.by {
            Renderer::Helm => "Chart.yaml",
            Renderer::Kustomize | Renderer::Template => "kustomization.yaml",
        };
        Some(RenderedText { id: source.id, values, root: root.join(own) })
    };
    sources.iter().filter_map(text).collect()
}

fn is_archive(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "tgz")
}

fn is_chart(folder: Option<&Path>, folders: &BTreeSet<PathBuf>) -> bool {
    folder.is_some_and(|folder| folders.contains(folder))
}

/// The innermost folder that holds both.
fn common(a: &Path, b: &Path) -> PathBuf {
    a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(it, _)| it).collect()
}

/// A path below `base`, with `/`.
fn in_tree(path: &Path, base: &Path) -> Option<String> {
    let below = path.strip_prefix(base).ok()?;
    Some(below.components().map(|it| it.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

/// The files of charts, and those that a configuration or an object names beside them.
struct Whole<'a, 't> {
    charts: &'a Charts,
    folder: &'a Folder,
    texts: Option<charts::Texts<'t>>,
}

impl Tree for Whole<'_, '_> {
    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.charts.disk.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
        below.map(|(path, _)| path.clone()).collect()
    }

    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        let absolute = self.charts.base.join(path);
        let open = || self.folder.open.get(&absolute).map(|text| &**text);
        let changed = self.texts.and_then(|text| text(&self.folder.show(&absolute)));
        if let Some(text) = changed.or_else(open) {
            return Some(Cow::Borrowed(text.as_bytes()));
        }
        let real = self.charts.on_disk(path)?;
        let (file, length) = tree::open_listed(&real).ok()?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0).min(MAX_BYTES));
        file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() > MAX_BYTES {
            return None;
        }
        if is_archive(path) {
            return Some(Cow::Owned(bytes));
        }
        // As the text of the file is shown, so that places are those of its source. What is not text has none.
        let source = Source::decode(SourceId(0), path, bytes).ok()?;
        Some(Cow::Owned(source.text.into_string().into_bytes()))
    }
}
