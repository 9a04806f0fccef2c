//! Texts in fields of fixed length, which may lack a terminator.

/// The text of a field: up to the first zero, or all of it. What is no UTF-8 is replaced.
#[must_use]
pub fn text_of(field: &[u8]) -> String {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// A field that holds a text, filled up with zeros. A longer text is cut between two characters.
#[must_use]
pub fn fixed_text<const N: usize>(text: &str) -> [u8; N] {
    let mut field = [0; N];
    let end = (0..=text.len().min(N)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    for (to, from) in field.iter_mut().zip(text.as_bytes().iter().take(end)) {
        *to = *from;
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_in_and_come_out() {
        for (text, kept) in
            [("", ""), ("WPNAV_SPEED", "WPNAV_SPEED"), ("0123456789ABCDEFG", "0123456789ABCDEF")]
        {
            assert_eq!(text_of(&fixed_text::<16>(text)), kept);
        }
        assert_eq!(text_of(&fixed_text::<4>("abcé")), "abc");
        assert_eq!(text_of(b"ab\0cd"), "ab");
    }
}
