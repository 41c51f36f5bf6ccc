//! What rules report, before any output format has touched it.

use crate::source::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// It will surprise you.
    Warning,
    /// It will not run, or not be pulled, where it may land.
    Error,
}

/// One report of one rule at one place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The id of the rule that says so.
    pub rule: &'static str,
    /// How bad it is, overrides of the configuration applied.
    pub severity: Severity,
    /// The bytes that decide it.
    pub span: Span,
    /// What is wrong, on which hosts, what is seen at run time, what to do.
    pub message: String,
    /// Other places that take part.
    pub related: Vec<Related>,
    /// How to mend it.
    pub fixes: Vec<Fix>,
    /// `Deployment/web: container web`.
    pub workload: Option<String>,
    /// The image reference, variables filled in.
    pub image: Option<String>,
    /// Names of the hosts on which it fails, in the order of the fleet.
    pub hosts: Vec<String>,
}

/// Another place that takes part in a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The bytes.
    pub span: Span,
    /// Their part in it.
    pub message: String,
}

/// Whether a fix may be applied unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// It changes only what the finding asks for.
    Safe,
    /// It may change more; its title says what.
    Unsafe,
}

/// One way to mend a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether it may be applied unseen.
    pub applicability: Applicability,
    /// All of them together, or none.
    pub edits: Vec<Edit>,
}

/// A replacement of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go.
    pub span: Span,
    /// The text that comes.
    pub text: String,
}

impl Finding {
    /// Adds another place that takes part.
    pub fn related(&mut self, span: Span, message: impl Into<String>) -> &mut Self {
        self.related.push(Related { span, message: message.into() });
        self
    }

    /// Names the workload concerned.
    pub fn workload(&mut self, name: impl Into<String>) -> &mut Self {
        self.workload = Some(name.into());
        self
    }

    /// Names the image concerned.
    pub fn image(&mut self, reference: impl Into<String>) -> &mut Self {
        self.image = Some(reference.into());
        self
    }

    /// Names the hosts on which it fails.
    pub fn hosts(&mut self, names: impl IntoIterator<Item = String>) -> &mut Self {
        self.hosts = names.into_iter().collect();
        self
    }

    /// Sets another severity than the rule's own.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Adds a way to mend it.
    pub fn fix(&mut self, title: impl Into<String>, applicability: Applicability, edits: Vec<Edit>) -> &mut Self {
        self.fixes.push(Fix { title: title.into(), applicability, edits });
        self
    }
}
