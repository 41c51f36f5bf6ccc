//! Writing a file so that nobody ever sees half of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
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
        return Err("is no plain file".to_owned());
    }
    // The folder alone decides whether another file may take its name; what the file says would be passed over.
    if metadata.permissions().readonly() {
        return Err("is read-only".to_owned());
    }
    OpenOptions::new().write(true).open(path).map_err(|error| why(&error))?;
    put(path, bytes, Some(metadata.permissions()))
}

/// The same for a file that need not be there.
///
/// # Errors
/// Why it can't be written, to follow the file's name.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => put(path, bytes, None),
        _ => replace(path, bytes),
    }
}

fn why(error: &io::Error) -> String {
    format!("can't be written: {error}")
}

fn put(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> Result<(), String> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err("has no name".to_owned());
    };
    let beside = folder.join(format!(".{}.{}.hostfit", name.to_string_lossy(), std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&beside).map_err(|error| why(&error))?;
    let done = fill(&mut file, bytes, permissions);
    drop(file);
    done.and_then(|()| fs::rename(&beside, path)).map_err(|error| {
        // What is left of it is of no use to anybody, and nothing more can be done if it stays.
        let _ = fs::remove_file(&beside);
        why(&error)
    })
}

fn fill(file: &mut File, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}
