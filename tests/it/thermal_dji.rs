//! Behaviour of `thermal_dji`.
