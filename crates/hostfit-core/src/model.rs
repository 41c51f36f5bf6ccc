//! What the front ends lower to, and all that rules may look at. No syntax here: a Compose service and a
//! container of a pod differ in their placement and in nothing else.

mod image_os;
mod readers;
mod setting;
mod users;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

pub use image_os::platform_os;
pub use setting::{OnWindows, Setting, SettingKey};

pub use crate::{fleet::Orchestrator, placement::Placement};
use crate::{
    patch,
    source::{SourceId, Span},
    text::Text,
    windows::{Date, Isolation, Os, OsVersion, image::Identity, nano_server::Missing},
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

/// One evaluation of a Dockerfile: with the args and the target that one `build:` gives it, or with none.
#[derive(Clone, Debug)]
pub struct DockerfileBuild {
    /// The Dockerfile (or, for `dockerfile_inline`, the Compose file).
    pub source: SourceId,
    /// Stages in order.
    pub stages: Vec<Stage>,
    /// The stage that makes the image: the target, else the last one. None if there is no stage, or the target
    /// does not exist.
    pub final_stage: Option<u32>,
    /// The places that build it: `build:` of a Compose service, a bake target. Empty: nothing in the tree does.
    pub built_at: Vec<Span>,
    /// The names that these places give the image.
    pub names: Vec<Text>,
    /// Whether a workload runs what it makes.
    pub used: bool,
    /// Whether one of its stages is surely Windows, by more than a third party's image name.
    pub is_proven_windows: bool,
    /// Where an `# escape=` directive goes, and the text to insert there, if that restores every lost backslash
    /// and changes nothing else.
    pub escape_directive: Option<(Span, String)>,
    /// Defaults of ARGs that this build evaluates and BuildKit refuses, and why.
    pub broken_defaults: Vec<(Span, String)>,
    /// For each stage the image that it comes down to.
    bases: Vec<Option<ImageId>>,
    /// For each stage whether another one starts or copies from it.
    is_needed: Vec<bool>,
}

impl DockerfileBuild {
    /// The stages under some build args; nothing builds it yet.
    pub fn new(source: SourceId, stages: Vec<Stage>, final_stage: Option<u32>) -> Self {
        let mut bases: Vec<Option<ImageId>> = Vec::with_capacity(stages.len());
        for stage in &stages {
            bases.push(match stage.base {
                StageBase::Image(image) => Some(image),
                StageBase::Stage(earlier) => bases.get(earlier as usize).copied().flatten(),
                StageBase::Scratch => None,
            });
        }
        let mut is_needed = vec![false; stages.len()];
        for needed in stages.iter().flat_map(Stage::needed) {
            if let Some(is_needed) = is_needed.get_mut(needed as usize) {
                *is_needed = true;
            }
        }
        Self {
            source,
            stages,
            bases,
            is_needed,
            final_stage,
            built_at: Vec::new(),
            names: Vec::new(),
            used: false,
            is_proven_windows: false,
            escape_directive: None,
            broken_defaults: Vec::new(),
        }
    }

    /// The image that `stage` starts from, through the stages before it.
    pub fn base_of(&self, stage: u32) -> Option<ImageId> {
        self.bases.get(stage as usize).copied().flatten()
    }

    /// Whether no other stage needs this one: what people build, not what only feeds others.
    pub fn is_leaf_stage(&self, stage: u32) -> bool {
        self.is_needed.get(stage as usize).is_some_and(|needed| !needed)
    }

    /// The image that the final stage starts from.
    pub fn base_image(&self) -> Option<ImageId> {
        self.base_of(self.final_stage?)
    }

    /// The images that its stages start from, in order.
    pub fn bases(&self) -> impl Iterator<Item = ImageId> {
        self.bases.iter().copied().flatten()
    }
}

/// One stage of a Dockerfile.
#[derive(Clone, Debug)]
pub struct Stage {
    /// `FROM … AS name`.
    pub name: Option<(String, Span)>,
    /// The whole `FROM` instruction.
    pub span: Span,
    /// What it starts from.
    pub base: StageBase,
    /// `FROM --platform=`: the value, variables filled in.
    pub platform: Option<Text>,
    /// The keyword of each RUN instruction.
    pub runs: Vec<Span>,
    /// Numbers of the earlier stages it copies from.
    pub copies_from: Vec<u32>,
    /// Words from which the builder takes backslashes, in order.
    pub lost_backslashes: Vec<LostBackslashes>,
    /// Arrays that are not JSON, in order.
    pub not_json: Vec<NotJson>,
    /// Programs that it starts and Nano Server may lack; of CMD, ENTRYPOINT and HEALTHCHECK those of the last one.
    pub programs: Vec<ProgramUse>,
    /// Whether it, or a stage it starts from, may have a `powershell` of its own: one is copied in, or the image is
    /// made for `HostProcess` containers, which find the host's.
    pub may_have_powershell: bool,
    /// A path with a drive, or a shell of Windows, where nothing in the stage and in those that it starts from is of Linux.
    pub windows_hint: Option<Span>,
}

/// A command that starts a program which Nano Server may lack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramUse {
    /// What it starts.
    pub missing: Missing,
    /// `RUN`, `SHELL`, `CMD`, `command`.
    pub by: &'static str,
    /// The bytes of the program's name; the whole word of an array.
    pub span: Span,
}

/// A word of an instruction in which the builder reads backslashes as escapes, though they seem to be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostBackslashes {
    /// `COPY`.
    pub instruction: &'static str,
    /// The word.
    pub span: Span,
    /// What the builder makes of it, variables as they are written.
    pub read: String,
    /// The backslashes. None are known in a JSON array, which has escapes of its own.
    pub at: Vec<Span>,
    /// Whether one of them is in a path that starts with a drive.
    pub is_drive_path: bool,
}

/// The arguments of an instruction that are meant as a JSON array but are not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// `CMD`.
    pub instruction: &'static str,
    /// From the bracket on.
    pub span: Span,
    /// Whether there is a single backslash in it, which JSON wants doubled.
    pub has_backslash: bool,
    /// What makes JSON of it, if only one thing can be meant.
    pub edits: Vec<(Span, String)>,
    /// Why what it then starts may not be what is meant.
    pub doubt: Option<&'static str>,
}

impl Stage {
    /// Numbers of the earlier stages that building this one needs.
    pub fn needed(&self) -> impl Iterator<Item = u32> {
        let base = match self.base {
            StageBase::Stage(earlier) => Some(earlier),
            StageBase::Image(_) | StageBase::Scratch => None,
        };
        base.into_iter().chain(self.copies_from.iter().copied())
    }

    /// What it starts and Nano Server lacks, but for the PowerShell of a stage that may have brought one.
    pub fn lost_on_nano_server(&self) -> impl Iterator<Item = &ProgramUse> {
        self.programs.iter().filter(|used| !(self.may_have_powershell && used.missing.program == "powershell"))
    }

    /// Whether it starts from an image, not from an earlier stage or nothing.
    pub fn base_is_image(&self) -> bool {
        matches!(self.base, StageBase::Image(_))
    }
}

/// What a stage starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageBase {
    /// An image.
    Image(ImageId),
    /// An earlier stage.
    Stage(u32),
    /// `scratch`; an earlier stage, but a variable chooses which; or (on bad input) nothing.
    Scratch,
}

/// Something that is placed on a host as a whole: a pod (template), a Compose service.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its own id.
    pub id: WorkloadId,
    /// `Deployment/web`, `service web`.
    pub name: String,
    /// The file that declares it.
    pub source: SourceId,
    /// Its name in the file.
    pub name_span: Span,
    /// `metadata.namespace`, where the manifest states it; nothing else has one.
    pub namespace: Option<String>,
    /// What runs it.
    pub orchestrator: Orchestrator,
    /// What it runs, init and ephemeral containers of a pod included; a service has one.
    pub containers: Vec<Container>,
    /// Everything the file states about the operating system it needs.
    pub evidence: Vec<OsEvidence>,
    /// Where it may run.
    pub placement: Placement,
    /// Which services of the same Compose project it depends on or shares a network with.
    pub depends_on: Vec<String>,
    /// Which Compose project it is of: an arbitrary number, the same for services that come up together.
    pub project: Option<u32>,
    /// What it and its containers ask for that Linux and Windows treat differently. None where parts of several
    /// objects make the pod (a workflow), so that nothing is known to be there or not.
    pub settings: Option<Arc<[Setting]>>,
}

impl Workload {
    /// The settings that are known to be there.
    pub fn known_settings(&self) -> &[Setting] {
        self.settings.as_deref().unwrap_or_default()
    }

    /// Whether the file states that it needs Windows.
    pub fn is_windows(&self) -> bool {
        self.evidence.iter().any(|it| it.os == Os::Windows)
    }

    /// The operating system that all of what it states of one names.
    pub fn os(&self) -> Option<Os> {
        let first = self.evidence.first()?.os;
        self.evidence.iter().all(|it| it.os == first).then_some(first)
    }

    /// Whether it states so by more than a third party's image name or hints.
    pub fn is_proven_windows(&self) -> bool {
        self.evidence.iter().any(|it| it.os == Os::Windows && it.kind.is_proof())
    }

    /// The bytes that say that none of its containers starts until somebody raises their number.
    pub fn starts_none(&self) -> Option<Span> {
        let none = self.known_settings().iter().find(|it| it.key == SettingKey::NoReplicas)?;
        Some(none.value)
    }

    /// One of its containers.
    pub fn part(&self, container: usize) -> WorkloadPart {
        WorkloadPart { workload: self.id, container: u32::try_from(container).ok() }
    }

    /// All of it.
    pub fn whole(&self) -> WorkloadPart {
        WorkloadPart { workload: self.id, container: None }
    }

    /// What findings call one of its containers: `Deployment/web: container web`, or `service web`.
    pub fn container_name(&self, container: usize) -> String {
        match (self.orchestrator, self.containers.get(container)) {
            (Orchestrator::Kubernetes, Some(container)) if !container.name.is_empty() => {
                format!("{}: container {}", self.name, container.name)
            }
            _ => self.name.clone(),
        }
    }

    /// Whether all of its containers run as processes of the host. In a pod in which only some do, which the API server
    /// refuses, each container is judged as what it is.
    pub fn is_host_process(&self) -> bool {
        !self.containers.is_empty() && self.containers.iter().all(Container::is_host_process)
    }
}

/// One container of a workload.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name; that of the service in Compose.
    pub name: String,
    /// Its name's, or else its first, bytes.
    pub span: Span,
    /// The image; none where the file gives none (an override file, an error).
    pub image: Option<ImageId>,
    /// What the file asks for.
    pub isolation: Option<Box<IsolationSetting>>,
    /// What the file asks for when it builds the image; RUN alone takes notice of it.
    pub build_isolation: Option<Box<IsolationSetting>>,
    /// Whether it is a HostProcess container (Kubernetes).
    pub host_process: Known<bool>,
    /// Programs that its own command starts and Nano Server may lack.
    pub programs: Vec<ProgramUse>,
    /// Compose `platform:`.
    pub platform: Option<Text>,
}

impl Container {
    /// Whether it surely runs as a process of the host.
    pub fn is_host_process(&self) -> bool {
        matches!(self.host_process.known(), Some((true, _)))
    }

    /// Whether it may.
    pub fn may_be_host_process(&self) -> bool {
        !matches!(self.host_process, Known::Absent(_) | Known::Stated(false, _))
    }
}

/// A request for an isolation mode.
#[derive(Clone, Debug)]
pub struct IsolationSetting {
    /// What is written.
    pub value: Text,
    /// What that means; none where it is unknown, or no isolation mode.
    pub mode: Option<Isolation>,
    /// How it is asked for.
    pub by: IsolationBy,
}

/// How an isolation mode is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IsolationBy {
    /// `isolation:` of a service. `lacking` is the Compose file version that has no such field, if it is one.
    Compose {
        /// `"3"`, `"2.0"`, `"1"`.
        lacking: Option<String>,
    },
    /// The annotation `experimental.windows.kubernetes.io/isolation-type`, which no kubelet reads any more, and what to take
    /// out to be rid of it.
    Annotation(Option<patch::Entry>),
    /// The handler of a RuntimeClass that the pod names.
    RuntimeHandler,
}

/// One statement about the operating system a workload needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsEvidence {
    /// What it says.
    pub os: Os,
    /// Where it says so.
    pub span: Span,
    /// What kind of statement it is.
    pub kind: EvidenceKind,
}

/// Kinds of statement about the operating system of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceKind {
    /// An image of a known family, by name, `[images]`, or the Dockerfile that builds it.
    Image,
    /// A Windows release in a third party's tag or repository name, or a repository that is known to be for Linux. Proves less
    /// than all others.
    ThirdPartyName,
    /// nodeSelector, or required node affinity.
    Selector,
    /// `scheduling` of the RuntimeClass it names.
    RuntimeClass,
    /// `spec.os.name`.
    OsName,
    /// `windowsOptions.hostProcess`.
    HostProcess,
    /// Compose `platform:`.
    Platform,
    /// A Swarm constraint.
    Constraint,
    /// `isolation: process` or `hyperv`.
    Isolation,
    /// A path with a drive, a named pipe, a shell of Windows, a toleration of `os=windows`; or, of a pod, a field that only
    /// Linux has, `/etc`, `/bin/sh`, a distribution in a tag: found where nothing else says anything, and nothing of the kind
    /// points to the other. Proves as little as a third party's name.
    Hint,
}

impl EvidenceKind {
    /// Whether it leaves no doubt by itself.
    pub fn is_proof(self) -> bool {
        !matches!(self, Self::ThirdPartyName | Self::Hint)
    }

    /// Whether it is what an image is, by whatever says that.
    pub fn is_of_image(self) -> bool {
        matches!(self, Self::Image | Self::ThirdPartyName)
    }
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
