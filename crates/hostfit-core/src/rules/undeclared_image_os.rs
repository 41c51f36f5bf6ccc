use std::ops::Range;

use super::{rule, wording};
use crate::{
    model::{ImageUse, Orchestrator, Role, platform_os},
    rule::Cx,
    source::Span,
    text::Origin,
    windows::{Build, Os, image},
};

rule! {
    /// A Windows workload whose image does not tell which Windows is in it: a private image, a digest, a variable that
    /// nothing sets. hostfit never guesses, so nothing that depends on the version is checked there.
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: registry.contoso.com/web:7
    /// #          ^^^^^^^^^^^^^^^^^^^^^^^^^^
    ///     isolation: process
    /// ```
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
    /// ## How to fix it
    /// Say it in `hostfit.toml`, under `[images]`, or let its registry say it: `hostfit images --online`. For a variable of a
    /// Dockerfile, give the `ARG` a default or set it under `[build-args]`; for one of a Compose file, in `.env`. `docker
    /// stack deploy` reads no `.env`: give a stack's variable a default.
    id: "undeclared-image-os",
    summary: "a Windows workload whose image does not tell its OS version",
    severity: Info,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let identity = &image.identity;
    let told = identity.version.is_some() || identity.fault.is_some() || identity.variants.is_some();
    if told || identity.fits_every_build || !image.is_pulled() || !runs_on_windows(image, cx) {
        return;
    }
    // What its reader refuses is a finding of its own.
    let span = image.text.span;
    if cx.project.refused_in(span.source).iter().any(|it| span.holds(it.span)) || has_broken_default(image, cx) {
        return;
    }
    let deciding = deciding_range(image);
    let mut variables: Vec<_> = image.text.holes_in(deciding.clone()).collect();
    variables.dedup();
    let message = match variables.as_slice() {
        [] => message_without_variable(image, cx),
        several => {
            let (has, them, defaults) =
                if several.len() == 1 { ("has", "it", "a default") } else { ("have", "them", "defaults") };
            let since = format!(
                "nothing says which Windows `{}` is, since {} {has} no value in these files",
                image.text.value,
                wording::list(several),
            );
            if is_in(Orchestrator::Kubernetes, image, cx) {
                format!("{since}; check what comes out of the tool that fills {them} in: `… | hostfit check -`")
            } else if is_in(Orchestrator::Swarm, image, cx) {
                format!("{since}, and `docker stack deploy` reads no `.env`; give {them} {defaults}")
            } else {
                format!("{since}; give {them} {defaults}, or set {them} {}", set_in(image, &deciding))
            }
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

fn message_without_variable(image: &ImageUse, cx: &Cx) -> String {
    let identity = &image.identity;
    match image.text.value.as_str() {
        // The builder and the engine refuse it.
        value if value.ends_with(':') => format!(
            "nothing says which Windows `{}` is: its tag is empty; give the variable that it comes from a value{}",
            image.text.value,
            if is_in(Orchestrator::Swarm, image, cx) {
                String::new()
            } else {
                format!(", or set it {}", set_in(image, &(0..value.len())))
            },
        ),
        _ if identity.declared_build().is_some() => format!(
            "nothing says which Windows `{}` is: the Dockerfile that `[images]` of hostfit.toml names for it is not among the \
             files that are read; correct its path, relative to hostfit.toml",
            image.text.value
        ),
        _ => {
            let (pattern, builds) = (image.pattern(), wording::builds_where_it_lands(image, cx));
            let names: Vec<_> = builds.iter().map(|build| release_name(*build, cx)).collect();
            let (lands, list) = match builds.as_slice() {
                [] | [_] => (String::new(), String::new()),
                several => {
                    let shown: Vec<_> = several.iter().map(ToString::to_string).collect();
                    let lands = format!(", and it may land on hosts of builds {}", wording::list(&shown));
                    let each: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
                    (lands, format!(", or `\"{pattern}\" = [{}]` if it is a multi-platform image", each.join(", ")))
                }
            };
            let line = match names.last() {
                Some(one) => format!("`\"{pattern}\" = \"{one}\"`"),
                None => format!("`\"{pattern}\" = \"ltsc2022\"`"),
            };
            format!(
                "nothing says which Windows `{}` is{lands}; declare it under `[images]` of hostfit.toml: {line}{list}",
                image.text.value,
            )
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
