//! Hover on an isolation mode: what it means, and what the engine of each host makes of `default`.

use hostfit_core::{
    fleet::{Host, Orchestrator},
    model::IsolationBy,
    source::{SourceId, Span},
    windows::{
        HostKind, Isolation,
        compat::{self, HostFacts},
    },
};

use super::{
    super::{View, phrases, touches},
    Hover,
};

/// The isolation modes of Windows engines, and what each means.
pub(in super::super) const MODES: [(&str, &str); 3] = [
    ("process", "shares the kernel of its host"),
    ("hyperv", "has a kernel of its own, in a small virtual machine"),
    ("default", "the engine chooses"),
];

/// The mode of a service, of an annotation, or of a host of the fleet.
pub(super) fn hover(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    of_container(view, source, offset).or_else(|| of_host(view, source, offset))
}

fn of_container(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    view.project().workloads.iter().find_map(|workload| {
        let settings = workload.containers.iter().filter_map(|it| it.isolation.as_ref());
        let (setting, span) =
            settings.into_iter().find_map(|it| Some((it, hovered(view, it.value.span, source, offset)?)))?;
        let markdown = match setting.by {
            IsolationBy::Compose { .. } => {
                let hosts = view.hosts_of(workload.source, workload.orchestrator);
                let defaults = defaults(&hosts, workload.orchestrator);
                [meaning(&setting.value.value), defaults].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
            }
            IsolationBy::Annotation(_) => {
                "No Kubernetes release since 1.21 reads this annotation: the pod runs with process isolation."
                    .to_owned()
            }
            IsolationBy::RuntimeHandler => return None,
        };
        (!markdown.is_empty()).then_some(Hover { span, markdown })
    })
}

/// `isolation = "hyperv"` of a host: the default of its engine.
fn of_host(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    let is_declared = view.config().fleets().any(|it| it.fleet.hosts.iter().any(|it| it.os_span.source == source));
    let file = view.source(source).filter(|_| is_declared)?;
    let span = file.line_span(offset);
    let (key, value) = file.slice(span).split_once('=')?;
    let mode = value.split(['"', '\'']).nth(1).filter(|_| key.trim() == "isolation")?;
    let markdown = format!(
        "What containers that ask for no isolation mode, or for `default`, get on this host.\n\n{}",
        meaning(mode)?
    );
    Some(Hover { span, markdown })
}

/// The value, or the key before it on its line, whichever is touched.
fn hovered(view: &View<'_>, value: Span, source: SourceId, offset: u32) -> Option<Span> {
    if touches(value, source, offset) {
        return Some(value);
    }
    let file = view.source(value.source).filter(|_| value.source == source)?;
    let line = file.line_span(value.start);
    let key = line.start as usize + file.slice(line).find("isolation")?;
    let key = Span::new(source, key..key + "isolation".len());
    (key.end < value.start && touches(key, source, offset)).then_some(key)
}

/// `process`: what a container has that asks for this.
fn meaning(mode: &str) -> Option<String> {
    let known = MODES.iter().find(|(known, _)| known.eq_ignore_ascii_case(mode));
    known.map(|(mode, about)| format!("`{mode}`: {about}."))
}

/// What `default` means on each of the hosts, those that have it for one reason in one line.
fn defaults(hosts: &[&Host], orchestrator: Orchestrator) -> Option<String> {
    let mut groups: Vec<(Isolation, &str, Vec<&str>)> = Vec::new();
    for host in hosts {
        let Some(facts) = HostFacts::of(host, orchestrator) else { continue };
        let mode = compat::in_effect(&facts, Isolation::Default);
        let why = match (host.isolation, host.kind) {
            (Isolation::Process | Isolation::Hyperv, _) => "set for its engine",
            (Isolation::Default, _) if facts.containerd => "the default of containerd",
            (Isolation::Default, HostKind::Client) => "the default of Windows clients",
            (Isolation::Default, HostKind::Server) => "the default of Windows Server",
        };
        match groups.iter_mut().find(|it| (it.0, it.1) == (mode, why)) {
            Some((.., names)) => names.push(&host.name),
            None => groups.push((mode, why, vec![&host.name])),
        }
    }
    let line = |(mode, why, names): &(Isolation, &str, Vec<&str>)| {
        let mode = if *mode == Isolation::Hyperv { "Hyper-V" } else { "process" };
        format!("- {}: {mode} isolation, {why}", phrases::names(names.iter().copied(), names.len()))
    };
    let lines: Vec<_> = groups.iter().map(line).collect();
    (!lines.is_empty()).then(|| format!("`default`, or no mode, means here:\n\n{}", lines.join("\n")))
}
