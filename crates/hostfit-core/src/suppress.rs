//! Ignore comments: `# hostfit: ignore[rule-id]` at the end of a line or alone on the line above it, and
//! `# hostfit: ignore-file[rule-id]` at the top of a file.

use rustc_hash::FxHashMap;

use crate::{
    finding::Finding,
    front::Unit,
    source::{Source, SourceId, Sources, Span},
};

/// What one comment silences.
#[derive(Debug, PartialEq, Eq)]
struct Ignore<'s> {
    /// Rule ids.
    rules: Vec<&'s str>,
    /// The line whose findings it silences, as the offset of its first byte; none: the whole file.
    line: Option<u32>,
}

/// Takes away the findings that comments silence.
pub fn apply(sources: &Sources, units: &[Unit], findings: Vec<Finding>) -> Vec<Finding> {
    let mut ignores: FxHashMap<SourceId, Vec<Ignore>> = FxHashMap::default();
    for unit in units {
        let Some(source) = sources.get(unit.source) else { continue };
        let own = read(source, &unit.comments);
        if !own.is_empty() {
            ignores.insert(unit.source, own);
        }
    }
    if ignores.is_empty() {
        return findings;
    }
    let silenced = |finding: &Finding| {
        let source = sources.get(finding.span.source)?;
        let line = source.line_span(finding.span.start).start;
        let own = ignores.get(&finding.span.source)?;
        let hit = |it: &Ignore| it.rules.contains(&finding.rule) && it.line.is_none_or(|at| at == line);
        own.iter().any(hit).then_some(())
    };
    findings.into_iter().filter(|finding| silenced(finding).is_none()).collect()
}

fn read<'s>(source: &'s Source, comments: &[Span]) -> Vec<Ignore<'s>> {
    let mut found = Vec::new();
    for comment in comments {
        let text = source.slice(*comment);
        let Some(rest) = text.trim_start_matches('#').trim_start().strip_prefix("hostfit:") else { continue };
        let rest = rest.trim_start();
        let (whole_file, rest) = match rest.strip_prefix("ignore-file") {
            Some(rest) => (true, rest),
            None => match rest.strip_prefix("ignore") {
                Some(rest) => (false, rest),
                None => continue,
            },
        };
        let Some((list, _)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else { continue };
        let rules = list.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
        if !whole_file {
            found.push(Ignore { rules, line: Some(silenced_line(source, *comment)) });
        } else if is_at_top(source, *comment) {
            found.push(Ignore { rules, line: None });
        }
    }
    found
}

/// The comment's own line if something stands before it there, else the next line that is no comment.
fn silenced_line(source: &Source, comment: Span) -> u32 {
    let line = source.line_span(comment.start);
    let before = source.text.get(line.start as usize..comment.start as usize).unwrap_or_default();
    if !before.trim_matches(['\u{feff}', ' ', '\t']).is_empty() {
        return line.start;
    }
    let mut next = comment.end;
    loop {
        let after = source.text.get(next as usize..).and_then(|rest| rest.find('\n')).map(|at| next + small(at) + 1);
        let Some(start) = after else { return line.start };
        let line = source.line_span(start);
        if !source.slice(line).trim_start().starts_with('#') {
            return start;
        }
        next = line.end;
    }
}

/// Whether nothing but comments, blank lines and document marks stand before it.
fn is_at_top(source: &Source, comment: Span) -> bool {
    let before = source.text.get(..comment.start as usize).unwrap_or_default();
    before
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with('#') || line == "---")
}

fn small(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores(text: &str) -> Vec<(Vec<String>, Option<u32>)> {
        let source = Source::from_text(SourceId(0), "f", text);
        let comments: Vec<_> = text
            .match_indices("# ")
            .map(|(at, _)| {
                let len = text.get(at..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
                Span::new(SourceId(0), at..at + len)
            })
            .collect();
        let own = read(&source, &comments);
        own.into_iter().map(|it| (it.rules.into_iter().map(str::to_owned).collect(), it.line)).collect()
    }

    #[test]
    fn a_comment_at_the_end_of_a_line_silences_that_line() {
        assert_eq!(ignores("a: b # hostfit: ignore[x, y]\nc: d\n"), [(vec!["x".into(), "y".into()], Some(0))]);
    }

    #[test]
    fn a_comment_alone_silences_the_next_line_that_is_none() {
        assert_eq!(ignores("# hostfit: ignore[x]\n# why\nc: d\n"), [(vec!["x".into()], Some(27))]);
    }

    #[test]
    fn a_file_is_ignored_at_its_top_only() {
        assert_eq!(ignores("\u{feff}# hostfit: ignore-file[x]\n"), [(vec!["x".into()], None)]);
        assert_eq!(ignores("a: b\n# hostfit: ignore-file[x]\n"), []);
    }
}
