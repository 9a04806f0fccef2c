//! Draws the error of simulated findings against the ellipse that is stated for them, into
//! `docs/error-against-ellipse.svg`; run on demand with `cargo bench --bench picture [-- SEEDS]`.
//!
//! Same flights, same picture: all is drawn from seeds.
#![expect(clippy::print_stdout, reason = "a bench tells what it found")]

use std::fmt::Write;

use torenvalk::fuse::{Params, View, calibrate, correct, fuse};
use torenvalk::geo::LocalFrame;
use torenvalk::locate::Observation;
use torenvalk::sim::{PoseErrors, SightingParams, Sightings};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/error-against-ellipse.svg");
/// Points of one colour in one panel; more would cover each other.
const POINTS: usize = 1500;
/// Both axes, in metres.
const RANGE_M: [f64; 2] = [0.01, 30.0];
const PANEL_PX: f64 = 380.0;
const TOP_PX: f64 = 40.0;
const LEFT_PX: [f64; 2] = [64.0, 516.0];
const COLOURS: [&str; 2] = ["#1f6fb4", "#d9822b"];

fn main() -> std::io::Result<()> {
    let seeds: u64 = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(12);
    let kinds = [("RTK", PoseErrors::with_rtk()), ("no RTK", PoseErrors::without_rtk())];
    let mut panels = [const { [const { Cloud::new() }; 2] }; 2];
    for (kind, (name, errors)) in kinds.iter().enumerate() {
        for pitch_deg in [-90.0, -60.0, -45.0, -30.0] {
            for seed in 0..seeds {
                let lines = [4, 10];
                let errors = *errors;
                let params =
                    SightingParams { seed, errors, pitch_deg, lines, ..SightingParams::default() };
                let mut seen = Sightings::drawn(&params);
                panels[0][kind].add(&seen, &seen.views, &seen.observations);
                let found = calibrate(
                    &seen.observations,
                    &seen.views,
                    &seen.terrain,
                    &[],
                    &Params::default(),
                );
                let (mut views, mut observations) =
                    (std::mem::take(&mut seen.views), std::mem::take(&mut seen.observations));
                correct(&found, &mut views, &mut observations, &seen.terrain);
                panels[1][kind].add(&seen, &views, &observations);
            }
        }
        println!("{name}: stated {}", panels[0][kind].line());
        println!("{name}: calibrated {}", panels[1][kind].line());
    }
    std::fs::write(FILE, picture(&panels, seeds))
}

/// Findings of one kind.
struct Cloud {
    /// Semi-major axis and error in metres.
    points: Vec<[f64; 2]>,
    inside: usize,
}

impl Cloud {
    const fn new() -> Self {
        Self { points: Vec::new(), inside: 0 }
    }

    fn add(&mut self, seen: &Sightings, views: &[View], observations: &[Observation]) {
        for finding in fuse(observations, views, &seen.terrain, None, &Params::default()) {
            let shows = finding.observations.iter().filter_map(|&one| seen.shows[one as usize]);
            let mut counts = std::collections::BTreeMap::new();
            for thing in shows {
                *counts.entry(thing).or_insert(0_usize) += 1;
            }
            let Some((&thing, _)) = counts.iter().max_by_key(|(_, count)| **count) else {
                continue;
            };
            let truth = seen.places[thing as usize];
            let off = LocalFrame::at(&finding.point).enu(&truth);
            let ellipse = finding.ellipse95;
            let (sin, cos) = ellipse.azimuth_deg.to_radians().sin_cos();
            let along = (off.x * sin + off.y * cos) / ellipse.major_m;
            let across = (off.x * cos - off.y * sin) / ellipse.minor_m;
            self.inside += usize::from(along * along + across * across <= 1.0);
            self.points.push([ellipse.major_m, off.x.hypot(off.y)]);
        }
    }

    fn share(&self) -> f64 {
        100.0 * self.inside as f64 / self.points.len().max(1) as f64
    }

    fn line(&self) -> String {
        let mut errors: Vec<f64> = self.points.iter().map(|point| point[1]).collect();
        errors.sort_by(f64::total_cmp);
        let at = |part: f64| errors.get((part * errors.len() as f64) as usize).unwrap_or(&0.0);
        let (median, most) = (at(0.5), at(0.9));
        format!(
            "{} findings, {:.1} % inside their ellipse, error {median:.2} m (90 %: {most:.2} m)",
            self.points.len(),
            self.share()
        )
    }
}

/// Part of an axis, 0 to 1, logarithmic.
fn part(metres: f64) -> f64 {
    let [low, high] = RANGE_M;
    ((metres.clamp(low, high) / low).ln() / (high / low).ln()).clamp(0.0, 1.0)
}

fn picture(panels: &[[Cloud; 2]; 2], seeds: u64) -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 916 510\" width=\"916\" \
         height=\"510\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n\
         <rect width=\"916\" height=\"510\" fill=\"#fff\"/>\n",
    );
    let titles = ["poses as stated", "after self-calibration"];
    for ((clouds, left), title) in panels.iter().zip(LEFT_PX).zip(titles) {
        panel(&mut svg, clouds, left, title);
    }
    let _ = writeln!(
        svg,
        "<text x=\"458\" y=\"498\" text-anchor=\"middle\" fill=\"#555\">{} simulated flights at \
         60 m, 40 frames each, looking down 90°, 60°, 45° and 30°; on the line the error is the \
         semi-major axis</text>\n</svg>",
        8 * seeds
    );
    svg
}

fn panel(svg: &mut String, clouds: &[Cloud; 2], left: f64, title: &str) {
    let (right, bottom) = (left + PANEL_PX, TOP_PX + PANEL_PX);
    let x = |metres: f64| left + PANEL_PX * part(metres);
    let y = |metres: f64| bottom - PANEL_PX * part(metres);
    let middle = left + PANEL_PX / 2.0;
    let _ = writeln!(
        svg,
        "<text x=\"{middle}\" y=\"26\" text-anchor=\"middle\" font-size=\"15\">{title}</text>"
    );
    for tick in [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0] {
        let (tx, ty) = (x(tick), y(tick));
        let _ = writeln!(
            svg,
            "<path d=\"M{tx:.1} {TOP_PX}V{bottom}M{left} {ty:.1}H{right}\" stroke=\"#ddd\"/>\
             <text x=\"{tx:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tick}</text>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{tick}</text>",
            bottom + 16.0,
            left - 6.0,
            ty + 4.0
        );
    }
    // Without RTK first, so that the other cloud lies on it.
    for (cloud, colour) in clouds.iter().zip(COLOURS).rev() {
        let every = cloud.points.len().div_ceil(POINTS).max(1);
        let mut path = String::new();
        for [major_m, error_m] in cloud.points.iter().step_by(every) {
            let _ = write!(path, "M{:.1} {:.1}h0", x(*major_m), y(*error_m));
        }
        let _ = writeln!(
            svg,
            "<path d=\"{path}\" stroke=\"{colour}\" stroke-width=\"2.6\" \
             stroke-linecap=\"round\" stroke-opacity=\"0.6\"/>"
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{left} {bottom}L{right} {TOP_PX}\" stroke=\"#222\" stroke-width=\"1.4\"/>\
         <rect x=\"{left}\" y=\"{TOP_PX}\" width=\"{PANEL_PX}\" height=\"{PANEL_PX}\" fill=\"none\" \
         stroke=\"#222\"/>\
         <text x=\"{middle}\" y=\"{:.1}\" text-anchor=\"middle\">stated 95 % semi-major axis, \
         m</text><text transform=\"translate({:.1} {:.1}) rotate(-90)\" \
         text-anchor=\"middle\">true error, m</text>",
        bottom + 38.0,
        left - 42.0,
        TOP_PX + PANEL_PX / 2.0
    );
    for (row, ((cloud, colour), name)) in
        clouds.iter().zip(COLOURS).zip(["RTK", "no RTK"]).enumerate()
    {
        let line = TOP_PX + 20.0 + 18.0 * row as f64;
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{colour}\"/><text x=\"{:.1}\" \
             y=\"{line:.1}\">{name}: {:.1} % inside their ellipse</text>",
            left + 16.0,
            line - 4.0,
            left + 26.0,
            cloud.share()
        );
    }
}
