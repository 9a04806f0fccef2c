//! What is asked of a plan.

use jiff::Timestamp;

use super::camera::Camera;
use super::{Error, Pattern};

/// A multirotor.
#[derive(Debug, Clone, PartialEq)]
pub struct Vehicle {
    /// Greatest speed through the air, on its way.
    pub cruise_m_s: f64,
    /// Greatest climb (ArduPilot's default: WPNAV_SPEED_UP 250 cm/s).
    pub climb_m_s: f64,
    /// Greatest descent (ArduPilot's default: WPNAV_SPEED_DN 150 cm/s).
    pub sink_m_s: f64,
    /// Time in the air on a full battery.
    pub endurance_s: f64,
    /// Share of the battery that is never planned for, 0 to 1.
    pub reserve: f64,
    /// What a turn from one line to the next costs beside its way.
    pub turn_s: f64,
}

impl Default for Vehicle {
    fn default() -> Self {
        Self {
            cruise_m_s: 10.0,
            climb_m_s: 2.5,
            sink_m_s: 1.5,
            endurance_s: 30.0 * 60.0,
            reserve: 0.25,
            turn_s: 4.0,
        }
    }
}

/// Wind that is planned with.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wind {
    /// How strong.
    pub speed_m_s: f64,
    /// Where it comes from, clockwise from north.
    pub from_rad: f64,
}

/// What is asked of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// The camera.
    pub camera: Camera,
    /// The vehicle.
    pub vehicle: Vehicle,
    /// What is flown.
    pub pattern: Pattern,
    /// Ground a pixel covers; where `None`, what the pattern's things ask for.
    pub gsd_m: Option<f64>,
    /// Distance to the surface, in place of a pixel's size.
    pub distance_m: Option<f64>,
    /// Overlap of one picture with the next, 0 to below 1.
    pub overlap_front: f64,
    /// Overlap of a line with the next.
    pub overlap_side: f64,
    /// Pixels that the ground may move within the sensor's time constant.
    pub blur_px: f64,
    /// Greatest speed at work.
    pub top_m_s: f64,
    /// How far from the area flying is allowed; `None` is half a picture.
    pub margin_m: Option<f64>,
    /// Distance to keep from zones.
    pub zone_margin_m: f64,
    /// Least distance from ground and things.
    pub clearance_m: f64,
    /// Greatest height above ground (120 m in the open category: EU 2019/947, UAS.OPEN.010).
    pub most_height_m: f64,
    /// Farthest from the take-off, in sight.
    pub range_m: f64,
    /// The wind.
    pub wind: Wind,
    /// When the flight begins.
    pub when: Option<Timestamp>,
}

impl Params {
    /// What is usual, with a camera and a pattern.
    #[must_use]
    pub fn new(camera: Camera, pattern: Pattern) -> Self {
        Self {
            camera,
            vehicle: Vehicle::default(),
            pattern,
            gsd_m: None,
            distance_m: None,
            overlap_front: 0.7,
            overlap_side: 0.5,
            blur_px: 1.0,
            top_m_s: 8.0,
            margin_m: None,
            zone_margin_m: 5.0,
            clearance_m: 5.0,
            most_height_m: 120.0,
            range_m: 500.0,
            wind: Wind::default(),
            when: None,
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let within = |name, value: f64, low: f64, high: f64, allowed| {
            let good = (low..=high).contains(&value);
            if good { Ok(()) } else { Err(Error::Params { name, value, allowed }) }
        };
        let vehicle = &self.vehicle;
        within(
            "the ground a pixel covers",
            self.gsd_m.unwrap_or(0.05),
            0.001,
            2.0,
            "0.1 to 200 cm",
        )?;
        within("the cruise speed", vehicle.cruise_m_s, 1.0, 40.0, "1 to 40 m/s")?;
        within("the climb", vehicle.climb_m_s, 0.2, 20.0, "0.2 to 20 m/s")?;
        within("the descent", vehicle.sink_m_s, 0.2, 20.0, "0.2 to 20 m/s")?;
        within("the endurance", vehicle.endurance_s, 60.0, 36_000.0, "1 to 600 minutes")?;
        within("the reserve", vehicle.reserve, 0.0, 0.9, "0 to 0.9")?;
        within("the time of a turn", vehicle.turn_s, 0.0, 60.0, "0 to 60 s")?;
        within("the margin", self.margin_m.unwrap_or(0.0), 0.0, 500.0, "0 to 500 m")?;
        within("the distance to zones", self.zone_margin_m, 0.0, 500.0, "0 to 500 m")?;
        within("the clearance", self.clearance_m, 1.0, 100.0, "1 to 100 m")?;
        within("the greatest height", self.most_height_m, 5.0, 1_000.0, "5 to 1000 m")?;
        within("the range", self.range_m, 10.0, 100_000.0, "10 m to 100 km")?;
        within(
            "the wind",
            self.wind.speed_m_s,
            0.0,
            vehicle.cruise_m_s * 0.9,
            "0 to 90 % of cruise",
        )?;
        within("the wind's direction", self.wind.from_rad, -10.0, 10.0, "a direction")
    }

    /// Speed over ground on a way, as fast as the vehicle flies through the air.
    pub(super) fn ground_m_s(&self, along: [f64; 2]) -> f64 {
        let length = along[0].hypot(along[1]);
        let cruise = self.vehicle.cruise_m_s;
        if length < 1e-9 {
            return cruise;
        }
        // Wind blows towards the opposite of where it comes from.
        let (sin, cos) = self.wind.from_rad.sin_cos();
        let wind = [-sin * self.wind.speed_m_s, -cos * self.wind.speed_m_s];
        let tail = (wind[0] * along[0] + wind[1] * along[1]) / length;
        let cross = (wind[0] * along[1] - wind[1] * along[0]) / length;
        ((cruise * cruise - cross * cross).max(0.0).sqrt() + tail).max(0.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wind_slows_into_it_and_helps_with_it() {
        let camera = Camera {
            id: "x".to_owned(),
            width_px: 640,
            height_px: 512,
            pixel_pitch_m: 12e-6,
            focal_length_m: 9e-3,
            time_constant_s: 0.011,
            least_interval_s: 1.0,
        };
        let mut params = Params::new(camera, Pattern::Corridor);
        params.wind = Wind { speed_m_s: 6.0, from_rad: 0.0 };
        assert!((params.ground_m_s([0.0, 1.0]) - 4.0).abs() < 1e-9);
        assert!((params.ground_m_s([0.0, -1.0]) - 16.0).abs() < 1e-9);
        assert!((params.ground_m_s([1.0, 0.0]) - 8.0).abs() < 1e-9);
        assert!(params.check().is_ok());
        params.wind.speed_m_s = 9.5;
        assert!(params.check().unwrap_err().to_string().contains("wind"));
    }
}
