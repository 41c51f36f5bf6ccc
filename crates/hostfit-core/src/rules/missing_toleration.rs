use super::{mend::Fix, rule, wording};
use crate::{
    fleet::Taint,
    judge::{Cause, Judgement, Place},
    model::{Placement, Workload},
    placement::{Allowed, kubernetes::untolerated},
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
    /// Add the toleration. `hostfit fix` writes one for each taint of the hosts that the placement names, and no others; it
    /// leaves out taints that tell of a node's state, such as `node.kubernetes.io/not-ready`.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
    id: "missing-toleration",
    summary: "taints alone keep the pod off every host that its placement names",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Cause::Untolerated = judgement.cause() else { return };
    let Some(span) = wording::absence(workload, cx) else { return };
    let (classes, mut each): (Vec<_>, Vec<_>) = tainted(judgement).map(|(place, why)| (place.class, why)).unzip();
    let hosts = cx.hosts(classes);
    each.sort_unstable();
    each.dedup();
    let message = format!(
        "the pod does not tolerate {}, which keeps it off {}: it stays Pending with `node(s) had \
         untolerated taint`; add the toleration",
        wording::list(&each),
        wording::host_list(cx, &hosts),
    );
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_part(workload, cx));
    let mend = mend(workload, judgement, cx).filter(|_| workload.is_proven_windows());
    let finding = cx.report(span, message).absence();
    finding.image = image;
    finding.workload(name).hosts(hosts);
    if let Some(mend) = mend {
        mend.give(finding);
    }
    wording::unless_proven(workload, finding);
}

/// The hosts that a taint alone keeps the pod off, and which one.
fn tainted<'j>(judgement: &Judgement<'j>) -> impl Iterator<Item = (Place<'j>, &'j str)> + use<'j> {
    judgement.classes().filter_map(|place| match place.allowed {
        Allowed::No(why) if why.taint => Some((place, why.why.as_str())),
        _ => None,
    })
}

/// The tolerations that open the hosts on which it runs; none where it runs on no host that they could open.
fn mend(workload: &Workload, judgement: &Judgement, cx: &Cx) -> Option<Fix> {
    let Placement::Kubernetes(pod) = &workload.placement else { return None };
    let (runs, fails): (Vec<Place>, Vec<Place>) = tainted(judgement).map(|(place, _)| place).partition(fits);
    let mut taints: Vec<&Taint> = Vec::new();
    for taint in runs.iter().flat_map(|place| untolerated(pod, place.host)) {
        if !taints.contains(&taint) {
            taints.push(taint);
        }
    }
    // To tolerate what is wrong with a node for now is another decision.
    if taints.is_empty() || taints.iter().any(|taint| taint.is_passing()) {
        return None;
    }
    let opens = |place: &&Place| untolerated(pod, place.host).all(|taint| taints.contains(&taint));
    let misfits = cx.hosts(fails.iter().filter(opens).map(|place| place.class));
    let doubt =
        (!misfits.is_empty()).then(|| format!("it opens {} too, where it can't run", wording::host_list(cx, &misfits)));
    let inserted = pod.toleration_insertion(cx.sources, &taints)?;
    let each: Vec<_> = taints.iter().map(|taint| format!("`{taint}`")).collect();
    Some(Fix::new(format!("tolerate {}", wording::list(&each))).insert(inserted).unless_doubtful(doubt))
}

/// Whether the host is a Windows host on which nothing of the workload is known to fail.
fn fits(place: &Place) -> bool {
    place.host.windows().is_some() && !place.fails()
}
