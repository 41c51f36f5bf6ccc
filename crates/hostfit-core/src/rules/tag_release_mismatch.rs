use super::{rule, wording};
use crate::{
    finding::{Message, Severity},
    model::DockerfileBuild,
    rule::Cx,
    windows::{
        Build,
        image::{self, Proof},
    },
};

rule! {
    /// ## What it checks
    /// The names under which this repository builds an image: `image:` beside `build:` in a Compose file, and `tags` of a bake
    /// target. A name that states one Windows release while the image is another is reported. The Dockerfile decides what the image
    /// is, so hostfit does not take its release from such a name.
    ///
    /// ## Why it matters
    /// People choose hosts by the name of the image. On these hosts the pull fails with `no matching manifest`, or the container
    /// does not start: `The operating system of the container does not match the operating system of the host.`
    ///
    /// ## Example
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
    /// ## Fix
    /// Write the release of the base image into the tag, or build from the release that the tag states. One variable
    /// for both keeps them equal.
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
    /// ## Sources
    /// - <https://docs.docker.com/reference/compose-file/build/#using-build-and-image>
    /// - <https://docs.docker.com/build/bake/reference/#targettags>
    id: "tag-release-mismatch",
    summary: "an image built here whose name states a Windows release that it is not",
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
        let stated = cx.config.releases.title(version.build);
        let whole = name.value.clone();
        let (headline, help) = match builds.as_slice() {
            [build] => (
                format!("`{whole}` is named after {stated}, but it is {}", cx.config.releases.title(*build)),
                format!("write `{}` here, or build from an image of {stated}", release_id(*build, cx)),
            ),
            _ => (
                format!("`{whole}` is named after {stated}, for which its base has no image"),
                format!("name a release that the base has, or build from an image of {stated}"),
            ),
        };
        let message = Message::new(headline)
            .label(format!("states {}", wording::release(cx, version.build)))
            .note(
                "on hosts chosen by this name it does not start: `The operating system of the container does not match \
                 the operating system of the host.`",
            )
            .help(help);
        let finding = cx.report(name.locate(at), message);
        let (base, decider) = match (builds.len(), from_span.holds(decided_at)) {
            (1, true) => (format!("makes the image {is}"), String::new()),
            (1, false) => ("the base image".to_owned(), format!("makes the image {is}")),
            _ => (format!("has images for {is}"), "states the release".to_owned()),
        };
        finding.image(whole).related(from_span, base);
        if !from_span.holds(decided_at) {
            finding.related(decided_at, decider);
        }
        if !is_proven {
            finding.severity(Severity::Info);
        }
    }
}

/// The release of a build as tags write it, or the build where there is no such release.
fn release_id(build: Build, cx: &Cx) -> String {
    cx.config.releases.by_build(build).map_or_else(|| build.to_string(), |release| release.id.to_string())
}
