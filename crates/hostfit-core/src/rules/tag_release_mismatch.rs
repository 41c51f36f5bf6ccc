use super::{rule, wording};
use crate::{
    finding::Severity,
    model::DockerfileBuild,
    rule::Cx,
    windows::image::{self, Proof},
};

rule! {
    /// A name under which this repository builds an image states one Windows release, and the image is another: `image:`
    /// beside `build:` in a Compose file, `tags` of a bake target. The Dockerfile decides what the image is, so that hostfit
    /// takes nothing from such a name.
    ///
    /// ## Why it matters
    /// Who deploys the image chooses hosts by its name. On these hosts the pull fails with `no matching manifest`, or the
    /// container does not start: `The operating system of the container does not match the operating system of the host.`
    ///
    /// ```dockerfile with agent/Dockerfile
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// ```
    ///
    /// ```yaml bad
    /// services:
    ///   agent:
    ///     build: agent
    ///     image: contoso/agent:1.4-nanoserver-1809
    /// #                                       ^^^^
    /// ```
    ///
    /// ```dockerfile with agent/Dockerfile
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// ```
    ///
    /// ```yaml good
    /// services:
    ///   agent:
    ///     build: agent
    ///     image: contoso/agent:1.4-nanoserver-ltsc2022
    /// ```
    ///
    /// ## How to fix it
    /// Write the release of the base image into the tag, or start from the release that the tag states. With one variable for
    /// both they cannot differ.
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/compose-file/build/#using-build-and-image>
    /// - <https://docs.docker.com/build/bake/reference/#targettags>
    id: "tag-release-mismatch",
    summary: "the name of an image that is built here states another Windows release than the image is",
    severity: Error,
    check: Build(check),
}

fn check(build: &DockerfileBuild, cx: &mut Cx) {
    let Some(base) = build.base_image() else { return };
    let builds = cx.project.possible_builds(base);
    let Some(from) = cx.project.image(base) else { return };
    if builds.is_empty() {
        return;
    }
    let is_proven = cx.project.image_proof(base) != Some(Proof::ThirdPartyName);
    let titles: Vec<_> = builds.iter().map(|build| wording::release(cx, *build)).collect();
    let (is, from_span) = (wording::list(&titles), from.text.span);
    let decided_at = cx.project.image_os(base).span();
    for name in &build.names {
        let Some((version, at)) = image::release_in_name(name, &cx.config.releases) else { continue };
        if builds.contains(&version.build) {
            continue;
        }
        let stated = wording::release(cx, version.build);
        let whole = name.value.clone();
        let message = match builds.as_slice() {
            [_] => format!("`{whole}` states {stated}, but the image is {is}"),
            _ => format!("`{whole}` states {stated}, but its base has images for {is} only"),
        };
        let finding = cx.report(name.locate(at), message);
        finding.image(whole).related(from_span, "the image starts from this");
        if !from_span.holds(decided_at) {
            finding.related(decided_at, "this states its release");
        }
        if !is_proven {
            finding.severity(Severity::Info);
        }
    }
}
