//! What a finding probably is, and how urgent.

use crate::detect::Polarity;
use crate::site::AssetKind;

use super::{Kind, Severity};

/// What a warm or cold spot on an asset is; `Unknown` without one.
///
/// A warm spot on a tank is taken for missing insulation: our convention. Cold spots on roofs,
/// switchgear, modules and stacks have no kind of their own.
pub(super) fn kind_of(asset: Option<AssetKind>, polarity: Polarity) -> Kind {
    match (asset, polarity) {
        (Some(AssetKind::Pipe), Polarity::Hot) => Kind::HotLeak,
        (Some(AssetKind::Pipe | AssetKind::Tank), Polarity::Cold) => Kind::ColdLeak,
        (Some(AssetKind::Roof | AssetKind::Facade | AssetKind::Tank), Polarity::Hot) => {
            Kind::InsulationDefect
        }
        (Some(AssetKind::Switchgear), Polarity::Hot) => Kind::OverheatedComponent,
        (Some(AssetKind::PvTable), Polarity::Hot) => Kind::PvDefect,
        (Some(AssetKind::Flare | AssetKind::Stack), Polarity::Hot) => Kind::HeatSource,
        _ => Kind::Unknown,
    }
}

/// From how many kelvin of contrast a finding of a kind is medium, high, critical.
///
/// | kind | source |
/// |---|---|
/// | hot leak | 2, 5, 10 K as commonly used on heat mains; no standard gives kelvins (unverified) |
/// | cold leak | a safety rule without kelvins: never low; 2 and 5 K are our convention |
/// | insulation, thermal bridge | outside differences order only: 1, 2, 4 K, our convention |
/// | overheated component | NETA MTS 100.18: 4, 15 K against like parts, 40 K over air |
/// | PV | 10 and 20 K as vendors use IEC TS 62446-3; its third class is not told by kelvins |
/// | heat source | the permit decides; 5, 20, 50 K order only, our convention |
/// | others | as hot leaks, our convention |
fn limits_k(kind: Kind) -> [f64; 3] {
    match kind {
        Kind::ColdLeak => [0.0, 2.0, 5.0],
        Kind::InsulationDefect | Kind::ThermalBridge => [1.0, 2.0, 4.0],
        Kind::OverheatedComponent => [4.0, 15.0, 40.0],
        Kind::PvDefect => [10.0, 20.0, f64::INFINITY],
        Kind::HeatSource => [5.0, 20.0, 50.0],
        Kind::HotLeak
        | Kind::GasSuspect
        | Kind::Reflection
        | Kind::LivingOrVehicle
        | Kind::Unknown => [2.0, 5.0, 10.0],
    }
}

/// How urgent a contrast in kelvin is, whatever its sign.
pub(super) fn severity_of(kind: Kind, delta_k: f64) -> Severity {
    let [medium, high, critical] = limits_k(kind);
    match delta_k.abs() {
        k if k >= critical => Severity::Critical,
        k if k >= high => Severity::High,
        k if k >= medium => Severity::Medium,
        _ => Severity::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asset_decides_the_kind_and_the_contrast_its_severity() {
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
            assert_eq!(kind_of(asset, polarity), kind, "{asset:?} {delta}");
            assert_eq!(severity_of(kind, delta), severity, "{asset:?} {delta}");
        }
    }
}
