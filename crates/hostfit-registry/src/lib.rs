//! What container registries say of the platforms of an image: operating system, its version, architecture.
//!
//! A small blocking client of the OCI distribution specification, which asks for nothing else. It never opens a socket
//! before [`Client::ask`] is called, and it uses plain HTTP with loopback addresses only, unless a [`Site`] says
//! otherwise.
//!
//! Source: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>, and for tokens
//! <https://distribution.github.io/distribution/spec/auth/token/>.

mod agents;
mod auth;
mod challenge;
mod client;
mod credentials;
mod digest;
mod failure;
#[doc(hidden)]
pub mod fuzzing;
mod http;
mod manifest;
mod queue;
mod url;

use std::time::Duration;

pub use client::Client;
pub use credentials::{Credential, Credentials};
pub use failure::{Failure, Kind};
pub use url::is_loopback;

/// An image, as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Image {
    /// `mcr.microsoft.com`, `localhost:5000`; `docker.io` is Docker Hub.
    pub registry: String,
    /// `windows/servercore`, `library/golang`.
    pub repository: String,
    /// A tag, or a digest (`sha256:…`).
    pub reference: String,
}

/// What a registry says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `sha256:…` of the manifest or index.
    pub digest: String,
    /// Of the same.
    pub media_type: String,
    /// The platforms, in the order of the index; one where it is not an index.
    pub platforms: Vec<Platform>,
}

/// What an image is made for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// `windows`, `linux`.
    pub os: String,
    /// `amd64`.
    pub architecture: String,
    /// `10.0.20348.2700`.
    pub os_version: Option<String>,
}

/// How to talk with one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The host that is asked in its place, with what stands before the repository there: `mirror.contoso.com/hub`.
    pub mirror: Option<String>,
    /// Certificates in PEM form that are trusted beside those of the system.
    pub ca: Option<Vec<u8>>,
    /// Whether the registry is asked over plain HTTP. Loopback addresses without `ca` do, unless this is false.
    pub plain_http: Option<bool>,
    /// Who says so.
    pub origin: Origin,
}

/// Who says how to talk with a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// A repository, which may be anybody's: no credentials go where it leads, and where there are credentials for the
    /// registry it does not count.
    #[default]
    Repository,
    /// The user, whose credentials they are.
    User,
}

impl Site {
    /// Whether a repository says whom to trust or whom to ask.
    pub(crate) fn is_redirected(&self) -> bool {
        let says_so = self.mirror.is_some() || self.ca.is_some() || self.plain_http == Some(true);
        self.origin == Origin::Repository && says_so
    }
}

/// Whose word counts for one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The user's and the system's: what is asked carries credentials, or was got with them.
    User,
    /// The repository's too.
    All,
}

/// How long to wait, and how much to ask at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until a connection is there, TLS included.
    pub connect: Duration,
    /// For one request and all of its answer.
    pub answer: Duration,
    /// For all that one image takes, waiting included.
    pub image: Duration,
    /// How often one request is made, if the registry is too busy or the connection breaks.
    pub attempts: u32,
    /// Before the second attempt; doubled before each one after it.
    pub pause: Duration,
    /// The longest that a registry may ask to wait.
    pub longest_pause: Duration,
    /// How many images are asked for at a time.
    pub at_once: usize,
    /// How many of these of the same registry.
    pub at_once_per_registry: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            image: Duration::from_secs(90),
            attempts: 4,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            at_once: 8,
            at_once_per_registry: 4,
        }
    }
}
