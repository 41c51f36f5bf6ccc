//! The compatibility rule: what runs on what, as one pure function with its reasons.
//!
//! VC is Microsoft's page "Windows container version compatibility" (2026-08-07), PORT its page "Portability", HYP its
//! page "Isolation modes", UPD its page "Update containers".

use super::{Build, HostKind, Isolation, OsVersion, matcher::Matcher, release::Releases};

/// Windows Server 2019 of 2020-02-11, and the image that was released again for it on 2020-02-18 (UPD).
const BASELINE_HOST: u16 = 1039;
const BASELINE_IMAGE: u16 = 1040;

/// A host, as far as the rule is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HostFacts {
    /// Its OS version.
    pub version: OsVersion,
    /// Server or client.
    pub kind: HostKind,
    /// What [`Isolation::Default`] is made of there, where the engine's configuration says so.
    pub default_isolation: Isolation,
    /// Whether Kubernetes places containers on it.
    pub kubernetes: bool,
    /// Whether the Hyper-V role is there, if that is known.
    pub hyperv: Option<bool>,
    /// Whether its engine is containerd, not Docker.
    pub containerd: bool,
    /// How its container runtime compares builds, if that is known.
    pub matcher: Option<Matcher>,
}

impl HostFacts {
    /// A host of which nothing else is known.
    pub fn named(version: OsVersion, kind: HostKind, kubernetes: bool) -> Self {
        let default_isolation = Isolation::Default;
        Self { version, kind, default_isolation, kubernetes, hyperv: None, containerd: false, matcher: None }
    }

    /// Whether its container runtime is known not to pull images of this build, whatever Windows makes of them.
    pub fn refuses(&self, image: Build) -> bool {
        self.matcher.is_some_and(|matcher| !matcher.pulls(self.version.build, image))
    }

    /// How it picks the variant of a multi-platform image. Where nobody says what the runtime is, Kubernetes nodes are taken
    /// to run a containerd that is still supported, other hosts Docker with its own image store.
    pub fn picks_by(&self) -> Matcher {
        match self.matcher {
            Some(matcher) => matcher,
            None if self.kubernetes || self.containerd => Matcher::From2022,
            None => Matcher::Graphdriver,
        }
    }
}

/// What comes of an image on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It runs, and Microsoft supports it.
    Runs,
    /// It runs, as a preview or for development only.
    Preview,
    /// It may fail.
    Risk,
    /// It does not start, or is not pulled.
    Blocked,
    /// Nobody says.
    Unknown,
}

impl Verdict {
    /// `runs`, `preview`, `risk`, `blocked`, `unknown`: as JSON has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Preview => "preview",
            Self::Risk => "risk",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it starts, for all that is known; it may fail later.
    pub fn starts(self) -> bool {
        !matches!(self, Self::Blocked | Self::Unknown)
    }
}

/// Which step of the decision decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// 0: the image's version is unknown.
    ImageUnknown,
    /// 3: the image is newer than the host.
    NewerThanHost,
    /// 4a: Kubernetes has no Hyper-V isolation.
    HypervKubernetes,
    /// 4b: the host has no Hyper-V role.
    HypervRole,
    /// 4c: Hyper-V isolation takes the older image.
    Hyperv,
    /// 4d: Hyper-V isolation on the Annual Channel: nobody says.
    HypervAnnualChannel,
    /// 4e: containerd's matcher may refuse to pull the older image.
    HypervContainerd,
    /// 5.1: build 14393 wants equal builds.
    Build2016,
    /// 5.1: build 14393 wants equal revisions.
    Revision2016,
    /// 5.1: one of the revisions is not known.
    RevisionUnknown2016,
    /// 5.1 and 5.2: process isolation on a Windows 10 client.
    ProcessOnClient,
    /// 5.2: builds below 20348 want equal builds.
    BuildExact,
    /// 5.3: builds from 20348 on take the same or the LTSC before.
    BuildBelowFloor,
    /// 5.3: the image's build is not an LTSC build.
    NotLtsc,
    /// 5.4: the image's revision is above the host's.
    RevisionAbove,
    /// 2.6: the host is of February 2020 or later, the image is older.
    RevisionBaseline,
    /// Equal, or inside the window.
    Fits,
}

impl Step {
    /// A name for programs: `newer-than-host`.
    pub fn id(self) -> &'static str {
        match self {
            Self::ImageUnknown => "image-unknown",
            Self::NewerThanHost => "newer-than-host",
            Self::HypervKubernetes => "hyperv-kubernetes",
            Self::HypervRole => "hyperv-role",
            Self::Hyperv => "hyperv",
            Self::HypervAnnualChannel => "hyperv-annual-channel",
            Self::HypervContainerd => "hyperv-containerd",
            Self::Build2016 => "build-2016",
            Self::Revision2016 => "revision-2016",
            Self::RevisionUnknown2016 => "revision-unknown-2016",
            Self::ProcessOnClient => "process-on-client",
            Self::BuildExact => "build-exact",
            Self::BuildBelowFloor => "build-below-floor",
            Self::NotLtsc => "not-ltsc",
            Self::RevisionAbove => "revision-above",
            Self::RevisionBaseline => "revision-baseline",
            Self::Fits => "fits",
        }
    }
}

/// A verdict with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Compatibility {
    /// What comes of it.
    pub verdict: Verdict,
    /// The step that decided.
    pub step: Step,
    /// The isolation mode in effect: process or Hyper-V, never default.
    pub isolation: Isolation,
}

/// Judges one image on one host. `image` is `None` where its version is unknown. `HostProcess` containers are not
/// judged: they run on every build.
pub fn judge(host: &HostFacts, image: Option<OsVersion>, isolation: Isolation) -> Compatibility {
    let isolation = in_effect(host, isolation);
    let (verdict, step) = match image {
        None => (Verdict::Unknown, Step::ImageUnknown),
        // VC, PORT: in no isolation mode. Docker refuses the pull, whatever the isolation is (moby/moby#39328).
        Some(image) if image.build > host.version.build => (Verdict::Blocked, Step::NewerThanHost),
        Some(image) if isolation == Isolation::Hyperv => hyperv(host, image),
        Some(image) => process(host, image),
    };
    Compatibility { verdict, step, isolation }
}

/// Whether an image of this build runs on every one of `hosts` under their default isolation. Revisions are the hosts'
/// business: a tag without one follows the patches.
pub fn runs_on_all(build: Build, hosts: &[HostFacts]) -> bool {
    let image = Some(OsVersion { build, revision: None });
    hosts.iter().all(|host| {
        let host = HostFacts { version: OsVersion { revision: None, ..host.version }, ..*host };
        judge(&host, image, Isolation::Default).verdict.starts()
    })
}

/// Whether there is a server that runs images of both builds process-isolated: a machine that can build both.
pub fn share_a_host(one: Build, other: Build, releases: &Releases) -> bool {
    one == other
        || releases.iter().filter(|release| release.kind == HostKind::Server).any(|release| {
            let version = OsVersion { build: release.build, revision: None };
            let host = HostFacts::named(version, HostKind::Server, false);
            let runs = |build| {
                let image = OsVersion { build, revision: None };
                judge(&host, Some(image), Isolation::Process).verdict != Verdict::Blocked
            };
            runs(one) && runs(other)
        })
}

/// What the engine makes of the isolation asked for: process or Hyper-V.
pub fn in_effect(host: &HostFacts, isolation: Isolation) -> Isolation {
    match (isolation, host.default_isolation) {
        (Isolation::Process | Isolation::Hyperv, _) => isolation,
        // containerd's default handler is process isolated; Kubernetes has nothing else.
        (Isolation::Default, _) if host.kubernetes => Isolation::Process,
        (Isolation::Default, Isolation::Process | Isolation::Hyperv) => host.default_isolation,
        (Isolation::Default, Isolation::Default) if host.containerd => Isolation::Process,
        // moby `daemon_windows.go` setDefaultIsolation.
        (Isolation::Default, Isolation::Default) => match host.kind {
            HostKind::Client => Isolation::Hyperv,
            HostKind::Server => Isolation::Process,
        },
    }
}

fn hyperv(host: &HostFacts, image: OsVersion) -> (Verdict, Step) {
    if host.kubernetes {
        (Verdict::Blocked, Step::HypervKubernetes)
    } else if host.hyperv == Some(false) {
        (Verdict::Blocked, Step::HypervRole)
    } else if host.version.build == Build::ANNUAL {
        // PORT tells of the image of Windows Server 2022 only, and of Hyper-V isolation nothing at all.
        (Verdict::Unknown, Step::HypervAnnualChannel)
    } else if host.containerd && !in_window(host.version.build, image.build) {
        // containerd/containerd#7856: it matches by the rule of process isolation, whatever the handler is.
        (Verdict::Risk, Step::HypervContainerd)
    } else {
        (Verdict::Runs, Step::Hyperv)
    }
}

fn process(host: &HostFacts, image: OsVersion) -> (Verdict, Step) {
    let client = host.kind == HostKind::Client;
    let build = host.version.build;
    if client && build < Build::WIN11 {
        return on_windows_10(build, image.build);
    }
    if build == Build::WS2016 {
        return on_server_2016(host.version, image);
    }
    if !in_window(build, image.build) {
        let step = if build < Build::WS2022 { Step::BuildExact } else { Step::BuildBelowFloor };
        return (Verdict::Blocked, step);
    }
    // The server's own build is supported; of others in the window nobody has said so but for the LTSC ones, and
    // the Annual Channel has no image of its own.
    let own = !client && image.build == build && build != Build::ANNUAL;
    if !own && image.build != Build::WS2022 && image.build != Build::WS2025 {
        return (Verdict::Unknown, Step::NotLtsc);
    }
    match (image.revision, host.version.revision) {
        // The baseline of 2020-02-11: host and image are both from before it, or both from it on (UPD). Its image is
        // one revision above its host.
        (Some(BASELINE_IMAGE), Some(BASELINE_HOST)) if build == Build::WS2019 => (Verdict::Runs, Step::Fits),
        (Some(image_revision), Some(host_revision))
            if build == Build::WS2019 && (image_revision >= BASELINE_IMAGE) != (host_revision >= BASELINE_HOST) =>
        {
            (Verdict::Risk, Step::RevisionBaseline)
        }
        // Microsoft says it must work; images of 2025 on unpatched hosts did not: microsoft/Windows-Containers#591,
        // actions/runner-images#11582.
        (Some(image_revision), Some(host_revision))
            if image.build == build && build >= Build::WS2019 && image_revision > host_revision =>
        {
            (Verdict::Risk, Step::RevisionAbove)
        }
        _ => (Verdict::Runs, Step::Fits),
    }
}

/// Whether an image of Windows Server 2019 lacks the security update of February 2020.
pub fn is_before_baseline(image: OsVersion) -> bool {
    image.build == Build::WS2019 && image.revision.is_some_and(|revision| revision < BASELINE_IMAGE)
}

/// HYP allows it from 17763 on, for development and testing, where builds are equal; VC's table for Windows 10 says
/// no to everything. From 21H1 on no image has the host's build (microsoft/Windows-Containers#117).
fn on_windows_10(host: Build, image: Build) -> (Verdict, Step) {
    let verdict = if host == image && host >= Build::WS2019 && host < Build::WIN10_21H1 {
        Verdict::Risk
    } else {
        Verdict::Blocked
    };
    (verdict, Step::ProcessOnClient)
}

fn on_server_2016(host: OsVersion, image: OsVersion) -> (Verdict, Step) {
    if image.build != host.build {
        return (Verdict::Blocked, Step::Build2016);
    }
    match (host.revision, image.revision) {
        (Some(host), Some(image)) if host == image => (Verdict::Runs, Step::Fits),
        (Some(_), Some(_)) => (Verdict::Blocked, Step::Revision2016),
        (None, _) | (_, None) => (Verdict::Risk, Step::RevisionUnknown2016),
    }
}

/// Whether process isolation takes images of this build at all: the same build up to 19042; from 20348 on every host
/// takes those from Windows Server 2022 up to its own build. Holds until there is an LTSC after 26100.
pub fn in_window(host: Build, image: Build) -> bool {
    if host < Build::WS2022 { host == image } else { (Build::WS2022..=host).contains(&image) }
}

/// Why, in one sentence.
pub fn explain(
    compatibility: Compatibility,
    host: &HostFacts,
    image: Option<OsVersion>,
    releases: &Releases,
) -> String {
    let on = releases.describe_host(host.version, host.kind);
    let mode = if compatibility.isolation == Isolation::Hyperv { "Hyper-V" } else { "process" };
    let Some(image) = image else {
        return format!("the image's OS version is not known, so nobody can say whether it runs on {on}");
    };
    let what = releases.describe(image);
    let by_hyperv = if hyperv(host, image).0.starts() { "; Hyper-V isolation does" } else { "" };
    match compatibility.step {
        Step::ImageUnknown => format!("the image's OS version is not known, so nobody can say whether it runs on {on}"),
        Step::NewerThanHost => format!("{what} is newer than {on}; no isolation mode runs it there"),
        Step::HypervKubernetes => "Kubernetes does not run Windows containers with Hyper-V isolation".to_owned(),
        Step::HypervRole => format!("Hyper-V isolation needs the Hyper-V role, which this {on} host lacks"),
        Step::Hyperv => format!("with Hyper-V isolation {on} runs images up to its own build, {what} too"),
        Step::HypervAnnualChannel => {
            format!("Microsoft does not say whether {on} runs {what} with Hyper-V isolation")
        }
        Step::HypervContainerd => format!(
            "with Hyper-V isolation {on} could run {what}, but containerd may refuse to pull it: it matches images as for process isolation"
        ),
        Step::Build2016 => format!("{on} runs only images of its own build with process isolation, not {what}"),
        Step::Revision2016 => {
            format!("on {on} the image's revision must be the host's with process isolation; it is {image}")
        }
        Step::RevisionUnknown2016 => format!(
            "on Windows Server 2016 the image's revision must be the host's; here {} is not known",
            if host.version.revision.is_none() { "the host's" } else { "the image's" },
        ),
        Step::ProcessOnClient => match compatibility.verdict {
            Verdict::Blocked => format!("{on} does not run {what} with process isolation{by_hyperv}"),
            _ => format!("{on} runs {what} with process isolation for development and testing only"),
        },
        Step::BuildExact => {
            format!("{on} runs only images of its own build with process isolation, not {what}{by_hyperv}")
        }
        Step::BuildBelowFloor if by_hyperv.is_empty() => {
            format!("{on} runs images from Windows Server 2022 on with process isolation, not {what}")
        }
        Step::BuildBelowFloor => format!(
            "{on} runs images from Windows Server 2022 on with process isolation; {what} needs Hyper-V isolation"
        ),
        Step::NotLtsc => format!("{on} may run {what} with process isolation, but Microsoft supports LTSC images only"),
        Step::RevisionBaseline if is_before_baseline(image) => format!(
            "{what} is from before the security update of February 2020 and {on} is not: 32-bit programs fail there"
        ),
        Step::RevisionBaseline => format!(
            "{on} is from before the security update of February 2020 and {what} is not: 32-bit programs fail there"
        ),
        Step::RevisionAbove => format!(
            "the image's revision {what} is above that of {on}; such images have failed to start on unpatched hosts"
        ),
        Step::Fits if image.build == host.version.build => format!("{on} runs {what}: the same build"),
        Step::Fits if host.kind == HostKind::Client && host.version.build < Build::WS2025 => format!(
            "{on} runs {what} with {mode} isolation (Microsoft's table says yes, its text still calls it a preview)"
        ),
        Step::Fits => format!("{on} runs images from Windows Server 2022 on with {mode} isolation, {what} too"),
    }
}

#[cfg(test)]
mod tests;
