use super::{fixes::Fix, rule, wording};
use crate::{
    finding::Message,
    fleet::Taint,
    judge::{Cause, Judgement, Place},
    model::{Placement, Workload},
    placement::{
        Allowed,
        kubernetes::{PodPlacement, untolerated},
    },
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// Whether a pod tolerates the taints of the hosts that it selects. It is reported when taints alone keep it off every one
    /// of them.
    ///
    /// ## Why it matters
    /// The pod stays Pending with `node(s) had untolerated taint {os: windows}`.
    ///
    /// ## Example
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
    /// ## Fix
    /// Add the toleration. `hostfit fix` adds one for each taint of the selected hosts, except for taints that show a node's
    /// state, such as `node.kubernetes.io/not-ready`.
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
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
    id: "missing-toleration",
    summary: "a pod does not tolerate the taints of any host that it selects",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Cause::Untolerated = judgement.cause() else { return };
    let Some(span) = wording::absence(workload, cx) else { return };
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    let hosts = cx.hosts(tainted(judgement).map(|place| place.class));
    // Of several taints of a host the first is named.
    let taints: Vec<_> = tainted(judgement).filter_map(|place| untolerated(pod, place.host).next()).collect();
    let is_passing = taints.iter().any(|taint| taint.is_passing());
    let mut each: Vec<_> = taints.iter().map(|taint| format!("`{taint}`")).collect();
    each.sort_unstable();
    each.dedup();
    let each = wording::list(&each);
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_part(workload, cx));
    let fix = fix(pod, judgement, cx).filter(|_| workload.is_proven_windows());
    let message = Message::new(format!("this pod does not tolerate {each} on {}", wording::host_list(cx, &hosts)))
        .label(pod.anchor().map_or("", |_| "selects tainted nodes only"))
        .note("the pod stays Pending with `node(s) had untolerated taint`")
        .help_unless(fix.is_some() || is_passing, format!("add a toleration of {each}"));
    let finding = cx.report(span, message).absence();
    finding.image = image;
    finding.workload(name).hosts(hosts);
    if let Some(fix) = fix {
        fix.give(finding);
    }
    wording::unless_proven(workload, finding);
}

/// The hosts that a taint alone keeps the pod off.
fn tainted<'j>(judgement: &Judgement<'j>) -> impl Iterator<Item = Place<'j>> + use<'j> {
    judgement.classes().filter(|place| matches!(place.allowed, Allowed::No(why) if why.taint))
}

/// The tolerations that open the hosts on which it runs; none where it runs on no host that they could open.
fn fix(pod: &PodPlacement, judgement: &Judgement, cx: &Cx) -> Option<Fix> {
    let (runs, fails): (Vec<Place>, Vec<Place>) = tainted(judgement).partition(fits);
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
    let caveat = (!misfits.is_empty())
        .then(|| format!("it also admits {}, which cannot run the image", wording::host_list(cx, &misfits)));
    let inserted = pod.toleration_insertion(cx.sources, &taints)?;
    let each: Vec<_> = taints.iter().map(|taint| format!("`{taint}`")).collect();
    Some(Fix::new(format!("add a toleration of {}", wording::list(&each))).insert(inserted).with_caveat(caveat))
}

/// Whether the host is a Windows host on which nothing of the workload is known to fail.
fn fits(place: &Place) -> bool {
    place.host.windows().is_some() && !place.fails()
}
