//! Whom to be: what `docker login` left behind.

use std::{
    env,
    fs::File,
    io::{BufReader, Read},
    path::PathBuf,
    sync::mpsc,
    thread,
    time::Duration,
};

use docker_credential::{CredentialRetrievalError, DockerCredential};

use crate::failure::shown;

/// What proves who asks.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user and what only they know.
    Password {
        /// Their name.
        user: String,
        /// Their secret.
        password: String,
    },
    /// An identity token, which the token service takes for one of its own.
    Token(String),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(…)")
    }
}

/// Looks for the credential of a registry; an error says in words why there may be one that can't be had.
type Lookup = dyn Fn(&str) -> Result<Option<Credential>, String> + Send + Sync;

/// Where credentials come from. They are looked for only when a registry asks.
pub struct Credentials(Box<Lookup>);

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

/// A helper that asks the user for the password of a key ring may take its time.
const PATIENCE: Duration = Duration::from_mins(1);
/// Docker's own file has some hundred bytes.
const MAX_CONFIG: u64 = 4 * 1024 * 1024;

impl Credentials {
    /// Those that `docker login` knows: `config.json` in `DOCKER_CONFIG` or the home folder, and the helpers that it names.
    pub fn docker() -> Self {
        Self::from_lookup(of_docker)
    }

    /// Those that `lookup` gives for a host.
    pub fn from_lookup(lookup: impl Fn(&str) -> Result<Option<Credential>, String> + Send + Sync + 'static) -> Self {
        Self(Box::new(lookup))
    }

    pub(crate) fn of(&self, registry: &str) -> Result<Option<Credential>, String> {
        (self.0)(registry)
    }
}

fn config_file() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = if cfg!(windows) { set("USERPROFILE").or_else(|| set("HOME")) } else { set("HOME") };
    Some(set("DOCKER_CONFIG").or_else(|| Some(home?.join(".docker")))?.join("config.json"))
}

fn of_docker(registry: &str) -> Result<Option<Credential>, String> {
    let Some(path) = config_file() else { return Ok(None) };
    let Ok(file) = File::open(&path) else { return Ok(None) };
    // Docker Hub goes by its oldest name there.
    let server = if registry == "docker.io" { "https://index.docker.io/v1/" } else { registry }.to_owned();
    let (sender, answer) = mpsc::channel();
    // A helper is somebody's program: it may hang.
    thread::spawn(move || {
        let reader = BufReader::new(file.take(MAX_CONFIG));
        // Nobody listens any more where it took too long.
        let _ = sender.send(docker_credential::get_credential_from_reader(reader, &server));
    });
    let found = answer
        .recv_timeout(PATIENCE)
        .map_err(|_| format!("the credential helper that {} names did not answer", path.display()))?;
    let broken = |what: &str| Err(format!("{} {what}", path.display()));
    match found {
        Ok(DockerCredential::UsernamePassword(user, _)) if user.is_empty() => Ok(None),
        Ok(DockerCredential::UsernamePassword(user, password)) => Ok(Some(Credential::Password { user, password })),
        Ok(DockerCredential::IdentityToken(token)) if token.is_empty() => Ok(None),
        Ok(DockerCredential::IdentityToken(token)) => Ok(Some(Credential::Token(token))),
        Err(CredentialRetrievalError::NoCredentialConfigured | CredentialRetrievalError::ConfigNotFound) => Ok(None),
        Err(CredentialRetrievalError::HelperFailure { stdout, stderr, .. })
            if [&stdout, &stderr].iter().any(|it| it.contains("credentials not found")) =>
        {
            Ok(None)
        }
        Err(CredentialRetrievalError::HelperFailure { helper, stderr, stdout }) => {
            let said = if stderr.trim().is_empty() { stdout } else { stderr };
            Err(format!("`{helper}`, which {} names, failed: {}", path.display(), shown(said.trim())))
        }
        Err(CredentialRetrievalError::HelperCommunicationError) => {
            broken("names a credential helper that can't be run")
        }
        Err(CredentialRetrievalError::MalformedHelperResponse) => {
            broken("names a credential helper that gives no credential")
        }
        Err(_) => broken("can't be read"),
    }
}
