//! Whether the hour is good for thermography: rules with their numbers, each passed, failed or not
//! known.
//!
//! Buildings after EN 13187's practice: 10 K between inside and outside for a day, surfaces dry for
//! 24 hours after heavy rain and 12 after light, 2 hours without sun on them, wind up to 5 m/s. PV
//! after IEC TS 62446-3: 600 W/m² in the module's plane. For heat networks no standard's rule was
//! found: night, dry and no snow are what makers of surveys ask for, and stand as such.

use jiff::Timestamp;

use crate::geo::{SunEvent, sun, sun_event_unix_s};

/// What is flown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Roofs and façades.
    Building,
    /// Solar modules.
    Pv,
    /// Buried pipes.
    HeatNetwork,
    /// Tanks, stacks, flares, switchgear: what is warm by itself.
    Plant,
}

/// What is known of the weather; `None` is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Weather {
    /// Wind at 10 m.
    pub wind_m_s: Option<f64>,
    /// Hours since it last rained.
    pub dry_h: Option<f64>,
    /// Between inside and outside.
    pub inside_outside_k: Option<f64>,
    /// In the module's plane.
    pub irradiance_w_m2: Option<f64>,
    /// Whether snow lies.
    pub snow: Option<bool>,
}

/// One rule and what became of it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Verdict {
    /// The rule's name.
    pub rule: RuleName,
    /// Whether it holds; `None` is not known.
    pub passed: Option<bool>,
    /// What it is.
    pub figure: Option<f64>,
    /// What it must be.
    pub limit: f64,
    /// Of both.
    pub unit: &'static str,
}

/// Rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "words say it")]
pub enum RuleName {
    Wind,
    Dry,
    InsideOutside,
    SunGone,
    Irradiance,
    Snow,
    Glint,
}

const WIND_M_S: f64 = 5.0;
const DRY_H: f64 = 24.0;
const INSIDE_OUTSIDE_K: f64 = 10.0;
const SUN_GONE_H: f64 = 2.0;
const IRRADIANCE_W_M2: f64 = 600.0;
/// The sun's mirror image lies this far outside of a picture's middle to be no part of it: half the
/// diagonal of a wide thermal lens, and the glare about the image.
const GLINT_DEG: f64 = 30.0;

/// The rules of a subject, at a place and time.
#[must_use]
pub fn suitability(
    subject: Subject,
    (lon_deg, lat_deg): (f64, f64),
    when: Option<Timestamp>,
    weather: &Weather,
) -> Vec<Verdict> {
    let at_most = |rule, figure: Option<f64>, limit, unit| {
        let passed = figure.map(|figure| figure <= limit);
        Verdict { rule, passed, figure, limit, unit }
    };
    let at_least = |rule, figure: Option<f64>, limit, unit| {
        let passed = figure.map(|figure| figure >= limit);
        Verdict { rule, passed, figure, limit, unit }
    };
    let mut verdicts = vec![at_most(RuleName::Wind, weather.wind_m_s, WIND_M_S, "m/s")];
    let unix_s = when.map(|when| when.as_duration().as_secs_f64());
    let gone_h = unix_s.map(|unix_s| without_sun_h(lat_deg, lon_deg, unix_s));
    match subject {
        Subject::Building => {
            verdicts.push(at_least(RuleName::Dry, weather.dry_h, DRY_H, "h"));
            let kelvin = weather.inside_outside_k;
            verdicts.push(at_least(RuleName::InsideOutside, kelvin, INSIDE_OUTSIDE_K, "K"));
            verdicts.push(at_least(RuleName::SunGone, gone_h, SUN_GONE_H, "h"));
        }
        Subject::HeatNetwork => {
            verdicts.push(at_least(RuleName::Dry, weather.dry_h, DRY_H, "h"));
            let snow = weather.snow.map(|snow| f64::from(u8::from(snow)));
            verdicts.push(at_most(RuleName::Snow, snow, 0.0, ""));
            verdicts.push(at_least(RuleName::SunGone, gone_h, SUN_GONE_H, "h"));
        }
        Subject::Pv => {
            let watts = weather.irradiance_w_m2;
            verdicts.push(at_least(RuleName::Irradiance, watts, IRRADIANCE_W_M2, "W/m²"));
        }
        Subject::Plant => verdicts.push(at_least(RuleName::Dry, weather.dry_h, DRY_H, "h")),
    }
    // Over level ground the sun's mirror image lies as far from straight down as the sun does from
    // straight up.
    let off_deg = unix_s.map(|unix_s| {
        let elevation_deg = sun(lat_deg, lon_deg, unix_s).elevation_rad.to_degrees();
        if elevation_deg < 0.0 { 180.0 } else { 90.0 - elevation_deg }
    });
    verdicts.push(at_least(RuleName::Glint, off_deg, GLINT_DEG, "°"));
    verdicts
}

/// Hours since the sun last stood above the horizon, 0 while it does; a day where it never did.
fn without_sun_h(lat_deg: f64, lon_deg: f64, unix_s: f64) -> f64 {
    if sun(lat_deg, lon_deg, unix_s).elevation_rad > 0.0 {
        return 0.0;
    }
    let day_s = (unix_s / 86_400.0).floor() * 86_400.0;
    let sets = [0.0, 1.0, -1.0]
        .map(|day| sun_event_unix_s(lat_deg, lon_deg, day_s + day * 86_400.0, SunEvent::Set));
    let last = sets.into_iter().flatten().filter(|&set| set <= unix_s).fold(f64::NAN, f64::max);
    if last.is_nan() { 24.0 } else { (unix_s - last) / 3600.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_passes_fails_or_is_not_known() {
        let weather =
            Weather { wind_m_s: Some(6.0), inside_outside_k: Some(12.0), ..Weather::default() };
        let utrecht = (5.1, 52.1);
        // 22:00 local time in November: the sun set at about 16:40.
        let when = "2026-11-20T21:00:00Z".parse().ok();
        let verdicts = suitability(Subject::Building, utrecht, when, &weather);
        let passed = |rule| verdicts.iter().find(|v| v.rule == rule).unwrap().passed;
        assert_eq!(passed(RuleName::Wind), Some(false));
        assert_eq!(passed(RuleName::InsideOutside), Some(true));
        assert_eq!(passed(RuleName::Dry), None);
        assert_eq!(passed(RuleName::SunGone), Some(true));
        let noon = "2026-06-20T11:40:00Z".parse().ok();
        let verdicts = suitability(Subject::Building, utrecht, noon, &weather);
        let sun_gone = verdicts.iter().find(|v| v.rule == RuleName::SunGone).unwrap();
        assert_eq!((sun_gone.passed, sun_gone.figure), (Some(false), Some(0.0)));
        let glint = verdicts.iter().find(|v| v.rule == RuleName::Glint).unwrap();
        assert!(glint.passed == Some(false) && (glint.figure.unwrap() - 28.7).abs() < 0.5);
        let unknown = suitability(Subject::Pv, utrecht, None, &Weather::default());
        assert!(unknown.iter().all(|verdict| verdict.passed.is_none()));
    }
}
