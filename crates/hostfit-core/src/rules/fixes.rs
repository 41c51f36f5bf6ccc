//! Fixes that several rules make: edits of the bytes that state a value.

mod pin;
mod release;

pub(super) use crate::finding::Fix;

pub(super) use pin::{Builds, builds_that_run, pin, requirement};
pub(super) use release::{
    State, alternatives, counted_hosts_of, fitting, landing, made, made_instead, out_of_several, released, revision,
    revision_of_all, sort_by_state, supported, windows_variant,
};

use std::ops::Range;

use super::wording;
use crate::{
    finding::{Edit, Finding},
    model::{ImageUse, Role},
    placement::kubernetes::PodPlacement,
    rule::Cx,
    source::{Source, Sources, Span},
    text::{Origin, Piece, Text},
    windows::{
        image::{Doubt, Family, Fault, Identity, identify, published_doubt},
        nano_server, version,
    },
};

impl Fix {
    /// With `range` of the value as `new`; none if it does not stand in the file byte for byte.
    pub(super) fn write(mut self, cx: &Cx, text: &Text, range: Range<usize>, new: &str) -> Option<Self> {
        let (edit, doubt) = edit(cx.sources, text, range, new)?;
        self.edits.push(edit);
        Some(self.with_caveat(doubt))
    }

    /// With text inserted at a place.
    pub(super) fn insert(mut self, (span, text): (Span, String)) -> Self {
        self.edits.push(Edit { span, text });
        self
    }

    /// Without these bytes.
    pub(super) fn delete(mut self, span: Span) -> Self {
        self.edits.push(Edit { span, text: String::new() });
        self
    }

    /// Adds a caveat, if there is one.
    pub(super) fn with_caveat(mut self, doubt: Option<String>) -> Self {
        if let Some(doubt) = doubt {
            self.doubt(&doubt);
        }
        self
    }

    pub(super) fn give(self, finding: &mut Finding) {
        finding.fixes.push(self);
    }
}

/// What changes `range` of a value into `new`, and what else that changes.
pub(crate) fn edit(sources: &Sources, text: &Text, range: Range<usize>, new: &str) -> Option<(Edit, Option<String>)> {
    let old = text.value.get(range.clone())?;
    let (range, old, new) = if text.touched(range.clone()).count() > 1 {
        let (before, after) = common(old, new);
        let old_end = old.len() - after;
        let new = new.get(before..new.len() - after)?;
        (range.start + before..range.start + old_end, old.get(before..old_end)?, new)
    } else {
        (range, old, new)
    };
    let (at, piece) = holder(text, &range)?;
    let source = sources.get(piece.at.source)?;
    // Build args of hostfit.toml are the user's to change.
    let is_config = has_extension(source, "toml");
    if matches!(piece.origin, Origin::Hole(_)) || piece.at.len() != at.len() || is_config {
        return None;
    }
    let span = piece.at.part(range.start - at.start..range.end - at.start);
    if source.slice(span) != old || source.slice(piece.at) != text.value.get(at)? {
        return None;
    }
    let doubt = match &piece.origin {
        Origin::Variable(name) if is_used_elsewhere(sources, name, piece) => {
            Some(format!("check the other uses of `{name}`"))
        }
        _ => None,
    };
    if is_bare_number(source, piece.at) && !new.starts_with('"') && !new.bytes().all(|it| it.is_ascii_digit()) {
        // What takes its place needs quotes.
        return (span == piece.at).then(|| (Edit { span, text: format!("\"{new}\"") }, doubt));
    }
    Some((Edit { span, text: new.to_owned() }, doubt))
}

/// Whether these bytes are a number of HCL or JSON, which have no text without quotes.
fn is_bare_number(source: &Source, at: Span) -> bool {
    let text = source.text.as_str();
    let is_number = source.slice(at).bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let before = text.get(..at.range().start).and_then(|before| before.chars().next_back());
    let after = text.get(at.range().end..).and_then(|after| after.chars().next());
    let is_outside = |it: Option<char>| it.is_none_or(|it| it.is_whitespace() || "=:,?()[]{}".contains(it));
    let wants_quotes = ["hcl", "json"].iter().any(|ext| has_extension(source, ext));
    wants_quotes && is_number && before != Some('}') && is_outside(before) && is_outside(after)
}

fn has_extension(source: &Source, wanted: &str) -> bool {
    source.path.rsplit('.').next().is_some_and(|ext| ext.eq_ignore_ascii_case(wanted))
}

/// The one piece that all of `range` is of; of an empty range the one before it.
fn holder<'t>(text: &'t Text, range: &Range<usize>) -> Option<(Range<usize>, &'t Piece)> {
    let asked = match range {
        _ if !range.is_empty() => range.clone(),
        Range { start: 0, .. } => 0..1,
        Range { start, .. } => start - 1..*start,
    };
    let mut touched = text.touched(asked);
    let one = touched.next()?;
    touched.next().is_none().then_some(one)
}

/// How many bytes both begin and end with.
fn common(old: &str, new: &str) -> (usize, usize) {
    let same = |cases: &mut dyn Iterator<Item = (char, char)>| -> usize {
        cases.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let before = same(&mut old.chars().zip(new.chars()));
    let (old, new) = (old.get(before..).unwrap_or_default(), new.get(before..).unwrap_or_default());
    (before, same(&mut old.chars().rev().zip(new.chars().rev())))
}

/// Returns the caveat of a change that aliases may repeat in other pods.
pub(crate) fn may_be_repeated(sources: &Sources, at: Span) -> Option<String> {
    let text = sources.get(at.source).map(|source| source.text.as_str()).filter(|text| text.len() <= MAX_SEARCHED);
    let aliases = text.is_none_or(|text| text.contains(" &") && text.contains(" *"));
    aliases.then(|| "check the aliases that repeat it".to_owned())
}

/// So many stages are looked at for one image; real files have fewer, and hostile ones end in time.
const MAX_STAGES: usize = 64;

/// In longer files nobody looks.
const MAX_SEARCHED: usize = 64 * 1024;

/// Whether a variable is used more than once, or is of a file that others read too.
fn is_used_elsewhere(sources: &Sources, name: &str, piece: &Piece) -> bool {
    piece.at.source != piece.used_at.source || uses_of(sources, name, piece).is_none_or(|uses| uses > 1)
}

/// How often a variable is used in the file that uses it there; none where nobody looks.
pub(crate) fn uses_of(sources: &Sources, name: &str, piece: &Piece) -> Option<usize> {
    let source = sources.get(piece.used_at.source).filter(|source| source.text.len() <= MAX_SEARCHED)?;
    let is_hcl = has_extension(source, "hcl");
    let uses = source.text.match_indices(name).filter(|(at, _)| {
        let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let is_word_or_quote = |it: char| is_word(it) || it == '"';
        let before = source.text.get(..*at).unwrap_or_default();
        let after = source.text.get(at + name.len()..).unwrap_or_default();
        // In expressions of HCL a variable is its name alone, and between quotes where it is declared.
        let is_use = before.ends_with('$') || before.ends_with("${") || is_hcl && !before.ends_with(is_word_or_quote);
        is_use && !after.starts_with(is_word)
    });
    Some(uses.count())
}

/// The right reference for one that nothing can be pulled under.
pub(super) fn image(cx: &Cx, image: &ImageUse) -> Option<Fix> {
    let reference = &image.identity.reference;
    let value = image.text.value.as_str();
    let written = reference.tag.clone().and_then(|at| value.get(at));
    let tag_is_known = reference.tag.clone().is_none_or(|at| image.text.hole_in(at).is_none());
    let (mut name, mut tag, mut doubt) = (None::<String>, None::<String>, None::<String>);
    let mut identity = Identity::clone(&image.identity);
    // The right name may have a tag that is wrong there.
    for _ in 0..3 {
        match identity.fault.take().map(|fault| *fault) {
            Some(Fault::InvalidRepository { instead, .. }) => name = Some(instead?),
            Some(Fault::RetiredRepository { instead, retag, lacks, doubt: of_tag, .. }) => {
                let instead = instead?;
                // Nobody is sent to a tag that was never there.
                if of_tag == Some(Doubt::NotPublished) && reference.digest.is_none() {
                    return None;
                }
                let is_base = Family::ALL.iter().any(|family| family.repository() == instead);
                if reference.digest.is_some() || !is_base && written.is_none_or(|tag| tag == "latest") {
                    doubt = Some("check that the version published there is right".to_owned());
                }
                doubt = of_tag.map(|doubt| doubt.to_string()).or(doubt);
                doubt = lacks.map(|what| format!("check that nothing needs {what}, which it lacks")).or(doubt);
                name = Some(instead);
                tag = retag.or(tag);
            }
            Some(Fault::UnknownTag { instead, repository, .. }) => {
                let instead = instead?;
                let old = tag.as_deref().or(written).unwrap_or_default();
                if repository.is_some() {
                    doubt = Some("check that this other image fits".to_owned());
                } else if !is_same(old, &instead, &identity, cx) {
                    doubt = Some("check that this tag is meant".to_owned());
                }
                name = repository.map(str::to_owned).or(name);
                tag = Some(instead);
            }
            Some(Fault::UnpublishedLatest { .. }) => {
                let family = identity.family?;
                let (chosen, why_not) = release::unpublished(cx, image, family)?;
                let was_other = name.is_some() && family.former_latest().is_some_and(|former| former != chosen);
                let of_old = was_other.then(|| {
                    "check that the image's content runs on it: the old name was Windows Server 2016".to_owned()
                });
                doubt = doubt.or(why_not).or(of_old);
                tag = Some(chosen);
            }
            // A preview in its place would be the next fault.
            Some(Fault::Insider { .. }) if name.is_some() => {
                let (repository, chosen, why_not) = release::in_place_of_preview(cx, image, &identity)?;
                name = Some(repository.to_owned());
                tag = Some(chosen);
                doubt = why_not.or_else(|| Some("check that a released Windows does what the preview did".to_owned()));
            }
            Some(Fault::Insider { .. }) | None => break,
        }
        if !tag_is_known || reference.digest.is_some() {
            break;
        }
        let old_name = value.get(reference.name())?;
        let now = match tag.as_deref().or(written) {
            Some(tag) => format!("{}:{tag}", name.as_deref().unwrap_or(old_name)),
            None => name.clone()?,
        };
        identity = identify(&Text::literal(now, image.text.span), &[], &cx.config.releases);
    }
    if loses_programs(cx, image, &identity).unwrap_or_default() {
        // What was pulled under the name had it.
        let former =
            identity.family.and_then(Family::former_latest).filter(|_| written.is_none_or(|it| it == "latest"))?;
        tag = Some(former.to_owned());
        doubt = Some("check that the release that `latest` was will do: it is out of support".to_owned());
    }
    let target = (name.as_deref().or_else(|| value.get(reference.name())), tag.as_deref().or(written));
    if let (Some(name), Some(tag), None) = (target.0, target.1, &doubt)
        && tag_is_known
    {
        doubt = published_doubt(name, tag, &cx.config.releases).map(|doubt| doubt.to_string());
    }
    let title = match (&name, tag.as_deref().or(written)) {
        (Some(name), Some(tag)) => format!("write `{name}:{tag}`"),
        (Some(name), None) => format!("write `{name}`"),
        (None, Some(tag)) if reference.tag.is_some() => format!("write `{tag}`"),
        (None, Some(tag)) => format!("write `{value}:{tag}`"),
        (None, None) => return None,
    };
    let mut fix = Fix::new(title).with_caveat(doubt);
    match (name, tag, &reference.tag) {
        (Some(name), Some(tag), None) => {
            fix = fix.write(cx, &image.text, reference.name(), &format!("{name}:{tag}"))?;
        }
        (None, Some(tag), None) => {
            let end = reference.repository.end;
            fix = fix.write(cx, &image.text, end..end, &format!(":{tag}"))?;
        }
        (name, tag, at) => {
            if let Some(name) = name {
                fix = fix.write(cx, &image.text, reference.name(), &name)?;
            }
            if let (Some(tag), Some(at)) = (tag.filter(|tag| Some(tag.as_str()) != written), at) {
                fix = fix.write(cx, &image.text, at.clone(), &tag)?;
            }
        }
    }
    Some(fix)
}

/// Whether something is started there that the Nano Server of the right reference lacks, and that the one written may have:
/// untagged was the Nano Server of Windows Server 2016.
fn loses_programs(cx: &Cx, image: &ImageUse, right: &Identity) -> Option<bool> {
    let lacks = |it: &Identity| {
        let build = it.version.as_ref().map(|(version, _)| version.build);
        it.family == Some(Family::NanoServer) && build.is_some_and(nano_server::lacks_programs)
    };
    if !lacks(right) || lacks(&image.identity) {
        return None;
    }
    Some(match image.role {
        Role::Base { build, stage } => {
            let build = cx.project.build(build)?;
            let starts_here = |number| {
                build.base_of(number).and_then(|base| cx.project.image(base)).is_some_and(|it| std::ptr::eq(it, image))
            };
            // Those that come down to it stand behind the one that names it.
            let stages = (0..).zip(&build.stages).skip(stage as usize).take(MAX_STAGES);
            let stages = stages.filter(|(number, _)| starts_here(*number));
            stages.flat_map(|(_, stage)| stage.lost_on_nano_server()).next().is_some()
        }
        Role::Container { container, .. } => {
            !wording::workload_of(cx, image)?.containers.get(container as usize)?.programs.is_empty()
        }
        Role::CopiedFrom { .. } => false,
    })
}

/// Whether two tags mean the same: they name one build, or differ in letter case and hyphens only.
fn is_same(old: &str, new: &str, identity: &Identity, cx: &Cx) -> bool {
    let plain = |tag: &str| -> String {
        let tag: String = tag.chars().filter(char::is_ascii_alphanumeric).collect();
        let tag = tag.to_ascii_lowercase();
        tag.strip_prefix("ltsc").map(str::to_owned).unwrap_or(tag)
    };
    let build = version::parse(new, &cx.config.releases).map(|version| version.build);
    let names_it = identity.version.as_ref().is_some_and(|(version, _)| Some(version.build) == build);
    names_it && !version::is_written_out(old) || plain(old) == plain(new)
}

/// Returns a label as a line of YAML, in quotes where it looks like a number.
pub(super) fn entry(key: &str, value: &str) -> String {
    if value.starts_with(|first: char| first.is_ascii_digit()) {
        format!("{key}: \"{value}\"")
    } else {
        format!("{key}: {value}")
    }
}

/// A label written into a pod's nodeSelector.
pub(super) fn add_label(cx: &Cx, pod: &PodPlacement, key: &str, value: &str) -> Option<Fix> {
    let inserted = pod.label_insertion(cx.sources, key, value)?;
    Some(Fix::new(format!("add `{}` to the nodeSelector", entry(key, value))).insert(inserted))
}
