//! The whole road on simulated flights: frames written as files, inspected like any other, and
//! the findings held against what was planted.
//!
//! The errors of a flight's findings have a common part, so that what is pooled over flights
//! scatters more than as many lone draws would. The bounds allow for it; the seeds are fixed. Over
//! 30 to 60 flights of each kind 95.4 to 97.7 % were inside.

use std::sync::atomic::AtomicBool;

use torenvalk::capture::CameraTable;
use torenvalk::case::Case;
use torenvalk::detect;
use torenvalk::fuse::{self, Finding};
use torenvalk::geo::Terrain;
use torenvalk::inspect::{self, Watch};
use torenvalk::sim::{self, Params, PoseErrors, Score};
use torenvalk::site::{Asset, AssetKind, Outline, Polygon, Site};
use torenvalk::thermal::ReadOptions;

const GROUND_M: f64 = 41.5;

struct Nobody(AtomicBool);

impl Watch for Nobody {
    fn planned(&self, _: usize) {}
    fn done(&self, _: usize, _: bool) {}
    fn stop(&self) -> &AtomicBool {
        &self.0
    }
}

/// 80 m by 50 m near Delft, with a roof.
fn site() -> Site {
    let place = |e: f64, n: f64| (4.37 + e / 68_677.0, 52.0 + n / 111_267.0);
    let square = |w, s, e, n| Polygon {
        outer: vec![place(w, s), place(e, s), place(e, n), place(w, n)],
        holes: Vec::new(),
    };
    let outline = Outline::Polygon(square(-30.0, 0.0, -5.0, 14.0));
    Site {
        name: "test".to_owned(),
        areas: vec![square(-40.0, -25.0, 40.0, 25.0)],
        assets: vec![Asset {
            name: "roof".to_owned(),
            kind: AssetKind::Roof,
            outline,
            height_m: 0.0,
            base: None,
        }],
        ground_height_m: Some(GROUND_M),
        ..Site::default()
    }
}

fn flown(seed: u64, errors: PoseErrors, pitch_deg: f64) -> (Score, Vec<Finding>) {
    let site = site();
    let mut params = Params { seed, errors, ..Params::default() };
    params.camera.width_px = 160;
    params.camera.height_px = 128;
    // The table's camera at a quarter of its size: 281 px.
    params.camera.focal_length_mm = 13.5 / 4.0;
    params.flight.gimbal_pitch_deg = pitch_deg;
    params.flight.overlap_front = 0.65;
    params.flight.overlap_side = 0.5;
    params.spots.count = 12;
    params.spots.sigma_m = [0.2, 0.9];
    params.spots.on_asset_share = 0.2;
    let scratch = tempfile::tempdir().unwrap();
    let frames = scratch.path().join("frames");
    let truth = sim::write_flight(&site, &params, &frames).unwrap();
    let params = inspect::Params {
        description: String::new(),
        read: ReadOptions::default(),
        detect: detect::Params::default(),
        fuse: fuse::Params::default(),
        cameras: CameraTable::builtin(),
        camera_id: None,
        heading: None,
        // The true ground: else its metre of doubt would hide what poses and pixels do.
        terrain: Some(Terrain::Flat { height_m: GROUND_M, sigma_m: 0.0 }),
        takeoff_height_m: None,
        ground_height_m: Some(GROUND_M),
        site: Some(site),
        flat_field: true,
        calibrate: true,
        control: Vec::new(),
        logs: inspect::LogParams::default(),
        explain: false,
        threads: 2,
    };
    let mut case = Case::open_or_create(&scratch.path().join("a.case")).unwrap();
    let nobody = Nobody(AtomicBool::new(false));
    let summary = inspect::inspect(&[frames], &params, &mut case, &nobody).unwrap();
    (sim::score(&truth, &summary.findings), summary.findings)
}

/// What flights gave, pooled.
#[derive(Debug, Default)]
struct Pool {
    matched: usize,
    inside: usize,
    found: u32,
    expected: u32,
    /// Findings on open ground, where nothing is.
    strays: usize,
    /// Sum of squared Mahalanobis distances of the truths; 2 each is right.
    distance2: f64,
}

impl Pool {
    fn of(seeds: std::ops::Range<u64>, errors: PoseErrors, pitch_deg: f64) -> Self {
        let mut pool = Self::default();
        for seed in seeds {
            let (score, findings) = flown(seed, errors, pitch_deg);
            assert_eq!(findings.len(), score.matches.len() + score.false_findings.len());
            pool.found += score.found;
            pool.expected += score.expected;
            pool.strays += score.false_findings.iter().filter(|f| f.asset.is_none()).count();
            for found in &score.matches {
                pool.matched += 1;
                pool.inside += usize::from(found.inside);
                let [east, north] = found.error_enu_m;
                let (sin, cos) = found.ellipse95.azimuth_deg.to_radians().sin_cos();
                let along = (east * sin + north * cos) / found.ellipse95.major_m;
                let across = (east * cos - north * sin) / found.ellipse95.minor_m;
                pool.distance2 += 5.991 * (along * along + across * across);
            }
        }
        pool
    }

    fn assert_true(&self, least_inside: f64) {
        let count = self.matched as f64;
        assert!(self.found * 100 >= self.expected * 95, "{self:?}");
        assert!(self.inside as f64 >= least_inside * count, "{self:?}");
        // Ellipses that are twice too long would hold all; this is 0.5 then.
        let mean = self.distance2 / count;
        assert!((0.9..3.6).contains(&mean), "{mean}: {self:?}");
    }
}

#[test]
fn with_rtk_the_truth_lies_inside_the_ellipses() {
    let pool = Pool::of(0..8, PoseErrors::with_rtk(), -90.0);
    // 96 findings at 0.95: 85 (0.885) or fewer come by chance once in 300 times if all were lone.
    assert!(pool.matched >= 90);
    pool.assert_true(0.885);
    assert!(pool.strays <= 8, "one a flight: {pool:?}");
}

#[test]
fn with_rtk_and_a_slanting_view_the_truth_lies_inside_the_ellipses() {
    let pool = Pool::of(20..26, PoseErrors::with_rtk(), -55.0);
    // 72 findings at 0.95: 63 (0.87) or fewer come by chance once in 120 times if all were lone,
    // and those of a flight are not.
    assert!(pool.matched >= 66);
    pool.assert_true(0.87);
    assert!(pool.strays <= 6, "one a flight: {pool:?}");
}

#[test]
fn without_rtk_few_flights_have_their_truths_outside() {
    // A flight's common error is nearly all there is: each flight is one draw. Of 10, three or
    // more outside their 95 % come by chance once in 90 times.
    let mut pool = Pool::default();
    let mut outside = 0;
    for seed in 40..50 {
        let flight = Pool::of(seed..seed + 1, PoseErrors::without_rtk(), -90.0);
        outside += u32::from(flight.inside * 2 < flight.matched);
        pool.distance2 += flight.distance2;
        pool.matched += flight.matched;
    }
    assert!(outside <= 2, "{outside} of 10 flights");
    // Half of a χ² with 20 degrees of freedom, over 10: its middle 99.8 %.
    let mean = pool.distance2 / pool.matched as f64;
    assert!((0.59..4.53).contains(&mean), "{mean}");
}
