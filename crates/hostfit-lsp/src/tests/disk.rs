//! A disk that is a list of texts.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use hostfit_core::{
    config::Config,
    front::{
        self, Memory, Outcome, Unit,
        charts::{self, Folders},
    },
    rules,
    source::{Source, SourceId},
    windows::Date,
};

use crate::{Disk, File, Open, Origin, Rendered, Scope, Tree};

/// A disk that is a list of texts. A file called `panic` cannot be read without one, nor a configuration that is [`REFUSED`].
#[derive(Clone, Debug, Default)]
pub(super) struct Texts(pub(super) Arc<Mutex<BTreeMap<PathBuf, String>>>);

/// The text of a configuration that is not read.
pub(super) const REFUSED: &str = "a link";

pub(super) const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

impl Texts {
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned()));
        Self(Arc::new(Mutex::new(files.collect())))
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        self.0.lock().unwrap().insert(PathBuf::from(path), text.to_owned());
    }

    pub(super) fn remove(&self, path: &str) {
        self.0.lock().unwrap().remove(Path::new(path));
    }
}

/// The charts among some texts.
#[derive(Debug)]
struct OfTexts {
    disk: Texts,
    folder: PathBuf,
}

/// The texts of a folder that files may have.
struct Below<'a> {
    all: BTreeMap<String, String>,
    texts: charts::Texts<'a>,
}

impl charts::Tree for Below<'_> {
    fn list(&self, folder: &str) -> Vec<String> {
        let is_below = |path: &&String| Path::new(path).starts_with(folder);
        self.all.keys().filter(is_below).cloned().collect()
    }

    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        let text = (self.texts)(path).or_else(|| self.all.get(path).map(String::as_str))?;
        Some(Cow::Borrowed(text.as_bytes()))
    }
}

impl OfTexts {
    fn folders(&self) -> Folders {
        let texts = self.disk.0.lock().unwrap();
        let inside = texts.keys().filter_map(|path| path.strip_prefix(&self.folder).ok()?.to_str());
        Folders::of(inside)
    }
}

impl Rendered for OfTexts {
    fn with(&self, config: &Config, texts: charts::Texts<'_>, work: &mut dyn FnMut(&charts::Charts<'_>, &Folders)) {
        let disk = self.disk.0.lock().unwrap().clone();
        let inside =
            |(path, text): (PathBuf, String)| Some((path.strip_prefix(&self.folder).ok()?.display().to_string(), text));
        let tree = Below { all: disk.into_iter().filter_map(inside).collect(), texts };
        let same = |path: &str| path.to_owned();
        let all = charts::Charts { tree: &tree, shown: &same, in_tree: &same, root: "", config };
        work(&all, &self.folders());
    }

    fn holds(&self, path: &Path) -> bool {
        self.folders().charts.iter().any(|folder| path.starts_with(self.folder.join(folder)))
    }
}

impl Texts {
    fn render(&self, tree: &mut Tree, open: &Open) {
        let rendered = OfTexts { disk: self.clone(), folder: tree.folder.clone() };
        if rendered.folders().is_empty() {
            return;
        }
        let (mut sources, mut units) = (std::mem::take(&mut tree.sources), std::mem::take(&mut tree.units));
        units.retain(|unit| {
            let path = &sources[unit.source.0 as usize].path;
            !path.contains("/templates/")
        });
        let folder = tree.folder.clone();
        let text = |path: &str| open.get(&folder.join(path)).map(|text| &**text);
        rendered.with(&tree.config, &text, &mut |all, folders| {
            let outputs = tree.kept.find_again(all, folders, charts::manifests(&sources, &units), None);
            let added = tree.kept.add(outputs, all, &mut sources, &mut units);
            units.extend(added.iter().map(|id| charts::lower(&sources[id.0 as usize])));
        });
        units.sort_by_key(|unit| unit.source);
        for source in sources.iter().skip(tree.files.len()) {
            let origin = if source.rendered.is_some() { Origin::Rendered } else { Origin::Folder };
            tree.files.push(File { path: tree.folder.join(&source.path), origin });
        }
        (tree.sources, tree.units) = (sources, units);
        tree.rendered = Some(Box::new(rendered));
    }
}

impl Disk for Texts {
    fn today(&self) -> Date {
        TODAY
    }

    fn load(&self, folder: &Path, scope: Scope, open: &Open, last: Option<Config>) -> Tree {
        let mut texts = self.0.lock().unwrap().clone();
        let is_meant = |path: &Path| match scope {
            Scope::Whole => path.starts_with(folder),
            Scope::Open => open.contains_key(path) && path.parent() == Some(folder),
        };
        texts.extend(open.iter().map(|(path, text)| (path.clone(), text.to_string())));
        let mut tree = Tree { folder: folder.to_owned(), root: folder.to_owned(), ..Tree::default() };
        let config = texts.remove(&folder.join("hostfit.toml"));
        if config.as_deref() == Some(REFUSED) {
            tree.notices.push("hostfit.toml is not read".to_owned());
        }
        if let Some(text) = config.filter(|text| text != REFUSED) {
            let source = Source::from_text(SourceId(0), "hostfit.toml", text);
            match Config::parse(&source, &rules::ids()) {
                Ok(config) => tree.config = config,
                Err(errors) => (tree.errors, tree.config) = (errors, last.unwrap_or_default()),
            }
            tree.files.push(File { path: folder.join("hostfit.toml"), origin: Origin::Config });
            tree.sources.push(source);
            for file in tree.config.targets.iter().map(|target| target.file.clone()).collect::<Vec<_>>() {
                let path = folder.join(&file);
                let Some(text) = texts.remove(&path) else { continue };
                let id = SourceId(u32::try_from(tree.sources.len()).unwrap());
                let source = Source::from_text(id, &*file, text);
                tree.errors.extend(tree.config.read_target(&file, &source, &rules::ids()).err().unwrap_or_default());
                tree.files.push(File { path, origin: Origin::Fleet });
                tree.sources.push(source);
            }
        }
        for path in texts.keys().filter(|path| is_meant(path)) {
            let id = SourceId(u32::try_from(tree.sources.len()).unwrap());
            let (source, unit) =
                self.read(folder, path, id, texts.get(path).map(String::as_str), &mut Memory::default());
            tree.sources.push(source);
            tree.units.extend(unit);
            let on_disk = self.0.lock().unwrap().contains_key(path);
            let origin = if on_disk && scope == Scope::Whole { Origin::Folder } else { Origin::Open };
            tree.files.push(File { path: path.clone(), origin });
        }
        self.render(&mut tree, open);
        self.match_overrides(folder, folder, &mut tree.config, (&tree.files, &tree.sources));
        tree
    }

    fn read(
        &self,
        folder: &Path,
        path: &Path,
        id: SourceId,
        text: Option<&str>,
        memory: &mut Memory,
    ) -> (Source, Option<Unit>) {
        assert!(!path.ends_with("panic"), "a panic that the test wants");
        let disk = self.0.lock().unwrap();
        let text = text.or_else(|| disk.get(path).map(String::as_str)).unwrap_or_default();
        let shown = path.strip_prefix(folder).unwrap_or(path).to_str().unwrap();
        let source = Source::from_text(id, shown, text);
        match front::read_again(&source, memory) {
            Outcome::Unit(unit) => (source, Some(unit)),
            _ => (Source::from_text(id, shown, ""), None),
        }
    }

    fn read_config(&self, _: &Path, path: &Path, id: SourceId, text: Option<&str>) -> Source {
        let disk = self.0.lock().unwrap();
        let text = text.or_else(|| disk.get(path).map(String::as_str)).unwrap_or_default();
        Source::from_text(id, "hostfit.toml", text)
    }

    /// Of targets alone, whose patterns are names of folders here.
    fn match_overrides(&self, _: &Path, root: &Path, config: &mut Config, (files, _): (&[File], &[Source])) {
        for target in &mut config.targets {
            let holds = |file: &File| target.paths.iter().any(|folder| file.path.starts_with(root.join(folder)));
            target.files = (0..).map(SourceId).zip(files).filter(|(_, file)| holds(file)).map(|(id, _)| id).collect();
        }
    }

    fn is_file(&self, _: &Path, path: &Path) -> bool {
        self.0.lock().unwrap().contains_key(path)
    }
}
