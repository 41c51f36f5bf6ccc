//! `hostfit check`.

use std::io::{BufWriter, Write, stderr, stdout};

use hostfit_core::{
    check,
    config::{Config, FailOn},
    finding::{Finding, Severity},
    rules,
    source::Sources,
};

use crate::{
    Exit,
    args::{self, Check, Inputs, Judging, ReportFormat},
    clock,
    error::Error,
    files::{Folder, Skipped},
    output::Outputs,
    report::{self, Run},
    repository::Repository,
    terminal::Style,
};

pub(crate) fn run(args: &Check) -> Result<Exit, Error> {
    known(&args.judging)?;
    let folder = Folder::current()?;
    let outputs = Outputs::new(&args.outputs, &folder)?;
    let (mut settings, files) = super::load(&args.inputs)?;
    apply(&args.judging, &mut settings.config);
    let sources = Sources::new(files.sources);
    let today = args.judging.as_of.unwrap_or_else(clock::today);
    let report = check::check(&sources, &files.units, &settings.config, today);
    let checked: Vec<_> = files.units.iter().map(|unit| unit.source).collect();
    let repository = Repository::of(&folder.path);
    let category = category(&args.inputs, &folder, repository.as_ref());
    let run = Run {
        findings: &report.findings,
        suppressed: &report.suppressed,
        has_baseline: false,
        sources: &sources,
        checked: &checked,
        skipped: &files.skipped,
        fail_on: fail_on(&args.judging, &settings.config),
        project: &report.project,
        repository: repository.as_ref(),
        category: &category,
    };
    outputs.spare(&sources, &folder)?;
    outputs.write(&run)?;
    let mut out = BufWriter::new(stdout().lock());
    report::write(args.format, &run, Style::stdout(args.inputs.color), &mut out)?;
    out.flush()?;
    tell(args, &run);
    Ok(exit(run.findings, run.fail_on))
}

/// A name for runs that look at the same files in the same way, so that of two runs of one repository none takes the place
/// of the other: the working folder, and the configuration and the fleet that the command line names.
fn category(inputs: &Inputs, folder: &Folder, repository: Option<&Repository>) -> String {
    let working = repository.map(|it| it.folder.clone()).filter(|it| !it.is_empty());
    let named = [&inputs.config, &inputs.fleet].into_iter().flatten().map(|path| folder.show(path));
    let parts = std::iter::once("hostfit".to_owned()).chain(working).chain(named);
    parts.map(|part| part + "/").collect()
}

/// Whether there are rules of these names.
pub(super) fn known(judging: &Judging) -> Result<(), Error> {
    let known = rules::ids();
    match judging.select.iter().chain(&judging.ignore).find(|id| !known.contains(&id.as_str())) {
        Some(id) => Err(super::unknown_rule(id)),
        None => Ok(()),
    }
}

/// The command line speaks before the configuration.
pub(super) fn apply(judging: &Judging, config: &mut Config) {
    if !judging.select.is_empty() {
        judging.select.clone_into(&mut config.select);
        config.ignore.retain(|id| !judging.select.contains(id));
    }
    config.ignore.extend(judging.ignore.iter().cloned());
}

/// What is no finding goes to stderr. That nobody may read it is no failure of the run.
fn tell(args: &Check, run: &Run) {
    tell_skipped(&args.inputs, run.skipped);
    let mut err = stderr().lock();
    if args.format == ReportFormat::Human && !args.inputs.quiet {
        let _ = writeln!(err, "{}", report::human::summary(run));
    }
}

pub(super) fn tell_skipped(inputs: &Inputs, skipped: &[Skipped]) {
    let mut err = stderr().lock();
    for Skipped { path, reason, advice } in skipped {
        let (path, advice) = (report::human::clean(path), report::human::clean(advice));
        if *reason == "unreadable" && !inputs.quiet {
            let _ = writeln!(err, "warning: {path} can't be read: {advice}");
        } else if inputs.verbose {
            let _ = writeln!(err, "skipped: {path} ({reason}): {advice}");
        }
    }
}

/// The least severity that makes the run fail, unless nothing does.
pub(super) fn fail_on(judging: &Judging, config: &Config) -> Option<Severity> {
    match (judging.fail_on, config.fail_on) {
        (Some(args::FailOn::Error), _) => Some(Severity::Error),
        (Some(args::FailOn::Warning), _) | (None, None) => Some(Severity::Warning),
        (Some(args::FailOn::Info), _) => Some(Severity::Info),
        (Some(args::FailOn::Never), _) | (None, Some(FailOn::Never)) => None,
        (None, Some(FailOn::Severity(severity))) => Some(severity),
    }
}

pub(super) fn exit(findings: &[Finding], fail_on: Option<Severity>) -> Exit {
    let fails = |finding: &Finding| fail_on.is_some_and(|least| finding.severity >= least);
    if findings.iter().any(fails) { Exit::Findings } else { Exit::Clean }
}
