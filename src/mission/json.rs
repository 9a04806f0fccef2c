//! A JSON value that knows where it stands, so that what is refused can be named.

use serde_json::Value;

use super::Fault;

/// A value and its field, as `mission.items[3].params[0]`.
#[derive(Debug, Clone)]
pub(super) struct At<'a> {
    value: &'a Value,
    field: String,
}

/// Longest text of a refused value that is repeated.
const LONGEST_HELD: usize = 60;

impl<'a> At<'a> {
    /// The whole of a file.
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, field: String::new() }
    }

    /// What is wrong with it.
    pub(super) fn fault(&self, known: impl Into<String>) -> Fault {
        let held = match self.value {
            Value::Object(_) => "an object".to_owned(),
            Value::Array(list) => format!("a list of {}", list.len()),
            other => other.to_string(),
        };
        let short: String = held.chars().take(LONGEST_HELD).collect();
        Fault::new(&self.field, format!("is {short}"), known)
    }

    /// A copy of it.
    pub(super) fn kept(&self) -> Value {
        self.value.clone()
    }

    /// It as something that serde reads.
    pub(super) fn read<T: serde::de::DeserializeOwned>(&self) -> serde_json::Result<T> {
        T::deserialize(self.value)
    }

    /// Where it stands.
    pub(super) fn field(&self) -> &str {
        &self.field
    }

    /// A field that may be missing; null is there.
    pub(super) fn maybe(&self, key: &str) -> Option<Self> {
        let dot = if self.field.is_empty() { "" } else { "." };
        let value = self.value.get(key)?;
        Some(Self { value, field: format!("{}{dot}{key}", self.field) })
    }

    /// A field that must be there.
    pub(super) fn key(&self, key: &str) -> Result<Self, Fault> {
        let field = if self.field.is_empty() { "the file" } else { &self.field };
        self.maybe(key)
            .ok_or_else(|| Fault::new(format!("{field}: {key}"), "is missing", "it must be there"))
    }

    pub(super) fn list(&self) -> Result<Vec<Self>, Fault> {
        let list = self.value.as_array().ok_or_else(|| self.fault("it must be a list"))?;
        let at = |(index, value)| Self { value, field: format!("{}[{index}]", self.field) };
        Ok(list.iter().enumerate().map(at).collect())
    }

    pub(super) fn text(&self) -> Result<&'a str, Fault> {
        self.value.as_str().ok_or_else(|| self.fault("it must be text"))
    }

    pub(super) fn flag(&self) -> Result<bool, Fault> {
        self.value.as_bool().ok_or_else(|| self.fault("it must be true or false"))
    }

    /// A number; JSON has no infinite ones.
    pub(super) fn number(&self) -> Result<f64, Fault> {
        self.value.as_f64().ok_or_else(|| self.fault("it must be a number"))
    }

    /// A number, or NaN for null.
    pub(super) fn number_or_unset(&self) -> Result<f64, Fault> {
        if self.value.is_null() { Ok(f64::NAN) } else { self.number() }
    }

    /// A whole number of at most so much; `5.0` is one.
    pub(super) fn whole(&self, most: u32) -> Result<u32, Fault> {
        let number = self
            .value
            .as_f64()
            .filter(|number| number.fract() == 0.0 && (0.0..=f64::from(most)).contains(number));
        let known = || self.fault(format!("it must be a whole number from 0 to {most}"));
        number.map(|number| number as u32).ok_or_else(known)
    }

    /// Refuses a version that is not known: it may mean other units.
    pub(super) fn version(&self, known: &[u32]) -> Result<u32, Fault> {
        let version = self.value.as_u64().and_then(|version| u32::try_from(version).ok());
        version.filter(|version| known.contains(version)).ok_or_else(|| {
            let known: Vec<_> = known.iter().map(ToString::to_string).collect();
            self.fault(format!("known is {}", known.join(", ")))
        })
    }

    /// Latitude and longitude in degrees; what lies behind them is passed over.
    pub(super) fn vertex(&self) -> Result<(f64, f64), Fault> {
        let known = || self.fault("it must be a latitude and a longitude in degrees");
        let list = self.list()?;
        let [lat, lon, ..] = list.as_slice() else { return Err(known()) };
        let (lat, lon) = (lat.number()?, lon.number()?);
        if on_earth(lat, lon) { Ok((lat, lon)) } else { Err(self.fault_of(&[lat, lon])) }
    }

    /// The fault of a place that is not on earth.
    pub(super) fn fault_of(&self, held: &[f64]) -> Fault {
        Fault::new(
            &self.field,
            format!("is {held:?}"),
            "latitude must be within ±90, longitude within ±180",
        )
    }
}

/// Whether two numbers are a latitude and a longitude in degrees.
pub(super) fn on_earth(lat: f64, lon: f64) -> bool {
    lat.abs() <= 90.0 && lon.abs() <= 180.0
}
