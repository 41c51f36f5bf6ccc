//! Labels that say something else than the rest of the fleet.
//!
//! Sources: <https://kubernetes.io/docs/reference/labels-annotations-taints/>; for the pools
//! <https://learn.microsoft.com/azure/aks/use-labels>, <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>
//! and <https://cloud.google.com/kubernetes-engine/docs/concepts/node-pools>. AKS has one Windows version in a node pool:
//! <https://learn.microsoft.com/azure/aks/upgrade-windows-os>.

use rustc_hash::FxHashMap;

use super::{Kind, Problem};
use crate::{
    config::Config,
    finding::{Message, Severity},
    fleet::{Host, HostOs},
    placement::kubernetes::{is_os, names_pool},
    source::Span,
    windows::{
        Build, OsVersion,
        node_label::{WINDOWS_BUILD, build_of},
    },
};

/// Returns the labels of the host that state another operating system, build or revision than its `os`.
pub(super) fn contradictions(host: &Host, config: &Config) -> Vec<Problem> {
    let labels = host.labels.iter().zip(&host.places.labels);
    let engine_labels = host.engine_labels.iter().zip(&host.places.engine_labels);
    let problem = |((key, value), span): (&(String, String), &Span)| {
        let message = contradiction(key, value, host.os, config)?;
        Some(Problem {
            kind: Kind::LabelContradicts,
            severity: Severity::Warning,
            span: *span,
            message: message.into(),
        })
    };
    labels.chain(engine_labels).filter_map(problem).collect()
}

fn contradiction(key: &str, value: &str, os: HostOs, config: &Config) -> Option<String> {
    let is = |value: &str| format!("the kubelet sets `{key}` to `{value}` on this host");
    if is_os(key) {
        let own = if os == HostOs::Linux { "linux" } else { "windows" };
        return (value != own).then(|| is(own));
    }
    match os {
        HostOs::Linux if key == WINDOWS_BUILD => {
            Some(format!("`{key}` is a label of Windows nodes, but `os` is linux"))
        }
        HostOs::Linux => {
            let build = build_of(key, value, &config.releases)?;
            Some(format!("`{key}` names Windows {build}, but `os` is linux"))
        }
        HostOs::Windows(own) if key == WINDOWS_BUILD => {
            let build = own.build.to_string();
            (value != build).then(|| is(&build))
        }
        HostOs::Windows(own) => {
            let labelled = build_of(key, value, &config.releases)?;
            differs(labelled, own).then(|| format!("`{key}` names Windows {labelled}, but `os` is {own}"))
        }
    }
}

fn differs(labelled: OsVersion, own: OsVersion) -> bool {
    let revisions = labelled.revision.zip(own.revision);
    labelled.build != own.build || revisions.is_some_and(|(labelled, own)| labelled != own)
}

/// The pool labels of the hosts so far.
#[derive(Default)]
pub(super) struct Pools<'f> {
    /// By key and value the first host that carries the label, and the first with another operating system or build.
    carriers: FxHashMap<&'f (String, String), (&'f Host, Option<&'f Host>)>,
}

impl<'f> Pools<'f> {
    /// The pool label of a host that one declared before it carries too, with another operating system or build. AKS sets
    /// two labels for one pool: the first is reported.
    pub(super) fn mixed(&mut self, host: &'f Host) -> Option<Problem> {
        let build = |host: &Host| host.windows().map(|it| it.build);
        let mut found = None;
        for (label, span) in host.labels.iter().zip(&host.places.labels).filter(|((key, _), _)| names_pool(key)) {
            let Some((first, second)) = self.carriers.get_mut(label) else {
                self.carriers.insert(label, (host, None));
                continue;
            };
            let is_other = build(first) != build(host);
            let other = if is_other { Some(*first) } else { *second };
            let Some(other) = other else { continue };
            if is_other {
                second.get_or_insert(host);
            }
            let (key, value) = label;
            found.get_or_insert_with(|| {
                let runs = build(other).map_or_else(|| "Linux".to_owned(), |build: Build| build.to_string());
                let message = Message::new(format!(
                    "the node pool `{value}` also has the host `{}`, which runs {runs}",
                    other.name
                ))
                .note("a node pool has one operating system version")
                .help(format!("correct `{key}` or `os` of one of them"));
                Problem { kind: Kind::MixedPool, severity: Severity::Warning, span: *span, message }
            });
        }
        found
    }
}
