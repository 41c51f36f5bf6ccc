//! What the front ends lower to, and all that rules may look at. No syntax here: a Compose service and a
//! container of a pod differ in their placement and in nothing else.

mod build;
mod image_os;
mod readers;
mod setting;
mod users;
mod workload;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

pub use build::{DockerfileBuild, LostBackslashes, NotJson, ProgramUse, ShellKind, Stage, StageBase};
pub use image_os::platform_os;
pub use setting::{OnWindows, Setting, SettingKey};
pub use workload::{Container, EvidenceKind, IsolationBy, IsolationSetting, OsEvidence, Workload};

pub use crate::{fleet::Orchestrator, placement::Placement};
use crate::{
    source::{SourceId, Span},
    text::Text,
    windows::{Date, Os, OsVersion, image::Identity},
};

/// A fact the files may tell, and how sure of it we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// Written down, at the span.
    Stated(T, Span),
    /// Follows from what is written at the span.
    Inferred(T, Span),
    /// Depends on something that the files do not tell: the place, and what is missing (`ARG TAG has no default`).
    Unresolved(Span, String),
    /// Not there; the span is the place that lacks it.
    Absent(Span),
}

impl<T> Known<T> {
    /// The value and the bytes that decide it, if it is known. Rules that ask here cannot guess.
    pub fn known(&self) -> Option<(&T, Span)> {
        match self {
            Self::Stated(value, span) | Self::Inferred(value, span) => Some((value, *span)),
            Self::Unresolved(..) | Self::Absent(_) => None,
        }
    }

    /// The bytes concerned.
    pub fn span(&self) -> Span {
        match self {
            Self::Stated(_, span) | Self::Inferred(_, span) | Self::Unresolved(span, _) | Self::Absent(span) => *span,
        }
    }

    /// The same doubt about another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Stated(value, span) => Known::Stated(f(value), span),
            Self::Inferred(value, span) => Known::Inferred(f(value), span),
            Self::Unresolved(span, missing) => Known::Unresolved(span, missing),
            Self::Absent(span) => Known::Absent(span),
        }
    }
}

/// Index of an [`ImageUse`] in [`Project::images`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(pub u32);

/// Index of a [`DockerfileBuild`] in [`Project::builds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildId(pub u32);

/// Index of a [`Workload`] in [`Project::workloads`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadId(pub u32);

/// A workload, or one of its containers: what findings are about. Its name is made where it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadPart {
    /// The workload.
    pub workload: WorkloadId,
    /// The container's number in it; none: all of it.
    pub container: Option<u32>,
}

/// What an image is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A stage starts from it.
    Base {
        /// The build.
        build: BuildId,
        /// The stage's number.
        stage: u32,
    },
    /// `COPY --from=` or `RUN --mount=from=` takes files out of it.
    CopiedFrom {
        /// The build.
        build: BuildId,
        /// The stage that copies.
        stage: u32,
    },
    /// A container of a workload runs it.
    Container {
        /// The workload.
        workload: WorkloadId,
        /// The container's number in it.
        container: u32,
    },
}

/// One place that names an image: `FROM`, `COPY --from=`, `image:`.
#[derive(Clone, Debug)]
pub struct ImageUse {
    /// The reference as written, variables filled in.
    pub text: Text,
    /// What for.
    pub role: Role,
    /// What its name, its tag and the `[images]` table tell.
    pub identity: Arc<Identity>,
    /// What of that a registry told, and not the name.
    pub locked: Option<Locked>,
    /// The build in the tree that makes this image, if there is one: its final stage decides what runs.
    pub built_by: Option<BuildId>,
    /// Whether the place that names it also builds it (`build:` beside `image:`), so that the name is what the result
    /// will be called.
    pub names_build_result: bool,
}

/// What a lock file adds to what is known of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked {
    /// Where it stands there.
    pub at: Span,
    /// When the registry said so.
    pub date: Date,
    /// Whether that was in this very run.
    pub is_asked: bool,
    /// Whether it is the revision alone: name and tag tell the build.
    pub is_revision: bool,
}

/// An image's OS version, once everything that can tell it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageOs {
    /// Windows or Linux.
    pub os: Os,
    /// Its version, if it is Windows and says so.
    pub version: Option<OsVersion>,
}

/// A workload and the number of one of its containers, by the place where what decides its image starts.
type ContainersByBytes = FxHashMap<(SourceId, u32), Vec<(WorkloadId, u32)>>;

/// What the program that reads a file refuses of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The bytes at fault.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub help: Option<String>,
}

/// Everything lowered and linked from the files of one run.
#[derive(Debug, Default)]
pub struct Project {
    /// All image references.
    pub images: Vec<ImageUse>,
    /// All evaluations of Dockerfiles.
    pub builds: Vec<DockerfileBuild>,
    /// All workloads.
    pub workloads: Vec<Workload>,
    /// What a reader refuses of a file once it is known which one reads it and with which variables, by place.
    pub refused: Vec<Refused>,
    /// The containers whose image is decided by bytes that start here.
    decided: OnceLock<ContainersByBytes>,
    /// For each build the files that say where what it makes runs.
    users: OnceLock<Vec<Vec<SourceId>>>,
    /// The workloads by the bytes that they read.
    readers: OnceLock<readers::Readers>,
}

impl Project {
    /// What its reader refuses of a file, by place.
    pub fn refused_in(&self, source: SourceId) -> &[Refused] {
        let start = self.refused.partition_point(|it| it.span.source < source);
        let end = self.refused.partition_point(|it| it.span.source <= source);
        self.refused.get(start..end).unwrap_or_default()
    }
}
