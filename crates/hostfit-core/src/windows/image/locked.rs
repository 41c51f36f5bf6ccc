//! What a registry said of an image, as the last evidence of all: it fills in what is not known, and contradicts nothing.

use std::{borrow::Cow, cmp::Reverse};

use super::identity::{Identity, Proof, Variants};
use crate::{
    source::Span,
    windows::{Os, OsVersion},
};

/// The platforms of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The versions of its Windows images.
    pub windows: Vec<OsVersion>,
    /// Whether it has Windows images that carry no version, which every host pulls.
    pub unversioned: bool,
    /// Whether it has Linux images.
    pub linux: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// Nothing: it was known before, or the registry says otherwise than something better.
    Nothing,
    /// The revision of a Windows that was known before.
    Revision,
    /// All that is known.
    All,
}

impl Contents {
    /// The one Windows in it; without a revision where there are several of the same build.
    fn only_version(&self) -> Option<OsVersion> {
        let first = *self.windows.first().filter(|_| !self.unversioned)?;
        let same_build = self.windows.iter().all(|it| it.build == first.build);
        let same = self.windows.iter().all(|it| *it == first);
        same_build.then(|| OsVersion { revision: first.revision.filter(|_| same), ..first })
    }

    /// Each once, newest first.
    fn versions(&self) -> Vec<OsVersion> {
        let mut versions = self.windows.clone();
        versions.sort_unstable_by_key(|it| Reverse((it.build, it.revision)));
        versions.dedup();
        versions
    }
}

impl Identity {
    /// Takes what a registry said, at `at`. What names, tags and the `[images]` table tell stands, but for one thing: a
    /// digest is one image for ever, so that its revision may be added to a build that is the same.
    pub fn learn(&mut self, contents: &Contents, at: Span) -> Learned {
        if !self.can_be_pulled() {
            return Learned::Nothing;
        }
        if let Some((known, _)) = &mut self.version {
            let exact = contents.only_version().filter(|it| it.build == known.build && it.revision.is_some());
            let Some(exact) = exact.filter(|_| self.reference.digest.is_some() && !contents.linux) else {
                return Learned::Nothing;
            };
            if known.revision.is_some() {
                return Learned::Nothing;
            }
            *known = exact;
            return Learned::Revision;
        }
        // Of what is for Linux by its repository alone, its registry knows more.
        let is_linux = self.os == Some(Os::Linux) && self.proof != Proof::ThirdPartyName;
        let is_known = self.variants.is_some() || is_linux || matches!(self.proof, Proof::Declared(_));
        if is_known || self.fits_every_build {
            return Learned::Nothing;
        }
        // Of what its name says to be Windows, Linux images are none of its business.
        let linux = contents.linux && self.os != Some(Os::Windows);
        match (contents.only_version(), contents.windows.as_slice()) {
            (None, []) if !contents.unversioned && linux => self.os = Some(Os::Linux),
            (None, []) if contents.unversioned && !linux => self.os = Some(Os::Windows),
            (Some(version), _) if !linux => {
                self.os = Some(Os::Windows);
                // Nothing in the reference says so.
                self.version = Some((version, 0..0));
            }
            (_, [_, ..]) if !contents.unversioned => {
                self.os = (!linux).then_some(Os::Windows);
                self.variants = Some(Variants { windows: Cow::Owned(contents.versions()), linux });
            }
            _ => return Learned::Nothing,
        }
        self.proof = Proof::Locked(at);
        Learned::All
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        source::SourceId,
        text::Text,
        windows::{image::identify, release::Releases, version},
    };

    const AT: Span = Span::NOWHERE;

    fn known(image: &str) -> Identity {
        let text = Text::literal(image, Span::new(SourceId(0), 0..image.len()));
        identify(&text, &[], &Releases::default())
    }

    fn contents(words: &[&str]) -> Contents {
        let versions = words.iter().filter_map(|it| version::of_image(it)).collect();
        Contents { windows: versions, unversioned: words.contains(&"windows"), linux: words.contains(&"linux") }
    }

    /// What was learned; then what is known: operating system, version, builds of a multi-platform image and Linux.
    type Known = (Learned, Option<Os>, Option<String>, Option<(Vec<u16>, bool)>);

    fn after(image: &str, words: &[&str]) -> Known {
        let mut identity = known(image);
        let learned = identity.learn(&contents(words), AT);
        let version = identity.version.map(|(version, _)| version.to_string());
        let shared = identity.variants.map(|it| (it.builds().iter().map(|build| build.0).collect(), it.linux));
        (learned, identity.os, version, shared)
    }

    #[test]
    fn what_a_name_does_not_tell_is_learned() {
        let (windows, linux) = (Some(Os::Windows), Some(Os::Linux));
        let version = |it: &str| Some(it.to_owned());
        let image = "registry.contoso.com/web:7";
        let table = [
            (vec!["10.0.20348.2700"], windows, version("10.0.20348.2700"), None),
            (vec!["10.0.20348"], windows, version("10.0.20348"), None),
            (vec!["10.0.20348.1", "10.0.20348.2"], windows, version("10.0.20348"), None),
            (vec!["linux"], linux, None, None),
            (vec!["windows"], windows, None, None),
            (
                vec!["10.0.17763.1", "10.0.26100.2", "10.0.20348.3"],
                windows,
                None,
                Some((vec![26100, 20348, 17763], false)),
            ),
            (vec!["10.0.17763.1", "linux"], None, None, Some((vec![17763], true))),
        ];
        for (words, os, version, shared) in table {
            assert_eq!(after(image, &words), (Learned::All, os, version, shared), "{words:?}");
        }
        for words in [vec![], vec!["windows", "linux"], vec!["windows", "10.0.17763.1"]] {
            assert_eq!(after(image, &words), (Learned::Nothing, None, None, None), "{words:?}");
        }
    }

    #[test]
    fn a_registry_knows_more_than_the_table_of_well_known_images() {
        let image = "quay.io/prometheus/node-exporter:v9.0.0";
        assert_eq!(known(image).os, Some(Os::Linux));
        let both = (Learned::All, None, None, Some((vec![20348], true)));
        assert_eq!(after(image, &["10.0.20348.1", "linux"]), both);
        assert_eq!(after(image, &["linux"]), (Learned::All, Some(Os::Linux), None, None));
        assert_eq!(after(image, &["windows", "linux"]), (Learned::Nothing, Some(Os::Linux), None, None));
    }

    #[test]
    fn better_evidence_stands() {
        let table: [(&str, &[&str]); 8] = [
            ("mcr.microsoft.com/windows/servercore:ltsc2022", &["10.0.26100.1"]),
            ("mcr.microsoft.com/windows/servercore:ltsc2022", &["10.0.20348.1"]),
            ("mcr.microsoft.com/windows/servercore:latest", &["10.0.20348.1"]),
            ("golang:1.27", &["10.0.17763.1", "linux"]),
            ("nginx:1.27", &["10.0.17763.1"]),
            ("mcr.microsoft.com/dotnet/aspnet:8.0", &["10.0.17763.1"]),
            ("contoso/web:1.0-ltsc2019", &["10.0.20348.1"]),
            ("mcr.microsoft.com/businesscentral:x", &["linux"]),
        ];
        for (image, words) in table {
            let mut identity = known(image);
            assert_eq!(identity.learn(&contents(words), AT), Learned::Nothing, "{image}");
            assert_eq!(identity, known(image), "{image}");
        }
    }

    #[test]
    fn a_digest_of_a_known_build_gets_its_revision() {
        let pinned = format!("mcr.microsoft.com/windows/servercore:ltsc2016@sha256:{}", "0".repeat(64));
        let (learned, _, version, _) = after(&pinned, &["10.0.14393.7606"]);
        assert_eq!((learned, version.as_deref()), (Learned::Revision, Some("10.0.14393.7606")));
        for words in [vec!["10.0.17763.1"], vec!["10.0.14393.1", "10.0.14393.2"], vec!["10.0.14393.1", "linux"]] {
            let (learned, _, version, _) = after(&pinned, &words);
            assert_eq!((learned, version.as_deref()), (Learned::Nothing, Some("10.0.14393")), "{words:?}");
        }
        // A tag moves, and what it was is not what it is.
        let tag = "mcr.microsoft.com/windows/servercore:ltsc2016";
        assert_eq!(after(tag, &["10.0.14393.7606"]).0, Learned::Nothing);
        // An exact tag beside the digest says it already.
        let exact = format!("mcr.microsoft.com/windows/servercore:10.0.14393.1@sha256:{}", "0".repeat(64));
        assert_eq!(after(&exact, &["10.0.14393.7606"]).0, Learned::Nothing);
        // Nothing but the digest: then the registry tells all.
        let bare = format!("mcr.microsoft.com/windows/servercore@sha256:{}", "0".repeat(64));
        let (learned, os, version, _) = after(&bare, &["10.0.20348.2700"]);
        assert_eq!((learned, os, version.as_deref()), (Learned::All, Some(Os::Windows), Some("10.0.20348.2700")));
    }
}
