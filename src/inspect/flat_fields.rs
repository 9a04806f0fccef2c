//! The fixed pattern of each flight's sensor, out of some of its frames, before any is inspected.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::case::{self, Case};
use crate::detect::FlatField;
use crate::geo::{Geodetic, LocalFrame};
use crate::thermal::{self, Frame, PlaneUnit};

use super::inputs::Input;
use super::worker::{Worker, hexadecimal};
use super::{Clocks, Params, Watch};

/// Frames of a folder that are looked at, spread evenly over it: a pattern needs no more.
const MOST_FRAMES: usize = 48;

/// Of a sequence one frame in so many is looked at: the ground between them has moved on.
const OF_SEQUENCE: usize = 16;

/// Fewest frames that tell a pattern from the ground.
const LEAST_FRAMES: usize = 12;

/// Weaker patterns, in kelvin root mean square, are left where they are: they hide in the noise of
/// any uncooled sensor, and what was left of noise in the median is as strong.
const LEAST_RMS_K: f64 = 0.02;

/// Frames tell apart what stays in the picture and what stays on the ground if the picture's middle
/// moved by at least this share of its narrower side: 32 pixels of 512, more than what is held
/// against each other there.
const MOVED_SHARE: f64 = 1.0 / 16.0;

/// Larger pictures are put together of several: no uncooled sensor has so many pixels.
const MOST_PIXELS: u32 = 2 << 20;

/// A pause of more than so many seconds ends a flight; the sensor is colder or warmer after it.
const PAUSE_S: f64 = 1_800.0;

/// What frames that may share a pattern have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    folder: String,
    camera: String,
    width_px: u32,
    height_px: u32,
    /// Bits of the step in kelvin.
    step: u64,
}

/// What was found of a sensor's fixed pattern.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlatFieldAccount {
    /// The folder of its frames.
    pub folder: String,
    /// Make, model and serial number of the camera.
    pub camera: String,
    /// Frames that told it.
    pub frames: usize,
    /// Root mean square of what is taken off each frame, in kelvin.
    pub rms_k: f64,
    /// The file in the case that holds it.
    pub file: String,
    /// The file's SHA-256.
    pub sha256: String,
}

/// The pattern of one flight.
#[derive(Debug)]
pub(super) struct Field {
    /// When its first and last frame were taken, in seconds on the camera's clock.
    span_s: [f64; 2],
    pub(super) flat: FlatField,
    tiff: Vec<u8>,
    account: FlatFieldAccount,
}

impl Field {
    /// The file in the case that holds it.
    pub(super) fn file(&self) -> &str {
        &self.account.file
    }
}

/// The patterns of all flights.
#[derive(Debug, Default)]
pub(super) struct FlatFields {
    fields: BTreeMap<Key, Vec<Field>>,
}

/// A frame that may tell.
struct Sample {
    key: Key,
    seconds: f64,
    plane: Vec<u16>,
    middle: Geodetic,
    /// The narrower side of its footprint in metres.
    side_m: f64,
}

impl FlatFields {
    /// Of the flights among `inputs`, if they are asked for. Frames that overlap too much, as of a
    /// camera that stays where it is, tell nothing, nor do frames without a place or temperatures.
    ///
    /// Whatever the number of threads, the same comes out; the frames of one folder are held.
    pub(super) fn find(
        inputs: &[Input],
        params: &Params,
        clocks: &Clocks,
        watch: &dyn Watch,
    ) -> Self {
        let mut found = Self::default();
        if !params.flat_field {
            return found;
        }
        let mut folders: BTreeMap<&str, Vec<&Input>> = BTreeMap::new();
        for input in inputs {
            folders.entry(input.folder()).or_default().push(input);
        }
        for inputs in folders.values() {
            let looked_at = inputs.iter().step_by(inputs.len().div_ceil(MOST_FRAMES).max(1));
            let of_each = MOST_FRAMES.div_ceil(looked_at.len());
            let looked_at: Vec<_> = looked_at.collect();
            let samples: Vec<Vec<Sample>> = looked_at
                .par_iter()
                .map(|input| match watch.stop().load(Ordering::Relaxed) {
                    true => Vec::new(),
                    false => samples(input, of_each, params, clocks),
                })
                .collect();
            for flight in flights(samples.into_iter().flatten()) {
                found.add(flight);
            }
        }
        found
    }

    fn add(&mut self, mut flight: Vec<Sample>) {
        thin_out(&mut flight);
        let (Some(first), Some(last)) = (flight.first(), flight.last()) else { return };
        if flight.len() < LEAST_FRAMES {
            return;
        }
        let (key, span_s) = (first.key.clone(), [first.seconds, last.seconds]);
        let planes: Vec<&[u16]> = flight.iter().map(|sample| &*sample.plane).collect();
        let step_k = f64::from_bits(key.step);
        let Some(flat) = FlatField::of(&planes, key.width_px as usize) else { return };
        let rms_k = flat.rms() * step_k;
        if rms_k < LEAST_RMS_K {
            return;
        }
        let tiff = flat.to_tiff(step_k);
        let sha256 = hexadecimal(&Sha256::digest(&tiff));
        let account = FlatFieldAccount {
            folder: key.folder.clone(),
            camera: key.camera.clone(),
            frames: planes.len(),
            rms_k: (rms_k * 1000.0).round() / 1000.0,
            file: Case::flat_field_file(&sha256),
            sha256,
        };
        self.fields.entry(key).or_default().push(Field { span_s, flat, tiff, account });
    }

    /// The pattern of the flight that a frame is of.
    pub(super) fn of(&self, input: &Input, frame: &Frame, unit: PlaneUnit) -> Option<&Field> {
        // Where none was asked for no frame should pay for its key.
        if self.fields.is_empty() {
            return None;
        }
        let fields = self.fields.get(&key_of(input, frame, unit)?)?;
        let seconds = seconds_of(frame);
        let away_s = |field: &Field| {
            let [first, last] = field.span_s;
            (first - seconds).max(seconds - last).max(0.0)
        };
        let nearest = fields.iter().min_by(|a, b| away_s(a).total_cmp(&away_s(b)))?;
        (away_s(nearest) <= PAUSE_S).then_some(nearest)
    }

    /// Keeps them in the case.
    pub(super) fn keep(&self, case: &Case) -> Result<(), case::Error> {
        let mut all = self.fields.values().flatten();
        all.try_for_each(|field| case.keep_flat_field(&field.account.sha256, &field.tiff))
    }

    /// In the order of folders, cameras and time.
    pub(super) fn accounts(&self) -> Vec<FlatFieldAccount> {
        self.fields.values().flatten().map(|field| field.account.clone()).collect()
    }
}

fn seconds_of(frame: &Frame) -> f64 {
    frame.metadata.taken_at.map_or(0.0, |time| time.seconds())
}

/// `None` without temperatures, and for pictures that are no sensor's.
fn key_of(input: &Input, frame: &Frame, unit: PlaneUnit) -> Option<Key> {
    let PlaneUnit::Kelvin { step_k, .. } = unit else { return None };
    let pixels = frame.thermogram.width().saturating_mul(frame.thermogram.height());
    (pixels <= MOST_PIXELS).then(|| Key {
        folder: input.folder().to_owned(),
        camera: frame.metadata.camera.name(),
        width_px: frame.thermogram.width(),
        height_px: frame.thermogram.height(),
        step: step_k.to_bits(),
    })
}

/// Up to `most` frames of a file that can be read and have a place.
fn samples(input: &Input, most: usize, params: &Params, clocks: &Clocks) -> Vec<Sample> {
    let Ok(frames) = thermal::open(&input.path, &params.read) else { return Vec::new() };
    let no_fields = FlatFields::default();
    let worker = Worker::new(params, clocks, &no_fields);
    let told = frames.step_by(OF_SEQUENCE).take(most).flatten();
    told.filter_map(|frame| {
        let mut plane = Vec::new();
        let unit = frame.thermogram.plane(&mut plane);
        let key = key_of(input, &frame, unit)?;
        let corners = worker.footprint(input, &frame)?;
        let plane_at = LocalFrame::at(&corners[0]);
        let [right, across, down] = [1, 2, 3].map(|at| plane_at.enu(&corners[at]).xy());
        let middle = (right + across + down) / 4.0;
        Some(Sample {
            key,
            seconds: seconds_of(&frame),
            plane,
            middle: plane_at.geodetic(&middle.push(0.0)),
            side_m: right.norm().min(down.norm()),
        })
    })
    .collect()
}

/// Samples of one key between two pauses, each in the order of time.
fn flights(samples: impl Iterator<Item = Sample>) -> Vec<Vec<Sample>> {
    let mut of_keys: BTreeMap<Key, Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        of_keys.entry(sample.key.clone()).or_default().push(sample);
    }
    let mut flights: Vec<Vec<Sample>> = Vec::new();
    for mut samples in of_keys.into_values() {
        samples.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        let mut before = f64::NEG_INFINITY;
        for sample in samples {
            let goes_on = sample.seconds - before <= PAUSE_S;
            before = sample.seconds;
            match flights.last_mut().filter(|_| goes_on) {
                Some(flight) => flight.push(sample),
                None => flights.push(vec![sample]),
            }
        }
    }
    flights
}

/// Leaves out what shows nearly the same as one before it.
fn thin_out(flight: &mut Vec<Sample>) {
    let mut kept: Vec<Geodetic> = Vec::new();
    flight.retain(|sample| {
        let (frame, least_m) = (LocalFrame::at(&sample.middle), MOVED_SHARE * sample.side_m);
        let is_new = kept.iter().all(|middle| frame.enu(middle).xy().norm() >= least_m);
        kept.extend(is_new.then_some(sample.middle));
        is_new
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of some camera whose middle lies so many metres north.
    fn sample(camera: &str, seconds: f64, north_m: f64) -> Sample {
        let home = Geodetic::from_degrees(52.77, 5.43, 0.0);
        let key = Key {
            folder: "DCIM".to_owned(),
            camera: camera.to_owned(),
            width_px: 640,
            height_px: 512,
            step: 0.01_f64.to_bits(),
        };
        let middle = LocalFrame::at(&home).geodetic(&nalgebra::Vector3::new(0.0, north_m, 0.0));
        Sample { key, seconds, plane: Vec::new(), middle, side_m: 32.0 }
    }

    #[test]
    fn a_battery_and_another_camera_make_another_flight() {
        let taken = [("a", 0.0), ("b", 5.0), ("a", 1_000.0), ("a", 2_900.0), ("a", 2_000.0)];
        let samples = taken.map(|(camera, seconds)| sample(camera, seconds, 0.0));
        let seconds = |flight: &Vec<Sample>| flight.iter().map(|one| one.seconds).collect();
        let found: Vec<Vec<f64>> = flights(samples.into_iter()).iter().map(seconds).collect();
        assert_eq!(found, [vec![0.0, 1_000.0, 2_000.0, 2_900.0], vec![5.0]]);
        let apart = [0.0, 1_800.0, 3_601.0].map(|seconds| sample("a", seconds, 0.0));
        let lengths: Vec<usize> = flights(apart.into_iter()).iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 1]);
    }

    #[test]
    fn what_hides_in_the_noise_is_left_where_it_is() {
        let found = |steps: u64| {
            // Numbers from 0 to 15 that no frame and no pixel shares.
            let mixed = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 60;
            let frame = |number: u64| {
                let value = |at: u64| 29_000 + mixed(number * 7_919 + at * at) + steps * (at % 2);
                let plane = (0..640 * 512).map(|at| value(at) as u16).collect();
                Sample { plane, ..sample("a", number as f64, 3.0 * number as f64) }
            };
            let mut fields = FlatFields::default();
            fields.add((0..14).map(frame).collect());
            fields.accounts().first().map(|account| account.rms_k)
        };
        assert_eq!(found(0), None);
        assert_eq!(found(3), None);
        let rms_k = found(12).unwrap();
        assert!((rms_k - 0.06).abs() < 0.01, "{rms_k}");
    }

    #[test]
    fn frames_that_show_the_same_count_once() {
        // A sixteenth of 32 m is two.
        let mut flight = [0.0, 1.0, 2.5, 3.0, 4.4, 4.6, 0.5]
            .map(|north_m| sample("a", 10.0 * north_m, north_m))
            .into_iter()
            .collect();
        thin_out(&mut flight);
        let kept: Vec<f64> = flight.iter().map(|one| one.seconds).collect();
        assert_eq!(kept, [0.0, 25.0, 46.0]);
    }
}
