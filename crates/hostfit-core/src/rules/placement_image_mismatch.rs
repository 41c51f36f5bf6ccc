use super::{mend::Mend, rule, wording};
use crate::{
    fleet::Host,
    judge::{self, Cause, Judgement},
    model::{Placement, Workload},
    placement::swarm::{Constraint, SwarmPlacement},
    rule::Cx,
    windows::compat::Verdict,
};

rule! {
    /// The placement names Windows builds, and none of them can run the image: wherever this lands, it does not start.
    ///
    /// At run time: `CrashLoopBackOff` (Swarm: 0/1) with `The operating system of the container does not match the operating
    /// system of the host. (0xc0370101)`, or a pull that finds `no matching manifest`.
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
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.17763
    /// #                                     ^^^^^^^^^^
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
    ///     node.kubernetes.io/windows-build: 10.0.26100
    /// ```
    ///
    /// ## How to fix it
    /// Name the build of the image, or build on the release that the placement names.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    /// - <https://kubernetes.io/docs/concepts/windows/user-guide/>
    id: "placement-image-mismatch",
    summary: "the placement pins a Windows build that can't run the image",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Cause::Placement(pairs) = &judgement.cause else { return };
    let (Some(first), Some(&(_, span))) = (pairs.first(), judgement.named.first()) else { return };
    let (image, hosts) = (wording::reference(cx, first.subject.image), wording::host_names(cx, pairs));
    let own: Vec<_> = pairs.iter().filter(|pair| pair.subject == first.subject).cloned().collect();
    let message = format!(
        "this places `{image}`, which is {}, on {}, where it can't run: {}; name {} instead, or change the image",
        wording::release(cx, first.subject.version.build),
        wording::hosts(&own),
        wording::seen(Some(workload.orchestrator), first),
        first.subject.version.build,
    );
    let decides = first.subject.span;
    let mend = match &workload.placement {
        Placement::Swarm(service) => other_value(workload, service, judgement, cx),
        Placement::Kubernetes(_) | Placement::Anywhere => None,
    };
    let finding = cx.report(span, message);
    finding.workload(wording::container_name(workload, first.subject.container)).image(image).hosts(hosts);
    finding.related(decides, "this decides the image's Windows");
    if let Some(mend) = mend {
        mend.give(finding);
    }
    wording::unless_proven(workload, finding);
}

/// The value that the constraint's label has on the declared nodes which can run the image, if they have one.
fn other_value(workload: &Workload, service: &SwarmPlacement, judgement: &Judgement, cx: &Cx) -> Option<Mend> {
    let [(_, named)] = judgement.named.as_slice() else { return None };
    let mut parsed = service.constraints.iter().filter_map(|it| Some((it, it.parsed.as_ref().ok()?)));
    let (constraint, expression) = parsed.find(|(it, parsed)| it.text.locate(parsed.value_at.clone()) == *named)?;
    let others = || service.constraints.iter().filter(|it| it.text.span != constraint.text.span);
    let left = |host: &Host| {
        let holds = |it: &Constraint| it.parsed.as_ref().is_ok_and(|parsed| parsed.holds_on(host) != Some(false));
        others().all(holds)
    };
    let runs = |host: &Host| {
        let pairs = judge::pairs_on(workload, cx.project, host);
        !pairs.is_empty() && pairs.iter().all(|it| !matches!(it.judged.verdict, Verdict::Blocked | Verdict::Unknown))
    };
    let hosts = judgement.landings.iter().map(|landing| landing.host).filter(|host| left(host));
    let (fit, misfit): (Vec<_>, Vec<_>) =
        hosts.filter_map(|host| Some((host, expression.label_of(host)?))).partition(|(host, _)| runs(host));
    let (_, value) = fit.first()?;
    let is_same = |(_, other): &(_, &str)| other.eq_ignore_ascii_case(value);
    if !fit.iter().all(is_same) || misfit.iter().any(is_same) {
        return None;
    }
    let mend = Mend::new(format!("write `{value}`")).write(cx, &constraint.text, expression.value_at.clone(), value)?;
    Some(mend.unless_doubtful(Some("the image may be what is wrong".to_owned())))
}
