//! Opening what a repository names. All that is not named on the command line is opened here: it is a regular file inside
//! of the repository, or it is not opened, and nothing outside is even looked at.

pub(crate) mod name;

use std::{
    collections::VecDeque,
    ffi::OsString,
    fmt,
    fs::{self, File, OpenOptions},
    io,
    path::{Component, Path, PathBuf},
};

use name::{System, refused_name};

use crate::ancestors;

/// Why a file is not opened.
#[derive(Debug)]
pub(crate) enum Refused {
    /// No such file.
    Missing,
    /// It lies outside of the repository, or a link leads there.
    Outside,
    /// A folder, a pipe, a device, a socket.
    NotAFile,
    /// No file of the repository may state such a path; why, to follow the path.
    Name(&'static str),
    /// The system says so.
    Io(io::Error),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::Outside => f.write_str("it is outside of the repository"),
            Self::NotAFile => f.write_str("it is not a regular file"),
            Self::Name(why) => write!(f, "the path {why}"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            _ => Self::Io(error),
        }
    }
}

/// A folder as it is called, and without links.
#[derive(Clone, Debug)]
struct Tree {
    path: PathBuf,
    real: PathBuf,
}

/// The folders whose files may be opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trees {
    all: Vec<Tree>,
    /// Whether what Git keeps in them may be, too.
    with_git: bool,
}

/// More links than this are a loop.
const MAX_LINKS: usize = 40;

impl Trees {
    /// These folders, given by absolute path; without those that do not exist, or lie in an earlier one.
    pub(crate) fn of<P: Into<PathBuf>>(folders: impl IntoIterator<Item = P>) -> Self {
        let mut trees: Vec<Tree> = Vec::new();
        for path in folders.into_iter().map(Into::into) {
            let Ok(real) = fs::canonicalize(&path) else { continue };
            let holds = |tree: &Tree| path.strip_prefix(&tree.path).is_ok_and(|rest| tree.real.join(rest) == real);
            if !trees.iter().any(holds) {
                trees.push(Tree { path, real });
            }
        }
        Self { all: trees, with_git: false }
    }

    /// The same with what Git keeps in them: for who knows what to look for there, and shows none of it to others.
    pub(crate) fn with_git<P: Into<PathBuf>>(folders: impl IntoIterator<Item = P>) -> Self {
        Self { with_git: true, ..Self::of(folders) }
    }

    /// The repository of a folder, or else the folder.
    pub(crate) fn around(folder: &Path) -> Self {
        Self::of([ancestors::repository(folder).unwrap_or(folder)])
    }

    /// The regular file that an absolute path leads to, without links in its path. Every link on the way has to stay in
    /// these folders; one that does not is not followed, so that nothing outside is looked at.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn resolve(&self, path: &Path) -> Result<PathBuf, Refused> {
        let (mut real, rest) = self.enter(path).ok_or(Refused::Outside)?;
        let mut todo: VecDeque<OsString> = rest.components().map(|it| it.as_os_str().to_owned()).collect();
        let mut links = 0;
        while let Some(next) = todo.pop_front() {
            match Path::new(&next).components().next() {
                None | Some(Component::CurDir) => continue,
                Some(Component::ParentDir) => {
                    real.pop();
                    if !self.holds(&real) {
                        return Err(Refused::Outside);
                    }
                    continue;
                }
                Some(_) => {}
            }
            if let Some(why) = refused_name(&next.to_string_lossy(), System::HERE) {
                return Err(Refused::Name(why));
            }
            // Its configuration holds the credentials of a CI job.
            if !self.with_git && name::is_of_git(&next.to_string_lossy()) {
                return Err(Refused::Name("leads into `.git`"));
            }
            real.push(&next);
            if !fs::symlink_metadata(&real)?.is_symlink() {
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(Refused::Io(io::Error::other("too many links lead to each other")));
            }
            let target = fs::read_link(&real)?;
            real.pop();
            // `C:a` and `\a` of Windows are neither absolute nor relative to the link.
            let rest = if target.has_root() || matches!(target.components().next(), Some(Component::Prefix(_))) {
                let (start, rest) = self.enter(&target).ok_or(Refused::Outside)?;
                real = start;
                rest.to_owned()
            } else {
                target
            };
            for component in rest.components().rev() {
                todo.push_front(component.as_os_str().to_owned());
            }
        }
        if fs::symlink_metadata(&real)?.is_file() { Ok(real) } else { Err(Refused::NotAFile) }
    }

    /// Opens the regular file that an absolute path leads to.
    ///
    /// # Errors
    /// When it is not opened.
    pub(crate) fn open(&self, path: &Path) -> Result<File, Refused> {
        open_plain(&self.resolve(path)?)
    }

    /// The innermost of the folders in which a path lies, without links, and the rest of the path.
    fn enter<'p>(&self, path: &'p Path) -> Option<(PathBuf, &'p Path)> {
        let below = |tree: &Tree| {
            let rest = path.strip_prefix(&tree.path).or_else(|_| path.strip_prefix(&tree.real)).ok()?;
            Some((tree.real.clone(), rest))
        };
        self.all.iter().filter_map(below).min_by_key(|(_, rest)| rest.components().count())
    }

    fn holds(&self, real: &Path) -> bool {
        self.all.iter().any(|tree| real.starts_with(&tree.real))
    }
}

/// Opens a regular file by its own name: no link is followed, and nothing waits for the other end of a pipe.
///
/// # Errors
/// When it is not one; a link is [`Refused::NotAFile`].
pub(crate) fn open_plain(path: &Path) -> Result<File, Refused> {
    // To open a device may do something already.
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(Refused::NotAFile);
    }
    Ok(open_listed(path)?.0)
}

/// The same for a path that was just seen to be one of a regular file; with its length.
///
/// # Errors
/// When it no longer is.
pub(crate) fn open_listed(path: &Path) -> Result<(File, u64), Refused> {
    let mut options = OpenOptions::new();
    options.read(true);
    stay(&mut options);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() { Ok((file, metadata.len())) } else { Err(Refused::NotAFile) }
}

/// Has a file be opened as it stands there: not what a link leads to, and without waiting.
#[cfg(unix)]
pub(crate) fn stay(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    options.custom_flags(flags.bits().cast_signed());
}

/// Nothing here: a pipe of Windows has no place among files, and a link was looked for before.
#[cfg(not(unix))]
pub(crate) fn stay(_: &mut OpenOptions) {}

#[cfg(all(test, unix))]
mod tests {
    use std::{env, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn links_are_followed_as_far_as_they_stay_inside() {
        let top = env::temp_dir().join(format!("hostfit-tree-{}", std::process::id()));
        let _ = fs::remove_dir_all(&top);
        fs::create_dir_all(top.join("in/a/b")).unwrap();
        fs::create_dir_all(top.join("inside-not")).unwrap();
        fs::create_dir_all(top.join("in/.git")).unwrap();
        for file in ["in/file", "in/.git/config", "in/a/b/file", "out", "inside-not/file"] {
            fs::write(top.join(file), file).unwrap();
        }
        let root = fs::canonicalize(top.join("in")).unwrap();
        for (name, target) in [
            ("near", "file".into()),
            ("up", "a/../file".into()),
            ("absolute", root.join("file")),
            ("folder", "a".into()),
            ("a/back", "../folder/b".into()),
            ("chain", "folder/back/file".into()),
            ("out", "../out".into()),
            ("sibling", "../inside-not/file".into()),
            ("around", "../in/file".into()),
            ("system", "/etc/passwd".into()),
            ("fd", "/proc/self/fd/0".into()),
            ("git", ".git/config".into()),
            ("loop", "loop".into()),
            ("one", "other".into()),
            ("other", "one".into()),
            ("nothing", "none".into()),
        ] as [(&str, PathBuf); 16]
        {
            symlink(target, root.join(name)).unwrap();
        }
        // Under the name of a link, as an editor may call a folder.
        symlink(&root, top.join("linked")).unwrap();
        for path in [root.clone(), top.join("linked")] {
            let trees = Trees::of([&path]);
            for (name, real) in [
                ("file", "file"),
                ("near", "file"),
                ("up", "file"),
                ("absolute", "file"),
                ("folder/b/file", "a/b/file"),
                ("a/back/file", "a/b/file"),
                ("chain", "a/b/file"),
                ("a/b/../../file", "file"),
            ] {
                assert_eq!(trees.resolve(&path.join(name)).unwrap(), root.join(real), "{name}");
            }
            for name in ["out", "sibling", "around", "system", "fd", "../out", "a/../../out", "../in/file"] {
                assert!(matches!(trees.resolve(&path.join(name)), Err(Refused::Outside)), "{name}");
            }
            for name in ["none", "nothing", "file/x", "none/../file"] {
                assert!(matches!(trees.resolve(&path.join(name)), Err(Refused::Missing)), "{name}");
            }
            assert!(matches!(trees.resolve(&path.join("a")), Err(Refused::NotAFile)));
            for name in ["git", ".git/config", "a/../.git/config", ".GIT/config"] {
                assert!(matches!(trees.resolve(&path.join(name)), Err(Refused::Name(_))), "{name}");
            }
            assert!(Trees::with_git([&path]).resolve(&path.join("git")).is_ok());
            for name in ["loop", "one"] {
                assert!(matches!(trees.resolve(&path.join(name)), Err(Refused::Io(_))), "{name}");
            }
        }
        fs::remove_dir_all(top).unwrap();
    }
}
