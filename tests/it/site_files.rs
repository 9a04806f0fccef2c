//! Sites from every kind of file, and what damage does to them.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use torenvalk::site::{
    AssetKind, Error, Limit, LimitDatum, Outline, Role, Rule, Site, from_bytes, read,
};

use crate::shared::shared;

/// Files that stand beside each other, as a disk would have them.
struct Folder(BTreeMap<PathBuf, Vec<u8>>);

impl Folder {
    fn of(files: &[(&str, &[u8])]) -> Self {
        Self(files.iter().map(|(name, bytes)| (PathBuf::from(name), bytes.to_vec())).collect())
    }

    fn site(&self, name: &str) -> Result<Site, String> {
        let open = |path: &Path| {
            let none = || Error::Io {
                file: path.to_owned(),
                source: std::io::Error::from(std::io::ErrorKind::NotFound),
            };
            self.0.get(path).cloned().ok_or_else(none)
        };
        let bytes = open(Path::new(name)).map_err(|error| error.to_string())?;
        from_bytes(Path::new(name), &bytes, &open).map_err(|error| error.to_string())
    }
}

fn one(name: &str, bytes: &[u8]) -> Result<Site, String> {
    Folder::of(&[(name, bytes)]).site(name)
}

#[test]
fn a_published_zone_file_is_read_with_every_zone() {
    let Some(file) = shared("data/geo/zones/geo-awareness-che-1.json") else { return };
    let site = read(&file).unwrap();
    // data/geo/README.md: counted by script.
    assert_eq!(site.zones.len(), 6);
    assert!(site.zones.iter().all(|zone| zone.unreadable.is_none() && zone.role == Role::NoFly));
    let volumes: Vec<_> = site.zones.iter().flat_map(|zone| &zone.volumes).collect();
    let mut radii: Vec<f64> = volumes
        .iter()
        .filter_map(|volume| match volume.outline {
            Outline::Point { radius_m, .. } => Some(radius_m),
            _ => None,
        })
        .collect();
    radii.sort_by(f64::total_cmp);
    assert_eq!((volumes.len(), radii), (10, vec![1_000.0, 2_500.0, 3_000.0, 3_500.0]));
    let rules = |rule| site.zones.iter().filter(|zone| zone.rule == rule).count();
    let counts = [Rule::Prohibited, Rule::Authorisation, Rule::Free].map(rules);
    assert_eq!(counts, [3, 2, 1]);
    let at = |height_m, above| Limit::At { height_m, above };
    let ceiling = |limit| volumes.iter().filter(|volume| volume.ceiling == limit).count();
    assert_eq!(ceiling(at(250.0 * 0.3048, LimitDatum::Ground)), 2, "250 FT");
    assert_eq!(ceiling(at(6_259.0, LimitDatum::SeaLevel)), 1);
    let twins = site.zones.iter().filter(|zone| zone.name == "Gantrisch Nature Park").count();
    assert!(
        twins == 2
            || site
                .zones
                .iter()
                .filter(|z| { z.identifier.as_deref() == Some("Gantrisch Nature Park") })
                .count()
                == 2
    );
    // A Saturday in the summer of 2022, in the evening and at noon; and years later.
    let concert = &site.zones[0];
    let applies = |utc: &str| concert.applies_at(utc.parse().unwrap());
    assert!(applies("2022-07-02T18:00:00Z") && !applies("2022-07-02T12:00:00Z"));
    assert!(!applies("2026-11-28T18:00:00Z") && !applies("2022-07-04T18:00:00Z"));
    assert!(site.zones[2].applies_at("2026-11-28T18:00:00Z".parse().unwrap()), "permanent");
}

const CIRCLE: &str =
    r#""horizontalProjection": {"type": "Circle", "center": [5.0, 52.0], "radius": "500"}"#;

fn ed269(limits: &str, applicability: &str) -> String {
    format!(
        r#"{{"formatVersion": "2.4", "UASZoneList": [{{"identifier": "NLD0001", "name": "Z",
 "restriction": "MIND_THE_DOG", "restrictionConditions": ["a", "b"], "message": "ask",
 "applicability": {applicability}, "geometry": [{{{limits}, {CIRCLE}}},
 {{"horizontalProjection": {{"type": "Ellipse"}}}}]}}]}}"#
    )
}

#[test]
fn what_a_zone_leaves_open_counts_towards_more_restriction() {
    let limits = r#""uomDimensions": "FT", "lowerLimit": null, "lowerVerticalReference": "AGL",
 "upperLimit": "400", "upperVerticalReference": "AMSL""#;
    let daily = r#"[{"permanent": "NO", "startDateTime": null, "endDateTime": null,
 "dailyPeriod": [{"day": [], "startTime": "08:00Z", "endTime": null}]}]"#;
    let site = one("z.json", ed269(limits, daily).as_bytes()).unwrap();
    let zone = &site.zones[0];
    assert_eq!((zone.rule, zone.message.as_deref()), (Rule::Prohibited, Some("ask; a; b")));
    assert_eq!(zone.volumes.len(), 1);
    assert_eq!(zone.volumes[0].floor, Limit::Open);
    let ceiling = Limit::At { height_m: 400.0 * 0.3048, above: LimitDatum::SeaLevel };
    assert_eq!(zone.volumes[0].ceiling, ceiling);
    // The part that could not be read is told, and makes the zone apply always.
    assert!(zone.unreadable.as_deref().unwrap().contains("part 2: its horizontalProjection"));
    assert!(zone.applies_at("2026-11-28T03:00:00Z".parse().unwrap()));
    let mut readable = zone.clone();
    readable.unreadable = None;
    assert!(!readable.applies_at("2026-11-28T03:00:00Z".parse().unwrap()));
    assert!(readable.applies_at("2026-11-28T23:59:00Z".parse().unwrap()));
    let between =
        |from: &str, to: &str| readable.applies_between(from.parse().unwrap(), to.parse().unwrap());
    assert!(between("2026-11-28T07:30:00Z", "2026-11-28T08:10:00Z"));
    assert!(!between("2026-11-28T07:00:00Z", "2026-11-28T07:59:30Z"));
    // Words that are no times: always. A reference that is not known: open.
    let odd = r#""lowerLimit": 10, "lowerVerticalReference": "QFE", "upperLimit": "NaN",
 "upperVerticalReference": "AGL""#;
    let site = one("z.json", ed269(odd, r#"["sometimes"]"#).as_bytes()).unwrap();
    let [volume] = &site.zones[0].volumes[..] else { panic!("one part") };
    assert_eq!((volume.floor, volume.ceiling), (Limit::Open, Limit::Open));
    assert!(site.zones[0].applicability.is_empty());
}

const ED318: &str = r#"{"type": "FeatureCollection", "metadata": {"provider": [{"text": "A"}]},
 "features": [
 {"type": "Feature", "properties": {"identifier": "A1", "country": "NLD", "variant": "COMMON",
  "name": [{"lang": "nl-NL", "text": "Nachtzone"}], "type": "REQ_AUTHORIZATION",
  "limitedApplicability": [{"schedule": [{"day": ["ANY"], "startEvent": "EECT",
   "endEvent": "BMCT"}]}], "zoneAuthority": [{"purpose": "AUTHORIZATION"}]},
  "geometry": {"type": "GeometryCollection", "geometries": [
   {"type": "Point", "coordinates": [4.37, 52.0], "extent": {"subType": "Circle", "radius": 900},
    "layer": {"lower": 0, "lowerReference": "AGL", "upper": 300, "upperReference": "WGS84",
     "uom": "ft"}},
   {"type": "MultiPolygon", "coordinates": [[[[5, 52], [5.1, 52], [5.1, 52.1], [5, 52]]],
    [[[6, 52], [6.1, 52], [6.1, 52.1], [6, 52]]]], "layer": {"upper": 120,
     "upperReference": "AGL", "uom": "m"}}]}},
 {"type": "Feature", "properties": {"identifier": "A2", "type": "USPACE"},
  "geometry": {"type": "LineString", "coordinates": [[5, 52], [5.1, 52]]}}]}"#;

#[test]
fn ed318_circles_layers_and_twilight_are_read() {
    let site = one("z.geojson", ED318.as_bytes()).unwrap();
    let [night, broken] = &site.zones[..] else { panic!("two zones") };
    assert_eq!((night.name.as_str(), night.rule), ("Nachtzone", Rule::Authorisation));
    assert_eq!(night.volumes.len(), 3);
    assert_eq!(night.volumes[0].outline, Outline::Point { at: (4.37, 52.0), radius_m: 900.0 });
    let ellipsoid = Limit::At { height_m: 300.0 * 0.3048, above: LimitDatum::Ellipsoid };
    assert_eq!(night.volumes[0].ceiling, ellipsoid);
    assert!(night.applies_at("2026-11-28T02:00:00Z".parse().unwrap()));
    assert!(!night.applies_at("2026-11-28T12:00:00Z".parse().unwrap()));
    assert_eq!((broken.rule, broken.volumes.len()), (Rule::USpace, 0));
    assert!(broken.unreadable.as_deref().unwrap().contains("LineString"));
}

const KML: &str = r#"<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<name>Estate</name><Folder><name>No-fly</name><Placemark><name>school</name><MultiGeometry>
<Polygon><outerBoundaryIs><LinearRing><coordinates>5.01,52 5.011,52,3 5.011,52.001
 5.01,52</coordinates></LinearRing></outerBoundaryIs></Polygon>
<Polygon><outerBoundaryIs><LinearRing><coordinates>5.02,52 5.021,52 5.021,52.001 5.02,52
</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark></Folder>
<Placemark><name>roof</name><ExtendedData><Data name="role"><value>asset</value></Data>
<Data name="kind"><value>PV table</value></Data><Data name="height_m"><value>6,5</value></Data>
</ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>5,52 5.002,52 5.002,52.001
 5,52.001 5,52</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing>
<coordinates>5.0005,52.0002 5.001,52.0002 5.001,52.0006 5.0005,52.0002</coordinates></LinearRing>
</innerBoundaryIs></Polygon></Placemark></Document></kml>"#;

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn kml_and_kmz_give_roles_by_folder_and_extended_data() {
    let kmz = zipped(&[("__MACOSX/._doc.kml", "no"), ("doc.kml", KML)]);
    let sites = [one("a.kml", KML.as_bytes()), one("a.kmz", &kmz)].map(Result::unwrap);
    assert_eq!(sites[0], sites[1]);
    let [site, _] = &sites;
    assert_eq!((site.name.as_str(), site.zones.len()), ("Estate", 2));
    assert!(site.zones.iter().all(|zone| zone.role == Role::NoFly && zone.name == "school"));
    let roof = &site.assets[0];
    assert_eq!((roof.kind, roof.height_m), (AssetKind::PvTable, 6.5));
    let Outline::Polygon(polygon) = &roof.outline else { panic!("a polygon") };
    assert_eq!((polygon.outer.len(), polygon.holes.len()), (4, 1));
    let refused = one("a.kml", KML.replace("5,52 5.002", "52.1,5.2 5.002").as_bytes());
    assert!(refused.unwrap_err().contains("Indian Ocean"));
    let refused = one("a.kml", KML.replace("</kml>", "").as_bytes());
    assert!(refused.unwrap_err().contains("line "));
}

/// A Shapefile with one polygon of the given rings, and its table.
fn shapefile(rings: &[&[(f64, f64)]], columns: &[(&str, &str)]) -> (Vec<u8>, Vec<u8>) {
    let points: usize = rings.iter().map(|ring| ring.len()).sum();
    let mut record = 5_u32.to_le_bytes().to_vec();
    record.extend([0; 32]);
    record.extend((rings.len() as u32).to_le_bytes());
    record.extend((points as u32).to_le_bytes());
    let mut start = 0;
    for ring in rings {
        record.extend((start as u32).to_le_bytes());
        start += ring.len();
    }
    for (x, y) in rings.iter().flat_map(|ring| ring.iter()) {
        record.extend(x.to_le_bytes());
        record.extend(y.to_le_bytes());
    }
    let mut shp = 9994_u32.to_be_bytes().to_vec();
    shp.resize(100, 0);
    shp.extend(1_u32.to_be_bytes());
    shp.extend((record.len() as u32 / 2).to_be_bytes());
    shp.extend(record);
    let header = 32 + 32 * columns.len() as u16 + 1;
    let mut dbf = vec![3, 126, 1, 1];
    dbf.extend(1_u32.to_le_bytes());
    dbf.extend(header.to_le_bytes());
    dbf.extend((1 + 20 * columns.len() as u16).to_le_bytes());
    dbf.resize(32, 0);
    for (name, _) in columns {
        let mut column = name.as_bytes().to_vec();
        column.resize(32, 0);
        (column[11], column[16]) = (b'C', 20);
        dbf.extend(column);
    }
    dbf.push(0x0D);
    dbf.push(b' ');
    for (_, value) in columns {
        dbf.extend(format!("{value:20}").as_bytes());
    }
    (shp, dbf)
}

const RD_PRJ: &[u8] = br#"PROJCS["RD_New",GEOGCS["GCS_Amersfoort"]]"#;
/// Clockwise, so an outer ring.
const FIELD: &[(f64, f64)] = &[
    (155_000.0, 463_000.0),
    (155_000.0, 463_100.0),
    (155_100.0, 463_100.0),
    (155_100.0, 463_000.0),
    (155_000.0, 463_000.0),
];
const POND: &[(f64, f64)] = &[
    (155_020.0, 463_020.0),
    (155_040.0, 463_020.0),
    (155_040.0, 463_040.0),
    (155_020.0, 463_020.0),
];

#[test]
fn a_shapefile_in_rd_new_lies_where_it_should_with_its_hole() {
    let columns = [("ROLE", "structure"), ("NAME", "barn"), ("HEIGHT_M", "7.25")];
    let (shp, dbf) = shapefile(&[FIELD, POND], &columns);
    let files = Folder::of(&[("b.shp", &shp), ("b.DBF", &dbf), ("b.prj", RD_PRJ)]);
    let site = files.site("b.shp").unwrap();
    let barn = &site.structures[0];
    assert_eq!((barn.name.as_str(), barn.height_m), ("barn", 7.25));
    let Outline::Polygon(polygon) = &barn.outline else { panic!("a polygon") };
    assert_eq!((polygon.outer.len(), polygon.holes.len()), (4, 1));
    // The tower of Amersfoort, the origin of RD New.
    let (lon, lat) = polygon.outer[0];
    assert!((lon - 5.387_206).abs() < 1e-5 && (lat - 52.155_172).abs() < 1e-5, "{lat} {lon}");
    // Without a projection these are no degrees, and it says so.
    let files = Folder::of(&[("b.shp", &shp), ("b.dbf", &dbf)]);
    assert!(files.site("b.shp").unwrap_err().contains("RD New?"));
    let files = Folder::of(&[("b.shp", &shp), ("b.prj", b"PROJCS[\"Bonne_X\"]")]);
    assert!(files.site("b.shp").unwrap_err().contains("Bonne_X"));
}

const TOML: &str = r#"format_version = 1
name = "Estate"
purpose = "leaks of the heat network"
legal_basis = "permit 12"
case_number = "Z-2026-7"
period = { from = "2026-11-01", to = "2026-12-31" }

[[layer]]
file = "b.shp"
role = "asset"
kind = "roof"
base_m = 3.5
base_datum = "nap"

[[layer]]
file = "z.geojson"

[[feature]]
role = "takeoff"
point = [52.155, 5.388]

[[feature]]
role = "area"
polygon = [[52.155, 5.387], [52.155, 5.389], [52.157, 5.389], [52.157, 5.387]]

[[feature]]
role = "sensitive"
name = "owl"
point = [52.156, 5.388]
radius_m = 10
keep_away_m = 100
"#;

#[test]
fn a_site_file_names_several_layers_and_writes_out_shapes() {
    let (shp, _) = shapefile(&[FIELD], &[]);
    let with = |toml: &str| {
        let files = [
            ("site.toml", toml.as_bytes()),
            ("b.shp", &shp),
            ("b.prj", RD_PRJ),
            ("z.geojson", ED318.as_bytes()),
        ];
        Folder::of(&files).site("site.toml")
    };
    let site = with(TOML).unwrap();
    assert_eq!((site.name.as_str(), site.areas.len(), site.assets.len()), ("Estate", 1, 1));
    assert_eq!(site.assets[0].base.map(|base| base.metres), Some(3.5));
    assert_eq!(site.takeoff(), Some((5.388, 52.155)));
    assert_eq!(site.mandate.case_number.as_deref(), Some("Z-2026-7"));
    let owl = site.zones.iter().find(|zone| zone.role == Role::Sensitive).unwrap();
    assert_eq!((owl.name.as_str(), owl.keep_away_m, site.zones.len()), ("owl", 100.0, 3));
    assert!(site.warnings.is_empty(), "{:?}", site.warnings);
    let far = with(&TOML.replace("[52.155, 5.388]\n", "[52.9, 5.388]\n")).unwrap();
    assert!(far.warnings[0].contains("far from home?"), "{:?}", far.warnings);
    for (from, to, says) in [
        ("purpose", "purpos", "line 3, column 1: unknown field `purpos`"),
        ("2026-12-31", "2026-10-31", "line 6, column 1: the period ends"),
        ("radius_m = 10", "radius = 10", "unknown field `radius`"),
        ("base_datum = \"nap\"", "", "base_m needs base_datum"),
        ("b.shp", "c.shp", "c.shp: "),
        ("point = [52.156, 5.388]", "", "needs one of point, line and polygon"),
        ("[52.157, 5.389], [52.157, 5.387]]", "[52.155000001, 5.388]]", "m2; below 1"),
        ("[52.157, 5.389], [52.157, 5.387]]", "[52.6, 5.389], [52.6, 4.0]]", "1000 are the most"),
    ] {
        let refused = with(&TOML.replace(from, to)).unwrap_err();
        assert!(refused.contains(says), "{says}\n{refused}");
    }
}

#[test]
fn cut_and_flipped_files_of_every_kind_give_a_site_or_a_reason() {
    let (shp, dbf) = shapefile(&[FIELD, POND], &[("ROLE", "area"), ("NAME", "field")]);
    let kmz = zipped(&[("doc.kml", KML)]);
    let zones = ed269(r#""lowerLimit": 1"#, "[]");
    let whole: [(&str, &[u8]); 6] = [
        ("b.shp", &shp),
        ("b.dbf", &dbf),
        ("b.prj", RD_PRJ),
        ("k.kmz", &kmz),
        ("k.kml", KML.as_bytes()),
        ("z.json", zones.as_bytes()),
    ];
    let look = |name: &str, bytes: Vec<u8>| {
        let mut files = Folder::of(&whole);
        files.0.insert(PathBuf::from(name), bytes);
        let main = if name.starts_with('b') { "b.shp" } else { name };
        match files.site(main) {
            Ok(site) => site.zones.iter().for_each(|zone| {
                let _ = zone.applies_at("2026-11-28T03:00:00Z".parse().unwrap());
            }),
            Err(reason) => assert!(!reason.is_empty()),
        }
    };
    for (name, bytes) in whole {
        let step = (bytes.len() / 150).max(1);
        for at in (0..bytes.len()).step_by(step) {
            look(name, bytes[..at].to_vec());
            for bit in [0, 3, 7] {
                let mut damaged = bytes.to_vec();
                damaged[at] ^= 1 << bit;
                look(name, damaged);
            }
        }
    }
    // Counts that promise more than is there.
    let mut shp = shp.clone();
    shp[100 + 8 + 40..100 + 8 + 44].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(one("b.shp", &shp).unwrap_err().contains("has not so many bytes"));
    // A bomb of nested elements must not take the stack.
    let deep = format!("<kml>{}", "<Folder>".repeat(200_000));
    assert!(one("k.kml", deep.as_bytes()).is_err());
}
