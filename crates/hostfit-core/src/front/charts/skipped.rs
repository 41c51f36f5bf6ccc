//! What is not judged of charts and kustomizations, and why, in words that fit a line.

/// A document, or a part of a chart, that is not judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// The template that would write it, or the `Chart.yaml`, values or object that is why.
    pub path: String,
    /// `helm: include "common.labels" is not in the tree`.
    pub reason: String,
    /// The line of it.
    pub line: Option<u32>,
    /// Whether dependencies of the chart are not there, which `helm dependency build` brings.
    pub lacks_dependencies: bool,
}

/// The part of a template that wrote what stands at `at`, or left it out.
pub(super) fn written_by(uses: &[hostfit_render::Use], at: u32) -> Option<hostfit_render::Place> {
    let first = uses.partition_point(|used| used.end < at);
    let mut here = uses.get(first..)?.iter();
    let one = here.next()?;
    // What left something out wrote nothing.
    let other = here.next().filter(|other| one.end == at && other.end == at);
    Some(other.unwrap_or(one).place)
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// So many characters of a reason are shown: charts fail with whole pages.
const MAX_REASON: usize = 100;

/// The first line of a message that says something, without the decoration around it.
pub(super) fn brief(message: &str) -> String {
    let is_decoration =
        |it: char| it.is_whitespace() || "*=#_~-+|".contains(it) || ('\u{2500}'..='\u{27bf}').contains(&it);
    let says_something = |line: &&str| line.chars().filter(|it| it.is_alphanumeric()).count() > 1;
    let line = message.lines().map(|line| line.trim_matches(is_decoration)).find(says_something);
    let line = one_line(line.unwrap_or(message));
    match line.char_indices().nth(MAX_REASON) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}
