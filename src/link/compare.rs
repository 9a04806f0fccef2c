//! What was sent against what was read back, by the rules of that autopilot, in words.

use serde::Serialize;

use crate::mission::{Item, List, has_place};

use super::error::list_name;
use super::quirks::Quirks;

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// `mission`, `fence` or `rally points`.
    pub list: &'static str,
    /// The item, counted from 0 in the list as it was given; none where the lengths differ.
    pub item: Option<usize>,
    /// The field.
    pub field: &'static str,
    /// All of it, in words.
    pub words: String,
    /// Whether the flight would be another.
    pub matters: bool,
}

/// Single precision is about 1e-7 of the number.
const RELATIVE: f32 = 1e-6;
const PARAM_FIELDS: [&str; 4] = ["param 1", "param 2", "param 3", "param 4"];

/// Commands whose parameter 4 is a yaw in degrees.
const HAVE_YAW: [u16; 6] = [16, 17, 21, 22, 84, 85];

/// The read yaw, whole turns nearer to the sent one.
fn same_turn([sent, read]: [f32; 2]) -> [f32; 2] {
    let turns = ((sent - read) / 360.0).round();
    // Nothing but a yaw that was turned is touched: 0 may stand for "not set".
    if turns == 0.0 || turns.is_nan() { [sent, read] } else { [sent, read + 360.0 * turns] }
}

struct Comparison<'a> {
    list: List,
    quirks: &'a Quirks,
    differences: Vec<Difference>,
}

/// All differences between a list as it was sent to this vehicle and as it was read back, both
/// without the home that some keep in front.
#[must_use]
pub fn compare(list: List, sent: &[Item], read: &[Item], quirks: &Quirks) -> Vec<Difference> {
    let mut comparison = Comparison { list, quirks, differences: Vec::new() };
    if sent.len() != read.len() {
        let words = format!("{} items were sent, {} came back", sent.len(), read.len());
        comparison.note(None, "count", words, true);
    }
    for (index, (sent, read)) in sent.iter().zip(read).enumerate() {
        comparison.item(index, sent, read);
    }
    comparison.differences
}

impl Comparison<'_> {
    fn note(&mut self, item: Option<usize>, field: &'static str, words: String, matters: bool) {
        let list = list_name(self.list);
        self.differences.push(Difference { list, item, field, words, matters });
    }

    fn item(&mut self, index: usize, sent: &Item, read: &Item) {
        if sent.command != read.command {
            let words = format!("command {} was sent, {} came back", sent.command, read.command);
            self.note(Some(index), "command", words, true);
            return; // The rest means something else.
        }
        let placed = has_place(sent.command);
        if placed && read.frame != sent.frame && read.frame != self.quirks.frame_read(sent.frame) {
            let words = format!("frame {} was sent, {} came back", sent.frame, read.frame);
            self.note(Some(index), "frame", words, true);
        }
        let kept = self.quirks.keeps.iter().find(|(command, _)| *command == sent.command);
        let kept = kept.map_or(0b1111, |(_, kept)| *kept);
        for (number, field) in PARAM_FIELDS.into_iter().enumerate() {
            let is_used = kept & (1 << number) != 0;
            let step = if self.quirks.rounds_navigation && sent.command < 100 { 1.0 } else { 0.0 };
            let mut pair = [sent.params[number], read.params[number]];
            if number == 3 && self.quirks.wraps_yaw && HAVE_YAW.contains(&sent.command) {
                pair = same_turn(pair);
            }
            self.number(index, field, pair, step, is_used);
        }
        let xy_used = placed || matches!(sent.command, 203 | 93 | 1000);
        for (field, sent, read) in [("x", sent.x, read.x), ("y", sent.y, read.y)] {
            if sent != read {
                let words = format!("{field} {sent} was sent, {read} came back");
                self.note(Some(index), field, words, xy_used);
            }
        }
        self.number(index, "z", [sent.z, read.z], self.quirks.height_step_m, xy_used);
        if sent.autocontinue != read.autocontinue {
            let words = format!(
                "autocontinue {} was sent, {} came back",
                sent.autocontinue, read.autocontinue
            );
            self.note(Some(index), "autocontinue", words, !self.quirks.drops_unused);
        }
    }

    /// A number with its rounding: a step of 1 m may be half a metre off.
    fn number(
        &mut self,
        index: usize,
        field: &'static str,
        [sent, read]: [f32; 2],
        step: f32,
        is_used: bool,
    ) {
        let unset = |number: f32| number.is_nan() || (!self.quirks.takes_nan && number == 0.0);
        let rounding = step * 0.51 + sent.abs() * RELATIVE;
        if sent.to_bits() == read.to_bits()
            || (unset(sent) && unset(read))
            || (sent - read).abs() <= rounding
        {
            return;
        }
        let kept = is_used || !self.quirks.drops_unused;
        let words = if kept {
            format!("{field} {sent} was sent, {read} came back")
        } else {
            let name = self.quirks.name;
            format!("{field} {sent} was sent, {read} came back: {name} does not use it here")
        };
        self.note(Some(index), field, words, kept);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ARDUPILOT, PX4};
    use super::*;

    const WAYPOINT: Item = Item {
        frame: 3,
        command: 16,
        params: [2.0, 0.0, 0.0, 0.0],
        x: 473_977_711,
        y: 85_466_122,
        z: 48.123,
        autocontinue: true,
    };

    fn one(sent: Item, read: Item, autopilot: u8) -> Vec<(&'static str, bool)> {
        let differences = compare(List::Mission, &[sent], &[read], Quirks::of(autopilot));
        differences.iter().map(|difference| (difference.field, difference.matters)).collect()
    }

    #[test]
    fn each_autopilot_has_its_own_rules() {
        let rounded = Item { z: 48.12, params: [2.0, 0.0, 0.0, 0.0], ..WAYPOINT };
        assert_eq!(one(WAYPOINT, rounded, ARDUPILOT), []);
        assert_eq!(one(WAYPOINT, rounded, PX4), [("z", true)]);
        let relative = Item { frame: 6, ..WAYPOINT };
        assert_eq!(one(relative, WAYPOINT, ARDUPILOT), []);
        assert_eq!(one(relative, WAYPOINT, PX4), []);
        assert_eq!(one(WAYPOINT, relative, PX4), []);
        let amsl = Item { frame: 5, ..WAYPOINT };
        assert_eq!(one(WAYPOINT, amsl, PX4), [("frame", true)]);
        let west = Item { params: [2.0, 0.0, 0.0, -90.0], ..WAYPOINT };
        let turned = Item { params: [2.0, 0.0, 0.0, 270.0], ..WAYPOINT };
        assert_eq!(one(west, turned, PX4), []);
        assert_eq!(one(turned, west, ARDUPILOT), [("param 4", false)]);
        let other = Item { params: [2.0, 0.0, 0.0, 90.0], ..WAYPOINT };
        assert_eq!(one(west, other, PX4), [("param 4", true)]);
        let keep_yaw = Item { params: [2.0, 0.0, 0.0, f32::NAN], ..WAYPOINT };
        assert_eq!(one(keep_yaw, keep_yaw, PX4), []);
        assert_eq!(one(keep_yaw, WAYPOINT, ARDUPILOT), []);
        let radius = Item { params: [2.0, 7.0, 0.0, 0.0], ..WAYPOINT };
        assert_eq!(one(radius, WAYPOINT, ARDUPILOT), [("param 2", false)]);
        let hold = Item { params: [9.0, 0.0, 0.0, 0.0], ..WAYPOINT };
        assert_eq!(one(hold, WAYPOINT, ARDUPILOT), [("param 1", true)]);
        let trigger = Item { command: 206, frame: 3, params: [25.0, 0.0, 1.0, 0.0], ..WAYPOINT };
        assert_eq!(one(trigger, Item { frame: 2, ..trigger }, ARDUPILOT), []);
        let off = Item { params: [0.0, 0.0, 1.0, 0.0], ..trigger };
        assert_eq!(one(trigger, off, PX4), [("param 1", true)]);
    }

    #[test]
    fn a_place_that_moved_and_an_item_that_is_gone_matter() {
        let moved = Item { x: WAYPOINT.x + 1, ..WAYPOINT };
        assert_eq!(one(WAYPOINT, moved, ARDUPILOT), [("x", true)]);
        let gone = compare(List::Fence, &[WAYPOINT; 2], &[WAYPOINT], Quirks::of(PX4));
        assert_eq!(gone.len(), 1);
        assert_eq!(gone[0].words, "2 items were sent, 1 came back");
        let nan = Item { x: 0, z: f32::NAN, ..WAYPOINT };
        assert_eq!(one(WAYPOINT, nan, PX4), [("x", true), ("z", true)]);
    }
}
