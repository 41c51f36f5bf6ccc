//! What kubectl, docker and clouds print, and what files declare, as `[[host]]` entries.
//!
//! ```text
//! texts ─ read ─► machines ─ join ─► machines, each once ─ pool ─► pools ─ write ─► TOML
//!                                                                        └ merge ─► edits of a file that is there
//! ```
//!
//! Pure: no files, clock or environment. `read` recognises an output by its content and leaves unknown what that does not state; `label` is the list of what is left
//! out; `merge` finds each host's pool and makes edits of single bytes, in the spans that `toml` gives, so that all else stays as it
//! is in any encoding. What comes of them is read again before it is written. It is not part of the core, which judges files and needs none of it.

pub(crate) mod label;
pub(crate) mod machine;
pub(crate) mod merge;
pub(crate) mod pool;
pub(crate) mod provider;
pub(crate) mod read;
pub(crate) mod write;

#[cfg(test)]
mod tests;
