//! The ground below one frame as a plane: the projective map that takes the frame's corners to the
//! corners of its footprint.
//!
//! Exact for a lens without distortion over a plane, level or tilted. What stands above the plane
//! lies where its picture falls on it, as in any mosaic that is no true orthophoto.

use nalgebra::{Matrix3, SMatrix, SVector, Vector3};

use crate::case::FrameRow;
use crate::geo::{Geodetic, LocalFrame};

/// Pixels ↔ metres on the ground of one frame.
#[derive(Debug, Clone)]
pub struct GroundPlane {
    local: LocalFrame,
    ground_from_px: Matrix3<f64>,
    px_from_ground: Matrix3<f64>,
}

impl GroundPlane {
    /// From the footprint of a frame as the case keeps it: from the lower left round to the left;
    /// `None` where it is not known or no quadrilateral.
    #[must_use]
    pub fn of(row: &FrameRow) -> Option<Self> {
        let (first, rest) = row.footprint.split_first()?;
        let closed = rest.last() == Some(first);
        let corners: Vec<_> = row.footprint[..row.footprint.len() - usize::from(closed)].to_vec();
        // The case winds rings to the left; a picture's corners from the upper left, seen from
        // above, go round to the right.
        let [d, c, b, a] = corners[..] else { return None };
        let local = LocalFrame::at(&Geodetic::from_degrees(a.1, a.0, 0.0));
        let ground = [a, b, c, d].map(|(lon, lat)| {
            let enu = local.enu(&Geodetic::from_degrees(lat, lon, 0.0));
            (enu.x, enu.y)
        });
        let (width, height) = (f64::from(row.width_px), f64::from(row.height_px));
        let pixels = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
        let ground_from_px = projective(&pixels, &ground)?;
        let px_from_ground = ground_from_px.try_inverse()?;
        Some(Self { local, ground_from_px, px_from_ground })
    }

    /// Longitude and latitude of a pixel in degrees.
    #[must_use]
    pub fn degrees(&self, x_px: f64, y_px: f64) -> (f64, f64) {
        let (east, north) = apply(&self.ground_from_px, x_px, y_px);
        let place = self.local.geodetic(&Vector3::new(east, north, 0.0));
        (place.lon_deg(), place.lat_deg())
    }

    /// Metres on the ground a pixel at a pixel: the root of its area there.
    #[must_use]
    pub fn metre_a_px(&self, x_px: f64, y_px: f64) -> f64 {
        let at = |x: f64, y: f64| apply(&self.ground_from_px, x, y);
        let (origin, right, down) = (at(x_px, y_px), at(x_px + 1.0, y_px), at(x_px, y_px + 1.0));
        let (a, b) =
            ((right.0 - origin.0, right.1 - origin.1), (down.0 - origin.0, down.1 - origin.1));
        (a.0 * b.1 - a.1 * b.0).abs().sqrt()
    }

    /// The pixel that shows a place, which may lie outside of the frame; degrees.
    #[must_use]
    pub fn pixel(&self, lon_deg: f64, lat_deg: f64) -> (f64, f64) {
        let enu = self.local.enu(&Geodetic::from_degrees(lat_deg, lon_deg, 0.0));
        apply(&self.px_from_ground, enu.x, enu.y)
    }

    /// The map from pixels of a raster in degrees to this frame's, near `origin_deg` (longitude,
    /// latitude), where the raster's pixel is (0, 0); `step_deg` is a pixel to the right and one
    /// down. `reach_px` away from there it is off by what the Earth bends: 5 mm at 256 m.
    #[must_use]
    pub fn px_from_raster(
        &self,
        origin_deg: (f64, f64),
        step_deg: (f64, f64),
        reach_px: f64,
    ) -> Matrix3<f64> {
        let place = |x: f64, y: f64| {
            let (lon, lat) = (origin_deg.0 + x * step_deg.0, origin_deg.1 + y * step_deg.1);
            self.local.enu(&Geodetic::from_degrees(lat, lon, 0.0))
        };
        let origin = place(0.0, 0.0);
        let right = (place(reach_px, 0.0) - origin) / reach_px;
        let down = (place(0.0, reach_px) - origin) / reach_px;
        let ground_from_raster =
            Matrix3::new(right.x, down.x, origin.x, right.y, down.y, origin.y, 0.0, 0.0, 1.0);
        self.px_from_ground * ground_from_raster
    }
}

/// Where a projective map takes a place.
pub(super) fn apply(map: &Matrix3<f64>, x: f64, y: f64) -> (f64, f64) {
    let to = map * Vector3::new(x, y, 1.0);
    (to.x / to.z, to.y / to.z)
}

/// The projective map of four points to four others, its last entry one: eight linear equations.
fn projective(from: &[(f64, f64); 4], to: &[(f64, f64); 4]) -> Option<Matrix3<f64>> {
    let mut left = SMatrix::<f64, 8, 8>::zeros();
    let mut right = SVector::<f64, 8>::zeros();
    for (at, (&(x, y), &(u, v))) in from.iter().zip(to).enumerate() {
        let (first, second) = (2 * at, 2 * at + 1);
        let rows = [
            [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y],
            [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y],
        ];
        for (row, entries) in [first, second].into_iter().zip(rows) {
            left.set_row(row, &entries.into());
        }
        right[first] = u;
        right[second] = v;
    }
    let h = left.lu().solve(&right)?;
    let map = Matrix3::new(h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1.0);
    map.iter().all(|entry| entry.is_finite()).then_some(map)
}
