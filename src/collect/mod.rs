//! A live flight: telemetry and frames into the case as they come, and what a person sees of it.
//!
//! | file | what |
//! |---|---|
//! | `aircraft` | what a vehicle has told of itself |
//! | `pictures` | what its cameras tell of, and what of that was not heard |
//! | `modes` | what the autopilots call their modes |
//! | `preflight` | what must be so before a start |
//! | `start` | what is sent when a person says "fly" |
//! | `stream` | the flight as it goes, for a map |
//! | `arrivals` | files that arrive in a folder |
//! | `fetch` | frames fetched from the vehicle's card |
//! | `live` | frames that have arrived, inspected while others are still flown |
//! | `coverage` | how much of the area was seen |
//! | `error` | what goes wrong here |
//!
//! *Invariant*: it never arms a vehicle, and never holds up a link for a disk or a detector.

mod aircraft;
mod arrivals;
mod coverage;
mod error;
mod fetch;
mod live;
mod modes;
mod pictures;
mod preflight;
mod start;
mod stream;

pub use aircraft::{Aircraft, Event, Spot};
pub use arrivals::Arrivals;
pub use coverage::Coverage;
pub use error::Error;
pub use fetch::{Fetch, Fetched};
pub use live::{Live, NewFinding};
pub use modes::{Modes, modes};
pub use pictures::{Picture, Pictures};
pub use preflight::{Check, preflight};
pub use start::{Order, Outcome, Start};
pub use stream::Stream;
