//! Many equal messages as one: a reason, how often, and the first few names.

use crate::case::Skipped;

/// Names told of one reason.
const NAMES: usize = 3;
/// Reasons told.
const REASONS: usize = 20;

/// Lines for people, a reason each in the order in which the reasons first came; empty if there is
/// nothing to tell. Reasons that differ in numbers only count as one.
pub(super) fn told(what: &str, skipped: &[Skipped]) -> String {
    let mut groups: Vec<(String, Vec<&Skipped>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for entry in skipped {
        let kind = without_numbers(&entry.reason);
        let place = *places.entry(kind.clone()).or_insert_with(|| {
            groups.push((kind, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(entry);
    }
    let mut lines: Vec<String> =
        groups.iter().take(REASONS).map(|(_, alike)| line(what, alike)).collect();
    if groups.len() > REASONS {
        let left: usize = groups[REASONS..].iter().map(|(_, alike)| alike.len()).sum();
        lines.push(format!("{what} {left} more for other reasons; --json lists them all"));
    }
    lines.join("\n")
}

fn line(what: &str, alike: &[&Skipped]) -> String {
    let names: Vec<_> = alike.iter().take(NAMES).map(|entry| printable(&entry.file)).collect();
    let names = names.join(", ");
    let reason = alike.first().map(|entry| printable(&entry.reason)).unwrap_or_default();
    match alike.len() {
        1 => format!("{what} {names}: {reason}"),
        count if count <= NAMES => format!("{what} {count} files: {reason}\n    {names}"),
        count => {
            let more = count - NAMES;
            format!("{what} {count} files: {reason}\n    {names} and {more} more")
        }
    }
}

fn without_numbers(reason: &str) -> String {
    let mut kind = String::new();
    for letter in reason.chars() {
        match letter {
            '0'..='9' if kind.ends_with('0') => {}
            '0'..='9' => kind.push('0'),
            other => kind.push(other),
        }
    }
    kind
}

/// A name with a line break or a terminal's escape in it must not act on the terminal.
fn printable(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(file: &str, reason: &str) -> Skipped {
        Skipped { file: file.to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn equal_reasons_are_told_once() {
        let mut all: Vec<_> =
            (0..500).map(|n| skipped(&format!("{n}.jpg"), &format!("{n} m too low"))).collect();
        all.push(skipped("odd\n\x1b[31m.jpg", "empty"));
        assert_eq!(
            told("skipped", &all),
            "skipped 500 files: 0 m too low\n    0.jpg, 1.jpg, 2.jpg and 497 more\n\
             skipped odd\\n\\u{1b}[31m.jpg: empty"
        );
        assert_eq!(told("skipped", &[]), "");
    }

    #[test]
    fn even_a_thousand_reasons_do_not_flood() {
        let letters = ('a'..='z').flat_map(|a| ('a'..='z').map(move |b| format!("{a}{b}")));
        let all: Vec<_> = letters.map(|reason| skipped("x", &reason)).collect();
        let text = told("skipped", &all);
        assert_eq!(text.lines().count(), REASONS + 1);
        assert!(text.contains("656 more"), "{text}");
    }
}
