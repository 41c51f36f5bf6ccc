//! Writing a file so that nobody ever sees half of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::Path,
};

/// Puts `bytes` in the place of the file's, all at once: into a new file beside it, which then takes its name. Its
/// permissions stay.
///
/// # Errors
/// Why it can't be written, to follow the file's name.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let metadata = fs::symlink_metadata(path).map_err(|error| why(&error))?;
    if !metadata.is_file() {
        return Err("is no plain file any more".to_owned());
    }
    // The folder alone decides whether another file may take its name; what the file says would be passed over.
    if metadata.permissions().readonly() {
        return Err("is read-only".to_owned());
    }
    OpenOptions::new().write(true).open(path).map_err(|error| why(&error))?;
    rename_into(path, Some(metadata.permissions()), |out| out.write_all(bytes))
}

/// Writes a file that may not be there yet, all at once if it is a plain one. A link is followed.
///
/// # Errors
/// Why it can't be written, to follow the file's name.
pub(crate) fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), String> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::metadata(&target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => rename_into(&target, None, content),
        Err(error) => Err(why(&error)),
        Ok(metadata) if metadata.is_dir() => Err("is no plain file".to_owned()),
        Ok(metadata) if metadata.is_file() => {
            if metadata.permissions().readonly() {
                return Err("is read-only".to_owned());
            }
            rename_into(&target, Some(metadata.permissions()), content)
        }
        // A pipe or a device, such as /dev/stderr, which nothing can take the place of.
        Ok(_) => {
            let file = OpenOptions::new().write(true).open(path).map_err(|error| why(&error))?;
            let mut out = BufWriter::new(file);
            content(&mut out).and_then(|()| out.flush()).map_err(|error| why(&error))
        }
    }
}

fn why(error: &io::Error) -> String {
    format!("can't be written: {error}")
}

fn rename_into(
    path: &Path,
    permissions: Option<fs::Permissions>,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), String> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err("has no name".to_owned());
    };
    let beside = folder.join(format!(".{}.{}.hostfit", name.to_string_lossy(), std::process::id()));
    let file = OpenOptions::new().write(true).create_new(true).open(&beside).map_err(|error| why(&error))?;
    let done = whole(file, permissions, content);
    done.and_then(|()| fs::rename(&beside, path)).map_err(|error| {
        // What is left of it is of no use to anybody, and nothing more can be done if it stays.
        let _ = fs::remove_file(&beside);
        why(&error)
    })
}

fn whole(
    file: File,
    permissions: Option<fs::Permissions>,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    let mut out = BufWriter::new(file);
    content(&mut out)?;
    out.into_inner()?.sync_all()
}
