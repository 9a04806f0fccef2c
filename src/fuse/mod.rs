//! Observations → findings: the same thing seen n times.
//!
//! | file | what |
//! |---|---|
//! | `regions` | what lies far apart: a plane for each |
//! | `flights` | which frames share one common error |
//! | `common` | what all views of a flight are off together, and how that moves a place |
//! | `spot` | an observation in its region's plane |
//! | `legs` | what frames and legs are off against each other, by the pattern of their spots |
//! | `ballot` | votes of pairs of spots for a turn and a shift |
//! | `grid` | who is near, for reaches of any size |
//! | `assign` | detections of one frame to clusters, one to one |
//! | `cluster` | frame by frame, then cluster with cluster |
//! | `suspect` | what moves, drifts with the camera, or sits on the sensor |
//! | `place` | place of a cluster, and how sure it is |
//! | `passes` | what one pass saw and another did not |
//! | `sun` | how long the sun has been gone, and whether its mirror image is what was seen |
//! | `emissivity` | what the emissivity leaves open of a contrast |
//! | `alike` | parts of one asset, held against each other |
//! | `like_surfaces` | an asset's surface, held against those of others of its kind |
//! | `budget` | which cause brings how much of a finding's ellipse |
//! | `confidence` | how sure it is that a cluster is a source |
//! | `estimate` | contrast and all else of a cluster |
//! | `possible` | which frames could have seen a place |
//! | `kind_table` | the table of kinds, `kinds.toml` or an agency's own |
//! | `conditions` | what the weather and the plant were like |
//! | `kind` | the table's rules in a run: asset and contrast → kind and severity |
//! | `patches` | the frames of a flight that tell what it is off |
//! | `adjust` | least squares over views of the same things |
//! | `solution` | poses corrected by what they are off |
//! | `calibrate` | what a flight was off, as its own overlapping views tell |
//! | `fusion` | the verb |
//!
//! *Invariant*: this room never changes an observation.

mod adjust;
mod alike;
mod assign;
mod ballot;
mod budget;
mod calibrate;
mod cluster;
mod common;
mod conditions;
mod confidence;
mod emissivity;
mod estimate;
mod finding;
mod flights;
mod fusion;
mod grid;
mod kind;
mod kind_table;
mod legs;
mod like_surfaces;
mod passes;
mod patches;
mod place;
mod possible;
mod regions;
mod solution;
mod spot;
mod sun;
mod suspect;

pub use budget::explain;
pub use calibrate::{Calibration, calibrate, correct};
pub use conditions::{Condition, Conditions};
pub use emissivity::Surface;
pub use finding::{BudgetPart, BudgetTerm, Finding, FindingBudget, Kind, Severity, Status};
pub use fusion::{Params, View, fuse};
pub use kind::KindRules;
pub use kind_table::{AssetEntry, KindEntry, KindTable, Need};
pub use solution::CommonErrors;
