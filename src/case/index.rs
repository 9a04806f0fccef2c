//! The R-tree of a layer, after GeoPackage 1.3, annex F.3 (extension `gpkg_rtree_index`).

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params};

use super::geometry::Envelope;

/// Makes the functions known that the triggers of this extension call (annex F.3, table 40).
pub(super) fn register_functions(connection: &Connection) -> rusqlite::Result<()> {
    type Pick = fn(&Envelope) -> f64;
    let picks: [(&str, Pick); 4] = [
        ("ST_MinX", |envelope| envelope.west),
        ("ST_MaxX", |envelope| envelope.east),
        ("ST_MinY", |envelope| envelope.south),
        ("ST_MaxY", |envelope| envelope.north),
    ];
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    for (name, pick) in picks {
        connection.create_scalar_function(name, 1, flags, move |context| {
            let blob = context.get_raw(0).as_blob_or_null().ok().flatten();
            Ok(blob.and_then(Envelope::of_blob).map(|envelope| pick(&envelope)))
        })?;
    }
    connection.create_scalar_function("ST_IsEmpty", 1, flags, |context| {
        let blob = context.get_raw(0).as_blob_or_null().ok().flatten();
        Ok(blob.map(|blob| Envelope::of_blob(blob).is_none()))
    })
}

/// Makes an empty R-tree for a layer and says so in `gpkg_extensions`.
pub(super) fn create(connection: &Connection, layer: &str) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE rtree_{layer}_geom USING rtree(id, minx, maxx, miny, maxy)"
    ))?;
    connection.execute(
        "INSERT INTO gpkg_extensions VALUES (?1, 'geom', 'gpkg_rtree_index', \
         'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        params![layer],
    )?;
    create_triggers(connection, layer)
}

const TRIGGERS: [&str; 6] = ["insert", "update1", "update2", "update3", "update4", "delete"];

/// Takes the triggers away, so that rows can be added in bulk.
pub(super) fn drop_triggers(connection: &Connection, layer: &str) -> rusqlite::Result<()> {
    for trigger in TRIGGERS {
        connection.execute_batch(&format!("DROP TRIGGER rtree_{layer}_geom_{trigger}"))?;
    }
    Ok(())
}

/// Puts them back, word for word as the standard has them.
pub(super) fn create_triggers(connection: &Connection, layer: &str) -> rusqlite::Result<()> {
    let tree = format!("rtree_{layer}_geom");
    let put = format!(
        "INSERT OR REPLACE INTO {tree} VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), \
         ST_MinY(NEW.geom), ST_MaxY(NEW.geom));"
    );
    let something = "(NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))";
    let nothing = "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))";
    let drop_old = format!("DELETE FROM {tree} WHERE id = OLD.fid;");
    let drop_both = format!("DELETE FROM {tree} WHERE id IN (OLD.fid, NEW.fid);");
    let same = "OLD.fid = NEW.fid";
    let other = "OLD.fid != NEW.fid";
    let bodies: [(String, String); 6] = [
        (format!("AFTER INSERT ON {layer} WHEN {something}"), put.clone()),
        (format!("AFTER UPDATE OF geom ON {layer} WHEN {same} AND {something}"), put.clone()),
        (format!("AFTER UPDATE OF geom ON {layer} WHEN {same} AND {nothing}"), drop_old.clone()),
        (format!("AFTER UPDATE ON {layer} WHEN {other} AND {something}"), drop_old.clone() + &put),
        (format!("AFTER UPDATE ON {layer} WHEN {other} AND {nothing}"), drop_both),
        (format!("AFTER DELETE ON {layer} WHEN OLD.geom NOT NULL"), drop_old),
    ];
    for (trigger, (when, body)) in TRIGGERS.iter().zip(bodies) {
        connection
            .execute_batch(&format!("CREATE TRIGGER {tree}_{trigger} {when} BEGIN {body} END"))?;
    }
    Ok(())
}

/// Adds the rows after `last` to the R-tree at once.
pub(super) fn fill(connection: &Connection, layer: &str, last: i64) -> rusqlite::Result<()> {
    connection
        .execute(
            &format!(
                "INSERT INTO rtree_{layer}_geom SELECT fid, ST_MinX(geom), ST_MaxX(geom), \
                 ST_MinY(geom), ST_MaxY(geom) FROM {layer} WHERE fid > ?1 AND geom NOTNULL \
                 ORDER BY fid"
            ),
            params![last],
        )
        .map(drop)
}
