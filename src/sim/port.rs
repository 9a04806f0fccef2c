//! A socket as a simulated vehicle has it: nothing in it waits.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};

/// Stations that are answered at once.
const MOST_STATIONS: usize = 8;
/// Longest datagram.
const DATAGRAM: usize = 65_536;

/// A socket.
#[derive(Debug)]
pub enum Port {
    /// Everyone who has sent something is answered.
    Udp {
        /// The socket.
        socket: UdpSocket,
        /// Who is answered.
        stations: Vec<SocketAddr>,
    },
    /// One or several connections.
    Tcp {
        /// Takes new ones; a station that was connected to has none.
        listener: Option<TcpListener>,
        /// Those that are open.
        open: Vec<TcpStream>,
    },
}

impl Port {
    /// Opens `udpin:HOST:PORT` (waits for stations), `udpout:HOST:PORT` (speaks to one first),
    /// `tcpin:HOST:PORT` and `tcpout:HOST:PORT`.
    ///
    /// # Errors
    /// `InvalidInput` for an address of another form, else the system's.
    pub fn open(address: &str) -> io::Result<Self> {
        let unfit = || {
            let known = "udpin, udpout, tcpin or tcpout, then :HOST:PORT";
            io::Error::new(ErrorKind::InvalidInput, format!("`{address}` is not {known}"))
        };
        let (kind, at) = address.split_once(':').ok_or_else(unfit)?;
        let port = match kind {
            "udpin" => Self::Udp { socket: UdpSocket::bind(at)?, stations: Vec::new() },
            "udpout" => {
                let station = std::net::ToSocketAddrs::to_socket_addrs(at)?.next();
                let station = station.ok_or_else(unfit)?;
                let any = if station.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                Self::Udp { socket: UdpSocket::bind(any)?, stations: vec![station] }
            }
            "tcpin" => Self::Tcp { listener: Some(TcpListener::bind(at)?), open: Vec::new() },
            "tcpout" => Self::Tcp { listener: None, open: vec![TcpStream::connect(at)?] },
            _ => return Err(unfit()),
        };
        match &port {
            Self::Udp { socket, .. } => socket.set_nonblocking(true)?,
            Self::Tcp { listener, open } => {
                listener.iter().try_for_each(|listener| listener.set_nonblocking(true))?;
                open.iter().try_for_each(|stream| stream.set_nonblocking(true))?;
            }
        }
        Ok(port)
    }

    /// Where it is bound, for an address with port 0.
    ///
    /// # Errors
    /// The system's.
    pub fn local(&self) -> io::Result<Option<SocketAddr>> {
        match self {
            Self::Udp { socket, .. } => socket.local_addr().map(Some),
            Self::Tcp { listener: Some(listener), .. } => listener.local_addr().map(Some),
            Self::Tcp { open, .. } => open.first().map(TcpStream::local_addr).transpose(),
        }
    }

    /// Whether anybody is there to speak to.
    #[must_use]
    pub fn has_station(&self) -> bool {
        match self {
            Self::Udp { stations, .. } => !stations.is_empty(),
            Self::Tcp { open, .. } => !open.is_empty(),
        }
    }

    /// What has come since, one piece each.
    ///
    /// # Errors
    /// The system's, but for those of a station that went away.
    pub fn receive(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let mut buffer = vec![0; DATAGRAM];
        let mut pieces = Vec::new();
        match self {
            Self::Udp { socket, stations } => loop {
                match socket.recv_from(&mut buffer) {
                    Ok((length, from)) => {
                        if !stations.contains(&from) && stations.len() < MOST_STATIONS {
                            stations.push(from);
                        }
                        pieces.push(buffer.get(..length).unwrap_or_default().to_vec());
                    }
                    // A station that is gone is refused by its own system.
                    Err(cause) if cause.kind() == ErrorKind::ConnectionRefused => {}
                    Err(cause) if cause.kind() == ErrorKind::WouldBlock => return Ok(pieces),
                    Err(cause) => return Err(cause),
                }
            },
            Self::Tcp { listener, open } => {
                if let Some(listener) = listener
                    && open.len() < MOST_STATIONS
                    && let Ok((stream, _)) = listener.accept()
                {
                    stream.set_nonblocking(true)?;
                    open.push(stream);
                }
                open.retain_mut(|stream| match stream.read(&mut buffer) {
                    Ok(0) => false,
                    Ok(length) => {
                        pieces.push(buffer.get(..length).unwrap_or_default().to_vec());
                        true
                    }
                    Err(cause) => cause.kind() == ErrorKind::WouldBlock,
                });
                Ok(pieces)
            }
        }
    }

    /// Sends to everyone; what does not go out at once is lost, as on a radio.
    pub fn send(&mut self, bytes: &[u8]) {
        match self {
            Self::Udp { socket, stations } => {
                for station in stations {
                    let _ = socket.send_to(bytes, *station);
                }
            }
            Self::Tcp { open, .. } => open.retain_mut(|stream| match stream.write_all(bytes) {
                Ok(()) => true,
                Err(cause) => cause.kind() == ErrorKind::WouldBlock,
            }),
        }
    }
}
