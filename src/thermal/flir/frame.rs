//! One frame: a blob's records to temperatures.

use super::blob::{Blob, CAMERA, Directory, GPS, RAW};
use super::radiometry::{Radiometry, Scene};
use super::raw::{Payload, Raw};
use super::records::{CAMERA_BYTES, Camera, GPS_BYTES, position};
use crate::thermal::decoded::Decoded;
use crate::thermal::fault::Fault;
use crate::thermal::{CountTable, Format, Parameters, ReadOptions, Samples, Thermogram};

/// What kind of file a blob lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Jpeg,
    Sequence,
}

/// Creator of the blobs of Tau cores, which DJI's XT, XT2 and XT-R carry.
const TAU: &[u8] = b"ATAU_RBFO";
/// Highest count of a Tau core: 14 bits (Tau 2 product specification).
const TAU_TOP: u16 = 16383;

/// Decodes the frame in a blob.
pub(super) fn decode(
    blob: &mut impl Blob,
    directory: &Directory,
    container: Container,
    options: &ReadOptions,
) -> Result<Decoded, Fault> {
    let Some(raw_entry) = directory.find(RAW) else {
        return Err(Fault::refused(
            "the FLIR record in this file holds no raw thermal picture: take the camera's original \
             radiometric JPEG",
        ));
    };
    let Some(camera_entry) = directory.find(CAMERA) else {
        return Err(blob.damaged(0, "a FLIR frame without a camera record, so without calibration"));
    };
    let camera_at = u64::from(camera_entry.offset);
    let camera_length = (camera_entry.length as usize).min(CAMERA_BYTES);
    let camera = Camera::read(&blob.read(camera_at, camera_length)?);
    let Some(camera) = camera else {
        return Err(blob.damaged(camera_at, "a FLIR camera record too short for a calibration"));
    };
    let path = options.path_convention;
    let (scene, values) = camera.scene.with(&options.overrides);
    let radiometry = Radiometry::new(camera.planck, &camera.air, &scene, path)?;
    let raw = Raw::read(blob, raw_entry)?;
    let saturated = saturated_count(&camera, directory, &raw);
    let payload = raw.payload;
    let thermogram = thermogram(blob, raw, &radiometry, saturated)?;
    let fix = directory.find(GPS).and_then(|entry| {
        let length = (entry.length as usize).min(GPS_BYTES);
        position(&blob.read(u64::from(entry.offset), length).ok()?)
    });
    let is_tau = directory.creator.starts_with(TAU);
    Ok(Decoded {
        format: match (container, payload) {
            (Container::Jpeg, _) => Format::FlirRjpeg,
            (Container::Sequence, Payload::JpegLs) => Format::FlirCsq,
            (Container::Sequence, _) => Format::FlirSeq,
        },
        thermogram,
        parameters: Parameters {
            values,
            path_convention: Some(path),
            scale: None,
            decoded_by_vendor_sdk: false,
        },
        warnings: warnings(&camera, &scene, options, radiometry.transmission, is_tau),
        camera: camera.identity,
        taken_at: camera.taken_at,
        position: fix.map(|(position, _)| position),
        altitude_m: fix.and_then(|(_, height)| height),
    })
}

fn thermogram(
    blob: &impl Blob,
    raw: Raw,
    radiometry: &Radiometry,
    saturated: u16,
) -> Result<Thermogram, Fault> {
    let table = CountTable::over(&raw.counts, |count| radiometry.celsius(count));
    // Constants of another camera or a damaged record show here: not one pixel has a temperature.
    if table.entries().iter().all(|celsius| celsius.is_nan()) {
        return Err(blob.damaged(0, "a calibration under which no pixel has a temperature"));
    }
    let samples = Samples::Counts { counts: raw.counts, table };
    Thermogram::new(raw.width, raw.height, samples, Some(saturated))
        .ok_or_else(|| blob.damaged(0, "fewer pixels than the frame's size says"))
}

/// The count from which on a pixel is only "at least": the end of the range that the camera
/// states, else what its format can hold.
fn saturated_count(camera: &Camera, directory: &Directory, raw: &Raw) -> u16 {
    let fourteen_bits =
        directory.creator.starts_with(TAU) && raw.counts.iter().all(|&count| count <= TAU_TOP);
    let format_top = if fourteen_bits { TAU_TOP } else { u16::MAX };
    // A range that a quarter of the picture lies above is not the range of this picture.
    let believed = camera.range_end.filter(|&end| {
        raw.counts.iter().filter(|&&count| count >= end).count() * 4 < raw.counts.len()
    });
    believed.unwrap_or(format_top)
}

/// Air between these is plausible; the coldest and hottest days on record, and some sun.
const PLAUSIBLE_AIR_C: std::ops::RangeInclusive<f64> = -60.0..=60.0;
/// What an object reflects: from the clear night sky to hot plant beside it.
const PLAUSIBLE_REFLECTED_C: std::ops::RangeInclusive<f64> = -100.0..=150.0;
/// Farther objects fill no pixel of a drone's camera.
const FARTHEST_M: f64 = 2000.0;

/// Stored parameters that were used and that a person should look at.
fn warnings(
    camera: &Camera,
    scene: &Scene,
    options: &ReadOptions,
    transmission: f64,
    is_tau: bool,
) -> Vec<String> {
    let given = &options.overrides;
    let mut warnings = Vec::new();
    if is_tau && given.distance_m.is_none() && given.ambient_c.is_none() {
        warnings.push(format!(
            "this camera core stores a distance and an air temperature that nobody measured ({} m, \
             {} C): give the real ones",
            scene.distance_m, scene.ambient_c
        ));
    }
    let mut doubt = |what: &str, value: f64, unit: &str, user: Option<f64>, plausible: bool| {
        if user.is_none() && !plausible {
            warnings.push(format!("the file's {what} of {value}{unit} is implausible: give yours"));
        }
    };
    let reflected = PLAUSIBLE_REFLECTED_C.contains(&scene.reflected_c);
    let near = (0.01..=FARTHEST_M).contains(&scene.distance_m);
    let humid = scene.humidity_percent > 0.0;
    doubt("reflected temperature", scene.reflected_c, " C", given.reflected_c, reflected);
    let air = PLAUSIBLE_AIR_C.contains(&scene.ambient_c);
    doubt("air temperature", scene.ambient_c, " C", given.ambient_c, air);
    doubt("distance", scene.distance_m, " m", given.distance_m, near);
    doubt("humidity", scene.humidity_percent, " %", given.humidity_percent, humid);
    doubt("emissivity", scene.emissivity, "", given.emissivity, scene.emissivity >= 0.1);
    if scene.window_transmission != 1.0 && given.window_transmission.is_none() {
        warnings.push(format!(
            "the file says that the camera looked through a window of transmission {}: give a \
             window transmission of 1 if there was none",
            scene.window_transmission
        ));
    }
    if transmission > 1.0 {
        warnings.push(format!(
            "the air's transmission comes out as {transmission:.3}, above 1: check distance, \
             humidity and air temperature"
        ));
    }
    if camera.taken_at.is_some_and(|time| time.seconds() < CLOCK_WAS_SET_S) {
        warnings.push("the camera's clock was not set: its time is before 2002".to_owned());
    }
    warnings
}

/// 2002-01-01: unset clocks of cameras start in 1970, 1980, 2000 or 2001; the first cameras that
/// write these files are of 2005.
const CLOCK_WAS_SET_S: f64 = 1_009_843_200.0;
