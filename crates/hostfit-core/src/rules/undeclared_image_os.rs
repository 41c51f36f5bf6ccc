use std::ops::Range;

use super::{rule, wording};
use crate::{
    finding::Message,
    model::{ImageUse, Orchestrator, Role, platform_os},
    rule::Cx,
    source::{Span, rendered::Rendered},
    text::Origin,
    windows::{Build, Os, image},
};

rule! {
    /// ## What it checks
    /// Windows workloads whose image gives no sign of its OS version: a private image, a digest, a variable that nothing sets.
    ///
    /// ## Why it matters
    /// hostfit does not guess, so no check that depends on the version is made for that workload.
    ///
    /// ## Example
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: registry.contoso.com/web:7
    /// #          ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     isolation: process
    /// ```
    ///
    /// ## Fix
    /// Declare the image in `hostfit.toml`, under `[images]`, or look it up in its registry with `hostfit images --online`.
    ///
    /// ```toml fleet
    /// [images]
    /// "registry.contoso.com/web:*" = "ltsc2022"
    /// ```
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: registry.contoso.com/web:7
    ///     isolation: process
    /// ```
    ///
    /// For a variable of a Dockerfile, give the `ARG` a default or set it under `[build-args]`. For a variable of a Compose file,
    /// set it in `.env`. `docker stack deploy` does not read `.env`: give a stack's variable a default.
    id: "undeclared-image-os",
    summary: "a Windows workload whose image has an unknown OS version",
    severity: Info,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let identity = &image.identity;
    let is_known = identity.version.is_some() || identity.fault.is_some() || identity.variants.is_some();
    if is_known || identity.fits_every_build || !image.is_pulled() || !runs_on_windows(image, cx) {
        return;
    }
    let span = image.text.span;
    // Whoever fills in a template that lies in no chart knows the image.
    let is_alone = cx.sources.rendered(span.source).is_some_and(Rendered::is_alone);
    if is_alone && image.text.hole().is_some() {
        return;
    }
    // What its reader refuses is a finding of its own.
    if cx.project.refused_in(span.source).iter().any(|it| span.holds(it.span)) || has_broken_default(image, cx) {
        return;
    }
    let deciding = deciding_range(image);
    let mut variables: Vec<_> = image.text.holes_in(deciding.clone()).collect();
    variables.dedup();
    let message = Message::new(format!("the Windows version of `{}` is unknown", image.text.value));
    let message = if variables.is_empty() {
        without_variable(message, image, cx)
    } else {
        let several: Vec<_> = variables.iter().map(|it| format!("`{it}`")).collect();
        let (has, them, defaults) =
            if several.len() == 1 { ("has", "it", "a default") } else { ("have", "them", "defaults") };
        let names = wording::list(&several);
        let message = message.label(format!("{names} {has} no value in these files"));
        if cx.sources.rendered(image.text.span.source).is_some_and(|rendered| rendered.base.is_none()) {
            message.help(format!("give {them} a value, or run `helm dependency build` where a helper is missing"))
        } else if is_in(Orchestrator::Kubernetes, image, cx) {
            message.help(format!("check the output of the tool that fills {them} in: `… | hostfit check -`"))
        } else if is_in(Orchestrator::Swarm, image, cx) {
            let help = format!("give {names} {defaults}");
            message.note("`docker stack deploy` does not read `.env`").help(help)
        } else {
            message.help(format!("give {names} {defaults}, or set {them} {}", set_in(image, &deciding)))
        }
    };
    wording::report_image(cx, image, decided_at(image, deciding), message);
}

/// Whether it is unknown since its builder refuses the default of an ARG.
fn has_broken_default(image: &ImageUse, cx: &Cx) -> bool {
    let Role::Base { build, .. } = image.role else { return false };
    let broken = cx.project.build(build).map_or(&[][..], |build| &build.broken_defaults);
    let is_broken = |at: Span| broken.iter().any(|(span, _)| at.holds(*span));
    let mut pieces = image.text.pieces.iter().filter(|piece| matches!(piece.origin, Origin::Hole(_)));
    pieces.any(|piece| is_broken(piece.at))
}

/// Completes the message about an image in which no variable is without a value.
fn without_variable(message: Message, image: &ImageUse, cx: &Cx) -> Message {
    let identity = &image.identity;
    match image.text.value.as_str() {
        // The builder and the engine refuse it.
        value if value.ends_with(':') => {
            let place = if is_in(Orchestrator::Swarm, image, cx) {
                String::new()
            } else {
                format!(", or set it {}", set_in(image, &(0..value.len())))
            };
            message.label("the tag is empty").help(format!("give the variable in the tag a value{place}"))
        }
        _ if identity.declared_build().is_some() => message
            .note("the Dockerfile that `[images]` names for it is not among the files that were read")
            .help("correct its path in hostfit.toml, relative to that file"),
        _ => {
            let (pattern, builds) = (image.pattern(), wording::builds_where_it_lands(image, cx));
            let names: Vec<_> = builds.iter().map(|build| release_name(*build, cx)).collect();
            let line = match names.last() {
                Some(one) => format!("add `\"{pattern}\" = \"{one}\"` under `[images]` in hostfit.toml"),
                None => format!("add `\"{pattern}\" = \"ltsc2022\"` under `[images]` in hostfit.toml"),
            };
            let [_, _, ..] = builds.as_slice() else { return message.help(line) };
            let shown: Vec<_> = builds.iter().map(ToString::to_string).collect();
            let each: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
            let list = format!("`\"{pattern}\" = [{}]` if it is a multi-platform image", each.join(", "));
            message
                .note(format!(
                    "it may land on hosts of builds {}, and on the wrong one it does not start",
                    wording::list(&shown)
                ))
                .help(format!("{line}, or {list}"))
        }
    }
}

/// The release of a build as `[images]` has it; the build where no image is called so.
fn release_name(build: Build, cx: &Cx) -> String {
    let release = cx.config.releases.by_build(build).filter(|release| !release.images.is_empty());
    release.map_or_else(|| build.to_string(), |release| release.id.to_string())
}

/// The part of the value that could say which Windows it is: of the tag what stands behind a family, else all of it that
/// is not known; the whole value where all of the tag is.
fn deciding_range(image: &ImageUse) -> Range<usize> {
    let (text, tag) = (&image.text, image.identity.reference.tag.clone());
    let Some(tag) = tag.filter(|tag| text.hole_in(tag.clone()).is_some()) else { return 0..text.value.len() };
    let masked = text.masked();
    let behind = image::behind_family(masked.get(tag.clone()).unwrap_or_default()).map(|at| tag.start + at..tag.end);
    behind.filter(|behind| text.hole_in(behind.clone()).is_some()).unwrap_or(tag)
}

/// All of it; a variable alone, where another file uses it for this one.
fn decided_at(image: &ImageUse, deciding: Range<usize>) -> Range<usize> {
    let text = &image.text;
    let mut elsewhere = text.touched(deciding).filter(|(_, piece)| {
        matches!(piece.origin, Origin::Hole(_)) && !piece.at.is_nowhere() && piece.at.source != text.span.source
    });
    elsewhere.next().map_or(0..text.value.len(), |(range, _)| range)
}

/// Where its variables may be set: those of a Dockerfile are args, those of a Compose file are not.
fn set_in(image: &ImageUse, deciding: &Range<usize>) -> &'static str {
    let mut pieces = image.text.touched(deciding.clone()).map(|(_, piece)| piece.at);
    let is_of_compose = matches!(image.role, Role::Container { .. })
        || pieces.any(|at| !at.is_nowhere() && at.source != image.text.span.source);
    if is_of_compose { "in `.env`" } else { "under `[build-args]` of hostfit.toml" }
}

fn is_in(orchestrator: Orchestrator, image: &ImageUse, cx: &Cx) -> bool {
    wording::workload_of(cx, image).is_some_and(|workload| workload.orchestrator == orchestrator)
}

/// Whether it is a container of a Windows workload, or surely the base of a Windows stage.
fn runs_on_windows(image: &ImageUse, cx: &Cx) -> bool {
    match image.role {
        Role::CopiedFrom { .. } => false,
        Role::Base { build, stage } => {
            let Some(build) = cx.project.build(build) else { return false };
            let platform = build.stages.get(stage as usize).and_then(|stage| stage.platform.as_ref());
            if platform.and_then(platform_os) == Some(Os::Linux) {
                return false;
            }
            image.identity.os == Some(Os::Windows)
                || build.final_stage == Some(stage) && wording::is_in_proven_windows(cx, image)
        }
        Role::Container { container, .. } => wording::workload_of(cx, image).is_some_and(|workload| {
            let own = workload.containers.get(container as usize);
            let host_process = own.is_some_and(|it| matches!(it.host_process.known(), Some((true, _))));
            workload.is_windows() && !host_process && image.identity.os != Some(Os::Linux)
        }),
    }
}
