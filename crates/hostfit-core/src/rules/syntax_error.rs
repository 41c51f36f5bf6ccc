use super::rule;
use crate::{
    front::{Content, Unit},
    rule::Cx,
};

rule! {
    /// The program that reads this file refuses it here: BuildKit a Dockerfile, Compose or kubectl a YAML file. hostfit
    /// checks what it can still read of the file.
    ///
    /// What begins with a dollar sign is read as the file's own reader does: `docker stack deploy` knows fewer forms than
    /// Compose and refuses `${TAG:+x}` and `$1`.
    ///
    /// A file over 8 MiB, nesting over 128 levels and YAML whose aliases expand past 1,000,000 nodes are reported so too.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    ///  RUM dir
    /// #^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// RUN dir
    /// ```
    id: "syntax-error",
    summary: "the program that reads this file refuses it here",
    severity: Error,
    check: Unit(check),
}

fn check(unit: &Unit, cx: &mut Cx) {
    let mut defaults = Vec::new();
    if let Content::Dockerfile(file) = &unit.content {
        if cx.sources.get(unit.source).is_some_and(|source| says_nothing(&source.text)) {
            return;
        }
        if file.has_broken_defaults() {
            let builds = cx.project.builds.iter().filter(|build| build.source == unit.source);
            defaults.extend(builds.flat_map(|build| &build.broken_defaults).map(|(span, message)| (*span, message)));
            defaults.sort();
            defaults.dedup();
        }
    }
    for (span, message) in unit.errors.iter().map(|error| (error.span, &error.message)).chain(defaults) {
        cx.report(span, message.clone());
    }
    for refused in cx.project.refused_in(unit.source) {
        cx.report(refused.span, refused.message.clone());
    }
}

/// Whether a Dockerfile is empty but for comments: nothing in it shows that it is meant to be built.
fn says_nothing(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').lines().all(|line| matches!(line.trim_start().chars().next(), None | Some('#')))
}
