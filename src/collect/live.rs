//! Frames that have arrived, inspected while others are still flown.
//!
//! Findings rest on all views together, so what has arrived is inspected anew each time; since each
//! time there must be a good part more, all of it costs a few times what one run at the end does.

use std::path::PathBuf;

use nalgebra::Vector3;

use crate::case::Case;
use crate::detect::Polarity;
use crate::fuse::Finding;
use crate::inspect::{Params, Summary, Watch, inspect, inspect_so_far};

use super::Error;

/// A run needs so many new frames at least,
const LEAST_NEW: usize = 8;
/// and one new one for each so many that were inspected.
const OLD_FOR_A_NEW: usize = 3;
/// A finding of a later run is the same as one that was told if it lies within this.
const SAME_M: f64 = 3.0;

/// What has arrived, and what was found in it.
#[derive(Debug, Default)]
pub struct Live {
    inputs: Vec<PathBuf>,
    inspected: usize,
    /// Those that were told, and where they were then.
    known: Vec<(Polarity, Vector3<f64>)>,
}

/// A finding that no earlier run had at its place.
#[derive(Debug, Clone)]
pub struct NewFinding {
    /// As the run has it; later runs may move it.
    pub finding: Finding,
    /// Frames that it was found in all in all.
    pub frames_inspected: usize,
}

impl Live {
    /// More frames have arrived.
    pub fn arrived(&mut self, files: Vec<PathBuf>) {
        self.inputs.extend(files);
    }

    /// Frames so far.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.inputs.len()
    }

    /// Frames that no run has seen yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.inputs.len() - self.inspected
    }

    /// Whether enough is new for another run.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.waiting() >= LEAST_NEW.max(self.inspected / OLD_FOR_A_NEW)
    }

    /// Inspects all that has arrived, while more may come or as the whole; what is new, and the
    /// run.
    ///
    /// # Errors
    /// [`Error::Inspect`].
    pub fn inspect(
        &mut self,
        params: &Params,
        case: &mut Case,
        watch: &dyn Watch,
        more_to_come: bool,
    ) -> Result<(Vec<NewFinding>, Summary), Error> {
        let job = if more_to_come { inspect_so_far } else { inspect };
        let summary = job(&self.inputs, params, case, watch)?;
        self.inspected = self.inputs.len();
        let frames_inspected = summary.frames.len();
        let mut new = Vec::new();
        for finding in &summary.findings {
            let place = finding.point.to_ecef();
            let is_here = |(polarity, at): &(Polarity, Vector3<f64>)| {
                *polarity == finding.polarity && (at - place).norm() < SAME_M
            };
            if !self.known.iter().any(is_here) {
                self.known.push((finding.polarity, place));
                new.push(NewFinding { finding: finding.clone(), frames_inspected });
            }
        }
        Ok((new, summary))
    }
}
