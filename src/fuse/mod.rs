//! Observations → findings: the same thing seen n times.
//!
//! *Invariant*: this room never changes an observation.

mod cluster;
mod finding;

pub use cluster::{Params, View, fuse};
pub use finding::{Finding, Kind, Severity, Status};
