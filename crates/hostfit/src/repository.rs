//! What Git knows of the working folder, read from its own files: no program is run.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use crate::{
    ancestors,
    tree::{
        Trees,
        name::{self, System},
    },
};

/// The repository that the working folder lies in. What is not known for certain is not there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Repository {
    /// The working folder below the repository's root, with `/`; empty for the root itself.
    pub(crate) folder: String,
    /// Where it was cloned from, without a user's name and password.
    pub(crate) uri: Option<String>,
    /// The commit that is checked out.
    pub(crate) revision: Option<String>,
    /// The branch that is, if one is.
    pub(crate) branch: Option<String>,
}

/// Git writes no longer files for this.
const LONGEST: u64 = 16 * 1024 * 1024;

impl Repository {
    /// Looks from `folder`, which is absolute, up to the root.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let root = ancestors::repository(folder)?;
        let below = folder.strip_prefix(root).ok()?;
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
        let mut repository = Self { folder: names.join("/"), ..Self::default() };
        let Some(git) = Git::of(root) else { return Some(repository) };
        repository.uri = git.read(&git.common.join("config")).and_then(|config| remote(&config));
        let head = git.read(&git.own.join("HEAD")).unwrap_or_default();
        match head.trim_end().strip_prefix("ref: ") {
            // What Git writes there where it keeps its branches in tables, which only Git itself reads.
            Some("refs/heads/.invalid") => {}
            Some(name) => {
                repository.branch = name.strip_prefix("refs/heads/").map(ToOwned::to_owned);
                repository.revision = git.resolve(name);
            }
            None => repository.revision = object(&head),
        }
        Some(repository)
    }
}

/// The file of a repository's own that lists what Git ignores in it.
pub(crate) fn exclude(root: &Path) -> Option<File> {
    let git = Git::of(root)?;
    git.trees.open(&git.common.join("info/exclude")).ok()
}

/// Where Git keeps what it knows of a repository.
struct Git {
    own: PathBuf,
    /// What worktrees share with the repository that they are of; else the same.
    common: PathBuf,
    /// These two, and the repository.
    trees: Trees,
}

impl Git {
    /// `.git` is a folder or, in worktrees and submodules, a file that names one. That lies elsewhere: it is looked into only
    /// where it names this repository in turn, or is part of one around it, since anybody can write such a file.
    fn of(root: &Path) -> Option<Self> {
        let path = root.join(".git");
        let here = Trees::with_git([root]);
        if fs::symlink_metadata(&path).ok()?.is_dir() {
            return Some(Self { own: path.clone(), common: path, trees: here });
        }
        let text = read(&here, &path)?;
        let own = local(root, text.trim_end().strip_prefix("gitdir: ")?)?;
        let there = Trees::with_git([&own]);
        let is_around = ancestors::deciding(root).skip(1).any(|above| own.starts_with(above.join(".git")));
        let names_this = || {
            let back = read(&there, &own.join("gitdir"));
            back.is_some_and(|back| same(&ancestors::without_dots(&own.join(back.trim_end())), &path))
        };
        if !is_around && !names_this() {
            return None;
        }
        let common = read(&there, &own.join("commondir")).and_then(|common| local(&own, common.trim_end()));
        // Those of worktrees lie in that of the repository that they are of.
        let common = common.filter(|common| own.starts_with(common)).unwrap_or_else(|| own.clone());
        let trees = Trees::with_git([root, own.as_path(), common.as_path()]);
        Some(Self { own, common, trees })
    }

    fn read(&self, path: &Path) -> Option<String> {
        read(&self.trees, path)
    }

    /// What a branch points at: a file of its own, or a line among many.
    fn resolve(&self, name: &str) -> Option<String> {
        // Git writes no name that leads elsewhere.
        if name.split('/').any(|part| part.is_empty() || part == "..") {
            return None;
        }
        let own = [&self.own, &self.common].into_iter().find_map(|folder| self.read(&folder.join(name)));
        if let Some(own) = own {
            return object(&own);
        }
        let packed = self.read(&self.common.join("packed-refs"))?;
        packed.lines().filter(|line| !line.starts_with(['#', '^'])).find_map(|line| {
            let (id, packed) = line.split_once(' ')?;
            (packed == name).then(|| object(id)).flatten()
        })
    }
}

/// A folder that a file of Git's names from another: on this machine, and none of the system's own.
fn local(folder: &Path, named: &str) -> Option<PathBuf> {
    let is_absolute = Path::new(named).is_absolute();
    // `//host/share` and `\\host\share` would be asked of another machine.
    let is_elsewhere = named.get(..2).is_some_and(|start| start.bytes().all(|byte| matches!(byte, b'/' | b'\\')));
    let is_refused = !is_absolute && name::refused(named, System::HERE).is_some();
    let path = ancestors::without_dots(&folder.join(named));
    let is_of_system = cfg!(unix) && ["/dev", "/proc", "/sys"].iter().any(|system| path.starts_with(system));
    (!is_elsewhere && !is_refused && !is_of_system).then_some(path)
}

/// Whether two paths lead to the same file.
fn same(one: &Path, other: &Path) -> bool {
    one == other || fs::canonicalize(other).is_ok_and(|other| one == other)
}

/// The id of a commit: 40 digits, or 64 where SHA-256 is used.
fn object(text: &str) -> Option<String> {
    let id = text.trim_end();
    let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|it| it.is_ascii_hexdigit());
    is_id.then(|| id.to_ascii_lowercase())
}

fn read(trees: &Trees, path: &Path) -> Option<String> {
    let mut text = String::new();
    let length = trees.open(path).ok()?.take(LONGEST + 1).read_to_string(&mut text).ok()?;
    (length as u64 <= LONGEST).then_some(text)
}

/// The address of `origin`, or else of the only remote.
fn remote(config: &str) -> Option<String> {
    let mut remotes: Vec<(String, String)> = Vec::new();
    let mut section = None;
    for line in config.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            let name = header.strip_prefix("remote \"").and_then(|rest| rest.split_once("\"]"));
            section = name.map(|(name, _)| name.to_owned());
        } else if let (Some(name), Some((key, value))) = (&section, line.split_once('=')) {
            let value = value.trim().trim_matches('"');
            if key.trim().eq_ignore_ascii_case("url") && !remotes.iter().any(|(known, _)| known == name) {
                remotes.push((name.clone(), value.to_owned()));
            }
        }
    }
    let origin = remotes.iter().find(|(name, _)| name == "origin");
    let only = if let [only] = remotes.as_slice() { Some(only) } else { None };
    origin.or(only).and_then(|(_, url)| public(url))
}

/// An address for everybody: `https://host/path`. None for a path of this machine.
fn public(url: &str) -> Option<String> {
    if let Some((scheme, rest)) = url.split_once("://") {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit('@').next().unwrap_or_default();
        let path = path.split(['?', '#']).next().unwrap_or_default();
        return match scheme.to_ascii_lowercase().as_str() {
            scheme @ ("https" | "http" | "git") => address(scheme, host, path),
            // Its port is SSH's own.
            "ssh" | "git+ssh" | "ssh+git" => address("https", host.split(':').next().unwrap_or_default(), path),
            _ => None,
        };
    }
    // `git@github.com:owner/name.git`; one letter is a drive of Windows.
    let (host, path) = url.split_once(':')?;
    let host = host.rsplit('@').next().unwrap_or_default();
    if host.len() < 2 || host.contains(['/', '\\']) {
        return None;
    }
    address("https", host, path.trim_start_matches('/'))
}

fn address(scheme: &str, host: &str, path: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/%+@[]".contains(&byte);
    let is_plain = !host.is_empty() && host.bytes().chain(path.bytes()).all(plain);
    is_plain.then(|| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_no_user_and_no_folder_of_this_machine() {
        let cases = [
            ("https://github.com/contoso/shop.git", Some("https://github.com/contoso/shop.git")),
            ("https://anna:secret@github.com/contoso/shop", Some("https://github.com/contoso/shop")),
            ("https://x-access-token:a@b@github.com/contoso/shop", Some("https://github.com/contoso/shop")),
            ("https://github.com/contoso/shop?token=secret#x", Some("https://github.com/contoso/shop")),
            ("git@github.com:contoso/shop.git", Some("https://github.com/contoso/shop.git")),
            ("ssh://git@ssh.dev.azure.com:22/v3/a/b/c", Some("https://ssh.dev.azure.com/v3/a/b/c")),
            ("https://git.contoso.com:8443/shop", Some("https://git.contoso.com:8443/shop")),
            ("/srv/git/shop.git", None),
            ("../shop", None),
            ("C:\\git\\shop", None),
            ("file:///srv/git/shop.git", None),
            ("https://", None),
            ("", None),
        ];
        for (url, expected) in cases {
            assert_eq!(public(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn origin_is_preferred_to_others() {
        let config = "[core]\n\turl = no\n[remote \"fork\"]\n\turl = https://a/fork\n[remote \"origin\"]\n\tfetch = +x\n\turl = \"https://a/own\"\n";
        assert_eq!(remote(config).as_deref(), Some("https://a/own"));
        assert_eq!(remote("[remote \"fork\"]\nurl=https://a/fork\n").as_deref(), Some("https://a/fork"));
        assert_eq!(remote("[remote \"a\"]\nurl=https://a/a\n[remote \"b\"]\nurl=https://a/b\n"), None);
    }
}
