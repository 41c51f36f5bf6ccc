//! One image and the isolation asked for it, ready to be asked about every host.

use super::{
    classes::Builders,
    outcome::{Doubt, Outcome, Reason},
};
use crate::{
    fleet::{Host, HostId, Orchestrator},
    model::{Container, EvidenceKind, ImageId, ImageUse, Known, Project, Role, Workload},
    source::Span,
    windows::{
        HostKind, Isolation, Os, OsVersion,
        compat::{HostFacts, Verdict},
        image::{Proof, Variants},
    },
};

/// A container and what is known of its image.
#[derive(Debug)]
pub(super) struct Subject<'p> {
    pub(super) image: Option<ImageId>,
    /// The bytes that decide what the image is.
    pub(super) span: Span,
    contents: Contents<'p>,
    /// None where a variable decides it.
    isolation: Option<Isolation>,
    orchestrator: Orchestrator,
    /// The operating system that the pod says it is for.
    os_name: Option<Os>,
    made: Made,
    /// Whether a third party's name is all that says what the image is.
    is_guess: bool,
    /// Whether anything is published under the image's name.
    is_published: bool,
    /// What Docker builds on the host itself it does not pull.
    is_pulled: bool,
}

/// What is built is of one operating system, whatever its base has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    /// It is pulled, or made by the very host that runs it.
    Here,
    For(Os),
    /// The files do not say for which.
    ForEither,
}

impl Made {
    fn of(os: Option<Os>) -> Self {
        os.map_or(Self::ForEither, Self::For)
    }
}

/// What an image holds, once its name, `[images]`, the lock file and the Dockerfile that builds it were asked.
#[derive(Debug)]
enum Contents<'p> {
    /// Nobody knows, or it does not matter which: HostProcess containers run on every build.
    Other(Reason),
    Linux,
    Windows(Option<OsVersion>),
    /// The host pulls one of these.
    Variants(&'p Variants),
    /// A Docker host builds it from one of these.
    Built(&'p Variants, Vec<(HostId, Vec<OsVersion>)>),
}

impl<'p> Subject<'p> {
    /// A container of `workload`, which is placed on the hosts of a fleet that has these builders.
    pub(super) fn of_container(
        container: &Container,
        workload: &Workload,
        project: &'p Project,
        builders: &Builders,
    ) -> Self {
        let orchestrator = workload.orchestrator;
        let mut names = workload.evidence.iter().filter(|it| it.kind == EvidenceKind::OsName);
        let os_name = names.next().map(|it| it.os);
        let isolation = container.isolation.as_ref().map_or(Some(Isolation::Default), |setting| setting.mode);
        let other = match (&container.host_process, container.image) {
            (Known::Stated(true, _) | Known::Inferred(true, _), _) => Reason::HostProcess,
            (Known::Unresolved(..), _) => Reason::Unknown(Doubt::HostProcess),
            (_, Some(image)) => {
                let own = Self::of_image(image, isolation, orchestrator, project, builders);
                let made = if own.made == Made::ForEither { Made::of(workload.os()) } else { own.made };
                return Self { os_name, made, ..own };
            }
            (_, None) => Reason::Unknown(Doubt::NoImage),
        };
        let contents = Contents::Other(other);
        Self {
            image: container.image,
            span: container.span,
            contents,
            isolation,
            orchestrator,
            os_name,
            made: Made::Here,
            is_guess: false,
            is_published: true,
            is_pulled: false,
        }
    }

    /// An image by itself.
    pub(super) fn of_image(
        image: ImageId,
        isolation: Option<Isolation>,
        orchestrator: Orchestrator,
        project: &'p Project,
        builders: &Builders,
    ) -> Self {
        let own = project.image(image);
        let known = project.image_os(image);
        let is_pulled = orchestrator != Orchestrator::Docker || own.is_some_and(ImageUse::is_pulled);
        let is_base = own.is_some_and(|it| matches!(it.role, Role::Base { .. }));
        let is_built_there = orchestrator == Orchestrator::Docker
            && (is_base || own.is_some_and(|it| it.names_build_result || !it.is_named()));
        let decider = project.decider(image).and_then(|id| project.image(id).map(|it| (id, &it.identity)));
        let variants = decider.and_then(|(_, it)| it.variants.as_ref()).filter(|it| !it.windows.is_empty());
        let is_made = is_base || !is_built_there && decider.is_some_and(|(id, _)| id != image);
        let contents = match (decider, variants, known.known().map(|(os, _)| *os)) {
            (Some((_, identity)), ..) if identity.fits_every_build => {
                Contents::Other(Reason::Unknown(Doubt::MadeForHostProcess))
            }
            (_, Some(variants), _) if is_made && !is_built_there && variants.windows.len() > 1 => {
                Contents::Built(variants, builders.picked(&variants.windows))
            }
            (_, Some(Variants { windows, linux: false }), _) if windows.len() == 1 => {
                Contents::Windows(windows.first().copied())
            }
            (_, Some(variants), _) => Contents::Variants(variants),
            (.., Some(os)) if os.os == Os::Linux => Contents::Linux,
            (.., Some(os)) => Contents::Windows(os.version),
            (.., None) => Contents::Other(Reason::Unknown(Doubt::Os)),
        };
        let is_guess = project.image_proof(image) == Some(Proof::ThirdPartyName);
        let is_published = decider.is_none_or(|(_, identity)| identity.can_be_pulled());
        // Of a multi-platform image the tag decides, or the name that has none.
        let span = match (decider, variants) {
            (Some((id, identity)), Some(_)) => {
                let reference = &identity.reference;
                let at = reference.digest.clone().or_else(|| reference.tag.clone()).unwrap_or_else(|| reference.name());
                project.image(id).map_or(known.span(), |it| it.text.locate(at))
            }
            _ => known.span(),
        };
        Self {
            image: Some(image),
            span,
            contents,
            isolation,
            orchestrator,
            os_name: None,
            made: if is_made { Made::of(project.built_for(image)) } else { Made::Here },
            is_guess,
            is_published,
            is_pulled,
        }
    }

    /// The same, as if `isolation` were asked for it.
    pub(super) fn under(self, isolation: Isolation) -> Self {
        Self { isolation: Some(isolation), ..self }
    }

    /// What comes of it on a declared host.
    pub(super) fn on(&self, host: &Host) -> Outcome {
        match HostFacts::of(host, self.orchestrator) {
            Some(facts) => self.on_windows(&facts),
            None => match self.unless_not_admitted(Os::Linux, self.on_linux()) {
                own if self.is_published || own.reason == Reason::OtherOs => own,
                _ => Outcome::new(Verdict::Blocked, Reason::Unpublished),
            },
        }
    }

    /// What comes of it on a Windows host of which this is known.
    pub(super) fn on_windows(&self, facts: &HostFacts) -> Outcome {
        if !self.is_published {
            return Outcome::new(Verdict::Blocked, Reason::Unpublished);
        }
        self.unless_not_admitted(Os::Windows, self.if_published(facts))
    }

    /// The kubelet of an `own` node admits no pod whose `os.name` is the other operating system, whatever its images are.
    fn unless_not_admitted(&self, own: Os, outcome: Outcome) -> Outcome {
        let is_admitted = self.os_name.is_none_or(|os| os == own);
        if is_admitted || outcome.is_blocked() { outcome } else { Outcome::other_os() }
    }

    /// The same, as if an image were published under its name: a placement that leaves the wrong hosts is wrong whatever the
    /// name is.
    pub(super) fn if_published(&self, facts: &HostFacts) -> Outcome {
        match &self.contents {
            Contents::Other(reason) => by_itself(*reason),
            Contents::Linux => Outcome::other_os(),
            Contents::Windows(Some(version)) => Outcome::of(facts, *version, self.isolation, self.is_pulled),
            Contents::Windows(None) => Outcome::of_unknown_version(facts),
            Contents::Variants(variants) | Contents::Built(variants, _) if !self.is_windows_of(variants) => {
                if self.made == Made::ForEither { Outcome::unknown(Doubt::BuiltFor) } else { Outcome::other_os() }
            }
            Contents::Variants(variants) => Outcome::of_variants(facts, &variants.windows, self.isolation),
            Contents::Built(variants, builders) => self.built(facts, variants, builders),
        }
    }

    fn on_linux(&self) -> Outcome {
        let runs = Outcome::new(Verdict::Runs, Reason::Linux);
        match &self.contents {
            Contents::Other(reason @ Reason::Unknown(Doubt::Os | Doubt::NoImage)) => by_itself(*reason),
            Contents::Linux => runs,
            Contents::Variants(variants) | Contents::Built(variants, _) if self.may_be_linux_of(variants) => runs,
            // The name may mean something else.
            _ if self.is_guess => Outcome::unknown(Doubt::Os),
            _ => Outcome::other_os(),
        }
    }

    /// Whether a Windows host gets a Windows image of these.
    fn is_windows_of(&self, variants: &Variants) -> bool {
        !variants.linux || matches!(self.made, Made::Here | Made::For(Os::Windows))
    }

    fn may_be_linux_of(&self, variants: &Variants) -> bool {
        variants.linux && self.made != Made::For(Os::Windows)
    }

    /// The variant in it is the one that its builder picked. Where one builder's fits and another's does not, it may fail.
    fn built(&self, facts: &HostFacts, variants: &Variants, builders: &[(HostId, Vec<OsVersion>)]) -> Outcome {
        let of = |version: &OsVersion| Outcome {
            is_variant: true,
            ..Outcome::of(facts, *version, self.isolation, self.is_pulled)
        };
        if builders.is_empty() {
            return Outcome::of_one_of(variants.windows.iter().map(of), Doubt::BuildHost);
        }
        let outcomes = || {
            let on = |(host, picked): &(HostId, Vec<OsVersion>)| Outcome {
                built_on: Some(*host),
                ..Outcome::of_one_of(picked.iter().map(of), Doubt::Variant)
            };
            builders.iter().map(on)
        };
        match Outcome::worst_of(outcomes()) {
            Some(worst) if worst.is_blocked() && !outcomes().all(|it| it.is_blocked()) => {
                Outcome { verdict: Verdict::Risk, ..worst }
            }
            Some(worst) => worst,
            None => Outcome::unknown(Doubt::BuildHost),
        }
    }
}

fn by_itself(reason: Reason) -> Outcome {
    let verdict = match reason {
        Reason::HostProcess | Reason::Linux => Verdict::Runs,
        Reason::Unknown(_) => Verdict::Unknown,
        _ => Verdict::Blocked,
    };
    Outcome::new(verdict, reason)
}

/// The containers of a workload.
pub(super) fn subjects<'p>(workload: &Workload, project: &'p Project, builders: &Builders) -> Vec<Subject<'p>> {
    let of = |container| Subject::of_container(container, workload, project, builders);
    workload.containers.iter().map(of).collect()
}

/// A server of this version, of which nothing else is known.
pub(super) fn named_host(version: OsVersion, orchestrator: Orchestrator) -> HostFacts {
    HostFacts::named(version, HostKind::Server, orchestrator == Orchestrator::Kubernetes)
}
