//! Plans of sites: what no leg may do on any outline, what is covered, and what is refused.

use proptest::prelude::*;
use torenvalk::geo::Terrain;
use torenvalk::plan::{
    Camera, Params, Pattern, Plan, Plane, Point, Purpose, Region, Rule, Wind, plan,
};
use torenvalk::site::{Asset, AssetKind, Outline, Polygon, Role, Route, Site, Zone};

use crate::geo::{Model, rd_place};

const GROUND: Terrain = Terrain::Flat { height_m: 45.0, sigma_m: 0.1 };

/// The camera of all plans here, by its maker's figures.
pub(crate) fn m3t() -> Camera {
    Camera {
        id: "m3t".to_owned(),
        width_px: 640,
        height_px: 512,
        pixel_pitch_m: 12e-6,
        focal_length_m: 9.1e-3,
        time_constant_s: 0.011,
        least_interval_s: 1.0,
    }
}

fn survey() -> Params {
    let pattern = Pattern::Survey { crosshatch: false, along_rad: None };
    Params { range_m: 5_000.0, distance_m: Some(40.0), ..Params::new(m3t(), pattern) }
}

/// Degrees of metres about a place in the Netherlands.
fn ring(metres: &[Point]) -> Vec<(f64, f64)> {
    let plane = Plane::at(52.1, 5.2);
    metres.iter().map(|&at| plane.degrees(at)).collect()
}

fn polygon(outer: &[Point], holes: &[&[Point]]) -> Polygon {
    Polygon { outer: ring(outer), holes: holes.iter().map(|hole| ring(hole)).collect() }
}

fn site(areas: Vec<Polygon>) -> Site {
    Site { name: "test".to_owned(), areas, ..Site::default() }
}

fn zone(outline: &[Point]) -> Zone {
    let outline = Outline::Polygon(polygon(outline, &[]));
    Zone::always("closed".to_owned(), Role::NoFly, outline)
}

fn square(west: f64, south: f64, side: f64) -> Vec<Point> {
    vec![[west, south], [west + side, south], [west + side, south + side], [west, south + side]]
}

/// Points along every leg, with its number.
fn flown(plan: &Plan<'_>) -> impl Iterator<Item = (usize, Purpose, Point)> {
    let legs = plan.sorties.iter().flat_map(|sortie| &sortie.legs).enumerate();
    legs.flat_map(|(number, leg)| {
        let (a, b) = (leg.from.0, leg.to.0);
        (0..=40).map(move |step| {
            let share = f64::from(step) / 40.0;
            let at = [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
            (number, leg.purpose, at)
        })
    })
}

/// A point's even-odd side by rays to the north, which the planner does not use.
fn lies_in(rings: &[Vec<Point>], at: Point) -> bool {
    let mut inside = false;
    for ring in rings {
        for number in 0..ring.len() {
            let (a, b) = (ring[number], ring[(number + 1) % ring.len()]);
            if (a[0] > at[0]) != (b[0] > at[0]) {
                let north = a[1] + (at[0] - a[0]) / (b[0] - a[0]) * (b[1] - a[1]);
                inside ^= at[1] < north;
            }
        }
    }
    inside
}

/// A ring about a middle, its corners as far away as drawn: concave, with slivers.
fn star(middle: Point, radii: &[f64]) -> Vec<Point> {
    let count = radii.len() as f64;
    let corner = |(number, radius): (usize, &f64)| {
        let (sin, cos) = (number as f64 / count * std::f64::consts::TAU).sin_cos();
        [middle[0] + radius * cos, middle[1] + radius * sin]
    };
    radii.iter().enumerate().map(corner).collect()
}

/// A random site: one or two islands, a hole, a zone; and what they are in metres.
fn random() -> impl Strategy<Value = (Site, Vec<Point>)> {
    let radii = || prop::collection::vec(8.0_f64..150.0, 3..12);
    let hole = prop::collection::vec(4.0_f64..25.0, 3..7);
    let closed = prop::collection::vec(5.0_f64..40.0, 3..8);
    let place = || (-80.0_f64..80.0, -80.0_f64..80.0);
    (radii(), prop::option::of(radii()), hole, place(), closed, place()).prop_map(
        |(radii, island, hole, hole_at, closed, closed_at)| {
            let outer = star([0.0, 0.0], &radii);
            let hole = star([hole_at.0, hole_at.1], &hole);
            let closed = star([closed_at.0, closed_at.1], &closed);
            let mut areas = vec![polygon(&outer, &[&hole])];
            areas.extend(island.map(|radii| polygon(&star([340.0, 60.0], &radii), &[])));
            let mut site = site(areas);
            site.zones = vec![zone(&closed)];
            site.takeoffs = ring(&[[-200.0, -190.0]]);
            (site, closed)
        },
    )
}

fn check_random(site: &Site, closed: &[Point]) -> Result<(), TestCaseError> {
    let params = survey();
    let plan = match plan(site, &GROUND, &params) {
        Ok(plan) => plan,
        // A zone may hold all there is.
        Err(error) => {
            let words = error.to_string();
            prop_assert!(words.contains("nothing to plan") || words.contains("reached"), "{words}");
            return Ok(());
        }
    };
    let zone: Vec<Point> = {
        let here = Plane::at(52.1, 5.2);
        closed.iter().map(|&at| plan.field.plane.point(here.degrees(at))).collect()
    };
    let allowed: Vec<Vec<Point>> = plan.allowed.shapes().iter().flatten().cloned().collect();
    for (leg, purpose, at) in flown(&plan) {
        prop_assert!(
            !lies_in(std::slice::from_ref(&zone), at),
            "leg {leg} crosses the zone: {at:?}"
        );
        prop_assert!(
            lies_in(&allowed, at) || plan.allowed.edge_distance_m(at) < 0.01,
            "leg {leg} ({purpose:?}) leaves what is allowed: {at:?}"
        );
    }
    for photo in plan.photos() {
        prop_assert!(plan.allowed.holds(photo.at));
    }
    let broken: Vec<_> = plan
        .violations
        .iter()
        .filter(|violation| !matches!(violation.rule, Rule::Coverage | Rule::Overlap))
        .collect();
    prop_assert!(broken.is_empty(), "{broken:?}");
    prop_assert!(plan.outside_share <= 0.02, "{} of pictures outside", plan.outside_share);
    let front = plan.overlap_front_min.unwrap_or(1.0);
    prop_assert!(front >= 0.7 - 1e-6, "front {front}");
    let side = plan.overlap_side_min.unwrap_or(1.0);
    prop_assert!(side >= 0.5 - 1e-6, "side {side}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_leg_leaves_what_is_allowed_or_crosses_a_zone((site, closed) in random()) {
        check_random(&site, &closed)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[ignore = "minutes; `cargo test --test it ten_thousand -- --ignored`"]
    fn ten_thousand_outlines_are_flown_inside((site, closed) in random()) {
        check_random(&site, &closed)?;
    }
}

#[test]
fn plain_outlines_are_covered_with_the_overlap_that_was_asked() {
    let hole = square(90.0, 90.0, 40.0);
    let ell = [[0., 0.], [300., 0.], [300., 90.], [110., 90.], [110., 280.], [0., 280.]];
    let arrow = [[0., 0.], [300., 150.], [0., 300.], [80., 150.]];
    for (name, area) in [
        ("square", polygon(&square(0.0, 0.0, 250.0), &[])),
        ("with a courtyard", polygon(&square(0.0, 0.0, 250.0), &[&hole])),
        ("concave", polygon(&ell, &[])),
        ("arrow", polygon(&arrow, &[])),
    ] {
        let site = site(vec![area]);
        let plan = plan(&site, &GROUND, &survey()).unwrap();
        let coverage = plan.coverage.as_ref().unwrap();
        assert!(coverage.share >= 0.999, "{name}: {}", coverage.share);
        assert!((coverage.cell_m - 0.25).abs() < 1e-9);
        assert!(plan.violations.is_empty(), "{name}: {:?}", plan.violations);
        assert!(plan.overlap_side_min.unwrap() >= 0.5 - 1e-9);
        assert!(plan.outside_share <= 0.02, "{name}: {}", plan.outside_share);
    }
}

#[test]
fn a_zone_in_the_middle_is_flown_round() {
    let mut site = site(vec![polygon(&square(0.0, 0.0, 300.0), &[])]);
    site.zones = vec![zone(&square(120.0, 110.0, 60.0))];
    let plan = plan(&site, &GROUND, &survey()).unwrap();
    let broken = plan.violations.iter().find(|violation| violation.rule != Rule::Coverage);
    assert!(broken.is_none(), "{broken:?}");
    // What lies in the zone is seen as far as pictures from beside it reach.
    assert!(plan.coverage.as_ref().unwrap().share > 0.95);
}

#[test]
fn batteries_wind_and_several_take_offs_make_sorties() {
    let mut site = site(vec![polygon(&square(0.0, 0.0, 600.0), &[])]);
    site.takeoffs = ring(&[[-20.0, 10.0], [620.0, 590.0]]);
    let calm = survey();
    let mut windy = calm.clone();
    windy.wind = Wind { speed_m_s: 7.0, from_rad: 0.4 };
    let (calm, windy) =
        (plan(&site, &GROUND, &calm).unwrap(), plan(&site, &GROUND, &windy).unwrap());
    assert!(calm.sorties.len() > 1);
    let time = |plan: &Plan<'_>| plan.sorties.iter().map(|s| s.duration_s).sum::<f64>();
    assert!(time(&windy) > time(&calm) + 1.0, "{} {}", time(&windy), time(&calm));
    for sortie in calm.sorties.iter().chain(&windy.sorties) {
        assert!(sortie.energy_share <= 0.75 + 1e-9);
        let (first, last) = (sortie.legs.first().unwrap(), sortie.legs.last().unwrap());
        assert_eq!((first.purpose, last.purpose), (Purpose::TakeOff, Purpose::Landing));
        assert!(sortie.legs.windows(2).all(|pair| pair[0].to == pair[1].from));
    }
    let used: std::collections::BTreeSet<_> =
        calm.sorties.iter().map(|sortie| sortie.takeoff.0[0] > 300.0).collect();
    assert_eq!(used.len(), 2, "both take-offs are of use");
    for (flown, sortie) in calm.flown.iter().zip(&calm.sorties) {
        assert_eq!(flown.resume_at.len(), sortie.runs.len());
        assert!(!flown.mission.fence.is_empty() && flown.mission.rally.len() == 1);
    }
}

#[test]
fn corridors_roofs_walls_tanks_and_places_are_flown() {
    let mut site = site(vec![]);
    site.routes = vec![Route {
        name: "main".to_owned(),
        vertices: ring(&[[0., 0.], [150., 20.], [170., 160.], [330., 200.]]),
        half_width_m: 12.0,
    }];
    let asset = |name: &str, kind, outline, height_m| Asset {
        name: name.to_owned(),
        kind,
        outline,
        height_m,
        base: None,
    };
    let roof = Outline::Polygon(polygon(&square(400.0, 0.0, 40.0), &[]));
    let tank = Outline::Point { at: ring(&[[500.0, 200.0]])[0], radius_m: 12.0 };
    site.assets =
        vec![asset("roof", AssetKind::Roof, roof, 9.0), asset("tank", AssetKind::Tank, tank, 15.0)];
    let place = ring(&[[60.0, 60.0]])[0];
    let patterns = [
        ("corridor", Pattern::Corridor, 15),
        ("roof", Pattern::Roof { assets: vec![], pitch_rad: -1.0 }, 10),
        ("facade", Pattern::Facade(vec!["roof".to_owned()]), 8),
        ("orbit", Pattern::Orbit(vec![]), 8),
        ("revisit", Pattern::Revisit(vec![("f1".to_owned(), place, None)]), 5),
    ];
    for (name, pattern, least) in patterns {
        let distance_m = match name {
            "facade" | "orbit" => 15.0,
            "corridor" => 40.0,
            _ => 30.0,
        };
        let params = Params { distance_m: Some(distance_m), pattern, range_m: 2_000.0, ..survey() };
        let plan = plan(&site, &GROUND, &params).unwrap();
        assert!(plan.violations.is_empty(), "{name}: {:?}", plan.violations);
        assert!(plan.photos().len() >= least, "{name}: {}", plan.photos().len());
        if let Some(coverage) = &plan.coverage {
            assert!(coverage.share >= 0.999, "{name}: {}", coverage.share);
        }
    }
}

#[test]
fn rounds_about_one_thing_are_a_structure_scan_that_can_be_edited() {
    let mut site = site(vec![polygon(&square(-50.0, -50.0, 100.0), &[])]);
    let at = ring(&[[200.0, 100.0]])[0];
    site.assets = vec![Asset {
        name: "stack".to_owned(),
        kind: AssetKind::Stack,
        outline: Outline::Point { at, radius_m: 4.0 },
        height_m: 40.0,
        base: None,
    }];
    for pattern in [Pattern::Orbit(vec![]), Pattern::Facade(vec!["stack".to_owned()])] {
        let mut params = Params {
            distance_m: Some(15.0),
            pattern: pattern.clone(),
            range_m: 2_000.0,
            ..survey()
        };
        params.vehicle.endurance_s = 10.0 * 3600.0;
        let plan = plan(&site, &GROUND, &params).unwrap();
        assert_eq!(plan.sorties.len(), 1, "{pattern:?}");
        let edited = torenvalk::plan::editable(&plan, &site, &params, 0).unwrap();
        let written = torenvalk::mission::to_plan(&edited);
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("edit.plan");
        std::fs::write(&file, written.text).unwrap();
        let read = torenvalk::mission::read(&file).unwrap();
        assert_eq!(read.steps, edited.steps, "{pattern:?}");
        let [complex] = read.complex.as_slice() else { panic!("{:?}", read.complex) };
        let torenvalk::mission::Pattern::Structure(scan) = &complex.pattern else {
            panic!("{complex:?}")
        };
        // Takes off from the ground that the stack stands on.
        assert!(scan.bottom_m.abs() < 0.01 && (scan.height_m - 40.0).abs() < 1e-9, "{scan:?}");
        assert!((scan.camera.distance_m - 15.0).abs() < 1e-9, "{scan:?}");
        let mut heights: Vec<f64> = plan.photos().iter().map(|photo| photo.height_m).collect();
        heights.sort_by(f64::total_cmp);
        heights.dedup_by(|a, b| (*a - *b).abs() < 0.01);
        assert!(scan.layers > 1 && scan.layers as usize == heights.len(), "{scan:?} {heights:?}");
        let radius_m = scan.polygon.iter().map(|&(lat, lon)| {
            let [east, north] = plan.field.plane.point((lon, lat));
            let [x, y] = plan.field.plane.point(at);
            (east - x).hypot(north - y)
        });
        assert!(radius_m.clone().count() >= 8 && radius_m.fold(0.0, f64::max) < 4.1);
    }
}

#[test]
fn wide_corridors_are_covered_at_sharp_bends_too() {
    // A street plan's corners, a hairpin, and a bend to either side.
    let zigzag = [[0., 0.], [120., 0.], [120., 90.], [200., 90.], [130., 160.], [260., 150.]];
    let mut site = site(vec![]);
    for half_width_m in [4.0, 12.5, 25.0, 40.0] {
        site.routes =
            vec![Route { name: "main".to_owned(), vertices: ring(&zigzag), half_width_m }];
        let params = Params {
            distance_m: Some(30.0),
            pattern: Pattern::Corridor,
            range_m: 2_000.0,
            ..survey()
        };
        let plan = plan(&site, &GROUND, &params).unwrap();
        assert!(plan.violations.is_empty(), "{half_width_m}: {:?}", plan.violations);
        let share = plan.coverage.as_ref().unwrap().share;
        assert!(share >= 0.999, "{half_width_m}: {share}");
    }
}

#[test]
fn what_the_last_flight_missed_is_flown_and_no_more() {
    let site = site(vec![polygon(&square(0.0, 0.0, 200.0), &[])]);
    let seen = vec![ring(&[[-10., -10.], [130., -10.], [130., 210.], [-10., 210.]])];
    let params = Params { pattern: Pattern::Gaps(seen), ..survey() };
    let missed = plan(&site, &GROUND, &params).unwrap();
    assert!((missed.target.area_m2() - 70.0 * 200.0).abs() < 5.0, "{}", missed.target.area_m2());
    assert!(missed.coverage.as_ref().unwrap().share >= 0.999);
    let all = vec![ring(&square(-10.0, -10.0, 220.0))];
    let params = Params { pattern: Pattern::Gaps(all), ..survey() };
    assert!(
        plan(&site, &GROUND, &params).unwrap_err().to_string().contains("nothing of its areas")
    );
}

#[test]
fn a_picture_never_shows_what_must_be_in_none() {
    let mut site = site(vec![polygon(&square(0.0, 0.0, 300.0), &[])]);
    let garden = Outline::Polygon(polygon(&square(140.0, 140.0, 20.0), &[]));
    site.zones = vec![Zone::always("garden".to_owned(), Role::NoCapture, garden)];
    let params = survey();
    let plan = plan(&site, &GROUND, &params).unwrap();
    for photo in plan.photos() {
        let corners =
            torenvalk::plan::footprint(&plan.field, &params.camera, &photo).unwrap().unwrap();
        let seen = Region::of_rings(&[corners.to_vec()]).within(&plan.field.private);
        assert!(seen.is_empty(), "{photo:?}");
    }
}

#[test]
fn sites_and_numbers_that_make_no_sense_are_refused_by_name() {
    let good = || site(vec![polygon(&square(0.0, 0.0, 100.0), &[])]);
    let mut in_zone = good();
    in_zone.takeoffs = ring(&[[50.0, 50.0]]);
    in_zone.zones = vec![zone(&square(40.0, 40.0, 20.0))];
    let mut walled = good();
    walled.takeoffs = ring(&[[-200.0, 50.0]]);
    walled.zones = vec![zone(&square(-20.0, -20.0, 140.0))];
    let pole = Polygon { outer: vec![(0.0, 89.0), (1.0, 89.0), (1.0, 89.1)], holes: vec![] };
    let nan = Polygon { outer: vec![(5.0, 52.0), (f64::NAN, 52.0), (5.0, 52.1)], holes: vec![] };
    let huge = polygon(&square(0.0, 0.0, 32_000.0), &[]);
    let tiny = polygon(&square(0.0, 0.0, 1.0), &[]);
    let overlap = Params { overlap_front: 1.0, ..survey() };
    let mut weak = survey();
    weak.vehicle.endurance_s = 60.0;
    let mut far = good();
    far.takeoffs = ring(&[[-900.0, 0.0]]);
    let table = [
        (in_zone, survey(), "lies in zone closed"),
        (walled, survey(), "reached"),
        (site(vec![pole]), survey(), "degrees of latitude"),
        (site(vec![nan]), survey(), "not a number"),
        (site(vec![huge]), survey(), "its area is"),
        (site(vec![tiny]), survey(), "its area is"),
        (site(vec![]), survey(), "no area"),
        (good(), overlap, "the front overlap is 1"),
        (far, weak, "does not reach"),
        (good(), Params { pattern: Pattern::Corridor, ..survey() }, "no route"),
    ];
    for (site, params, says) in table {
        let answer = plan(&site, &GROUND, &params).map(|_| ()).unwrap_err().to_string();
        assert!(answer.contains(says), "{says}: {answer}");
    }
}

#[test]
fn a_model_that_does_not_cover_the_site_is_refused_with_the_place() {
    let model = Model::default();
    let (lat, lon, _) = rd_place(model.edge.0 + 100.0, model.edge.1 - 80.0);
    let plane = Plane::at(lat.to_degrees(), lon.to_degrees());
    let over = |side_m: f64| {
        let half_m = side_m / 2.0;
        let corners = square(-half_m, -half_m, side_m).into_iter().map(|at| plane.degrees(at));
        site(vec![Polygon { outer: corners.collect(), holes: vec![] }])
    };
    let terrain = model.terrain();
    let small = plan(&over(60.0), &terrain, &survey()).unwrap();
    assert!(small.coverage.unwrap().share >= 0.999);
    let error = plan(&over(400.0), &terrain, &survey()).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("no height at"), "{error}");
}

#[test]
fn a_site_on_the_antimeridian_is_one_piece() {
    let plane = Plane::at(-17.0, 180.0);
    let outer = square(-100.0, -100.0, 200.0).into_iter().map(|at| plane.degrees(at)).collect();
    let site = site(vec![Polygon { outer, holes: vec![] }]);
    let plan = plan(&site, &GROUND, &survey()).unwrap();
    assert!((plan.target.area_m2() - 40_000.0).abs() < 20.0, "{}", plan.target.area_m2());
    assert!(plan.coverage.as_ref().unwrap().share >= 0.999);
}
