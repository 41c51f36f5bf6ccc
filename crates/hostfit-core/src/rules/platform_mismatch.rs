use super::{mend::Fix, rule, wording};
use crate::{
    model::{EvidenceKind, ImageUse, Role, platform_os},
    rule::Cx,
    source::Span,
    text::Text,
    windows::{Os, image::Proof},
};

rule! {
    /// `FROM --platform=` of a Dockerfile, or `platform:` of a Compose service, asks for another operating system than the
    /// image has.
    ///
    /// At run time: `no match for platform in manifest: not found`, or `no matching manifest for windows/amd64`.
    ///
    /// ```dockerfile bad
    /// FROM --platform=linux/amd64 mcr.microsoft.com/windows/servercore:ltsc2022
    /// #               ^^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM --platform=windows/amd64 mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## How to fix it
    /// Write the platform of the image, or name an image of that platform. Of a mirror that has other images under the
    /// same name, say so under `[images]`.
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/dockerfile/#from>
    /// - <https://docs.docker.com/reference/compose-file/services/#platform>
    id: "platform-mismatch",
    summary: "a platform that contradicts what the image is known to be",
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
            let mend = mend(platform, os, cx);
            if let (Some(finding), Some(mend)) = (report(image, (asked, os), span, used_at, cx), mend) {
                mend.give(finding);
            }
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
            let mend = container_of.platform.as_ref().and_then(|platform| mend(platform, os.os, cx));
            if let Some(finding) = report(image, (platform.os, os.os), platform.span, platform.span, cx) {
                finding.workload(name);
                if let Some(mend) = mend {
                    mend.give(finding);
                }
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
    cx: &'f mut Cx,
) -> Option<&'f mut crate::finding::Finding> {
    if asked == os {
        return None;
    }
    let (asked, os) = (name(asked), name(os));
    let message = if image.is_pulled() {
        format!(
            "this asks for {asked}, but `{}` is for {os}: there is no such image to pull; write the image's platform, or use a \
             {asked} image",
            image.text.value
        )
    } else {
        format!("this asks for {asked}, but what is built here is for {os}; write that, or build on a {asked} image")
    };
    let reference = image.text.value.clone();
    let finding = cx.report(span, message);
    finding.image(reference);
    if !used_at.holds(span) {
        finding.related(used_at, "used here");
    }
    Some(finding)
}

/// The image's operating system in place of the other one; the architecture stays.
fn mend(platform: &Text, os: Os, cx: &Cx) -> Option<Fix> {
    let value = platform.known()?;
    let (asked, architecture) = value.split_once('/').unwrap_or((value, "amd64"));
    let word = match os {
        Os::Linux => "linux",
        // There are no others.
        Os::Windows if architecture == "amd64" => "windows",
        Os::Windows => return None,
    };
    let mend = Fix::new(format!("write `{word}`")).write(cx, platform, 0..asked.len(), word)?;
    Some(mend.unless_doubtful(Some("the image may be what is wrong".to_owned())))
}

fn name(os: Os) -> &'static str {
    match os {
        Os::Windows => "Windows",
        Os::Linux => "Linux",
    }
}
