//! Accepted findings: a baseline lists them, so that a run reports only what is new.

use std::{borrow::Cow, collections::BTreeMap, num::NonZeroU32};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    finding::Finding,
    identity::{Evidence, Identity},
};

/// The shape of the file, as its `schema` calls it.
pub const SCHEMA: &str = "hostfit-baseline/1";

/// How many findings of each identity are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<Identity, u32>);

/// Why a text is not a baseline.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It is not JSON, or not of the shape that its schema promises.
    #[error("it is not a hostfit baseline: {0}")]
    Broken(#[from] serde_json::Error),
    /// It says to be something else.
    #[error("its schema is `{0}`, and this hostfit reads `{SCHEMA}`")]
    Schema(String),
    /// It does not say what it is.
    #[error("it is not a hostfit baseline: it has no `schema`")]
    NoSchema,
}

/// The part that says what a file is.
#[derive(Deserialize)]
struct Head {
    schema: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: String,
    findings: Vec<Entry<'static>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry<'a> {
    path: Cow<'a, str>,
    rule: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workload: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fleet: Option<Cow<'a, str>>,
    evidence: EvidenceEntry<'a>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: NonZeroU32,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EvidenceEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Cow<'a, str>>,
    text: Cow<'a, str>,
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_one(count: &NonZeroU32) -> bool {
    *count == NonZeroU32::MIN
}

impl Baseline {
    /// The one that lists these, as far as they have identities.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut known = BTreeMap::new();
        for identity in findings.into_iter().filter_map(|finding| finding.identity.as_deref()) {
            *known.entry(identity.clone()).or_default() += 1;
        }
        Self(known)
    }

    /// Reads the text of a file. Where two lines list the same, as after a merge, the higher count holds.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let text = text.trim_start_matches('\u{feff}');
        match serde_json::from_str::<Head>(text)?.schema {
            Some(schema) if schema == SCHEMA => {}
            Some(schema) => return Err(BaselineError::Schema(schema)),
            None => return Err(BaselineError::NoSchema),
        }
        let mut known = Self::default();
        for Entry { path, rule, workload, fleet, evidence, count } in serde_json::from_str::<File>(text)?.findings {
            let evidence = Evidence { image: evidence.image.map(Cow::into_owned), text: evidence.text.into_owned() };
            let (workload, fleet) = (workload.map(Cow::into_owned), fleet.map(Cow::into_owned));
            let (path, rule) = (path.into_owned(), rule.into_owned());
            known.add(Identity { path, rule, workload, fleet, evidence }, count.get());
        }
        Ok(known)
    }

    /// The text of a file: one line for each identity, sorted, so that a diff shows what came and went.
    ///
    /// # Errors
    /// None that are known: text can always be written as JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut lines = Vec::with_capacity(self.0.len());
        for (Identity { path, rule, workload, fleet, evidence }, &count) in &self.0 {
            let entry = Entry {
                path: path.into(),
                rule: rule.into(),
                workload: workload.as_ref().map(Cow::from),
                fleet: fleet.as_ref().map(Cow::from),
                evidence: EvidenceEntry {
                    image: evidence.image.as_ref().map(Cow::from),
                    text: Cow::from(&evidence.text),
                },
                count: NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN),
            };
            lines.push(format!("\n    {}", serde_json::to_string(&entry)?));
        }
        let end = if lines.is_empty() { "" } else { "\n  " };
        Ok(format!("{{\n  \"schema\": \"{SCHEMA}\",\n  \"findings\": [{}{end}]\n}}\n", lines.join(",")))
    }

    /// The same with other names of files.
    #[must_use]
    pub fn with_paths(self, rename: impl Fn(&str) -> String) -> Self {
        let mut renamed = Self::default();
        for (identity, count) in self.0 {
            renamed.add(Identity { path: rename(&identity.path), ..identity }, count);
        }
        renamed
    }

    /// Without what `keep` says no to.
    #[must_use]
    pub fn filtered(mut self, keep: impl Fn(&Identity) -> bool) -> Self {
        self.0.retain(|identity, _| keep(identity));
        self
    }

    /// What this and `other` know.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (identity, count) in other.0 {
            self.add(identity, count);
        }
        self
    }

    fn add(&mut self, identity: Identity, count: u32) {
        let known = self.0.entry(identity).or_default();
        *known = count.max(*known);
    }

    /// Whether it knows a finding. Each that it lists it knows once, so that what is left afterwards was not found.
    pub(crate) fn take(&mut self, identity: &Identity) -> bool {
        let Some(count) = self.0.get_mut(identity) else { return false };
        *count -= 1;
        if *count == 0 {
            self.0.remove(identity);
        }
        true
    }

    /// How many findings it lists.
    pub fn len(&self) -> usize {
        self.0.values().fold(0, |sum: usize, &count| sum.saturating_add(count as usize))
    }

    /// Whether it lists none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finding::Severity, source::Span};

    fn finding(path: &str, workload: Option<&str>, text: &str) -> Finding {
        let evidence = Evidence { image: Some("a:1".into()), text: text.into() };
        let identity = Identity {
            path: path.into(),
            rule: "unknown-tag".into(),
            workload: workload.map(Into::into),
            fleet: None,
            evidence,
        };
        Finding {
            identity: Some(Box::new(identity)),
            ..Finding::new("unknown-tag", Severity::Error, Span::NOWHERE, "prose")
        }
    }

    const WRITTEN: &str = r#"{
  "schema": "hostfit-baseline/1",
  "findings": [
    {"path":"a/Dockerfile","rule":"unknown-tag","evidence":{"image":"a:1","text":"\"2022\""},"count":2},
    {"path":"b.yaml","rule":"unknown-tag","workload":"service é","evidence":{"image":"a:1","text":"1"}}
  ]
}
"#;

    #[test]
    fn what_is_written_is_read_again() {
        let findings = [
            finding("b.yaml", Some("service é"), "1"),
            finding("a/Dockerfile", None, "\"2022\""),
            finding("a/Dockerfile", None, "\"2022\""),
        ];
        let baseline = Baseline::of(&findings);
        assert_eq!(baseline.to_json().expect("text"), WRITTEN);
        assert_eq!(baseline.len(), 3);
        for text in [WRITTEN.to_owned(), format!("\u{feff}{}", WRITTEN.replace('\n', "\r\n"))] {
            assert_eq!(Baseline::parse(&text).expect("a baseline"), baseline);
        }
        let empty = Baseline::default().to_json().expect("text");
        assert_eq!(empty, "{\n  \"schema\": \"hostfit-baseline/1\",\n  \"findings\": []\n}\n");
        assert!(Baseline::parse(&empty).expect("a baseline").is_empty());
    }

    #[test]
    fn each_finding_is_known_once() {
        let mut baseline = Baseline::of(&[finding("f", None, "1"), finding("f", None, "1")]);
        let identity = finding("f", None, "1").identity.expect("an identity");
        let known: Vec<_> = (0..3).map(|_| baseline.take(&identity)).collect();
        assert_eq!(known, [true, true, false]);
        assert!(baseline.is_empty());
    }

    #[test]
    fn lines_that_a_merge_doubled_count_once() {
        let line = WRITTEN.lines().nth(4).expect("a line");
        let doubled = WRITTEN.replace(line, &format!("{line},\n{line}"));
        assert_eq!(Baseline::parse(&doubled).expect("a baseline"), Baseline::parse(WRITTEN).expect("a baseline"));
    }

    #[test]
    fn everything_else_is_refused_with_a_reason() {
        let entry = |entry: &str| format!("{{\"schema\": \"{SCHEMA}\", \"findings\": [{entry}]}}");
        let cases = [
            (String::new(), "EOF while parsing"),
            ("<xml/>".to_owned(), "expected value at line 1 column 1"),
            ("[]".to_owned(), "not a hostfit baseline"),
            ("{}".to_owned(), "it has no `schema`"),
            ("{\"schema\": 1}".to_owned(), "expected a string at line 1"),
            ("{\"schema\": \"hostfit-baseline/2\", \"findings\": 7}".to_owned(), "its schema is `hostfit-baseline/2`"),
            ("{\"schema\": \"hostfit/1\", \"findings\": []}".to_owned(), "its schema is `hostfit/1`"),
            (format!("{{\"schema\": \"{SCHEMA}\"}}"), "missing field `findings`"),
            (format!("{{\"schema\": \"{SCHEMA}\", \"findings\": {{}}}}"), "expected a sequence"),
            (entry("1"), "expected struct Entry"),
            (entry("{\"path\": \"f\", \"rule\": \"r\"}"), "missing field `evidence`"),
            (entry("{\"path\": \"f\", \"rule\": \"r\", \"evidence\": {\"text\": 1}}"), "expected a string"),
            (entry("{\"path\": \"f\", \"rule\": \"r\", \"evidence\": {\"text\": \"\"}, \"count\": 0}"), "nonzero"),
            (
                entry("{\"path\": \"f\", \"rule\": \"r\", \"evidence\": {\"text\": \"\"}, \"count\": -1}"),
                "integer `-1`",
            ),
            (entry("{\"path\": \"f\", \"line\": 1}"), "unknown field `line`"),
            ("<<<<<<< ours\n".to_owned() + WRITTEN, "line 1 column 1"),
            ("{\"x\":".to_owned() + &"[".repeat(10_000_000), "EOF while parsing"),
            (entry(&"[".repeat(10_000_000)), "not a hostfit baseline"),
        ];
        for (text, expected) in cases {
            let error = Baseline::parse(&text).expect_err(&text).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
