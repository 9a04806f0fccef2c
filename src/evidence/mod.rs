//! Evidence packages: what is handed over, how it is signed and stamped, how it is verified.
//!
//! *Invariant*: this room never recomputes; it copies and hashes.

pub mod report;
