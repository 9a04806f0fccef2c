//! Frames, inputs and reviews of the current run, as others need them.

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::geometry;

/// A frame of the current run. Angles are degrees; what is not known is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[expect(missing_docs, reason = "as the columns of the layer `frames`")]
pub struct FrameRow {
    pub frame: u32,
    pub file: String,
    pub index: u32,
    pub sha256: String,
    pub format: String,
    pub camera: String,
    pub width_px: u32,
    pub height_px: u32,
    pub taken_at: Option<String>,
    pub range_c: [Option<f64>; 3],
    pub lat: Option<f64>,
    pub lon: Option<f64>,
    pub height_ellipsoidal_m: Option<f64>,
    pub yaw_deg: Option<f64>,
    pub pitch_deg: Option<f64>,
    pub roll_deg: Option<f64>,
    pub sigma_east_m: Option<f64>,
    pub sigma_north_m: Option<f64>,
    pub sigma_up_m: Option<f64>,
    /// Words, a JSON list.
    pub pose_notes: String,
    pub no_pose: Option<String>,
    pub detections: u32,
    /// JSON text.
    pub parameters: String,
    /// Corners, (longitude, latitude) in degrees, the first repeated at the end.
    pub footprint: Vec<(f64, f64)>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "as the columns of the table `inputs`")]
pub struct InputRow {
    pub file: String,
    pub sha256: String,
    pub bytes: u64,
    pub format: String,
    /// None for a flight log.
    pub frames: u32,
}

/// A review as it was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "as in `Review`; `decision` is empty for a comment")]
pub struct ReviewRow {
    pub number: i64,
    pub finding: String,
    pub at: String,
    pub person: String,
    pub role: String,
    pub decision: String,
    pub reason: String,
    pub view: String,
    pub withdraws: Option<i64>,
}

/// Frames of the current run in order.
pub(super) fn frames(connection: &Connection) -> rusqlite::Result<Vec<FrameRow>> {
    let mut select = connection.prepare(
        "SELECT f.frame, f.file, f.frame_index, f.sha256, f.format, f.camera, f.width_px, \
         f.height_px, f.taken_at, f.min_c, f.max_c, f.mean_c, f.camera_lat, f.camera_lon, \
         f.camera_height_ellipsoidal_m, f.yaw_deg, f.pitch_deg, f.roll_deg, f.sigma_east_m, \
         f.sigma_north_m, f.sigma_up_m, f.pose_notes, f.no_pose, f.detections, f.parameters, \
         f.geom FROM frames AS f JOIN runs AS r ON r.fid = f.run_fid WHERE r.current = 1 \
         ORDER BY f.frame",
    )?;
    select.query_map([], frame)?.collect()
}

fn frame(row: &Row<'_>) -> rusqlite::Result<FrameRow> {
    let blob: Option<Vec<u8>> = row.get(25)?;
    Ok(FrameRow {
        frame: row.get(0)?,
        file: row.get(1)?,
        index: row.get(2)?,
        sha256: row.get(3)?,
        format: row.get(4)?,
        camera: row.get(5)?,
        width_px: row.get(6)?,
        height_px: row.get(7)?,
        taken_at: row.get(8)?,
        range_c: [row.get(9)?, row.get(10)?, row.get(11)?],
        lat: row.get(12)?,
        lon: row.get(13)?,
        height_ellipsoidal_m: row.get(14)?,
        yaw_deg: row.get(15)?,
        pitch_deg: row.get(16)?,
        roll_deg: row.get(17)?,
        sigma_east_m: row.get(18)?,
        sigma_north_m: row.get(19)?,
        sigma_up_m: row.get(20)?,
        pose_notes: row.get(21)?,
        no_pose: row.get(22)?,
        detections: row.get(23)?,
        parameters: row.get(24)?,
        footprint: blob.as_deref().and_then(geometry::outer_ring).unwrap_or_default(),
    })
}

/// Files that were read, frames by name, then logs.
pub(super) fn inputs(connection: &Connection) -> rusqlite::Result<Vec<InputRow>> {
    let mut select = connection.prepare(
        "SELECT i.file, i.sha256, i.bytes, i.format, i.frames FROM inputs AS i \
         JOIN runs AS r ON r.fid = i.run_fid WHERE r.current = 1 ORDER BY i.fid",
    )?;
    let rows = select.query_map([], |row| {
        Ok(InputRow {
            file: row.get(0)?,
            sha256: row.get(1)?,
            bytes: row.get::<_, i64>(2)?.unsigned_abs(),
            format: row.get(3)?,
            frames: row.get(4)?,
        })
    })?;
    rows.collect()
}

/// Reviews of the current run, oldest first.
pub(super) fn reviews(connection: &Connection) -> rusqlite::Result<Vec<ReviewRow>> {
    let mut select = connection.prepare(
        "SELECT v.fid, v.finding, v.at, v.person, v.role, v.decision, v.reason, v.view, \
         v.withdraws FROM reviews AS v JOIN runs AS r ON r.run = v.run WHERE r.current = 1 \
         ORDER BY v.fid",
    )?;
    let rows = select.query_map([], |row| {
        Ok(ReviewRow {
            number: row.get(0)?,
            finding: row.get(1)?,
            at: row.get(2)?,
            person: row.get(3)?,
            role: row.get(4)?,
            decision: row.get(5)?,
            reason: row.get(6)?,
            view: row.get(7)?,
            withdraws: row.get(8)?,
        })
    })?;
    rows.collect()
}

/// What observations of the current run say: frame and finding, box and score, place and ellipse.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[expect(missing_docs, reason = "as the columns of the layer `observations`")]
pub struct SightingRow {
    pub frame: u32,
    pub finding: String,
    pub bbox_px: [u32; 4],
    pub area_px: u32,
    pub score: Option<f64>,
    pub x_px: Option<f64>,
    pub y_px: Option<f64>,
    pub peak_c: Option<f64>,
    pub background_c: Option<f64>,
    pub delta_k: Option<f64>,
    pub lat: Option<f64>,
    pub lon: Option<f64>,
    pub height_ellipsoidal_m: Option<f64>,
    pub ellipse95_major_m: Option<f64>,
    pub ellipse95_minor_m: Option<f64>,
    pub ellipse95_azimuth_deg: Option<f64>,
    pub area_m2: Option<f64>,
}

/// Observations that belong to a finding, by frame.
pub(super) fn sightings(connection: &Connection) -> rusqlite::Result<Vec<SightingRow>> {
    let mut select = connection.prepare(
        "SELECT o.frame, o.finding, o.left_px, o.top_px, o.width_px, o.height_px, o.area_px, \
         o.score, o.x_px, o.y_px, o.peak_c, o.background_c, o.delta_k, o.lat, o.lon, \
         o.height_ellipsoidal_m, o.ellipse95_major_m, o.ellipse95_minor_m, \
         o.ellipse95_azimuth_deg, o.area_m2 \
         FROM observations AS o JOIN runs AS r ON r.fid = o.run_fid \
         WHERE r.current = 1 AND o.finding NOTNULL ORDER BY o.fid",
    )?;
    let rows = select.query_map([], |row| {
        Ok(SightingRow {
            frame: row.get(0)?,
            finding: row.get(1)?,
            bbox_px: [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?],
            area_px: row.get(6)?,
            score: row.get(7)?,
            x_px: row.get(8)?,
            y_px: row.get(9)?,
            peak_c: row.get(10)?,
            background_c: row.get(11)?,
            delta_k: row.get(12)?,
            lat: row.get(13)?,
            lon: row.get(14)?,
            height_ellipsoidal_m: row.get(15)?,
            ellipse95_major_m: row.get(16)?,
            ellipse95_minor_m: row.get(17)?,
            ellipse95_azimuth_deg: row.get(18)?,
            area_m2: row.get(19)?,
        })
    })?;
    rows.collect()
}
