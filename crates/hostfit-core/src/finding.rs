//! What rules report, before any output format has touched it.

mod message;

pub use message::Message;

use std::sync::Arc;

use crate::{
    fleet::{FleetId, HostId},
    identity::Identity,
    model::{ImageId, WorkloadPart},
    source::{Span, rendered::Rendering},
};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The id of the rule that says so.
    pub rule: &'static str,
    /// How bad it is, overrides of the configuration applied.
    pub severity: Severity,
    /// The bytes that decide it.
    pub span: Span,
    /// What is wrong, what is seen at run time, what to do.
    pub message: Message,
    /// Other places that take part.
    pub related: Vec<Related>,
    /// Edits that fix it.
    pub fixes: Vec<Fix>,
    /// The workloads or containers concerned; the first one is named.
    pub parts: Vec<WorkloadPart>,
    /// The image reference, variables filled in.
    pub image: Option<String>,
    /// The hosts on which it fails, in the order of the fleet.
    pub hosts: Arc<[HostId]>,
    /// The fleet of these hosts.
    pub fleet: FleetId,
    /// Whether it says something about that fleet, and not about the files alone.
    pub is_of_fleet: bool,
    /// The image that it is about, where that is not the one it names.
    pub decider: Option<ImageId>,
    /// Whether something is missing.
    pub is_absence: bool,
    /// The charts with their values, and the overlays, in which it holds; none for files that are judged as they stand.
    pub rendered: Vec<Arc<Rendering>>,
    /// What it is known by from run to run; none until [`Report::identify`](crate::check::Report::identify) is called.
    pub identity: Option<Box<Identity>>,
    /// Which it is of the findings of its identity, from 1, silenced ones included.
    pub ordinal: u32,
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
    /// It may change more; its title says why.
    Unsafe,
}

/// One way to fix a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether it may be applied unseen.
    pub applicability: Applicability,
    /// All of them together, or none.
    pub edits: Vec<Edit>,
}

/// What stands between what a fix does and why it is unsafe.
const CAVEAT: &str = " (unsafe fix: ";

impl Fix {
    /// A safe one that edits nothing yet.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), applicability: Applicability::Safe, edits: Vec::new() }
    }

    /// Makes it unsafe, unless it is so already. Its title ends with `why` it may change more than
    /// the finding asks for.
    pub fn doubt(&mut self, why: &str) {
        if self.is_safe() {
            self.title = format!("{}{CAVEAT}{why})", self.title);
            self.applicability = Applicability::Unsafe;
        }
    }

    /// Its title, without why it is unsafe.
    pub fn advice(&self) -> &str {
        self.title.split_once(CAVEAT).map_or(&self.title, |(advice, _)| advice)
    }

    /// Whether it may be applied unseen.
    pub fn is_safe(&self) -> bool {
        self.applicability == Applicability::Safe
    }
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
    /// One without anything that is not needed.
    pub fn new(rule: &'static str, severity: Severity, span: Span, message: impl Into<Message>) -> Self {
        Self {
            rule,
            severity,
            span,
            message: message.into(),
            related: Vec::new(),
            fixes: Vec::new(),
            parts: Vec::new(),
            image: None,
            hosts: Arc::default(),
            fleet: FleetId::default(),
            is_of_fleet: false,
            decider: None,
            is_absence: false,
            rendered: Vec::new(),
            identity: None,
            ordinal: 1,
        }
    }

    /// Whether another run found the same. Ids are of one run only; the names that they stand for are in the identity.
    pub fn is_same(&self, other: &Self) -> bool {
        let facts = |it: &Self| (it.rule, it.severity, it.span, it.ordinal, it.is_of_fleet);
        let parts = |it: &Self| it.parts.len();
        facts(self) == facts(other)
            && parts(self) == parts(other)
            && self.message == other.message
            && (&self.related, &self.fixes, &self.image) == (&other.related, &other.fixes, &other.image)
            && (&self.hosts, self.fleet, &self.identity) == (&other.hosts, other.fleet, &other.identity)
    }

    /// The same from run to run, and of no other finding: see [`identity::SCHEME`](crate::identity::SCHEME). None until
    /// the report was asked for identities.
    pub fn fingerprint(&self) -> Option<String> {
        self.identity.as_ref().map(|identity| identity.fingerprint(self.ordinal))
    }

    /// States which image it is about, where that is not the one it names: the same whoever uses it.
    pub fn decided_by(&mut self, image: ImageId) -> &mut Self {
        self.decider = Some(image);
        self
    }

    /// Adds another place that takes part.
    pub fn related(&mut self, span: Span, message: impl Into<String>) -> &mut Self {
        self.related.push(Related { span, message: message.into() });
        self
    }

    /// States that something is missing, which has no text: where the finding stands instead says nothing of it.
    pub fn absence(&mut self) -> &mut Self {
        self.is_absence = true;
        self
    }

    /// States which workload or container is concerned.
    pub fn workload(&mut self, part: WorkloadPart) -> &mut Self {
        self.parts = vec![part];
        self
    }

    /// Names the image concerned.
    pub fn image(&mut self, reference: impl Into<String>) -> &mut Self {
        self.image = Some(reference.into());
        self
    }

    /// States the hosts on which it fails.
    pub fn hosts(&mut self, ids: impl Into<Arc<[HostId]>>) -> &mut Self {
        self.hosts = ids.into();
        self
    }

    /// Sets another severity than the rule's own.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }
}
