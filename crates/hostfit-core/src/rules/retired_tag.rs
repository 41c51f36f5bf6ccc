use super::{mend::Mend, rule, wording};
use crate::{
    model::ImageUse,
    rule::Cx,
    windows::image::{Proof, retired_variant},
};

rule! {
    /// The tag still pulls, but its Windows variant is no longer made: what it gives is the image of the last day, without
    /// later security fixes of Windows or of the product.
    ///
    /// Docker's official images have no variants of Windows Server 2016 since 2022-01-12 and none of 1809 since 2025-05-30;
    /// .NET Framework 4.8 is no longer built on Windows Server 2022 since 2025-10-14, where 4.8.1 took its place.
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
    /// that release too.
    ///
    /// ## Sources
    /// - <https://github.com/docker-library/official-images/commits/master/library/golang>
    /// - <https://github.com/microsoft/dotnet-framework-docker/issues/1262>
    id: "retired-tag",
    summary: "the tag still pulls, but its Windows variant is no longer patched",
    severity: Warning,
    check: Image(check),
    security_severity: "5.5",
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some((version, at)) = &image.identity.version else { return };
    if image.identity.proof != Proof::Known || image.identity.fault.is_some() || !image.is_pulled() {
        return;
    }
    let Some(retired) = retired_variant(&image.text, &image.identity).filter(|it| it.since <= cx.today) else { return };
    let message = format!(
        "`{}` still pulls, but its variant for {} is no longer made since {}: it gets no security fixes; move to a version \
         with a variant such as `{}`",
        image.text.value,
        cx.config.releases.title(version.build),
        retired.since,
        retired.instead,
    );
    // A whole tag is known to be there; of others only how they end.
    let mend = image.identity.reference.tag.clone().filter(|_| !retired.instead.starts_with('-')).and_then(|at| {
        Mend::new(format!("write the tag `{}`", retired.instead))
            .unless_doubtful(Some("it is a later version of the product".to_owned()))
            .write(cx, &image.text, at, retired.instead)
    });
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(mend) = mend {
        mend.give(finding);
    }
}
