//! The rest of a mission that was interrupted, with the camera as it was.

use super::{Error, Fault, Item};

/// `MAV_CMD_NAV_TAKEOFF`.
const TAKE_OFF: u16 = 22;
/// Commands below this number are flown (`MAV_CMD_NAV_LAST`).
const LAST_FLOWN: u16 = 95;
/// `MAV_CMD_DO_JUMP`: parameter 1 is the number of an item.
const JUMP: u16 = 177;
/// What holds until it is said again, and is said before anything is flown: speed, region of
/// interest (set twice, and none), gimbal in both ways, camera mode, zoom, focus.
const HOLDS: [&[u16]; 6] = [&[178], &[195, 197, 201], &[205, 1000], &[530], &[531], &[532]];
/// Pictures by distance, by time in both ways, and its end: said where the flight goes on.
const PICTURES: [&[u16]; 2] = [&[206], &[2000, 2001]];

/// What is left of a list when `from` was to be flown next: a take-off if there was one, all that
/// still held, the waypoint before, so that no picture of the leg to `from` is missing, and the
/// rest. `from` counts from 0, home not among it.
///
/// # Errors
/// [`Error::Items`] where `from` is not in the list, or the rest jumps to what is left out.
pub fn resume(items: &[Item], from: usize) -> Result<Vec<Item>, Error> {
    let Some((before, rest)) = items.split_at_checked(from).filter(|(_, rest)| !rest.is_empty())
    else {
        let held = format!("is {from}");
        let known = format!("there are {} items, from 0", items.len());
        return Err(Error::Items(Fault::new("the item to go on from", held, known)));
    };
    let last_of = |commands: &[u16]| before.iter().rfind(|item| commands.contains(&item.command));
    let mut left: Vec<Item> = Vec::new();
    left.extend(last_of(&[TAKE_OFF]));
    left.extend(HOLDS.iter().filter_map(|commands| last_of(commands)));
    let flown = |item: &&Item| item.command < LAST_FLOWN && item.command != TAKE_OFF;
    left.extend(before.iter().rfind(flown));
    left.extend(PICTURES.iter().filter_map(|commands| last_of(commands)));
    let shift = left.len();
    for (index, item) in rest.iter().enumerate() {
        let mut item = *item;
        if item.command == JUMP {
            let target = item.params[0];
            if target.is_nan() || target < from as f32 {
                let number = from + index;
                let held = format!("jumps to item {target}");
                let known = format!("items before {from} are left out");
                return Err(Error::Items(Fault::new(format!("item {number}"), held, known)));
            }
            item.params[0] = target - from as f32 + shift as f32;
        }
        left.push(item);
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(command: u16, first: f32) -> Item {
        let params = [first, 0.0, 0.0, 0.0];
        Item { frame: 3, command, params, x: 1, y: 2, z: 3.0, autocontinue: true }
    }

    fn told(items: &[Item]) -> Vec<(u16, f32)> {
        items.iter().map(|item| (item.command, item.params[0])).collect()
    }

    #[test]
    fn the_camera_goes_on_as_it_was() {
        let flight = [
            item(22, 0.0),
            item(178, 1.0),
            item(1000, -90.0),
            item(16, 1.0),
            item(206, 25.0),
            item(16, 2.0),
            item(206, 0.0),
            item(16, 3.0),
            item(206, 12.0),
            item(16, 4.0),
            item(206, 0.0),
            item(177, 9.0),
            item(20, 0.0),
        ];
        let left = resume(&flight, 9).unwrap();
        assert_eq!(
            told(&left),
            [
                (22, 0.0),
                (178, 1.0),
                (1000, -90.0),
                (16, 3.0),
                (206, 12.0),
                (16, 4.0),
                (206, 0.0),
                (177, 5.0),
                (20, 0.0)
            ]
        );
        assert_eq!(left[5].params[0], 4.0, "the jump goes to the item that it went to");
        assert_eq!(resume(&flight, 0).unwrap(), flight, "from the start it is the same");
        assert!(resume(&flight, 13).is_err(), "there is no such item");
        assert!(resume(&flight, 10).is_err(), "the rest jumps to what is left out");
    }
}
