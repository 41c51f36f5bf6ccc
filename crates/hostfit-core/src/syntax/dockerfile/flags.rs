//! Which flags an instruction takes, and of what kind.
//!
//! As BuildKit's `instructions/bflag.go` reads them and `instructions/parse.go` and `commands_run*.go` declare them.

use super::{Flag, Written};
use crate::source::Span;

#[derive(Clone, Copy)]
pub(super) enum FlagType {
    Bool,
    Text,
    /// May be given several times.
    Texts,
}

pub(super) type Flags = &'static [(&'static str, FlagType)];

pub(super) const NONE: Flags = &[];
pub(super) const FROM: Flags = &[("platform", FlagType::Text)];
pub(super) const ADD: Flags = &[
    ("chown", FlagType::Text),
    ("chmod", FlagType::Text),
    ("link", FlagType::Bool),
    ("keep-git-dir", FlagType::Bool),
    ("checksum", FlagType::Text),
    ("unpack", FlagType::Bool),
    ("exclude", FlagType::Texts),
];
pub(super) const COPY: Flags = &[
    ("chown", FlagType::Text),
    ("from", FlagType::Text),
    ("chmod", FlagType::Text),
    ("link", FlagType::Bool),
    ("exclude", FlagType::Texts),
    ("parents", FlagType::Bool),
];
pub(super) const RUN: Flags = &[
    ("mount", FlagType::Texts),
    ("network", FlagType::Text),
    ("security", FlagType::Text),
    ("device", FlagType::Texts),
];
pub(super) const HEALTHCHECK: Flags = &[
    ("interval", FlagType::Text),
    ("timeout", FlagType::Text),
    ("start-period", FlagType::Text),
    ("start-interval", FlagType::Text),
    ("retries", FlagType::Text),
];

/// Reports the flags that are not allowed, or wrong.
pub(super) fn check(flags: &[Flag], allowed: Flags, report: &mut dyn FnMut(Span, String)) {
    let mut seen: Vec<&str> = Vec::new();
    for flag in flags {
        let name = flag.name();
        let value = flag.value();
        let value = value.as_ref().map(Written::as_str);
        let Some((name, kind)) = allowed.iter().find(|(allowed, _)| *allowed == name) else {
            report(flag.span, format!("unknown flag: --{name}"));
            continue;
        };
        if !seen.contains(name) {
            seen.push(name);
        } else if !matches!(kind, FlagType::Texts) {
            report(flag.span, format!("duplicate flag specified: --{name}"));
        }
        match (kind, value) {
            (FlagType::Bool, Some("")) | (FlagType::Text | FlagType::Texts, None) => {
                report(flag.span, format!("missing a value on flag: --{name}"));
            }
            (FlagType::Bool, Some(value)) if !["true", "false"].contains(&value.to_lowercase().as_str()) => {
                report(flag.span, format!("expecting boolean value for flag --{name}, not: {value}"));
            }
            _ => {}
        }
    }
}

/// What Go's `time.ParseDuration` reads, zero or at least a millisecond.
pub(super) fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let number = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
        let (value, after) = rest.split_at_checked(number).unwrap_or_default();
        let Ok(value) = value.parse::<f64>() else { return false };
        let units = [
            ("ns", 1e-9),
            ("us", 1e-6),
            ("µs", 1e-6),
            ("μs", 1e-6),
            ("ms", 1e-3),
            ("s", 1.0),
            ("m", 60.0),
            ("h", 3600.0),
        ];
        let Some((unit, factor)) = units.iter().find(|(unit, _)| after.starts_with(unit)) else { return false };
        seconds += value * factor;
        rest = after.get(unit.len()..).unwrap_or_default();
    }
    !text.is_empty() && (seconds == 0.0 || seconds >= 1e-3)
}
