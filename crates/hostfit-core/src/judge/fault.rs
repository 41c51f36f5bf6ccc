//! What is at fault where a container fails, or may.

use super::{case::Case, outcome::Reason};
use crate::windows::compat::{Step, Verdict};

/// What is at fault; each is reported by one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The image's build is newer than that of every host where it fails.
    NewerThanHost,
    /// The image's build is not the host's.
    Build,
    /// Windows Server 2016 runs images of its own revision only.
    Revision,
    /// Image and host are patched differently, where that has failed.
    Patches,
    /// Hyper-V isolation, where there is none.
    Hyperv,
    /// Process isolation on Windows 10.
    ProcessOnClient,
    /// The host's container runtime refuses the image.
    Runtime,
}

/// None of what runs, and of what is reported where it is written: a floating revision.
pub(super) fn fault_of(case: &Case) -> Option<Fault> {
    if !matches!(case.outcome.verdict, Verdict::Blocked | Verdict::Risk) {
        return None;
    }
    match case.outcome.reason {
        Reason::RuntimeRefuses => Some(Fault::Runtime),
        Reason::Step(step) => match step {
            Step::NewerThanHost => Some(Fault::NewerThanHost),
            Step::Build2016 | Step::BuildExact | Step::BuildBelowFloor => Some(Fault::Build),
            Step::Revision2016 => Some(Fault::Revision),
            Step::RevisionAbove | Step::RevisionBaseline => Some(Fault::Patches),
            Step::HypervKubernetes | Step::HypervRole => Some(Fault::Hyperv),
            Step::ProcessOnClient => Some(Fault::ProcessOnClient),
            _ => None,
        },
        _ => None,
    }
}
