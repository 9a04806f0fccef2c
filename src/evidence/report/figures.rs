//! Numbers with their units, as each language writes them.

use super::Language;

/// A number with so many decimals.
pub(super) fn number(value: f64, decimals: usize, language: Language) -> String {
    // Typographers' minus; adding zero turns -0.0 into 0.0.
    let text = format!("{:.decimals$}", value + 0.0).replace('-', "\u{2212}");
    match language {
        Language::Dutch => text.replace('.', ","),
        Language::English => text,
    }
}

/// A number with its unit, which stays on its line.
pub(super) fn with_unit(value: f64, decimals: usize, unit: &str, language: Language) -> String {
    format!("{}\u{a0}{unit}", number(value, decimals, language))
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

/// A time to the second; without a `Z` it is the camera's own clock.
pub(super) fn time(text: &str) -> String {
    let (date, clock) = text.split_once('T').unwrap_or((text, ""));
    let utc = if clock.ends_with('Z') { " UTC" } else { "" };
    let clock = clock.trim_end_matches('Z');
    let clock = clock.split_once('.').map_or(clock, |(seconds, _)| seconds);
    format!("{date} {clock}{utc}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_do() {
        assert_eq!(number(-9.44, 1, Language::Dutch), "\u{2212}9,4");
        assert_eq!(number(-0.0, 1, Language::English), "0.0");
        assert_eq!(metres(0.256, Language::English), "0.26\u{a0}m");
        assert_eq!(degrees(-5.25, ["E", "W"], Language::English), "5.2500000°\u{a0}W");
    }

    #[test]
    fn a_time_keeps_its_clock() {
        assert_eq!(time("2026-03-21T06:01:22.9"), "2026-03-21 06:01:22");
        assert_eq!(time("2026-03-21T06:01:22Z"), "2026-03-21 06:01:22 UTC");
        assert_eq!(time("noon"), "noon");
    }
}
