//! `hostfit render`: what a chart or a kustomization yields, as it is judged.

use std::io::{self, BufWriter, Write, stdout};

use hostfit_core::{
    front::charts::{Asked, Printed, typed},
    printable,
};
use serde::Serialize;

use crate::{
    Exit,
    args::{self, RenderFormat},
    error::Error,
    files::Folder,
    report::json::{Rendered, write_value},
    terminal::say,
};

pub(crate) fn run(args: &args::Render) -> Result<Exit, Error> {
    let folder = Folder::current()?;
    let (settings, files) = super::load(&args.inputs)?;
    let charts = &files.charts;
    let asked = if args.all {
        Asked::All
    } else {
        let values = args.values.iter().map(|path| charts.in_tree(path, &folder)).collect::<Result<_, _>>()?;
        Asked::One(values, args.set.iter().map(|(key, value)| (key.clone(), typed(value))).collect())
    };
    let mut printed = Vec::new();
    for path in &args.inputs.paths {
        let found = charts.print(path, &asked, (&files.sources, &files.units), &settings.config, &folder)?;
        if found.is_empty() {
            return Err(Error::message(format!("`{}` holds no chart and no kustomization", path.display())));
        }
        printed.extend(found);
    }
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        RenderFormat::Json if args.all => {
            let sets: Vec<_> = printed.iter().map(SetOfObjects::of).collect();
            write_value(&sets, &mut out)?;
        }
        RenderFormat::Json => {
            let objects = printed.iter().flat_map(|it| &it.documents).flat_map(|it| &it.objects);
            write_value(&objects.filter(|it| !it.is_null()).collect::<Vec<_>>(), &mut out)?;
        }
        RenderFormat::Yaml => {
            for set in &printed {
                yaml(set, args.origins, args.all || printed.len() > 1, &mut out)?;
            }
        }
    }
    out.flush()?;
    let mut problems: Vec<_> = printed.iter().flat_map(|it| &it.problems).collect();
    problems.dedup();
    problems.iter().filter(|_| !args.inputs.quiet).for_each(|problem| say(&format!("warning: {problem}")));
    Ok(Exit::Clean)
}

/// The objects that a chart yields with one set of values, or a kustomization.
#[derive(Serialize)]
struct SetOfObjects<'a> {
    rendered: Rendered<'a>,
    objects: Vec<&'a serde_json::Value>,
}

impl<'a> SetOfObjects<'a> {
    fn of(printed: &'a Printed) -> Self {
        let objects = printed.documents.iter().flat_map(|it| &it.objects).filter(|it| !it.is_null());
        Self { rendered: Rendered::from(&printed.rendering), objects: objects.collect() }
    }
}

fn yaml(set: &Printed, with_origins: bool, with_title: bool, out: &mut dyn Write) -> io::Result<()> {
    let place = |(path, line): &(String, u32)| format!("{path}:{line}");
    let places = set.documents.iter().flat_map(|it| &it.lines).filter_map(|(_, at)| at.as_ref());
    let width = if with_origins { places.map(|at| place(at).chars().count()).max().unwrap_or(0) } else { 0 };
    let mut line = |text: &str, at: Option<String>| {
        let text = printable::line(text);
        if with_origins {
            let at = at.unwrap_or_default();
            let blanks = " ".repeat(width.saturating_sub(at.chars().count()));
            return writeln!(out, "{}", format!("{at}{blanks} | {text}").trim_end());
        }
        writeln!(out, "{text}")
    };
    if with_title {
        line(&format!("# {}", set.rendering.words().replace('`', "")), None)?;
    }
    for document in &set.documents {
        let starts = document.lines.iter().map(|(text, _)| text.trim_end()).find(|text| !text.is_empty());
        if starts != Some("---") {
            line("---", None)?;
        }
        line(&format!("# Source: {}", document.name), None)?;
        for (text, at) in &document.lines {
            line(text, at.as_ref().map(place))?;
        }
    }
    Ok(())
}
