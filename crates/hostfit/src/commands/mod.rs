//! One file for each command.

pub(crate) mod check;
pub(crate) mod compat;
pub(crate) mod completions;
pub(crate) mod diagnose;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod fleet;
pub(crate) mod images;
pub(crate) mod init;
pub(crate) mod lsp;
pub(crate) mod matrix;
pub(crate) mod merge;
pub(crate) mod plan;
pub(crate) mod render;
pub(crate) mod rules;
pub(crate) mod schema;
mod selection;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use hostfit_core::{
    check::Asked,
    config::Config,
    finding::Severity,
    fleet_check,
    front::{Content, Unit},
    nearest::nearest,
    rules as core_rules,
    source::{Source, SourceId, Sources, Span},
    windows::{Date, image::Declared, release},
};

use crate::{
    args::Inputs,
    charts::{self, Charts},
    error::Error,
    files::{self, Bounds, Folder, Skipped},
    read::{self, Files, Texts},
    rendered,
    report::human::number,
    settings::{self, Settings},
    terminal::say,
};

/// Reads the configuration and all files that it takes to judge what the command line means.
fn load(inputs: &Inputs) -> Result<(Settings, Files), Error> {
    let folder = Folder::current()?;
    let mut settings = Settings::load(inputs, &folder)?;
    let files = read_all(inputs, &folder, &mut settings, Texts::Held)?;
    Ok((settings, files))
}

/// Reads all files that it takes to judge what the command line means.
fn read_all(inputs: &Inputs, folder: &Folder, settings: &mut Settings, texts: Texts) -> Result<Files, Error> {
    let roots = roots(inputs, folder, settings);
    read_files(inputs, folder, settings, roots, texts)
}

/// The folders that are read beside what the command line means.
fn roots(inputs: &Inputs, folder: &Folder, settings: &Settings) -> Vec<PathBuf> {
    if inputs.no_context { Vec::new() } else { files::roots(inputs, settings.home.as_deref(), folder) }
}

/// Reads all files that the command line means, those of these folders, and the Dockerfiles that `[images]` names.
fn read_files(
    inputs: &Inputs,
    folder: &Folder,
    settings: &mut Settings,
    roots: Vec<PathBuf>,
    texts: Texts,
) -> Result<Files, Error> {
    let bounds = Bounds::new(inputs, &settings.config.exclude, &settings.root, roots, folder)?;
    let mut found = files::find(inputs, folder, &bounds)?;
    let unread = if inputs.no_context {
        Vec::new()
    } else {
        found.add_declared(&settings.config, &settings.root, folder, &bounds)
    };
    let charts = Charts::take(&mut found, folder, &bounds, &settings.root);
    let mut files = read::read(inputs, folder, &bounds, found, std::mem::take(&mut settings.sources), texts)?;
    if !inputs.quiet && !inputs.no_context {
        for chart in charts.missing(&settings.config, folder) {
            let file = files.sources.get(chart.span.source.0 as usize);
            let line = file.map_or(1, |file| file.position(chart.span.start).line);
            say(&format!("warning: {}:{line}: there is no chart in `{}`", chart.file, chart.path));
        }
    }
    rendered::join(charts, &mut files, &settings.config, folder, &bounds, inputs.jobs);
    files.skipped.extend(settings.skipped.iter().cloned());
    files.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    tell_settings(settings, inputs, folder);
    tell_unread(&unread, settings, inputs, &files);
    let config = &mut settings.config;
    if !config.overrides.is_empty() || !config.targets.is_empty() {
        let path = |source: &Source| (source.id, folder.absolute(Path::new(&source.path)));
        let paths: Vec<_> = files.sources.iter().filter(|it| it.rendered.is_none()).map(path).collect();
        settings::match_files(config, &settings.root, &paths)?;
        settings::match_rendered(config, &settings.root, &charts::texts(&files.sources, folder))?;
        tell_unmet_targets(settings, inputs, folder, &files.sources);
    }
    Ok(files)
}

/// The texts of a run in this folder.
fn sources(files: &mut Files, folder: &Folder) -> Sources {
    Sources::new(std::mem::take(&mut files.sources)).in_folder(&folder.path.to_string_lossy())
}

/// What the given files are: what was changed, or what a run is about. Where the configuration was changed that is
/// everything, and none.
fn asked<'f>(files: &'f Files, changed: bool, config: &Config) -> Option<Asked<'f>> {
    let declares_target = |id: SourceId| config.targets.iter().any(|target| target.is_declared_in(id));
    let is_setting = |id: &SourceId| (id.0 as usize) < files.settings && !declares_target(*id);
    match changed {
        true if files.given.iter().any(is_setting) => None,
        true => Some(Asked::Changed(&files.given)),
        false => Some(Asked::Files(&files.given)),
    }
}

/// Warns when the built-in release table is too old to be trusted on that day. That is not a finding: no file is at fault.
fn tell_age(today: Date, quiet: bool) {
    if quiet || !release::is_outdated(today) {
        return;
    }
    say(&format!(
        "warning: this hostfit knows Windows releases and tags as of {}, more than {} months before {today}; install a \
         newer hostfit, or declare newer releases with [[release]]",
        release::TABLE_DATE,
        release::TABLE_MONTHS
    ));
}

/// Says that something is wrong with the fleet itself. That is not a finding: it is not about a workload.
fn tell_fleet(config: &Config, inputs: &Inputs, today: Date) {
    let problems = fleet_check::all(config, today);
    // What a rule reports is among the findings.
    let counts = |problem: &&fleet_check::Problem| problem.severity >= Severity::Warning && !problem.kind.has_rule();
    let count = problems.iter().filter(counts).count();
    if count > 0 {
        let option =
            |name: &str, path: &Option<PathBuf>| path.as_ref().map(|path| format!(" {name} {}", path.display()));
        let options = [option("--config", &inputs.config), option("--fleet", &inputs.fleet)];
        let command = format!("hostfit fleet show{}", options.into_iter().flatten().collect::<String>());
        let verb = if count == 1 { "it" } else { "them" };
        say(&format!("warning: the fleet has {}; `{command}` shows {verb}", number(count, "other problem")));
    }
}

/// Says which configuration is used, where that is not plain to see, and which one is there and is not.
fn tell_settings(settings: &Settings, inputs: &Inputs, folder: &Folder) {
    for skipped in settings.skipped.iter().filter(|_| !inputs.quiet) {
        say(&format!("warning: {}", skipped.words()));
    }
    if let Some(path) = settings.found.as_ref().filter(|_| inputs.verbose) {
        say(&format!("configuration: {}", folder.show(path)));
    }
}

/// Skipped files of one reason that are named without `-v`.
const NAMED: usize = 5;

/// Reasons that are named without `-v`.
const REASONS: usize = 10;

/// Names skipped files: each with `-v`, else the first of the commonest reasons, but for those that somebody excluded.
fn tell_skipped(inputs: &Inputs, skipped: &[Skipped]) {
    if inputs.quiet {
        return;
    }
    let (unreadable, others): (Vec<_>, Vec<_>) = skipped.iter().partition(|it| it.reason == "unreadable");
    for Skipped { path, advice, .. } in unreadable {
        say(&format!("warning: {path} cannot be read: {advice}"));
    }
    let mut reasons: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for skipped in others {
        let Skipped { path, reason, line, advice } = skipped;
        if inputs.verbose {
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            say(&format!("skipped: {path}{line} ({reason}): {advice}"));
        } else if reason != "excluded" {
            reasons.entry((skipped.shared_reason(), &**advice)).or_default().insert(skipped.name());
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, paths)| Reverse(paths.len()));
    let others = reasons.split_off(reasons.len().min(REASONS));
    for ((reason, advice), paths) in reasons {
        let named = paths.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = paths.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        say(&format!("skipped: {named}{more} ({reason}): {advice}"));
    }
    if !others.is_empty() {
        let files: BTreeSet<_> = others.iter().flat_map(|(_, paths)| paths).collect();
        let reasons = number(others.len(), "other reason");
        say(&format!("skipped: {} for {reasons}; `-v` lists them", number(files.len(), "more file")));
    }
}

/// Says that no file was checked, and why. What was changed need not be of any kind that hostfit reads.
fn nothing_checked(inputs: &Inputs, changed: bool, files: &Files) -> Option<String> {
    if changed || files.checked().next().is_some() {
        return None;
    }
    if !files.skipped.is_empty() {
        return Some(format!("nothing was checked: {} skipped", number(files.skipped.len(), "file")));
    }
    let is_stdin = |path: &&PathBuf| path.as_os_str() == "-";
    if inputs.paths.iter().all(|path| is_stdin(&path)) {
        return Some(format!("nothing was checked: stdin holds no {KINDS}; `--stdin-filename NAME` says what it is"));
    }
    let names: Vec<_> = inputs.paths.iter().map(|path| path.display().to_string()).collect();
    Some(format!(
        "nothing was checked: {} no {KINDS}",
        match names.as_slice() {
            [one] => format!("`{one}` holds"),
            [one, other] => format!("`{one}` and `{other}` hold"),
            [one, others @ ..] => format!("`{one}` and {} other paths hold", others.len()),
            [] => "there is".to_owned(),
        }
    ))
}

/// What hostfit reads.
const KINDS: &str = "Dockerfile, Compose file, Kubernetes manifest, bake file or daemon.json";

/// Says which Dockerfiles of `[images]` are not read, and why.
fn tell_unread(unread: &[(Span, String)], settings: &Settings, inputs: &Inputs, files: &Files) {
    if inputs.quiet {
        return;
    }
    let is_read = |path: &str| {
        let is_dockerfile = |unit: &&Unit| matches!(unit.content, Content::Dockerfile(_));
        let mut units = files.units.iter().filter(is_dockerfile);
        units.any(|unit| files.sources.get(unit.source.0 as usize).is_some_and(|source| source.path == path))
    };
    let declared = settings.config.images.iter().filter_map(|rule| match &rule.declared {
        Declared::Built(build) => Some(build),
        _ => None,
    });
    let others = declared
        .filter(|build| unread.iter().all(|(span, _)| *span != build.span) && !is_read(&build.dockerfile))
        .map(|build| {
            (build.span, format!("`{}` is not a Dockerfile; images that it builds are unknown", build.dockerfile))
        });
    for (span, message) in unread.iter().cloned().chain(others) {
        let file = files.sources.get(span.source.0 as usize);
        let place = file.map_or_else(String::new, |file| format!("{}:{}: ", file.path, file.position(span.start).line));
        say(&format!("warning: {place}{message}"));
    }
}

/// Says which targets mean no file, where all of the configuration's folder is looked at.
fn tell_unmet_targets(settings: &Settings, inputs: &Inputs, folder: &Folder, sources: &[Source]) {
    let is_whole = inputs.paths.iter().any(|path| settings.root.starts_with(folder.absolute(path)));
    if inputs.quiet || !is_whole {
        return;
    }
    let file = settings.config.files.first().and_then(|file| sources.get(file.source.0 as usize));
    for target in settings.config.targets.iter().filter(|target| target.files.is_empty()) {
        let place =
            file.map_or_else(String::new, |file| format!("{}:{}: ", file.path, file.position(target.span.start).line));
        say(&format!("warning: {place}no file here is of this target ({})", target.paths.join(", ")));
    }
}

/// The error for a rule that does not exist.
fn unknown_rule(id: &str) -> Error {
    let help = match nearest(id, core_rules::RULES.iter().map(|rule| rule.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`hostfit rules` lists them".to_owned(),
    };
    Error::message(format!("there is no rule `{id}`; {help}"))
}
