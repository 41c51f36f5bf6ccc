use super::{advice, fixes, rule, wording};
use crate::{
    finding::{Message, Severity},
    judge::{Case, Failing, Fault},
    rule::Cx,
    windows::compat::{self, Step},
};

rule! {
    /// ## What it checks
    /// Whether the revisions of image and host fit under process isolation. Windows Server 2016 runs only images of its
    /// own revision. On later releases, an image with a later revision than its host is a warning. So is an image of
    /// Windows Server 2019 that lacks the security update of February 2020 on a host that has it, and the other way
    /// round.
    ///
    /// ## Why it matters
    /// On Windows Server 2016 the container does not start (0xc0370101). Images with a later revision than their host
    /// have failed with `The virtual machine or container exited unexpectedly. (0xc0370106)`. Across the update of
    /// February 2020, 32-bit programs fail with 0xC0000142 or 0xC0000139.
    ///
    /// ## Example
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
    /// ## Fix
    /// On Windows Server 2016, write the host's revision as the tag, and update both together. On later releases, update the
    /// host first.
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
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/update-containers>
    /// - <https://github.com/Azure/AKS/issues/1465>
    /// - <https://github.com/actions/runner-images/issues/11582>
    /// - <https://github.com/microsoft/Windows-Containers/issues/591>
    id: "revision-mismatch",
    summary: "an image whose revision does not fit its host's",
    severity: Error,
    check: Failing(check),
}

fn check(failing: &Failing, cx: &mut Cx) {
    if !matches!(failing.fault, Fault::Revision | Fault::Patches) {
        return;
    }
    let cases = &failing.cases;
    let Some(first) = cases.first() else { return };
    // Later releases want the host patched, not the image.
    let is_2016 = failing.fault == Fault::Revision;
    let is_image = is_2016 && advice::other_hosts(failing).is_none();
    let fix = if is_image { fixes::revision_of_all(cx, first.image, cases) } else { None };
    let fix = fix.and_then(|version| fixes::revision(cx, first.image, version));
    // One image may be too new for one host and too old for another.
    let steps = [Step::Revision2016, Step::RevisionAbove, Step::RevisionBaseline];
    let faults: Vec<_> = steps.into_iter().filter_map(|step| fault(failing, cx, step)).collect();
    let is: Vec<_> = faults.iter().map(|it| it.is.as_str()).collect();
    let image = wording::reference(cx, first.image);
    let message = Message::new(format!("`{image}` {}", is.join(", and ")));
    let help: Vec<_> = faults.iter().filter_map(|it| it.help.as_deref()).collect();
    let message = if help.is_empty() { message } else { message.help_unless(fix.is_some(), help.join(", and ")) };
    let version = first.version.to_string();
    let message = if image.contains(&version) {
        message.label("decides the image's revision")
    } else {
        message.label(wording::version_of(cx, first, &version))
    };
    let notes = faults.into_iter().flat_map(|fault| fault.notes).take(wording::MAX_NOTES);
    let Some(finding) = wording::report_failing(cx, failing, cases, notes.fold(message, Message::note)) else { return };
    if !is_2016 {
        finding.severity = finding.severity.min(Severity::Warning);
    }
    if let Some(fix) = fix {
        fix.give(finding);
    }
}

/// What is wrong on some of the hosts.
struct RevisionFault {
    /// What the image is, compared with them.
    is: String,
    notes: Vec<String>,
    help: Option<String>,
}

/// What is wrong on the hosts where `step` decided.
fn fault(failing: &Failing, cx: &Cx, step: Step) -> Option<RevisionFault> {
    let cases: Vec<_> = failing.cases.iter().filter(|case: &&Case| case.step() == Some(step)).copied().collect();
    let first = cases.first()?;
    let (names, hosts) = (wording::host_names(cx, &cases), wording::hosts(cx, &cases));
    Some(match step {
        Step::Revision2016 => {
            let mut notes = wording::symptoms(cx, failing.workload.map(|workload| workload.orchestrator), &cases);
            let other = advice::other_hosts(failing);
            let help = match &other {
                Some(other) => other.help.clone(),
                None => Some(equal_revision(failing, cx, first)),
            };
            notes.push(other.and_then(|it| it.note).unwrap_or_else(|| wording::SAME_REVISION.to_owned()));
            RevisionFault {
                is: format!("does not run on another revision of Windows Server 2016 ({names})"),
                notes,
                help,
            }
        }
        Step::RevisionBaseline => {
            let (is, help) = if compat::is_before_baseline(first.version) {
                let is = format!("lacks the security update of February 2020, unlike {names}");
                (is, "use an image of 10.0.17763.1040 or later".to_owned())
            } else {
                let is = format!("has the security update of February 2020, unlike {names}");
                (is, format!("update {names} to {} or later", first.version))
            };
            let note = format!("on {hosts} 32-bit programs in it fail with exit code 0xC0000142 or 0xC0000139");
            RevisionFault { is, notes: vec![note], help: Some(help) }
        }
        _ => RevisionFault {
            is: format!("is patched further than {names}"),
            notes: vec![format!(
                "on hosts such as {hosts} this has failed with `The virtual machine or container exited unexpectedly. (0xc0370106)`"
            )],
            help: Some(format!("update {names} to {} or later", first.version)),
        },
    })
}

/// What to do about an image of Windows Server 2016.
fn equal_revision(failing: &Failing, cx: &Cx, first: &Case) -> String {
    let is_base = cx.project.image(first.image).is_some_and(|it| it.identity.is_base);
    match fixes::revision_of_all(cx, first.image, &failing.cases) {
        Some(version) if is_base => format!("write the tag of the host's revision, `{version}`"),
        Some(version) => format!("build it on the host's revision, `{version}`"),
        None => "update all hosts to one revision".to_owned(),
    }
}
