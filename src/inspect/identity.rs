//! What names a run: its parameters, with what was found of its inputs, and their content.

use sha2::{Digest, Sha256};

use crate::case::{Run, RunId};

use super::worker::hexadecimal;
use super::{ClockAccount, FlatFieldAccount, Gathered, LogAccount, Params};

/// The run's parameters, with the logs by content and what was found of clocks and sensors.
pub(super) fn described(
    params: &Params,
    logs: &[LogAccount],
    clocks: &[ClockAccount],
    flat_fields: &[FlatFieldAccount],
    more_to_come: bool,
) -> String {
    if logs.is_empty() && flat_fields.is_empty() && !more_to_come {
        return params.description.clone();
    }
    let asked: serde_json::Value =
        serde_json::from_str(&params.description).unwrap_or(serde_json::Value::Null);
    let logs: Vec<_> = logs
        .iter()
        .map(|log| serde_json::json!({"file": log.file, "sha256": log.sha256}))
        .collect();
    let mut all = serde_json::json!({"logs": logs, "clocks": clocks, "flat_fields": flat_fields});
    if more_to_come {
        all["more_to_come"] = true.into();
    }
    if let (Some(all), serde_json::Value::Object(asked)) = (all.as_object_mut(), asked) {
        all.extend(asked);
    }
    all.to_string()
}

/// The run's identity by content: parameters, names and hashes.
pub(super) fn run_of(description: String, gathered: &Gathered) -> Run {
    let mut hasher = Sha256::new();
    hasher.update(env!("CARGO_PKG_VERSION"));
    hasher.update(&description);
    for frame in &gathered.frames {
        hasher.update(format!("{}\0{}\0{}\0", frame.file, frame.index, frame.sha256));
        // The pose may come from the visible twin, whose bytes are in no record.
        hasher.update(format!("{:?}\n", frame.pose));
    }
    for skipped in &gathered.skipped {
        hasher.update(format!("{}\0{}\n", skipped.file, skipped.reason));
    }
    Run {
        id: RunId(hexadecimal(&hasher.finalize()[..8])),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        parameters: description,
    }
}
