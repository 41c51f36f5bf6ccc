//! Findings as diagnostics.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use hostfit_core::{
    config::ConfigError,
    finding::{Finding, Severity},
    printable::line,
    rule,
    source::SourceId,
};
use lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    Message, Uri,
};
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use crate::{folder::Files, position::Encoding};

/// Rules about what was given up by those who made it: editors strike it through.
const DEPRECATED: &[&str] = &["deprecated-node-label", "retired-repository", "retired-tag"];

/// Rules about what has no effect: editors fade it out.
const UNNECESSARY: &[&str] = &["unused-ignore"];

/// The diagnostics of a file in JSON. They are written once: to send them twice, and to compare them, takes nothing then.
#[derive(Debug)]
pub(crate) struct Written(Box<RawValue>);

impl Written {
    pub(crate) fn new(diagnostics: &[Diagnostic]) -> Self {
        // The types of the protocol have nothing that JSON has not.
        Self(to_raw_value(diagnostics).unwrap_or_default())
    }

    /// None.
    pub(crate) fn none() -> &'static Self {
        static NONE: LazyLock<Written> = LazyLock::new(|| Written::new(&[]));
        &NONE
    }

    pub(crate) fn is_empty(&self) -> bool {
        self == Self::none()
    }

    pub(crate) fn json(&self) -> &RawValue {
        &self.0
    }
}

impl PartialEq for Written {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// The diagnostics of those of a folder's files that are `meant`, by path; other files are left out.
/// `uri` says what the editor calls a file.
pub(crate) fn of_files(
    files: &Files,
    meant: impl Fn(SourceId) -> bool,
    encoding: Encoding,
    uri: impl Fn(&Path) -> Uri,
) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let mut found: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    let mut add = |id: SourceId, diagnostic: Option<Diagnostic>| {
        if let Some((file, diagnostic)) = files.file(id).zip(diagnostic) {
            match found.get_mut(&file.path) {
                Some(own) => own.push(diagnostic),
                None => _ = found.insert(file.path.clone(), vec![diagnostic]),
            }
        }
    };
    for error in files.errors.iter().filter(|it| meant(it.span.source)) {
        add(error.span.source, of_error(error, files, encoding));
    }
    for finding in files.findings().filter(|it| meant(it.span.source)) {
        add(finding.span.source, of_finding(finding, files, encoding, &uri));
    }
    found
}

/// The diagnostic of a finding.
pub(crate) fn of_finding(
    finding: &Finding,
    files: &Files,
    encoding: Encoding,
    uri: &impl Fn(&Path) -> Uri,
) -> Option<Diagnostic> {
    let (_, range) = files.place(finding.span, encoding)?;
    let related = finding.related.iter().filter_map(|related| {
        let (path, range) = files.place(related.span, encoding)?;
        let location = Location { uri: uri(path), range };
        Some(DiagnosticRelatedInformation { location, message: line(&related.message).into_owned() })
    });
    let related: Vec<_> = related.collect();
    let tag = match finding.rule {
        id if DEPRECATED.contains(&id) => Some(vec![DiagnosticTag::Deprecated]),
        id if UNNECESSARY.contains(&id) => Some(vec![DiagnosticTag::Unnecessary]),
        _ => None,
    };
    let titles: Vec<_> = finding.fixes.iter().map(|fix| &fix.title).collect();
    Some(Diagnostic {
        range,
        severity: Some(severity(finding.severity)),
        code: Some(Code::String(finding.rule.to_owned())),
        code_description: Some(CodeDescription { href: Uri(rule::url(finding.rule)) }),
        source: Some("hostfit".to_owned()),
        message: Message::String(line(&files.headline(finding)).into_owned()),
        tags: tag,
        related_information: (!related.is_empty()).then_some(related),
        data: Some(json!({ "fingerprint": finding.fingerprint(), "fixes": titles })),
    })
}

fn of_error(error: &ConfigError, files: &Files, encoding: Encoding) -> Option<Diagnostic> {
    let (_, range) = files.place(error.span, encoding)?;
    let message = match &error.help {
        Some(help) => format!("{}; {help}", error.message),
        None => error.message.clone(),
    };
    Some(Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::Error),
        code: None,
        code_description: None,
        source: Some("hostfit".to_owned()),
        message: Message::String(line(&message).into_owned()),
        tags: None,
        related_information: None,
        data: None,
    })
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Info => DiagnosticSeverity::Information,
    }
}
