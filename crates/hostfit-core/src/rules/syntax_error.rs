use super::{exec_form_not_json, rule, stages};
use crate::{
    finding::Message,
    front::{Content, Unit},
    model::DockerfileBuild,
    rule::Cx,
    source::Span,
};

rule! {
    /// ## What it checks
    /// Whether the program that reads the file accepts it: BuildKit a Dockerfile, Compose or kubectl a YAML file.
    /// Variables are read as that program reads them: `docker stack deploy` knows fewer forms than Compose and refuses
    /// `${TAG:+x}` and `$1`. A file over 8 MiB, nesting over 128 levels and YAML whose aliases expand past 1,000,000
    /// nodes are reported too.
    ///
    /// ## Why it matters
    /// The build or the deployment fails with this error. hostfit checks what it can read of the rest of the file.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    ///  RUM dir
    /// #^^^
    /// ```
    ///
    /// ## Fix
    /// Correct the file at the reported place. A Dockerfile has no comments at the end of a line.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// RUN dir
    /// ```
    id: "syntax-error",
    summary: "a file that the program which reads it refuses",
    severity: Error,
    check: Unit(check),
}

fn check(unit: &Unit, cx: &mut Cx) {
    let refused = cx.project.refused_in(unit.source);
    let mut defaults = Vec::new();
    if let Content::Dockerfile(file) = &unit.content {
        // The text is read only where there is something to report.
        let is_fine = unit.errors.is_empty() && refused.is_empty() && !file.has_broken_defaults();
        if is_fine || cx.sources.get(unit.source).is_some_and(|source| says_nothing(&source.text)) {
            return;
        }
        if file.has_broken_defaults() {
            let broken = builds_of(unit, cx).flat_map(|build| &build.broken_defaults);
            defaults.extend(broken.map(|(span, message)| (*span, message)));
            defaults.sort();
            defaults.dedup();
        }
    }
    let mut arrays = arrays(unit, cx);
    let reported = refused_shells(unit, cx);
    for error in unit.errors.iter().filter(|error| !reported.contains(&error.span)) {
        // The builder stops at the first word of an array that is not JSON; the others are the same fault.
        let next = arrays.partition_point(|(array, _)| array.start <= error.span.start);
        let array = next.checked_sub(1).and_then(|place| arrays.get_mut(place));
        if let Some((_, is_reported)) = array.filter(|(array, _)| array.holds(error.span))
            && std::mem::replace(is_reported, true)
        {
            continue;
        }
        cx.report(error.span, message(&error.message, error.help.as_ref()));
    }
    for (span, message) in defaults {
        cx.report(span, message.as_str());
    }
    for refused in refused {
        cx.report(refused.span, message(&refused.message, refused.help.as_ref()));
    }
}

/// The arrays of a Dockerfile that are not JSON, in order, of which nothing is reported yet.
fn arrays(unit: &Unit, cx: &Cx) -> Vec<(Span, bool)> {
    if unit.errors.is_empty() || !matches!(unit.content, Content::Dockerfile(_)) {
        return Vec::new();
    }
    let arrays = builds_of(unit, cx).flat_map(|build| &build.stages).flat_map(|stage| &stage.not_json);
    let mut spans: Vec<_> = arrays.map(|it| it.span).filter(|span| span.source == unit.source).collect();
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    spans.dedup();
    spans.into_iter().map(|span| (span, false)).collect()
}

/// The arguments of SHELL for which the build fails and `exec-form-not-json` says so.
fn refused_shells(unit: &Unit, cx: &Cx) -> Vec<Span> {
    let mut errors = unit.errors.iter();
    if !errors.any(|error| error.message.starts_with("SHELL requires"))
        || !cx.config.is_enabled(exec_form_not_json::RULE.id, unit.source)
    {
        return Vec::new();
    }
    let stages = builds_of(unit, cx).flat_map(|build| stages::windows(build, cx));
    let arrays = stages.flat_map(|windows| &windows.stage.not_json);
    arrays.filter(|it| it.is_refused).map(|it| it.span).collect()
}

fn builds_of<'p>(unit: &Unit, cx: &Cx<'p>) -> impl Iterator<Item = &'p DockerfileBuild> {
    let source = unit.source;
    cx.project.builds.iter().filter(move |build| build.source == source)
}

fn message(headline: &str, help: Option<&String>) -> Message {
    Message { help: help.cloned(), ..Message::new(headline) }
}

/// Whether a Dockerfile is empty but for comments: nothing in it shows that it is meant to be built.
fn says_nothing(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').lines().all(|line| matches!(line.trim_start().chars().next(), None | Some('#')))
}
