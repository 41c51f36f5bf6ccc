//! `hostfit merge`.

use std::{
    fs,
    io::{BufWriter, Write, stdout},
    path::{Path, PathBuf},
};

use globset::GlobBuilder;
use hostfit_core::finding::Severity;
use serde::{Deserialize, de::DeserializeOwned, de::IgnoredAny};

use crate::{
    Exit,
    args::{FailOn, Merge},
    error::Error,
    input,
    report::{
        VERSION, json,
        part::{Named, Part, of_one_run},
        sarif,
    },
    write,
};

/// Nobody reads longer results.
const LONGEST: u64 = 1 << 30;

pub(crate) fn run(args: &Merge) -> Result<Exit, Error> {
    let (mut as_json, mut as_sarif) = (Vec::new(), Vec::new());
    for path in expand(&args.files)? {
        let name = path.display().to_string();
        let text = input::text(&path, LONGEST, "is longer than 1 GiB")
            .map_err(|why| Error::message(format!("{name} {why}")))?;
        match Kind::of(&text).map_err(|why| Error::message(format!("{name} {why}")))? {
            Kind::Json => as_json.push(parse(&name, &text, json::merge::Read::part)?),
            Kind::Sarif => as_sarif.push(parse(&name, &text, sarif::merge::Read::part)?),
        }
    }
    if let (Some(json), Some(sarif)) = (as_json.first(), as_sarif.first()) {
        return Err(Error::message(format!(
            "{} is JSON and {} is SARIF: join each kind by itself",
            json.name, sarif.name
        )));
    }
    let fails = |worst: Option<Severity>, own: Option<Severity>| {
        let least = args.fail_on.map_or(own, FailOn::least);
        least.is_some_and(|least| worst >= Some(least))
    };
    if as_sarif.is_empty() {
        let (parts, own) = whole(as_json)?;
        let joined = json::merge::Joined::of(parts).map_err(Error::Message)?;
        let fails = fails(joined.worst, own);
        write(args, |out| joined.write(out))?;
        Ok(exit(fails))
    } else {
        let (parts, own) = whole(as_sarif)?;
        let joined = sarif::merge::Joined::of(parts).map_err(Error::Message)?;
        let fails = fails(joined.worst, own);
        write(args, |out| joined.write(fails, out))?;
        Ok(exit(fails))
    }
}

/// The parts in order, and the least severity that made them fail.
fn whole<T>(parts: Vec<Named<T>>) -> Result<(Vec<Named<T>>, Option<Severity>), Error> {
    let parts = of_one_run(parts).map_err(Error::Message)?;
    let own = parts.first().map_or(Ok(None), |it| it.part.fail_on()).map_err(Error::Message)?;
    Ok((parts, own))
}

fn exit(fails: bool) -> Exit {
    if fails { Exit::Findings } else { Exit::Clean }
}

fn write(args: &Merge, content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Error> {
    if let Some(path) = &args.output {
        return write::write(path, content).map_err(|why| Error::message(format!("`{}` {why}", path.display())));
    }
    let mut out = BufWriter::new(stdout().lock());
    content(&mut out)?;
    Ok(out.flush()?)
}

/// What a text is.
enum Kind {
    Json,
    Sarif,
}

/// As much of a result as shows what it is.
#[derive(Deserialize)]
struct Head {
    schema: Option<String>,
    version: Option<String>,
    findings: Option<IgnoredAny>,
    runs: Option<Vec<sarif::merge::Head>>,
}

impl Kind {
    fn of(text: &str) -> Result<Self, String> {
        let head: Head = serde_json::from_str(text).map_err(|error| unfit(&error))?;
        if let Some([run]) = head.runs.as_deref() {
            let (tool, version) = run.tool();
            if tool != "hostfit" {
                return Err(format!("is of {tool}, not of hostfit"));
            }
            return same_version(version).map(|()| Self::Sarif);
        }
        match (head.schema.as_deref(), &head.version, &head.findings) {
            (Some(json::SCHEMA), Some(version), Some(_)) => same_version(version).map(|()| Self::Json),
            (Some(schema), ..) if schema != json::SCHEMA => {
                Err(format!("cannot be joined: its schema is `{schema}`, and this hostfit joins `{}`", json::SCHEMA))
            }
            _ => Err("is not a result of `hostfit check`".to_owned()),
        }
    }
}

fn unfit(error: &serde_json::Error) -> String {
    format!("is not a result of `hostfit check`: {error}")
}

/// Another version may know other rules and words.
fn same_version(version: &str) -> Result<(), String> {
    if version == VERSION {
        return Ok(());
    }
    Err(format!("is of hostfit {version}, and this is {VERSION}: take one version for all"))
}

fn parse<T: DeserializeOwned>(
    name: &str,
    text: &str,
    part: impl FnOnce(&T) -> Option<Part<'static>>,
) -> Result<Named<T>, Error> {
    let report: T = serde_json::from_str(text).map_err(|error| Error::message(format!("{name} {}", unfit(&error))))?;
    Named::new(name, part(&report), report).map_err(Error::Message)
}

/// The files that are meant. Shells of Windows leave `*` to the program.
fn expand(names: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in names {
        let pattern = path.file_name().and_then(|name| name.to_str()).filter(|name| name.contains('*'));
        let Some(pattern) = pattern.filter(|_| !path.exists()) else {
            files.push(path.clone());
            continue;
        };
        let none = || Error::message(format!("there is no file `{}`", path.display()));
        // Brackets and braces are letters.
        let literal: String =
            pattern.chars().map(|it| if "?[]{}".contains(it) { format!("[{it}]") } else { it.to_string() }).collect();
        let glob = GlobBuilder::new(&literal).build().map_err(|_| none())?.compile_matcher();
        let folder = path.parent().unwrap_or(Path::new(""));
        let listed = if folder.as_os_str().is_empty() { fs::read_dir(".") } else { fs::read_dir(folder) };
        let names = listed.map_err(|_| none())?.filter_map(|entry| entry.ok().map(|it| it.file_name()));
        let mut found: Vec<_> = names.filter(|name| glob.is_match(name)).map(|name| folder.join(name)).collect();
        if found.is_empty() {
            return Err(none());
        }
        found.sort();
        files.append(&mut found);
    }
    Ok(files)
}
