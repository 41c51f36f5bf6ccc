//! One workload on one fleet: where it may land, what comes of it there, and what the one cause of a failure is
//! (one cause, one finding). Rules ask for the cause that is theirs and put it into words.

use crate::{
    config::Config,
    fleet::{Engine, Fleet, Host},
    model::{Container, DockerfileBuild, ImageId, Known, Orchestrator, Placement, Project, Workload},
    placement::{
        self, Allowed,
        kubernetes::{self, HOSTNAME, LabelUse, Operator, PodPlacement},
    },
    source::Span,
    windows::{
        Build, HostKind, Isolation, Os, OsVersion,
        compat::{self, HostFacts, Judged, Step, Verdict},
        version,
    },
};

/// A container whose Windows is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its number in the workload.
    pub container: usize,
    /// Its image.
    pub image: ImageId,
    /// The version of the Windows in the image.
    pub version: OsVersion,
    /// The bytes that decide that version.
    pub span: Span,
    /// The isolation asked for; none where it depends on what the files do not tell.
    isolation: Option<Isolation>,
}

/// What comes of one container on one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The container.
    pub subject: Subject,
    /// The host's name; none where the placement names a build and no declared host is meant.
    pub host: Option<String>,
    /// What the host is.
    pub facts: HostFacts,
    /// The verdict.
    pub judged: Judged,
}

/// One host of the workload's orchestrator.
#[derive(Clone, Debug)]
pub struct Landing<'a> {
    /// The host.
    pub host: &'a Host,
    /// Whether the placement leaves it.
    pub allowed: Allowed,
}

impl Landing<'_> {
    /// Surely, not perhaps.
    pub fn is_allowed(&self) -> bool {
        self.allowed == Allowed::Yes
    }
}

/// Why a workload does not run where it may land.
#[derive(Clone, Debug, Default)]
pub enum Cause {
    /// It does, or nobody can say.
    #[default]
    None,
    /// No host satisfies the placement.
    Unschedulable,
    /// Taints alone keep it off every host that its placement names.
    Untolerated,
    /// Some of the allowed hosts can run it and these can't: a pin is missing.
    MissingPin(Vec<Pair>),
    /// None of the builds that the placement names can run it.
    Placement(Vec<Pair>),
    /// No allowed host can run it, or nothing schedules: image or isolation are wrong.
    Image(Vec<Pair>),
}

/// All that the fleet says of one workload.
#[derive(Clone, Debug, Default)]
pub struct Judgement<'a> {
    /// The hosts of its orchestrator; none: it is not judged against hosts.
    pub landings: Vec<Landing<'a>>,
    /// Builds that the placement names, each with its bytes.
    pub named: Vec<(OsVersion, Span)>,
    /// The one cause.
    pub cause: Cause,
    /// Pairs that may fail, where nothing fails for certain.
    pub risks: Vec<Pair>,
}

impl<'a> Judgement<'a> {
    /// Judges `workload` against one of the fleets of the configuration.
    pub fn of(workload: &Workload, project: &Project, config: &Config, fleet: &'a Fleet) -> Self {
        let landings: Vec<_> = fleet
            .of(workload.orchestrator)
            .map(|host| Landing { host, allowed: placement::allows(&workload.placement, host) })
            .collect();
        let named = named_builds(workload, &landings, config);
        let mut judgement = Self { landings, named, ..Self::default() };
        if workload.is_windows() || judgement.only_windows_hosts() {
            judgement.decide(workload, project);
        }
        judgement
    }

    /// The Windows hosts that the placement surely leaves.
    pub fn allowed_windows(&self) -> impl Iterator<Item = (&'a Host, OsVersion)> {
        let allowed = self.landings.iter().filter(|landing| landing.is_allowed());
        allowed.filter_map(|landing| Some((landing.host, landing.host.windows()?)))
    }

    /// What the Windows hosts are that the placement leaves, surely or perhaps; where no declared one is left, those that
    /// it names.
    pub fn possible_windows(&self, workload: &Workload) -> Vec<HostFacts> {
        let left = self.landings.iter().filter(|landing| !matches!(landing.allowed, Allowed::No(_)));
        let facts = left.filter_map(|it| Some(host_facts(it.host, it.host.windows()?, workload.orchestrator)));
        let facts: Vec<_> = facts.collect();
        if !facts.is_empty() {
            return facts;
        }
        self.named.iter().map(|&(version, _)| named_host(version, workload.orchestrator)).collect()
    }

    /// Whether the fleet says of some host that it carries this label.
    pub fn some_host_carries(&self, label: &str) -> bool {
        carries(&self.landings, label)
    }

    /// Whether what places this workload has a Linux host.
    pub fn has_linux_host(&self) -> bool {
        self.landings.iter().any(|landing| landing.host.windows().is_none())
    }

    fn only_windows_hosts(&self) -> bool {
        !self.landings.is_empty() && !self.has_linux_host()
    }

    fn decide(&mut self, workload: &Workload, project: &Project) {
        if workload.placement.is_elsewhere() {
            return;
        }
        let subjects = subjects(workload, project);
        let on_named: Vec<_> = self
            .named
            .iter()
            .map(|&(version, _)| on(&subjects, None, &named_host(version, workload.orchestrator)))
            .collect();
        let names_only_misfits = !on_named.is_empty() && on_named.iter().all(|pairs| pairs.iter().any(Pair::misfits));
        let mut on_hosts: Vec<_> = self
            .allowed_windows()
            .map(|(host, version)| on(&subjects, Some(&host.name), &host_facts(host, version, workload.orchestrator)))
            .collect();
        if on_hosts.is_empty() {
            // Nothing declared is surely allowed; the builds that the placement names speak for the hosts it means.
            on_hosts = on_named;
        }
        let all_fail = on_hosts.iter().all(|pairs| pairs.iter().any(Pair::fails));
        let some_run = on_hosts.iter().any(|pairs| !pairs.is_empty() && pairs.iter().all(Pair::runs));
        let (fails, others): (Vec<_>, Vec<_>) = on_hosts.into_iter().flatten().partition(Pair::fails);
        self.cause = match workload.orchestrator {
            Orchestrator::Docker if !fails.is_empty() => Cause::Image(fails),
            _ if fails.iter().any(Pair::is_isolation) => {
                Cause::Image(fails.into_iter().filter(Pair::is_isolation).collect())
            }
            _ if !fails.is_empty() && all_fail && names_only_misfits => Cause::Placement(fails),
            _ if self.excluded_everywhere() => match self.taints_alone_exclude() {
                _ if self.names_undeclared_node(workload) => Cause::None,
                true => Cause::Untolerated,
                false => Cause::Unschedulable,
            },
            _ if !fails.is_empty() && all_fail => Cause::Image(fails),
            _ if !fails.is_empty() && some_run => Cause::MissingPin(fails),
            _ => Cause::None,
        };
        if matches!(self.cause, Cause::None) {
            self.risks = others.into_iter().filter(Pair::may_fail).collect();
        }
    }

    /// Whether the placement asks for a node by a name that the fleet does not have. Names of hosts are free, so that
    /// any of them may be meant.
    fn names_undeclared_node(&self, workload: &Workload) -> bool {
        let Placement::Kubernetes(pod) = &workload.placement else { return false };
        let declared = |name: &str| {
            self.landings.iter().any(|landing| {
                let mut labels = landing.host.labels.iter();
                landing.host.name == name || labels.any(|(key, value)| key == HOSTNAME && value == name)
            })
        };
        let mut names = pod.node_names().peekable();
        names.peek().is_some() && !names.any(declared)
    }

    fn excluded_everywhere(&self) -> bool {
        !self.landings.is_empty() && self.landings.iter().all(|landing| matches!(landing.allowed, Allowed::No(_)))
    }

    /// Taints are looked at last, so that a host which is excluded by one is excluded by nothing else.
    fn taints_alone_exclude(&self) -> bool {
        self.landings.iter().any(|landing| matches!(&landing.allowed, Allowed::No(why) if why.taint))
    }
}

impl Pair {
    fn fails(&self) -> bool {
        self.judged.verdict == Verdict::Blocked
    }

    fn runs(&self) -> bool {
        !self.fails() && self.judged.verdict != Verdict::Unknown
    }

    fn may_fail(&self) -> bool {
        self.judged.verdict == Verdict::Risk
    }

    /// Whether the build is wrong. Where only the revision is, the build that a placement names is right.
    fn misfits(&self) -> bool {
        self.fails() && self.judged.step != Step::Revision2016
    }

    /// Whether the isolation asked for is what fails: no other host of the same orchestrator would do better.
    fn is_isolation(&self) -> bool {
        self.judged.step == Step::HypervKubernetes
    }
}

/// Every container of which the Windows is known on `host`, whether or not the placement leaves it.
pub fn pairs_on(workload: &Workload, project: &Project, host: &Host) -> Vec<Pair> {
    let Some(version) = host.windows() else { return Vec::new() };
    on(&subjects(workload, project), Some(&host.name), &host_facts(host, version, workload.orchestrator))
}

/// The same on a node of this build, whichever that is.
pub fn pairs_on_build(workload: &Workload, project: &Project, build: Build) -> Vec<Pair> {
    let version = OsVersion { build, revision: None };
    on(&subjects(workload, project), None, &named_host(version, workload.orchestrator))
}

/// A container of which the Windows is known on every Windows host that the placement leaves, surely or perhaps, as if
/// `isolation` were asked for it.
pub fn pairs_with(
    isolation: Isolation,
    workload: &Workload,
    container: usize,
    judgement: &Judgement,
    project: &Project,
) -> Vec<Pair> {
    let subject = subjects(workload, project).into_iter().find(|subject| subject.container == container);
    let Some(subject) = subject.map(|subject| Subject { isolation: Some(isolation), ..subject }) else {
        return Vec::new();
    };
    let left = judgement.landings.iter().filter(|landing| !matches!(landing.allowed, Allowed::No(_)));
    let windows = left.filter_map(|landing| Some((landing.host, landing.host.windows()?)));
    let pair =
        |(host, version): (&Host, _)| subject.on(Some(&host.name), &host_facts(host, version, workload.orchestrator));
    windows.map(pair).collect()
}

/// One container that fails, or may, on some hosts because of its image or its isolation.
#[derive(Debug)]
pub struct Failing<'a> {
    /// The workload; none for a Dockerfile that nothing in the tree builds or uses.
    pub workload: Option<&'a Workload>,
    /// The container on each of these hosts; never empty.
    pub pairs: Vec<Pair>,
}

/// Everything that fails on a fleet because of its image or its isolation, in the order of the files: of these workloads,
/// and of those of these builds that nothing in the tree builds or uses.
pub fn failing<'a>(
    project: &Project,
    workloads: &[(&'a Workload, Judgement)],
    builds: impl Iterator<Item = &'a DockerfileBuild>,
    fleet: &Fleet,
) -> Vec<Failing<'a>> {
    let mut found = Vec::new();
    for (workload, judgement) in workloads {
        let pairs = match &judgement.cause {
            Cause::Image(pairs) => pairs,
            _ => &judgement.risks,
        };
        for container in 0..workload.containers.len() {
            let own = pairs.iter().filter(|pair| pair.subject.container == container);
            let own: Vec<_> = own.filter(|pair| can_be_pulled(pair.subject.image, project)).cloned().collect();
            if !own.is_empty() {
                found.push(Failing { workload: Some(workload), pairs: own });
            }
        }
    }
    let unused = builds.filter(|build| build.built_at.is_empty() && !build.used);
    found.extend(unused.filter_map(|build| {
        let pairs = runs_nowhere(build, project, fleet);
        (!pairs.is_empty()).then_some(Failing { workload: None, pairs })
    }));
    found
}

/// Whether there is anything to fail: a dead name or tag is reported by itself, once, not for what would come of it. A
/// digest names an image that was pulled, and that hosts may still hold.
fn can_be_pulled(image: ImageId, project: &Project) -> bool {
    let decider = project.decider(image).and_then(|decider| project.image(decider));
    decider.is_none_or(|it| !it.identity.is_dead() || it.identity.reference.digest.is_some())
}

/// The final stage of `build` on every Windows host of the fleet, if it runs on none of them.
fn runs_nowhere(build: &DockerfileBuild, project: &Project, fleet: &Fleet) -> Vec<Pair> {
    let base = build.base_image().filter(|image| can_be_pulled(*image, project));
    let Some(subject) = base.and_then(|image| subject(0, image, Some(Isolation::Default), project)) else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for host in &fleet.hosts {
        let Some(version) = host.windows() else { continue };
        let orchestrator = host.orchestrator.unwrap_or(Orchestrator::Docker);
        let pair = subject.on(Some(&host.name), &host_facts(host, version, orchestrator));
        if !pair.fails() {
            return Vec::new();
        }
        pairs.push(pair);
    }
    pairs
}

/// The containers whose version is known and matters: HostProcess containers run on every build.
fn subjects(workload: &Workload, project: &Project) -> Vec<Subject> {
    let numbered = workload.containers.iter().enumerate();
    let on_its_own_kernel = |container: &Container| match container.host_process {
        Known::Stated(host_process, _) | Known::Inferred(host_process, _) => host_process,
        Known::Unresolved(..) => true,
        Known::Absent(_) => false,
    };
    numbered
        .filter(|(_, container)| !on_its_own_kernel(container))
        .filter_map(|(number, container)| {
            let isolation = container.isolation.as_ref().map_or(Some(Isolation::Default), |setting| setting.mode);
            subject(number, container.image?, isolation, project)
        })
        .collect()
}

fn subject(container: usize, image: ImageId, isolation: Option<Isolation>, project: &Project) -> Option<Subject> {
    let known = project.image_os(image);
    let (os, span) = known.known()?;
    let version = os.version.filter(|_| os.os == Os::Windows)?;
    Some(Subject { container, image, version, span, isolation })
}

impl Subject {
    fn on(self, host: Option<&str>, facts: &HostFacts) -> Pair {
        Pair { subject: self, host: host.map(str::to_owned), facts: *facts, judged: self.judge(facts) }
    }

    fn judge(self, facts: &HostFacts) -> Judged {
        judge_with(facts, self.version, self.isolation)
    }
}

/// Judges an image of this version on a host; `isolation` is none where it depends on what the files do not tell.
pub fn judge_with(facts: &HostFacts, version: OsVersion, isolation: Option<Isolation>) -> Judged {
    let mode = |isolation| compat::judge(facts, Some(version), isolation);
    if let Some(isolation) = isolation {
        return mode(isolation);
    }
    // Only what fails in every mode is certain.
    let (process, hyperv) = (mode(Isolation::Process), mode(Isolation::Hyperv));
    match (process.verdict, hyperv.verdict) {
        (Verdict::Blocked, Verdict::Blocked) => process,
        _ => Judged { verdict: Verdict::Unknown, step: Step::ImageUnknown, isolation: Isolation::Default },
    }
}

fn on(subjects: &[Subject], host: Option<&str>, facts: &HostFacts) -> Vec<Pair> {
    subjects.iter().map(|subject| subject.on(host, facts)).collect()
}

/// What a Windows host is to the compatibility rule when `orchestrator` places containers on it; none for Linux.
pub fn facts_of(host: &Host, orchestrator: Orchestrator) -> Option<HostFacts> {
    Some(host_facts(host, host.windows()?, orchestrator))
}

fn host_facts(host: &Host, version: OsVersion, orchestrator: Orchestrator) -> HostFacts {
    HostFacts {
        version,
        kind: host.kind,
        default_isolation: host.isolation,
        kubernetes: orchestrator == Orchestrator::Kubernetes,
        hyperv: host.hyperv,
        containerd: host.runtime.as_ref().is_some_and(|runtime| runtime.engine == Engine::Containerd),
    }
}

fn named_host(version: OsVersion, orchestrator: Orchestrator) -> HostFacts {
    HostFacts {
        version,
        kind: HostKind::Server,
        default_isolation: Isolation::Default,
        kubernetes: orchestrator == Orchestrator::Kubernetes,
        hyperv: None,
        containerd: false,
    }
}

fn carries(landings: &[Landing], label: &str) -> bool {
    landings.iter().any(|landing| landing.host.labels.iter().any(|(own, _)| own == label))
}

/// Labels whose value is a word for a Windows build, with what their values mean (facts of AKS and GKE).
const BUILD_WORDS: &[(&str, &[(&str, &str)])] = &[
    (
        "kubernetes.azure.com/os-sku",
        &[("Windows2019", "ltsc2019"), ("Windows2022", "ltsc2022"), ("Windows2025", "ltsc2025")],
    ),
    ("cloud.google.com/gke-windows-os-version", &[("2019", "ltsc2019"), ("2022", "ltsc2022"), ("2025", "ltsc2025")]),
];

/// What people call labels that hold a Windows build or version, in small letters and without `-`, `_` and prefix.
const BUILD_NAMES: [&str; 6] = ["osbuild", "osversion", "windowsbuild", "windowsversion", "winbuild", "winversion"];

/// The builds that a placement names, by a label that is known to hold one or by a value that can be nothing else.
fn named_builds(workload: &Workload, landings: &[Landing], config: &Config) -> Vec<(OsVersion, Span)> {
    // A label that no host carries names no host, whatever its value.
    let is_dead = |key: &str| kubernetes::is_never_set(key) && !landings.is_empty() && !carries(landings, key);
    match &workload.placement {
        Placement::Kubernetes(pod) => pod
            .labels()
            .filter(|label| label.operator == Operator::In && !label.key.known().is_none_or(is_dead))
            .flat_map(|label| label.values.clone().into_iter().map(move |value| (label.clone(), value)))
            .filter_map(|(label, value)| {
                let (key, text) = (label.key.known()?, value.text.known()?);
                if !value.is_text || !kubernetes::can_be(key, text) {
                    return None;
                }
                let version = build_of(key, text, config)?;
                let named = !takes_back(pod, label.term, version, config);
                named.then(|| (version, value.text.place()))
            })
            .collect(),
        Placement::Swarm(service) => service
            .constraints
            .iter()
            .filter_map(|constraint| {
                let expression = constraint.parsed.as_ref().ok().filter(|it| it.equal)?;
                let version = build_of(&expression.key, &expression.value, config)?;
                Some((version, constraint.text.locate(expression.value_at.clone())))
            })
            .collect(),
        Placement::Anywhere => Vec::new(),
    }
}

/// The value with which the label `key` names a build on every cluster; none of labels that people set themselves.
pub fn value_of(key: &str, build: Build, config: &Config) -> Option<String> {
    if key == kubernetes::WINDOWS_BUILD {
        return Some(build.to_string());
    }
    let (_, words) = BUILD_WORDS.iter().find(|(label, _)| *label == key)?;
    let names_it = |release: &str| version::parse(release, &config.releases).is_some_and(|it| it.build == build);
    words.iter().find(|(_, release)| names_it(release)).map(|(word, _)| (*word).to_owned())
}

/// The build that a label's value names.
pub fn build_of(key: &str, value: &str, config: &Config) -> Option<OsVersion> {
    if let Some((_, words)) = BUILD_WORDS.iter().find(|(label, _)| *label == key) {
        let (_, release) = words.iter().find(|(word, _)| *word == value)?;
        return version::parse(release, &config.releases);
    }
    let name = key.rsplit(['/', '.']).next().unwrap_or_default().replace(['-', '_'], "").to_ascii_lowercase();
    let holds_build = value.starts_with("10.0.") || BUILD_NAMES.contains(&&*name);
    holds_build.then(|| version::parse(value, &config.releases))?
}

/// Whether the placement excludes `version`, which one of its labels (of this term) names, by another label.
fn takes_back(pod: &PodPlacement, term: Option<usize>, version: OsVersion, config: &Config) -> bool {
    let excludes = |label: &LabelUse<'_>| {
        let build = |text: &str| Some(build_of(label.key.known()?, text, config)?.build);
        let builds: Option<Vec<_>> = label.values.iter().map(|value| build(value.text.known()?)).collect();
        let Some(builds) = builds else { return false };
        match label.operator {
            Operator::In => !builds.contains(&version.build),
            Operator::NotIn => builds.contains(&version.build),
            _ => false,
        }
    };
    pod.requires(excludes)
        || pod.labels().filter(|label| label.is_affinity() && label.term == term).any(|it| excludes(&it))
}
