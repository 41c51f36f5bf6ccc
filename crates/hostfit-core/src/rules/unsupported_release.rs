use super::{
    fixes::{self, Fix},
    rule, tags, wording,
};
use crate::{
    finding::{Message, Severity},
    model::ImageUse,
    rule::Cx,
    text::Origin,
    windows::{Date, Os, image::Family},
};

rule! {
    /// ## What it checks
    /// The Windows release of each image against the end of its support, extended support included. A release whose support ends
    /// within 180 days is an info. The release is also read from the tags and names of other images, such as
    /// `mongo:4.0-windowsservercore-1803`. Where such a name is the only sign of Windows, the finding is an info.
    ///
    /// ## Why it matters
    /// Images of the release get no security fixes, and most of them fit no host that is still supported.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/nanoserver:1803
    /// #                                         ^^^^
    /// ```
    ///
    /// ## Fix
    /// Move to a release that is supported and that your hosts run: `ltsc2019`, `ltsc2022` or `ltsc2025`. With a fleet,
    /// `hostfit fix --unsafe` writes the newest release that runs on every host where the image may land.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// ```
    ///
    /// ## Configuration
    /// `--as-of YYYY-MM-DD` sets the day that dates are compared with. A release that hostfit does not know can be declared with
    /// `[[release]]`.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/base-image-lifecycle>
    id: "unsupported-release",
    summary: "an image whose Windows release is out of support, or will be within 180 days",
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
    let ended = end < cx.today;
    if !ended && days_before(cx.today, end) > 180 {
        return;
    }
    let title = match image.identity.family {
        // Where its support ended earlier than the release's, the release alone would be wrong.
        Some(Family::NanoServer) if release.image_end(None) != Some(end) => {
            format!("Nano Server of {}", wording::release(cx, version.build))
        }
        _ => wording::release(cx, version.build),
    };
    let fix = if ended { fixes::supported(cx, image) } else { None };
    let message = if ended {
        Message::new(format!("{title} has been out of support since {end}"))
            .note("images of this release get no security fixes")
    } else {
        Message::new(format!("the support of {title} ends on {end}"))
    };
    let message = message.help(help(fix.as_ref(), image, cx));
    let weak = wording::is_unproven(cx, image);
    let finding = wording::report_image(cx, image, at.clone(), message);
    if weak || !ended {
        finding.severity(Severity::Info);
    }
    if let Some(fix) = fix {
        fix.give(finding);
    }
}

/// Where to move: to what the fix writes, or to one of the supported releases.
fn help(fix: Option<&Fix>, image: &ImageUse, cx: &Cx) -> String {
    // The title of the fix quotes nothing before the tag or the reference that it writes.
    if let Some(written) = fix.and_then(|fix| fix.title.split('`').nth(1)) {
        return format!("move to `{written}`");
    }
    let family = image.identity.family.unwrap_or(Family::ServerCore);
    let hosts: Vec<_> = fixes::counted_hosts_of(cx, image).unwrap_or_default().into_iter().map(|(it, _)| it).collect();
    let choice = tags::supported_on(cx, family, &hosts);
    let tag = image.identity.reference.tag.clone().unwrap_or_default();
    // Images of other families may take their tags from the same place.
    let is_variable = image.text.touched(tag).any(|(_, piece)| matches!(piece.origin, Origin::Variable(_)));
    match choice.as_slice() {
        [(build, _)] if is_variable => format!("move to {}", wording::release(cx, *build)),
        _ if is_variable => "move to a supported release that your hosts run".to_owned(),
        [(_, tag)] if image.identity.is_base => format!("move to `{tag}`"),
        [(_, tag)] => format!("move to an image of a supported release: `{tag}`"),
        several => {
            let choice = tags::one_of(&several.iter().map(|(_, tag)| format!("`{tag}`")).collect::<Vec<_>>());
            if image.identity.is_base {
                format!("move to {choice}, whichever your hosts run")
            } else {
                format!("move to an image of a supported release: {choice}")
            }
        }
    }
}

fn days_before(today: Date, end: Date) -> i64 {
    end.day_number() - today.day_number()
}
