//! What is placed on a host as a whole, with its containers and with all that it states about the host that it needs.

use std::sync::Arc;

use super::{ImageId, Known, Orchestrator, Placement, ProgramUse, Setting, SettingKey, WorkloadId, WorkloadPart};
use crate::{
    patch,
    source::{SourceId, Span},
    text::Text,
    windows::{Isolation, Os},
};

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
