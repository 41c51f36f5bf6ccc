use super::{fixes::Fix, rule, wording};
use crate::{
    finding::{Finding, Message},
    model::{EvidenceKind, ImageUse, Role, platform_os},
    rule::Cx,
    source::Span,
    text::Text,
    windows::{Os, image::Proof},
};

rule! {
    /// ## What it checks
    /// `FROM --platform=` of a Dockerfile and `platform:` of a Compose service against the operating system that the image is known
    /// to have.
    ///
    /// ## Why it matters
    /// The pull fails with `no match for platform in manifest: not found` or `no matching manifest for windows/amd64`.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM --platform=linux/amd64 mcr.microsoft.com/windows/servercore:ltsc2022
    /// #               ^^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Write the platform of the image, or use an image for that platform.
    ///
    /// ```dockerfile good
    /// FROM --platform=windows/amd64 mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Configuration
    /// If a mirror has other images under the same name, declare them under `[images]`.
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/dockerfile/#from>
    /// - <https://docs.docker.com/reference/compose-file/services/#platform>
    id: "platform-mismatch",
    summary: "a platform that contradicts the operating system of the image",
    severity: Error,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    if !image.identity.can_be_pulled() {
        return;
    }
    match image.role {
        Role::Base { build, stage } => {
            let stage = cx.project.build(build).and_then(|build| build.stages.get(stage as usize));
            let Some(platform) = stage.and_then(|stage| stage.platform.as_ref()) else { return };
            let known =
                image.identity.os.filter(|_| image.identity.proof != Proof::ThirdPartyName && image.is_pulled());
            let (Some(asked), Some(os)) = (platform_os(platform), known) else { return };
            let whole = 0..platform.value.len();
            let (span, used_at) = (platform.locate(whole.clone()), platform.used_at(whole));
            let fix = fix(platform, os, cx);
            report(image, (asked, os), span, used_at, fix, cx);
        }
        Role::Container { container, .. } => {
            let Some(workload) = wording::workload_of(cx, image) else { return };
            let Some(platform) = workload.evidence.iter().find(|it| it.kind == EvidenceKind::Platform) else { return };
            let Some(container_of) = workload.containers.get(container as usize) else { return };
            let Some(id) = container_of.image else { return };
            if matches!(cx.project.image_proof(id), None | Some(Proof::ThirdPartyName)) {
                return;
            }
            let known = cx.project.image_os(id);
            let Some((os, _)) = known.known() else { return };
            let name = workload.part(container as usize);
            let fix = container_of.platform.as_ref().and_then(|platform| fix(platform, os.os, cx));
            if let Some(finding) = report(image, (platform.os, os.os), platform.span, platform.span, fix, cx) {
                finding.workload(name);
            }
        }
        Role::CopiedFrom { .. } => {}
    }
}

fn report<'f>(
    image: &ImageUse,
    (asked, os): (Os, Os),
    span: Span,
    used_at: Span,
    fix: Option<Fix>,
    cx: &'f mut Cx,
) -> Option<&'f mut Finding> {
    if asked == os {
        return None;
    }
    let (asked, os) = (name(asked), name(os));
    let mut message = if image.is_pulled() {
        Message::new(format!("the platform is {asked}, but `{}` is a {os} image", image.text.value))
            .note("the pull fails with `no match for platform in manifest: not found`")
    } else {
        Message::new(format!("the platform is {asked}, but the image that is built here is for {os}"))
    };
    if fix.is_none() {
        message = message.help(format!("write the platform of the image, or use a {asked} image"));
    }
    let reference = image.text.value.clone();
    let finding = cx.report(span, message);
    finding.image(reference);
    finding.fixes.extend(fix);
    if !used_at.holds(span) {
        finding.related(used_at, "used here");
    }
    Some(finding)
}

/// The image's operating system in place of the other one; the architecture stays.
fn fix(platform: &Text, os: Os, cx: &Cx) -> Option<Fix> {
    let value = platform.known()?;
    let (asked, architecture) = value.split_once('/').unwrap_or((value, "amd64"));
    let word = match os {
        Os::Linux => "linux",
        // There are no others.
        Os::Windows if architecture == "amd64" => "windows",
        Os::Windows => return None,
    };
    let fix = Fix::new(format!("write `{word}`")).write(cx, platform, 0..asked.len(), word)?;
    Some(fix.with_caveat(Some("check that the platform is wrong and not the image".to_owned())))
}

fn name(os: Os) -> &'static str {
    match os {
        Os::Windows => "Windows",
        Os::Linux => "Linux",
    }
}
