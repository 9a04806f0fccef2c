//! Frames of solar modules for the tests, drawn pixel by pixel.

use super::super::stage::Plane;
use crate::thermal::PlaneUnit;

/// Tables of modules on flat ground, in steps of 0.01 K.
#[derive(Debug, Clone, Copy)]
pub(in crate::detect) struct Tables {
    pub(in crate::detect) width: usize,
    pub(in crate::detect) height: usize,
    pub(in crate::detect) turn_rad: f32,
    /// Size of a module in pixels.
    pub(in crate::detect) module: [f32; 2],
    /// Of the lines between modules, in steps.
    pub(in crate::detect) line: f32,
}

/// Rows of modules to a table, and the ground between tables in modules.
const ROWS: f32 = 3.0;
const GROUND: f32 = 1.0;

impl Tables {
    /// Column, row (from the table's), and shares of the module at a place; `None` for ground.
    pub(in crate::detect) fn place(&self, x: f32, y: f32) -> Option<([i32; 2], [f32; 2])> {
        let (sin, cos) = self.turn_rad.sin_cos();
        let across = (x * cos + y * sin) / self.module[0] + 100.3;
        let down = (y * cos - x * sin) / self.module[1] + 100.4;
        let row = down.rem_euclid(ROWS + GROUND);
        let rows = (down / (ROWS + GROUND)).floor() as i32 * 10 + row as i32;
        (row < ROWS).then(|| ([across as i32, rows], [across.fract(), row.fract()]))
    }

    /// The frame; `warm` are the steps above the others for a column, a row, and a place.
    pub(in crate::detect) fn draw(&self, warm: impl Fn([i32; 2], [f32; 2]) -> f32) -> Vec<u16> {
        let mut state = 7u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as f32 / 255.0 * 16.0 - 8.0
        };
        let value = |x: f32, y: f32| {
            self.place(x, y).map_or(30_200.0, |(index, share)| {
                let near = [0, 1].map(|i| share[i].min(1.0 - share[i]) * self.module[i]);
                let is_line = near[0].min(near[1]) < 0.9;
                30_500.0 + if is_line { self.line } else { warm(index, share) }
            })
        };
        // A lens blurs over more than a pixel.
        const AROUND: [f32; 4] = [-0.25, 0.25, 0.75, 1.25];
        let pixels = (0..self.width * self.height).map(|at| {
            let (x, y) = ((at % self.width) as f32, (at / self.width) as f32);
            let rows = AROUND.map(|dy| AROUND.map(|dx| value(x + dx, y + dy)).iter().sum::<f32>());
            (rows.iter().sum::<f32>() / 16.0 + noise()) as u16
        });
        pixels.collect()
    }
}

pub(in crate::detect) fn plane(values: &[u16], width: usize) -> Plane<'_> {
    Plane {
        width_px: width as u32,
        height_px: (values.len() / width) as u32,
        values,
        unit: PlaneUnit::Kelvin { step_k: 0.01, origin_c: -273.15 },
        saturated_from: None,
    }
}
