//! Why something on a link did not come about.

use std::path::PathBuf;

use crate::mission::List;
use crate::wire::{CommandResult, MissionResult};

/// What goes wrong on a link; each with what was tried and for how long.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address makes no sense.
    #[error("`{address}` is no address: {reason}")]
    Address {
        /// As it was given.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// A socket or a port cannot be opened or used.
    #[error("{address}: {source}")]
    Io {
        /// Of what.
        address: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The recording cannot be written.
    #[error("{}: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The key for signing cannot be used.
    #[error("{}: {reason}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Nobody there is a vehicle.
    #[error("no vehicle was heard within {waited_s:.0} s{others}")]
    NoVehicle {
        /// How long was listened.
        waited_s: f64,
        /// Who else was heard, in words, or nothing.
        others: String,
    },
    /// Several vehicles, and none was named.
    #[error("vehicles {0} are on the link: name one with --system")]
    SeveralVehicles(String),
    /// The other side stopped answering.
    #[error("{doing}: no answer for {waited_s:.1} s")]
    Silent {
        /// What was being done.
        doing: String,
        /// How long was waited.
        waited_s: f64,
    },
    /// The other side answers, and nothing comes of it.
    #[error("{doing}: it answers, but nothing went forward for {waited_s:.1} s")]
    Stuck {
        /// What was being done.
        doing: String,
        /// How long was waited.
        waited_s: f64,
    },
    /// A transfer was refused.
    #[error("{} refused{}: {result}", list_name(*list), at_item(*item))]
    Refused {
        /// Which list.
        list: List,
        /// The vehicle's reason.
        result: MissionResult,
        /// The item that it had asked for.
        item: Option<u16>,
    },
    /// A list cannot be sent to this kind of vehicle.
    #[error("{} item {item}: {reason}", list_name(*list))]
    Unfit {
        /// Which list.
        list: List,
        /// Its place in the list.
        item: usize,
        /// What is wrong.
        reason: String,
    },
    /// A list is longer than the protocol can say.
    #[error("{} has {count} items; the protocol ends at 65,534", list_name(*list))]
    TooLong {
        /// Which list.
        list: List,
        /// How many.
        count: usize,
    },
    /// A command was refused.
    #[error("command {command}: {result}")]
    Command {
        /// `MAV_CMD`.
        command: u16,
        /// The vehicle's reason.
        result: CommandResult,
    },
    /// A file transfer or a log download was refused.
    #[error("{doing}: {reason}")]
    File {
        /// What was being done.
        doing: String,
        /// The vehicle's reason.
        reason: String,
    },
}

/// A list in words.
#[must_use]
pub fn list_name(list: List) -> &'static str {
    match list {
        List::Mission => "mission",
        List::Fence => "fence",
        List::Rally => "rally points",
    }
}

fn at_item(item: Option<u16>) -> String {
    item.map_or_else(String::new, |item| format!(" at item {item}"))
}
