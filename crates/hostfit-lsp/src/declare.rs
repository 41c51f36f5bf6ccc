//! Saying in the configuration what is in an image that nothing else states.

use hostfit_core::{
    config::{
        Config,
        write::{NAME, quoted},
    },
    finding::{Edit, Finding},
    model::ImageUse,
    rules,
    source::{Source, SourceId, Span},
    windows::release::{Release, Releases},
};

use crate::{answer::View, edit::edited, folder::Files};

/// A line for `[images]`, and where it goes.
#[derive(Debug)]
pub(crate) struct Declaration {
    /// What the editor calls it.
    pub(crate) title: String,
    /// What to do.
    pub(crate) change: Change,
}

/// What becomes of the configuration.
#[derive(Debug)]
pub(crate) enum Change {
    /// A line more, perhaps with a head above it.
    Edit(Edit),
    /// There is not one yet: a file with this text.
    Create(String),
}

/// So many releases are offered at most.
const MAX_RELEASES: usize = 3;

/// What can be said of the images at `range` of a file, of which nobody knows what they are.
pub(crate) fn declarations(id: SourceId, range: Span, files: &Files) -> Vec<Declaration> {
    let Some(view) = files.view(id) else { return Vec::new() };
    let mut patterns: Vec<String> = Vec::new();
    for image in view.report.project.images.iter().filter(|image| is_meant(image, id, range, &view)) {
        let pattern = image.pattern();
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    let kinds = kinds(&view);
    let both = patterns.iter().flat_map(|pattern| kinds.iter().map(move |kind| (pattern, kind)));
    both.filter_map(|(pattern, kind)| declaration(pattern, kind, files)).collect()
}

/// Whether it is about an image that can be declared: a whole name that is not taken for anything yet.
fn is_meant(image: &ImageUse, id: SourceId, range: Span, view: &View<'_>) -> bool {
    let (span, identity) = (view.sources.written(image.text.span), &image.identity);
    let is_known = identity.os.is_some() && identity.version.is_some()
        || identity.os == Some(hostfit_core::windows::Os::Linux)
        || identity.fault.is_some()
        || identity.variants.is_some()
        || identity.fits_every_build;
    let is_whole = image.text.known().is_some_and(|name| !name.trim().is_empty() && !name.ends_with(':'));
    span.source == id
        && span.start <= range.end
        && range.start <= span.end
        && !is_known
        && is_whole
        && image.is_pulled()
}

/// Whether a finding is about an image that can be declared.
pub(crate) fn is_about(finding: &Finding) -> bool {
    finding.rule == "undeclared-image-os"
}

/// The releases of the fleet, the newest first, or of Windows Server where it has none; and Linux.
fn kinds(view: &View<'_>) -> Vec<String> {
    let releases: &Releases = &view.config().releases;
    let hosts = view.config().fleet.hosts.iter().filter_map(|host| releases.by_build(host.windows()?.build));
    let mut found: Vec<&Release> = hosts.filter(|release| !release.images.is_empty()).collect();
    if found.is_empty() {
        found = releases.iter().filter(|release| release.ltsc && !release.images.is_empty()).collect();
    }
    found.sort_by_key(|release| std::cmp::Reverse(release.build));
    found.dedup_by_key(|release| release.build);
    let names = found.into_iter().take(MAX_RELEASES).map(|release| release.id.to_string());
    names.chain(["linux".to_owned()]).collect()
}

fn declaration(pattern: &str, kind: &str, files: &Files) -> Option<Declaration> {
    let title = format!("declare `{pattern}` as `{kind}` in hostfit.toml");
    let line = format!("{} = \"{kind}\"", quoted(pattern));
    let Some(source) = files.config_source() else {
        let text = format!("[images]\n{line}\n");
        let created = Source::from_text(SourceId(0), NAME, text.clone());
        return declares(&created, &Config::default(), pattern)
            .then_some(Declaration { title, change: Change::Create(text) });
    };
    let edit = in_table(source, &line).unwrap_or_else(|| at_end(source, &line));
    let new = edited(source, &[&edit])?;
    declares(&new, &files.config, pattern).then_some(Declaration { title, change: Change::Edit(edit) })
}

/// Whether the configuration can be read and has this one image more than before.
fn declares(new: &Source, old: &Config, pattern: &str) -> bool {
    let names = |config: &Config| config.images.iter().map(|it| it.pattern.clone()).collect::<Vec<_>>();
    let Ok(new) = Config::parse(new, &rules::ids()) else { return false };
    let (mut new, old) = (names(&new), names(old));
    new.pop().is_some_and(|last| last == pattern) && new == old
}

/// Behind the last line of `[images]`.
fn in_table(source: &Source, line: &str) -> Option<Edit> {
    let mut last = None;
    let mut start = 0;
    for text in source.text.split_inclusive('\n') {
        let content = text.trim_start_matches('\u{feff}').trim();
        let head = content.split('#').next().unwrap_or_default();
        if last.is_some() && content.starts_with('[') {
            break;
        }
        let is_head = head.split_whitespace().collect::<String>() == "[images]";
        let is_entry = last.is_some() && !content.is_empty() && !content.starts_with('#');
        if is_head || is_entry {
            last = Some(start..start + text.len());
        }
        start += text.len();
    }
    let last = last?;
    let own = source.text.get(last.clone())?;
    let content = own.trim_end_matches(['\r', '\n']);
    let indent = content.get(..content.len() - content.trim_start_matches([' ', '\t']).len())?;
    let end = source.line_end(u32::try_from(last.start).ok()?);
    Some(Edit {
        span: Span::at(source.id, last.start + content.len()),
        text: format!("{end}{}{line}", indent.trim_start_matches('\u{feff}')),
    })
}

/// With a head of its own.
fn at_end(source: &Source, line: &str) -> Edit {
    let length = source.text.len();
    let end = source.line_end(u32::try_from(length).unwrap_or(u32::MAX));
    let before = match source.text.trim_start_matches('\u{feff}') {
        "" => String::new(),
        text if text.ends_with('\n') => end.to_owned(),
        _ => format!("{end}{end}"),
    };
    Edit { span: Span::at(source.id, length), text: format!("{before}[images]{end}{line}{end}") }
}
