//! What can be varied in a synthetic flight.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// How the frames are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    /// FLIR radiometric JPEG, 16-bit counts as they are.
    #[default]
    FlirRaw,
    /// FLIR radiometric JPEG, counts as a 16-bit PNG with swapped bytes.
    FlirPng,
    /// 16-bit TIFF, hundredths of a kelvin.
    TiffCentikelvin,
}

/// A thermal camera: a pinhole with square pixels and no distortion, and what it adds.
///
/// The default is invented, after 640x512 cores with 12 µm pixels and a 13.5 mm lens; EXIF names
/// it `Torenvalk SIM-640`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Camera {
    /// EXIF model.
    pub model: String,
    /// Columns, 16 to 4096.
    pub width_px: u32,
    /// Rows, 16 to 4096.
    pub height_px: u32,
    /// Focal length in millimetres.
    pub focal_length_mm: f64,
    /// Pixel pitch in micrometres.
    pub pixel_pitch_um: f64,
    /// Blur of lens and pixel: one sigma of a Gaussian in pixels.
    pub psf_px: f64,
    /// Noise of a pixel in kelvin, new in every frame.
    pub noise_k: f64,
    /// One sigma of the columns' and of the rows' pattern in kelvin, new after each shutter event.
    pub fixed_pattern_k: f64,
    /// One sigma of a pattern of pixels, columns and rows each that no shutter event takes away, in
    /// kelvin: what lens and window add in front of the shutter.
    pub lasting_pattern_k: f64,
    /// How much colder the corners look than the middle, in kelvin.
    pub vignette_k: f64,
    /// How far offset and shading drift until the shutter closes, in kelvin.
    pub drift_k: f64,
    /// Frames from one shutter event to the next, at least 1.
    pub shutter_every_frames: u32,
    /// Pixels that are stuck, at fixed places of the sensor.
    pub stuck_pixels: u32,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            model: "SIM-640".to_owned(),
            width_px: 640,
            height_px: 512,
            focal_length_mm: 13.5,
            pixel_pitch_um: 12.0,
            psf_px: 0.7,
            noise_k: 0.05,
            fixed_pattern_k: 0.03,
            lasting_pattern_k: 0.0,
            vignette_k: 0.4,
            drift_k: 0.3,
            shutter_every_frames: 24,
            stuck_pixels: 0,
        }
    }
}

impl Camera {
    /// Focal length in pixels.
    #[must_use]
    pub fn focal_px(&self) -> f64 {
        self.focal_length_mm * 1000.0 / self.pixel_pitch_um
    }
}

/// The flight: straight lines to and fro over the box around the site's areas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlightPlan {
    /// Metres above the ground, 5 to 1000.
    pub altitude_m: f64,
    /// Share of a nadir frame that the next one on the line shows again, 0 to 0.95.
    pub overlap_front: f64,
    /// Share of a nadir frame that the next line shows again, 0 to 0.95.
    pub overlap_side: f64,
    /// Pitch of the camera in degrees, -90 (straight down) to -30.
    pub gimbal_pitch_deg: f64,
    /// Metres a second.
    pub speed_m_s: f64,
    /// The camera's clock at the first frame.
    pub first_frame_at: DateTime,
    /// One sigma of how far the true position strays from the line, in metres.
    pub wander_m: f64,
    /// One sigma of how far the true yaw strays, in degrees; pitch and roll stray a fifth of it.
    pub wander_deg: f64,
}

impl Default for FlightPlan {
    fn default() -> Self {
        Self {
            altitude_m: 60.0,
            overlap_front: 0.7,
            overlap_side: 0.6,
            gimbal_pitch_deg: -90.0,
            speed_m_s: 5.0,
            first_frame_at: DateTime::constant(2026, 3, 21, 6, 10, 0, 0),
            wander_m: 0.3,
            wander_deg: 1.0,
        }
    }
}

/// One sigma of each part of a pose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ErrorSigmas {
    /// East and north, each, in metres.
    pub horizontal_m: f64,
    /// Up, in metres.
    pub vertical_m: f64,
    /// Yaw, in degrees.
    pub yaw_deg: f64,
    /// Pitch and roll, each, in degrees.
    pub pitch_roll_deg: f64,
}

/// What the stated poses are off: a part drawn once a flight, and a part drawn for every frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoseErrors {
    /// Whether the files claim a fixed RTK solution: ellipsoidal heights and stated deviations.
    pub rtk: bool,
    /// Drawn for every frame.
    pub own: ErrorSigmas,
    /// Drawn once a flight.
    pub common: ErrorSigmas,
}

impl PoseErrors {
    /// RTK: 0.02 m and 0.03 m new in every frame, yaw 1° and tilt 0.2°, most of it common.
    ///
    /// These are the sigmas that `capture` takes for such a file, so that a simulated flight puts
    /// everything between the file and the ellipse to the test, and not the budget itself.
    #[must_use]
    pub fn with_rtk() -> Self {
        Self {
            rtk: true,
            own: ErrorSigmas {
                horizontal_m: 0.02,
                vertical_m: 0.03,
                yaw_deg: 0.5,
                pitch_roll_deg: 0.12,
            },
            common: ErrorSigmas {
                horizontal_m: 0.0,
                vertical_m: 0.0,
                yaw_deg: 0.87,
                pitch_roll_deg: 0.16,
            },
        }
    }

    /// No RTK: 1.5 m, yaw 3° and tilt 0.5°, most of it common, as `capture` takes it. The vertical
    /// part is the barometer's, 0.5 m and 1 m: the site tells the height of take-off, and then the
    /// height above it is taken.
    #[must_use]
    pub fn without_rtk() -> Self {
        Self {
            rtk: false,
            own: ErrorSigmas {
                horizontal_m: 0.5,
                vertical_m: 0.5,
                yaw_deg: 0.7,
                pitch_roll_deg: 0.3,
            },
            common: ErrorSigmas {
                horizontal_m: 1.41,
                vertical_m: 1.0,
                yaw_deg: 2.9,
                pitch_roll_deg: 0.4,
            },
        }
    }

    /// Files that tell the truth.
    #[must_use]
    pub fn none() -> Self {
        Self { rtk: true, own: ErrorSigmas::default(), common: ErrorSigmas::default() }
    }
}

impl Default for PoseErrors {
    fn default() -> Self {
        Self::with_rtk()
    }
}

/// What is planted. Sizes and contrasts are drawn so that small ones are more frequent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpotParams {
    /// How many; fewer where the site has no room for them.
    pub count: u32,
    /// Least and largest sigma in metres.
    pub sigma_m: [f64; 2],
    /// Least and largest contrast in kelvin, without sign.
    pub contrast_k: [f64; 2],
    /// Share that is colder than around, 0 to 1.
    pub cold_share: f64,
    /// Share that lies on assets where the site has any, 0 to 1.
    pub on_asset_share: f64,
    /// Least distance between two spots in metres, besides four times the larger sigma.
    pub least_gap_m: f64,
}

impl Default for SpotParams {
    fn default() -> Self {
        Self {
            count: 24,
            sigma_m: [0.1, 0.6],
            contrast_k: [2.0, 20.0],
            cold_share: 0.25,
            on_asset_share: 0.5,
            least_gap_m: 5.0,
        }
    }
}

/// The ground and the air.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ground {
    /// Height above the ellipsoid in metres where the site does not tell it: about sea level in
    /// the Netherlands, where the geoid lies 40 to 47 m up.
    pub height_m: f64,
    /// Mean temperature in degrees Celsius.
    pub mean_c: f64,
    /// Standard deviation of the ground's texture in kelvin.
    pub texture_k: f64,
    /// Amplitude of each octave of the texture over that of the next coarser one, 0 to 1.
    pub roughness: f64,
    /// How far an asset's temperature differs from its kind's, at most, in kelvin.
    pub asset_spread_k: f64,
}

impl Default for Ground {
    fn default() -> Self {
        Self { height_m: 43.0, mean_c: 6.0, texture_k: 0.5, roughness: 0.5, asset_spread_k: 0.7 }
    }
}

/// A kind of flight log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogKind {
    /// ArduPilot's DataFlash, `flight.bin`.
    Bin,
    /// MAVLink telemetry of a ground station, `flight.tlog`.
    Tlog,
    /// A table, `flight.csv`.
    Csv,
    /// Places only, `flight.gpx`.
    Gpx,
}

/// Logs beside the frames, and a camera with a clock of its own. Without any of it the camera
/// states its poses itself and triggers come evenly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogPlan {
    /// Which logs are written.
    pub kinds: Vec<LogKind>,
    /// Whether the frames' files are silent about place and attitude.
    pub without_poses: bool,
    /// One sigma of each interval between frames, as a share of it, 0 to 0.3: no vehicle keeps an
    /// even pace.
    pub pace: f64,
    /// How far the camera's clock is ahead of UTC, in seconds.
    pub camera_ahead_s: f64,
    /// Step to which the camera's stamps are cut off, in seconds; 0 leaves milliseconds.
    pub camera_step_s: f64,
    /// One sigma of exposure against trigger, in seconds.
    pub jitter_s: f64,
    /// Share of triggers of which no file is left, 0 to 0.5.
    pub dropped: f64,
}

impl LogPlan {
    /// A camera that knows nothing but a clock that is two hours and a bit ahead and tells whole
    /// seconds, and loses a frame now and then.
    #[must_use]
    pub fn silent_camera(kinds: Vec<LogKind>) -> Self {
        Self {
            kinds,
            without_poses: true,
            pace: 0.08,
            camera_ahead_s: 7283.4,
            camera_step_s: 1.0,
            jitter_s: 0.01,
            dropped: 0.05,
        }
    }
}

/// What can be varied; everything else follows from the seed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Same seed, same bytes.
    pub seed: u64,
    /// The same site some weeks later, flown anew: of each five planted spots the first is gone,
    /// the second stands out half as much again, the third half as much, and there are new ones.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub later: bool,
    /// The camera.
    pub camera: Camera,
    /// How the frames are written.
    pub format: FileFormat,
    /// The flight.
    pub flight: FlightPlan,
    /// What the stated poses are off.
    pub errors: PoseErrors,
    /// What is planted.
    pub spots: SpotParams,
    /// The ground.
    pub ground: Ground,
    /// Logs and the camera's clock.
    pub log: LogPlan,
}

impl Params {
    /// A flight that is quickly made and shows all there is: at 110 m with a pixel of 10 cm each
    /// place is in 6 frames or so.
    #[must_use]
    pub fn demo(seed: u64) -> Self {
        let mut params = Self { seed, ..Self::default() };
        params.flight.altitude_m = 110.0;
        params.flight.overlap_front = 0.7;
        params.flight.overlap_side = 0.5;
        params
    }

    /// The same site four weeks later; see [`Params::later`].
    #[must_use]
    pub fn later(mut self) -> Self {
        self.later = true;
        let weeks = SignedDuration::from_hours(4 * 7 * 24);
        self.flight.first_frame_at =
            self.flight.first_frame_at.checked_add(weeks).unwrap_or(self.flight.first_frame_at);
        self
    }

    /// The seed of what no two flights have in common: errors, noise, wind.
    pub(super) fn flight_seed(&self) -> u64 {
        // Any other seed will do; the golden ratio's bits are far from what people type.
        if self.later { self.seed ^ 0x9E37_79B9_7F4A_7C15 } else { self.seed }
    }

    /// Rougher ground, more and weaker spots, a camera that drifts and has stuck pixels.
    #[must_use]
    pub fn busy(seed: u64) -> Self {
        let mut params = Self { seed, ..Self::default() };
        params.spots.count = 48;
        params.spots.contrast_k = [0.8, 20.0];
        params.spots.sigma_m = [0.08, 1.2];
        params.spots.least_gap_m = 3.0;
        params.ground.texture_k = 1.0;
        params.ground.roughness = 0.62;
        params.ground.asset_spread_k = 2.5;
        params.camera.noise_k = 0.08;
        params.camera.drift_k = 1.0;
        params.camera.stuck_pixels = 6;
        params
    }

    /// The first field that is out of its range, as a sentence.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let (camera, flight, spots, ground) =
            (&self.camera, &self.flight, &self.spots, &self.ground);
        let sigmas = [self.errors.own, self.errors.common]
            .map(|s| s.horizontal_m.max(s.vertical_m).max(s.yaw_deg).max(s.pitch_roll_deg));
        let ranges = [
            ("camera.width_px", f64::from(camera.width_px), 16.0, 4096.0),
            ("camera.height_px", f64::from(camera.height_px), 16.0, 4096.0),
            ("camera.focal_length_mm", camera.focal_length_mm, 1.0, 1000.0),
            ("camera.pixel_pitch_um", camera.pixel_pitch_um, 1.0, 100.0),
            ("camera.psf_px", camera.psf_px, 0.0, 10.0),
            ("camera.noise_k", camera.noise_k, 0.0, 10.0),
            ("camera.fixed_pattern_k", camera.fixed_pattern_k, 0.0, 10.0),
            ("camera.lasting_pattern_k", camera.lasting_pattern_k, 0.0, 10.0),
            ("camera.vignette_k", camera.vignette_k, -20.0, 20.0),
            ("camera.drift_k", camera.drift_k, 0.0, 20.0),
            ("camera.shutter_every_frames", f64::from(camera.shutter_every_frames), 1.0, 1e9),
            ("camera.stuck_pixels", f64::from(camera.stuck_pixels), 0.0, 10_000.0),
            ("flight.altitude_m", flight.altitude_m, 5.0, 1000.0),
            ("flight.overlap_front", flight.overlap_front, 0.0, 0.95),
            ("flight.overlap_side", flight.overlap_side, 0.0, 0.95),
            ("flight.gimbal_pitch_deg", flight.gimbal_pitch_deg, -90.0, -30.0),
            ("flight.speed_m_s", flight.speed_m_s, 0.1, 100.0),
            ("flight.wander_m", flight.wander_m, 0.0, 100.0),
            ("flight.wander_deg", flight.wander_deg, 0.0, 20.0),
            ("errors.own", sigmas[0], 0.0, 100.0),
            ("errors.common", sigmas[1], 0.0, 100.0),
            ("spots.count", f64::from(spots.count), 0.0, 10_000.0),
            ("spots.sigma_m[0]", spots.sigma_m[0], 0.01, 100.0),
            ("spots.sigma_m[1]", spots.sigma_m[1], spots.sigma_m[0], 100.0),
            ("spots.contrast_k[0]", spots.contrast_k[0], 0.01, 300.0),
            ("spots.contrast_k[1]", spots.contrast_k[1], spots.contrast_k[0], 300.0),
            ("spots.cold_share", spots.cold_share, 0.0, 1.0),
            ("spots.on_asset_share", spots.on_asset_share, 0.0, 1.0),
            ("spots.least_gap_m", spots.least_gap_m, 0.0, 1000.0),
            ("ground.height_m", ground.height_m, -1000.0, 9000.0),
            ("ground.mean_c", ground.mean_c, -40.0, 60.0),
            ("ground.texture_k", ground.texture_k, 0.0, 20.0),
            ("ground.roughness", ground.roughness, 0.0, 1.0),
            ("log.pace", self.log.pace, 0.0, 0.3),
            ("log.camera_ahead_s", self.log.camera_ahead_s, -1e9, 1e9),
            ("log.camera_step_s", self.log.camera_step_s, 0.0, 60.0),
            ("log.jitter_s", self.log.jitter_s, 0.0, 10.0),
            ("log.dropped", self.log.dropped, 0.0, 0.5),
            ("ground.asset_spread_k", ground.asset_spread_k, 0.0, 50.0),
        ];
        ranges.iter().find(|(_, value, low, high)| !(low..=high).contains(&value)).map(
            |(name, value, low, high)| format!("{name} is {value}, not within {low} to {high}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_in_range_and_nonsense_is_named() {
        assert_eq!(Params::default().fault(), None);
        assert_eq!(Params::busy(3).fault(), None);
        let mut params = Params::default();
        params.flight.altitude_m = f64::NAN;
        assert!(params.fault().unwrap().contains("flight.altitude_m"));
        let mut params = Params::default();
        params.errors.common.yaw_deg = -f64::INFINITY;
        params.errors.common.horizontal_m = 1e9;
        assert!(params.fault().unwrap().contains("errors.common"));
    }
}
