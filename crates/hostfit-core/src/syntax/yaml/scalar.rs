//! What a plain scalar is, by the rules of the programs that read the file: Go's YAML libraries, not YAML 1.2.

use hostfit_render::yaml::number::{float, integer};

use super::{Dialect, Scalar};

/// Types a plain, untagged scalar.
pub(super) fn plain(text: &str, dialect: Dialect) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        _ => {}
    }
    match (dialect, yaml_1_1_bool(text)) {
        (Dialect::Kubernetes, Some(value)) => Scalar::Bool(value),
        _ if is_number(text) => Scalar::Number,
        _ => Scalar::Str(text),
    }
}

/// What a boolean field makes of the text: YAML 1.1 spellings count there in every dialect.
pub(super) fn bool_field(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => yaml_1_1_bool(text),
    }
}

fn yaml_1_1_bool(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// go-yaml's `resolve`: Go integer literals, with underscores, then decimal floats that fit.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return true,
        ".nan" | ".NaN" | ".NAN" => return unsigned.len() == text.len(),
        _ => {}
    }
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return false;
    }
    let digits = unsigned.replace('_', "");
    integer(&digits).is_some() || float(&digits).is_some()
}

/// What Go's `fmt` prints of a plain, untagged scalar that go-yaml v4 takes for a number, a boolean or a date.
pub(super) fn printed(text: &str) -> Option<String> {
    match plain(text, Dialect::Compose) {
        Scalar::Bool(value) => Some(value.to_string()),
        Scalar::Number => Some(printed_number(text)),
        Scalar::Null => None,
        Scalar::Str(_) => printed_date(text),
    }
}

fn printed_number(text: &str) -> String {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = unsigned.replace('_', "");
    if let Some(integer) = integer(&digits) {
        let is_zero = integer == 0 && text != "-0";
        return if is_zero { "0".to_owned() } else { format!("{sign}{integer}") };
    }
    match digits.parse::<f64>() {
        Ok(float) if float.is_finite() => format!("{sign}{}", printed_float(float)),
        // `.nan`, and `.inf`, which has a sign in Go.
        _ if digits.eq_ignore_ascii_case(".nan") => "NaN".to_owned(),
        _ => format!("{}Inf", if sign.is_empty() { "+" } else { sign }),
    }
}

/// `%v` of a float: as few digits as tell it, with an exponent below 1e-4 and from 1e6 on.
fn printed_float(float: f64) -> String {
    let scientific = format!("{float:e}");
    let exponent = scientific.split_once('e').and_then(|(mantissa, exponent)| Some((mantissa, exponent.parse().ok()?)));
    match exponent {
        Some((mantissa, exponent)) if !(-4..6_i32).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => float.to_string(),
    }
}

/// `2006-1-2`, a day that is there: midnight of it, in Go's words.
fn printed_date(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let mut number = |digits: std::ops::RangeInclusive<usize>| {
        let part = parts.next()?;
        let is_number = digits.contains(&part.len()) && part.bytes().all(|it| it.is_ascii_digit());
        is_number.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (year, month, day) = (number(4..=4)?, number(1..=2)?, number(1..=2)?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u16::from(is_leap),
        _ => 0,
    };
    let is_date = parts.next().is_none() && (1..=days).contains(&day);
    is_date.then(|| format!("{year:04}-{month:02}-{day:02} 00:00:00 +0000 UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kubernetes' and Compose's reading of plain scalars, as `sigs.k8s.io/yaml` and go-yaml v4 gave it: `b` and `B`
    /// false and true, `n` number, `0` null, `s` text.
    #[test]
    fn plain_scalars_are_typed_as_the_readers_type_them() {
        let table = "yes B s|no b s|on B s|off b s|y B s|n b s|Yes B s|True B B|TRUE B B|true B B|~ 0 0|null 0 0|\
                     Null 0 0| 0 0|0777 n n|0o777 n n|0x1F n n|0b101 n n|1_000 n n|1e3 n n|.5 n n|1. n n|+1 n n|\
                     1:30 s s|190:20:30 s s|012345 n n|08 n n|0.10 n n|1.10 n n|.inf n n|.NaN n n|2001-12-14 s s|\
                     1e400 s s|18446744073709551616 n n|0x s s|-0 n n|3.10 n n|1809 n n|20H2 s s|10.0.17763.1 s s|\
                     = s s|14393.1715 n n|. s s|- s s|_1 s s|1__0 n n|-.5 n n|+.inf n n|-.nan s s|0x_1F n n|e3 s s";
        for row in table.split('|') {
            let mut cells = row.rsplitn(3, ' ');
            let (compose, kubernetes) = (cells.next(), cells.next());
            let text = cells.next().unwrap_or_default();
            let letter = |dialect| match plain(text, dialect) {
                Scalar::Null => "0",
                Scalar::Bool(true) => "B",
                Scalar::Bool(false) => "b",
                Scalar::Number => "n",
                Scalar::Str(_) => "s",
            };
            assert_eq!(Some(letter(Dialect::Kubernetes)), kubernetes, "{text} in Kubernetes");
            assert_eq!(Some(letter(Dialect::Compose)), compose, "{text} in Compose");
        }
    }

    /// What `fmt.Sprint` makes of a value as go-yaml v4 decodes it; `=` where it is the text itself.
    #[test]
    fn numbers_are_printed_as_go_prints_them() {
        let table = "8.0 8|1.50 1.5|0x10 16|012 10|1_000 1000|1e3 1000|0o17 15|0b101 5|-0x1F -31|+1 1|-0 -0|-00 0|08 8|.5 0.5|1. 1|\
                     -1.50 -1.5|1e21 1e+21|123456789e13 1.23456789e+21|1e6 1e+06|123456.5 123456.5|1234567.5 1.2345675e+06|100000.0 100000|1e20 1e+20|0.0001 0.0001|\
                     0.00001 1e-05|1.5e-7 1.5e-07|18446744073709551616 1.8446744073709552e+19|18446744073709551615 \
                     18446744073709551615|.inf +Inf|-.INF -Inf|.NaN NaN|True true|FALSE false|0.10 0.1|3.10 3.1|1809 1809|\
                     14393.1715 14393.1715|17763 17763|2024 2024|4.8 4.8|20H2 =|ltsc2022 =|10.0.17763 =|yes =|1:30 =|~ =|\
                     1.2.3 =|v1.0 =|2024-13-01 =|2024-02-30 =|24-01-02 =|2024-1-2 2024-01-02 00:00:00 +0000 \
                     UTC|2001-12-14 2001-12-14 00:00:00 +0000 UTC|2024-01-02-3 =";
        for row in table.split('|') {
            let (text, expected) = row.split_once(' ').unwrap();
            assert_eq!(printed(text).as_deref().unwrap_or("="), expected, "{text}");
        }
    }

    #[test]
    fn a_boolean_field_takes_the_old_spellings() {
        assert_eq!(bool_field("on"), Some(true));
        assert_eq!(bool_field("n"), Some(false));
        assert_eq!(bool_field("1"), None);
    }
}
