use super::{mend, rule, wording};
use crate::{model::ImageUse, rule::Cx, windows::image::Proof};

rule! {
    /// The tag still pulls, but its Windows variant is no longer made: what it gives is the image of the last day, without
    /// later security fixes of Windows or of the product.
    ///
    /// Most of Docker's official images dropped their variants of Windows Server 2016 on 2022-01-12 and those of 1809 between
    /// 2025-04-28 and 2025-06-06. .NET Framework 3.5 and 4.6.2 to 4.7.2 have not been built since 2025-10-14, nor has 4.8 on
    /// Windows Server 2022, where 4.8.1 took its place. The end of a product's own version is not reported here.
    ///
    /// ```dockerfile bad
    /// FROM golang:1.22-windowsservercore-1809
    /// #                                  ^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM golang:1.27-windowsservercore-ltsc2022
    /// ```
    ///
    /// ## How to fix it
    /// Move to a variant that is made: `…-windowsservercore-ltsc2022`, `4.8.1-windowsservercore-ltsc2022`. Hosts have to be of
    /// that release too: where the image is judged against hosts, the message names a tag that runs on them.
    ///
    /// ## Sources
    /// - <https://github.com/docker-library/official-images/commits/master/library/golang>
    /// - <https://github.com/dotnet/dotnet-docker/commits/main/manifest.json>
    /// - <https://github.com/microsoft/dotnet-framework-docker/issues/1262>
    id: "retired-tag",
    summary: "the tag still pulls, but its Windows variant is no longer patched",
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
    // The end of a release is the business of `unsupported-release`.
    let release = cx.config.releases.by_build(version.build);
    if release.and_then(|it| it.image_end(image.identity.family)).is_some_and(|end| end < cx.today) {
        return;
    }
    let Some(since) = cx.retired_since(image).filter(|since| *since <= cx.today) else { return };
    let instead = mend::made_instead(cx, image);
    let advice = match &instead {
        Some(it) if it.is_one_tag() => format!("; move to `{}`", it.tag),
        Some(it) => format!("; move to a version with a variant such as `-{}`", it.tag),
        None => String::new(),
    };
    let message = format!(
        "`{}` still pulls, but its variant for {} is no longer made since {since}: it gets no security fixes{advice}",
        image.text.value,
        cx.config.releases.title(version.build),
    );
    let mend = instead.and_then(|instead| mend::made(cx, image, &instead));
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(mend) = mend {
        mend.give(finding);
    }
}
