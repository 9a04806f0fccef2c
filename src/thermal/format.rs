//! The families of thermal files.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The family of a thermal file, told by its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// FLIR radiometric JPEG.
    FlirRjpeg,
    /// FLIR sequence of raw frames.
    FlirSeq,
    /// FLIR sequence of JPEG-LS frames.
    FlirCsq,
    /// DJI M2EA, M30T, M3T, H20N, M4T, H30T.
    DjiIirp,
    /// DJI M30T, some captures.
    DjiGirp,
    /// DJI M3TD, newer M4T.
    DjiHirp,
    /// DJI H20T.
    DjiH20t,
    /// DJI XT S.
    DjiXts,
    /// Unsigned 16-bit TIFF.
    TiffU16,
    /// Signed 16-bit TIFF.
    TiffI16,
    /// 32-bit float TIFF.
    TiffF32,
    /// InfiRay IRG.
    InfirayIrg,
    /// A plain picture, read on request as grey levels.
    Picture,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 13] = [
        Self::FlirRjpeg,
        Self::FlirSeq,
        Self::FlirCsq,
        Self::DjiIirp,
        Self::DjiGirp,
        Self::DjiHirp,
        Self::DjiH20t,
        Self::DjiXts,
        Self::TiffU16,
        Self::TiffI16,
        Self::TiffF32,
        Self::InfirayIrg,
        Self::Picture,
    ];

    /// What it is, in a few words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::FlirRjpeg => "FLIR radiometric JPEG: handhelds, XT, XT2, XT-R, Duo",
            Self::FlirSeq => "FLIR sequence, raw frames",
            Self::FlirCsq => "FLIR sequence, JPEG-LS frames",
            Self::DjiIirp => "DJI radiometric JPEG: M2EA, M30T, M3T, H20N, M4T, H30T",
            Self::DjiGirp => "DJI radiometric JPEG: M30T, some captures",
            Self::DjiHirp => "DJI radiometric JPEG: M3TD, newer M4T",
            Self::DjiH20t => "DJI radiometric JPEG: H20T",
            Self::DjiXts => "DJI radiometric JPEG: XT S",
            Self::TiffU16 => "TIFF, 16-bit unsigned: scale 0.04 or 0.01 K, or --scale and --offset",
            Self::TiffI16 => "TIFF, 16-bit signed: --scale and --offset unless the scale is plain",
            Self::TiffF32 => "TIFF, 32-bit float °C",
            Self::InfirayIrg => "InfiRay IRG",
            Self::Picture => "plain JPEG or PNG: grey levels only, with --uncalibrated",
        }
    }

    /// The name used on the command line and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FlirRjpeg => "flir-rjpeg",
            Self::FlirSeq => "flir-seq",
            Self::FlirCsq => "flir-csq",
            Self::DjiIirp => "dji-iirp",
            Self::DjiGirp => "dji-girp",
            Self::DjiHirp => "dji-hirp",
            Self::DjiH20t => "dji-h20t",
            Self::DjiXts => "dji-xts",
            Self::TiffU16 => "tiff-u16",
            Self::TiffI16 => "tiff-i16",
            Self::TiffF32 => "tiff-f32",
            Self::InfirayIrg => "infiray-irg",
            Self::Picture => "picture",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
