//! What a run found against what people say is there.
//!
//! | file | what |
//! |---|---|
//! | `label` | labels and detections in one plane: a frame's pixels, or the ground |
//! | `table`, `coco`, `yolo` | readers of labels: a table, COCO's JSON, YOLO's text |
//! | `scene` | which frames a scene with planted sources has |
//! | `ndjson` | reader of detections |
//! | `ground` | labels and findings on the ground, made a plane |
//! | `join` | which frame of a run is which of the truth |
//! | `matching` | detections and labels one to one: as many as possible, then the nearest |
//! | `frame` | one frame, at every cut of the score |
//! | `judge` | the whole evaluation |
//! | `cuts`, `position`, `share` | what cuts give, how far places are off, how sure shares are |
//! | `params`, `report` | what is asked, what is answered |
//! | `words`, `picture` | the answer for people: a table and curves |
//!
//! Pixels count from the outer corner of the first one, x right, y down.
//!
//! *Invariant*: this room never opens a file, and never changes what it evaluates.

mod coco;
mod cuts;
mod error;
mod frame;
mod ground;
mod join;
mod judge;
mod label;
mod matching;
mod ndjson;
mod params;
mod picture;
mod position;
mod report;
mod scene;
mod share;
mod table;
mod words;
mod yolo;

pub use coco::read_coco;
pub use error::Error;
pub use ground::{PlacedLabel, PlacedSpot, footprint_m2, on_ground};
pub use join::add_unlabelled;
pub use judge::evaluate;
pub use label::{Label, LabelledFrame, Reach, Role, SeenFrame, Spot, give_roles};
pub use ndjson::read_detections;
pub use params::Params;
pub use picture::picture;
pub use report::{
    AtCut, Bin, Calibration, Class, Cut, Listed, Near, Position, Rank, Report, Roles, Unit,
};
pub use scene::frames_of_scene;
pub use share::Share;
pub use table::{Table, read_table};
pub use words::words;
pub use yolo::{read_yolo, read_yolo_folder};
