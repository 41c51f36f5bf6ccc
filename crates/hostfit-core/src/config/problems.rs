//! What is wrong with a configuration file.

use crate::source::Span;

/// An invalid place in the configuration, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The bytes.
    pub span: Span,
    /// What is wrong, naming the key.
    pub message: String,
    /// `did you mean …`.
    pub help: Option<String>,
}

/// The problems of one file, of which the first are kept: a file that was never meant for hostfit may have one for each byte.
#[derive(Debug, Default)]
pub struct Problems {
    kept: Vec<ConfigError>,
    left_out: usize,
}

impl Problems {
    /// More problems of one file are counted only.
    pub const MOST: usize = 20;

    /// Adds one.
    pub fn add(&mut self, error: ConfigError) {
        self.kept.push(error);
        if self.kept.len() > 2 * Self::MOST {
            self.cut();
        }
    }

    /// Whether nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Returns the first in the order of their places, and where others are left out how many these are.
    pub fn into_errors(mut self) -> Vec<ConfigError> {
        self.cut();
        if let (1.., Some(last)) = (self.left_out, self.kept.last()) {
            let plural = if self.left_out == 1 { "" } else { "s" };
            let message = format!("and {} more problem{plural} in this file", self.left_out);
            self.kept.push(ConfigError { span: last.span, message, help: None });
        }
        self.kept
    }

    fn cut(&mut self) {
        self.kept.sort_by_key(|error| (error.span.start, error.span.end));
        self.left_out += self.kept.len().saturating_sub(Self::MOST);
        self.kept.truncate(Self::MOST);
    }
}
