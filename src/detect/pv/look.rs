//! A frame's modules, and what they say of its detections.

use crate::thermal::PlaneUnit;

use super::super::Detection;
use super::super::noise::pixel_noise;
use super::super::stage::Plane;
use super::classes::anomalies;
use super::compare::compare;
use super::edges::Edges;
use super::findings::{Known, Owners, Units};
use super::grid::Grid;
use super::lines::Lines;
use super::period::Periods;
use super::sheet::Sheet;

/// Frames with more pixels are not looked at: mosaics, which are no views of one camera.
const MOST_PIXELS: usize = 1 << 22;

/// Frames that are narrower or lower have no grid.
const LEAST_SIDE: usize = 48;

/// The search for modules with its working memory, for one frame after the other.
#[derive(Debug, Default)]
pub(in crate::detect) struct Modules {
    differences: Vec<u16>,
    edges: Edges,
    sheet: Sheet,
    lines: Lines,
    periods: Periods,
    grid: Grid,
    owners: Owners,
}

impl Modules {
    /// Looks for a grid of modules in a frame with temperatures.
    ///
    /// If there is one, modules that stand out from their neighbours are added, with the class of
    /// what is warm; what was found of them before is replaced; and every other detection is
    /// weighed anew, those on a module beside the same part of the other modules. If there is none,
    /// nothing changes.
    ///
    /// `found` need not be sorted, and is not afterwards. Modules that the border cuts are left
    /// out.
    #[inline(always)]
    pub(in crate::detect) fn look(&mut self, plane: &Plane<'_>, found: &mut Vec<Detection>) {
        let (width, height) = (plane.width_px as usize, plane.height_px as usize);
        self.grid.modules.clear();
        let PlaneUnit::Kelvin { step_k, origin_c } = plane.unit else { return };
        let is_usable = step_k.is_finite() && step_k > 0.0 && origin_c.is_finite();
        if !is_usable || width.min(height) < LEAST_SIDE || width * height > MOST_PIXELS {
            return;
        }
        let noise = pixel_noise(plane.values, width, &mut self.differences).max(1.0);
        let Some(families) = self.edges.families(plane.values, width, noise) else { return };
        if !self.sheet.draw(plane.values, width, families) {
            return;
        }
        self.lines.respond(&self.sheet, noise);
        let periods = self.periods.of(&self.lines);
        self.grid.find(&self.sheet, &mut self.lines, &periods);
        let modules = &self.grid.modules;
        if modules.is_empty() {
            return;
        }
        let (shape, compared) = compare(&self.sheet, modules, step_k);
        let anomalies = anomalies(modules, &compared, &shape, step_k);
        let strength: f32 = modules.iter().map(|module| module.strength).sum();
        let (width, height) = (width as u16, height as u16);
        let known = Known {
            view: self.sheet.view,
            modules,
            compared: &compared,
            anomalies: &anomalies,
            shape: &shape,
            frame_sides: f64::from(strength) / modules.len() as f64,
            units: Units { step_k, origin_c, noise, width, height },
        };
        known.apply(found, &mut self.owners);
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawn::{Tables, plane};
    use super::*;
    use crate::detect::Reason;

    const TABLES: Tables =
        Tables { width: 320, height: 240, turn_rad: 0.3, module: [28.0, 46.0], line: 100.0 };

    fn look(values: &[u16], width: usize) -> Vec<Detection> {
        let mut found = Vec::new();
        Modules::default().look(&plane(values, width), &mut found);
        found
    }

    fn middle() -> [i32; 2] {
        let places = (0..40).filter_map(|dy| TABLES.place(160.0, 110.0 + dy as f32));
        places.map(|place| place.0).next().unwrap()
    }

    #[test]
    fn a_warm_module_a_section_and_a_string_are_told_apart() {
        let [column, row] = middle();
        let is_in = |index: [i32; 2], columns: i32| {
            index[1] == row && (column..column + columns).contains(&index[0])
        };
        for (reason, count, warm) in
            [(Reason::Module, 1, 1), (Reason::Substring, 1, 1), (Reason::String, 4, 4)]
        {
            let values = TABLES.draw(|index, share| {
                let is_warm = reason != Reason::Substring || share[0] < 1.0 / 3.0;
                if is_warm && is_in(index, warm) { 400.0 } else { 0.0 }
            });
            let found = look(&values, TABLES.width);
            assert_eq!(found.len(), count, "{reason:?} {found:?}");
            for found in found {
                assert!(found.reasons.contains(reason), "{reason:?} {found:?}");
                assert!((found.delta - 4.0).abs() < 0.3, "{found:?}");
            }
        }
    }

    #[test]
    fn colder_lines_and_landscape_are_found_too() {
        let tables = Tables { turn_rad: -0.5, module: [40.0, 24.0], line: -60.0, ..TABLES };
        let values = tables.draw(|_, _| 0.0);
        let mut modules = Modules::default();
        modules.look(&plane(&values, tables.width), &mut Vec::new());
        assert!(modules.grid.modules.len() > 25, "{}", modules.grid.modules.len());
        for module in &modules.grid.modules {
            let [x, y] = modules.sheet.view.to_frame(module.centre().map(f64::from));
            let (_, share) = tables.place(x as f32, y as f32).unwrap();
            assert!(share.iter().all(|share| (share - 0.5).abs() < 0.15), "{share:?}");
        }
    }

    #[test]
    fn without_a_grid_nothing_changes() {
        let mut state = 5u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 20) as u16
        };
        let one_way: Vec<u16> = (0..200 * 160).map(|at| 30_000 + at % 200 % 16 / 14 * 99).collect();
        for values in [
            vec![0; 200 * 160],
            vec![u16::MAX; 200 * 160],
            (0..200 * 160).map(|_| 28_000 + random()).collect(),
            one_way,
        ] {
            let tables = TABLES.draw(|index, _| if index == middle() { 400.0 } else { 0.0 });
            let mut found = look(&tables, TABLES.width);
            let before = found.clone();
            Modules::default().look(&plane(&values, 200), &mut found);
            assert_eq!(found, before);
        }
    }

    #[test]
    fn any_size_will_do_and_the_memory_of_a_frame_leaves_no_trace() {
        let mut modules = Modules::default();
        for (width, height) in
            [(1, 1), (65_535, 1), (1, 700), (48, 48), (49, 300), (3_000, 50), (333, 97)]
        {
            let values = Tables { width, height, ..TABLES }.draw(|_, _| 0.0);
            modules.look(&plane(&values, width), &mut Vec::new());
        }
        let holes = TABLES.draw(|index, _| if index == middle() { 400.0 } else { 0.0 });
        let holes: Vec<u16> = (holes.iter().enumerate())
            .map(|(at, &value)| if at % 997 == 0 { 0 } else { value })
            .collect();
        let mut again = Vec::new();
        modules.look(&plane(&holes, TABLES.width), &mut again);
        assert_eq!(again, look(&holes, TABLES.width));
    }
}
