//! The error budget of a flight at 60 m (the table that flights are planned by), by simulation:
//! shared by the test of `locate` and by `cargo bench --bench budget`, which prints it.

use torenvalk::capture::{PoseSigmas, PosedFrame};
use torenvalk::geo::{Attitude, CameraModel, Geodetic, LocalFrame, Terrain};
use torenvalk::locate::{PixelSigma, locate};

/// One sigma of a pixel. The table does not name it; its last two rows come out with half a pixel
/// of a camera of 758 px focal length (9.1 mm, 12 µm), and not without.
pub(crate) const PIXEL: PixelSigma = PixelSigma(0.5);

/// How deep the camera looks, in degrees.
pub(crate) const DEPRESSIONS: [f64; 4] = [90.0, 60.0, 45.0, 30.0];

/// Major and minor axis of the 1-sigma ellipse, CE50, CE90, in metres.
pub(crate) type Cell = [f64; 4];

/// What is known, one sigma each: horizontal and up in metres, yaw and pitch in degrees, the ground
/// in metres; then the table's cells. On the principal ray roll counts at nadir alone; there the
/// table leaves it out.
#[rustfmt::skip]
pub(crate) const ROWS: [(&str, [f64; 5], [Cell; 4]); 4] = [
    ("no RTK", [1.5, 3.0, 3.0, 0.5, 0.5],
     [[1.6, 1.5, 1.8, 3.3], [2.4, 2.4, 2.8, 5.2], [3.6, 3.5, 4.1, 7.5], [5.9, 5.6, 6.7, 12.4]]),
    ("calibrated", [1.5, 2.0, 1.0, 0.2, 0.2],
     [[1.5, 1.5, 1.8, 3.2], [1.9, 1.6, 2.1, 3.8], [2.5, 1.8, 2.5, 4.8], [3.9, 2.4, 3.7, 7.0]]),
    ("RTK", [0.02, 0.03, 1.0, 0.2, 0.1],
     [[0.21, 0.04, 0.15, 0.35], [0.61, 0.29, 0.52, 1.05], [1.05, 0.44, 0.86, 1.8],
      [1.8, 0.87, 1.6, 3.2]]),
    ("RTK, boresight", [0.02, 0.03, 0.3, 0.05, 0.1],
     [[0.07, 0.04, 0.07, 0.13], [0.19, 0.11, 0.17, 0.33], [0.32, 0.17, 0.28, 0.57],
      [0.55, 0.32, 0.51, 0.98]]),
];

/// A small generator (xorshift, Marsaglia 2003), made normal after Box and Muller.
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let u = 1.0 - self.uniform();
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

fn pose(depression_deg: f64) -> PosedFrame {
    let none = PoseSigmas { position_enu_m: [0.0; 3], attitude_rad: [0.0; 3] };
    PosedFrame {
        frame: 0,
        camera: CameraModel::pinhole(640, 512, 9.1e-3 / 12e-6),
        position: Geodetic::from_degrees(52.0, 5.0, 60.0),
        attitude: Attitude::from_degrees(30.0, -depression_deg, 0.0),
        tilt_rad: 0.0,
        own: none,
        common: none,
        velocity_enu_m_s: [0.0; 3],
        clock_sigma_s: 0.0,
        notes: Vec::new(),
    }
}

/// A cell of the table: `samples` poses, pixels and grounds are drawn and each is located; how far
/// apart from the undisturbed place do they land?
pub(crate) fn simulated(sigmas: &[f64; 5], depression_deg: f64, samples: u32, seed: u64) -> Cell {
    let [horizontal_m, up_m, yaw_deg, pitch_deg, ground_m] = *sigmas;
    let truth = pose(depression_deg);
    let (x_px, y_px) = (truth.camera.cx_px, truth.camera.cy_px);
    let place = |pose: &PosedFrame, pixel, height_m| {
        let terrain = Terrain::Flat { height_m, sigma_m: 0.0 };
        locate(pose, pixel, PIXEL, &terrain).ok().map(|found| found.point)
    };
    let Some(middle) = place(&truth, (x_px, y_px), 0.0) else { return [f64::NAN; 4] };
    let (at_camera, at_place) = (LocalFrame::at(&truth.position), LocalFrame::at(&middle));
    let mut draws = Draws(seed);
    let (mut ee, mut en, mut nn) = (0.0, 0.0, 0.0);
    let mut apart_m = Vec::new();
    for _ in 0..samples {
        let mut drawn = |sigma: f64| draws.normal() * sigma;
        let mut pose = truth.clone();
        let moved = [drawn(horizontal_m), drawn(horizontal_m), drawn(up_m)];
        pose.position = at_camera.geodetic(&moved.into());
        pose.attitude.yaw_rad += drawn(yaw_deg).to_radians();
        pose.attitude.pitch_rad += drawn(pitch_deg).to_radians();
        let pixel = (x_px + drawn(PIXEL.0), y_px + drawn(PIXEL.0));
        let Some(found) = place(&pose, pixel, drawn(ground_m)) else { continue };
        let off = at_place.enu(&found);
        (ee, en, nn) = (ee + off.x * off.x, en + off.x * off.y, nn + off.y * off.y);
        apart_m.push(off.x.hypot(off.y));
    }
    apart_m.sort_by(f64::total_cmp);
    let count = apart_m.len() as f64;
    let at = |share: f64| apart_m.get((share * count) as usize).copied().unwrap_or(f64::NAN);
    let (middle, swing) = ((ee + nn) / 2.0 / count, ((ee - nn) / 2.0 / count).hypot(en / count));
    [(middle + swing).sqrt(), (middle - swing).max(0.0).sqrt(), at(0.5), at(0.9)]
}
