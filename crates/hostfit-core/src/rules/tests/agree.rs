//! Every example and every case of `fixtures/rules`: no view says another thing of a container on a host than the others.

#[path = "../../../tests/common/agreement.rs"]
mod agreement;

use super::{targets::all_cases, *};

#[test]
fn every_view_says_the_same() {
    let (mut wrong, mut containers) = (Vec::new(), 0);
    for (id, case) in all_cases() {
        let (sources, units, config) = read(&case, utf8);
        let report = check(&sources, &units, &config, TODAY);
        // What a comment silences is reported all the same.
        let silenced = report.suppressed.iter().map(|it| it.finding.clone());
        let findings: Vec<_> = report.findings.iter().cloned().chain(silenced).collect();
        containers += agreement::containers(&report);
        let found = agreement::disagreements(&report, &findings, &config, &sources);
        wrong.extend(found.into_iter().map(|it| format!("{id}, {}: {it}", case.title)));
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
    assert!(containers > 500, "{containers}");
}
