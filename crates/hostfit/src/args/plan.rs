//! `hostfit plan`.

use clap::{Args, ValueEnum};
use hostfit_core::windows::Date;

use super::{CONFIGURATION, INPUT, Inputs, OUTPUT, SELECTION};

/// `--fleet` is the fleet that is moved to.
#[derive(Debug, Args)]
#[command(mut_arg("fleet", |arg| arg
    .help("The hosts as they will be, instead of --to")
    .help_heading(INPUT)
    .display_order(0)))]
#[command(mut_arg("config", |arg| arg.help_heading(CONFIGURATION)))]
pub(crate) struct Plan {
    /// Release that the hosts move to, as in `ltsc2022`
    #[arg(long, value_name = "RELEASE", required_unless_present_any = ["fleet", "bots"], conflicts_with = "fleet", help_heading = INPUT, display_order = 0)]
    pub(crate) to: Option<String>,
    /// Move only the hosts of this release
    ///
    /// By default every Windows Server of an older release moves.
    #[arg(long, value_name = "RELEASE", requires = "to", help_heading = INPUT, display_order = 0)]
    pub(crate) from: Option<String>,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Day for support dates [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::clock::parse, help_heading = SELECTION, display_order = 0)]
    pub(crate) as_of: Option<Date>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = PlanFormat::Human, help_heading = OUTPUT, display_order = 0)]
    pub(crate) format: PlanFormat,
    /// Print the safe edits of each step as a patch
    #[arg(long, conflicts_with_all = ["format", "bots"], help_heading = OUTPUT, display_order = 0)]
    pub(crate) diff: bool,
    /// Print rules that keep a bot on the fleet's releases
    #[arg(long, value_name = "BOT", value_enum, conflicts_with = "format", help_heading = OUTPUT, display_order = 0)]
    pub(crate) bots: Option<Bot>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For the terminal
    Human,
    /// JSON
    Json,
    /// For a pull request or an issue
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bot {
    /// `packageRules` of renovate.json
    Renovate,
    /// `ignore` of .github/dependabot.yml
    Dependabot,
}

/// The examples at the end of its help.
pub(super) const EXAMPLES: &str = "\
Examples:
  hostfit plan --to ltsc2022                     what has to change, and in which order
  hostfit plan --to ltsc2025 --from ltsc2022     only the hosts of one release move
  hostfit plan --fleet next.toml                 to the hosts of another fleet file
  hostfit plan --to ltsc2022 --format markdown   for a pull request or an issue
  hostfit plan --to ltsc2022 --diff              one patch for each step
  hostfit plan --bots renovate                   keep bots on the releases of the fleet

Exit status: 0 whatever has to change, 2 the run itself failed or no declared host moves.";
