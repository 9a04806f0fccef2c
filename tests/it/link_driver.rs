//! The driver over real sockets of loopback: signing at both ends, connections that break and come
//! back, several vehicles on one link.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;
use torenvalk::link::driver::{Link, Params, Running};
use torenvalk::link::{Peer, Received};
use torenvalk::wire::packet::Heartbeat;
use torenvalk::wire::{
    ComponentId, Frame, Key, Packet, Signature, SignatureTime, SystemId, Version, sign,
};

/// Heartbeats come once a second.
const SOON: Duration = Duration::from_secs(8);
const KEY: Key = Key([7; 32]);

/// A runtime that turns on a thread of its own, so that a test may wait for a socket meanwhile.
fn runtime() -> Handle {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    handle
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn open(address: &str, params: &Params) -> (Link, Running) {
    Link::open(&address.parse().unwrap(), params).await.unwrap()
}

fn vehicle(system: u8, key: Option<Key>) -> Params {
    Params { us: Peer::new(system, 1), key, ..Params::default() }
}

fn station(key: Option<Key>) -> Params {
    Params { key, ..Params::default() }
}

/// The next message of a system, or nothing within the time.
async fn hears(heard: &mut Receiver<Arc<Received>>, system: u8, within: Duration) -> bool {
    let waited = timeout(within, async {
        loop {
            match heard.recv().await {
                Ok(message) if message.from.system == SystemId(system) => return,
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
    });
    waited.await.is_ok()
}

#[test]
fn two_ends_with_one_key_hear_each_other_and_nobody_else() {
    runtime().block_on(async {
        for (theirs, expected) in [(Some(KEY), true), (Some(Key([8; 32])), false), (None, false)] {
            let port = free_port();
            let (here, _running) =
                open(&format!("udpin:127.0.0.1:{port}"), &station(Some(KEY))).await;
            let mut heard = here.listen();
            let (_there, _also) =
                open(&format!("udpout:127.0.0.1:{port}"), &vehicle(1, theirs.clone())).await;
            let within = if expected { SOON } else { Duration::from_millis(2500) };
            assert_eq!(hears(&mut heard, 1, within).await, expected, "{theirs:?}");
            assert_eq!(here.traffic().distrusted > 0, !expected, "{theirs:?}");
        }
    });
}

#[test]
fn a_signed_frame_that_is_sent_again_is_not_taken() {
    runtime().block_on(async {
        let port = free_port();
        let (link, _running) = open(&format!("udpin:127.0.0.1:{port}"), &station(Some(KEY))).await;
        let mut heard = link.listen();
        let mut frame = Vec::new();
        let packet = Packet::from(Heartbeat { kind: 2, autopilot: 3, ..Heartbeat::default() });
        assert!(packet.write_frame(&mut frame, Version::V2, (0, SystemId(9), ComponentId(1))));
        let mut far = frame.clone();
        assert!(sign(&mut far, &KEY, 4, SignatureTime((1 << 48) - 10)));
        // In 2041: later than the clock's is taken, but not any time.
        assert!(sign(&mut frame, &KEY, 3, SignatureTime(82_000_000_000_000)));
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(&frame, ("127.0.0.1", port)).unwrap();
        assert!(hears(&mut heard, 9, SOON).await);
        socket.send_to(&frame, ("127.0.0.1", port)).unwrap();
        assert!(!hears(&mut heard, 9, Duration::from_secs(1)).await);
        assert_eq!(link.traffic().distrusted, 1);
        socket.send_to(&far, ("127.0.0.1", port)).unwrap();
        assert!(!hears(&mut heard, 9, Duration::from_secs(1)).await);
        assert_eq!(link.traffic().distrusted, 2);
    });
}

/// The time in the signature of the next frame that comes to a socket.
fn signed_at(socket: &UdpSocket) -> u64 {
    let mut bytes = [0; 300];
    socket.set_read_timeout(Some(SOON)).unwrap();
    let length = socket.recv(&mut bytes).unwrap();
    Signature::of(&Frame::parse(&bytes[..length]).unwrap()).unwrap().time.0
}

#[test]
fn a_station_that_starts_again_signs_later_than_before_though_its_clock_went_back() {
    let folder = tempfile::tempdir().unwrap();
    let times = folder.path().join("key.time");
    let far = (1_u64 << 47) + 5;
    fs::write(&times, far.to_string()).unwrap();
    let params = Params { times: Some(times.clone()), ..station(Some(KEY)) };
    let kept = |path: &Path| fs::read_to_string(path).unwrap().trim().parse::<u64>().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = format!("udpout:{}", socket.local_addr().unwrap());
    runtime().block_on(async {
        let (link, running) = open(&address, &params).await;
        let first = signed_at(&socket);
        assert!(first > far);
        assert!(kept(&times) > first, "a crash now would use a time again");
        drop(link);
        running.ended().await.unwrap();
    });
    let last = kept(&times);
    assert!(last > far);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&times).unwrap().permissions().mode() & 0o777, 0o600);
    }
    runtime().block_on(async {
        let (_link, _running) = open(&address, &params).await;
        // What the first link sent may still be there.
        assert!((0..10).any(|_| signed_at(&socket) > last));
    });
}

#[test]
fn a_listening_connection_serves_who_comes_after_one_who_went() {
    runtime().block_on(async {
        let port = free_port();
        let (here, _running) = open(&format!("tcpin:127.0.0.1:{port}"), &station(None)).await;
        let mut heard = here.listen();
        for system in [3, 4] {
            let (there, running) =
                open(&format!("tcpout:127.0.0.1:{port}"), &vehicle(system, None)).await;
            assert!(hears(&mut heard, system, SOON).await, "{system}");
            let mut theirs = there.listen();
            assert!(hears(&mut theirs, 255, SOON).await, "{system}");
            drop(there);
            running.ended().await.unwrap();
        }
    });
}

#[test]
fn a_connection_that_broke_is_made_again() {
    let beat = |stream: &mut TcpStream, system: u8| {
        let mut frame = Vec::new();
        let packet = Packet::from(Heartbeat::default());
        let from = (0, SystemId(system), ComponentId(1));
        assert!(packet.write_frame(&mut frame, Version::V2, from));
        // Half a frame, and rubbish, must not spoil what comes over the next connection.
        frame.extend([0xfd, 40, 0, 0, 1, 2, 3]);
        std::io::Write::write_all(stream, &frame).unwrap();
    };
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let (link, _running) = open(&format!("tcpout:{address}"), &station(None)).await;
        let mut heard = link.listen();
        let (mut first, _) = listener.accept().unwrap();
        beat(&mut first, 5);
        assert!(hears(&mut heard, 5, SOON).await);
        // The other side goes altogether, and is there again a while later.
        drop((first, listener));
        std::thread::sleep(Duration::from_millis(1500));
        let listener = TcpListener::bind(address).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        beat(&mut second, 6);
        assert!(hears(&mut heard, 6, SOON).await);
    });
}

#[test]
fn several_vehicles_share_a_link_and_each_is_heard() {
    runtime().block_on(async {
        let port = free_port();
        let (here, _running) = open(&format!("udpin:127.0.0.1:{port}"), &station(None)).await;
        let (mut heard, mut open_links) = (here.listen(), Vec::new());
        for system in 1..=5 {
            let to = format!("udpout:127.0.0.1:{port}");
            open_links.push(open(&to, &vehicle(system, None)).await);
        }
        for system in 1..=5 {
            assert!(hears(&mut heard, system, SOON).await, "{system}");
        }
        // And each hears the station, which speaks to all who have spoken.
        for (link, _) in &open_links {
            assert!(hears(&mut link.listen(), 255, SOON).await);
        }
    });
}
