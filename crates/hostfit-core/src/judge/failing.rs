//! Containers that fail because of their image, their isolation or the host's runtime.

use super::{
    case::Case,
    fault::{Fault, fault_of},
    outcome::Reason,
    table::{Cause, Table},
};
use crate::{
    fleet::Fleet,
    model::{ImageId, Project, Workload},
    windows::compat::Verdict,
};

/// One container that fails, or may, on some hosts, because of one fault.
#[derive(Debug)]
pub struct Failing<'a> {
    /// The workload; none for a Dockerfile that nothing in the tree builds or uses.
    pub workload: Option<&'a Workload>,
    /// What is at fault.
    pub fault: Fault,
    /// The container on hosts of each of these classes; never empty.
    pub cases: Vec<Case>,
    /// Whether it surely is asked to run there: a Dockerfile that nothing deploys may be meant for the other hosts.
    pub is_certain: bool,
    /// Of an image that is not run, but a stage before starts from: whether other hosts build that.
    pub stage: Option<Elsewhere>,
}

/// Whether hosts build what others fail to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// Some declared host does, for all that is known.
    Builds,
    /// No declared host does.
    Fails,
}

impl Table {
    /// Everything that fails because of its image, its isolation or the host's runtime, in the order of the files.
    pub fn failing<'a>(&'a self, project: &'a Project, fleet: &'a Fleet) -> Vec<Failing<'a>> {
        let mut found = Vec::new();
        for judgement in self.judgements(project, fleet) {
            let cases = match judgement.cause() {
                Cause::Image(cases) => cases.as_slice(),
                _ => &[],
            };
            for container in 0..judgement.workload.containers.len() {
                let own = |case: &&Case| case.container == container && is_published(case.image, project);
                let own: Vec<_> = cases.iter().chain(judgement.risks()).filter(own).copied().collect();
                by_fault(&own, |fault, cases| {
                    found.push(Failing {
                        workload: Some(judgement.workload),
                        fault,
                        cases,
                        is_certain: true,
                        stage: None,
                    });
                });
            }
        }
        for build in
            self.undeployed.iter().filter(|it| project.build(it.build).is_some_and(|it| it.built_at.is_empty()))
        {
            // Of what only may fail, the revision alone is worth a word where nothing says which host is meant.
            let may_fail = |case: &&Case| case.fails() || fault_of(case) == Some(Fault::Patches);
            let fails: Vec<_> = build.cases.iter().filter(may_fail).copied().collect();
            let is_windows = |class| self.classes.first(class, fleet).is_some_and(|(_, host)| host.windows().is_some());
            let on = self.classes.images.classes().zip(&build.outcomes);
            let meant = on.filter(|(class, outcome)| is_windows(*class) && outcome.reason != Reason::OtherOs);
            let fares = |verdicts: &[Verdict]| meant.clone().all(|(_, outcome)| verdicts.contains(&outcome.verdict));
            by_fault(&fails, |fault, cases| {
                let is_certain = match fault {
                    Fault::Patches => fares(&[Verdict::Blocked, Verdict::Risk]),
                    _ => fares(&[Verdict::Blocked]),
                };
                found.push(Failing { workload: None, fault, cases, is_certain, stage: None });
            });
            let elsewhere = if build.built.somewhere { Elsewhere::Builds } else { Elsewhere::Fails };
            let mut stages = build.built.failing.clone();
            while let Some(first) = stages.first().copied() {
                let own: Vec<_> = stages.extract_if(.., |case| case.span == first.span).collect();
                by_fault(&own, |fault, cases| {
                    found.push(Failing { workload: None, fault, cases, is_certain: false, stage: Some(elsewhere) });
                });
            }
        }
        found
    }
}

/// A dead name or tag is reported by itself, once, not for what would come of it.
fn is_published(image: ImageId, project: &Project) -> bool {
    let decider = project.deciding_image(image);
    decider.is_none_or(|it| it.identity.can_be_pulled())
}

/// Hands over the cases by what is at fault. Of the image itself one thing is: where it is older than one host and newer
/// than another, its build is.
fn by_fault(cases: &[Case], mut found: impl FnMut(Fault, Vec<Case>)) {
    let faults: Vec<_> = cases.iter().filter_map(|case| Some((fault_of(case)?, *case))).collect();
    let is_image = |fault: Fault| matches!(fault, Fault::NewerThanHost | Fault::Build | Fault::Revision);
    let of_image: Vec<_> = faults.iter().filter(|(fault, _)| is_image(*fault)).collect();
    if let Some((first, _)) = of_image.first() {
        let is_one = of_image.iter().all(|(fault, _)| fault == first);
        let fault = if is_one { *first } else { Fault::Build };
        found(fault, of_image.iter().map(|(_, case)| *case).collect());
    }
    for fault in [Fault::Patches, Fault::Hyperv, Fault::ProcessOnClient, Fault::Runtime] {
        let own: Vec<_> = faults.iter().filter(|(own, _)| *own == fault).map(|(_, case)| *case).collect();
        if !own.is_empty() {
            found(fault, own);
        }
    }
}
