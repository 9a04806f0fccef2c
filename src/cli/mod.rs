//! The command line: one file a verb.
//!
//! *Invariant*: this room never computes.
