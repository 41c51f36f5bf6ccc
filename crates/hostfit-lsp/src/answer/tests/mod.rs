//! Answers over files in memory. `‸` is the cursor.

mod completion;
mod definition;
mod everywhere;
mod hover;
mod lines;
mod locked;

use hostfit_core::{
    check::{self, Report},
    config::{
        Config,
        lock::{self, Lock},
    },
    front::{self, Outcome, Unit},
    rules,
    source::{Source, SourceId, Sources, Span},
    windows::Date,
};

use super::View;

pub(super) const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

/// Files that were checked, and the cursor in one of them.
pub(super) struct Desk {
    pub(super) sources: Sources,
    pub(super) units: Vec<Unit>,
    pub(super) config: Config,
    pub(super) report: Report,
    /// The file with the cursor, and where in it that is.
    pub(super) cursor: (SourceId, u32),
}

impl Desk {
    /// Checks files; one called `hostfit.toml` is the configuration, one called `hostfit.lock` the lock file.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut cursor = (SourceId(0), 0);
        let mut sources = Vec::new();
        for (id, (path, text)) in (0..).zip(files) {
            if let Some(at) = text.find('‸') {
                cursor = (SourceId(id), u32::try_from(at).expect("small"));
            }
            sources.push(Source::from_text(SourceId(id), *path, text.replace('‸', "")));
        }
        Self::from_sources(sources, cursor)
    }

    pub(super) fn from_sources(sources: Vec<Source>, cursor: (SourceId, u32)) -> Self {
        let (mut units, mut config, mut lock) = (Vec::new(), Config::default(), None);
        for source in &sources {
            if source.path.ends_with("hostfit.toml") {
                config = Config::parse(source, &rules::ids()).unwrap_or_default();
            } else if source.path == lock::NAME {
                lock = Lock::parse(source).ok();
            } else if let Outcome::Unit(unit) = front::read(source) {
                units.push(unit);
            }
        }
        config.lock = lock;
        let sources = Sources::new(sources);
        let report = check::check(&sources, &units, &config, TODAY);
        Self { sources, units, config, report, cursor }
    }

    pub(super) fn view(&self) -> View<'_> {
        let Self { sources, units, config, report, .. } = self;
        View { sources, units, answers: report.answers(config), report, today: TODAY, charts: None }
    }

    /// `path:line text` of some bytes.
    pub(super) fn show(&self, span: Span) -> String {
        let source = self.sources.get(span.source).expect("a file");
        format!("{}:{} {}", source.path, source.position(span.start).line, source.slice(span))
    }
}

/// Two Kubernetes hosts with Windows, one with Linux, one for each other orchestrator.
pub(super) const FLEET: &str = r#"[[host]]
name = "win2019"
os = "10.0.17763.6893"
orchestrator = "kubernetes"
labels = { pool = "old", osbuild = "17763" }
taints = ["os=windows:NoSchedule"]

[[host]]
name = "win2022"
os = "ltsc2022"
orchestrator = "kubernetes"
labels = { pool = "new", osbuild = "20348" }

[[host]]
name = "linux"
os = "linux"
orchestrator = "kubernetes"

[[host]]
name = "build01"
os = "ltsc2025"
orchestrator = "docker"

[[host]]
name = "swarm01"
os = "ltsc2019"
orchestrator = "swarm"
labels = { OsVersion = "10.0.17763" }

[[host]]
name = "swarm02"
os = "ltsc2022"
orchestrator = "swarm"
labels = { OsVersion = "10.0.20348" }
engine-labels = { gpu = "yes" }
"#;
