//! Writes seeds for the fuzz targets into `fuzz/corpus`: made ones, and those that are cut out of
//! the files of any folders that are named: `cargo run --example fuzz-seeds -- [FOLDER...]`.

#![expect(clippy::print_stdout, reason = "says what it wrote")]

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use torenvalk::case::{Case, FrameRecord, RunId, ShardResult, Skipped};
use torenvalk::sim::{FileFormat, Params, write_flight};

/// Longer files are no seeds: every mutation would cost too much.
const LONGEST: usize = 2 << 20;
/// What a fuzz target takes by default.
const SHORT: usize = 64 << 10;

fn main() -> io::Result<()> {
    let mut corpus = Corpus { root: Path::new("fuzz/corpus").to_owned(), written: 0 };
    texts(&mut corpus)?;
    for (format, width, height) in [
        (FileFormat::FlirRaw, 16, 16),
        (FileFormat::FlirPng, 16, 16),
        (FileFormat::TiffCentikelvin, 16, 16),
        (FileFormat::FlirRaw, 64, 48),
        (FileFormat::FlirPng, 64, 48),
        (FileFormat::TiffCentikelvin, 64, 48),
    ] {
        simulated(&mut corpus, format, width, height)?;
    }
    made(&mut corpus)?;
    shard(&mut corpus)?;
    for folder in std::env::args_os().skip(1) {
        files_of(&mut corpus, Path::new(&folder))?;
    }
    println!("{} seeds in {}", corpus.written, corpus.root.display());
    Ok(())
}

struct Corpus {
    root: PathBuf,
    written: usize,
}

impl Corpus {
    fn put(&mut self, target: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = self.root.join(target);
        fs::create_dir_all(&folder)?;
        // FNV-1a: the same seed gets the same name.
        let name = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        self.written += 1;
        fs::write(folder.join(format!("seed-{name:016x}")), bytes)
    }

    /// A thermal file for every target that takes it or a part of it.
    fn file(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() <= SHORT {
            self.put("read_frames", bytes)?;
            self.put("metadata", bytes)?;
        }
        if bytes.starts_with(&[0xFF, 0xD8]) {
            if bytes.len() <= SHORT {
                self.put("picture", bytes)?;
            }
            self.jpeg(bytes)?;
        } else if bytes.starts_with(b"II") || bytes.starts_with(b"MM") {
            self.put("tiff", bytes)?;
            self.put("terrain", bytes)?;
        } else if bytes.starts_with(b"FFF\0") || bytes.starts_with(b"AFF\0") {
            self.put("flir_sequence", bytes)?;
            self.blob(bytes)?;
        } else if bytes.starts_with(b"\x89PNG") {
            self.put("picture", &bytes[8..])?;
        } else {
            self.put("irg", bytes)?;
        }
        Ok(())
    }

    fn jpeg(&mut self, bytes: &[u8]) -> io::Result<()> {
        let segments = segments(bytes);
        let (mut blob, mut dji) = (Vec::new(), vec![0]);
        let mut raw = 0;
        for (marker, payload) in segments {
            if let Some(block) = payload.strip_prefix(b"Exif\0\0") {
                self.put("exif", block)?;
            } else if let Some(packet) = payload.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
                self.put("xmp", packet)?;
            } else if payload.starts_with(b"FLIR\0") {
                blob.extend(payload.get(8..).unwrap_or_default());
            } else if marker == 0xE3 {
                raw += payload.len();
            } else if (0xE2..=0xE9).contains(&marker) {
                dji.push(marker & 15);
                dji.extend((payload.len() as u16).to_le_bytes());
                dji.extend(payload);
            }
        }
        if raw > 0 {
            // As the target has it: APP3 by length and one pair of bytes, first of all, so that a
            // seed that is cut short still has it.
            let [low, high] = ((raw / 16) as u16).to_le_bytes();
            dji.splice(1..1, [15, low, high, 0x40, 0x4B]);
            self.put("dji", &dji)?;
        }
        if blob.is_empty() { Ok(()) } else { self.blob(&blob) }
    }

    /// A FLIR blob, whole, twice in a row, and its pixels.
    fn blob(&mut self, blob: &[u8]) -> io::Result<()> {
        if blob.len() <= SHORT {
            self.put("flir_jpeg", &[&[0xFF, 0x7F], blob].concat())?;
            self.put("flir_jpeg", &[&[0x40, 0x00], blob].concat())?;
            self.put("flir_sequence", &[blob, blob].concat())?;
        }
        let big = blob.get(0x14..0x16) == Some(&[0, 0]);
        let word = |at: usize| {
            let four = *blob.get(at..)?.first_chunk()?;
            Some(if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) } as usize)
        };
        let (Some(table), Some(count)) = (word(0x18), word(0x1C)) else { return Ok(()) };
        for entry in (0..count.min(64)).map(|number| table + 32 * number) {
            let is_raw =
                blob.get(entry..entry + 2).is_some_and(|k| k.contains(&1) && k.contains(&0));
            let (Some(at), Some(length)) = (word(entry + 0x0C), word(entry + 0x10)) else {
                continue;
            };
            let Some(record) = blob.get(at..at.saturating_add(length)) else { continue };
            let Some(payload) = record.get(0x20..).filter(|_| is_raw) else { continue };
            if payload.starts_with(&[0xFF, 0xD8, 0xFF]) {
                self.put("jpegls", payload)?;
            }
            let mut size: [u8; 4] = [record[2], record[3], record[4], record[5]];
            if record[0] == 0 {
                size = [size[1], size[0], size[3], size[2]];
            }
            self.put("flir_raw", &[&size[..], &[0], payload].concat())?;
        }
        Ok(())
    }
}

/// Marker and payload of the segments before a JPEG's picture.
fn segments(bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) = bytes.get(at..).and_then(|b| b.first_chunk()) {
        let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
        let Some(payload) = bytes.get(at + 4..end) else { break };
        if marker == 0xDA {
            break;
        }
        found.push((marker, payload));
        at = end;
    }
    found
}

fn simulated(corpus: &mut Corpus, format: FileFormat, width: u32, height: u32) -> io::Result<()> {
    let site = torenvalk::site::example().map_err(io::Error::other)?;
    let mut params = Params { format, ..Params::default() };
    (params.camera.width_px, params.camera.height_px) = (width, height);
    params.camera.focal_length_mm = 1.0;
    (params.flight.altitude_m, params.flight.overlap_front) = (300.0, 0.0);
    params.flight.overlap_side = 0.0;
    let folder = tempfile::tempdir()?;
    write_flight(&site, &params, folder.path())?;
    let mut files: Vec<_> = fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|end| end != "json"));
    files.iter().take(2).try_for_each(|file| corpus.file(&fs::read(file)?))
}

fn texts(corpus: &mut Corpus) -> io::Result<()> {
    corpus.put("site_toml", include_bytes!("../missions/kestrel-works/site.toml"))?;
    corpus.put("site_geojson", include_bytes!("../missions/kestrel-works/site.geojson"))?;
    let kml = b"\0<kml><Folder><name>area</name><Placemark><Polygon><outerBoundaryIs><LinearRing>\
        <coordinates>5,52 5.1,52 5.1,52.1 5,52</coordinates></LinearRing></outerBoundaryIs></Polygon>\
        </Placemark></Folder></kml>";
    corpus.put("site_files", kml)?;
    corpus.put(
        "mission",
        b"<gpx><rte><rtept lat=\"52\" lon=\"5\"><ele>40</ele></rtept></rte></gpx>",
    )?;
    corpus.put("track_csv", b"1,2025-01-17T10:00:00Z,52,5,40,1,2,3,10,-90,1,0,0,1\n")?;
    corpus.put("gpx", b"<trkpt lat=\"52\" lon=\"5.1\"><ele>4</ele><fix>3d</fix></trkpt>")?;
    corpus.put(
        "evaluate",
        b"\0file,polarity,x_px,y_px,radius_px,delta_k,role\na.tif,hot,9,9,4,2,\n",
    )?;
    corpus.put("evaluate", b"\0file;left_px;top_px;width_px;height_px;class\na.tif;8;8;4;4;x\n")?;
    let coco = "\u{1}{\"images\":[{\"id\":1,\"file_name\":\"a.tif\"}],\"annotations\":[{\"image_id\":1,\
        \"category_id\":1,\"bbox\":[8,8,4,4],\"iscrowd\":0}],\"categories\":[]}";
    corpus.put("evaluate", coco.as_bytes())?;
    corpus.put("evaluate", b"\x020 0.5 0.5 0.1 0.1\n1 0.1 0.2 0.3 0.2 0.2 0.6\n")?;
    let line = "\u{3}{\"file\":\"a.tif\",\"width\":640,\"height\":512,\"detections\":[{\"polarity\":\
        \"hot\",\"x_px\":10,\"y_px\":10,\"score\":0.9,\"delta_k\":2}]}";
    corpus.put("evaluate", line.as_bytes())?;
    let table = include_str!("../src/capture/cameras.toml");
    corpus.put("camera_table", table.as_bytes())?;
    corpus.put("kind_table", include_bytes!("../src/fuse/kinds.toml"))?;
    let second = table.match_indices("[[camera]]").nth(1).map_or(table.len(), |(at, _)| at);
    corpus.put("camera_table", &table.as_bytes()[..second])
}

/// Small things that no simulated flight holds.
fn made(corpus: &mut Corpus) -> io::Result<()> {
    let mut noise = Noise(7);
    for target in ["detect", "locate", "pose"] {
        for _ in 0..24 {
            corpus.put(target, &noise.bytes(600))?;
        }
    }
    for (precision, near) in [(8_u8, 0_u8), (14, 0), (16, 0), (12, 3)] {
        let restart = [0xFF, 0xDD, 0, 4, 0, 2];
        let mut picture =
            vec![0xFF, 0xD8, 0xFF, 0xF7, 0, 11, precision, 0, 8, 0, 12, 1, 1, 0x11, 0];
        if near > 0 {
            picture.extend(restart);
        }
        picture.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, near, 0, 0]);
        picture.extend(noise.bytes(256).into_iter().map(|byte| byte & 0x7F));
        corpus.put("jpegls", &picture)?;
    }
    for mark in [[0xCA, 0xAC], [0xBA, 0xAB], [0x04, 0xA0]] {
        let mut file = vec![0; 64];
        file[..2].copy_from_slice(&mark);
        (file[2], file[4], file[8], file[10]) = (64, 64, 8, 8);
        file.extend(noise.bytes(64 + 128));
        corpus.file(&file)?;
    }
    for tag in [b"iirp", b"hirp", b"girp"] {
        let mut app4 = noise.bytes(400);
        app4[..4].copy_from_slice(&[0xFF, 0xD2, 0xD1, 0xFF]);
        app4[4..8].copy_from_slice(tag);
        let app5 = noise.bytes(8192);
        let (l4, l5) = (app4.len() as u16, app5.len() as u16);
        let (l4, l5) = (l4.to_le_bytes(), l5.to_le_bytes());
        let parts = [&[0, 4], &l4[..], &app4, &[5], &l5, &app5, &[15, 16, 0, 0x40, 0x4B]].concat();
        corpus.put("dji", &parts)?;
    }
    for epsg in [[2, 2048, 4326], [1, 3072, 28992], [1, 3072, 32631]] {
        corpus.put("terrain", &elevation(epsg, &mut noise))?;
    }
    Ok(())
}

/// A GeoTIFF of 8 x 8 posts in single precision: model type, key and code of its coordinates.
fn elevation([model, key, code]: [u16; 3], noise: &mut Noise) -> Vec<u8> {
    let (east, north, step) = match (model, code) {
        (2, _) => (4.9998, 52.0002, 0.0001),
        (_, 28992) => (129_600.0, 450_100.0, 20.0),
        _ => (637_000.0, 5_763_100.0, 20.0),
    };
    let doubles = |numbers: &[f64]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    let shorts = |numbers: &[u16]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    let keys = [1, 1, 0, 3, 1024, 0, 1, model, 1025, 0, 1, 1, key, 0, 1, code];
    let pixels = (0..64).flat_map(|_| (10.0 + f32::from(noise.byte()) / 16.0).to_le_bytes());
    let fields: [(u16, u16, u32, Vec<u8>); 12] = [
        (256, 3, 1, shorts(&[8])),
        (257, 3, 1, shorts(&[8])),
        (258, 3, 1, shorts(&[32])),
        (259, 3, 1, shorts(&[1])),
        (262, 3, 1, shorts(&[1])),
        (273, 4, 1, 158_u32.to_le_bytes().to_vec()),
        (278, 3, 1, shorts(&[8])),
        (279, 4, 1, 256_u32.to_le_bytes().to_vec()),
        (339, 3, 1, shorts(&[3])),
        (33550, 12, 3, doubles(&[step, step, 0.0])),
        (33922, 12, 6, doubles(&[0.0, 0.0, 0.0, east, north, 0.0])),
        (34735, 3, 16, shorts(&keys)),
    ];
    let mut file = b"II*\0\x08\0\0\0\x0C\0".to_vec();
    let mut behind: Vec<u8> = pixels.collect();
    for (tag, kind, count, value) in fields {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        if value.len() <= 4 {
            file.extend([&value[..], &[0; 4][value.len()..]].concat());
        } else {
            file.extend((158 + behind.len() as u32).to_le_bytes());
            behind.extend(value);
        }
    }
    file.extend([0; 4]);
    file.extend(behind);
    file
}

fn shard(corpus: &mut Corpus) -> io::Result<()> {
    let frame = FrameRecord {
        frame: 0,
        file: "a.jpg".to_owned(),
        index: 0,
        sha256: "00".repeat(32),
        bytes: 4096,
        format: "flir-rjpeg".to_owned(),
        camera: "m3t".to_owned(),
        width_px: 64,
        height_px: 48,
        taken_at: None,
        range_c: Some([1.0, 2.0, 1.5]),
        pose: None,
        no_pose: Some("the file has no position".to_owned()),
        footprint: vec![(5.0, 52.0); 4],
        detections: 2,
        unplaced: vec![("no pose".to_owned(), 2)],
        warnings: vec!["none".to_owned()],
        parameters: "{}".to_owned(),
    };
    let skipped = vec![Skipped { file: "b.jpg".to_owned(), reason: "empty".to_owned() }];
    let result =
        ShardResult { frames_seen: 2, frames: vec![frame], skipped, observations: Vec::new() };
    let folder = tempfile::tempdir()?;
    let run = RunId("run".to_owned());
    let case = Case::open_or_create(&folder.path().join("seed.case")).map_err(io::Error::other)?;
    case.keep_shard(&run, 3, &result).map_err(io::Error::other)?;
    let file = fs::read(folder.path().join("seed.case/work/run/shard-00003"))?;
    corpus.put("shard", &file)?;
    corpus.put("shard", &file[8..file.len() - 32])
}

/// The files below a folder that are thermal files, elevation models or sites.
fn files_of(corpus: &mut Corpus, folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_of(corpus, &path)?;
            continue;
        }
        let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
        let Some(end) = end else { continue };
        let bytes = fs::read(&path)?;
        match end.as_str() {
            "jpg" | "jpeg" | "tif" | "tiff" | "seq" | "csq" | "irg" | "png"
                if bytes.len() <= LONGEST =>
            {
                corpus.file(&bytes)?;
            }
            "tlog" => corpus.put("tlog", &bytes[..bytes.len().min(SHORT)])?,
            "bin" | "ulg" => {
                // The descriptions come first; a cut of a log has all that a target can use.
                let target = if end == "bin" { "dataflash" } else { "ulog" };
                corpus.put(target, &bytes[..bytes.len().min(SHORT)])?;
            }
            "geojson" | "json" if bytes.len() <= SHORT => corpus.put("site_geojson", &bytes)?,
            "plan" | "waypoints" if bytes.len() <= SHORT => corpus.put("mission", &bytes)?,
            _ => {}
        }
    }
    io::stdout().flush()
}

/// Bytes that look random and are the same in every run (xorshift64).
struct Noise(u64);

impl Noise {
    fn byte(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u8
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }
}
