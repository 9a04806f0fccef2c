//! A live flight: files that arrive, and what must be so before a start.

use std::fs;
use std::time::Duration;

use torenvalk::collect::{Aircraft, Arrivals, Check, Spot, preflight};
use torenvalk::mission::{Action, Fence, FenceArea, FenceShape, Frame, Home, Mission, Place, Step};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn a_file_has_arrived_once_it_has_stopped_growing_and_is_given_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut arrivals = Arrivals::of(&folder.path().join("card"));
    assert!(arrivals.look(ms(0)).unwrap().is_empty(), "a folder may come later");
    let card = folder.path().join("card");
    fs::create_dir(&card).unwrap();
    fs::write(card.join("b.JPG"), "half").unwrap();
    fs::write(card.join("a.tif"), "whole").unwrap();
    fs::write(card.join("notes.txt"), "no frame").unwrap();
    fs::write(card.join("c.jpg.part"), "not yet").unwrap();
    fs::write(card.join("empty.jpg"), "").unwrap();
    assert!(arrivals.look(ms(100)).unwrap().is_empty());
    assert_eq!(arrivals.waiting(), 3);
    fs::write(card.join("b.JPG"), "half and more").unwrap();
    assert_eq!(arrivals.look(ms(450)).unwrap(), [card.join("a.tif")]);
    assert!(arrivals.look(ms(700)).unwrap().is_empty());
    assert_eq!(arrivals.look(ms(800)).unwrap(), [card.join("b.JPG")]);
    assert!(arrivals.look(ms(5000)).unwrap().is_empty());
    assert_eq!(arrivals.waiting(), 1, "the empty one");
}

fn ready() -> Aircraft {
    Aircraft {
        autopilot: 3,
        has_fix: Some(true),
        spot: Some(Spot { lat_deg: 52.0, lon_deg: 5.0, amsl_m: 3.0, above_home_m: 0.0 }),
        home: Some((52.0, 5.0)),
        battery_percent: Some(93),
        storage_mib: Some(1000.0),
        ..Aircraft::default()
    }
}

fn mission(frame: Frame) -> Mission {
    let at = Place { lat_deg: 52.001, lon_deg: 5.001, height_m: 40.0 };
    let step = Action::Waypoint { hold_s: 0.0, acceptance_m: 0.0, pass_m: 0.0, yaw_deg: None, at };
    let home = Some(Home { lat_deg: 52.0, lon_deg: 5.0, amsl_m: 3.0 });
    Mission { home, steps: vec![Step::new(frame, step)], ..Mission::default() }
}

fn of<'a>(checks: &'a [Check], name: &str) -> &'a Check {
    checks.iter().find(|check| check.name == name).unwrap()
}

#[test]
fn a_start_needs_every_check_and_what_is_not_told_is_not_taken_for_granted() {
    let plain = mission(Frame::AboveHome);
    let all = preflight(&ready(), &plain, 100);
    assert!(all.iter().all(|check| check.passed == Some(true)), "{all:?}");
    let silent = preflight(&Aircraft::default(), &plain, 100);
    assert!(silent.iter().all(|check| check.passed.is_none()), "{silent:?}");
    let with = |change: &dyn Fn(&mut Aircraft), name: &str, expected: Option<bool>| {
        let mut aircraft = ready();
        change(&mut aircraft);
        let checks = preflight(&aircraft, &plain, 100);
        assert_eq!(of(&checks, name).passed, expected, "{checks:?}");
    };
    with(&|a| a.has_fix = Some(false), "position", Some(false));
    with(&|a| a.battery_percent = Some(49), "battery", Some(false));
    with(&|a| a.storage_mib = Some(50.0), "storage", Some(false));
    with(&|a| a.home = Some((52.5, 5.0)), "home", Some(false));
    with(&|a| a.home = None, "home", None);
    with(&|a| a.autopilot = 4, "mode", None);
}

#[test]
fn fence_and_terrain_are_checked_where_the_mission_has_them() {
    let circle = FenceShape::Circle { at: (52.0, 5.0), radius_m: 300.0 };
    let area = FenceArea { inclusion: true, shape: circle };
    let fenced = Mission {
        fence: Fence { areas: vec![area], breach_return: None },
        ..mission(Frame::AboveHome)
    };
    for told in [None, Some(false), Some(true)] {
        let aircraft = Aircraft { fence: told, ..ready() };
        assert_eq!(of(&preflight(&aircraft, &fenced, 1), "fence").passed, told);
    }
    let above = mission(Frame::AboveTerrain);
    for (pending, expected) in [(None, None), (Some(16), Some(false)), (Some(0), Some(true))] {
        let aircraft = Aircraft { terrain_pending: pending, ..ready() };
        assert_eq!(of(&preflight(&aircraft, &above, 1), "terrain").passed, expected);
    }
}
