//! What comes of one image on one host: the only place where that is decided. [`compat`] knows Windows, the host's matcher
//! knows what its runtime pulls; here both are asked, and each host gets its variant of a multi-platform image.

use crate::{
    fleet::HostId,
    windows::{
        Isolation, OsVersion,
        compat::{self, Compatibility, HostFacts, Step, Verdict},
        release::Releases,
    },
};

/// What comes of an image on a host, wherever it is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// Whether it runs.
    pub verdict: Verdict,
    /// What decided that.
    pub reason: Reason,
    /// The isolation in effect; default where that is not known, or another would change nothing.
    pub isolation: Isolation,
    /// The Windows in the image that the host gets; where it gets none of a multi-platform image, the variant that comes
    /// nearest. None where it is not known, and for Linux.
    pub image: Option<OsVersion>,
    /// Whether that is one variant of several.
    pub is_variant: bool,
    /// Whether the order of an index decides which variant it is, which nobody knows: with each the verdict is the same.
    pub is_one_of_several: bool,
    /// The Docker host that picked the variant by building the image.
    pub built_on: Option<HostId>,
    /// What comes of a stage that it is built from, where that is worse and decides: the reason is that stage's.
    pub of_stage: Option<Verdict>,
}

/// What decides an [`Outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A step of the compatibility rule.
    Step(Step),
    /// Windows would run it, and the host's container runtime does not pull it.
    RuntimeRefuses,
    /// Nothing is published under its name.
    Unpublished,
    /// A Linux image on a Linux host.
    Linux,
    /// An image of one operating system on a host of the other.
    OtherOs,
    /// It runs as processes of the host, on every build.
    HostProcess,
    /// Nobody can say.
    Unknown(Doubt),
}

/// Why nobody can say what comes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// The file names no image.
    NoImage,
    /// Its operating system is not known.
    Os,
    /// A variable decides whether the container is a HostProcess container.
    HostProcess,
    /// It is made for HostProcess containers, and this is not one.
    MadeForHostProcess,
    /// The isolation decides, and a variable decides that.
    Isolation,
    /// Which variant of a multi-platform image the host gets decides, and that depends on the order of its index.
    Variant,
    /// Which variant the image was built from decides, and no Docker host that builds it is declared.
    BuildHost,
    /// It is built from a base that both systems have, and nothing says for which.
    BuiltFor,
}

impl Outcome {
    /// One that the compatibility rule does not decide.
    pub(super) fn new(verdict: Verdict, reason: Reason) -> Self {
        Self {
            verdict,
            reason,
            isolation: Isolation::Default,
            image: None,
            is_variant: false,
            is_one_of_several: false,
            built_on: None,
            of_stage: None,
        }
    }

    pub(super) fn unknown(doubt: Doubt) -> Self {
        Self::new(Verdict::Unknown, Reason::Unknown(doubt))
    }

    /// Of an image of this version, which the host pulls or has; `isolation` is `None` where a variable decides it.
    pub fn of(facts: &HostFacts, version: OsVersion, isolation: Option<Isolation>, is_pulled: bool) -> Self {
        let mode = |isolation| compat::judge(facts, Some(version), isolation);
        let compatibility = mode(isolation.unwrap_or(Isolation::Process));
        // Only what fails in every mode is certain.
        let fails = |compatibility: Compatibility| compatibility.verdict == Verdict::Blocked;
        if isolation.is_none() && !(fails(compatibility) && fails(mode(Isolation::Hyperv))) {
            return Self { image: Some(version), ..Self::unknown(Doubt::Isolation) };
        }
        let Compatibility { verdict, step, isolation } = compatibility;
        let decided = Self { isolation, image: Some(version), ..Self::new(verdict, Reason::Step(step)) };
        let runs = matches!(verdict, Verdict::Runs | Verdict::Preview);
        if runs && is_pulled && facts.refuses(version.build) {
            return Self { verdict: Verdict::Blocked, reason: Reason::RuntimeRefuses, ..decided };
        }
        decided
    }

    /// Of an image of one operating system on a host of the other.
    pub fn other_os() -> Self {
        Self::new(Verdict::Blocked, Reason::OtherOs)
    }

    /// Of a Windows image whose version is not known.
    pub(super) fn of_unknown_version(facts: &HostFacts) -> Self {
        let Compatibility { verdict, step, isolation } = compat::judge(facts, None, Isolation::Default);
        Self { isolation, ..Self::new(verdict, Reason::Step(step)) }
    }

    /// Of the variant of a multi-platform image that the host's runtime picks.
    pub(super) fn of_variants(facts: &HostFacts, variants: &[OsVersion], isolation: Option<Isolation>) -> Self {
        let of = |version| Self { is_variant: true, ..Self::of(facts, version, isolation, true) };
        let mut picked = facts.picks_by().may_pick(facts.version.build, variants).peekable();
        match picked.peek() {
            Some(_) => Self::of_one_of(picked.map(of), Doubt::Variant),
            None => Self::of_no_variant(facts, variants, isolation),
        }
    }

    /// Of a host whose runtime finds no variant that it takes: as if the nearest one had been named.
    fn of_no_variant(facts: &HostFacts, variants: &[OsVersion], isolation: Option<Isolation>) -> Self {
        let of = |version| Self { is_variant: true, ..Self::of(facts, version, isolation, true) };
        let outcomes = || variants.iter().map(|version| of(*version));
        if let Some(refused) = outcomes().find(|it| it.reason == Reason::RuntimeRefuses) {
            return refused;
        }
        let own = facts.version.build;
        let below = variants.iter().filter(|version| version.build <= own).max_by_key(|version| version.build);
        let nearest = below.or_else(|| variants.iter().min_by_key(|version| version.build));
        nearest.map_or_else(|| Self::unknown(Doubt::Variant), |version| of(*version))
    }

    /// Of one of several, nobody says which: what is the same of all is certain.
    pub(super) fn of_one_of(several: impl Iterator<Item = Self>, doubt: Doubt) -> Self {
        let mut several = several.peekable();
        let Some(first) = several.next() else { return Self::unknown(doubt) };
        let is_one_of_several = several.peek().is_some();
        if several.all(|other| other.verdict == first.verdict) {
            return Self { is_one_of_several, ..first };
        }
        Self { is_variant: true, ..Self::unknown(doubt) }
    }

    /// Of what a host can't build, since a stage fails there as this says: built elsewhere it may run.
    pub(super) fn unless_built_elsewhere(self) -> Self {
        Self { verdict: Verdict::Risk, of_stage: Some(self.verdict), ..self }
    }

    /// Whether it surely does not run.
    pub fn is_blocked(&self) -> bool {
        self.verdict == Verdict::Blocked
    }

    /// The step of the compatibility rule that decided, if one did.
    pub fn step(&self) -> Option<Step> {
        match self.reason {
            Reason::Step(step) => Some(step),
            _ => None,
        }
    }

    /// The worst of several, of equal ones the first; none where there are none.
    pub(super) fn worst_of(several: impl Iterator<Item = Self>) -> Option<Self> {
        several.reduce(|worst, next| if next.rank() > worst.rank() { next } else { worst })
    }

    fn rank(&self) -> u8 {
        match self.verdict {
            Verdict::Runs => 0,
            Verdict::Preview => 1,
            Verdict::Risk => 2,
            Verdict::Unknown => 3,
            Verdict::Blocked => 4,
        }
    }

    /// The isolation in effect; none where that is not known, or another would change nothing.
    pub fn isolation(&self) -> Option<Isolation> {
        let matters = self.image.is_some() && self.step() != Some(Step::NewerThanHost);
        Some(self.isolation).filter(|isolation| matters && *isolation != Isolation::Default)
    }

    /// The rule that reports such a thing, where one does.
    pub fn rule(&self) -> Option<&'static str> {
        match self.reason {
            Reason::Step(step) => rule_of(step),
            Reason::RuntimeRefuses => Some("runtime-refuses-image"),
            Reason::Unknown(Doubt::Os) => Some("undeclared-image-os"),
            _ => None,
        }
    }

    /// Why, in one sentence without a full stop. `host` is what the host is; none for Linux.
    pub fn why(&self, host: Option<&HostFacts>, releases: &Releases) -> String {
        if let Some(verdict) = self.of_stage {
            let why = Self { verdict, of_stage: None, ..*self }.why(host, releases);
            return format!("the host cannot build a stage that it needs: {why}");
        }
        match (self.reason, host) {
            (Reason::Step(step), Some(facts)) => {
                let compatibility = Compatibility { verdict: self.verdict, step, isolation: self.isolation };
                let why = compat::explain(compatibility, facts, self.image, releases);
                match self.built_on {
                    Some(_) => format!("as a declared Docker host builds it, {why}"),
                    None if self.is_variant && self.is_blocked() => format!("it has no variant for this host: {why}"),
                    None => why,
                }
            }
            (Reason::RuntimeRefuses, _) => {
                "Windows would run it, but the container runtime there does not pull it".into()
            }
            (Reason::Unpublished, _) => "nothing is published under this name".into(),
            (Reason::Linux, _) => "a Linux image on a Linux host".into(),
            (Reason::OtherOs | Reason::Step(_), _) => "the host runs another operating system".into(),
            (Reason::HostProcess, _) => "HostProcess containers run on every build".into(),
            (Reason::Unknown(doubt), _) => doubt.words().into(),
        }
    }
}

impl Doubt {
    fn words(self) -> &'static str {
        match self {
            Self::NoImage => "the files do not say which image it runs",
            Self::Os => "the image's operating system and version are not known",
            Self::HostProcess => "the files do not say whether it is a HostProcess container",
            Self::MadeForHostProcess => "the image is made for HostProcess containers, which run on every build",
            Self::Isolation => "it depends on the isolation, which the files do not say",
            Self::Variant => "which variant of the multi-platform image the host pulls is not known",
            Self::BuiltFor => {
                "the files do not say for which operating system it is built, and its base has images of both"
            }
            Self::BuildHost => {
                "it depends on the host that builds the image from a multi-platform base, and no such Docker host is declared"
            }
        }
    }
}

/// The rule that reports what a step of the compatibility rule decides, if that is a fault.
pub fn rule_of(step: Step) -> Option<&'static str> {
    match step {
        Step::NewerThanHost => Some("image-newer-than-host"),
        Step::HypervKubernetes | Step::HypervRole => Some("hyperv-unsupported"),
        Step::Build2016 | Step::BuildExact | Step::BuildBelowFloor => Some("build-mismatch"),
        Step::Revision2016 | Step::RevisionAbove | Step::RevisionBaseline => Some("revision-mismatch"),
        Step::RevisionUnknown2016 => Some("floating-revision"),
        Step::ProcessOnClient => Some("process-on-client"),
        Step::HypervContainerd => Some("runtime-refuses-image"),
        Step::ImageUnknown => Some("undeclared-image-os"),
        Step::Hyperv | Step::HypervAnnualChannel | Step::NotLtsc | Step::Fits => None,
    }
}
