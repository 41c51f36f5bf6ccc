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
    args::{self, Check, Format, Inputs, Judging},
    clock,
    error::Error,
    files::Skipped,
    report::{self, Run},
    terminal::Style,
};

pub(crate) fn run(args: &Check) -> Result<Exit, Error> {
    known(&args.judging)?;
    let (mut settings, files) = super::load(&args.inputs, args.judging.changed)?;
    apply(&args.judging, &mut settings.config);
    let sources = Sources::new(files.sources);
    let today = args.judging.as_of.unwrap_or_else(clock::today);
    let mut report = check::check(&sources, &files.units, &settings.config, today);
    super::keep_concerned(&mut report, files.changed.as_ref(), &sources, &files.units, &settings.config);
    let run = Run { findings: &report.findings, sources: &sources, files: files.units.len(), skipped: &files.skipped };
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        Format::Human => report::human::write(&run, Style::stdout(args.inputs.color), &mut out)?,
        Format::Json => report::json::write(&run, &mut out)?,
    }
    out.flush()?;
    tell(args, &run);
    Ok(exit(run.findings, &args.judging, &settings.config))
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
    if args.format == Format::Human && !args.inputs.quiet {
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

pub(super) fn exit(findings: &[Finding], judging: &Judging, config: &Config) -> Exit {
    let least = match (judging.fail_on, config.fail_on) {
        (Some(args::FailOn::Error), _) => Severity::Error,
        (Some(args::FailOn::Warning), _) | (None, None) => Severity::Warning,
        (Some(args::FailOn::Info), _) => Severity::Info,
        (Some(args::FailOn::Never), _) | (None, Some(FailOn::Never)) => return Exit::Clean,
        (None, Some(FailOn::Severity(severity))) => severity,
    };
    if findings.iter().any(|finding| finding.severity >= least) { Exit::Findings } else { Exit::Clean }
}
