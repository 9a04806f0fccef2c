//! Emissivity, distance, humidity, reflected and ambient temperature: whose value is used.

use super::super::fault::Fault;
use super::super::{Overrides, Parameter, ParameterSource, Parameters};

/// Degrees Celsius to kelvin.
pub(super) const K0: f64 = 273.15;

/// What the user says, in the range that makes physical sense.
pub(super) struct Conditions<'a> {
    overrides: &'a Overrides,
    used: Vec<Parameter>,
    /// Where a number lies outside what the maker's program accepts.
    pub(super) warnings: Vec<String>,
}

/// A parameter's value in the family at hand, if the user says nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Otherwise {
    /// As the file stores it.
    File(f64),
    /// The vendor's default, whatever the file stores.
    Vendor(f64),
}

/// One of the five conditions; ranges of DJI's own program after the header of its SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Emissivity,
    Distance,
    Humidity,
    Reflected,
    Ambient,
}

impl Condition {
    fn name(self) -> &'static str {
        match self {
            Self::Emissivity => "emissivity",
            Self::Distance => "distance_m",
            Self::Humidity => "humidity_percent",
            Self::Reflected => "reflected_c",
            Self::Ambient => "ambient_c",
        }
    }

    fn said(self, overrides: &Overrides) -> Option<f64> {
        match self {
            Self::Emissivity => overrides.emissivity,
            Self::Distance => overrides.distance_m,
            Self::Humidity => overrides.humidity_percent,
            Self::Reflected => overrides.reflected_c,
            Self::Ambient => overrides.ambient_c,
        }
    }

    /// Whether a value can be true at all, and the range in words.
    fn possible(self, value: f64) -> Result<(), &'static str> {
        let (good, range) = match self {
            Self::Emissivity => (value > 0.0 && value <= 1.0, "above 0 to 1"),
            Self::Distance => (value > 0.0 && value <= 1e5, "above 0 to 100000 m"),
            Self::Humidity => ((0.0..=100.0).contains(&value), "0 to 100 percent"),
            Self::Reflected | Self::Ambient => {
                ((-K0..=5000.0).contains(&value), "-273.15 to 5000 C")
            }
        };
        if good { Ok(()) } else { Err(range) }
    }

    /// What DJI's program accepts, distance apart, which differs between families.
    fn accepted(self) -> Option<(f64, f64)> {
        match self {
            Self::Emissivity => Some((0.1, 1.0)),
            Self::Humidity => Some((20.0, 100.0)),
            Self::Reflected => Some((-40.0, 500.0)),
            Self::Ambient => Some((-40.0, 80.0)),
            Self::Distance => None,
        }
    }
}

const ALL: [Condition; 5] = [
    Condition::Emissivity,
    Condition::Distance,
    Condition::Humidity,
    Condition::Reflected,
    Condition::Ambient,
];

impl<'a> Conditions<'a> {
    /// Refuses overrides that can be true of no scene.
    pub(super) fn new(overrides: &'a Overrides) -> Result<Self, Fault> {
        for condition in ALL {
            let Some(value) = condition.said(overrides) else { continue };
            if let Err(range) = condition.possible(value) {
                let name = condition.name();
                return Err(Fault::refused(format!("{name} {value} is outside {range}")));
            }
        }
        Ok(Self { overrides, used: Vec::new(), warnings: Vec::new() })
    }

    /// What the user said of a condition.
    pub(super) fn said(&self, condition: Condition) -> Option<f64> {
        condition.said(self.overrides)
    }

    /// The user's value or the other one; noted, and warned of if the maker would not accept it.
    pub(super) fn choose(
        &mut self,
        condition: Condition,
        otherwise: Otherwise,
    ) -> Result<f64, Fault> {
        let (value, source) = match (self.said(condition), otherwise) {
            (Some(value), _) => (value, ParameterSource::User),
            (None, Otherwise::File(value)) => (value, ParameterSource::File),
            (None, Otherwise::Vendor(value)) => (value, ParameterSource::VendorDefault),
        };
        self.check(condition, value, condition)?;
        self.used.push(Parameter { name: condition.name(), value, source });
        Ok(value)
    }

    /// Refuses a stored value that can be true of no scene, and says which condition to give in
    /// its place; warns of one that the maker would not accept.
    pub(super) fn check(
        &mut self,
        condition: Condition,
        value: f64,
        remedy: Condition,
    ) -> Result<(), Fault> {
        let name = condition.name();
        if let Err(range) = condition.possible(value) {
            let give = if remedy == condition { "it" } else { remedy.name() };
            return Err(Fault::refused(format!(
                "the file stores {name} {value}, outside {range}: give {give} on the command line"
            )));
        }
        if let Some((low, high)) = condition.accepted() {
            self.warn_outside(condition, value, (low, high));
        }
        Ok(())
    }

    /// Warns of a value that the maker's program would not take.
    pub(super) fn warn_outside(
        &mut self,
        condition: Condition,
        value: f64,
        (low, high): (f64, f64),
    ) {
        if value < low || value > high {
            self.warnings.push(format!(
                "{} {value} lies outside the {low} to {high} that the maker's program accepts",
                condition.name()
            ));
        }
    }

    /// Notes a condition that follows from another one, with that one's source.
    pub(super) fn follow(&mut self, condition: Condition, leader: Condition, value: f64) {
        let leader = self.used.iter().find(|used| used.name == leader.name());
        let source = leader.map_or(ParameterSource::File, |used| used.source);
        self.used.push(Parameter { name: condition.name(), value, source });
    }

    /// Notes that the family ignores a condition, if the user gave one.
    pub(super) fn ignore(&mut self, condition: Condition) {
        if let Some(value) = self.said(condition) {
            let name = condition.name();
            self.used.push(Parameter { name, value, source: ParameterSource::Ignored });
        }
    }

    /// Whether the user said anything that a DJI camera knows.
    pub(super) fn any_said(&self) -> bool {
        ALL.iter().any(|&condition| self.said(condition).is_some())
    }

    /// Notes of a condition that was chosen that it did nothing after all.
    pub(super) fn note_ignored(&mut self, condition: Condition) {
        for used in &mut self.used {
            if used.name == condition.name() && used.source == ParameterSource::User {
                used.source = ParameterSource::Ignored;
            }
        }
    }

    /// All that was used and all that was ignored, in a fixed order, and the warnings.
    pub(super) fn finish(mut self) -> (Parameters, Vec<String>) {
        let place = |name| ALL.iter().position(|condition| condition.name() == name);
        self.used.sort_by_key(|used| place(used.name));
        for (name, value) in [
            ("window_c", self.overrides.window_c),
            ("window_transmission", self.overrides.window_transmission),
        ] {
            if let Some(value) = value {
                self.used.push(Parameter { name, value, source: ParameterSource::Ignored });
            }
        }
        (Parameters { values: self.used, ..Parameters::default() }, self.warnings)
    }
}

/// A stored single as the decimal number that it was meant to be: 0.95, not 0.949999988.
pub(super) fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

/// An emissivity in whole percent, cut, as the families with integer arithmetic take it; the
/// little on top keeps 0.29, which no binary fraction is, at 29 %.
pub(super) fn whole_percent(emissivity: f64) -> i32 {
    (emissivity * 100.0 + 1e-6) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_beyond_reason_are_refused() {
        for (overrides, word) in [
            (Overrides { emissivity: Some(0.0), ..Overrides::default() }, "emissivity"),
            (Overrides { emissivity: Some(1.01), ..Overrides::default() }, "emissivity"),
            (Overrides { distance_m: Some(0.0), ..Overrides::default() }, "distance_m"),
            (Overrides { distance_m: Some(f64::INFINITY), ..Overrides::default() }, "distance_m"),
            (Overrides { humidity_percent: Some(101.0), ..Overrides::default() }, "humidity"),
            (Overrides { reflected_c: Some(f64::NAN), ..Overrides::default() }, "reflected_c"),
            (Overrides { ambient_c: Some(-300.0), ..Overrides::default() }, "ambient_c"),
        ] {
            match Conditions::new(&overrides).err() {
                Some(Fault::Refused(reason)) => assert!(reason.contains(word), "{reason}"),
                other => unreachable!("{overrides:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_user_goes_before_the_file_and_the_order_is_fixed() {
        let overrides = Overrides {
            distance_m: Some(30.0),
            ambient_c: Some(10.0),
            window_c: Some(20.0),
            ..Overrides::default()
        };
        let mut conditions = Conditions::new(&overrides).unwrap();
        conditions.ignore(Condition::Ambient);
        assert_eq!(conditions.choose(Condition::Distance, Otherwise::File(5.0)), Ok(30.0));
        assert_eq!(conditions.choose(Condition::Emissivity, Otherwise::Vendor(1.0)), Ok(1.0));
        conditions.warn_outside(Condition::Distance, 30.0, (1.0, 25.0));
        let (parameters, warnings) = conditions.finish();
        let found: Vec<_> =
            parameters.values.iter().map(|used| (used.name, used.value, used.source)).collect();
        assert_eq!(
            found,
            [
                ("emissivity", 1.0, ParameterSource::VendorDefault),
                ("distance_m", 30.0, ParameterSource::User),
                ("ambient_c", 10.0, ParameterSource::Ignored),
                ("window_c", 20.0, ParameterSource::Ignored),
            ]
        );
        assert!(warnings[0].contains("distance_m 30"), "{warnings:?}");
    }

    #[test]
    fn a_file_with_an_impossible_number_needs_the_users() {
        let none = Overrides::default();
        let mut conditions = Conditions::new(&none).unwrap();
        assert!(conditions.choose(Condition::Emissivity, Otherwise::File(0.0)).is_err());
    }

    #[test]
    fn percentages_are_cut_and_singles_read_as_decimals() {
        for (emissivity, percent) in [(0.29, 29), (0.95, 95), (0.956, 95), (1.0, 100), (0.9, 90)] {
            assert_eq!(whole_percent(emissivity), percent, "{emissivity}");
        }
        for percent in 1..=100 {
            assert_eq!(whole_percent(f64::from(percent) / 100.0), percent);
        }
        assert_eq!(decimal(0.95_f32), 0.95);
    }
}
