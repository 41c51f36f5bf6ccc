//! Long lists as JSON, a few rows at a time.

use std::io;

use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeSeq},
};
use serde_json::{
    ser::{Formatter, PrettyFormatter},
    value::RawValue,
};

use crate::parallel;

/// What the function makes of each of these is written as an array, and never held all at once.
pub(super) struct Rows<'a, T, F>(pub(super) &'a [T], pub(super) F);

impl<'a, T, R: Serialize, F: Fn(&'a T) -> R> Serialize for Rows<'a, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}

/// The same in JSON, with the rows made on several threads.
pub(super) struct ParallelRows<'a, T, F> {
    /// What they are made of.
    pub(super) of: &'a [T],
    /// What makes one.
    pub(super) make: F,
    /// How many threads make them.
    pub(super) jobs: Option<u16>,
    /// How deep they stand in their report.
    pub(super) depth: usize,
}

/// So many rows are one piece of work.
const PIECE: usize = 16;

/// So many pieces are held.
const PIECES: usize = 32;

impl<'a, T: Sync, R: Serialize, F: Fn(&'a T) -> R + Sync> Serialize for ParallelRows<'a, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.jobs == Some(1) || self.of.len() <= PIECE {
            return Rows(self.of, &self.make).serialize(serializer);
        }
        let mut formatter = PrettyFormatter::new();
        (0..self.depth).try_for_each(|_| formatter.begin_array(&mut io::sink())).map_err(S::Error::custom)?;
        let written = |row: &'a T| {
            let mut json = Vec::new();
            (self.make)(row).serialize(&mut serde_json::Serializer::with_formatter(&mut json, formatter.clone()))?;
            RawValue::from_string(String::from_utf8(json).map_err(serde_json::Error::custom)?)
        };
        let mut rows = serializer.serialize_seq(Some(self.of.len()))?;
        for some in self.of.chunks(PIECE * PIECES) {
            let pieces: Vec<_> = some.chunks(PIECE).collect();
            let made = |(_, piece): (_, &&'a [T])| piece.iter().map(written).collect::<Result<Vec<_>, _>>();
            for piece in parallel::map(self.jobs, &pieces, made) {
                piece.map_err(S::Error::custom)?.iter().try_for_each(|row| rows.serialize_element(row))?;
            }
        }
        rows.end()
    }
}
