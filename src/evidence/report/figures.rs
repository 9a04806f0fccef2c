//! Numbers with their units, as each language writes them.

use jiff::civil::DateTime;

use super::Language;
use super::words::Words;

/// A number with so many decimals.
pub(super) fn number(value: f64, decimals: usize, language: Language) -> String {
    let text = format!("{value:.decimals$}");
    // Nothing is less than nothing, also where it is only rounded to that.
    let is_zero = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    let text = if is_zero { text.replace('-', "") } else { text };
    // Typographers' minus.
    let text = text.replace('-', "\u{2212}");
    match language {
        Language::Dutch => text.replace('.', ","),
        Language::English => text,
    }
}

/// A number with its unit, which stays on its line.
pub(super) fn with_unit(value: f64, decimals: usize, unit: &str, language: Language) -> String {
    format!("{}\u{a0}{unit}", number(value, decimals, language))
}

/// A chance in whole percent, of which nothing is ever impossible or certain.
pub(super) fn chance(value: f64, language: Language) -> String {
    let (sign, percent) = match (value * 100.0).round() {
        percent if percent < 1.0 => ("<\u{a0}", 1.0),
        percent if percent > 99.0 => (">\u{a0}", 99.0),
        percent => ("", percent),
    };
    format!("{sign}{}", with_unit(percent, 0, "%", language))
}

/// Degrees with the side of the globe.
pub(super) fn degrees(value: f64, sides: [&str; 2], language: Language) -> String {
    let side = if value < 0.0 { sides[1] } else { sides[0] };
    format!("{}°\u{a0}{side}", number(value.abs(), 7, language))
}

/// A length in metres, with as many decimals as it deserves.
pub(super) fn metres(value: f64, language: Language) -> String {
    with_unit(value, if value < 10.0 { 2 } else { 1 }, "m", language)
}

/// A day as people write it, and the clock to the second; `None` where a text is no time.
fn day_and_clock(text: &str, words: &Words) -> Option<(String, String)> {
    let time: DateTime = text.trim_end_matches('Z').parse().ok()?;
    let months = words.list("months");
    let month = months.get(usize::from(time.month().unsigned_abs()).checked_sub(1)?)?;
    Some((format!("{}\u{a0}{month} {}", time.day(), time.year()), clock(time)))
}

fn clock(time: DateTime) -> String {
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// Which clock a time is of: without a `Z` it is the camera's own.
fn whose(text: &str, words: &Words) -> String {
    if text.ends_with('Z') {
        "\u{a0}UTC".to_owned()
    } else {
        format!(" ({})", words.get("camera_clock"))
    }
}

/// A moment to the second.
pub(super) fn moment(text: &str, words: &Words) -> String {
    day_and_clock(text, words).map_or_else(
        || text.to_owned(),
        |(day, clock)| format!("{day}, {clock}{}", whose(text, words)),
    )
}

/// From one moment to another; the day once where both are on it.
pub(super) fn span(first: &str, last: &str, words: &Words) -> String {
    let both = day_and_clock(first, words).zip(day_and_clock(last, words));
    let Some(((day, from), (other, to))) = both else { return format!("{first} – {last}") };
    let whose = whose(last, words);
    match (day == other, from == to) {
        (true, true) => format!("{day}, {to}{whose}"),
        (true, false) => format!("{day}, {from}–{to}{whose}"),
        (false, _) => format!("{day}, {from} – {other}, {to}{whose}"),
    }
}

/// A day.
pub(super) fn day(year: i32, month: u8, day: u8, words: &Words) -> String {
    let months = words.list("months");
    let month = usize::from(month).checked_sub(1).and_then(|at| months.get(at));
    format!("{day}\u{a0}{} {year}", month.map_or("?", String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_do() {
        assert_eq!(number(-9.44, 1, Language::Dutch), "\u{2212}9,4");
        assert_eq!(number(-0.0, 1, Language::English), "0.0");
        assert_eq!(number(-0.004, 2, Language::English), "0.00");
        assert_eq!(number(-0.006, 2, Language::English), "\u{2212}0.01");
        assert_eq!(metres(0.256, Language::English), "0.26\u{a0}m");
        assert_eq!(degrees(-5.25, ["E", "W"], Language::English), "5.2500000°\u{a0}W");
    }

    #[test]
    fn nothing_is_impossible_or_certain() {
        for (value, text) in [
            (0.0, "<\u{a0}1\u{a0}%"),
            (0.004, "<\u{a0}1\u{a0}%"),
            (0.034, "3\u{a0}%"),
            (0.99, "99\u{a0}%"),
            (0.996, ">\u{a0}99\u{a0}%"),
        ] {
            assert_eq!(chance(value, Language::English), text);
        }
    }

    #[test]
    fn a_time_keeps_its_clock() {
        let [dutch, english] = Language::ALL.map(Words::of);
        for (text, expected) in [
            ("2026-03-21T06:01:22.9", "21\u{a0}maart 2026, 06:01:22 (klok van de camera)"),
            ("2026-03-01T16:01:22Z", "1\u{a0}maart 2026, 16:01:22\u{a0}UTC"),
            ("noon", "noon"),
        ] {
            assert_eq!(moment(text, &dutch), expected);
        }
        for (first, last, expected) in [
            (
                "2026-03-21T06:01:22Z",
                "2026-03-21T06:09:15Z",
                "21\u{a0}March 2026, 06:01:22–06:09:15",
            ),
            ("2026-03-21T06:01:22.1Z", "2026-03-21T06:01:22.9Z", "21\u{a0}March 2026, 06:01:22"),
            (
                "2026-12-31T23:59:59Z",
                "2027-01-01T00:00:00Z",
                "31\u{a0}December 2026, 23:59:59 – 1\u{a0}January 2027, 00:00:00",
            ),
        ] {
            assert_eq!(span(first, last, &english), format!("{expected}\u{a0}UTC"));
        }
    }
}
