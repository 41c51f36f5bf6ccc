use super::{mend, rule, wording};
use crate::{model::ImageUse, rule::Cx, windows::image::Fault};

rule! {
    /// Microsoft stopped publishing `latest` for the Windows base images on 2019-04-16. A reference without a tag
    /// asks for `latest`, so it fails in the same way.
    ///
    /// At run time: `manifest for mcr.microsoft.com/windows/servercore:latest not found: manifest unknown`.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:latest
    /// #                                         ^^^^^^
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/nanoserver
    /// #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## How to fix it
    /// Name a release. Take the one that your hosts run.
    ///
    /// ## Sources
    /// - <https://techcommunity.microsoft.com/t5/containers/removing-the-latest-tag-an-update-on-mcr/ba-p/393045>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "unpublished-latest",
    summary: "`latest` or no tag on a Windows base image: nothing is published under it since 2019-04-16",
    severity: Error,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(Fault::UnpublishedLatest { at }) = image.identity.fault.as_deref() else { return };
    let what = if at.is_empty() { "no tag, which means `latest`" } else { "the tag `latest`" };
    let message = format!(
        "`{}` has {what}: no such image is published since 2019-04-16, the pull answers `manifest unknown`; name a \
         release, such as `ltsc2022`",
        image.text.value
    );
    let mend = mend::image(cx, image);
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(mend) = mend {
        mend.give(finding);
    }
}
