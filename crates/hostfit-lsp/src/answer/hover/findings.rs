//! Notes and help of the findings at a place: a client's problem list shows their headlines only.

use hostfit_core::{finding::Finding, rule, source::SourceId};

use super::{
    super::{
        View,
        markdown::{code, inline},
        touches,
    },
    Hover,
};

/// Of so many findings at one place; more would hide what else there is.
const MOST: usize = 3;

/// Adds what the findings at `offset` say beside their headlines.
pub(super) fn added(hover: Option<Hover>, view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    let here = view.report.findings.iter().filter(|finding| touches(finding.span, source, offset)).take(MOST);
    let mut paragraphs: Vec<String> = Vec::new();
    let mut span = None;
    for finding in here.filter(|finding| finding.message.lines().next().is_some()) {
        span = span.or(Some(finding.span));
        paragraphs.push(of(finding));
    }
    let findings = paragraphs.join("\n\n");
    match (hover, span) {
        (Some(hover), Some(_)) => Some(Hover { markdown: format!("{}\n\n---\n\n{findings}", hover.markdown), ..hover }),
        (None, Some(span)) => Some(Hover { span, markdown: findings }),
        (hover, None) => hover,
    }
}

fn of(finding: &Finding) -> String {
    let lines = finding.message.lines().map(|(word, text)| format!("*{word}:* {}", inline(text)));
    let head = format!("[{}]({})", code(finding.rule), rule::url(finding.rule));
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("  \n")
}
