//! The camera model of a frame: table or calibration in the file.

use crate::geo::{CameraModel, Distortion};
use crate::thermal::{Metadata, StoredCalibration};

use super::{NoPose, Params, PoseNote};

/// How far the principal point of a calibration may lie from the middle, in picture sizes.
const CENTRE_OFF: f64 = 0.1;
/// How far the focal length of a calibration may lie from the table's.
const FOCAL_OFF: f64 = 0.15;
/// Focal lengths over the picture's width that any camera may have: 118° to 2.9° wide.
const POSSIBLE_FOCAL: std::ops::RangeInclusive<f64> = 0.3..=20.0;

/// The camera of a frame of `size_px`.
///
/// The table (or the camera that the user names) is the base. A calibration in the file is taken
/// instead if it is one of this picture: its principal point within a tenth of the picture from the
/// middle, its focal lengths within a quarter of each other and within 15 % of the table's. Files
/// of two-camera aircraft carry the visible camera's calibration in the infrared picture too. A
/// camera that is not in the table needs such a calibration: a focal length in millimetres is of
/// no use without the pitch.
pub(super) fn camera_of_frame(
    size_px: (u32, u32),
    metadata: &Metadata,
    params: &Params<'_>,
    notes: &mut Vec<PoseNote>,
) -> Result<CameraModel, NoPose> {
    let entry = match params.camera_id {
        Some(id) => {
            let known = params.cameras.by_id(id);
            Some(known.ok_or_else(|| NoPose::UnknownCamera(id.to_owned()))?)
        }
        None => params.cameras.of_frame(metadata),
    };
    let table = entry.map(|camera| camera.model(size_px, metadata.focal_length_mm));
    let stored = metadata.calibration.and_then(|calibration| {
        // The payload may be smaller than the picture that the calibration was written for.
        [Some(size_px), metadata.picture_px]
            .into_iter()
            .flatten()
            .find_map(|written_for| fitting(&calibration, written_for, size_px, table.as_ref()))
    });
    if table.is_none() {
        notes.push(PoseNote::CameraUnknown);
    }
    if metadata.calibration.is_some() {
        notes.push(if stored.is_some() {
            PoseNote::CalibrationOfFile
        } else {
            PoseNote::CalibrationOfOtherLens
        });
    }
    let name = || metadata.camera.model.clone().unwrap_or_else(|| "without a name".to_owned());
    stored.or(table).ok_or_else(|| NoPose::UnknownCamera(name()))
}

/// The camera model that a frame's pose is given, as [`super::pose_from_metadata`] takes it.
///
/// # Errors
/// [`NoPose::UnknownCamera`].
pub fn lens(
    size_px: (u32, u32),
    metadata: &Metadata,
    params: &Params<'_>,
) -> Result<CameraModel, NoPose> {
    camera_of_frame(size_px, metadata, params, &mut Vec::new())
}

/// The calibration as a camera of this size, if it fits.
fn fitting(
    calibration: &StoredCalibration,
    written_for: (u32, u32),
    size_px: (u32, u32),
    table: Option<&CameraModel>,
) -> Option<CameraModel> {
    let (width, height) = (f64::from(written_for.0), f64::from(written_for.1));
    let scale = (f64::from(size_px.0) / width, f64::from(size_px.1) / height);
    let [k1, k2, p1, p2, k3] = calibration.brown;
    let camera = CameraModel {
        width_px: size_px.0,
        height_px: size_px.1,
        fx_px: calibration.fx_px * scale.0,
        fy_px: calibration.fy_px * scale.1,
        cx_px: calibration.cx_px * scale.0,
        cy_px: calibration.cy_px * scale.1,
        distortion: Distortion { k1, k2, p1, p2, k3 },
    };
    let centred = (calibration.cx_px / width - 0.5).abs() <= CENTRE_OFF
        && (calibration.cy_px / height - 0.5).abs() <= CENTRE_OFF;
    let square = (camera.fx_px / camera.fy_px - 1.0).abs() <= 0.25;
    let possible = POSSIBLE_FOCAL.contains(&(calibration.fx_px / width));
    let expected = table.is_none_or(|table| (camera.fx_px / table.fx_px - 1.0).abs() <= FOCAL_OFF);
    let numbers = calibration.brown.iter().all(|k| k.is_finite());
    (centred && square && possible && expected && numbers).then_some(camera)
}
