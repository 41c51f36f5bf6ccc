//! Why a run failed.

use std::io::{self, Write};

use hostfit_core::{
    config::ConfigError,
    source::{Source, Sources},
};

use crate::{
    report::human,
    terminal::{Style, say},
};

/// Why a run failed.
#[derive(Debug)]
pub enum Error {
    /// In words.
    Message(String),
    /// The result could not be written.
    Output(io::Error),
    /// A configuration or fleet file cannot be taken.
    #[doc(hidden)]
    Config(Box<BadConfig>),
}

/// A configuration with its errors.
#[derive(Debug)]
pub struct BadConfig {
    pub(crate) sources: Sources,
    pub(crate) errors: Vec<ConfigError>,
    pub(crate) style: Style,
}

impl Error {
    pub(crate) fn message(text: impl Into<String>) -> Self {
        Self::Message(text.into())
    }

    pub(crate) fn config(sources: Vec<Source>, errors: Vec<ConfigError>, style: Style) -> Self {
        Self::Config(Box::new(BadConfig { sources: Sources::new(sources), errors, style }))
    }

    /// Whether the reader of the output went away, which is nobody's fault.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// What it says, where that is one sentence.
    pub(crate) fn words(&self) -> Option<&str> {
        match self {
            Self::Message(text) => Some(text),
            Self::Output(_) | Self::Config(_) => None,
        }
    }

    /// Writes it to stderr.
    pub fn print(&self) {
        let text = match self {
            Self::Message(text) => return say(&format!("error: {text}")),
            Self::Output(error) => return say(&format!("error: the result cannot be written: {error}")),
            Self::Config(bad) => human::config_errors(&bad.sources, &bad.errors, bad.style),
        };
        // An error that cannot be written fails nothing more.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
