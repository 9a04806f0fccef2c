//! How a verb ended, and the exit code that says so.

use std::process::ExitCode;

use crate::{
    capture, case, derive, evaluate, evidence, geo, inspect, link, locate, mission, plan, review,
    site, thermal,
};

/// The exit codes of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Done.
    Done,
    /// Something that should not happen, or the user stopped it.
    Unexpected,
    /// The command line makes no sense.
    Usage,
    /// The input cannot be used.
    BadInput,
    /// A check failed.
    VerificationFailed,
    /// Nothing found to work on.
    Nothing,
    /// Done, but some input was skipped.
    Skipped,
    /// A human or a timestamp is still missing.
    Incomplete,
}

impl Ending {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }

    /// What an error means for the exit code: what comes from files is bad input, the rest is not
    /// expected.
    #[must_use]
    pub fn of_error(error: &anyhow::Error) -> Self {
        if error.is::<UsageError>() {
            return Self::Usage;
        }
        if let Some(inspect::Error::Interrupted | inspect::Error::Threads(_)) =
            error.downcast_ref::<inspect::Error>()
        {
            return Self::Unexpected;
        }
        if let Some(thermal::write::Error::Refused { .. }) = error.downcast_ref() {
            return Self::Usage;
        }
        if let Some(error) = error.downcast_ref::<link::Error>() {
            return Self::of_link(error);
        }
        if let Some(error) = error.downcast_ref::<evidence::Error>() {
            return match error {
                evidence::Error::Changed { .. }
                | evidence::Error::Case(case::Error::Custody { .. }) => Self::VerificationFailed,
                evidence::Error::Report(_) => Self::Unexpected,
                _ => Self::BadInput,
            };
        }
        if let Some(case::Error::Custody { .. }) = error.downcast_ref() {
            return Self::VerificationFailed;
        }
        if let Some(review::Error::Io(_)) = error.downcast_ref() {
            return Self::Unexpected;
        }
        let bad_input = error.is::<review::Error>()
            || error.is::<thermal::Error>()
            || error.is::<thermal::write::Error>()
            || error.is::<site::Error>()
            || error.is::<plan::Error>()
            || error.is::<mission::Error>()
            || matches!(
                error.downcast_ref(),
                Some(link::Error::Unfit { .. } | link::Error::TooLong { .. })
            )
            || error.is::<case::Error>()
            || error.is::<derive::Error>()
            || error.is::<inspect::Error>()
            || error.is::<locate::Refusal>()
            || error.is::<geo::TerrainError>()
            || error.is::<capture::NoPose>()
            || error.is::<capture::CameraTableError>()
            || error.is::<derive::Error>()
            || error.is::<evidence::report::Error>()
            || error.is::<evaluate::Error>()
            || error.is::<BadInput>();
        if bad_input { Self::BadInput } else { Self::Unexpected }
    }
}

impl Ending {
    /// What an error of a link means: what a vehicle refuses is bad input, what it does not answer
    /// is not expected.
    fn of_link(error: &link::Error) -> Self {
        use link::Error as E;
        match error {
            E::Address { .. } | E::SeveralVehicles(_) => Self::Usage,
            E::NoVehicle { .. } => Self::Nothing,
            E::Key { .. } | E::Unfit { .. } | E::TooLong { .. } | E::Refused { .. } => {
                Self::BadInput
            }
            _ => Self::Unexpected,
        }
    }
}

/// Arguments that contradict each other.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub(super) String);

/// Input that cannot be used, said in one sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct BadInput(pub(super) String);

/// A number that was given: from `low` to `high`, else a usage error that names its flag.
pub(super) fn within(
    flag: &str,
    value: Option<f64>,
    low: f64,
    high: f64,
) -> Result<Option<f64>, UsageError> {
    match value {
        Some(value) if !(low..=high).contains(&value) => {
            Err(UsageError(format!("--{flag} {value} is not within {low} to {high}")))
        }
        other => Ok(other),
    }
}

/// An error with its causes, each told once: many errors repeat their cause in their own words.
pub(super) fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if sentence.is_empty() {
            sentence = cause;
        } else if sentence.contains(&cause) {
            break; // What lies deeper is in those words too.
        } else {
            sentence = format!("{sentence}: {cause}");
        }
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::anyhow!("disk full").context("x: disk full").context("not written");
        assert_eq!(sentence(&error), "not written: x: disk full");
    }

    #[test]
    fn a_number_out_of_its_range_names_its_flag() {
        assert_eq!(within("lat", Some(90.0), -90.0, 90.0).unwrap(), Some(90.0));
        for wrong in [f64::NAN, f64::INFINITY, -90.1] {
            assert!(within("lat", Some(wrong), -90.0, 90.0).unwrap_err().0.contains("--lat"));
        }
    }
}
