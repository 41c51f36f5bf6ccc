use super::{isolation, mend::Fix, rule, wording};
use crate::{
    judge::Judgement,
    model::{Container, IsolationBy, SettingKey, Workload},
    rule::Cx,
    windows::{Isolation, Os},
};

rule! {
    /// An isolation mode that something else in the same service rules out: Hyper-V isolation gives the container a kernel
    /// and a network of its own, so that it can't use another container's network; and a Linux container has no isolation
    /// mode.
    ///
    /// At run time: `using the network stack of another container is not supported while using Hyper-V Containers`, or
    /// `invalid isolation (hyperv): linux only supports 'default'`.
    ///
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
    /// ## How to fix it
    /// Use process isolation, or a network that both containers join. For a Linux image, take `isolation` out, or
    /// write `default`.
    ///
    /// ## Sources
    /// - <https://github.com/moby/moby/blob/master/daemon/internal/runconfig/hostconfig_windows.go>
    /// - <https://github.com/moby/moby/blob/master/daemon/internal/runconfig/hostconfig_unix.go>
    id: "isolation-conflict",
    summary: "Hyper-V isolation with another container's network, or an isolation mode of a Linux container",
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
        let (message, related, mend) = if is_linux(workload, container, cx) {
            let message = format!(
                "a Linux container has no isolation mode: the engine answers `invalid isolation ({mode}): linux only supports \
                 'default'`; take it out, or use a Windows image"
            );
            let mut all = isolation::sharing(setting, cx).into_iter();
            let all_linux = all.all(|(workload, _, container)| is_linux(workload, container, cx));
            let whole = 0..setting.value.value.len();
            let mend = || Fix::new("write `default`").write(cx, &setting.value, whole, "default");
            (message, None, all_linux.then(mend).flatten())
        } else if let Some(network) = network.filter(|_| mode == "hyperv") {
            let message = "with Hyper-V isolation a container can't use another one's network: the engine answers `using the \
                           network stack of another container is not supported while using Hyper-V Containers`; use process \
                           isolation, or a network of both";
            let mend = isolation::instead(setting, Isolation::Process, cx);
            let mend = mend.map(|(mend, _)| mend.unless_doubtful(Some(isolation::SHARES_KERNEL.to_owned())));
            (message.to_owned(), Some(network), mend)
        } else {
            continue;
        };
        let finding = wording::report_text(cx, &setting.value, 0..0, message);
        finding.workload(workload.whole());
        if let Some(mend) = mend {
            mend.give(finding);
        }
        if let Some(network) = related {
            finding.related(network, "the other container's network is asked for here");
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
