//! A plan drawn: footprints that darken where they overlap, lines, ways, zones, take-offs.

use std::fmt::Write as _;

use super::camera::Camera;
use super::coverage::footprint;
use super::plane::Point;
use super::region::Region;
use super::sortie::Purpose;
use super::{Error, Plan};

/// Wider pictures than this gain nothing on paper.
const WIDTH_PX: f64 = 900.0;
/// More footprints than these are thinned: each then stands for its neighbours.
const MOST_FOOTPRINTS: usize = 2_500;
/// Colours of sorties in turn, told apart also by those who see no red or green (Okabe and Ito).
const SORTIES: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];

struct Drawing {
    svg: String,
    west_m: f64,
    north_m: f64,
    scale: f64,
}

impl Drawing {
    fn at(&self, [east, north]: Point) -> (f64, f64) {
        ((east - self.west_m) * self.scale, (self.north_m - north) * self.scale)
    }

    fn path(&self, points: &[Point], closed: bool) -> String {
        let mut path = String::new();
        for (number, &point) in points.iter().enumerate() {
            let (x, y) = self.at(point);
            let _ = write!(path, "{}{x:.1} {y:.1}", if number == 0 { "M" } else { "L" });
        }
        path + if closed { "Z" } else { "" }
    }

    fn region(&mut self, region: &Region, style: &str) {
        let rings = region.shapes().iter().flatten();
        let path: String = rings.map(|ring| self.path(ring, true)).collect();
        if !path.is_empty() {
            let _ = writeln!(self.svg, r#"<path d="{path}" fill-rule="evenodd" {style}/>"#);
        }
    }
}

/// The plan as an SVG picture, north up.
///
/// # Errors
/// [`Error::NoGround`].
pub fn picture(plan: &Plan<'_>, camera: &Camera) -> Result<String, Error> {
    let photos = plan.photos();
    let [mut west, mut south, mut east, mut north] = plan.allowed.bounds_m();
    let rim_m = (east - west).max(north - south) * 0.03 + 2.0;
    (west, south, east, north) = (west - rim_m, south - rim_m, east + rim_m, north + rim_m);
    let scale = WIDTH_PX / (east - west).max(north - south).max(1.0);
    let (wide, tall) = ((east - west) * scale, (north - south) * scale);
    let mut drawing = Drawing { svg: String::new(), west_m: west, north_m: north, scale };
    let _ = writeln!(
        drawing.svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0} {tall:.0}"
 width="{wide:.0}" height="{tall:.0}"
 font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#ffffff"/>"##
    );
    drawing.region(&plan.allowed, r##"fill="#f3f6f3" stroke="#9aa79a" stroke-dasharray="5 4""##);
    drawing.region(&plan.target, r##"fill="#fff7dd" stroke="#8a7a3a""##);
    let every = photos.len().div_ceil(MOST_FOOTPRINTS).max(1);
    for photo in photos.iter().step_by(every) {
        if let Some(corners) = footprint(&plan.field, camera, photo)? {
            let path = drawing.path(&corners, true);
            let _ = writeln!(
                drawing.svg,
                r##"<path d="{path}" fill="#b35900" fill-opacity="0.045" stroke="none"/>"##
            );
        }
    }
    for tall in &plan.field.tall {
        drawing.region(&tall.region, r##"fill="#8d99a6" fill-opacity="0.55" stroke="#5b6670""##);
    }
    for barrier in &plan.field.barriers {
        drawing.region(&barrier.region, r##"fill="#d00000" fill-opacity="0.18" stroke="#d00000""##);
    }
    let private = plan.field.private.clone();
    drawing.region(&private, r##"fill="#6a3d9a" fill-opacity="0.2" stroke="#6a3d9a""##);
    legs(&mut drawing, plan);
    scale_bar(&mut drawing, tall);
    drawing.svg.push_str("</svg>\n");
    Ok(drawing.svg)
}

fn legs(drawing: &mut Drawing, plan: &Plan<'_>) {
    for (number, sortie) in plan.sorties.iter().enumerate() {
        let colour = SORTIES[number % SORTIES.len()];
        for leg in &sortie.legs {
            let path = drawing.path(&[leg.from.0, leg.to.0], false);
            let style = match leg.purpose {
                Purpose::Work => r#"stroke-width="2""#,
                Purpose::Transit => r#"stroke-width="1" stroke-dasharray="4 3""#,
                Purpose::TakeOff | Purpose::Landing => continue,
            };
            let _ = writeln!(
                drawing.svg,
                r#"<path d="{path}" fill="none" stroke="{colour}" {style}/>"#
            );
        }
        for run in sortie.runs.iter().filter(|run| run.stands.len() == 1 || run.line.is_none()) {
            for stand in &run.stands {
                let (x, y) = drawing.at(stand.at);
                let _ = writeln!(
                    drawing.svg,
                    r#"<circle cx="{x:.1}" cy="{y:.1}" r="2.5" fill="{colour}"/>"#
                );
            }
        }
        let (x, y) = drawing.at(sortie.takeoff.0);
        let _ = writeln!(
            drawing.svg,
            r##"<circle cx="{x:.1}" cy="{y:.1}" r="7" fill="#ffffff" stroke="#000000"/>
<text x="{x:.1}" y="{:.1}" text-anchor="middle">H</text>"##,
            y + 4.5
        );
    }
}

fn scale_bar(drawing: &mut Drawing, tall: f64) {
    let most_m = 150.0 / drawing.scale;
    let decade = 10_f64.powf(most_m.log10().floor());
    let length_m = [5.0, 2.0, 1.0].map(|step| step * decade);
    let length_m = length_m.into_iter().find(|&metres| metres <= most_m).unwrap_or(decade);
    let (y, end) = (tall - 12.0, 12.0 + length_m * drawing.scale);
    let _ = writeln!(
        drawing.svg,
        r##"<path d="M12 {y:.1}L{end:.1} {y:.1}" stroke="#000000" stroke-width="3"/>
<text x="12" y="{:.1}">{length_m} m</text>"##,
        y - 6.0
    );
}
