//! Layouts: files and logs.

use super::layout::layouts;

layouts! {
    /// A request or a reply about files.
    FileTransferProtocol = 110 {
        target_network: u8,
        target_system: u8,
        target_component: u8,
        payload: [u8; 251],
    }
    /// Which logs are there.
    LogRequestList = 117 {
        start: u16,
        end: u16,
        target_system: u8,
        target_component: u8,
    }
    /// One log.
    LogEntry = 118 {
        time_utc_s: u32,
        size: u32,
        id: u16,
        num_logs: u16,
        last_log_num: u16,
    }
    /// Bytes of a log are asked for.
    LogRequestData = 119 {
        ofs: u32,
        count: u32,
        id: u16,
        target_system: u8,
        target_component: u8,
    }
    /// Bytes of a log.
    LogData = 120 {
        ofs: u32,
        id: u16,
        count: u8,
        data: [u8; 90],
    }
    /// All logs are to be erased.
    LogErase = 121 {
        target_system: u8,
        target_component: u8,
    }
    /// Logs are no longer asked for.
    LogRequestEnd = 122 {
        target_system: u8,
        target_component: u8,
    }
}
