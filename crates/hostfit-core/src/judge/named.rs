//! The builds that a placement names.

use super::table::{Place, carries};
use crate::{
    model::{Placement, Workload},
    placement::kubernetes::{self, LabelUse, Operator, PodPlacement},
    source::Span,
    windows::{OsVersion, node_label::build_of, release::Releases},
};

/// The builds that a placement names, by a label that is known to hold one or by a value that can be nothing else.
pub(super) fn named_builds(workload: &Workload, places: &[Place], releases: &Releases) -> Vec<(OsVersion, Span)> {
    // A label that no host carries names no host, whatever its value.
    let is_unset =
        |key: &str| kubernetes::is_never_set(key) && !places.is_empty() && !carries(places.iter().copied(), key);
    match &workload.placement {
        Placement::Kubernetes(pod) => pod
            .labels()
            .filter(|label| label.operator == Operator::In && !label.key.known().is_none_or(is_unset))
            .flat_map(|label| label.values.iter().map(move |value| (label, value)))
            .filter_map(|(label, value)| {
                let (key, text) = (label.key.known()?, value.text.known()?);
                if !value.is_text || !kubernetes::can_be(key, text) {
                    return None;
                }
                let version = build_of(key, text, releases)?;
                let named = !takes_back(pod, label.term, version, releases);
                named.then(|| (version, value.text.place()))
            })
            .collect(),
        Placement::Swarm(service) => service
            .constraints
            .iter()
            .filter_map(|constraint| {
                let expression = constraint.parsed.as_ref().ok().filter(|it| it.equal)?;
                let version = build_of(&expression.key, &expression.value, releases)?;
                Some((version, constraint.value_place()?))
            })
            .collect(),
        Placement::Anywhere => Vec::new(),
    }
}

/// Whether the placement excludes `version`, which one of its labels (of this term) names, by another label.
fn takes_back(pod: &PodPlacement, term: Option<usize>, version: OsVersion, releases: &Releases) -> bool {
    let excludes = |label: &LabelUse<'_>| {
        let build = |text: &str| Some(build_of(label.key.known()?, text, releases)?.build);
        let builds: Option<Vec<_>> = label.values.iter().map(|value| build(value.text.known()?)).collect();
        let Some(builds) = builds else { return false };
        match label.operator {
            Operator::In => !builds.contains(&version.build),
            Operator::NotIn => builds.contains(&version.build),
            _ => false,
        }
    };
    pod.requires(excludes)
        || pod.labels().filter(|label| label.is_affinity() && label.term == term).any(|it| excludes(&it))
}
