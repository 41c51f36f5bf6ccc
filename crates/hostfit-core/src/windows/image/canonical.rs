//! The one name of an image under all its spellings, as registries and lock files know it.

use std::fmt;

use super::{
    base::without_arch,
    identity::Identity,
    reference::{self, Parts, Reference, is_domain, is_path, is_tag},
};
use crate::text::Text;

/// `docker.io/library/golang:1.27`, which people write `golang:1.27`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Canonical {
    /// In lowercase; `docker.io` is Docker Hub.
    pub registry: String,
    /// `library/golang`.
    pub repository: String,
    /// A tag, `latest` where none is written; or the digest, beside which a tag says nothing.
    pub reference: String,
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.is_digest() { '@' } else { ':' };
        write!(f, "{}/{}{mark}{}", self.registry, self.repository, self.reference)
    }
}

impl Canonical {
    /// The image that a reference names; none where a part of it is not known, or no registry could have it.
    pub fn of(text: &Text, identity: &Identity) -> Option<Self> {
        text.hole().is_none().then(|| Self::new(&text.value, &identity.reference))?
    }

    /// Reads a reference.
    pub fn parse(value: &str) -> Option<Self> {
        Self::new(value, &reference::parse(value))
    }

    /// Whether it is one image, or one list of them, for ever.
    pub fn is_digest(&self) -> bool {
        self.reference.contains(':')
    }

    /// Whether it is known to stand for an index, of which each runtime takes the entry that fits its host: tags of Microsoft's
    /// registry and of Docker's official images do, unless they end in an architecture.
    // facts: containerd/containerd#8348, aws/karpenter-provider-aws#4074
    pub fn is_index(&self) -> bool {
        let is_official = match self.registry.as_str() {
            "mcr.microsoft.com" => true,
            "docker.io" => self.repository.starts_with("library/"),
            _ => false,
        };
        is_official && !self.is_digest() && without_arch(&self.reference) == self.reference
    }

    fn new(value: &str, reference: &Reference) -> Option<Self> {
        let parts = Parts { value, reference: reference.clone() };
        let (registry, repository) = match parts.on_docker_hub() {
            // Amazon's copy of it is a registry of its own.
            Some(name) if !parts.is_on_amazon() => {
                let official = !name.contains('/');
                ("docker.io".to_owned(), if official { format!("library/{name}") } else { name.to_owned() })
            }
            _ => (parts.registry()?.to_ascii_lowercase(), parts.repository().to_owned()),
        };
        let reference = match (&reference.digest, parts.tag()) {
            (Some(digest), _) => Some(parts.part(digest)).filter(|it| is_digest(it))?,
            (None, Some(tag)) => Some(tag).filter(|it| is_tag(it))?,
            (None, None) => "latest",
        };
        let holds = registry.len() <= 255 && is_domain(&registry) && is_path(&repository);
        holds.then(|| Self { registry, repository, reference: reference.to_owned() })
    }
}

/// `sha256:` and 64 lowercase hexadecimal digits, `sha384:` and 96, or `sha512:` and 128.
pub fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn official_tags_without_an_architecture_are_indexes() {
        for (reference, expected) in [
            ("mcr.microsoft.com/windows/servercore:ltsc2022", true),
            ("mcr.microsoft.com/windows/servercore:ltsc2022-amd64", false),
            ("mcr.microsoft.com/windows/servercore:ltsc2022-KB5031364-amd64", false),
            ("golang:1.27-windowsservercore-ltsc2022", true),
            ("docker.io/library/golang", true),
            ("contoso/web:windowsservercore-ltsc2022", false),
            ("registry.contoso.com/golang:1.27", false),
        ] {
            assert_eq!(Canonical::parse(reference).unwrap().is_index(), expected, "{reference}");
        }
    }

    #[test]
    fn all_spellings_of_an_image_are_one() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        let pinned = format!("a.b/c@{digest}");
        for (written, expected) in [
            ("golang", "docker.io/library/golang:latest"),
            ("golang:1.27", "docker.io/library/golang:1.27"),
            ("library/golang:1.27", "docker.io/library/golang:1.27"),
            ("docker.io/golang:1.27", "docker.io/library/golang:1.27"),
            ("Index.Docker.io/library/golang:1.27", "docker.io/library/golang:1.27"),
            ("portainer/agent:2.21", "docker.io/portainer/agent:2.21"),
            ("MCR.microsoft.com/windows:1809", "mcr.microsoft.com/windows:1809"),
            ("localhost:5000/a__b/c-d:V1.0", "localhost:5000/a__b/c-d:V1.0"),
            ("public.ecr.aws/docker/library/golang:1", "public.ecr.aws/docker/library/golang:1"),
            (&format!("a.b/c:1@{digest}"), &pinned),
            (&format!("a.b/c@{digest}"), &pinned),
        ] {
            let canonical = Canonical::parse(written).map(|it| it.to_string());
            assert_eq!(canonical.as_deref(), Some(expected), "{written}");
            assert_eq!(Canonical::parse(expected).map(|it| it.to_string()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_no_registry_could_have_has_no_name() {
        for written in [
            "",
            ":1",
            "a.b/",
            "a.b/C:1",
            "a.b/c:",
            "a.b/c@sha256:0f",
            "a.b/c@md5:00",
            "a.b/c d:1",
            "a.b/-c",
            "a.b//c",
            "a.b/c:1:2",
            "<image>",
            "{{ .Values.image }}",
            "a.b/c\0:1",
            "a.b/c:\0",
            "käse",
            "a.b/../c",
        ] {
            assert_eq!(Canonical::parse(written), None, "{written}");
        }
    }
}
