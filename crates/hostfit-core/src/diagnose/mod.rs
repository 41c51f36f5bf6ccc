//! Errors that clusters and engines print, and what the files have to do with them.
//!
//! Two steps. [`read`](read::read) recognises what kind of text it is given and takes the [`Incident`]s out of it: which
//! known error, of which object, and what the text states beside it. [`explain`](explain::explain) joins an incident with
//! the project and its findings: why it happens, which bytes decide it, how to fix it. Where the files have nothing on
//! it, the cause stands alone: nothing is guessed.

pub mod error;
pub mod explain;
mod find;
mod message;
mod named;
pub mod read;
mod reporter;

pub use self::{error::Error, explain::explain, read::read, reporter::Reporter};
use crate::{
    fleet::Orchestrator,
    source::Span,
    windows::{Isolation, OsVersion},
};

/// One known error of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Which.
    pub error: Error,
    /// The bytes of the text that say so.
    pub span: Span,
    /// What they say, in one line.
    pub message: String,
    /// Whose error it is.
    pub object: Object,
    /// The version of the Windows in the image, where the message states it.
    pub image_version: Option<OsVersion>,
    /// The version of the host, where the message states it.
    pub host_version: Option<OsVersion>,
    /// The isolation, where a command line or the engine states it.
    pub isolation: Option<Isolation>,
    /// Who reports it.
    pub reporter: Option<Reporter>,
    /// Whether it is the pod's sandbox that fails, and not one of its containers.
    pub sandbox: bool,
    /// How many times the text has it.
    pub times: u32,
}

/// What an error is about, as far as the text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// What ran it; none for errors of a Docker engine, which Swarm has too.
    pub orchestrator: Option<Orchestrator>,
    /// The namespace of the pod.
    pub namespace: Option<String>,
    /// The pod.
    pub pod: Option<String>,
    /// What made the pod: `ReplicaSet`, `web-5d4f8`; or what was refused.
    pub owner: Option<(String, String)>,
    /// The container in it.
    pub container: Option<String>,
    /// The Swarm or Compose service.
    pub service: Option<String>,
    /// The node it was placed on.
    pub node: Option<String>,
    /// The image reference. Without its registry where only `docker pull`'s progress names it.
    pub image: Option<String>,
}

/// A node of which the text states the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: OsVersion,
}

/// All that one text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Known errors, in order of their first place.
    pub incidents: Vec<Incident>,
    /// How many more there were than anybody reads.
    pub left_out: usize,
    /// The Windows nodes that it describes.
    pub nodes: Vec<Node>,
}

#[cfg(test)]
mod tests;
