//! `hostfit plan`.

use std::{
    fs,
    io::{BufWriter, IsTerminal, Read, Write, stdout},
    path::PathBuf,
};

use hostfit_core::{
    fix,
    plan::{self, Next, NothingMoves, Plan, bots},
    printable::line,
    rules,
    source::{MAX_BYTES, Source, SourceId, Sources},
    windows::{Build, release::Releases, version},
};

use crate::{
    Exit,
    args::{self, Bot, Inputs, PlanFormat},
    clock,
    error::Error,
    files::Folder,
    read::{Files, Texts},
    report,
    settings::Settings,
    terminal::{Style, say},
    tree,
    unified::{Reader, write_diff},
};

pub(crate) fn run(args: &args::Plan) -> Result<Exit, Error> {
    let folder = Folder::current()?;
    // The other fleet takes the place of this one later.
    let inputs = Inputs { fleet: None, ..args.inputs.clone() };
    let mut settings = Settings::load(&inputs, &folder)?;
    let other = args.inputs.fleet.as_deref().map(|path| settings.add_fleet(path, &folder)).transpose()?;
    let mut files = super::read_all(&inputs, &folder, &mut settings, Texts::Held)?;
    let next = next(args, &settings, other, &files)?;
    let today = args.as_of.unwrap_or_else(clock::today);
    let mut sources = super::sources(&mut files, &folder);
    super::tell_skipped(&inputs, &files.skipped);
    let mut out = BufWriter::new(stdout().lock());
    if let Some(bot) = args.bots {
        let rules = bots::rules(&sources, &files.units, &settings.config, next.as_ref(), today);
        match bot {
            Bot::Renovate => report::plan::bots::renovate(&rules, &mut out)?,
            Bot::Dependabot => report::plan::bots::dependabot(&rules, &mut out)?,
        }
        out.flush()?;
        return Ok(Exit::Clean);
    }
    // The command line wants one of `--to`, `--fleet` and `--bots`.
    let next = next.ok_or_else(|| Error::message("name the release with `--to`, or the next fleet with `--fleet`"))?;
    let given = |id: SourceId| files.given.contains(&id);
    let plan = plan::plan(&mut sources, &mut files.units, &settings.config, &next, today, given)
        .map_err(|NothingMoves { to }| nothing_moves(args, to, &settings.config.releases))?;
    if args.diff {
        diff(&plan, &sources, &files, &mut out)?;
    } else {
        let page =
            report::plan::Page { plan: &plan, sources: &sources, releases: &settings.config.releases, as_of: today };
        match args.format {
            PlanFormat::Human => report::plan::human::write(&page, Style::stdout(inputs.color), &mut out)?,
            PlanFormat::Json => report::plan::json::write(&page, &mut out)?,
            PlanFormat::Markdown => report::plan::markdown::write(&page, &mut out)?,
        }
    }
    out.flush()?;
    super::tell_age(today, inputs.quiet);
    Ok(Exit::Clean)
}

/// What the hosts will be; none where only rules for bots are asked for.
fn next(args: &args::Plan, settings: &Settings, other: Option<SourceId>, files: &Files) -> Result<Option<Next>, Error> {
    let releases = &settings.config.releases;
    if let Some(to) = &args.to {
        let build = |text: &String| build_of(text, releases);
        return Ok(Some(Next::Release { to: build(to)?, from: args.from.as_ref().map(build).transpose()? }));
    }
    let Some(source) = other.and_then(|id| files.sources.get(id.0 as usize)) else { return Ok(None) };
    let mut config = settings.config.clone();
    if let Err(errors) = config.replace_fleet(source, &rules::ids()) {
        let text = Source::from_text(SourceId(0), source.path.clone(), source.text.clone());
        let first = errors.first().map_or_else(String::new, |error| {
            format!("{}:{}: {}", text.path, text.position(error.span.start).line, error.message)
        });
        return Err(Error::message(first));
    }
    Ok(Some(Next::Fleet(Box::new(config))))
}

fn build_of(text: &str, releases: &Releases) -> Result<Build, Error> {
    let version = version::parse(text, releases).or_else(|| version::of_host(text, releases));
    version.map(|version| version.build).ok_or_else(|| {
        Error::message(format!(
            "`{text}` is not a release of Windows; write `ltsc2022`, a build (`20348`) or a version (`10.0.20348`)"
        ))
    })
}

fn nothing_moves(args: &args::Plan, to: Option<Build>, releases: &Releases) -> Error {
    let message = match (to, &args.from) {
        (None, _) => "the next fleet has no Windows host".to_owned(),
        (Some(to), Some(from)) => format!("no declared host of {from} moves to {}", releases.title(to)),
        (Some(to), None) => format!("no declared host moves to {}", releases.title(to)),
    };
    Error::message(format!("{message}; `hostfit fleet show` lists the hosts"))
}

/// The safe edits of each step as a patch: each applies to what the ones before it leave.
fn diff(plan: &Plan, sources: &Sources, files: &Files, out: &mut dyn Write) -> Result<(), Error> {
    let reader = if stdout().is_terminal() { Reader::Terminal } else { Reader::Program };
    for step in &plan.steps {
        let mut is_headed = false;
        for patch in &step.patch {
            let Some(source) = sources.get(patch.source) else { continue };
            let Some(path) = files.meant.get(&patch.source) else {
                say(&format!(
                    "warning: step {} changes {}, which is not among the given paths",
                    step.number, source.path
                ));
                continue;
            };
            let bytes = bytes_of(path, source)?;
            let with =
                |edits: &[hostfit_core::finding::Edit]| fix::edited(source, &bytes, &edits.iter().collect::<Vec<_>>());
            let (Some(old), Some(new)) = (with(&patch.before), with(&patch.after)) else { continue };
            if !is_headed {
                let title = format!("step {}, {}: {}", step.number, step.phase.title(), step.title);
                writeln!(out, "# {}", line(&title))?;
                is_headed = true;
            }
            if !write_diff(&source.path, &old, &new, reader, out)? && reader == Reader::Program {
                say(&format!(
                    "warning: the diff of {} cannot be applied: a CI server would obey lines of it, which are shown with \
                     question marks",
                    source.path
                ));
            }
        }
    }
    Ok(())
}

/// The bytes of a file, if they are still those that were read.
fn bytes_of(path: &PathBuf, source: &Source) -> Result<Vec<u8>, Error> {
    let failed = |why: String| Error::message(format!("{} {why}", source.path));
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Err(failed("is a link: plan with the file that it leads to".to_owned()));
    }
    let mut bytes = Vec::new();
    tree::open_plain(path)
        .and_then(|file| Ok(file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?))
        .map_err(|refused| failed(format!("cannot be read: {refused}")))?;
    let now = Source::decode(source.id, source.path.clone(), bytes.clone()).ok();
    if now.is_some_and(|now| *now.text == *source.text) {
        Ok(bytes)
    } else {
        Err(failed("was changed by somebody else meanwhile".to_owned()))
    }
}
