//! Names that every system can hold.

/// Longest path within a package.
pub(super) const LONGEST_PATH: usize = 180;

/// A name with `_` for every character that is not in `[A-Za-z0-9._-]`, and never empty, hidden or
/// longer than 80.
#[must_use]
pub(super) fn plain(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let mapped: String = name.chars().take(80).map(|c| if allowed(c) { c } else { '_' }).collect();
    let mapped = mapped.trim_start_matches('.');
    if mapped.is_empty() { "unnamed".to_owned() } else { mapped.to_owned() }
}

/// The ending of a name in lower case with its dot, plain; empty if there is none.
pub(super) fn ending(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match base.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && !end.is_empty() && end.len() <= 8 => {
            format!(".{}", plain(&end.to_ascii_lowercase()))
        }
        _ => String::new(),
    }
}

/// Why a path may not be in a package; `None` if it may.
pub(super) fn objection(path: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    if path.len() > LONGEST_PATH {
        return Some("longer than 180 characters");
    }
    if !path.chars().all(allowed) {
        return Some("other characters than A-Z a-z 0-9 . _ / -");
    }
    if path.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return Some("an empty or dotted part");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_a_plain_one() {
        for (name, mapped) in [
            ("Works 3", "Works_3"),
            ("zaak/2026-é", "zaak_2026-_"),
            ("..", "unnamed"),
            (".hidden", "hidden"),
            ("", "unnamed"),
        ] {
            assert_eq!(plain(name), mapped);
            assert_eq!(objection(mapped), None);
        }
        for (name, end) in
            [("a/b.JPG", ".jpg"), ("x", ""), (".git", ""), ("a.b/c", ""), ("a.é", "._")]
        {
            assert_eq!(ending(name), end, "{name}");
        }
    }

    #[test]
    fn what_a_system_could_take_otherwise_is_refused() {
        for bad in ["/a", "a//b", "a/../b", "a b", "a\\b", "é", "a/", &"a".repeat(181)] {
            assert!(objection(bad).is_some(), "{bad}");
        }
        assert_eq!(objection("data/originals/F000001_T.jpg"), None);
    }
}
