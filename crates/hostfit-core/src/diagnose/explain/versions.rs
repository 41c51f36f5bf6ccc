//! The version of the image and that of the host, as the files and the text state them, and what comes of the pair.

use super::{Change, Subject, Tree};
use crate::{
    diagnose::{Error, Incident},
    finding::Related,
    fleet::{Host, Orchestrator},
    judge::Outcome,
    knowledge::{self, Knowledge, hosts},
    model::{ImageId, ImageUse},
    placement::{Allowed, kubernetes::HOSTNAME},
    source::Span,
    windows::{
        HostKind, Isolation, Os, OsVersion,
        compat::{HostFacts, Verdict},
        release::Releases,
    },
};

/// An image on the host where it failed.
pub(super) struct OnThat<'t> {
    error: Error,
    /// The reference that failed, as the files name it.
    image: &'t str,
    known: Knowledge,
    /// The bytes that decide the image's version; of the reference where it is not known.
    span: Span,
    /// Where a finding about the placement stands, if that is written.
    anchor: Option<Span>,
    /// The node, as the text calls it.
    node: Option<String>,
    host: Option<That>,
}

/// A host of which something is known: one of the fleet, or one whose version the text states.
struct That {
    name: String,
    /// None for Linux.
    facts: Option<HostFacts>,
    allowed: Allowed,
    outcome: Outcome,
}

/// What both sides together tell.
pub(super) struct Cause {
    pub(super) message: String,
    pub(super) place: Option<Related>,
    /// Whether both are known and do not fit.
    pub(super) is_certain: bool,
    pub(super) mend: Option<String>,
}

impl<'t> OnThat<'t> {
    /// Both sides, if the error is about them and the container is known.
    pub(super) fn of(subject: &Subject<'t>, incident: &Incident, tree: Tree<'t>) -> Option<Self> {
        if !is_about_versions(incident.error) {
            return None;
        }
        let container = subject.container?;
        let id = subject.workload.containers.get(container)?.image?;
        let project = tree.project();
        let image = project.image(id)?;
        let os = project.image_os(id);
        let node = incident.object.node.clone();
        let host = declared(id, node.as_deref(), tree).or_else(|| {
            let described = tree.nodes.iter().find(|it| Some(&it.name) == node.as_ref()).map(|it| it.version);
            let version = incident.host_version.or(described)?;
            let facts = stated(version, subject.workload.orchestrator, &tree.answers.config.releases);
            let outcome = tree.answers.container_on(subject.workload.id, container, &facts)?;
            let name = node.clone().unwrap_or_else(|| "the host".to_owned());
            Some(That { name, facts: Some(facts), allowed: Allowed::Yes, outcome })
        });
        Some(Self {
            error: incident.error,
            image: &image.text.value,
            known: knowledge::of_image(project, id),
            span: os.known().map_or(image.text.place(), |(_, span)| span),
            anchor: subject.workload.placement.anchor(),
            node,
            host,
        })
    }

    /// Where they fit after all, or the files keep the workload off that host: they are not what ran.
    pub(super) fn contradiction(&self, tree: Tree) -> Option<Change> {
        let place = |span, message: &str| Related { span, message: message.to_owned() };
        let mend =
            "deploy these files; if they are what runs, pull the image anew and compare the declared versions with \
                    `kubectl get nodes -o wide` or `docker info`"
                .to_owned();
        let (host, releases) = (self.host.as_ref()?, &tree.answers.config.releases);
        if let Allowed::No(exclusion) = &host.allowed {
            let span = exclusion.span.or(self.anchor).unwrap_or(self.span);
            return Some(Change {
                message: format!("These files keep it off {} now: {}.", host.name, exclusion.why),
                place: place(span, "this keeps it off"),
                mend,
            });
        }
        let runs = matches!(host.outcome.verdict, Verdict::Runs | Verdict::Preview);
        (runs && self.may_contradict(host)).then(|| Change {
            message: format!("By these files that is not so: on {} {}.", host.name, host.why(releases)),
            place: place(self.span, "this decides the image's Windows"),
            mend,
        })
    }

    /// Whether an image that Windows runs speaks against the error. A runtime's own matcher may refuse it all the same,
    /// but never one of the host's own build; an exit before the start has other causes too.
    fn may_contradict(&self, host: &That) -> bool {
        match self.error {
            Error::OsMismatch | Error::NewerImage | Error::NoWindowsManifest => true,
            Error::NoPlatform | Error::NoManifest | Error::StoreNoMatch => {
                let own = host.facts.map(|facts| facts.version.build);
                own.zip(host.outcome.image).is_some_and(|(own, image)| own == image.build)
            }
            _ => false,
        }
    }

    /// Why they do not fit, as far as that is known.
    pub(super) fn cause(&self, tree: Tree) -> Option<Cause> {
        let releases = &tree.answers.config.releases;
        let of_image = match (self.known.os, self.known.version) {
            (Some(Os::Linux), _) => Some(format!("`{}` is a Linux image", self.image)),
            (_, Some(version)) => Some(format!("`{}` is {}", self.image, releases.describe(version))),
            _ => None,
        };
        let node = self.node.as_deref().unwrap_or("the host");
        let (message, is_certain, mend) = match (of_image, &self.host) {
            // Both versions are in the reason.
            (_, Some(host)) if host.outcome.image.is_some() => {
                let message = format!("`{}` on {node}: {}.", self.image, host.why(releases));
                (message, host.outcome.is_blocked(), None)
            }
            (Some(image), Some(host)) => {
                let message = format!("{image}, and {}: {}.", host.describe(releases), host.why(releases));
                (message, host.outcome.is_blocked(), None)
            }
            (Some(image), None) => {
                let message = format!(
                    "{image}, and {node} runs another Windows; which one, neither the fleet nor the text says."
                );
                let mend = format!("declare {node} with its OS version in hostfit.toml to have this judged");
                (message, false, Some(mend))
            }
            (None, Some(host)) => {
                let why = self.known.provenance.words(&|span| place_in(span, tree));
                let host = host.describe(releases);
                let mend = format!("declare the image's OS version under `[images]` in hostfit.toml: `{}`", self.image);
                let message =
                    format!("{host}; the version of `{}` does not fit, and is not known here ({why}).", self.image);
                (message, false, Some(mend))
            }
            (None, None) => return None,
        };
        let role = match self.known.version {
            Some(_) => "this decides the image's Windows",
            None => "this is the image",
        };
        let place = Some(Related { span: self.span, message: role.to_owned() });
        let mend = mend.filter(|_| !matches!(self.known.os, Some(Os::Linux)));
        Some(Cause { message, place, is_certain, mend })
    }
}

impl That {
    fn why(&self, releases: &Releases) -> String {
        self.outcome.why(self.facts.as_ref(), releases)
    }

    fn describe(&self, releases: &Releases) -> String {
        match self.facts {
            Some(facts) => format!("{} runs {}", self.name, releases.describe_host(facts.version, facts.kind)),
            None => format!("{} runs Linux", self.name),
        }
    }
}

/// The image on the declared host that a node is.
fn declared(id: ImageId, node: Option<&str>, tree: Tree) -> Option<That> {
    let host = host_called(node?, tree)?;
    let on = hosts::of_image(tree.answers, id).into_iter().find(|on| std::ptr::eq(on.host, host))?;
    Some(That { name: host.name.clone(), facts: on.facts, allowed: on.allowed, outcome: on.outcome })
}

fn is_about_versions(error: Error) -> bool {
    use Error as E;
    matches!(
        error,
        E::OsMismatch
            | E::StoreNoMatch
            | E::NoWindowsManifest
            | E::NoManifest
            | E::NoPlatform
            | E::NewerImage
            | E::UnexpectedExit
            | E::LayerFormat
            | E::ImportLayer
            | E::CreateSystem
            | E::ClientIsolation
    )
}

/// The declared host that a node is: by its name, or by its hostname label.
fn host_called<'t>(node: &str, tree: Tree<'t>) -> Option<&'t Host> {
    let hosts = &tree.answers.config.fleet.hosts;
    let labelled =
        |host: &&Host| host.labels.iter().any(|(key, value)| key == HOSTNAME && value.eq_ignore_ascii_case(node));
    hosts.iter().find(|host| host.name.eq_ignore_ascii_case(node)).or_else(|| hosts.iter().find(labelled))
}

/// A host of which the text states the version.
fn stated(host: OsVersion, orchestrator: Orchestrator, releases: &Releases) -> HostFacts {
    let kind = releases.by_build(host.build).map_or(HostKind::Server, |it| it.kind);
    HostFacts::named(host, kind, orchestrator == Orchestrator::Kubernetes)
}

/// Why a base image does not fit the host that the text states, and whether that is certain.
pub(super) fn of_base(image: &ImageUse, incident: &Incident, tree: Tree) -> Option<(String, bool)> {
    let (version, _) = image.identity.version.as_ref().filter(|_| is_about_versions(incident.error))?;
    let releases = &tree.answers.config.releases;
    let facts = stated(incident.host_version?, Orchestrator::Docker, releases);
    let outcome = Outcome::of(&facts, *version, Some(Isolation::Default), true);
    outcome.is_blocked().then(|| (format!("`{}`: {}.", image.text.value, outcome.why(Some(&facts), releases)), true))
}

fn place_in(span: Span, tree: Tree) -> String {
    let Some(source) = tree.sources.get(span.source) else { return String::new() };
    format!("{}:{}", source.path, source.position(span.start).line)
}
