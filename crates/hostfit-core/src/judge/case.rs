//! One container on hosts of one class, with all that a message about it needs.

use super::{classes::ClassId, outcome::Outcome, subject::Subject};
use crate::{
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
    /// On the declared hosts of a class.
    Hosts(ClassId),
    /// On hosts of a build that the placement names and the fleet does not have.
    Build,
}

impl On {
    /// The class of declared hosts.
    pub fn class(self) -> Option<ClassId> {
        match self {
            Self::Hosts(class) => Some(class),
            Self::Build => None,
        }
    }
}

/// What comes of one container on hosts of one class that its Windows matters to.
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
    /// What the hosts are.
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
