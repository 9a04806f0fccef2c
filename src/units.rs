//! Temperatures as types, since a mix-up of the two scales is silent and costly.
//!
//! *Invariant*: this room never knows a file format.

use serde::{Deserialize, Serialize};

/// 0 °C in kelvin, exact by the definition of the Celsius scale (BIPM SI brochure, 9th ed., 2.3.1).
pub const KELVIN_OFFSET: f64 = 273.15;

/// A temperature in degrees Celsius.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Celsius(pub f64);

/// A thermodynamic temperature in kelvin.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Kelvin(pub f64);

impl From<Celsius> for Kelvin {
    fn from(celsius: Celsius) -> Self {
        Self(celsius.0 + KELVIN_OFFSET)
    }
}

impl From<Kelvin> for Celsius {
    fn from(kelvin: Kelvin) -> Self {
        Self(kelvin.0 - KELVIN_OFFSET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_triple_point_of_water_is_a_hundredth_of_a_degree() {
        let celsius = Celsius::from(Kelvin(273.16));
        assert!((celsius.0 - 0.01).abs() < 1e-12);
        assert!((Kelvin::from(celsius).0 - 273.16).abs() < 1e-12);
    }
}
