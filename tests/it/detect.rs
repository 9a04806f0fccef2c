//! Behaviour of `detect`, on frames with planted truth.

use proptest::prelude::*;
use torenvalk::detect::{Detection, Detector, Params, Plane, Polarity, Profile, Reason};
use torenvalk::thermal::PlaneUnit;

const CENTIKELVIN: PlaneUnit = PlaneUnit::Kelvin { step_k: 0.01, origin_c: -273.15 };

/// 15 °C in steps of 0.01 K from absolute zero.
const GROUND: f64 = 28_815.0;

/// A frame in the making, in steps.
#[derive(Debug, Clone)]
struct Scene {
    width: usize,
    values: Vec<f64>,
}

impl Scene {
    fn new(width: usize, height: usize) -> Self {
        Self { width, values: vec![GROUND; width * height] }
    }

    /// Adds a round Gaussian whose centre lies at (x, y) from the outer corner of the first pixel.
    fn spot(mut self, x: f64, y: f64, sigma: f64, contrast_k: f64) -> Self {
        for (at, value) in self.values.iter_mut().enumerate() {
            let dx = (at % self.width) as f64 + 0.5 - x;
            let dy = (at / self.width) as f64 + 0.5 - y;
            *value += 100.0 * contrast_k * (-0.5 * (dx * dx + dy * dy) / (sigma * sigma)).exp();
        }
        self
    }

    /// Adds noise: the sum of twelve uniform numbers is nearly normal, with variance 1.
    fn noise(mut self, sigma_k: f64, seed: u32) -> Self {
        let mut state = seed;
        for value in &mut self.values {
            let sum: f64 = (0..12)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    f64::from(state >> 8) / f64::from(1 << 24)
                })
                .sum();
            *value += 100.0 * sigma_k * (sum - 6.0);
        }
        self
    }

    /// Steps, to the nearest multiple of one number.
    fn steps(&self, multiple: f64) -> Vec<u16> {
        self.values.iter().map(|value| ((value / multiple).round() * multiple) as u16).collect()
    }

    fn found(&self) -> Vec<Detection> {
        find(&self.steps(1.0), self.width, Params::default())
    }
}

fn find(values: &[u16], width: usize, params: Params) -> Vec<Detection> {
    Detector::new(params).detect(&plane(values, width))
}

fn plane(values: &[u16], width: usize) -> Plane<'_> {
    Plane {
        width_px: width as u32,
        height_px: (values.len() / width) as u32,
        values,
        unit: CENTIKELVIN,
        saturated_from: None,
    }
}

fn is_near(detection: &Detection, x: f64, y: f64, within_px: f64) -> bool {
    (f64::from(detection.x_px) - x).hypot(f64::from(detection.y_px) - y) <= within_px
}

#[test]
fn one_spot_is_found_once_in_its_place_with_its_contrast() {
    for (x, y, sigma, contrast_k) in [
        (100.0, 60.0, 2.0, 5.0),
        (100.3, 60.8, 1.0, 8.0),
        (57.5, 61.5, 4.0, -3.0),
        (40.25, 30.75, 3.0, 30.0),
        (131.5, 90.5, 1.5, -12.0),
    ] {
        let found = Scene::new(200, 120).noise(0.05, 7).spot(x, y, sigma, contrast_k).found();
        let [spot] = found[..] else { panic!("{contrast_k} K at ({x}, {y}): {found:?}") };
        let polarity = if contrast_k > 0.0 { Polarity::Hot } else { Polarity::Cold };
        assert_eq!(spot.polarity, polarity);
        // A tenth of a pixel beside what half a pixel's error of convention would give.
        assert!(is_near(&spot, x, y, 0.2), "({x}, {y}): {spot:?}");
        // A pixel is no point: its middle is up to 0.7 px from the peak, and noise adds to it.
        let share = f64::from(spot.delta) / contrast_k;
        assert!((0.75..1.1).contains(&share), "{contrast_k} K: {spot:?}");
        assert!((f64::from(spot.background) - 15.0).abs() < 0.5, "{spot:?}");
        assert!((spot.peak - spot.background - spot.delta).abs() < 1e-3);
        let noises = f64::from(spot.snr) * 0.05;
        assert!((noises / f64::from(spot.delta.abs()) - 1.0).abs() < 0.1, "{spot:?}");
    }
}

#[test]
fn the_box_holds_the_core() {
    let found = Scene::new(100, 80).noise(0.05, 3).spot(50.5, 40.5, 3.0, 10.0).found();
    let [spot] = found[..] else { panic!("{found:?}") };
    // Half of the peak lies at 1.18 sigma: 3.5 px to each side of the middle pixel.
    let [left, top, width, height] = spot.bbox_px;
    assert!((46..=48).contains(&left) && (36..=38).contains(&top), "{spot:?}");
    assert!((6..=9).contains(&width) && (6..=9).contains(&height), "{spot:?}");
    let disc = std::f64::consts::PI * 3.53 * 3.53;
    assert!((f64::from(spot.area_px) / disc - 1.0).abs() < 0.25, "{spot:?}");
}

#[test]
fn twins_are_two() {
    let scene = Scene::new(120, 80).noise(0.05, 5).spot(55.0, 40.0, 2.0, 6.0);
    let found = scene.spot(62.5, 40.0, 2.0, 5.0).found();
    assert_eq!(found.len(), 2, "{found:?}");
    for x in [55.0, 62.5] {
        assert!(found.iter().any(|spot| is_near(spot, x, 40.0, 0.5)), "{x}: {found:?}");
    }
}

#[test]
fn a_small_spot_on_a_wide_one_leaves_both() {
    let scene = Scene::new(320, 256).noise(0.05, 9).spot(160.0, 128.0, 20.0, 6.0);
    let found = scene.spot(174.0, 128.0, 1.5, 5.0).found();
    let wide = found.iter().find(|spot| spot.reasons.contains(Reason::Wide));
    assert!(wide.is_some_and(|spot| is_near(spot, 160.0, 128.0, 4.0)), "{found:?}");
    let small = found.iter().find(|spot| spot.area_px < 60);
    assert!(small.is_some_and(|spot| is_near(spot, 174.0, 128.0, 1.0)), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn wide_spots_need_the_coarse_level() {
    let scene = Scene::new(320, 256).noise(0.05, 9).spot(160.0, 128.0, 18.0, 4.0);
    let found = scene.found();
    let [spot] = found[..] else { panic!("{found:?}") };
    assert!(spot.reasons.contains(Reason::Wide) && is_near(&spot, 160.0, 128.0, 2.0), "{spot:?}");
    let narrow = Params { wide: false, ..Params::default() };
    let found = find(&scene.steps(1.0), 320, narrow);
    assert!(found.iter().all(|spot| !spot.reasons.contains(Reason::Wide)), "{found:?}");
}

#[test]
fn stuck_pixels_are_no_spots_of_either_sign() {
    for contrast in [600.0, -600.0] {
        let mut scene = Scene::new(100, 80).noise(0.05, 11);
        for (x, y) in [(50, 40), (0, 0), (99, 79), (0, 30), (64, 0), (65, 70)] {
            scene.values[y * 100 + x] += contrast;
        }
        assert_eq!(scene.found(), [], "{contrast}");
    }
}

#[test]
fn nothing_comes_of_nothing() {
    for values in [vec![0u16; 100 * 80], vec![28_815; 100 * 80], vec![65_535; 100 * 80]] {
        assert_eq!(find(&values, 100, Params::default()), []);
    }
    assert_eq!(Scene::new(320, 256).noise(0.05, 1).found(), []);
}

#[test]
fn holes_make_no_spots_and_hide_none() {
    let scene = Scene::new(160, 120).noise(0.05, 13).spot(80.0, 60.0, 2.0, 5.0);
    let mut values = scene.steps(1.0);
    for (x, y) in (20..29).flat_map(|x| (20..26).map(move |y| (x, y))) {
        values[y * 160 + x] = 0;
    }
    for y in 0..120 {
        values[y * 160..][..6].fill(0);
        values[y * 160 + 120] = 0;
    }
    values[60 * 160 + 88] = 0;
    let found = find(&values, 160, Params::default());
    let [spot] = found[..] else { panic!("{found:?}") };
    assert!(is_near(&spot, 80.0, 60.0, 0.2), "{spot:?}");
}

#[test]
fn black_is_a_grey_level_and_deltas_are_grey_levels() {
    let scene = Scene::new(100, 80).spot(50.0, 40.0, 2.0, -70.0);
    let values: Vec<u16> = scene
        .values
        .iter()
        .map(|value| ((value - GROUND + 6000.0) / 100.0).round() as u16 * 100)
        .collect();
    assert!(values.contains(&0));
    let plane = Plane { unit: PlaneUnit::Grey { step: 0.01 }, ..plane(&values, 100) };
    let found = Detector::new(Params::default()).detect(&plane);
    let [spot] = found[..] else { panic!("{found:?}") };
    assert_eq!(spot.polarity, Polarity::Cold);
    assert_eq!((spot.peak, spot.background, spot.delta), (0.0, 60.0, -60.0));
}

#[test]
fn reasons_say_what_is_there() {
    let at_border = Scene::new(100, 80).noise(0.05, 17).spot(1.0, 40.0, 2.0, 5.0).found();
    assert!(at_border.iter().any(|spot| spot.reasons.contains(Reason::Border)), "{at_border:?}");

    let mut line = Scene::new(100, 80).noise(0.05, 17);
    for y in 20..60 {
        line.values[y * 100 + 50] += 500.0;
        line.values[y * 100 + 51] += 500.0;
    }
    let found = line.found();
    assert!(found.iter().any(|spot| spot.reasons.contains(Reason::Straight)), "{found:?}");

    let round = Scene::new(100, 80).noise(0.05, 17).spot(50.0, 40.0, 2.0, 5.0);
    let [spot] = round.found()[..] else { panic!("one spot") };
    assert_eq!(spot.reasons.iter().collect::<Vec<_>>(), []);

    let values = round.steps(1.0);
    for (limit, polarity, is_saturated) in
        [(29_200, Polarity::Hot, true), (29_500, Polarity::Hot, false)]
    {
        let plane = Plane { saturated_from: Some(limit), ..plane(&values, 100) };
        let [spot] = Detector::new(Params::default()).detect(&plane)[..] else { panic!("one") };
        assert_eq!(spot.polarity, polarity);
        assert_eq!(spot.reasons.contains(Reason::Saturated), is_saturated, "{limit}");
    }
}

#[test]
fn a_profile_looks_from_its_own_contrast_on() {
    let scene = Scene::new(200, 120).noise(0.05, 19);
    let scene = scene.spot(40.0, 60.0, 2.0, 1.5).spot(100.0, 60.0, 2.0, 3.0);
    let values = scene.spot(160.0, 60.0, 2.0, 8.0).steps(1.0);
    for (profile, expected) in [
        (Profile::All, 3),
        (Profile::Insulation, 3),
        (Profile::Leak, 3),
        (Profile::Pv, 2),
        (Profile::HeatSource, 2),
        (Profile::Electrical, 1),
    ] {
        let found = find(&values, 200, Params { profile, ..Params::default() });
        assert_eq!(found.len(), expected, "{profile:?}: {found:?}");
    }
}

#[test]
fn frames_of_any_size_and_contradictory_planes_do_no_harm() {
    let mut detector = Detector::new(Params { least_score: 0.0, ..Params::default() });
    let values: Vec<u16> = (0..70_000u32).map(|at| (at * 40_503 % 65_521) as u16).collect();
    for (width, height) in
        [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3), (5, 700), (700, 5), (63, 65), (129, 7), (31, 33)]
            .into_iter()
            .chain([(1, 65_535), (65_535, 1)])
    {
        let plane = plane(&values[..width * height], width);
        for spot in detector.detect(&plane) {
            assert!((0.0..=width as f32).contains(&spot.x_px), "{width}x{height}: {spot:?}");
            assert!((0.0..=height as f32).contains(&spot.y_px), "{width}x{height}: {spot:?}");
        }
    }
    let good = plane(&values[..6400], 80);
    for bad in [
        Plane { width_px: 0, ..good },
        Plane { height_px: 81, ..good },
        Plane { width_px: u32::MAX, height_px: u32::MAX, ..good },
        Plane { width_px: 70_000, height_px: 1, values: &values, ..good },
        Plane { unit: PlaneUnit::Kelvin { step_k: 0.0, origin_c: 0.0 }, ..good },
        Plane { unit: PlaneUnit::Kelvin { step_k: f64::NAN, origin_c: 0.0 }, ..good },
        Plane { unit: PlaneUnit::Grey { step: -1.0 }, ..good },
    ] {
        assert_eq!(detector.detect(&bad), []);
    }
}

#[test]
fn one_detector_says_the_same_about_a_frame_whatever_came_before() {
    let scene = Scene::new(160, 120).noise(0.05, 23).spot(80.0, 60.0, 2.0, 5.0);
    let (values, other) = (scene.steps(1.0), vec![0; 31 * 700]);
    let mut detector = Detector::new(Params::default());
    let first = detector.detect(&plane(&values, 160));
    detector.detect(&plane(&other, 31));
    assert_eq!(detector.detect(&plane(&values, 160)), first);
    assert_eq!(first.len(), 1);
}

/// Up to four spots, well apart on a grid of 80 px, on 320x160 pixels.
fn scenes() -> impl Strategy<Value = Scene> {
    let spot = (30.0..50.0, 30.0..50.0, 1.0..4.0, prop_oneof![2.0..20.0, -20.0..-2.0]);
    (proptest::collection::vec(spot, 1..5), any::<u32>()).prop_map(|(spots, seed)| {
        let mut scene = Scene::new(320, 160).noise(0.05, seed);
        for (at, (x, y, sigma, contrast_k)) in spots.into_iter().enumerate() {
            let (column, row) = (at % 4, at % 2);
            scene = scene.spot(80.0 * column as f64 + x, 80.0 * row as f64 + y, sigma, contrast_k);
        }
        scene
    })
}

/// Whether each of `a` has its like in `b`, and the other way round, after `change` of place.
fn alike(a: &[Detection], b: &[Detection], change: impl Fn(&Detection) -> (f32, f32)) -> bool {
    a.len() == b.len()
        && a.iter().all(|spot| {
            let (x, y) = change(spot);
            b.iter().any(|other| {
                other.polarity == spot.polarity
                    && (other.delta - spot.delta).abs() < 0.05
                    && is_near(other, x.into(), y.into(), 0.05)
            })
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn flipping_the_frame_flips_the_spots(scene in scenes()) {
        let values = scene.steps(1.0);
        let found = find(&values, 320, Params::default());
        let mirrored: Vec<u16> =
            values.chunks(320).flat_map(|row| row.iter().rev().copied()).collect();
        let flipped: Vec<u16> = values.chunks(320).rev().flatten().copied().collect();
        let of_mirrored = find(&mirrored, 320, Params::default());
        let of_flipped = find(&flipped, 320, Params::default());
        prop_assert!(!found.is_empty());
        prop_assert!(alike(&found, &of_mirrored, |s| (320.0 - s.x_px, s.y_px)),
            "{found:?}\n{of_mirrored:?}");
        prop_assert!(alike(&found, &of_flipped, |s| (s.x_px, 160.0 - s.y_px)),
            "{found:?}\n{of_flipped:?}");
    }

    #[test]
    fn cold_is_hot_upside_down(scene in scenes()) {
        // Multiples of 16: means over a coarse pixel then round up as often as down.
        let values = scene.steps(16.0);
        let upside_down: Vec<u16> = values.iter().map(|value| 57_600 - value).collect();
        let params = Params { wide: false, ..Params::default() };
        let mut turned = find(&upside_down, 320, params);
        for spot in &mut turned {
            spot.delta = -spot.delta;
            spot.polarity = match spot.polarity {
                Polarity::Hot => Polarity::Cold,
                Polarity::Cold => Polarity::Hot,
            };
        }
        let found = find(&values, 320, params);
        prop_assert!(alike(&found, &turned, |s| (s.x_px, s.y_px)), "{found:?}\n{turned:?}");
    }

    #[test]
    fn finer_steps_change_nothing(scene in scenes()) {
        let params = Params { wide: false, ..Params::default() };
        // Multiples of 4: means over four pixels are then whole in both. Otherwise a pixel that is
        // just half as high as the peak is in the core of one, whose ring may lie farther out.
        let values = scene.steps(4.0);
        let finer: Vec<u16> = values.iter().map(|value| 4 * (value - 20_000)).collect();
        let unit = PlaneUnit::Kelvin { step_k: 0.0025, origin_c: -73.15 };
        let of_finer = Detector::new(params).detect(&Plane { unit, ..plane(&finer, 320) });
        let found = find(&values, 320, params);
        prop_assert!(alike(&found, &of_finer, |s| (s.x_px, s.y_px)), "{found:?}\n{of_finer:?}");
    }

    #[test]
    fn any_values_are_survived(
        width in 1usize..90,
        values in proptest::collection::vec(prop_oneof![Just(0u16), any::<u16>()], 1..4000),
    ) {
        let values = &values[..values.len() / width * width];
        if !values.is_empty() {
            let params = Params { least_score: -1e9, ..Params::default() };
            for spot in find(values, width, params) {
                prop_assert!(spot.score.is_finite() && spot.x_px.is_finite());
            }
        }
    }
}
