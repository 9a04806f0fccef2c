//! What a vehicle is told to do, as it is written down and as it goes over a link.
//!
//! | file | what |
//! |---|---|
//! | `item` | one item of a list as MAVLink carries it |
//! | `frame` | what coordinates are counted from |
//! | `slot` | the parameters of an item and what lies in them |
//! | `step` | the one table between meanings and items |
//! | `fence` | fences and rally points |
//! | `whole` | a mission: steps, fence, rally points, home |
//! | `read` | mission files and their limits |
//! | `resume` | the rest of a mission that was interrupted |
//! | `json` | a JSON value that knows where it stands |
//! | `plan`, `plan_write` | QGroundControl's `.plan` |
//! | `waypoints` | `.waypoints` tables |
//! | `geojson` | a mission on a map |
//! | `error` | why a mission was refused |
//!
//! *Invariant*: this room never opens a socket.

mod error;
mod fence;
mod frame;
mod geojson;
mod item;
mod json;
mod plan;
mod plan_write;
mod read;
mod resume;
mod slot;
mod step;
mod waypoints;
mod whole;

pub use error::{Error, Fault};
pub use fence::{Fence, FenceArea, FenceShape, RallyPoint, Vertex};
pub use frame::{Above, Frame};
pub use geojson::to_geojson;
pub use item::{Item, List, has_place, is_global};
pub use plan_write::{Written, to_plan};
pub use read::{from_text, read};
pub use resume::resume;
pub use slot::{Place, degrees_e7, degrees_of_e7};
pub use step::{Action, Step};
pub use waypoints::to_waypoints;
pub use whole::{Home, MOST_ITEMS, Mission, PlannedFor};
