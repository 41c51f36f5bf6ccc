//! Repositories and tags of Windows base images.

use hostfit_core::{
    knowledge::hosts::{self, OnHosts},
    phrase,
    source::Span,
    text::Origin,
    windows::{
        OsVersion,
        image::Family,
        release::{Images, Release},
    },
};

use super::{
    super::{View, charts, phrases, touches},
    Item, ItemKind, Typing,
};

/// What the families are for, in the order to be shown in.
const FAMILIES: [(Family, &str); 4] = [
    (Family::ServerCore, "Server Core: .NET Framework, PowerShell, most of Win32"),
    (Family::NanoServer, "Nano Server: the smallest, for .NET and what is linked statically"),
    (Family::Server, "Windows Server with nearly all of its API, GPUs too; from ltsc2022 on"),
    (Family::Windows, "Windows with all of its API; up to 20H2, Server took its place"),
];

/// None where no base image is typed.
pub(super) fn complete(view: &View<'_>, typing: &Typing<'_>) -> Option<Vec<Item>> {
    let start = typing
        .before
        .rfind(|char: char| !is_reference(char))
        .map_or(0, |at| at + typing.before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let typed = typing.before.get(start..)?;
    if let Some((family, span)) = tag_in_variable(view, typing) {
        return Some(tags(view, family, span));
    }
    if let Some((name, tag)) = typed.rsplit_once(':') {
        let called = |family: &Family| family.repository().eq_ignore_ascii_case(name);
        let family = FAMILIES.iter().map(|(family, _)| *family).find(called)?;
        return Some(tags(view, family, typing.word(typing.offset as usize - tag.len(), is_tag)));
    }
    let is_begun = |repository: &str| {
        let begun = repository.get(..typed.len());
        typed.len() >= "mcr".len() && begun.is_some_and(|begun| begun.eq_ignore_ascii_case(typed))
    };
    let span = typing.word(typing.line.start as usize + start, |char| is_tag(char) || char == '/');
    let items = FAMILIES.iter().filter(|(family, _)| is_begun(family.repository()));
    let items: Vec<_> = items.map(|(family, about)| repository(*family, about, span)).collect();
    (!items.is_empty()).then_some(items)
}

/// The value of a variable that is the whole tag of a base image: `ARG TAG=ltsc2019`.
fn tag_in_variable(view: &View<'_>, typing: &Typing<'_>) -> Option<(Family, Span)> {
    let of_file = view.project().images.iter().filter(|image| image.identity.is_base).find_map(|image| {
        let tag = image.identity.reference.tag.clone()?;
        let (_, piece) = image.text.ranges().find(|(range, _)| *range == tag)?;
        let is_meant =
            matches!(piece.origin, Origin::Variable(_)) && touches(piece.at, typing.source.id, typing.offset);
        is_meant.then_some((image.identity.family?, piece.at))
    });
    of_file.or_else(|| tag_in_values(view, typing))
}

/// A scalar of values that becomes the tag of a base image.
fn tag_in_values(view: &View<'_>, typing: &Typing<'_>) -> Option<(Family, Span)> {
    let mut places = charts::rendered_at(view, typing.source.id, typing.offset);
    places.find_map(|place| {
        view.images_in(place.text).filter(|(_, image)| image.identity.is_base).find_map(|(_, image)| {
            let tag = image.identity.reference.tag.clone()?;
            let whole = image.text.span;
            let tag = whole.part(tag.start..tag.end);
            let is_meant = whole.len() == image.text.value.len() && touches(tag, place.text, place.offset);
            is_meant.then_some((image.identity.family?, place.back(tag)))
        })
    })
}

fn is_reference(char: char) -> bool {
    is_tag(char) || matches!(char, '/' | ':' | '@')
}

fn is_tag(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_')
}

fn repository(family: Family, about: &str, span: Span) -> Item {
    Item {
        label: family.repository().to_owned(),
        kind: ItemKind::Repository,
        detail: about.to_owned(),
        documentation: String::new(),
        span,
        text: family.repository().to_owned(),
        is_deprecated: false,
    }
}

/// The tags of a family: supported releases before the others, the newest first, of one release the recommended one first.
fn tags(view: &View<'_>, family: Family, span: Span) -> Vec<Item> {
    let published = view.config().releases.iter().filter_map(|release| Some((release, release.images_of(family)?)));
    let mut published: Vec<_> = published.collect();
    let is_over = |images: &Images| images.end.is_some_and(|end| end < view.today);
    published.sort_by_key(|(release, images)| (is_over(images), std::cmp::Reverse(release.build)));
    let of_release = |(release, images): (&Release, &Images)| {
        let model = tag(view, release, images, span);
        let named =
            images.tags.iter().map(|tag| Item { label: tag.to_string(), text: tag.to_string(), ..model.clone() });
        named.collect::<Vec<_>>()
    };
    published.into_iter().flat_map(of_release).collect()
}

/// An item for a tag of a release, yet without its name.
fn tag(view: &View<'_>, release: &Release, images: &Images, span: Span) -> Item {
    let releases = &view.config().releases;
    let version = OsVersion { build: release.build, revision: None };
    let on = hosts::of_version(view.answers, version);
    let windows = on.iter().filter(|it| it.host.windows().is_some());
    let count: usize = windows.clone().map(OnHosts::count).sum();
    let runs: Vec<_> = windows.filter(|it| it.runs()).collect();
    let support = images.end.map(|end| format!("support {}", phrases::until(end, view.today)));
    let fleet = (count > 0).then(|| match runs.iter().map(|it| it.count()).sum::<usize>() {
        0 => "runs on no host of the fleet".to_owned(),
        all if all == count => "runs on all Windows hosts of the fleet".to_owned(),
        some if some > 4 => format!("runs on {some} of {count} Windows hosts of the fleet"),
        _ => {
            let names: Vec<_> = runs.iter().flat_map(|it| it.hosts()).map(|host| host.name.clone()).collect();
            format!("runs on {}", phrase::and(&names))
        }
    });
    let parts: Vec<_> = [Some(release.title.to_string()), support, fleet].into_iter().flatten().collect();
    let mut paragraphs = vec![phrases::version(version, releases)];
    paragraphs.extend(phrases::image_support(release, Some(images.family), view.today));
    if count > 0 {
        paragraphs.push(phrases::by_release(&on, view));
    }
    Item {
        label: String::new(),
        kind: ItemKind::Tag,
        detail: parts.join("; "),
        documentation: paragraphs.join("\n\n"),
        span,
        text: String::new(),
        is_deprecated: images.end.is_some_and(|end| end < view.today),
    }
}
