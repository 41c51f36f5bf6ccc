//! Ignore comments: `# hostfit: ignore[rule-id]` at the end of a line or alone on the line above it, and
//! `# hostfit: ignore-file[rule-id]` at the top of a file. `until=2027-01-11` may follow, then a reason.

mod near_miss;

use rustc_hash::FxHashMap;

use crate::{
    config::Config,
    finding::{Edit, Finding, Fix, Message, Severity},
    front::{Content, Unit},
    nearest::nearest,
    rule::{Check, Rule},
    rules,
    source::{Source, SourceId, Sources, Span, saturating_u32},
    windows::Date,
};

/// The rule that reports comments which suppress nothing.
const UNUSED: &str = "unused-ignore";

/// What one comment suppresses.
#[derive(Debug)]
struct Ignore<'s> {
    /// Rule ids, with their bytes, and whether each suppressed something.
    rules: Vec<(&'s str, Span, bool)>,
    scope: Scope,
    /// The text after `until=`, with its bytes.
    until: Option<(&'s str, Span)>,
    /// The text after that.
    reason: &'s str,
    /// The comment.
    span: Span,
}

/// The findings that a comment suppresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scope {
    /// Those of the line that starts at this offset.
    Line(u32),
    File,
    /// None: `ignore-file` stands below the top.
    Misplaced,
    /// None: the comment is not in the right form.
    Malformed,
}

/// A finding that is not reported.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// What would have been reported.
    pub finding: Finding,
    /// What suppressed it.
    pub by: By,
}

/// What suppresses findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// An ignore comment.
    Comment {
        /// Its bytes.
        span: Span,
        /// What it says after its rules and its last day; may be empty.
        reason: String,
    },
    /// The baseline, which lists it.
    Baseline,
}

/// Separates the findings that comments suppress from the others, and adds those about comments that suppress nothing.
pub fn apply(
    sources: &Sources,
    units: &[Unit],
    findings: Vec<Finding>,
    config: &Config,
    today: Date,
) -> (Vec<Finding>, Vec<Suppressed>) {
    let mut ignores: Vec<Ignore> = Vec::new();
    let of_units = units.iter().map(|unit| (unit.source, &unit.comments));
    let of_config = config.files.iter().map(|file| (file.source, &file.comments));
    for (source, comments) in of_units.chain(of_config) {
        if let Some(source) = sources.get(source) {
            ignores.extend(read(source, comments));
        }
    }
    if ignores.is_empty() {
        return (findings, Vec::new());
    }
    let mut places: FxHashMap<(SourceId, Scope), Vec<usize>> = FxHashMap::default();
    for (number, ignore) in ignores.iter().enumerate().filter(|(_, ignore)| ignore.holds(today)) {
        places.entry((ignore.span.source, ignore.scope)).or_default().push(number);
    }
    let mut suppressed_by = |finding: &Finding| {
        let source = sources.get(finding.span.source)?;
        let line = source.line_span(finding.span.start).start;
        let mut by = None;
        for scope in [Scope::Line(line), Scope::File] {
            for &number in places.get(&(source.id, scope)).into_iter().flatten() {
                let Some(ignore) = ignores.get_mut(number) else { continue };
                for (_, _, used) in ignore.rules.iter_mut().filter(|(id, ..)| *id == finding.rule) {
                    *used = true;
                    by.get_or_insert_with(|| By::Comment { span: ignore.span, reason: ignore.reason.to_owned() });
                }
            }
        }
        by
    };
    let (mut left, mut suppressed) = (Vec::with_capacity(findings.len()), Vec::new());
    for finding in findings {
        match suppressed_by(&finding) {
            Some(by) => suppressed.push(Suppressed { finding, by }),
            None => left.push(finding),
        }
    }
    let rendered = Rendered::of(units, sources);
    let is_seen = |ignore: &&Ignore<'_>| !rendered.is_unseen(ignore, sources);
    for ignore in ignores.iter().filter(|it| config.is_enabled(UNUSED, it.span.source)).filter(is_seen) {
        if let Some(source) = sources.get(ignore.span.source) {
            ignore.report(source, config, today, &mut left);
        }
    }
    (left, suppressed)
}

/// The bytes of files of charts that a rendered text comes from.
struct Rendered {
    by_file: FxHashMap<SourceId, Vec<Span>>,
}

impl Rendered {
    fn of(units: &[Unit], sources: &Sources) -> Self {
        let members =
            units.iter().filter(|unit| matches!(unit.content, Content::Chart(_)) && !unit.comments.is_empty());
        let mut by_file: FxHashMap<_, Vec<_>> = members.map(|unit| (unit.source, Vec::new())).collect();
        if !by_file.is_empty() {
            let pieces = sources.iter().filter_map(|source| source.rendered.as_deref()).flat_map(|it| &it.pieces);
            for span in pieces.flat_map(|piece| piece.origin.spans()) {
                by_file.get_mut(&span.source).into_iter().for_each(|spans| spans.push(*span));
            }
        }
        Self { by_file }
    }

    /// Whether no rendering has what a comment suppresses.
    fn is_unseen(&self, ignore: &Ignore<'_>, sources: &Sources) -> bool {
        let Some(spans) = self.by_file.get(&ignore.span.source) else { return false };
        match (ignore.scope, sources.get(ignore.span.source)) {
            (Scope::Line(at), Some(source)) => {
                let line = source.line_span(at);
                !spans.iter().any(|span| span.start < line.end && line.start < span.end)
            }
            _ => spans.is_empty(),
        }
    }
}

impl Ignore<'_> {
    /// Whether it suppresses anything on that day: to the end of the day that `until=` names.
    fn holds(&self, today: Date) -> bool {
        !matches!(self.scope, Scope::Misplaced | Scope::Malformed)
            && self.until.is_none_or(|(until, _)| Date::parse(until).is_some_and(|until| today <= until))
    }

    /// Reports what of it suppresses nothing.
    fn report(&self, source: &Source, config: &Config, today: Date, found: &mut Vec<Finding>) {
        if self.rules.iter().any(|(id, ..)| *id == UNUSED) {
            return;
        }
        let mut report = |span: Span, message: Message, fix: Option<Fix>| {
            // The configuration is the user's to change.
            let fix = fix.filter(|_| config.files.iter().all(|it| it.source != source.id));
            let finding = Finding::new(UNUSED, Severity::Warning, span, message);
            found.push(Finding { fixes: fix.into_iter().collect(), ..finding });
        };
        if self.scope == Scope::Malformed {
            let message = Message::new("this ignore comment has the wrong form and suppresses nothing");
            let right = near_miss::right_form(source.slice(self.span)).map(|right| format!("write `{right}`"));
            report(self.span, Message { help: right, ..message }, None);
            return;
        }
        if self.scope == Scope::Misplaced {
            let message = Message::new("`ignore-file` suppresses nothing below the top of the file");
            report(self.span, message.help("move it before everything else"), None);
            return;
        }
        if let Some((until, span)) = self.until.filter(|_| !self.holds(today)) {
            let message = match Date::parse(until) {
                Some(_) => {
                    Message::new(format!("this ignore comment ended on {until} and suppresses nothing any more"))
                        .help("fix what it hides, or set a later day")
                }
                None => Message::new(format!("`{until}` is not a date, so this ignore comment suppresses nothing"))
                    .help("write the day as in `until=2027-01-11`"),
            };
            report(span, message, None);
            return;
        }
        if self.rules.is_empty() {
            let message = Message::new("this ignore comment names no rule").help("write `# hostfit: ignore[rule-id]`");
            report(self.span, message, None);
        }
        for (number, &(id, span, used)) in self.rules.iter().enumerate() {
            if used {
                continue;
            }
            match rules::find(id) {
                Some(rule) if config.is_enabled(id, span.source) && is_judged(rule, span.source, config) => {
                    let place = if self.scope == Scope::File { "this file" } else { "its line" };
                    let message = Message::new(format!("`{id}` is ignored here, but {place} has no such finding"));
                    report(span, message.help("remove it"), self.without(number, source));
                }
                // It was not looked for.
                Some(_) => {}
                None => {
                    let near = nearest(id, rules::ids());
                    let message = Message::new(format!("there is no rule `{id}`, so this suppresses nothing"));
                    let renamed = near.map(|near| {
                        let edits = vec![Edit { span, text: near.to_owned() }];
                        let mut fix = Fix { edits, ..Fix::new(format!("write `{near}`")) };
                        fix.doubt("check that what it suppresses may stay");
                        fix
                    });
                    report(span, message, renamed.or_else(|| self.without(number, source)));
                }
            }
        }
    }
}

impl Ignore<'_> {
    /// Takes out the rule of that number; the whole comment where it is the only one.
    fn without(&self, number: usize, source: &Source) -> Option<Fix> {
        let at = |number: usize| self.rules.get(number).map(|(_, span, _)| *span);
        let own = at(number)?;
        let before = number.checked_sub(1).and_then(at);
        let span = match (before, at(number + 1)) {
            (None, None) => self.whole(source)?,
            (_, Some(next)) => Span { end: next.start, ..own },
            (Some(before), None) => Span { start: before.end, ..own },
        };
        let title = if span.holds(self.span) { "remove the comment" } else { "remove it from the comment" };
        Some(Fix { edits: vec![Edit { span, text: String::new() }], ..Fix::new(title) })
    }

    /// The comment with the blanks before it; with its line, where nothing else is on that. None where the line below
    /// would be read as a directive of the Dockerfile then, and where the comment says something to others too.
    fn whole(&self, source: &Source) -> Option<Span> {
        if !source.slice(self.span).starts_with('#') {
            return None;
        }
        let line = source.line_span(self.span.start);
        let before = source.text.get(line.start as usize..self.span.start as usize)?;
        let mark = before.len() - before.trim_start_matches('\u{feff}').len();
        let code = before.trim_start_matches('\u{feff}').trim_end_matches([' ', '\t']);
        if source.slice(self.span).trim_start_matches('#').contains('#') {
            return None;
        }
        if !code.is_empty() {
            return Some(Span { start: line.start + saturating_u32(mark + code.len()), ..self.span });
        }
        let rest = source.text.get(line.end as usize..)?;
        let end = line.end + rest.find('\n').map_or(saturating_u32(rest.len()), |at| saturating_u32(at) + 1);
        let below = source.slice(source.line_span(end)).trim_start();
        let is_directive = below.starts_with('#') && below.contains('=') && (line.start as usize) < top_end(source);
        (!is_directive).then(|| Span { start: line.start + saturating_u32(mark), end, ..line })
    }
}

/// Whether a rule looks at all that it could find in a file. Without a fleet, as where a hook checks one file with no
/// configuration, what becomes of workloads is not known. What comes of a configuration's images and build args depends on
/// which files are checked, what of its hosts on whether they are the fleet.
fn is_judged(rule: &Rule, file: SourceId, config: &Config) -> bool {
    if let Some(file) = config.files.iter().find(|it| it.source == file) {
        return file.is_fleet && matches!(rule.check, Check::Host(_));
    }
    config.fleets_of(&[file]).iter().any(|it| !it.fleet.hosts.is_empty())
        || !matches!(rule.check, Check::Failing(_) | Check::Workload(_) | Check::WorkloadOrFailing(..))
}

/// The rule ids that ignore comments name, known or not, with their bytes. Of `comments`, others are passed over.
pub fn named_rules<'s>(source: &'s Source, comments: &[Span]) -> Vec<(&'s str, Span)> {
    let ignores = read(source, comments).into_iter();
    ignores.flat_map(|ignore| ignore.rules).map(|(id, span, _)| (id, span)).collect()
}

fn read<'s>(source: &'s Source, comments: &[Span]) -> Vec<Ignore<'s>> {
    let mut found = Vec::new();
    let mut above = None;
    let mut top = None;
    for &comment in comments {
        let Some((whole_file, rest)) = directive(source.slice(comment)) else {
            if near_miss::right_form(source.slice(comment)).is_some() {
                let scope = Scope::Malformed;
                found.push(Ignore { rules: Vec::new(), scope, until: None, reason: "", span: comment });
            }
            continue;
        };
        // From here on `rest` is always the end of the comment.
        let at = |part: &str, rest: &str| {
            let start = comment.end as usize - rest.len();
            Span::new(source.id, start..start + part.len())
        };
        let (list, after) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).unwrap_or(("", ""));
        let mut ids = Vec::new();
        let mut start = rest.len().min(1);
        for part in list.split(',') {
            let id = part.trim();
            let before = start + (part.len() - part.trim_start().len());
            if !id.is_empty() {
                ids.push((id, at(id, rest.get(before..).unwrap_or_default()), false));
            }
            start += part.len() + 1;
        }
        let after = after.trim_start();
        let until = after.strip_prefix("until=").map(|rest| {
            let day = rest.split(char::is_whitespace).next().unwrap_or_default();
            (day, at(day, rest))
        });
        let reason = until.map_or(after, |(day, _)| after.get("until=".len() + day.len()..).unwrap_or_default());
        let reason = reason.trim_matches(|it: char| it.is_whitespace() || matches!(it, ':' | '-' | '–' | '—'));
        let scope = if !whole_file {
            Scope::Line(suppressed_line(source, comment, &mut above))
        } else if comment.start as usize <= *top.get_or_insert_with(|| top_end(source)) {
            Scope::File
        } else {
            Scope::Misplaced
        };
        found.push(Ignore { rules: ids, scope, until, reason, span: comment });
    }
    found
}

/// Whether a comment is for hostfit: whether it is about the whole file, and what follows `ignore`.
fn directive(comment: &str) -> Option<(bool, &str)> {
    let rest = comment.trim_start_matches('#').trim_start().strip_prefix("hostfit:")?.trim_start();
    let (whole_file, rest) = match rest.strip_prefix("ignore-file") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix("ignore")?),
    };
    (rest.trim().is_empty() || rest.starts_with('[')).then_some((whole_file, rest))
}

/// The comment's own line if something stands before it there, else the next line that is not a comment. `above` is what
/// this said of the last comment that stood alone, and where that is: those between share it.
fn suppressed_line(source: &Source, comment: Span, above: &mut Option<(u32, u32)>) -> u32 {
    let line = source.line_span(comment.start);
    let before = source.text.get(line.start as usize..comment.start as usize).unwrap_or_default();
    let is_blank = |text: &str| text.trim_matches(['\u{feff}', ' ', '\t']).is_empty();
    let alone = before.trim_end().strip_suffix("/*").and_then(|it| it.trim_end_matches(['-', ' ']).strip_suffix("{{"));
    if !is_blank(before) && !alone.is_some_and(is_blank) {
        return line.start;
    }
    if let Some((last, target)) = *above
        && (last..target).contains(&comment.start)
    {
        return target;
    }
    let mut next = comment.end;
    loop {
        let after =
            source.text.get(next as usize..).and_then(|rest| rest.find('\n')).map(|at| next + saturating_u32(at) + 1);
        let Some(start) = after else { return line.start };
        let line = source.line_span(start);
        let text = source.slice(line).trim_start();
        let is_comment = text.starts_with('#') || text.starts_with("{{/*") || text.starts_with("{{- /*");
        if !is_comment {
            *above = Some((comment.start, start));
            return start;
        }
        next = line.end;
    }
}

/// Where the first line starts that is not a comment, a blank line or a document mark.
fn top_end(source: &Source) -> usize {
    let mut end = 0;
    for line in source.text.split_inclusive('\n') {
        let text = line.trim_start_matches('\u{feff}').trim();
        if !(text.is_empty() || text.starts_with('#') || text == "---") {
            break;
        }
        end += line.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores(text: &str) -> Vec<(Vec<String>, Scope)> {
        let source = Source::from_text(SourceId(0), "f", text);
        let comments: Vec<_> = text
            .match_indices("# ")
            .map(|(at, _)| {
                let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end);
                Span::new(SourceId(0), at..end)
            })
            .collect();
        let own = read(&source, &comments);
        for (id, span, _) in own.iter().flat_map(|it| &it.rules) {
            assert_eq!(source.slice(*span), *id);
        }
        own.into_iter().map(|it| (it.rules.into_iter().map(|(id, ..)| id.to_owned()).collect(), it.scope)).collect()
    }

    #[test]
    fn a_comment_at_the_end_of_a_line_suppresses_that_line() {
        assert_eq!(ignores("a: b # hostfit: ignore[x, y]\nc: d\n"), [(vec!["x".into(), "y".into()], Scope::Line(0))]);
    }

    #[test]
    fn a_comment_alone_suppresses_the_next_line_of_content() {
        assert_eq!(ignores("# hostfit: ignore[x]\n# why\nc: d\n"), [(vec!["x".into()], Scope::Line(27))]);
        assert_eq!(
            ignores("# hostfit: ignore[x]\n# hostfit: ignore[y]\nc: d\n"),
            [(vec!["x".into()], Scope::Line(42)), (vec!["y".into()], Scope::Line(42))]
        );
    }

    #[test]
    fn a_file_is_ignored_at_its_top_only() {
        assert_eq!(ignores("\u{feff}# hostfit: ignore-file[x]\n"), [(vec!["x".into()], Scope::File)]);
        assert_eq!(ignores("a: b\n# hostfit: ignore-file[x]\n"), [(vec!["x".into()], Scope::Misplaced)]);
    }

    #[test]
    fn what_is_suppressed_keeps_its_comment_and_the_reason() {
        let from = "FROM mcr.microsoft.com/windows/servercore:2022\n";
        let cases = [
            ("# hostfit: ignore[unknown-tag]", ""),
            ("# hostfit: ignore[unknown-tag] our mirror has it", "our mirror has it"),
            ("# hostfit: ignore[unknown-tag]: our mirror", "our mirror"),
            ("# hostfit: ignore[unknown-tag, retired-tag] until=2027-01-11 -- our mirror", "our mirror"),
            ("# hostfit: ignore-file[unknown-tag] until=2027-01-11", ""),
        ];
        for (comment, expected) in cases {
            let source = Source::from_text(SourceId(0), "Dockerfile", format!("{comment}\n{from}"));
            let crate::front::Outcome::Unit(unit) = crate::front::read(&source) else { panic!("{comment}") };
            let (sources, today) = (Sources::new(vec![source]), Date { year: 2026, month: 11, day: 21 });
            let report = crate::check::check(&sources, &[unit], &Config::default(), today);
            let [Suppressed { finding, by: By::Comment { span, reason } }] = report.suppressed.as_slice() else {
                panic!("{:?}", report.suppressed)
            };
            assert_eq!((finding.rule, reason.as_str()), ("unknown-tag", expected));
            assert_eq!(sources.slice(*span), comment);
        }
    }

    #[test]
    fn an_expiry_and_a_reason_may_follow() {
        let text = "# hostfit: ignore[x] until=2027-01-11 migrating\na: b\n";
        let source = Source::from_text(SourceId(0), "f", text);
        let own = read(&source, &[Span::new(SourceId(0), 0..47)]);
        let [ignore] = own.as_slice() else { panic!("{own:?}") };
        assert_eq!(ignore.until.map(|(day, span)| (day, source.slice(span))), Some(("2027-01-11", "2027-01-11")));
        assert!(ignore.holds(Date { year: 2027, month: 1, day: 11 }));
        assert!(!ignore.holds(Date { year: 2027, month: 1, day: 12 }));
    }
}
