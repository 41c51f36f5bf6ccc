//! Hover: what an image is and where it runs, which hosts a placement leaves, the release of a host, what an isolation mode
//! means, what a rule checks, what a value of a chart is with each set of values, and what the findings at that place say beside their headlines.

mod findings;
pub(super) mod isolation;
mod placement;
mod values;

use hostfit_core::{
    finding::Severity,
    fleet_check::Support,
    judge::Reason,
    knowledge::{self, hosts},
    model::{ImageId, ImageUse, Project, Role},
    phrase, rules,
    source::{SourceId, Span},
    suppress,
    text::Origin,
    windows::{
        Os, OsVersion,
        image::{Declared, Variants},
    },
};

use super::{
    View, charts,
    markdown::{code, plain},
    phrases, touches,
};

/// What to show for some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The bytes that it is about.
    pub span: Span,
    /// Markdown.
    pub markdown: String,
}

/// Of one reference that is evaluated more often than that, under different build args, the first are shown.
const MAX_VALUES: usize = 3;

/// What to show for the place at `offset`.
pub fn hover(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    let facts = facts(view, source, offset)
        .or_else(|| values::hover(view, source, offset))
        .or_else(|| rendered(view, source, offset));
    findings::added(facts, view, source, offset)
}

fn facts(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    rule(view, source, offset)
        .or_else(|| host(view, source, offset))
        .or_else(|| declared_image(view, source, offset))
        .or_else(|| image(view, source, offset))
        .or_else(|| isolation::hover(view, source, offset))
        .or_else(|| placement::hover(view, source, offset))
}

/// What the bytes become that a chart yields from these.
fn rendered(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    charts::rendered_at(view, source, offset).find_map(|place| {
        let hover = facts(view, place.text, place.offset)?;
        Some(Hover { span: place.back(hover.span), ..hover })
    })
}

/// A rule id in an ignore comment.
fn rule(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    let comment = view.comments(source).iter().find(|comment| touches(**comment, source, offset))?;
    let named = suppress::named_rules(view.source(source)?, &[*comment]);
    let (id, span) = named.into_iter().find(|(_, span)| touches(*span, source, offset))?;
    let rule = rules::find(id)?;
    let severity = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let markdown = format!("[{}]({}) ({severity})\n\n{}.", code(rule.id), rule.url(), plain(rule.summary));
    Some(Hover { span, markdown })
}

/// The `os` or the `platform` of a host.
fn host(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    let mut hosts = view.config().fleets().flat_map(|it| &it.fleet.hosts);
    let (host, span) = hosts.find_map(|host| {
        let places = [Some(host.os_span), host.places.platform].into_iter().flatten();
        Some((host, places.into_iter().find(|span| touches(*span, source, offset))?))
    })?;
    let version = host.windows()?;
    let Some(support) = Support::of(host, &view.config().releases) else {
        let markdown = format!("**{version}**\n\nNo known release of Windows has this build.");
        return Some(Hover { span, markdown });
    };
    let mut paragraphs = vec![format!("**{}** ({version})", plain(&support.release.title))];
    paragraphs.extend(phrases::host_support(support.release, view.today));
    paragraphs.extend(support.retirement.map(|it| phrases::retirement(it, view.today)));
    paragraphs.extend(phrases::sources(&support));
    Some(Hover { span, markdown: paragraphs.join("\n\n") })
}

/// The value of a line of `[images]`.
fn declared_image(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    let rule = view.config().images.iter().find(|rule| touches(rule.span, source, offset))?;
    let version = match &rule.declared {
        Declared::Linux => return None,
        Declared::Windows(version) => *version,
        Declared::MultiPlatform(variants) => {
            let markdown = title(None, None, Some(variants), view);
            return Some(Hover { span: rule.span, markdown });
        }
        Declared::Built(build) => {
            let markdown = format!("Images that {} builds: its final stage decides.", code(&build.dockerfile));
            return Some(Hover { span: rule.span, markdown });
        }
    };
    let mut paragraphs = vec![phrases::version(version, &view.config().releases)];
    let release = view.config().releases.by_build(version.build);
    paragraphs.extend(release.and_then(|release| phrases::image_support(release, None, view.today)));
    let on = hosts::of_version(view.answers, version);
    if !on.is_empty() {
        paragraphs.push(phrases::hosts(&on, &view.config().releases));
    }
    Some(Hover { span: rule.span, markdown: paragraphs.join("\n\n") })
}

/// An image reference, or the value of a variable in one.
fn image(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    let written = view.images_in(source).filter(|(_, image)| touches(image.text.span, source, offset));
    let mut found: Vec<(Span, ImageId, &ImageUse)> = Vec::new();
    for (id, image) in written {
        // One place is evaluated once for each set of build args that something gives it.
        let is_new = found.iter().all(|(_, _, other)| other.text.value != image.text.value);
        if is_new && found.len() < MAX_VALUES {
            found.push((image.text.span, id, image));
        }
    }
    if found.is_empty() {
        found.extend(stated(view, source, offset));
    }
    let span = found.first()?.0;
    let values: Vec<_> = found.into_iter().map(|(_, id, image)| about(view, id, image)).collect();
    Some(Hover { span, markdown: values.join("\n\n---\n\n") })
}

/// The first image that a variable's value at `offset` is part of.
fn stated<'v>(view: &View<'v>, source: SourceId, offset: u32) -> Option<(Span, ImageId, &'v ImageUse)> {
    let images = (0..).map(ImageId).zip(&view.project().images);
    images.into_iter().find_map(|(id, image)| {
        let piece = image
            .text
            .pieces
            .iter()
            .find(|piece| matches!(piece.origin, Origin::Variable(_)) && touches(piece.at, source, offset))?;
        Some((piece.at, id, image))
    })
}

fn about(view: &View<'_>, id: ImageId, image: &ImageUse) -> String {
    let project = view.project();
    let releases = &view.config().releases;
    let known = knowledge::of_image(project, id);
    let identity = project.deciding_image(id).map_or(&image.identity, |decider| &decider.identity);
    let mut paragraphs = Vec::new();
    let has_variables = image.text.pieces.iter().any(|piece| !matches!(piece.origin, Origin::Literal));
    if image.is_named() && has_variables && image.text.known().is_some() {
        paragraphs.push(code(&image.text.value));
    }
    paragraphs.push(title(known.os, known.version, identity.variants.as_ref(), view));
    let release = known.version.and_then(|version| releases.by_build(version.build));
    paragraphs.extend(release.and_then(|release| phrases::image_support(release, identity.family, view.today)));
    let place = |span| view.place(span);
    let from = match (image.identity.declared_build(), image.built_by) {
        (Some(line), Some(_)) => format!("{}, named by [images] at {}", known.provenance.words(&place), place(line)),
        (Some(line), None) => format!("nothing: the Dockerfile that [images] names at {} is not read", place(line)),
        (None, _) => known.provenance.words(&place),
    };
    paragraphs.push(format!("Known from: {}.", plain(&from)));
    if identity.can_be_pulled() {
        paragraphs.extend(where_it_runs(view, project, id, known.os));
    } else {
        paragraphs.push("Nothing is published under this name.".to_owned());
    }
    paragraphs.join("\n\n")
}

/// Nothing where the fleet has no host that is asked, where nothing is known of the image, and of what no Windows host is
/// meant to run: the Linux images of a Dockerfile, and those that it only copies from.
fn where_it_runs(view: &View<'_>, project: &Project, id: ImageId, os: Option<Os>) -> Option<String> {
    let runs = match project.image(id)?.role {
        Role::Container { .. } => true,
        Role::Base { .. } => os != Some(Os::Linux),
        Role::CopiedFrom { .. } => false,
    };
    if !runs {
        return None;
    }
    let on = hosts::of_image(view.answers, id);
    let says_something = on.iter().any(|it| !matches!(it.outcome.reason, Reason::Unknown(_)));
    says_something.then(|| phrases::hosts(&on, &view.config().releases))
}

fn title(os: Option<Os>, version: Option<OsVersion>, shared: Option<&Variants>, view: &View<'_>) -> String {
    let releases = &view.config().releases;
    match (os, version, shared) {
        (_, Some(version), _) => phrases::version(version, releases),
        (_, None, Some(shared)) if !shared.windows.is_empty() => {
            let mut holds: Vec<_> = shared.builds().iter().map(|build| plain(&releases.title(*build))).collect();
            holds.extend(shared.linux.then(|| "Linux".to_owned()));
            format!("**Multi-platform** tag, with images for {}", phrase::and(&holds))
        }
        (Some(Os::Linux), ..) => "**Linux**".to_owned(),
        (Some(Os::Windows), ..) => "**Windows**, of an unknown version".to_owned(),
        (None, ..) => "The operating system of this image is not known.".to_owned(),
    }
}
