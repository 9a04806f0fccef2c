//! Tables of `case.gpkg`, and how an empty one is made.
//!
//! Source: OGC 12-128r18 (GeoPackage 1.3), annexes C and D; `layer_styles` as QGIS reads it.

use rusqlite::{Connection, params};

use super::index;

/// Version of what the tables mean. A case with a higher one is refused.
pub(super) const FORMAT_VERSION: u32 = 2;
/// The version of a case without masks, which older programs may read.
const WITHOUT_MASKS: u32 = 1;
/// The version of a case with masks.
const WITH_MASKS: u32 = 2;

/// The table of masks, in cases that have any.
pub(super) const MASKS: &str = "masks";

/// `GPKG` (GeoPackage 1.3, requirement 2).
pub(super) const APPLICATION_ID: i32 = 0x4750_4B47;
/// GeoPackage 1.3 (requirement 2).
const USER_VERSION: i32 = 10_300;

/// Stands where GeoPackage wants a time of change and no frame tells one.
pub(super) const NO_TIME: &str = "1970-01-01T00:00:00.000Z";

/// A table with geometry.
pub(super) struct Layer {
    pub(super) name: &'static str,
    geometry: &'static str,
    has_height: bool,
    description: &'static str,
    columns: &'static str,
}

/// Layers in the order in which QGIS lists them.
pub(super) const LAYERS: [Layer; 7] = [
    Layer {
        name: "findings",
        geometry: "POINT",
        has_height: true,
        description: "What was found; rows of the latest run have current = 1; times that end in Z \
            are UTC, others are on the camera's own clock",
        columns: "id TEXT NOT NULL, kind TEXT NOT NULL, polarity TEXT NOT NULL,
            severity TEXT NOT NULL, confidence DOUBLE, status TEXT NOT NULL, lat DOUBLE,
            lon DOUBLE, height_ellipsoidal_m DOUBLE, x_rd DOUBLE, y_rd DOUBLE,
            height_nap_m DOUBLE, ellipse95_major_m DOUBLE, ellipse95_minor_m DOUBLE,
            ellipse95_azimuth_deg DOUBLE, peak_c DOUBLE, background_c DOUBLE, delta_k DOUBLE,
            delta_k_sigma DOUBLE, area_m2 DOUBLE, views INTEGER NOT NULL,
            views_possible INTEGER NOT NULL, first_seen TEXT, last_seen TEXT, asset TEXT,
            reasons TEXT NOT NULL, frames TEXT NOT NULL, peak_grey DOUBLE,
            background_grey DOUBLE, delta_grey DOUBLE, run TEXT NOT NULL,
            current BOOLEAN NOT NULL, UNIQUE (run, id)",
    },
    Layer {
        name: "finding_ellipses",
        geometry: "POLYGON",
        has_height: false,
        description: "95 % ellipse of each finding's position",
        columns: "id TEXT NOT NULL, polarity TEXT NOT NULL, severity TEXT NOT NULL,
            run TEXT NOT NULL, current BOOLEAN NOT NULL, UNIQUE (run, id)",
    },
    Layer {
        name: "observations",
        geometry: "POINT",
        has_height: true,
        description: "Detections with a place, one a frame; finding is the finding's id",
        columns: "run_fid INTEGER NOT NULL, frame INTEGER NOT NULL, detection INTEGER NOT NULL,
            finding TEXT, polarity TEXT NOT NULL, x_px FLOAT, y_px FLOAT, left_px INTEGER,
            top_px INTEGER, width_px INTEGER, height_px INTEGER, area_px INTEGER, peak_c DOUBLE,
            background_c DOUBLE, delta_k DOUBLE, peak_grey DOUBLE, background_grey DOUBLE,
            delta_grey DOUBLE, snr DOUBLE, score DOUBLE, reasons TEXT NOT NULL, lat DOUBLE,
            lon DOUBLE, height_ellipsoidal_m DOUBLE, ellipse95_major_m DOUBLE,
            ellipse95_minor_m DOUBLE, ellipse95_azimuth_deg DOUBLE, sigma_up_m DOUBLE,
            range_m DOUBLE, incidence_deg DOUBLE, area_m2 DOUBLE",
    },
    Layer {
        name: "frames",
        geometry: "GEOMETRY",
        has_height: false,
        description: "Footprint of each frame, or the camera's place where that is unknown; times \
            that end in Z are UTC, others are on the camera's own clock",
        columns: "run_fid INTEGER NOT NULL, frame INTEGER NOT NULL, file TEXT NOT NULL,
            frame_index INTEGER NOT NULL, sha256 TEXT NOT NULL, format TEXT NOT NULL,
            camera TEXT NOT NULL, width_px INTEGER NOT NULL, height_px INTEGER NOT NULL,
            taken_at TEXT, min_c DOUBLE, max_c DOUBLE, mean_c DOUBLE, camera_lat DOUBLE,
            camera_lon DOUBLE, camera_height_ellipsoidal_m DOUBLE, yaw_deg DOUBLE,
            pitch_deg DOUBLE, roll_deg DOUBLE, sigma_east_m DOUBLE, sigma_north_m DOUBLE,
            sigma_up_m DOUBLE, pose_notes TEXT NOT NULL, no_pose TEXT,
            detections INTEGER NOT NULL, unplaced TEXT NOT NULL, warnings TEXT NOT NULL,
            parameters TEXT NOT NULL",
    },
    Layer {
        name: "track",
        geometry: "LINESTRING",
        has_height: true,
        description: "Places of a camera in the order of time, one line a flight",
        columns: "run_fid INTEGER NOT NULL, camera TEXT NOT NULL, frames INTEGER NOT NULL,
            first_taken_at TEXT, last_taken_at TEXT",
    },
    Layer {
        name: "site",
        geometry: "GEOMETRY",
        has_height: false,
        description: "The inspected site: areas, assets, take-off",
        columns: "run_fid INTEGER NOT NULL, site TEXT NOT NULL, role TEXT NOT NULL, name TEXT,
            kind TEXT, height_m DOUBLE, reach_m DOUBLE",
    },
    Layer {
        name: "zones",
        geometry: "GEOMETRY",
        has_height: false,
        description: "Zones with a rule",
        columns: "run_fid INTEGER NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, reach_m DOUBLE",
    },
];

/// Tables without geometry: name, description, columns after `fid`.
const ATTRIBUTES: [(&str, &str, &str); 7] = [
    (
        "runs",
        "What was asked for and what it gave; the latest run has current = 1",
        "run TEXT NOT NULL UNIQUE, version TEXT NOT NULL, parameters TEXT NOT NULL,
            frames INTEGER NOT NULL, skipped INTEGER NOT NULL, observations INTEGER NOT NULL,
            findings INTEGER NOT NULL, current BOOLEAN NOT NULL",
    ),
    (
        "inputs",
        "Files that were read, frames and flight logs, with their SHA-256",
        "run_fid INTEGER NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
            bytes INTEGER NOT NULL, format TEXT NOT NULL, frames INTEGER NOT NULL,
            UNIQUE (run_fid, file)",
    ),
    (
        "skipped",
        "What gave nothing, and why",
        "run_fid INTEGER NOT NULL, file TEXT NOT NULL, reason TEXT NOT NULL",
    ),
    (
        "calibrations",
        "What each flight's own views say its poses are off; kept tells why they stay as they are",
        "run_fid INTEGER NOT NULL, first_frame INTEGER, frames INTEGER NOT NULL, kept TEXT,
            east_m DOUBLE, north_m DOUBLE, up_m DOUBLE, yaw_deg DOUBLE, pitch_deg DOUBLE,
            roll_deg DOUBLE, clock_s DOUBLE, sigma_before TEXT NOT NULL, sigma_after TEXT NOT NULL,
            things INTEGER NOT NULL, views INTEGER NOT NULL, control TEXT NOT NULL,
            held_before_m DOUBLE, held_after_m DOUBLE",
    ),
    (
        "reviews",
        "What people decided; rows are only ever added",
        "run TEXT NOT NULL, finding TEXT NOT NULL, at TEXT NOT NULL, person TEXT NOT NULL,
            role TEXT NOT NULL, decision TEXT NOT NULL, reason TEXT NOT NULL,
            view TEXT NOT NULL, withdraws INTEGER",
    ),
    (
        "custody",
        "Hash chain of what was done; line holds the bytes that the next row's prev hashes",
        "seq INTEGER NOT NULL UNIQUE, at TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL,
            action TEXT NOT NULL, object TEXT NOT NULL, object_sha256 TEXT NOT NULL,
            reason TEXT NOT NULL, prev TEXT NOT NULL, line BLOB NOT NULL",
    ),
    ("case_format", "Version of this case", "format_version INTEGER NOT NULL"),
];

/// Well-known text of EPSG:4326 (EPSG registry; form of OGC 01-009).
const WGS84_WKT: &str = concat!(
    r#"GEOGCS["WGS 84","#,
    r#"DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,"#,
    r#"AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],"#,
    r#"PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],"#,
    r#"UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],"#,
    r#"AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]"#,
);

const CORE: &str = "
CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
    table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
    scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY NOT NULL, f_table_catalog TEXT, f_table_schema TEXT,
    f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT, update_time DATETIME);
";

/// What people decided and what was done can be added to, never edited or removed. A review moves
/// its finding's `status` to the latest decision that was not withdrawn.
const GUARDS: &str = "
CREATE TRIGGER reviews_stay BEFORE UPDATE ON reviews
BEGIN SELECT RAISE(ABORT, 'reviews are only ever added'); END;
CREATE TRIGGER reviews_remain BEFORE DELETE ON reviews
BEGIN SELECT RAISE(ABORT, 'reviews are only ever added'); END;
CREATE TRIGGER custody_stays BEFORE UPDATE ON custody
BEGIN SELECT RAISE(ABORT, 'custody is only ever added to'); END;
CREATE TRIGGER custody_remains BEFORE DELETE ON custody
BEGIN SELECT RAISE(ABORT, 'custody is only ever added to'); END;
CREATE TRIGGER reviews_decide AFTER INSERT ON reviews
BEGIN
    UPDATE findings SET status = coalesce((
        SELECT decision FROM reviews AS r
        WHERE r.run = NEW.run AND r.finding = NEW.finding
          AND r.decision IN ('open', 'accepted', 'rejected', 'unsure')
          AND NOT EXISTS (SELECT 1 FROM reviews AS w WHERE w.withdraws = r.fid)
        ORDER BY r.fid DESC LIMIT 1), 'open')
    WHERE run = NEW.run AND id = NEW.finding;
END;
CREATE INDEX reviews_of_finding ON reviews (run, finding);
CREATE INDEX observations_of_finding ON observations (run_fid, finding);
";

/// Default looks in QGIS: layer, style name, QML.
const STYLES: [(&str, &str, &str); 4] = [
    ("findings", "severity and polarity", include_str!("style/findings.qml")),
    ("finding_ellipses", "severity", include_str!("style/finding_ellipses.qml")),
    ("frames", "footprint", include_str!("style/frames.qml")),
    ("track", "line", include_str!("style/track.qml")),
];

/// Makes all tables, empty, in one transaction, then turns on the write-ahead log.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", USER_VERSION)?;
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.execute_batch(CORE)?;
    reference_systems(connection)?;
    register(connection, "layer_styles", "attributes", "Looks of the layers in QGIS")?;
    for layer in &LAYERS {
        create_layer(connection, layer)?;
    }
    for (name, description, columns) in ATTRIBUTES {
        connection.execute_batch(&format!(
            "CREATE TABLE {name} (fid INTEGER PRIMARY KEY NOT NULL, {columns})"
        ))?;
        register(connection, name, "attributes", description)?;
    }
    connection.execute_batch(GUARDS)?;
    connection
        .execute("INSERT INTO case_format (format_version) VALUES (?1)", params![WITHOUT_MASKS])?;
    for (layer, name, qml) in STYLES {
        connection.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, \
             f_geometry_column, styleName, styleQML, useAsDefault, description, owner, \
             update_time) VALUES ('', '', ?1, 'geom', ?2, ?3, 1, '', '', ?4)",
            params![layer, name, qml, NO_TIME],
        )?;
    }
    connection.execute_batch("COMMIT")?;
    connection.pragma_update(None, "journal_mode", "WAL")
}

/// Makes the table of masks, and says so in the version.
pub(super) fn create_masks(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE masks (fid INTEGER PRIMARY KEY NOT NULL, sha256 TEXT NOT NULL,
             frame_index INTEGER NOT NULL, at TEXT NOT NULL, person TEXT NOT NULL,
             role TEXT NOT NULL, what TEXT NOT NULL, reason TEXT NOT NULL,
             polygon_px TEXT NOT NULL);
         CREATE TRIGGER masks_stay BEFORE UPDATE ON masks
         BEGIN SELECT RAISE(ABORT, 'masks are only ever added'); END;
         CREATE TRIGGER masks_remain BEFORE DELETE ON masks
         BEGIN SELECT RAISE(ABORT, 'masks are only ever added'); END;",
    )?;
    register(connection, MASKS, "attributes", "Parts of frames that are hidden from others")?;
    let version = "INSERT INTO case_format (format_version) VALUES (?1)";
    connection.execute(version, params![WITH_MASKS]).map(drop)
}

fn reference_systems(connection: &Connection) -> rusqlite::Result<()> {
    let mut insert =
        connection.prepare("INSERT INTO gpkg_spatial_ref_sys VALUES (?1, ?2, ?3, ?2, ?4, ?5)")?;
    let rows = [
        ("Undefined Cartesian SRS", -1, "NONE", "undefined", "undefined Cartesian"),
        ("Undefined geographic SRS", 0, "NONE", "undefined", "undefined geographic"),
        ("WGS 84", 4326, "EPSG", WGS84_WKT, "longitude, latitude in degrees"),
    ];
    for (name, id, organization, definition, description) in rows {
        insert.execute(params![name, id, organization, definition, description])?;
    }
    Ok(())
}

fn create_layer(connection: &Connection, layer: &Layer) -> rusqlite::Result<()> {
    let Layer { name, geometry, columns, .. } = layer;
    connection.execute_batch(&format!(
        "CREATE TABLE {name} (fid INTEGER PRIMARY KEY NOT NULL, geom {geometry}, {columns})"
    ))?;
    register(connection, name, "features", layer.description)?;
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, 4326, ?3, 0)",
        params![name, geometry, i32::from(layer.has_height)],
    )?;
    index::create(connection, name)
}

fn register(
    connection: &Connection,
    table: &str,
    data_type: &str,
    description: &str,
) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, \
             last_change, srs_id) VALUES (?1, ?2, ?1, ?3, ?4, ?5)",
            params![
                table,
                data_type,
                description,
                NO_TIME,
                (data_type == "features").then_some(4326)
            ],
        )
        .map(drop)
}
