//! What Git knows of the working folder, read from its own files: no program is run.

use std::{
    fs,
    path::{Path, PathBuf},
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

/// Longer files are none that Git wrote for this.
const LONGEST: u64 = 16 * 1024 * 1024;

impl Repository {
    /// Looks from `folder`, which is absolute, up to the root.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let root = crate::discover::repository(folder)?;
        let below = folder.strip_prefix(root).ok()?;
        let names: Vec<_> = below.iter().map(|name| name.to_string_lossy()).collect();
        let mut repository = Self { folder: names.join("/"), ..Self::default() };
        let Some(git) = git_folder(root) else { return Some(repository) };
        let common = common_folder(&git);
        repository.uri = read(&common.join("config")).and_then(|config| remote(&config));
        let head = read(&git.join("HEAD")).unwrap_or_default();
        match head.trim_end().strip_prefix("ref: ") {
            // What Git writes there where it keeps its branches in tables, which only Git itself reads.
            Some("refs/heads/.invalid") => {}
            Some(name) => {
                repository.branch = name.strip_prefix("refs/heads/").map(ToOwned::to_owned);
                repository.revision = resolve(name, &git, &common);
            }
            None => repository.revision = object(&head),
        }
        Some(repository)
    }
}

/// `.git` is a folder or, in worktrees and submodules, a file that names one.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let path = root.join(".git");
    if path.is_dir() {
        return Some(path);
    }
    let text = read(&path)?;
    Some(root.join(text.trim_end().strip_prefix("gitdir: ")?))
}

/// Worktrees share configuration and branches with the repository that they are of.
fn common_folder(git: &Path) -> PathBuf {
    read(&git.join("commondir")).map_or_else(|| git.to_owned(), |path| git.join(path.trim_end()))
}

/// What a branch points at: a file of its own, or a line among many.
fn resolve(name: &str, git: &Path, common: &Path) -> Option<String> {
    // A name that leads elsewhere is none that Git wrote.
    if name.split('/').any(|part| part.is_empty() || part == "..") {
        return None;
    }
    let own = [git, common].into_iter().find_map(|folder| read(&folder.join(name)));
    if let Some(own) = own {
        return object(&own);
    }
    let packed = read(&common.join("packed-refs"))?;
    packed.lines().filter(|line| !line.starts_with(['#', '^'])).find_map(|line| {
        let (id, packed) = line.split_once(' ')?;
        (packed == name).then(|| object(id)).flatten()
    })
}

/// The id of a commit: 40 digits, or 64 where SHA-256 is used.
fn object(text: &str) -> Option<String> {
    let id = text.trim_end();
    let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|it| it.is_ascii_hexdigit());
    is_id.then(|| id.to_ascii_lowercase())
}

fn read(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return None;
    }
    fs::read_to_string(path).ok()
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
