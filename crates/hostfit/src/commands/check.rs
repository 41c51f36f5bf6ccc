//! `hostfit check`.

use std::{
    io::{BufWriter, Write, stderr, stdout},
    path::Path,
};

use hostfit_core::{
    baseline::Baseline,
    check::{self, Report},
    config::{Choice, Config, FailOn},
    finding::{Finding, Severity},
    printable::line,
    rules, shard,
    source::{SourceId, Sources},
    windows::Date,
};

use crate::{
    Exit,
    args::{Check, Inputs, Judging, ReportFormat},
    baseline::{self, Unmet},
    clock,
    error::Error,
    files::{Folder, Skipped},
    output::Outputs,
    report::{self, Run, human::number, part::Part},
    repository::Repository,
    terminal::Style,
};

pub(crate) fn run(args: &Check) -> Result<Exit, Error> {
    known(&args.judging)?;
    let folder = Folder::current()?;
    if args.shard.is_some() && args.write_baseline.is_some() {
        return Err(Error::message(
            "a baseline lists the findings of all files, and a shard reports on some: write it without `--shard`",
        ));
    }
    if args.statistics && !matches!(args.format, ReportFormat::Human | ReportFormat::Json) {
        return Err(Error::message("`--statistics` has two formats only: human and json"));
    }
    let outputs = Outputs::new(&args.outputs, &folder)?;
    let (mut settings, mut files) = super::load(&args.inputs)?;
    apply(&args.judging, &folder, &mut settings.config)?;
    let sources = super::sources(&mut files, &folder);
    outputs.spare(&sources, [&args.judging.baseline, &args.write_baseline], &folder)?;
    let today = args.judging.as_of.unwrap_or_else(clock::today);
    let mut report = check::check(&sources, &files.units, &settings.config, today);
    let formats = || args.outputs.iter().map(|(format, _)| *format).chain([args.format]);
    if args.write_baseline.is_some() || formats().any(ReportFormat::has_fingerprints) {
        report.identify(&sources, &files.units, &settings.config);
    }
    let asked = super::asked(&files, args.judging.changed, &settings.config);
    let ask = |report: &mut Report| {
        asked.map(|asked| report.ask(asked, &sources, &files.units, &settings.config)).unwrap_or_default()
    };
    // A baseline knows the whole repository, also where only what was changed is shown.
    let others = if args.judging.changed { Baseline::default() } else { ask(&mut report) };
    let baseline = baseline(args, &folder, &mut report, others, &sources, &settings.config)?;
    if args.judging.changed {
        ask(&mut report);
    }
    let mut checked: Vec<_> = files.checked().map(|unit| unit.source).collect();
    let fail_on = fail_on(&args.judging, &settings.config);
    let part = args.shard.map(|shard| {
        // The reports of other paths are of other runs, though the same files were read.
        let read = files.units.iter().map(|unit| unit.source).chain(checked.iter().copied());
        let read = read.chain(settings.config.files.iter().map(|file| file.source));
        let run = run_id(&sources, read, &files.skipped, &settings.config, today);
        report.narrow(shard, &sources);
        checked.retain(|id| sources.get(*id).is_some_and(|source| shard.holds(&source.path)));
        files.skipped.retain(|it| shard.holds(&it.path));
        Part::new(shard, run, fail_on)
    });
    // SARIF alone tells of it, and to look costs reading in `.git`.
    let is_told = formats().any(|format| format == ReportFormat::Sarif);
    let repository = is_told.then(|| Repository::of(&folder.path)).flatten();
    let category = category(&args.inputs, &folder, repository.as_ref());
    let run = Run {
        findings: &report.findings,
        suppressed: &report.suppressed,
        has_baseline: settings.config.baseline.is_some() || args.write_baseline.is_some(),
        sources: &sources,
        checked: &checked,
        skipped: &files.skipped,
        fail_on,
        answers: report.answers(&settings.config),
        repository: repository.as_ref(),
        category: &category,
        part: part.as_ref(),
    };
    outputs.write(&run)?;
    let mut out = BufWriter::new(stdout().lock());
    if args.statistics {
        report::statistics::write(args.format, &run, &mut out)?;
    } else {
        report::write(args.format, &run, Style::stdout(args.inputs.color), &mut out)?;
    }
    out.flush()?;
    super::tell_age(today, args.inputs.quiet);
    super::tell_fleet(&settings.config, &args.inputs, today);
    let config = settings.found.as_ref().map(|path| folder.show(path));
    tell(args, &run, &baseline, config.as_deref());
    Ok(exit(run.findings, run.fail_on))
}

/// What is the same in all parts of a run: the files, the configuration, the options and the day.
fn run_id(
    sources: &Sources,
    read: impl Iterator<Item = SourceId>,
    skipped: &[Skipped],
    config: &Config,
    today: Date,
) -> String {
    let options = format!("{:?} {:?}", config.command_line, config.fail_on);
    let args = config.build_args.iter().map(|arg| format!("{}={}", arg.name, arg.value));
    let baseline = config.baseline.as_ref().map_or_else(String::new, |it| format!("{it:?}"));
    let others: Vec<_> = [today.to_string(), options, baseline].into_iter().chain(args).collect();
    let sources = read.filter_map(|id| sources.get(id)).flat_map(|source| [&*source.path, &*source.text]);
    let skipped = skipped.iter().flat_map(|it| [&*it.path, it.reason]);
    shard::digest(others.iter().map(String::as_str).chain(sources).chain(skipped))
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
pub(super) fn apply(judging: &Judging, folder: &Folder, config: &mut Config) -> Result<(), Error> {
    config.command_line = Choice { select: judging.select.clone(), ignore: judging.ignore.clone() };
    if let Some(path) = &judging.baseline {
        config.baseline = Some(baseline::read(path, folder)?);
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

/// Writes the new baseline, if one is asked for. Without an old one all that it lists is known from now on; of an old one
/// `others` is what it lists of files that are not asked for.
fn baseline(
    args: &Check,
    folder: &Folder,
    report: &mut Report,
    others: Baseline,
    sources: &Sources,
    config: &Config,
) -> Result<Said, Error> {
    if config.baseline.is_none() && args.write_baseline.is_none() {
        return Ok(Said::default());
    }
    let unmet = Unmet::of(report, sources, config, folder);
    let gone = unmet.gone.len();
    let mut written = None;
    if let Some(path) = &args.write_baseline {
        let new = baseline::new(report, unmet).and(others);
        written = Some((new.len(), folder.show(path)));
        if config.baseline.is_none() {
            report.accept(&new, sources);
        }
        baseline::write(path, new, folder)?;
    }
    Ok(Said { known: baseline::known(report), gone, written })
}

/// What is no finding goes to stderr; `config` is the configuration, where another folder than the working one has it. That nobody may read it is no failure of the run.
fn tell(args: &Check, run: &Run, said: &Said, config: Option<&str>) {
    tell_skipped(&args.inputs, run.skipped);
    if args.inputs.quiet {
        return;
    }
    let mut err = stderr().lock();
    if args.format == ReportFormat::Human {
        let known = if said.known > 0 { format!("; {} in the baseline", said.known) } else { String::new() };
        let config = config.map(|path| format!("; configuration: {}", line(path))).unwrap_or_default();
        let _ = writeln!(err, "{}{known}{config}", report::human::summary(run));
    }
    match &said.written {
        Some((count, path)) => {
            let _ = writeln!(err, "wrote {} to {}", number(*count, "finding"), line(path));
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
        let (path, advice) = (line(path), line(advice));
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
        (Some(given), _) => given.least(),
        (None, None) => Some(Severity::Warning),
        (None, Some(FailOn::Never)) => None,
        (None, Some(FailOn::Severity(severity))) => Some(severity),
    }
}

pub(super) fn exit(findings: &[Finding], fail_on: Option<Severity>) -> Exit {
    let fails = |finding: &Finding| fail_on.is_some_and(|least| finding.severity >= least);
    if findings.iter().any(fails) { Exit::Findings } else { Exit::Clean }
}
