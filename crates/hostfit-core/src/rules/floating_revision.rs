use super::{rule, wording};
use crate::{
    finding::{Message, Severity},
    judge::{ClassId, Outcome},
    model::{ImageUse, Role},
    rule::Cx,
    windows::{Build, compat::Step},
};

rule! {
    /// ## What it checks
    /// Base images of Windows Server 2016 without a revision in their tag. Without a fleet it is an info; it is a warning when a
    /// declared Windows Server 2016 host may run the image process-isolated.
    ///
    /// ## Why it matters
    /// On Windows Server 2016, host and image need the same revision too: an image of 10.0.14393.1944 may not start on
    /// a host of 10.0.14393.1914. The tag `ltsc2016` moves with every monthly update, so an image that fits its host
    /// today may not fit after the next build.
    ///
    /// ## Example
    /// ```dockerfile bad also:unsupported-release
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2016
    /// #                                         ^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Write the revision that your hosts are patched to: `mcr.microsoft.com/windows/servercore:10.0.14393.1770`. Later releases do
    /// not need it.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2019
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>,
    ///   "Windows Server 2016 restrictions"
    id: "floating-revision",
    summary: "a Windows Server 2016 base image whose tag has no revision, which has to match the host's",
    severity: Info,
    check: Image(check),
    judges_hosts: true,
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some((version, at)) = &image.identity.version else { return };
    // A digest pins it, whatever the tag.
    let pinned = version.revision.is_some() || image.identity.reference.digest.is_some();
    let floats = version.build == Build::WS2016 && !pinned;
    let copied = matches!(image.role, Role::CopiedFrom { .. });
    if !floats || !image.identity.is_base || image.identity.fault.is_some() || copied {
        return;
    }
    let classes = classes_of_2016(image, cx);
    // With Hyper-V isolation it runs there, until somebody asks for another.
    if classes.is_empty() && !cx.fleet.hosts.is_empty() {
        return;
    }
    let affected = classes.into_iter().filter(|(_, outcome)| outcome.step() == Some(Step::RevisionUnknown2016));
    let hosts = cx.hosts(affected.map(|(class, _)| class));
    let tag = image.text.value.get(at.clone()).unwrap_or_default();
    let headline = match &*hosts {
        [] => format!("`{tag}` moves with every update and may stop fitting its host"),
        hosts => {
            let names = hosts.iter().filter_map(|id| cx.fleet.host(*id)).map(|host| format!("`{}`", host.name));
            let names = wording::list_of(hosts.len(), names);
            format!("`{tag}` moves with every update and may stop starting on {names}")
        }
    };
    let mut own = hosts.iter().filter_map(|id| cx.fleet.host(*id)?.windows()).filter(|it| it.revision.is_some());
    let such = own.next().map_or_else(|| "such as `10.0.14393.1770`".to_owned(), |it| format!("such as `{it}`"));
    let message = Message::new(headline)
        .note("Windows Server 2016 runs only images of its own revision")
        .help(format!("write the revision that your hosts are patched to, {such}"));
    let finding = wording::report_image(cx, image, at.clone(), message);
    if !hosts.is_empty() {
        finding.severity(Severity::Warning).hosts(hosts);
    }
}

/// The declared hosts of Windows Server 2016 that may get the image, with what comes of it there.
fn classes_of_2016(image: &ImageUse, cx: &Cx) -> Vec<(ClassId, Outcome)> {
    let mut classes: Vec<_> = wording::containers_of(cx, image)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(id, container)| Some((cx.judgement(id)?, container as usize)))
        .flat_map(|(judgement, container)| {
            let left = judgement.classes().filter(|place| !place.is_excluded());
            left.filter_map(move |place| Some((place.class, *place.outcomes.get(container)?)))
        })
        .collect();
    if let Role::Base { build, .. } = image.role {
        classes.extend(cx.table.undeployed(build));
    }
    classes.retain(|(class, _)| {
        let first = cx.table.hosts(*class).first().and_then(|id| cx.fleet.host(*id));
        first.is_some_and(|host| host.is_of(Build::WS2016))
    });
    classes
}
