//! Which rules are enabled for which files: `[check]`, `[[override]]` and the command line, of which a later one wins.

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::{
    Config, check,
    key::{self, Key},
    reader::{Entry, Reader},
};
use crate::{
    finding::Severity,
    source::{SourceId, Span},
};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "paths",
        about: "The files that it is about: patterns as in a `.gitignore` in the folder of this file.",
        value: key::texts,
    },
    Key { name: "select", about: "Only these rules.", value: key::rules },
    Key { name: "ignore", about: "Not these rules.", value: key::rules },
    Key {
        name: "severity",
        about: "Other severities than the rules' own: `{ unsupported-release = \"error\" }`.",
        value: key::severities,
    },
];

/// Which rules are enabled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelection {
    /// Only these, if there are any.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
}

/// `[[override]]`: what holds for some files in place of `[check]`.
#[derive(Clone, Debug, Default)]
pub struct Override {
    /// Patterns of these files, as in [`Config::exclude`].
    pub paths: Vec<String>,
    /// Which rules are enabled for them.
    pub rules: RuleSelection,
    /// Other severities than the rules' own.
    pub severity: Vec<(String, Severity)>,
    /// The files of the run that `paths` match. Who knows the folder of `hostfit.toml` fills it in; until then there are
    /// none.
    pub files: FxHashSet<SourceId>,
}

impl RuleSelection {
    /// Whether the rule `id` is enabled after applying this selection; `before` is whether it was.
    fn is_enabled(&self, id: &str, before: bool) -> bool {
        let names = |list: &[String]| list.iter().any(|it| it == id);
        match self {
            Self { ignore, .. } if names(ignore) => false,
            Self { select, .. } if !select.is_empty() => names(select),
            _ => before,
        }
    }
}

impl Config {
    /// Whether the rule `id` is enabled for a file.
    pub fn is_enabled(&self, id: &str, file: SourceId) -> bool {
        let rules =
            self.overrides_of(file).fold(self.rules.is_enabled(id, true), |before, it| it.rules.is_enabled(id, before));
        self.command_line.is_enabled(id, rules)
    }

    /// Whether the rule called `id` is enabled for at least one file.
    pub fn is_enabled_somewhere(&self, id: &str) -> bool {
        let rules = self.rules.is_enabled(id, true) || self.overrides.iter().any(|it| it.rules.is_enabled(id, false));
        self.command_line.is_enabled(id, rules)
    }

    /// The severity that the configuration gives the rule called `id` in a file, if any.
    pub fn severity_of(&self, id: &str, file: SourceId) -> Option<Severity> {
        let of = |list: &[(String, Severity)]| list.iter().find(|(it, _)| it == id).map(|(_, severity)| *severity);
        self.overrides_of(file).filter_map(|it| of(&it.severity)).last().or_else(|| of(&self.severity))
    }

    fn overrides_of(&self, file: SourceId) -> impl Iterator<Item = &Override> {
        self.overrides.iter().filter(move |it| it.files.contains(&file))
    }
}

/// The patterns of each are compared with every file.
pub(super) const MOST: usize = 1000;

pub(super) fn rows(reader: &mut Reader, section: &Entry) -> Vec<Override> {
    let tables = reader.tables(section);
    reader.at_most(MOST, tables.len(), "overrides", section.key_span);
    tables.into_iter().map(|(table, span)| row(reader, &reader.entries(table), span)).collect()
}

fn row(reader: &mut Reader, entries: &[Entry], span: Span) -> Override {
    let mut row = Override::default();
    for entry in entries {
        match entry.key {
            "paths" => row.paths = check::globs(reader, entry),
            "select" => row.rules.select = check::rule_ids(reader, entry),
            "ignore" => row.rules.ignore = check::rule_ids(reader, entry),
            "severity" => row.severity = check::severities(reader, entry),
            _ => reader.unknown_key(entry, "[[override]]", KEYS),
        }
    }
    if !entries.iter().any(|entry| entry.key == "paths") {
        let help = "name its files with patterns as in `exclude`, or use `[check]` for all files";
        reader.error(span, "an override without `paths`", Some(help.to_owned()));
    }
    row
}

pub(super) fn schema() -> Value {
    key::tables(KEYS, &["paths"])
}
