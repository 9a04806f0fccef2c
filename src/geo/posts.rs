//! The posts of an elevation model, read chunk by chunk as they are needed.

use std::collections::HashMap;
use std::fmt;
use std::io::{Read, Seek};
use std::sync::{Arc, Mutex, PoisonError};

use tiff::ColorType;
use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use super::lzw::LzwTiles;
use super::terrain::Error;

/// Largest strip or tile in bytes; four of them may be held at once.
const LARGEST_CHUNK_BYTES: usize = 64 << 20;
/// Decoded posts that are kept, as far as they are more than four chunks.
const KEPT_BYTES: usize = 64 << 20;
/// A place that is no further outside counts as inside, so that between tiles there is no gap.
const ROUNDING_POSTS: f64 = 1e-6;
/// Strips of fewer rows are read together.
const BLOCK_ROWS: u32 = 64;
/// Heights above this many metres are no heights on earth but marks for "none": Everest with some
/// room.
const HIGHEST_M: f64 = 9_500.0;
/// So are those below this, in the file's own unit: in metres the Challenger Deep with some room,
/// in feet still far below any land, and -32768, the mark of 16-bit models, is one in both.
const LOWEST: f32 = -12_000.0;

/// A file or bytes.
pub(super) trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// What a model has at a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sample {
    /// A height in the file's unit, and its gradient a column and a row.
    Height { value: f64, by_column: f64, by_row: f64 },
    /// No height there.
    Void,
    /// The file is damaged there.
    Unreadable,
    /// Not on the model.
    Outside,
}

/// Heights row by row, NaN where there is none, and the highest of them.
#[derive(Debug)]
struct Block {
    heights: Vec<f32>,
    highest: f32,
    /// Whether every post has a height.
    full: bool,
}

/// What is known of the ground around a place without a look at it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ceiling {
    /// No post around is higher, in the file's unit.
    pub(super) highest: f64,
    /// Whether all of them have a height.
    pub(super) full: bool,
}

/// Blocks that are kept, of one model or of several that are used together.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<KeptBlocks>);

#[derive(Debug, Default)]
struct KeptBlocks {
    /// By model and block; with the number of the last use.
    chunks: HashMap<(u32, u32), (Chunk, u64)>,
    bytes: usize,
    uses: u64,
}

impl Kept {
    fn get(&self, key: (u32, u32)) -> Option<Chunk> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let now = kept.uses;
        let (chunk, used) = kept.chunks.get_mut(&key)?;
        *used = now;
        Some(chunk.clone())
    }

    fn put(&self, key: (u32, u32), chunk: &Chunk) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += size(chunk);
        let now = kept.uses;
        kept.chunks.insert(key, (chunk.clone(), now));
        while kept.bytes > KEPT_BYTES && kept.chunks.len() > 4 {
            kept.forget_oldest();
        }
    }
}

impl KeptBlocks {
    fn forget_oldest(&mut self) {
        let oldest = self.chunks.iter().min_by_key(|(_, (_, used))| *used).map(|(&key, _)| key);
        if let Some((chunk, _)) = oldest.and_then(|key| self.chunks.remove(&key)) {
            self.bytes -= size(&chunk);
        }
    }
}

type Chunk = Option<Arc<Block>>;

/// A grid of heights in a file.
pub(super) struct Posts {
    pub(super) columns: u32,
    pub(super) rows: u32,
    chunk_columns: u32,
    chunk_rows: u32,
    chunks_across: u32,
    /// Strips that are read together: many files have one row a strip.
    strips: u32,
    /// How far outside the outermost posts a sample still counts, in posts.
    margin: f64,
    /// Number of the model among those that `kept` serves.
    number: u32,
    kept: Arc<Kept>,
    store: Mutex<Store>,
}

struct Store {
    decoder: Decoder<Box<dyn Source>>,
    nodata: Option<f32>,
    metres_per_unit: f64,
    /// Of every strip or tile in the file, whether it was left out: all its posts are "none".
    left_out: Vec<bool>,
    lzw: Option<LzwTiles>,
}

impl fmt::Debug for Posts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} posts", self.columns, self.rows)
    }
}

/// A TIFF whose allocations are bounded.
pub(super) fn decoder(source: Box<dyn Source>) -> Result<Decoder<Box<dyn Source>>, Error> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = LARGEST_CHUNK_BYTES;
    limits.intermediate_buffer_size = LARGEST_CHUNK_BYTES;
    Ok(Decoder::new(source)?.with_limits(limits))
}

impl Posts {
    /// `area`: whether a post stands for the area around it.
    pub(super) fn new(
        mut decoder: Decoder<Box<dyn Source>>,
        area: bool,
        metres_per_unit: f64,
    ) -> Result<Self, Error> {
        let (columns, rows) = decoder.dimensions()?;
        if !matches!(decoder.colortype()?, ColorType::Gray(8 | 16 | 32 | 64)) {
            return Err(Error::Unsupported("more than one value a pixel".to_owned()));
        }
        if columns < 2 || rows < 2 {
            return Err(Error::Unsupported(format!("a model of {columns} x {rows} posts")));
        }
        let nodata = decoder
            .find_tag(Tag::GdalNodata)?
            .and_then(|value| value.into_string().ok())
            .and_then(|text| text.trim_matches(['\0', ' ']).parse::<f64>().ok())
            .map(|value| value as f32);
        let (chunk_columns, chunk_rows) = decoder.chunk_dimensions();
        if chunk_columns == 0 || chunk_rows == 0 {
            return Err(Error::Unsupported("tiles of no size".to_owned()));
        }
        let chunk_bytes = u64::from(chunk_columns).saturating_mul(u64::from(chunk_rows) * 4);
        if chunk_bytes > LARGEST_CHUNK_BYTES as u64 {
            let (megabytes, most) = (chunk_bytes >> 20, LARGEST_CHUNK_BYTES >> 20);
            let what = format!("strips or tiles of {megabytes} MB ({most} MB at most; tile it)");
            return Err(Error::Unsupported(what));
        }
        let chunks_across = columns.div_ceil(chunk_columns);
        let strip_bytes = u64::from(columns) * u64::from(chunk_rows) * 4;
        let fitting = LARGEST_CHUNK_BYTES as u64 / strip_bytes;
        let wanted = u64::from(BLOCK_ROWS.div_ceil(chunk_rows)).min(fitting).max(1);
        let strips = if chunks_across == 1 { wanted as u32 } else { 1 };
        let left_out = left_out(&mut decoder)?;
        let lzw = LzwTiles::of(&mut decoder, LARGEST_CHUNK_BYTES)?;
        let store = Store { decoder, nodata, metres_per_unit, left_out, lzw };
        Ok(Self {
            columns,
            rows,
            chunk_columns,
            chunk_rows: chunk_rows.saturating_mul(strips),
            chunks_across,
            strips,
            margin: if area { 0.5 } else { 0.0 } + ROUNDING_POSTS,
            number: 0,
            kept: Arc::default(),
            store: Mutex::new(store),
        })
    }

    /// A reader with a memory of its own for the chunk that it read last.
    pub(super) fn reader(&self) -> PostReader<'_> {
        PostReader { posts: self, last: None }
    }

    /// Keeps blocks together with other models', of which this one is the `number`th.
    pub(super) fn share(&mut self, kept: &Arc<Kept>, number: u32) {
        self.kept = Arc::clone(kept);
        self.number = number;
    }

    fn chunk(&self, index: u32) -> Chunk {
        // One at a time, so that no block is read twice.
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (self.number, index);
        if let Some(chunk) = self.kept.get(key) {
            return chunk;
        }
        let chunk = store.read(index, self.strips);
        self.kept.put(key, &chunk);
        chunk
    }
}

/// Of every strip or tile, whether the file has no bytes for it: writers of sparse files leave out
/// those without heights (length 0, GDAL's `SPARSE_OK`).
fn left_out(decoder: &mut Decoder<Box<dyn Source>>) -> Result<Vec<bool>, Error> {
    let (count, lengths) = match decoder.get_chunk_type() {
        ChunkType::Strip => (decoder.strip_count()?, Tag::StripByteCounts),
        ChunkType::Tile => (decoder.tile_count()?, Tag::TileByteCounts),
    };
    let lengths = decoder.find_tag(lengths)?.map(|value| value.into_u64_vec()).transpose()?;
    let mut left_out: Vec<bool> =
        lengths.unwrap_or_default().iter().map(|&length| length == 0).collect();
    left_out.resize(count as usize, false);
    Ok(left_out)
}

impl Store {
    /// A block of one tile or of some strips; `None` where the file is damaged.
    fn read(&mut self, index: u32, strips: u32) -> Chunk {
        let first = index.checked_mul(strips)?;
        let mut heights = self.read_one(first)?;
        for strip in 1..strips {
            // The last block has fewer strips.
            let Some(more) = self.read_one(first.checked_add(strip)?) else { break };
            heights.extend(more);
        }
        let highest = heights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let full = !heights.iter().any(|height| height.is_nan());
        Some(Arc::new(Block { heights, highest, full }))
    }

    fn read_one(&mut self, index: u32) -> Option<Vec<f32>> {
        if *self.left_out.get(index as usize)? {
            let (columns, rows) = self.size_of(index)?;
            return Some(vec![f32::NAN; columns as usize * rows as usize]);
        }
        let heights = match self.cut_lzw_tile(index) {
            Some(heights) => heights?,
            None => self.read_with_crate(index)?,
        };
        let known = |height: f32| {
            height >= LOWEST
                && f64::from(height) * self.metres_per_unit <= HIGHEST_M
                && Some(height) != self.nodata
        };
        Some(heights.into_iter().map(|h| if known(h) { h } else { f32::NAN }).collect())
    }

    /// `None` for what the crate reads well.
    fn cut_lzw_tile(&mut self, index: u32) -> Option<Option<Vec<f32>>> {
        self.lzw.as_ref()?;
        let (columns, rows) = self.size_of(index)?;
        let lzw = self.lzw.as_ref().filter(|lzw| lzw.is_cut(columns))?;
        Some(lzw.read(self.decoder.inner(), index, columns, rows))
    }

    fn read_with_crate(&mut self, index: u32) -> Option<Vec<f32>> {
        Some(match self.decoder.read_chunk(index).ok()? {
            DecodingResult::U8(v) => v.into_iter().map(f32::from).collect(),
            DecodingResult::I8(v) => v.into_iter().map(f32::from).collect(),
            DecodingResult::U16(v) => v.into_iter().map(f32::from).collect(),
            DecodingResult::I16(v) => v.into_iter().map(f32::from).collect(),
            DecodingResult::U32(v) => v.into_iter().map(|v| v as f32).collect(),
            DecodingResult::I32(v) => v.into_iter().map(|v| v as f32).collect(),
            DecodingResult::F32(v) => v,
            DecodingResult::F64(v) => v.into_iter().map(|v| v as f32).collect(),
            _ => return None,
        })
    }

    /// Columns and rows of a strip or tile, as far as they lie on the model.
    fn size_of(&mut self, index: u32) -> Option<(u32, u32)> {
        let (columns, rows) = self.decoder.dimensions().ok()?;
        let (across, down) = self.decoder.chunk_dimensions();
        let in_a_row = columns.div_ceil(across);
        let left = (index % in_a_row).checked_mul(across)?;
        let top = (index / in_a_row).checked_mul(down)?;
        Some((across.min(columns.checked_sub(left)?), down.min(rows.checked_sub(top)?)))
    }
}

fn size(chunk: &Chunk) -> usize {
    chunk.as_ref().map_or(0, |block| size_of_val(&block.heights[..]))
}

/// The surface between the posts north-west, north-east, south-west and south-east, `u` columns and
/// `v` rows from the first.
pub(super) fn bilinear(corners: [f32; 4], u: f64, v: f64) -> Sample {
    let [nw, ne, sw, se] = corners.map(f64::from);
    let (upper, lower) = (nw + (ne - nw) * u, sw + (se - sw) * u);
    let value = upper + (lower - upper) * v;
    if value.is_nan() {
        return Sample::Void;
    }
    Sample::Height {
        value,
        by_column: (ne - nw) * (1.0 - v) + (se - sw) * v,
        by_row: lower - upper,
    }
}

/// Reads posts, and asks the store only when the chunk changes.
pub(super) struct PostReader<'a> {
    posts: &'a Posts,
    last: Option<(u32, u32, u32, Arc<Block>)>,
}

impl PostReader<'_> {
    /// The bilinear surface at a column and row.
    pub(super) fn sample(&mut self, column: f64, row: f64) -> Sample {
        let (columns, rows) = (self.posts.columns, self.posts.rows);
        let margin = self.posts.margin;
        let right = f64::from(columns - 1);
        let bottom = f64::from(rows - 1);
        let inside = (-margin..=right + margin).contains(&column)
            && (-margin..=bottom + margin).contains(&row);
        if !inside {
            return Sample::Outside;
        }
        let (column, row) = (column.clamp(0.0, right), row.clamp(0.0, bottom));
        let west = (column as u32).min(columns - 2);
        let north = (row as u32).min(rows - 2);
        let (u, v) = (column - f64::from(west), row - f64::from(north));
        let Some(corners) = self.corners(west, north) else {
            return Sample::Unreadable;
        };
        bilinear(corners, u, v)
    }

    /// What the block that was read last says, if a place lies between posts of that block alone;
    /// `None` also where the block has no height at all.
    pub(super) fn ceiling(&self, column: f64, row: f64) -> Option<Ceiling> {
        let (left, top, across, block) = self.last.as_ref()?;
        let rows = block.heights.len() / *across as usize;
        let right = f64::from(*left) + f64::from(*across) - 1.0;
        let bottom = f64::from(*top) + rows as f64 - 1.0;
        let inside = (f64::from(*left)..=right).contains(&column)
            && (f64::from(*top)..=bottom).contains(&row);
        let highest = f64::from(block.highest);
        (inside && block.highest > f32::NEG_INFINITY)
            .then_some(Ceiling { highest, full: block.full })
    }

    /// Four posts around; `None` where the file is damaged.
    fn corners(&mut self, west: u32, north: u32) -> Option<[f32; 4]> {
        if let Some((left, top, across, block)) = &self.last
            && west >= *left
            && north >= *top
            && west - left + 1 < *across
        {
            let across = *across as usize;
            let at = (north - top) as usize * across + (west - left) as usize;
            let heights = &block.heights;
            if let Some(lower) = heights.get(at + across..at + across + 2) {
                return Some([heights[at], heights[at + 1], lower[0], lower[1]]);
            }
        }
        let mut found = [0.0; 4];
        // Backwards, so that the chunk of the first corner is the one remembered.
        for (index, (x, y)) in [(0, 0), (1, 0), (0, 1), (1, 1)].into_iter().enumerate().rev() {
            found[index] = self.post(west + x, north + y)?;
        }
        Some(found)
    }

    /// NaN where the post has no height, `None` where the file is damaged.
    pub(super) fn post(&mut self, column: u32, row: u32) -> Option<f32> {
        let posts = self.posts;
        let (x, y) = (column / posts.chunk_columns, row / posts.chunk_rows);
        let (left, top) = (x * posts.chunk_columns, y * posts.chunk_rows);
        let across = posts.chunk_columns.min(posts.columns - left);
        let known = self.last.as_ref().is_some_and(|last| (last.0, last.1) == (left, top));
        if !known {
            let index = y.checked_mul(posts.chunks_across)?.checked_add(x)?;
            let block = posts.chunk(index)?;
            self.last = Some((left, top, across, block));
        }
        let (_, _, _, block) = self.last.as_ref()?;
        let at = u64::from(row - top) * u64::from(across) + u64::from(column - left);
        block.heights.get(usize::try_from(at).ok()?).copied()
    }
}
