//! The grammar of image references, after distribution/reference, for input that may be wrong or partly unknown.

use std::ops::Range;

/// The parts of an image reference, as ranges of `Text::value`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reference {
    /// `mcr.microsoft.com`, `localhost:5000`; none for Docker Hub's short names.
    pub registry: Option<Range<usize>>,
    /// `windows/servercore`.
    pub repository: Range<usize>,
    /// Without the colon.
    pub tag: Option<Range<usize>>,
    /// `sha256:…`, without the at sign.
    pub digest: Option<Range<usize>>,
}

impl Reference {
    /// Registry and repository: what a name's replacement replaces.
    pub fn name(&self) -> Range<usize> {
        self.registry.as_ref().map_or(self.repository.start, |registry| registry.start)..self.repository.end
    }
}

/// The names of Docker Hub's registry, the usual one first.
pub(super) const HUB: [&str; 4] = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

/// A reference taken apart, with unknown bytes masked as NUL.
pub(super) struct Parts<'a> {
    pub(super) value: &'a str,
    pub(super) reference: Reference,
}

impl Parts<'_> {
    pub(super) fn part(&self, range: &Range<usize>) -> &str {
        self.value.get(range.clone()).unwrap_or_default()
    }

    pub(super) fn repository(&self) -> &str {
        self.part(&self.reference.repository)
    }

    pub(super) fn registry(&self) -> Option<&str> {
        self.reference.registry.as_ref().map(|range| self.part(range))
    }

    pub(super) fn tag(&self) -> Option<&str> {
        self.reference.tag.as_ref().map(|range| self.part(range))
    }

    /// Whether it is served by Microsoft's registry.
    pub(super) fn on_mcr(&self) -> bool {
        self.registry().is_some_and(|registry| registry.eq_ignore_ascii_case("mcr.microsoft.com"))
    }

    /// Whether it is served by Amazon's public registry, which has copies of Docker's official images.
    pub(super) fn is_on_amazon(&self) -> bool {
        self.registry().is_some_and(|registry| registry.eq_ignore_ascii_case("public.ecr.aws"))
    }

    /// The repository on Docker Hub, or Amazon's mirror of its official images: `library/golang` is `golang`.
    pub(super) fn on_docker_hub(&self) -> Option<&str> {
        let is_official = |name: &&str| !name.contains('/');
        if self.is_on_amazon() {
            return self.repository().strip_prefix("docker/library/").filter(is_official);
        }
        let here = self.registry().is_none_or(|registry| HUB.iter().any(|hub| registry.eq_ignore_ascii_case(hub)));
        let repository = self.repository();
        here.then(|| repository.strip_prefix("library/").filter(is_official).unwrap_or(repository))
    }
}

/// Takes a reference apart. Never fails: what does not fit the grammar stays in the repository. Unknown bytes are NUL.
pub(super) fn parse(value: &str) -> Reference {
    let (name_and_tag, digest) = match value.split_once('@') {
        Some((name, digest)) => (name.len(), Some(value.len() - digest.len()..value.len())),
        None => (value.len(), None),
    };
    let head = value.get(..name_and_tag).unwrap_or_default();
    let last_slash = head.rfind('/').map_or(0, |slash| slash + 1);
    let colon = head.get(last_slash..).and_then(|last| last.find(':')).map(|colon| last_slash + colon);
    let name_end = colon.unwrap_or(name_and_tag);
    let tag = colon.map(|colon| colon + 1..name_and_tag);
    let start = registry_end(head.get(..name_end).unwrap_or_default());
    Reference { registry: start.map(|end| 0..end), repository: start.map_or(0, |end| end + 1)..name_end, tag, digest }
}

/// Where the registry ends, if the first component is one: it has a dot, a port, a capital, or is `localhost`; or
/// nothing of it is known.
fn registry_end(name: &str) -> Option<usize> {
    let (first, _) = name.split_once('/')?;
    let is_registry = first.contains(['.', ':'])
        || first == "localhost"
        || first.bytes().any(|byte| byte.is_ascii_uppercase())
        || (!first.is_empty() && first.bytes().all(|byte| byte == 0));
    is_registry.then_some(first.len())
}

/// Whether a registry could serve this tag at all: `[\w][\w.-]{0,127}`. Placeholders of templates are not tags.
pub(super) fn is_tag(tag: &str) -> bool {
    tag.len() <= 128
        && !tag.starts_with(['.', '-'])
        && !tag.is_empty()
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// Whether every reader of references refuses the name: `a./c`, `x/a..b`, `contoso/Web`. What is not known of it may be right.
///
/// The grammar of distribution/reference 0965666 (`regexp.go`, `normalize.go`).
pub(super) fn is_refused(parts: &Parts<'_>) -> bool {
    let repository = parts.repository();
    if parts.value.is_empty() || parts.value.contains('\0') {
        return false;
    }
    let is_hash = |it: &str| it.len() == 64 && it.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    // It would be taken for an image's id; with a tag it is a name.
    !parts.registry().is_none_or(is_domain) || !is_path(repository) || is_hash(parts.value)
}

/// Whether the name looks like one that a program puts another in place of before anybody pulls it: `<registry>/web`,
/// `#registry#/web`, `GOOD_REGISTRY/web`, `ko://github.com/…`, and one word, which kustomize and skaffold replace.
pub(super) fn is_placeholder(parts: &Parts<'_>) -> bool {
    let Some(name) = parts.value.get(parts.reference.name()) else { return true };
    let is_of_names = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/[]".contains(&byte);
    let is_word = |part: &str| part.len() > 1 && !part.bytes().any(|byte| byte.is_ascii_lowercase() || byte == b'.');
    let has_capital = |part: &str| part.bytes().any(|byte| byte.is_ascii_uppercase());
    let is_bare = parts.reference.tag.is_none() && parts.reference.digest.is_none() && !name.contains('/');
    name.is_empty()
        || !name.bytes().all(is_of_names)
        || name.starts_with("ko:")
        || is_bare
        || name.split('/').any(|part| is_word(part) && has_capital(part))
}

/// `mcr.microsoft.com`, `localhost:5000`, `[::1]:5000`.
pub(super) fn is_domain(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_part = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':'),
        None => host.split('.').all(is_part),
    };
    is_host && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The name of a repository in its registry.
pub(super) fn is_path(text: &str) -> bool {
    text.len() <= 255 && text.split('/').all(is_component)
}

/// Lowercase letters and digits, with one full stop, one or two underscores or any number of hyphens between them.
fn is_component(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_separator = |it: &str| matches!(it, "" | "." | "_" | "__") || it.bytes().all(|byte| byte == b'-');
    text.starts_with(is_letter) && text.ends_with(is_letter) && text.split(is_letter).all(is_separator)
}

#[cfg(test)]
mod tests {
    use super::{
        super::canonical::{Canonical, is_digest},
        *,
    };

    #[test]
    fn names_are_read_as_upstream_reads_them() {
        let table = include_str!("../../../tests/data/upstream/references.tsv");
        for cells in crate::upstream::cells(table) {
            let (value, is_known) = cells[0].strip_prefix('~').map_or((cells[0], false), |value| (value, true));
            if is_known {
                continue;
            }
            let parts = Parts { value, reference: parse(value) };
            let digest = parts.reference.digest.as_ref().map(|digest| parts.part(digest));
            let is_wrong = !parts.tag().is_none_or(is_tag) || !digest.is_none_or(is_digest);
            let [_, domain, path, tag, algorithm, familiar] = cells.as_slice() else {
                assert_eq!(cells[1], "error", "{cells:?}");
                assert!(is_refused(&parts) || is_wrong, "{value}");
                continue;
            };
            assert!(!is_refused(&parts) && !is_wrong, "{value}");
            assert_eq!(parts.tag().unwrap_or("-"), *tag, "{value}");
            assert_eq!(digest.map_or("-", |digest| digest.split(':').next().unwrap()), *algorithm, "{value}");
            let canonical = Canonical::parse(value).expect(value);
            assert_eq!(
                (canonical.registry, canonical.repository.as_str()),
                (domain.to_ascii_lowercase(), *path),
                "{value}"
            );
            if *domain == "docker.io" {
                assert_eq!(parts.on_docker_hub(), Some(*familiar), "{value}");
            }
        }
    }

    #[test]
    fn names_that_others_replace_are_placeholders() {
        for (value, expected) in [
            ("<DockerID>/web", true),
            ("#registry#/web:1", true),
            ("{image}", true),
            ("GOOD_REGISTRY/web:1", true),
            ("gcr.io/PROJECT/web:1", true),
            ("ko://github.com/contoso/web", true),
            ("webImage", true),
            ("webImage:1", false),
            ("contoso/Web", false),
            ("Contoso.azurecr.io/Web", false),
            ("https://registry.contoso.com/web:1", false),
            ("a./c", false),
        ] {
            let parts = Parts { value, reference: parse(value) };
            assert_eq!(is_placeholder(&parts), expected, "{value}");
        }
    }

    #[test]
    fn a_reference_is_taken_apart() {
        // registry, repository, tag, digest
        let table = [
            ("windows", None, "windows", None, None),
            ("golang:1.27", None, "golang", Some("1.27"), None),
            ("microsoft/iis", None, "microsoft/iis", None, None),
            (
                "mcr.microsoft.com/windows/servercore:ltsc2022",
                Some("mcr.microsoft.com"),
                "windows/servercore",
                Some("ltsc2022"),
                None,
            ),
            ("localhost:5000/web", Some("localhost:5000"), "web", None, None),
            ("localhost/web:1", Some("localhost"), "web", Some("1"), None),
            ("a.b/c:d@sha256:0f", Some("a.b"), "c", Some("d"), Some("sha256:0f")),
            ("a/b@sha256:0f", None, "a/b", None, Some("sha256:0f")),
            ("registry:5000/a/b:1.0", Some("registry:5000"), "a/b", Some("1.0"), None),
            ("Reg/a", Some("Reg"), "a", None, None),
            ("\0\0\0/windows/servercore:1809", Some("\0\0\0"), "windows/servercore", Some("1809"), None),
            ("\0\0\0web:1", None, "\0\0\0web", Some("1"), None),
            ("web:\0\0", None, "web", Some("\0\0"), None),
            ("web:1809\0\0", None, "web", Some("1809\0\0"), None),
            ("web:", None, "web", Some(""), None),
            ("", None, "", None, None),
        ];
        for (value, registry, repository, tag, digest) in table {
            let reference = parse(value);
            let part = |range: &std::ops::Range<usize>| value.get(range.clone()).unwrap();
            assert_eq!(reference.registry.as_ref().map(part), registry, "{value:?}");
            assert_eq!(part(&reference.repository), repository, "{value:?}");
            assert_eq!(reference.tag.as_ref().map(part), tag, "{value:?}");
            assert_eq!(reference.digest.as_ref().map(part), digest, "{value:?}");
        }
    }
}
