//! What a plain scalar is, by the rules of the programs that read the file: Go's YAML libraries, not YAML 1.2.

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
    is_integer(&digits) || is_float(&digits)
}

fn is_integer(digits: &str) -> bool {
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)),
        [b'0', _, ..] => (8, digits.get(1..)),
        _ => (10, Some(digits)),
    };
    let digits = digits.unwrap_or_default();
    digits.bytes().all(|it| it.is_ascii_alphanumeric()) && u64::from_str_radix(digits, radix).is_ok()
}

/// `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, an exponent, and no overflow.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let are_digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let has_digits = !whole.is_empty() || fraction.is_some_and(|it| !it.is_empty());
    let exponent_fits = exponent.is_none_or(|it| {
        let it = it.strip_prefix(['+', '-']).unwrap_or(it);
        !it.is_empty() && are_digits(it)
    });
    has_digits
        && are_digits(whole)
        && fraction.is_none_or(are_digits)
        && exponent_fits
        && text.parse().is_ok_and(f64::is_finite)
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

    #[test]
    fn a_boolean_field_takes_the_old_spellings() {
        assert_eq!(bool_field("on"), Some(true));
        assert_eq!(bool_field("n"), Some(false));
        assert_eq!(bool_field("1"), None);
    }
}
