//! The version of the image and that of the host, as the files and the text tell them.

use super::{Change, Subject, Tree};
use crate::{
    diagnose::{Error, Incident},
    finding::Related,
    fleet::Host,
    judge,
    knowledge::{
        self, Whence,
        hosts::{self, OnHost, Outcome},
    },
    model::{ImageUse, Orchestrator, WorkloadId},
    placement::Allowed,
    source::Span,
    windows::{
        HostKind, Isolation, Os, OsVersion,
        compat::{self, HostFacts, Verdict},
        release::Releases,
    },
};

/// Both sides of a mismatch.
pub(super) struct Versions<'t> {
    error: Error,
    workload: WorkloadId,
    /// The reference that failed, as the files name it.
    image: String,
    os: Option<Os>,
    version: Option<OsVersion>,
    /// The bytes that decide the image's version; of the reference where it is not known.
    span: Span,
    whence: Whence,
    /// The node's name, if it is told.
    node: Option<String>,
    host: Option<Machine<'t>>,
}

/// A host of which something is known.
enum Machine<'t> {
    /// One of the fleet.
    Declared(OnHost<'t>),
    /// The text states its version.
    Stated(OsVersion, Verdict, String),
}

/// What both sides together tell.
pub(super) struct Cause {
    pub(super) message: String,
    pub(super) place: Option<Related>,
    /// Whether both are known and do not fit.
    pub(super) is_certain: bool,
    pub(super) mend: Option<String>,
}

impl<'t> Versions<'t> {
    /// Both sides, if the error is about them and the container is known.
    pub(super) fn of(subject: &Subject<'t>, incident: &Incident, tree: Tree<'t>) -> Option<Self> {
        if !is_about_versions(incident.error) {
            return None;
        }
        let container = subject.workload.containers.get(subject.container?)?;
        let id = container.image?;
        let project = tree.project();
        let image = project.image(id)?;
        let known = knowledge::of_image(project, id);
        let os = project.image_os(id);
        let span = os.known().map_or(image.text.place(), |(_, span)| span);
        let node = incident.object.node.clone();
        let declared = node.as_deref().and_then(|node| host_called(node, tree));
        let on = declared.and_then(|host| {
            hosts::of_image(project, tree.config, id).into_iter().find(|on| on.host.name == host.name)
        });
        let described = tree.nodes.iter().find(|it| Some(&it.name) == node.as_ref()).map(|it| it.version);
        let isolation = container.isolation.as_ref().map_or(Some(Isolation::Default), |it| it.mode);
        let host = on.map(Machine::Declared).or_else(|| {
            let version = incident.host_version.or(described)?;
            Some(stated(version, isolation, known.version, subject.workload.orchestrator, &tree.config.releases))
        });
        Some(Self {
            error: incident.error,
            workload: subject.id,
            image: image.text.value.clone(),
            os: known.os,
            version: known.version,
            span,
            whence: known.whence,
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
        match self.host.as_ref()? {
            Machine::Declared(OnHost { host, allowed: Allowed::No(exclusion), .. }) => Some(Change {
                message: format!("These files keep it off {} now: {}.", host.name, exclusion.why),
                place: place(exclusion.span.unwrap_or_else(|| self.anchor(tree)), "this keeps it off"),
                mend,
            }),
            _ if !self.may_contradict() => None,
            Machine::Declared(on) if matches!(on.outcome.verdict(), Verdict::Runs | Verdict::Preview) => Some(Change {
                message: format!(
                    "By these files that is not so: on {} {}.",
                    on.host.name,
                    on.outcome.why(&tree.config.releases)
                ),
                place: place(self.span, "this decides the image's Windows"),
                mend,
            }),
            Machine::Stated(_, Verdict::Runs | Verdict::Preview, why) => Some(Change {
                message: format!("By these files that is not so: {why}."),
                place: place(self.span, "this decides the image's Windows"),
                mend,
            }),
            _ => None,
        }
    }

    /// Whether an image that Windows runs speaks against the error. A runtime's own matcher may refuse it all the same,
    /// but never one of the host's own build; an exit before the start has other causes too.
    fn may_contradict(&self) -> bool {
        let host = match &self.host {
            Some(Machine::Declared(on)) => on.host.windows(),
            Some(Machine::Stated(version, ..)) => Some(*version),
            None => None,
        };
        match self.error {
            Error::OsMismatch | Error::NewerImage | Error::NoWindowsManifest => true,
            Error::NoPlatform | Error::NoManifest | Error::StoreNoMatch => {
                host.zip(self.version).is_some_and(|(host, image)| host.build == image.build)
            }
            _ => false,
        }
    }

    fn anchor(&self, tree: Tree) -> Span {
        let workload = tree.project().workloads.get(self.workload.0 as usize);
        workload.and_then(|it| it.placement.anchor()).unwrap_or(self.span)
    }

    /// Why they do not fit, as far as that is known.
    pub(super) fn cause(&self, tree: Tree) -> Option<Cause> {
        let releases = &tree.config.releases;
        let image = match (self.os, self.version) {
            (Some(Os::Linux), _) => Some(format!("`{}` is a Linux image", self.image)),
            (_, Some(version)) => Some(format!("`{}` is {}", self.image, releases.describe(version))),
            _ => None,
        };
        let host = self.host.as_ref().map(|it| self.describe(it, releases));
        let (message, is_certain, mend) = match (image, host) {
            (Some(image), Some(host)) => {
                let blocked = self.verdict() == Some(Verdict::Blocked);
                let node = self.node.as_deref().unwrap_or("the host");
                let message = match self.why(releases) {
                    // Both versions are in it.
                    Some(why) if self.is_compared() => format!("`{}` on {node}: {why}.", self.image),
                    Some(why) => format!("{image}, and {host}: {why}."),
                    None => format!("{image}, and {host}."),
                };
                (message, blocked, None)
            }
            (Some(image), None) => {
                let node = self.node.as_deref().unwrap_or("the host");
                let message = format!(
                    "{image}, and {node} runs another Windows; which one, neither the fleet nor the text says."
                );
                let mend = format!("declare {node} with its OS version in hostfit.toml to have this judged");
                (message, false, Some(mend))
            }
            (None, Some(host)) => {
                let why = self.whence.words(&|span| place_in(span, tree));
                let mend = format!("declare the image's OS version under `[images]` in hostfit.toml: `{}`", self.image);
                (
                    format!("{host}; the version of `{}` does not fit, and is not known here ({why}).", self.image),
                    false,
                    Some(mend),
                )
            }
            (None, None) => return None,
        };
        let note = match self.version {
            Some(_) => "this decides the image's Windows",
            None => "this is the image",
        };
        let place = Some(Related { span: self.span, message: note.to_owned() });
        Some(Cause { message, place, is_certain, mend: mend.filter(|_| !matches!(self.os, Some(Os::Linux))) })
    }

    fn describe(&self, machine: &Machine, releases: &Releases) -> String {
        let (name, version, kind) = match machine {
            Machine::Declared(OnHost { host, .. }) => match host.windows() {
                Some(version) => (host.name.as_str(), version, host.kind),
                None => return format!("{} runs Linux", host.name),
            },
            Machine::Stated(version, ..) => {
                (self.node.as_deref().unwrap_or("the host"), *version, kind_of(*version, releases))
            }
        };
        format!("{name} runs {}", releases.describe_host(version, kind))
    }

    fn verdict(&self) -> Option<Verdict> {
        match self.host.as_ref()? {
            Machine::Declared(on) => Some(on.outcome.verdict()),
            Machine::Stated(_, verdict, _) => Some(*verdict),
        }
    }

    /// Whether the reason is the compatibility rule's.
    fn is_compared(&self) -> bool {
        match &self.host {
            Some(Machine::Declared(on)) => matches!(on.outcome, Outcome::Judged { version: Some(_), .. }),
            Some(Machine::Stated(..)) => self.version.is_some(),
            None => false,
        }
    }

    fn why(&self, releases: &Releases) -> Option<String> {
        match self.host.as_ref()? {
            Machine::Declared(on) => Some(on.outcome.why(releases)),
            Machine::Stated(_, Verdict::Unknown, _) => None,
            Machine::Stated(_, _, why) => Some(why.clone()),
        }
    }
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
    let hosts = &tree.config.fleet.hosts;
    let labelled = |host: &&Host| {
        host.labels.iter().any(|(key, value)| key == "kubernetes.io/hostname" && value.eq_ignore_ascii_case(node))
    };
    hosts.iter().find(|host| host.name.eq_ignore_ascii_case(node)).or_else(|| hosts.iter().find(labelled))
}

/// A host of which the text states the version.
fn stated<'t>(
    host: OsVersion,
    isolation: Option<Isolation>,
    image: Option<OsVersion>,
    orchestrator: Orchestrator,
    releases: &Releases,
) -> Machine<'t> {
    let facts = HostFacts {
        version: host,
        kind: kind_of(host, releases),
        default_isolation: Isolation::Default,
        kubernetes: orchestrator == Orchestrator::Kubernetes,
        hyperv: None,
        containerd: false,
    };
    let Some(image) = image else { return Machine::Stated(host, Verdict::Unknown, String::new()) };
    let judged = judge::judge_with(&facts, image, isolation);
    Machine::Stated(host, judged.verdict, compat::explain(judged, &facts, Some(image), releases))
}

/// Why a base image does not fit the host that the text states, and whether that is certain.
pub(super) fn of_base(image: &ImageUse, incident: &Incident, tree: Tree) -> Option<(String, bool)> {
    let (version, _) = image.identity.version.as_ref().filter(|_| is_about_versions(incident.error))?;
    let isolation = Some(Isolation::Default);
    let docker = Orchestrator::Docker;
    let releases = &tree.config.releases;
    let Machine::Stated(_, verdict, why) = stated(incident.host_version?, isolation, Some(*version), docker, releases)
    else {
        return None;
    };
    (verdict == Verdict::Blocked).then(|| (format!("`{}`: {why}.", image.text.value), true))
}

fn kind_of(version: OsVersion, releases: &Releases) -> HostKind {
    releases.by_build(version.build).map_or(HostKind::Server, |it| it.kind)
}

fn place_in(span: Span, tree: Tree) -> String {
    let Some(source) = tree.sources.get(span.source) else { return String::new() };
    format!("{}:{}", source.path, source.position(span.start).line)
}
