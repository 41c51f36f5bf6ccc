//! `hostfit matrix`: workloads down, hosts across.

use std::{
    io::{BufWriter, Write, stdout},
    path::Path,
};

use hostfit_core::{check, matrix::Matrix, source::Sources};

use crate::{
    Exit,
    args::{self, MatrixFormat},
    clock,
    error::Error,
    files::Folder,
    output,
    report::matrix::{self, Page},
    repository::Repository,
    terminal::{Style, say},
    write,
};

pub(crate) fn run(args: &args::Matrix) -> Result<Exit, Error> {
    let (settings, mut files) = super::load(&args.inputs)?;
    let sources = super::sources(&mut files, &Folder::current()?);
    if let Some(path) = &args.output {
        spare(path, &sources)?;
    }
    let today = args.as_of.unwrap_or_else(clock::today);
    let report = check::check(&sources, &files.units, &settings.config, today);
    let answers = report.answers(&settings.config);
    let mut matrix = Matrix::new(answers, &sources, &report.findings);
    matrix.retain(|row| files.given.contains(&row.source));
    let (project, releases) = (answers.project, &answers.config.releases);
    // Only the page names the commit.
    let repository = match args.format {
        MatrixFormat::Html => Repository::of(&Folder::current()?.path),
        MatrixFormat::Human | MatrixFormat::Json => None,
    };
    let commit = repository.as_ref().and_then(|repository| repository.revision.as_deref());
    let page = Page { matrix: &matrix, project, sources: &sources, releases, as_of: today, commit };
    let mut summary = None;
    let mut content = |style: Style, out: &mut dyn Write| match args.format {
        MatrixFormat::Json => matrix::json::write(&page, out),
        MatrixFormat::Html => matrix::html::write(&page, out),
        MatrixFormat::Human => {
            summary = Some(matrix::human::write(&page, style, args.inputs.verbose, out)?);
            Ok(())
        }
    };
    if let Some(path) = &args.output {
        write::write(path, |out| content(Style::FILE, out))
            .map_err(|why| Error::message(format!("`{}` {why}", path.display())))?;
    } else {
        let style = Style::stdout(args.inputs.color);
        let mut out = BufWriter::new(stdout().lock());
        content(style, &mut out)?;
        out.flush()?;
    }
    super::tell_age(today, args.inputs.quiet);
    super::tell_skipped(&args.inputs, &files.skipped);
    if !args.inputs.quiet {
        let no_host = "no host is declared: add [[host]] entries to hostfit.toml, or name a file with `--fleet`";
        let no_host = matrix.columns().is_empty().then(|| no_host.to_owned());
        let nothing = super::nothing_checked(&args.inputs, false, &files);
        [no_host, nothing.or(summary)].iter().flatten().for_each(|line| say(line));
    }
    Ok(Exit::Clean)
}

/// Refuses to write over what the run reads.
fn spare(path: &Path, sources: &Sources) -> Result<(), Error> {
    let folder = Folder::current()?;
    if output::is_read(path, sources, &folder) {
        let path = path.display();
        return Err(Error::message(format!("`{path}` cannot be written: it is one of the files to check")));
    }
    Ok(())
}
