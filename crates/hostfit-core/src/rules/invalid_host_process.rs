use rustc_hash::FxHashMap;

use super::{fixes::Fix, rule, wording};
use crate::{
    finding::Message,
    judge::Judgement,
    model::{Known, Placement, Setting, SettingKey, Workload, WorkloadPart},
    placement::kubernetes::PodPlacement,
    rule::Cx,
    source::Span,
    text::Text,
};

rule! {
    /// ## What it checks
    /// Whether a pod with HostProcess containers, which run as processes of the node, meets their conditions: all containers of
    /// the pod are HostProcess containers, the pod has `hostNetwork: true`, and `runAsUserName` names an account of the node.
    /// The base image for HostProcess containers is reported in any other container.
    ///
    /// ## Why it matters
    /// The API server rejects the pod with `hostNetwork must be true if pod contains any hostProcess containers` or
    /// `If pod contains any hostProcess containers then all containers must be HostProcess containers`.
    ///
    /// ## Example
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: agent
    /// spec:
    ///   securityContext:
    ///     windowsOptions:
    ///       hostProcess: true
    /// #                  ^^^^
    ///       runAsUserName: NT AUTHORITY\SYSTEM
    ///   containers:
    ///   - name: agent
    ///     image: contoso/agent:1
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    /// ```
    ///
    /// ## Fix
    /// Set `hostNetwork: true`, `hostProcess: true` for the whole pod, and `runAsUserName` to `NT AUTHORITY\SYSTEM`,
    /// `NT AUTHORITY\Local service`, `NT AUTHORITY\NetworkService` or a local group.
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: agent
    /// spec:
    ///   hostNetwork: true
    ///   securityContext:
    ///     windowsOptions:
    ///       hostProcess: true
    ///       runAsUserName: NT AUTHORITY\SYSTEM
    ///   containers:
    ///   - name: agent
    ///     image: contoso/agent:1
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    /// ```
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/>
    /// - <https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go>
    /// - <https://github.com/microsoft/windows-host-process-containers-base-image>
    id: "invalid-host-process",
    summary: "a HostProcess pod is invalid, or its base image is used in another pod",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    // Of a patch, or a pod that several objects make, nothing is known to be missing.
    let Some(settings) = workload.settings.as_ref().filter(|_| pod.unreadable.is_none()) else { return };
    let host_process = workload.containers.iter().find_map(|container| match container.host_process {
        Known::Stated(true, span) => Some(span),
        _ => None,
    });
    let Some(span) = host_process else {
        base_image(workload, cx);
        return;
    };
    let mut found: Vec<Fault> = Vec::new();
    let mut places: FxHashMap<Span, usize> = FxHashMap::default();
    for fault in network(workload, pod, settings, span, cx)
        .into_iter()
        .chain(others(workload, span))
        .chain(users(workload, settings))
    {
        let place = *places.entry(fault.span).or_insert(found.len());
        match found.get_mut(place) {
            None => found.push(fault),
            // The same of another container.
            Some(first) if first.message.headline.contains(&fault.message.headline) => {}
            Some(first) => {
                first.message.headline = format!("{}, and {}", first.message.headline, fault.message.headline);
                first.message.notes.extend(fault.message.notes);
                let helps: Vec<_> = first.message.help.take().into_iter().chain(fault.message.help).collect();
                first.message.help = Some(helps.join(", and "));
                // It would fix one of them only.
                first.fix = None;
            }
        }
    }
    for Fault { span, mut message, part, related, fix } in found {
        message.help = message.help.filter(|_| fix.is_none());
        let finding = cx.report(span, message);
        finding.workload(part);
        if let Some(related) = related {
            finding.related(related, IS_HOST_PROCESS);
        }
        if let Some(fix) = fix {
            fix.give(finding);
        }
    }
}

/// The label of a `hostProcess` that is `true`.
const IS_HOST_PROCESS: &str = "enables HostProcess";

/// A condition that is not met.
struct Fault {
    span: Span,
    message: Message,
    /// Of the pod or the container.
    part: WorkloadPart,
    related: Option<Span>,
    fix: Option<Fix>,
}

fn network(
    workload: &Workload,
    pod: &PodPlacement,
    settings: &[Setting],
    host_process: Span,
    cx: &Cx,
) -> Option<Fault> {
    let stated = settings.iter().find(|setting| setting.key == SettingKey::HostNetwork);
    let span = match stated {
        None => host_process,
        Some(setting) if setting.is == Some(false) => setting.span,
        Some(_) => return None,
    };
    let message = Message::new("a pod with HostProcess containers needs `hostNetwork: true`")
        .label(if stated.is_some() { "" } else { IS_HOST_PROCESS })
        .note(
            "the API server rejects the pod with `hostNetwork must be true if pod contains any hostProcess containers`",
        )
        .help("write `hostNetwork: true`");
    let fix = Fix::new("write `hostNetwork: true`");
    let fix = match stated {
        None => pod.flag_insertion(cx.sources, "hostNetwork").map(|inserted| fix.insert(inserted)),
        Some(setting) => fix.write(cx, &Text::literal("false", setting.value), 0..5, "true"),
    };
    let part = wording::first_windows_part(workload, cx);
    Some(Fault { span, message, part, related: None, fix })
}

fn others(workload: &Workload, host_process: Span) -> impl Iterator<Item = Fault> {
    workload.containers.iter().enumerate().filter_map(move |(number, container)| {
        let span = match &container.host_process {
            Known::Stated(false, span) => *span,
            Known::Absent(_) => container.span,
            _ => return None,
        };
        let message = Message::new("this container is not a HostProcess container, and others of its pod are")
            .note(
                "the API server rejects the pod with `If pod contains any hostProcess containers then all containers must be \
                 HostProcess containers`",
            )
            .help("set `hostProcess: true` for the whole pod, or move this container to another pod");
        Some(Fault { span, message, part: workload.part(number), related: Some(host_process), fix: None })
    })
}

fn users(workload: &Workload, settings: &[Setting]) -> impl Iterator<Item = Fault> {
    let named = |container: Option<u32>| {
        settings.iter().any(|it| it.container == container && it.key == SettingKey::RunAsUserName)
    };
    let all = !named(None);
    (0..).zip(&workload.containers).filter(move |_| all).filter_map(move |(number, container)| {
        let Known::Stated(true, span) = container.host_process else { return None };
        if named(Some(number)) {
            return None;
        }
        let message = Message::new("a HostProcess container needs `runAsUserName`").label(IS_HOST_PROCESS).help(
            "set `runAsUserName` to `NT AUTHORITY\\SYSTEM`, `NT AUTHORITY\\Local service`, `NT AUTHORITY\\NetworkService` or a \
             local group of the node",
        );
        Some(Fault { span, message, part: workload.part(number as usize), related: None, fix: None })
    })
}

fn base_image(workload: &Workload, cx: &mut Cx) {
    for (number, container) in workload.containers.iter().enumerate() {
        let may_be = matches!(container.host_process, Known::Unresolved(..) | Known::Inferred(..));
        let project = cx.project;
        let Some(image) = container.image.and_then(|id| project.deciding_image(id)) else {
            continue;
        };
        if may_be || !image.identity.fits_every_build {
            continue;
        }
        let Some(used_at) = container.image.and_then(|id| project.image(id)).map(|it| it.text.span) else { continue };
        let message = Message::new("this image runs in HostProcess containers only")
            .help("set `securityContext.windowsOptions.hostProcess: true`");
        let part = workload.part(number);
        cx.report(used_at, message).workload(part).image(image.text.value.clone());
    }
}
