//! `hostfit completions`.

use std::io::{Write, stdout};

use clap_complete::Shell;
use hostfit_core::rules::RULES;

use crate::{Exit, args::Completions, error::Error};

pub(crate) fn run(args: &Completions) -> Result<Exit, Error> {
    // Writing them to a pipe that is closed would panic.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::command(), "hostfit", &mut script);
    if args.shell == Shell::Fish {
        script.extend(rules_for_fish().into_bytes());
    }
    let mut out = stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// For fish, `clap_complete` gives values of options only, and none of arguments.
fn rules_for_fish() -> String {
    let line = |id: &str, summary: &str| {
        let summary = summary.replace('\\', r"\\").replace('\'', r"\'");
        format!("complete -c hostfit -n \"__fish_hostfit_using_subcommand explain\" -f -a {id} -d '{summary}'\n")
    };
    RULES.iter().map(|rule| line(rule.id, rule.summary)).collect()
}
