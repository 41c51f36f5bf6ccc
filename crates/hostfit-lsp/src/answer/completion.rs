//! Completion: tags and repositories of base images, labels and values of the fleet, Swarm constraints, isolation modes,
//! values and helpers of charts, rule ids. What is being typed rarely parses, so the text of the line decides, not the tree.

mod image;
mod placement;
mod template;

use std::path::Path;

use hostfit_core::{
    rules,
    source::{Source, SourceId, Span},
};

use super::{View, hover::isolation, markdown::plain, yaml};

/// One thing that may be meant. They are in the order to be shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is called.
    pub label: String,
    /// What kind of thing it is.
    pub kind: ItemKind,
    /// One line of plain text beside it.
    pub detail: String,
    /// More of it, Markdown; may be empty.
    pub documentation: String,
    /// The bytes that it takes the place of.
    pub span: Span,
    /// What is written there.
    pub text: String,
    /// Whether its support is over.
    pub is_deprecated: bool,
}

/// Kinds of things that are completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// The tag of an image.
    Tag,
    /// A repository.
    Repository,
    /// A node label's name, or the key of a constraint.
    Key,
    /// A value.
    Value,
    /// A rule id.
    Rule,
}

/// A longer line is not looked at: nobody types in it.
const MAX_LINE: usize = 10_000;

/// What may be meant at `offset`.
pub fn complete(view: &View<'_>, source: SourceId, offset: u32) -> Vec<Item> {
    let Some(text) = view.source(source) else { return Vec::new() };
    let line = text.line_span(offset);
    let Some(before) = text.text.get(line.start as usize..offset as usize).filter(|_| line.len() <= MAX_LINE) else {
        return Vec::new();
    };
    let typing = Typing { source: text, line, before, offset };
    if let Some(list) = ignore_list(before) {
        return rule_ids(view, &typing, list);
    }
    if let Some(items) = template::complete(view, &typing) {
        return items;
    }
    if before.trim_start().starts_with('#') {
        return Vec::new();
    }
    if let Some(items) = image::complete(view, &typing) {
        return items;
    }
    if let Some(items) = engine_option(&typing) {
        return items;
    }
    if view.is_dockerfile(text) || is_toml(text) {
        return Vec::new();
    }
    let Some(cursor) = yaml::cursor(&text.text, offset as usize) else { return Vec::new() };
    placement::complete(view, &typing, &cursor).unwrap_or_default()
}

/// The line that is typed in.
struct Typing<'t> {
    source: &'t Source,
    line: Span,
    /// What stands on it before the cursor.
    before: &'t str,
    offset: u32,
}

impl<'t> Typing<'t> {
    /// What stands on the line behind the cursor.
    fn after(&self) -> &'t str {
        self.source.text.get(self.offset as usize..self.line.end as usize).unwrap_or_default()
    }

    /// The bytes from `start` of the text to the end of the word that the cursor is in.
    fn word(&self, start: usize, is_word: impl Fn(char) -> bool) -> Span {
        let rest = self.after();
        let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
        Span::new(self.source.id, start..self.offset as usize + end)
    }
}

/// What is typed of the list in `# hostfit: ignore[` or `{{/* hostfit: ignore[`, up to the cursor.
fn ignore_list(before: &str) -> Option<&str> {
    let (code, comment) = before.rsplit_once("hostfit:")?;
    let comment = comment.trim_start();
    let rest = comment.strip_prefix("ignore-file").or_else(|| comment.strip_prefix("ignore"))?;
    let list = rest.strip_prefix('[')?;
    (code.trim_end().ends_with(['#', '*']) && !list.contains(']')).then_some(list)
}

/// Those first that have a finding near the comment.
fn rule_ids(view: &View<'_>, typing: &Typing<'_>, list: &str) -> Vec<Item> {
    let typed = list.rsplit(',').next().unwrap_or_default().trim_start();
    let start = typing.offset as usize - typed.len();
    let span = typing.word(start, |char| char.is_ascii_alphanumeric() || char == '-');
    let listed: Vec<_> = list.split(',').map(str::trim).collect();
    let next = typing.source.line_span(typing.line.end.saturating_add(2));
    let near = typing.line.cover(next);
    let findings = view.report.findings.iter().filter(|it| it.span.source == near.source);
    let here: Vec<_> = findings.filter(|it| near.start <= it.span.start && it.span.start <= near.end).collect();
    let is_here = |id: &str| here.iter().any(|finding| finding.rule == id);
    let mut rules: Vec<_> = rules::RULES.iter().filter(|rule| rule.id == typed || !listed.contains(&rule.id)).collect();
    rules.sort_by_key(|rule| !is_here(rule.id));
    let item = |rule: &&&hostfit_core::rule::Rule| Item {
        label: rule.id.to_owned(),
        kind: ItemKind::Rule,
        detail: if is_here(rule.id) { "reported here".to_owned() } else { String::new() },
        documentation: format!("{}.", plain(rule.summary)),
        span,
        text: rule.id.to_owned(),
        is_deprecated: false,
    };
    rules.iter().map(item).collect()
}

fn isolation_modes(prefix: &str, span: Span) -> Vec<Item> {
    let item = |(mode, about): &(&str, &str)| Item {
        label: format!("{prefix}{mode}"),
        kind: ItemKind::Value,
        detail: (*about).to_owned(),
        documentation: String::new(),
        span,
        text: format!("{prefix}{mode}"),
        is_deprecated: false,
    };
    isolation::MODES.iter().map(item).collect()
}

/// `"exec-opts": ["isolation=…"]` of a `daemon.json`, and `isolation = "…"` of a host.
fn engine_option(typing: &Typing<'_>) -> Option<Vec<Item>> {
    let is_word = |char: char| char.is_ascii_alphanumeric() || char == '=';
    let (code, typed) = typing.before.rsplit_once('"')?;
    let is_open = code.matches('"').count() % 2 == 0;
    let start = typing.offset as usize - typed.len();
    let name = typing.source.path.rsplit('/').next().unwrap_or_default();
    if name.eq_ignore_ascii_case("daemon.json") {
        let in_options = is_open && is_in_options(typing);
        return in_options.then(|| isolation_modes("isolation=", typing.word(start, is_word)));
    }
    let key = code.trim_end().strip_suffix('=')?.trim_end().rsplit(['{', ',', ' ']).next()?;
    let is_host = is_toml(typing.source) && is_open && key == "isolation";
    is_host.then(|| isolation_modes("", typing.word(start, is_word)))
}

fn is_toml(source: &Source) -> bool {
    Path::new(&source.path).extension().is_some_and(|it| it.eq_ignore_ascii_case("toml"))
}

/// Whether the cursor is in the list of `exec-opts`: no bracket closes behind the key.
fn is_in_options(typing: &Typing<'_>) -> bool {
    /// More than that nobody writes between the key and an option.
    const NEAR: usize = 2000;
    let end = typing.offset as usize;
    let text = typing.source.text.as_bytes().get(end.saturating_sub(NEAR)..end).unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    let list = text.rsplit_once("\"exec-opts\"").map(|(_, list)| list.trim_start_matches([':', ' ', '\r', '\n', '\t']));
    list.is_some_and(|list| list.starts_with('[') && !list.contains(']'))
}
