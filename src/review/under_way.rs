//! Frames of a flight that is still being recorded.
//!
//! While frames come in, a case keeps findings and files of each run; frames with their poses and
//! observations come with the run of the whole flight. Until then the files are what can be shown.

use std::collections::HashMap;

use crate::case::{FindingRow, FrameRow, InputRow, SightingRow};

/// A frame for each file that holds one, numbered in the order of files. What its run knows of
/// place and size is not in the case yet.
pub(super) fn frames(inputs: &[InputRow]) -> Vec<FrameRow> {
    let single = inputs.iter().filter(|input| input.frames == 1).zip(0..);
    let frame = |(input, frame): (&InputRow, u32)| FrameRow {
        frame,
        file: input.file.clone(),
        sha256: input.sha256.clone(),
        format: input.format.clone(),
        pose_notes: "[]".to_owned(),
        parameters: "{}".to_owned(),
        ..FrameRow::default()
    };
    single.map(frame).collect()
}

/// Which of these frames show which finding by the names that it has of them, without where.
pub(super) fn sightings<'f>(
    findings: impl Iterator<Item = &'f FindingRow>,
    frames: &[FrameRow],
) -> Vec<SightingRow> {
    let mut findings = findings.peekable();
    if findings.peek().is_none() {
        return Vec::new();
    }
    let number: HashMap<_, _> = frames.iter().map(|row| (row.file.as_str(), row.frame)).collect();
    let of = |finding: &FindingRow| {
        let seen = finding.frames.iter().filter_map(|file| number.get(file.as_str()));
        let sighting =
            |&frame| SightingRow { frame, finding: finding.id.clone(), ..Default::default() };
        seen.map(sighting).collect::<Vec<_>>()
    };
    findings.flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_seen_where_its_files_say() {
        let input = |file: &str, frames| InputRow {
            file: file.to_owned(),
            sha256: "ab".to_owned(),
            bytes: 1,
            format: "tiff".to_owned(),
            frames,
        };
        let frames = frames(&[input("a", 1), input("log", 0), input("b", 1), input("c", 3)]);
        assert_eq!(frames.iter().map(|row| row.file.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let names = |all: &[&str]| all.iter().map(|&name| name.to_owned()).collect();
        let finding = FindingRow {
            id: "F1".to_owned(),
            frames: names(&["b", "c#1", "gone"]),
            ..FindingRow::default()
        };
        let seen = sightings([finding].iter(), &frames);
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].frame, seen[0].finding.as_str()), (1, "F1"));
    }
}
