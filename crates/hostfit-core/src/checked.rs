//! For tests: files as a run leaves them.

use crate::{
    check::{self, Report},
    config::Config,
    front::{self, Outcome},
    judge::Answers,
    rules,
    source::{Source, SourceId, Sources},
    windows::Date,
};

/// The day that support dates are compared with.
pub(crate) const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

/// Files with what a check of them found.
pub(crate) struct CheckedTree {
    pub(crate) sources: Sources,
    /// With the Node objects among the files.
    pub(crate) config: Config,
    pub(crate) report: Report,
}

impl CheckedTree {
    /// The first file is the configuration.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let sources: Vec<_> =
            (0..).zip(files).map(|(id, (path, text))| Source::from_text(SourceId(id), *path, *text)).collect();
        let config = Config::parse(&sources[0], &rules::ids()).expect("a configuration");
        let units = sources[1..].iter().map(|source| match front::read(source) {
            Outcome::Unit(unit) => unit,
            other => panic!("{}: {other:?}", source.path),
        });
        let units: Vec<_> = units.collect();
        let sources = Sources::new(sources);
        let report = check::check(&sources, &units, &config, TODAY);
        let config = report.config(&config).clone();
        Self { sources, config, report }
    }

    /// What was decided.
    pub(crate) fn answers(&self) -> Answers<'_> {
        self.report.answers(&self.config)
    }
}
