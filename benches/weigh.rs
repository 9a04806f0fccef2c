//! What the detector measures of everything that stands out in frames, as JSON lines:
//! `cargo bench --bench weigh -- FILE… > measures.ndjson`, for `tools/weigh.py`. No speed.

use std::io::{BufWriter, Write, stdout};
use std::path::Path;

use torenvalk::detect::{Detector, Measures, Params, Plane};
use torenvalk::thermal::{ReadOptions, open};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(stdout().lock());
    writeln!(out, "{}", serde_json::json!({ "measures": Measures::NAMES }))?;
    let mut detector = Detector::new(Params::default());
    let mut values = Vec::new();
    for file in std::env::args().skip(1).filter(|argument| argument != "--bench") {
        let options = ReadOptions::default();
        let frames = open(Path::new(&file), &options)?;
        for frame in frames {
            let frame = frame?;
            let plane = Plane::of(&frame.thermogram, &mut values);
            let measured: Vec<_> = detector
                .measure(&plane)
                .iter()
                .map(|(spot, measures)| serde_json::json!({ "detection": spot, "measures": measures.values() }))
                .collect();
            let line = serde_json::json!({ "file": file, "spots": measured });
            writeln!(out, "{line}")?;
        }
    }
    Ok(out.flush()?)
}
