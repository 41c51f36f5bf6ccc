//! Which hosts of the fleet run an image or a workload, each with the reason.

use crate::{
    config::{Config, DeclaredFleet},
    fleet::{Host, Runtime},
    judge,
    model::{Container, ImageId, ImageUse, Known, Orchestrator, Project, Role, Workload},
    placement::{self, Allowed},
    windows::{
        Build, Isolation, Os, OsVersion,
        compat::{self, HostFacts, Judged, Step, Verdict},
        image::Variants,
        matcher::Pick,
        release::Releases,
    },
};

/// An image, or all images of a workload, on one host.
#[derive(Clone, Debug)]
pub struct OnHost<'c> {
    /// The host.
    pub host: &'c Host,
    /// What its fleet is called, where that is a target's: hosts of different fleets may have one name.
    pub fleet: Option<&'c str>,
    /// Whether the placement of the workload leaves it; it always does where no workload runs the image.
    pub allowed: Allowed,
    /// What comes of it there.
    pub outcome: Outcome,
}

/// What comes of an image on a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// What the compatibility rule says of this version.
    Judged {
        /// The verdict.
        judged: Judged,
        /// What the host is.
        facts: HostFacts,
        /// The version of the image; none where it is not known.
        version: Option<OsVersion>,
    },
    /// Windows would run it, and the host's container runtime does not pull it.
    Refused,
    /// Nothing is published under the image's name.
    Unpublished,
    /// A Linux image on a Linux host.
    Linux,
    /// An image of one operating system on a host of the other.
    OtherOs,
    /// It runs as processes of the host, on every build.
    HostProcess,
    /// A multi-platform tag without an image for this host.
    NoVariant,
    /// Nobody can say, because of this.
    Unknown(&'static str),
}

impl Outcome {
    /// The verdict, as `hostfit compat` gives it where the compatibility rule is asked.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Judged { judged, .. } => judged.verdict,
            Self::Linux | Self::HostProcess => Verdict::Runs,
            Self::Refused | Self::Unpublished | Self::OtherOs | Self::NoVariant => Verdict::Blocked,
            Self::Unknown(_) => Verdict::Unknown,
        }
    }

    /// The isolation in effect; none where that is not known, or another would change nothing.
    pub fn isolation(&self) -> Option<Isolation> {
        match self {
            Self::Judged { judged, version: Some(_), .. }
                if judged.isolation != Isolation::Default && judged.step != Step::NewerThanHost =>
            {
                Some(judged.isolation)
            }
            _ => None,
        }
    }

    /// Why, in one sentence without a full stop.
    pub fn why(&self, releases: &Releases) -> String {
        match self {
            Self::Judged { judged, version: Some(_), .. } if judged.isolation == Isolation::Default => {
                "it depends on the isolation, which the files do not tell".to_owned()
            }
            Self::Judged { judged, facts, version } => compat::explain(*judged, facts, *version, releases),
            Self::Refused => "Windows would run it, but the container runtime there does not pull it".to_owned(),
            Self::Unpublished => "nothing is published under this name".to_owned(),
            Self::Linux => "a Linux image on a Linux host".to_owned(),
            Self::OtherOs => "the host runs another operating system".to_owned(),
            Self::HostProcess => "HostProcess containers run on every build".to_owned(),
            Self::NoVariant => "the multi-platform tag has no image for this host".to_owned(),
            Self::Unknown(why) => (*why).to_owned(),
        }
    }

    /// How bad it is; of the containers of a workload the worst decides.
    fn rank(&self) -> u8 {
        match self.verdict() {
            Verdict::Runs => 0,
            Verdict::Preview => 1,
            Verdict::Risk => 2,
            Verdict::Unknown => 3,
            Verdict::Blocked => 4,
        }
    }
}

impl OnHost<'_> {
    /// Whether it surely may land there, and runs.
    pub fn runs(&self) -> bool {
        self.allowed == Allowed::Yes && self.outcome.verdict().starts()
    }

    /// Whether it may land there, for all that is known, and nobody can say whether it runs.
    pub fn is_unknown(&self) -> bool {
        match (&self.allowed, self.outcome.verdict()) {
            (Allowed::No(_), _) | (Allowed::Unknown(_), Verdict::Blocked) => false,
            (Allowed::Unknown(_), _) | (Allowed::Yes, Verdict::Unknown) => true,
            (Allowed::Yes, _) => false,
        }
    }

    /// Whether it surely may land there, and does not run.
    pub fn fails(&self) -> bool {
        self.allowed == Allowed::Yes && self.outcome.verdict() == Verdict::Blocked
    }
}

/// The image `id` on the hosts that it may be asked to run on: those of the orchestrator of the workload that runs it,
/// as the workload's isolation has it; else all, under their default isolation.
pub fn of_image<'c>(project: &Project, config: &'c Config, id: ImageId) -> Vec<OnHost<'c>> {
    let Some(image) = project.image(id) else { return Vec::new() };
    if let Role::Container { workload, container } = image.role
        && let Some(workload) = project.workloads.get(workload.0 as usize)
        && let Some(container) = workload.containers.get(container as usize)
    {
        let on = |(fleet, host): (Option<&'c str>, &'c Host)| OnHost {
            host,
            fleet,
            allowed: placement::allows(&workload.placement, host),
            outcome: of_container(project, workload, container, host),
        };
        return hosts_of(workload, config).map(on).collect();
    }
    let on = |(fleet, host): (Option<&'c str>, &'c Host)| OnHost {
        host,
        fleet,
        allowed: Allowed::Yes,
        outcome: by_itself(project, id, host),
    };
    let fleets = config.fleets_of(if config.targets.is_empty() { &[] } else { project.users_of_image(image) });
    fleets.into_iter().flat_map(named).map(on).collect()
}

/// What comes of the image `id` on a host, under the default isolation there.
pub fn by_itself(project: &Project, id: ImageId, host: &Host) -> Outcome {
    Asked { project, image: id, isolation: Some(Isolation::Default), orchestrator: own(host) }.on(host)
}

/// `workload` on the hosts of its orchestrator; where it has several containers, what comes of the one that fares worst.
pub fn of_workload<'c>(project: &Project, config: &'c Config, workload: &Workload) -> Vec<OnHost<'c>> {
    let on = |(fleet, host): (Option<&'c str>, &'c Host)| {
        let outcomes = workload.containers.iter().map(|container| of_container(project, workload, container, host));
        let worst = outcomes.reduce(|worst, next| if next.rank() > worst.rank() { next } else { worst });
        OnHost {
            host,
            fleet,
            allowed: placement::allows(&workload.placement, host),
            outcome: worst.unwrap_or(Outcome::Unknown("it has no container")),
        }
    };
    hosts_of(workload, config).map(on).collect()
}

/// An image of this version on every host of every fleet, under its default isolation.
pub fn of_version(config: &Config, version: OsVersion) -> Vec<OnHost<'_>> {
    let on = |(fleet, host)| {
        let outcome = match judge::facts_of(host, own(host)) {
            Some(facts) => judged(&facts, version, Some(Isolation::Default), host, true),
            None => Outcome::OtherOs,
        };
        OnHost { host, fleet, allowed: Allowed::Yes, outcome }
    };
    config.fleets().flat_map(named).map(on).collect()
}

/// The hosts of the workload's orchestrator, of all fleets that its file is judged against.
fn hosts_of<'c>(workload: &Workload, config: &'c Config) -> impl Iterator<Item = (Option<&'c str>, &'c Host)> {
    let orchestrator = workload.orchestrator;
    let fleets = config.fleets_of(&[workload.source]).into_iter();
    fleets.flat_map(move |it| it.fleet.of(orchestrator).map(move |host| (it.name, host)))
}

fn named(fleet: DeclaredFleet<'_>) -> impl Iterator<Item = (Option<&str>, &Host)> {
    fleet.fleet.hosts.iter().map(move |host| (fleet.name, host))
}

/// What places containers on a host; one that stands for all is a Docker host to who asks of an image alone.
fn own(host: &Host) -> Orchestrator {
    host.orchestrator.unwrap_or(Orchestrator::Docker)
}

/// What comes of one container of a workload on a host, whether or not it may land there.
pub fn of_container(project: &Project, workload: &Workload, container: &Container, host: &Host) -> Outcome {
    match container.host_process {
        Known::Stated(true, _) | Known::Inferred(true, _) if host.windows().is_some() => return Outcome::HostProcess,
        Known::Stated(true, _) | Known::Inferred(true, _) => return Outcome::OtherOs,
        Known::Unresolved(..) => {
            return Outcome::Unknown("the files do not tell whether it is a HostProcess container");
        }
        _ => {}
    }
    let Some(image) = container.image else { return Outcome::Unknown("the files do not tell its image") };
    let isolation = container.isolation.as_ref().map_or(Some(Isolation::Default), |setting| setting.mode);
    Asked { project, image, isolation, orchestrator: workload.orchestrator }.on(host)
}

/// One image under one isolation; none where the files do not tell that.
struct Asked<'p> {
    project: &'p Project,
    image: ImageId,
    isolation: Option<Isolation>,
    orchestrator: Orchestrator,
}

impl Asked<'_> {
    fn on(&self, host: &Host) -> Outcome {
        let decider = self.project.decider(self.image).and_then(|id| self.project.image(id));
        if decider.is_some_and(|image| image.identity.is_dead() && image.identity.reference.digest.is_none()) {
            return Outcome::Unpublished;
        }
        let shared = decider.and_then(|image| image.identity.variants.as_ref());
        let known = self.project.image_os(self.image);
        let os = known.known().map(|(os, _)| *os);
        let Some(facts) = judge::facts_of(host, self.orchestrator) else {
            return match (os.map(|it| it.os), shared) {
                (Some(Os::Linux), _) | (_, Some(Variants { linux: true, .. })) => Outcome::Linux,
                (Some(Os::Windows), _) => Outcome::OtherOs,
                (None, _) => Outcome::Unknown("the image's operating system is not known"),
            };
        };
        if decider.is_some_and(|image| image.identity.fits_every_build) {
            return Outcome::Unknown("the image is made for HostProcess containers, which run on every build");
        }
        if let Some(shared) = shared.filter(|shared| !shared.windows.is_empty()) {
            return self.shared(shared, &facts, host);
        }
        match os {
            Some(os) if os.os == Os::Linux => Outcome::OtherOs,
            Some(os) => match os.version {
                Some(version) => judged(&facts, version, self.isolation, host, self.is_pulled(decider)),
                None => {
                    Outcome::Judged { judged: compat::judge(&facts, None, Isolation::Default), facts, version: None }
                }
            },
            None => Outcome::Unknown("the image's operating system and version are not known"),
        }
    }

    /// What Docker builds on the host itself it does not pull.
    fn is_pulled(&self, decider: Option<&ImageUse>) -> bool {
        let image = self.project.image(self.image).or(decider);
        self.orchestrator != Orchestrator::Docker || image.is_some_and(ImageUse::is_pulled)
    }

    fn shared(&self, shared: &Variants, facts: &HostFacts, host: &Host) -> Outcome {
        match pick(&shared.builds(), facts.version.build, host.runtime.as_ref()) {
            Pick::Build(build) => {
                judged(facts, OsVersion { build, revision: None }, self.isolation, host, self.is_pulled(None))
            }
            Pick::Nothing => Outcome::NoVariant,
            Pick::Unclear => Outcome::Unknown("which image of the multi-platform tag the host pulls is not known"),
        }
    }
}

/// What a host pulls of a multi-platform tag. Where its runtime is not known, that is sure only where all runtimes agree.
fn pick(builds: &[Build], host: Build, runtime: Option<&Runtime>) -> Pick {
    if let Some(matcher) = runtime.and_then(Runtime::matcher) {
        return matcher.picks(host, builds);
    }
    match builds {
        _ if builds.contains(&host) => Pick::Build(host),
        _ if builds.iter().all(|&build| build > host) => Pick::Nothing,
        _ => Pick::Unclear,
    }
}

fn judged(
    facts: &HostFacts,
    version: OsVersion,
    isolation: Option<Isolation>,
    host: &Host,
    is_pulled: bool,
) -> Outcome {
    let judged = judge::judge_with(facts, version, isolation);
    let runs = matches!(judged.verdict, Verdict::Runs | Verdict::Preview);
    if runs && is_pulled && host.refuses(version.build) {
        return Outcome::Refused;
    }
    Outcome::Judged { judged, facts: *facts, version: Some(version) }
}
