//! What a plain scalar is for `sigs.k8s.io/yaml`, which Helm reads values with.

use super::number::{float, integer};

/// A plain scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plain {
    Null,
    Bool(bool),
    Number(f64),
    String,
}

/// Types a plain, untagged scalar by YAML 1.1 as Go's library has it.
pub(crate) fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Plain::Null,
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Plain::Bool(true),
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Plain::Bool(false),
        _ => number(text).map_or(Plain::String, Plain::Number),
    }
}

fn number(text: &str) -> Option<f64> {
    let (sign, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (-1.0, text.get(1..).unwrap_or_default()),
        Some(b'+') => (1.0, text.get(1..).unwrap_or_default()),
        _ => (1.0, text),
    };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if unsigned.len() == text.len() => return Some(f64::NAN),
        _ => {}
    }
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let digits = if unsigned.contains('_') { unsigned.replace('_', "") } else { unsigned.to_owned() };
    #[allow(clippy::cast_precision_loss, reason = "Go reads every number of values as a float64")]
    let integer = integer(&digits).map(|value| value as f64);
    integer.or_else(|| float(&digits)).map(|value| sign * value)
}
