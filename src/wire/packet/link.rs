//! Layouts: the link itself.

use super::layout::layouts;

layouts! {
    /// An echo, the old way.
    Ping = 4 {
        time_us: u64,
        seq: u32,
        target_system: u8,
        target_component: u8,
    }
    /// Streams are asked for, the old way.
    RequestDataStream = 66 {
        req_message_rate_hz: u16,
        target_system: u8,
        target_component: u8,
        req_stream_id: u8,
        start_stop: u8,
    }
    /// Radio of the link, from its near end.
    RadioStatus = 109 {
        rxerrors: u16,
        fixed: u16,
        rssi: u8,
        remrssi: u8,
        txbuf_pct: u8,
        noise: u8,
        remnoise: u8,
    }
    /// Clocks are compared.
    Timesync = 111 {
        tc1_ns: i64,
        ts1_ns: i64,
    } + {
        target_system: u8,
        target_component: u8,
    }
    /// Radio of the link, in ArduPilot's older form.
    Radio = 166 {
        rxerrors: u16,
        fixed: u16,
        rssi: u8,
        remrssi: u8,
        txbuf_pct: u8,
        noise: u8,
        remnoise: u8,
    }
    /// How often a message comes.
    MessageInterval = 244 {
        interval_us: i32,
        message_id: u16,
    }
    /// The key for signing is handed over.
    SetupSigning = 256 {
        initial_timestamp: u64,
        target_system: u8,
        target_component: u8,
        secret_key: [u8; 32],
    }
    /// Which versions of MAVLink are spoken.
    ProtocolVersion = 300 {
        version: u16,
        min_version: u16,
        max_version: u16,
        spec_version_hash: [u8; 8],
        library_version_hash: [u8; 8],
    }
}
