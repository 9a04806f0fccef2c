//! From modules that stand out to detections, and what modules say of the other detections.

use super::super::{Detection, Polarity, Reason, Reasons};
use super::chance::{Spot, Standing, beside_chance, module_chance, spot_chance};
use super::classes::{Anomaly, Part};
use super::compare::{Compared, Shape};
use super::grid::Module;
use super::sheet::View;

/// A spot covers up to this share of its module to be of a cell: one of 60 is 0.017, and what is
/// half as warm as its middle is larger than a cell in a blurred picture.
const MOST_CELL: f64 = 0.07;

/// A spot on a warm module is one of its own if it is warmer by this share of the module's
/// difference.
const OVER_MODULE: f32 = 0.6;

/// Side of the squares in which it is noted to which module they belong, in pixels of the sheet.
const SQUARE: usize = 4;

/// What the values of the frame mean.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    pub(super) step_k: f64,
    pub(super) origin_c: f64,
    /// Of a pixel, in steps.
    pub(super) noise: f32,
    pub(super) width: u16,
    pub(super) height: u16,
}

impl Units {
    fn celsius(&self, steps: f32) -> f32 {
        (self.origin_c + f64::from(steps) * self.step_k) as f32
    }

    fn kelvin(&self, steps: f32) -> f32 {
        (f64::from(steps) * self.step_k) as f32
    }
}

/// A frame's modules with all that is known of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) view: View,
    pub(super) modules: &'a [Module],
    pub(super) compared: &'a [Option<Compared>],
    pub(super) anomalies: &'a [Option<Anomaly>],
    pub(super) shape: &'a Shape,
    pub(super) units: Units,
    /// The mean strength of the modules' sides.
    pub(super) frame_sides: f64,
}

impl Known<'_> {
    /// Weighs the detections anew, replaces those of a module that stands out as a whole, and adds
    /// the modules themselves.
    pub(super) fn apply(&self, found: &mut Vec<Detection>, owners: &mut Owners) {
        owners.note(self.modules);
        found.retain_mut(|spot| {
            let place = [spot.x_px, spot.y_px].map(f64::from);
            let place = self.view.to_sheet(place).map(|place| place.map(|of| of as f32));
            let owner = place.and_then(|place| Some((owners.of(place)?, place)));
            let Some((owner, place)) = owner else {
                spot.score = beside_chance(spot.score);
                return true;
            };
            self.weigh(spot, owner, place)
        });
        for ((module, anomaly), compared) in
            self.modules.iter().zip(self.anomalies).zip(self.compared)
        {
            let both = anomaly.as_ref().zip(compared.as_ref());
            found.extend(
                both.and_then(|(of, compared)| self.detection(module, of, compared.unrest)),
            );
        }
    }

    /// Compares a spot with the same place of the other modules; `false` if it is what was found of
    /// the module already.
    fn weigh(&self, spot: &mut Detection, owner: usize, place: [f32; 2]) -> bool {
        let (module, units) = (&self.modules[owner], &self.units);
        let Some(compared) = &self.compared[owner] else { return true };
        let [left, top, ..] = module.sides;
        let size = module.size();
        let share = [(place[0] - left) / size[0], (place[1] - top) / size[1]];
        let part = self.shape.part(share);
        let expected = compared.background + self.shape.usual[part];
        let sign = if spot.polarity == Polarity::Hot { 1.0 } else { -1.0 };
        let peak = ((f64::from(spot.peak) - units.origin_c) / units.step_k) as f32;
        let above = sign * (peak - expected);
        let mut spread = self.shape.spread[part].hypot(units.noise);
        let mut own = 0.0;
        if let Some(anomaly) = &self.anomalies[owner] {
            let covers = match anomaly.part {
                Part::Whole => true,
                Part::Section([first, last]) => {
                    let across = share[usize::from(size[0] > size[1])];
                    across > first - 0.1 && across < last + 0.1
                }
            };
            if covers && sign * anomaly.delta > 0.0 {
                own = sign * anomaly.delta;
                if above - own < OVER_MODULE * own {
                    return false;
                }
            }
        }
        spread = spread.max(compared.spread);
        let over = above - own;
        spot.background = units.celsius(expected + sign * own);
        spot.delta = spot.peak - spot.background;
        let area = self.area(module).max(1.0);
        let covered = f64::from(spot.area_px) / area;
        let side = share.iter().zip(&size).map(|(share, size)| share.min(1.0 - share) * size);
        let side = f64::from(side.fold(f32::MAX, f32::min));
        let spreads = f64::from(over / spread);
        let delta_k = f64::from(units.kelvin(over));
        spot.score = spot_chance(Spot {
            ring: spot.score,
            delta_k,
            spreads,
            share: covered,
            side_px: side,
            frame_sides: self.frame_sides,
        });
        if spot.polarity == Polarity::Hot && covered < MOST_CELL {
            spot.reasons.insert(Reason::HotCell);
        }
        true
    }

    /// A module, or a section of it, as a detection.
    fn detection(&self, module: &Module, anomaly: &Anomaly, unrest: f32) -> Option<Detection> {
        let units = &self.units;
        let [mut left, mut top, mut right, mut bottom] = module.sides;
        let size = module.size();
        let is_hot = anomaly.delta > 0.0;
        let mut reasons = Reasons::default();
        let is_section = match anomaly.part {
            Part::Whole => false,
            Part::Section([first, last]) if size[0] > size[1] => {
                (top, bottom) = (top + first * size[1], top + last * size[1]);
                true
            }
            Part::Section([first, last]) => {
                (left, right) = (left + first * size[0], left + last * size[0]);
                true
            }
        };
        let reason = match (is_section, anomaly.in_string) {
            (true, _) => Reason::Substring,
            (false, true) => Reason::String,
            (false, false) => Reason::Module,
        };
        if is_hot {
            reasons.insert(reason);
        }
        let part = Module { sides: [left, top, right, bottom], ..*module };
        let [x, y] = self.view.to_frame(part.centre().map(f64::from));
        let delta = units.kelvin(anomaly.delta);
        let background = units.celsius(anomaly.background);
        let spreads = anomaly.delta.abs() / anomaly.spread;
        let standing = Standing {
            delta_k: f64::from(delta.abs()),
            spreads: f64::from(spreads),
            unrest: f64::from(unrest),
            is_section,
            in_string: anomaly.in_string,
            sides: f64::from(module.strength),
            frame_sides: self.frame_sides,
        };
        Some(Detection {
            polarity: if is_hot { Polarity::Hot } else { Polarity::Cold },
            x_px: x as f32,
            y_px: y as f32,
            bbox_px: self.bbox_px(&part)?,
            area_px: self.area(&part).round() as u32,
            peak: background + delta,
            background,
            delta,
            snr: anomaly.delta.abs() / units.noise,
            prominence: spreads,
            score: module_chance(standing),
            reasons,
        })
    }

    fn corners(&self, module: &Module) -> [[f64; 2]; 4] {
        let [left, top, right, bottom] = module.sides.map(f64::from);
        let corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
        corners.map(|corner| self.view.to_frame(corner))
    }

    /// The area on the frame, in pixels.
    fn area(&self, module: &Module) -> f64 {
        let [a, b, c, d] = self.corners(module);
        let (across, down) = ([c[0] - a[0], c[1] - a[1]], [d[0] - b[0], d[1] - b[1]]);
        0.5 * (across[0] * down[1] - across[1] * down[0]).abs()
    }

    /// The box around it on the frame; `None` if nothing of it is there.
    fn bbox_px(&self, module: &Module) -> Option<[u16; 4]> {
        let corners = self.corners(module);
        let limits = [f64::from(self.units.width), f64::from(self.units.height)];
        let ends = [0, 1].map(|i| {
            let along = corners.map(|corner| corner[i]);
            let low = along.iter().copied().fold(f64::MAX, f64::min);
            let high = along.iter().copied().fold(f64::MIN, f64::max);
            [low.floor().clamp(0.0, limits[i]) as u16, high.ceil().clamp(0.0, limits[i]) as u16]
        });
        let [[left, right], [top, bottom]] = ends;
        (left < right && top < bottom).then(|| [left, top, right - left, bottom - top])
    }
}

/// To which module each place of the sheet belongs.
#[derive(Debug, Default)]
pub(super) struct Owners {
    columns: usize,
    /// Index + 1; 0 for none.
    squares: Vec<u32>,
}

impl Owners {
    fn note(&mut self, modules: &[Module]) {
        let end = |i: usize| {
            let ends = modules.iter().map(|module| module.sides[i].max(0.0));
            ends.fold(0.0, f32::max) as usize / SQUARE + 1
        };
        self.columns = end(2);
        self.squares.clear();
        self.squares.resize(self.columns * end(3), 0);
        for (at, module) in modules.iter().enumerate() {
            let [left, top, right, bottom] = module.sides.map(|of| of.max(0.0) as usize / SQUARE);
            for row in self.squares.chunks_exact_mut(self.columns).take(bottom + 1).skip(top) {
                for square in row.iter_mut().take(right + 1).skip(left) {
                    *square = at as u32 + 1;
                }
            }
        }
    }

    fn of(&self, [u, v]: [f32; 2]) -> Option<usize> {
        if u < 0.0 || v < 0.0 || u as usize / SQUARE >= self.columns {
            return None;
        }
        let square = self.squares.get(v as usize / SQUARE * self.columns + u as usize / SQUARE)?;
        (*square as usize).checked_sub(1)
    }
}
