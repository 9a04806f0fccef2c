//! From a site to sorties: coverage paths, speed, terrain following, batteries, checks.
//!
//! *Invariant*: this room never sees a MAVLink type.
