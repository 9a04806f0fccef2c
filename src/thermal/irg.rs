//! InfiRay IRG, also written by Autel's Evo II 640T: a header, an 8-bit plane, a 16-bit plane of
//! temperatures, then a visible picture.
//!
//! The layout is known from files, there is no published description; every size in the header
//! therefore has to agree with the others and with the file before a number is believed.

use super::decoded::Decoded;
use super::fault::{Fault, pixels};
use super::{
    CameraIdentity, CountTable, Format, Parameter, ParameterSource, Parameters, ReadOptions,
    Samples, Thermogram,
};
use crate::units::KELVIN_OFFSET;

/// The smallest header that holds all fields read here.
const SHORTEST_HEADER: usize = 46;
/// The zero that models with the mark `04 A0` use.
const ROUNDED_KELVIN_OFFSET: f64 = 273.2;

/// Whether the bytes begin as an IRG.
pub(super) fn is_irg(head: &[u8]) -> bool {
    matches!(head.first_chunk(), Some([0xCA, 0xAC] | [0xBA, 0xAB] | [0x04, 0xA0]))
}

/// Decodes an IRG.
pub(super) fn decode(bytes: &[u8], options: &ReadOptions) -> Result<Decoded, Fault> {
    let header = Header::of(bytes)?;
    let pixels = pixels(header.width, header.height, 8)?;
    if header.coarse_bytes as usize != pixels {
        return Err(Fault::damaged(
            4,
            format!(
                "the 8-bit plane has {} bytes for {} x {} pixels; its size stands",
                header.coarse_bytes, header.width, header.height
            ),
        ));
    }
    let start = header.length + pixels;
    let Some(fine) = bytes.get(start..).and_then(|rest| rest.get(..2 * pixels)) else {
        return Err(Fault::damaged(
            bytes.len(),
            format!(
                "the file is cut: its temperatures reach to byte {}; it ends",
                start + 2 * pixels
            ),
        ));
    };
    let counts: Vec<u16> =
        fine.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let (per_kelvin, zero) = header.scale()?;
    let table = CountTable::over(&counts, |count| f64::from(count) / per_kelvin - zero);
    let samples = Samples::Counts { counts, table };
    let thermogram = Thermogram::new(header.width, header.height, samples, None)
        .ok_or_else(|| Fault::damaged(start, "the plane of temperatures"))?;
    Ok(Decoded {
        format: Format::InfirayIrg,
        thermogram,
        parameters: Parameters { values: header.parameters(options), ..Parameters::default() },
        camera: CameraIdentity::default(),
        taken_at: None,
        position: None,
        altitude_m: None,
        warnings: header.warnings(bytes.len(), start + 2 * pixels),
    })
}

struct Header {
    mark: [u8; 2],
    length: usize,
    coarse_bytes: u32,
    width: u32,
    height: u32,
    flag: u8,
    picture_bytes: u32,
    emissivity_e4: u32,
    distance_e4_m: u32,
}

impl Header {
    fn of(bytes: &[u8]) -> Result<Self, Fault> {
        let short = || Fault::damaged(bytes.len(), "an IRG header that is cut short ends");
        let u16_at = |at: usize| {
            bytes.get(at..).and_then(|rest| rest.first_chunk()).map(|&two| u16::from_le_bytes(two))
        };
        let u32_at = |at: usize| {
            bytes
                .get(at..)
                .and_then(|rest| rest.first_chunk())
                .map(|&four| u32::from_le_bytes(four))
        };
        let read = || {
            Some(Self {
                mark: *bytes.first_chunk()?,
                length: usize::from(u16_at(2)?),
                coarse_bytes: u32_at(4)?,
                height: u32::from(u16_at(8)?),
                width: u32::from(u16_at(10)?),
                flag: *bytes.get(12)?,
                picture_bytes: u32_at(22)?,
                emissivity_e4: u32_at(30)?,
                distance_e4_m: u32_at(42)?,
            })
        };
        let header = read().ok_or_else(short)?;
        if header.length < SHORTEST_HEADER || header.length > bytes.len() {
            return Err(Fault::damaged(2, format!("a header of {} bytes", header.length)));
        }
        Ok(header)
    }

    /// Counts a kelvin, and what to take off for degrees Celsius.
    fn scale(&self) -> Result<(f64, f64), Fault> {
        match (self.mark, self.flag) {
            ([0xCA, 0xAC], 0) => Ok((16.0, KELVIN_OFFSET)),
            ([0xCA, 0xAC], 1) | ([0xBA, 0xAB], _) => Ok((10.0, KELVIN_OFFSET)),
            ([0x04, 0xA0], _) => Ok((10.0, ROUNDED_KELVIN_OFFSET)),
            _ => Err(Fault::refused(format!("IRG of unknown kind (flag {})", self.flag))),
        }
    }

    /// The file's own, which are in its temperatures already, and what the user gave in vain.
    fn parameters(&self, options: &ReadOptions) -> Vec<Parameter> {
        let stored = |name, e4: u32, most: f64| Parameter {
            name,
            value: f64::from(e4) / 1e4,
            source: if f64::from(e4) / 1e4 <= most {
                ParameterSource::File
            } else {
                ParameterSource::Ignored
            },
        };
        let mut values = vec![
            stored("emissivity", self.emissivity_e4, 1.0),
            stored("distance_m", self.distance_e4_m, 1e4),
        ];
        values.retain(|parameter| parameter.source == ParameterSource::File);
        values.extend(options.overrides.all_ignored());
        values
    }

    fn warnings(&self, file_bytes: usize, used: usize) -> Vec<String> {
        let expected = used.saturating_add(self.picture_bytes as usize);
        // Only this mark is known to count the picture behind the planes.
        let odd = self.mark == [0xCA, 0xAC] && self.flag == 0 && expected != file_bytes;
        let text = format!("the header speaks of {expected} bytes, the file has {file_bytes}");
        if odd { vec![text] } else { Vec::new() }
    }
}
