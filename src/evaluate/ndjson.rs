//! Detections as `torenvalk detect --json` prints them, a frame a line.

use serde::Deserialize;

use crate::detect::Polarity;

use super::error::sane;
use super::{Error, SeenFrame, Spot};

/// A line; what else it holds is of no interest here.
#[derive(Deserialize)]
struct Line {
    file: String,
    #[serde(default)]
    frame: u32,
    width: Option<u32>,
    height: Option<u32>,
    detections: Vec<Detected>,
}

#[derive(Deserialize)]
struct Detected {
    polarity: Polarity,
    x_px: f64,
    y_px: f64,
    score: Option<f64>,
    delta_k: Option<f64>,
}

/// Reads detections of any program: `file` and `detections`, each with `polarity` (`hot`, `cold`),
/// `x_px` and `y_px` from the outer corner of the first pixel, and `score` and `delta_k` where it
/// has them; `frame` counts frames of one file from 0, `width` and `height` are the picture's.
///
/// # Errors
/// [`Error::Line`] with the line that is none.
pub fn read_detections(name: &str, bytes: &[u8]) -> Result<Vec<SeenFrame>, Error> {
    let mut frames = Vec::new();
    for (at, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let fault = |what: String| Error::line(name, at + 1, what);
        let line: Line = serde_json::from_slice(line)
            .map_err(|error| fault(format!("no line of `torenvalk detect --json`: {error}")))?;
        let mut spots = Vec::with_capacity(line.detections.len());
        for detected in line.detections {
            spots.push(spot(&detected).map_err(fault)?);
        }
        let file = match line.frame {
            0 => line.file,
            number => format!("{}#{number}", line.file),
        };
        let size_px = line.width.zip(line.height).map(|(width, height)| [width, height]);
        frames.push(SeenFrame { file, size_px, spots, area_m2: None });
    }
    Ok(frames)
}

fn spot(detected: &Detected) -> Result<Spot, String> {
    Ok(Spot {
        name: None,
        polarity: detected.polarity,
        x: sane(detected.x_px, "x_px")?,
        y: sane(detected.y_px, "y_px")?,
        score: detected.score,
        delta_k: detected.delta_k,
        ellipse95: None,
    })
}
