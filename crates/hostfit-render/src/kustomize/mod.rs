//! kustomize: a kustomization is built as `kubectl kustomize` does, without opening a file and without the network.
//!
//! ```text
//! resource, schema, fields ← merge, json_patch, select ← transform, images, replace, vars, generate, charts ← build ← collect, apply ← plugins
//! ```
//!
//! Objects are trees of [`Node`](crate::Node)s, and a patch puts its own nodes, with their places, where those of the
//! base were. What comes out is a [`Building`]: one [`Manifest`](crate::Manifest) for each object, whose text says of
//! every byte where it was written, in the order of the build.
//!
//! - A resource that is not in the tree, or that cannot be read, is left out with a [`Problem`](crate::Problem). A
//!   component, a patch, a generator or a transformer that cannot be evaluated may change everything:
//!   [`Building::is_unknown`].
//! - What kustomize refuses (a patch without its target, an object that is there twice) is a problem as well, and the
//!   other objects are built nevertheless.
//! - A field keeps the key of the base, whoever wrote its value: the key `image` of a container leads to the base where
//!   `images` gives both name and tag.
//! - The names of generated `ConfigMap`s and `Secret`s have no hash, and references to names that a prefix, a suffix or a
//!   hash changes stay as they are: nothing here judges them.

mod apply;
mod build;
mod charts;
mod collect;
mod fields;
mod file;
mod generate;
mod images;
mod json_patch;
mod merge;
mod order;
mod plugins;
mod replace;
mod resource;
mod schema;
mod select;
mod transform;
mod vars;

pub use self::{
    build::{Building, Options, build},
    collect::references,
    file::NAMES,
};
