//! Degrees and metres around where the vehicle started, on the tangent plane there: heights stay
//! apart, so that "20 m above home" is level ground wherever it flies.

use nalgebra::Vector3;

use crate::geo::{Geodetic, LocalFrame};
use crate::mission::{Above, Item, degrees_e7, degrees_of_e7};

use super::params::Start;

#[derive(Debug, Clone)]
pub(super) struct Around {
    frame: LocalFrame,
    pub(super) start: Start,
}

impl Around {
    pub(super) fn new(start: Start) -> Self {
        let frame = LocalFrame::at(&Geodetic::from_degrees(start.lat_deg, start.lon_deg, 0.0));
        Self { frame, start }
    }

    /// East and north of a place in metres.
    pub(super) fn east_north_m(&self, lat_deg: f64, lon_deg: f64) -> [f64; 2] {
        let enu = self.frame.enu(&Geodetic::from_degrees(lat_deg, lon_deg, 0.0));
        [enu.x, enu.y]
    }

    /// Latitude and longitude in degrees.
    pub(super) fn degrees(&self, place_m: &Vector3<f64>) -> [f64; 2] {
        let place = self.frame.geodetic(&Vector3::new(place_m.x, place_m.y, 0.0));
        [place.lat_deg(), place.lon_deg()]
    }

    /// As items and positions have them.
    pub(super) fn e7(&self, place_m: &Vector3<f64>) -> [i32; 2] {
        self.degrees(place_m).map(degrees_e7)
    }

    /// Where an item is: zero, zero is here, and a height that is not set is this one. `ground_m`
    /// is the terrain's height above the start there.
    pub(super) fn target_m(
        &self,
        item: &Item,
        here_m: &Vector3<f64>,
        home_up_m: f64,
        ground_m: impl Fn([f64; 2]) -> f64,
    ) -> Vector3<f64> {
        let across = if (item.x, item.y) == (0, 0) || !item.has_place() {
            [here_m.x, here_m.y]
        } else {
            self.east_north_m(degrees_of_e7(item.x), degrees_of_e7(item.y))
        };
        let z = f64::from(item.z);
        let up = if z.is_nan() {
            here_m.z
        } else {
            match crate::mission::Frame::of_code(item.frame).above() {
                Some(Above::SeaLevel) => z - self.start.amsl_m,
                Some(Above::Terrain) => z + ground_m(across),
                Some(Above::Home) | None => z + home_up_m,
            }
        };
        Vector3::new(across[0], across[1], up)
    }
}
