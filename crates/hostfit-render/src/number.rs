//! How Go prints floats.

/// `%v` of a float: as few digits as tell it, with an exponent below 1e-4 and from 1e6 on.
pub(crate) fn printed(float: f64) -> String {
    if float.is_nan() {
        return "NaN".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    let scientific = format!("{float:e}");
    let exponent = scientific.split_once('e').and_then(|(mantissa, exponent)| Some((mantissa, exponent.parse().ok()?)));
    match exponent {
        Some((mantissa, exponent)) if !(-4..6_i32).contains(&exponent) => with_exponent(mantissa, exponent),
        _ => float.to_string(),
    }
}

/// A mantissa and an exponent of at least two digits.
pub(crate) fn with_exponent(mantissa: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
