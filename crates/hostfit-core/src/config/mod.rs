//! `hostfit.toml`, typed, with spans, so that a bad key is shown like any finding.

pub mod chart;
mod check;
mod host;
mod images;
mod key;
pub mod lock;
mod overrides;
mod problems;
mod reader;
pub mod registry;
mod release;
pub mod schema;
mod target;
pub mod write;

pub use check::FORMATS;
use key::Key;
pub use overrides::{Override, RuleSelection};
pub use problems::{ConfigError, Problems};
use reader::{Entry, Reader};
pub use registry::Registry;
pub use target::{DeclaredFleet, Target};

use crate::{
    baseline::Baseline,
    finding::Severity,
    fleet::Fleet,
    source::{Source, SourceId, Span},
    windows::{
        image::ImageRule,
        release::{Release, Releases},
    },
};

/// Everything the configuration says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Which rules are enabled, as `[check]` says.
    pub rules: RuleSelection,
    /// The selection of the command line. It applies last.
    pub command_line: RuleSelection,
    /// Patterns of files that are not looked at, as in a `.gitignore` in the folder of `hostfit.toml`.
    pub exclude: Vec<String>,
    /// The least severity that makes the run fail; none: never.
    pub fail_on: Option<FailOn>,
    /// The baseline that `[check]` names.
    pub baseline_file: Option<Named>,
    /// The format of findings that `[check]` names, one of [`FORMATS`].
    pub format: Option<&'static str>,
    /// The files that `[check]` has findings written to, each with its format.
    pub outputs: Vec<(&'static str, Named)>,
    /// Other severities than the rules' own.
    pub severity: Vec<(String, Severity)>,
    /// `[[override]]`, in the order of the file.
    pub overrides: Vec<Override>,
    /// `[build-args]`, and `--build-arg` (which have no span) before them.
    pub build_args: Vec<BuildArg>,
    /// `[images]`, in the order of the file.
    pub images: Vec<ImageRule>,
    /// Built-in releases and `[[release]]`.
    pub releases: Releases,
    /// The rows of `[[release]]` by themselves, for the fleet file to build upon.
    pub own_releases: Vec<Release>,
    /// `[[chart]]`, in the order of the file.
    pub charts: Vec<chart::DeclaredChart>,
    /// `[[host]]`: the fleet of all files that are in no target.
    pub fleet: Fleet,
    /// `[[target]]`, in the order of the file.
    pub targets: Vec<Target>,
    /// How to talk with registries.
    pub registries: Vec<Registry>,
    /// What registries said of images.
    pub lock: Option<lock::Lock>,
    /// Accepted findings (`--baseline`), keyed by report path.
    pub baseline: Option<Baseline>,
    /// The files that say so.
    pub files: Vec<ConfigFile>,
}

/// A configuration or fleet file, in which findings may stand.
#[derive(Clone, Debug)]
pub struct ConfigFile {
    /// Its text.
    pub source: SourceId,
    /// Its comments, from the number sign to the end of the line.
    pub comments: Vec<Span>,
    /// Whether its hosts are the fleet.
    pub is_fleet: bool,
}

/// A file that the configuration names.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// As it is written, relative to the folder of the configuration.
    pub path: String,
    /// The bytes that name it.
    pub span: Span,
}

impl Named {
    fn new(path: &str, span: Span) -> Self {
        Self { path: path.to_owned(), span }
    }
}

/// When a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// From this severity on.
    Severity(Severity),
    /// Never.
    Never,
}

/// A build arg given from outside the Dockerfile.
#[derive(Clone, Debug)]
pub struct BuildArg {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The bytes of the value; none if it came from the command line.
    pub span: Option<Span>,
}

impl Config {
    /// Reads a configuration file. `rules` are the ids that it may name.
    ///
    /// # Errors
    /// Every place that is invalid, with what to do.
    pub fn parse(source: &Source, rules: &[&str]) -> Result<Self, Vec<ConfigError>> {
        Self::parse_with(source, rules, &[])
    }

    /// Takes the hosts of another file in place of this configuration's own, those of its targets too. That file may hold `[[host]]` and
    /// `[[release]]` only, or be a whole `hostfit.toml`, of which the rest is read and not used.
    ///
    /// # Errors
    /// Every place of the other file that is invalid.
    pub fn replace_fleet(&mut self, source: &Source, rules: &[&str]) -> Result<(), Vec<ConfigError>> {
        let other = Self::parse_with(source, rules, &self.own_releases)?;
        self.fleet = other.fleet;
        self.targets.clear();
        self.releases = other.releases;
        self.own_releases = other.own_releases;
        self.files.iter_mut().for_each(|file| file.is_fleet = false);
        self.files.extend(other.files);
        Ok(())
    }

    fn parse_with(source: &Source, rules: &[&str], releases: &[Release]) -> Result<Self, Vec<ConfigError>> {
        let mut reader = Reader::new(source, rules);
        let document = reader.document();
        // What is read of a file that is not TOML would only repeat that.
        reader.check()?;
        let file = ConfigFile { source: source.id, comments: reader.comments(), is_fleet: true };
        let mut config = Self { own_releases: releases.to_vec(), files: vec![file], ..Self::default() };
        let sections = reader.entries(&document);
        // An OS string may name a release that the same file adds, wherever in the file that stands.
        for section in sections.iter().filter(|section| section.key == "release") {
            config.own_releases.extend(release::rows(&mut reader, section));
        }
        config.releases = Releases::with(config.own_releases.clone());
        for section in &sections {
            match section.key {
                "check" => check::section(&mut reader, section, &mut config),
                "override" => config.overrides = overrides::rows(&mut reader, section),
                "build-args" => config.build_args = build_args(&mut reader, section),
                "images" => config.images = images::rules(&mut reader, section, &config.releases),
                "host" => config.fleet = Fleet { hosts: host::hosts(&mut reader, section, &config.releases) },
                "target" => config.targets = target::rows(&mut reader, section),
                "chart" => config.charts = chart::rows(&mut reader, section),
                "registry" => config.registries = registry::section(&mut reader, section),
                "release" => {}
                _ => reader.unknown_key(section, reader.file_name(), SECTIONS),
            }
        }
        reader.finish(config)
    }
}

const SECTIONS: &[Key] = &[
    Key {
        name: "check",
        about: "Which rules are enabled, with which severity, and which files are checked.",
        value: check::schema,
    },
    Key {
        name: "override",
        about: "Replaces [check] for some files. Of several overrides the last one counts.",
        value: overrides::schema,
    },
    Key {
        name: "build-args",
        about: "Build args that only the build command sets. Those of Compose files and `.env` are read by themselves.",
        value: key::pairs,
    },
    Key {
        name: "images",
        about: "What hostfit cannot see by itself: the OS version of images, the platforms of multi-platform images, and the \
                Dockerfiles that CI builds. In a pattern, `*` matches any characters; the first pattern that matches counts.",
        value: images::schema,
    },
    Key {
        name: "chart",
        about: "How a Helm chart of this repository is deployed. A chart may stand here several times, once for each set of \
                values.",
        value: chart::schema,
    },
    Key { name: "host", about: "A machine, or a pool of equal machines, that containers run on.", value: host::schema },
    Key {
        name: "target",
        about: "Files whose workloads are checked against the hosts of another file. A file of several targets is judged \
                against each.",
        value: target::schema,
    },
    Key {
        name: "registry",
        about: "How `hostfit images --online` talks with a registry, by its host and port.",
        value: registry::schema,
    },
    Key { name: "release", about: "A release of Windows that is newer than this hostfit.", value: release::schema },
];

fn build_args(reader: &mut Reader, section: &Entry) -> Vec<BuildArg> {
    let Some(table) = reader.table(section) else { return Vec::new() };
    let mut args = Vec::new();
    for entry in reader.entries(table) {
        if let Some((value, span)) = reader.text(&entry) {
            args.push(BuildArg { name: entry.key.to_owned(), value: value.to_owned(), span: Some(span) });
        }
    }
    args
}

#[cfg(test)]
mod tests;
