//! The known errors.

use crate::{
    source::Span,
    text::Text,
    windows::{
        image::{self, Fault},
        release::Releases,
    },
};

/// A known error. What several programs say of the same failure is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Error {
    /// 0xc0370101: the container's Windows does not fit the host's.
    OsMismatch,
    /// The containerd store of Docker finds no image for this Windows in the list.
    StoreNoMatch,
    /// The list has no image that this Windows host takes.
    NoWindowsManifest,
    /// The same, of engines that did not know their own name.
    NoManifest,
    /// The list has no Linux image.
    NoLinuxManifest,
    /// containerd finds no image for the host.
    NoPlatform,
    /// The image's build is above the host's.
    NewerImage,
    /// A Windows image on an engine for Linux.
    LinuxEngine,
    /// A Linux image on an engine for Windows.
    WindowsEngine,
    /// 0xc0370106: the container ended before it had started.
    UnexpectedExit,
    /// 0xc0370112: the host does not know the format of a layer.
    LayerFormat,
    /// A layer could not be unpacked.
    ImportLayer,
    /// The container's system could not be made, since a file is missing.
    CreateSystem,
    /// Process isolation on a client, which the engine does not know yet.
    ClientIsolation,
    /// No isolation mode of Windows.
    InvalidIsolation,
    /// An isolation mode on an engine for Linux.
    LinuxIsolation,
    /// The schema of the stack file has no `isolation`.
    NoIsolationKey,
    /// `latest`, where it is not published.
    UnpublishedLatest,
    /// A repository that is gone.
    RetiredRepository,
    /// A name that no registry serves.
    InvalidRepository,
    /// A tag that was never published.
    UnknownTag,
    /// A constraint without `==` and `!=`.
    ConstraintOperator,
    /// No node satisfies the service's constraints, or has its platform.
    NoSuitableNode,
    /// `spec.os.name` is not the node's.
    OsField,
    /// A pod's label contradicts the node's.
    OsLabel,
    /// No node has the labels that the pod asks for.
    NodeSelector,
    /// The pod does not tolerate the taint of Windows nodes.
    Taint,
    /// A field that Windows pods must not have, or Windows options on a Linux pod.
    PodField,
    /// What HostProcess containers want is missing.
    HostProcess,
    /// A program that is not in the image.
    MissingProgram,
    /// A file of a volume gets an owner of Linux on a Windows node.
    Chown,
    /// EKS gave the pod no address.
    EksSelector,
    /// A Linux image on a Windows engine that does not look before it unpacks.
    LinuxLayers,
    /// The list has no image for the architecture of this Windows host.
    Architecture,
    /// A hosted platform does not run this Windows yet.
    PlatformVersion,
    /// Service Fabric pulled an image that its host does not run.
    HistoryCheck,
    /// Exit codes of images and hosts from before and after February 2020.
    Baseline,
    /// The engine needs a newer Windows.
    EngineTooNew,
    /// The table cut the error off.
    CutOff,
}

/// All of them.
pub const ALL: [Error; 39] = [
    Error::OsMismatch,
    Error::StoreNoMatch,
    Error::NoWindowsManifest,
    Error::NoManifest,
    Error::NoLinuxManifest,
    Error::NoPlatform,
    Error::NewerImage,
    Error::LinuxEngine,
    Error::WindowsEngine,
    Error::UnexpectedExit,
    Error::LayerFormat,
    Error::ImportLayer,
    Error::CreateSystem,
    Error::ClientIsolation,
    Error::InvalidIsolation,
    Error::LinuxIsolation,
    Error::NoIsolationKey,
    Error::UnpublishedLatest,
    Error::RetiredRepository,
    Error::InvalidRepository,
    Error::UnknownTag,
    Error::ConstraintOperator,
    Error::NoSuitableNode,
    Error::OsField,
    Error::OsLabel,
    Error::NodeSelector,
    Error::Taint,
    Error::PodField,
    Error::HostProcess,
    Error::MissingProgram,
    Error::Chown,
    Error::EksSelector,
    Error::LinuxLayers,
    Error::Architecture,
    Error::PlatformVersion,
    Error::HistoryCheck,
    Error::Baseline,
    Error::EngineTooNew,
    Error::CutOff,
];

/// What is wrong with a reference by itself.
pub(super) fn fault_of(reference: &str) -> Option<Error> {
    let text = Text::literal(reference, Span::NOWHERE);
    Some(match *image::identify(&text, &[], &Releases::default()).fault? {
        Fault::InvalidRepository { .. } => Error::InvalidRepository,
        Fault::RetiredRepository { .. } => Error::RetiredRepository,
        Fault::UnpublishedLatest { .. } => Error::UnpublishedLatest,
        Fault::UnknownTag { .. } => Error::UnknownTag,
        Fault::Insider { .. } => return None,
    })
}

impl Error {
    /// Whether it is a reason for which a pod is not placed.
    pub(super) fn is_of_scheduler(self) -> bool {
        matches!(self, Self::NodeSelector | Self::Taint)
    }

    /// Whether it is about pulling an image, so that the pause image may be meant.
    pub(super) fn is_of_image(self) -> bool {
        matches!(
            self,
            Self::OsMismatch
                | Self::StoreNoMatch
                | Self::NoWindowsManifest
                | Self::NoManifest
                | Self::NoLinuxManifest
                | Self::NoPlatform
                | Self::NewerImage
                | Self::Architecture
                | Self::ImportLayer
                | Self::LinuxLayers
        )
    }

    /// A name for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::OsMismatch => "os-mismatch",
            Self::StoreNoMatch => "store-no-match",
            Self::NoWindowsManifest => "no-windows-manifest",
            Self::NoManifest => "no-manifest",
            Self::NoLinuxManifest => "no-linux-manifest",
            Self::NoPlatform => "no-platform",
            Self::NewerImage => "newer-image",
            Self::LinuxEngine => "linux-engine",
            Self::WindowsEngine => "windows-engine",
            Self::UnexpectedExit => "unexpected-exit",
            Self::LayerFormat => "layer-format",
            Self::ImportLayer => "import-layer",
            Self::CreateSystem => "create-system",
            Self::ClientIsolation => "client-isolation",
            Self::InvalidIsolation => "invalid-isolation",
            Self::LinuxIsolation => "linux-isolation",
            Self::NoIsolationKey => "no-isolation-key",
            Self::UnpublishedLatest => "unpublished-latest",
            Self::RetiredRepository => "retired-repository",
            Self::InvalidRepository => "invalid-repository",
            Self::UnknownTag => "unknown-tag",
            Self::ConstraintOperator => "constraint-operator",
            Self::NoSuitableNode => "no-suitable-node",
            Self::OsField => "os-field",
            Self::OsLabel => "os-label",
            Self::NodeSelector => "node-selector",
            Self::Taint => "taint",
            Self::PodField => "pod-field",
            Self::HostProcess => "host-process",
            Self::MissingProgram => "missing-program",
            Self::Chown => "chown",
            Self::EksSelector => "eks-selector",
            Self::LinuxLayers => "linux-layers",
            Self::Architecture => "architecture",
            Self::PlatformVersion => "platform-version",
            Self::HistoryCheck => "history-check",
            Self::Baseline => "baseline",
            Self::EngineTooNew => "engine-too-new",
            Self::CutOff => "cut-off",
        }
    }
}
