use super::{mend, rule, wording};
use crate::{model::ImageUse, rule::Cx, windows::image::Fault};

rule! {
    /// This tag was never published for this family of base images. Each family has its own: Nano Server of Windows
    /// Server 2016 is `sac2016`, not `ltsc2016`; the full Windows image ends with 20H2; Windows Server starts with
    /// `ltsc2022`.
    ///
    /// At run time: `manifest for mcr.microsoft.com/windows/servercore:2022 not found: manifest unknown`.
    ///
    /// Only the base images are looked at, since only of these all tags are known.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:2022
    /// #                                         ^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022-KB5017316
    /// ```
    ///
    /// ## How to fix it
    /// Use a published tag; the message names the nearest one. A release that is newer than hostfit can be declared
    /// with `[[release]]` in `hostfit.toml`.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/base-image-lifecycle>
    /// - <https://techcommunity.microsoft.com/t5/containers/updates-to-our-container-tagging-format/ba-p/382435>
    id: "unknown-tag",
    summary: "a tag that was never published for this family of base images",
    severity: Error,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(Fault::UnknownTag { at, instead, repository: elsewhere }) = image.identity.fault.as_deref() else {
        return;
    };
    let repository = image.text.value.get(..at.start.saturating_sub(1)).unwrap_or(&image.text.value);
    let tag = image.text.value.get(at.clone()).unwrap_or_default();
    let nearest = match (instead, elsewhere) {
        (Some(instead), Some(elsewhere)) => {
            format!("; the nearest published image is `{elsewhere}:{instead}`")
        }
        (Some(instead), None) => format!("; the nearest published one is `{instead}`"),
        (None, _) => String::new(),
    };
    let message = format!("`{repository}` never had a tag `{tag}`: the pull answers `manifest unknown`{nearest}");
    let mend = mend::image(cx, image);
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(mend) = mend {
        mend.give(finding);
    }
}
