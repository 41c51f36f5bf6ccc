//! `hostfit init`: a configuration to start with and, on request, what runs hostfit before commits and in CI.

mod ci;
mod configuration;
mod declarations;
mod survey;
mod terraform;

use std::{
    fs,
    io::{BufWriter, Write, stdout},
    path::Path,
};

use crate::{
    Exit, ancestors,
    args::{Init, Inputs},
    error::Error,
    files::Folder,
    settings,
    terminal::say,
    write,
};

/// A file that did not have to be there before.
struct NewFile {
    /// From the working folder.
    path: &'static str,
    /// Other names that it may go by. Where one is taken, nothing is written.
    also: &'static [&'static str],
    /// All of it.
    text: String,
    /// What has to be added to one that is there, and where in it; none: it stays as it is, and that is an error.
    addition: Option<(&'static str, String)>,
}

pub(crate) fn run(args: &Init) -> Result<Exit, Error> {
    let folder = Folder::current()?;
    let integrations = ci::files(args);
    if !args.stdout && !integrations.is_empty() {
        at_root(&folder)?;
    }
    let taken = !args.stdout && taken(&folder.path, settings::NAME);
    if taken && integrations.is_empty() {
        return Err(Error::message(format!(
            "{} exists already and is not changed; `hostfit init --stdout` prints what would be written",
            settings::NAME
        )));
    }
    let mut files = Vec::new();
    let mut notes = Vec::new();
    let mut next = Vec::new();
    if taken {
        notes.push(format!("{} exists already and is not changed", settings::NAME));
    } else {
        let survey = survey::Survey::of(&folder, &Inputs::working_folder(args.quiet))?;
        notes.extend(survey.notes(&folder));
        next = survey.next();
        let text = configuration::text(&survey);
        files.push(NewFile { path: settings::NAME, also: &[], text, addition: None });
    }
    if args.pre_commit {
        notes.push(
            "the pre-commit hook builds hostfit on its first run, which needs Rust (https://rustup.rs)".to_owned(),
        );
    }
    // A command stays in one line, to be copied.
    notes.extend(["next", "then"].iter().zip(next).map(|(word, command)| format!("{word}: {command}")));
    files.extend(integrations);
    if args.stdout {
        print(&files)?;
    } else {
        write_all(&folder, &files, args.quiet)?;
    }
    if !args.quiet {
        for note in notes {
            say(&note);
        }
    }
    Ok(Exit::Clean)
}

/// CI and hooks look for their files at the root of the repository only.
fn at_root(folder: &Folder) -> Result<(), Error> {
    match ancestors::repository(&folder.path) {
        Some(root) if root != folder.path => Err(Error::message(format!(
            "files for CI and for pre-commit belong to the root of the repository: run this in `{}`",
            folder.show(root)
        ))),
        _ => Ok(()),
    }
}

/// Whether something has this name, be it a link to nothing.
fn taken(folder: &Path, name: &str) -> bool {
    fs::symlink_metadata(folder.join(name)).is_ok()
}

fn print(files: &[NewFile]) -> Result<(), Error> {
    let mut out = BufWriter::new(stdout().lock());
    match files {
        [only] => out.write_all(only.text.as_bytes())?,
        several => {
            for (number, file) in several.iter().enumerate() {
                let gap = if number == 0 { "" } else { "\n" };
                write!(out, "{gap}# {}\n{}", file.path, file.text)?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

/// Writes the files that are not there yet, and prints what those that are need.
fn write_all(folder: &Folder, files: &[NewFile], quiet: bool) -> Result<(), Error> {
    let mut out = BufWriter::new(stdout().lock());
    for file in files {
        let mut names = std::iter::once(&file.path).chain(file.also);
        if let Some((place, addition)) = &file.addition
            && let Some(name) = names.find(|name| taken(&folder.path, name))
        {
            writeln!(out, "# {name} exists already and is not changed; add{place}:")?;
            out.write_all(addition.as_bytes())?;
            continue;
        }
        write::create(&folder.path, Path::new(file.path), &file.text)
            .map_err(|why| Error::message(format!("{} {why}", file.path)))?;
        if !quiet {
            say(&format!("wrote {}", file.path));
        }
    }
    out.flush()?;
    Ok(())
}
