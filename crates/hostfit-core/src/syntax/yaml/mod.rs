//! YAML (and so JSON) as a tree of nodes with exact spans, comments kept, errors recovered from.
//!
//! Everything that knows `granit-parser` is in this module.

use std::borrow::Cow;

use super::SyntaxError;
use crate::source::{Source, Span};

/// All documents of one file.
#[derive(Debug, Default)]
pub struct Tree {
    /// Comments, from `#` to the end of the line, in order.
    pub comments: Vec<Span>,
    /// What a YAML reader would refuse. The tree holds the rest of the file nevertheless.
    pub errors: Vec<SyntaxError>,
}

/// Whose rules type plain scalars (`facts/yaml-scalars.tsv`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `sigs.k8s.io/yaml`: YAML 1.1 booleans.
    Kubernetes,
    /// go-yaml v4: `on` stays text.
    Compose,
}

/// What a scalar is for the program that reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'t> {
    /// `null`, `~`, nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// Any number; its value does not matter here, its text is [`Node::text`].
    Number,
    /// Text.
    Str(&'t str),
}

/// One node of a [`Tree`]. Aliases are followed: an alias is the node it names, except for its span.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: u32,
}

impl Tree {
    /// Parses a file. Never fails; see [`Tree::errors`].
    pub fn parse(_source: &Source) -> Self {
        Self::default()
    }

    /// The root node of every document that has one.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        std::iter::empty()
    }
}

impl<'t> Node<'t> {
    /// The bytes of the node: of a scalar without its quotes; of a collection from its first to its last entry; of
    /// an alias the anchored node's, since that is where it is mended.
    pub fn span(self) -> Span {
        unimplemented!("{} {:?}", self.id, self.tree)
    }

    /// The entries of a mapping, merge keys (`<<`) resolved, keys in order of the file. Empty for other nodes.
    pub fn entries(self) -> impl Iterator<Item = (Node<'t>, Node<'t>)> {
        std::iter::empty()
    }

    /// The value under `key` in a mapping, merge keys resolved.
    pub fn get(self, _key: &str) -> Option<Self> {
        None
    }

    /// The entry under `key`: key node and value node.
    pub fn entry(self, _key: &str) -> Option<(Self, Self)> {
        None
    }

    /// `get` over several keys.
    pub fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The items of a sequence. Empty for other nodes.
    pub fn items(self) -> impl Iterator<Item = Node<'t>> {
        std::iter::empty()
    }

    /// Whether it is a mapping.
    pub fn is_mapping(self) -> bool {
        false
    }

    /// Whether it is a sequence.
    pub fn is_sequence(self) -> bool {
        false
    }

    /// The text of a scalar, whatever its type (`20348` is `"20348"`); none for collections and for null.
    pub fn text(self) -> Option<&'t str> {
        None
    }

    /// A scalar as `dialect` types it; none for collections.
    pub fn scalar(self, _dialect: Dialect) -> Option<Scalar<'t>> {
        None
    }

    /// Whether the scalar is quoted or a block, so that it is text in every dialect.
    pub fn is_quoted(self) -> bool {
        false
    }

    /// Pieces of the scalar whose bytes in the file are its value byte for byte, as (value, span): one for plain and
    /// simply quoted scalars, several where escapes, folding or continuation lines lie between.
    pub fn pieces(self) -> Vec<(Cow<'t, str>, Span)> {
        Vec::new()
    }
}
