//! What a frame's file says about camera, place, attitude and time; nothing is decided here.

use serde::{Deserialize, Serialize};

use crate::time::FrameTime;

/// Which camera took a frame.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CameraIdentity {
    /// EXIF make.
    pub make: Option<String>,
    /// EXIF model, or the model in the thermal payload where that is more telling.
    pub model: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// Lens designation.
    pub lens: Option<String>,
}

/// A position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FilePosition {
    /// Degrees, north positive.
    pub lat_deg: f64,
    /// Degrees, east positive.
    pub lon_deg: f64,
}

/// Yaw, pitch, roll in degrees as the file has them: NED, z-y-x, pitch up positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EulerDegrees {
    /// Clockwise from north.
    pub yaw: f64,
    /// Upwards positive; nadir is -90.
    pub pitch: f64,
    /// Right side down positive.
    pub roll: f64,
}

/// State of a real-time kinematic fix.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RtkFix {
    /// DJI's flag: 0 none, 16 single, 32 to 49 float, 50 fixed.
    pub flag: u16,
    /// One sigma northwards in metres.
    pub std_lat_m: Option<f64>,
    /// One sigma eastwards in metres.
    pub std_lon_m: Option<f64>,
    /// One sigma upwards in metres.
    pub std_height_m: Option<f64>,
}

/// A laser rangefinder's target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LaserRange {
    /// Slant range in metres.
    pub distance_m: f64,
    /// The target, as the aircraft worked it out.
    pub target: Option<FilePosition>,
    /// The target's absolute height in metres, datum as the file's own.
    pub target_height_m: Option<f64>,
}

/// Calibration that the file carries; it may belong to another lens of the same aircraft.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StoredCalibration {
    /// Focal length over pixel pitch.
    pub fx_px: f64,
    /// Focal length over pixel pitch.
    pub fy_px: f64,
    /// Principal point from the outer corner of the first pixel.
    pub cx_px: f64,
    /// Principal point from the outer corner of the first pixel.
    pub cy_px: f64,
    /// k1, k2, p1, p2, k3.
    pub brown: [f64; 5],
}

/// All that a frame's file says besides its pixels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The camera.
    pub camera: CameraIdentity,
    /// When.
    pub taken_at: Option<FrameTime>,
    /// Picture size of the container, which may differ from the thermal payload's.
    pub picture_px: Option<(u32, u32)>,
    /// Where, by EXIF (or by the FLIR GPS record).
    pub exif_position: Option<FilePosition>,
    /// Where, by XMP.
    pub xmp_position: Option<FilePosition>,
    /// Height in EXIF in metres, sign applied.
    pub exif_altitude_m: Option<f64>,
    /// XMP `AbsoluteAltitude` in metres; its datum depends on model and mode.
    pub absolute_altitude_m: Option<f64>,
    /// XMP `RelativeAltitude`: metres above take-off.
    pub relative_altitude_m: Option<f64>,
    /// XMP `AltitudeType` (`PressureAlt`, `GpsFusionAlt`, `RtkAlt`).
    pub altitude_type: Option<String>,
    /// XMP `GpsStatus`.
    pub gps_status: Option<String>,
    /// Attitude of the camera.
    pub gimbal: Option<EulerDegrees>,
    /// Attitude of the aircraft.
    pub flight: Option<EulerDegrees>,
    /// Velocity north, east, down in m/s.
    pub velocity_ned_m_s: Option<[f64; 3]>,
    /// Whether the gimbal says that it hangs the other way round.
    pub gimbal_reversed: bool,
    /// Real-time kinematic state.
    pub rtk: Option<RtkFix>,
    /// Laser rangefinder.
    pub laser: Option<LaserRange>,
    /// One sigma of the horizontal position, where the file states it (Skydio).
    pub horizontal_sigma_m: Option<f64>,
    /// One sigma of the height, where the file states it.
    pub vertical_sigma_m: Option<f64>,
    /// Focal length in millimetres.
    pub focal_length_mm: Option<f64>,
    /// Calibration in the file.
    pub calibration: Option<StoredCalibration>,
    /// What the file says of its pixels' origin, e.g. DJI `ImageSource` or Skydio `CameraSource`.
    pub image_source: Option<String>,
}
