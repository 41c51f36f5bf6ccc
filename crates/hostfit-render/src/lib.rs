//! Renders Helm charts in memory, every byte of the result with the file and the bytes that it comes from.
//!
//! ```text
//! text, node ← yaml ← value ← template (Go's) ← funcs (Sprig's and Helm's) ← helm
//! ```
//!
//! A chart is [loaded](load) from a [`Tree`], which whoever calls implements over its files: nothing in this crate opens
//! one. It is then [rendered](render) with any number of sets of values, each of them [`Node`]s that [`yaml::read`] gives
//! or that are put together by hand, with [`Origin::Setting`] for what no file states. Files are numbers of one
//! [`FileTable`], which the caller keeps over all renderings and maps to its own sources.
//!
//! What comes out is a [`Manifest`] for each template:
//!
//! - its [`Text`] says of each run of bytes what wrote it: [`Text::origins`] of a scalar's bytes gives the pieces that
//!   decide it, one after the other. A piece that is [`Origin::Written`] at a place as long as itself *is* the bytes
//!   there, and can be edited there; otherwise the place states it in another form. Where bytes were computed
//!   ([`Origin::Made`]), all that they were computed from is named;
//! - its [`Use`]s say which literal or action of the template put which bytes there: the place of use.
//!
//! What cannot be evaluated is a [`Hole`], never an error: [`UNKNOWN`] stands for it behind other text of its line, and
//! nothing at all where whole lines would stand. [`yaml::read`] reads an output (or a values file, a kustomization, a
//! patch) and keeps both: a node is a hole or has one in its text, or has [`gaps`](Node::gaps) where entries of it are
//! not known. Who needs another reader finds them with [`Text::gaps`] and [`Text::origins`].
//!
//! Rendering counts its steps and ends at the same place for the same input, on every machine; what is over a limit is
//! a [`Problem`]. A template that Helm refuses is one as well, and the others are rendered nevertheless.
//!
//! kustomize will be a module beside `helm`, over [`Node`]s: a patch replaces nodes, and so the places that come with them.

mod fault;
mod funcs;
mod glob;
mod helm;
mod node;
mod number;
mod object;
mod print;
mod semver;
mod template;
mod text;
mod value;
pub mod yaml;

pub use self::{
    helm::{Chart, FileTable, KubeVersion, Manifest, Options, Problem, ProblemKind, Rendering, Tree, load, render},
    node::{Data, Entry, Node},
    template::{Hole, Use},
    text::{FileId, HoleId, Origin, Piece, Place, Text, UNKNOWN},
};
