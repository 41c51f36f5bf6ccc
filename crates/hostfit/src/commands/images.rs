//! `hostfit images`: every image reference, its OS version and how that is known.

use std::io::{BufWriter, Write, stderr, stdout};

use hostfit_core::{
    config::Config,
    front::link,
    model::{BuildId, ImageUse, Project, Role, StageBase},
    source::Sources,
    windows::{Os, OsVersion, image::Proof},
};
use serde::Serialize;

use crate::{
    Exit,
    args::{Format, Images},
    clock,
    error::Error,
    report::{
        self,
        human::clean,
        json::{self, Range},
    },
};

#[derive(Serialize)]
struct Report<'a> {
    images: Vec<Row<'a>>,
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
    known_from: String,
}

pub(crate) fn run(args: &Images) -> Result<Exit, Error> {
    let (settings, files) = super::load(&args.inputs, false)?;
    let sources = Sources::new(files.sources);
    let project = link::link(&sources, &files.units, &settings.config);
    let knowledge = Knowledge { sources: &sources, project: &project, config: &settings.config };
    let mut images: Vec<_> = project.images.iter().collect();
    let place = |image: &&ImageUse| {
        let span = image.text.span;
        (json::path(span, &sources), span.start)
    };
    images.sort_by(|a, b| place(a).cmp(&place(b)));
    let rows: Vec<_> = images.into_iter().map(|image| knowledge.row(image)).collect();
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        Format::Json => json::write_value(&Report { images: rows }, &mut out)?,
        Format::Human => table(&rows, &mut out)?,
    }
    out.flush()?;
    super::tell_age(clock::today(), args.inputs.quiet);
    if args.inputs.verbose {
        for skipped in &files.skipped {
            let _ = writeln!(stderr(), "skipped: {} ({})", clean(&skipped.path), skipped.reason);
        }
    }
    Ok(Exit::Clean)
}

/// Everything that may tell what an image is.
struct Knowledge<'a> {
    sources: &'a Sources,
    project: &'a Project,
    config: &'a Config,
}

impl<'a> Knowledge<'a> {
    fn row(&self, image: &'a ImageUse) -> Row<'a> {
        let (role, workload) = match image.role {
            Role::Base { .. } => ("base", None),
            Role::CopiedFrom { .. } => ("copied-from", None),
            Role::Container { workload, .. } => ("container", self.project.workloads.get(workload.0 as usize)),
        };
        let (os, version, known_from) = self.of(image, 0);
        Row {
            path: json::path(image.text.span, self.sources),
            range: json::range(image.text.span, self.sources),
            image: &image.text.value,
            role,
            workload: workload.map(|workload| workload.name.as_str()),
            os: os.map(|os| match os {
                Os::Windows => "windows",
                Os::Linux => "linux",
            }),
            version: version.map(|version| version.to_string()),
            release: version
                .and_then(|version| self.config.releases.by_build(version.build))
                .map(|release| release.id.to_string()),
            known_from,
        }
    }

    /// What an image is, and where that knowledge comes from. Builds are followed to a depth that no real tree has.
    fn of(&self, image: &ImageUse, depth: u8) -> (Option<Os>, Option<OsVersion>, String) {
        let identity = &image.identity;
        let version = identity.version.as_ref().map(|(version, _)| *version);
        if let Proof::Declared(span) = identity.proof {
            return (identity.os, version, format!("[images] at {}", report::place(span, self.sources)));
        }
        if let Some(build) = image.built_by.filter(|_| depth < 8) {
            return self.of_build(build, depth);
        }
        if let Some(hole) = image.text.hole() {
            return (identity.os, version, format!("variable {hole} has no value here"));
        }
        let from = match (identity.os, version, &identity.shared, &identity.proof) {
            (_, _, Some(_), _) => "a multi-platform tag: the host decides",
            (_, Some(_), None, Proof::Known) => "its name and tag, as published",
            (_, Some(_), None, _) => "a release in its name or tag",
            (Some(_), None, None, _) => "its name; the version is not in it",
            (None, None, None, _) => "not known: add it to [images]",
        };
        (identity.os, version, from.to_owned())
    }

    fn of_build(&self, build: BuildId, depth: u8) -> (Option<Os>, Option<OsVersion>, String) {
        let Some(build) = self.project.builds.get(build.0 as usize) else {
            return (None, None, "a build that is not there".to_owned());
        };
        let mut stage = build.final_stage;
        // A stage starts from an earlier one, so this ends.
        while let Some(of) = stage.and_then(|number| build.stages.get(number as usize)) {
            match of.base {
                StageBase::Stage(earlier) if Some(earlier) < stage => stage = Some(earlier),
                StageBase::Image(id) => {
                    let Some(base) = self.project.images.get(id.0 as usize) else { break };
                    let (os, version, _) = self.of(base, depth + 1);
                    return (
                        os,
                        version,
                        format!(
                            "the Dockerfile that builds it, FROM at {}",
                            report::place(base.text.span, self.sources)
                        ),
                    );
                }
                StageBase::Stage(_) | StageBase::Scratch => break,
            }
        }
        (None, None, "the Dockerfile that builds it, which has no base image".to_owned())
    }
}

fn table(rows: &[Row], out: &mut dyn Write) -> std::io::Result<()> {
    let cells: Vec<[String; 4]> = rows
        .iter()
        .map(|row| {
            let os = match (&row.version, &row.release, row.os) {
                (Some(version), Some(release), _) => format!("{version} ({release})"),
                (Some(version), None, _) => version.clone(),
                (None, _, os) => os.unwrap_or("unknown").to_owned(),
            };
            let place = format!("{}:{}:{}", row.path, row.range.start.line, row.range.start.column);
            [place, row.image.to_owned(), os, row.known_from.clone()].map(|cell| clean(&cell).into_owned())
        })
        .collect();
    let width = |column: usize| {
        cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0).min(70)
    };
    let (place, image, os) = (width(0), width(1), width(2));
    for [a, b, c, d] in &cells {
        writeln!(out, "{a:place$}  {b:image$}  {c:os$}  {d}")?;
    }
    Ok(())
}
