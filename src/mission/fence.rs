//! Where a vehicle may be, and where it may land in need; and the items that carry both.

use super::slot::{degrees_e7, degrees_of_e7};
use super::{Error, Fault, Frame, Item, Place};

/// `MAV_CMD_NAV_FENCE_…` and `MAV_CMD_NAV_RALLY_POINT` of common.xml.
const RETURN_POINT: u16 = 5000;
const INSIDE_POLYGON: u16 = 5001;
const OUTSIDE_POLYGON: u16 = 5002;
const INSIDE_CIRCLE: u16 = 5003;
const OUTSIDE_CIRCLE: u16 = 5004;
const RALLY_POINT: u16 = 5100;

/// Commands that are fences.
pub(super) const FENCE_COMMANDS: std::ops::RangeInclusive<u16> = RETURN_POINT..=OUTSIDE_CIRCLE;
/// The command that is a rally point.
pub(super) const RALLY_COMMAND: u16 = RALLY_POINT;

/// Latitude and longitude in degrees.
pub type Vertex = (f64, f64);

/// Where a vehicle may be: inside every inclusion, outside every exclusion.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fence {
    /// Its parts, in their order.
    pub areas: Vec<FenceArea>,
    /// Where the vehicle goes when it has left it.
    pub breach_return: Option<Place>,
}

/// One part of a fence.
#[derive(Debug, Clone, PartialEq)]
pub struct FenceArea {
    /// Whether the vehicle must stay inside rather than outside.
    pub inclusion: bool,
    /// Its outline.
    pub shape: FenceShape,
}

/// The outline of a part.
#[derive(Debug, Clone, PartialEq)]
pub enum FenceShape {
    /// Three vertices or more, the last not repeated.
    Polygon(Vec<Vertex>),
    /// Middle and radius.
    Circle {
        /// The middle.
        at: Vertex,
        /// The radius.
        radius_m: f32,
    },
}

/// A place to land in need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RallyPoint {
    /// What its height is counted from.
    pub frame: Frame,
    /// The place.
    pub at: Place,
}

fn vertex(item: &Item) -> Vertex {
    (degrees_of_e7(item.x), degrees_of_e7(item.y))
}

fn at((lat_deg, lon_deg): Vertex, command: u16, param: f32) -> Item {
    Item {
        params: [param, 0.0, 0.0, 0.0],
        x: degrees_e7(lat_deg),
        y: degrees_e7(lon_deg),
        ..Item::empty(Frame::Amsl.code(), command)
    }
}

impl Fence {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty() && self.breach_return.is_none()
    }

    /// The items that carry it.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        if let Some(place) = self.breach_return {
            let item = at((place.lat_deg, place.lon_deg), RETURN_POINT, 0.0);
            items.push(Item { frame: Frame::AboveHome.code(), z: place.height_m, ..item });
        }
        for area in &self.areas {
            match &area.shape {
                FenceShape::Polygon(vertices) => {
                    let command = if area.inclusion { INSIDE_POLYGON } else { OUTSIDE_POLYGON };
                    let count = vertices.len() as f32;
                    items.extend(vertices.iter().map(|&vertex| at(vertex, command, count)));
                }
                FenceShape::Circle { at: middle, radius_m } => {
                    let command = if area.inclusion { INSIDE_CIRCLE } else { OUTSIDE_CIRCLE };
                    items.push(at(*middle, command, *radius_m));
                }
            }
        }
        items
    }

    /// The fence that items carry.
    ///
    /// # Errors
    /// [`Error::Items`] for a command that is none of a fence's, and for polygons that have not the
    /// number of vertices that each of their items tells.
    pub fn of_items(items: &[Item]) -> Result<Self, Error> {
        let mut fence = Self::default();
        let mut rest = items;
        while let Some(first) = rest.first() {
            let number = items.len() - rest.len();
            let inclusion = matches!(first.command, INSIDE_POLYGON | INSIDE_CIRCLE);
            let taken = match first.command {
                RETURN_POINT => {
                    let (lat_deg, lon_deg) = vertex(first);
                    let place = Place { lat_deg, lon_deg, height_m: first.z };
                    if fence.breach_return.replace(place).is_some() {
                        return Err(fault(number, "is a second return point", "there is one"));
                    }
                    1
                }
                INSIDE_CIRCLE | OUTSIDE_CIRCLE => {
                    let radius_m = first.params[0];
                    if !(radius_m > 0.0 && radius_m.is_finite()) {
                        let held = format!("has radius {radius_m}");
                        return Err(fault(number, held, "it must be above 0"));
                    }
                    let shape = FenceShape::Circle { at: vertex(first), radius_m };
                    fence.areas.push(FenceArea { inclusion, shape });
                    1
                }
                INSIDE_POLYGON | OUTSIDE_POLYGON => {
                    let vertices = polygon(rest, number)?;
                    let taken = vertices.len();
                    let shape = FenceShape::Polygon(vertices);
                    fence.areas.push(FenceArea { inclusion, shape });
                    taken
                }
                other => {
                    let held = format!("is command {other}");
                    return Err(fault(number, held, "fences are 5000 to 5004"));
                }
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        Ok(fence)
    }
}

/// The vertices of the polygon that items begin with.
fn polygon(items: &[Item], number: usize) -> Result<Vec<Vertex>, Error> {
    let first = items.first().map_or((0, 0.0), |item| (item.command, item.params[0]));
    let count = first.1 as usize;
    let held = || format!("begins a polygon of {} vertices", first.1);
    if count < 3 || count as f32 != first.1 {
        return Err(fault(number, held(), "it must be a whole number, 3 at least"));
    }
    let same = |item: &&Item| (item.command, item.params[0]) == first;
    let there = items.iter().take(count).take_while(same).count();
    if there < count {
        return Err(fault(number, held(), format!("{there} follow in a row")));
    }
    Ok(items.iter().take(count).map(vertex).collect())
}

fn fault(number: usize, holds: impl Into<String>, known: impl Into<String>) -> Error {
    Error::Items(Fault::new(format!("item {number}"), holds, known))
}

impl RallyPoint {
    /// The item that carries it.
    #[must_use]
    pub fn item(&self) -> Item {
        let item = at((self.at.lat_deg, self.at.lon_deg), RALLY_POINT, 0.0);
        Item { frame: self.frame.code(), z: self.at.height_m, ..item }
    }

    /// The rally points that items carry.
    ///
    /// # Errors
    /// [`Error::Items`] for another command.
    pub fn of_items(items: &[Item]) -> Result<Vec<Self>, Error> {
        let point = |(number, item): (usize, &Item)| {
            if item.command != RALLY_POINT {
                let held = format!("is command {}", item.command);
                return Err(fault(number, held, "a rally point is 5100"));
            }
            let (lat_deg, lon_deg) = vertex(item);
            let at = Place { lat_deg, lon_deg, height_m: item.z };
            Ok(Self { frame: Frame::of_code(item.frame), at })
        };
        items.iter().enumerate().map(point).collect()
    }
}
