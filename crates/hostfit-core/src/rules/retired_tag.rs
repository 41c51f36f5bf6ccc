use super::{fixes, rule, wording};
use crate::{finding::Message, model::ImageUse, rule::Cx, windows::image::Proof};

rule! {
    /// ## What it checks
    /// Tags that can still be pulled, but whose Windows variant is no longer built. Most of Docker's official images dropped their
    /// variants for Windows Server 2016 on 2022-01-12 and those for 1809 between 2025-04-28 and 2025-06-06. .NET Framework 3.5 and
    /// 4.6.2 to 4.7.2 have not been built since 2025-10-14, nor has 4.8 on Windows Server 2022, where 4.8.1 took its place. The end
    /// of a product's own version is not reported here.
    ///
    /// ## Why it matters
    /// The pull succeeds and gets the last image that was built, without later security fixes for Windows or the
    /// product.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM golang:1.22-windowsservercore-1809
    /// #                                  ^^^^
    /// ```
    ///
    /// ## Fix
    /// Move to a variant that is still built: `…-windowsservercore-ltsc2022`, `4.8.1-windowsservercore-ltsc2022`. The
    /// hosts need that release too. Where the image is checked against hosts, the help names a tag that runs on them.
    ///
    /// ```dockerfile good
    /// FROM golang:1.27-windowsservercore-ltsc2022
    /// ```
    ///
    /// ## Sources
    /// - <https://github.com/docker-library/official-images/commits/master/library/golang>
    /// - <https://github.com/dotnet/dotnet-docker/commits/main/manifest.json>
    /// - <https://github.com/microsoft/dotnet-framework-docker/issues/1262>
    id: "retired-tag",
    summary: "a tag whose Windows variant is no longer built and gets no security fixes",
    severity: Warning,
    check: Image(check),
    security_severity: "5.5",
    judges_hosts: true,
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some((version, at)) = &image.identity.version else { return };
    if image.identity.proof != Proof::Known || image.identity.fault.is_some() || !image.is_pulled() {
        return;
    }
    // `unsupported-release` reports the end of a release.
    let release = cx.config.releases.by_build(version.build);
    if release.and_then(|it| it.image_end(image.identity.family)).is_some_and(|end| end < cx.today) {
        return;
    }
    let Some(since) = cx.retired_since(image).filter(|since| *since <= cx.today) else { return };
    let instead = fixes::made_instead(cx, image);
    let fix = instead.as_ref().and_then(|instead| fixes::made(cx, image, instead));
    let mut message = Message::new(format!("`{}` has not been updated since {since}", image.text.value)).note(format!(
        "it can still be pulled, but its variant for {} gets no security fixes",
        cx.config.releases.title(version.build)
    ));
    if fix.is_none() {
        message.help = instead.map(|it| {
            if it.is_one_tag() {
                format!("move to `{}`", it.tag)
            } else {
                format!("move to a version that has a variant `-{}`", it.tag)
            }
        });
    }
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(fix) = fix {
        fix.give(finding);
    }
}
