use super::{mend, rule, wording};
use crate::{
    model::ImageUse,
    rule::Cx,
    windows::image::{Doubt, Family, Fault},
};

rule! {
    /// Microsoft's images moved from Docker Hub to the Microsoft Container Registry in 2018 and 2019. The old
    /// `microsoft/…` names get no new images, most of them are gone.
    ///
    /// At run time: `pull access denied for microsoft/windowsservercore, repository does not exist`, or
    /// `manifest for microsoft/windowsservercore:latest not found`.
    ///
    /// ```dockerfile bad
    /// FROM microsoft/windowsservercore:ltsc2019
    /// #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2019
    /// ```
    ///
    /// ## How to fix it
    /// Take the image from `mcr.microsoft.com`. SQL Server has no Windows image any more:
    /// `microsoft/mssql-server-windows-*` has no successor. Where the successor lacks something that the build may need
    /// (Node.js in the .NET SDK, PowerShell in a later Nano Server), the fix is unsafe and says so, and so is one to a
    /// tag that comes nearest because the old one is not published there.
    ///
    /// ## Sources
    /// - <https://techcommunity.microsoft.com/t5/containers/windows-server-2019-now-available/ba-p/382430>
    /// - <https://github.com/dotnet/announcements/issues/197>
    /// - <https://github.com/aspnet/Announcements/issues/298>
    /// - <https://github.com/microsoft/mssql-docker/issues/709>
    id: "retired-repository",
    summary: "a Docker Hub `microsoft/…` name that Microsoft gave up",
    severity: Error,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(Fault::RetiredRepository { at, instead, retag, doubt, fate, .. }) = image.identity.fault.as_deref() else {
        return;
    };
    let name = image.text.value.get(at.clone()).unwrap_or(&image.text.value);
    let written = image.identity.reference.tag.clone().and_then(|at| image.text.value.get(at));
    let tag = retag.as_deref().or(written).filter(|tag| *tag != "latest");
    let former = image.identity.family.filter(|family| instead.as_deref() == Some(family.repository()));
    let advice = match (instead, tag, doubt) {
        (None, ..) => String::new(),
        (Some(instead), Some(_), Some(doubt @ (Doubt::NotPublished | Doubt::NoList))) => {
            format!("; `{instead}` took its place, but {doubt}")
        }
        (Some(instead), Some(tag), _) => format!("; use `{instead}:{tag}`"),
        // Of base images nothing is published without a tag.
        (Some(instead), None, _) => match former.and_then(Family::former_latest) {
            Some(former) => format!("; use a tag of `{instead}`, where `latest` was `{former}`"),
            None => format!("; use `{instead}`"),
        },
    };
    let message = format!("`{name}` was {fate}: the pull fails, or gives an image that is never patched again{advice}");
    let mend = mend::image(cx, image);
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(mend) = mend {
        mend.give(finding);
    }
}
