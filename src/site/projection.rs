//! What the numbers of a Shapefile are: the well-known text of its `.prj` (OGC 01-009, and ESRI's
//! and WKT 2's ways to write the same).
//!
//! Degrees on WGS84 or ETRS89, RD New, and any transverse Mercator on their ellipsoids (UTM among
//! them) are worked out here. Others are refused by name with the remedy. WGS84 and ETRS89 are
//! taken for one; they are 0.8 m apart in 2026 and drift by 2.5 cm a year.

use crate::geo::{RdNap, TransverseMercator, etrs89_from_rd_nap};

/// A way from a file's numbers to degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Projection {
    /// They are degrees.
    Degrees,
    /// EPSG:28992.
    RdNew,
    /// With metres a unit.
    Mercator(TransverseMercator, f64),
}

/// Datums that count as WGS84 here, as they are written in names, lower case and without marks.
const SAME_DATUMS: [&str; 8] = [
    "wgs84",
    "wgs1984",
    "worldgeodeticsystem1984",
    "etrs89",
    "etrs1989",
    "europeanterrestrialreferencesystem1989",
    "itrf",
    "unknownbasedonwgs84",
];

impl Projection {
    /// What a `.prj` says.
    ///
    /// # Errors
    /// The projection's name and what to do about it.
    pub(super) fn of_wkt(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_start_matches('\u{feff}');
        let head = text.split(['[', '(']).next().unwrap_or_default().trim().to_uppercase();
        let name: String = quoted(text).next().unwrap_or("(no name)").chars().take(80).collect();
        let plain = plain(&name);
        let refused = |why: &str| {
            format!(
                "the projection is {name}: {why}; turn it into WGS84 first, as with \
                 `ogr2ogr -t_srs EPSG:4326 OUT.geojson IN.shp`"
            )
        };
        let geographic = ["GEOGCS", "GEOGCRS", "GEODCRS"].contains(&head.as_str());
        let projected = ["PROJCS", "PROJCRS"].contains(&head.as_str());
        if projected && (plain.contains("rdnew") || plain.contains("28992")) {
            return Ok(Self::RdNew);
        }
        if !geographic && !projected {
            return Err(refused("it is neither geographic nor projected"));
        }
        let same = quoted(text).map(self::plain).any(|name| {
            SAME_DATUMS.iter().any(|known| name.trim_start_matches('d').starts_with(known))
        });
        if !same {
            return Err(refused("its datum is not WGS84 or ETRS89"));
        }
        if geographic {
            return Ok(Self::Degrees);
        }
        if !quoted(text).any(|name| self::plain(name).starts_with("transversemercator")) {
            return Err(refused(
                "of the projections only transverse Mercator and RD New are known",
            ));
        }
        let parameter = |names: &[&str]| numbered(text, names);
        let told = |names: &[&str], what: &str| {
            parameter(names).ok_or_else(|| refused(&format!("it tells no {what}")))
        };
        let latitude = parameter(&["latitudeoforigin", "latitudeofnaturalorigin"]).unwrap_or(0.0);
        if latitude != 0.0 {
            return Err(refused("its latitude of origin is not the equator"));
        }
        let metres = unit_m(text);
        Ok(Self::Mercator(
            TransverseMercator {
                meridian_deg: told(
                    &["centralmeridian", "longitudeofnaturalorigin", "longitudeofcenter"],
                    "central meridian",
                )?,
                scale: told(&["scalefactor", "scalefactoratnaturalorigin"], "scale factor")?,
                east_m: told(&["falseeasting"], "false easting")? * metres,
                north_m: parameter(&["falsenorthing"]).unwrap_or(0.0) * metres,
            },
            metres,
        ))
    }

    /// Longitude and latitude of a file's numbers.
    ///
    /// # Errors
    /// A sentence where they lie outside what the projection covers.
    pub(super) fn degrees(&self, x: f64, y: f64) -> Result<(f64, f64), String> {
        if !x.is_finite() || !y.is_finite() {
            return Err(format!("{x}, {y} is not a pair of numbers"));
        }
        match self {
            Self::Degrees => Ok((x, y)),
            Self::RdNew => {
                // EPSG: the country with a margin; beyond it the formulas wander.
                if !(-50_000.0..=350_000.0).contains(&x) || !(250_000.0..=700_000.0).contains(&y) {
                    return Err(format!("{x}, {y} is far outside of RD New"));
                }
                let place = etrs89_from_rd_nap(&RdNap { x_m: x, y_m: y, nap_m: None });
                Ok((place.lon_deg, place.lat_deg))
            }
            Self::Mercator(mercator, metres) => {
                mercator.degrees(x * metres, y * metres).ok_or_else(|| {
                    format!("{x}, {y} is too far from the projection's central meridian")
                })
            }
        }
    }
}

/// The texts in quotes, in their order.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

/// Letters and digits only, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// The number behind a parameter's name.
fn numbered(text: &str, names: &[&str]) -> Option<f64> {
    let name = quoted(text).find(|name| names.contains(&plain(name).as_str()))?;
    let behind = text.split_once(&format!("\"{name}\""))?.1;
    let number = behind.trim_start_matches([',', ' ', '\n', '\r', '\t']);
    let end = number.find([',', ']', ')']).unwrap_or(number.len());
    number.get(..end)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Metres of the unit of length: the last one that is named, since the angle's comes first.
fn unit_m(text: &str) -> f64 {
    let last = ["UNIT[", "LENGTHUNIT["].iter().filter_map(|key| text.rfind(key)).max();
    let unit = last.and_then(|at| text.get(at..));
    let factor = unit.and_then(|unit| {
        let name = quoted(unit).next()?;
        numbered(unit, &[plain(name).as_str()])
    });
    factor.filter(|metres| (0.1..=2_000.0).contains(metres)).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEGREES: &str = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",
        SPHEROID["WGS_1984",6378137.0,298.257223563]],UNIT["Degree",0.0174532925199433]]"#;
    const RD: &str = r#"PROJCS["RD_New",GEOGCS["GCS_Amersfoort",DATUM["D_Amersfoort",
        SPHEROID["Bessel_1841",6377397.155,299.1528128]]],PROJECTION["Double_Stereographic"],
        UNIT["Meter",1.0]]"#;
    const UTM: &str = r#"PROJCS["ETRS_1989_UTM_Zone_31N",GEOGCS["GCS_ETRS_1989",
        DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]],
        UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],
        PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],
        PARAMETER["Central_Meridian",3.0],PARAMETER["Scale_Factor",0.9996],
        PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
    const GAUSS: &str = r#"PROJCS["DHDN_3_Degree_Gauss_Zone_3",GEOGCS["GCS_DHDN",
        DATUM["D_Deutsches_Hauptdreiecksnetz",SPHEROID["Bessel_1841",6377397.155,299.1528128]]],
        PROJECTION["Gauss_Kruger"],UNIT["Meter",1.0]]"#;

    #[test]
    fn numbers_become_degrees_or_the_projection_is_refused_by_name() {
        let degrees = |wkt, x, y| Projection::of_wkt(wkt).unwrap().degrees(x, y);
        assert_eq!(degrees(DEGREES, 5.0, 52.0), Ok((5.0, 52.0)));
        // As src/geo/utm.rs has it from PROJ.
        let (lon, lat) = degrees(UTM, 637_294.365_894, 5_762_926.812_914).unwrap();
        assert!((lon - 5.0).abs() < 1e-9 && (lat - 52.0).abs() < 1e-9, "{lon} {lat}");
        // The tower of Amersfoort, where RD New has its origin.
        let (lon, lat) = degrees(RD, 155_000.0, 463_000.0).unwrap();
        assert!((lon - 5.387).abs() < 1e-3 && (lat - 52.155).abs() < 1e-3, "{lon} {lat}");
        assert!(degrees(RD, 5.0, 52.0).is_err());
        for (wkt, says) in [(GAUSS, "DHDN_3_Degree_Gauss_Zone_3"), ("", "(no name)")] {
            let refusal = Projection::of_wkt(wkt).unwrap_err();
            assert!(refusal.contains(says) && refusal.contains("ogr2ogr"), "{refusal}");
        }
    }
}
