//! `site.toml`, as a person writes it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::geo::HeightDatum;
use crate::mandate::{Mandate, Period};

use super::feature::{Feature, Gathered, Geometry, Told, check_position};
use super::read::{self, Error, Open, place, syntax};
use super::{AssetKind, Role};

/// The version of `site.toml` that this program writes and the only one it reads.
const FORMAT_VERSION: u32 = 1;

/// Most files of one site.
const MOST_LAYERS: usize = 100;

/// Ground lies between the Dead Sea's deepest shore and Everest, geoid included.
const GROUND_HEIGHT_M: std::ops::RangeInclusive<f64> = -600.0..=9_000.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteFile {
    format_version: u32,
    name: String,
    /// File of shapes, relative to the TOML file.
    shapes: Option<PathBuf>,
    /// More files, with what their features do not tell.
    #[serde(default)]
    layer: Vec<Layer>,
    /// Shapes that are written out here.
    #[serde(default)]
    feature: Vec<Written>,
    /// Above the WGS84 ellipsoid.
    ground_height_m: Option<f64>,
    takeoff: Option<Takeoff>,
    purpose: Option<String>,
    legal_basis: Option<String>,
    case_number: Option<String>,
    period: Option<Period>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Takeoff {
    lat_deg: f64,
    lon_deg: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layer {
    file: PathBuf,
    role: Option<Role>,
    name: Option<String>,
    kind: Option<AssetKind>,
    height_m: Option<f64>,
    base_m: Option<f64>,
    base_datum: Option<HeightDatum>,
    half_width_m: Option<f64>,
    radius_m: Option<f64>,
    keep_away_m: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    role: Role,
    name: Option<String>,
    kind: Option<AssetKind>,
    height_m: Option<f64>,
    base_m: Option<f64>,
    base_datum: Option<HeightDatum>,
    half_width_m: Option<f64>,
    radius_m: Option<f64>,
    keep_away_m: Option<f64>,
    /// One of the three, latitude before longitude as people say it.
    point: Option<[f64; 2]>,
    line: Option<Vec<[f64; 2]>>,
    polygon: Option<Vec<[f64; 2]>>,
}

/// A refusal: the key and a sentence.
type Refusal = (&'static str, String);

/// Adds a site file and the files that it names.
pub(super) fn add(
    gathered: &mut Gathered,
    path: &Path,
    text: &str,
    open: Open<'_>,
) -> Result<(), Error> {
    let told: SiteFile = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or_else(String::new, |span| place(text, span.start));
        syntax(path, format!("{place}{}", error.message()))
    })?;
    let refused = |(key, reason): Refusal| {
        let at = text.lines().position(|line| line.trim_start().starts_with(key));
        let place = at.map_or_else(String::new, |line| format!("line {}, column 1: ", line + 1));
        syntax(path, format!("{place}{reason}"))
    };
    let mandate = check(&told).map_err(refused)?;
    let site = &mut gathered.site;
    site.name.clone_from(&told.name);
    site.ground_height_m = told.ground_height_m;
    site.mandate = mandate;
    if let Some(Takeoff { lat_deg, lon_deg }) = told.takeoff {
        site.takeoffs.insert(0, (lon_deg, lat_deg));
    }
    let features: Vec<_> = told
        .feature
        .into_iter()
        .enumerate()
        .map(|(at, written)| {
            written.feature().map_err(|reason| format!("[[feature]] {}: {reason}", at + 1))
        })
        .collect::<Result<_, _>>()
        .map_err(|reason| refused(("[[feature]]", reason)))?;
    if !features.is_empty() {
        gathered
            .add(path, features, &Told::default())
            .map_err(|reason| refused(("[[feature]]", reason)))?;
    }
    let whole = told.shapes.into_iter().map(|file| (file, Told::default()));
    for (file, defaults) in whole.chain(told.layer.into_iter().map(Layer::told)) {
        let file = path.parent().unwrap_or(Path::new("")).join(file);
        if file.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")) {
            return Err(syntax(path, format!("{}: a site names no sites", file.display())));
        }
        read::add(gathered, &file, &open(&file)?, &defaults, open)?;
    }
    Ok(())
}

/// Refuses what the types alone cannot.
fn check(told: &SiteFile) -> Result<Mandate, Refusal> {
    if told.format_version != FORMAT_VERSION {
        let reason = format!(
            "format_version {} is not known; this program reads {FORMAT_VERSION}",
            told.format_version
        );
        return Err(("format_version", reason));
    }
    if told.shapes.is_none() && told.layer.is_empty() && told.feature.is_empty() {
        let reason = "there are no shapes: missing field `shapes`, [[layer]] or [[feature]]";
        return Err(("name", reason.to_owned()));
    }
    if told.layer.len() > MOST_LAYERS {
        return Err(("[[layer]]", format!("more than {MOST_LAYERS} layers")));
    }
    if let Some(height) = told.ground_height_m
        && !GROUND_HEIGHT_M.contains(&height)
    {
        let reason = format!("ground_height_m {height} is not between -600 and 9000");
        return Err(("ground_height_m", reason));
    }
    if let Some(takeoff) = &told.takeoff {
        check_position(takeoff.lon_deg, takeoff.lat_deg).map_err(|reason| ("takeoff", reason))?;
    }
    let mandate = Mandate {
        purpose: told.purpose.clone(),
        legal_basis: told.legal_basis.clone(),
        case_number: told.case_number.clone(),
        period: told.period,
    };
    mandate.fault().map_or(Ok(mandate), Err)
}

impl Layer {
    fn told(self) -> (PathBuf, Told) {
        let told = Told {
            role: self.role,
            name: self.name,
            kind: self.kind,
            height_m: self.height_m,
            base_m: self.base_m,
            base_datum: self.base_datum,
            half_width_m: self.half_width_m,
            radius_m: self.radius_m,
            keep_away_m: self.keep_away_m,
        };
        (self.file, told)
    }
}

impl Written {
    fn feature(self) -> Result<Feature, String> {
        let told = Told {
            role: Some(self.role),
            name: self.name,
            kind: self.kind,
            height_m: self.height_m,
            base_m: self.base_m,
            base_datum: self.base_datum,
            half_width_m: self.half_width_m,
            radius_m: self.radius_m,
            keep_away_m: self.keep_away_m,
        };
        let vertices = |all: Vec<[f64; 2]>| -> Result<Vec<_>, String> {
            let vertex = |[lat, lon]: [f64; 2]| check_position(lon, lat).map(|()| (lon, lat));
            all.into_iter().map(vertex).collect()
        };
        let geometry = match (self.point, self.line, self.polygon) {
            (Some(point), None, None) => Geometry::Points(vertices(vec![point])?),
            (None, Some(line), None) => Geometry::Lines(vec![vertices(line)?]),
            (None, None, Some(ring)) => {
                let mut ring = vertices(ring)?;
                // Written by hand, a ring need not be closed.
                let first = ring.first().copied();
                ring.extend(first.filter(|_| ring.first() != ring.last()));
                Geometry::Polygons(vec![vec![ring]])
            }
            _ => return Err("it needs one of point, line and polygon".to_owned()),
        };
        Ok(Feature { told, geometry: vec![geometry] })
    }
}
