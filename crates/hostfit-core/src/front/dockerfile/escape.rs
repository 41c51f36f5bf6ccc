//! Whether a file may have the backtick as its escape character.

use super::builder::{self, Place, Word};
use crate::{
    patch::edited,
    source::{Source, Span},
    syntax::dockerfile::{self as syntax, DirectiveKey, Dockerfile, Flag, Instruction, Keyword, unescape},
};

/// Where `` # escape=` `` goes, and the text to insert there: behind the parser directives, else on top. None unless the
/// builder then reads every instruction as it does now, except that the backslashes it removed stay.
pub(super) fn directive(source: &Source, tree: &Dockerfile) -> Option<(Span, String)> {
    let text = &source.text;
    let has_one = tree.directives.iter().any(|it| it.key == DirectiveKey::Escape);
    let body = text.trim_start_matches('\u{feff}');
    if has_one || body.starts_with("#!") {
        return None;
    }
    let (at, line) = match tree.directives.iter().map(|it| it.span).max() {
        Some(last) => {
            let end = source.line_span(last.start).end as usize;
            (end, format!("{}# escape=`", source.line_end(last.start)))
        }
        None => (text.len() - body.len(), format!("# escape=`{}", source.line_end(0))),
    };
    let new = format!("{}{line}{}", text.get(..at)?, text.get(at..)?);
    let fixed = syntax::parse(source.id, &new);
    let is_same = fixed.escape == '`'
        && fixed.directives.len() == tree.directives.len() + 1
        && fixed.errors.len() <= tree.errors.len()
        && fixed.instructions.len() == tree.instructions.len();
    let mut in_stage = false;
    let same = |(old, with): (&Instruction, &Instruction)| {
        in_stage |= old.keyword == Some(Keyword::From);
        reads_same(old, with, in_stage) && has_same_bodies(old, text, with, &new)
    };
    (is_same && tree.instructions.iter().zip(&fixed.instructions).all(same)).then(|| (Span::at(source.id, at), line))
}

fn reads_same(old: &Instruction, with: &Instruction, in_stage: bool) -> bool {
    let flags =
        |it: &Instruction| -> Vec<String> { it.flags.iter().map(|flag| flag.text.as_str().to_owned()).collect() };
    let elements = |it: &Instruction| -> Option<Vec<String>> {
        it.exec().map(|elements| elements.iter().map(|element| element.value.clone()).collect())
    };
    if old.line.as_str() != with.line.as_str()
        || flags(old) != flags(with)
        || old.flags.iter().any(has_escapes)
        || elements(old) != elements(with)
    {
        return false;
    }
    let (words, others) = (builder::words(old, '\\'), builder::words(with, '`'));
    let same = |(word, other): (&Word, &Word)| word.text == other.text && word_reads_same(word, in_stage);
    words.len() == others.len() && words.iter().zip(&others).all(same)
}

fn has_escapes(flag: &Flag) -> bool {
    flag.text.as_str().contains(['\\', '`'])
}

/// Whether the backtick leaves of a word what the backslash does, once those are doubled that are lost.
fn word_reads_same(word: &Word, in_stage: bool) -> bool {
    let text = &*word.text;
    if !text.contains(['\\', '`']) {
        return true;
    }
    let lost = builder::lost(text, word.place).filter(|_| in_stage);
    let lost = lost.iter().flat_map(|lost| &lost.at);
    let Some(doubled) = edited(text, lost.map(|&at| (at..at, "\\"))) else { return false };
    let (Ok((meant, _)), Ok((read, _))) = (unescape(&doubled, '\\'), unescape(text, '`')) else { return false };
    // Nothing comes of a slash at either end of what is copied.
    let is_source = word.place == Place::Source && meant.trim_matches('\\') == read.trim_matches('\\');
    (meant == read || is_source) && !has_escapes_in_braces(text)
}

/// Whether an escape character stands within `${name:-…}`, which is read when the variable is.
fn has_escapes_in_braces(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut before = ' ';
    for char in text.chars() {
        match char {
            '{' if before == '$' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '\\' | '`' if depth > 0 => return true,
            _ => {}
        }
        before = char;
    }
    false
}

/// Whether heredocs are the same, and hold nothing that COPY and ADD would read differently.
fn has_same_bodies(old: &Instruction, text: &str, with: &Instruction, new: &str) -> bool {
    let is_expanded = matches!(old.keyword, Some(Keyword::Copy | Keyword::Add | Keyword::Onbuild));
    let same = |(a, b): (&syntax::Heredoc, &syntax::Heredoc)| {
        let body = text.get(a.body.range());
        let reads_same = !(is_expanded && a.expand) || body.is_some_and(|body| !body.contains(['\\', '`']));
        (&a.name, a.strip_tabs, a.expand) == (&b.name, b.strip_tabs, b.expand)
            && body == new.get(b.body.range())
            && reads_same
    };
    old.heredocs.len() == with.heredocs.len() && old.heredocs.iter().zip(&with.heredocs).all(same)
}
