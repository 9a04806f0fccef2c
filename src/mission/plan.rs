//! QGroundControl's `.plan`, read: what its code accepts (see the versions of each part), and
//! nothing of a file that cannot be flown as it is.

use serde_json::Value;

use crate::mandate::Mandate;

use super::json::{At, on_earth};
use super::plan_write::OWN_KEY;
use super::{
    Action, Complex, Error, Fault, Fence, FenceArea, FenceShape, Frame, Home, Item, MOST_ITEMS,
    Mission, Place, PlannedFor, RallyPoint, Step, complex_read,
};

/// Height as QGroundControl worked it out above its terrain (`AltitudeMode`).
const HEIGHT_WORKED_OUT: u32 = 3;

/// The mission of a text.
pub(super) fn read(text: &str) -> Result<Mission, Fault> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Fault::new(place, format!("is no JSON ({error})"), "a .plan is JSON")
    })?;
    let root = At::root(&value);
    let kind = root.key("fileType")?;
    if kind.text()? != "Plan" {
        return Err(kind.fault("known is \"Plan\""));
    }
    root.key("version")?.version(&[1])?;
    let mission = root.key("mission")?;
    mission.key("version")?.version(&[2])?;
    let flattened = Flattened::of(&mission.key("items")?)?;
    let (name, mandate) = root.maybe(OWN_KEY).map_or(Ok(Default::default()), |at| own(&at))?;
    Ok(Mission {
        name,
        mandate,
        complex: flattened.complex.clone(),
        home: home(&mission.key("plannedHomePosition")?)?,
        steps: flattened.steps()?,
        fence: root.maybe("geoFence").map_or(Ok(Fence::default()), |at| fence(&at))?,
        rally: root.maybe("rallyPoints").map_or(Ok(Vec::new()), |at| rally(&at))?,
        planned_for: planned_for(&mission)?,
        ..Mission::default()
    })
}

/// What this program writes beside what QGroundControl reads.
fn own(at: &At<'_>) -> Result<(Option<String>, Mandate), Fault> {
    at.key("format_version")?.version(&[1])?;
    let name = at.maybe("name").map(|name| name.text().map(str::to_owned)).transpose()?;
    let Some(told) = at.maybe("mandate") else { return Ok((name, Mandate::default())) };
    let known = "purpose, legal_basis, case_number, and period with from and to";
    let mandate: Mandate = told.read().map_err(|error| told.fault(format!("{known}: {error}")))?;
    match mandate.fault() {
        Some((_, reason)) => Err(told.fault(reason)),
        None => Ok((name, mandate)),
    }
}

fn planned_for(mission: &At<'_>) -> Result<PlannedFor, Fault> {
    let code = |key| mission.maybe(key).map(|at| at.whole(255)).transpose();
    let speed = |key| mission.maybe(key).map(|at| at.number()).transpose();
    Ok(PlannedFor {
        autopilot: code("firmwareType")?.map(|code| code as u8),
        vehicle: code("vehicleType")?.map(|code| code as u8),
        cruise_m_s: speed("cruiseSpeed")?,
        hover_m_s: speed("hoverSpeed")?,
    })
}

/// Zero, zero is "nobody told".
fn home(at: &At<'_>) -> Result<Option<Home>, Fault> {
    let (lat_deg, lon_deg) = at.vertex()?;
    let height = at.list()?;
    let [_, _, height] = height.as_slice() else {
        return Err(at.fault("it must be latitude, longitude and height above sea level"));
    };
    let amsl_m = height.number()?;
    let told = (lat_deg, lon_deg) != (0.0, 0.0);
    Ok(told.then_some(Home { lat_deg, lon_deg, amsl_m }))
}

/// A simple item: what it is, its degrees as the file has them, and the name that jumps call it.
struct Simple {
    item: Item,
    degrees: (f64, f64),
    jump_id: Option<u32>,
    field: String,
}

/// The simple items of a mission, those of surveys and corridors in their places.
#[derive(Default)]
struct Flattened {
    simple: Vec<Simple>,
    complex: Vec<Complex>,
}

impl Flattened {
    fn of(items: &At<'_>) -> Result<Self, Fault> {
        let mut flat = Self::default();
        for at in items.list()? {
            let kind = at.key("type")?;
            match kind.text()? {
                "SimpleItem" => flat.push(&at)?,
                "ComplexItem" => flat.complex(&at)?,
                _ => return Err(kind.fault("known are \"SimpleItem\", \"ComplexItem\"")),
            }
        }
        Ok(flat)
    }

    fn push(&mut self, at: &At<'_>) -> Result<(), Fault> {
        if self.simple.len() >= MOST_ITEMS {
            return Err(at.fault(format!("a mission has {MOST_ITEMS} items at most")));
        }
        self.simple.push(simple(at)?);
        Ok(())
    }

    /// Survey, corridor, scan of a structure, and what other programs add: flown from the items
    /// that they hold. A landing pattern holds none.
    fn complex(&mut self, at: &At<'_>) -> Result<(), Fault> {
        let (pattern, steps) = complex_read::pattern(at)?;
        let first = self.simple.len();
        let list = steps.list()?;
        if list.is_empty() {
            return Err(steps.fault("there is nothing to fly in it"));
        }
        list.iter().try_for_each(|at| {
            let kind = at.key("type")?;
            match kind.text()? {
                "SimpleItem" => self.push(at),
                _ => Err(kind.fault("known is \"SimpleItem\"")),
            }
        })?;
        let count = self.simple.len() - first;
        self.complex.push(Complex { first, count, pattern, kept: at.kept() });
        Ok(())
    }

    /// The steps, with jumps that name places in the list.
    fn steps(self) -> Result<Vec<Step>, Fault> {
        let ids: Vec<_> = self.simple.iter().map(|simple| simple.jump_id).collect();
        let step = |simple: Simple| {
            let mut step = Step::of_item(&simple.item);
            if let Some(place) = step.place_mut() {
                (place.lat_deg, place.lon_deg) = simple.degrees;
            }
            if let Action::Jump { to, .. } = &mut step.action {
                let target = ids.iter().position(|id| *id == Some(u32::from(*to)));
                let target = target.and_then(|index| u16::try_from(index).ok());
                *to = target.ok_or_else(|| {
                    let place = format!("{}.params[0]", simple.field);
                    Fault::new(place, format!("jumps to {to}"), "no item has it as its doJumpId")
                })?;
            }
            Ok(step)
        };
        self.simple.into_iter().map(step).collect()
    }
}

fn simple(at: &At<'_>) -> Result<Simple, Fault> {
    let params = at.key("params")?;
    let list = params.list()?;
    if list.len() != 7 {
        return Err(params.fault("there must be 7"));
    }
    let mut numbers = [0.0_f64; 7];
    for (number, at) in numbers.iter_mut().zip(&list) {
        *number = at.number_or_unset()?;
    }
    let [p1, p2, p3, p4, p5, p6, mut p7] = numbers;
    if let Some(mode) = at.maybe("AltitudeMode")
        && mode.whole(255)? == HEIGHT_WORKED_OUT
        && p7.is_nan()
    {
        // The height in params is left out on purpose; this one was worked out above terrain.
        p7 = at.key("AMSLAltAboveTerrain")?.number()?;
    }
    let frame = at.key("frame")?.whole(255)? as u8;
    let command = at.key("command")?.whole(65_535)? as u16;
    let mut item = Item {
        params: [p1, p2, p3, p4].map(|param| param as f32),
        z: p7 as f32,
        autocontinue: at.maybe("autoContinue").map_or(Ok(true), |at| at.flag())?,
        ..Item::empty(frame, command)
    };
    if item.has_place() {
        // "Not set" is where the vehicle is, and that is 0 in integers.
        let [lat, lon] = [p5, p6].map(|degrees| if degrees.is_nan() { 0.0 } else { degrees });
        if !on_earth(lat, lon) {
            return Err(params.fault_of(&[lat, lon]));
        }
        (item.x, item.y) = (super::degrees_e7(lat), super::degrees_e7(lon));
        numbers[4..6].copy_from_slice(&[lat, lon]);
    } else {
        // A cast of NaN is 0.
        (item.x, item.y) = (p5.round() as i32, p6.round() as i32);
    }
    let jump_id = at.maybe("doJumpId").map(|id| id.whole(u32::MAX)).transpose()?;
    let field = params.field().trim_end_matches(".params").to_owned();
    Ok(Simple { item, degrees: (numbers[4], numbers[5]), jump_id, field })
}

fn fence(at: &At<'_>) -> Result<Fence, Fault> {
    let holds = |key: &str| at.maybe(key).is_some_and(|at| at.list().is_ok_and(|l| !l.is_empty()));
    let version = at.maybe("version");
    // QGroundControl passes over an old fence without a word. One with nothing in it is none.
    if !["polygon", "polygons", "circles"].into_iter().any(holds)
        && at.maybe("breachReturn").is_none()
    {
        return Ok(Fence::default());
    }
    version.ok_or_else(|| at.fault("it needs a version; known is 2"))?.version(&[2])?;
    let mut fence = Fence::default();
    for at in at.maybe("polygons").map_or(Ok(Vec::new()), |list| list.list())? {
        at.key("version")?.version(&[1])?;
        let inclusion = at.key("inclusion")?.flag()?;
        let outline = at.key("polygon")?;
        let vertices: Vec<_> = outline.list()?.iter().map(At::vertex).collect::<Result<_, _>>()?;
        if vertices.len() < 3 {
            return Err(outline.fault("a polygon has 3 vertices at least"));
        }
        fence.areas.push(FenceArea { inclusion, shape: FenceShape::Polygon(vertices) });
    }
    for at in at.maybe("circles").map_or(Ok(Vec::new()), |list| list.list())? {
        at.key("version")?.version(&[1])?;
        let inclusion = at.key("inclusion")?.flag()?;
        let circle = at.key("circle")?;
        let radius = circle.key("radius")?;
        let radius_m = radius.number()? as f32;
        if !(radius_m > 0.0 && radius_m.is_finite()) {
            return Err(radius.fault("it must be above 0"));
        }
        let shape = FenceShape::Circle { at: circle.key("center")?.vertex()?, radius_m };
        fence.areas.push(FenceArea { inclusion, shape });
    }
    fence.breach_return = at.maybe("breachReturn").map(|at| place(&at)).transpose()?;
    Ok(fence)
}

fn place(at: &At<'_>) -> Result<Place, Fault> {
    let (lat_deg, lon_deg) = at.vertex()?;
    let list = at.list()?;
    let height = list.get(2).ok_or_else(|| at.fault("it needs a height as well"))?;
    Ok(Place { lat_deg, lon_deg, height_m: height.number()? as f32 })
}

fn rally(at: &At<'_>) -> Result<Vec<RallyPoint>, Fault> {
    let points = at.maybe("points").map_or(Ok(Vec::new()), |list| list.list())?;
    if !points.is_empty() {
        at.key("version")?.version(&[2])?;
    }
    let point = |at: &At<'_>| Ok(RallyPoint { frame: Frame::AboveHome, at: place(at)? });
    points.iter().map(point).collect()
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Items(fault)
    }
}
