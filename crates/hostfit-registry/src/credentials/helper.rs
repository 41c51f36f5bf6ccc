//! Credential helpers: programs of the user's that know logins.
//!
//! Source: <https://github.com/docker/docker-credential-helpers#development>.

use std::{
    env,
    ffi::OsStr,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde::Deserialize;

use super::Credential;
use crate::failure::shown;

/// A helper that asks the user for the password of a key ring may take its time.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Asks the helper of this name for the login of a registry. `config` is the file that names it.
pub(super) fn ask(name: &str, server: &str, config: &Path) -> Result<Option<Credential>, String> {
    let config = config.display();
    let cannot = || format!("{config} names the credential helper `{}`, which cannot be run", shown(name));
    let program = program(name, &env::var_os("PATH").unwrap_or_default()).ok_or_else(cannot)?;
    let server = server.to_owned();
    let (sender, answer) = mpsc::channel();
    // A helper is somebody's program: it may hang.
    thread::spawn(move || {
        // Nobody listens any more where it took too long.
        let _ = sender.send(run(&program, &server));
    });
    let output = answer
        .recv_timeout(PATIENCE)
        .map_err(|_| format!("the credential helper that {config} names did not answer"))?
        .map_err(|_| cannot())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if !output.status.success() {
        let (said, error) = (text(&output.stdout), text(&output.stderr));
        if [&said, &error].iter().any(|it| it.contains("credentials not found")) {
            return Ok(None);
        }
        let said = if error.trim().is_empty() { said } else { error };
        return Err(format!("`docker-credential-{name}`, which {config} names, failed: {}", shown(said.trim())));
    }
    let Answer { username: user, secret } = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("{config} names a credential helper that gives no credential"))?;
    Ok(match user.as_str() {
        _ if secret.is_empty() => None,
        "" => None,
        "<token>" => Some(Credential::Token(secret)),
        _ => Some(Credential::Password { user, password: secret }),
    })
}

/// The program of a helper: in folders that `PATH` gives in full only. What it gives from the working folder on, as `.` or an
/// empty entry does, would be a program of the repository.
fn program(name: &str, paths: &OsStr) -> Option<PathBuf> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !name.bytes().all(is_name) {
        return None;
    }
    let file = format!("docker-credential-{name}{}", env::consts::EXE_SUFFIX);
    let folders = env::split_paths(paths).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(&file)).find(|path| can_be_run(path))
}

#[cfg(unix)]
fn can_be_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn can_be_run(path: &Path) -> bool {
    path.is_file()
}

fn run(program: &Path, server: &str) -> io::Result<Output> {
    let mut command = Command::new(program);
    // What it looks for in its working folder is not the repository's either.
    command.current_dir(program.parent().unwrap_or(program));
    let mut child = command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(server.as_bytes())?;
    }
    child.wait_with_output()
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_helper_is_looked_for_where_path_says_it_in_full() {
        let folder = env::temp_dir().join(format!("hostfit-helper-{}", std::process::id()));
        let file = folder.join("docker-credential-contoso");
        fs::create_dir_all(&folder).unwrap();
        fs::write(&file, "").unwrap();
        let path = |text: String| program("contoso", OsStr::new(&text));
        let found = |mode| {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            path(format!("/none:.:{}", folder.display()))
        };
        assert_eq!(found(0o644), None);
        assert_eq!(found(0o755), Some(file.clone()));
        // From the folder of this test's crate on, all of these lead there.
        let up = "../".repeat(env::current_dir().unwrap().components().count());
        for text in [format!("{up}{}", folder.display()), format!(".:{up}.{}", folder.display()), String::new()] {
            assert_eq!(path(text.clone()), None, "{text}");
        }
        for name in ["../contoso", "a/b", r"a\b", "a b"] {
            assert_eq!(program(name, folder.as_os_str()), None, "{name}");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
