//! What to do about an image that fits none of the hosts where it lands.

use super::{mend, wording};
use crate::{
    judge::{Case, Failing},
    model::Orchestrator,
    rule::Cx,
    windows::{
        HostKind,
        compat::{HostFacts, Step},
        image::Family,
    },
};

/// What to do about an image that fits none of the hosts of `cases`: one release that runs wherever the container may land,
/// or the statement that none does.
pub(super) fn use_instead(cx: &Cx, failing: &Failing) -> String {
    let (cases, orchestrator) = (&failing.cases, failing.workload.map(|workload| workload.orchestrator));
    if !failing.is_certain {
        return "nothing here deploys it, and it may be meant for other declared hosts".to_owned();
    }
    let image = release_instead(cx, failing);
    let has_hyperv = |case: &Case| match case.facts.hyperv {
        Some(has) => has,
        None => case.facts.kind == HostKind::Client,
    };
    let is_newer = |case: &Case| case.step() == Some(Step::NewerThanHost);
    let helps = |case: &Case| has_hyperv(case) && !case.facts.kubernetes && !is_newer(case);
    match orchestrator {
        Some(Orchestrator::Kubernetes) => format!("{image}, or place the pod on nodes that fit"),
        _ if !cases.iter().all(helps) => image,
        Some(Orchestrator::Swarm | Orchestrator::Docker) => format!("{image}, or ask for `isolation: hyperv`"),
        None => format!("{image}, or run it with `--isolation hyperv`"),
    }
}

fn release_instead(cx: &Cx, failing: &Failing) -> String {
    let cases = &failing.cases;
    let decider = cases.first().and_then(|case| cx.project.deciding_image(case.image));
    let landing = decider.and_then(|image| mend::hosts_of(cx, image)).unwrap_or_default();
    let mut hosts: Vec<_> = landing.into_iter().chain(cases.iter().map(|case| case.facts)).collect();
    let family = decider.and_then(|image| image.identity.family).unwrap_or(Family::ServerCore);
    let tag = |hosts: &[HostFacts]| {
        let found = cx.config.releases.newest_long_term_for(family, hosts);
        found.map(|(_, tag)| format!("`{tag}`"))
    };
    // What runs wherever the image is used, or else wherever this workload may land: others are reported by themselves.
    let judgement = failing.workload.and_then(|workload| cx.judgement(workload.id));
    let own: Vec<_> = judgement.map(|it| it.possible_windows()).unwrap_or_default();
    let own: Vec<_> = own.into_iter().chain(cases.iter().map(|case| case.facts)).collect();
    if let Some(tag) = tag(&hosts).or_else(|| tag(&own)) {
        return format!("build on {tag}");
    }
    hosts.sort_unstable_by_key(|host| host.version.build);
    hosts.dedup_by_key(|host| host.version.build);
    let mut each: Vec<_> = hosts.iter().filter_map(|host| tag(&[*host])).collect();
    each.dedup();
    match each.as_slice() {
        several @ [_, _, ..] => {
            format!("no release runs on all of them: build one image each on {}", wording::list(several))
        }
        _ => "build on a release that the host runs".to_owned(),
    }
}
