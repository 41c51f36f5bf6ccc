//! What is said of fleets and hosts, as plain data: JSON is written from it, and the text for people is made of it.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use hostfit_core::{
    config::{Config, DeclaredFleet},
    finding::Severity,
    fleet::{Engine, Host, Orchestrator, Runtime},
    fleet_check::{self, Problem, Support},
    placement::kubernetes,
    source::{Sources, Span},
    windows::{
        Build, Date, Isolation, OsVersion,
        compat::{self, HostFacts},
        matcher::Matcher,
        platform::{Platform, Retirement},
    },
};
use serde::Serialize;

use crate::{
    files::Folder,
    report::{
        json::{self, Range},
        word,
    },
};

/// A fleet.
#[derive(Serialize)]
pub(super) struct FleetRow<'a> {
    /// What findings call it; none: that of `[[host]]`.
    pub(super) name: Option<&'a str>,
    /// The file that declares its hosts.
    pub(super) path: String,
    /// The patterns of the files that are judged against it; none: all that are in no target.
    pub(super) paths: Option<&'a [String]>,
    pub(super) hosts: Vec<HostRow<'a>>,
    pub(super) problems: Vec<ProblemRow<'a>>,
}

/// A host.
#[derive(Serialize)]
pub(super) struct HostRow<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) range: Range,
    pub(super) os: &'static str,
    pub(super) version: Option<String>,
    pub(super) release: Option<&'a str>,
    pub(super) title: Option<&'a str>,
    pub(super) mainstream_support_end: Option<String>,
    pub(super) support_end: Option<String>,
    pub(super) kind: Option<&'static str>,
    /// None: it stands for all of them.
    pub(super) orchestrator: Option<&'static str>,
    pub(super) runtime: Option<RuntimeRow>,
    /// The default isolation in effect.
    pub(super) isolation: Option<&'static str>,
    pub(super) hyperv: Option<bool>,
    pub(super) labels: BTreeMap<&'a str, &'a str>,
    /// Those that Kubernetes sets by itself; null where each machine has its own.
    pub(super) kubernetes_labels: BTreeMap<&'a str, Option<String>>,
    pub(super) engine_labels: BTreeMap<&'a str, &'a str>,
    pub(super) taints: Vec<String>,
    /// Who runs its cluster, where given.
    pub(super) platform: Option<&'static str>,
    /// What that platform has announced of the release.
    pub(super) retirement: Option<RetirementRow>,
    /// How many days of support are left, of Microsoft's and the platform's the fewer ones; negative once it has ended.
    pub(super) support_days_left: Option<i64>,
    /// Where the support dates are from.
    pub(super) support_sources: Vec<&'static str>,
    pub(super) count: u32,
    pub(super) problems: Vec<ProblemRow<'a>>,
    #[serde(skip)]
    pub(super) today: Date,
    #[serde(skip)]
    pub(super) ends: (Option<Date>, Option<Date>),
}

/// When a platform stops to support a release.
#[derive(Serialize)]
pub(super) struct RetirementRow {
    pub(super) support_end: String,
    pub(super) images_deleted: Option<String>,
    pub(super) not_offered_from_kubernetes: Option<&'static str>,
    #[serde(skip)]
    pub(super) of: &'static Retirement,
}

/// An engine.
#[derive(Serialize)]
pub(super) struct RuntimeRow {
    pub(super) engine: &'static str,
    pub(super) version: Option<String>,
    /// How it compares an image's build with the host's.
    pub(super) matcher: Option<&'static str>,
    /// The same in words.
    pub(super) pulls: Option<String>,
}

/// What is wrong.
#[derive(Serialize)]
pub(super) struct ProblemRow<'a> {
    pub(super) problem: &'static str,
    pub(super) severity: &'static str,
    pub(super) message: String,
    pub(super) notes: Vec<String>,
    pub(super) help: Option<String>,
    pub(super) path: &'a str,
    pub(super) range: Range,
    #[serde(skip)]
    pub(super) level: Severity,
}

/// All that rows are made of.
pub(super) struct Shower<'a> {
    pub(super) config: &'a Config,
    pub(super) sources: &'a Sources,
    /// The folder of the configuration.
    pub(super) root: &'a Path,
    pub(super) folder: &'a Folder,
    pub(super) today: Date,
}

impl<'a> Shower<'a> {
    pub(super) fn fleet(&self, fleet: &DeclaredFleet<'a>) -> FleetRow<'a> {
        let of_target = fleet.target.map(|target| self.folder.show(&self.root.join(&target.file)));
        let own = || {
            let file = self.config.files.iter().find(|file| file.is_fleet);
            file.and_then(|file| self.sources.get(file.source)).map_or_else(String::new, |source| source.path.clone())
        };
        FleetRow {
            name: fleet.name,
            path: of_target.unwrap_or_else(own),
            paths: fleet.target.map(|target| target.paths.as_slice()),
            hosts: fleet_check::of_hosts(fleet.fleet, self.config, self.today)
                .map(|(host, problems)| self.host(host, problems))
                .collect(),
            problems: fleet_check::of_fleet(fleet).map(|it| self.problem(it)).into_iter().collect(),
        }
    }

    fn host(&self, host: &'a Host, problems: Vec<Problem>) -> HostRow<'a> {
        let windows = host.windows();
        let releases = &self.config.releases;
        let support = Support::of(host, releases);
        let (release, retirement) = (support.map(|it| it.release), support.and_then(|it| it.retirement));
        let sources = retirement.into_iter().flat_map(|it| it.sources);
        let ends = release.map_or((None, None), |release| (release.host_mainstream_end, release.host_end));
        let place = host.places.name.unwrap_or(host.os_span);
        let is_node = host.serves(Orchestrator::Kubernetes);
        let own_labels = kubernetes::unwritten(host).into_iter().filter(|_| is_node);
        HostRow {
            name: &host.name,
            path: json::path(place, self.sources),
            range: json::range(place, self.sources),
            os: if windows.is_some() { "windows" } else { "linux" },
            version: windows.map(|version| version.to_string()),
            release: release.map(|release| &*release.id),
            title: release.map(|release| &*release.title),
            mainstream_support_end: ends.0.map(|end| end.to_string()),
            support_end: ends.1.map(|end| end.to_string()),
            kind: windows.map(|_| host.kind.name()),
            orchestrator: host.orchestrator.map(Orchestrator::name),
            runtime: host.runtime.as_ref().map(|it| runtime(it, windows)),
            isolation: isolation(host),
            hyperv: host.hyperv,
            labels: pairs(&host.labels),
            kubernetes_labels: own_labels.map(|it| (it.key, it.value.map(Cow::into_owned))).collect(),
            engine_labels: pairs(&host.engine_labels),
            taints: host.taints.iter().map(ToString::to_string).collect(),
            platform: host.platform.map(Platform::id),
            retirement: retirement.map(|of| RetirementRow {
                support_end: of.end.to_string(),
                images_deleted: of.images_deleted.map(|day| day.to_string()),
                not_offered_from_kubernetes: of.not_offered_from,
                of,
            }),
            support_days_left: support
                .and_then(|it| it.end())
                .map(|(end, _)| end.day_number() - self.today.day_number()),
            support_sources: release.into_iter().flat_map(|it| it.host_sources).chain(sources).copied().collect(),
            count: host.count,
            problems: problems.into_iter().map(|it| self.problem(it)).collect(),
            today: self.today,
            ends,
        }
    }

    fn problem(&self, problem: Problem) -> ProblemRow<'a> {
        let Problem { kind, severity, span, message } = problem;
        ProblemRow {
            problem: kind.id(),
            severity: word(severity),
            message: message.headline,
            notes: message.notes,
            help: message.help,
            path: json::path(span, self.sources),
            range: self.range(span),
            level: severity,
        }
    }

    fn range(&self, span: Span) -> Range {
        json::range(span, self.sources)
    }
}

fn pairs(labels: &[(String, String)]) -> BTreeMap<&str, &str> {
    labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// What an image that asks for nothing gets there. A host of no orchestrator has that of plain Docker.
fn isolation(host: &Host) -> Option<&'static str> {
    let facts = HostFacts::of(host, host.orchestrator_or_docker())?;
    Some(match compat::in_effect(&facts, Isolation::Default) {
        Isolation::Hyperv => "hyperv",
        Isolation::Process | Isolation::Default => "process",
    })
}

fn runtime(runtime: &Runtime, host: Option<OsVersion>) -> RuntimeRow {
    let matcher = runtime.matcher();
    RuntimeRow {
        engine: match runtime.engine {
            Engine::Docker => "docker",
            Engine::DockerContainerd => "docker (containerd)",
            Engine::Containerd => "containerd",
        },
        version: runtime.version.map(|(major, minor, patch)| format!("{major}.{minor}.{patch}")),
        matcher: host.and(matcher).map(|matcher| match matcher {
            Matcher::Graphdriver => "graphdriver",
            Matcher::Exact => "exact",
            Matcher::From2022 => "from-2022",
            Matcher::FromLtscBelow => "from-ltsc-below",
            Matcher::FromLtscBefore => "from-ltsc-before",
        }),
        pulls: host.map(|host| match matcher {
            Some(matcher) => pulls(matcher, host.build),
            None => "which images it pulls is not known of this version".to_owned(),
        }),
    }
}

/// The builds of which there are images of the long term, from the oldest.
const LTSC: [Build; 4] = [Build::WS2016, Build::WS2019, Build::WS2022, Build::WS2025];

fn pulls(matcher: Matcher, host: Build) -> String {
    match LTSC.into_iter().find(|build| matcher.pulls(host, *build)) {
        Some(oldest) if matcher == Matcher::Graphdriver && oldest < host => {
            "pulls images of its own build and of all older ones".to_owned()
        }
        Some(oldest) if oldest < host => format!("pulls images of builds {} to {}", oldest.0, host.0),
        _ => format!("pulls images of build {} only", host.0),
    }
}
