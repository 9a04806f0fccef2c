//! What each role may do, where roles are on.

use super::{Access, Person};

/// Something that not everyone may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Decide, give kind and severity, merge, split, take back.
    Decide,
    /// Comment, measure, choose the best frame.
    Comment,
    /// Draw a finding, mark what is to be hidden.
    Draw,
    /// Make packages and reports, and have them.
    Export,
}

const ALL: [(Act, &str); 4] = [
    (Act::Decide, "decide"),
    (Act::Comment, "comment"),
    (Act::Draw, "draw"),
    (Act::Export, "export"),
];

/// Whether a person may.
pub(super) fn may(access: &Access, person: &Person, act: Act) -> bool {
    if !access.roles_on {
        return true;
    }
    match person.role.as_str() {
        "operator" => true,
        "inspector" => act != Act::Export,
        "pilot" => matches!(act, Act::Comment | Act::Draw),
        _ => false,
    }
}

/// All that a person may, in words.
pub(super) fn all(access: &Access, person: &Person) -> Vec<&'static str> {
    ALL.iter().filter(|(act, _)| may(access, person, *act)).map(|(_, word)| *word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_what_the_one_below_may() {
        for (roles_on, role, expected) in [
            (true, "reader", &[][..]),
            (true, "pilot", &["comment", "draw"]),
            (true, "inspector", &["decide", "comment", "draw"]),
            (true, "operator", &["decide", "comment", "draw", "export"]),
            (true, "", &[]),
            (false, "", &["decide", "comment", "draw", "export"]),
        ] {
            let access = Access { roles_on, ..Access::default() };
            let person = Person { role: role.to_owned(), ..Person::default() };
            assert_eq!(all(&access, &person), expected, "{role}");
        }
    }
}
