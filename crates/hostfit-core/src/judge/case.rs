//! One container on one host, with all that a message about it needs.

use super::{outcome::Outcome, subject::Subject};
use crate::{
    fleet::HostId,
    model::ImageId,
    source::Span,
    windows::{
        OsVersion,
        compat::{HostFacts, Step},
    },
};

/// Where a container was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// On a declared host.
    Host(HostId),
    /// On hosts of a build that the placement names and the fleet does not have.
    Build,
}

impl On {
    /// The declared host.
    pub fn host(self) -> Option<HostId> {
        match self {
            Self::Host(id) => Some(id),
            Self::Build => None,
        }
    }
}

/// What comes of one container on one host that its Windows matters to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// The container's number in its workload.
    pub container: usize,
    /// Its image.
    pub image: ImageId,
    /// The Windows in the image; the variant that the host gets.
    pub version: OsVersion,
    /// The bytes that decide what the image is.
    pub span: Span,
    /// Where.
    pub on: On,
    /// What the host is.
    pub facts: HostFacts,
    /// What comes of it.
    pub outcome: Outcome,
}

impl Case {
    /// None where the image's Windows is not known, and where it does not matter.
    pub(super) fn new(
        subject: &Subject,
        container: usize,
        on: On,
        facts: &HostFacts,
        outcome: Outcome,
    ) -> Option<Self> {
        let (image, version) = (subject.image?, outcome.image?);
        Some(Self { container, image, version, span: subject.span, on, facts: *facts, outcome })
    }

    /// Whether it surely does not run.
    pub fn fails(&self) -> bool {
        self.outcome.is_blocked()
    }

    /// Whether it starts, for all that is known.
    pub fn starts(&self) -> bool {
        self.outcome.verdict.starts()
    }

    /// The step of the compatibility rule that decided, if one did.
    pub fn step(&self) -> Option<Step> {
        self.outcome.step()
    }

    /// Whether the build is wrong. Where only the revision is, the build that a placement names is right.
    pub(super) fn misfits(&self) -> bool {
        self.fails() && self.step() != Some(Step::Revision2016)
    }

    /// Whether the isolation asked for is what fails: no other host of the same orchestrator would do better.
    pub(super) fn is_isolation(&self) -> bool {
        self.step() == Some(Step::HypervKubernetes)
    }
}
