use super::{fixes, rule, wording};
use crate::{
    finding::{Message, Severity},
    model::ImageUse,
    rule::Cx,
    windows::image::Fault,
};

rule! {
    /// ## What it checks
    /// Insider images: previews of a Windows version that is not released.
    ///
    /// ## Why it matters
    /// They need an insider host, are replaced without notice and have no support. On a host that is older than the
    /// image the pull fails with `no matching manifest for windows/amd64`, or the container does not start, with
    /// 0xc0370101.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore/insider:10.0.20303.1
    /// #                                         ^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Use the released image of the same family.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/insider-overview>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images>
    id: "insider-image",
    summary: "a preview image, which needs an insider host and is never supported",
    severity: Warning,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(Fault::Insider { at }) = image.identity.fault.as_deref() else { return };
    if !image.is_pulled() {
        return;
    }
    let fix = fixes::released(cx, image);
    let mut message = Message::new(format!("`{}` is a preview of Windows, which is never supported", image.text.value))
        .note("it needs an insider host: on older hosts it fails with `no matching manifest` or `0xc0370101`");
    if fix.is_none() {
        message = message.help("use a released image of the same family");
    }
    let weak = wording::is_unproven(cx, image);
    let finding = wording::report_image(cx, image, at.clone(), message);
    if weak {
        finding.severity(Severity::Info);
    }
    if let Some(fix) = fix {
        fix.give(finding);
    }
}
