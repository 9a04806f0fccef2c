//! The finding that some frames of another show instead.

use crate::case::FindingRow;

use super::snapshot::Snapshot;

/// A row for what `frames` show: where and how large it is stays that of the finding it comes from,
/// since the two lie within each other's ellipses or they had not been taken for one; the rest is
/// of these frames alone.
pub(super) fn row(now: &Snapshot, finding: &FindingRow, frames: &[u32]) -> FindingRow {
    let rows: Vec<_> = frames.iter().filter_map(|&frame| now.fixed.frame(frame)).collect();
    let times = || rows.iter().filter_map(|row| row.taken_at.clone());
    FindingRow {
        status: "open".to_owned(),
        views: u32::try_from(frames.len()).unwrap_or(u32::MAX),
        first_seen: times().min(),
        last_seen: times().max(),
        frames: rows.iter().map(|row| row.file.clone()).collect(),
        reasons: vec![format!("split from {}", finding.id)],
        ..finding.clone()
    }
}
