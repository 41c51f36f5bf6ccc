//! Writing files. Whatever writes one does it here: a regular file at that very path, never what a link leads to, all at
//! once so that nobody sees half of it, and inside of the repository where the path is.

mod beside;
mod keep;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind, Read, Seek, Write},
    path::{Path, PathBuf},
};

use beside::Beside;

use crate::{ancestors, tree};

/// What a file is written from.
pub(crate) type Content<'c> = dyn FnMut(&mut dyn Write) -> io::Result<()> + 'c;

/// Puts `new` in the place of `old`. Owner, group, permissions, extended attributes and access control lists stay: a file that
/// another cannot be made equal to in all of these, or that has several names, is written in place.
///
/// Returns what could not be kept, to follow the file's name.
///
/// # Errors
/// Why it is not written, to follow the file's name. Where it no longer holds `old`, it stays as it is.
pub(crate) fn replace(path: &Path, old: &[u8], new: &[u8]) -> Result<Option<String>, String> {
    exchange(path, Some(old), &mut |out| out.write_all(new))
}

/// Writes a file that may not be there yet.
///
/// # Errors
/// Why it is not written, to follow the file's name.
pub(crate) fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), String> {
    let path = &absolute(path)?;
    let mut content = Some(content);
    let mut content = |out: &mut dyn Write| content.take().map_or(Ok(()), |content| content(out));
    if is_stream(path) {
        // Nothing can take its place.
        let file = OpenOptions::new().append(true).open(path).map_err(|error| why(&error))?;
        return fill(&file, &mut content).map_err(|error| why(&error));
    }
    exchange(path, None, &mut content).map(drop)
}

/// Writes a file that must not be there yet, and the folders that it lies in below `folder`.
///
/// # Errors
/// Why it is not written, to follow the file's name.
pub(crate) fn create(folder: &Path, name: &Path, text: &str) -> Result<(), String> {
    let why = |error: io::Error| match error.kind() {
        ErrorKind::AlreadyExists => "is there already, and it stays as it is".to_owned(),
        _ => why(&error),
    };
    let path = folder.join(name);
    let parents: Vec<_> = path.ancestors().skip(1).take_while(|parent| *parent != folder).collect();
    for parent in parents.iter().rev() {
        if fs::symlink_metadata(parent).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err("would be written through a link, which may lead out of the repository".to_owned());
        }
    }
    if let Some(parent) = parents.first() {
        fs::create_dir_all(parent).map_err(why)?;
    }
    let mut new = OpenOptions::new().write(true).create_new(true).open(&path).map_err(why)?;
    new.write_all(text.as_bytes()).map_err(why)
}

/// Why a file cannot be written there, if that is seen before there is anything to write.
///
/// # Errors
/// The reason, to follow the file's name.
pub(crate) fn can_be(path: &Path) -> Result<(), String> {
    let path = &absolute(path)?;
    if is_stream(path) {
        return Ok(());
    }
    stays_inside(path)?;
    regular(path).map(drop)
}

fn absolute(path: &Path) -> Result<PathBuf, String> {
    let path = std::path::absolute(path).map_err(|error| why(&error))?;
    Ok(ancestors::without_dots(&path))
}

fn why(error: &io::Error) -> String {
    format!("cannot be written: {error}")
}

/// What a shell calls its own outputs by (`/dev/stderr`, `/dev/fd/63`), which are links to wherever they lead. No repository
/// decides what they are.
fn is_stream(path: &Path) -> bool {
    let is_here = |folder: &Path| folder == Path::new("/dev") || folder == Path::new("/dev/fd");
    cfg!(unix) && path.parent().is_some_and(is_here) && fs::metadata(path).is_ok_and(|metadata| !metadata.is_dir())
}

/// A file that lies in a repository by its path also does so with links followed.
fn stays_inside(path: &Path) -> Result<(), String> {
    let Some(folder) = path.parent() else { return Err("has no name".to_owned()) };
    let mut real = None;
    for root in ancestors::repositories(folder) {
        if real.is_none() {
            real = Some(fs::canonicalize(folder).map_err(|error| why(&error))?);
        }
        let root = fs::canonicalize(root).map_err(|error| why(&error))?;
        if real.as_ref().is_some_and(|real| !real.starts_with(root)) {
            return Err("cannot be written: a link in its path leads out of the repository".to_owned());
        }
    }
    Ok(())
}

/// What is at this path: a regular file that may be written, or nothing.
fn regular(path: &Path) -> Result<Option<fs::Metadata>, String> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(why(&error)),
        Ok(metadata) if metadata.is_symlink() => {
            Err("cannot be written: it is a link; name the file that it leads to".to_owned())
        }
        Ok(metadata) if metadata.is_dir() => Err("cannot be written: it is a folder".to_owned()),
        Ok(metadata) if !metadata.is_file() => Err("cannot be written: it is not a regular file".to_owned()),
        // The folder alone decides whether another file may take its name; what the file says would be passed over.
        Ok(metadata) if metadata.permissions().readonly() => Err("is read-only".to_owned()),
        Ok(metadata) => Ok(Some(metadata)),
    }
}

/// Has another file with that content take the name of the one that is there, if any. With `old` it must be there, and
/// hold that.
fn exchange(path: &Path, old: Option<&[u8]>, content: &mut Content) -> Result<Option<String>, String> {
    stays_inside(path)?;
    let before = regular(path)?;
    if before.is_none() && old.is_some() {
        return Err(CHANGED.to_owned());
    }
    if let (Some(before), Some(old)) = (&before, old)
        && (!keep::CARRIES_ALL || keep::has_more_names(before))
    {
        return in_place(path, old, content).map(|()| None);
    }
    let is_old = |path: &Path| old.is_none_or(|old| holds(path, old));
    if before.is_some() {
        open(path, |_| {}).map_err(|error| why(&error))?;
        if !is_old(path) {
            return Err(CHANGED.to_owned());
        }
    }
    let beside = Beside::of(path).map_err(|error| why(&error))?;
    let lost = whole(path, before.as_ref(), beside.file(), content).map_err(|error| why(&error))?;
    let is_done = beside.take_the_name_of(path, is_old).map_err(|error| why(&error))?;
    if is_done { Ok(lost) } else { Err(CHANGED.to_owned()) }
}

/// Fills the new file, and gives it all that belongs to the one that is there.
fn whole(path: &Path, before: Option<&fs::Metadata>, new: &File, content: &mut Content) -> io::Result<Option<String>> {
    if let Some(before) = before {
        // What is in it is at no time for more people than before.
        new.set_permissions(before.permissions())?;
    }
    fill(new, content)?;
    let lost = if before.is_some() { keep::all(path, new)? } else { None };
    new.sync_all()?;
    Ok(lost)
}

const CHANGED: &str = "was changed by somebody else meanwhile";

/// Whether the file holds just these bytes now.
fn holds(path: &Path, bytes: &[u8]) -> bool {
    let mut now = Vec::with_capacity(bytes.len() + 1);
    let read = tree::open_plain(path).map(|file| file.take(bytes.len() as u64 + 1).read_to_end(&mut now));
    matches!(read, Ok(Ok(_))) && now == bytes
}

/// Opens a regular file to be written, which stays as it is.
fn open(path: &Path, options: impl FnOnce(&mut OpenOptions)) -> io::Result<File> {
    let mut own = OpenOptions::new();
    own.read(true).write(true);
    tree::stay(&mut own);
    options(&mut own);
    own.open(path)
}

/// All of it is at hand before the first byte is written, and what is shorter is cut off last. Where that fails, `old` is
/// written back as far as possible.
fn in_place(path: &Path, old: &[u8], content: &mut Content) -> Result<(), String> {
    let overwrite = |mut file: &File, bytes: &[u8]| {
        file.rewind()?;
        file.write_all(bytes)?;
        file.set_len(bytes.len() as u64)?;
        file.sync_all()
    };
    let mut new = Vec::new();
    content(&mut new).map_err(|error| why(&error))?;
    let file = open(path, alone).map_err(|error| why(&error))?;
    if !holds(path, old) {
        return Err(CHANGED.to_owned());
    }
    overwrite(&file, &new).inspect_err(|_| drop(overwrite(&file, old))).map_err(|error| why(&error))
}

/// Has nobody else open the file for writing meanwhile, where the system can see to that.
#[cfg(windows)]
fn alone(options: &mut OpenOptions) {
    use std::os::windows::fs::OpenOptionsExt;

    /// <https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew>
    const FILE_SHARE_READ: u32 = 1;
    options.share_mode(FILE_SHARE_READ);
}

#[cfg(not(windows))]
fn alone(_: &mut OpenOptions) {}

fn fill(file: &File, content: &mut Content) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    content(&mut out)?;
    out.flush()
}

#[cfg(test)]
mod tests;
