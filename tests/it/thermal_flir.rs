//! Behaviour of `thermal_flir`.
