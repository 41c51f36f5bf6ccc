use super::{fixes::Fix, rule, wording};
use crate::{
    finding::{Message, Severity},
    judge::Judgement,
    model::{Container, EvidenceKind, OnWindows, Placement, Setting, SettingKey, Workload},
    rule::Cx,
    windows::Os,
};

rule! {
    /// ## What it checks
    /// Whether a Windows pod sets fields that only Linux supports: user and group ids, capabilities, `privileged`, SELinux,
    /// seccomp and AppArmor, `readOnlyRootFilesystem`, host PID and IPC, and `hostNetwork` outside HostProcess pods.
    ///
    /// ## Why it matters
    /// With `spec.os.name: windows` the API server rejects the pod: `cannot be set for a windows pod`. Without it the pod is
    /// accepted and the field has no effect, except that with `runAsUser` or `fsGroup` the kubelet may fail to mount the pod's
    /// volumes: `chown …: not supported by windows`.
    ///
    /// ## Example
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
    /// ## Fix
    /// Remove the field. `windowsOptions.runAsUserName` replaces `runAsUser`, and a HostProcess container replaces a
    /// privileged one. Without `spec.os.name: windows`, Pod Security admission may require the field, so `hostfit fix`
    /// removes it with `--unsafe` only.
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
    /// ## Configuration
    /// Without `spec.os.name: windows` the finding is an info. It is a warning for `hostNetwork`, and for `runAsUser` and
    /// `fsGroup` if the pod can be scheduled on a declared Windows node.
    ///
    /// ## Sources
    /// - <https://github.com/kubernetes/kubernetes/issues/102849>
    /// - <https://kubernetes.io/docs/concepts/windows/intro/#compatibility-v1-pod-spec-containers-securitycontext>
    /// - <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec>, `os`
    id: "linux-field-on-windows",
    summary: "a Windows pod sets a field that only Linux supports",
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
        let Some((severity, message)) = problem(setting, workload, says_windows, lands) else { continue };
        let name = match setting.container {
            Some(number) => workload.part(number as usize),
            None => workload.whole(),
        };
        let fix = fix(setting, severity, cx);
        let has_help = fix.is_some() || setting.on_windows == OnWindows::Unsupported;
        let message = message.help_unless(has_help, format!("remove `{}`", setting.key.path()));
        let finding = cx.report(setting.span, message);
        finding.severity(severity).workload(name);
        if let Some(fix) = fix {
            fix.give(finding);
        }
    }
}

/// Without the field. What the API server rejects never did anything.
fn fix(setting: &Setting, severity: Severity, cx: &Cx) -> Option<Fix> {
    if setting.on_windows == OnWindows::Unsupported {
        return None;
    }
    let caveat = match setting.key {
        SettingKey::HostNetwork => Some("check that the pod is not meant to be a HostProcess pod"),
        SettingKey::Privileged if setting.is != Some(false) => {
            Some("check that the container is not meant to be a HostProcess container")
        }
        SettingKey::RunAsUser | SettingKey::RunAsGroup => {
            Some("check whether `windowsOptions.runAsUserName` has to take its place")
        }
        _ if severity < Severity::Error => Some("check that Pod Security admission does not require it"),
        _ => None,
    };
    let removal = setting.entry.as_ref()?.removal(cx.sources)?;
    Some(Fix::new(format!("remove `{}`", setting.key.path())).delete(removal).with_caveat(caveat.map(str::to_owned)))
}

/// `lands` says whether a fleet has a Windows node for it.
fn problem(setting: &Setting, workload: &Workload, says_windows: bool, lands: bool) -> Option<(Severity, Message)> {
    let (key, last) = (setting.key.path(), setting.key.name());
    match setting.on_windows {
        OnWindows::RefusedIfTrue if setting.is != Some(true) => None,
        OnWindows::Refused | OnWindows::RefusedIfTrue if says_windows => Some((
            Severity::Error,
            for_linux(last, "the API server rejects the pod with `cannot be set for a windows pod`".to_owned()),
        )),
        // Windows has nothing of what is switched off; `allowPrivilegeEscalation: false` alone asks for something.
        OnWindows::Refused if setting.is == Some(false) && setting.key != SettingKey::AllowPrivilegeEscalation => None,
        OnWindows::Refused if matches!(setting.key, SettingKey::RunAsUser | SettingKey::FsGroup) => Some((
            if lands { Severity::Warning } else { Severity::Info },
            for_linux(last, format!("on a Windows node the pod can stay in ContainerCreating with {}", wording::CHOWN)),
        )),
        OnWindows::Refused | OnWindows::RefusedIfTrue => Some((
            Severity::Info,
            for_linux(
                last,
                "Windows ignores it, and with `spec.os.name: windows` the API server would reject the pod".to_owned(),
            ),
        )),
        // These pods have the DNS of their host, whatever the policy, and their host's network as well.
        OnWindows::Unsupported if setting.key == SettingKey::HostDns && may_have_host_process(workload) => None,
        OnWindows::Unsupported => Some((
            Severity::Info,
            Message::new(format!("`{key}` is not supported on Windows nodes")).help(format!("remove `{key}`")),
        )),
        OnWindows::Depends if setting.key == SettingKey::HostNetwork => {
            let severity = if workload.is_proven_windows() { Severity::Warning } else { Severity::Info };
            let message = Message::new("on Windows, `hostNetwork` works in HostProcess pods only")
                .note("the pod does not get the network of its node");
            (setting.is == Some(true) && !may_have_host_process(workload)).then_some((severity, message))
        }
        OnWindows::Depends => None,
    }
}

fn for_linux(name: &str, note: String) -> Message {
    Message::new(format!("`{name}` is a Linux field in a Windows pod")).note(note)
}

/// Whether it may be a HostProcess pod, of which each container would have to be one.
fn may_have_host_process(workload: &Workload) -> bool {
    workload.containers.iter().any(Container::may_be_host_process)
}
