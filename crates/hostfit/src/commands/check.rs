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
    args::{self, Check, Format, Inputs},
    clock,
    error::Error,
    files::Skipped,
    report::{self, Run},
    terminal::Style,
};

pub(crate) fn run(args: &Check) -> Result<Exit, Error> {
    known(&args.select, &args.ignore)?;
    let (mut settings, files) = super::load(&args.inputs)?;
    apply(&args.select, &args.ignore, &mut settings.config);
    let sources = Sources::new(files.sources);
    let today = args.as_of.unwrap_or_else(clock::today);
    let report = check::check(&sources, &files.units, &settings.config, today);
    let run = Run { findings: &report.findings, sources: &sources, files: files.units.len(), skipped: &files.skipped };
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        Format::Human => report::human::write(&run, Style::stdout(args.inputs.color), &mut out)?,
        Format::Json => report::json::write(&run, &mut out)?,
    }
    out.flush()?;
    tell(args, &run);
    Ok(exit(run.findings, args.fail_on, &settings.config))
}

/// Whether there are rules of these names.
pub(super) fn known(select: &[String], ignore: &[String]) -> Result<(), Error> {
    let known = rules::ids();
    match select.iter().chain(ignore).find(|id| !known.contains(&id.as_str())) {
        Some(id) => Err(super::unknown_rule(id)),
        None => Ok(()),
    }
}

/// The command line speaks before the configuration.
pub(super) fn apply(select: &[String], ignore: &[String], config: &mut Config) {
    if !select.is_empty() {
        select.clone_into(&mut config.select);
        config.ignore.retain(|id| !select.contains(id));
    }
    config.ignore.extend(ignore.iter().cloned());
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

pub(super) fn exit(findings: &[Finding], fail_on: Option<args::FailOn>, config: &Config) -> Exit {
    let least = match (fail_on, config.fail_on) {
        (Some(args::FailOn::Error), _) => Severity::Error,
        (Some(args::FailOn::Warning), _) | (None, None) => Severity::Warning,
        (Some(args::FailOn::Info), _) => Severity::Info,
        (Some(args::FailOn::Never), _) | (None, Some(FailOn::Never)) => return Exit::Clean,
        (None, Some(FailOn::Severity(severity))) => severity,
    };
    if findings.iter().any(|finding| finding.severity >= least) { Exit::Findings } else { Exit::Clean }
}
