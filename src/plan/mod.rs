//! From a site to sorties: coverage paths, speed, terrain following, batteries, checks.
//!
//! | file | what |
//! |---|---|
//! | `make` | the verb: a site becomes flights, and what they reach |
//! | `params` | what is asked |
//! | `camera` | footprint, overlap, and how fast is not blurred |
//! | `plane` | metres east and north of the site's middle |
//! | `region` | areas with holes: together, without, grown |
//! | `field` | the site in its plane, ground and zones |
//! | `space` | where a plan may fly |
//! | `way` | shortest ways in there |
//! | `sweep` `survey` | parallel lines, and a survey of them |
//! | `corridor` `round` | lines along routes; rounds about things and places |
//! | `mend` | pictures of what lines have left out |
//! | `run` | one line or round with its pictures |
//! | `profile` | heights along it |
//! | `order` | in what order runs are flown |
//! | `sortie` | flights of one battery |
//! | `steps` | a flight as a mission |
//! | `editable` | the same as QGroundControl's planner edits it |
//! | `coverage` | what pictures show, and how they overlap |
//! | `check` | what must not be, leg by leg |
//! | `suitability` | whether the hour is good for thermography |
//! | `picture` `geojson` | a plan drawn, and on a map |
//! | `sheet` `sheet_words` | the preflight sheet in Dutch and English |
//! | `error` | why there is no plan |
//!
//! *Invariant*: this room never sees a MAVLink type.

mod camera;
mod check;
mod corridor;
mod coverage;
mod editable;
mod error;
mod field;
mod geojson;
mod make;
mod mend;
mod order;
mod params;
mod picture;
mod plane;
mod profile;
mod region;
mod round;
mod run;
mod sheet;
mod sheet_words;
mod sortie;
mod space;
mod steps;
mod suitability;
mod survey;
mod sweep;
mod way;

pub use camera::{Camera, Pace, SpeedLimit, Wanted, wanted_gsd_m};
pub use check::{Rule, Violation};
pub use coverage::{Coverage, coverage, footprint};
pub use editable::editable;
pub use error::Error;
pub use field::{Barrier, Field, Tall, Window};
pub use geojson::geojson;
pub use make::{Pattern, Plan, plan};
pub use params::{Params, Vehicle, Wind};
pub use picture::picture;
pub use plane::{Plane, Point};
pub use region::Region;
pub use run::{Photo, Run, Shots, Stand};
pub use sheet::{Language, Sheet, sheet};
pub use sortie::{Airpoint, Leg, Purpose, Sortie};
pub use steps::Flown;
pub use suitability::{RuleName, Subject, Verdict, Weather, suitability};
