//! Days: today, and those on the command line.

use std::time::{SystemTime, UNIX_EPOCH};

use hostfit_core::windows::Date;

/// Today, in UTC.
pub(crate) fn today() -> Date {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    from_days(seconds / (24 * 60 * 60))
}

/// Reads `2026-11-21`.
pub(crate) fn parse(text: &str) -> Result<Date, String> {
    let read = || {
        let mut fields = text.split('-');
        let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
        let digits = |field: &str, len| field.len() == len && field.bytes().all(|it| it.is_ascii_digit());
        if fields.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return None;
        }
        Some(Date { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? })
    };
    let date = read().ok_or("write a day as YYYY-MM-DD")?;
    if (1..=days_of(date.year, date.month)).contains(&date.day) { Ok(date) } else { Err("there is no such day".into()) }
}

/// How many days a month has; none if there is no such month.
fn days_of(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}

/// The day that is `days` after 1970-01-01, in the Gregorian calendar.
fn from_days(mut days: u64) -> Date {
    let mut date = Date { year: 1970, month: 1, day: 1 };
    loop {
        let month = u64::from(days_of(date.year, date.month));
        if days < month {
            return Date { day: u8::try_from(days + 1).unwrap_or(1), ..date };
        }
        days -= month;
        date = match date.month {
            12 => Date { year: date.year.saturating_add(1), month: 1, day: 1 },
            month => Date { month: month + 1, ..date },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_1970_are_dates() {
        let cases = [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_778, "2026-11-21")];
        for (days, expected) in cases {
            assert_eq!(from_days(days).to_string(), expected);
        }
    }

    #[test]
    fn only_days_of_the_calendar_are_read() {
        for text in ["2026-11-21", "2024-02-29"] {
            assert_eq!(parse(text).expect("a day").to_string(), text);
        }
        for text in
            ["2023-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "21.11.2026", "", "2026-11-21-1", "+026-11-21"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
