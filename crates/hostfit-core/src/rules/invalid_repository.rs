use super::{mend, rule, wording};
use crate::{model::ImageUse, rule::Cx, windows::image::Fault};

rule! {
    /// No registry serves this name. Without a registry, a name is looked up on Docker Hub, and there are no
    /// `windows/…` images there; `microsoft-windows-nanoserver` is the name of a web page of Docker Hub, not of an
    /// image. Microsoft's own documentation has had both. A repository has no capitals, and no name begins with a scheme.
    ///
    /// At run time: `pull access denied for windows/servercore, repository does not exist or may require 'docker login'`.
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: windows/servercore:ltsc2022
    /// #          ^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## How to fix it
    /// Write the registry, `mcr.microsoft.com`, and the path as Microsoft spells it.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images>
    /// - <https://github.com/distribution/reference/blob/0965666a6ade2e06035fe352e38344be1e68951a/regexp.go>
    id: "invalid-repository",
    summary: "a name that no registry serves, such as `windows/servercore` without `mcr.microsoft.com/`",
    severity: Error,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(Fault::InvalidRepository { at, instead }) = image.identity.fault.as_deref() else { return };
    let name = image.text.value.get(at.clone()).unwrap_or(&image.text.value);
    let message = match instead {
        Some(instead) => {
            format!("no registry serves `{name}`: the pull answers `repository does not exist`; use `{instead}`")
        }
        None => format!("no image can be named `{name}`: the pull answers `invalid reference format`; {}", why(name)),
    };
    let mend = mend::image(cx, image);
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(mend) = mend {
        mend.give(finding);
    }
}

/// What is wrong with a name that the grammar of references refuses.
fn why(name: &str) -> &'static str {
    let (_, path) = name.split_once('/').unwrap_or(("", name));
    if path.contains(|c: char| c.is_ascii_uppercase()) {
        "write the repository in small letters"
    } else {
        "write `registry/repository`, of small letters and digits with `.`, `_` or `-` between them"
    }
}
