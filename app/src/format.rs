//! Numbers, sizes and times as people read them.

use time::{Date, OffsetDateTime, macros::format_description};

/// A number with thin spaces between its thousands.
pub(crate) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// A size in bytes with three digits at most.
pub(crate) fn size(bytes: i64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut tenths = bytes.unsigned_abs() / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    if tenths >= 100 {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

/// The day of a moment, for example `21 Nov 2026`.
pub(crate) fn day(moment: OffsetDateTime) -> String {
    date(moment.date())
}

/// A day, for example `21 Nov 2026`.
pub(crate) fn date(date: Date) -> String {
    date.format(format_description!("[day padding:none] [month repr:short] [year]")).unwrap_or_default()
}

/// How long ago a moment was, in whole days and more: `today`, `3 weeks ago`.
pub(crate) fn ago(moment: OffsetDateTime, now: OffsetDateTime) -> String {
    let days = (now.date() - moment.date()).whole_days();
    let (count, unit) = match days {
        ..=0 => return "today".to_owned(),
        1 => return "yesterday".to_owned(),
        2..=13 => (days, "days"),
        14..=59 => (days / 7, "weeks"),
        60..=729 => (days / 30, "months"),
        _ => (days / 365, "years"),
    };
    format!("{count} {unit} ago")
}

/// A number and what is counted, in the right form.
pub(crate) fn counted(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A moment for machines, RFC 3339.
pub(crate) fn moment(moment: OffsetDateTime) -> String {
    moment.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// Several things in a sentence: `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(things: &[&str]) -> String {
    match things {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A value as it stands in a query (RFC 3986: everything but unreserved characters as percent and two digits).
pub(crate) fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b' ' => text.push('+'),
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') => {
                text.push(char::from(byte));
            }
            byte => {
                let digit = |number: u8| char::from_digit(number.into(), 16).unwrap_or('0').to_ascii_uppercase();
                text.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1\u{2009}000", "1\u{2009}234\u{2009}567"]);
    }

    #[test]
    fn times_are_relative() {
        let now = time::macros::datetime!(2026-11-21 00:10 UTC);
        let ago = |days: i64| ago(now - time::Duration::days(days), now);
        assert_eq!(
            [-1, 0, 1, 13, 14, 59, 60, 729, 730].map(ago),
            [
                "today",
                "today",
                "yesterday",
                "13 days ago",
                "2 weeks ago",
                "8 weeks ago",
                "2 months ago",
                "24 months ago",
                "2 years ago"
            ]
        );
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(
            [0, 999, 1000, 1234, 12_345, 999_999, 1_000_000, 25_300_000, 7_000_000_000].map(size),
            ["0 bytes", "999 bytes", "1.0 kB", "1.2 kB", "12 kB", "999 kB", "1.0 MB", "25 MB", "7.0 GB"]
        );
    }

    #[test]
    fn values_stay_values() {
        assert_eq!(encoded("/packages/a?pg=17&x=é#y z"), "%2Fpackages%2Fa%3Fpg%3D17%26x%3D%C3%A9%23y+z");
    }
}
