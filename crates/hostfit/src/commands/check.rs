//! `hostfit check`.

use std::io::{BufWriter, Write, stderr, stdout};

use hostfit_core::{
    check,
    config::{Config, FailOn},
    finding::Severity,
    rules,
    source::Sources,
};

use crate::{
    Exit,
    args::{self, Check, Format},
    clock,
    error::Error,
    files::Skipped,
    report::{self, Run},
    terminal::Style,
};

pub(crate) fn run(args: &Check) -> Result<Exit, Error> {
    let known = rules::ids();
    for id in args.select.iter().chain(&args.ignore) {
        if !known.contains(&id.as_str()) {
            return Err(super::unknown_rule(id));
        }
    }
    let (mut settings, files) = super::load(&args.inputs)?;
    apply(args, &mut settings.config);
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
    Ok(exit(&run, args, &settings.config))
}

/// The command line speaks before the configuration.
fn apply(args: &Check, config: &mut Config) {
    if !args.select.is_empty() {
        config.select.clone_from(&args.select);
        config.ignore.retain(|id| !args.select.contains(id));
    }
    config.ignore.extend(args.ignore.iter().cloned());
}

/// What is no finding goes to stderr. That nobody may read it is no failure of the run.
fn tell(args: &Check, run: &Run) {
    let mut err = stderr().lock();
    for skipped in run.skipped {
        let Skipped { path, reason, advice } = skipped;
        let (path, advice) = (report::human::clean(path), report::human::clean(advice));
        if *reason == "unreadable" && !args.inputs.quiet {
            let _ = writeln!(err, "warning: {path} can't be read: {advice}");
        } else if args.inputs.verbose {
            let _ = writeln!(err, "skipped: {path} ({reason}): {advice}");
        }
    }
    if args.format == Format::Human && !args.inputs.quiet {
        let _ = writeln!(err, "{}", report::human::summary(run));
    }
}

fn exit(run: &Run, args: &Check, config: &Config) -> Exit {
    let least = match (args.fail_on, config.fail_on) {
        (Some(args::FailOn::Error), _) => Severity::Error,
        (Some(args::FailOn::Warning), _) | (None, None) => Severity::Warning,
        (Some(args::FailOn::Info), _) => Severity::Info,
        (Some(args::FailOn::Never), _) | (None, Some(FailOn::Never)) => return Exit::Clean,
        (None, Some(FailOn::Severity(severity))) => severity,
    };
    if run.findings.iter().any(|finding| finding.severity >= least) { Exit::Findings } else { Exit::Clean }
}
