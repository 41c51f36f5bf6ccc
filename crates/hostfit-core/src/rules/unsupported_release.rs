use super::{mend, rule, wording};
use crate::{
    finding::Severity,
    model::ImageUse,
    rule::Cx,
    windows::{Date, Os, image::Family},
};

rule! {
    /// Microsoft no longer patches images of this Windows release: they get no security fixes, and most of them fit no
    /// host that is still supported. Extended support counts as support. A release that ends within 180 days is noted.
    ///
    /// The release is also read from other images' tags and names, such as `mongo:4.0-windowsservercore-1803`; where
    /// such a name is the only sign of Windows, the finding is a note.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/nanoserver:1803
    /// #                                         ^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// ```
    ///
    /// ## How to fix it
    /// Move to a release that is supported, and that your hosts run: `ltsc2019`, `ltsc2022`, `ltsc2025`. With a fleet
    /// `hostfit fix --unsafe` writes the newest one that every host runs on which the image may land.
    ///
    /// ## Configuration
    /// `--as-of YYYY-MM-DD` sets the day that dates are compared with. A release that hostfit does not know can be
    /// declared with `[[release]]`.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/base-image-lifecycle>
    id: "unsupported-release",
    summary: "the image's Windows release gets no security fixes any more, or soon",
    severity: Warning,
    check: Image(check),
    security_severity: "6.5",
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some((version, at)) = &image.identity.version else { return };
    if image.identity.os == Some(Os::Linux) {
        return;
    }
    let Some(release) = cx.config.releases.by_build(version.build) else { return };
    let Some(end) = release.image_end(image.identity.family) else { return };
    let title = match image.identity.family {
        // Where its support ended earlier than the release's, the release alone would be wrong.
        Some(Family::NanoServer) if release.image_end(None) != Some(end) => {
            format!("Nano Server of {}", wording::release(cx, version.build))
        }
        _ => wording::release(cx, version.build),
    };
    let (message, ended) = if end < cx.today {
        (
            format!("{title} is out of support since {end}: its images get no security fixes; move to a later release"),
            true,
        )
    } else if days_before(cx.today, end) <= 180 {
        (format!("{title} leaves support on {end}: plan the move to a later release"), false)
    } else {
        return;
    };
    let mend = if ended { mend::supported(cx, image) } else { None };
    let weak = wording::is_unproven(cx, image);
    let finding = wording::report_image(cx, image, at.clone(), message);
    if weak || !ended {
        finding.severity(Severity::Info);
    }
    if let Some(mend) = mend {
        mend.give(finding);
    }
}

fn days_before(today: Date, end: Date) -> i64 {
    end.day_number() - today.day_number()
}
