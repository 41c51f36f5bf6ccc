//! `[[target]]`: files whose workloads are judged against another fleet than `[[host]]`.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::{
    Config, ConfigError, check,
    key::{self, Key},
    overrides,
    reader::{Entry, Reader, shown},
};
use crate::{
    finding::Finding,
    fleet::{Fleet, FleetId, Orchestrator},
    source::{Source, SourceId, Span},
};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "paths",
        about: "The files that it is about: patterns as in a `.gitignore` in the folder of this file.",
        value: key::texts,
    },
    Key {
        name: "fleet",
        about: "The file whose `[[host]]` entries are the fleet of these files; relative to this file.",
        value: key::name,
    },
    Key { name: "name", about: "The name of the fleet in findings. Default: the value of `fleet`.", value: key::name },
];

/// One fleet, and the files whose workloads are judged against it. A file of several targets is judged against each.
#[derive(Clone, Debug)]
pub struct Target {
    /// Patterns of these files, as in [`Config::exclude`].
    pub paths: Vec<String>,
    /// How findings call the fleet.
    pub name: String,
    /// The fleet file, relative to `hostfit.toml`, with `/`.
    pub file: String,
    /// The bytes that name it.
    pub span: Span,
    /// Its hosts. Who knows the folder of `hostfit.toml` has them read with [`Config::read_target`]; until then the
    /// fleet is empty. Targets that name one file share it.
    pub fleet: Arc<Fleet>,
    /// The files of the run that `paths` match; filled in as [`Override::files`](super::Override::files) is.
    pub files: FxHashSet<SourceId>,
}

impl Target {
    /// Whether this file declares a host of its fleet.
    pub fn is_declared_in(&self, file: SourceId) -> bool {
        self.fleet.hosts.iter().any(|host| host.os_span.source == file)
    }
}

/// One of the fleets of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredFleet<'c> {
    /// Its number.
    pub id: FleetId,
    /// What findings call it; none: that of `[[host]]`, which holds where no target does.
    pub name: Option<&'c str>,
    /// The hosts.
    pub fleet: &'c Fleet,
    /// The target, unless it is that of `[[host]]`.
    pub target: Option<&'c Target>,
}

impl DeclaredFleet<'_> {
    /// Whether it has a host on which `orchestrator` places workloads.
    pub fn serves(&self, orchestrator: Orchestrator) -> bool {
        self.fleet.of(orchestrator).next().is_some()
    }
}

impl Config {
    /// All fleets: that of `[[host]]`, then those of the targets in the order of the file.
    pub fn fleets<'c>(&'c self) -> impl Iterator<Item = DeclaredFleet<'c>> {
        let of = |(number, target): (u32, &'c Target)| DeclaredFleet {
            id: FleetId(number),
            name: Some(&target.name),
            fleet: &target.fleet,
            target: Some(target),
        };
        std::iter::once(self.default_fleet()).chain((1..).zip(&self.targets).map(of))
    }

    /// What the hosts of a finding are called.
    pub fn host_names(&self, finding: &Finding) -> Vec<&str> {
        let Some(DeclaredFleet { fleet, .. }) = self.fleet(finding.fleet) else { return Vec::new() };
        finding.hosts.iter().filter_map(|id| Some(fleet.host(*id)?.name.as_str())).collect()
    }

    /// The fleet of this number.
    pub fn fleet(&self, id: FleetId) -> Option<DeclaredFleet<'_>> {
        self.fleets().nth(id.0 as usize)
    }

    /// The fleets that what is said in these files is judged against. Never none.
    pub fn fleets_of<'c>(&'c self, files: &[SourceId]) -> Vec<DeclaredFleet<'c>> {
        self.fleets().filter(|fleet| self.judges(fleet, files)).collect()
    }

    /// Whether that fleet is one of [`Config::fleets_of`] these files.
    pub fn judges(&self, fleet: &DeclaredFleet<'_>, files: &[SourceId]) -> bool {
        match fleet.target {
            Some(target) => files.iter().any(|file| target.files.contains(file)),
            None => self.targets.is_empty() || files.iter().any(|file| !self.has_target(*file)) || files.is_empty(),
        }
    }

    fn has_target(&self, file: SourceId) -> bool {
        self.targets.iter().any(|target| target.files.contains(&file))
    }

    fn default_fleet(&self) -> DeclaredFleet<'_> {
        DeclaredFleet { id: FleetId::default(), name: None, fleet: &self.fleet, target: None }
    }

    /// Takes the fleet of every target that names this file from its text. That may be a whole `hostfit.toml`, of which
    /// `[[host]]` and `[[release]]` alone are used.
    ///
    /// # Errors
    /// Every place of the file that is invalid.
    pub fn read_target(&mut self, file: &str, source: &Source, rules: &[&str]) -> Result<(), Vec<ConfigError>> {
        let other = Self::parse_with(source, rules, &self.own_releases)?;
        let fleet = Arc::new(other.fleet);
        for target in self.targets.iter_mut().filter(|target| target.file == file) {
            target.fleet = Arc::clone(&fleet);
        }
        self.releases = other.releases;
        self.own_releases = other.own_releases;
        self.files.extend(other.files);
        Ok(())
    }
}

pub(super) fn rows(reader: &mut Reader, section: &Entry) -> Vec<Target> {
    let tables = reader.tables(section);
    reader.at_most(overrides::MOST, tables.len(), "targets", section.key_span);
    let mut targets: Vec<Target> = Vec::new();
    let mut places = FxHashMap::default();
    for (table, span) in tables {
        let Some((target, name_span)) = row(reader, &reader.entries(table), span) else { continue };
        let place = *places.entry(target.name.clone()).or_insert(targets.len());
        match targets.get_mut(place) {
            Some(same) if same.file == target.file => same.paths.extend(target.paths),
            Some(_) => {
                let message = format!("a target with another fleet is called `{}` too", shown(&target.name));
                reader.error(name_span, message, None);
            }
            None => targets.push(target),
        }
    }
    targets
}

/// The target, and the bytes of what it is called.
fn row(reader: &mut Reader, entries: &[Entry], span: Span) -> Option<(Target, Span)> {
    let mut paths = Vec::new();
    let (mut file, mut name) = (None, None);
    for entry in entries {
        match entry.key {
            "paths" => paths = check::globs(reader, entry),
            "fleet" => file = text(reader, entry),
            "name" => name = text(reader, entry),
            _ => reader.unknown_key(entry, "[[target]]", KEYS),
        }
    }
    let is_there = |key: &str| entries.iter().any(|entry| entry.key == key);
    if !is_there("paths") {
        let help = "name its files with patterns as in `exclude`, or use `[[host]]` for all other files";
        reader.error(span, "a target without `paths`", Some(help.to_owned()));
    }
    if !is_there("fleet") {
        let help = "name the file with its `[[host]]` entries, as in `fleet = \"prod.toml\"`";
        reader.error(span, "a target without `fleet`", Some(help.to_owned()));
    }
    let (file, file_span) = file?;
    // As in patterns: a file means the same to all who share it.
    let file = file.replace('\\', "/");
    let file = file.strip_prefix("./").unwrap_or(&file).to_owned();
    let (name, name_span) = name.unwrap_or_else(|| (file.clone(), file_span));
    let (fleet, files) = (Arc::default(), FxHashSet::default());
    Some((Target { paths, name, file, span: file_span, fleet, files }, name_span))
}

fn text(reader: &mut Reader, entry: &Entry) -> Option<(String, Span)> {
    reader.filled(entry).map(|(text, span)| (text.to_owned(), span))
}

pub(super) fn schema() -> Value {
    key::tables(KEYS, &["paths", "fleet"])
}
