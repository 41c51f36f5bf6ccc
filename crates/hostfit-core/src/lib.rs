//! Works out whether every container image in a set of files runs on every host these files allow it to land on.
//!
//! Texts, a configuration and a date in; findings out. No files, clock, environment, threads or colours in here.
//!
//! The types that carry it:
//!
//! - `Span` is a range of bytes of one file's text. `Source::position` alone turns it into a line, a column and a byte of
//!   the user's file; for UTF-16 these differ from the text's.
//! - `Text` is what a variable leaves behind: the value, and for each piece of it the bytes that state it and the bytes that
//!   use it. `Text::locate` answers where a finding about part of a value has to stand: on `2022` of `ARG V=2022`, not on
//!   `ltsc${V}`. A variable without a value is a *hole*: nothing is read into it, and what it touches is unknown.
//! - `Known<T>` is stated, inferred, unresolved (and why) or absent (and where it would go).
//! - `Build(u16)` *is* the Windows version; `ltsc2019`, `1809`, `10.0.17763.1935` are spellings of it.
//! - `Outcome` is what comes of one image on one host: verdict, reason, isolation and the variant that the host gets. `Outcome::of` and its
//!   neighbours in `judge/outcome.rs` are the only code that decides it; `compat` asks them too. A multi-platform image is a set of
//!   `Variants`; `judge/subject.rs` says which one a host's runtime, or the Docker host that builds on it, picks.
//! - `Table` holds the outcomes of one fleet, a row for each workload and a column for each class of hosts: those with the same facts, taints
//!   and labels that placements ask for (`judge/classes.rs`, `placement/asked.rs`). Rules ask `Judgement::classes`, and `Cx::hosts` for the ids
//!   that a finding names; only what shows hosts one by one walks over `Judgement::places`. The report returns the
//!   tables, and `Answers` joins them with the project and the configuration that was judged by: `check`, `matrix`, hovers, lenses,
//!   `diagnose` and fixes read them and decide nothing.
//! - `Cause` keeps "one cause, one finding": rules about the same failure exclude each other because they ask one value.
//! - A `Finding` carries ids: `WorkloadPart`, `HostId`, `FleetId`. Names are made where they are shown, and nothing reads one back. Identities,
//!   which only baselines and fingerprints need, are made by `Report::identify` on demand.

#[cfg(test)]
extern crate self as hostfit_core;

pub mod baseline;
pub mod check;
#[cfg(test)]
mod checked;
pub mod config;
pub mod diagnose;
pub mod finding;
pub mod fix;
pub mod fleet;
pub mod fleet_check;
pub mod front;
pub mod identity;
pub mod judge;
pub mod knowledge;
pub mod matrix;
pub mod model;
pub mod nearest;
pub mod patch;
pub mod phrase;
pub mod placement;
pub mod plan;
pub mod printable;
pub mod rule;
pub mod rules;
pub mod shard;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod text;
#[cfg(test)]
mod upstream;
pub mod windows;
pub mod workers;
