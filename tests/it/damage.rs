//! Damaged, hostile and impossible files: an error or a frame, in bounded time, never a panic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use torenvalk::thermal::{Frame, ReadOptions, open, read_bytes, read_metadata};

use crate::shared::shared;

/// Far above what any single file here needs, far below what a person would call hanging.
const PATIENCE: Duration = Duration::from_secs(20);

fn samples() -> Vec<PathBuf> {
    let Some(folder) = shared("data/thermal") else { return Vec::new() };
    let mut found = Vec::new();
    for kind in ["dji", "flir", "tiff", "infiray", "refuse"] {
        let inside = fs::read_dir(folder.join(kind)).unwrap();
        found.extend(inside.map(|entry| entry.unwrap().path()));
    }
    // One frame of the survey stands for all.
    let survey = fs::read_dir(folder.join("survey")).unwrap().map(|entry| entry.unwrap().path());
    let mut survey: Vec<_> =
        survey.filter(|path| path.extension().is_some_and(|end| end == "JPG")).collect();
    survey.sort();
    found.extend(survey.into_iter().take(1));
    found.sort();
    found
}

/// Reads the bytes in every way and checks that what comes out fits together.
fn read_all_ways(name: &Path, bytes: &[u8]) {
    for uncalibrated in [false, true] {
        let options = ReadOptions { uncalibrated, ..ReadOptions::default() };
        match read_bytes(name, bytes, &options) {
            Ok(frames) => frames.iter().for_each(fits_together),
            Err(error) => assert!(error.to_string().contains(&name.display().to_string())),
        }
    }
}

fn fits_together(frame: &Frame) {
    let pixels = frame.thermogram.width() as usize * frame.thermogram.height() as usize;
    assert_eq!(frame.thermogram.celsius().len(), pixels);
    let mut plane = Vec::new();
    let unit = frame.thermogram.plane(&mut plane);
    assert_eq!(plane.len(), pixels);
    let _ = frame.thermogram.plane_saturated_from(unit);
    for position in [frame.metadata.exif_position, frame.metadata.xmp_position].iter().flatten() {
        assert!(position.lat_deg.abs() <= 90.0 && position.lon_deg.abs() <= 180.0);
    }
}

#[test]
fn every_sample_may_be_cut_anywhere() {
    for path in samples() {
        let bytes = fs::read(&path).unwrap();
        let start = Instant::now();
        for part in 0..64 {
            read_all_ways(&path, &bytes[..bytes.len() * part / 64]);
        }
        // A few cuts inside the headers, where the lengths stand.
        for cut in (0..bytes.len().min(400)).step_by(7) {
            read_all_ways(&path, &bytes[..cut]);
        }
        assert!(start.elapsed() < 20 * PATIENCE, "{}: {:?}", path.display(), start.elapsed());
    }
}

/// Numbers that look random and are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % below as u64) as usize
    }
}

#[test]
fn flipped_bits_give_an_error_or_a_frame() {
    let mut dice = Dice(2018);
    for path in samples() {
        let whole = fs::read(&path).unwrap();
        for round in 0..24 {
            let mut bytes = whole.clone();
            // Half of the rounds hit the headers only.
            let reach = if round % 2 == 0 { bytes.len() } else { bytes.len().min(4096) };
            for _ in 0..1 + dice.roll(16) {
                bytes[dice.roll(reach)] ^= 1 << dice.roll(8);
            }
            let start = Instant::now();
            read_all_ways(&path, &bytes);
            assert!(start.elapsed() < PATIENCE, "{} in round {round}", path.display());
        }
    }
}

#[test]
fn what_is_no_file_or_empty_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, directory) = (folder.path().join("empty.jpg"), folder.path().join("folder.jpg"));
    File::create(&empty).unwrap();
    fs::create_dir(&directory).unwrap();
    let missing = folder.path().join("missing.jpg");
    for (path, said) in [(&empty, "empty"), (&directory, "folder"), (&missing, "missing")] {
        let error = open(path, &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
        assert!(read_metadata(path).is_err());
    }
    #[cfg(unix)]
    assert!(open(Path::new("/dev/zero"), &ReadOptions::default()).is_err());
}

#[test]
fn a_sparse_file_of_4_gb_is_refused_at_once_whatever_it_begins_with() {
    let folder = tempfile::tempdir().unwrap();
    let heads: [&[u8]; 7] = [
        b"",
        b"\xFF\xD8\xFF\xE1",
        b"II*\0\x08\0\0\0",
        b"\xCA\xAC\x80\0",
        b"\x89PNG\r\n\x1a\n",
        b"FFF\0",
        b"AFF\0",
    ];
    for (number, head) in heads.into_iter().enumerate() {
        let path = folder.path().join(format!("{number}.jpg"));
        let mut file = File::create(&path).unwrap();
        file.write_all(head).unwrap();
        file.set_len(4 << 30).unwrap();
        let start = Instant::now();
        let frames = open(&path, &ReadOptions::default())
            .map(|reader| reader.take(3).filter(Result::is_ok).count());
        assert!(!matches!(frames, Ok(1..)), "frames out of nothing");
        assert!(start.elapsed() < PATIENCE, "{head:?}: {:?}", start.elapsed());
    }
}

/// A TIFF with one entry a line: tag, type (3 short, 4 long), value.
fn tiff(entries: &[(u16, u16, u32)], behind: usize) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend((entries.len() as u16).to_le_bytes());
    for &(tag, kind, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    file.resize(file.len() + behind, 0x40);
    file
}

#[test]
fn tiffs_that_claim_more_than_they_have_are_refused() {
    let name = Path::new("claims.tif");
    for (width, height, bits) in [
        (100_000, 100_000, 16),
        (u32::MAX, u32::MAX, 16),
        (u32::MAX, 1, 32),
        (8_000, 8_000, 16),
        (0, 512, 16),
        (640, 512, 64),
        (640, 512, 1),
    ] {
        for (rows, bytes) in [(height, 1000), (1, u32::MAX), (0, 0)] {
            let file = tiff(
                &[
                    (256, 4, width),
                    (257, 4, height),
                    (258, 3, bits),
                    (259, 3, 1),
                    (262, 3, 1),
                    (273, 4, 200),
                    (277, 3, 1),
                    (278, 4, rows),
                    (279, 4, bytes),
                ],
                1000,
            );
            let start = Instant::now();
            assert!(read_bytes(name, &file, &ReadOptions::default()).is_err(), "{width} {height}");
            assert!(start.elapsed() < PATIENCE, "{width} x {height}");
        }
    }
}

#[test]
fn an_irg_whose_sizes_disagree_is_refused() {
    let Some(path) = shared("data/thermal/infiray/c201.irg") else { return };
    let whole = fs::read(&path).unwrap();
    for (at, value) in [(2, 0), (2, 0xFF), (4, 1), (8, 7), (9, 0xFF), (10, 3), (11, 0x40), (12, 9)]
    {
        let mut bytes = whole.clone();
        bytes[at] = value;
        // A longer header than the real one shifts the plane but may still fit: only that one may.
        let read = read_bytes(&path, &bytes, &ReadOptions::default());
        assert!(read.is_err() || at == 2, "byte {at} = {value}");
    }
}
