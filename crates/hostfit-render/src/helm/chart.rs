//! A chart as it is loaded.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use super::metadata::Metadata;
use crate::{
    node::Node,
    problem::Problem,
    template::{self, Parsed, SyntaxError},
    text::{FileId, Text},
};

/// A chart with its subcharts, not yet rendered. It holds all that a rendering reads, and can be rendered any number
/// of times.
#[derive(Clone, Debug)]
pub struct Chart {
    pub(super) metadata: Metadata,
    /// `values.yaml`.
    pub(super) values: Node,
    /// The files below `templates`, by their path in the chart.
    pub(super) templates: Vec<Template>,
    /// What `.Files` has; empty where no template asks.
    pub(super) files: Arc<BTreeMap<String, Text>>,
    /// The versions and kinds that the chart's own `crds` define.
    pub(super) kinds: Vec<String>,
    pub(super) subcharts: Vec<Chart>,
    /// How many bytes its templates and values have, with those of its subcharts.
    pub(super) bytes: usize,
    pub(super) problems: Vec<Problem>,
}

/// A file below `templates`.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) name: String,
    pub(super) file: FileId,
    pub(super) text: Arc<Text>,
    /// It parsed, once a rendering asked: most charts are rendered with several sets of values.
    parsed: OnceLock<Result<Parsed, SyntaxError>>,
}

impl Template {
    pub(super) fn new(name: String, file: FileId, text: Text) -> Self {
        Self { name, file, text: Arc::new(text), parsed: OnceLock::new() }
    }

    /// It parsed, or why it cannot be.
    pub(super) fn parsed(&self) -> Result<&Parsed, &SyntaxError> {
        self.parsed.get_or_init(|| template::parse(Arc::clone(&self.text))).as_ref()
    }
}

impl Chart {
    /// The name that `Chart.yaml` gives it.
    pub fn name(&self) -> &str {
        self.metadata.name.as_str()
    }

    /// Whether it only has helpers for other charts.
    pub fn is_library(&self) -> bool {
        self.metadata.is_library
    }

    /// The subcharts that were found.
    pub fn subcharts(&self) -> &[Self] {
        &self.subcharts
    }

    /// What is missing from it or cannot be read, subcharts included.
    pub fn problems(&self) -> Vec<Problem> {
        let own = self.problems.iter().cloned();
        own.chain(self.subcharts.iter().flat_map(Self::problems)).collect()
    }

    /// Its `values.yaml`, as a mapping.
    pub fn values(&self) -> &Node {
        &self.values
    }
}
