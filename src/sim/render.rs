//! Scene and pose → a frame of temperatures as the camera sees them.

use super::draws::{Draws, Stream};
use super::params::{Camera, Params};
use super::scene::{Scene, SpotAt};
use super::view::View;

/// A clear sky, in degrees Celsius; only very shallow views show it.
const SKY_C: f32 = -40.0;
/// How much of the ground's texture shows on an asset.
const TEXTURE_ON_ASSETS: f64 = 0.3;
/// A spot is drawn out to so many sigma; beyond, less than 4e-6 of it remains.
const REACH_SIGMA: f64 = 5.0;

/// A spot as one frame sees it.
struct SeenSpot {
    place_m: [f64; 2],
    /// Contrast behind the lens blur.
    peak_k: f64,
    /// Inverse of the blurred profile's covariance: ee, en, nn in 1/m².
    inverse: [f64; 3],
    /// First and last column and row, last excluded.
    columns: [usize; 2],
    rows: [u32; 2],
}

/// Renders the frames of one flight.
#[derive(Debug)]
pub(super) struct Renderer<'a> {
    scene: &'a Scene,
    camera: &'a Camera,
    seed: u64,
    stuck: Vec<(u32, usize, f32)>,
}

impl<'a> Renderer<'a> {
    /// The camera of a flight over a scene.
    pub(super) fn new(scene: &'a Scene, params: &'a Params) -> Self {
        let camera = &params.camera;
        let mut draws = Draws::new(params.seed, Stream::Sensor, 0);
        let stuck = (0..camera.stuck_pixels)
            .map(|_| {
                let row = draws.below(camera.height_px as usize) as u32;
                let column = draws.below(camera.width_px as usize);
                let size = draws.between(2.0, 6.0) as f32;
                (row, column, if draws.uniform() < 0.5 { -size } else { size })
            })
            .collect();
        Self { scene, camera, seed: params.flight_seed(), stuck }
    }

    /// Degrees Celsius, row by row, of the frame with a number, seen from `view`.
    pub(super) fn frame(&self, number: u32, view: &View, celsius: &mut Vec<f32>) {
        let width = self.camera.width_px as usize;
        let spots: Vec<_> = self.scene.at.iter().filter_map(|spot| self.seen(spot, view)).collect();
        let sensor = Sensor::at(self.camera, self.seed, number);
        let mut noise = Draws::new(self.seed, Stream::Noise, u64::from(number));
        let mut ground = vec![None; width];
        celsius.clear();
        celsius.reserve(width * self.camera.height_px as usize);
        for row in 0..self.camera.height_px {
            view.ground_row(row, &mut ground);
            let start = celsius.len();
            self.ground_row(view, &ground, row, celsius);
            let pixels = &mut celsius[start..];
            for spot in spots.iter().filter(|s| (s.rows[0]..s.rows[1]).contains(&row)) {
                spot.add(&ground, pixels);
            }
            sensor.add(row, &mut noise, pixels);
            for &(_, column, size) in self.stuck.iter().filter(|stuck| stuck.0 == row) {
                pixels[column] += size;
            }
        }
    }

    fn ground_row(
        &self,
        view: &View,
        ground: &[Option<[f64; 2]>],
        row: u32,
        celsius: &mut Vec<f32>,
    ) {
        let middle_px = f64::from(self.camera.width_px) / 2.0;
        let steps = view.metres_a_pixel(middle_px, f64::from(row) + 0.5);
        // Not 0, since flanks are divided by it; only rows that are mostly sky have no steps.
        let pixel_m = steps.map_or(0.001, |[right, _]| right[0].hypot(right[1]));
        // An edge seen through the lens rises over about four sigma of its blur, or one pixel.
        let rise_m = pixel_m * (4.0 * self.camera.psf_px).max(1.0);
        let near: Vec<_> = self
            .scene
            .assets
            .iter()
            .filter(|asset| {
                let mut places = ground.iter().step_by(8).flatten();
                places.any(|&place| {
                    asset.shape.may_touch(place, rise_m.max(asset.flank_m) + 8.0 * pixel_m)
                })
            })
            .collect();
        for place in ground {
            let Some(place) = *place else {
                celsius.push(SKY_C);
                continue;
            };
            let texture = f64::from(self.scene.texture.at(place[0] as f32, place[1] as f32));
            let mut value = self.scene.mean_c + texture;
            for asset in &near {
                let rise_m = rise_m.max(asset.flank_m);
                if !asset.shape.may_touch(place, rise_m) {
                    continue;
                }
                let inward = 0.5 - asset.shape.distance_m(place) / rise_m;
                let share = inward.clamp(0.0, 1.0);
                let share = share * share * (3.0 - 2.0 * share);
                let on_it = self.scene.mean_c + asset.delta_k + TEXTURE_ON_ASSETS * texture;
                value += share * (on_it - value);
            }
            celsius.push(value as f32);
        }
    }

    /// The spot behind the lens: its profile's covariance plus the blur's, turned into metres.
    fn seen(&self, spot: &SpotAt, view: &View) -> Option<SeenSpot> {
        let [x_px, y_px] = view.pixel(spot.place_m)?;
        let [right, down] = view.metres_a_pixel(x_px, y_px)?;
        let blur = self.camera.psf_px * self.camera.psf_px;
        let own = spot.sigma_m * spot.sigma_m;
        let ee = own + blur * (right[0] * right[0] + down[0] * down[0]);
        let nn = own + blur * (right[1] * right[1] + down[1] * down[1]);
        let en = blur * (right[0] * right[1] + down[0] * down[1]);
        let determinant = ee * nn - en * en;
        // The finer of the two steps sets how many pixels the reach takes at most.
        let step_m = right[0].hypot(right[1]).min(down[0].hypot(down[1]));
        let reach_px = REACH_SIGMA * ee.max(nn).sqrt() / step_m + 2.0;
        let clip = |middle: f64, end: u32| {
            let end = f64::from(end);
            [(middle - reach_px).clamp(0.0, end), (middle + reach_px).clamp(0.0, end)]
        };
        let columns = clip(x_px, self.camera.width_px).map(|x| x as usize);
        let rows = clip(y_px, self.camera.height_px).map(|y| y as u32);
        (columns[0] < columns[1] && rows[0] < rows[1]).then(|| SeenSpot {
            place_m: spot.place_m,
            // A blur keeps the sum: the peak falls as the area grows.
            peak_k: spot.delta_k * own / determinant.sqrt(),
            inverse: [nn / determinant, -en / determinant, ee / determinant],
            columns,
            rows,
        })
    }
}

impl SeenSpot {
    fn add(&self, ground: &[Option<[f64; 2]>], pixels: &mut [f32]) {
        let [first, end] = self.columns;
        for (place, pixel) in ground[first..end].iter().zip(&mut pixels[first..end]) {
            let Some(place) = place else { continue };
            let (de, dn) = (place[0] - self.place_m[0], place[1] - self.place_m[1]);
            let [ee, en, nn] = self.inverse;
            let distance = ee * de * de + 2.0 * en * de * dn + nn * dn * dn;
            if distance < REACH_SIGMA * REACH_SIGMA {
                *pixel += (self.peak_k * (-0.5 * distance).exp()) as f32;
            }
        }
    }
}

/// What the sensor adds to one frame, in kelvin.
struct Sensor {
    columns_k: Vec<f32>,
    rows_k: Vec<f32>,
    vignette_k: f32,
    /// Offset, and shading by x·y and by x² - y².
    drift_k: [f32; 3],
    noise_k: f32,
    /// What stays of each pixel.
    lasting_k: f32,
    seed: u64,
    half: [f32; 2],
}

impl Sensor {
    /// Drift grows from one shutter event to the next, each time another way; the fixed pattern
    /// is what the last event left.
    fn at(camera: &Camera, seed: u64, number: u32) -> Self {
        let every = camera.shutter_every_frames.max(1);
        let mut draws = Draws::new(seed, Stream::Shutter, u64::from(number / every));
        let grown = camera.drift_k * f64::from(number % every) / f64::from(every);
        let drift_k =
            [1.0, 0.5, 0.5].map(|weight| (grown * weight * draws.between(-1.0, 1.0)) as f32);
        let mut lens = Draws::new(seed, Stream::Lens, 0);
        let (left_k, lasting_k) = (camera.fixed_pattern_k, camera.lasting_pattern_k);
        let mut stripe = || (left_k * draws.normal() + lasting_k * lens.normal()) as f32;
        let mut pattern = |count: u32| (0..count).map(|_| stripe()).collect::<Vec<f32>>();
        Self {
            columns_k: pattern(camera.width_px),
            rows_k: pattern(camera.height_px),
            vignette_k: camera.vignette_k as f32,
            drift_k,
            noise_k: camera.noise_k as f32,
            lasting_k: lasting_k as f32,
            seed,
            half: [camera.width_px as f32 / 2.0, camera.height_px as f32 / 2.0],
        }
    }

    fn add(&self, row: u32, noise: &mut Draws, pixels: &mut [f32]) {
        let y = (row as f32 + 0.5) / self.half[1] - 1.0;
        let row_k = self.rows_k[row as usize] + self.drift_k[0];
        for (column, (pixel, column_k)) in pixels.iter_mut().zip(&self.columns_k).enumerate() {
            let x = (column as f32 + 0.5) / self.half[0] - 1.0;
            let shading = self.drift_k[1] * x * y + self.drift_k[2] * (x * x - y * y)
                - 0.5 * self.vignette_k * (x * x + y * y);
            *pixel += row_k + column_k + shading + self.noise_k * noise.quick_normal();
        }
        if self.lasting_k > 0.0 {
            let mut lens = Draws::new(self.seed, Stream::Lens, 1 + u64::from(row));
            pixels.iter_mut().for_each(|pixel| *pixel += self.lasting_k * lens.quick_normal());
        }
    }
}
