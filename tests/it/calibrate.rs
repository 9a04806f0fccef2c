//! Self-calibration and what is recognised as no thing on the ground, on flights with planted
//! truth. `benches/ellipses.rs` does the same over hundreds of flights.

use torenvalk::fuse::{Calibration, Finding, Kind, Params, calibrate, correct, fuse};
use torenvalk::geo::LocalFrame;
use torenvalk::sim::{ErrorSigmas, PoseErrors, SightingParams, Sightings, Thing};
use torenvalk::site::ControlPoint;

fn corrected(mut seen: Sightings, control: &[ControlPoint]) -> (Sightings, Vec<Calibration>) {
    let params = Params::default();
    let found = calibrate(&seen.observations, &seen.views, &seen.terrain, control, &params);
    let Sightings { views, observations, terrain, .. } = &mut seen;
    correct(&found, views, observations, terrain);
    (seen, found)
}

fn findings(seen: &Sightings) -> Vec<Finding> {
    fuse(&seen.observations, &seen.views, &seen.terrain, None, &Params::default())
}

/// Distance of each finding's place from the thing that most of its views show.
fn errors_m(seen: &Sightings, findings: &[Finding]) -> Vec<f64> {
    let of = |finding: &Finding| {
        let shows = seen.shows[*finding.observations.first()? as usize]?;
        let off = LocalFrame::at(&finding.point).enu(&seen.places[shows as usize]);
        Some(off.xy().norm())
    };
    let mut errors: Vec<f64> = findings.iter().filter_map(of).collect();
    errors.sort_by(f64::total_cmp);
    errors
}

fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

#[test]
fn common_errors_are_found_within_their_stated_sigmas() {
    // Large against what is left: the numbers that were drawn are not told to the solution.
    let errors = PoseErrors {
        rtk: true,
        own: ErrorSigmas {
            horizontal_m: 0.02,
            vertical_m: 0.03,
            yaw_deg: 0.1,
            pitch_roll_deg: 0.05,
        },
        common: ErrorSigmas {
            horizontal_m: 0.0,
            vertical_m: 0.5,
            yaw_deg: 3.0,
            pitch_roll_deg: 1.0,
        },
    };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for seed in 0..4 {
        // Not straight down, where yaw and roll turn the picture about the same axis.
        let params = SightingParams {
            seed,
            errors,
            pitch_deg: -70.0,
            lines: [4, 10],
            ..SightingParams::default()
        };
        let seen = Sightings::drawn(&params);
        before.extend(errors_m(&seen, &findings(&seen)));
        let (seen, found) = corrected(seen, &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kept, None);
        assert!(found[0].held_after_m < found[0].held_before_m / 3.0, "{:?}", found[0]);
        assert!(found[0].sigma_after.yaw_deg < 0.3, "{:?}", found[0]);
        after.extend(errors_m(&seen, &findings(&seen)));
    }
    before.sort_by(f64::total_cmp);
    after.sort_by(f64::total_cmp);
    assert!(median(&before) > 0.3, "{}", median(&before));
    assert!(median(&after) < 0.1, "{} m before, {} m after", median(&before), median(&after));
}

#[test]
fn a_control_point_takes_off_what_no_overlap_can_tell() {
    let errors = PoseErrors {
        common: ErrorSigmas { horizontal_m: 1.5, ..PoseErrors::with_rtk().common },
        ..PoseErrors::with_rtk()
    };
    let params = SightingParams { seed: 7, errors, lines: [4, 10], ..SightingParams::default() };
    let seen = Sightings::drawn(&params);
    let middle = LocalFrame::at(&params.origin);
    let near_middle = |place: &torenvalk::geo::Geodetic| {
        let at = middle.enu(place);
        (at.x - 18.0).hypot(at.y - 40.0)
    };
    let mut places = seen.places.clone();
    places.sort_by(|a, b| near_middle(a).total_cmp(&near_middle(b)));
    let point = places[0];
    let control = [ControlPoint { name: "post".to_owned(), point, sigma_m: 0.02 }];
    let (without, _) = corrected(Sightings::drawn(&params), &[]);
    let (with, found) = corrected(seen, &control);
    assert_eq!(found[0].control, ["post"]);
    let (without, with) =
        (errors_m(&without, &findings(&without)), errors_m(&with, &findings(&with)));
    assert!(median(&with) < 0.15, "{} m with, {} m without", median(&with), median(&without));
    assert!(median(&without) > 3.0 * median(&with));
}

#[test]
fn few_things_leave_a_flight_as_it_is() {
    let params = SightingParams { per_hectare: 30.0, clutter: 0, ..SightingParams::default() };
    let params = SightingParams { lines: [2, 6], ..params };
    let seen = Sightings::drawn(&params);
    let (observations, views) = (seen.observations.clone(), seen.views.len());
    let (seen, found) = corrected(seen, &[]);
    assert!(found[0].kept.is_some(), "{:?}", found[0]);
    assert_eq!((seen.observations, seen.views.len()), (observations, views));
}

#[test]
fn mirror_images_and_walkers_become_one_finding_with_a_reason() {
    let thing =
        |east, north, up| Thing { at_m: [east, north, up], velocity_m_s: [0.0; 2], delta_k: 4.0 };
    let mut things = vec![thing(12.0, 20.0, 0.0), thing(24.0, 60.0, 0.0)];
    // Seen in a window or pool 25 m above its image.
    things.push(thing(18.0, 40.0, -25.0));
    things.push(Thing { velocity_m_s: [0.6, 0.0], ..thing(-8.0, 80.0, 0.0) });
    let params = SightingParams {
        lines: [2, 32],
        spacing_m: [4.0, 12.0],
        found_share: 1.0,
        clutter: 0,
        ..SightingParams::default()
    };
    let seen = Sightings::of(&things, &params);
    let found = findings(&seen);
    let kinds_of = |thing: u32| {
        let shows =
            |finding: &&Finding| seen.shows[finding.observations[0] as usize] == Some(thing);
        found.iter().filter(shows).map(|finding| finding.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds_of(0), [Kind::Unknown]);
    assert_eq!(kinds_of(1), [Kind::Unknown]);
    assert!(kinds_of(2).contains(&Kind::Reflection), "{:?}", kinds_of(2));
    assert!(kinds_of(3).contains(&Kind::LivingOrVehicle), "{:?}", kinds_of(3));
}

#[test]
fn a_thing_on_a_roof_is_placed_where_its_rays_meet() {
    let params = SightingParams {
        highest_m: 8.0,
        ground_sigma_m: 4.0,
        lines: [4, 10],
        errors: PoseErrors::none(),
        ..SightingParams::default()
    };
    // The level of the ground is right; that things are up to 8 m above it is not known.
    let stated = SightingParams { ground_sigma_m: 0.0, ..params.clone() };
    let mut seen = Sightings::drawn(&stated);
    for one in &mut seen.observations {
        one.common_enu_m2[5] = 16.0;
    }
    let found = findings(&seen);
    let mut high = 0;
    for finding in found.iter().filter(|finding| finding.views >= 3) {
        let Some(thing) = seen.shows[finding.observations[0] as usize] else { continue };
        let truth = seen.places[thing as usize];
        let off = LocalFrame::at(&finding.point).enu(&truth);
        high += usize::from(seen.things[thing as usize].at_m[2] > 3.0);
        assert!(off.xy().norm() < 0.5, "{off} {}", finding.views);
        assert!(off.z.abs() < 3.0, "{off} {}", finding.views);
    }
    assert!(high >= 3, "{high}");
}
