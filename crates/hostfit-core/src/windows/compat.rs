//! The compatibility rule: what runs on what, as one pure function with its reasons.

use super::{HostKind, Isolation, OsVersion};

/// A host, as far as the rule is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Which step of facts/windows.md §2.1 decided.
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
    /// 5.3: the image's build is no LTSC.
    NotLtsc,
    /// 5.4: the image's revision is above the host's.
    RevisionAbove,
    /// Equal, or inside the window.
    Fits,
}

/// A verdict with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What comes of it.
    pub verdict: Verdict,
    /// The step that decided.
    pub step: Step,
    /// The isolation mode in effect: process or Hyper-V, never default.
    pub isolation: Isolation,
}

/// Judges one image on one host. `image` is none where its version is unknown.
pub fn judge(_host: &HostFacts, _image: Option<OsVersion>, isolation: Isolation) -> Judged {
    Judged { verdict: Verdict::Unknown, step: Step::ImageUnknown, isolation }
}
