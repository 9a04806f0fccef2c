//! Finding an original again and reading it as the run did.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::case::FrameRow;
use crate::thermal::{self, Frame, LinearScale, Overrides, PathConvention, ReadOptions};

/// Where an original may lie, in this order: as it was named, beside the case, by name in folders
/// that the user gives.
#[must_use]
pub fn places(file: &str, case: &Path, folders: &[PathBuf]) -> Vec<PathBuf> {
    let named = PathBuf::from(file);
    let mut places = vec![named.clone()];
    if named.is_relative() {
        places.extend(case.parent().map(|beside| beside.join(&named)));
    }
    let name = named.file_name().unwrap_or_default();
    places.extend(folders.iter().map(|folder| folder.join(name)));
    places
}

/// The frame of a row, from the original that still has the hash the case knows.
///
/// # Errors
/// Why there is none, in words.
pub(super) fn frame(row: &FrameRow, case: &Path, folders: &[PathBuf]) -> Result<Frame, String> {
    let mut changed = None;
    for place in places(&row.file, case, folders) {
        let Ok(bytes) = fs::read(&place) else { continue };
        if hex_sha256(&bytes) != row.sha256 {
            changed = Some(place);
            continue;
        }
        let frames = thermal::read_bytes(&place, &bytes, &read_options(row))
            .map_err(|error| error.to_string())?;
        let found = frames.into_iter().find(|frame| frame.index == row.index);
        return found.ok_or_else(|| format!("{}: it has no frame {}", row.file, row.index));
    }
    Err(match changed {
        Some(place) => format!("{}: it changed since it was inspected", place.display()),
        None => format!("{}: the original is not there", row.file),
    })
}

/// Where the original of a row lies that still has the hash the case knows.
///
/// # Errors
/// Why there is none, in words.
pub fn intact_original(
    row: &FrameRow,
    case: &Path,
    folders: &[PathBuf],
) -> Result<PathBuf, String> {
    let mut why = "the original is not there";
    for place in places(&row.file, case, folders) {
        let Ok(bytes) = fs::read(&place) else { continue };
        if hex_sha256(&bytes) == row.sha256 {
            return Ok(place);
        }
        why = "it changed since it was inspected";
    }
    Err(format!("{}: {why}", row.file))
}

/// How the run read it, from the parameters that the case keeps.
#[must_use]
pub fn read_options(row: &FrameRow) -> ReadOptions {
    options(&row.parameters, row.range_c[0].is_none())
}

/// The same from the parameters alone.
pub(super) fn options(parameters: &str, uncalibrated: bool) -> ReadOptions {
    let kept: Value = serde_json::from_str(parameters).unwrap_or_default();
    let of_user = |name: &str| {
        let told = kept["sources"][name].as_str() == Some("user");
        kept[name].as_f64().filter(|_| told)
    };
    let scale = kept["scale_k_per_count"].as_f64().zip(kept["offset_c"].as_f64());
    ReadOptions {
        overrides: Overrides {
            emissivity: of_user("emissivity"),
            distance_m: of_user("distance_m"),
            humidity_percent: of_user("humidity_percent"),
            reflected_c: of_user("reflected_c"),
            ambient_c: of_user("ambient_c"),
            window_c: of_user("window_c"),
            window_transmission: of_user("window_transmission"),
        },
        path_convention: match kept["path_convention"].as_str() {
            Some("full") => PathConvention::Full,
            _ => PathConvention::Half,
        },
        tiff_scale: scale.map(|(scale, offset_c)| LinearScale { scale, offset_c }),
        uncalibrated,
        vendor_sdk: None,
    }
}

/// SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
