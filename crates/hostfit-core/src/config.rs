//! `hostfit.toml`, typed, with spans, so that a bad key is shown like any finding.

use crate::{
    finding::Severity,
    fleet::Fleet,
    source::{Source, Span},
    windows::{image::ImageRule, release::Releases},
};

/// Everything the configuration says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Only these rules, if there are any.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Globs of files that are not looked at.
    pub exclude: Vec<String>,
    /// The least severity that makes the run fail; none: never.
    pub fail_on: Option<FailOn>,
    /// Other severities than the rules' own.
    pub severity: Vec<(String, Severity)>,
    /// `[build-args]`, and `--build-arg` (which have no span) before them.
    pub build_args: Vec<BuildArg>,
    /// `[images]`, in the order of the file.
    pub images: Vec<ImageRule>,
    /// Built-in releases and `[[release]]`.
    pub releases: Releases,
    /// `[[host]]`.
    pub fleet: Fleet,
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

/// A place in the configuration that can't be taken, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The bytes.
    pub span: Span,
    /// What is wrong, naming the key.
    pub message: String,
    /// `did you mean …`.
    pub help: Option<String>,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// All places that can't be taken.
    pub fn parse(_source: &Source) -> Result<Self, Vec<ConfigError>> {
        Ok(Self::default())
    }
}
