use super::{fixes::Fix, isolation, rule, wording};
use crate::{
    finding::Message,
    judge::Judgement,
    model::{Container, IsolationBy, SettingKey, Workload},
    rule::Cx,
    windows::{Isolation, Os},
};

rule! {
    /// ## What it checks
    /// Isolation modes that contradict the rest of the service: Hyper-V isolation together with another container's
    /// network, and an isolation mode on a Linux container.
    ///
    /// ## Why it matters
    /// With Hyper-V isolation the container has a kernel and a network of its own. The engine fails with `using the network stack of
    /// another container is not supported while using Hyper-V Containers`. A Linux engine fails with `invalid isolation (hyperv):
    /// linux only supports 'default'`.
    ///
    /// ## Example
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   sidecar:
    ///     image: mcr.microsoft.com/windows/nanoserver:ltsc2022
    ///     network_mode: service:web
    ///     isolation: hyperv
    /// #              ^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Use process isolation, or a network that both containers join. For a Linux image, remove `isolation` or write `default`.
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   sidecar:
    ///     image: mcr.microsoft.com/windows/nanoserver:ltsc2022
    ///     network_mode: service:web
    ///     isolation: process
    /// ```
    ///
    /// ## Sources
    /// - <https://github.com/moby/moby/blob/master/daemon/internal/runconfig/hostconfig_windows.go>
    /// - <https://github.com/moby/moby/blob/master/daemon/internal/runconfig/hostconfig_unix.go>
    id: "isolation-conflict",
    summary: "Hyper-V isolation with another container's network, or an isolation mode on a Linux container",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    for container in &workload.containers {
        let Some(setting) = &container.isolation else { continue };
        // A file format without the field has another fault.
        let in_service = matches!(setting.by, IsolationBy::Compose { lacking: None });
        let mode = match setting.mode {
            Some(Isolation::Process) if in_service => "process",
            Some(Isolation::Hyperv) if in_service => "hyperv",
            _ => continue,
        };
        let settings = workload.known_settings();
        let network = settings.iter().find(|it| it.key == SettingKey::NetworkOfContainer).map(|it| it.span);
        let (mut message, help, related, fix) = if is_linux(workload, container, cx) {
            let message = Message::new("a Linux container has no isolation mode")
                .note(format!("the engine fails with `invalid isolation ({mode}): linux only supports 'default'`"));
            let mut all = isolation::sharing(setting, cx).into_iter();
            let all_linux = all.all(|(workload, _, container)| is_linux(workload, container, cx));
            let whole = 0..setting.value.value.len();
            let fix = || Fix::new("write `default`").write(cx, &setting.value, whole, "default");
            (message, "remove `isolation`, or use a Windows image", None, all_linux.then(fix).flatten())
        } else if let Some(network) = network.filter(|_| mode == "hyperv") {
            let message = Message::new("a container with Hyper-V isolation cannot use another container's network").note(
                "the engine fails with `using the network stack of another container is not supported while using Hyper-V \
                 Containers`",
            );
            let fix = isolation::instead(setting, Isolation::Process, cx);
            let fix = fix.map(|(fix, _)| fix.with_caveat(Some(isolation::SHARES_KERNEL.to_owned())));
            (message, "use process isolation, or a network that both containers join", Some(network), fix)
        } else {
            continue;
        };
        if fix.is_none() {
            message = message.help(help);
        }
        let finding = wording::report_text(cx, &setting.value, 0..0, message);
        finding.workload(workload.whole());
        finding.fixes.extend(fix);
        if let Some(network) = related {
            finding.related(network, "uses another container's network");
        }
    }
}

/// Whether its image is surely Linux, and nothing but the isolation says Windows.
fn is_linux(workload: &Workload, container: &Container, cx: &Cx) -> bool {
    let image = container.image.map(|image| cx.project.image_os(image));
    let known = image.is_some_and(|it| it.known().is_some_and(|(os, _)| os.os == Os::Linux));
    let platform =
        workload.evidence.iter().any(|it| it.kind == crate::model::EvidenceKind::Platform && it.os == Os::Windows);
    known && !platform
}
