//! Lists over links that lose, double and reorder, to vehicles that do it in their own way.

use std::time::Duration;

use torenvalk::link::{
    ARDUPILOT, Clear, Deliver, Delivery, Download, Engine, Error, Lists, PX4, Peer, Quirks,
    Received, Route, STUCK, Step, Upload,
};
use torenvalk::mission::{Item, List};
use torenvalk::wire::packet::{MissionAck, MissionRequestInt};
use torenvalk::wire::{MissionResult, Packet};

use crate::channel::{Channel, Side, Weather};
use crate::stub::{Kind, Stub, VEHICLE};

const ROUTE: Route = Route { us: Peer::STATION, them: VEHICLE };
const HOUR: Duration = Duration::from_secs(3600);

fn quirks(kind: Kind) -> &'static Quirks {
    Quirks::of(if kind == Kind::ArduPilot { ARDUPILOT } else { PX4 })
}

fn item(command: u16, frame: u8, number: i32) -> Item {
    Item {
        frame,
        command,
        params: [0.0; 4],
        x: 520_000_000 + number * 1_000,
        y: 45_000_000 - number * 1_000,
        z: 50.0 + number as f32,
        autocontinue: true,
    }
}

/// A survey of so many items, a fence of a pentagon, and two rally points.
fn lists(count: i32) -> Lists {
    let survey = |n: i32| match n % 4 {
        3 => Item { params: [25.0, 0.0, 1.0, 0.0], x: 0, y: 0, z: 0.0, ..item(206, 2, 0) },
        _ => item(16, 3, n),
    };
    let vertex = |n: i32| Item { params: [5.0, 0.0, 0.0, 0.0], z: 0.0, ..item(5001, 0, n) };
    Lists {
        mission: Some((0..count).map(survey).collect()),
        home: None,
        fence: Some((0..5).map(vertex).collect()),
        rally: Some((0..2).map(|n| item(5100, 3, n)).collect()),
    }
}

/// Runs a delivery; also how long it took and how many messages we sent.
fn deliver(
    kind: Kind,
    lists: &Lists,
    weather: Weather,
    seed: u64,
) -> (Result<Delivery, Error>, Duration, usize) {
    let mut vehicle = Stub::new(kind);
    let mut channel = Channel::new(weather, seed);
    let mut engine = Deliver::new(ROUTE, lists, quirks(kind), Duration::ZERO).unwrap();
    let outcome = channel.run(&mut engine, &mut vehicle, VEHICLE, HOUR);
    (outcome, channel.now, channel.ours)
}

/// What the protocol's own round trips need: one for each count and each item, there and back.
fn round_trips(items: &[(List, usize)], kind: Kind, weather: Weather) -> Duration {
    let home = usize::from(kind == Kind::ArduPilot);
    let count: usize = items.iter().map(|(_, count)| 2 * (count + 1)).sum::<usize>() + 2 * home;
    weather.delay * 2 * u32::try_from(count).unwrap()
}

#[test]
fn seven_hundred_items_a_fence_and_rally_points_get_through_a_storm() {
    for kind in [Kind::ArduPilot, Kind::Px4] {
        let lists = lists(700);
        let (mut slowest, mut sum, mut most) = (0.0_f64, 0.0, 0);
        for seed in 0..100 {
            let (outcome, took, ours) = deliver(kind, &lists, Weather::STORM, seed);
            let done = outcome.unwrap();
            assert!(done.verified, "{kind:?} {seed}: {:?}", done.differences);
            assert_eq!(done.items, [(List::Mission, 700), (List::Fence, 5), (List::Rally, 2)]);
            let needed = round_trips(&done.items, kind, Weather::STORM);
            let times = took.as_secs_f64() / needed.as_secs_f64();
            slowest = slowest.max(times);
            sum += times;
            most = most.max(ours);
        }
        println!(
            "{kind:?}: {:.3} times the round trips, at most {slowest:.3}, {most} sent",
            sum / 100.0
        );
        assert!(slowest <= 1.3, "{kind:?}: {slowest}");
    }
}

#[test]
fn without_loss_nothing_is_sent_twice() {
    for kind in [Kind::ArduPilot, Kind::Px4] {
        let (outcome, took, ours) = deliver(kind, &lists(100), Weather::FINE, 1);
        let done = outcome.unwrap();
        assert_eq!((done.verified, done.retries), (true, 0), "{kind:?}");
        assert!(took <= round_trips(&done.items, kind, Weather::FINE), "{took:?}");
        // Counts and items, questions and requests, and an answer for each list that was read.
        let home = usize::from(kind == Kind::ArduPilot);
        assert_eq!(ours, 2 * (107 + home) + 2 * 3 + 3);
    }
}

#[test]
fn thousands_of_links_end_well() {
    let small = lists(12);
    for seed in 0..4000 {
        let kind = if seed % 2 == 0 { Kind::ArduPilot } else { Kind::Px4 };
        let level = (seed / 2 % 10) as f64 / 10.0;
        let weather = Weather {
            loss: level * 0.45,
            doubled: level * 0.3,
            late: level * 0.3,
            delay: Duration::from_millis([1, 20, 50, 300, 800][(seed % 5) as usize]),
        };
        let (outcome, _, _) = deliver(kind, &small, weather, seed);
        let done = outcome.unwrap_or_else(|error| panic!("{kind:?} {seed} {weather:?}: {error}"));
        assert!(done.verified, "{kind:?} {seed}: {:?}", done.differences);
    }
}

#[test]
fn a_vehicle_that_changes_an_item_is_found_out() {
    let mut vehicle = Stub::new(Kind::Px4);
    vehicle.lies = true;
    let mut channel = Channel::new(Weather::FINE, 1);
    let mut engine = Deliver::new(ROUTE, &lists(20), quirks(Kind::Px4), Duration::ZERO).unwrap();
    let done = channel.run(&mut engine, &mut vehicle, VEHICLE, HOUR).unwrap();
    assert!(!done.verified);
    assert_eq!((done.differences.len(), done.differences[0].item), (1, Some(5)));
    assert!(done.differences[0].matters);
    assert_eq!(vehicle.accepted, 4, "the mission was sent once more");
}

#[test]
fn a_refusal_names_the_item() {
    let mut lists = Lists { mission: Some((0..10).map(|n| item(16, 3, n)).collect()), ..lists(0) };
    lists.mission.as_mut().unwrap()[4].params[0] = f32::NAN;
    // Not adapted: a vehicle of another kind than its heartbeat says.
    let mut vehicle = Stub::new(Kind::ArduPilot);
    let mut channel = Channel::new(Weather::FINE, 1);
    let mut engine = Deliver::new(ROUTE, &lists, quirks(Kind::Px4), Duration::ZERO).unwrap();
    let error = channel.run(&mut engine, &mut vehicle, VEHICLE, HOUR).unwrap_err();
    assert_eq!(error.to_string(), "mission refused at item 4: parameter 1 has an invalid value");
}

/// What one does that misbehaves.
struct Wrong<F>(F);

impl<F: FnMut(&Packet, &mut Vec<Packet>)> Side for Wrong<F> {
    fn handle(&mut self, message: &Packet, _: Duration, out: &mut Vec<Packet>) {
        (self.0)(message, out);
    }
    fn handle_timeout(&mut self, _: Duration, _: &mut Vec<Packet>) {}
    fn due(&self) -> Option<Duration> {
        None
    }
}

fn upload_to(answer: impl FnMut(&Packet, &mut Vec<Packet>)) -> (Result<bool, String>, Duration) {
    let mut channel = Channel::new(Weather::FINE, 1);
    let items = (0..10).map(|n| item(16, 3, n)).collect();
    let quirks = quirks(Kind::ArduPilot);
    let mut engine = Upload::new(ROUTE, List::Mission, items, quirks, Duration::ZERO).unwrap();
    let outcome = channel.run(&mut engine, &mut Wrong(answer), VEHICLE, HOUR);
    (outcome.map(|done| done.accepted).map_err(|error| error.to_string()), channel.now)
}

fn request(seq: u16) -> Packet {
    MissionRequestInt { seq, target_system: 255, target_component: 190, mission_type: 0 }.into()
}

fn ack(kind: MissionResult, mission_type: u8) -> Packet {
    MissionAck { kind, mission_type, ..Default::default() }.into()
}

#[test]
fn silence_stubbornness_and_lies_end_in_time() {
    let (said, took) = upload_to(|_, _| {});
    assert!(said.unwrap_err().contains("announcing 10 items (mission): no answer"));
    assert!(took < Duration::from_secs(12), "{took:?}");
    // It vanishes in the middle.
    let (said, took) = upload_to(|message, out| match message {
        Packet::MissionCount(_) => out.push(request(0)),
        Packet::MissionItemInt(item) if item.seq < 4 => out.push(request(item.seq + 1)),
        _ => {}
    });
    assert!(said.unwrap_err().contains("sending item 4 of 10 (mission): no answer"));
    assert!(took < Duration::from_secs(13), "{took:?}");
    // It asks for the same for ever.
    let (said, took) = upload_to(|_, out| out.push(request(3)));
    assert!(said.unwrap_err().contains("it answers, but nothing went forward"));
    assert!(took > STUCK && took < STUCK + Duration::from_secs(3), "{took:?}");
    // It asks for what is not there.
    let (said, _) = upload_to(|_, out| out.push(request(10)));
    assert!(said.unwrap_err().contains("no answer"));
    // It says yes before it has all: that is of another transfer; so is one of another list.
    let (said, _) = upload_to(|_, out| out.push(ack(MissionResult::ACCEPTED, 0)));
    assert!(said.is_err());
    let (said, _) = upload_to(|_, out| out.push(ack(MissionResult::DENIED, 1)));
    assert!(said.unwrap_err().contains("no answer"));
    // It is busy, and stays so.
    let (said, took) = upload_to(|_, out| out.push(ack(MissionResult::DENIED, 0)));
    assert!(said.unwrap_err().contains("takes nothing from this station"));
    assert!(took < Duration::from_secs(10), "{took:?}");
    // All was taken, and the answer never comes: nobody knows.
    let (said, took) = upload_to(|message, out| match message {
        Packet::MissionCount(_) => out.push(request(0)),
        Packet::MissionItemInt(item) if item.seq < 9 => out.push(request(item.seq + 1)),
        _ => {}
    });
    assert_eq!(said, Ok(false));
    assert!(took < Duration::from_secs(6), "{took:?}");
}

#[test]
fn a_vehicle_that_began_again_is_followed() {
    // It reboots after item 5 and asks from the start once more.
    let mut boots = 0;
    let (said, _) = upload_to(move |message, out| match message {
        Packet::MissionCount(_) => out.push(request(0)),
        Packet::MissionItemInt(item) if item.seq == 5 && boots < 6 => {
            boots += 1;
            out.push(request(0));
        }
        Packet::MissionItemInt(item) if item.seq == 9 => out.push(ack(MissionResult::ACCEPTED, 0)),
        Packet::MissionItemInt(item) => out.push(request(item.seq + 1)),
        _ => {}
    });
    assert_eq!(said, Ok(true));
}

#[test]
fn others_on_the_link_move_nothing() {
    let quirks = quirks(Kind::ArduPilot);
    let items = vec![item(16, 3, 0)];
    let mut engine = Upload::new(ROUTE, List::Mission, items, quirks, Duration::ZERO).unwrap();
    engine.handle_timeout(Duration::ZERO);
    assert!(matches!(engine.poll(), Step::Send(Packet::MissionCount(_))));
    let other = Peer::new(2, 1);
    let camera = Peer::new(1, 100);
    let ours = request(0);
    let for_another =
        MissionRequestInt { target_system: 254, seq: 0, target_component: 190, mission_type: 0 };
    for (from, packet) in [(other, ours.clone()), (camera, ours), (VEHICLE, for_another.into())] {
        engine.handle(&Received { from, packet }, Duration::ZERO);
        assert!(matches!(engine.poll(), Step::Wait(_)));
    }
}

#[test]
fn lists_are_cleared_and_read_empty() {
    let mut vehicle = Stub::new(Kind::ArduPilot);
    let mut channel = Channel::new(Weather::STORM, 3);
    let quirks = quirks(Kind::ArduPilot);
    let mut engine = Deliver::new(ROUTE, &lists(8), quirks, channel.now).unwrap();
    channel.run(&mut engine, &mut vehicle, VEHICLE, HOUR).unwrap();
    for list in [List::Mission, List::Fence, List::Rally] {
        assert!(!vehicle.lists[&list].is_empty());
        let mut clear = Clear::new(ROUTE, list, channel.now);
        channel.run(&mut clear, &mut vehicle, VEHICLE, HOUR).unwrap();
        assert!(!vehicle.lists.contains_key(&list));
        let mut read = Download::new(ROUTE, list, quirks, channel.now);
        let read = channel.run(&mut read, &mut vehicle, VEHICLE, HOUR).unwrap();
        assert_eq!(read.items, []);
    }
}
