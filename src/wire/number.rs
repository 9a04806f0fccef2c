//! Numbers with a meaning. One that is not known stays what it is.

use std::fmt;

use super::packet::Field;
use super::payload::Payload;

macro_rules! meanings {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($number:ident = $value:literal $words:literal,)* }
    )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u8);

        #[allow(missing_docs, reason = "the words beside each number say it")]
        impl $name {
            $(pub const $number: Self = Self($value);)*
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    $($value => f.write_str($words),)*
                    other => write!(f, "{other}, which is no known number"),
                }
            }
        }

        impl Field for $name {
            const BYTES: usize = 1;
            fn get(payload: Payload<'_>, at: usize) -> Self {
                Self(u8::get(payload, at))
            }
            fn put(&self, out: &mut Vec<u8>) {
                out.push(self.0);
            }
        }
    )* };
}

meanings! {
    /// How a transfer of a list ended (`MAV_MISSION_RESULT`).
    MissionResult {
        ACCEPTED = 0 "accepted",
        ERROR = 1 "an error that it does not name",
        UNSUPPORTED_FRAME = 2 "the frame is not supported",
        UNSUPPORTED = 3 "the command is not supported",
        NO_SPACE = 4 "there is no space for so many items",
        INVALID = 5 "an item has an invalid value",
        INVALID_PARAM1 = 6 "parameter 1 has an invalid value",
        INVALID_PARAM2 = 7 "parameter 2 has an invalid value",
        INVALID_PARAM3 = 8 "parameter 3 has an invalid value",
        INVALID_PARAM4 = 9 "parameter 4 has an invalid value",
        INVALID_PARAM5_X = 10 "x has an invalid value",
        INVALID_PARAM6_Y = 11 "y has an invalid value",
        INVALID_PARAM7 = 12 "z has an invalid value",
        INVALID_SEQUENCE = 13 "an item came out of sequence",
        DENIED = 14 "it takes nothing from this station now",
        OPERATION_CANCELLED = 15 "the transfer was cancelled",
    }

    /// What became of a command (`MAV_RESULT`).
    CommandResult {
        ACCEPTED = 0 "accepted",
        TEMPORARILY_REJECTED = 1 "rejected for now",
        DENIED = 2 "denied",
        UNSUPPORTED = 3 "not supported",
        FAILED = 4 "failed",
        IN_PROGRESS = 5 "in progress",
        CANCELLED = 6 "cancelled",
        COMMAND_LONG_ONLY = 7 "taken as COMMAND_LONG only",
        COMMAND_INT_ONLY = 8 "taken as COMMAND_INT only",
        UNSUPPORTED_MAV_FRAME = 9 "its frame is not supported",
        NOT_IN_CONTROL = 10 "this station is not in control",
    }
}
