//! The command line.

mod diagnose;
mod examples;
pub(crate) mod fleet;
mod images;
mod matrix;

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

pub(crate) use self::{
    diagnose::Diagnose,
    images::Images,
    matrix::{Matrix, MatrixFormat},
};
use clap::{
    Arg, Args as ClapArgs, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};
use hostfit_core::{finding::Severity, fleet::Runtime, rules::RULES, shard::Shard, source::Span};

/// Will every container image in these files run on every Windows host they may land on?
#[derive(Debug, Parser)]
#[command(name = "hostfit", version, max_term_width = 100, arg_required_else_help = true, after_help = examples::HOSTFIT)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check files: Dockerfiles, Compose and stack files, Kubernetes manifests, daemon.json
    #[command(after_help = examples::CHECK)]
    Check(Box<Check>),
    /// Mend what has one right answer
    #[command(after_help = examples::FIX)]
    Fix(Box<Fix>),
    /// List every rule
    #[command(after_help = examples::RULES)]
    Rules(Rules),
    /// Show the documentation of a rule
    #[command(after_help = examples::EXPLAIN)]
    Explain(Explain),
    /// Say whether an image of one Windows version runs on a host of another
    #[command(after_help = examples::COMPAT)]
    Compat(Compat),
    /// List every image reference, its OS version and how that is known
    #[command(after_help = examples::IMAGES)]
    Images(Images),
    /// Explain an error that kubectl or docker printed
    #[command(after_help = diagnose::EXAMPLES)]
    Diagnose(Diagnose),
    /// Show the fleet, or write it from what kubectl and docker print
    #[command(after_help = examples::FLEET)]
    Fleet(fleet::Fleet),
    /// Show which workload runs on which host
    #[command(after_help = matrix::EXAMPLES)]
    Matrix(Matrix),
    /// Join the results of `check --shard I/N` runs into that of one run
    #[command(after_help = examples::MERGE)]
    Merge(Merge),
    /// Write a commented hostfit.toml for this repository
    #[command(after_help = examples::INIT)]
    Init(Init),
    /// Print what makes a shell complete commands, options and rules
    #[command(after_help = examples::COMPLETIONS)]
    Completions(Completions),
    /// Print the JSON Schema of hostfit.toml, for editors
    #[command(after_help = examples::SCHEMA)]
    Schema,
    /// Run the language server on stdin and stdout
    #[command(after_help = examples::LSP)]
    Lsp(Lsp),
}

/// Which files, and what is known beside them.
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option by itself")]
pub(crate) struct Inputs {
    /// What to report on: files, folders, or `-` for stdin
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read only PATH, the configuration and the fleet, not the rest of the repository
    #[arg(long)]
    pub(crate) no_context: bool,
    /// Take this configuration, not the nearest hostfit.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Do not read hostfit.toml and hostfit.lock
    #[arg(long, conflicts_with = "config")]
    pub(crate) isolated: bool,
    /// Take the hosts of this file, not those of the configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) fleet: Option<PathBuf>,
    /// Take what registries said from this file, not from the hostfit.lock beside hostfit.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) lock: Option<PathBuf>,
    /// Set a build arg, as `docker build` does
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = build_arg)]
    pub(crate) build_args: Vec<(String, String)>,
    /// The file that stdin stands for
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// Exclude these files too: a pattern as in a .gitignore in the working folder
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Leave out excluded files even if they are named here
    #[arg(long)]
    pub(crate) force_exclude: bool,
    /// How many files to read at a time [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Say nothing but the result
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what was passed over, and why
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

impl Inputs {
    /// All that is in the working folder.
    pub(crate) fn working_folder(quiet: bool) -> Self {
        Self {
            paths: vec![".".into()],
            no_context: false,
            config: None,
            isolated: false,
            fleet: None,
            lock: None,
            build_args: Vec::new(),
            stdin_filename: None,
            exclude: Vec::new(),
            force_exclude: false,
            jobs: None,
            color: Color::Auto,
            quiet,
            verbose: false,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// How findings are written to stdout
    #[arg(long, value_enum, default_value_t = ReportFormat::Human)]
    pub(crate) format: ReportFormat,
    /// Write findings to a file too; may be given several times
    #[arg(long = "output", value_name = "FORMAT=FILE", value_parser = output)]
    pub(crate) outputs: Vec<(ReportFormat, PathBuf)>,
    /// Print how many findings each rule has, not the findings; in the formats human and json
    #[arg(long)]
    pub(crate) statistics: bool,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Report on one of N equal shares of the files only; `hostfit merge` joins the results
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// Write what is found into a baseline, so that `--baseline` reports only what is new
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
}

/// What is looked for, and what makes a run fail.
#[derive(Debug, ClapArgs)]
pub(crate) struct Judging {
    /// Only these rules
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = RuleId, hide_possible_values = true)]
    pub(crate) select: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "RULE,...", value_delimiter = ',', value_parser = RuleId, hide_possible_values = true)]
    pub(crate) ignore: Vec<String>,
    /// Take PATH as what was changed, and report what that causes, wherever it stands
    #[arg(long)]
    pub(crate) changed: bool,
    /// The least severity that makes the exit status 1 [default: warning]
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// The day that support dates are compared with [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::clock::parse)]
    pub(crate) as_of: Option<hostfit_core::windows::Date>,
    /// Leave out the findings that this file lists
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Fix {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Apply fixes too that may change more than their finding asks for
    #[arg(long = "unsafe")]
    pub(crate) with_unsafe: bool,
    /// Print a unified diff, as `git apply` takes it, and write nothing
    #[arg(long)]
    pub(crate) diff: bool,
    #[command(flatten)]
    pub(crate) judging: Judging,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Rules {
    /// How rules are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// The rule's id
    #[arg(value_name = "RULE", value_parser = RuleId, hide_possible_values = true)]
    pub(crate) rule: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Completions {
    /// The shell that they are for
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Compat {
    /// The host's release, build or version, as in `ltsc2022`, `20348`, `10.0.20348.2700`
    #[arg(long, value_name = "OS")]
    pub(crate) host: String,
    /// The image's release, build or version
    #[arg(long, value_name = "OS")]
    pub(crate) image: String,
    /// How the container is kept apart
    #[arg(long, value_enum, default_value_t = Isolation::Default)]
    pub(crate) isolation: Isolation,
    /// Windows Server, or Windows 10 and 11 [default: what --host says, or a client where only clients have the build]
    #[arg(long, value_enum)]
    pub(crate) host_kind: Option<HostKind>,
    /// The host's container engine, as in `docker 29.6.2`, `docker 29.6.2 (containerd)`, `containerd 2.1.6`
    #[arg(long, value_parser = runtime, default_value = "docker")]
    pub(crate) runtime: Runtime,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

fn runtime(text: &str) -> Result<Runtime, String> {
    let help = "write `docker 29.6.2`, `docker 29.6.2 (containerd)` for Docker with containerd's image store, or \
                `containerd 2.1.6`; the version may be left out";
    Runtime::parse(text, Span::NOWHERE).ok_or_else(|| help.to_owned())
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Merge {
    /// Results of all shards, JSON or SARIF, or `-` for stdin; `*` in a name stands for any letters
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Write the result to this file, not to stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The least severity that makes the exit status 1 [default: that of the shards]
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Init {
    /// Write a .pre-commit-config.yaml too
    #[arg(long)]
    pub(crate) pre_commit: bool,
    /// Write what runs hostfit in this CI too
    #[arg(long, value_name = "CI", value_enum, value_delimiter = ',')]
    pub(crate) ci: Vec<Ci>,
    /// Print to stdout what would be written, and write nothing
    #[arg(long)]
    pub(crate) stdout: bool,
    /// Say nothing
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Lsp {
    /// Write what the server does into this file
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Talk on stdin and stdout, as some editors ask for; there is no other way
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

/// The formats of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Findings with the lines they stand in
    Human,
    /// A line for each finding: path:line:column: severity[rule] headline
    Concise,
    /// JSON
    Json,
    /// SARIF 2.1.0, as GitHub code scanning takes it
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's Code Quality
    Gitlab,
    /// Issues of Azure Pipelines
    Azure,
    /// JUnit XML
    Junit,
    /// Checkstyle XML
    Checkstyle,
    /// The Reviewdog Diagnostic Format
    Rdjson,
}

impl ReportFormat {
    /// Whether it names findings so that a later run can find them again.
    pub(crate) fn has_fingerprints(self) -> bool {
        matches!(self, Self::Sarif | Self::Gitlab)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors only
    Error,
    /// Warnings and errors
    Warning,
    /// Anything
    Info,
    /// Nothing
    Never,
}

impl FailOn {
    /// The severity, unless nothing makes a run fail.
    pub(crate) fn least(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Isolation {
    /// Sharing the host's kernel
    Process,
    /// In a small virtual machine
    Hyperv,
    /// What the engine makes of it
    Default,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HostKind {
    /// Windows Server
    Server,
    /// Windows 10 or 11
    Client,
}

/// The arguments, in which names of files can't be taken for options where programs give them: with `--changed` what
/// begins with a dash and is the name of a file is that file. A hook's user sets options, and none knows to end them.
pub(crate) fn protect_names(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
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

/// Takes any text, since whoever needs the rule names the nearest one. Shells learn the ids from it.
#[derive(Clone)]
struct RuleId;

impl TypedValueParser for RuleId {
    type Value = String;

    fn parse_ref(&self, command: &clap::Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(RULES.iter().map(|rule| PossibleValue::new(rule.id).help(rule.summary))))
    }
}

fn build_arg(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

fn output(text: &str) -> Result<(ReportFormat, PathBuf), String> {
    let Some((format, file)) = text.split_once('=') else { return Err("write FORMAT=FILE".to_owned()) };
    let known = || ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let format = ReportFormat::from_str(format, false).map_err(|_| {
        let names: Vec<_> = known().map(|it| it.get_name().to_owned()).collect();
        format!("there is no format `{format}`; there are {}", names.join(", "))
    })?;
    match file {
        "" => Err("write FORMAT=FILE".to_owned()),
        "-" => Err("it writes files; `--format` says what goes to stdout".to_owned()),
        file => Ok((format, PathBuf::from(file))),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_example_is_a_command() {
        let mut hostfit = Args::command();
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
        let mut hostfit = Args::command();
        hostfit.build();
        for command in std::iter::once(&mut hostfit.clone()).chain(hostfit.get_subcommands_mut()) {
            let help = command.render_long_help().to_string();
            // Man pages and old consoles know no others.
            assert!(help.is_ascii(), "{help}");
            assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        }
    }
}
