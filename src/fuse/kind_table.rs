//! The table of kinds, a data file that an agency can replace.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::site::AssetKind;

use super::Kind;
use super::conditions::{Condition, ConditionSet, Conditions};
use super::kind::{ASSETS, KINDS, KindRules, Rule};

/// The version of the form that is read here.
const FORMAT_VERSION: u32 = 1;
/// What each kind is held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindTable {
    format_version: u32,
    /// Whose table it is.
    pub name: String,
    /// Each kind once.
    #[serde(rename = "kind")]
    pub kinds: Vec<KindEntry>,
    /// What an asset makes of a spot.
    #[serde(default, rename = "asset")]
    pub assets: Vec<AssetEntry>,
    /// SHA-256 of the text, lower-case hexadecimal.
    #[serde(skip_deserializing)]
    pub sha256: String,
}

/// One kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindEntry {
    /// Which.
    pub kind: Kind,
    /// With what its contrast should be compared.
    pub compare: String,
    /// From this contrast in kelvin on it is medium; never, if it is left out.
    pub medium_k: Option<f64>,
    /// High.
    pub high_k: Option<f64>,
    /// Critical.
    pub critical_k: Option<f64>,
    /// Its contrast is graded as if the sun had shone with so much: ΔT · this / what it shone with,
    /// where the run is told that (IEC TS 62446-3 normalises to 1000 W/m² so).
    pub per_irradiance_w_m2: Option<f64>,
    /// It is held against the coolest like part of its asset, too, where there is one; what is more
    /// is graded.
    #[serde(default)]
    pub like_parts: bool,
    /// What it lies on is held against the other assets of the same kind in the same pictures, too,
    /// where there are three; how far it is beyond three of four of them is graded with it.
    #[serde(default)]
    pub like_surfaces: bool,
    /// The standard followed, with its edition.
    pub standard: String,
    /// Whether somebody read that text for this table.
    pub verified: bool,
    /// Where the figures come from.
    pub source: String,
    /// Conditions that must hold.
    #[serde(default)]
    pub needs: Vec<Need>,
}

/// A condition that must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Which.
    pub condition: Condition,
    /// So much or more.
    pub at_least: Option<f64>,
    /// So much or less.
    pub at_most: Option<f64>,
    /// Where the figure comes from.
    pub source: String,
}

/// What an asset makes of a spot; `unknown` where it is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetEntry {
    /// Which.
    pub asset: AssetKind,
    /// Of a hot one.
    #[serde(default)]
    pub hot: Kind,
    /// Of a cold one.
    #[serde(default)]
    pub cold: Kind,
}

impl Need {
    fn holds(&self, conditions: &Conditions) -> bool {
        let known = conditions.of(self.condition);
        known.is_some_and(|value| {
            self.at_least.is_none_or(|least| value >= least)
                && self.at_most.is_none_or(|most| value <= most)
        })
    }

    fn fault(&self) -> Option<String> {
        let name = self.condition.name();
        let finite = [self.at_least, self.at_most].into_iter().flatten().all(f64::is_finite);
        match (self.at_least, self.at_most) {
            (None, None) => Some(format!("{name} needs at_least or at_most")),
            (Some(least), Some(most)) if least > most => {
                Some(format!("{name}: at_least {least} is above at_most {most}"))
            }
            _ if !finite => Some(format!("{name}: a limit is not a number")),
            _ => None,
        }
    }
}

impl KindEntry {
    /// Hours after sunset from which on all it asks of the sun holds, if it asks for any.
    fn dark_from_h(&self) -> Option<f64> {
        let of_sun = || self.needs.iter().filter(|need| need.condition == Condition::SunGoneH);
        let only_least = of_sun().all(|need| need.at_most.is_none());
        of_sun().filter_map(|need| need.at_least).reduce(f64::max).filter(|_| only_least)
    }

    fn limits_k(&self) -> [f64; 3] {
        [self.medium_k, self.high_k, self.critical_k].map(|k| k.unwrap_or(f64::INFINITY))
    }

    fn fault(&self) -> Option<String> {
        let limits = [self.medium_k, self.high_k, self.critical_k];
        let sound = |k: f64| k.is_finite() && k >= 0.0;
        let told: Vec<f64> = limits.into_iter().flatten().collect();
        if !told.iter().all(|&k| sound(k)) {
            Some("a limit in kelvin is not 0 or more".to_owned())
        } else if !told.is_sorted() {
            Some("medium_k, high_k and critical_k do not rise".to_owned())
        } else if self.per_irradiance_w_m2.is_some_and(|w_m2| !(w_m2.is_finite() && w_m2 > 0.0)) {
            Some("per_irradiance_w_m2 is not above 0".to_owned())
        } else if self.standard.trim().is_empty() || self.source.trim().is_empty() {
            Some("standard and source must say something, `none` if need be".to_owned())
        } else {
            self.needs.iter().find_map(Need::fault)
        }
    }
}

impl Default for KindTable {
    fn default() -> Self {
        Self::read(Self::BUILTIN).expect("the table that ships is read by a test of this file")
    }
}

impl KindTable {
    /// The table that ships with the program.
    pub const BUILTIN: &str = include_str!("kinds.toml");
    /// A table is a few lines for each kind.
    pub const LARGEST_BYTES: usize = 1 << 20;

    /// Reads a table: all kinds, each once, and assets.
    ///
    /// # Errors
    /// A sentence, with line and column where there are any.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > Self::LARGEST_BYTES {
            return Err(format!("{} bytes are too many for a table of kinds", text.len()));
        }
        let mut table: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if table.format_version != FORMAT_VERSION {
            let found = table.format_version;
            return Err(format!(
                "format_version {found} is not the {FORMAT_VERSION} that is read here"
            ));
        }
        let mut seen = BTreeMap::new();
        for entry in &table.kinds {
            let named = |fault: &str| format!("kind `{}`: {fault}", word(&entry.kind));
            if let Some(fault) = entry.fault() {
                return Err(named(&fault));
            }
            if seen.insert(entry.kind, ()).is_some() {
                return Err(named("it stands there twice"));
            }
        }
        if let Some(missing) = Kind::ALL.iter().find(|kind| !seen.contains_key(kind)) {
            return Err(format!(
                "kind `{}` is missing: a table replaces the program's as a whole",
                word(missing)
            ));
        }
        let mut assets = [false; ASSETS];
        for entry in &table.assets {
            if std::mem::replace(&mut assets[entry.asset as usize], true) {
                return Err(format!("asset `{}` stands there twice", word(&entry.asset)));
            }
        }
        let digest = Sha256::digest(text.as_bytes());
        table.sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(table)
    }

    /// The rules under the conditions of a run: what is missing of them is open.
    #[must_use]
    pub fn rules(&self, conditions: &Conditions) -> KindRules {
        self.ruled(Some(conditions))
    }

    /// The rules; without conditions none is asked for.
    pub(super) fn ruled(&self, conditions: Option<&Conditions>) -> KindRules {
        let never = Rule {
            limits_k: [f64::INFINITY; 3],
            scale: None,
            like_parts: false,
            like_surfaces: false,
            open: ConditionSet::default(),
            dark_from_h: None,
        };
        let mut rules =
            KindRules { of_asset: [[Kind::Unknown; 2]; ASSETS], of_kind: [never; KINDS] };
        for entry in &self.assets {
            rules.of_asset[entry.asset as usize] = [entry.hot, entry.cold];
        }
        for entry in &self.kinds {
            let shone = conditions.and_then(|told| told.irradiance_w_m2).filter(|w_m2| *w_m2 > 0.0);
            let scale = entry.per_irradiance_w_m2.zip(shone).map(|(per, shone)| per / shone);
            let mut open = ConditionSet::default();
            for need in conditions
                .iter()
                .flat_map(|told| entry.needs.iter().filter(|need| !need.holds(told)))
            {
                open.insert(need.condition);
            }
            let untold = conditions.is_some_and(|told| told.sun_gone_h.is_none());
            rules.of_kind[entry.kind as usize] = Rule {
                limits_k: entry.limits_k(),
                scale,
                like_parts: entry.like_parts,
                like_surfaces: entry.like_surfaces,
                open,
                dark_from_h: entry.dark_from_h().filter(|_| untold),
            };
        }
        rules
    }
}

impl Default for KindRules {
    fn default() -> Self {
        KindTable::default().ruled(None)
    }
}

/// As files name it.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::Severity;
    use super::*;
    use crate::detect::Polarity;

    #[test]
    fn the_asset_decides_the_kind_and_the_contrast_its_severity() {
        let rules = KindRules::default();
        let table = [
            (Some(AssetKind::Pipe), 4.0, Kind::HotLeak, Severity::Medium),
            (Some(AssetKind::Pipe), -0.5, Kind::ColdLeak, Severity::Medium),
            (Some(AssetKind::Tank), -6.0, Kind::ColdLeak, Severity::Critical),
            (Some(AssetKind::Roof), 0.7, Kind::InsulationDefect, Severity::Low),
            (Some(AssetKind::Facade), 2.5, Kind::InsulationDefect, Severity::High),
            (Some(AssetKind::Switchgear), 16.0, Kind::OverheatedComponent, Severity::High),
            (Some(AssetKind::PvTable), 90.0, Kind::PvDefect, Severity::High),
            (Some(AssetKind::Flare), 300.0, Kind::HeatSource, Severity::Critical),
            (Some(AssetKind::Stack), 6.0, Kind::HeatSource, Severity::Medium),
            (Some(AssetKind::Roof), -3.0, Kind::Unknown, Severity::Medium),
            (None, 11.0, Kind::Unknown, Severity::Critical),
        ];
        for (asset, delta, kind, severity) in table {
            let polarity = if delta > 0.0 { Polarity::Hot } else { Polarity::Cold };
            assert_eq!(rules.kind_of(asset, polarity), kind, "{asset:?} {delta}");
            assert_eq!(rules.severity_of(kind, delta), severity, "{asset:?} {delta}");
        }
        assert!(Kind::ALL.into_iter().all(|kind| rules.open(kind, || None).next().is_none()));
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at);
        }
    }

    #[test]
    fn what_a_kind_needs_is_open_until_it_is_told_and_holds() {
        let table = KindTable::default();
        let open = |told: &[(&str, f64)], kind| -> Vec<Condition> {
            let mut conditions = Conditions::default();
            told.iter().for_each(|(name, value)| conditions.tell(name, *value).unwrap());
            table.rules(&conditions).open(kind, || None).collect()
        };
        use Condition as C;
        assert_eq!(open(&[], Kind::InsulationDefect), [C::InsideOutsideK, C::SunGoneH]);
        let warm = [("indoor_c", 20.0), ("outdoor_c", 14.0), ("sun_gone_h", 12.0)];
        assert_eq!(open(&warm, Kind::InsulationDefect), [C::InsideOutsideK]);
        let cold = [("indoor_c", 20.0), ("outdoor_c", 4.0), ("sun_gone_h", 12.0)];
        assert_eq!(open(&cold, Kind::InsulationDefect), []);
        let sunny = [("irradiance_w_m2", 600.0), ("wind_m_s", 8.0)];
        assert_eq!(open(&sunny, Kind::PvDefect), [C::WindMS, C::CloudOkta]);
        assert_eq!(open(&[], Kind::HotLeak), []);
    }

    #[test]
    fn a_module_is_graded_as_under_a_full_sun() {
        let mut conditions = Conditions::default();
        let graded = |conditions: &Conditions, kind| {
            KindTable::default().rules(conditions).severity_of(kind, 12.0)
        };
        assert_eq!(graded(&conditions, Kind::PvDefect), Severity::Medium);
        // 12 K at 600 W/m² are 20 K at 1000.
        conditions.tell("irradiance_w_m2", 600.0).unwrap();
        assert_eq!(graded(&conditions, Kind::PvDefect), Severity::High);
        assert_eq!(graded(&conditions, Kind::HotLeak), Severity::Critical);
        let dark = Conditions { irradiance_w_m2: Some(0.0), ..Conditions::default() };
        assert_eq!(graded(&dark, Kind::PvDefect), Severity::Medium);
    }

    #[test]
    fn a_table_that_is_not_whole_or_not_sound_says_where() {
        let own = KindTable::BUILTIN;
        for (from, to, told) in [
            ("format_version = 1", "format_version = 2", "format_version 2 is not the 1"),
            ("medium_k = 2.0\nhigh_k = 5.0", "medium_k = 6.0\nhigh_k = 5.0", "do not rise"),
            ("medium_k = 2.0", "medium_k = -2.0", "`hot_leak`: a limit in kelvin"),
            ("medium_k = 2.0", "medium_k = nan", "`hot_leak`: a limit in kelvin"),
            ("medium_k = 2.0", "medium = 2.0", "unknown field `medium`"),
            ("kind = \"hot_leak\"", "kind = \"cold_leak\"", "`cold_leak`: it stands there twice"),
            ("kind = \"hot_leak\"", "kind = \"leak\"", "unknown variant `leak`"),
            ("asset = \"pipe\"", "asset = \"roof\"", "asset `roof` stands there twice"),
            ("at_least = 10.0\n", "", "inside_outside_k needs at_least or at_most"),
            ("per_irradiance_w_m2 = 1000.0", "per_irradiance_w_m2 = 0.0", "not above 0"),
            ("condition = \"load_percent\"", "condition = \"load\"", "unknown variant `load`"),
            (
                "source = \"2, 5, 10 K as commonly used on heat mains\"",
                "source = \" \"",
                "must say",
            ),
        ] {
            assert!(own.contains(from), "{from}");
            let error = KindTable::read(&own.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(told), "{told}: {error}");
        }
        let start = own.find("[[kind]]\nkind = \"unknown\"").unwrap();
        let end = own.find("\n[[asset]]").unwrap();
        let without = format!("{}{}", &own[..start], &own[end..]);
        assert!(KindTable::read(&without).unwrap_err().contains("`unknown` is missing"));
        assert_eq!(KindTable::default().sha256.len(), 64);
    }

    #[test]
    fn a_damaged_table_is_refused_or_whole() {
        let own = KindTable::BUILTIN.as_bytes();
        for cut in (0..own.len()).step_by(97) {
            let _ = KindTable::read(&String::from_utf8_lossy(&own[..cut]));
        }
        for at in (0..own.len()).step_by(41) {
            let mut bytes = own.to_vec();
            bytes[at] ^= 1 << (at % 7);
            if let Ok(table) = KindTable::read(&String::from_utf8_lossy(&bytes)) {
                assert_eq!(table.kinds.len(), KINDS);
                let _ = table.rules(&Conditions::default());
            }
        }
    }
}
