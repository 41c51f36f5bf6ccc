//! The comment that silences one finding.

use hostfit_core::{
    config::Config,
    finding::{Edit, Finding},
    front::{self, Content, Outcome, charts},
    rules,
    source::{Source, Span},
    syntax::yaml,
};

use crate::{disk::Origin, edit::edited, folder::Files};

/// Adds it at the end of the finding's line, or above where that would be no comment, as in a Dockerfile. None where
/// neither is one, as in JSON, in a heredoc or in a block of text. In a template it is a comment of the template language,
/// which is not in what comes out.
pub(crate) fn here(finding: &Finding, files: &Files) -> Option<Edit> {
    // What is of no use is to be taken out.
    if finding.rule == "unused-ignore" {
        return None;
    }
    let source = files.sources.get(finding.span.source)?;
    let is_config = matches!(files.file(source.id)?.origin, Origin::Config | Origin::Fleet);
    let reader = match files.unit(source.id).map(|unit| &unit.content) {
        _ if is_config => Reader::Config,
        Some(Content::Chart(member)) if member.is_template => Reader::Template,
        Some(Content::Chart(_)) => Reader::Values,
        _ => Reader::Own,
    };
    let (comments, errors) = read(source, reader)?;
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
    let (open, close) = if reader == Reader::Template { ("{{/*", " */}}") } else { ("#", "") };
    let comment = format!("{open} hostfit: ignore[{}]{close}", finding.rule);
    // What is read of it.
    let read_from = if reader == Reader::Template { open.len() + 1 } else { 0 };
    let indent = content.get(..content.len() - content.trim_start().len())?;
    let blanks = text.len() - text.trim_end().len();
    let behind = Edit { span: line.part(text.len() - blanks..text.len()), text: format!(" {comment}") };
    let end = source.line_end(finding.span.start);
    let above = Edit { span: line.part(bom..bom), text: format!("{indent}{comment}{end}") };
    [(behind, 1), (above, indent.len())].into_iter().find_map(|(edit, before)| {
        let (comments, after) = read(&edited(source, &[&edit])?, reader)?;
        let at = edit.span.start as usize + before;
        let own = Span::new(source.id, at + read_from..at + comment.len() - close.len());
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

/// Who reads the comments of a file.
#[derive(Clone, Copy, PartialEq)]
enum Reader {
    Config,
    Template,
    Values,
    /// The reader of files of its kind.
    Own,
}

/// The comments of a text, and how many errors it has.
fn read(source: &Source, reader: Reader) -> Option<(Vec<Span>, usize)> {
    match reader {
        Reader::Config => {
            let config = Config::parse(source, &rules::ids()).ok()?;
            config.files.into_iter().next().map(|file| (file.comments, 0))
        }
        Reader::Values => {
            let tree = yaml::Tree::parse(source);
            Some((tree.comments, tree.errors.len()))
        }
        Reader::Template => {
            let comments = charts::comments(source);
            // Between the braces of another action it is not a comment.
            let is_inside = |at: u32| {
                let before = source.text.get(..at as usize).unwrap_or_default();
                before.rsplit_once("{{").is_some_and(|(before, action)| {
                    !action.contains("}}") && before.rsplit_once("{{").is_some_and(|(_, outer)| !outer.contains("}}"))
                })
            };
            Some((comments.into_iter().filter(|comment| !is_inside(comment.start)).collect(), 0))
        }
        Reader::Own => match front::read(source) {
            Outcome::Unit(unit) => Some((unit.comments, unit.errors.len())),
            Outcome::Skipped(_) | Outcome::NotOurs => None,
        },
    }
}
