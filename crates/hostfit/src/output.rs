//! `--output FORMAT=FILE`: reports beside the one on stdout.

use std::path::{Path, PathBuf};

use hostfit_core::source::Sources;

use crate::{
    args::ReportFormat,
    error::Error,
    files::Folder,
    report::{self, Run},
    terminal::Style,
    write,
};

/// Files to write, each once.
#[derive(Debug)]
pub(crate) struct Outputs(Vec<Output>);

#[derive(Debug)]
struct Output {
    format: ReportFormat,
    path: PathBuf,
    /// As the command line calls it.
    shown: String,
}

impl Outputs {
    /// Looks at what was asked for before any work is done.
    ///
    /// # Errors
    /// When a file cannot be written there, or is named twice.
    pub(crate) fn new(asked: &[(ReportFormat, PathBuf)], folder: &Folder) -> Result<Self, Error> {
        let mut outputs: Vec<Output> = Vec::new();
        for (format, path) in asked {
            let shown = path.display().to_string();
            let path = folder.absolute(path);
            let refuse = |why: &str| Err(Error::message(format!("`{shown}` cannot be written: {why}")));
            if !path.parent().is_some_and(Path::is_dir) {
                return refuse("its folder does not exist");
            }
            write::can_be(&path).map_err(|why| Error::message(format!("`{shown}` {why}")))?;
            let path = real(&path);
            if outputs.iter().any(|it| it.path == path) {
                return refuse("it is named twice, and can hold one report only");
            }
            outputs.push(Output { format: *format, path, shown });
        }
        Ok(Self(outputs))
    }

    /// Refuses to write over what the run reads.
    ///
    /// # Errors
    /// When one of them is one of the files that were looked at, the configuration, or the baseline.
    pub(crate) fn spare(
        &self,
        sources: &Sources,
        baselines: [&Option<PathBuf>; 3],
        folder: &Folder,
    ) -> Result<(), Error> {
        for output in &self.0 {
            let refuse = |why: &str| Err(Error::message(format!("`{}` cannot be written: {why}", output.shown)));
            if baselines.into_iter().flatten().any(|path| real(&folder.absolute(path)) == output.path) {
                return refuse("it is the baseline");
            }
            if is_read(&output.path, sources, folder) {
                return refuse("it is one of the files to check");
            }
        }
        Ok(())
    }

    /// Writes them.
    ///
    /// # Errors
    /// When one cannot be written; then the later ones are not.
    pub(crate) fn write(&self, run: &Run) -> Result<(), Error> {
        for Output { format, path, shown } in &self.0 {
            write::write(path, |out| report::write(*format, run, Style::FILE, out))
                .map_err(|why| Error::message(format!("`{shown}` {why}")))?;
        }
        Ok(())
    }
}

/// Whether a file is one of those that a run looks at.
pub(crate) fn is_read(path: &Path, sources: &Sources, folder: &Folder) -> bool {
    let path = real(&folder.absolute(path));
    // Files that are none of ours have no text.
    let mut read = sources.iter().filter(|source| !source.text.is_empty());
    path.exists() && read.any(|source| real(&folder.absolute(Path::new(&source.path))) == path)
}

/// The path with links followed, as far as it is there.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent().and_then(|parent| parent.canonicalize().ok()), path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}
