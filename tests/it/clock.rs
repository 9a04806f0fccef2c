//! The camera's clock: flights whose offset is known, and flights where nobody could tell.
//!
//! `--run-ignored all -E 'test(five_thousand)'` in release prints the figures of 5,000 flights of a
//! kind.

use torenvalk::flight::{
    ClockEvidence, ClockFit, ClockParams, EventStamp, FrameStamp, LogPlace, Method, Reason,
    Verdict, fit_clock, fit_clock_by_events, fit_clock_by_motion, fit_clock_by_positions,
    fit_clock_given,
};

use crate::clock_scenes::{
    Clocks, Draws, Faults, Path, Scene, Tally, Trigger, USUAL, scene, triggers, usual,
};

fn fit(scene: &Scene) -> ClockFit {
    fit_clock_by_events(&scene.frames, &scene.events, &ClockParams::default())
}

fn tally(seeds: std::ops::Range<u64>, make: impl Fn(u64) -> Scene) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let scene = make(seed);
        let fit = fit(&scene);
        assert_eq!(
            fit.pairs.len() + fit.ambiguous_frames.len() + fit.unmatched_frames.len(),
            scene.frames.len()
        );
        assert_eq!(fit.pairs.len() + fit.unmatched_events.len(), scene.events.len());
        tally.add(&scene, &fit);
    }
    tally
}

fn reason(fit: &ClockFit) -> Option<Reason> {
    match fit.verdict {
        Verdict::Certain => None,
        Verdict::CannotTell { reason, .. } => Some(reason),
    }
}

/// A flight whose log is of another one.
fn unrelated(trigger: Trigger, seed: u64) -> Scene {
    let other = usual(trigger, &USUAL, seed + 1_000_000);
    let own = usual(trigger, &USUAL, seed);
    let truth = vec![None; own.frames.len()];
    // No offset is right.
    let clocks = Clocks { offset_s: 1e7, ..own.clocks };
    Scene { events: other.events, truth, clocks, ..own }
}

#[test]
fn surveys_are_told_to_a_tenth_of_a_second_or_not_at_all() {
    let flights = tally(1..301, |seed| usual(Trigger::Distance, &USUAL, seed));
    assert_eq!(flights.wrong, 0, "{flights}");
    // 99 % is asked of five thousand (below); three hundred of these scatter by two.
    assert!(flights.right >= 294, "{flights}");
    // The stated sigma holds: it is neither a third too small nor a third too large.
    let rms = (flights.squares / flights.right as f64).sqrt();
    assert!((0.75..1.33).contains(&rms), "{flights}");
    assert!(flights.beyond_3_sigma <= 5, "{flights}");
    // A pair is false where a frame without an event meets an event without a frame.
    assert!(flights.wrong_pairs * 300 < flights.pairs, "{flights}");
    assert!(flights.pairs * 100 > flights.frames * 97, "{flights}");
}

#[test]
fn faults_are_survived_or_told() {
    let cases = [
        ("a third dropped", Trigger::Distance, Faults { dropped: 0.3, ..USUAL }, 90),
        ("a fifth lost from the log", Trigger::Distance, Faults { lost: 0.2, ..USUAL }, 85),
        ("milliseconds", Trigger::Distance, Faults { step_s: 0.001, ..USUAL }, 98),
        ("milliseconds, even legs", Trigger::Timer, Faults { step_s: 0.001, ..USUAL }, 80),
        ("even legs", Trigger::Timer, USUAL, 40),
        ("by hand", Trigger::Hand, USUAL, 90),
    ];
    for (name, trigger, faults, least_percent) in cases {
        let flights = tally(1..61, |seed| usual(trigger, &faults, seed));
        assert_eq!(flights.wrong, 0, "{name}: {flights}");
        assert!(100 * flights.right >= least_percent * flights.flights, "{name}: {flights}");
    }
}

#[test]
fn an_even_pace_or_another_log_is_never_certain() {
    let even = [0.5, 1.0, 2.0, 2.37, 3.5].map(Trigger::Even);
    for trigger in even {
        for step_s in [1.0, 0.001] {
            let faults = Faults { step_s, ..USUAL };
            let flights = tally(1..21, |seed| usual(trigger, &faults, seed));
            assert_eq!(flights.cannot_tell, flights.flights, "{trigger:?} {step_s}: {flights}");
        }
    }
    for trigger in [Trigger::Distance, Trigger::Timer, Trigger::Hand, Trigger::Even(2.0)] {
        let flights = tally(1..41, |seed| unrelated(trigger, seed));
        assert_eq!(flights.cannot_tell, flights.flights, "{trigger:?}: {flights}");
    }
}

#[test]
fn even_triggers_say_so_and_count_their_alternatives() {
    let scene = usual(Trigger::Even(2.37), &USUAL, 3);
    let fit = fit(&scene);
    let Verdict::CannotTell { reason: Reason::Even { interval_s }, alternatives } = &fit.verdict
    else {
        panic!("{:?}", fit.verdict);
    };
    assert!((interval_s - 2.37).abs() < 1e-3);
    let truth_s = scene.clocks.log_s(fit.reference_camera_s) - fit.reference_camera_s;
    let guesses = alternatives.iter().map(|other| other.offset_s).chain([fit.offset_s]);
    let nearest_s = guesses.map(|s| (s - truth_s).abs()).fold(f64::INFINITY, f64::min);
    assert!(nearest_s < 1.2, "the truth is not among {alternatives:?}");
}

#[test]
fn a_shared_counter_decides_between_even_triggers() {
    let mut scene = usual(Trigger::Even(2.37), &Faults { extra: 0.0, ..USUAL }, 3);
    // A counter of 64 that the camera and the log share, as PX4's image index.
    for (number, event) in (0_u32..).zip(&mut scene.events) {
        event.number = Some(number % 64);
    }
    for (frame, event) in scene.frames.iter_mut().zip(&scene.truth) {
        frame.number = event.map(|event| 1000 * 64 + event as u32);
    }
    let params = ClockParams { shared_counter: Some(64), ..ClockParams::default() };
    let fit = fit_clock_by_events(&scene.frames, &scene.events, &params);
    assert!(fit.is_certain() || matches!(reason(&fit), Some(Reason::Coarse { .. })), "{fit:?}");
    assert!(scene.error_s(&fit) < 4.0 * fit.sigma_s.max(0.03));
    assert_eq!(scene.wrong_pairs(&fit), 0);
}

#[test]
fn few_frames_none_or_all_of_one_second_are_refused() {
    let whole = usual(Trigger::Distance, &USUAL, 9);
    let params = ClockParams::default();
    for count in [1, 2, 3, 5] {
        let fit = fit_clock_by_events(&whole.frames[..count], &whole.events, &params);
        assert!(matches!(reason(&fit), Some(Reason::TooFew { .. })), "{count}: {:?}", fit.verdict);
    }
    for (frames, events) in [(&whole.frames[..], &[][..]), (&[], &whole.events[..]), (&[], &[])] {
        let fit = fit_clock_by_events(frames, events, &params);
        assert!(matches!(reason(&fit), Some(Reason::Nothing { .. })));
        assert_eq!(fit.unmatched_frames.len(), frames.len());
        assert_eq!(fit.unmatched_events.len(), events.len());
    }
    let same = vec![FrameStamp { camera_s: 1.7e9, number: None }; 200];
    assert!(!fit_clock_by_events(&same, &whole.events, &params).is_certain());
    let odd = [f64::NAN, f64::INFINITY, -1e300, 1e300, 0.0];
    let frames = odd.map(|camera_s| FrameStamp { camera_s, number: Some(0) });
    let events = odd.map(|log_s| EventStamp { log_s, number: Some(u32::MAX) });
    let zero = ClockParams { shared_counter: Some(0), ..params };
    assert!(!fit_clock_by_events(&frames, &events, &zero).is_certain());
}

#[test]
fn a_clock_that_was_changed_in_flight_is_told() {
    let mut told = 0;
    for seed in 1..31 {
        let mut scene = usual(Trigger::Distance, &USUAL, seed);
        let middle = scene.frames.len() / 2;
        scene.frames[middle..].iter_mut().for_each(|frame| frame.camera_s += 3600.0);
        let fit = fit(&scene);
        assert!(!fit.is_certain(), "{seed}");
        told += usize::from(matches!(reason(&fit), Some(Reason::Jump { .. })));
    }
    assert!(told >= 27, "{told} of 30");
}

#[test]
fn a_jump_of_an_hour_misleads_no_frame_and_numbers_show_a_clock_set_back() {
    for seed in 1..21 {
        for share in [3, 5, 8, 9] {
            let whole = usual(Trigger::Distance, &USUAL, seed);
            let jumped = whole.frames.len() * share / 10;
            let mut scene = usual(Trigger::Distance, &USUAL, seed);
            scene.frames[jumped..].iter_mut().for_each(|frame| frame.camera_s += 3600.0);
            let fit = fit(&scene);
            let log = scene.events[0].log_s..scene.events[scene.events.len() - 1].log_s;
            let misled = (0..whole.frames.len()).filter(|&frame| {
                let log_s = fit.log_s(scene.frames[frame].camera_s);
                let truth_s = whole.clocks.log_s(whole.frames[frame].camera_s + 0.5);
                log.contains(&log_s) && (log_s - truth_s).abs() > 1.0
            });
            assert!(!fit.is_certain() || misled.count() == 0, "{seed} {share}");
        }
        let mut numbered = usual(Trigger::Distance, &Faults { extra: 0.0, ..USUAL }, seed);
        let jumped = numbered.frames.len() * 9 / 10;
        for (number, frame) in (1..).zip(&mut numbered.frames) {
            frame.number = Some(number);
            frame.camera_s -= if number as usize > jumped { 40.0 } else { 0.0 };
        }
        assert!(!fit(&numbered).is_certain(), "{seed}");
    }
}

#[test]
fn a_second_flight_on_the_card_does_no_harm() {
    let mut flights = Tally::default();
    for seed in 1..41 {
        let mut both = usual(Trigger::Distance, &USUAL, seed);
        let mut draws = Draws(seed + 77);
        let later = triggers(Trigger::Distance, &mut draws);
        let later: Vec<f64> = later.iter().map(|time| time + 5000.0).collect();
        let other = scene(&later, both.clocks, &USUAL, &mut draws);
        both.truth.extend(vec![None; other.frames.len()]);
        both.frames.extend(other.frames);
        flights.add(&both, &fit(&both));
    }
    assert!(flights.wrong == 0 && flights.right >= 38, "{flights}");
}

#[test]
fn an_operators_word_is_made_finer_where_events_bear_it_out() {
    let scene = usual(Trigger::Even(2.37), &Faults { extra: 0.0, ..USUAL }, 4);
    let (frames, events) = (&scene.frames, &scene.events);
    let params = ClockParams::default();
    let middle_s = frames[frames.len() / 2].camera_s;
    let truth_s = scene.clocks.log_s(middle_s) - middle_s;
    let fit = fit_clock_given(frames, events, truth_s + 0.4, 0.3, &params);
    assert_eq!(fit.method, Method::Given { refined: true });
    assert!(fit.is_certain() && scene.error_s(&fit) < 0.1, "{fit:?}");
    assert!(fit.pairs.len() * 100 > frames.len() * 95);
    // Where nothing is near, the word stands.
    let fit = fit_clock_given(frames, events, truth_s + 9e4, 0.3, &params);
    assert_eq!(fit.method, Method::Given { refined: false });
    assert!(fit.is_certain() && fit.offset_s == truth_s + 9e4 && fit.pairs.is_empty());
    let fit = fit_clock_given(frames, &[], truth_s, 0.3, &params);
    assert!(fit.sigma_s == 0.3 && fit.log_s(middle_s) == middle_s + 0.5 + truth_s);
}

#[test]
fn positions_tell_or_say_why_not() {
    let mut flights = Tally::default();
    for seed in 1..41 {
        let mut draws = Draws(seed * 7919);
        let path = Path::fly(&mut draws);
        let shots = path.shots(&mut draws);
        let clocks = Clocks::draw(&mut draws, &USUAL);
        let places = path.places(&shots, &clocks, &mut draws);
        let track = path.track(&mut draws);
        let fit = fit_clock_by_positions(&places, &track, &ClockParams::default());
        flights.add_within(&Path::scene(&shots, clocks), &fit, 0.3);
        let other = Path::fly(&mut Draws(seed * 31 + 5)).track(&mut draws);
        let fit = fit_clock_by_positions(&places, &other, &ClockParams::default());
        assert!(!fit.is_certain(), "{seed}: another flight's track");
        let hover: Vec<LogPlace> = track
            .iter()
            .map(|one| LogPlace { east_north_m: places[0].east_north_m, ..*one })
            .collect();
        let mut still = places.clone();
        still.iter_mut().for_each(|place| place.east_north_m = places[0].east_north_m);
        let fit = fit_clock_by_positions(&still, &hover, &ClockParams::default());
        assert!(matches!(reason(&fit), Some(Reason::Still)), "{:?}", fit.verdict);
    }
    assert!(flights.wrong == 0 && flights.right >= 38, "{flights}");
}

#[test]
fn motion_tells_or_says_why_not() {
    let mut flights = Tally::default();
    for seed in 1..31 {
        let mut draws = Draws(seed * 7919);
        let path = Path::fly(&mut draws);
        let shots = path.shots(&mut draws);
        let clocks = Clocks::draw(&mut draws, &USUAL);
        let motion = path.motion(&shots, &clocks, &mut draws);
        let log = path.log_motion(&mut draws);
        let fit = fit_clock_by_motion(&motion, &log, &ClockParams::default());
        flights.add_within(&Path::scene(&shots, clocks), &fit, 0.6);
        let other = Path::fly(&mut Draws(seed * 31 + 5)).log_motion(&mut draws);
        let fit = fit_clock_by_motion(&motion, &other, &ClockParams::default());
        assert!(!fit.is_certain(), "{seed}: another flight's log");
        let mut even = log.clone();
        even.iter_mut().for_each(|sample| (sample.speed_m_s, sample.yaw_rate_rad_s) = (5.0, 0.0));
        assert!(!fit_clock_by_motion(&motion, &even, &ClockParams::default()).is_certain());
    }
    assert!(flights.wrong == 0 && flights.right >= 26, "{flights}");
}

#[test]
fn positions_choose_between_even_triggers() {
    let mut draws = Draws(17);
    let path = Path::fly(&mut draws);
    let clocks = Clocks::draw(&mut draws, &USUAL);
    let first_s = path.samples[5].0;
    let span_s = path.samples[path.samples.len() - 5].0 - first_s;
    let shots: Vec<f64> =
        (0..(span_s / 2.37) as usize).map(|n| first_s + 2.37 * n as f64).collect();
    let clean = Faults { extra: 0.0, dropped: 0.0, ..USUAL };
    let scene = scene(&shots, clocks, &clean, &mut draws);
    let mut places = path.places(&shots, &clocks, &mut draws);
    places.iter_mut().zip(&scene.frames).for_each(|(place, frame)| place.camera_s = frame.camera_s);
    let track = path.track(&mut draws);
    let events =
        ClockEvidence { frames: &scene.frames, events: &scene.events, ..Default::default() };
    let params = ClockParams::default();
    assert!(!fit_clock(&events, &params).is_certain());
    let all = ClockEvidence { places: &places, track: &track, ..events };
    let fit = fit_clock(&all, &params);
    assert!(fit.is_certain() && fit.method == Method::Events, "{fit:?}");
    assert!(scene.error_s(&fit) < 0.1 && scene.wrong_pairs(&fit) == 0);
    // An hour between places and events: both cannot be right.
    let late: Vec<LogPlace> =
        track.iter().map(|place| LogPlace { log_s: place.log_s + 3600.0, ..*place }).collect();
    let fit = fit_clock(&ClockEvidence { track: &late, ..all }, &params);
    assert!(fit.method != Method::Events || !fit.is_certain(), "{fit:?}");
}

#[test]
#[ignore = "a quarter of an hour; prints the figures of five kinds of flight"]
fn five_thousand_flights_of_a_kind() {
    for (name, trigger, faults, least_percent) in [
        ("survey", Trigger::Distance, USUAL, 99),
        ("survey, 30 % dropped", Trigger::Distance, Faults { dropped: 0.3, ..USUAL }, 97),
        ("by hand", Trigger::Hand, USUAL, 99),
        ("even legs", Trigger::Timer, USUAL, 50),
        ("even", Trigger::Even(2.0), USUAL, 0),
    ] {
        let flights = tally(1..5001, |seed| usual(trigger, &faults, seed));
        println!("{name}: {flights}");
        assert_eq!(flights.wrong, 0, "{name}");
        assert!(100 * flights.right >= least_percent * flights.flights, "{name}");
    }
    let flights = tally(1..5001, |seed| unrelated(Trigger::Distance, seed));
    println!("another flight's log: {flights}");
    assert_eq!(flights.wrong, 0);
}
