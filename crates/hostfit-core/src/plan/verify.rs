//! What `check` says of the files once all edits are made and the hosts have moved: what the plan does not bring about has to
//! be announced.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::Left;
use crate::{
    check::{self, Report},
    config::Config,
    finding::{Edit, Finding, Severity},
    front::{self, Outcome, Unit},
    source::{Source, SourceId, Sources},
    windows::Date,
};

/// The errors of the edited files with the hosts as they will be, but for those that are reported of the files as they are,
/// with the hosts as they are (`report`, which was judged by `present`).
pub(super) fn left(
    sources: &mut Sources,
    units: &mut [Unit],
    edits: &BTreeMap<SourceId, Vec<Edit>>,
    future: &Config,
    today: Date,
    (report, present): (&Report, &Config),
) -> Vec<Left> {
    let known: FxHashSet<_> = errors(report).map(|finding| key(finding, report, present, sources)).collect();
    // The texts that were there, and what they hold.
    let mut old: Vec<(Source, Option<(usize, Unit)>)> = Vec::new();
    for (id, edits) in edits {
        let Some(text) = sources.get(*id).map(|source| with(source, edits)) else { continue };
        let Some(path) = sources.get(*id).map(|source| source.path.clone()) else { continue };
        let rendered = sources.rendered(*id).map(|rendered| {
            let lengths: Vec<_> = edits.iter().map(|it| (it.span.start..it.span.end, it.text.len())).collect();
            rendered.with(&lengths)
        });
        let source = Source::from_text(*id, path, text);
        let source = match rendered {
            Some(rendered) => source.rendered_from(rendered),
            None => source,
        };
        let place = units.iter().position(|unit| unit.source == *id);
        let read = place.and_then(|place| Some((place, front::read_edited(&source, units.get(place)?))));
        let unit = match read {
            Some((place, Outcome::Unit(unit))) => units.get_mut(place).map(|own| (place, std::mem::replace(own, unit))),
            _ => None,
        };
        old.extend(sources.replace(source).map(|source| (source, unit)));
    }
    let after = check::check(sources, units, future, today);
    let new = errors(&after).filter(|finding| !known.contains(&key(finding, &after, future, sources)));
    let left = new.filter_map(|finding| {
        let source = sources.get(finding.span.source)?;
        Some(Left {
            rule: finding.rule,
            message: finding.message.headline.clone(),
            help: finding.message.help.clone(),
            path: source.path.clone(),
            start: source.position(finding.span.start),
            end: source.position(finding.span.end),
            workload: after.answers(future).workload_name(finding),
        })
    });
    let left = left.collect();
    for (source, unit) in old {
        sources.replace(source);
        if let Some((place, unit)) = unit
            && let Some(own) = units.get_mut(place)
        {
            *own = unit;
        }
    }
    left
}

fn errors(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.severity == Severity::Error)
}

/// What an error is known by before and after edits: the rule, the file and the workload.
fn key(
    finding: &Finding,
    report: &Report,
    config: &Config,
    sources: &Sources,
) -> (&'static str, String, Option<String>) {
    let path = sources.get(finding.span.source).map(|source| source.path.clone()).unwrap_or_default();
    (finding.rule, path, report.answers(config).workload_name(finding))
}

/// The text of a file with these edits, which are in order and do not overlap.
fn with(source: &Source, edits: &[Edit]) -> String {
    let mut text = String::with_capacity(source.text.len());
    let mut from = 0;
    for edit in edits {
        text.push_str(source.text.get(from..edit.span.range().start).unwrap_or_default());
        text.push_str(&edit.text);
        from = edit.span.range().end;
    }
    text.push_str(source.text.get(from..).unwrap_or_default());
    text
}
