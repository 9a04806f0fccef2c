//! Behaviour of `thermal_tiff`.
