use super::{mend, rule, wording};
use crate::{finding::Severity, model::ImageUse, rule::Cx, windows::image::Fault};

rule! {
    /// Insider images are previews of a Windows that is not released. They need an insider host, are replaced without
    /// notice, and no support covers them.
    ///
    /// At run time, on a host that is older than the image: `no matching manifest for windows/amd64`, or the container
    /// does not start, with 0xc0370101.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore/insider:10.0.20303.1
    /// #                                         ^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## How to fix it
    /// Use the released image of the same family.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/insider-overview>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images>
    id: "insider-image",
    summary: "a preview image: it needs an insider host and is never supported",
    severity: Warning,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(Fault::Insider { at }) = image.identity.fault.as_deref() else { return };
    if !image.is_pulled() {
        return;
    }
    let message = format!(
        "`{}` is a preview of Windows: it needs an insider host and is never supported; use a released image",
        image.text.value
    );
    let mend = mend::released(cx, image);
    let weak = wording::is_unproven(cx, image);
    let finding = wording::report_image(cx, image, at.clone(), message);
    if weak {
        finding.severity(Severity::Info);
    }
    if let Some(mend) = mend {
        mend.give(finding);
    }
}
