//! What a run gave, row by row.

use std::collections::{BTreeMap, HashSet};

use rusqlite::types::Value;
use rusqlite::{Statement, ToSql, Transaction, params};

use crate::fuse::Finding;
use crate::geo::{LocalFrame, ellipse95};
use crate::locate::{Observation, symmetric};
use crate::site::{Outline, Role, Site};

use super::finding_row::{
    FindingRow, PLACES_ANGLE, PLACES_DEGREES, PLACES_METRES, PLACES_VALUE, json_list, reason_words,
    rounded, word,
};
use super::geometry::{self, Envelope, Geometry};
use super::store::{FrameNames, count};
use super::track::flights;
use super::{FrameRecord, Outcome};

type Done<T = Envelope> = rusqlite::Result<T>;

/// Adds rows to one layer and keeps account of what they span.
struct Layer<'t> {
    insert: Statement<'t>,
    span: Envelope,
}

impl<'t> Layer<'t> {
    fn new(transaction: &'t Transaction<'_>, table: &str, columns: &str) -> Done<Self> {
        let marks = "?, ".repeat(columns.split(',').count());
        let sql = format!("INSERT INTO {table} ({columns}, geom) VALUES ({marks}?)");
        Ok(Self { insert: transaction.prepare(&sql)?, span: Envelope::EMPTY })
    }

    fn add(&mut self, geometry: Option<&Geometry>, values: &[&dyn ToSql]) -> Done<()> {
        for (number, value) in (1..).zip(values) {
            self.insert.raw_bind_parameter(number, value)?;
        }
        let blob = geometry.map(|geometry| geometry.blob.as_slice());
        self.insert.raw_bind_parameter(values.len() + 1, blob)?;
        self.insert.raw_execute()?;
        if let Some(geometry) = geometry {
            self.span.join(&geometry.envelope);
        }
        Ok(())
    }
}

/// Findings, with the properties that GeoJSON and CSV have too.
pub(super) fn findings(
    transaction: &Transaction<'_>,
    outcome: &Outcome<'_>,
    names: &FrameNames,
) -> Done {
    let columns = FindingRow::COLUMNS.join(", ") + ", current";
    let mut layer = Layer::new(transaction, "findings", &columns)?;
    for finding in outcome.findings {
        let row = FindingRow::new(finding, &outcome.run.id.0, |frame| names.of(frame));
        let place = row.lat.zip(row.lon);
        // A height that is not known is zero in the geometry and null in the column.
        let height_m = row.height_ellipsoidal_m.unwrap_or_default();
        let point = place.and_then(|(lat, lon)| geometry::point_z(lon, lat, height_m));
        let mut values = row.to_values();
        values.push(Value::Integer(1));
        let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
        layer.add(point.as_ref(), &values)?;
    }
    Ok(layer.span)
}

/// Vertices of a drawn ellipse; 48 keep the drawn edge within 0.3 % of the true one.
const ELLIPSE_VERTICES: u32 = 48;

/// The ellipses of findings.
pub(super) fn ellipses(transaction: &Transaction<'_>, outcome: &Outcome<'_>) -> Done {
    let columns = "id, polarity, severity, run, current";
    let mut layer = Layer::new(transaction, "finding_ellipses", columns)?;
    for finding in outcome.findings {
        let ring = ellipse_ring(finding);
        let polygon = geometry::polygon(&ring, &[]);
        layer.add(
            polygon.as_ref(),
            params![
                finding.id,
                word(&finding.polarity),
                word(&finding.severity),
                outcome.run.id.0,
                true
            ],
        )?;
    }
    Ok(layer.span)
}

fn ellipse_ring(finding: &Finding) -> Vec<(f64, f64)> {
    let local = LocalFrame::at(&finding.point);
    let ellipse = &finding.ellipse95;
    let (sin_azimuth, cos_azimuth) = ellipse.azimuth_deg.to_radians().sin_cos();
    let vertex = |number: u32| {
        let turn_rad = std::f64::consts::TAU * f64::from(number) / f64::from(ELLIPSE_VERTICES);
        let (along_m, across_m) =
            (ellipse.major_m * turn_rad.cos(), ellipse.minor_m * turn_rad.sin());
        let east_m = along_m * sin_azimuth + across_m * cos_azimuth;
        let north_m = along_m * cos_azimuth - across_m * sin_azimuth;
        let place = local.geodetic(&nalgebra::Vector3::new(east_m, north_m, 0.0));
        let degrees = |value| rounded(value, PLACES_DEGREES).unwrap_or(f64::NAN);
        (degrees(place.lon_deg()), degrees(place.lat_deg()))
    };
    (0..ELLIPSE_VERTICES).map(vertex).collect()
}

const OBSERVATION_COLUMNS: &str = "run_fid, frame, detection, finding, polarity, x_px, y_px, \
    left_px, top_px, width_px, height_px, area_px, peak_c, background_c, delta_k, peak_grey, \
    background_grey, delta_grey, snr, score, reasons, lat, lon, height_ellipsoidal_m, \
    ellipse95_major_m, ellipse95_minor_m, ellipse95_azimuth_deg, sigma_up_m, range_m, \
    incidence_deg, area_m2";

/// Observations, each with the finding it belongs to.
pub(super) fn observations(
    transaction: &Transaction<'_>,
    run_fid: i64,
    outcome: &Outcome<'_>,
) -> Done {
    let mut layer = Layer::new(transaction, "observations", OBSERVATION_COLUMNS)?;
    let grey: HashSet<u32> = outcome
        .frames
        .iter()
        .filter(|frame| frame.range_c.is_none())
        .map(|frame| frame.frame)
        .collect();
    let mut finding_of = vec![None; outcome.observations.len()];
    for finding in outcome.findings {
        for &number in &finding.observations {
            let slot = usize::try_from(number).ok().and_then(|at| finding_of.get_mut(at));
            if let Some(slot) = slot {
                *slot = Some(finding.id.as_str());
            }
        }
    }
    for (seen, finding) in outcome.observations.iter().zip(finding_of) {
        add_observation(&mut layer, run_fid, seen, finding, grey.contains(&seen.frame))?;
    }
    Ok(layer.span)
}

fn add_observation(
    layer: &mut Layer<'_>,
    run_fid: i64,
    seen: &Observation,
    finding: Option<&str>,
    is_grey: bool,
) -> Done<()> {
    let detection = &seen.detection;
    let [left_px, top_px, width_px, height_px] = detection.bbox_px;
    let value =
        |value: f32, grey| rounded(f64::from(value), PLACES_VALUE).filter(|_| is_grey == grey);
    let metres = |value: f64| rounded(value, PLACES_METRES);
    let lat = rounded(seen.point.lat_deg(), PLACES_DEGREES);
    let lon = rounded(seen.point.lon_deg(), PLACES_DEGREES);
    let height_m = metres(seen.point.height_m);
    let covariance = symmetric(&seen.own_enu_m2) + symmetric(&seen.common_enu_m2);
    let ellipse = ellipse95(&covariance);
    let point = lat
        .zip(lon)
        .and_then(|(lat, lon)| geometry::point_z(lon, lat, height_m.unwrap_or_default()));
    layer.add(
        point.as_ref(),
        params![
            run_fid,
            seen.frame,
            seen.index,
            finding,
            word(&detection.polarity),
            rounded(f64::from(detection.x_px), 2),
            rounded(f64::from(detection.y_px), 2),
            left_px,
            top_px,
            width_px,
            height_px,
            detection.area_px,
            value(detection.peak, false),
            value(detection.background, false),
            value(detection.delta, false),
            value(detection.peak, true),
            value(detection.background, true),
            value(detection.delta, true),
            rounded(f64::from(detection.snr), 2),
            rounded(f64::from(detection.score), 4),
            json_list(&reason_words(detection.reasons.iter())),
            lat,
            lon,
            height_m,
            metres(ellipse.major_m),
            metres(ellipse.minor_m),
            rounded(ellipse.azimuth_deg, PLACES_ANGLE),
            metres(covariance[(2, 2)].max(0.0).sqrt()),
            metres(f64::from(seen.range_m)),
            rounded(f64::from(seen.incidence_rad).to_degrees(), PLACES_ANGLE),
            rounded(f64::from(seen.area_m2), 4),
        ],
    )
}

const FRAME_COLUMNS: &str = "run_fid, frame, file, frame_index, sha256, format, camera, \
    width_px, height_px, taken_at, min_c, max_c, mean_c, camera_lat, camera_lon, \
    camera_height_ellipsoidal_m, yaw_deg, pitch_deg, roll_deg, sigma_east_m, sigma_north_m, \
    sigma_up_m, pose_notes, no_pose, detections, unplaced, warnings, parameters";

/// Frames with their footprint and pose.
pub(super) fn frames(transaction: &Transaction<'_>, run_fid: i64, outcome: &Outcome<'_>) -> Done {
    let mut layer = Layer::new(transaction, "frames", FRAME_COLUMNS)?;
    for frame in outcome.frames {
        add_frame(&mut layer, run_fid, frame)?;
    }
    Ok(layer.span)
}

fn add_frame(layer: &mut Layer<'_>, run_fid: i64, frame: &FrameRecord) -> Done<()> {
    let pose = frame.pose.as_ref();
    let place = pose.map(|pose| (pose.position.lon_deg(), pose.position.lat_deg()));
    let shape =
        geometry::polygon(&frame.footprint, &[]).or_else(|| place.and_then(geometry::point));
    let [min_c, max_c, mean_c] =
        [0, 1, 2].map(|at| frame.range_c.and_then(|c| rounded(f64::from(c[at]), PLACES_VALUE)));
    let degrees = |value: f64| rounded(value, PLACES_DEGREES);
    let angle = |value: f64| rounded(value.to_degrees(), 2);
    let sigma = |axis: usize| {
        pose.and_then(|pose| {
            rounded(pose.position_covariance()[(axis, axis)].sqrt(), PLACES_METRES)
        })
    };
    let notes: Vec<_> = pose.iter().flat_map(|pose| pose.notes.iter().map(word)).collect();
    layer.add(
        shape.as_ref(),
        params![
            run_fid,
            frame.frame,
            frame.file,
            frame.index,
            frame.sha256,
            frame.format,
            frame.camera,
            frame.width_px,
            frame.height_px,
            frame.taken_at.map(|time| time.to_string()),
            min_c,
            max_c,
            mean_c,
            place.and_then(|place| degrees(place.1)),
            place.and_then(|place| degrees(place.0)),
            pose.and_then(|pose| rounded(pose.position.height_m, PLACES_METRES)),
            pose.and_then(|pose| angle(pose.attitude.yaw_rad)),
            pose.and_then(|pose| angle(pose.attitude.pitch_rad)),
            pose.and_then(|pose| angle(pose.attitude.roll_rad)),
            sigma(0),
            sigma(1),
            sigma(2),
            json_list(&notes),
            frame.no_pose,
            frame.detections,
            json_list(&frame.unplaced),
            json_list(&frame.warnings),
            frame.parameters,
        ],
    )
}

/// The cameras' ways, one line a flight.
pub(super) fn tracks(transaction: &Transaction<'_>, run_fid: i64, outcome: &Outcome<'_>) -> Done {
    let columns = "run_fid, camera, frames, first_taken_at, last_taken_at";
    let mut layer = Layer::new(transaction, "track", columns)?;
    for flight in flights(outcome.frames) {
        let Some(line) = geometry::line_z(&flight.vertices) else { continue };
        layer.add(
            Some(&line),
            params![
                run_fid,
                flight.camera,
                count(flight.vertices.len()),
                flight.first.map(|time| time.to_string()),
                flight.last.map(|time| time.to_string()),
            ],
        )?;
    }
    Ok(layer.span)
}

/// Half a line's width or a point's radius in metres.
fn reach_m(outline: &Outline) -> Option<f64> {
    match outline {
        Outline::Polygon(_) => None,
        Outline::Line { half_width_m, .. } => rounded(*half_width_m, PLACES_METRES),
        Outline::Point { radius_m, .. } => rounded(*radius_m, PLACES_METRES),
    }
}

/// The site as it was for this run.
pub(super) fn site(transaction: &Transaction<'_>, run_fid: i64, site: Option<&Site>) -> Done {
    let columns = "run_fid, site, role, name, kind, height_m, reach_m";
    let mut layer = Layer::new(transaction, "site", columns)?;
    let Some(site) = site else { return Ok(layer.span) };
    let none = None::<String>;
    for area in &site.areas {
        let shape = geometry::polygon(&area.outer, &area.holes);
        let role = word(&Role::Area);
        layer.add(shape.as_ref(), params![run_fid, site.name, role, none, none, none, none])?;
    }
    for asset in &site.assets {
        layer.add(
            geometry::outline(&asset.outline).as_ref(),
            params![
                run_fid,
                site.name,
                word(&Role::Asset),
                asset.name,
                word(&asset.kind),
                rounded(asset.height_m, PLACES_METRES),
                reach_m(&asset.outline)
            ],
        )?;
    }
    for &takeoff in &site.takeoffs {
        let role = word(&Role::Takeoff);
        layer.add(
            geometry::point(takeoff).as_ref(),
            params![run_fid, site.name, role, none, none, none, none],
        )?;
    }
    Ok(layer.span)
}

/// The site's routes and zones, each part of a zone by itself.
pub(super) fn zones(transaction: &Transaction<'_>, run_fid: i64, site: Option<&Site>) -> Done {
    let mut layer = Layer::new(transaction, "zones", "run_fid, role, name, reach_m")?;
    let zones = site.iter().flat_map(|site| &site.zones);
    let volumes = zones.flat_map(|zone| {
        zone.volumes.iter().map(move |volume| (zone.role, &zone.name, volume.outline.clone()))
    });
    let routes = site.iter().flat_map(|site| &site.routes);
    let routes = routes.map(|route| (Role::Route, &route.name, route.outline()));
    for (role, name, outline) in routes.chain(volumes) {
        layer.add(
            geometry::outline(&outline).as_ref(),
            params![run_fid, word(&role), name, reach_m(&outline)],
        )?;
    }
    Ok(layer.span)
}

/// Files that were read, by name, then flight logs, and what gave nothing, in order.
pub(super) fn inputs(
    transaction: &Transaction<'_>,
    run_fid: i64,
    outcome: &Outcome<'_>,
) -> Done<()> {
    let mut files: BTreeMap<&str, (&FrameRecord, u32)> = BTreeMap::new();
    for frame in outcome.frames {
        files.entry(&frame.file).or_insert((frame, 0)).1 += 1;
    }
    let mut insert = transaction.prepare(
        "INSERT INTO inputs (run_fid, file, sha256, bytes, format, frames) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (file, (frame, frames)) in files {
        let bytes = i64::try_from(frame.bytes).unwrap_or(i64::MAX);
        insert.execute(params![run_fid, file, frame.sha256, bytes, frame.format, frames])?;
    }
    for log in outcome.logs {
        let bytes = i64::try_from(log.bytes).unwrap_or(i64::MAX);
        insert.execute(params![run_fid, log.file, log.sha256, bytes, log.format, 0])?;
    }
    let mut insert =
        transaction.prepare("INSERT INTO skipped (run_fid, file, reason) VALUES (?1, ?2, ?3)")?;
    for skipped in outcome.skipped {
        insert.execute(params![run_fid, skipped.file, skipped.reason])?;
    }
    Ok(())
}
