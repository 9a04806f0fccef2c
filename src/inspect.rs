//! The main job on one page: frames → findings, in shards.
//!
//! *Invariant*: what this room gives never depends on the number of threads.
