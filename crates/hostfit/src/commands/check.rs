//! `hostfit check`.

use std::{
    io::{BufWriter, Write, stderr, stdout},
    path::Path,
};

use hostfit_core::{
    check::{self, Report},
    config::{Choice, Config, FailOn},
    finding::{Finding, Severity},
    rules,
    source::Sources,
};

use crate::{
    Exit,
    args::{self, Check, Inputs, Judging, ReportFormat},
    baseline::{self, Unmet},
    clock,
    error::Error,
    files::{Folder, Skipped},
    output::Outputs,
    report::{self, Run, human::number},
    repository::Repository,
    terminal::Style,
};

pub(crate) fn run(args: &Check) -> Result<Exit, Error> {
    known(&args.judging)?;
    let folder = Folder::current()?;
    let outputs = Outputs::new(&args.outputs, &folder)?;
    let (mut settings, files) = super::load(&args.inputs, args.judging.changed)?;
    apply(&args.judging, &mut settings.config)?;
    let sources = Sources::new(files.sources);
    outputs.spare(&sources, [&args.judging.baseline, &args.write_baseline], &folder)?;
    let today = args.judging.as_of.unwrap_or_else(clock::today);
    let mut report = check::check(&sources, &files.units, &settings.config, today);
    // A baseline knows the whole repository, also where only a part of it is shown.
    let baseline = baseline(args, &mut report, &sources, &settings.config)?;
    super::keep_concerned(&mut report, files.changed.as_ref(), &sources, &files.units, &settings.config);
    let checked: Vec<_> = files.units.iter().map(|unit| unit.source).collect();
    let repository = Repository::of(&folder.path);
    let category = category(&args.inputs, &folder, repository.as_ref());
    let run = Run {
        findings: &report.findings,
        suppressed: &report.suppressed,
        has_baseline: settings.config.baseline.is_some() || args.write_baseline.is_some(),
        sources: &sources,
        checked: &checked,
        skipped: &files.skipped,
        fail_on: fail_on(&args.judging, &settings.config),
        project: &report.project,
        repository: repository.as_ref(),
        category: &category,
    };
    outputs.write(&run)?;
    let mut out = BufWriter::new(stdout().lock());
    report::write(args.format, &run, Style::stdout(args.inputs.color), &mut out)?;
    out.flush()?;
    super::tell_age(today, args.inputs.quiet);
    tell(args, &run, &baseline);
    Ok(exit(run.findings, run.fail_on))
}

/// A name for runs that look at the same files in the same way, so that of two runs of one repository none takes the place
/// of the other: the working folder, and the configuration and the fleet that the command line names.
fn category(inputs: &Inputs, folder: &Folder, repository: Option<&Repository>) -> String {
    let working = repository.map(|it| it.folder.clone()).filter(|it| !it.is_empty());
    let named = [&inputs.config, &inputs.fleet].into_iter().flatten().map(|path| {
        let shown = folder.show(path);
        // Of a file elsewhere on the machine the name alone: the run is the same on another machine.
        let name = path.file_name().filter(|_| Path::new(&shown).is_absolute());
        name.map_or(shown.clone(), |name| name.to_string_lossy().into_owned())
    });
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

/// The command line speaks last.
pub(super) fn apply(judging: &Judging, config: &mut Config) -> Result<(), Error> {
    config.command_line = Choice { select: judging.select.clone(), ignore: judging.ignore.clone() };
    if let Some(path) = &judging.baseline {
        config.baseline = Some(baseline::read(path, &Folder::current()?)?);
    }
    Ok(())
}

/// What a run has to say of baselines.
#[derive(Default)]
struct Said {
    /// How many findings are in it, and left out for that.
    known: usize,
    /// How many of those that it lists were not found.
    gone: usize,
    /// How many were written, and where to.
    written: Option<(usize, String)>,
}

/// Writes the new baseline, if one is asked for. Without an old one all that it lists is known from now on.
fn baseline(args: &Check, report: &mut Report, sources: &Sources, config: &Config) -> Result<Said, Error> {
    if config.baseline.is_none() && args.write_baseline.is_none() {
        return Ok(Said::default());
    }
    let folder = Folder::current()?;
    let unmet = Unmet::of(report, sources, config, &folder);
    let gone = unmet.gone.len();
    let mut written = None;
    if let Some(path) = &args.write_baseline {
        let new = baseline::new(report, unmet);
        written = Some((new.len(), folder.show(path)));
        if config.baseline.is_none() {
            report.accept(&new, sources);
        }
        baseline::write(path, new, &folder)?;
    }
    Ok(Said { known: baseline::known(report), gone, written })
}

/// What is no finding goes to stderr. That nobody may read it is no failure of the run.
fn tell(args: &Check, run: &Run, said: &Said) {
    tell_skipped(&args.inputs, run.skipped);
    if args.inputs.quiet {
        return;
    }
    let mut err = stderr().lock();
    if args.format == ReportFormat::Human {
        let known = if said.known > 0 { format!("; {} in the baseline", said.known) } else { String::new() };
        let _ = writeln!(err, "{}{known}", report::human::summary(run));
    }
    match &said.written {
        Some((count, path)) => {
            let _ = writeln!(err, "wrote {} to {}", number(*count, "finding"), report::human::clean(path));
        }
        None if said.gone > 0 => {
            let (count, verb) = (number(said.gone, "finding"), if said.gone == 1 { "is" } else { "are" });
            let _ = writeln!(err, "{count} of the baseline {verb} gone; `--write-baseline` updates it");
        }
        None => {}
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
