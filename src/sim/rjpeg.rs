//! A frame as a FLIR radiometric JPEG.
//!
//! The layout is that of Tau cores on drones: everything little-endian, a raw record and a camera
//! record in an FFF block, which is cut into APP1 segments. Offsets after ExifTool's `FLIR.pm`.

use std::io;

use jpeg_encoder::{ColorType, Encoder};

use super::flight::FlownFrame;
use super::params::Camera;
use super::planck::Radiometry;
use super::tags::Tags;

/// One frame's counts and what is written beside them.
pub(super) struct RadiometricJpeg<'a> {
    pub(super) camera: &'a Camera,
    pub(super) frame: &'a FlownFrame,
    pub(super) tags: Tags<'a>,
    pub(super) radiometry: Radiometry,
    pub(super) counts: &'a [u16],
    /// Counts as PNG instead of as they are.
    pub(super) as_png: bool,
}

/// Of an FFF block.
const FFF_HEADER_BYTES: usize = 64;
/// Of an entry in an FFF block's directory.
const FFF_ENTRY_BYTES: usize = 32;
/// Of the raw record before its payload.
const RAW_HEADER_BYTES: usize = 32;
/// Of the camera record, as Tau cores write it.
const CAMERA_RECORD_BYTES: usize = 2108;
/// Block bytes in one APP1 segment: 65,535 less the length, the name and the numbers.
const CHUNK_BYTES: usize = 65_024;
/// Quality of the viewable picture.
const PREVIEW_QUALITY: u8 = 60;

impl RadiometricJpeg<'_> {
    /// The file's bytes.
    ///
    /// # Errors
    /// If the block does not fit into 256 segments or a picture side into a JPEG.
    pub(super) fn file(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, PREVIEW_QUALITY);
        let mut exif = b"Exif\0\0".to_vec();
        exif.extend(self.tags.exif());
        let mut xmp = b"http://ns.adobe.com/xap/1.0/\0".to_vec();
        xmp.extend(self.tags.xmp().bytes());
        let block = self.fff()?;
        let last = u8::try_from(block.len().div_ceil(CHUNK_BYTES) - 1)
            .map_err(|_| io::Error::other("the raw record is too large for a radiometric JPEG"))?;
        let chunks = block.chunks(CHUNK_BYTES).zip(0..=last).map(|(part, index)| {
            let mut segment = b"FLIR\0\x01".to_vec();
            segment.extend([index, last]);
            segment.extend(part);
            segment
        });
        for segment in [exif, xmp].into_iter().chain(chunks) {
            encoder.add_app_segment(1, segment).map_err(io::Error::other)?;
        }
        let side = |px: u32| u16::try_from(px).map_err(io::Error::other);
        let (width, height) = (side(self.camera.width_px)?, side(self.camera.height_px)?);
        encoder
            .encode(&grey(self.counts), width, height, ColorType::Luma)
            .map_err(io::Error::other)?;
        Ok(bytes)
    }

    /// The FFF block: header, two directory entries, raw record, camera record.
    fn fff(&self) -> io::Result<Vec<u8>> {
        let raw = self.raw_record()?;
        let camera = self.camera_record();
        let raw_at = FFF_HEADER_BYTES + 2 * FFF_ENTRY_BYTES;
        let camera_at = raw_at + raw.len();
        let mut header = Record(vec![0; FFF_HEADER_BYTES]);
        header.text(0, "FFF");
        header.text(4, "ATAU_RBFO");
        header.u32(0x14, 100); // version
        header.u32(0x18, FFF_HEADER_BYTES as u32);
        header.u32(0x1C, 2);
        header.u32(0x20, 1); // next free id
        let mut bytes = header.0;
        for (kind, version, at, length) in
            [(0x01, 100, raw_at, raw.len()), (0x20, 102, camera_at, camera.len())]
        {
            let mut entry = Record(vec![0; FFF_ENTRY_BYTES]);
            entry.u16(0, kind);
            entry.u16(2, if self.as_png && kind == 0x01 { 3 } else { 2 });
            entry.u32(4, version);
            entry.u32(8, 1); // id
            entry.u32(0x0C, at as u32);
            entry.u32(0x10, length as u32);
            bytes.extend(entry.0);
        }
        bytes.extend(raw);
        bytes.extend(camera);
        Ok(bytes)
    }

    fn raw_record(&self) -> io::Result<Vec<u8>> {
        let mut record = Record(vec![0; RAW_HEADER_BYTES]);
        record.u16(0, 2); // says the byte order
        record.u16(2, self.camera.width_px as u16);
        record.u16(4, self.camera.height_px as u16);
        record.u16(0x0A, self.camera.width_px as u16 - 1);
        record.u16(0x0E, self.camera.height_px as u16 - 1);
        let mut bytes = record.0;
        // A PNG holds 16-bit samples big-endian by its standard; FLIR writes them little-endian.
        let samples = self.counts.iter().flat_map(|count| count.to_le_bytes());
        if self.as_png {
            let samples: Vec<u8> = samples.collect();
            let (width, height) = (self.camera.width_px, self.camera.height_px);
            let mut encoder = png::Encoder::new(&mut bytes, width, height);
            encoder.set_color(png::ColorType::Grayscale);
            encoder.set_depth(png::BitDepth::Sixteen);
            encoder.set_compression(png::Compression::Fast);
            let mut writer = encoder.write_header().map_err(io::Error::other)?;
            writer.write_image_data(&samples).map_err(io::Error::other)?;
            writer.finish().map_err(io::Error::other)?;
        } else {
            bytes.extend(samples);
        }
        Ok(bytes)
    }

    fn camera_record(&self) -> Vec<u8> {
        let Radiometry { r1, b, f, o, r2, alpha, beta, x, .. } = self.radiometry;
        let measured = &self.radiometry;
        let mut record = Record(vec![0; CAMERA_RECORD_BYTES]);
        record.u16(0, 2); // says the byte order
        record.u16(2, self.camera.width_px as u16);
        record.u16(4, self.camera.height_px as u16);
        let floats = [
            (0x20, measured.emissivity),
            (0x24, measured.distance_m),
            (0x28, measured.reflected_k),
            (0x2C, measured.ambient_k),
            (0x30, measured.ambient_k), // of a window that is not there
            (0x34, 1.0),                // its transmission
            (0x3C, measured.humidity),
            (0x58, r1),
            (0x5C, b),
            (0x60, f),
            (0x70, alpha[0]),
            (0x74, alpha[1]),
            (0x78, beta[0]),
            (0x7C, beta[1]),
            (0x80, x),
            // Range, clip, warning and saturation, upper and lower each: -60 to 400 °C.
            (0x90, 673.15),
            (0x94, 213.15),
            (0x98, 673.15),
            (0x9C, 213.15),
            (0xA0, 673.15),
            (0xA4, 213.15),
            (0xA8, 673.15),
            (0xAC, 213.15),
            (0x30C, r2),
        ];
        for (at, value) in floats {
            record.bytes(at, &value.to_le_bytes());
        }
        let model: String = self.camera.model.chars().take(31).collect();
        record.text(0xD4, &model);
        record.text(0x104, "SIMULATED");
        record.text(0x170, &format!("{} mm", self.camera.focal_length_mm));
        record.bytes(0x308, &o.to_le_bytes());
        let (low, high) = span(self.counts, 0.0);
        record.u16(0x310, 0); // least possible count
        record.u16(0x312, u16::MAX);
        record.u16(0x338, span(self.counts, 0.5).0);
        record.u16(0x33C, high - low);
        self.write_time(&mut record);
        record.0
    }

    /// Unix seconds, milliseconds, minutes west of UTC: the camera's clock is taken as UTC.
    fn write_time(&self, record: &mut Record) {
        if let Ok(time) = jiff::tz::Offset::UTC.to_timestamp(self.frame.taken_at) {
            record.u32(0x384, u32::try_from(time.as_second()).unwrap_or(0));
            record.u32(0x388, time.subsec_millisecond().unsigned_abs());
        }
    }
}

/// A record of a fixed size; every offset is a constant within it, and texts are cut to fit.
struct Record(Vec<u8>);

impl Record {
    fn bytes(&mut self, at: usize, bytes: &[u8]) {
        for (to, from) in self.0.iter_mut().skip(at).zip(bytes) {
            *to = *from;
        }
    }

    fn u16(&mut self, at: usize, value: u16) {
        self.bytes(at, &value.to_le_bytes());
    }

    fn u32(&mut self, at: usize, value: u32) {
        self.bytes(at, &value.to_le_bytes());
    }

    fn text(&mut self, at: usize, text: &str) {
        self.bytes(at, text.as_bytes());
    }
}

/// Counts below which a share of the pixels lies, and above which as many lie.
fn span(counts: &[u16], share: f64) -> (u16, u16) {
    let mut histogram = vec![0_usize; 1 << 16];
    for &count in counts {
        histogram[usize::from(count)] += 1;
    }
    let beyond = (counts.len() as f64 * share) as usize;
    (
        level_after(&histogram, beyond, 0..=u16::MAX),
        level_after(&histogram, beyond, (0..=u16::MAX).rev()),
    )
}

/// The level at which more than `beyond` pixels have been passed.
fn level_after(histogram: &[usize], beyond: usize, mut levels: impl Iterator<Item = u16>) -> u16 {
    let mut passed = 0;
    let reached = |&level: &u16| {
        passed += histogram[usize::from(level)];
        passed > beyond
    };
    levels.find(reached).unwrap_or(0)
}

/// The viewable picture: grey, the outermost half percent of the pixels at black and white.
fn grey(counts: &[u16]) -> Vec<u8> {
    let (low, high) = span(counts, 0.005);
    let range = u32::from(high.saturating_sub(low)).max(1);
    let grey_of = |count: u16| (u32::from(count.saturating_sub(low)) * 255 / range).min(255) as u8;
    counts.iter().map(|&count| grey_of(count)).collect()
}
