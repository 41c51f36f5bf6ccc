//! The program around `hostfit-core`: files, options, reports and exit status.

mod ancestors;
mod args;
mod baseline;
mod charts;
mod clock;
mod commands;
mod discover;
mod error;
mod files;
mod fleet;
#[doc(hidden)]
pub mod fuzzing;
mod ignored;
mod input;
mod output;
mod parallel;
mod read;
mod rendered;
mod report;
mod repository;
mod settings;
mod terminal;
mod tree;
mod unified;
mod walk;
mod write;

pub use error::Error;
pub use report::pages::rule_pages;

/// Here, since the program goes by two names.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a run ended that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Something is.
    Findings,
    /// The language server's client went away without saying so.
    Abrupt,
}

/// The command line, for what is made of it: completions and man pages.
pub fn command() -> clap::Command {
    args::command()
}

/// Does what the command line says.
///
/// # Errors
/// When the run itself failed: a path that does not exist, a configuration that cannot be read.
pub fn run() -> Result<Exit, Error> {
    let args = args::parse();
    match args.command {
        args::Command::Check(args) => commands::check::run(&args),
        args::Command::Fix(args) => commands::fix::run(&args),
        args::Command::Rules(args) => commands::rules::run(&args),
        args::Command::Explain(args) => commands::explain::run(&args),
        args::Command::Compat(args) => commands::compat::run(&args),
        args::Command::Images(args) => commands::images::run(&args),
        args::Command::Diagnose(args) => commands::diagnose::run(&args),
        args::Command::Fleet(args) => commands::fleet::run(&args),
        args::Command::Matrix(args) => commands::matrix::run(&args),
        args::Command::Plan(args) => commands::plan::run(&args),
        args::Command::Render(args) => commands::render::run(&args),
        args::Command::Merge(args) => commands::merge::run(&args),
        args::Command::Init(args) => commands::init::run(&args),
        args::Command::Completions(args) => commands::completions::run(&args),
        args::Command::Schema => commands::schema::run(),
        args::Command::Lsp(args) => commands::lsp::run(&args),
    }
}
