//! Where each workload lands on the hosts as they are and as they will be, and what the two tables say of it there.

use rustc_hash::FxHashSet;

use super::{Class, Cx, Item, hosts::Next};
use crate::{
    fleet::{FleetId, Host, HostId},
    judge::{Answers, Doubt, Outcome, Place, Reason},
    model::{BuildId, ImageId, Workload, WorkloadId},
    source::Span,
    windows::{
        Build, Isolation,
        compat::{HostFacts, Step, Verdict},
    },
};

/// An item, with what its class follows from.
pub(super) struct Landed {
    pub(super) item: Item,
    pub(super) of: Of,
    pub(super) image: Option<ImageId>,
    /// What the Windows hosts are where it lands now, and what comes of it there.
    pub(super) now: Vec<Spot>,
    /// The same of the hosts as they will be.
    pub(super) next: Vec<Spot>,
    /// Whether its placement leaves none of the hosts as they will be, since it names a build that is gone.
    pub(super) is_pinned_away: bool,
    /// Whether something of its image has to change for it to run.
    pub(super) is_blocked: bool,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Container(WorkloadId, usize),
    FinalStage(BuildId),
}

/// Hosts that are alike, and what comes of an item there.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) fleet: FleetId,
    pub(super) hosts: Vec<HostId>,
    pub(super) facts: HostFacts,
    pub(super) outcome: Outcome,
}

impl Landed {
    /// The builds of the hosts where it lands now.
    pub(super) fn builds_now(&self) -> Vec<Build> {
        builds(&self.now)
    }

    /// Those of the hosts where it will.
    pub(super) fn builds_next(&self) -> Vec<Build> {
        builds(&self.next)
    }

    pub(super) fn workload<'a>(&self, cx: &Cx<'a>) -> Option<&'a Workload> {
        match self.of {
            Of::Container(workload, _) => cx.project.workload(workload),
            Of::FinalStage(_) => None,
        }
    }

    /// What the hosts will be, with the isolation that it asks for.
    pub(super) fn facts_next(&self, cx: &Cx) -> Vec<HostFacts> {
        let asked = match self.of {
            Of::Container(_, number) => self.workload(cx).and_then(|it| it.containers.get(number)),
            Of::FinalStage(_) => None,
        };
        let asked = asked.and_then(|it| it.isolation.as_ref()).and_then(|it| it.mode);
        let mode = asked.filter(|mode| *mode != Isolation::Default);
        let with =
            |spot: &Spot| HostFacts { default_isolation: mode.unwrap_or(spot.facts.default_isolation), ..spot.facts };
        self.next.iter().map(with).collect()
    }
}

fn builds(spots: &[Spot]) -> Vec<Build> {
    let mut builds: Vec<_> = spots.iter().map(|spot| spot.facts.version.build).collect();
    builds.sort_unstable();
    builds.dedup();
    builds
}

/// Every container and final stage that Windows hosts matter to, in the order of the files.
pub(super) fn items(cx: &Cx, next: &Next) -> Vec<Landed> {
    let mut found = Vec::new();
    for workload in &cx.project.workloads {
        let (now, later, is_pinned_away) = places(cx, workload, next);
        for (number, container) in workload.containers.iter().enumerate() {
            let of = |spots: &[(Spot, Vec<Outcome>)]| -> Vec<Spot> {
                let at = |(spot, outcomes): &(Spot, Vec<Outcome>)| {
                    Some(Spot { outcome: *outcomes.get(number)?, ..spot.clone() })
                };
                spots.iter().filter_map(at).collect()
            };
            found.extend(landed(
                cx,
                Of::Container(workload.id, number),
                container.image,
                (workload.container_name(number), container.span),
                (of(&now), of(&later), is_pinned_away),
                workload.is_windows(),
            ));
        }
    }
    for (id, build) in (0..).map(BuildId).zip(&cx.project.builds).filter(|(_, build)| !build.used) {
        let Some(stage) = build.final_stage.and_then(|number| build.stages.get(number as usize)) else { continue };
        let name =
            stage.name.as_ref().map_or_else(|| "final stage".to_owned(), |(name, _)| format!("final stage {name}"));
        let spots = (of_stage(cx.now, id), of_stage(cx.next, id), false);
        found.extend(landed(
            cx,
            Of::FinalStage(id),
            build.base_image(),
            (name, stage.span),
            spots,
            build.is_proven_windows,
        ));
    }
    found.sort_by(|a, b| {
        let place = |it: &Landed| (cx.path(it.item.span.source), it.item.span.start);
        place(a).cmp(&place(b))
    });
    // A Dockerfile that is evaluated several times is one.
    let key = |it: &Landed| (it.item.span, it.item.workload.clone(), it.item.image.clone());
    let mut seen = FxHashSet::default();
    found.retain(|it| !matches!(it.of, Of::FinalStage(_)) || seen.insert(key(it)));
    found
}

/// Hosts, each with what comes of all containers of a workload there.
type Places = Vec<(Spot, Vec<Outcome>)>;

/// The Windows hosts where a workload lands now and where it will, and whether it is kept off all of those by a build that it
/// names: then those that take the place of the ones where it is.
fn places(cx: &Cx, workload: &Workload, next: &Next) -> (Places, Places, bool) {
    let orchestrator = workload.orchestrator;
    let spot = move |fleet: FleetId, place: &Place, hosts: Vec<HostId>| {
        let facts = HostFacts::of(place.host, orchestrator)?;
        let outcome = *place.outcomes.first()?;
        Some((Spot { fleet, hosts, facts, outcome }, place.outcomes.to_vec()))
    };
    let left = |answers: Answers| -> Vec<_> {
        let all = answers.judgements_of(workload.id);
        let of = all.flat_map(|(fleet, judgement)| {
            let left = judgement.classes().filter(|place| !place.is_excluded());
            left.filter_map(move |place| spot(fleet.id, &place, judgement.hosts(place.class).to_vec()))
                .collect::<Vec<_>>()
        });
        of.collect()
    };
    let (now, later) = (left(cx.now), left(cx.next));
    if !later.is_empty() || now.is_empty() {
        return (now, later, false);
    }
    let is_there =
        |fleet: FleetId, id: HostId| now.iter().any(|(spot, _)| spot.fleet == fleet && spot.hosts.contains(&id));
    let takes_place = |fleet: FleetId, id: HostId, host: &Host| match next {
        Next::Release { .. } => is_there(fleet, id),
        Next::Fleet(_) => host.is_of(cx.to),
    };
    let mut seen = FxHashSet::default();
    let instead = cx.next.judgements_of(workload.id).flat_map(|(fleet, judgement)| {
        let places = judgement.places().filter(|place| takes_place(fleet.id, place.id, place.host));
        places.filter_map(|place| Some((place.class, spot(fleet.id, &place, vec![place.id])?))).collect::<Vec<_>>()
    });
    let instead: Vec<_> = instead.filter(|(class, _)| seen.insert(*class)).map(|(_, spot)| spot).collect();
    let is_pinned_away = !instead.is_empty();
    (now, instead, is_pinned_away)
}

/// The Windows hosts of a final stage, which nothing places.
fn of_stage(answers: Answers, id: BuildId) -> Vec<Spot> {
    let fleets = answers.config.fleets().zip(answers.tables);
    let of = fleets.flat_map(|(fleet, table)| {
        let spot = move |(class, outcome)| {
            let hosts = table.hosts(class);
            let first = fleet.fleet.host(*hosts.first()?)?;
            let facts = HostFacts::of(first, first.orchestrator_or_docker())?;
            Some(Spot { fleet: fleet.id, hosts: hosts.to_vec(), facts, outcome })
        };
        table.undeployed(id).filter_map(spot).collect::<Vec<_>>()
    });
    of.collect()
}

fn landed(
    cx: &Cx,
    of: Of,
    image: Option<ImageId>,
    (workload, span): (String, Span),
    (now, next, is_pinned_away): (Vec<Spot>, Vec<Spot>, bool),
    is_windows: bool,
) -> Option<Landed> {
    let spots = || now.iter().chain(&next);
    let is_other = |spot: &Spot| spot.outcome.reason == Reason::OtherOs;
    if spots().next().is_none() || spots().all(is_other) {
        return None;
    }
    let is_unknown = |spot: &Spot| spot.outcome.verdict == Verdict::Unknown;
    if !is_windows && spots().all(|spot| is_other(spot) || is_unknown(spot)) {
        return None;
    }
    // A final stage that some of the hosts run is meant for these.
    let meant = |spots: &[Spot]| spots.iter().any(|spot| spot.outcome.verdict.starts());
    let blocked = next.iter().find(|spot| spot.outcome.is_blocked() && !is_other(spot));
    let blocked = blocked.filter(|_| matches!(of, Of::Container(..)) || !meant(&next));
    let worst = blocked.or_else(|| next.iter().find(|spot| is_unknown(spot))).or(next.first());
    let (class, why) = match worst {
        Some(spot) if blocked.is_some() => (Class::WithHosts, why(cx, spot)),
        Some(spot) if is_unknown(spot) => (Class::Unknown, why(cx, spot)),
        Some(spot) => (Class::Unchanged, why(cx, spot)),
        None => (Class::Unchanged, "its placement leaves none of the hosts as they will be".to_owned()),
    };
    let is_undeclared =
        |spot: &Spot| matches!(spot.outcome.reason, Reason::Unknown(Doubt::Os) | Reason::Step(Step::ImageUnknown));
    let used = image.and_then(|image| cx.project.deciding_image(image).or(cx.project.image(image)));
    let declare = worst.filter(|spot| class == Class::Unknown && is_undeclared(spot)).and(used).map(|used| {
        let build = now.first().map(|spot| spot.facts.version.build);
        let release = build.and_then(|build| cx.releases.by_build(build)).map_or("ltsc", |release| &*release.id);
        format!("\"{}\" = \"{release}\"", used.pattern())
    });
    let own = spots().next().map(|spot| spot.fleet);
    let fleet = cx.now.config.fleets().find(|fleet| Some(fleet.id) == own).and_then(|fleet| fleet.name);
    let is_one = spots().all(|spot| Some(spot.fleet) == own);
    let item = Item {
        workload,
        fleet: fleet.filter(|_| is_one).map(str::to_owned),
        span,
        image: image.and_then(|image| cx.project.reference(image)).map(str::to_owned),
        class,
        why,
        write: None,
        declare,
        steps: Vec::new(),
    };
    let is_blocked = blocked.is_some();
    Some(Landed { item, of, image, now, next, is_pinned_away, is_blocked })
}

/// Why, with what the image is where it does not fit.
fn why(cx: &Cx, spot: &Spot) -> String {
    spot.outcome.why(Some(&spot.facts), cx.releases)
}
