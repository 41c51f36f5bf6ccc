//! Which files a run looks at.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    env,
    fs::{self, FileType},
    io,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use hostfit_core::{
    config::Config,
    front::detect::{NameHint, may_be_ours},
    source::Span,
    windows::image::Declared,
};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::{
    ancestors,
    args::Inputs,
    discover,
    error::Error,
    tree::{Refused, Trees},
    walk::{Met, walk},
};

/// The working folder: what paths are relative to.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// Texts that stand for those of the disk, by absolute path: what an editor has not saved yet.
    pub(crate) open: BTreeMap<PathBuf, Arc<str>>,
}

impl Folder {
    pub(crate) fn current() -> Result<Self, Error> {
        let path =
            env::current_dir().map_err(|error| Error::message(format!("there is no working folder: {error}")))?;
        Ok(Self::at(path))
    }

    /// The folder of this absolute path.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, open: BTreeMap::new() }
    }

    /// An absolute path without `.` and `..`. Links are not followed.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        ancestors::without_dots(&self.path.join(path))
    }

    /// How findings call the file: relative to the working folder, with `/`.
    pub(crate) fn show(&self, path: &Path) -> String {
        self.show_absolute(&self.absolute(path))
    }

    /// The same of a path as [`Folder::absolute`] gives it.
    pub(crate) fn show_absolute(&self, absolute: &Path) -> String {
        let mut up = Vec::new();
        for ancestor in self.path.ancestors() {
            if let Ok(below) = absolute.strip_prefix(ancestor) {
                // What shares nothing but the root with the working folder is better called by its full name.
                if ancestor.parent().is_none() && !up.is_empty() {
                    break;
                }
                return slashes(up.iter().copied().chain(below.components()));
            }
            up.push(Component::ParentDir);
        }
        absolute.to_string_lossy().replace('\\', if cfg!(windows) { "/" } else { "\\" })
    }
}

fn slashes<'a>(components: impl Iterator<Item = Component<'a>>) -> String {
    let mut path = String::new();
    for component in components {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&component.as_os_str().to_string_lossy());
    }
    path
}

/// A file to look at.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// The same without links, where there may be some: what is opened.
    pub(crate) real: Option<PathBuf>,
    /// As findings call it.
    pub(crate) shown: String,
    /// Whether the command line names it: then its name need not be one of ours.
    pub(crate) named: bool,
}

/// A file that is passed over.
#[derive(Clone, Debug)]
pub(crate) struct Skipped {
    /// As findings call it.
    pub(crate) path: String,
    /// `unreadable`, `excluded`, `binary`, `helm: …` …
    pub(crate) reason: Cow<'static, str>,
    /// The line that is why, where one is.
    pub(crate) line: Option<u32>,
    /// What to do instead, or the error.
    pub(crate) advice: String,
}

impl Skipped {
    fn new(path: String, reason: &'static str, advice: impl Into<String>) -> Self {
        Self { path, reason: reason.into(), line: None, advice: advice.into() }
    }

    /// What to do about the dependencies that a chart lacks.
    pub(crate) const DEPENDENCIES: &str = "run `helm dependency build`; the rest of the chart is checked";

    /// The reason in a list of several files: each chart lacks other dependencies.
    pub(crate) fn shared_reason(&self) -> &str {
        if self.advice == Self::DEPENDENCIES { "helm: dependencies are not in the tree" } else { &self.reason }
    }

    /// The file, or the folder of a chart that lacks dependencies.
    pub(crate) fn name(&self) -> &str {
        let folder = self.path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        if self.advice == Self::DEPENDENCIES { folder } else { &self.path }
    }

    /// In one sentence without a full stop.
    pub(crate) fn words(&self) -> String {
        format!("{} is not read: {}", self.path, self.advice)
    }
}

/// Why an excluded file is passed over.
pub(crate) const EXCLUDED: &str = "`exclude` of hostfit.toml or `--exclude` leaves it out";

/// The files of a run.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// By name, each once.
    pub(crate) files: BTreeMap<String, Candidate>,
    /// What was passed over.
    pub(crate) skipped: Vec<Skipped>,
    /// Whether stdin is to be read.
    pub(crate) stdin: bool,
}

/// Patterns of the configuration, as in a `.gitignore` in its folder.
#[derive(Debug)]
pub(crate) struct Patterns {
    matcher: Gitignore,
    root: PathBuf,
}

impl Patterns {
    /// `root` is the folder of the configuration.
    pub(crate) fn new(patterns: &[String], root: &Path) -> Result<Self, Error> {
        let mut builder = GitignoreBuilder::new(root);
        let cannot = |error| Error::message(format!("a pattern of hostfit.toml cannot be read: {error}"));
        builder.case_insensitive(cfg!(windows)).map_err(cannot)?;
        for pattern in patterns {
            builder.add_line(None, pattern).map_err(cannot)?;
        }
        let matcher = builder.build().map_err(cannot)?;
        Ok(Self { matcher, root: root.to_owned() })
    }

    /// Whether they match an absolute path of a file or a folder above it.
    pub(crate) fn match_file(&self, path: &Path) -> bool {
        !self.matcher.is_empty()
            && path.starts_with(&self.root)
            && self.matcher.matched_path_or_any_parents(path, false).is_ignore()
    }
}

/// Which files may be read, and which are reported on.
#[derive(Debug)]
pub(crate) struct Bounds {
    excluded: [Patterns; 2],
    trees: Trees,
    /// What the command line names, by absolute path.
    given: Vec<PathBuf>,
    /// The folders that are read whatever is named in them.
    roots: Vec<PathBuf>,
    /// How many threads look for files, if that was said.
    jobs: Option<u16>,
}

impl Bounds {
    /// `root` is the folder of the configuration, which its `exclude` is relative to, and `roots` are the folders that are
    /// read to know what the given paths mean.
    pub(crate) fn new(
        inputs: &Inputs,
        exclude: &[String],
        root: &Path,
        roots: Vec<PathBuf>,
        folder: &Folder,
    ) -> Result<Self, Error> {
        let excluded = [Patterns::new(exclude, root)?, Patterns::new(&inputs.exclude, &folder.path)?];
        let given = given(inputs, folder);
        let own = ancestors::repository(&folder.path).unwrap_or(&folder.path);
        let named = given.iter().filter_map(|path| if path.is_dir() { Some(path.as_path()) } else { path.parent() });
        let trees = Trees::of([own].into_iter().chain(roots.iter().map(PathBuf::as_path)).chain(named));
        Ok(Self { excluded, trees, given, roots, jobs: inputs.jobs })
    }

    /// Whether the configuration or the command line leaves it out.
    pub(crate) fn excludes(&self, path: &Path) -> bool {
        self.excluded.iter().any(|patterns| patterns.match_file(path))
    }

    /// The regular file that an absolute path leads to, if it lies in the tree that the run is about.
    pub(crate) fn resolve(&self, path: &Path) -> Result<PathBuf, Refused> {
        self.trees.resolve(path)
    }

    /// The folders whose files may be opened.
    pub(crate) fn trees(&self) -> &Trees {
        &self.trees
    }

    /// What is looked through for files, by absolute path.
    pub(crate) fn looked_through(&self) -> impl Iterator<Item = &Path> {
        let given =
            self.given.iter().map(|path| if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(path) });
        given.chain(self.roots.iter().map(PathBuf::as_path))
    }

    /// Whether the command line names this absolute path, or a folder above it.
    pub(crate) fn is_given(&self, path: &Path) -> bool {
        self.given.iter().any(|given| path.starts_with(given))
    }
}

/// What the command line names, by absolute path; stdin by what it stands for.
fn given(inputs: &Inputs, folder: &Folder) -> Vec<PathBuf> {
    let stdin = inputs.stdin_filename.as_deref().unwrap_or(Path::new(STDIN));
    let path = |path: &PathBuf| folder.absolute(if path.as_os_str() == "-" { stdin } else { path });
    inputs.paths.iter().map(path).collect()
}

/// What stdin is called where nothing else is said.
pub(crate) const STDIN: &str = "<stdin>";

/// The folders to read for the given paths, outermost first: `home`, in which the working folder lies, and for paths outside
/// of that their own repository. What lies in neither stands for itself.
pub(crate) fn roots(inputs: &Inputs, home: Option<&Path>, folder: &Folder) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = Vec::new();
    for path in given(inputs, folder) {
        let own = || {
            let start = if path.is_dir() { path.as_path() } else { path.parent()? };
            discover::root_of(start, discover::find(start).file().as_deref())
        };
        let root = home.filter(|home| path.starts_with(home)).map(Path::to_owned).or_else(own);
        roots.extend(root);
    }
    roots.sort();
    // A folder comes before those in it.
    roots.dedup_by(|inner, outer| inner.starts_with(outer));
    roots
}

fn canonical(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// Looks for files: for those that the command line names, and for all others of their repositories.
///
/// # Errors
/// When a path does not exist.
pub(crate) fn find(inputs: &Inputs, folder: &Folder, bounds: &Bounds) -> Result<Found, Error> {
    let mut found = Found::default();
    // What needs no second look, by its path with links followed.
    let mut seen = BTreeSet::new();
    for path in &inputs.paths {
        if path.as_os_str() == "-" {
            found.stdin = true;
            continue;
        }
        let metadata = fs::metadata(path).map_err(|error| missing(path, &error))?;
        if metadata.is_dir() {
            found.walk(path, folder, bounds, &BTreeSet::new());
        } else if metadata.is_file() {
            found.named(path, folder, bounds, inputs.force_exclude);
        } else {
            // Reading a pipe or a device may never end.
            found.skip(folder.show(path), "not-a-file", "it is not a file; pipe its text to `hostfit check -`");
        }
        seen.extend(canonical(path));
    }
    for root in &bounds.roots {
        let is_seen = bounds.given.iter().any(|given| root.starts_with(given) && given.is_dir());
        if !is_seen {
            // As the walk will call it.
            let real = canonical(root);
            let below = seen.iter().filter_map(|path| Some(root.join(path.strip_prefix(real.as_ref()?).ok()?)));
            found.walk(root, folder, bounds, &below.collect());
        }
    }
    found.tidy(folder, bounds);
    Ok(found)
}

fn missing(path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    Error::message(match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file or folder `{path}`"),
        _ => format!("`{path}` cannot be read: {error}"),
    })
}

impl Found {
    /// Adds the Dockerfiles that `[images]` names, which may lie outside the given paths or be ignored by git. `root` is the
    /// folder of the configuration. Returns why others are not read, with the bytes that name them.
    pub(crate) fn add_declared(
        &mut self,
        config: &Config,
        root: &Path,
        folder: &Folder,
        bounds: &Bounds,
    ) -> Vec<(Span, String)> {
        let trees = Trees::around(root);
        let mut unread = Vec::new();
        for build in config.images.iter().filter_map(|rule| match &rule.declared {
            Declared::Built(build) => Some(build),
            _ => None,
        }) {
            let shown = build.dockerfile.clone();
            if self.files.contains_key(&shown) {
                continue;
            }
            let path = folder.absolute(Path::new(&shown));
            let why = match trees.resolve(&path) {
                Err(refused) => refused.to_string(),
                Ok(_) if bounds.excludes(&path) => EXCLUDED.to_owned(),
                Ok(real) => {
                    self.files.insert(shown.clone(), Candidate { path, real: Some(real), shown, named: false });
                    continue;
                }
            };
            unread.push((build.span, format!("`{shown}` is not read: {why}; images that it builds are unknown")));
        }
        unread
    }

    /// Orders what was passed over, of which only that under a given path is of interest.
    fn tidy(&mut self, folder: &Folder, bounds: &Bounds) {
        self.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        self.skipped.dedup_by(|a, b| a.path == b.path);
        let files = &self.files;
        let is_given = |path: &str| bounds.is_given(&folder.absolute(Path::new(path)));
        self.skipped.retain(|skipped| !files.contains_key(&skipped.path) && is_given(&skipped.path));
    }

    fn named(&mut self, path: &Path, folder: &Folder, bounds: &Bounds, force_exclude: bool) {
        let (path, shown) = (folder.absolute(path), folder.show(path));
        if force_exclude && bounds.excludes(&path) {
            self.skip(shown, "excluded", EXCLUDED);
            return;
        }
        match bounds.resolve(&path) {
            Ok(real) => {
                self.files.insert(shown.clone(), Candidate { path, real: Some(real), shown, named: true });
            }
            Err(_) => self.skip(shown, "symlink", "it is a link to a file outside the tree"),
        }
    }

    /// Takes the files below `root`, but for what is left out.
    fn walk(&mut self, root: &Path, folder: &Folder, bounds: &Bounds, left_out: &BTreeSet<PathBuf>) {
        self.walk_for(&[folder.absolute(root)], folder, bounds, left_out, may_be_ours);
    }

    /// Takes all files below these folders, whatever they are. None of them lies in another one.
    pub(crate) fn walk_all(&mut self, roots: &[&Path], folder: &Folder, bounds: &Bounds) {
        let roots: Vec<_> = roots.iter().map(|root| folder.absolute(root)).collect();
        self.walk_for(&roots, folder, bounds, &BTreeSet::new(), |_| NameHint::ByContent);
    }

    fn walk_for(
        &mut self,
        roots: &[PathBuf],
        folder: &Folder,
        bounds: &Bounds,
        left_out: &BTreeSet<PathBuf>,
        hint: fn(&str) -> NameHint,
    ) {
        let is_left_out = |path: &Path| left_out.contains(path);
        let taken = walk(
            roots,
            bounds.jobs,
            |path| !is_left_out(path),
            |met| match met {
                Met::File(path, _) if is_left_out(&path) => None,
                Met::File(path, kind) => take(path, kind, folder, bounds, hint),
                Met::Unreadable(path, error) => {
                    Some(Taken::Skipped(Skipped::new(folder.show_absolute(&path), "unreadable", error.to_string())))
                }
            },
        );
        for taken in taken {
            self.take(taken);
        }
    }

    /// They come in any order.
    fn take(&mut self, taken: Taken) {
        match taken {
            Taken::Skipped(skipped) => self.skipped.push(skipped),
            Taken::File(candidate) => match self.files.entry(candidate.shown.clone()) {
                Entry::Vacant(place) => {
                    place.insert(candidate);
                }
                // Names that are no Unicode may be shown alike.
                Entry::Occupied(mut place) if !place.get().named && candidate.path < place.get().path => {
                    place.insert(candidate);
                }
                Entry::Occupied(_) => {}
            },
        }
    }

    fn skip(&mut self, path: String, reason: &'static str, advice: impl Into<String>) {
        self.skipped.push(Skipped::new(path, reason, advice));
    }
}

/// What becomes of what a walk meets.
enum Taken {
    File(Candidate),
    Skipped(Skipped),
}

/// `path` is as [`Folder::absolute`] gives it, and no folder.
fn take(path: PathBuf, kind: FileType, folder: &Folder, bounds: &Bounds, hint: fn(&str) -> NameHint) -> Option<Taken> {
    let shown = folder.show_absolute(&path);
    let hint = hint(&shown);
    if hint == NameHint::Never {
        return None;
    }
    if bounds.excludes(&path) {
        // Whether others are ours, nobody knows who has not read them, which is what was asked for.
        let is_ours = hint == NameHint::Ours && (kind.is_file() || bounds.resolve(&path).is_ok());
        return is_ours.then(|| Taken::Skipped(Skipped::new(shown, "excluded", EXCLUDED)));
    }
    let real = if kind.is_symlink() {
        match bounds.resolve(&path) {
            Ok(real) => Some(real),
            Err(refused) => return refused_link(shown, hint, &refused).map(Taken::Skipped),
        }
    } else if kind.is_file() {
        None
    } else {
        let is_ours = hint == NameHint::Ours;
        return is_ours.then(|| Taken::Skipped(Skipped::new(shown, "not-a-file", "it is not a regular file")));
    };
    Some(Taken::File(Candidate { path, real, shown, named: false }))
}

/// A link that is not followed. Links to folders are not reported, and what lies outside is not looked at to know.
fn refused_link(shown: String, hint: NameHint, refused: &Refused) -> Option<Skipped> {
    let why = match refused {
        Refused::Missing if hint == NameHint::Ours => "it is a link to a file that does not exist".to_owned(),
        Refused::NotAFile if hint == NameHint::Ours => "it is a link to what is not a regular file".to_owned(),
        Refused::Missing | Refused::NotAFile => return None,
        Refused::Outside if hint != NameHint::Ours && Path::new(&shown).extension().is_none() => return None,
        Refused::Outside => "it is a link to a file outside the tree".to_owned(),
        Refused::Name(_) | Refused::Io(_) => format!("it is a link: {refused}"),
    };
    Some(Skipped::new(shown, "symlink", why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn paths_are_shown_from_the_working_folder() {
        let folder = Folder::at(PathBuf::from("/home/anna/project"));
        let cases = [
            ("./web/Dockerfile", "web/Dockerfile"),
            ("web/../Dockerfile", "Dockerfile"),
            ("../other/Dockerfile", "../other/Dockerfile"),
            ("/home/anna/project/a b/c", "a b/c"),
            ("/tmp/Dockerfile", "/tmp/Dockerfile"),
            ("../../../../tmp/x", "/tmp/x"),
        ];
        for (path, expected) in cases {
            assert_eq!(folder.show(Path::new(path)), expected, "{path}");
        }
    }
}
