//! What go-yaml takes for a number, once underscores and the sign are gone.

/// The value of a Go integer literal: decimal, or with a prefix for its base; `017` is octal.
pub fn integer(digits: &str) -> Option<u64> {
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)),
        [b'0', _, ..] => (8, digits.get(1..)),
        _ => (10, Some(digits)),
    };
    let digits = digits.unwrap_or_default();
    let digits = Some(digits).filter(|digits| digits.bytes().all(|it| it.is_ascii_alphanumeric()))?;
    u64::from_str_radix(digits, radix).ok()
}

/// The value of a finite decimal: `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, an exponent, and no overflow.
pub fn float(text: &str) -> Option<f64> {
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
    let fits = has_digits && are_digits(whole) && fraction.is_none_or(are_digits) && exponent_fits;
    text.parse().ok().filter(|value: &f64| fits && value.is_finite())
}
