//! Fields of a pod and of its containers of which Windows makes something else than Linux.
//!
//! Sources: kubernetes/api `core/v1/types.go` (the comment on `PodOS`), kubernetes/kubernetes
//! `pkg/apis/core/validation/validation.go` (`validateWindows`) and
//! <https://kubernetes.io/docs/concepts/windows/intro/#compatibility>.

use super::field::{self, Reader};
use crate::{
    model::{
        Field,
        OnWindows::{self, Depends, Refused, RefusedIfTrue, Unsupported},
        Setting,
    },
    patch,
    syntax::yaml::{Dialect, Node, Scalar},
};

const POD: [(&str, OnWindows); 18] = [
    ("hostPID", RefusedIfTrue),
    ("hostIPC", RefusedIfTrue),
    ("hostUsers", Refused),
    ("shareProcessNamespace", Refused),
    ("resources", Refused),
    ("securityContext.appArmorProfile", Refused),
    ("securityContext.seLinuxOptions", Refused),
    ("securityContext.seccompProfile", Refused),
    ("securityContext.fsGroup", Refused),
    ("securityContext.fsGroupChangePolicy", Refused),
    ("securityContext.sysctls", Refused),
    ("securityContext.runAsUser", Refused),
    ("securityContext.runAsGroup", Refused),
    ("securityContext.supplementalGroups", Refused),
    ("securityContext.supplementalGroupsPolicy", Refused),
    ("securityContext.seLinuxChangePolicy", Refused),
    ("hostNetwork", Depends),
    ("securityContext.windowsOptions.runAsUserName", Depends),
];

const CONTAINER: [(&str, OnWindows); 12] = [
    ("securityContext.appArmorProfile", Refused),
    ("securityContext.seLinuxOptions", Refused),
    ("securityContext.seccompProfile", Refused),
    ("securityContext.capabilities", Refused),
    ("securityContext.readOnlyRootFilesystem", Refused),
    ("securityContext.privileged", Refused),
    ("securityContext.allowPrivilegeEscalation", Refused),
    ("securityContext.procMount", Refused),
    ("securityContext.runAsUser", Refused),
    ("securityContext.runAsGroup", Refused),
    ("volumeDevices", Unsupported),
    ("securityContext.windowsOptions.runAsUserName", Depends),
];

/// Those of a pod itself.
pub(super) fn of_pod(spec: Node<'_>, reader: &Reader) -> Vec<Setting> {
    let mut found: Vec<_> = POD.iter().filter_map(|row| setting(spec, row, None)).collect();
    if let Some((key, policy)) = field::entry(spec, "dnsPolicy")
        && policy.text() == Some("ClusterFirstWithHostNet")
    {
        found.push(unsupported("dnsPolicy: ClusterFirstWithHostNet", key, None));
    }
    let volumes = field::field(spec, "volumes").into_iter().flat_map(|list| reader.items(list));
    found.extend(volumes.filter_map(|volume| {
        let (key, medium) = field::entry(field::field(volume, "emptyDir")?, "medium")?;
        (medium.text() == Some("Memory")).then(|| unsupported("emptyDir.medium: Memory", key, None))
    }));
    found
}

/// Those of the container of this number.
pub(super) fn of_container(container: Node<'_>, number: usize, reader: &Reader) -> Vec<Setting> {
    let number = u32::try_from(number).ok();
    let mut found: Vec<_> = CONTAINER.iter().filter_map(|row| setting(container, row, number)).collect();
    let mounts = field::field(container, "volumeMounts").into_iter().flat_map(|list| reader.items(list));
    found.extend(mounts.filter_map(|mount| {
        let (key, value) = field::entry(mount, "mountPropagation")?;
        let propagates = matches!(value.text(), Some("HostToContainer" | "Bidirectional"));
        propagates.then(|| unsupported("volumeMounts.mountPropagation", key, number))
    }));
    let limits = field::at(container, &["resources", "limits"]).into_iter().flat_map(|list| reader.entries(list));
    let huge = limits.map(|(key, _)| key).filter(|key| key.text().is_some_and(|it| it.starts_with("hugepages-")));
    found.extend(huge.map(|key| unsupported("resources.limits.hugepages", key, number)));
    found
}

fn setting(
    object: Node<'_>,
    (path, on_windows): &(&'static str, OnWindows),
    container: Option<u32>,
) -> Option<Setting> {
    let path_to: Vec<_> = path.split('.').collect();
    let (last, parents) = path_to.split_last()?;
    let (key, value) = field::entry(field::at(object, parents)?, last)?;
    // Of an empty list and of a placeholder nothing is known to come.
    let is_empty = !value.is_mapping() && value.text().is_none() && value.items().next().is_none();
    let holes = field::text(value).is_some_and(|text| text.hole().is_some());
    let is = match value.scalar(Dialect::Kubernetes) {
        Some(Scalar::Bool(value)) => Some(value),
        _ => None,
    };
    let counts = *on_windows == Depends || !is_empty && !holes;
    counts.then(|| Setting {
        field: field_of(path),
        key: path,
        on_windows: *on_windows,
        is,
        span: key.span(),
        value: value.span(),
        entry: patch::entry(object, &path_to),
        container,
    })
}

/// What rules call the field of this path.
fn field_of(path: &str) -> Field {
    match path.rsplit('.').next().unwrap_or(path) {
        "hostNetwork" => Field::HostNetwork,
        "dnsPolicy: ClusterFirstWithHostNet" => Field::Dns,
        "privileged" => Field::Privileged,
        "allowPrivilegeEscalation" => Field::PrivilegeEscalation,
        "runAsUser" | "runAsGroup" => Field::RunAsNumber,
        "runAsUserName" => Field::RunAsUserName,
        _ => Field::Other,
    }
}

fn unsupported(key: &'static str, at: Node<'_>, container: Option<u32>) -> Setting {
    let span = at.span();
    Setting {
        field: field_of(key),
        key,
        on_windows: OnWindows::Unsupported,
        is: None,
        span,
        value: span,
        entry: None,
        container,
    }
}
