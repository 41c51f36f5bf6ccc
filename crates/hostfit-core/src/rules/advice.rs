//! What to do about an image that fits none of the hosts where it lands.

use std::cmp::Reverse;

use super::{
    fixes::{self, State},
    isolation, wording,
};
use crate::{
    finding::Message,
    judge::{Case, Elsewhere, Failing, Place},
    model::{ImageUse, Orchestrator, Role},
    rule::Cx,
    windows::{
        Build, HostKind, Isolation,
        compat::{HostFacts, Step, runs_on_all},
        image::{Alternative, Family, VariantStatus},
        release::Release,
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
        Some(Orchestrator::Kubernetes) => place_elsewhere(cx, failing),
        _ if !cases.iter().all(helps) => None,
        Some(Orchestrator::Swarm | Orchestrator::Docker) => Some("write `isolation: hyperv`".to_owned()),
        None => Some("run it with `--isolation hyperv`".to_owned()),
    };
    let both: Vec<_> = advice.help.into_iter().chain(other).collect();
    advice.help = (!both.is_empty()).then(|| both.join(", or "));
    advice
}

/// The nodes that run the pod, which its placement leaves out.
fn place_elsewhere(cx: &Cx, failing: &Failing) -> Option<String> {
    let judgement = cx.judgement(failing.workload?.id)?;
    let fails = |place: &Place| failing.cases.iter().any(|case| case.on.class() == Some(place.class));
    let fitting = judgement.classes().filter(|place| place.runs_known() && !fails(place));
    let hosts = cx.hosts(fitting.map(|place| place.class));
    (!hosts.is_empty()).then(|| format!("place the pod on {}", wording::host_list(cx, &hosts)))
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
    let (Some(decider), Some(first)) = (decider, cases.first()) else {
        return Advice::of("use an image of the release that the hosts run");
    };
    let choice = Replacement::of(cx, decider);
    let count = |case: &Case| case.on.class().map_or(1, |class| cx.table.hosts(class).len());
    let here = || cases.iter().map(|case| (under_its_isolation(failing, case), count(case)));
    let landing = fixes::counted_hosts_of(cx, decider).unwrap_or_default();
    let hosts: Vec<_> = landing.into_iter().chain(here()).collect();
    // What runs wherever the image is used, or else wherever this workload may land: others are reported by themselves.
    let own = failing.workload.map(|workload| fixes::landing(cx, workload.id, first.container)).unwrap_or_default();
    let own: Vec<_> = own.into_iter().chain(here()).collect();
    let Some(one) = choice.for_all(&hosts).or_else(|| choice.for_all(&own)) else {
        return choice.use_several(cx, failing, &hosts);
    };
    let is_kubernetes = failing.workload.is_some_and(|it| it.orchestrator == Orchestrator::Kubernetes);
    let help = choice.use_one(cx, one);
    Advice::of(match State::of(cx, decider, one) {
        State::Unsupported if !is_kubernetes => format!("{help}, or {}", move_hosts(cx, failing)),
        _ => help,
    })
}

/// The hosts of a case, which isolate containers as the file asks for.
fn under_its_isolation(failing: &Failing, case: &Case) -> HostFacts {
    let asked = |mode: &Isolation| isolation::asked(failing, *mode).is_some();
    match [Isolation::Process, Isolation::Hyperv].into_iter().find(asked) {
        Some(default_isolation) => HostFacts { default_isolation, ..case.facts },
        None => case.facts,
    }
}

/// What an image that does not fit can be replaced by, and how to say so.
struct Replacement<'p> {
    image: &'p ImageUse,
    /// Whether its tags are known; of others only releases can be named.
    is_known: bool,
    /// What is out of support last, else the best and newest first.
    of: Vec<Alternative>,
}

impl<'p> Replacement<'p> {
    fn of(cx: &Cx<'p>, image: &'p ImageUse) -> Self {
        let known = fixes::alternatives(cx, image);
        let is_known = known.is_some();
        Self { image, is_known, of: known.unwrap_or_else(|| releases_of(cx, image)) }
    }

    fn for_all(&self, hosts: &[(HostFacts, usize)]) -> Option<&Alternative> {
        let fits = |it: &&Alternative| hosts.iter().all(|(host, _)| runs_on_all(it.build, &[*host]));
        self.of.iter().filter(|it| !self.is_written(it)).find(fits)
    }

    /// Whether it is what the image is now.
    fn is_written(&self, it: &Alternative) -> bool {
        let build = self.image.identity.version.as_ref().map(|(version, _)| version.build);
        it.repository.is_none() && build == Some(it.build) && it.is_same_version()
    }

    fn is_pulled_to_run(&self) -> bool {
        matches!(self.image.role, Role::Container { .. })
    }

    fn use_one(&self, cx: &Cx, one: &Alternative) -> String {
        let verb = match (self.is_pulled_to_run(), self.is_known) {
            (true, true) => "use",
            (true, false) => "use a tag that is built on",
            (false, true) => "build on",
            (false, false) => "build on an image of",
        };
        format!("{verb} {}", self.named(cx, one))
    }

    /// The same of several, of which each fits somewhere.
    fn use_all(&self, cx: &Cx, images: &[&Alternative]) -> String {
        if let [one] = images {
            return self.use_one(cx, one);
        }
        let verb = match (self.is_pulled_to_run(), self.is_known) {
            (true, true) => "use",
            (true, false) => "use one tag each that is built on",
            (false, true) => "build one image each on",
            (false, false) => "build one image each on images of",
        };
        let names: Vec<_> = images.iter().map(|one| self.named(cx, one)).collect();
        format!("{verb} {}", wording::list(&names))
    }

    fn named(&self, cx: &Cx, one: &Alternative) -> String {
        format!("{}{}", self.name(one), State::of(cx, self.image, one).words())
    }

    fn use_several(&self, cx: &Cx, failing: &Failing, hosts: &[(HostFacts, usize)]) -> Advice {
        let (chosen, missing) = self.cover(cx, hosts);
        let note = Some(if missing.is_empty() {
            "no release runs on every host where this may land".to_owned()
        } else {
            format!("{} is published for {}", self.nothing(), wording::list(&releases(cx, &missing)))
        });
        let (kept, others): (Vec<_>, Vec<_>) = chosen.iter().copied().partition(|it| self.is_written(it));
        let helps = |host: &HostFacts| others.iter().any(|it| runs_on_all(it.build, &[*host]));
        let (helped, left): (Vec<_>, Vec<_>) =
            failing.cases.iter().copied().partition(|case| helps(&under_its_isolation(failing, case)));
        let help = match others.as_slice() {
            [] if kept.is_empty() => {
                self.without_process_isolation(cx, failing).or_else(|| self.build_own(cx, failing, hosts))
            }
            // It runs where it is used otherwise, and nothing is there for these hosts.
            _ if !kept.is_empty() && helped.is_empty() => Some(run_only_on(cx, &kept, hosts, &left)),
            _ if !kept.is_empty() => {
                let names = wording::host_names(cx, &helped);
                Some(format!("{} for {names}, and keep this image for the other hosts", self.use_all(cx, &others)))
            }
            _ if !missing.is_empty() => {
                Some(format!("{}, and {}", self.use_all(cx, &others), run_only_on(cx, &others, hosts, &left)))
            }
            _ if self.is_pulled_to_run() && self.is_known => {
                Some(format!("{}, each where it fits", self.use_all(cx, &others)))
            }
            _ => Some(self.use_all(cx, &others)),
        };
        Advice { help, note }
    }

    /// What runs where the engine chooses the isolation, if the file asks for process isolation.
    fn without_process_isolation(&self, cx: &Cx, failing: &Failing) -> Option<String> {
        isolation::asked(failing, Isolation::Process)?;
        let hosts: Vec<_> = failing.cases.iter().map(|case| (case.facts, 1)).collect();
        Some(format!("{}, and leave the isolation to the engine", self.use_one(cx, self.for_all(&hosts)?)))
    }

    /// Of an image of which nothing is published for any of the hosts.
    fn build_own(&self, cx: &Cx, failing: &Failing, hosts: &[(HostFacts, usize)]) -> Option<String> {
        let of = releases_of(cx, self.image);
        let one = of.iter().find(|it| hosts.iter().all(|(host, _)| runs_on_all(it.build, &[*host])))?;
        Some(match State::of(cx, self.image, one) {
            State::Unsupported => move_hosts(cx, failing),
            _ => format!("build an image of your own on an image of `{}`", one.tag),
        })
    }

    /// Few that run on as many of `hosts` as possible, from the oldest, and the builds of the hosts that are left. What is out of
    /// support is for hosts that nothing else runs on.
    fn cover(&self, cx: &Cx, hosts: &[(HostFacts, usize)]) -> (Vec<&Alternative>, Vec<Build>) {
        let mut left = hosts.to_vec();
        let mut chosen: Vec<&Alternative> = Vec::new();
        let is_out = |it: &&Alternative| State::of(cx, self.image, it) == State::Unsupported;
        let (unsupported, supported): (Vec<_>, Vec<_>) = self.of.iter().partition(is_out);
        for of in [supported, unsupported] {
            loop {
                let runs = |it: &Alternative| -> usize {
                    left.iter().filter(|(host, _)| runs_on_all(it.build, &[*host])).map(|(_, count)| count).sum()
                };
                let best = of.iter().map(|it| (runs(it), *it)).filter(|(count, _)| *count > 0);
                // Of equal ones the first.
                let Some((_, best)) = best.reduce(|best, next| if next.0 > best.0 { next } else { best }) else {
                    break;
                };
                left.retain(|(host, _)| !runs_on_all(best.build, &[*host]));
                chosen.push(best);
            }
        }
        chosen.sort_by_key(|it| it.build);
        let left = builds(left.iter().map(|(host, _)| host));
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

fn move_hosts(cx: &Cx, failing: &Failing) -> String {
    format!("move {} to a newer release", wording::host_names(cx, &failing.cases))
}

/// Sends the container to the hosts that run one of these, which are not those that are `left`.
fn run_only_on(cx: &Cx, images: &[&Alternative], hosts: &[(HostFacts, usize)], left: &[Case]) -> String {
    let fits = |host: &&HostFacts| images.iter().any(|it| runs_on_all(it.build, &[**host]));
    let builds = builds(hosts.iter().map(|(host, _)| host).filter(fits));
    if builds.len() > 2 && !left.is_empty() {
        return format!("keep it off {}", wording::host_names(cx, left));
    }
    format!("run it only on hosts of {}", wording::list(&releases(cx, &builds)))
}

fn builds<'h>(hosts: impl Iterator<Item = &'h HostFacts>) -> Vec<Build> {
    let mut builds: Vec<_> = hosts.map(|host| host.version.build).collect();
    builds.sort_unstable();
    builds.dedup();
    builds
}

fn releases(cx: &Cx, builds: &[Build]) -> Vec<String> {
    builds.iter().map(|build| wording::release(cx, *build)).collect()
}

/// The releases that have base images of the family of `image`: what is out of support last, else those of the Long-Term
/// Servicing Channel first, the newest first.
fn releases_of(cx: &Cx, image: &ImageUse) -> Vec<Alternative> {
    let family = image.identity.family.unwrap_or(Family::ServerCore);
    let published = cx.config.releases.iter().filter(|release| release.images_of(family).is_some());
    let release = |release: &Release| Alternative {
        status: if release.ltsc { VariantStatus::Current } else { VariantStatus::Former },
        build: release.build,
        repository: None,
        tag: release.id.to_string(),
    };
    let mut of: Vec<_> = published.map(release).collect();
    of.sort_by_key(|it| (it.status, Reverse(it.build)));
    fixes::sort_by_state(cx, image, &mut of);
    of
}
