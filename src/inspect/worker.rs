//! One file → its frames, detections and their places.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::capture::{self, Ground, PoseNote, PosedFrame, Twin};
use crate::case::{FrameRecord, Skipped};
use crate::detect::{Detection, Detector, Plane};
use crate::geo::{Geodetic, Terrain};
use crate::locate::{self, Observation};
use crate::thermal::{self, Frame, Metadata, PlaneUnit};

use super::clocks::Clocks;
use super::flat_fields::{Field, FlatFields};
use super::inputs::Input;
use super::{Params, thumb};

/// What one file gave; frame numbers count from 0 within the file.
#[derive(Debug, Default)]
pub(super) struct FileResult {
    pub(super) frames: Vec<FrameRecord>,
    pub(super) observations: Vec<Observation>,
    pub(super) skipped: Vec<Skipped>,
    /// Name and PNG bytes.
    pub(super) thumbs: Vec<(String, Vec<u8>)>,
}

/// Larger than the files of most cameras.
const LARGER_THAN_A_FILE: usize = 8 << 20;

/// As many workers as there are threads at work. Each keeps its memory from one input to the next.
pub(super) struct Workers<'a> {
    params: &'a Params,
    clocks: &'a Clocks,
    fields: &'a FlatFields,
    idle: Mutex<Vec<Worker<'a>>>,
}

impl<'a> Workers<'a> {
    pub(super) fn new(params: &'a Params, clocks: &'a Clocks, fields: &'a FlatFields) -> Self {
        // glibc gives memory back beyond twice the largest block that was freed, and a frame's
        // pages would be asked for anew with each frame. A larger block, never written to, raises
        // that; other allocators do not mind.
        drop(black_box(Vec::<u8>::with_capacity(LARGER_THAN_A_FILE)));
        Self { params, clocks, fields, idle: Mutex::default() }
    }

    /// All that can be told of one file. Never fails: what goes wrong is in `skipped`.
    pub(super) fn inspect(&self, input: &Input) -> FileResult {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let mut worker =
            waiting.unwrap_or_else(|| Worker::new(self.params, self.clocks, self.fields));
        let result = worker.inspect(input);
        idle().push(worker);
        result
    }
}

/// Working memory of one thread.
pub(super) struct Worker<'a> {
    params: &'a Params,
    clocks: &'a Clocks,
    fields: &'a FlatFields,
    detector: Detector,
    plane: Vec<u16>,
    /// The same without the sensor's fixed pattern.
    flat: Vec<u16>,
}

/// What was seen in a frame.
struct Looked<'a> {
    detections: Vec<Detection>,
    unit: PlaneUnit,
    /// The file in the case with the pattern that was taken off before.
    flat_field: Option<&'a str>,
}

/// A file's identity.
struct Original<'a> {
    input: &'a Input,
    sha256: String,
    bytes: u64,
}

impl<'a> Worker<'a> {
    pub(super) fn new(params: &'a Params, clocks: &'a Clocks, fields: &'a FlatFields) -> Self {
        let detector = Detector::new(params.detect);
        Self { params, clocks, fields, detector, plane: Vec::new(), flat: Vec::new() }
    }

    fn inspect(&mut self, input: &Input) -> FileResult {
        let mut result = FileResult::default();
        if let Err(reason) = self.frames_of(input, &mut result) {
            result.skipped.push(Skipped { file: input.name.clone(), reason });
        }
        result
    }

    fn frames_of(&mut self, input: &Input, result: &mut FileResult) -> Result<(), String> {
        let named = |error: thermal::Error| reason_of(&error, &input.path);
        let bytes = match thermal::contents(&input.path).map_err(named)? {
            thermal::Contents::Picture(bytes) => bytes,
            thermal::Contents::Sequence(file) => return self.sequence(input, file, result),
        };
        let frames = thermal::read_bytes(&input.path, &bytes, &self.params.read).map_err(named)?;
        let sha256 = hexadecimal(&Sha256::digest(&bytes));
        let original = Original { input, sha256, bytes: bytes.len() as u64 };
        for frame in frames {
            self.frame(&original, frame, None, result);
        }
        Ok(())
    }

    /// A file that is too long to hold: read frame by frame, and hashed in a pass of its own once
    /// it turns out to hold one.
    fn sequence(
        &mut self,
        input: &Input,
        mut file: File,
        result: &mut FileResult,
    ) -> Result<(), String> {
        let named = |error: thermal::Error| reason_of(&error, &input.path);
        let mut original = None;
        let mut before = Vec::new();
        for frame in thermal::open(&input.path, &self.params.read).map_err(named)? {
            match frame {
                Ok(frame) => {
                    let original = match &original {
                        Some(original) => original,
                        None => {
                            let (sha256, bytes) =
                                hash(&mut file).map_err(|error| error.to_string())?;
                            original.insert(Original { input, sha256, bytes })
                        }
                    };
                    self.frame(original, frame, Some(&mut before), result);
                }
                Err(error) => result.skipped.push(Skipped {
                    file: input.name.clone(),
                    reason: reason_of(&error, &input.path),
                }),
            }
        }
        Ok(())
    }

    /// `before` is the plane of the frame before in a sequence, and becomes this one's.
    fn frame(
        &mut self,
        original: &Original<'_>,
        frame: Frame,
        before: Option<&mut Vec<u16>>,
        result: &mut FileResult,
    ) {
        let number = result.frames.len() as u32;
        let Looked { detections, unit, flat_field } = self.detect(original.input, &frame);
        let thermogram = &frame.thermogram;
        let (width, height) = (thermogram.width(), thermogram.height());
        let twin = original.input.twin.as_deref().and_then(|twin| twin_of(twin, &frame.metadata));
        let twin = twin.as_ref().map(|metadata| Twin { metadata });
        let shut = before.as_deref().is_some_and(|before| *before == self.plane);
        if let Some(before) = before {
            before.clone_from(&self.plane);
        }
        let posed = if shut {
            Err(SHUTTER_CLOSED.to_owned())
        } else {
            let posed = self.pose(number, original.input, &frame, twin);
            posed.map_err(|reason| reason.to_string())
        };
        let flat = posed
            .as_ref()
            .ok()
            .and_then(|pose| self.flat_ground(pose, original.input, &frame, twin));
        let terrain = self.params.terrain.as_ref().or(flat.as_ref());
        let parameters = parameters(&frame, flat_field).to_string();
        let mut record = FrameRecord {
            frame: number,
            file: original.input.name.clone(),
            index: frame.index,
            sha256: original.sha256.clone(),
            bytes: original.bytes,
            format: frame.format.name().to_owned(),
            camera: self.camera_of(&frame.metadata),
            width_px: width,
            height_px: height,
            taken_at: self.clocks.taken_at((&original.input.name, frame.index), &frame.metadata),
            range_c: range_c(&self.plane, unit),
            pose: None,
            no_pose: None,
            footprint: Vec::new(),
            detections: detections.len() as u32,
            unplaced: Vec::new(),
            warnings: frame.warnings,
            parameters,
        };
        match (posed, terrain) {
            (Ok(pose), Some(terrain)) => {
                place(&pose, terrain, &detections, &mut record, &mut result.observations);
                record.pose = Some(pose);
            }
            (Ok(pose), None) => {
                record.no_pose = Some(NO_GROUND.to_owned());
                record.pose = Some(pose);
            }
            (Err(reason), _) => record.no_pose = Some(reason),
        }
        if let (Some(reason), true) = (&record.no_pose, record.detections > 0) {
            record.unplaced.push((reason.clone(), record.detections));
        }
        let name = format!("{}-{}.png", &original.sha256[..16], record.index);
        if let Some(png) = thumb::thumb(width, height, &self.plane) {
            result.thumbs.push((name, png));
        }
        result.frames.push(record);
    }

    fn detect(&mut self, input: &Input, frame: &Frame) -> Looked<'a> {
        let plane = Plane::of(&frame.thermogram, &mut self.plane);
        let field = self.fields.of(input, frame, plane.unit);
        let detections = match field {
            Some(field) => field.flat.spots(&mut self.detector, &plane, &mut self.flat),
            None => self.detector.detect(&plane),
        };
        Looked { detections, unit: plane.unit, flat_field: field.map(Field::file) }
    }

    /// The corners of a frame on the ground.
    pub(super) fn footprint(&self, input: &Input, frame: &Frame) -> Option<[Geodetic; 4]> {
        let twin = input.twin.as_deref().and_then(|twin| twin_of(twin, &frame.metadata));
        let twin = twin.as_ref().map(|metadata| Twin { metadata });
        let pose = self.pose(0, input, frame, twin).ok()?;
        let flat = self.flat_ground(&pose, input, frame, twin);
        locate::footprint(&pose, self.params.terrain.as_ref().or(flat.as_ref())?)
    }

    fn pose(
        &self,
        number: u32,
        input: &Input,
        frame: &Frame,
        twin: Option<Twin<'_>>,
    ) -> Result<PosedFrame, capture::NoPose> {
        let params = capture::Params {
            cameras: &self.params.cameras,
            camera_id: self.params.camera_id.as_deref(),
            heading: self.params.heading,
            ground: Ground {
                terrain: self.params.terrain.as_ref(),
                takeoff_height_m: self.params.takeoff_height_m.or(self.params.ground_height_m),
            },
        };
        let size_px = (frame.thermogram.width(), frame.thermogram.height());
        let metadata = &frame.metadata;
        let own = || capture::pose_from_metadata(number, size_px, metadata, twin, &params);
        let which = (number, input.name.as_str(), frame.index);
        self.clocks.pose(which, size_px, metadata, &params, own)
    }

    fn camera_of(&self, metadata: &Metadata) -> String {
        let in_table = match &self.params.camera_id {
            Some(id) => self.params.cameras.by_id(id),
            None => self.params.cameras.of_frame(metadata),
        };
        in_table.map_or_else(
            || metadata.camera.model.clone().unwrap_or_else(|| "unknown".to_owned()),
            |camera| camera.id.clone(),
        )
    }

    /// Flat ground under a frame: the height that the user gave, else the level of take-off as the
    /// frame itself implies it.
    fn flat_ground(
        &self,
        pose: &PosedFrame,
        input: &Input,
        frame: &Frame,
        twin: Option<Twin<'_>>,
    ) -> Option<Terrain> {
        let implied = || match pose.notes.contains(&PoseNote::FromLog) {
            true => self.clocks.takeoff((&input.name, frame.index), &frame.metadata, pose),
            false => capture::implied_takeoff(pose, &frame.metadata, twin),
        };
        let height_m = self.params.ground_height_m.or_else(|| Some(implied()?.height_m))?;
        Some(Terrain::Flat { height_m, sigma_m: super::FLAT_GROUND_SIGMA_M })
    }
}

/// Cameras that close their shutter to level the sensor repeat the last picture meanwhile, and
/// noise makes no two pictures alike.
const SHUTTER_CLOSED: &str =
    "the picture of the frame before once more, to the last pixel: the shutter was closed";
const NO_GROUND: &str = "the height of the ground is not known: give --terrain or --ground-height";

fn place(
    pose: &PosedFrame,
    terrain: &Terrain,
    detections: &[Detection],
    record: &mut FrameRecord,
    observations: &mut Vec<Observation>,
) {
    if let Some(corners) = locate::footprint(pose, terrain) {
        record.footprint =
            corners.iter().map(|corner| (corner.lon_deg(), corner.lat_deg())).collect();
    }
    for (index, detection) in detections.iter().enumerate() {
        match locate::observe(pose, index as u16, detection, terrain) {
            Ok(observation) => observations.push(observation),
            Err(refusal) => {
                let reason = refusal.to_string();
                match record.unplaced.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, count)) => *count += 1,
                    None => record.unplaced.push((reason, 1)),
                }
            }
        }
    }
}

/// The visible twin's metadata, if it is of the same instant and the thermal frame lacks RTK.
pub(super) fn twin_of(twin: &Path, thermal: &Metadata) -> Option<Metadata> {
    if thermal.altitude_type.as_deref() == Some("RtkAlt") {
        return None;
    }
    let visible = thermal::read_metadata(twin).ok()?;
    let apart_s = (visible.taken_at?.seconds() - thermal.taken_at?.seconds()).abs();
    (apart_s <= super::TWINS_APART_S).then_some(visible)
}

/// Coldest, hottest and mean temperature of the pixels that have one.
fn range_c(plane: &[u16], unit: PlaneUnit) -> Option<[f32; 3]> {
    let PlaneUnit::Kelvin { step_k, origin_c } = unit else { return None };
    // The oldest processors compare signed numbers eight at a time, but not unsigned ones.
    let signed = |value: u16| (value ^ 0x8000).cast_signed();
    let unsigned = |value: i16| value.cast_unsigned() ^ 0x8000;
    let (mut low, mut high, mut sum, mut known) = (i16::MAX, i16::MIN, 0_u64, 0_u64);
    for row in plane.chunks(4096) {
        // Short chunks keep the sums in 16 and 32 bits, where they are added several at a time.
        low = row.iter().fold(low, |low, &value| low.min(signed(value.wrapping_sub(1))));
        high = row.iter().fold(high, |high, &value| high.max(signed(value)));
        sum += u64::from(row.iter().map(|&value| u32::from(value)).sum::<u32>());
        known += u64::from(row.iter().map(|&value| u16::from(value > 0)).sum::<u16>());
    }
    let (low, high) = (unsigned(low), unsigned(high));
    let celsius = |value: f64| (origin_c + value * step_k) as f32;
    (known > 0).then(|| {
        [
            celsius(f64::from(low) + 1.0),
            celsius(f64::from(high)),
            celsius(sum as f64 / known as f64),
        ]
    })
}

/// How counts became temperatures, and what was taken off them before spots were looked for.
fn parameters(frame: &Frame, flat_field: Option<&str>) -> serde_json::Value {
    let mut told = frame.parameters.to_json();
    if let Some(file) = flat_field {
        told["flat_field"] = file.into();
    }
    told
}

pub(super) fn hash(file: &mut File) -> std::io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut total = 0;
    let mut block = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok((hexadecimal(&hasher.finalize()), total));
        }
        hasher.update(&block[..read]);
        total += read as u64;
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An error without the file's name in front, since a skipped input names it already.
fn reason_of(error: &thermal::Error, path: &Path) -> String {
    let text = error.to_string();
    let prefix = format!("{}: ", path.display());
    text.strip_prefix(&prefix).unwrap_or(&text).to_owned()
}
