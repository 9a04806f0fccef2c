//! Solar modules: their grid in one frame, and each module beside its neighbours.
//!
//! *Invariant*: a frame without a grid of modules leaves this room as it came, and no detection is
//! deleted that is not replaced by a better one of the same module.

mod chance;
mod classes;
mod compare;
#[cfg(test)]
pub(super) mod drawn;
mod edges;
mod findings;
mod grid;
mod lines;
mod look;
mod period;
mod sheet;
mod walk;

pub(super) use look::Modules;
