//! Visible pictures beside thermal ones, as people get to see them.

use std::fs;
use std::path::Path;

use serde_json::Value;
use torenvalk::case::Case;
use torenvalk::derive::{self, DERIVATIONS, REDACTIONS, derive_findings};
use torenvalk::sim::{FileFormat, Params};

use crate::program::{run, small_params, stderr, write};

fn lines(case: &Case, name: &str) -> Vec<Value> {
    let text = String::from_utf8(case.derived(name).unwrap().unwrap()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A picture of 1,600 by 1,200 that no two frames have alike.
fn jpeg(number: u8) -> Vec<u8> {
    let rgb: Vec<u8> = (0..1600 * 1200 * 3).map(|at| (at / 4800) as u8 ^ number).collect();
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 70);
    encoder.encode(&rgb, 1600, 1200, jpeg_encoder::ColorType::Rgb).unwrap();
    jpeg
}

/// Width and height, which follow the marker of a frame's beginning.
fn size(jpeg: &[u8]) -> (u16, u16) {
    let at = jpeg.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
    let number = |at: usize| u16::from_be_bytes([jpeg[at], jpeg[at + 1]]);
    (number(at + 7), number(at + 5))
}

#[test]
fn a_visible_picture_goes_along_coarsely_and_not_where_something_is_masked() {
    let scratch = tempfile::tempdir().unwrap();
    let (flight, folder) = (scratch.path().join("flight"), scratch.path().join("a.case"));
    write(&flight, &Params { format: FileFormat::FlirRaw, ..small_params() });
    let frames = fs::read_dir(&flight).unwrap().map(|entry| entry.unwrap().path());
    let thermal: Vec<_> =
        frames.filter(|path| path.to_string_lossy().ends_with("_T.jpg")).collect();
    for (number, path) in (0..).zip(&thermal) {
        let name = path.file_name().unwrap().to_str().unwrap().replace("_T.", "_W.");
        fs::write(flight.join(name), jpeg(number)).unwrap();
    }
    let done = run(["inspect", flight.to_str().unwrap(), "--case", folder.to_str().unwrap()]);
    assert!(matches!(done.status.code(), Some(0 | 6)), "{}", stderr(&done));
    let case = Case::open_or_create(&folder).unwrap();
    derive_findings(&case, &[]).unwrap();

    let derivations = lines(&case, DERIVATIONS);
    let masked = |row: &Value| row["operation"] == "annotated" && row["parameters"]["masked"] != 0;
    let hidden: Vec<_> = derivations.iter().filter(|row| masked(row)).collect();
    let shown: Vec<_> = derivations.iter().filter(|row| row["operation"] == "visible").collect();
    let (mut with, mut without) = (0, 0);
    for finding in case.findings().unwrap() {
        let name = derive::visible_name(&finding.id);
        let annotated = derive::annotated_name(&finding.id);
        let picture = case.derived(&name).unwrap();
        if hidden.iter().any(|row| row["output"] == *annotated) {
            assert_eq!(picture, None, "{name}");
            without += 1;
            continue;
        }
        // At 90 m a frame is some 76 m wide: a thousand pixels of 4 cm are more than that.
        let (width, height) = size(&picture.unwrap());
        assert!(width == 800 && height == 600, "{width} {height}");
        let row = shown.iter().find(|row| row["output"] == *name).unwrap();
        let original = Path::new(row["input"].as_str().unwrap());
        let sha256 = derive::hex_sha256(&fs::read(original).unwrap());
        assert!(original.to_str().unwrap().ends_with("_W.jpg"), "{row}");
        assert_eq!(row["input_sha256"], *sha256);
        with += 1;
    }
    println!("{with} shown, {without} not, since something is masked there");
    assert!(with > 0);
    assert_eq!(with, shown.len());

    // A person marks something: its visible picture is no longer made.
    let seen = shown[0]["output"].as_str().unwrap();
    let thermal = shown[0]["input"].as_str().unwrap().replace("_W.", "_T.");
    let row = case.frames().unwrap().into_iter().find(|row| row.file == thermal).unwrap();
    let mask = torenvalk::case::MaskRow {
        number: 0,
        at: "2026-03-21T09:00:00Z".to_owned(),
        person: "I. Inspecteur".to_owned(),
        role: "inspector".to_owned(),
        sha256: row.sha256.clone(),
        index: row.index,
        polygon_px: vec![(10.0, 10.0), (30.0, 10.0), (30.0, 40.0)],
        what: "person".to_owned(),
        reason: "a walker".to_owned(),
    };
    drop(case);
    torenvalk::case::ReviewBook::open(&folder).unwrap().mask(&mask, &row.file, "").unwrap();
    let case = Case::open_or_create(&folder).unwrap();
    derive_findings(&case, &[]).unwrap();
    assert!(lines(&case, DERIVATIONS).iter().all(|row| row["output"] != seen));
    let told = lines(&case, REDACTIONS);
    let why = "the visible picture is not shown: something is masked in the view";
    assert!(told.iter().any(|line| line["why"] == why && line["frame"] == row.frame), "{told:?}");
}
