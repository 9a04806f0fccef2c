//! Lines over an area: which direction, where they run, and where pictures are needed.

use std::f64::consts::{FRAC_PI_2, PI};

use super::camera::Pace;
use super::order::order;
use super::plane::{Point, distance_m};
use super::region::Region;
use super::run::{Run, Shots, Stand};
use super::sweep::{Span, Turned, common, directions, remaining, united};

/// Ends stay so far inside of what is allowed, so that rounding never puts them outside.
const END_INSET_M: f64 = 0.02;

/// A line shorter than this is one picture.
const LEAST_LINE_M: f64 = 0.5;

/// Parts of a line that is not allowed are tried on lines beside it, at these shares of a strip.
const BESIDE: [f64; 4] = [0.25, -0.25, 0.5, -0.5];

/// With more lines than this a direction is judged by its lines in the order in which they lie.
const ORDERED: usize = 120;

/// One look over an area.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Of the camera.
    pub(super) pitch_rad: f64,
    /// How far ahead of the vehicle it looks, along its heading.
    pub(super) lead_m: f64,
}

impl Look {
    pub(super) fn at(pitch_rad: f64, distance_m: f64) -> Self {
        let lead_m = if pitch_rad <= -FRAC_PI_2 { 0.0 } else { -distance_m / pitch_rad.tan() };
        Self { pitch_rad, lead_m }
    }
}

/// What a survey is made of.
pub(super) struct Survey<'a> {
    /// What pictures must show.
    pub(super) target: &'a Region,
    /// Where pictures may be taken from.
    pub(super) allowed: &'a Region,
    pub(super) pace: &'a Pace,
    pub(super) start: Point,
    /// What a turn costs, in metres of flight.
    pub(super) turn_m: f64,
}

/// A piece of a line: its number where it lies on it and not beside, and its ends.
type Piece = (Option<i32>, Point, Point);

impl Survey<'_> {
    /// The direction of lines that costs least, from east to north.
    pub(super) fn best_angle(&self) -> f64 {
        let cost = |angle: f64| self.cost_m(&self.pieces(angle, 0.0));
        let tried = directions(self.target).into_iter().map(|angle| (cost(angle), angle));
        let better = |a: (f64, f64), b: (f64, f64)| {
            let closer = b.0 < a.0 - 1e-6 || ((b.0 - a.0).abs() <= 1e-6 && b.1 < a.1);
            if closer { b } else { a }
        };
        tried.reduce(better).map_or(0.0, |best| best.1)
    }

    /// Metres of flight along lines, between them, and turns.
    fn cost_m(&self, pieces: &[Piece]) -> f64 {
        let ends: Vec<(Point, Point)> = pieces.iter().map(|piece| (piece.1, piece.2)).collect();
        let lines_m: f64 = ends.iter().map(|(a, b)| distance_m(*a, *b)).sum();
        let turns: Vec<(usize, bool)> = if ends.len() <= ORDERED {
            order(&ends, self.start, &distance_m)
        } else {
            (0..ends.len()).map(|at| (at, at % 2 == 1)).collect()
        };
        let mut here = self.start;
        let mut between_m = 0.0;
        for (at, turned) in turns {
            let (a, b) = ends[at];
            let (first, last) = if turned { (b, a) } else { (a, b) };
            between_m += distance_m(here, first);
            here = last;
        }
        lines_m + between_m + distance_m(here, self.start) + ends.len() as f64 * self.turn_m
    }

    /// Runs in one direction, all looking the same way over the ground.
    pub(super) fn runs(&self, pass: u32, angle: f64, look: Look) -> Vec<Run> {
        // Straight down either way along the line is the same; else the vehicle keeps its heading.
        // A single picture has no line to head along, and is told as well.
        let keeps = look.lead_m > 0.0;
        let heading_rad = (FRAC_PI_2 - angle).rem_euclid(2.0 * PI);
        let pieces = self.pieces(angle, look.lead_m).into_iter();
        pieces
            .map(|(line, a, b)| {
                let single = distance_m(a, b) < LEAST_LINE_M;
                let stand = |at| Stand {
                    at,
                    height_m: f64::NAN,
                    yaw_rad: (keeps || single).then_some(heading_rad),
                    pitch_rad: look.pitch_rad,
                };
                Run {
                    name: line.map_or_else(
                        || "beside a line".to_owned(),
                        |line| format!("line {}", line + 1),
                    ),
                    stands: if single { vec![stand(a)] } else { vec![stand(a), stand(b)] },
                    shots: Shots::Every(self.pace.photo_spacing_m),
                    line: line.map(|line| (pass, line)),
                }
            })
            .collect()
    }

    fn pieces(&self, angle: f64, lead_m: f64) -> Vec<Piece> {
        let target = Turned::new(self.target, angle);
        let allowed = Turned::new(self.allowed, angle);
        let (low, high) = target.width();
        let (spacing_m, [across_m, _]) = (self.pace.line_spacing_m, self.pace.footprint_m);
        let count = ((high - low - across_m) / spacing_m - 1e-9).ceil().max(0.0) as i32 + 1;
        let middle = (low + high) / 2.0;
        let mut pieces = Vec::new();
        for line in 0..count {
            let across = middle + (f64::from(line) - f64::from(count - 1) / 2.0) * spacing_m;
            let strip_low = if line == 0 { low } else { across - spacing_m / 2.0 };
            let strip_high = if line == count - 1 { high } else { across + spacing_m / 2.0 };
            for (at, span) in self.line(&target, &allowed, (across, strip_low, strip_high), lead_m)
            {
                let end = |along: f64| target.back([along, at]);
                let own = (at - across).abs() < 1e-9;
                pieces.push((own.then_some(line), end(span.0), end(span.1)));
            }
        }
        pieces
    }

    /// Where along the line of a strip pictures are needed and allowed: (across, from, to).
    fn line(
        &self,
        target: &Turned,
        allowed: &Turned,
        (across, low, high): (f64, f64, f64),
        lead_m: f64,
    ) -> Vec<(f64, Span)> {
        let along_m = self.pace.footprint_m[1];
        // A picture reaches half its length beyond its middle; the edge stays in two of them.
        let trim_m = (along_m / 2.0 - self.pace.photo_spacing_m).max(0.0);
        let needed = target.shadow(low, high).into_iter().map(|(from, to)| {
            let (from, to) = (from + trim_m, to - trim_m);
            let middle = (from + to) / 2.0;
            let span = if from > to { (middle, middle) } else { (from, to) };
            (span.0 - lead_m, span.1 - lead_m)
        });
        let needed = joined(needed.collect(), along_m);
        let free = |across: f64| -> Vec<Span> {
            let inset = allowed.cut(across).into_iter();
            let inset = inset.map(|(from, to)| (from + END_INSET_M, to - END_INSET_M));
            inset.filter(|(from, to)| from < to).collect()
        };
        let own = reached(&needed, &free(across));
        let mut found: Vec<(f64, Span)> = own.iter().map(|&span| (across, span)).collect();
        let seen = |spans: &[Span]| {
            let reach = spans.iter().map(|(from, to)| (from - along_m * 0.45, to + along_m * 0.45));
            united(reach.collect())
        };
        let mut missing = remaining(&needed, &seen(&own));
        for share in BESIDE {
            missing.retain(|(from, to)| to - from > 2.0 * LEAST_LINE_M);
            if missing.is_empty() {
                break;
            }
            let beside = across + share * self.pace.line_spacing_m;
            let more = reached(&missing, &free(beside));
            found.extend(more.iter().map(|&span| (beside, span)));
            missing = remaining(&missing, &seen(&more));
        }
        found
    }
}

/// Those parts of what is needed that are free. A point that is needed counts where it is free.
fn reached(needed: &[Span], free: &[Span]) -> Vec<Span> {
    let widened: Vec<Span> = needed.iter().map(|(from, to)| (from - 1e-6, to + 1e-6)).collect();
    common(&widened, free)
}

/// Spans whose gap is shorter than a picture are one: turning the camera off gains nothing.
fn joined(mut spans: Vec<Span>, gap_m: f64) -> Vec<Span> {
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.0 <= last.1 + gap_m => last.1 = last.1.max(span.1),
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::camera::tests::{m3t, wanted};

    /// The shortest way over all lines in any order and either way round, from a place and back to
    /// it, lines included: Held and Karp's table over sets of lines.
    fn shortest_m(ends: &[(Point, Point)], start: Point) -> f64 {
        let count = ends.len();
        let at = |line: usize, end: usize| if end == 0 { ends[line].0 } else { ends[line].1 };
        let length_m = |line: usize| distance_m(ends[line].0, ends[line].1);
        let mut table = vec![[f64::INFINITY; 2]; count << count];
        for line in 0..count {
            for end in [0, 1] {
                let way_m = distance_m(start, at(line, 1 - end)) + length_m(line);
                table[(line << count) | (1 << line)][end] = way_m;
            }
        }
        for set in 1..1_usize << count {
            for (last, end) in (0..count).flat_map(|last| [(last, 0), (last, 1)]) {
                let so_far_m = table[(last << count) | set][end];
                if !so_far_m.is_finite() {
                    continue;
                }
                for next in (0..count).filter(|next| set & (1 << next) == 0) {
                    for other in [0, 1] {
                        let step_m = distance_m(at(last, end), at(next, 1 - other));
                        let way_m = so_far_m + step_m + length_m(next);
                        let cell = &mut table[(next << count) | set | (1 << next)][other];
                        *cell = cell.min(way_m);
                    }
                }
            }
        }
        let all = (1 << count) - 1;
        let back = (0..count).flat_map(|last| [0, 1].map(|end| (last, end)));
        back.map(|(last, end)| table[(last << count) | all][end] + distance_m(at(last, end), start))
            .fold(f64::INFINITY, f64::min)
    }

    /// Small areas: a bar, an L, a U, a triangle, and concave ones with corners as drawn.
    fn small_areas() -> Vec<Region> {
        let mut state = 11_u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f64 / f64::from(1 << 24)
        };
        let mut rings: Vec<Vec<Point>> = vec![
            vec![[0., 0.], [90., 30.], [80., 60.], [-10., 30.]],
            vec![[0., 0.], [90., 0.], [90., 30.], [30., 30.], [30., 80.], [0., 80.]],
            vec![
                [0., 0.],
                [80., 0.],
                [80., 60.],
                [60., 60.],
                [60., 20.],
                [20., 20.],
                [20., 60.],
                [0., 60.],
            ],
            vec![[0., 0.], [100., 10.], [30., 70.]],
        ];
        for corners in (3..11).chain(3..11) {
            let corner = |number: i32| {
                let (sin, cos) = (f64::from(number) / f64::from(corners) * 2.0 * PI).sin_cos();
                let radius_m = 20.0 + 35.0 * draw();
                [radius_m * cos, radius_m * sin]
            };
            rings.push((0..corners).map(corner).collect());
        }
        rings.into_iter().map(|ring| Region::of_rings(&[ring])).collect()
    }

    #[test]
    fn ways_are_near_the_shortest_of_180_directions_in_any_order() {
        let pace = Pace::of(&m3t(), &wanted(30.0)).unwrap();
        let start = [-60.0, -60.0];
        let mut worst = 0.0_f64;
        for target in small_areas() {
            let allowed = target.grown(pace.footprint_m[0] / 2.0);
            let survey =
                Survey { target: &target, allowed: &allowed, pace: &pace, start, turn_m: 0.0 };
            let ends = |angle: f64| -> Vec<(Point, Point)> {
                let pieces = survey.pieces(angle, 0.0).into_iter();
                pieces.map(|(_, a, b)| (a, b)).collect()
            };
            let best_m = (0..180)
                .map(|degree| ends(f64::from(degree).to_radians()))
                .filter(|ends| ends.len() <= 9)
                .map(|ends| shortest_m(&ends, start))
                .fold(f64::INFINITY, f64::min);
            let found_m = survey.cost_m(&survey.pieces(survey.best_angle(), 0.0));
            worst = worst.max(found_m / best_m);
        }
        assert!(worst <= 1.10, "{worst}");
    }
}
