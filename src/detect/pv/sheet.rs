//! The frame seen so that the lines of modules run along rows and columns.

use super::edges::{Family, half_frame};

/// The rectified picture has at most this many times the frame's pixels.
const MOST_GROWTH: f64 = 3.0;

/// Between places on the sheet and on the frame, both in pixels.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct View {
    /// The frame's middle and half its longer side.
    middle: [f64; 2],
    half: f64,
    /// Where a column and a row lead, per half frame.
    across: [f64; 2],
    down: [f64; 2],
    vanishing: [f64; 2],
    /// The sheet's place of the frame's middle.
    origin: [f64; 2],
}

impl View {
    /// The place on the frame.
    pub(super) fn to_frame(self, [u, v]: [f64; 2]) -> [f64; 2] {
        let (u, v) = ((u - self.origin[0]) / self.half, (v - self.origin[1]) / self.half);
        let scale = self.half / (1.0 + self.vanishing[0] * u + self.vanishing[1] * v);
        [0, 1].map(|i| self.middle[i] + scale * (self.across[i] * u + self.down[i] * v))
    }

    /// The place on the sheet; `None` beyond the horizon.
    pub(super) fn to_sheet(self, place: [f64; 2]) -> Option<[f64; 2]> {
        let p = [0, 1].map(|i| (place[i] - self.middle[i]) / self.half);
        let a = [0, 1].map(|i| self.across[i] - self.vanishing[0] * p[i]);
        let b = [0, 1].map(|i| self.down[i] - self.vanishing[1] * p[i]);
        let determinant = a[0] * b[1] - a[1] * b[0];
        let u = (p[0] * b[1] - p[1] * b[0]) / determinant;
        let v = (a[0] * p[1] - a[1] * p[0]) / determinant;
        let depth = 1.0 + self.vanishing[0] * u + self.vanishing[1] * v;
        let is_here = determinant > 0.1 && depth > 0.1;
        is_here.then_some([self.origin[0] + u * self.half, self.origin[1] + v * self.half])
    }
}

/// The rectified picture, in steps; 0 where there is no temperature.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) view: View,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) values: Vec<f32>,
}

impl Sheet {
    /// Draws a frame anew; `false` where the view makes no sense.
    #[inline(always)]
    pub(super) fn draw(&mut self, frame: &[u16], width: usize, families: [Family; 2]) -> bool {
        let height = frame.len() / width;
        let [upright, level] = families.map(|family| {
            // Columns lead to the right, rows down.
            let turn = if family.along[0] + family.along[1] < 0.0 { -1.0 } else { 1.0 };
            (family.along.map(|of| of * turn), family.vanishing * turn)
        });
        let mut view = View {
            middle: [width as f64 / 2.0, height as f64 / 2.0],
            half: half_frame(width, height),
            across: level.0,
            down: upright.0,
            vanishing: [level.1, upright.1],
            origin: [0.0, 0.0],
        };
        if view.across[0] * view.down[1] - view.across[1] * view.down[0] < 0.5 {
            // Upright lines that lean far: turn them back into a right-handed pair.
            view.down = view.down.map(|of| -of);
            view.vanishing[1] = -view.vanishing[1];
        }
        let fits = |view: &mut View| {
            let (right, bottom) = (width as f64, height as f64);
            let corners = [[0.0, 0.0], [right, 0.0], [0.0, bottom], [right, bottom]];
            let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
            for corner in corners {
                let place = view.to_sheet(corner)?;
                for i in 0..2 {
                    low[i] = low[i].min(place[i]);
                    high[i] = high[i].max(place[i]);
                }
            }
            let size = [0, 1].map(|i| (high[i] - low[i]).ceil());
            view.origin = low.map(|of| -of);
            let is_small = size[0] * size[1] <= MOST_GROWTH * right * bottom;
            is_small.then_some(size.map(|of| of as usize))
        };
        let mut size = fits(&mut view);
        if size.is_none() {
            view.vanishing = [0.0; 2];
            view.origin = [0.0; 2];
            size = fits(&mut view);
        }
        let Some([columns, rows]) = size else { return false };
        (self.view, self.width, self.height) = (view, columns, rows);
        self.fill(frame, width);
        columns > 0 && rows > 0
    }

    #[inline(always)]
    fn fill(&mut self, frame: &[u16], width: usize) {
        let height = frame.len() / width;
        let view = self.view;
        self.values.clear();
        self.values.resize(self.width * self.height, 0.0);
        let half = view.half as f32;
        let [step_x, step_y] = view.across.map(|of| of as f32);
        let step_depth = view.vanishing[0] as f32 / half;
        for (v, row) in self.values.chunks_exact_mut(self.width.max(1)).enumerate() {
            let v = (v as f64 + 0.5 - view.origin[1]) / view.half;
            let u = (0.5 - view.origin[0]) / view.half;
            let start =
                [0, 1].map(|i| ((view.across[i] * u + view.down[i] * v) * view.half) as f32);
            let depth = (1.0 + view.vanishing[0] * u + view.vanishing[1] * v) as f32;
            // Places of pixel middles: half a pixel from the outer corner.
            let (off_x, off_y) = (view.middle[0] as f32 - 0.5, view.middle[1] as f32 - 0.5);
            for (u, value) in row.iter_mut().enumerate() {
                let u = u as f32;
                let scale = 1.0 / (depth + step_depth * u);
                let x = off_x + scale * (start[0] + step_x * u);
                let y = off_y + scale * (start[1] + step_y * u);
                if x >= 0.0 && y >= 0.0 {
                    *value = between(frame, width, height, x, y);
                }
            }
        }
    }

    /// The value at a place; 0 outside.
    pub(super) fn at(&self, u: f32, v: f32) -> f32 {
        let is_inside = u >= 0.0 && v >= 0.0 && u < self.width as f32 && v < self.height as f32;
        if is_inside { self.values[v as usize * self.width + u as usize] } else { 0.0 }
    }
}

/// The value between four pixels; 0 where one of them is none.
#[inline(always)]
fn between(frame: &[u16], width: usize, height: usize, x: f32, y: f32) -> f32 {
    let (left, top) = (x as u32 as usize, y as u32 as usize);
    let (share_x, share_y) = (x - left as u32 as f32, y - top as u32 as f32);
    if left + 1 >= width || top + 1 >= height {
        return 0.0;
    }
    let rows = &frame[top * width + left..];
    let (Some(&[a, b]), Some(&[c, d])) = (rows.first_chunk(), rows[width..].first_chunk()) else {
        return 0.0;
    };
    if a == 0 || b == 0 || c == 0 || d == 0 {
        return 0.0;
    }
    let [a, b, c, d] = [a, b, c, d].map(f32::from);
    let upper = a + share_x * (b - a);
    let lower = c + share_x * (d - c);
    upper + share_y * (lower - upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let families = [
            Family { along: [0.2, 0.98], vanishing: 0.2 },
            Family { along: [0.98, -0.2], vanishing: -0.1 },
        ];
        let frame = vec![300u16; 64 * 48];
        let mut sheet = Sheet::default();
        assert!(sheet.draw(&frame, 64, families));
        for place in [[5.0, 7.0], [60.0, 40.0], [32.0, 24.0]] {
            let there = sheet.view.to_sheet(place).unwrap();
            let back = sheet.view.to_frame(there);
            assert!((back[0] - place[0]).hypot(back[1] - place[1]) < 1e-9);
            assert!((sheet.at(there[0] as f32, there[1] as f32) - 300.0).abs() < 0.1);
        }
        assert!(sheet.at(-1.0, 3.0) < 0.1);
    }
}
