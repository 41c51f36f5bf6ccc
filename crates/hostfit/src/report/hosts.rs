//! The names of the hosts on which findings hold. In a large fleet many findings name the same thousands.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use hostfit_core::{finding::Finding, fleet::FleetId, judge::Answers};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// The names in one finding of a report.
pub(crate) enum Hosts<'a> {
    /// Each by itself.
    Each(Vec<Cow<'a, str>>),
    /// The JSON of all of them.
    Written(Arc<RawValue>),
}

impl Default for Hosts<'_> {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

impl Hosts<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Each(names) if names.is_empty())
    }
}

impl Serialize for Hosts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Each(names) => names.serialize(serializer),
            Self::Written(json) => json.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Hosts<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::Each)
    }
}

/// Fewer hosts are written one by one.
const MANY: usize = 64;

/// How many bytes of JSON are kept, whatever the fleet.
const MOST_KEPT: usize = 16 << 20;

/// Writes each long list once, for all findings that share it.
pub(crate) struct HostLists<'run> {
    answers: Answers<'run>,
    /// What every line begins with.
    indent: String,
    /// By where the ids are in memory: findings on the same hosts share them.
    written: Mutex<HashMap<(FleetId, usize), Arc<RawValue>>>,
}

impl<'run> HostLists<'run> {
    /// Lists that stand `depth` levels deep in their report.
    pub(crate) fn new(answers: Answers<'run>, depth: usize) -> Self {
        Self { answers, indent: format!("\n{}", "  ".repeat(depth)), written: Mutex::default() }
    }

    /// The names of the hosts of a finding of the run.
    pub(crate) fn of(&self, finding: &'run Finding) -> Hosts<'run> {
        let written = if finding.hosts.len() < MANY { None } else { self.written(finding) };
        written.map_or_else(|| Hosts::Each(self.each(finding).map(Cow::from).collect()), Hosts::Written)
    }

    fn each(&self, finding: &'run Finding) -> impl Iterator<Item = &'run str> + use<'run> {
        self.answers.host_names(finding).into_iter()
    }

    fn written(&self, finding: &'run Finding) -> Option<Arc<RawValue>> {
        let key = (finding.fleet, finding.hosts.as_ptr().addr());
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = written.get(&key) {
            return Some(Arc::clone(known));
        }
        let names: Vec<_> = self.each(finding).collect();
        // No string of JSON holds a line end.
        let json = serde_json::to_string_pretty(&names).ok()?.replace('\n', &self.indent);
        let new: Arc<RawValue> = Arc::from(RawValue::from_string(json).ok()?);
        let kept: usize = written.values().map(|json| json.get().len()).sum();
        if kept + new.get().len() > MOST_KEPT {
            written.clear();
        }
        written.insert(key, Arc::clone(&new));
        Some(new)
    }
}
