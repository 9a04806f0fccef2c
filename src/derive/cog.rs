//! Cloud-optimised GeoTIFF: tiles of 32-bit floats, overviews, and the directories before the
//! pixels.
//!
//! Source: TIFF 6.0; OGC 19-008r4 (GeoTIFF 1.1) for the keys; OGC 21-026 (COG) for the order:
//! directories first, the finest level's first, then pixels, the coarsest level's first. Where each
//! tile will lie is only known when all are compressed, so compressed tiles wait in the output
//! itself and the directories' room before them is reserved at its full size.

use std::io::{Seek, SeekFrom, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::Error;

/// Columns and rows of a tile.
pub(super) const TILE_PX: u32 = 256;

/// Where pixels lie: longitude and latitude in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    pub(super) west_deg: f64,
    pub(super) north_deg: f64,
    pub(super) step_lon_deg: f64,
    pub(super) step_lat_deg: f64,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Grid {
    pub(super) fn tiles_across(&self) -> u32 {
        self.width.div_ceil(TILE_PX)
    }

    pub(super) fn tiles_down(&self) -> u32 {
        self.height.div_ceil(TILE_PX)
    }

    pub(super) fn tiles(&self) -> u64 {
        u64::from(self.tiles_across()) * u64::from(self.tiles_down())
    }

    pub(super) fn lon_deg(&self, x: f64) -> f64 {
        self.west_deg + x * self.step_lon_deg
    }

    pub(super) fn lat_deg(&self, y: f64) -> f64 {
        self.north_deg - y * self.step_lat_deg
    }
}

/// A level of the pyramid.
#[derive(Debug)]
struct Level {
    width: u32,
    height: u32,
    /// Offset and length of each tile, row by row; a tile without any value has none of both.
    tiles: Vec<(u64, u64)>,
    /// The two rows of tiles, at most, from which the next level's row is made.
    waiting: Vec<Vec<f32>>,
}

impl Level {
    fn across(&self) -> u32 {
        self.width.div_ceil(TILE_PX)
    }

    fn count(&self) -> usize {
        self.across() as usize * self.height.div_ceil(TILE_PX) as usize
    }
}

/// Being written: tiles come row by row.
pub(super) struct Cog<'o, O> {
    out: &'o mut O,
    grid: Grid,
    levels: Vec<Level>,
    at: u64,
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn failed(error: std::io::Error) -> Error {
    Error::Raster(error.to_string())
}

impl<'o, O: Write + Seek> Cog<'o, O> {
    pub(super) fn new(out: &'o mut O, grid: Grid) -> Result<Self, Error> {
        let mut levels = Vec::new();
        let (mut width, mut height) = (grid.width, grid.height);
        loop {
            levels.push(Level { width, height, tiles: Vec::new(), waiting: Vec::new() });
            if width <= TILE_PX && height <= TILE_PX {
                break;
            }
            (width, height) = (width.div_ceil(2), height.div_ceil(2));
        }
        let mut cog = Self { out, grid, levels, at: 0 };
        cog.at = cog.head().len() as u64;
        cog.out.seek(SeekFrom::Start(cog.at)).map_err(failed)?;
        Ok(cog)
    }

    /// The next tile of the finest level.
    pub(super) fn add(&mut self, tile: &[f32]) -> Result<(), Error> {
        self.add_to(0, tile.to_vec())
    }

    fn add_to(&mut self, number: usize, tile: Vec<f32>) -> Result<(), Error> {
        let place = self.keep(&tile)?;
        let is_last = number + 1 == self.levels.len();
        let level = &mut self.levels[number];
        level.tiles.push(place);
        if is_last {
            return Ok(());
        }
        level.waiting.push(tile);
        let (across, is_whole) = (level.across() as usize, level.tiles.len() == level.count());
        if level.waiting.len() < 2 * across && !(is_whole && level.waiting.len() >= across) {
            return Ok(());
        }
        let rows = std::mem::take(&mut level.waiting);
        for pair in 0..across.div_ceil(2) {
            let quarter = |right: usize, below: usize| {
                let at = 2 * pair + right;
                rows.get(below * across + at).filter(|_| at < across).map(Vec::as_slice)
            };
            let four = [quarter(0, 0), quarter(1, 0), quarter(0, 1), quarter(1, 1)];
            self.add_to(number + 1, halved(four))?;
        }
        Ok(())
    }

    /// Compresses a tile and writes it; a tile without a value takes no room (GDAL reads a length
    /// of zero as no value).
    fn keep(&mut self, tile: &[f32]) -> Result<(u64, u64), Error> {
        if tile.iter().all(|value| value.is_nan()) {
            return Ok((0, 0));
        }
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        let bytes: Vec<u8> = tile.iter().flat_map(|value| value.to_le_bytes()).collect();
        encoder.write_all(&bytes).map_err(failed)?;
        let bytes = encoder.finish().map_err(failed)?;
        self.out.write_all(&bytes).map_err(failed)?;
        let place = (self.at, bytes.len() as u64);
        self.at += place.1;
        Ok(place)
    }

    /// Writes the directories into the room before the tiles.
    pub(super) fn finish(self) -> Result<(), Error> {
        let head = self.head();
        self.out.seek(SeekFrom::Start(0)).map_err(failed)?;
        self.out.write_all(&head).map_err(failed)?;
        self.out.flush().map_err(failed)
    }

    /// Header and all directories, in BigTIFF (its lengths do not depend on where tiles lie).
    fn head(&self) -> Vec<u8> {
        let mut head = vec![b'I', b'I', 43, 0, 8, 0, 0, 0];
        head.extend(16_u64.to_le_bytes());
        for (number, level) in self.levels.iter().enumerate() {
            let is_last = number + 1 == self.levels.len();
            directory(&mut head, &self.fields(number, level), is_last);
        }
        head
    }

    fn fields(&self, number: usize, level: &Level) -> Vec<Field> {
        let mut places = level.tiles.clone();
        places.resize(level.count(), (0, 0));
        let mut fields = vec![
            // A reduced version of another picture (TIFF 6.0, NewSubfileType).
            Field::long(254, &[u64::from(number > 0)]),
            Field::long(256, &[u64::from(level.width)]),
            Field::long(257, &[u64::from(level.height)]),
            Field::short(258, &[32]),
            Field::short(259, &[8]), // zlib (Adobe's technote 2)
            Field::short(262, &[1]),
            Field::short(277, &[1]),
            Field::short(284, &[1]),
            Field::long(322, &[u64::from(TILE_PX)]),
            Field::long(323, &[u64::from(TILE_PX)]),
            Field::long8(324, &places.iter().map(|place| place.0).collect::<Vec<_>>()),
            Field::long8(325, &places.iter().map(|place| place.1).collect::<Vec<_>>()),
            Field::short(339, &[3]), // IEEE floats
        ];
        if number == 0 {
            let grid = &self.grid;
            fields.push(Field::double(33_550, &[grid.step_lon_deg, grid.step_lat_deg, 0.0]));
            fields
                .push(Field::double(33_922, &[0.0, 0.0, 0.0, grid.west_deg, grid.north_deg, 0.0]));
            // Version 1.1.1 with three keys: geographic, pixels are areas, EPSG:4326.
            let keys = [1, 1, 1, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326];
            fields.push(Field::short(34_735, &keys));
            let items = "<GDALMetadata>\n  <Item name=\"DESCRIPTION\" sample=\"0\" \
                role=\"description\">temperature</Item>\n  <Item name=\"UNITTYPE\" sample=\"0\" \
                role=\"unittype\">°C</Item>\n</GDALMetadata>\n";
            fields.push(Field::text(42_112, items));
        }
        fields.push(Field::text(42_113, "nan"));
        fields
    }
}

/// A tile of the next level: means of four pixels, of those that have a value.
fn halved(four: [Option<&[f32]>; 4]) -> Vec<f32> {
    let side = TILE_PX as usize;
    let half = side / 2;
    let mut tile = vec![f32::NAN; side * side];
    for (number, quarter) in four.into_iter().enumerate() {
        let Some(quarter) = quarter else { continue };
        let (left, top) = (half * (number % 2), half * (number / 2));
        for y in 0..half {
            for x in 0..half {
                let first = 2 * y * side + 2 * x;
                let values = [first, first + 1, first + side, first + side + 1];
                let known = values.map(|at| quarter[at]).into_iter().filter(|v| !v.is_nan());
                let (sum, count) = known.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
                // Without any value zero by zero: NaN.
                tile[(top + y) * side + left + x] = sum / count;
            }
        }
    }
    tile
}

/// An entry of a directory: tag, type, count and bytes.
struct Field {
    tag: u16,
    kind: u16,
    count: u64,
    bytes: Vec<u8>,
}

impl Field {
    fn short(tag: u16, values: &[u16]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { tag, kind: 3, count: values.len() as u64, bytes }
    }

    /// Of numbers that fit 32 bits.
    fn long(tag: u16, values: &[u64]) -> Self {
        let bytes = values.iter().flat_map(|value| (*value as u32).to_le_bytes()).collect();
        Self { tag, kind: 4, count: values.len() as u64, bytes }
    }

    fn long8(tag: u16, values: &[u64]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { tag, kind: 16, count: values.len() as u64, bytes }
    }

    fn double(tag: u16, values: &[f64]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { tag, kind: 12, count: values.len() as u64, bytes }
    }

    fn text(tag: u16, text: &str) -> Self {
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0);
        Self { tag, kind: 2, count: bytes.len() as u64, bytes }
    }
}

/// Adds a directory at the end, its values behind it where they do not fit into the entry.
fn directory(head: &mut Vec<u8>, fields: &[Field], is_last: bool) {
    let start = head.len() as u64;
    let behind = start + 8 + 20 * fields.len() as u64 + 8;
    let mut values = Vec::new();
    head.extend((fields.len() as u64).to_le_bytes());
    for field in fields {
        head.extend(field.tag.to_le_bytes());
        head.extend(field.kind.to_le_bytes());
        head.extend(field.count.to_le_bytes());
        if field.bytes.len() <= 8 {
            let mut bytes = field.bytes.clone();
            bytes.resize(8, 0);
            head.extend(bytes);
        } else {
            head.extend((behind + values.len() as u64).to_le_bytes());
            values.extend(&field.bytes);
            values.resize(values.len().next_multiple_of(8), 0);
        }
    }
    let next = if is_last { 0 } else { behind + values.len() as u64 };
    head.extend(next.to_le_bytes());
    head.extend(values);
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tiff::decoder::{Decoder, DecodingResult};

    use super::*;

    #[test]
    fn what_is_written_is_read_back_by_another_reader_and_halved_by_means() {
        let grid = Grid {
            west_deg: 5.0,
            north_deg: 52.0,
            step_lon_deg: 1e-6,
            step_lat_deg: 1e-6,
            width: 300,
            height: 520,
        };
        let write = || {
            let mut out = Cursor::new(Vec::new());
            let mut cog = Cog::new(&mut out, grid).unwrap();
            for number in 0..grid.tiles() {
                cog.add(&vec![number as f32; (TILE_PX * TILE_PX) as usize]).unwrap();
            }
            cog.finish().unwrap();
            out.into_inner()
        };
        let bytes = write();
        assert_eq!(bytes, write());
        let mut decoder = Decoder::new(Cursor::new(bytes)).unwrap();
        assert_eq!(decoder.dimensions().unwrap(), (300, 520));
        let DecodingResult::F32(all) = decoder.read_image().unwrap() else { unreachable!() };
        assert_eq!((all[0], all[299], all[300 * 519]), (0.0, 1.0, 4.0));
        decoder.next_image().unwrap();
        assert_eq!(decoder.dimensions().unwrap(), (150, 260));
        let DecodingResult::F32(half) = decoder.read_image().unwrap() else { unreachable!() };
        assert_eq!((half[0], half[149], half[150 * 259]), (0.0, 1.0, 4.0));
        decoder.next_image().unwrap();
        assert_eq!(decoder.dimensions().unwrap(), (75, 130));
        assert!(!decoder.more_images());
    }
}
