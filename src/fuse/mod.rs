//! Observations → findings: the same thing seen n times.
//!
//! | file | what |
//! |---|---|
//! | `spot` | an observation in the run's plane, and how the flight's common error moves it |
//! | `grid` | who is near, for reaches of any size |
//! | `assign` | detections of one frame to clusters, one to one |
//! | `cluster` | frame by frame, then cluster with cluster |
//! | `estimate` | place, contrast and confidence of a cluster |
//! | `possible` | which frames could have seen a place |
//! | `kind` | asset and contrast → kind and severity |
//! | `fusion` | the verb |
//!
//! *Invariant*: this room never changes an observation.

mod assign;
mod cluster;
mod estimate;
mod finding;
mod fusion;
mod grid;
mod kind;
mod possible;
mod spot;

pub use finding::{Finding, Kind, Severity, Status};
pub use fusion::{Params, View, fuse};
