//! `hostfit fleet show`.

mod human;
mod row;

use std::io::{BufWriter, Write, stdout};

use hostfit_core::{finding::Severity, source::Sources};
use serde::Serialize;

use self::row::FleetRow;
use crate::{
    Exit,
    args::{Color, Format, Inputs, fleet::Show},
    clock,
    error::Error,
    files::Folder,
    report::{VERSION, json},
    settings::Settings,
    terminal::Style,
};

/// What the shape of the JSON is called.
const SCHEMA: &str = "hostfit-fleet/1";

/// All fleets.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    version: &'static str,
    as_of: String,
    fleets: Vec<FleetRow<'a>>,
    summary: Summary,
}

/// How many problems there are of each severity.
#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    infos: usize,
}

pub(crate) fn run(args: &Show) -> Result<Exit, Error> {
    let folder = Folder::current()?;
    let inputs = Inputs { config: args.config.clone(), fleet: args.fleet.clone(), ..Inputs::working_folder(true) };
    let Settings { config, sources, root, .. } = Settings::load(&inputs, &folder)?;
    let sources = Sources::new(sources);
    let today = args.as_of.unwrap_or_else(clock::today);
    let shower = row::Shower { config: &config, sources: &sources, root: &root, folder: &folder, today };
    // A configuration that declares hosts in its targets alone has no fleet of its own.
    let is_shown = |fleet: &FleetRow| fleet.name.is_some() || !fleet.hosts.is_empty();
    let fleets: Vec<_> = config.fleets().map(|fleet| shower.fleet(&fleet)).filter(is_shown).collect();
    let count = |severity: Severity| problems(&fleets).filter(|it| *it == severity).count();
    let summary =
        Summary { errors: count(Severity::Error), warnings: count(Severity::Warning), infos: count(Severity::Info) };
    let least = args.fail_on.least();
    let fails = problems(&fleets).any(|severity| least.is_some_and(|least| severity >= least));
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        Format::Json => {
            let report = Report { schema: SCHEMA, version: VERSION, as_of: today.to_string(), fleets, summary };
            json::write_value(&report, &mut out)?;
        }
        Format::Human => {
            out.write_all(human::text(&fleets, args.verbose, Style::stdout(Color::Never).width).as_bytes())?;
        }
    }
    out.flush()?;
    Ok(if fails { Exit::Findings } else { Exit::Clean })
}

fn problems<'r>(fleets: &'r [FleetRow<'r>]) -> impl Iterator<Item = Severity> + 'r {
    let all =
        fleets.iter().flat_map(|fleet| fleet.problems.iter().chain(fleet.hosts.iter().flat_map(|it| &it.problems)));
    all.map(|problem| problem.level)
}
