//! XML as mission files have it: limits, elements by local name, text that is safe to write.

use roxmltree::{Document, Node, ParsingOptions};

use super::Fault;

/// Most elements of a file: 65,535 waypoints of some forty each.
const MOST_NODES: u32 = 4_000_000;

/// A document, bounded in size; entities that multiply are refused by the reader itself.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Fault> {
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        let place = format!("line {}, column {}", at.row, at.col);
        Fault::new(place, format!("is no XML ({error})"), "the file is XML")
    })
}

/// Line of a node, for messages.
pub(super) fn line(node: Node<'_, '_>) -> String {
    format!("line {}", node.document().text_pos_at(node.range().start).row)
}

/// Whether it is an element of that local name, in whatever namespace.
pub(super) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// The first child of that name.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| is(*child, name))
}

/// The text of the first child of that name, if there is any.
pub(super) fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let text = child(node, name)?.text()?.trim();
    (!text.is_empty()).then_some(text)
}

/// The number in the first child of that name; `None` where there is no such child.
///
/// # Errors
/// Where it holds no finite number.
pub(super) fn number(node: Node<'_, '_>, name: &str) -> Result<Option<f64>, Fault> {
    let Some(told) = text(node, name) else { return Ok(None) };
    let number: Option<f64> = told.parse().ok();
    number.filter(|number| number.is_finite()).map(Some).ok_or_else(|| {
        let held: String = told.chars().take(40).collect();
        Fault::new(format!("{}, <{name}>", line(node)), format!("is {held:?}"), "it is a number")
    })
}

/// A text between tags or in an attribute. Characters that XML has no room for become spaces.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
