//! Renders Helm charts and builds kustomizations in memory, every byte of the result with the file and the bytes that
//! it comes from.
//!
//! ```text
//! text, node ← yaml ← value ← template (Go's) ← funcs (Sprig's and Helm's) ← helm ← kustomize
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
//! A kustomization is [built](kustomize::build) on [`Node`]s: a patch replaces nodes, and so the places that come with
//! them. What comes out is a [`Rendering`] as well, with a [`Manifest`] for each object.

mod fault;
mod funcs;
mod glob;
mod helm;
pub mod kustomize;
mod node;
mod number;
mod object;
mod print;
mod problem;
mod semver;
mod slots;
mod template;
mod text;
mod tree;
mod value;
pub mod yaml;

pub use self::{
    helm::{Chart, KubeVersion, Manifest, Options, Rendering, load, render, render_alone, seen, values},
    node::{Data, Entry, Node},
    problem::{Problem, ProblemKind},
    template::{Guess, Hole, Use},
    text::{FileId, HoleId, Origin, Piece, Place, Text, UNKNOWN},
    tree::{FileTable, Tree},
};
