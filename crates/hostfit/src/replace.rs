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
    let why = |error: io::Error| format!("can't be written: {error}");
    let metadata = fs::symlink_metadata(path).map_err(why)?;
    if !metadata.is_file() {
        return Err("is no plain file any more".to_owned());
    }
    // The folder alone decides whether another file may take its name; what the file says would be passed over.
    if metadata.permissions().readonly() {
        return Err("is read-only".to_owned());
    }
    OpenOptions::new().write(true).open(path).map_err(why)?;
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err("has no name".to_owned());
    };
    let beside = folder.join(format!(".{}.{}.hostfit", name.to_string_lossy(), std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&beside).map_err(why)?;
    let done = fill(&mut file, bytes, metadata.permissions());
    drop(file);
    done.and_then(|()| fs::rename(&beside, path)).map_err(|error| {
        // What is left of it is of no use to anybody, and nothing more can be done if it stays.
        let _ = fs::remove_file(&beside);
        why(error)
    })
}

fn fill(file: &mut File, bytes: &[u8], permissions: fs::Permissions) -> io::Result<()> {
    file.set_permissions(permissions)?;
    file.write_all(bytes)?;
    file.sync_all()
}
