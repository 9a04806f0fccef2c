//! What a finding probably is, and how urgent: the rules of a table of kinds, ready for use.

use crate::detect::Polarity;
use crate::site::AssetKind;

use super::conditions::{Condition, ConditionSet};
use super::{Kind, Severity};

/// Kinds, for tables by kind.
pub(super) const KINDS: usize = 11;
/// Kinds of assets, for tables by asset.
pub(super) const ASSETS: usize = 8;

/// Rules of all kinds under the conditions of a run; small, so that parameters stay a plain value.
///
/// Made by [`KindTable::rules`](super::KindTable::rules). Its default is the table that ships, with
/// no condition asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KindRules {
    /// By asset: of a hot, of a cold spot.
    pub(super) of_asset: [[Kind; 2]; ASSETS],
    pub(super) of_kind: [Rule; KINDS],
}

/// What holds for one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rule {
    /// From how many kelvin it is medium, high, critical.
    pub(super) limits_k: [f64; 3],
    /// What the contrast is multiplied with before it is graded; `None` where nothing is.
    pub(super) scale: Option<f64>,
    /// It is held against like parts of its asset, too.
    pub(super) like_parts: bool,
    /// What it lies on is held against like surfaces, too.
    pub(super) like_surfaces: bool,
    /// Conditions that are not known or do not hold.
    pub(super) open: ConditionSet,
    /// From how many hours without sun on [`Condition::SunGoneH`] holds, where the run is not told
    /// how many there were and the frames' times may.
    pub(super) dark_from_h: Option<f64>,
}

impl KindRules {
    /// What a warm or cold spot on an asset is; `Unknown` without one.
    pub(super) fn kind_of(&self, asset: Option<AssetKind>, polarity: Polarity) -> Kind {
        let Some(asset) = asset else { return Kind::Unknown };
        let [hot, cold] = self.of_asset[asset as usize];
        match polarity {
            Polarity::Hot => hot,
            Polarity::Cold => cold,
        }
    }

    fn of(&self, kind: Kind) -> &Rule {
        &self.of_kind[kind as usize]
    }

    /// How urgent a contrast in kelvin is, whatever its sign.
    pub(super) fn severity_of(&self, kind: Kind, delta_k: f64) -> Severity {
        let rule = self.of(kind);
        let [medium, high, critical] = rule.limits_k;
        match delta_k.abs() * rule.scale.unwrap_or(1.0) {
            k if k >= critical => Severity::Critical,
            k if k >= high => Severity::High,
            k if k >= medium => Severity::Medium,
            _ => Severity::Low,
        }
    }

    /// Conditions of a kind that are not known or do not hold. `dark_h` tells for how many hours
    /// the sun has been below the horizon, and is asked only where that matters.
    pub(super) fn open(
        &self,
        kind: Kind,
        dark_h: impl FnOnce() -> Option<f64>,
    ) -> impl Iterator<Item = Condition> {
        let rule = self.of(kind);
        let dark = rule.dark_from_h.is_some_and(|least_h| dark_h().is_some_and(|h| h >= least_h));
        rule.open.iter().filter(move |one| !(dark && *one == Condition::SunGoneH))
    }

    /// Whether findings of a kind are held against like parts of their asset.
    pub(super) fn is_held_against_like_parts(&self, kind: Kind) -> bool {
        self.of(kind).like_parts
    }

    /// Whether what findings of a kind lie on is held against other assets of the same kind.
    pub(super) fn is_held_against_like_surfaces(&self, kind: Kind) -> bool {
        self.of(kind).like_surfaces
    }

    /// Whether a kind's contrast is graded as under another sun.
    pub(super) fn is_scaled(&self, kind: Kind) -> bool {
        self.of(kind).scale.is_some()
    }
}
