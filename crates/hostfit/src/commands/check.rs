//! `hostfit check`.

use std::{
    io::{BufWriter, Write, stdout},
    path::Path,
};

use hostfit_core::{
    baseline::Baseline,
    check::{self, Report},
    config::Config,
    finding::Severity,
    shard,
    source::{SourceId, Sources},
    windows::Date,
};

use super::{
    fix,
    selection::{apply, exit, fail_on, known},
};
use crate::{
    Exit,
    args::{Check, Inputs, ReportFormat},
    baseline::{self, Unmet},
    clock,
    error::Error,
    files::{Folder, Skipped},
    output::Outputs,
    parallel,
    read::Texts,
    report::{self, Run, human::number, part::Part},
    repository::Repository,
    settings::Settings,
    terminal::{Style, say},
};

pub(crate) fn run(args: &Check) -> Result<Exit, Error> {
    known(&args.selection)?;
    let folder = Folder::current()?;
    if args.shard.is_some() && args.write_baseline.is_some() {
        return Err(Error::message(
            "a baseline lists the findings of all files, and a shard reports on some: write it without `--shard`",
        ));
    }
    let mut settings = Settings::load(&args.inputs, &folder)?;
    let format = format(args, &settings.config)?;
    let written = if args.outputs.is_empty() { settings.outputs.clone() } else { args.outputs.clone() };
    let outputs = Outputs::new(&written, &folder)?;
    let fixed = if args.fix { Some(fix::before_check(&args.inputs, &args.selection)?) } else { None };
    let mut files = super::read_all(&args.inputs, &folder, &mut settings, Texts::LetGo)?;
    apply(&args.selection, &folder, &mut settings, args.write_baseline.as_deref())?;
    let sources = super::sources(&mut files, &folder);
    let baselines = [&args.selection.baseline, &args.write_baseline, &settings.baseline];
    outputs.spare(&sources, baselines, &folder)?;
    let today = args.selection.as_of.unwrap_or_else(clock::today);
    let mut report = if args.selection.changed {
        // What the changed files take part in is asked of all of them.
        check::check(&sources, &files.units, &settings.config, today)
    } else {
        let workers = |parts: usize, work: &(dyn Fn(usize) + Sync)| parallel::each(args.inputs.jobs, parts, work);
        check::check_once(&sources, &mut files.units, &settings.config, today, &workers)
    };
    let formats = || written.iter().map(|(format, _)| *format).chain([format]);
    if args.write_baseline.is_some() || formats().any(ReportFormat::has_fingerprints) {
        report.identify(&sources, &files.units, &settings.config);
    }
    let asked = super::asked(&files, args.selection.changed, &settings.config);
    let ask = |report: &mut Report| {
        asked.map(|asked| report.ask(asked, &sources, &files.units, &settings.config)).unwrap_or_default()
    };
    // A baseline knows the whole repository, also where only what was changed is shown.
    let others = if args.selection.changed { Baseline::default() } else { ask(&mut report) };
    let baseline = baseline(args, &folder, &mut report, others, &sources, &settings.config)?;
    if args.selection.changed {
        ask(&mut report);
    }
    let mut checked: Vec<_> = files.checked().map(|unit| unit.source).collect();
    let nothing = super::nothing_checked(&args.inputs, args.selection.changed, &files);
    let fail_on = fail_on(&args.selection, &settings.config);
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
    // Only SARIF names the revision, which is read from `.git`.
    let names_revision = formats().any(|format| format == ReportFormat::Sarif);
    let repository = names_revision.then(|| Repository::of(&folder.path)).flatten();
    let category = category(&args.inputs, &folder, repository.as_ref());
    // What is written is made of the project alone.
    files.units = Vec::new();
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
        jobs: args.inputs.jobs,
    };
    outputs.write(&run)?;
    let mut out = BufWriter::new(stdout().lock());
    if args.statistics {
        report::statistics::write(format, &run, &mut out)?;
    } else {
        report::write(format, &run, Style::stdout(args.inputs.color), &mut out)?;
    }
    out.flush()?;
    super::tell_age(today, args.inputs.quiet);
    super::tell_skipped(&args.inputs, run.skipped);
    if !args.inputs.quiet {
        if run.findings.iter().any(|finding| finding.rule == UNSUPPORTED_HOST) {
            super::tell_fleet(&settings.config, &args.inputs, today);
        }
        let config = settings.found.as_ref().map(|path| folder.show(path));
        let lines = [
            fixed,
            first_error(format, &run),
            summary(format, &run, nothing, &baseline, config.as_deref()),
            baseline.words(),
        ];
        lines.iter().flatten().for_each(|line| say(line));
    }
    let exit = exit(run.findings, run.fail_on);
    // The process ends: who gives memory back piece by piece only takes longer.
    std::mem::forget((report, sources, files));
    Ok(exit)
}

/// Other problems of the fleet are of interest where one is reported.
const UNSUPPORTED_HOST: &str = "unsupported-host";

/// The format of stdout: that of the command line, or else of the configuration, as far as it has statistics.
fn format(args: &Check, config: &Config) -> Result<ReportFormat, Error> {
    let has_statistics = |format: &ReportFormat| matches!(format, ReportFormat::Human | ReportFormat::Json);
    if args.statistics && args.format.is_some_and(|format| !has_statistics(&format)) {
        return Err(Error::message("`--statistics` has two formats only: human and json"));
    }
    let own = config.format.and_then(|name| ReportFormat::named(name).ok());
    let own = own.filter(|format| !args.statistics || has_statistics(format));
    Ok(args.format.or(own).unwrap_or(ReportFormat::Human))
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
    let skipped = skipped.iter().flat_map(|it| [&*it.path, &*it.reason]);
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

/// What a run did with baselines.
#[derive(Default)]
struct Accepted {
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
) -> Result<Accepted, Error> {
    if config.baseline.is_none() && args.write_baseline.is_none() {
        return Ok(Accepted::default());
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
    Ok(Accepted { known: baseline::known(report), gone, written })
}

/// With more findings than this, the first error is hard to find among them.
const MANY: usize = 20;

fn first_error(format: ReportFormat, run: &Run) -> Option<String> {
    let is_long = format == ReportFormat::Human && run.findings.len() > MANY;
    let error = run.findings.iter().find(|finding| is_long && finding.severity == Severity::Error)?;
    Some(format!("first error: {}", report::place(error.span, run.sources)))
}

/// The last line of human output. `nothing` says that no file was checked, which must not look like success, and `config` is
/// the configuration, where another folder than the working one has it.
fn summary(
    format: ReportFormat,
    run: &Run,
    nothing: Option<String>,
    baseline: &Accepted,
    config: Option<&str>,
) -> Option<String> {
    if run.findings.is_empty() && nothing.is_some() {
        return nothing;
    }
    let known = if baseline.known > 0 { format!("; {} in the baseline", baseline.known) } else { String::new() };
    let config = config.map(|path| format!("; configuration: {path}")).unwrap_or_default();
    (format == ReportFormat::Human).then(|| format!("{}{known}{config}", report::human::summary(run)))
}

impl Accepted {
    fn words(&self) -> Option<String> {
        match &self.written {
            Some((count, path)) => Some(format!("wrote {} to {path}", number(*count, "finding"))),
            None if self.gone > 0 => {
                let (count, verb) = (number(self.gone, "finding"), if self.gone == 1 { "is" } else { "are" });
                Some(format!("{count} of the baseline {verb} gone; `--write-baseline` updates it"))
            }
            None => None,
        }
    }
}
