//! Days: today, and those on the command line.

use std::time::{SystemTime, UNIX_EPOCH};

use hostfit_core::windows::{Date, days_of};

/// Today, in UTC.
pub(crate) fn today() -> Date {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    from_days(seconds / (24 * 60 * 60))
}

/// Reads `2026-11-21`.
pub(crate) fn parse(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "write a day of the calendar as YYYY-MM-DD".to_owned())
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
}
