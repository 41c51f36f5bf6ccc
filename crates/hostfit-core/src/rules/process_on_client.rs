use super::{isolation, mend::Mend, rule, wording};
use crate::{
    finding::Severity,
    judge::{Failing, Pair},
    model::{IsolationBy, IsolationSetting, Orchestrator},
    rule::Cx,
    source::Span,
    windows::{Isolation, compat::Step},
};

rule! {
    /// Windows 10 runs containers process-isolated for development only, and only where the builds are equal. Everything
    /// else on Windows 10 needs Hyper-V isolation, which is the default there.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "laptop"
    /// os = "10.0.19045"
    /// kind = "client"
    /// orchestrator = "docker"
    /// ```
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2019
    ///     isolation: process
    /// #              ^^^^^^^
    /// ```
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2019
    /// ```
    ///
    /// ## How to fix it
    /// Leave the isolation to the engine (`isolation: default`), or write `isolation: hyperv`.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/hyperv-container>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "process-on-client",
    summary: "process isolation on Windows 10",
    severity: Warning,
    check: Failing(check),
}

fn check(failing: &Failing, cx: &mut Cx) {
    let on_client = |pair: &&Pair| pair.judged.step == Step::ProcessOnClient;
    let (equal, differing): (Vec<_>, Vec<_>) = failing
        .pairs
        .iter()
        .filter(on_client)
        .cloned()
        .partition(|pair| pair.subject.version.build == pair.facts.version.build);
    let orchestrator = failing.workload.map(|workload| workload.orchestrator);
    let advice = match orchestrator {
        Some(Orchestrator::Kubernetes) => "place the pod on servers",
        _ => "leave the isolation to the engine, which takes Hyper-V there",
    };
    if let Some(first) = differing.first() {
        let message = format!(
            "`{}` is {}, which does not run process-isolated on Windows 10, as on {}: {}; {advice}",
            wording::reference(cx, first.subject.image),
            wording::release(cx, first.subject.version.build),
            wording::hosts(&differing),
            wording::seen(orchestrator, first),
        );
        let mend = mend(failing, first, cx);
        let finding = wording::report_failing_at(cx, failing, &differing, place(failing, first), message);
        let Some(finding) = finding else { return };
        if finding.severity > Severity::Info {
            finding.severity(Severity::Error);
        }
        if let Some(mend) = mend {
            mend.give(finding);
        }
    } else if let Some(first) = equal.first() {
        let message = format!(
            "process isolation on Windows 10, as on {}, is for development only, and fails with 0xc0370101 as soon as the \
             builds differ; {advice}",
            wording::hosts(&equal)
        );
        let span = place(failing, first);
        let mend = mend(failing, first, cx);
        let finding = wording::report_failing_at(cx, failing, &equal, span, message);
        if let (Some(finding), Some(mend)) = (finding, mend) {
            mend.give(finding);
        }
    }
}

/// Leaves the isolation to the engines, where each then runs it.
fn mend(failing: &Failing, pair: &Pair, cx: &Cx) -> Option<Mend> {
    let setting = asked(failing, pair).filter(|setting| matches!(setting.by, IsolationBy::Compose { .. }))?;
    let (mend, pairs) = isolation::instead(setting, Isolation::Default, cx)?;
    let fails = |host: &Option<String>| failing.pairs.iter().any(|pair| pair.host == *host);
    let others = pairs.iter().any(|pair| pair.judged.isolation == Isolation::Hyperv && !fails(&pair.host));
    let doubt = others.then(|| "other hosts take Hyper-V isolation then, too".to_owned());
    Some(mend.unless_doubtful(doubt))
}

/// The isolation, where the file asks for it; the image where the host's engine does.
fn place(failing: &Failing, pair: &Pair) -> Span {
    asked(failing, pair).map_or(pair.subject.span, |setting| setting.value.place())
}

/// What asks for process isolation in the file.
fn asked<'f>(failing: &Failing<'f>, pair: &Pair) -> Option<&'f IsolationSetting> {
    let container = failing.workload?.containers.get(pair.subject.container)?;
    container.isolation.as_ref().filter(|setting| setting.mode == Some(Isolation::Process))
}
