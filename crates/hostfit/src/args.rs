//! The command line.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Will every container image in these files run on every Windows host they may land on?
#[derive(Debug, Parser)]
#[command(name = "hostfit", version, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check files: Dockerfiles, Compose and stack files, Kubernetes manifests, daemon.json
    Check(Box<Check>),
    /// Mend what has one right answer
    Fix(Box<Fix>),
    /// List every rule
    Rules(Rules),
    /// Show the documentation of a rule
    Explain(Explain),
    /// Say whether an image of one Windows version runs on a host of another
    Compat(Compat),
    /// List every image reference, its OS version and how that is known
    Images(Images),
    /// Run the language server on stdin and stdout
    Lsp,
}

/// Which files, and what is known beside them.
#[derive(Debug, ClapArgs)]
pub(crate) struct Inputs {
    /// Files, folders, or `-` for stdin
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Take this configuration, not the nearest hostfit.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Take the hosts of this file
    #[arg(long, value_name = "FILE")]
    pub(crate) fleet: Option<PathBuf>,
    /// Set a build arg, as `docker build` does
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = build_arg)]
    pub(crate) build_args: Vec<(String, String)>,
    /// The name that stdin goes by
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// Leave out excluded files even if they are named here
    #[arg(long)]
    pub(crate) force_exclude: bool,
    /// How many files to read at a time [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Say nothing but the result
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what was passed over, and why
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) judging: Judging,
}

/// What is looked for, and what makes a run fail.
#[derive(Debug, ClapArgs)]
pub(crate) struct Judging {
    /// Only these rules
    #[arg(long, value_name = "RULE,…", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "RULE,…", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Take the paths for what was changed: judge the whole repository, and report what stands in them, in what depends
    /// on them and in what they depend on; everything if one of them is the configuration
    #[arg(long)]
    pub(crate) changed: bool,
    /// The least severity that makes the exit status 1 [default: warning]
    #[arg(long, value_name = "SEVERITY", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// The day that support dates are compared with [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::clock::parse)]
    pub(crate) as_of: Option<hostfit_core::windows::Date>,
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
    /// How they are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// The rule's id
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Compat {
    /// The host's release, build or version, as in `ltsc2022`, `20348`, `10.0.20348.2700`
    #[arg(long, value_name = "OS")]
    pub(crate) host: String,
    /// The image's
    #[arg(long, value_name = "OS")]
    pub(crate) image: String,
    /// How the container is kept apart
    #[arg(long, value_enum, default_value_t = Isolation::Default)]
    pub(crate) isolation: Isolation,
    /// Windows Server, or Windows 10 and 11 [default: a client where only clients have the build]
    #[arg(long, value_enum)]
    pub(crate) host_kind: Option<HostKind>,
    /// The engine
    #[arg(long, value_enum, default_value_t = Runtime::Docker)]
    pub(crate) runtime: Runtime,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Images {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// How they are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Runtime {
    /// Docker
    Docker,
    /// containerd, as Kubernetes uses it
    Containerd,
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

fn build_arg(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}
