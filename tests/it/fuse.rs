//! Behaviour of `fuse`, on flights with planted truth: level ground, views straight down, so that
//! the geometry is done by hand.

use std::collections::BTreeSet;

use nalgebra::{Matrix3, Vector3};
use torenvalk::capture::{PoseSigmas, PosedFrame};
use torenvalk::detect::{Detection, Polarity, Reason, Reasons};
use torenvalk::fuse::{
    Conditions, Finding, Kind, KindTable, Params, Severity, Surface, View, fuse,
};
use torenvalk::geo::{Attitude, CameraModel, Geodetic, LocalFrame, Terrain};
use torenvalk::locate::{Observation, upper_triangle};
use torenvalk::site::{Asset, AssetKind, Outline, Polygon, Site};

/// Height of the flight above ground in metres.
const HEIGHT_M: f64 = 60.0;
const FOCAL_PX: f64 = 750.0;
const GROUND: Terrain = Terrain::Flat { height_m: 0.0, sigma_m: 0.0 };

/// Numbers that look drawn and are the same each time.
struct Dice(u64);

impl Dice {
    /// 0 to 1 (SplitMix64).
    fn even(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal (Box and Muller).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.even()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.even()).cos()
    }
}

fn detection(delta: f32, at: (f64, f64)) -> Detection {
    Detection {
        polarity: if delta > 0.0 { Polarity::Hot } else { Polarity::Cold },
        x_px: at.0 as f32,
        y_px: at.1 as f32,
        bbox_px: [at.0 as u16, at.1 as u16, 4, 4],
        area_px: 12,
        peak: 10.0 + delta,
        background: 10.0,
        delta,
        snr: delta.abs() / 0.05,
        prominence: 12.0,
        score: 0.95,
        reasons: Reasons::default(),
    }
}

#[derive(Clone, Copy)]
struct Sigmas {
    own_east_m: f64,
    own_north_m: f64,
    common_m: f64,
    common_yaw_rad: f64,
}

struct Flight {
    origin: Geodetic,
    views: Vec<View>,
    /// Camera east and north, and yaw, of each view.
    cameras: Vec<(f64, f64, f64)>,
}

impl Flight {
    /// Legs north and south, 12 m along and 14 m across: the picture is 51 m by 41 m.
    fn over(origin: Geodetic, columns: u32, rows: u32, sigmas: Sigmas) -> Self {
        let plane = LocalFrame::at(&origin);
        let mut flight = Self { origin, views: Vec::new(), cameras: Vec::new() };
        for column in 0..columns {
            for row in 0..rows {
                let east = f64::from(column) * 14.0;
                let south = column % 2 == 1;
                let step = if south { rows - 1 - row } else { row };
                let yaw = if south { 180.0_f64 } else { 0.0 };
                let north = f64::from(step) * 12.0;
                let frame = flight.views.len() as u32;
                let pose = PosedFrame {
                    frame,
                    camera: CameraModel::pinhole(640, 512, FOCAL_PX),
                    position: plane.geodetic(&Vector3::new(east, north, HEIGHT_M)),
                    attitude: Attitude::from_degrees(yaw, -90.0, 0.0),
                    tilt_rad: 0.0,
                    own: PoseSigmas { position_enu_m: [0.0; 3], attitude_rad: [0.0; 3] },
                    common: PoseSigmas {
                        position_enu_m: [sigmas.common_m, sigmas.common_m, 0.0],
                        attitude_rad: [sigmas.common_yaw_rad, 0.0, 0.0],
                    },
                    velocity_enu_m_s: [0.0; 3],
                    clock_sigma_s: 0.0,
                    notes: Vec::new(),
                };
                let time = format!("2026-03-01T06:{:02}:{:02}Z", frame / 60 % 60, frame % 60);
                let taken_at = time.parse().ok();
                flight.views.push(View::new(pose, taken_at, false));
                flight.cameras.push((east, north, yaw.to_radians()));
            }
        }
        flight
    }

    /// What the flight sees of things at (east, north) with a contrast, with errors as stated.
    fn observe(&self, things: &[(f64, f64, f32)], sigmas: Sigmas, dice: &mut Dice) -> Seen {
        let plane = LocalFrame::at(&self.origin);
        let shift = [dice.normal() * sigmas.common_m, dice.normal() * sigmas.common_m];
        let turn = dice.normal() * sigmas.common_yaw_rad;
        let mut seen = Seen::default();
        for (frame, &(camera_east, camera_north, yaw)) in (0u32..).zip(&self.cameras) {
            let mut index = 0;
            for (thing, &(east, north, delta)) in things.iter().enumerate() {
                let (e, n) = (east - camera_east, north - camera_north);
                let (right, ahead) = (e * yaw.cos() - n * yaw.sin(), e * yaw.sin() + n * yaw.cos());
                let at = (320.0 + right / HEIGHT_M * FOCAL_PX, 256.0 - ahead / HEIGHT_M * FOCAL_PX);
                if !(10.0..630.0).contains(&at.0) || !(10.0..502.0).contains(&at.1) {
                    continue;
                }
                // A turn about the vertical by a small angle moves a place across its arm.
                let place = Vector3::new(
                    east + shift[0] + n * turn + dice.normal() * sigmas.own_east_m,
                    north + shift[1] - e * turn + dice.normal() * sigmas.own_north_m,
                    0.0,
                );
                let yaw2 = sigmas.common_yaw_rad.powi(2);
                let common2 = sigmas.common_m.powi(2);
                #[rustfmt::skip]
                let common = Matrix3::new(
                    common2 + n * n * yaw2,
                    -e * n * yaw2,
                    0.0,
                    -e * n * yaw2,
                    common2 + e * e * yaw2,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                );
                let own = Vector3::new(sigmas.own_east_m, sigmas.own_north_m, 0.0);
                seen.observations.push(Observation {
                    frame,
                    index,
                    detection: detection(delta + 0.1 * dice.normal() as f32, at),
                    point: Geodetic { height_m: 0.0, ..plane.geodetic(&place) },
                    range_m: HEIGHT_M.hypot(e.hypot(n)) as f32,
                    incidence_rad: e.hypot(n).atan2(HEIGHT_M) as f32,
                    area_m2: 0.08,
                    own_enu_m2: upper_triangle(&Matrix3::from_diagonal(&own.component_mul(&own))),
                    common_enu_m2: upper_triangle(&common),
                });
                seen.truth.push(thing);
                index += 1;
            }
        }
        seen
    }

    fn fuse(&self, seen: &Seen) -> Vec<Finding> {
        fuse(&seen.observations, &self.views, &GROUND, None, &Params::default())
    }
}

#[derive(Default)]
struct Seen {
    observations: Vec<Observation>,
    /// Which thing each is.
    truth: Vec<usize>,
}

/// Things in a lattice, each off its node, so that none is nearer than `apart_m` / 2 to another.
fn lattice(count: (u32, u32), apart_m: f64, dice: &mut Dice) -> Vec<(f64, f64, f32)> {
    let mut things = Vec::new();
    for column in 0..count.0 {
        for row in 0..count.1 {
            let mut off = || (dice.even() - 0.5) * apart_m / 2.0;
            let (east, north) = (off(), off());
            let delta = if (column + row) % 5 == 4 { -3.0 } else { 4.0 };
            things.push((
                f64::from(column) * apart_m + east,
                f64::from(row) * apart_m + north,
                delta,
            ));
        }
    }
    things
}

fn home() -> Geodetic {
    Geodetic::from_degrees(52.77, 5.43, 0.0)
}

/// Each finding has observations of one thing only, and no frame twice.
fn assert_pure(findings: &[Finding], seen: &Seen) {
    for finding in findings {
        let things: BTreeSet<_> =
            finding.observations.iter().map(|&number| seen.truth[number as usize]).collect();
        assert_eq!(things.len(), 1, "{} mixes {things:?}", finding.id);
        assert!(finding.frames.windows(2).all(|pair| pair[0] < pair[1]), "{}", finding.id);
        assert_eq!(finding.frames.len(), finding.observations.len());
        assert!(finding.views <= finding.views_possible);
    }
}

const STEADY: Sigmas =
    Sigmas { own_east_m: 0.4, own_north_m: 0.25, common_m: 1.5, common_yaw_rad: 0.0 };

#[test]
fn every_planted_thing_is_one_finding_seen_in_every_frame_that_could() {
    let mut dice = Dice(1);
    let flight = Flight::over(home(), 8, 14, STEADY);
    let things = lattice((16, 24), 6.0, &mut dice);
    let seen = flight.observe(&things, STEADY, &mut dice);
    let findings = flight.fuse(&seen);
    assert_pure(&findings, &seen);
    assert_eq!(findings.len(), things.len());
    let every = findings.iter().filter(|f| f.views == f.views_possible).count();
    // A thing may be seen 2 px beside the border, which the count of possible views leaves out.
    assert!(every * 100 >= things.len() * 85, "{every} of {}", things.len());
    assert!(findings.iter().all(|f| f.kind == Kind::Unknown && f.notes.is_empty()));
    let mean = findings.iter().map(|f| f64::from(f.views)).sum::<f64>() / findings.len() as f64;
    assert!(mean > 8.0, "{mean}");
}

#[test]
fn the_ellipse_holds_the_truth_in_95_of_100_cases() {
    let (mut inside, mut count) = (0, 0);
    for seed in 0..400 {
        let mut dice = Dice(100 + seed);
        // Common part of the size of what is left of the own part, so that both are tested.
        let sigmas = Sigmas { common_m: 0.15, ..STEADY };
        let flight = Flight::over(home(), 4, 6, sigmas);
        let things = lattice((4, 6), 12.0, &mut dice);
        let seen = flight.observe(&things, sigmas, &mut dice);
        let plane = LocalFrame::at(&home());
        for finding in flight.fuse(&seen) {
            let (east, north, _) = things[seen.truth[finding.observations[0] as usize]];
            let off = plane.enu(&finding.point) - Vector3::new(east, north, 0.0);
            let (sin, cos) = finding.ellipse95.azimuth_deg.to_radians().sin_cos();
            let along = (off.x * sin + off.y * cos) / finding.ellipse95.major_m;
            let across = (off.x * cos - off.y * sin) / finding.ellipse95.minor_m;
            inside += u32::from(along.hypot(across) <= 1.0);
            count += 1;
        }
    }
    let share = f64::from(inside) / f64::from(count);
    println!("{inside} of {count} inside: {share:.4}");
    assert!(count > 9_000 && (0.93..=0.97).contains(&share), "{inside} of {count}");
}

#[test]
fn only_the_own_part_falls_with_the_views() {
    let sigmas = Sigmas { own_east_m: 0.8, own_north_m: 0.8, common_m: 2.0, common_yaw_rad: 0.0 };
    let flight = Flight::over(home(), 1, 4, sigmas);
    let seen = flight.observe(&[(0.0, 18.0, 5.0)], sigmas, &mut Dice(3));
    let findings = flight.fuse(&seen);
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    let n = f64::from(finding.views);
    let expected = 2.4477 * (0.64 / n + 4.0_f64).sqrt();
    assert!(n > 2.0 && (finding.ellipse95.major_m - expected).abs() < 0.01, "{finding:?}");
}

#[test]
fn a_yaw_bias_does_not_part_what_opposite_legs_see() {
    // 3° of yaw move the picture's corner by 1.7 m, to the other side on the other leg.
    let sigmas = Sigmas { own_east_m: 0.1, own_north_m: 0.1, common_m: 1.0, common_yaw_rad: 0.052 };
    let flight = Flight::over(home(), 6, 12, sigmas);
    let mut right = 0;
    for seed in 0..8 {
        let mut dice = Dice(40 + seed);
        let things = lattice((4, 6), 16.0, &mut dice);
        let seen = flight.observe(&things, sigmas, &mut dice);
        let findings = flight.fuse(&seen);
        assert_pure(&findings, &seen);
        right += usize::from(findings.len() == things.len());
    }
    assert!(right >= 7, "{right} of 8 flights");
}

#[test]
fn two_detections_of_one_frame_never_meet() {
    // Nearer to each other than their sigma: only the frames themselves tell them apart.
    let sigmas = Sigmas { own_east_m: 1.0, own_north_m: 1.0, common_m: 0.0, common_yaw_rad: 0.0 };
    let flight = Flight::over(home(), 2, 4, sigmas);
    let things: Vec<_> = (0..30u8).map(|n| (f64::from(n) * 0.1, 18.0, 4.0)).collect();
    let seen = flight.observe(&things, sigmas, &mut Dice(9));
    let findings = flight.fuse(&seen);
    assert!(findings.len() >= things.len(), "{}", findings.len());
    for finding in &findings {
        assert!(finding.frames.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

#[test]
fn hot_and_cold_at_one_place_are_two_findings() {
    let flight = Flight::over(home(), 1, 3, STEADY);
    let seen = flight.observe(&[(0.0, 12.0, 4.0), (0.2, 12.0, -4.0)], STEADY, &mut Dice(5));
    let findings = flight.fuse(&seen);
    assert_eq!(findings.len(), 2);
    assert_pure(&findings, &seen);
}

#[test]
fn ids_go_from_north_to_south_and_times_from_first_to_last() {
    let flight = Flight::over(home(), 3, 8, STEADY);
    let things = [(10.0, 20.0, 4.0), (10.0, 60.0, 4.0), (30.0, 60.0, 4.0)];
    let seen = flight.observe(&things, STEADY, &mut Dice(6));
    let findings = flight.fuse(&seen);
    let ids: Vec<_> = findings.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["F0001", "F0002", "F0003"]);
    assert!(findings[0].point.lat_rad > findings[2].point.lat_rad);
    for finding in &findings {
        let time = |frame: Option<&u32>| flight.views[*frame.unwrap() as usize].taken_at;
        assert_eq!(finding.first_seen, time(finding.frames.first()));
        assert_eq!(finding.last_seen, time(finding.frames.last()));
        assert!(finding.delta > 3.7 && finding.delta < 4.3);
        assert!(finding.delta_sigma >= 0.1 && finding.delta_sigma < 0.3);
        assert_eq!(finding.severity, Severity::Medium);
    }
}

#[test]
fn nothing_comes_of_nothing_and_one_frame_is_enough_if_it_is_strong() {
    assert!(fuse(&[], &[], &GROUND, None, &Params::default()).is_empty());
    let flight = Flight::over(home(), 1, 1, STEADY);
    let mut seen = flight.observe(&[(3.0, 4.0, 4.0)], STEADY, &mut Dice(7));
    let findings = flight.fuse(&seen);
    assert_eq!((findings[0].views, findings[0].views_possible), (1, 1));
    assert_eq!(findings[0].notes, ["single_view"]);
    assert!(findings[0].confidence < 0.5);
    seen.observations[0].detection.score = 0.6;
    assert!(flight.fuse(&seen).is_empty());
    // Without a view nothing is known of the camera, and still nothing breaks.
    seen.observations[0].detection.score = 0.9;
    assert_eq!(fuse(&seen.observations, &[], &GROUND, None, &Params::default()).len(), 1);
    seen.observations[0].point.lat_rad = f64::NAN;
    assert!(flight.fuse(&seen).is_empty());
}

#[test]
fn absurd_numbers_take_no_part_or_do_no_harm() {
    let flight = Flight::over(home(), 2, 4, STEADY);
    let seen = flight.observe(&[(5.0, 18.0, 4.0)], STEADY, &mut Dice(8));
    for absurd in [f32::NAN, f32::INFINITY, -1.0, 0.0, 1e-30, 1e30] {
        let mut one = seen.observations.clone();
        one[0].own_enu_m2 = [absurd; 6];
        one[1].common_enu_m2 = [absurd; 6];
        one[2].range_m = absurd;
        one[2].detection.score = absurd;
        one[2].detection.prominence = absurd;
        let seen = Seen { observations: one.clone(), truth: Vec::new() };
        for finding in flight.fuse(&seen) {
            assert!(finding.frames.windows(2).all(|pair| pair[0] < pair[1]));
            assert!((0.0..=1.0).contains(&finding.confidence));
            assert!(finding.point.lat_rad.is_finite() && finding.ellipse95.major_m > 0.0);
            assert!(absurd.is_finite() || !finding.frames.contains(&one[1].frame));
        }
    }
}

#[test]
fn what_one_frame_of_many_saw_needs_a_strong_one() {
    let flight = Flight::over(home(), 3, 6, STEADY);
    let mut seen = flight.observe(&[(14.0, 30.0, 4.0)], STEADY, &mut Dice(8));
    seen.observations.truncate(1);
    assert!(flight.fuse(&seen).is_empty());
    seen.observations[0].detection.prominence = 25.0;
    let findings = flight.fuse(&seen);
    assert_eq!(findings[0].notes, ["single_view"]);
    assert!(findings[0].views_possible > 4);
}

#[test]
fn temperatures_come_from_a_view_that_no_border_cuts() {
    let flight = Flight::over(home(), 1, 3, STEADY);
    let mut seen = flight.observe(&[(0.0, 12.0, 5.0)], STEADY, &mut Dice(5));
    for (at, one) in seen.observations.iter_mut().enumerate() {
        (one.detection.peak, one.detection.score) = (20.0 + at as f32, 0.95 - 0.01 * at as f32);
    }
    assert_eq!(flight.fuse(&seen)[0].peak, 20.0);
    seen.observations[0].detection.reasons.insert(Reason::Border);
    assert_eq!(flight.fuse(&seen)[0].peak, 21.0);
    for one in &mut seen.observations {
        one.detection.reasons.insert(Reason::Border);
    }
    assert_eq!(flight.fuse(&seen)[0].peak, 20.0);
}

#[test]
fn a_flat_view_gives_no_severity() {
    let flight = Flight::over(home(), 1, 3, STEADY);
    let mut seen = flight.observe(&[(0.0, 12.0, 40.0)], STEADY, &mut Dice(5));
    assert_eq!(flight.fuse(&seen)[0].severity, Severity::Critical);
    for one in &mut seen.observations {
        one.incidence_rad = 1.2;
    }
    let finding = &flight.fuse(&seen)[0];
    assert_eq!(finding.severity, Severity::Low);
    assert_eq!(finding.notes, ["severity_withheld", "steep_view"]);
    assert!(finding.delta_sigma > 0.05 * finding.delta.abs(), "{}", finding.delta_sigma);
}

#[test]
fn the_180th_meridian_and_the_poles_are_places_like_others() {
    let at_home = {
        let mut dice = Dice(11);
        let flight = Flight::over(home(), 4, 6, STEADY);
        let things = lattice((6, 8), 7.0, &mut dice);
        flight.fuse(&flight.observe(&things, STEADY, &mut dice)).len()
    };
    assert_eq!(at_home, 48);
    for (lat, lon) in [(0.0, 179.9999), (-60.0, -179.9999), (89.9998, 20.0), (-89.9999, 0.0)] {
        let mut dice = Dice(11);
        let flight = Flight::over(Geodetic::from_degrees(lat, lon, 0.0), 4, 6, STEADY);
        let mut seen = {
            let things = lattice((6, 8), 7.0, &mut dice);
            flight.observe(&things, STEADY, &mut dice)
        };
        // The test's axes are the origin's; round the pole an observation's own are others.
        for one in &mut seen.observations {
            one.own_enu_m2 = upper_triangle(&(Matrix3::identity() * 0.16));
        }
        let findings = flight.fuse(&seen);
        assert_pure(&findings, &seen);
        assert_eq!(findings.len(), at_home, "{lat} {lon}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn cost_grows_with_the_observations_and_not_with_their_square() {
    let seconds = |columns: u32| {
        let mut dice = Dice(12);
        let flight = Flight::over(home(), columns, 60, STEADY);
        let things = lattice((columns * 14 / 7, 100), 7.0, &mut dice);
        let seen = flight.observe(&things, STEADY, &mut dice);
        let taken = (0..3).map(|_| {
            let before = std::time::Instant::now();
            let findings = flight.fuse(&seen);
            let taken = before.elapsed();
            println!("{} → {} in {taken:?}", seen.observations.len(), findings.len());
            taken.as_secs_f64()
        });
        // The best of three: the machine has other work.
        (seen.observations.len() as f64, taken.fold(f64::INFINITY, f64::min))
    };
    let (few, short) = seconds(10);
    let (many, long) = seconds(60);
    assert!(many > 1e5);
    // Six times as many; a square law would take six times as long for each.
    assert!(
        long / many < 3.0 * short / few,
        "{:.2} → {:.2} µs each",
        short / few * 1e6,
        long / many * 1e6
    );
}

#[test]
fn frames_that_are_off_as_a_whole_are_put_right_by_all_they_see() {
    // Each frame is 0.8 m off, things are 2 to 6 m apart, and every fifth detection is missing.
    let (own_m, shift_m) = (0.3, 0.8);
    let sigmas = Sigmas { own_east_m: own_m, own_north_m: own_m, ..STEADY };
    let mut dice = Dice(77);
    let flight = Flight::over(home(), 8, 14, sigmas);
    let things = lattice((24, 36), 4.0, &mut dice);
    let whole = flight.observe(&things, sigmas, &mut dice);
    let plane = LocalFrame::at(&home());
    let mut off = |metres: f64| Vector3::new(dice.normal() * metres, dice.normal() * metres, 0.0);
    let shifts: Vec<_> = flight.views.iter().map(|_| off(shift_m)).collect();
    let mut seen = Seen::default();
    for (mut one, thing) in whole.observations.into_iter().zip(whole.truth) {
        if dice.even() < 0.2 {
            continue;
        }
        let place = plane.enu(&one.point) + shifts[one.frame as usize];
        one.point = Geodetic { height_m: 0.0, ..plane.geodetic(&place) };
        let variance = own_m.powi(2) + shift_m.powi(2);
        one.own_enu_m2 = upper_triangle(&(Matrix3::identity() * variance));
        seen.observations.push(one);
        seen.truth.push(thing);
    }
    let findings = flight.fuse(&seen);
    let (mut found, mut wrong) = (BTreeSet::new(), 0);
    for finding in &findings {
        let things: Vec<_> =
            finding.observations.iter().map(|&number| seen.truth[number as usize]).collect();
        let times = |thing| things.iter().filter(|&&other| other == thing).count();
        let most = things.iter().copied().max_by_key(|&thing| (times(thing), thing)).unwrap();
        wrong += things.len() - times(most);
        found.insert(most);
    }
    println!("{} of {} found, {wrong} of {} strays", found.len(), things.len(), seen.truth.len());
    assert_eq!(found.len(), findings.len(), "nothing is found twice");
    assert!(found.len() * 100 >= things.len() * 95);
    assert!(wrong * 50 <= seen.truth.len());
}

/// Every camera 5 m behind its stated place, as with late positions: opposite legs are 10 m apart
/// and things 3 m, so that the wrong neighbour is nearer than the right one.
#[test]
fn legs_further_apart_than_things_are_still_put_together() {
    let mut dice = Dice(77);
    let sigmas = Sigmas { own_east_m: 0.1, own_north_m: 0.1, common_m: 0.0, common_yaw_rad: 0.0 };
    let mut flight = Flight::over(home(), 3, 4, sigmas);
    let mut things: Vec<(f64, f64, f32)> = Vec::new();
    for _ in 0..450 {
        let at = (dice.even() * 80.0 - 25.0, dice.even() * 80.0 - 22.0);
        if things.iter().all(|one| (one.0 - at.0).hypot(one.1 - at.1) > 1.5) {
            things.push((at.0, at.1, 4.0));
        }
    }
    let mut seen = flight.observe(&things, sigmas, &mut dice);
    let plane = LocalFrame::at(&flight.origin);
    for one in &mut seen.observations {
        let mut at = plane.enu(&one.point);
        at.y += 5.0 * flight.cameras[one.frame as usize].2.cos();
        one.point = Geodetic { height_m: 0.0, ..plane.geodetic(&at) };
    }
    for view in &mut flight.views {
        view.pose.common.attitude_rad[1] = 5.0 / HEIGHT_M;
    }
    let (mut right, mut wrong) = (0, 0);
    for finding in flight.fuse(&seen) {
        let of = |at: usize| seen.truth[finding.observations[at] as usize];
        for a in 0..finding.observations.len() {
            for b in 0..a {
                *if of(a) == of(b) { &mut right } else { &mut wrong } += 1;
            }
        }
    }
    assert!(right > 2_000 && wrong * 50 < right, "{right} right, {wrong} wrong");
}

#[test]
fn what_another_pass_misses_may_be_alive() {
    // North and south three times over; what lies at the southern end is seen 20 s and more apart.
    let flight = Flight::over(home(), 3, 14, STEADY);
    let passing = |delta: f32, score: f32| {
        let mut seen = flight.observe(&[(14.0, 6.0, delta)], STEADY, &mut Dice(21));
        seen.observations.retain(|one| one.frame < 14);
        for one in &mut seen.observations {
            (one.detection.prominence, one.detection.score) = (25.0, score);
        }
        let finding = flight.fuse(&seen).remove(0);
        (finding.kind, finding.notes.join(" "))
    };
    let of_one_pass = "few_views one_pass_only".to_owned();
    assert_eq!(passing(6.0, 0.95), (Kind::LivingOrVehicle, of_one_pass.clone()));
    assert_eq!(passing(-6.0, 0.95), (Kind::Unknown, of_one_pass.clone()));
    // Too hot for an engine.
    assert_eq!(passing(150.0, 0.95), (Kind::Unknown, of_one_pass));
    // What is not seen surely may have been missed.
    assert_eq!(passing(6.0, 0.8), (Kind::Unknown, "few_views".to_owned()));
    let stays = flight.observe(&[(14.0, 6.0, 6.0)], STEADY, &mut Dice(21));
    assert!(flight.fuse(&stays)[0].notes.is_empty());
    // Another flight, a day later, misses what was mended meanwhile.
    let day = |flight: Flight, day: &str| {
        let views = flight.views.into_iter().map(|mut view| {
            let time = view.taken_at.unwrap().to_string().replace("-01T", day);
            view.taken_at = time.parse().ok();
            view
        });
        Flight { views: views.collect(), ..flight }
    };
    let first = Flight::over(home(), 1, 14, STEADY);
    let mut seen = first.observe(&[(0.0, 6.0, 6.0)], STEADY, &mut Dice(21));
    for one in &mut seen.observations {
        one.detection.prominence = 25.0;
    }
    let later = day(Flight::over(home(), 1, 14, STEADY), "-02T");
    let (both, seen) = one_run(vec![(first, seen), (later, Seen::default())]);
    let finding = both.fuse(&seen).remove(0);
    assert_eq!(finding.views_possible, 2 * finding.views);
    assert_eq!((finding.kind, finding.notes.len()), (Kind::Unknown, 0));
}

#[test]
fn what_level_ground_mirrors_the_sun_into_is_told() {
    // On the equator at noon of an equinox the sun stands overhead, and so does the camera.
    let of_rows = |rows: u32, thing: (f64, f64, f32), time: &str| {
        let mut flight = Flight::over(Geodetic::from_degrees(0.0, 0.0, 0.0), 1, rows, STEADY);
        for view in &mut flight.views {
            view.taken_at = time.parse().ok();
        }
        let seen = flight.observe(&[thing], STEADY, &mut Dice(22));
        let findings = flight.fuse(&seen);
        findings[0].notes.iter().any(|note| note == "sun_glint")
    };
    let noon = "2026-03-20T12:07:00Z";
    assert!(of_rows(1, (0.0, 3.0, 6.0), noon));
    // What is cold, what the camera looks at aslant, and what another view sees too is no image.
    assert!(!of_rows(1, (0.0, 3.0, -6.0), noon));
    assert!(!of_rows(1, (0.0, 15.0, 6.0), noon));
    assert!(!of_rows(3, (0.0, -1.5, 6.0), noon));
    // Nor in the evening or by night, nor where the camera's clock tells no zone.
    for other in ["2026-03-20T17:00:00Z", "2026-03-20T22:00:00Z", "2026-03-20T12:07:00"] {
        assert!(!of_rows(1, (0.0, 3.0, 6.0), other), "{other}");
    }
}

#[test]
fn sunset_tells_how_long_the_sun_had_been_gone_where_nobody_does() {
    let (site, flight) = over_the_works();
    let seen = flight.observe(&[(35.0, 125.0, 3.0)], STEADY, &mut Dice(15));
    let sun_gone_is_open = |sun_gone_h: Option<f64>, times: &[&str]| {
        let told = Conditions { sun_gone_h, ..Conditions::default() };
        let kinds = KindTable::default().rules(&told);
        let mut views = flight.views.clone();
        let mut times = times.iter().cycle();
        for view in &mut views {
            view.taken_at = times.next().and_then(|time| time.parse().ok());
        }
        let params = Params { kinds, ..Params::default() };
        let findings = fuse(&seen.observations, &views, &GROUND, Some(&site), &params);
        assert_eq!((findings.len(), findings[0].kind), (1, Kind::InsulationDefect));
        findings[0].notes.iter().any(|note| note == "inconclusive:sun_gone_h")
    };
    // There the sun set at 17:14 UTC the day before and rises at 06:21.
    let (before_six, at_six) = ("2026-03-01T05:00:00Z", "2026-03-01T06:00:00Z");
    assert!(!sun_gone_is_open(None, &[at_six]));
    for too_soon in [before_six, "2026-03-01T06:40:00Z", "2026-03-01T06:00:00"] {
        assert!(sun_gone_is_open(None, &[too_soon]), "{too_soon}");
    }
    assert!(sun_gone_is_open(None, &[]));
    // One flight too soon is enough.
    assert!(sun_gone_is_open(None, &[at_six, before_six]));
    // What people say counts: a cloudy day, or a heated one.
    assert!(!sun_gone_is_open(Some(14.0), &["2026-03-01T12:00:00Z"]));
    assert!(sun_gone_is_open(Some(2.0), &[at_six]));
}

#[test]
fn emissivity_widens_what_is_stated_of_the_contrast() {
    let mut flight = Flight::over(home(), 1, 3, STEADY);
    let seen = flight.observe(&[(0.0, 12.0, 5.0)], STEADY, &mut Dice(5));
    let plain = flight.fuse(&seen)[0].delta_sigma;
    let mut sigma = |reflected_c| {
        let surface = Some(Surface { emissivity: 0.95, reflected_c });
        flight.views = flight.views.iter().map(|v| v.clone().with_surface(surface)).collect();
        flight.fuse(&seen)[0].delta_sigma
    };
    // As warm as around, and a clear sky: 0.02 · 43.0 and 39.9 K by hand.
    assert!((sigma(12.0) - plain).abs() < 0.03, "{plain}");
    let clear = sigma(-40.0);
    assert!((clear - plain.hypot(0.02 * 43.0_f64.hypot(39.9))).abs() < 0.02, "{clear}");
}

/// The works that ship, and a flight over all of them.
fn over_the_works() -> (torenvalk::site::Site, Flight) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let site = torenvalk::site::read(&path.join("missions/kestrel-works/site.toml")).unwrap();
    let south_west = LocalFrame::at(&Geodetic::from_degrees(52.77, 5.43, 0.0))
        .geodetic(&Vector3::new(-120.0, -90.0, 0.0));
    (site, Flight::over(Geodetic { height_m: 0.0, ..south_west }, 18, 16, STEADY))
}

#[test]
fn what_stands_out_little_and_unsurely_is_ground() {
    let (site, flight) = over_the_works();
    // On the grass, and on a roof, where 1.2 K is graded medium.
    let (grass, roof) = ((20.0, 60.0), (35.0, 125.0));
    let found = |(east, north): (f64, f64), delta: f32, score: f32, params: &Params| {
        let mut seen = flight.observe(&[(east, north, delta)], STEADY, &mut Dice(15));
        for one in &mut seen.observations {
            one.detection.score = score;
        }
        fuse(&seen.observations, &flight.views, &GROUND, Some(&site), params).len()
    };
    let usual = Params::default();
    assert_eq!(found(grass, 1.2, 0.6, &usual), 0);
    for (place, delta, score) in
        [(grass, 1.2, 0.9995), (grass, 3.0, 0.6), (grass, -3.0, 0.6), (roof, 1.2, 0.6)]
    {
        assert_eq!(found(place, delta, score, &usual), 1, "{place:?} {delta} {score}");
    }
    let all = Params { least_confidence: 0.0, ..usual };
    let by_heat = Params { scores_by_heat: true, ..usual };
    for params in [all, by_heat] {
        assert_eq!(found(grass, 1.2, 0.6, &params), 1, "{params:?}");
    }
}

#[test]
fn a_joint_is_graded_by_the_coolest_like_part_of_its_switchgear() {
    let (site, flight) = over_the_works();
    // Two joints on the substation's parts, and a pair on the hall's roof.
    let things =
        [(210.0, 155.0, 10.0), (215.0, 155.0, 6.0), (35.0, 125.0, 1.5), (45.0, 125.0, 1.5)];
    let mut seen = flight.observe(&things, STEADY, &mut Dice(15));
    for (one, &thing) in seen.observations.iter_mut().zip(&seen.truth) {
        // The first sits on a part that is warm all over, as one on the roof does.
        let warmth = if thing % 2 == 0 { 30.0 } else { 0.0 };
        one.detection.peak += warmth;
        one.detection.background += warmth;
    }
    let graded = |seen: &Seen| {
        let params = Params::default();
        let mut findings = fuse(&seen.observations, &flight.views, &GROUND, Some(&site), &params);
        findings.sort_by_key(|finding| seen.truth[finding.observations[0] as usize]);
        let like = |f: &Finding| f.notes.iter().any(|note| note == "like_parts");
        findings.iter().map(|f| (f.severity, like(f))).collect::<Vec<_>>()
    };
    use Severity::{High, Medium};
    // 34 K over its like, though 10 K over its ring.
    assert_eq!(graded(&seen), [(High, true), (Medium, false), (Medium, false), (Medium, false)]);
    for (one, &thing) in seen.observations.iter_mut().zip(&seen.truth) {
        one.area_m2 *= if thing == 1 { 4.0 } else { 1.0 };
    }
    assert_eq!(graded(&seen)[..2], [(Medium, false), (Medium, false)]);
}

#[test]
fn a_spot_on_a_warm_roof_is_graded_with_what_its_roof_is_beyond_the_others() {
    let flight = Flight::over(home(), 1, 3, STEADY);
    let plane = LocalFrame::at(&home());
    // Five roofs in a row, 8 m apart, with a weak spot on each.
    let roof = |number: i32| {
        let corner = |east: f64, north: f64| {
            let at = plane.geodetic(&Vector3::new(f64::from(number) * 8.0 + east, north, 0.0));
            (at.lon_deg(), at.lat_deg())
        };
        let outer =
            vec![corner(-3.0, 9.0), corner(3.0, 9.0), corner(3.0, 15.0), corner(-3.0, 15.0)];
        Asset {
            name: format!("roof {number}"),
            kind: AssetKind::Roof,
            outline: Outline::Polygon(Polygon { outer, holes: Vec::new() }),
            height_m: 0.0,
            base: None,
        }
    };
    let things: Vec<_> = (-2..=2).map(|number| (f64::from(number) * 8.0, 12.0, 1.5)).collect();
    let graded = |roofs: std::ops::RangeInclusive<i32>, warmth: [f32; 5]| {
        let site = Site { assets: roofs.map(roof).collect(), ..Site::default() };
        let mut seen = flight.observe(&things, STEADY, &mut Dice(15));
        let things = seen.observations.iter_mut().zip(&seen.truth);
        for (one, &thing) in things {
            // The camera drifts from frame to frame.
            let shift = warmth[thing] + 2.0 * one.frame as f32;
            one.detection.peak += shift;
            one.detection.background += shift;
        }
        let params = Params::default();
        let mut findings = fuse(&seen.observations, &flight.views, &GROUND, Some(&site), &params);
        findings.sort_by_key(|finding| seen.truth[finding.observations[0] as usize]);
        let told = |f: &Finding| (f.severity, f.notes.iter().any(|note| note == "like_surfaces"));
        findings.iter().map(told).collect::<Vec<_>>()
    };
    use Severity::{Critical, Medium};
    let plain = (Medium, false);
    // 1.5 K, and 2.9 K over three of the four others.
    let warm = graded(-2..=2, [0.0, 3.0, 0.1, -0.2, 0.2]);
    assert_eq!(warm, [plain, (Critical, true), plain, plain, plain]);
    // All alike but for a cold one, which warms no other; and too few to tell.
    let cold = graded(-2..=2, [0.0, 0.0, -5.0, 0.0, 0.0]);
    assert_eq!(cold, [plain; 5]);
    assert_eq!(graded(-2..=0, [0.0, 3.0, 0.1, -0.2, 0.2])[..3], [plain; 3]);
}

#[test]
fn the_asset_below_decides_the_kind() {
    let (site, flight) = over_the_works();
    // On the hall's roof, the main, the tank, the substation, the modules, the stack, the grass.
    let things = [
        (35.0, 125.0, 3.0),
        (85.0, 80.0, 6.0),
        (170.0, 80.0, -2.5),
        (212.0, 155.0, 20.0),
        (140.0, 20.0, 12.0),
        (220.0, 60.0, 60.0),
        (20.0, 60.0, 6.0),
    ];
    let seen = flight.observe(&things, STEADY, &mut Dice(15));
    let params = Params::default();
    let mut findings = fuse(&seen.observations, &flight.views, &GROUND, Some(&site), &params);
    findings.sort_by_key(|finding| seen.truth[finding.observations[0] as usize]);
    let told: Vec<_> =
        findings.iter().map(|f| (f.kind, f.severity, f.asset.as_deref().unwrap_or(""))).collect();
    assert_eq!(
        told,
        [
            (Kind::InsulationDefect, Severity::High, "hall A roof"),
            (Kind::HotLeak, Severity::High, "heat main, on sleepers"),
            (Kind::ColdLeak, Severity::High, "tank T1"),
            (Kind::OverheatedComponent, Severity::High, "substation S1"),
            (Kind::PvDefect, Severity::Medium, "PV field"),
            (Kind::HeatSource, Severity::Critical, "boiler stack"),
            (Kind::Unknown, Severity::High, ""),
        ]
    );
}

/// Several flights as one run, frames numbered through.
fn one_run(parts: Vec<(Flight, Seen)>) -> (Flight, Seen) {
    let mut parts = parts.into_iter();
    let (mut flight, mut seen) = parts.next().unwrap();
    for (mut other, mut more) in parts {
        let before = flight.views.len() as u32;
        other.views.iter_mut().for_each(|view| view.pose.frame += before);
        more.observations.iter_mut().for_each(|one| one.frame += before);
        flight.views.append(&mut other.views);
        seen.observations.append(&mut more.observations);
        seen.truth.append(&mut more.truth);
    }
    (flight, seen)
}

#[test]
fn sites_on_three_continents_are_what_each_is_alone() {
    let homes = [(52.77, 5.43), (-33.86, 151.21), (40.7, -74.0)];
    let alone: Vec<(Flight, Seen)> = (0..)
        .zip(homes)
        .map(|(seed, (lat, lon))| {
            let mut dice = Dice(60 + seed);
            let flight = Flight::over(Geodetic::from_degrees(lat, lon, 0.0), 4, 6, STEADY);
            let things = lattice((6, 8), 7.0, &mut dice);
            let seen = flight.observe(&things, STEADY, &mut dice);
            (flight, seen)
        })
        .collect();
    let expected: Vec<Finding> =
        alone.iter().flat_map(|(flight, seen)| flight.fuse(seen)).collect();
    let (flight, seen) = one_run(alone);
    let findings = flight.fuse(&seen);
    assert_eq!(findings.len(), expected.len());
    for finding in &findings {
        let same = expected.iter().any(|other| {
            let off = LocalFrame::at(&other.point).enu(&finding.point).norm();
            off < 1e-3 && other.views == finding.views && other.area_m2 == finding.area_m2
        });
        assert!(same, "{finding:?}");
    }
    assert!(findings.windows(2).all(|pair| pair[0].id < pair[1].id));
}

#[test]
fn flights_share_no_common_error_and_together_know_better() {
    // Four flights, an hour apart, each 1.5 m off as a whole in its own direction.
    let sigmas = Sigmas { common_m: 1.5, own_east_m: 0.2, own_north_m: 0.2, common_yaw_rad: 0.0 };
    let (mut inside, mut count) = (0, 0);
    for seed in 0..30 {
        let mut dice = Dice(900 + seed);
        let things = lattice((4, 6), 12.0, &mut dice);
        let parts = (0..4).map(|hour: u32| {
            let mut flight = Flight::over(home(), 4, 6, sigmas);
            for view in &mut flight.views {
                let time = format!("2026-03-01T{:02}:00:{:02}Z", 6 + hour, view.pose.frame);
                view.taken_at = time.parse().ok();
            }
            let seen = flight.observe(&things, sigmas, &mut dice);
            (flight, seen)
        });
        let (flight, seen) = one_run(parts.collect());
        let findings = flight.fuse(&seen);
        assert_pure(&findings, &seen);
        assert_eq!(findings.len(), things.len(), "seed {seed}");
        let plane = LocalFrame::at(&home());
        for finding in &findings {
            let (east, north, _) = things[seen.truth[finding.observations[0] as usize]];
            let off = (plane.enu(&finding.point) - Vector3::new(east, north, 0.0)).xy().norm();
            // 1.5 m / √4, and little of the frames' own.
            let major_m = finding.ellipse95.major_m;
            assert!((1.83..2.0).contains(&major_m), "{major_m}");
            inside += u32::from(off <= major_m);
            count += 1;
        }
    }
    // Errors of one seed are one draw: 30 of them, so that a tenth may be outside by chance.
    assert!(inside * 100 >= count * 85, "{inside} of {count}");
}
