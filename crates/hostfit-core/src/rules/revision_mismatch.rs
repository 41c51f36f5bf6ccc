use super::{advice, mend, rule, wording};
use crate::{
    finding::Severity,
    judge::{Case, Failing, Fault},
    rule::Cx,
    windows::compat::{self, Step},
};

rule! {
    /// On Windows Server 2016 a process-isolated container has to have the revision of its host: an image of
    /// 10.0.14393.1944 may not start on a host of 10.0.14393.1914. Later releases need no equal revision, but an image
    /// that is patched further than its host has failed in the field (0xc0370106), so that is a warning.
    /// So is an image of Windows Server 2019 from before the update of February 2020 on a host that has it, and one from
    /// after it on a host that lacks it (0xC0000142, 0xC0000139).
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2016"
    /// os = "10.0.14393.1914"
    /// orchestrator = "docker"
    /// ```
    ///
    /// ```yaml bad also:unsupported-release
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:10.0.14393.1944
    /// #                                               ^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2019"
    /// os = "10.0.17763.2000"
    /// orchestrator = "docker"
    /// ```
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:10.0.17763.1935
    /// ```
    ///
    /// ## How to fix it
    /// Windows Server 2016: pin the tag to the host's revision, and update both together. Later: patch the host first.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/update-containers>
    /// - <https://github.com/Azure/AKS/issues/1465>
    /// - <https://github.com/actions/runner-images/issues/11582>
    /// - <https://github.com/microsoft/Windows-Containers/issues/591>
    id: "revision-mismatch",
    summary: "image and host differ in the revision, where that matters",
    severity: Error,
    check: Failing(check),
}

fn check(failing: &Failing, cx: &mut Cx) {
    if !matches!(failing.fault, Fault::Revision | Fault::Patches) {
        return;
    }
    // One image may be too new for one host and too old for another.
    let steps = [Step::Revision2016, Step::RevisionAbove, Step::RevisionBaseline];
    let messages: Vec<_> = steps.into_iter().filter_map(|step| message(failing, cx, step)).collect();
    let cases = &failing.cases;
    // Later releases want the host patched, not the image.
    let is_2016 = failing.fault == Fault::Revision;
    let is_image = is_2016 && advice::other_hosts(failing).is_none();
    let mend = cases.first().filter(|_| is_image).and_then(|first| {
        let version = mend::revision_of_all(cx, first.image, cases)?;
        mend::revision(cx, first.image, version)
    });
    let Some(finding) = wording::report_failing(cx, failing, cases, messages.join("; and ")) else { return };
    if !is_2016 {
        finding.severity = finding.severity.min(Severity::Warning);
    }
    if let Some(mend) = mend {
        mend.give(finding);
    }
}

/// What is wrong on the hosts where `step` decided.
fn message(failing: &Failing, cx: &Cx, step: Step) -> Option<String> {
    let cases: Vec<_> = failing.cases.iter().filter(|case: &&Case| case.step() == Some(step)).copied().collect();
    let first = cases.first()?;
    let image = wording::reference(cx, first.image);
    Some(if step == Step::Revision2016 {
        format!(
            "Windows Server 2016 starts only images of its own revision, so that `{image}`{} does not run on {}: {}; {}",
            revision(image, first),
            wording::hosts(cx, &cases),
            wording::seen(cx, failing.workload.map(|workload| workload.orchestrator), &cases),
            equal_revision(failing, cx, first),
        )
    } else if step == Step::RevisionBaseline {
        let (side, instead) = if compat::is_before_baseline(first.version) {
            ("before", "use an image from 10.0.17763.1040 on")
        } else {
            ("after", "update the host first")
        };
        format!(
            "`{image}` is {}, from {side} the security update of February 2020, and {} is not: 32-bit programs fail in it \
             with exit code 0xC0000142 or 0xC0000139; {instead}",
            first.version,
            wording::hosts(cx, &cases),
        )
    } else {
        format!(
            "`{image}`{} is patched further than {}: such cases have failed with `The virtual machine or container \
             exited unexpectedly. (0xc0370106)`; update the host first",
            revision(image, first),
            wording::hosts(cx, &cases),
        )
    })
}

/// What to do about an image of Windows Server 2016.
fn equal_revision(failing: &Failing, cx: &Cx, first: &Case) -> String {
    if let Some(others) = advice::other_hosts(failing) {
        return others.to_owned();
    }
    let is_base = cx.project.image(first.image).is_some_and(|it| it.identity.is_base);
    match mend::revision_of_all(cx, first.image, &failing.cases) {
        Some(version) if is_base => format!("use the tag of the host's revision, `{version}`"),
        Some(version) => format!("build it on the host's revision, `{version}`"),
        None => "update all hosts to one revision".to_owned(),
    }
}

/// `, which is 10.0.14393.1944,` unless the reference says so itself.
fn revision(image: &str, case: &Case) -> String {
    let version = case.version.to_string();
    if image.contains(&version) { String::new() } else { format!(", which is {version},") }
}
