//! CI pipelines: which Windows machines their jobs run on. Images are built there, with the Docker of that machine.
//!
//! Sources: <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idruns-on>,
//! <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/pool>, <https://docs.gitlab.com/ci/yaml/#tags>.

use std::collections::BTreeSet;

use hostfit_core::{
    fleet::Orchestrator,
    windows::{
        OsVersion,
        runner::{self, Runner},
    },
};
use serde_json::Value;

use super::{cloud::Builder, given::quoted};
use crate::fleet::machine::Machine;

/// What the jobs of a pipeline run on.
#[derive(Debug, Default)]
pub(super) struct Runners {
    /// Labels that name Windows.
    labels: BTreeSet<String>,
    /// Whether it is a pipeline, even if it has no such label.
    is_pipeline: bool,
    /// Whether some label is an expression whose value stands elsewhere.
    has_open: bool,
}

/// Whether a text may be a pipeline.
pub(super) fn may_be(text: &str) -> bool {
    ["runs-on:", "vmImage:", "tags:"].iter().any(|key| text.contains(key))
}

impl Runners {
    /// Reads the document of a pipeline.
    pub(super) fn of(document: &Value) -> Self {
        let mut runners = Self::default();
        if !document.is_object() || document.get("apiVersion").is_some() || document.get("services").is_some() {
            return runners;
        }
        for job in document.get("jobs").and_then(Value::as_object).into_iter().flatten().map(|(_, job)| job) {
            if let Some(runs_on) = job.get("runs-on") {
                runners.is_pipeline = true;
                runners.github(runs_on, job);
            }
        }
        if !runners.is_pipeline {
            runners.azure(document, 0);
        }
        if !runners.is_pipeline {
            runners.gitlab(document);
        }
        // A parameter, an input or a matrix has it; nothing else is called so.
        if runners.has_open {
            runners.values(document, 0);
        }
        runners
    }

    /// Whether it is one.
    pub(super) fn is_pipeline(&self) -> bool {
        self.is_pipeline
    }

    /// `runs-on`: a label, a list of labels that one machine has, or a group with labels.
    fn github(&mut self, runs_on: &Value, job: &Value) {
        let labels = runs_on.get("labels").unwrap_or(runs_on);
        if let Some(list) = labels.as_array() {
            let labels: Vec<_> = list.iter().filter_map(Value::as_str).collect();
            let is_own = labels.iter().any(|it| it.eq_ignore_ascii_case("self-hosted"));
            if is_own && labels.iter().any(|it| it.eq_ignore_ascii_case("windows")) {
                self.labels.insert(labels.join("-").to_ascii_lowercase());
            } else {
                for label in labels {
                    self.label(label, job);
                }
            }
        } else if let Some(label) = labels.as_str() {
            self.label(label, job);
        }
    }

    /// A label, or an expression that yields one: `${{ matrix.os }}`, `${{ inputs.x && 'windows-2022' || 'ubuntu-24.04' }}`.
    fn label(&mut self, label: &str, job: &Value) {
        let Some(expression) = label.trim().strip_prefix("${{").and_then(|it| it.strip_suffix("}}")) else {
            return self.windows(label);
        };
        let path = expression.trim().strip_prefix("matrix.").map(|path| path.split('.').collect::<Vec<_>>());
        match path.zip(job.get("strategy").and_then(|it| it.get("matrix"))) {
            Some((path, matrix)) if !matrix.is_string() => self.matrix(matrix, &path),
            _ => self.has_open = true,
        }
        // Every second piece stands between quotes.
        expression.split('\'').skip(1).step_by(2).for_each(|literal| self.windows(literal));
    }

    fn matrix(&mut self, matrix: &Value, path: &[&str]) {
        let at = |value: &Value, path: &[&str]| {
            path.iter().try_fold(value, |value, key| value.get(*key)).and_then(Value::as_str).map(str::to_owned)
        };
        let Some((first, rest)) = path.split_first() else { return };
        let own = matrix.get(*first).and_then(Value::as_array).into_iter().flatten().filter_map(|it| at(it, rest));
        let included = matrix.get("include").and_then(Value::as_array).into_iter().flatten();
        let all: Vec<_> = own.chain(included.filter_map(|it| at(it, path))).collect();
        for label in all {
            self.windows(&label);
        }
    }

    /// `vmImage` of a pool, anywhere.
    fn azure(&mut self, value: &Value, depth: usize) {
        if depth > 64 {
            return;
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.azure(item, depth + 1)),
            Value::Object(entries) => {
                for (key, value) in entries {
                    match value.as_str() {
                        Some(image) if key == "vmImage" => {
                            self.is_pipeline = true;
                            self.has_open |= image.contains('$');
                            self.windows(image);
                        }
                        Some(_) => {}
                        None => self.azure(value, depth + 1),
                    }
                }
            }
            _ => {}
        }
    }

    fn values(&mut self, value: &Value, depth: usize) {
        match value {
            Value::String(text) if runner::of_label(text).is_some() => self.windows(text),
            Value::Array(items) if depth < 64 => items.iter().for_each(|item| self.values(item, depth + 1)),
            Value::Object(entries) if depth < 64 => entries.values().for_each(|it| self.values(it, depth + 1)),
            _ => {}
        }
    }

    /// `tags` of jobs, and of what they have by default.
    fn gitlab(&mut self, document: &Value) {
        let is_job = |job: &Value| ["script", "extends", "trigger"].iter().any(|key| job.get(*key).is_some());
        let jobs = document.as_object().into_iter().flatten();
        for (name, job) in jobs.filter(|(name, job)| *name == "default" || is_job(job)) {
            self.is_pipeline |= name != "default";
            let tags = job.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            tags.for_each(|tag| self.windows(tag));
        }
    }

    /// Takes a label that names Windows.
    fn windows(&mut self, label: &str) {
        let label = label.trim().to_ascii_lowercase();
        let is_name = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
        let names_windows = label.split(['-', '_']).any(|word| word == "windows") || runner::of_label(&label).is_some();
        if names_windows && label.chars().all(is_name) {
            self.labels.insert(label);
        }
    }

    /// The machines, and what is to be said of labels that are gone.
    pub(super) fn machines(&self, file: &str) -> (Vec<Machine>, Vec<String>) {
        let (mut machines, mut notes) = (Vec::new(), Vec::new());
        for label in &self.labels {
            let mut machine = Builder::new(Orchestrator::Docker, None);
            machine.name(label);
            match runner::of_label(label) {
                Some(Runner::Removed { since }) => {
                    let when = if since.contains('-') { "on" } else { "in" };
                    notes.push(format!("{file} runs jobs on `{label}`, which was removed {when} {since}"));
                    continue;
                }
                Some(Runner::Offered { build, as_of }) => {
                    machine.windows(OsVersion { build, revision: None });
                    machine.note(format!("as of {as_of}"));
                }
                None => machine.unknown_windows(format!(
                    "{file} runs jobs on a machine of your own with the label {}: look it up with `docker info` there",
                    quoted(label)
                )),
            }
            machines.push(machine.build());
        }
        (machines, notes)
    }
}
