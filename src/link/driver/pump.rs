//! Bytes in and out, for as long as the link is open.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

use crate::wire::Packet;

use super::super::Error;
use super::address::{Address, Socket};
use super::core::Core;

/// Heartbeats once a second, as MAVLink has it.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// A connection that broke is tried again after this.
const RECONNECT: Duration = Duration::from_secs(1);
/// Frames that wait for a slow connection; more are dropped, since a late one is worth nothing.
const MOST_UNSENT: usize = 512;
/// Datagrams that are taken before we look whether there is something to send.
const MOST_AT_ONCE: usize = 64;
/// From so many datagrams a heartbeat on, waking for each costs more than reading it; the link then
/// rests for [`REST`] after each time that it has read all there are.
const MANY: usize = 2000;
const REST: Duration = Duration::from_millis(4);
/// Bytes of datagrams that the system should keep while we do not read; it may keep fewer.
const UNREAD: usize = 4 << 20;
/// Those who may be on one listening socket at once.
const MOST_PEERS: usize = 32;

/// What a link is opened on.
pub(super) enum Port {
    /// One socket; those who are spoken to, and whether more may come.
    Udp { socket: UdpSocket, peers: Vec<SocketAddr>, open: bool },
    /// Waits for connections.
    Listener(TcpListener),
    /// Connects, again and again.
    Connects(TcpStream),
    /// A serial line.
    Serial(serial2_tokio::SerialPort),
}

impl Port {
    /// Opens it once, so that what cannot work is said at once.
    pub(super) async fn open(address: &Address) -> Result<Self, Error> {
        let failed = |source| Error::Io { address: address.to_string(), source };
        Self::try_open(address).await.map_err(failed)
    }

    async fn try_open(address: &Address) -> io::Result<Self> {
        let (socket, host, port) = match address {
            Address::Serial { path, baud } => {
                return serial2_tokio::SerialPort::open(path, *baud).map(Self::Serial);
            }
            Address::Socket { socket, host, port } => (socket, host.as_str(), *port),
        };
        match socket {
            Socket::UdpIn => {
                let socket = roomy(UdpSocket::bind((host, port)).await?);
                Ok(Self::Udp { socket, peers: Vec::new(), open: true })
            }
            Socket::UdpOut => {
                let mut found = tokio::net::lookup_host((host, port)).await?;
                let peer = found.next().ok_or(io::ErrorKind::NotFound)?;
                let any: SocketAddr =
                    if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0; 16], 0).into() };
                let socket = roomy(UdpSocket::bind(any).await?);
                Ok(Self::Udp { socket, peers: vec![peer], open: false })
            }
            Socket::TcpIn => TcpListener::bind((host, port)).await.map(Self::Listener),
            Socket::TcpOut => TcpStream::connect((host, port)).await.map(Self::Connects),
        }
    }
}

/// With room for a burst that comes while others have the processor.
fn roomy(socket: UdpSocket) -> UdpSocket {
    // A system that gives less has said what it can; the link works with that.
    let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(UNREAD);
    socket
}

/// Runs a link until nobody holds it any more.
pub(super) async fn run(
    mut core: Core,
    port: Port,
    address: Address,
    mut out: mpsc::Receiver<Packet>,
) -> Result<(), Error> {
    let mut beat = interval(HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut port = Some(port);
    loop {
        let open = match port.take() {
            Some(Port::Udp { socket, peers, open }) => {
                udp(&mut core, &socket, (peers, open), &mut out, &mut beat).await;
                false
            }
            Some(Port::Listener(listener)) => {
                let open = serve(&mut core, &listener, &mut out, &mut beat).await;
                port = Some(Port::Listener(listener));
                open
            }
            Some(Port::Connects(stream)) => {
                let _ = stream.set_nodelay(true);
                stream_open(&mut core, stream, &mut out, &mut beat).await
            }
            Some(Port::Serial(serial)) => stream_open(&mut core, serial, &mut out, &mut beat).await,
            None => {
                sleep(RECONNECT).await;
                port = Port::open(&address).await.ok();
                !out.is_closed()
            }
        };
        if !open {
            return core.close();
        }
    }
}

/// Datagrams; ends when the link is closed.
async fn udp(
    core: &mut Core,
    socket: &UdpSocket,
    (mut peers, open): (Vec<SocketAddr>, bool),
    out: &mut mpsc::Receiver<Packet>,
    beat: &mut Interval,
) {
    let mut datagram = vec![0; 64 << 10];
    let (mut heard, mut is_busy, mut rests) = (0, false, false);
    loop {
        let frame = tokio::select! {
            () = sleep(REST), if rests => {
                rests = false;
                continue;
            }
            came = socket.recv_from(&mut datagram), if !rests => {
                // An error here is that of an earlier sending: nobody listens there yet.
                let mut came = came;
                // What has come already is taken at once, up to what lets others have their turn.
                let mut left = MOST_AT_ONCE;
                while let Ok((length, from)) = came {
                    if open && !peers.contains(&from) && peers.len() < MOST_PEERS {
                        peers.push(from);
                    }
                    core.take_datagram(datagram.get(..length).unwrap_or_default());
                    heard += 1;
                    left -= 1;
                    if left == 0 {
                        break;
                    }
                    came = socket.try_recv_from(&mut datagram);
                }
                rests = is_busy && left > 0;
                continue;
            }
            packet = out.recv() => {
                let Some(packet) = packet else { return };
                core.frame(&packet)
            }
            _ = beat.tick() => {
                is_busy = heard > MANY;
                heard = 0;
                core.heartbeat()
            }
        };
        let Some(frame) = frame else { continue };
        for peer in &peers {
            // A full buffer drops it: waiting would hold up what comes in.
            if socket.try_send_to(&frame, *peer).is_err() {
                core.counters.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// One connection after the other; whether the link is still open.
async fn serve(
    core: &mut Core,
    listener: &TcpListener,
    out: &mut mpsc::Receiver<Packet>,
    beat: &mut Interval,
) -> bool {
    loop {
        tokio::select! {
            came = listener.accept() => {
                let Ok((stream, _)) = came else { continue };
                let _ = stream.set_nodelay(true);
                return stream_open(core, stream, out, beat).await;
            }
            packet = out.recv() => {
                if packet.is_none() {
                    return false;
                }
                core.counters.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// A connection or a line, until it breaks; whether the link is still open.
async fn stream_open(
    core: &mut Core,
    stream: impl AsyncRead + AsyncWrite + Send + 'static,
    out: &mut mpsc::Receiver<Packet>,
    beat: &mut Interval,
) -> bool {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (unsent, mut to_send) = mpsc::channel::<Vec<u8>>(MOST_UNSENT);
    // Writing waits on its own, so that a connection that takes nothing does not keep us from
    // hearing.
    let writing = tokio::spawn(async move {
        while let Some(frame) = to_send.recv().await {
            if writer.write_all(&frame).await.is_err() {
                return;
            }
        }
    });
    let (mut waiting, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
    let open = loop {
        let frame = tokio::select! {
            came = reader.read(&mut buffer) => match came {
                Ok(0) | Err(_) => break true,
                Ok(length) => {
                    waiting.extend(buffer.get(..length).unwrap_or_default());
                    core.take(&mut waiting);
                    continue;
                }
            },
            packet = out.recv() => {
                let Some(packet) = packet else { break false };
                core.frame(&packet)
            }
            _ = beat.tick() => core.heartbeat(),
        };
        if let Some(frame) = frame
            && unsent.try_send(frame).is_err()
        {
            core.counters.dropped.fetch_add(1, Ordering::Relaxed);
        }
    };
    core.skip(waiting.len());
    drop(unsent);
    if !open {
        let _ = tokio::time::timeout(RECONNECT, writing).await;
    }
    open
}
