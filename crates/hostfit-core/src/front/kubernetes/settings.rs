//! Fields of a pod and of its containers of which Windows makes something else than Linux.
//!
//! Sources: kubernetes/api `core/v1/types.go` (the comment on `PodOS`), kubernetes/kubernetes
//! `pkg/apis/core/validation/validation.go` (`validateWindows`) and
//! <https://kubernetes.io/docs/concepts/windows/intro/#compatibility>.

use super::field::{self, Reader};
use crate::{
    model::{
        OnWindows::{self, Depends, Refused, RefusedIfTrue, Unsupported},
        Setting, SettingKey,
    },
    patch,
    syntax::yaml::{Dialect, Node, Scalar},
};

const POD: [(SettingKey, OnWindows); 18] = [
    (SettingKey::HostPid, RefusedIfTrue),
    (SettingKey::HostIpc, RefusedIfTrue),
    (SettingKey::HostUsers, Refused),
    (SettingKey::ShareProcessNamespace, Refused),
    (SettingKey::Resources, Refused),
    (SettingKey::AppArmorProfile, Refused),
    (SettingKey::SeLinuxOptions, Refused),
    (SettingKey::SeccompProfile, Refused),
    (SettingKey::FsGroup, Refused),
    (SettingKey::FsGroupChangePolicy, Refused),
    (SettingKey::Sysctls, Refused),
    (SettingKey::RunAsUser, Refused),
    (SettingKey::RunAsGroup, Refused),
    (SettingKey::SupplementalGroups, Refused),
    (SettingKey::SupplementalGroupsPolicy, Refused),
    (SettingKey::SeLinuxChangePolicy, Refused),
    (SettingKey::HostNetwork, Depends),
    (SettingKey::RunAsUserName, Depends),
];

const CONTAINER: [(SettingKey, OnWindows); 12] = [
    (SettingKey::AppArmorProfile, Refused),
    (SettingKey::SeLinuxOptions, Refused),
    (SettingKey::SeccompProfile, Refused),
    (SettingKey::Capabilities, Refused),
    (SettingKey::ReadOnlyRootFilesystem, Refused),
    (SettingKey::Privileged, Refused),
    (SettingKey::AllowPrivilegeEscalation, Refused),
    (SettingKey::ProcMount, Refused),
    (SettingKey::RunAsUser, Refused),
    (SettingKey::RunAsGroup, Refused),
    (SettingKey::VolumeDevices, Unsupported),
    (SettingKey::RunAsUserName, Depends),
];

/// Those of a pod itself.
pub(super) fn of_pod(spec: Node<'_>, reader: &Reader) -> Vec<Setting> {
    let context = field::field(spec, "securityContext");
    let mut found: Vec<_> = POD.iter().filter_map(|row| setting(spec, context, *row, None)).collect();
    if let Some((key, policy)) = field::entry(spec, "dnsPolicy")
        && policy.text() == Some("ClusterFirstWithHostNet")
    {
        found.push(unsupported(SettingKey::HostDns, key, None));
    }
    let volumes = field::field(spec, "volumes").into_iter().flat_map(|list| reader.items(list));
    found.extend(volumes.filter_map(|volume| {
        let (key, medium) = field::entry(field::field(volume, "emptyDir")?, "medium")?;
        (medium.text() == Some("Memory")).then(|| unsupported(SettingKey::MemoryVolume, key, None))
    }));
    found
}

/// Those of the container of this number.
pub(super) fn of_container(container: Node<'_>, number: usize, reader: &Reader) -> Vec<Setting> {
    let number = u32::try_from(number).ok();
    let context = field::field(container, "securityContext");
    let mut found: Vec<_> = CONTAINER.iter().filter_map(|row| setting(container, context, *row, number)).collect();
    let mounts = field::field(container, "volumeMounts").into_iter().flat_map(|list| reader.items(list));
    found.extend(mounts.filter_map(|mount| {
        let (key, value) = field::entry(mount, "mountPropagation")?;
        let propagates = matches!(value.text(), Some("HostToContainer" | "Bidirectional"));
        propagates.then(|| unsupported(SettingKey::MountPropagation, key, number))
    }));
    let limits = field::at(container, &["resources", "limits"]).into_iter().flat_map(|list| reader.entries(list));
    let huge = limits.map(|(key, _)| key).filter(|key| key.text().is_some_and(|it| it.starts_with("hugepages-")));
    found.extend(huge.map(|key| unsupported(SettingKey::HugePages, key, number)));
    found
}

/// `context` is the `securityContext` of the object, in which most settings are.
fn setting<'t>(
    object: Node<'t>,
    context: Option<Node<'t>>,
    (field, on_windows): (SettingKey, OnWindows),
    container: Option<u32>,
) -> Option<Setting> {
    let (outer, mut parents) = match field.path().strip_prefix("securityContext.") {
        Some(rest) => (context?, rest.split('.')),
        None => (object, field.path().split('.')),
    };
    let last = parents.next_back()?;
    let (key, value) = field::entry(parents.try_fold(outer, field::field)?, last)?;
    // Of an empty list and of a placeholder nothing is known to come.
    let is_empty = !value.is_mapping() && value.text().is_none() && value.items().next().is_none();
    let holes = field::text(value).is_some_and(|text| text.hole().is_some());
    let is = match value.scalar(Dialect::Kubernetes) {
        Some(Scalar::Bool(value)) => Some(value),
        _ => None,
    };
    let counts = on_windows == Depends || !is_empty && !holes;
    counts.then(|| Setting {
        key: field,
        on_windows,
        is,
        span: key.span(),
        value: value.span(),
        entry: patch::entry(object, &field.path().split('.').collect::<Vec<_>>()),
        container,
    })
}

fn unsupported(key: SettingKey, at: Node<'_>, container: Option<u32>) -> Setting {
    let span = at.span();
    Setting { key, on_windows: OnWindows::Unsupported, is: None, span, value: span, entry: None, container }
}
