use super::{mend::Fix, rule, wording};
use crate::{
    finding::Severity,
    judge::Judgement,
    model::{Container, EvidenceKind, OnWindows, Placement, Setting, SettingKey, Workload},
    rule::Cx,
    windows::Os,
};

rule! {
    /// A field of a Windows pod that only Linux knows: user ids, capabilities, `privileged`, SELinux, seccomp and
    /// AppArmor, `readOnlyRootFilesystem`, host PID and IPC. Where the pod says `os.name: windows`, the API server refuses
    /// it: an error. Else it takes the pod, and what was asked for does not happen: a note.
    ///
    /// `hostNetwork` is for HostProcess pods only: a warning.
    ///
    /// At run time: `cannot be set for a windows pod`, or nothing at all.
    ///
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   os:
    ///     name: windows
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     securityContext:
    ///       runAsUser: 1000
    /// #     ^^^^^^^^^
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    /// ```
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   os:
    ///     name: windows
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     securityContext:
    ///       windowsOptions:
    ///         runAsUserName: ContainerUser
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    /// ```
    ///
    /// ## How to fix it
    /// Take the field out. `windowsOptions.runAsUserName` takes the place of `runAsUser`; a HostProcess container that of a
    /// privileged one. Where `os.name` does not say `windows`, Pod Security admission may still ask for the field, so that
    /// `hostfit fix` takes it out with `--unsafe` only.
    ///
    /// With `runAsUser` or `fsGroup` the kubelet may fail to mount the pod's volumes. That is a warning where a declared
    /// Windows node may get the pod.
    ///
    /// ## Sources
    /// - <https://github.com/kubernetes/kubernetes/issues/102849>
    /// - <https://kubernetes.io/docs/concepts/windows/intro/#compatibility-v1-pod-spec-containers-securitycontext>
    /// - <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec>, `os`
    id: "linux-field-on-windows",
    summary: "a field of a Windows pod that Windows does not have",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    if !matches!(workload.placement, Placement::Kubernetes(_)) || !workload.is_windows() {
        return;
    }
    // A pod that is placed on Linux has another fault than its fields.
    if workload.evidence.iter().any(|it| it.os == Os::Linux && !it.kind.is_of_image()) {
        return;
    }
    let says_windows = workload.evidence.iter().any(|it| it.kind == EvidenceKind::OsName);
    let may_land = |judgement: Judgement| judgement.allowed_windows().next().is_some();
    let lands = workload.is_proven_windows() && cx.judgements_of(workload.id).any(may_land);
    for setting in workload.known_settings() {
        let Some((severity, message)) = judge(setting, workload, says_windows, lands) else { continue };
        let name = match setting.container {
            Some(number) => workload.part(number as usize),
            None => workload.whole(),
        };
        let mend = mend(setting, severity, cx);
        let finding = cx.report(setting.span, message);
        finding.severity(severity).workload(name);
        if let Some(mend) = mend {
            mend.give(finding);
        }
    }
}

/// Without the field. What the API server refuses never did anything.
fn mend(setting: &Setting, severity: Severity, cx: &Cx) -> Option<Fix> {
    if setting.on_windows == OnWindows::Unsupported {
        return None;
    }
    let doubt = match setting.key {
        SettingKey::HostNetwork => Some("the pod may be meant to be a HostProcess pod"),
        SettingKey::Privileged if setting.is != Some(false) => {
            Some("the container may be meant to be a HostProcess container")
        }
        SettingKey::RunAsUser | SettingKey::RunAsGroup => {
            Some("`windowsOptions.runAsUserName` says who runs it on Windows")
        }
        _ if severity < Severity::Error => {
            Some("Pod Security admission may ask for it while `os.name` is not `windows`")
        }
        _ => None,
    };
    let removal = setting.entry.as_ref()?.removal(cx.sources)?;
    Some(
        Fix::new(format!("take `{}` out", setting.key.path()))
            .delete(removal)
            .unless_doubtful(doubt.map(str::to_owned)),
    )
}

/// `lands` says whether a fleet has a Windows node for it.
fn judge(setting: &Setting, workload: &Workload, says_windows: bool, lands: bool) -> Option<(Severity, String)> {
    let (key, last) = (setting.key.path(), setting.key.name());
    match setting.on_windows {
        OnWindows::RefusedIfTrue if setting.is != Some(true) => None,
        OnWindows::Refused | OnWindows::RefusedIfTrue if says_windows => Some((
            Severity::Error,
            format!(
                "`{key}` is for Linux: the API server refuses it with `cannot be set for a windows pod`; take it out"
            ),
        )),
        // Windows has nothing of what is switched off; `allowPrivilegeEscalation: false` alone asks for something.
        OnWindows::Refused if setting.is == Some(false) && setting.key != SettingKey::AllowPrivilegeEscalation => None,
        OnWindows::Refused if matches!(setting.key, SettingKey::RunAsUser | SettingKey::FsGroup) => Some((
            if lands { Severity::Warning } else { Severity::Info },
            format!(
                "`{last}` is for Linux: on a Windows node the pod can hang in ContainerCreating with {}",
                wording::CHOWN
            ),
        )),
        OnWindows::Refused | OnWindows::RefusedIfTrue => Some((
            Severity::Info,
            format!(
                "`{last}` is for Linux: Windows has no such thing, and with `os.name: windows` the API server would refuse it"
            ),
        )),
        // These pods have the DNS of their host, whatever the policy, and their host's network as well.
        OnWindows::Unsupported if setting.key == SettingKey::HostDns && may_have_host_process(workload) => None,
        OnWindows::Unsupported => Some((Severity::Info, format!("`{key}` is not supported on Windows nodes"))),
        OnWindows::Depends if setting.key == SettingKey::HostNetwork => {
            let severity = if workload.is_proven_windows() { Severity::Warning } else { Severity::Info };
            let message =
                "`hostNetwork` works on Windows in HostProcess pods only: this pod does not get the node's network";
            (setting.is == Some(true) && !may_have_host_process(workload)).then(|| (severity, message.to_owned()))
        }
        OnWindows::Depends => None,
    }
}

/// Whether it may be a HostProcess pod, of which each container would have to be one.
fn may_have_host_process(workload: &Workload) -> bool {
    workload.containers.iter().any(Container::may_be_host_process)
}
