//! The seven parameters of an item, and the kinds of values that lie in them.

use super::Item;

/// One degree of latitude or longitude in the integers of an item.
const STEPS_A_DEGREE: f64 = 1e7;

/// A place in a global frame. What its height is above the step's frame tells.
///
/// Degrees, as files and vehicles both have them, so that nothing is rounded but once: to 1e-7
/// degree where it goes to a vehicle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Latitude.
    pub lat_deg: f64,
    /// Longitude.
    pub lon_deg: f64,
    /// Metres above what the frame says; NaN is "not set".
    pub height_m: f32,
}

/// The nearest of the 1e-7 degree that items count in. Beyond ±214.7° it saturates.
#[must_use]
pub fn degrees_e7(degrees: f64) -> i32 {
    (degrees * STEPS_A_DEGREE).round() as i32
}

/// Degrees of such a number.
#[must_use]
pub fn degrees_of_e7(e7: i32) -> f64 {
    f64::from(e7) / STEPS_A_DEGREE
}

/// A value that lies in a parameter of an item, counted from 1 to 7. One that does not fit comes
/// back as another item than it came from, and the step is not named then.
pub(super) trait Slot: Sized {
    fn take(item: &Item, slot: usize) -> Self;
    fn put(self, item: &mut Item, slot: usize);
    /// The place, if it is one.
    fn place(&mut self) -> Option<&mut Place> {
        None
    }
}

fn number(item: &Item, slot: usize) -> f32 {
    if slot == 7 { item.z } else { item.params.get(slot - 1).copied().unwrap_or(0.0) }
}

fn put_number(item: &mut Item, slot: usize, value: f32) {
    if slot == 7 {
        item.z = value;
    } else if let Some(param) = item.params.get_mut(slot - 1) {
        *param = value;
    }
}

impl Slot for f32 {
    fn take(item: &Item, slot: usize) -> Self {
        number(item, slot)
    }

    fn put(self, item: &mut Item, slot: usize) {
        put_number(item, slot, self);
    }
}

/// A number, or NaN for "leave it as it is".
impl Slot for Option<f32> {
    fn take(item: &Item, slot: usize) -> Self {
        Some(number(item, slot)).filter(|value| !value.is_nan())
    }

    fn put(self, item: &mut Item, slot: usize) {
        put_number(item, slot, self.unwrap_or(f32::NAN));
    }
}

/// A whole number; the cast saturates, and what it changes is not named.
impl Slot for u16 {
    fn take(item: &Item, slot: usize) -> Self {
        number(item, slot) as Self
    }

    fn put(self, item: &mut Item, slot: usize) {
        put_number(item, slot, f32::from(self));
    }
}

impl Slot for bool {
    fn take(item: &Item, slot: usize) -> Self {
        number(item, slot) != 0.0
    }

    fn put(self, item: &mut Item, slot: usize) {
        put_number(item, slot, f32::from(u8::from(self)));
    }
}

/// Parameters 5 and 6 of a command without a place.
impl Slot for i32 {
    fn take(item: &Item, slot: usize) -> Self {
        if slot == 5 { item.x } else { item.y }
    }

    fn put(self, item: &mut Item, slot: usize) {
        if slot == 5 {
            item.x = self;
        } else {
            item.y = self;
        }
    }
}

/// Parameters 5 to 7.
impl Slot for Place {
    fn take(item: &Item, _: usize) -> Self {
        Self { lat_deg: degrees_of_e7(item.x), lon_deg: degrees_of_e7(item.y), height_m: item.z }
    }

    fn put(self, item: &mut Item, _: usize) {
        item.x = degrees_e7(self.lat_deg);
        item.y = degrees_e7(self.lon_deg);
        item.z = self.height_m;
    }

    fn place(&mut self) -> Option<&mut Place> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_rounded_and_come_back() {
        // data/missions/README.md: a cast that cuts off gives …710.
        for (degrees, e7) in [
            (47.397_771_06, 473_977_711),
            (8.545_607_5, 85_456_075),
            (-0.000_000_06, -1),
            (180.0, 1_800_000_000),
            (400.0, i32::MAX),
            (f64::NAN, 0),
        ] {
            assert_eq!(degrees_e7(degrees), e7, "{degrees}");
        }
        for e7 in [i32::MIN, -1, 0, 1, 473_977_711, 1_799_999_999, i32::MAX] {
            assert_eq!(degrees_e7(degrees_of_e7(e7)), e7);
        }
    }
}
