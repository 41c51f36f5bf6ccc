//! Whom to be.

mod docker;
mod helper;

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

impl Credentials {
    /// Those that `docker login` knows: `config.json` in `DOCKER_CONFIG` or the home folder, and the helpers that it names.
    pub fn docker() -> Self {
        Self::from_lookup(docker::credential)
    }

    /// Those that `lookup` gives for a host.
    pub fn from_lookup(lookup: impl Fn(&str) -> Result<Option<Credential>, String> + Send + Sync + 'static) -> Self {
        Self(Box::new(lookup))
    }

    pub(crate) fn of(&self, registry: &str) -> Result<Option<Credential>, String> {
        (self.0)(registry)
    }
}
