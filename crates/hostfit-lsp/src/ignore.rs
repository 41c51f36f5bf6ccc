//! The comment that silences one finding.

use hostfit_core::{
    config::Config,
    finding::{Edit, Finding},
    front::{self, Outcome},
    rules,
    source::{Source, Span},
};

use crate::{disk::Origin, edit::edited, folder::Files};

/// Adds it at the end of the finding's line, or above where that would be no comment, as in a Dockerfile. None where
/// neither is one, as in JSON, in a heredoc or in a block of text.
pub(crate) fn here(finding: &Finding, files: &Files) -> Option<Edit> {
    // What is of no use is to be taken out.
    if finding.rule == "unused-ignore" {
        return None;
    }
    let source = files.sources.get(finding.span.source)?;
    let is_config = matches!(files.file(source.id)?.origin, Origin::Config | Origin::Fleet);
    let (comments, errors) = read(source, is_config)?;
    let line = source.line_span(finding.span.start);
    if let Some(edit) = comments.iter().find_map(|comment| join(*comment, line, finding.rule, source)) {
        return Some(edit);
    }
    let text = source.slice(line);
    let bom = if line.start == 0 && text.starts_with('\u{feff}') { 3 } else { 0 };
    let content = text.get(bom..)?;
    // Above a comment it might be a directive that becomes one.
    if content.trim_start().starts_with('#') {
        return None;
    }
    let comment = format!("# hostfit: ignore[{}]", finding.rule);
    let indent = content.get(..content.len() - content.trim_start().len())?;
    let blanks = text.len() - text.trim_end().len();
    let behind = Edit { span: line.part(text.len() - blanks..text.len()), text: format!(" {comment}") };
    let end = source.line_end(finding.span.start);
    let above = Edit { span: line.part(bom..bom), text: format!("{indent}{comment}{end}") };
    [(behind, 1), (above, indent.len())].into_iter().find_map(|(edit, before)| {
        let (comments, after) = read(&edited(source, &[&edit])?, is_config)?;
        let at = edit.span.start as usize + before;
        let own = Span::new(source.id, at..at + comment.len());
        (after <= errors && comments.contains(&own)).then_some(edit)
    })
}

/// Adds a rule to the comment that silences others on the same line.
fn join(comment: Span, line: Span, rule: &str, source: &Source) -> Option<Edit> {
    if !line.holds(comment) {
        return None;
    }
    let text = source.slice(comment);
    let list = text.trim_start_matches('#').trim_start().strip_prefix("hostfit:")?.trim_start();
    let list = list.strip_prefix("ignore[")?;
    let end = text.len() - list.len() + list.find(']')?;
    Some(Edit { span: Span::at(source.id, comment.start as usize + end), text: format!(", {rule}") })
}

/// The comments of a text, and how many errors it has.
fn read(source: &Source, is_config: bool) -> Option<(Vec<Span>, usize)> {
    if is_config {
        let config = Config::parse(source, &rules::ids()).ok()?;
        return config.files.into_iter().next().map(|file| (file.comments, 0));
    }
    match front::read(source) {
        Outcome::Unit(unit) => Some((unit.comments, unit.errors.len())),
        Outcome::Skipped(_) | Outcome::NotOurs => None,
    }
}
