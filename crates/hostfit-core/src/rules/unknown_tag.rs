use super::{fixes, rule, tags, wording};
use crate::{finding::Message, model::ImageUse, rule::Cx, windows::image::Fault};

rule! {
    /// ## What it checks
    /// Tags of Windows base images that were never published for their family. Each family has its own: Nano Server of Windows
    /// Server 2016 is `sac2016` and not `ltsc2016`, the full Windows image ends with 20H2, and `windows/server` starts with
    /// `ltsc2022`. Other images are not checked, since their lists of tags are not known.
    ///
    /// ## Why it matters
    /// The pull fails with `manifest for mcr.microsoft.com/windows/servercore:2022 not found: manifest unknown`.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:2022
    /// #                                         ^^^^
    /// ```
    ///
    /// ## Fix
    /// Write a published tag. The help names the nearest one.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022-KB5017316
    /// ```
    ///
    /// ## Configuration
    /// A release that your version of hostfit does not know can be declared with `[[release]]` in `hostfit.toml`.
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
    let fix = fixes::image(cx, image);
    let mut message = Message::new(format!("`{repository}` has no tag `{tag}`"))
        .note("it was never published, and the pull fails with `manifest unknown`");
    if fix.is_none() {
        message.help = match (instead, elsewhere) {
            (Some(instead), Some(elsewhere)) => {
                Some(format!("write `{elsewhere}:{instead}`, which is the nearest one"))
            }
            (Some(instead), None) => Some(format!("write `{instead}`, which is the nearest one")),
            (None, _) => image.identity.family.map(|family| {
                format!("write a tag of a supported release: {}", tags::one_of(&tags::supported(cx, family)))
            }),
        };
    }
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(fix) = fix {
        fix.give(finding);
    }
}
