//! What to do about an image that fits none of the hosts where it lands.

use std::{cmp::Reverse, sync::Arc};

use super::{fixes, wording};
use crate::{
    finding::Message,
    judge::{Case, Elsewhere, Failing},
    model::{ImageUse, Orchestrator, Role},
    rule::Cx,
    windows::{
        Build, HostKind,
        compat::{HostFacts, Step, runs_on_all},
        image::{Alternative, Family, VariantStatus},
        release::{Release, Releases},
    },
};

/// What to do about an image that fits none of the hosts where it lands.
pub(super) struct Advice {
    /// What to do; none where nothing says that anything has to be done.
    pub(super) help: Option<String>,
    /// Why that is not the same everywhere.
    pub(super) note: Option<String>,
}

impl Advice {
    fn of(help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), note: None }
    }

    /// Adds it to a message; the help is left to the fix where there is one.
    pub(super) fn complete(self, message: Message, has_fix: bool) -> Message {
        let room = wording::MAX_NOTES - message.notes.len().min(wording::MAX_NOTES);
        let message = self.note.into_iter().take(room).fold(message, Message::note);
        match self.help {
            Some(help) => message.help_unless(has_fix, help),
            None => message,
        }
    }
}

/// Returns what to do about an image that fits none of the hosts of `failing`: one release that runs wherever the container may
/// land, or the statement that none does.
pub(super) fn use_instead(cx: &Cx, failing: &Failing) -> Advice {
    let (cases, orchestrator) = (&failing.cases, failing.workload.map(|workload| workload.orchestrator));
    if let Some(others) = other_hosts(failing) {
        return others;
    }
    let mut advice = release_instead(cx, failing);
    let has_hyperv = |case: &Case| match case.facts.hyperv {
        Some(has) => has,
        None => case.facts.kind == HostKind::Client,
    };
    let is_newer = |case: &Case| case.step() == Some(Step::NewerThanHost);
    let helps = |case: &Case| has_hyperv(case) && !case.facts.kubernetes && !is_newer(case);
    let other = match orchestrator {
        Some(Orchestrator::Kubernetes) => "place the pod on nodes that fit",
        _ if !cases.iter().all(helps) => return advice,
        Some(Orchestrator::Swarm | Orchestrator::Docker) => "write `isolation: hyperv`",
        None => "run it with `--isolation hyperv`",
    };
    advice.help = Some(match advice.help {
        Some(help) => format!("{help}, or {other}"),
        None => other.to_owned(),
    });
    advice
}

/// The fix that goes with [`use_instead`]. Of a stage the image may be right, and the host wrong.
pub(super) fn fitting(cx: &Cx, failing: &Failing) -> Option<fixes::Fix> {
    let first = failing.cases.first().filter(|_| failing.stage.is_none())?;
    fixes::fitting(cx, first.image)
}

/// What to do where nothing is wrong with the image, since other hosts may build or run it.
pub(super) fn other_hosts(failing: &Failing) -> Option<Advice> {
    let (help, note) = match failing {
        Failing { stage: Some(Elsewhere::Builds), .. } => {
            (Some("build the image on another declared host"), "the final stage needs this one")
        }
        Failing { stage: Some(Elsewhere::Fails), .. } => {
            (None, "the final stage needs this one, and no declared Docker host builds it")
        }
        Failing { is_certain: false, .. } => {
            (None, "nothing here deploys it, and it may be meant for other declared hosts")
        }
        _ => return None,
    };
    Some(Advice { help: help.map(str::to_owned), note: Some(note.to_owned()) })
}

/// Returns what runs wherever the container may land, or a smallest set of images that do.
fn release_instead(cx: &Cx, failing: &Failing) -> Advice {
    let cases = &failing.cases;
    let decider = cases.first().and_then(|case| cx.project.deciding_image(case.image).or(cx.project.image(case.image)));
    let Some(decider) = decider else { return Advice::of("use an image of the release that the hosts run") };
    let choice = Replacement::of(cx, decider);
    let count = |case: &Case| case.on.class().map_or(1, |class| cx.table.hosts(class).len());
    let here = || cases.iter().map(|case| (case.facts, count(case)));
    let landing = fixes::counted_hosts_of(cx, decider).unwrap_or_default();
    let hosts: Vec<_> = landing.into_iter().chain(here()).collect();
    // What runs wherever the image is used, or else wherever this workload may land: others are reported by themselves.
    let judgement = failing.workload.and_then(|workload| cx.judgement(workload.id));
    let own: Vec<_> = judgement.map(|it| it.possible_windows()).unwrap_or_default();
    let own: Vec<_> = own.into_iter().chain(here()).collect();
    match choice.for_all(&hosts).or_else(|| choice.for_all(&own)) {
        Some(one) => Advice::of(choice.use_one(one)),
        None => choice.use_several(cx, &hosts),
    }
}

/// What an image that does not fit can be replaced by, and how to say so.
struct Replacement<'p> {
    image: &'p ImageUse,
    /// Whether its tags are known; of others only releases can be named.
    is_known: bool,
    /// The best and newest first.
    of: Arc<[Alternative]>,
}

impl<'p> Replacement<'p> {
    fn of(cx: &Cx<'p>, image: &'p ImageUse) -> Self {
        let releases = &cx.config.releases;
        let known = cx.alternatives(image);
        let is_known = known.is_some();
        let family = image.identity.family.unwrap_or(Family::ServerCore);
        Self { image, is_known, of: known.unwrap_or_else(|| releases_of(family, releases).into()) }
    }

    fn for_all(&self, hosts: &[(HostFacts, usize)]) -> Option<&Alternative> {
        self.of.iter().find(|it| hosts.iter().all(|(host, _)| runs_on_all(it.build, &[*host])))
    }

    fn is_pulled_to_run(&self) -> bool {
        matches!(self.image.role, Role::Container { .. })
    }

    fn use_one(&self, one: &Alternative) -> String {
        let verb = match (self.is_pulled_to_run(), self.is_known) {
            (true, true) => "use",
            (true, false) => "use a tag that is built on",
            (false, true) => "build on",
            (false, false) => "build on an image of",
        };
        format!("{verb} {}", self.name(one))
    }

    fn use_several(&self, cx: &Cx, hosts: &[(HostFacts, usize)]) -> Advice {
        let (chosen, missing) = self.cover(hosts);
        let names: Vec<_> = chosen.iter().map(|it| self.name(it)).collect();
        let help = match chosen.as_slice() {
            [] => None,
            [one] => Some(self.use_one(one)),
            _ => Some(self.use_each(&names)),
        };
        if missing.is_empty() {
            return Advice { help, note: Some("no release runs on every host where this may land".to_owned()) };
        }
        let missing: Vec<_> = missing.into_iter().map(|build| wording::release(cx, build)).collect();
        let note = Some(format!("{} is published for {}", self.nothing(), wording::list(&missing)));
        Advice { help: help.map(|help| format!("{help} for the other hosts")), note }
    }

    fn use_each(&self, names: &[String]) -> String {
        let names = wording::list(names);
        match (self.is_pulled_to_run(), self.is_known) {
            (true, true) => format!("use {names}, each where it fits"),
            (true, false) => format!("use one tag each that is built on {names}"),
            (false, true) => format!("build one image each on {names}"),
            (false, false) => format!("build one image each on images of {names}"),
        }
    }

    /// The fewest that run on as many of `hosts` as possible, from the oldest, and the builds of the hosts that are left.
    fn cover(&self, hosts: &[(HostFacts, usize)]) -> (Vec<&Alternative>, Vec<Build>) {
        let mut left = hosts.to_vec();
        let mut chosen: Vec<&Alternative> = Vec::new();
        loop {
            let runs = |it: &Alternative| -> usize {
                left.iter().filter(|(host, _)| runs_on_all(it.build, &[*host])).map(|(_, count)| count).sum()
            };
            let best = self.of.iter().map(|it| (runs(it), it)).filter(|(count, _)| *count > 0);
            // Of equal ones the first.
            let Some((_, best)) = best.reduce(|best, next| if next.0 > best.0 { next } else { best }) else { break };
            left.retain(|(host, _)| !runs_on_all(best.build, &[*host]));
            chosen.push(best);
        }
        chosen.sort_by_key(|it| it.build);
        let mut left: Vec<_> = left.iter().map(|(host, _)| host.version.build).collect();
        left.sort_unstable();
        left.dedup();
        (chosen, left)
    }

    fn name(&self, one: &Alternative) -> String {
        let repository = one.repository.unwrap_or(self.repository());
        let is_tag_enough =
            !self.is_known || self.image.identity.is_base && one.repository.is_none() && !self.is_pulled_to_run();
        match one.is_one_tag() {
            false => format!("another version of `{repository}`, tagged `…-{}`", one.tag),
            true if is_tag_enough => format!("`{}`", one.tag),
            true => format!("`{repository}:{}`", one.tag),
        }
    }

    fn nothing(&self) -> String {
        let kind = match self.image.identity.family {
            Some(Family::NanoServer) => "Nano Server",
            Some(Family::ServerCore) | None => "Server Core",
            Some(Family::Windows | Family::Server) => "Windows",
        };
        if self.is_known { format!("no {kind} image of `{}`", self.repository()) } else { format!("no {kind} image") }
    }

    fn repository(&self) -> &'p str {
        let end = self.image.identity.reference.repository.end;
        self.image.text.value.get(..end).unwrap_or(&self.image.text.value)
    }
}

/// The releases that have base images of `family`: those of the Long-Term Servicing Channel first, the newest first.
fn releases_of(family: Family, releases: &Releases) -> Vec<Alternative> {
    let published = releases.iter().filter(|release| release.images_of(family).is_some());
    let release = |release: &Release| Alternative {
        status: if release.ltsc { VariantStatus::Current } else { VariantStatus::Former },
        build: release.build,
        repository: None,
        tag: release.id.to_string(),
    };
    let mut of: Vec<_> = published.map(release).collect();
    of.sort_by_key(|it| (it.status, Reverse(it.build)));
    of
}
