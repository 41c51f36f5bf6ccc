use super::{fixes, rule, wording};
use crate::{
    finding::Message,
    model::ImageUse,
    rule::Cx,
    windows::image::{Doubt, Family, Fault},
};

rule! {
    /// ## What it checks
    /// Docker Hub names under `microsoft/` that Microsoft retired when it moved its images to the Microsoft Container Registry
    /// in 2018 and 2019.
    ///
    /// ## Why it matters
    /// Most of these images are gone, and the others get no updates. The pull fails with `pull access denied for
    /// microsoft/windowsservercore, repository does not exist` or `manifest for microsoft/windowsservercore:latest not found`.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM microsoft/windowsservercore:ltsc2019
    /// #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Pull the image from `mcr.microsoft.com`. SQL Server has no Windows image any more, so
    /// `microsoft/mssql-server-windows-*` has no successor. The fix is unsafe where the successor lacks something that the
    /// build may need (Node.js in the .NET SDK, PowerShell in a later Nano Server), or where the old tag is not published
    /// there and the nearest one takes its place. Where the successor is a preview, the fix writes the released image.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2019
    /// ```
    ///
    /// ## Sources
    /// - <https://techcommunity.microsoft.com/t5/containers/windows-server-2019-now-available/ba-p/382430>
    /// - <https://github.com/dotnet/announcements/issues/197>
    /// - <https://github.com/aspnet/Announcements/issues/298>
    /// - <https://github.com/microsoft/mssql-docker/issues/709>
    id: "retired-repository",
    summary: "a Docker Hub repository under `microsoft/` that Microsoft has retired",
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
    let mut message = Message::new(format!("`{name}` was {fate}"))
        .note("the pull fails with `repository does not exist`, or gets an image without security fixes");
    let fix = fixes::image(cx, image);
    if let Some(instead) = instead {
        let is_unlisted = matches!(doubt, Some(Doubt::NotPublished | Doubt::NoList));
        // Of base images nothing is published without a tag.
        let former = former.and_then(Family::former_latest).filter(|_| tag.is_none());
        if let Some(former) = former {
            message = message.note(format!("its last `latest` image was `{former}`"));
        }
        let preview = instead.strip_suffix("/insider");
        if preview.is_some() {
            message =
                message.note(format!("its successor `{instead}` is a preview of Windows, which is never supported"));
        }
        let help = match tag {
            _ if let Some(released) = preview => format!("use a published tag of `{released}`"),
            Some(tag) if !is_unlisted => format!("write `{instead}:{tag}`"),
            None if former.is_none() => format!("write `{instead}`"),
            _ => format!("use a published tag of `{instead}`"),
        };
        message.help = fix.is_none().then_some(help);
    }
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(fix) = fix {
        fix.give(finding);
    }
}
