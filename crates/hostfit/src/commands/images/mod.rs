//! `hostfit images`: every image reference, its OS version and how that is known.

#[cfg(feature = "registry")]
mod online;
#[cfg(feature = "registry")]
mod registry;

use std::{
    collections::BTreeSet,
    io::{BufWriter, Write, stdout},
};

use hostfit_core::{
    check,
    config::{Config, RuleSelection},
    front::{Unit, link},
    knowledge::{self, Knowledge},
    model::{ImageId, ImageUse, Project, Role},
    printable::line,
    source::{SourceId, Sources},
    windows::Os,
};
use serde::Serialize;
use textwrap::core::display_width;

use crate::{
    Exit,
    args::{Format, Images},
    clock,
    error::Error,
    files::Folder,
    report::{
        self,
        human::{UNKNOWN, number},
        json::{self, Range},
    },
    terminal::{Style, padded, say, wrapped},
};

#[derive(Serialize)]
struct Report<'a, F: Serialize> {
    images: Vec<Row<'a>>,
    /// What registries could not be asked for, if they were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<F>,
}

#[derive(Serialize)]
struct Row<'a> {
    path: &'a str,
    range: Range,
    image: &'a str,
    role: &'static str,
    workload: Option<&'a str>,
    os: Option<&'static str>,
    version: Option<String>,
    release: Option<String>,
    /// The platforms of a multi-platform image, the newest Windows first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    platforms: Vec<String>,
    known_from: String,
}

pub(crate) fn run(args: &Images) -> Result<Exit, Error> {
    if args.online {
        return online(args);
    }
    let (settings, mut files) = super::load(&args.inputs)?;
    let sources = super::sources(&mut files, &Folder::current()?);
    let project = link::link(&sources, &files.units, &settings.config);
    let unknown = args.unknown.then(|| unknown(&sources, &files.units, &settings.config));
    show(args, &project, &settings.config, &sources, &files.given, unknown.as_ref(), None::<()>)?;
    super::tell_age(clock::today(), args.inputs.quiet);
    super::tell_skipped(&args.inputs, &files.skipped);
    if let Some(nothing) = super::nothing_checked(&args.inputs, false, &files).filter(|_| !args.inputs.quiet) {
        say(&nothing);
    }
    Ok(Exit::Clean)
}

#[cfg(feature = "registry")]
fn online(args: &Images) -> Result<Exit, Error> {
    online::run(args)
}

#[cfg(not(feature = "registry"))]
fn online(_: &Images) -> Result<Exit, Error> {
    Err(Error::message("this hostfit cannot ask registries: it was built without the feature `registry`"))
}

/// Writes the references of the given files to stdout, in the order of their places.
fn show<F: Serialize>(
    args: &Images,
    project: &Project,
    config: &Config,
    sources: &Sources,
    given: &BTreeSet<SourceId>,
    only: Option<&BTreeSet<String>>,
    failed: Option<F>,
) -> Result<(), Error> {
    let mut images: Vec<_> = project.images.iter().zip(0..).map(|(image, id)| (image, ImageId(id))).collect();
    let is_meant = |image: &ImageUse| only.is_none_or(|only| only.contains(&image.text.value));
    images.retain(|(image, _)| is_of(image, given) && is_meant(image));
    images.sort_by_key(|(image, _)| (json::path(image.text.span, sources), image.text.span.start));
    let rows = images.into_iter().map(|(image, id)| row(image, id, project, config, sources));
    let rows: Vec<_> = rows.collect();
    let is_hinted = args.unknown && !args.inputs.quiet && args.format == Format::Human;
    let hint = is_hinted.then(|| unknown_hint(&rows));
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        Format::Json => json::write_value(&Report { images: rows, failed }, &mut out)?,
        Format::Human => table(&rows, Style::stdout(args.inputs.color), &mut out)?,
    }
    out.flush()?;
    if let Some(hint) = hint {
        say(&hint);
    }
    Ok(())
}

/// Returns the images that [`UNKNOWN`] reports, whether it is enabled or not.
fn unknown(sources: &Sources, units: &[Unit], config: &Config) -> BTreeSet<String> {
    let rules = RuleSelection { select: vec![UNKNOWN.to_owned()], ..RuleSelection::default() };
    let config = Config { rules, command_line: RuleSelection::default(), overrides: Vec::new(), ..config.clone() };
    let report = check::check(sources, units, &config, clock::today());
    let findings = report.findings.into_iter().chain(report.suppressed.into_iter().map(|it| it.finding));
    findings.filter(|finding| finding.rule == UNKNOWN).filter_map(|finding| finding.image).collect()
}

fn unknown_hint(rows: &[Row]) -> String {
    let images: BTreeSet<_> = rows.iter().map(|row| row.image).collect();
    match images.len() {
        0 => "the Windows version of every image is known".to_owned(),
        count => format!(
            "the Windows version of {} is unknown; declare it under `[images]` in hostfit.toml, or ask the registries \
             with `hostfit images --online`",
            number(count, "image")
        ),
    }
}

/// Whether it is used in one of these files, or what it is called is written there.
fn is_of(image: &ImageUse, files: &BTreeSet<SourceId>) -> bool {
    files.contains(&image.text.span.source)
}

fn row<'a>(image: &'a ImageUse, id: ImageId, project: &'a Project, config: &Config, sources: &'a Sources) -> Row<'a> {
    let knowledge = &knowledge::of_image(project, id);
    let (role, workload) = match image.role {
        Role::Base { .. } => ("base", None),
        Role::CopiedFrom { .. } => ("copied-from", None),
        Role::Container { workload, .. } => ("container", project.workload(workload)),
    };
    let release = knowledge.version.and_then(|version| config.releases.by_build(version.build));
    Row {
        path: json::path(image.text.span, sources),
        range: json::range(image.text.span, sources),
        image: &image.text.value,
        role,
        workload: workload.map(|workload| workload.name.as_str()),
        os: knowledge.os.map(|os| match os {
            Os::Windows => "windows",
            Os::Linux => "linux",
        }),
        version: knowledge.version.map(|version| version.to_string()),
        release: release.map(|release| release.id.to_string()),
        platforms: platforms(id, project),
        known_from: known_from(image, knowledge, sources),
    }
}

fn platforms(id: ImageId, project: &Project) -> Vec<String> {
    let Some(variants) = project.deciding_image(id).and_then(|decider| decider.identity.variants.as_ref()) else {
        return Vec::new();
    };
    let windows = variants.windows.iter().map(ToString::to_string);
    windows.chain(variants.linux.then(|| "linux".to_owned())).collect()
}

/// Where the knowledge comes from, and the line of `[images]` that names the Dockerfile.
fn known_from(image: &ImageUse, knowledge: &Knowledge, sources: &Sources) -> String {
    let place = |span| report::place(span, sources);
    match (image.identity.declared_build(), image.built_by) {
        (Some(line), Some(_)) => {
            format!("{}, named by [images] at {}", knowledge.provenance.words(&place), place(line))
        }
        (Some(line), None) => format!("not known: the Dockerfile that [images] names at {} is not read", place(line)),
        (None, _) => knowledge.provenance.words(&place),
    }
}

/// Where less than this is left for the last column, it goes below.
const LEAST: usize = 30;

/// Between columns.
const GAP: usize = 2;

fn table(rows: &[Row], style: Style, out: &mut dyn Write) -> std::io::Result<()> {
    let cells: Vec<[String; 4]> = rows
        .iter()
        .map(|row| {
            let os = match (&row.version, &row.release, row.os) {
                (Some(version), Some(release), _) => format!("{version} ({release})"),
                (Some(version), None, _) => version.clone(),
                (None, ..) if !row.platforms.is_empty() => row.platforms.join(", "),
                (None, _, os) => os.unwrap_or("unknown").to_owned(),
            };
            let place = format!("{}:{}:{}", row.path, row.range.start.line, row.range.start.column);
            [place, row.image.to_owned(), os, row.known_from.clone()].map(|cell| line(&cell).into_owned())
        })
        .collect();
    let width = |column: usize| {
        cells.iter().filter_map(|row| row.get(column)).map(|cell| display_width(cell)).max().unwrap_or(0).min(70)
    };
    let widths = [width(0), width(1), width(2)];
    let before = widths.iter().map(|width| width + GAP).sum::<usize>();
    for [place, image, os, known_from] in &cells {
        if before + LEAST > style.width {
            let below = [image.clone(), format!("{os}: {known_from}")];
            writeln!(out, "{place}")?;
            for text in below {
                writeln!(out, "{}", wrapped(&text, style.width, "  ", "    "))?;
            }
            continue;
        }
        let columns = [place, image, os].into_iter().zip(widths);
        let columns: String = columns.map(|(cell, width)| padded(cell, width) + &" ".repeat(GAP)).collect();
        writeln!(out, "{}", wrapped(known_from, style.width, &columns, &" ".repeat(before)))?;
    }
    Ok(())
}
