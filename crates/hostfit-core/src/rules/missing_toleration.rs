use super::{rule, wording};
use crate::{
    judge::{Cause, Judgement},
    model::Workload,
    placement::Allowed,
    rule::Cx,
};

rule! {
    /// The placement names hosts, and taints alone keep the pod off all of them.
    ///
    /// At run time the pod stays Pending: `node(s) had untolerated taint {os: windows}`.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "kubernetes"
    /// taints = ["os=windows:NoSchedule"]
    /// ```
    ///
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    /// # ^^^^^^^^^^^^
    ///     kubernetes.io/os: windows
    /// ```
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///   tolerations:
    ///   - key: os
    ///     value: windows
    ///     effect: NoSchedule
    /// ```
    ///
    /// ## How to fix it
    /// Add the toleration.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
    id: "missing-toleration",
    summary: "taints alone keep the pod off every host that its placement names",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Cause::Untolerated = &judgement.cause else { return };
    let Some(span) = wording::absence(workload, cx) else { return };
    let tainted = judgement.landings.iter().filter_map(|landing| match &landing.allowed {
        Allowed::No(why) if why.taint => Some((landing.host.name.clone(), why.why.clone())),
        _ => None,
    });
    let (hosts, taints): (Vec<_>, Vec<_>) = tainted.unzip();
    let mut each = taints;
    each.sort();
    each.dedup();
    let message = format!(
        "the pod does not tolerate {}, which keeps it off {}: it stays Pending with `node(s) had \
         untolerated taint`; add the toleration",
        wording::list(&each),
        wording::list(&hosts),
    );
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_name(workload, cx));
    let finding = cx.report(span, message).absence();
    finding.image = image;
    finding.workload(name).hosts(hosts);
    wording::unless_proven(workload, finding);
}
