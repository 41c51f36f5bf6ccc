//! What stays of a file when another takes its name: owner, group, permissions, extended attributes and, where they are
//! such, access control lists.

use std::{
    fs::{File, Metadata},
    io,
    path::Path,
};

use crate::tree;

/// Whether another file can be given all that one has. Access control lists are extended attributes on Linux; elsewhere they,
/// and the streams of Windows, stay with the file alone.
pub(super) const CARRIES_ALL: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Whether other names are names of the same file. Unknown on Windows.
#[cfg(unix)]
pub(super) fn has_more_names(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    metadata.nlink() > 1
}

#[cfg(not(unix))]
pub(super) fn has_more_names(_: &Metadata) -> bool {
    false
}

/// Gives `to` all that the file at `path` has beside its bytes. Returns what it does not have then, to follow the file's name.
pub(super) fn all(path: &Path, to: &File) -> io::Result<Option<String>> {
    let from = tree::open_plain(path).map_err(|refused| io::Error::other(refused.to_string()))?;
    let metadata = from.metadata()?;
    let mut lost = Vec::new();
    // A new owner takes away some permissions: these come after it.
    lost.extend(owner(&metadata, to));
    to.set_permissions(metadata.permissions())?;
    lost.extend(attributes(&from, to));
    Ok((!lost.is_empty()).then(|| format!("could not keep its {}", lost.join(", "))))
}

#[cfg(unix)]
fn owner(metadata: &Metadata, to: &File) -> Option<String> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let now = to.metadata().ok();
    let is = |uid, gid| now.as_ref().is_some_and(|now| now.uid() == uid && now.gid() == gid);
    let (uid, gid) = (metadata.uid(), metadata.gid());
    if is(uid, gid) || fchown(to, Some(uid), Some(gid)).is_ok() {
        return None;
    }
    // A group that one is in may be given without being root.
    let has_group = fchown(to, None, Some(gid)).is_ok();
    Some(if has_group { "owner" } else { "owner and group" }.to_owned())
}

#[cfg(not(unix))]
fn owner(_: &Metadata, _: &File) -> Option<String> {
    None
}

/// Access control lists of Linux are extended attributes.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn attributes(from: &File, to: &File) -> Vec<String> {
    use rustix::{
        fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr},
        io::Errno,
    };

    /// The kernel of Linux allows no longer lists and values.
    const LONGEST: usize = 64 * 1024;
    let (mut names, mut value, mut present) = (vec![0_u8; LONGEST], vec![0_u8; LONGEST], vec![0_u8; LONGEST]);
    let names = match flistxattr(from, &mut names) {
        Ok(length) => names.get(..length).unwrap_or_default(),
        // The file system has none.
        Err(Errno::NOTSUP) => return Vec::new(),
        Err(_) => return vec!["extended attributes".to_owned()],
    };
    let mut lost = Vec::new();
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let read = fgetxattr(from, name, &mut value).ok().and_then(|length| value.get(..length));
        let is_there = |value: &[u8], present: &mut [u8]| {
            fgetxattr(to, name, &mut *present).is_ok_and(|length| present.get(..length) == Some(value))
        };
        // A label of SELinux comes with the folder, and may not be set by everybody.
        let kept = read.is_some_and(|value| {
            is_there(value, &mut present) || fsetxattr(to, name, value, XattrFlags::empty()).is_ok()
        });
        if !kept {
            lost.push(format!("attribute {}", String::from_utf8_lossy(name)));
        }
    }
    lost
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn attributes(_: &File, _: &File) -> Vec<String> {
    Vec::new()
}
