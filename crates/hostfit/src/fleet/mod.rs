//! What kubectl and docker print, as `[[host]]` entries.
//!
//! ```text
//! texts ─ read ─► machines ─ join ─► machines, each once ─ pool ─► pools ─ write ─► TOML
//!                                                                        └ merge ─► edits of a file that is there
//! ```
//!
//! Pure: no files, clock or environment. What an output does not tell stays unknown.

pub(crate) mod label;
pub(crate) mod machine;
pub(crate) mod merge;
pub(crate) mod pool;
pub(crate) mod provider;
pub(crate) mod read;
pub(crate) mod write;

#[cfg(test)]
mod tests;
