//! Small iirp files for tests, byte by byte.

use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::super::{Overrides, ParameterSource, ReadOptions, jpeg};
use super::decode_jpeg;

/// An iirp file of 4 x 2 pixels; every part can be set apart.
#[derive(Debug, Clone)]
pub(super) struct Iirp {
    pub(super) tag: &'static [u8; 4],
    pub(super) version: u32,
    pub(super) size: (u16, u16),
    pub(super) gain: u8,
    /// Ta, D, E, humidity as a share, Tr.
    pub(super) stored: [f32; 5],
    pub(super) counts: Vec<u16>,
    /// The first twelve words of APP5; transmission is `transmission` everywhere behind them.
    pub(super) head: [u16; 12],
    pub(super) transmission: u16,
    pub(super) table_words: usize,
    /// Payload of an APP7.
    pub(super) app7: Option<Vec<u8>>,
}

impl Default for Iirp {
    fn default() -> Self {
        let mut head = [0xFFFF; 12];
        head[..2].copy_from_slice(&[1, 0x42]);
        Self {
            tag: b"iirp",
            version: 0x300,
            size: (4, 2),
            gain: 1,
            stored: [20.0, 5.0, 0.95, 0.5, 23.0],
            counts: (0..8).map(|pixel| (300 * 16 + pixel) << 2).collect(),
            head,
            transmission: 16384,
            table_words: 45 * 88,
            app7: None,
        }
    }
}

impl Iirp {
    /// The head of table version 0x12C with its switches: remap, humidity, reflected.
    pub(super) fn switched(remap: u16, humidity: u16, reflected: u16) -> Self {
        let head = [1, 0x12C, 0xFFFF, 0xFFFF, remap, 3, humidity, 2, 0, 0, reflected, 1];
        Self { head, ..Self::default() }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut app4 = vec![0; 256];
        app4[..4].copy_from_slice(&[0xFF, 0xD2, 0xD1, 0xFF]);
        app4[4..8].copy_from_slice(self.tag);
        for (index, number) in self.stored.iter().enumerate() {
            app4[0x20 + 4 * index..][..4].copy_from_slice(&number.to_le_bytes());
        }
        app4[0x80] = self.gain;
        app4[0x99..0x9D].copy_from_slice(&self.version.to_le_bytes());
        app4[0x9D..0x9F].copy_from_slice(&self.size.0.to_le_bytes());
        app4[0x9F..0xA1].copy_from_slice(&self.size.1.to_le_bytes());
        let words = |words: &[u16]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut app5: Vec<u16> = vec![0xFFFF; 128];
        app5[..12].copy_from_slice(&self.head);
        app5.extend(std::iter::repeat_n(self.transmission, self.table_words));
        let mut file = vec![0xFF, 0xD8];
        let mut segment = |marker: u8, payload: Vec<u8>| {
            file.extend([0xFF, marker]);
            file.extend((payload.len() as u16 + 2).to_be_bytes());
            file.extend(payload);
        };
        segment(0xE3, words(&self.counts));
        segment(0xE4, app4);
        segment(0xE5, words(&app5));
        if let Some(app7) = &self.app7 {
            segment(0xE7, app7.clone());
        }
        file.extend([0xFF, 0xDA, 0, 2]);
        file
    }

    pub(super) fn decode(&self, overrides: Overrides) -> Result<Decoded, Fault> {
        decode(&self.bytes(), overrides).expect("a tagged file is DJI's")
    }
}

pub(super) fn decode(bytes: &[u8], overrides: Overrides) -> Option<Result<Decoded, Fault>> {
    let options = ReadOptions { overrides, ..ReadOptions::default() };
    decode_jpeg(bytes, &jpeg::segments(bytes), &options)
}

/// Value and source of a parameter.
pub(super) fn parameter(decoded: &Decoded, name: &str) -> Option<(f64, ParameterSource)> {
    let found = decoded.parameters.values.iter().find(|used| used.name == name);
    found.map(|used| (used.value, used.source))
}
