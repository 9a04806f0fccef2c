//! Where a link goes.

use std::fmt;
use std::str::FromStr;

use super::super::Error;

/// Which way a socket is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Socket {
    /// Listens, and answers whoever speaks.
    UdpIn,
    /// Speaks first.
    UdpOut,
    /// Waits for a connection.
    TcpIn,
    /// Connects.
    TcpOut,
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `udpin:HOST:PORT` and its like.
    Socket {
        /// Which way.
        socket: Socket,
        /// A name or number; an address of version 6 without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// `serial:PATH:BAUD`.
    Serial {
        /// The device.
        path: String,
        /// Bits a second.
        baud: u32,
    },
}

/// What listens without being told where does so for this computer alone.
const LOOPBACK: &str = "127.0.0.1";
const KINDS: [(&str, Socket); 4] = [
    ("udpin", Socket::UdpIn),
    ("udpout", Socket::UdpOut),
    ("tcpin", Socket::TcpIn),
    ("tcpout", Socket::TcpOut),
];

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong =
            |reason: &str| Error::Address { address: text.to_owned(), reason: reason.to_owned() };
        let known = "it begins with udpin:, udpout:, tcpin:, tcpout: or serial:";
        let (kind, rest) = text.split_once(':').ok_or_else(|| wrong(known))?;
        // From the end, since a path or an address of version 6 may hold colons.
        let (place, number) = rest.rsplit_once(':').unwrap_or(("", rest));
        if kind == "serial" {
            let baud = number.parse().ok().filter(|baud| *baud > 0);
            let baud = baud.ok_or_else(|| wrong("it ends with the speed in bits a second"))?;
            if place.is_empty() {
                return Err(wrong("the device is missing"));
            }
            return Ok(Self::Serial { path: place.to_owned(), baud });
        }
        let socket = KINDS.iter().find(|(name, _)| *name == kind);
        let socket = socket.map(|(_, socket)| *socket).ok_or_else(|| wrong(known))?;
        let port = number.parse().map_err(|_| wrong("it ends with a port, 0 to 65535"))?;
        let host = place.trim_start_matches('[').trim_end_matches(']');
        let listens = matches!(socket, Socket::UdpIn | Socket::TcpIn);
        let host = match host {
            "" if listens => LOOPBACK,
            "" => return Err(wrong("the host is missing")),
            host => host,
        };
        Ok(Self::Socket { socket, host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serial { path, baud } => write!(f, "serial:{path}:{baud}"),
            Self::Socket { socket, host, port } => {
                let kind = KINDS.iter().find(|(_, known)| known == socket);
                write!(f, "{}:{host}:{port}", kind.map_or("", |(name, _)| name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_from_both_ends() {
        for (text, told) in [
            ("udpin:0.0.0.0:14550", "udpin:0.0.0.0:14550"),
            ("udpin::14550", "udpin:127.0.0.1:14550"),
            ("tcpin:5760", "tcpin:127.0.0.1:5760"),
            ("udpout:[::1]:14550", "udpout:::1:14550"),
            ("tcpout:vehicle.local:5760", "tcpout:vehicle.local:5760"),
            ("serial:/dev/serial/by-id/a:b:57600", "serial:/dev/serial/by-id/a:b:57600"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), told, "{text}");
        }
        for text in [
            "",
            "udpin",
            "udp:1:2",
            "udpin:h:70000",
            "udpout::1",
            "tcpout:5",
            "serial:/dev/x",
            "serial::57600",
            "serial:/dev/x:0",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
