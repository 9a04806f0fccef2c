//! What is made from originals for people and for evidence: temperature rasters, pictures with
//! marks, maps, each with its derivation; and the same made again to check it.
//!
//! | file | what |
//! |---|---|
//! | `findings` | all that is derived for a case's findings, and how it came about |
//! | `original` | an original found again by its hash and read as the run read it |
//! | `mosaic` `cog` | a flight's frames on the ground as one raster |
//! | `plane` | the ground below one frame |
//! | `raster` | temperatures as a TIFF of floats |
//! | `annotated` | the frame in colours with the finding in its box |
//! | `visible` | the visible picture beside a frame, too coarse for a face |
//! | `printed` | a marked picture as a report prints it |
//! | `map` | the finding on a map in vectors |
//! | `overview` | all findings on one map |
//! | `redact` | spots that may be people, and how they are masked |
//! | `recheck` | temperature and place of a finding worked out once more |
//!
//! *Invariant*: this room never changes an original.

mod annotated;
mod cog;
mod error;
mod findings;
mod map;
mod mosaic;
mod original;
mod overview;
mod plane;
mod printed;
mod raster;
pub mod recheck;
mod redact;
mod visible;

pub use annotated::{Marks, annotated_png, detail};
pub use error::Error;
pub use findings::{
    DERIVATIONS, Derivation, Derived, REDACTIONS, annotated_name, derive_findings, map_name,
    overview, raster_name,
};
pub use map::{MapContent, map_svg};
pub use mosaic::{Mosaic, MosaicParams, ReadFrame, mosaic};
pub use original::{hex_sha256, intact_original, places, read_options};
pub use overview::{Spot as OverviewSpot, overview_svg};
pub use plane::GroundPlane;
pub use printed::{printed_jpeg, printed_name};
pub use raster::celsius_tiff;
pub use redact::{Spot, overlap, pixelate, warm_spots};
pub use visible::visible_name;
