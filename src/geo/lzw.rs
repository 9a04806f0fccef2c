//! Tiles packed with LZW that the right edge of a model cuts.
//!
//! The `tiff` crate (0.11.3) reads such tiles row by row and skips what lies beyond the edge. Its
//! LZW reader takes "no progress" for the end of the data, which `weezl` also says with the last
//! bytes that it had held back, so that some sound tiles are refused ("no lzw end code found").
//! Here a tile is unpacked in one piece.

use std::io::{Read, Seek, SeekFrom};

use tiff::decoder::{ChunkType, Decoder};
use tiff::tags::{ByteOrder, Tag};
use weezl::BitOrder;

use super::terrain::Error;

/// TIFF 6.0, section 13.
const LZW: u32 = 5;

/// What is needed to unpack a tile.
#[derive(Debug)]
pub(super) struct LzwTiles {
    offsets: Vec<u64>,
    lengths: Vec<u64>,
    order: ByteOrder,
    columns: usize,
    rows: usize,
    predictor: Predictor,
    sample: SampleKind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Predictor {
    None,
    Horizontal,
    FloatingPoint,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum SampleKind {
    Unsigned(u32),
    Signed(u32),
    Float32,
    Float64,
}

impl SampleKind {
    fn bytes(self) -> usize {
        match self {
            Self::Unsigned(bits) | Self::Signed(bits) => bits as usize / 8,
            Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }

    fn height(self, word: u64) -> f32 {
        match self {
            Self::Unsigned(_) => word as f32,
            Self::Signed(bits) => {
                let unused = 64 - bits;
                (((word << unused) as i64) >> unused) as f32
            }
            Self::Float32 => f32::from_bits(word as u32),
            Self::Float64 => f64::from_bits(word) as f32,
        }
    }
}

impl LzwTiles {
    /// `None` unless the model is in tiles of one value a post that are packed with LZW, each of
    /// `largest_bytes` at most.
    pub(super) fn of<R: Read + Seek>(
        decoder: &mut Decoder<R>,
        largest_bytes: usize,
    ) -> Result<Option<Self>, Error> {
        let number = |decoder: &mut Decoder<R>, tag, unless_told| -> Result<u32, Error> {
            Ok(decoder.find_tag_unsigned(tag)?.unwrap_or(unless_told))
        };
        let compression = number(decoder, Tag::Compression, 1)?;
        if compression != LZW || decoder.get_chunk_type() != ChunkType::Tile {
            return Ok(None);
        }
        let predictor = match number(decoder, Tag::Predictor, 1)? {
            1 => Predictor::None,
            2 => Predictor::Horizontal,
            3 => Predictor::FloatingPoint,
            _ => return Ok(None),
        };
        let bits = number(decoder, Tag::BitsPerSample, 1)?;
        let sample = match (number(decoder, Tag::SampleFormat, 1)?, bits) {
            (1, 8 | 16 | 32) => SampleKind::Unsigned(bits),
            (2, 8 | 16 | 32) => SampleKind::Signed(bits),
            (3, 32) => SampleKind::Float32,
            (3, 64) => SampleKind::Float64,
            _ => return Ok(None),
        };
        let (columns, rows) = decoder.chunk_dimensions();
        let (columns, rows) = (columns as usize, rows as usize);
        let bytes = columns.checked_mul(rows).and_then(|posts| posts.checked_mul(sample.bytes()));
        let (Some(offsets), Some(lengths)) =
            (decoder.find_tag(Tag::TileOffsets)?, decoder.find_tag(Tag::TileByteCounts)?)
        else {
            return Ok(None);
        };
        if bytes.is_none_or(|bytes| bytes > largest_bytes || bytes == 0) {
            return Ok(None);
        }
        let (offsets, lengths) = (offsets.into_u64_vec()?, lengths.into_u64_vec()?);
        let order = decoder.byte_order();
        Ok(Some(Self { offsets, lengths, order, columns, rows, predictor, sample }))
    }

    /// Whether a tile of which this many columns lie on the model is one that the edge cuts.
    pub(super) fn is_cut(&self, columns: u32) -> bool {
        (columns as usize) < self.columns
    }

    /// The first `columns` of the first `rows` of a tile; `None` where it is damaged.
    pub(super) fn read<R: Read + Seek>(
        &self,
        source: &mut R,
        index: u32,
        columns: u32,
        rows: u32,
    ) -> Option<Vec<f32>> {
        let (columns, rows) = (columns as usize, rows as usize);
        if columns > self.columns || rows > self.rows {
            return None;
        }
        let offset = *self.offsets.get(index as usize)?;
        let length = *self.lengths.get(index as usize)?;
        source.seek(SeekFrom::Start(offset)).ok()?;
        let row_bytes = self.columns * self.sample.bytes();
        // A code is at most 12 bits and gives a byte or more; clear codes and the end come on top.
        let most = 2 * (row_bytes as u64) * (self.rows as u64) + 64;
        let mut packed = Vec::new();
        source.take(length.min(most)).read_to_end(&mut packed).ok()?;
        let bytes = unpacked(&packed, row_bytes * rows)?;
        let mut heights = Vec::with_capacity(columns * rows);
        let mut words = vec![0; self.columns];
        let mut row_copy = vec![0; row_bytes];
        for row in bytes.chunks_exact(row_bytes) {
            row_copy.copy_from_slice(row);
            self.words(&mut row_copy, &mut words);
            heights.extend(words.iter().take(columns).map(|&word| self.sample.height(word)));
        }
        Some(heights)
    }

    /// The values of one row of a tile, its predictor undone (TIFF 6.0, section 14; Adobe Photoshop
    /// TIFF Technical Note 3).
    fn words(&self, row: &mut [u8], words: &mut [u64]) {
        let size = self.sample.bytes();
        if self.predictor == Predictor::FloatingPoint {
            let mut sum = 0_u8;
            for byte in row.iter_mut() {
                sum = sum.wrapping_add(*byte);
                *byte = sum;
            }
            // The bytes of all values, most significant ones first.
            let planes: Vec<&[u8]> = row.chunks_exact(self.columns).collect();
            for (at, word) in words.iter_mut().enumerate() {
                let bytes = planes.iter().filter_map(|plane| plane.get(at));
                *word = bytes.fold(0, |word, &byte| word << 8 | u64::from(byte));
            }
            return;
        }
        let mask = u64::MAX >> (64 - 8 * size);
        let mut sum = 0_u64;
        for (bytes, word) in row.chunks_exact(size).zip(words.iter_mut()) {
            let fold = |word: u64, &byte: &u8| word << 8 | u64::from(byte);
            let value = match self.order {
                ByteOrder::LittleEndian => bytes.iter().rev().fold(0, fold),
                ByteOrder::BigEndian => bytes.iter().fold(0, fold),
            };
            sum = if self.predictor == Predictor::None { value } else { sum.wrapping_add(value) };
            *word = sum & mask;
        }
    }
}

/// The first `length` bytes of what is packed; `None` where it is damaged or has fewer.
fn unpacked(packed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let mut bytes = vec![0; length];
    let (mut read, mut written) = (0, 0);
    while written < length {
        let result = decoder.decode_bytes(packed.get(read..)?, bytes.get_mut(written..)?);
        result.status.ok()?;
        if result.consumed_in == 0 && result.consumed_out == 0 {
            return None;
        }
        read += result.consumed_in;
        written += result.consumed_out;
    }
    Some(bytes)
}
