//! The finding that some frames of another show instead.

use crate::case::{FindingRow, SightingRow};

use super::placed;
use super::snapshot::Snapshot;

/// A row for what `frames` show: place, ellipse, asset, temperatures and times are of these frames
/// alone; kind and severity are the whole's until somebody says otherwise.
pub(super) fn row(now: &Snapshot, finding: &FindingRow, frames: &[u32]) -> FindingRow {
    let rows: Vec<_> = frames.iter().filter_map(|&frame| now.fixed.frame(frame)).collect();
    let times = || rows.iter().filter_map(|row| row.taken_at.clone());
    let (seen, _) = now.seen(&finding.id);
    let own: Vec<_> = seen.iter().filter(|one| frames.contains(&one.frame)).collect();
    let row = FindingRow {
        status: "open".to_owned(),
        views: u32::try_from(frames.len()).unwrap_or(u32::MAX),
        first_seen: times().min(),
        last_seen: times().max(),
        frames: rows.iter().map(|row| row.file.clone()).collect(),
        reasons: vec![format!("split from {}", finding.id)],
        ..finding.clone()
    };
    let row = match placed::together(&own) {
        Some(place) => placed::lay(row, &place, now.fixed.site.as_ref()),
        None => row,
    };
    measured(row, &own)
}

/// Temperatures and size as the best of the observations has them.
fn measured(row: FindingRow, seen: &[&SightingRow]) -> FindingRow {
    let score = |one: &SightingRow| one.score.unwrap_or(f64::MIN);
    let best = seen.iter().min_by(|a, b| score(b).total_cmp(&score(a)).then(a.frame.cmp(&b.frame)));
    let Some(best) = best else { return row };
    FindingRow {
        peak_c: best.peak_c.or(row.peak_c),
        background_c: best.background_c.or(row.background_c),
        delta_k: best.delta_k.or(row.delta_k),
        area_m2: best.area_m2.or(row.area_m2),
        ..row
    }
}
