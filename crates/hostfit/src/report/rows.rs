//! Long lists as JSON, one row at a time.

use serde::{Serialize, Serializer};

/// What the function makes of each of these is written as an array, and never held all at once.
pub(super) struct Rows<'a, T, F>(pub(super) &'a [T], pub(super) F);

impl<'a, T, R: Serialize, F: Fn(&'a T) -> R> Serialize for Rows<'a, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}
