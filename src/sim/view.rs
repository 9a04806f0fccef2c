//! A pixel of a posed camera ↔ the flat ground.

use nalgebra::{Matrix3, Vector3};

use crate::geo::{Attitude, Geodetic, LocalFrame, enu_from_ned};

use super::flight::Pose;
use super::params::Camera;

/// A camera above flat ground, in metres east and north of the site's centre.
///
/// The ground has one height above the ellipsoid. Under each camera it is taken as a plane, at the
/// height that it has below the camera: over a frame of 100 m that is off by 0.2 mm.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// Camera, east and north in metres.
    place_m: [f64; 2],
    /// Camera above the ground in metres.
    above_m: f64,
    /// From forward, right, down to the site's east, north, up.
    site_from_camera: Matrix3<f64>,
    focal_px: f64,
    middle_px: [f64; 2],
}

/// Shallower rays than this (2.9°) count as sky.
const LEAST_DESCENT: f64 = 0.05;

impl View {
    /// The camera at a pose.
    pub(super) fn new(camera: &Camera, pose: &Pose, site: &LocalFrame, ground_m: f64) -> Self {
        let position = Geodetic::from_degrees(pose.lat, pose.lon, pose.height_ellipsoidal_m);
        let outer = Attitude::from_degrees(pose.yaw_deg, 0.0, pose.tilt_deg);
        let inner = Attitude::from_degrees(0.0, pose.pitch_deg, pose.roll_deg);
        // North, east and down are those of the camera's own place, not of the site's centre.
        let ned = outer.ned_from_body() * inner.ned_from_body();
        let axes = [0, 1, 2].map(|axis| {
            let enu = enu_from_ned(&ned.column(axis).into_owned());
            let ecef = LocalFrame::at(&position).ecef_from_enu() * enu;
            site.ecef_from_enu().transpose() * ecef
        });
        let place = site.enu(&position);
        Self {
            place_m: [place.x, place.y],
            above_m: pose.height_ellipsoidal_m - ground_m,
            site_from_camera: Matrix3::from_columns(&axes),
            focal_px: camera.focal_px(),
            middle_px: [f64::from(camera.width_px) / 2.0, f64::from(camera.height_px) / 2.0],
        }
    }

    fn direction(&self, x_px: f64, y_px: f64) -> Vector3<f64> {
        let right = (x_px - self.middle_px[0]) / self.focal_px;
        let down = (y_px - self.middle_px[1]) / self.focal_px;
        self.site_from_camera * Vector3::new(1.0, right, down)
    }

    fn ground_of(&self, direction: &Vector3<f64>) -> Option<[f64; 2]> {
        let reach = self.above_m / -direction.z;
        (direction.z < -LEAST_DESCENT).then_some([
            self.place_m[0] + reach * direction.x,
            self.place_m[1] + reach * direction.y,
        ])
    }

    /// Where a pixel sees the ground; `None` where it sees the sky.
    pub(super) fn ground(&self, x_px: f64, y_px: f64) -> Option<[f64; 2]> {
        self.ground_of(&self.direction(x_px, y_px))
    }

    /// The ground under the middles of a row's pixels, from the left.
    pub(super) fn ground_row(&self, row: u32, ground: &mut [Option<[f64; 2]>]) {
        let first = self.direction(0.5, f64::from(row) + 0.5);
        let step = self.site_from_camera.column(1) / self.focal_px;
        for (column, place) in ground.iter_mut().enumerate() {
            *place = self.ground_of(&(first + step * column as f64));
        }
    }

    /// Where a place on the ground is seen; it may lie outside the picture. `None` behind it.
    pub(super) fn pixel(&self, [east, north]: [f64; 2]) -> Option<[f64; 2]> {
        let to = Vector3::new(east - self.place_m[0], north - self.place_m[1], -self.above_m);
        let body = self.site_from_camera.transpose() * to;
        (body.x > 0.0).then(|| {
            [
                self.middle_px[0] + self.focal_px * body.y / body.x,
                self.middle_px[1] + self.focal_px * body.z / body.x,
            ]
        })
    }

    /// Metres east and north a pixel to the right and a pixel down, around a pixel.
    pub(super) fn metres_a_pixel(&self, x_px: f64, y_px: f64) -> Option<[[f64; 2]; 2]> {
        let [west, east] = [self.ground(x_px - 0.5, y_px)?, self.ground(x_px + 0.5, y_px)?];
        let [top, bottom] = [self.ground(x_px, y_px - 0.5)?, self.ground(x_px, y_px + 0.5)?];
        Some([[east[0] - west[0], east[1] - west[1]], [bottom[0] - top[0], bottom[1] - top[1]]])
    }
}
