//! The stages that a final stage is built from: on each host that builds images, whether what they RUN starts there.

use rustc_hash::FxHashSet;

use super::{
    case::{Case, On},
    classes::Classes,
    fault::{Fault, fault_of},
    outcome::{Outcome, Reason},
    subject::Subject,
};
use crate::{
    fleet::{Fleet, Orchestrator},
    model::{DockerfileBuild, ImageId, Known, Project},
    source::Span,
    windows::{
        Build, Isolation, Os,
        compat::{self, HostFacts, Step, Verdict},
        release::Releases,
    },
};

/// A stage that RUNs something on a known Windows build.
#[derive(Clone, Copy, Debug)]
pub struct RunningStage {
    /// The build.
    pub build: Build,
    /// The image that it comes down to.
    pub image: ImageId,
    /// The reference of that image, where the stage names it; else its `FROM`.
    pub span: Span,
}

/// How many stages all targets of a Dockerfile together may need, so that a file of many stages ends in time.
pub const MAX_STEPS: usize = 100_000;

/// Those of `stages` in which something RUNs and of which the Windows is known.
pub fn running_stages(build: &DockerfileBuild, stages: &[u32], project: &Project) -> Vec<RunningStage> {
    let runs = |&number: &u32| {
        let stage = build.stages.get(number as usize).filter(|stage| !stage.runs.is_empty())?;
        let image = build.base_of(number)?;
        match project.image_os(image) {
            Known::Stated(os, _) | Known::Inferred(os, _) if os.os == Os::Windows => {
                let used = project.image(image)?.text.span;
                let span = if stage.base_is_image() { used } else { stage.span };
                Some(RunningStage { build: os.version?.build, image, span })
            }
            _ => None,
        }
    };
    stages.iter().filter_map(runs).collect()
}

/// The stages that RUN on another build than the first one does, if no single host runs both process-isolated.
pub fn at_odds<'s>(
    running: &'s [RunningStage],
    releases: &'s Releases,
) -> impl Iterator<Item = (RunningStage, RunningStage)> + use<'s> {
    let first = running.first().copied();
    let pairs = running.iter().filter_map(move |later| Some((first?, *later)));
    pairs.filter(|(first, later)| !compat::share_a_host(first.build, later.build, releases))
}

/// The stages that building `target` needs, itself too, in order. `steps` is how many stages may still be looked at.
pub fn needed(build: &DockerfileBuild, target: u32, steps: &mut usize) -> Vec<u32> {
    let mut seen = FxHashSet::from_iter([target]);
    let mut needed = vec![target];
    let mut next = 0;
    while let Some(stage) = needed.get(next).and_then(|&stage| build.stages.get(stage as usize))
        && *steps > 0
    {
        next += 1;
        *steps -= 1;
        needed.extend(stage.needed().filter(|&earlier| seen.insert(earlier)));
    }
    needed.sort_unstable();
    needed
}

/// How many images of stages are looked at for one Dockerfile; real files have fewer, and hostile ones end in time.
const MAX_IMAGES: usize = 64;

/// What comes of building a Dockerfile on the hosts that do, as far as its final stage does not say it.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// Of the stages before the final one the first that fails, or may; one case of a class of hosts on which the final
    /// one does not fail itself.
    pub(super) failing: Vec<Case>,
    /// Whether some host builds all of them, for all that is known.
    pub(super) somewhere: bool,
}

impl Built {
    /// `outcomes` are those of the final stage. Stages of which no single host builds all are a fault of the file, whatever
    /// the hosts are.
    pub(super) fn of(
        build: &DockerfileBuild,
        outcomes: &[Outcome],
        project: &Project,
        fleet: &Fleet,
        classes: &Classes,
        releases: &Releases,
    ) -> Self {
        let mut found = Self::default();
        let Some(target) = build.final_stage.filter(|_| build.stages.len() > 1) else { return found };
        let mut steps = MAX_STEPS;
        let stages = needed(build, target, &mut steps);
        let running = running_stages(build, &stages, project);
        if at_odds(&running, releases).next().is_some() {
            return found;
        }
        let docker = Orchestrator::Docker;
        let subject = |(image, runs)| {
            (Subject::of_image(image, Some(Isolation::Default), docker, project, &classes.builders), runs)
        };
        let images = images(build, &stages);
        let (last, before): (Vec<_>, Vec<_>) =
            images.into_iter().partition(|(image, _)| Some(*image) == build.base_image());
        let subjects: Vec<_> = before.into_iter().map(subject).collect();
        let last_runs = last.iter().any(|(_, runs)| *runs);
        for (class, whole) in classes.images.classes().zip(outcomes) {
            let Some((_, host)) = classes.first(class, fleet).filter(|(_, host)| host.serves(docker)) else { continue };
            let Some(facts) = HostFacts::of(host, docker).filter(|_| whole.reason != Reason::OtherOs) else { continue };
            let case = |(subject, runs): &(Subject<'_>, bool)| {
                let case = Case::new(subject, 0, On::Hosts(class), &facts, subject.on_windows(&facts))?;
                let is_worse = match fault_of(&case) {
                    Some(Fault::Patches) => *runs && whole.verdict != Verdict::Risk,
                    _ => fails_to_build(case.outcome, *runs),
                };
                is_worse.then_some(case)
            };
            let worst = |worst: Case, next: Case| if next.fails() && !worst.fails() { next } else { worst };
            let case = subjects.iter().filter_map(case).reduce(worst);
            found.somewhere |= !case.is_some_and(|case| case.fails()) && !fails_to_build(*whole, last_runs);
            found.failing.extend(case.filter(|_| !whole.is_blocked()));
        }
        found
    }
}

/// Whether a stage of this image fails to build. What is only copied from has to be pulled, not to start.
fn fails_to_build(outcome: Outcome, runs: bool) -> bool {
    let is_pulled = !matches!(outcome.reason, Reason::Step(Step::NewerThanHost) | Reason::RuntimeRefuses);
    outcome.is_blocked() && (runs || !is_pulled)
}

/// The images of these stages, each once, and whether a stage RUNs something in it.
fn images(build: &DockerfileBuild, stages: &[u32]) -> Vec<(ImageId, bool)> {
    let mut images: Vec<(ImageId, bool)> = Vec::new();
    for &number in stages {
        let runs = build.stages.get(number as usize).is_some_and(|stage| !stage.runs.is_empty());
        let Some(image) = build.base_of(number) else { continue };
        if let Some((_, known)) = images.iter_mut().find(|(known, _)| *known == image) {
            *known |= runs;
        } else if images.len() < MAX_IMAGES || Some(image) == build.base_image() {
            images.push((image, runs));
        }
    }
    images
}
