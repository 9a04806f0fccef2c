//! Lists as they are meant, from and to a vehicle's own way of holding them.

use crate::mission::{Item, List, has_place, is_global};

use super::quirks::Quirks;
use super::{Error, list_name};

/// `MAV_CMD_DO_JUMP`: parameter 1 is the number of an item.
const DO_JUMP: u16 = 177;
/// `MAV_CMD_DO_SET_HOME`: parameter 1 is 1 for where the vehicle is.
const SET_HOME: u16 = 179;
/// `MAV_FRAME_MISSION`: x and y are no place.
const FRAME_MISSION: u8 = 2;
/// `MAV_FRAME_GLOBAL_TERRAIN_ALT` and the same with x and y in whole numbers.
const TERRAIN_FRAMES: [u8; 2] = [10, 11];
/// A list as this vehicle wants it: home in front, jumps shifted, what is not set in its way.
///
/// # Errors
/// [`Error::Unfit`] of an item that this kind of vehicle refuses: a height above terrain is never
/// sent as another height.
pub fn to_vehicle(
    list: List,
    items: &[Item],
    home: Option<Item>,
    quirks: &Quirks,
) -> Result<Vec<Item>, Error> {
    let shift = list == List::Mission && quirks.home_is_item_0;
    let mut sent = Vec::with_capacity(items.len() + 1);
    if shift {
        sent.push(home.unwrap_or(NO_HOME));
    }
    for (index, item) in items.iter().enumerate() {
        let mut item = *item;
        let unfit = |reason: String| Error::Unfit { list, item: index, reason };
        if TERRAIN_FRAMES.contains(&item.frame) && !quirks.takes_terrain_frames {
            let reason = format!("{} takes no height above terrain", quirks.name);
            return Err(unfit(reason));
        }
        if item.command == DO_JUMP {
            let target = item.params[0];
            if target.is_nan() || target < 0.0 || target as usize >= items.len() {
                let reason = format!("it jumps to item {target} of a {}", list_name(list));
                return Err(unfit(reason));
            }
            item.params[0] += f32::from(u8::from(shift));
        }
        if !quirks.takes_nan {
            let numbers = item.params.iter_mut().chain([&mut item.z]);
            numbers.filter(|number| number.is_nan()).for_each(|number| *number = 0.0);
        }
        if list == List::Mission {
            without_place(&mut item, quirks).map_err(unfit)?;
        }
        sent.push(item);
    }
    Ok(sent)
}

/// Moves what is no place for this vehicle out of the frames that count in degrees.
fn without_place(item: &mut Item, quirks: &Quirks) -> Result<(), String> {
    if quirks.loses_place_of.contains(&item.command) && is_global(item.frame) {
        if item.command == SET_HOME && item.params[0] != 1.0 {
            // Its degrees would be read as plain numbers, and home be anywhere.
            return Err(format!("{} sets home only to where it is", quirks.name));
        }
        (item.frame, item.x, item.y, item.z) = (FRAME_MISSION, 0, 0, 0.0);
    } else if quirks.places_in_frame_2 && !has_place(item.command) {
        item.frame = FRAME_MISSION;
    }
    Ok(())
}

/// Home, where it is item 0 and nobody knows it: the vehicle takes its own.
const NO_HOME: Item =
    Item { frame: 0, command: 16, params: [0.0; 4], x: 0, y: 0, z: 0.0, autocontinue: true };

/// A list as it is meant, and home where the vehicle holds it in front.
#[must_use]
pub fn from_vehicle(
    list: List,
    mut items: Vec<Item>,
    quirks: &Quirks,
) -> (Option<Item>, Vec<Item>) {
    if list != List::Mission || !quirks.home_is_item_0 || items.is_empty() {
        return (None, items);
    }
    let home = items.remove(0);
    for item in items.iter_mut().filter(|item| item.command == DO_JUMP) {
        item.params[0] -= 1.0;
    }
    (Some(home), items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(command: u16, frame: u8, first: f32) -> Item {
        let params = [first, 0.0, 0.0, f32::NAN];
        Item { frame, command, params, x: 1, y: 2, z: 3.0, autocontinue: true }
    }

    #[test]
    fn jumps_shift_with_home_and_back() {
        let ardupilot = Quirks::of(super::super::ARDUPILOT);
        let items = [item(16, 3, 0.0), item(DO_JUMP, 2, 0.0)];
        let sent = to_vehicle(List::Mission, &items, None, ardupilot).unwrap();
        assert_eq!((sent.len(), sent[0], sent[2].params[0]), (3, NO_HOME, 1.0));
        assert_eq!(sent[1].params[3].to_bits(), 0, "not set is 0 there");
        let (home, back) = from_vehicle(List::Mission, sent, ardupilot);
        assert_eq!((home, back.len(), back[1].params[0]), (Some(NO_HOME), 2, 0.0));
        let fence = to_vehicle(List::Fence, &[item(5001, 0, 4.0)], None, ardupilot).unwrap();
        assert_eq!(fence.len(), 1, "a fence has no home");
        let nowhere = to_vehicle(List::Mission, &[item(DO_JUMP, 2, 5.0)], None, ardupilot);
        assert!(nowhere.is_err());
    }

    #[test]
    fn px4_gets_no_place_where_there_is_none_and_no_terrain() {
        let px4 = Quirks::of(super::super::PX4);
        let commands = [16, 206, 189, 20, 93, 201, 4501, 179];
        let items = commands.map(|command| item(command, 3, 1.0));
        let sent = to_vehicle(List::Mission, &items, None, px4).unwrap();
        let frames: Vec<u8> = sent.iter().map(|item| item.frame).collect();
        assert_eq!(frames, [3, 2, 2, 2, 2, 3, 3, 2]);
        assert_eq!((sent[2].x, sent[2].y), (0, 0), "degrees are no plain numbers");
        assert!(sent[0].params[3].is_nan());
        let elsewhere = to_vehicle(List::Mission, &[item(179, 3, 0.0)], None, px4).unwrap_err();
        let words = "mission item 0: PX4 sets home only to where it is";
        assert_eq!(elsewhere.to_string(), words);
        let error = to_vehicle(List::Mission, &[item(16, 10, 0.0)], None, px4).unwrap_err();
        assert_eq!(error.to_string(), "mission item 0: PX4 takes no height above terrain");
    }
}
