//! What was odd in a log: handled, counted, never dropped without a word.

use std::fmt;

use super::LogTime;

/// One kind of oddity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Oddity {
    /// A sample with a number that is not finite or out of its range was left out.
    NotANumber(&'static str),
    /// A place of 0, 0 was left out.
    NoPlace(&'static str),
    /// A receiver without a solution; its sample is there, without a place.
    NoFix,
    /// UTC of zero, as before the first fix.
    NoUtc,
    /// UTC that does not fit to the others was not used for the offset.
    StrayUtc,
    /// A stamp far from all others; the sample was left out.
    StrayStamp(&'static str),
    /// Samples that were earlier than the one before them in the file; they were put in order.
    OutOfOrder(&'static str),
    /// The clock went back without a restart.
    ClockStepBack,
    /// The clock jumped ahead.
    ClockJump,
    /// A terrain report whose model is not loaded; it is there, marked as not usable.
    TerrainPending,
    /// A camera event without meaning, or a repetition of the one before, was left out.
    EmptyCameraEvent,
    /// No heartbeat of an autopilot; its component number was believed.
    NoHeartbeat,
    /// Navigation messages of something that is no vehicle.
    NotAVehicle,
    /// A message shorter, longer or other than its definition.
    Undecodable(&'static str),
    /// Anything else, in one sentence.
    Other(String),
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber(what) => write!(f, "{what}: numbers out of range, left out"),
            Self::NoPlace(what) => write!(f, "{what}: no place (0, 0), left out"),
            Self::NoFix => f.write_str("the receiver has no fix"),
            Self::NoUtc => f.write_str("UTC is zero"),
            Self::StrayUtc => f.write_str("UTC does not fit to the rest, not used"),
            Self::StrayStamp(what) => write!(f, "{what}: stamp far from the rest, left out"),
            Self::OutOfOrder(what) => {
                write!(f, "{what}: earlier than the one before, put in order")
            }
            Self::ClockStepBack => f.write_str("the clock goes back without a restart"),
            Self::ClockJump => f.write_str("the clock jumps ahead"),
            Self::TerrainPending => f.write_str("terrain report without a loaded model"),
            Self::EmptyCameraEvent => f.write_str("camera event empty or repeated, left out"),
            Self::NoHeartbeat => f.write_str("no heartbeat: taken for a vehicle by its component"),
            Self::NotAVehicle => f.write_str("navigation message of something that is no vehicle"),
            Self::Undecodable(what) => write!(f, "{what}: cannot be decoded, left out"),
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// An oddity, how often it came, and when first.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    /// What.
    pub oddity: Oddity,
    /// How often.
    pub count: u64,
    /// When first, where that can be told.
    pub first_at: Option<LogTime>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} times", self.oddity, self.count)?;
        match self.first_at {
            Some(LogTime(at_s)) => write!(f, ", first at {at_s:.3} s)"),
            None => f.write_str(")"),
        }
    }
}

/// Oddities while they are being counted.
#[derive(Debug, Clone, Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    /// Most kinds that are told apart, so that a hostile file cannot make a list of its own.
    const MOST: usize = 256;

    /// Counts one more.
    pub fn note(&mut self, oddity: Oddity, at: Option<LogTime>) {
        self.note_many(oddity, 1, at);
    }

    /// Counts `count` more.
    pub fn note_many(&mut self, oddity: Oddity, count: u64, at: Option<LogTime>) {
        if count == 0 {
            return;
        }
        if let Some(known) = self.0.iter_mut().find(|known| known.oddity == oddity) {
            known.count += count;
        } else if self.0.len() < Self::MOST {
            self.0.push(Warning { oddity, count, first_at: at });
        } else if let Some(last) = self.0.last_mut() {
            last.oddity = Oddity::Other("more kinds than are told apart".to_owned());
            last.count += count;
        }
    }

    /// How often an oddity came.
    #[must_use]
    pub fn count(&self, oddity: &Oddity) -> u64 {
        self.0.iter().find(|known| known.oddity == *oddity).map_or(0, |known| known.count)
    }

    /// All of them, by kind.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Warning> {
        self.0.sort_by(|a, b| a.oddity.cmp(&b.oddity));
        self.0
    }
}
