//! The map of a finding as a drawing in vectors: site, footprint, track, ellipse, metric grid.
//!
//! It needs no tiles and no network: everything on it is in the case.

use std::fmt::Write as _;

use nalgebra::Vector3;

use crate::geo::{Ellipse95, Geodetic, LocalFrame};
use crate::site::{Outline, Site};

/// Longitude and latitude in degrees.
type Place = (f64, f64);

/// What is drawn.
#[derive(Debug, Clone)]
pub struct MapContent<'a> {
    /// The finding's id.
    pub finding: &'a str,
    /// Where it lies.
    pub point: Geodetic,
    /// How sure that is.
    pub ellipse95: Option<Ellipse95>,
    /// Corners of the frame's footprint.
    pub footprint: &'a [Place],
    /// Where the camera was, in order; lines of flights.
    pub tracks: &'a [Vec<Place>],
    /// Other findings.
    pub others: &'a [Place],
    /// The site, if one is known.
    pub site: Option<&'a Site>,
}

/// Width and height of the drawing.
pub(super) const SIZE: f64 = 600.0;
/// Width and height of the close-up.
const CLOSE: f64 = 190.0;
/// The least and the most that is shown to each side, in metres.
const REACH_M: (f64, f64) = (15.0, 400.0);

/// East and north in metres onto a square of the drawing.
pub(super) struct View {
    /// Upper left corner.
    pub(super) corner: (f64, f64),
    pub(super) size: f64,
    /// Metres from the middle to each side.
    pub(super) reach_m: f64,
}

impl View {
    pub(super) fn at(&self, (east_m, north_m): (f64, f64)) -> (f64, f64) {
        let per_m = self.size / (2.0 * self.reach_m);
        let middle = self.size / 2.0;
        (self.corner.0 + middle + east_m * per_m, self.corner.1 + middle - north_m * per_m)
    }

    fn points(&self, places_m: &[(f64, f64)]) -> String {
        let mut text = String::new();
        for place in places_m {
            let (x, y) = self.at(*place);
            let _ = write!(text, "{x:.1},{y:.1} ");
        }
        text.trim_end().to_owned()
    }
}

/// Places → metres east and north of the finding.
pub(super) struct Plane {
    pub(super) local: LocalFrame,
    pub(super) height_m: f64,
}

impl Plane {
    pub(super) fn to_m(&self, place: &Place) -> (f64, f64) {
        let there = Geodetic::from_degrees(place.1, place.0, self.height_m);
        let enu: Vector3<f64> = self.local.enu(&there);
        (enu.x, enu.y)
    }

    pub(super) fn all_m(&self, places: &[Place]) -> Vec<(f64, f64)> {
        places.iter().map(|place| self.to_m(place)).collect()
    }
}

/// The drawing as SVG. Up is north; the finding lies in the middle.
#[must_use]
pub fn map_svg(content: &MapContent<'_>) -> String {
    let plane = Plane { local: LocalFrame::at(&content.point), height_m: content.point.height_m };
    let footprint = plane.all_m(content.footprint);
    let widest_m =
        footprint.iter().map(|(east, north)| east.abs().max(north.abs())).fold(0.0, f64::max);
    let reach_m = if widest_m > 0.0 { widest_m * 1.3 } else { 50.0 };
    let view =
        View { corner: (0.0, 0.0), size: SIZE, reach_m: reach_m.clamp(REACH_M.0, REACH_M.1) };
    let mut svg = ground(&view, content.site, content.tracks, &plane);
    if footprint.len() > 2 {
        let points = view.points(&footprint);
        let _ = writeln!(
            svg,
            "<polygon points=\"{points}\" fill=\"#d68c42\" fill-opacity=\"0.10\" \
             stroke=\"#b36a1e\" stroke-width=\"1.5\"/>"
        );
    }
    for place in content.others {
        let (x, y) = view.at(plane.to_m(place));
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"#8a8a8a\"/>");
    }
    let (x, y) = view.at((0.0, 0.0));
    let _ = writeln!(
        svg,
        "<circle cx=\"{x}\" cy=\"{y}\" r=\"9\" fill=\"none\" stroke=\"#c0182b\" \
         stroke-width=\"2\"/>\
         <circle cx=\"{x}\" cy=\"{y}\" r=\"2\" fill=\"#c0182b\"/>\n</g>"
    );
    label(&mut svg, (x + 13.0, y - 9.0), 25.0, content.finding);
    if let Some(ellipse) = &content.ellipse95 {
        close_up(&mut svg, ellipse);
    }
    scale_bar(&mut svg, &view, (16.0, SIZE - 18.0), 150.0);
    north(&mut svg);
    svg + &edge()
}

/// The paper with its grid, the site and the flights, in a group that is still open.
pub(super) fn ground(
    view: &View,
    site: Option<&Site>,
    tracks: &[Vec<Place>],
    plane: &Plane,
) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIZE} {SIZE}\" \
         width=\"{SIZE}\" height=\"{SIZE}\" font-family=\"Libertinus Serif, serif\">\n\
         <clipPath id=\"all\"><rect width=\"{SIZE}\" height=\"{SIZE}\"/></clipPath>\n\
         <rect width=\"{SIZE}\" height=\"{SIZE}\" fill=\"#f6f4ee\"/>\n<g clip-path=\"url(#all)\">\n"
    );
    grid(&mut svg, view);
    if let Some(site) = site {
        draw_site(&mut svg, view, site, plane);
    }
    for track in tracks {
        let points = view.points(&plane.all_m(track));
        let _ = writeln!(
            svg,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"#4a6fa5\" stroke-width=\"1.2\" \
             stroke-dasharray=\"5 3\"/>"
        );
    }
    svg
}

/// The frame around a map, and its end.
pub(super) fn edge() -> String {
    format!(
        "<rect x=\"0.5\" y=\"0.5\" width=\"{0}\" height=\"{0}\" fill=\"none\" \
         stroke=\"#333\"/>\n</svg>\n",
        SIZE - 1.0
    )
}

/// The largest of 1, 2, 5 times a power of ten that is not above a length.
fn round_length_m(most_m: f64) -> f64 {
    let power = 10_f64.powf(most_m.log10().floor());
    [5.0, 2.0].into_iter().map(|step| step * power).find(|&m| m <= most_m).unwrap_or(power)
}

/// Lines at round distances from the finding.
fn grid(svg: &mut String, view: &View) {
    let step_m = round_length_m(view.reach_m / 2.5);
    let most = (view.reach_m / step_m) as i32;
    for number in -most..=most {
        let away_m = f64::from(number) * step_m;
        let (x, y) = view.at((away_m, away_m));
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} 0V{SIZE}M0 {y:.1}H{SIZE}\" stroke=\"#d9d5ca\" stroke-width=\"0.8\"/>"
        );
    }
}

fn draw_site(svg: &mut String, view: &View, site: &Site, plane: &Plane) {
    for area in &site.areas {
        let points = view.points(&plane.all_m(&area.outer));
        let _ = writeln!(
            svg,
            "<polygon points=\"{points}\" fill=\"none\" stroke=\"#222\" stroke-width=\"2.2\"/>"
        );
    }
    let per_m = view.size / (2.0 * view.reach_m);
    for asset in &site.assets {
        let _ = match &asset.outline {
            Outline::Polygon(polygon) => writeln!(
                svg,
                "<polygon points=\"{}\" fill=\"#cfd3d6\" stroke=\"#7d858c\"/>",
                view.points(&plane.all_m(&polygon.outer))
            ),
            Outline::Line { vertices, half_width_m } => writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"#cfd3d6\" stroke-width=\"{:.1}\"/>",
                view.points(&plane.all_m(vertices)),
                (2.0 * half_width_m * per_m).max(2.0)
            ),
            Outline::Point { at, radius_m } => {
                let (x, y) = view.at(plane.to_m(at));
                let radius = (radius_m * per_m).max(2.0);
                writeln!(
                    svg,
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"#cfd3d6\" \
                     stroke=\"#7d858c\"/>"
                )
            }
        };
    }
}

/// The ellipse by itself in the lower right corner, on a scale of its own.
fn close_up(svg: &mut String, ellipse: &Ellipse95) {
    let corner = (SIZE - CLOSE - 10.0, SIZE - CLOSE - 10.0);
    let view = View { corner, size: CLOSE, reach_m: (ellipse.major_m * 1.6).max(0.01) };
    let _ = writeln!(
        svg,
        "<rect x=\"{}\" y=\"{}\" width=\"{CLOSE}\" height=\"{CLOSE}\" fill=\"#fff\" \
         stroke=\"#333\"/>",
        corner.0, corner.1
    );
    let per_m = CLOSE / (2.0 * view.reach_m);
    let (x, y) = view.at((0.0, 0.0));
    let _ = writeln!(
        svg,
        "<ellipse cx=\"{x:.1}\" cy=\"{y:.1}\" rx=\"{:.1}\" ry=\"{:.1}\" \
         transform=\"rotate({:.1} {x:.1} {y:.1})\" fill=\"#c0182b\" fill-opacity=\"0.14\" \
         stroke=\"#c0182b\" stroke-width=\"1.6\"/>\
         <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"#c0182b\"/>",
        ellipse.major_m * per_m,
        (ellipse.minor_m * per_m).max(1.0),
        ellipse.azimuth_deg - 90.0
    );
    label(svg, (corner.0 + 8.0, corner.1 + 22.0), 20.0, "95 %");
    scale_bar(svg, &view, (corner.0 + 10.0, corner.1 + CLOSE - 12.0), 80.0);
}

/// A bar of a round length, at most `most` long in the drawing.
pub(super) fn scale_bar(svg: &mut String, view: &View, (x, y): (f64, f64), most: f64) {
    let per_m = view.size / (2.0 * view.reach_m);
    let length_m = round_length_m(most / per_m);
    let end = x + length_m * per_m;
    let _ = writeln!(
        svg,
        "<path d=\"M{x:.1} {:.1}V{y:.1}H{end:.1}V{:.1}\" fill=\"none\" stroke=\"#222\" \
         stroke-width=\"1.8\"/>",
        y - 6.0,
        y - 6.0
    );
    let text = if length_m < 1.0 {
        format!("{:.0} cm", length_m * 100.0)
    } else {
        format!("{length_m} m")
    };
    label(svg, (x + 5.0, y - 9.0), 20.0, &text);
}

pub(super) fn north(svg: &mut String) {
    let x = SIZE - 30.0;
    let _ = writeln!(
        svg,
        "<path d=\"M{x} 14L{} 52L{x} 44L{} 52Z\" fill=\"#222\" stroke=\"#fff\"/>",
        x + 11.0,
        x - 11.0
    );
    label(svg, (x - 8.0, 72.0), 22.0, "N");
}

/// A text with a light rim, so that it can be read on anything.
pub(super) fn label(svg: &mut String, (x, y): (f64, f64), size: f64, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    for rim in [" stroke=\"#fff\" stroke-width=\"3.5\" stroke-linejoin=\"round\"", ""] {
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"#222\"{rim}>{text}</text>"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_round_and_not_too_long() {
        for (most, expected) in [(1.0, 1.0), (1.9, 1.0), (2.0, 2.0), (49.0, 20.0), (0.07, 0.05)] {
            assert!((round_length_m(most) - expected).abs() < 1e-12, "{most}");
        }
    }

    #[test]
    fn north_is_up_and_east_is_right() {
        let view = View { corner: (0.0, 0.0), size: 100.0, reach_m: 50.0 };
        assert_eq!(view.at((10.0, 20.0)), (60.0, 30.0));
    }

    #[test]
    fn a_map_is_xml_whatever_a_finding_is_called() {
        let point = Geodetic::from_degrees(52.0, 5.0, 40.0);
        let ellipse95 = Some(Ellipse95 { major_m: 2.0, minor_m: 1.0, azimuth_deg: 30.0 });
        let tracks = [vec![(5.0, 52.0), (5.001, 52.0)]];
        let content = MapContent {
            finding: "F<1>&",
            point,
            ellipse95,
            footprint: &[(4.9999, 51.9999), (5.0001, 51.9999), (5.0001, 52.0001)],
            tracks: &tracks,
            others: &[(5.00005, 52.0)],
            site: None,
        };
        let svg = map_svg(&content);
        let read = roxmltree::Document::parse(&svg).unwrap();
        let ellipse = read.descendants().find(|node| node.has_tag_name("ellipse")).unwrap();
        // Azimuth 30 degrees is 60 degrees anticlockwise from east, where SVG's axis lies.
        assert!(ellipse.attribute("transform").unwrap().starts_with("rotate(-60.0 "));
        assert_eq!(svg, map_svg(&content));
    }
}
