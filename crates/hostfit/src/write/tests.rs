//! What becomes of a file while it is written.

use std::{env, path::PathBuf};

use super::*;

/// An empty folder of one test.
fn folder(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("hostfit-write-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn an_edit_made_before_a_file_is_written_in_place_stays() {
    let folder = folder("edit-in-place");
    let path = folder.join("Dockerfile");
    fs::write(&path, "FROM a\n").unwrap();
    fs::hard_link(&path, folder.join("other")).unwrap();
    let done = exchange(&path, Some(b"FROM a\n"), &mut |out| {
        out.write_all(b"FROM b\n")?;
        fs::write(&path, "FROM a\n# another edit\n")
    });
    assert_eq!(done, Err(CHANGED.to_owned()));
    assert_eq!(fs::read_to_string(&path).unwrap(), "FROM a\n# another edit\n");
}

#[test]
fn an_edit_made_while_the_new_text_is_written_stays() {
    let folder = folder("edit");
    let path = folder.join("Dockerfile");
    fs::write(&path, "FROM a\n").unwrap();
    let done = exchange(&path, Some(b"FROM a\n"), &mut |out| {
        out.write_all(b"FROM b\n")?;
        fs::write(&path, "FROM a\n# another edit\n")
    });
    assert_eq!(done, Err(CHANGED.to_owned()));
    assert_eq!(fs::read_to_string(&path).unwrap(), "FROM a\n# another edit\n");
    assert_eq!(names(&folder), ["Dockerfile"]);
    assert_eq!(replace(&path, b"FROM a\n# another edit\n", b"FROM b\n"), Ok(None));
    assert_eq!(fs::read_to_string(&path).unwrap(), "FROM b\n");
}

#[test]
fn a_name_as_long_as_they_get_has_room_for_another_beside_it() {
    let folder = folder("long");
    let path = folder.join("D".repeat(255));
    fs::write(&path, "old").unwrap();
    assert_eq!(replace(&path, b"old", b"new"), Ok(None));
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
}

#[test]
fn what_a_run_left_behind_blocks_nothing_and_is_removed_unless_it_is_in_use() {
    let folder = folder("stale");
    let path = folder.join("Dockerfile");
    fs::write(&path, "old").unwrap();
    // As hostfit named them once, and another program's own.
    fs::write(folder.join(".Dockerfile.1.hostfit"), "other").unwrap();
    fs::write(folder.join(".hostfit-0000000000000001.tmp"), "half").unwrap();
    let in_use = File::create(folder.join(".hostfit-0000000000000002.tmp")).unwrap();
    in_use.lock().unwrap();
    assert_eq!(replace(&path, b"old", b"new"), Ok(None));
    assert_eq!(names(&folder), [".Dockerfile.1.hostfit", ".hostfit-0000000000000002.tmp", "Dockerfile"]);
}

#[cfg(unix)]
#[test]
fn a_file_with_two_names_stays_one_file() {
    use std::os::unix::fs::MetadataExt;

    let folder = folder("names");
    let (path, other) = (folder.join("Dockerfile"), folder.join("other"));
    fs::write(&path, "a longer text").unwrap();
    fs::hard_link(&path, &other).unwrap();
    assert_eq!(replace(&path, b"a longer text", b"short"), Ok(None));
    assert_eq!(fs::read_to_string(&other).unwrap(), "short");
    assert_eq!(fs::metadata(&path).unwrap().ino(), fs::metadata(&other).unwrap().ino());
}

#[cfg(unix)]
#[test]
fn neither_links_nor_pipes_nor_folders_are_written() {
    use std::os::unix::fs::symlink;

    let folder = folder("links");
    fs::write(folder.join("target"), "target").unwrap();
    symlink("target", folder.join("link")).unwrap();
    symlink("nowhere", folder.join("dangling")).unwrap();
    std::process::Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap();
    fs::create_dir(folder.join("folder")).unwrap();
    for (name, expected) in [
        ("link", "cannot be written: it is a link; name the file that it leads to"),
        ("dangling", "cannot be written: it is a link; name the file that it leads to"),
        ("pipe", "cannot be written: it is not a regular file"),
        ("folder", "cannot be written: it is a folder"),
    ] {
        let path = folder.join(name);
        assert_eq!(write(&path, |out| out.write_all(b"new")), Err(expected.to_owned()), "{name}");
        assert_eq!(can_be(&path), Err(expected.to_owned()), "{name}");
        assert!(replace(&path, b"target", b"new").is_err(), "{name}");
    }
    assert_eq!(names(&folder), ["dangling", "folder", "link", "pipe", "target"]);
    assert_eq!(fs::read_to_string(folder.join("target")).unwrap(), "target");
}

#[cfg(unix)]
#[test]
fn a_path_in_a_repository_does_not_leave_it_by_a_link() {
    use std::os::unix::fs::symlink;

    let (outside, folder) = (folder("outside"), folder("inside"));
    fs::create_dir(folder.join(".git")).unwrap();
    fs::create_dir(folder.join("real")).unwrap();
    symlink(&outside, folder.join("out")).unwrap();
    symlink("real", folder.join("in")).unwrap();
    let refused = write(&folder.join("out/report.json"), |out| out.write_all(b"new")).unwrap_err();
    assert_eq!(refused, "cannot be written: a link in its path leads out of the repository");
    assert_eq!(names(&outside), [""; 0]);
    write(&folder.join("in/report.json"), |out| out.write_all(b"new")).unwrap();
    assert_eq!(names(&folder.join("real")), ["report.json"]);
}

#[cfg(target_os = "linux")]
#[test]
fn permissions_and_attributes_stay() {
    use std::os::unix::fs::PermissionsExt;

    use rustix::fs::{XattrFlags, getxattr, setxattr};

    let folder = folder("keep");
    let path = folder.join("Dockerfile");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    // Not every file system has them.
    let has_attributes = setxattr(&path, "user.origin", b"here", XattrFlags::empty()).is_ok();
    assert_eq!(replace(&path, b"old", b"new"), Ok(None));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
    if has_attributes {
        let mut value = [0_u8; 16];
        let length = getxattr(&path, "user.origin", &mut value).unwrap();
        assert_eq!(&value[..length], b"here");
    }
}
