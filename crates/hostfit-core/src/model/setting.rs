//! What workloads ask for that Linux and Windows treat differently.

use crate::{patch, source::Span};

/// One field of which Windows makes something else than Linux.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Which.
    pub key: SettingKey,
    /// What Windows makes of it.
    pub on_windows: OnWindows,
    /// The value, if it is a boolean. `false` switches off what Windows lacks anyway.
    pub is: Option<bool>,
    /// The key's bytes in the file; those of the value in Compose.
    pub span: Span,
    /// The value's bytes.
    pub value: Span,
    /// What to take out of a manifest to be rid of it: the entry, or the one above it that holds nothing else.
    pub entry: Option<patch::Entry>,
    /// The number of the container that has it; none: the workload itself.
    pub container: Option<u32>,
}

/// Which field a [`Setting`] is, whoever has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKey {
    /// `hostPID`.
    HostPid,
    /// `hostIPC`.
    HostIpc,
    /// `hostUsers`.
    HostUsers,
    /// `hostNetwork`.
    HostNetwork,
    /// `shareProcessNamespace`.
    ShareProcessNamespace,
    /// `resources`.
    Resources,
    /// `securityContext.appArmorProfile`.
    AppArmorProfile,
    /// `securityContext.seLinuxOptions`.
    SeLinuxOptions,
    /// `securityContext.seLinuxChangePolicy`.
    SeLinuxChangePolicy,
    /// `securityContext.seccompProfile`.
    SeccompProfile,
    /// `securityContext.fsGroup`.
    FsGroup,
    /// `securityContext.fsGroupChangePolicy`.
    FsGroupChangePolicy,
    /// `securityContext.sysctls`.
    Sysctls,
    /// `securityContext.runAsUser`.
    RunAsUser,
    /// `securityContext.runAsGroup`.
    RunAsGroup,
    /// `securityContext.supplementalGroups`.
    SupplementalGroups,
    /// `securityContext.supplementalGroupsPolicy`.
    SupplementalGroupsPolicy,
    /// `securityContext.capabilities`.
    Capabilities,
    /// `securityContext.readOnlyRootFilesystem`.
    ReadOnlyRootFilesystem,
    /// `securityContext.privileged`.
    Privileged,
    /// `securityContext.allowPrivilegeEscalation`.
    AllowPrivilegeEscalation,
    /// `securityContext.procMount`.
    ProcMount,
    /// `securityContext.windowsOptions.runAsUserName`.
    RunAsUserName,
    /// `volumeDevices`.
    VolumeDevices,
    /// `dnsPolicy: ClusterFirstWithHostNet`.
    HostDns,
    /// `emptyDir.medium: Memory`.
    MemoryVolume,
    /// `volumeMounts.mountPropagation`.
    MountPropagation,
    /// `resources.limits.hugepages`.
    HugePages,
    /// The network of another service or container (Compose).
    NetworkOfContainer,
    /// `profiles` (Compose).
    Profiles,
    /// `scale: 0`, `deploy.replicas: 0` (Compose).
    NoReplicas,
}

impl SettingKey {
    /// What messages call it, with the fields above it: `securityContext.privileged`.
    pub fn path(self) -> &'static str {
        match self {
            Self::HostPid => "hostPID",
            Self::HostIpc => "hostIPC",
            Self::HostUsers => "hostUsers",
            Self::HostNetwork => "hostNetwork",
            Self::ShareProcessNamespace => "shareProcessNamespace",
            Self::Resources => "resources",
            Self::AppArmorProfile => "securityContext.appArmorProfile",
            Self::SeLinuxOptions => "securityContext.seLinuxOptions",
            Self::SeLinuxChangePolicy => "securityContext.seLinuxChangePolicy",
            Self::SeccompProfile => "securityContext.seccompProfile",
            Self::FsGroup => "securityContext.fsGroup",
            Self::FsGroupChangePolicy => "securityContext.fsGroupChangePolicy",
            Self::Sysctls => "securityContext.sysctls",
            Self::RunAsUser => "securityContext.runAsUser",
            Self::RunAsGroup => "securityContext.runAsGroup",
            Self::SupplementalGroups => "securityContext.supplementalGroups",
            Self::SupplementalGroupsPolicy => "securityContext.supplementalGroupsPolicy",
            Self::Capabilities => "securityContext.capabilities",
            Self::ReadOnlyRootFilesystem => "securityContext.readOnlyRootFilesystem",
            Self::Privileged => "securityContext.privileged",
            Self::AllowPrivilegeEscalation => "securityContext.allowPrivilegeEscalation",
            Self::ProcMount => "securityContext.procMount",
            Self::RunAsUserName => "securityContext.windowsOptions.runAsUserName",
            Self::VolumeDevices => "volumeDevices",
            Self::HostDns => "dnsPolicy: ClusterFirstWithHostNet",
            Self::MemoryVolume => "emptyDir.medium: Memory",
            Self::MountPropagation => "volumeMounts.mountPropagation",
            Self::HugePages => "resources.limits.hugepages",
            Self::NetworkOfContainer => "network_mode",
            Self::Profiles => "profiles",
            Self::NoReplicas => "scale",
        }
    }

    /// The same without the fields above it: `privileged`.
    pub fn name(self) -> &'static str {
        let path = self.path();
        path.rsplit('.').next().unwrap_or(path)
    }
}

/// What Windows makes of a [`Setting`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnWindows {
    /// The API server refuses it, whatever its value, where `spec.os.name` is `windows`; else nothing comes of it.
    Refused,
    /// The same, but only where it is `true`.
    RefusedIfTrue,
    /// Nothing refuses it, and Windows has no such thing.
    Unsupported,
    /// It depends on the rest.
    Depends,
}
