use super::{fixes, rule, wording};
use crate::{finding::Message, model::ImageUse, rule::Cx, windows::image::Fault};

rule! {
    /// ## What it checks
    /// Image names that no registry serves: `windows/…` without `mcr.microsoft.com/`, `microsoft-windows-nanoserver`,
    /// which is a web page of Docker Hub and not an image, and names that are not valid references, such as a
    /// repository with uppercase letters or a name that starts with `https://`.
    ///
    /// ## Why it matters
    /// A name without a registry is looked up on Docker Hub, where the pull fails with `pull access denied for
    /// windows/servercore, repository does not exist or may require 'docker login'`. A name that is not a valid
    /// reference fails with `invalid reference format`.
    ///
    /// ## Example
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: windows/servercore:ltsc2022
    /// #          ^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Write the registry, `mcr.microsoft.com`, and the path as Microsoft spells it.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images>
    /// - <https://github.com/distribution/reference/blob/0965666a6ade2e06035fe352e38344be1e68951a/regexp.go>
    id: "invalid-repository",
    summary: "an image name that no registry serves, such as `windows/servercore`",
    severity: Error,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(Fault::InvalidRepository { at, instead }) = image.identity.fault.as_deref() else { return };
    let name = image.text.value.get(at.clone()).unwrap_or(&image.text.value);
    let fix = fixes::image(cx, image);
    let mut message = match instead {
        Some(_) => {
            Message::new(format!("no registry serves `{name}`")).note("the pull fails with `repository does not exist`")
        }
        None => Message::new(format!("`{name}` is not a valid image name"))
            .note("the pull fails with `invalid reference format`"),
    };
    if fix.is_none() {
        message =
            message.help(instead.as_ref().map_or_else(|| right_form(name), |instead| format!("write `{instead}`")));
    }
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(fix) = fix {
        fix.give(finding);
    }
}

/// What to write in place of a name that the grammar of references refuses.
fn right_form(name: &str) -> String {
    if let Some((scheme, _)) = name.split_once("://") {
        return format!("remove `{scheme}://`");
    }
    let (registry, path) = name.split_once('/').unwrap_or(("", name));
    if path.contains(|c: char| c.is_ascii_uppercase()) {
        let slash = if registry.is_empty() { "" } else { "/" };
        return format!("write the repository in lowercase: `{registry}{slash}{}`", path.to_ascii_lowercase());
    }
    "write `REGISTRY/REPOSITORY` in lowercase letters and digits, with `.`, `_` or `-` between them".to_owned()
}
