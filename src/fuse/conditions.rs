//! What the weather and the plant were like, as the run is told.

use serde::{Deserialize, Serialize};

/// Something that a kind of finding may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Between inside and outside, in kelvin, whichever is warmer.
    InsideOutsideK,
    /// In the module's plane.
    IrradianceWM2,
    /// Mean at 10 m.
    WindMS,
    /// Eighths of the sky.
    CloudOkta,
    /// Hours since it last rained.
    DryH,
    /// Hours since the sun last shone on it.
    SunGoneH,
    /// Of the rated current.
    LoadPercent,
}

impl Condition {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::InsideOutsideK,
        Self::IrradianceWM2,
        Self::WindMS,
        Self::CloudOkta,
        Self::DryH,
        Self::SunGoneH,
        Self::LoadPercent,
    ];

    /// As files name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InsideOutsideK => "inside_outside_k",
            Self::IrradianceWM2 => "irradiance_w_m2",
            Self::WindMS => "wind_m_s",
            Self::CloudOkta => "cloud_okta",
            Self::DryH => "dry_h",
            Self::SunGoneH => "sun_gone_h",
            Self::LoadPercent => "load_percent",
        }
    }

    /// Its unit.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::InsideOutsideK => "K",
            Self::IrradianceWM2 => "W/m²",
            Self::WindMS => "m/s",
            Self::CloudOkta => "okta",
            Self::DryH | Self::SunGoneH => "h",
            Self::LoadPercent => "%",
        }
    }

    /// What a finding says for which this is missing or does not hold.
    pub(super) fn note(self) -> &'static str {
        match self {
            Self::InsideOutsideK => "inconclusive:inside_outside_k",
            Self::IrradianceWM2 => "inconclusive:irradiance_w_m2",
            Self::WindMS => "inconclusive:wind_m_s",
            Self::CloudOkta => "inconclusive:cloud_okta",
            Self::DryH => "inconclusive:dry_h",
            Self::SunGoneH => "inconclusive:sun_gone_h",
            Self::LoadPercent => "inconclusive:load_percent",
        }
    }
}

/// Some conditions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ConditionSet(u8);

impl ConditionSet {
    pub(super) fn insert(&mut self, condition: Condition) {
        self.0 |= 1 << condition as u8;
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Condition> {
        Condition::ALL.into_iter().filter(move |&one| self.0 & (1 << one as u8) != 0)
    }
}

/// What is known; `None` is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "as in `Condition`")]
pub struct Conditions {
    pub indoor_c: Option<f64>,
    pub outdoor_c: Option<f64>,
    pub inside_outside_k: Option<f64>,
    pub irradiance_w_m2: Option<f64>,
    pub wind_m_s: Option<f64>,
    pub cloud_okta: Option<f64>,
    pub dry_h: Option<f64>,
    pub sun_gone_h: Option<f64>,
    pub load_percent: Option<f64>,
}

impl Conditions {
    /// Names that can be told.
    pub const NAMES: [&str; 9] = [
        "indoor_c",
        "outdoor_c",
        "inside_outside_k",
        "irradiance_w_m2",
        "wind_m_s",
        "cloud_okta",
        "dry_h",
        "sun_gone_h",
        "load_percent",
    ];

    /// Takes one by its name.
    ///
    /// # Errors
    /// A sentence: a name that is none, one that is told twice, a value that cannot be.
    pub fn tell(&mut self, name: &str, value: f64) -> Result<(), String> {
        let (slot, low, high) = match name {
            "indoor_c" => (&mut self.indoor_c, -60.0, 2000.0),
            "outdoor_c" => (&mut self.outdoor_c, -60.0, 60.0),
            "inside_outside_k" => (&mut self.inside_outside_k, 0.0, 2000.0),
            // Above the solar constant, 1361 W/m², clouds' edges add some.
            "irradiance_w_m2" => (&mut self.irradiance_w_m2, 0.0, 2000.0),
            "wind_m_s" => (&mut self.wind_m_s, 0.0, 100.0),
            "cloud_okta" => (&mut self.cloud_okta, 0.0, 8.0),
            "dry_h" => (&mut self.dry_h, 0.0, 1e5),
            "sun_gone_h" => (&mut self.sun_gone_h, 0.0, 1e5),
            "load_percent" => (&mut self.load_percent, 0.0, 200.0),
            other => {
                return Err(format!(
                    "`{other}` is no condition; known are {}",
                    Self::NAMES.join(", ")
                ));
            }
        };
        if !(low..=high).contains(&value) {
            return Err(format!("{name} {value} is not within {low} to {high}"));
        }
        if slot.replace(value).is_some() {
            return Err(format!("{name} is told twice"));
        }
        Ok(())
    }

    /// What is known of one.
    #[must_use]
    pub fn of(&self, condition: Condition) -> Option<f64> {
        match condition {
            Condition::InsideOutsideK => self.inside_outside_k.or_else(|| {
                self.indoor_c.zip(self.outdoor_c).map(|(inside, outside)| (inside - outside).abs())
            }),
            Condition::IrradianceWM2 => self.irradiance_w_m2,
            Condition::WindMS => self.wind_m_s,
            Condition::CloudOkta => self.cloud_okta,
            Condition::DryH => self.dry_h,
            Condition::SunGoneH => self.sun_gone_h,
            Condition::LoadPercent => self.load_percent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_once_by_name_within_reason() {
        let mut told = Conditions::default();
        for (name, value) in [("indoor_c", 20.0), ("outdoor_c", 4.5), ("wind_m_s", 3.0)] {
            told.tell(name, value).unwrap();
        }
        assert_eq!(told.of(Condition::InsideOutsideK), Some(15.5));
        assert_eq!(told.of(Condition::WindMS), Some(3.0));
        assert_eq!(told.of(Condition::CloudOkta), None);
        for (name, value, says) in [
            ("wind_m_s", 4.0, "told twice"),
            ("wind", 4.0, "known are indoor_c"),
            ("cloud_okta", 9.0, "not within 0 to 8"),
            ("dry_h", f64::NAN, "not within"),
        ] {
            assert!(told.tell(name, value).unwrap_err().contains(says), "{says}");
        }
        assert_eq!(Conditions::NAMES.len(), 9);
        for name in Conditions::NAMES {
            Conditions::default().tell(name, 1.0).unwrap();
        }
    }

    #[test]
    fn names_are_those_of_files_and_notes() {
        for condition in Condition::ALL {
            let named = serde_json::to_value(condition).unwrap();
            assert_eq!(named, condition.name());
            assert_eq!(condition.note(), format!("inconclusive:{}", condition.name()));
        }
    }
}
