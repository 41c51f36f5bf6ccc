//! What a file refers to: further files that have to be read to know what it means.

use super::{Content, Unit};
use crate::{
    source::{Source, Span},
    syntax::SyntaxError,
};

/// The paths of files that `unit` refers to, in the way in which [`Source::path`] is written. They may not exist.
pub fn wanted(_unit: &Unit, _source: &Source) -> Vec<String> {
    Vec::new()
}

/// A file that is one of ours and too long to be read: nothing but the error that says so.
/// `unit` was made from its first bytes.
pub fn too_large(unit: &Unit) -> Unit {
    Unit {
        source: unit.source,
        content: Content::Env(super::env::File::default()),
        errors: vec![SyntaxError {
            span: Span::at(unit.source, 0),
            message: "the file is longer than 8 MiB, so hostfit does not read it".to_owned(),
        }],
        comments: Vec::new(),
    }
}
