//! What is kept of a template that is rendered alone.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::source::Source;
use crate::text::{HoleId, Text};

/// A part of an output that is there only under a condition that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// Its bytes in the output, some blanks around them included.
    pub range: Range<usize>,
    /// The condition.
    pub hole: HoleId,
    /// What is there if the condition does not hold; conditions in it are not guessed.
    pub otherwise: Option<Text>,
}

/// What is kept of a template that is rendered alone.
#[derive(Debug)]
pub(crate) struct Alone {
    /// What `.` is.
    pub(super) dot: HoleId,
    /// The actions that ask for something that is not known, by their texts' and their own places.
    pub(super) named: FxHashMap<(*const Source, usize), HoleId>,
    pub(super) guesses: Vec<Guess>,
    /// The conditions that are taken for true at the moment.
    pub(super) open: Vec<HoleId>,
}
