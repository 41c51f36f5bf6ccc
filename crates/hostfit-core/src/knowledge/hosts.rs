//! Which hosts of the fleet run an image or a workload: the table of outcomes, by image and by workload.

use crate::{
    config::DeclaredFleet,
    fleet::{Fleet, Host, HostId},
    judge::{self, Answers, Outcome, Place, Table},
    model::{ImageId, Role, WorkloadId},
    placement::Allowed,
    windows::{
        Isolation, OsVersion,
        compat::{HostFacts, Verdict},
        release::Releases,
    },
};

/// An image, or all images of a workload, on hosts that do not differ in anything that matters.
#[derive(Clone, Debug)]
pub struct OnHosts<'c> {
    /// The first of the hosts.
    pub host: &'c Host,
    /// All of them, in the order of the fleet.
    ids: &'c [HostId],
    of: &'c Fleet,
    /// What its fleet is called, where that is a target's: hosts of different fleets may have one name.
    pub fleet: Option<&'c str>,
    /// Whether the placement of the workload leaves it; it always does where no workload runs the image.
    pub allowed: Allowed,
    /// What comes of it there.
    pub outcome: Outcome,
    /// What the host is; none for Linux.
    pub facts: Option<HostFacts>,
}

impl<'c> OnHosts<'c> {
    /// How many hosts they are.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// The hosts, in the order of the fleet.
    pub fn hosts(&self) -> impl Iterator<Item = &'c Host> + use<'c> {
        let fleet = self.of;
        self.ids.iter().filter_map(|id| fleet.host(*id))
    }

    /// Whether it surely may land there, and runs.
    pub fn runs(&self) -> bool {
        self.allowed == Allowed::Yes && self.outcome.verdict.starts()
    }

    /// Whether it may land there, for all that is known, and nobody can say whether it runs.
    pub fn is_unknown(&self) -> bool {
        match (&self.allowed, self.outcome.verdict) {
            (Allowed::No(_), _) | (Allowed::Unknown(_), Verdict::Blocked) => false,
            (Allowed::Unknown(_), _) | (Allowed::Yes, Verdict::Unknown) => true,
            (Allowed::Yes, _) => false,
        }
    }

    /// Whether it surely may land there, and does not run.
    pub fn fails(&self) -> bool {
        self.allowed == Allowed::Yes && self.outcome.is_blocked()
    }

    /// Why, in one sentence without a full stop.
    pub fn why(&self, releases: &Releases) -> String {
        self.outcome.why(self.facts.as_ref(), releases)
    }
}

/// The image `id` on the hosts that it may be asked to run on: those of the orchestrator of the workload that runs it,
/// as the workload's isolation has it; else all, under their default isolation.
pub fn of_image<'c>(answers: Answers<'c>, id: ImageId) -> Vec<OnHosts<'c>> {
    let Answers { project, config, tables } = answers;
    let Some(image) = project.image(id) else { return Vec::new() };
    if let Role::Container { workload, container } = image.role {
        let outcome = |place: Place<'c>| place.outcomes.get(container as usize).copied();
        return of_places(answers, workload, outcome);
    }
    let users = if config.targets.is_empty() { &[][..] } else { project.users_of_image(image) };
    let fleets = config.fleets().zip(tables).filter(|(fleet, _)| config.judges(fleet, users));
    on_all(fleets, |fleet| judge::by_itself(project, id, fleet))
}

/// `workload` on the hosts of its orchestrator; where it has several containers, what comes of the one that fares worst.
pub fn of_workload(answers: Answers<'_>, workload: WorkloadId) -> Vec<OnHosts<'_>> {
    of_places(answers, workload, |place| Some(place.worst()))
}

/// An image of this version on every host of every fleet, under its default isolation.
pub fn of_version(answers: Answers<'_>, version: OsVersion) -> Vec<OnHosts<'_>> {
    on_all(answers.config.fleets().zip(answers.tables), |_| {
        |host: &Host| match HostFacts::of(host, host.orchestrator_or_docker()) {
            Some(facts) => Outcome::of(&facts, version, Some(Isolation::Default), true),
            None => Outcome::other_os(),
        }
    })
}

fn of_places<'c>(
    answers: Answers<'c>,
    workload: WorkloadId,
    outcome: impl Fn(Place<'c>) -> Option<Outcome>,
) -> Vec<OnHosts<'c>> {
    let judgements = answers.judgements_of(workload);
    let on = judgements.flat_map(|(fleet, judgement)| {
        let orchestrator = judgement.workload.orchestrator;
        judgement.classes().map(move |place| (fleet, place, judgement.hosts(place.class), orchestrator))
    });
    let on = on.filter_map(|(fleet, place, ids, orchestrator)| {
        Some(OnHosts {
            host: place.host,
            ids,
            of: fleet.fleet,
            fleet: fleet.name,
            allowed: place.allowed.clone(),
            outcome: outcome(place)?,
            facts: HostFacts::of(place.host, orchestrator),
        })
    });
    on.collect()
}

fn on_all<'c, O: Fn(&Host) -> Outcome>(
    fleets: impl Iterator<Item = (DeclaredFleet<'c>, &'c Table)>,
    outcomes: impl Fn(&'c Fleet) -> O,
) -> Vec<OnHosts<'c>> {
    let on = fleets.flat_map(|(fleet, table)| {
        let outcome = outcomes(fleet.fleet);
        table.classes_for_images().filter_map(move |ids| {
            let host = fleet.fleet.host(*ids.first()?)?;
            Some(OnHosts {
                host,
                ids,
                of: fleet.fleet,
                fleet: fleet.name,
                allowed: Allowed::Yes,
                outcome: outcome(host),
                facts: HostFacts::of(host, host.orchestrator_or_docker()),
            })
        })
    });
    on.collect()
}
