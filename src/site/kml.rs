//! KML 2.2 (OGC 07-147r2): placemarks, their extended data, and folders as roles.
//!
//! A placemark's role is its extended data `role`, else the innermost folder whose name is one.
//! Links to other files are not followed.

use roxmltree::{Document, Node, ParsingOptions};

use super::Role;
use super::feature::{Feature, Geometry, MOST_FEATURES, Told, Vertex, check_position, word};

/// Most elements of a file: 50,000 placemarks of some ten each.
const MOST_NODES: u32 = 2_000_000;
/// Elements around a placemark that are looked at for its role.
const DEEPEST_FOLDER: usize = 100;
/// Deepest geometry within geometry.
const DEEPEST: usize = 16;

/// The document's name and its placemarks.
///
/// # Errors
/// What is wrong, with line and column or the placemark's number.
pub(super) fn features(text: &str) -> Result<(Option<String>, Vec<Feature>), String> {
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        format!("line {}, column {}: {error}", at.row, at.col)
    })?;
    let root = document.root_element();
    if root.tag_name().name() != "kml" {
        return Err(format!("the root is <{}>, not <kml>", root.tag_name().name()));
    }
    let placemarks = root.descendants().filter(|node| is(*node, "Placemark"));
    let mut features = Vec::new();
    for placemark in placemarks {
        // Counting lines takes a walk over the file, so only for what is refused.
        let feature = feature(placemark).map_err(|reason| {
            format!("line {}: {reason}", document.text_pos_at(placemark.range().start).row)
        })?;
        // A placemark without a place is a note.
        features.extend(feature);
        if features.len() > MOST_FEATURES {
            return Err(format!("more than {MOST_FEATURES} placemarks"));
        }
    }
    if features.is_empty() {
        return Err("there is no placemark with a geometry in it".to_owned());
    }
    let named = root.descendants().find(|node| is(*node, "Document"));
    Ok((named.and_then(name_of), features))
}

/// Whether it is an element of a local name: files name the namespace of KML 2.0 to 2.3, and
/// Google's.
fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn feature(placemark: Node<'_, '_>) -> Result<Option<Feature>, String> {
    let mut told = Told { name: name_of(placemark), ..Told::default() };
    let extended = placemark.children().filter(|node| is(*node, "ExtendedData"));
    for node in extended.flat_map(|extended| extended.children()) {
        if let Some(key) = node.attribute("name").filter(|_| is(node, "Data")) {
            let value = node.children().find(|child| is(*child, "value"));
            told.take(key, value.and_then(|value| value.text()).unwrap_or_default())?;
        }
        // In a schema's own element, one deeper.
        for simple in node.children().filter(|node| is(*node, "SimpleData")) {
            let key = simple.attribute("name").unwrap_or_default();
            told.take(key, simple.text().unwrap_or_default())?;
        }
    }
    told.role = told.role.or_else(|| folder_role(placemark));
    let mut geometry = Vec::new();
    for child in placemark.children() {
        taken(child, &mut geometry, DEEPEST)?;
    }
    Ok((!geometry.is_empty()).then_some(Feature { told, geometry }))
}

fn name_of(node: Node<'_, '_>) -> Option<String> {
    let name = node.children().find(|child| is(*child, "name"))?;
    let text = name.text()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn folder_role(placemark: Node<'_, '_>) -> Option<Role> {
    let near = placemark.ancestors().take(DEEPEST_FOLDER);
    let folders = near.filter(|node| is(*node, "Folder"));
    folders.filter_map(name_of).find_map(|name| word(&name, "role").ok())
}

fn taken(node: Node<'_, '_>, into: &mut Vec<Geometry>, deeper: usize) -> Result<(), String> {
    let named = |node: Node<'_, '_>, name: &str| {
        let found = node.children().find(|child| is(*child, name));
        found.map(|node| node.text().unwrap_or_default().to_owned())
    };
    let vertices = |node: Node<'_, '_>| {
        let text = named(node, "coordinates");
        let name = node.tag_name().name().to_owned();
        positions(&text.ok_or_else(|| format!("the {name} has no coordinates"))?)
    };
    match node.tag_name().name() {
        "Point" => into.push(Geometry::Points(vertices(node)?)),
        "LineString" => into.push(Geometry::Lines(vec![vertices(node)?])),
        "LinearRing" => into.push(Geometry::Polygons(vec![vec![vertices(node)?]])),
        "Polygon" => {
            let rings = |kind: &'static str| {
                let edges = node.children().filter(move |child| is(*child, kind));
                edges.flat_map(|edge| edge.children().filter(|c| is(*c, "LinearRing")))
            };
            let rings = rings("outerBoundaryIs").take(1).chain(rings("innerBoundaryIs"));
            let rings: Vec<_> = rings.map(vertices).collect::<Result<_, _>>()?;
            into.push(Geometry::Polygons(vec![rings]));
        }
        "MultiGeometry" if deeper > 0 => {
            for child in node.children() {
                taken(child, into, deeper - 1)?;
            }
        }
        "MultiGeometry" => return Err("geometry within geometry, too deep".to_owned()),
        _ => {}
    }
    Ok(())
}

/// `lon,lat[,height]`, one after the other.
fn positions(text: &str) -> Result<Vec<Vertex>, String> {
    let position = |tuple: &str| {
        let mut numbers = tuple.split(',').map(|number| number.trim().parse::<f64>());
        let (Some(Ok(lon)), Some(Ok(lat))) = (numbers.next(), numbers.next()) else {
            return Err(format!("{tuple:.60} is no longitude,latitude"));
        };
        check_position(lon, lat)?;
        Ok((lon, lat))
    };
    text.split_whitespace().map(position).collect()
}
