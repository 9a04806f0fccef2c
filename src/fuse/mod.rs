//! Observations → findings: the same thing seen n times.
//!
//! | file | what |
//! |---|---|
//! | `regions` | what lies far apart: a plane for each |
//! | `flights` | which frames share one common error |
//! | `spot` | an observation in its region's plane, and how the flight's common error moves it |
//! | `legs` | what frames and legs are off against each other, by the pattern of their spots |
//! | `grid` | who is near, for reaches of any size |
//! | `assign` | detections of one frame to clusters, one to one |
//! | `cluster` | frame by frame, then cluster with cluster |
//! | `place` | place of a cluster, and how sure it is |
//! | `estimate` | contrast, confidence and all else of a cluster |
//! | `possible` | which frames could have seen a place |
//! | `kind` | asset and contrast → kind and severity |
//! | `fusion` | the verb |
//!
//! *Invariant*: this room never changes an observation.

mod assign;
mod cluster;
mod estimate;
mod finding;
mod flights;
mod fusion;
mod grid;
mod kind;
mod legs;
mod place;
mod possible;
mod regions;
mod spot;

pub use finding::{Finding, Kind, Severity, Status};
pub use fusion::{Params, View, fuse};
