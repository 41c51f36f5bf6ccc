//! Hover on what decides where a workload may land: which declared hosts match, and what excludes each of the others.

use hostfit_core::{
    fleet::{Host, Orchestrator},
    model::{Placement, Workload},
    phrase,
    placement::{
        self, Allowed,
        kubernetes::{self, LabelUse, Operator, PodPlacement, Toleration},
        swarm::{Constraint, SwarmPlacement},
    },
    source::{SourceId, Span},
    text::Text,
};

use super::{
    super::{
        View,
        markdown::{code, plain},
        phrases, touches,
    },
    Hover,
};

/// Of more hosts than that the others are counted only.
const MAX_HOSTS: usize = 40;

/// What the hovered bytes state.
struct Statement {
    span: Span,
    /// What the statement by itself makes of the hosts, if it is one of several.
    alone: Option<String>,
}

pub(super) fn hover(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    view.project().workloads.iter().filter(|workload| is_placed_in(workload, source)).find_map(|workload| {
        let statement = match &workload.placement {
            Placement::Kubernetes(pod) => of_pod(view, pod, source, offset),
            Placement::Swarm(service) => of_service(view, service, source, offset),
            Placement::Anywhere => None,
        }?;
        let hosts = view.hosts_of(workload.source, workload.orchestrator);
        if hosts.is_empty() {
            return Some(Hover { span: statement.span, markdown: no_hosts(workload.orchestrator).to_owned() });
        }
        let whole = whole(workload, &hosts);
        let markdown = match statement.alone {
            Some(alone) => format!("{alone}\n\n{whole}"),
            None => whole,
        };
        Some(Hover { span: statement.span, markdown })
    })
}

/// Whether the file has a part in the workload's placement: it declares it, or a RuntimeClass or a service that it takes
/// from.
fn is_placed_in(workload: &Workload, source: SourceId) -> bool {
    workload.source == source
        || match &workload.placement {
            Placement::Kubernetes(pod) => {
                let labels = pod.selector.iter().map(|label| &label.key);
                let keys = pod.tolerations.iter().filter_map(|toleration| toleration.key.as_ref());
                labels.chain(keys).any(|text| text.span.source == source)
            }
            Placement::Swarm(service) => service.constraints.iter().any(|it| it.text.span.source == source),
            Placement::Anywhere => false,
        }
}

fn no_hosts(orchestrator: Orchestrator) -> &'static str {
    match orchestrator {
        Orchestrator::Kubernetes => "The fleet has no Kubernetes host.",
        Orchestrator::Swarm => "The fleet has no Swarm host.",
        Orchestrator::Docker => "The fleet has no Docker host.",
    }
}

/// Where the workload may land, by all that it says.
fn whole(workload: &Workload, hosts: &[&Host]) -> String {
    let allowed: Vec<_> = hosts.iter().map(|host| (host, placement::allows(&workload.placement, host))).collect();
    let sure = allowed.iter().filter(|(_, allowed)| *allowed == Allowed::Yes).count();
    let count = if hosts.len() == 1 { "1 host".to_owned() } else { format!("{} hosts", hosts.len()) };
    let mut lines: Vec<_> = allowed
        .iter()
        .take(MAX_HOSTS)
        .map(|(host, allowed)| {
            let name = code(&host.name);
            match allowed {
                Allowed::Yes => format!("- {name}: matches"),
                Allowed::No(why) => format!("- {name}: excluded by {}", code(&why.why)),
                Allowed::Unknown(_) => format!("- {name}: not known, it depends on what the files do not say"),
            }
        })
        .collect();
    if let Some(more) = allowed.len().checked_sub(MAX_HOSTS).filter(|more| *more > 0) {
        lines.push(format!("- and {more} more"));
    }
    format!("{} may land on {sure} of {count}:\n\n{}", code(&workload.name), lines.join("\n"))
}

/// `kubernetes.io/os=windows` alone: which hosts satisfy it.
fn alone<'h>(what: &str, hosts: impl Iterator<Item = (&'h str, Option<bool>)>) -> String {
    let (mut yes, mut unknown) = (Vec::new(), Vec::new());
    for (host, holds) in hosts {
        match holds {
            Some(true) => yes.push(host),
            None => unknown.push(host),
            Some(false) => {}
        }
    }
    let names = |of: &[&str]| phrases::names(of.iter().copied(), of.len());
    let mut sentence = match yes.as_slice() {
        [] => format!("{} matches no declared host", code(what)),
        hosts => format!("{} matches {}", code(what), names(hosts)),
    };
    if !unknown.is_empty() {
        sentence = format!("{sentence}; not known of {}", names(&unknown));
    }
    format!("{sentence}.")
}

fn of_pod(view: &View<'_>, pod: &PodPlacement, source: SourceId, offset: u32) -> Option<Statement> {
    let at = |span: Span| touches(span, source, offset);
    let all = view.hosts_of(source, Orchestrator::Kubernetes);
    let hosts = || all.iter().copied();
    if let Some(label) = pod.labels().find(|label| label_spans(label).any(at)) {
        let span = label_spans(&label).find(|span| at(*span))?;
        let each = hosts().map(|host| (host.name.as_str(), kubernetes::satisfies(&label, host)));
        return Some(Statement { span, alone: Some(alone(&describe(&label), each)) });
    }
    if let Some((toleration, span)) = pod.tolerations.iter().find_map(|it| Some((it, toleration_at(it, at)?))) {
        let text = tolerated(toleration, &hosts().collect::<Vec<_>>());
        return Some(Statement { span, alone: Some(text) });
    }
    let keys = [pod.selector_key, pod.affinity_key, pod.tolerations_key].into_iter().flatten();
    let names = pod.runtime_class.iter().map(|(name, _)| name.span).chain(pod.node_name.iter().map(|name| name.span));
    let span = keys.chain(names).find(|span| at(*span))?;
    Some(Statement { span, alone: None })
}

fn label_spans(label: &LabelUse<'_>) -> impl Iterator<Item = Span> {
    let values: Vec<_> = label.values.iter().map(|value| value.text.span).collect();
    std::iter::once(label.key.span).chain(values)
}

fn describe(label: &LabelUse<'_>) -> String {
    let key = label.key.value.as_str();
    let values: Vec<_> = label.values.iter().map(|value| value.text.value.as_str()).collect();
    match (label.is_affinity(), label.operator, values.as_slice()) {
        (false, _, values) => format!("{key}={}", values.concat()),
        (true, Operator::Exists | Operator::DoesNotExist, _) | (_, _, []) => format!("{key} {}", label.operator.name()),
        (true, operator, values) => format!("{key} {} [{}]", operator.name(), values.join(", ")),
    }
}

fn toleration_at(toleration: &Toleration, at: impl Fn(Span) -> bool) -> Option<Span> {
    let texts = [&toleration.key, &toleration.value, &toleration.effect].into_iter().flatten();
    texts.map(|text: &Text| text.span).find(|span| at(*span))
}

/// Which taints of the fleet's hosts a toleration takes.
fn tolerated(toleration: &Toleration, hosts: &[&Host]) -> String {
    let mut taints: Vec<(String, Vec<&str>)> = Vec::new();
    for host in hosts {
        for taint in host.taints.iter().filter(|taint| kubernetes::tolerates(toleration, taint) == Some(true)) {
            let taint = code(&taint.to_string());
            match taints.iter_mut().find(|(known, _)| *known == taint) {
                Some((_, names)) => names.push(&host.name),
                None => taints.push((taint, vec![&host.name])),
            }
        }
    }
    if taints.is_empty() {
        return "It tolerates no taint of a declared host.".to_owned();
    }
    let of = |names: &[&str]| phrases::names(names.iter().copied(), names.len());
    let mut each: Vec<_> =
        taints.iter().take(MAX_HOSTS).map(|(taint, names)| format!("{taint} of {}", of(names))).collect();
    if let Some(more) = taints.len().checked_sub(MAX_HOSTS).filter(|more| *more > 0) {
        each.push(format!("{more} more"));
    }
    format!("It tolerates {}.", phrase::and(&each))
}

fn of_service(view: &View<'_>, service: &SwarmPlacement, source: SourceId, offset: u32) -> Option<Statement> {
    if let Some(constraint) = service.constraints.iter().find(|it| touches(it.text.span, source, offset)) {
        return Some(Statement { span: constraint.text.span, alone: Some(of_constraint(view, constraint)) });
    }
    let span = service.constraints_key.filter(|span| touches(*span, source, offset))?;
    Some(Statement { span, alone: None })
}

fn of_constraint(view: &View<'_>, constraint: &Constraint) -> String {
    let Ok(expression) = &constraint.parsed else {
        return plain("What it asks for is not known, or Swarm refuses it.");
    };
    let hosts = view.hosts_of(constraint.text.span.source, Orchestrator::Swarm);
    alone(constraint.text.value.trim(), hosts.iter().map(|host| (host.name.as_str(), expression.holds_on(host))))
}
