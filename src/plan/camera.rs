//! What a thermal camera needs of a flight: footprint, overlap, and how fast is not blurred.

use super::Error;

/// A thermal camera that looks along its optical axis, its rows across the direction of flight.
#[derive(Debug, Clone, PartialEq)]
pub struct Camera {
    /// Its id in the camera table, for files and sheets.
    pub id: String,
    /// Columns, across the direction of flight.
    pub width_px: u32,
    /// Rows, along it.
    pub height_px: u32,
    /// From pixel to pixel on the sensor.
    pub pixel_pitch_m: f64,
    /// Focal length.
    pub focal_length_m: f64,
    /// Thermal time constant of the sensor's pixels.
    pub time_constant_s: f64,
    /// Least time from one picture to the next.
    pub least_interval_s: f64,
}

impl Camera {
    /// What one pixel covers at a distance.
    #[must_use]
    pub fn gsd_m(&self, distance_m: f64) -> f64 {
        distance_m * self.pixel_pitch_m / self.focal_length_m
    }

    /// The distance at which a pixel covers so much.
    #[must_use]
    pub fn distance_m(&self, gsd_m: f64) -> f64 {
        gsd_m * self.focal_length_m / self.pixel_pitch_m
    }

    /// Tangents of half the angle of view, across and along.
    #[must_use]
    pub fn half_tangents(&self) -> [f64; 2] {
        [self.width_px, self.height_px]
            .map(|pixels| f64::from(pixels) / 2.0 * self.pixel_pitch_m / self.focal_length_m)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let positive = |name, value: f64| {
            let wrong = !(value > 0.0 && value.is_finite());
            if wrong { Err(Error::Params { name, value, allowed: "above 0" }) } else { Ok(()) }
        };
        positive("the camera's width", f64::from(self.width_px))?;
        positive("the camera's height", f64::from(self.height_px))?;
        positive("the camera's pixel pitch", self.pixel_pitch_m)?;
        positive("the camera's focal length", self.focal_length_m)?;
        positive("the camera's time constant", self.time_constant_s)?;
        positive("the camera's least interval", self.least_interval_s)
    }
}

/// How pictures follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Distance to the surface.
    pub distance_m: f64,
    /// Of one pixel, straight ahead.
    pub gsd_m: f64,
    /// Of one picture, across and along.
    pub footprint_m: [f64; 2],
    /// From line to line.
    pub line_spacing_m: f64,
    /// From picture to picture.
    pub photo_spacing_m: f64,
    /// Over the ground, while pictures are taken.
    pub speed_m_s: f64,
    /// What holds the speed down.
    pub speed_limit: SpeedLimit,
    /// From picture to picture at that speed.
    pub interval_s: f64,
    /// Contrast that is left of a strip three pixels wide, 0 to 1.
    pub contrast_left: f64,
}

/// What the speed is limited by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeedLimit {
    /// The sensor's time constant: it would smear.
    Blur,
    /// The camera's least interval.
    Interval,
    /// The vehicle, or what was asked for.
    Vehicle,
}

/// What was asked for of pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// Distance to the surface.
    pub distance_m: f64,
    /// Overlap of one picture with the next, 0 to below 1.
    pub overlap_front: f64,
    /// Overlap of a line with the next.
    pub overlap_side: f64,
    /// Pixels that the ground may move within the sensor's time constant.
    pub blur_px: f64,
    /// The vehicle's greatest speed at work.
    pub top_m_s: f64,
}

impl Pace {
    /// The fastest pace that does what was asked.
    ///
    /// A bolometer's pixel follows what it sees as a first-order low-pass of its time constant τ,
    /// so that the ground may move `blur_px` pixels within τ: v ≤ k·GSD/τ. A strip of width w then
    /// keeps 1 − exp(−w/(v·τ)) of its contrast.
    ///
    /// # Errors
    /// [`Error::Params`] for numbers that make no sense.
    pub fn of(camera: &Camera, wanted: &Wanted) -> Result<Self, Error> {
        camera.check()?;
        wanted.check()?;
        let distance_m = wanted.distance_m;
        let gsd_m = camera.gsd_m(distance_m);
        let footprint_m = camera.half_tangents().map(|tangent| 2.0 * tangent * distance_m);
        let photo_spacing_m = footprint_m[1] * (1.0 - wanted.overlap_front);
        let limits = [
            (wanted.blur_px * gsd_m / camera.time_constant_s, SpeedLimit::Blur),
            (photo_spacing_m / camera.least_interval_s, SpeedLimit::Interval),
            (wanted.top_m_s, SpeedLimit::Vehicle),
        ];
        let (speed_m_s, speed_limit) =
            limits.into_iter().fold(limits[0], |a, b| if b.0 < a.0 { b } else { a });
        Ok(Self {
            distance_m,
            gsd_m,
            footprint_m,
            line_spacing_m: footprint_m[0] * (1.0 - wanted.overlap_side),
            photo_spacing_m,
            speed_m_s,
            speed_limit,
            interval_s: photo_spacing_m / speed_m_s,
            contrast_left: 1.0 - (-3.0 * gsd_m / (speed_m_s * camera.time_constant_s)).exp(),
        })
    }
}

impl Wanted {
    fn check(&self) -> Result<(), Error> {
        let within = |name, value: f64, low: f64, high: f64, allowed| {
            let good = (low..=high).contains(&value);
            if good { Ok(()) } else { Err(Error::Params { name, value, allowed }) }
        };
        within("the distance to the surface", self.distance_m, 2.0, 500.0, "2 to 500 m")?;
        within("the front overlap", self.overlap_front, 0.0, 0.95, "0 to 0.95")?;
        within("the side overlap", self.overlap_side, 0.0, 0.95, "0 to 0.95")?;
        within("the blur", self.blur_px, 0.05, 5.0, "0.05 to 5 pixels")?;
        within("the speed", self.top_m_s, 0.2, 40.0, "0.2 to 40 m/s")
    }
}

/// Pixel size on the surface that a kind of thing asks for, with its reason.
///
/// PV: 5 × 5 pixels a cell of 156 mm (IEC TS 62446-3). The others have no standard that was found:
/// three pixels across the smallest thing that matters, which is told beside it.
#[must_use]
pub fn wanted_gsd_m(kind: crate::site::AssetKind) -> (f64, &'static str) {
    use crate::site::AssetKind as Kind;
    match kind {
        Kind::PvTable => (0.03, "5 x 5 pixels a cell (IEC TS 62446-3)"),
        Kind::Switchgear => (0.02, "3 pixels across a clamp of 6 cm"),
        Kind::Facade => (0.05, "3 pixels across a bridge of 15 cm"),
        Kind::Roof => (0.08, "3 pixels across a wet patch of 25 cm"),
        Kind::Tank | Kind::Stack | Kind::Flare => (0.06, "3 pixels across a flange of 18 cm"),
        Kind::Pipe => (0.12, "3 pixels across a warm strip of 36 cm over a buried pipe"),
        #[allow(unreachable_patterns, reason = "kinds that a site may get besides")]
        _ => (0.08, "3 pixels across 25 cm"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn m3t() -> Camera {
        Camera {
            id: "m3t".to_owned(),
            width_px: 640,
            height_px: 512,
            pixel_pitch_m: 12e-6,
            focal_length_m: 9.1e-3,
            time_constant_s: 0.011,
            least_interval_s: 1.0,
        }
    }

    pub(crate) fn wanted(distance_m: f64) -> Wanted {
        Wanted { distance_m, overlap_front: 0.5, overlap_side: 0.4, blur_px: 1.0, top_m_s: 15.0 }
    }

    #[test]
    fn speeds_are_those_of_the_formula() {
        for (distance_m, gsd_cm, speed_m_s) in
            [(25.0, 3.3, 3.0), (40.0, 5.3, 4.8), (60.0, 7.9, 7.2)]
        {
            let pace = Pace::of(&m3t(), &wanted(distance_m)).unwrap();
            assert!((pace.gsd_m * 100.0 - gsd_cm).abs() < 0.05, "{pace:?}");
            assert!((pace.speed_m_s - speed_m_s).abs() < 0.05, "{pace:?}");
            assert_eq!(pace.speed_limit, SpeedLimit::Blur);
            // w = 3·v·τ keeps 95 %.
            assert!((pace.contrast_left - 0.950).abs() < 0.001);
        }
        let slow = Camera { least_interval_s: 5.0, ..m3t() };
        let pace = Pace::of(&slow, &wanted(40.0)).unwrap();
        assert_eq!(pace.speed_limit, SpeedLimit::Interval);
        assert!((pace.interval_s - 5.0).abs() < 1e-9);
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (wrong, says) in [
            (Wanted { overlap_front: 1.0, ..wanted(40.0) }, "front overlap"),
            (Wanted { overlap_side: f64::NAN, ..wanted(40.0) }, "side overlap"),
            (wanted(0.0), "distance"),
            (Wanted { blur_px: 0.0, ..wanted(40.0) }, "blur"),
        ] {
            let answer = Pace::of(&m3t(), &wrong).unwrap_err().to_string();
            assert!(answer.contains(says), "{answer}");
        }
        let flat = Camera { focal_length_m: 0.0, ..m3t() };
        assert!(Pace::of(&flat, &wanted(40.0)).is_err());
    }
}
