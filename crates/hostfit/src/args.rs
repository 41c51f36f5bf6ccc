//! The command line.

mod check;
mod diagnose;
mod examples;
pub(crate) mod fleet;
mod images;
mod inputs;
mod matrix;
mod plan;
mod render;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use self::check::RuleId;
pub(crate) use self::{
    check::{Check, FailOn, Fix, ReportFormat, Selection},
    diagnose::Diagnose,
    images::Images,
    inputs::{Color, Inputs},
    matrix::{Matrix, MatrixFormat},
    plan::{Bot, Plan, PlanFormat},
    render::{Render, RenderFormat},
};
use clap::{Args as ClapArgs, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use hostfit_core::{fleet::Runtime, source::Span};

use crate::terminal::Style;

/// The groups of options in `--help`.
const INPUT: &str = "Input";
const SELECTION: &str = "Selection";
const OUTPUT: &str = "Output";
const CONFIGURATION: &str = "Configuration";

/// Columns of help on a terminal that has more.
const MOST_HELP: usize = 100;

/// Will every container image in these files run on every Windows host they may land on?
#[derive(Debug, Parser)]
#[command(name = "hostfit", version, arg_required_else_help = true, after_help = examples::HOSTFIT)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check Dockerfiles, Compose and stack files, Kubernetes manifests and daemon.json
    #[command(after_help = examples::CHECK)]
    Check(Box<Check>),
    /// Apply fixes
    #[command(after_help = examples::FIX)]
    Fix(Box<Fix>),
    /// List every rule
    #[command(after_help = examples::RULES)]
    Rules(Rules),
    /// Show the documentation of a rule
    #[command(after_help = examples::EXPLAIN)]
    Explain(Explain),
    /// Check whether an image of one Windows version runs on a host of another
    #[command(after_help = examples::COMPAT)]
    Compat(Compat),
    /// List every image, its Windows version and where that is known from
    #[command(after_help = examples::IMAGES)]
    Images(Images),
    /// Explain an error that kubectl or docker printed
    #[command(after_help = diagnose::EXAMPLES)]
    Diagnose(Diagnose),
    /// Show the fleet, or import it from clusters, clouds, Terraform and CI pipelines
    #[command(after_help = examples::FLEET)]
    Fleet(fleet::Fleet),
    /// Show which workload runs on which host
    #[command(after_help = matrix::EXAMPLES)]
    Matrix(Matrix),
    /// Show what has to change before the hosts move to another release
    #[command(after_help = plan::EXAMPLES)]
    Plan(Box<Plan>),
    /// Show the manifests that a Helm chart yields, as they are checked
    #[command(after_help = render::EXAMPLES)]
    Render(Box<Render>),
    /// Join the results of `check --shard I/N` runs
    #[command(after_help = examples::MERGE)]
    Merge(Merge),
    /// Write a hostfit.toml for this repository
    #[command(after_help = examples::INIT)]
    Init(Init),
    /// Print a completion script for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(Completions),
    /// Print the JSON Schema of hostfit.toml
    #[command(after_help = examples::SCHEMA)]
    Schema,
    /// Run the language server on stdin and stdout
    #[command(after_help = examples::LSP)]
    Lsp(Lsp),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Rules {
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// Id of the rule
    #[arg(value_name = "RULE", value_parser = RuleId, hide_possible_values = true)]
    pub(crate) rule: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Completions {
    /// Shell to complete for
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Compat {
    /// Windows of the host: `ltsc2022`, `20348`, `10.0.20348.2700`
    #[arg(long, value_name = "OS", help_heading = INPUT)]
    pub(crate) host: String,
    /// Windows of the image, written like that
    #[arg(long, value_name = "OS", help_heading = INPUT)]
    pub(crate) image: String,
    /// Isolation mode of the container
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Isolation::Default, help_heading = INPUT)]
    pub(crate) isolation: Isolation,
    /// Edition of the host [default: taken from --host]
    ///
    /// If --host does not say it either, a build that only Windows 10 or 11 has is a client, every other a server.
    #[arg(long, value_name = "KIND", value_enum, help_heading = INPUT)]
    pub(crate) host_kind: Option<HostKind>,
    /// Container engine of the host, as in `containerd 2.1.6`
    ///
    /// `docker 29.6.2 (containerd)` is Docker with containerd's image store. The version may be left out.
    #[arg(long, value_name = "ENGINE", value_parser = runtime, default_value = "docker", help_heading = INPUT)]
    pub(crate) runtime: Runtime,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Human, help_heading = OUTPUT)]
    pub(crate) format: Format,
}

fn runtime(text: &str) -> Result<Runtime, String> {
    let help = "write `docker 29.6.2`, `docker 29.6.2 (containerd)` for Docker with containerd's image store, or \
                `containerd 2.1.6`; the version may be left out";
    Runtime::parse(text, Span::NOWHERE).ok_or_else(|| help.to_owned())
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Merge {
    /// Results of all shards (JSON or SARIF), or `-` for stdin; `*` is a wildcard
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Write the result to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Lowest severity that fails the run [default: that of the shards]
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Init {
    /// Also write .pre-commit-config.yaml
    #[arg(long)]
    pub(crate) pre_commit: bool,
    /// Also write a job for this CI
    #[arg(long, value_name = "CI", value_enum, value_delimiter = ',')]
    pub(crate) ci: Vec<Ci>,
    /// Print the files to stdout instead of writing them
    #[arg(long)]
    pub(crate) stdout: bool,
    /// Print nothing to stderr
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Lsp {
    /// Write a log of the session to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Accepted for compatibility; stdio is the only transport
    #[arg(long)]
    pub(crate) stdio: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ci {
    /// GitHub Actions: .github/workflows/hostfit.yml
    Github,
    /// GitLab CI: .gitlab-ci.yml
    Gitlab,
    /// Azure Pipelines: azure-pipelines.yml
    Azure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Isolation {
    /// The container shares the host's kernel
    Process,
    /// The container runs in a virtual machine of its own
    Hyperv,
    /// The engine's default
    Default,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HostKind {
    /// Windows Server
    Server,
    /// Windows 10 or 11
    Client,
}

/// The command line, as parsing, completions and man pages know it.
///
/// The short help has one line for each option, so values are listed in the long help only.
pub(crate) fn command() -> clap::Command {
    fn values_in_long_help(arg: clap::Arg) -> clap::Arg {
        let values = arg.get_possible_values();
        let Some(help) = arg.get_long_help().or(arg.get_help()).filter(|_| !values.is_empty()) else { return arg };
        if arg.is_hide_possible_values_set() || !arg.get_action().takes_values() {
            return arg;
        }
        let width = values.iter().map(|value| value.get_name().len()).max().unwrap_or(0);
        let line = |value: &clap::builder::PossibleValue| match value.get_help() {
            Some(about) => format!("\n  {:width$}  {about}", value.get_name()),
            None => format!("\n  {}", value.get_name()),
        };
        let help = format!("{help}\n{}", values.iter().map(line).collect::<String>());
        arg.long_help(help).hide_possible_values(true)
    }
    fn of(command: clap::Command) -> clap::Command {
        command.mut_args(values_in_long_help).mut_subcommands(of)
    }
    of(Args::command()).term_width(Style::stdout(Color::Auto).width.min(MOST_HELP))
}

/// Parses the arguments of the process. Prints help, or what is wrong with them, and exits where that is all there is to do.
pub(crate) fn parse() -> Args {
    let matches = command().get_matches_from(protect_names(std::env::args_os()));
    Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// The arguments, in which names of files cannot be taken for options where programs give them: with `--changed` what
/// begins with a dash and is the name of a file is that file. A hook's user sets options, and none knows to end them.
fn protect_names(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<_> = arguments.collect();
    let end = arguments.iter().position(|it| it == "--").unwrap_or(arguments.len());
    let options = arguments.get_mut(..end).unwrap_or_default();
    if options.iter().any(|it| it == "--changed") {
        let is_dashed = |it: &OsString| it.as_encoded_bytes().starts_with(b"-") && it != "-";
        for name in options.iter_mut().filter(|it| is_dashed(it) && Path::new(it).is_file()) {
            *name = Path::new(".").join(&*name).into_os_string();
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_example_is_a_command() {
        let mut hostfit = command();
        hostfit.build();
        let mut tried = 0;
        let nested = hostfit.get_subcommands().flat_map(|it| std::iter::once(it).chain(it.get_subcommands()));
        for command in std::iter::once(&hostfit).chain(nested) {
            let name = command.get_bin_name().and_then(|name| name.strip_prefix("hostfit ")).unwrap_or("hostfit");
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in help.lines().filter(|line| line.starts_with("  ") && line.contains("hostfit ")) {
                // What it is good for stands behind a gap.
                let example = line.trim().split("   ").next().unwrap_or_default();
                let (_, arguments) = example.split_once("hostfit ").expect("a command");
                let arguments = arguments.split(['|', '>']).next().unwrap_or_default();
                let parsed = Args::try_parse_from(format!("hostfit {arguments}").split_whitespace());
                assert!(parsed.is_ok(), "{name}: {example}: {parsed:?}");
                assert!(name == "hostfit" || arguments.starts_with(name), "{name}: {example}");
                tried += 1;
            }
        }
        assert!(tried > 15, "{tried}");
    }

    #[test]
    fn help_is_short_lines_of_plain_letters() {
        let mut hostfit = command();
        hostfit.build();
        for command in std::iter::once(&mut hostfit.clone()).chain(hostfit.get_subcommands_mut()) {
            let help = command.render_long_help().to_string();
            // Man pages and old consoles know no others.
            assert!(help.is_ascii(), "{help}");
            assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        }
    }

    #[test]
    fn the_short_help_has_one_line_for_each_option() {
        let mut hostfit = command();
        hostfit.build();
        for command in hostfit.get_subcommands_mut() {
            let help = command.render_help().to_string();
            let options = help.split("\n\n").filter(|part| part.contains("\n  -") || part.contains("\n      --"));
            for line in options.flat_map(|part| part.lines().skip(1)) {
                let is_option = line.starts_with("  -") || line.starts_with("      --");
                assert!(is_option && line.contains("  "), "{}: {line}\n{help}", command.get_name());
            }
        }
    }

    #[test]
    fn options_of_check_stand_in_groups() {
        let mut check = command().find_subcommand("check").cloned().expect("check");
        let help = check.render_help().to_string();
        let headings: Vec<_> = help.lines().filter(|line| line.ends_with(':') && !line.starts_with(' ')).collect();
        let groups = ["Arguments:", "Options:", "Input:", "Selection:", "Output:", "Configuration:", "Examples:"];
        assert_eq!(headings, groups, "{help}");
    }
}
