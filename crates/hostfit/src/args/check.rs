//! Options of `hostfit check` and `hostfit fix`.

use std::{ffi::OsStr, path::PathBuf};

use clap::{
    Arg, Args, ValueEnum,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};
use hostfit_core::{finding::Severity, rules::RULES, shard::Shard, windows::Date};

use super::{INPUT, Inputs, OUTPUT, SELECTION};

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Accept the current findings in this file
    #[arg(long, value_name = "FILE", help_heading = SELECTION)]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Apply safe fixes first, then report what is left
    #[arg(long, conflicts_with_all = ["shard", "write_baseline"])]
    pub(crate) fix: bool,
    /// Output format [default: human]
    #[arg(short, long, value_enum, help_heading = OUTPUT)]
    pub(crate) format: Option<ReportFormat>,
    /// Also write findings to a file (repeatable)
    #[arg(short, long = "output", value_name = "FORMAT=FILE", value_parser = output, help_heading = OUTPUT)]
    pub(crate) outputs: Vec<(ReportFormat, PathBuf)>,
    /// Print how many findings each rule has (human, json)
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) statistics: bool,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Report on share I of N (see `hostfit merge`)
    #[arg(long, value_name = "I/N", help_heading = INPUT)]
    pub(crate) shard: Option<Shard>,
}

/// Which findings are reported, and which of them fail the run.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Treat PATH as changed; report what it affects
    #[arg(long, help_heading = INPUT)]
    pub(crate) changed: bool,
    /// Run only these rules
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = RuleId, hide_possible_values = true, help_heading = SELECTION)]
    pub(crate) select: Vec<String>,
    /// Disable these rules
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = RuleId, hide_possible_values = true, help_heading = SELECTION)]
    pub(crate) ignore: Vec<String>,
    /// Lowest severity that fails the run [default: warning]
    #[arg(long, value_name = "SEVERITY", value_enum, help_heading = SELECTION)]
    pub(crate) fail_on: Option<FailOn>,
    /// Day for support dates [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::clock::parse, help_heading = SELECTION)]
    pub(crate) as_of: Option<Date>,
    /// Leave out findings accepted in this file
    #[arg(long, value_name = "FILE", help_heading = SELECTION)]
    pub(crate) baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Fix {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Also apply fixes that may change what the files mean
    #[arg(long = "unsafe")]
    pub(crate) with_unsafe: bool,
    /// Print a diff for `git apply` and write nothing
    #[arg(long)]
    pub(crate) diff: bool,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
}

/// The formats of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Findings with their source lines
    Human,
    /// One line for each finding, in the form that compilers print errors in
    Concise,
    /// JSON
    Json,
    /// SARIF 2.1.0, for GitHub code scanning
    Sarif,
    /// GitHub Actions annotations
    Github,
    /// GitLab Code Quality report
    Gitlab,
    /// Azure Pipelines issues
    Azure,
    /// JUnit XML
    Junit,
    /// Checkstyle XML
    Checkstyle,
    /// Reviewdog Diagnostic Format
    Rdjson,
}

impl ReportFormat {
    /// Whether it names findings so that a later run can find them again.
    pub(crate) fn has_fingerprints(self) -> bool {
        matches!(self, Self::Sarif | Self::Gitlab)
    }

    /// The format called so on the command line and in `hostfit.toml`.
    ///
    /// # Errors
    /// When no format has this name; the message lists the names.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        Self::from_str(name, false).map_err(|_| format!("there is no format `{name}`; use one of {}", Self::names()))
    }

    fn names() -> String {
        let known = Self::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        known.map(|it| it.get_name().to_owned()).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors only
    Error,
    /// Warnings and errors
    Warning,
    /// Every finding
    Info,
    /// No finding
    Never,
}

impl FailOn {
    /// The severity, unless no finding fails a run.
    pub(crate) fn least(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

/// Parses any text as the id of a rule, since the command reports unknown ids with the nearest one; shells complete ids
/// from its possible values.
#[derive(Clone)]
pub(super) struct RuleId;

impl TypedValueParser for RuleId {
    type Value = String;

    fn parse_ref(&self, command: &clap::Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.summary))))
    }
}

/// Parses `FORMAT=FILE`.
///
/// # Errors
/// When it has another shape, or names stdout.
fn output(text: &str) -> Result<(ReportFormat, PathBuf), String> {
    let Some((format, file)) = text.split_once('=') else { return Err("write FORMAT=FILE".to_owned()) };
    let format = ReportFormat::named(format)?;
    match file {
        "" => Err("write FORMAT=FILE".to_owned()),
        "-" => Err("it writes files; `--format` is for stdout".to_owned()),
        file => Ok((format, PathBuf::from(file))),
    }
}
