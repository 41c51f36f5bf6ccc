//! The version of the image and that of the host, as the files and the text state them, and what comes of the pair.

use super::{Answer, Contradiction, Subject, Support, Tree, words::capital};
use crate::{
    diagnose::{Error, Incident},
    finding::Related,
    fleet::{Host, Orchestrator},
    judge::{Outcome, Reason},
    knowledge::{
        self, Knowledge,
        hosts::{self, OnHosts},
    },
    model::{ImageId, ImageUse},
    placement::{Allowed, kubernetes::HOSTNAME},
    source::Span,
    text::Text,
    windows::{
        Isolation, Os, OsVersion,
        compat::{HostFacts, Verdict},
        image,
        matcher::Matcher,
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
    /// Whether the text names no node, and every declared host runs the image.
    all_run: bool,
}

/// A host of which something is known: one of the fleet, or one whose version the text states.
struct That {
    /// Its name in backticks, or `the host`.
    name: String,
    /// None for Linux.
    facts: Option<HostFacts>,
    allowed: Allowed,
    outcome: Outcome,
}

/// What both sides together show.
pub(super) struct Cause {
    pub(super) message: String,
    pub(super) place: Option<Related>,
    /// Whether both are known and do not fit.
    pub(super) is_certain: bool,
    pub(super) help: Option<String>,
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
        let judge = |facts: &HostFacts| tree.answers.container_on(subject.workload.id, container, facts);
        let orchestrator = subject.workload.orchestrator;
        let host = declared(id, node.as_deref(), tree).or_else(|| {
            // One that is declared for something else, or of which the text states the version.
            let own = node.as_deref().and_then(|node| host_called(node, tree));
            let name = own.map(|it| it.name.as_str()).or(node.as_deref());
            let name = called(name);
            let described = tree.nodes.iter().find(|it| Some(&it.name) == node.as_ref()).map(|it| it.version);
            let facts = match (own, incident.host_version.or(described)) {
                (Some(own), _) => HostFacts::of(own, orchestrator),
                (None, version) => Some(stated(version?, incident, orchestrator, tree)),
            };
            let outcome = match &facts {
                Some(facts) => judge(facts)?,
                None => os.known().filter(|(os, _)| os.os == Os::Windows).map(|_| Outcome::other_os())?,
            };
            Some(That { name, facts, allowed: Allowed::Yes, outcome })
        });
        let host = host.map(|host| host.refusing(incident.error, judge));
        // Where the text names no node, a declared host that does not run it is the one.
        let declared = if host.is_none() && node.is_none() { hosts::of_image(tree.answers, id) } else { Vec::new() };
        let all_run = !declared.is_empty() && declared.iter().all(OnHosts::runs);
        let host = host.or_else(|| {
            declared.into_iter().find(OnHosts::fails).map(|on| {
                let first = on.host;
                That::of(on, first)
            })
        });
        Some(Self {
            error: incident.error,
            image: &image.text.value,
            known: knowledge::of_image(project, id),
            span: os.known().map_or(image.text.place(), |(_, span)| span),
            anchor: subject.workload.placement.anchor(),
            node,
            host,
            all_run,
        })
    }

    /// Where they fit after all, or the files keep the workload off that host: they are not what ran.
    pub(super) fn contradiction(&self, tree: Tree) -> Option<Contradiction> {
        let place = |span, message: &str| Related { span, message: message.to_owned() };
        let help = vec![
            "deploy these files".to_owned(),
            "if they are deployed already, pull the image again and compare the declared versions with `kubectl get nodes -o \
             wide` or `docker info`"
                .to_owned(),
        ];
        let (host, releases) = (self.host.as_ref()?, &tree.answers.config.releases);
        if let Allowed::No(exclusion) = &host.allowed {
            let span = exclusion.span.or(self.anchor).unwrap_or(self.span);
            return Some(Contradiction {
                message: format!("The files now keep it off {}: {}.", host.name, exclusion.why),
                place: place(span, "keeps it off"),
                help,
            });
        }
        let runs = matches!(host.outcome.verdict, Verdict::Runs | Verdict::Preview);
        (runs && self.may_contradict(host)).then(|| Contradiction {
            message: format!("The files say otherwise: on {}, {}.", host.name, host.why(releases)),
            place: place(self.span, "decides the image's Windows version"),
            help,
        })
    }

    /// Whether an image that Windows runs contradicts the error. A runtime's own matcher may reject it all the same,
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
        let node = self.host.as_ref().map_or_else(|| called(self.node.as_deref()), |it| it.name.clone());
        let (message, is_certain, help) = match (of_image, &self.host) {
            // Both versions are in the reason.
            (_, Some(host)) if host.outcome.image.is_some() => {
                let message = format!("`{}` on {node}: {}.", self.image, host.why(releases));
                (message, host.outcome.is_blocked(), help_of(self.error, &host.outcome))
            }
            (Some(image), Some(host)) => {
                let message = format!("{image}, and {}: {}.", host.describe(releases), host.why(releases));
                (message, host.outcome.is_blocked(), None)
            }
            (Some(image), None) if self.known.os == Some(Os::Linux) => {
                (format!("{image}, and {node} runs Windows containers."), false, None)
            }
            (Some(image), None) if self.all_run => {
                let message = format!(
                    "{image}, and every declared host runs it. The error comes from another host, or from other files."
                );
                (message, false, None)
            }
            (Some(image), None) => {
                let other = if is_of_matcher(self.error) { "another Windows or Linux" } else { "another Windows" };
                let message = format!("{image}, and {node} runs {other}. Neither the fleet nor the text says which.");
                let help = format!("declare {node} with its OS version in hostfit.toml");
                (message, false, Some(help))
            }
            (None, Some(host)) => {
                let why = self.known.provenance.words(&|span| place_in(span, tree));
                let host = capital(&host.describe(releases));
                let help = format!("declare the image's OS version under `[images]` in hostfit.toml: `{}`", self.image);
                let message =
                    format!("{host}. The version of `{}` does not fit, and is not known here ({why}).", self.image);
                (message, false, Some(help))
            }
            (None, None) => return None,
        };
        let role = match self.known.version {
            Some(_) => "decides the image's Windows version",
            None => "the image",
        };
        let place = Some(Related { span: self.span, message: role.to_owned() });
        let help = help.filter(|_| !matches!(self.known.os, Some(Os::Linux)));
        Some(Cause { message, place, is_certain, help })
    }

    /// Whether it runs under Hyper-V isolation already.
    pub(super) fn is_hyperv(&self) -> bool {
        self.host.as_ref().and_then(|it| it.outcome.isolation()) == Some(Isolation::Hyperv)
    }
}

impl That {
    /// `host` is one of them.
    fn of(on: OnHosts, host: &Host) -> Self {
        Self { name: called(Some(&host.name)), facts: on.facts, allowed: on.allowed, outcome: on.outcome }
    }

    /// The same host with the matcher that the error shows, where Windows would run what it rejects.
    fn refusing(mut self, error: Error, judge: impl Fn(&HostFacts) -> Option<Outcome>) -> Self {
        let Some(facts) = self.facts.filter(|it| it.matcher.is_none() && is_of_matcher(error)) else { return self };
        let with = |matcher| HostFacts { matcher: Some(matcher), ..facts };
        let refusing = || [Matcher::From2022, Matcher::FromLtscBelow, Matcher::Exact].into_iter().map(with);
        if matches!(self.outcome.verdict, Verdict::Runs | Verdict::Preview)
            && let Some(refused) = refusing().filter_map(|it| judge(&it)).find(|it| it.reason == Reason::RuntimeRefuses)
        {
            self.outcome = refused;
        }
        self
    }

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

/// A host as messages call it.
fn called(name: Option<&str>) -> String {
    name.map_or_else(|| "the host".to_owned(), |name| format!("`{name}`"))
}

/// The image on the declared host that a node is.
fn declared(id: ImageId, node: Option<&str>, tree: Tree) -> Option<That> {
    let host = host_called(node?, tree)?;
    let on = hosts::of_image(tree.answers, id);
    let on = on.into_iter().find(|on| on.hosts().any(|it| std::ptr::eq(it, host)))?;
    Some(That::of(on, host))
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
            | E::LinuxLayers
            | E::HistoryCheck
            | E::PlatformVersion
    )
}

/// Whether a runtime's matcher reports it, which may reject what Windows runs.
fn is_of_matcher(error: Error) -> bool {
    matches!(error, Error::NoPlatform | Error::StoreNoMatch | Error::NoManifest)
}

/// The declared host that a node is: by its name, or by its hostname label.
fn host_called<'t>(node: &str, tree: Tree<'t>) -> Option<&'t Host> {
    let hosts = &tree.answers.config.fleet.hosts;
    let labelled =
        |host: &&Host| host.labels.iter().any(|(key, value)| key == HOSTNAME && value.eq_ignore_ascii_case(node));
    hosts.iter().find(|host| host.name.eq_ignore_ascii_case(node)).or_else(|| hosts.iter().find(labelled))
}

/// A host of which the text states the version: the declared one of that version, if there is one only.
fn stated(version: OsVersion, incident: &Incident, orchestrator: Orchestrator, tree: Tree) -> HostFacts {
    let config = tree.answers.config;
    let declared = config.fleet.hosts.iter().filter(|it| it.orchestrator_or_docker() == orchestrator);
    let mut same =
        declared.filter_map(|it| HostFacts::of(it, orchestrator)).filter(|it| it.version.build == version.build);
    let facts = match (same.next(), same.next()) {
        (Some(facts), None) if incident.error != Error::PlatformVersion => facts,
        _ => {
            let kind = config.releases.usual_kind(version.build);
            HostFacts::named(version, kind, orchestrator == Orchestrator::Kubernetes)
        }
    };
    match incident.error {
        // Only this matcher reports it.
        Error::StoreNoMatch => HostFacts { matcher: facts.matcher.or(Some(Matcher::FromLtscBelow)), ..facts },
        // The platforms isolate with Hyper-V.
        Error::PlatformVersion => HostFacts { hyperv: Some(true), default_isolation: Isolation::Hyperv, ..facts },
        _ => facts,
    }
}

/// What helps where the outcome says more than the error.
fn help_of(error: Error, outcome: &Outcome) -> Option<String> {
    let refuses = outcome.reason == Reason::RuntimeRefuses && error != Error::StoreNoMatch;
    refuses.then(|| "use an image of the host's own release, or a container runtime that pulls this one".to_owned())
}

/// Takes over why a base image does not fit the host that the text states, or else a declared Docker host.
pub(super) fn of_base(answer: &mut Answer, image: &ImageUse, id: ImageId, incident: &Incident, tree: Tree) {
    if !is_about_versions(incident.error) {
        return;
    }
    let name = &image.text.value;
    let version = image.identity.version.as_ref();
    let on_stated = version.and_then(|(version, _)| of_version(name, *version, incident, tree));
    let on_declared = || {
        let is_docker = |host: &Host| host.orchestrator_or_docker() == Orchestrator::Docker;
        let is_about_it = incident.error == Error::NoPlatform && incident.host_version.is_none();
        let mut hosts = hosts::of_image(tree.answers, id).into_iter().filter(|_| is_about_it);
        let on = hosts.find(|on| is_docker(on.host) && on.fails())?;
        let why = on.why(&tree.answers.config.releases);
        Some((format!("`{name}` on `{}`: {why}.", on.host.name), on.outcome))
    };
    if let Some((message, outcome)) = on_stated.or_else(on_declared) {
        answer.take(incident.error, message, &outcome);
        answer.support = Support::Found;
    }
}

fn of_version(image: &str, version: OsVersion, incident: &Incident, tree: Tree) -> Option<(String, Outcome)> {
    let facts = stated(incident.host_version?, incident, Orchestrator::Docker, tree);
    let isolation = incident.isolation.unwrap_or(Isolation::Default);
    let outcome = Outcome::of(&facts, version, Some(isolation), true);
    let why = || outcome.why(Some(&facts), &tree.answers.config.releases);
    outcome.is_blocked().then(|| (format!("`{image}`: {}.", why()), outcome))
}

/// What the text alone says of the image and the host.
pub(super) fn of_text(answer: &mut Answer, incident: &Incident, tree: Tree) {
    let config = tree.answers.config;
    let Some(reference) = incident.object.image.as_deref().filter(|_| is_about_versions(incident.error)) else {
        return;
    };
    let identity = image::identify(&Text::literal(reference, Span::NOWHERE), &config.images, &config.releases);
    let Some((version, _)) = identity.version else { return };
    if let Some((message, outcome)) = of_version(reference, version, incident, tree) {
        answer.take(incident.error, message, &outcome);
    }
}

impl Answer {
    /// Takes over what comes of an image that does not run.
    fn take(&mut self, error: Error, message: String, outcome: &Outcome) {
        self.cause = message;
        self.rule = outcome.rule().or(self.rule);
        self.help.splice(0..0, help_of(error, outcome));
    }
}

fn place_in(span: Span, tree: Tree) -> String {
    let Some(source) = tree.sources.get(span.source) else { return String::new() };
    format!("{}:{}", source.path, source.position(span.start).line)
}
