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
//! | `complex` | what runs of steps were planned as: survey, corridor, scan of a structure |
//! | `complex_read`, `complex_write` | the same in QGroundControl's `.plan` |
//! | `resume` | the rest of a mission that was interrupted |
//! | `json` | a JSON value that knows where it stands |
//! | `plan`, `plan_write` | QGroundControl's `.plan` |
//! | `waypoints` | `.waypoints` tables |
//! | `kml` | KML of our own, whole, and lines that others drew |
//! | `gpx` | routes of GPX |
//! | `wpml`, `wpml_write`, `wpml_read` | a mission as DJI's aircraft fly it; its files |
//! | `archive`, `xml` | ZIP and XML, as these formats have them |
//! | `geojson` | a mission on a map |
//! | `error` | why a mission was refused |
//!
//! *Invariant*: this room never opens a socket.

mod archive;
mod complex;
mod complex_read;
mod complex_write;
mod error;
mod fence;
mod frame;
mod geojson;
mod gpx;
mod item;
mod json;
mod kml;
mod plan;
mod plan_write;
mod read;
mod resume;
mod slot;
mod step;
mod waypoints;
mod whole;
mod wpml;
mod wpml_read;
mod wpml_write;
mod xml;

pub use complex::{
    BY_HAND, CUSTOM_CAMERA, CameraCalc, Complex, Corridor, Optics, Pattern, StructureScan, Survey,
    TerrainFollowing, Transects,
};
pub use error::{Error, Fault};
pub use fence::{Fence, FenceArea, FenceShape, RallyPoint, Vertex};
pub use frame::{Above, Frame};
pub use geojson::to_geojson;
pub use gpx::to_gpx;
pub use item::{Item, List, has_place, is_global};
pub use kml::to_kml;
pub use plan_write::{Written, to_plan};
pub use read::{from_bytes, from_text, read};
pub use resume::resume;
pub use slot::{Place, degrees_e7, degrees_of_e7};
pub use step::{Action, Step};
pub use waypoints::to_waypoints;
pub use whole::{Home, MOST_ITEMS, Mission, PlannedFor};
pub use wpml::DjiAircraft;
pub use wpml_write::{Packed, to_wpml};
