//! A run: one line or round that is flown with the camera on.

use super::plane::{Point, between, distance_m};

/// A place on a run, and where the camera looks there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stand {
    /// Where.
    pub at: Point,
    /// Above the ellipsoid.
    pub height_m: f64,
    /// Heading of vehicle and camera, clockwise from north; `None` looks ahead.
    pub yaw_rad: Option<f64>,
    /// Of the camera, -π/2 straight down.
    pub pitch_rad: f64,
}

/// When pictures are taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shots {
    /// At the beginning, and each time so many metres were flown.
    Every(f64),
    /// One at each stand, hovering.
    AtEach,
}

/// One line or round.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What it is, for people.
    pub name: String,
    /// Its places, one at least.
    pub stands: Vec<Stand>,
    /// When pictures are taken.
    pub shots: Shots,
    /// The line that it is part of: runs of neighbouring lines overlap.
    pub line: Option<(u32, i32)>,
}

/// A picture that is to be taken, or was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Photo {
    /// Where the camera is.
    pub at: Point,
    /// Above the ellipsoid.
    pub height_m: f64,
    /// Clockwise from north.
    pub yaw_rad: f64,
    /// -π/2 straight down.
    pub pitch_rad: f64,
}

/// A hover at one place takes so long: settle, expose, store.
pub(super) const HOVER_S: f64 = 2.0;
/// At the end of a line the vehicle stays so long: it counts as there from its acceptance
/// radius on, and the last picture is taken at the place itself.
pub(super) const SETTLE_S: f64 = 1.0;
/// It may stop so short of the place, where the last picture must have been taken.
const SHORT_M: f64 = 0.5;

impl Run {
    /// The places alone.
    pub(super) fn points(&self) -> Vec<Point> {
        self.stands.iter().map(|stand| stand.at).collect()
    }

    pub(super) fn first(&self) -> Point {
        self.stands.first().map_or([0.0; 2], |stand| stand.at)
    }

    pub(super) fn last(&self) -> Point {
        self.stands.last().map_or([0.0; 2], |stand| stand.at)
    }

    /// Length over ground.
    #[must_use]
    pub fn length_m(&self) -> f64 {
        super::plane::length_m(&self.points())
    }

    /// The same from its other end.
    pub(super) fn reversed(&self) -> Self {
        let mut run = self.clone();
        run.stands.reverse();
        run
    }

    /// Distance from picture to picture such that the last is taken at the very end, where that
    /// takes only a little less than was asked.
    pub(super) fn spacing_m(&self) -> Option<f64> {
        let Shots::Every(spacing_m) = self.shots else { return None };
        let length_m = self.length_m();
        let count = (length_m / spacing_m - 1e-6).ceil().max(1.0);
        Some((length_m / count).max(0.01))
    }

    /// The distance that the camera is triggered by: all pictures of the line before its end.
    pub(super) fn trigger_m(&self) -> Option<f64> {
        let spacing_m = self.spacing_m()?;
        let length_m = self.length_m();
        let least_m = length_m * 0.8; // Of a line of few metres.
        Some(spacing_m * ((length_m - SHORT_M).max(least_m) / length_m.max(0.01)).min(1.0))
    }

    /// Its pictures, in their order.
    #[must_use]
    pub fn photos(&self) -> Vec<Photo> {
        let Some(spacing_m) = self.spacing_m().filter(|_| self.stands.len() > 1) else {
            let stands = self.stands.iter();
            return stands.map(|stand| stand.photo(stand.yaw_rad.unwrap_or_default())).collect();
        };
        let mut photos = Vec::new();
        let mut next_m = 0.0;
        let mut flown_m = 0.0;
        for pair in self.stands.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let length_m = distance_m(a.at, b.at);
            let ahead = (b.at[0] - a.at[0]).atan2(b.at[1] - a.at[1]);
            while next_m <= flown_m + length_m + 1e-6 {
                let share = if length_m > 0.0 { (next_m - flown_m) / length_m } else { 0.0 };
                let share = share.clamp(0.0, 1.0);
                photos.push(Photo {
                    at: between(a.at, b.at, share),
                    height_m: a.height_m + (b.height_m - a.height_m) * share,
                    yaw_rad: a.yaw_rad.unwrap_or(ahead),
                    pitch_rad: a.pitch_rad,
                });
                next_m += spacing_m;
            }
            flown_m += length_m;
        }
        photos
    }

    /// It in pieces of at most a length, which share their ends.
    pub(super) fn cut(&self, most_m: f64) -> Vec<Self> {
        let length_m = self.length_m();
        let count = (length_m / most_m).ceil().max(1.0);
        if count <= 1.0 || self.shots == Shots::AtEach {
            return vec![self.clone()];
        }
        let piece_m = length_m / count;
        let mut pieces = Vec::new();
        let mut piece: Vec<Stand> = Vec::new();
        let (mut flown_m, mut end_m) = (0.0, piece_m);
        for pair in self.stands.windows(2) {
            let leg_m = distance_m(pair[0].at, pair[1].at);
            piece.push(pair[0]);
            while flown_m + leg_m > end_m + 1e-6 && leg_m > 0.0 {
                let share = (end_m - flown_m) / leg_m;
                let cut = Stand {
                    at: between(pair[0].at, pair[1].at, share),
                    height_m: pair[0].height_m + (pair[1].height_m - pair[0].height_m) * share,
                    ..pair[0]
                };
                piece.push(cut);
                pieces.push(Self { stands: std::mem::take(&mut piece), ..self.clone() });
                piece.push(cut);
                end_m += piece_m;
            }
            flown_m += leg_m;
        }
        piece.extend(self.stands.last());
        pieces.push(Self { stands: piece, ..self.clone() });
        pieces
    }
}

impl Stand {
    fn photo(&self, yaw_rad: f64) -> Photo {
        let Self { at, height_m, pitch_rad, .. } = *self;
        Photo { at, height_m, yaw_rad, pitch_rad }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(ends: &[Point]) -> Run {
        let stand = |&at| Stand {
            at,
            height_m: 50.0 + f64::from(at[0] as i32) / 10.0,
            yaw_rad: None,
            pitch_rad: -1.5,
        };
        Run {
            name: "line".to_owned(),
            stands: ends.iter().map(stand).collect(),
            shots: Shots::Every(12.0),
            line: None,
        }
    }

    #[test]
    fn pictures_are_no_further_apart_than_asked_and_stand_at_both_ends() {
        let run = run(&[[0.0, 0.0], [100.0, 0.0], [100.0, 30.0]]);
        let photos = run.photos();
        assert_eq!(photos.len(), 12);
        assert_eq!(photos[0].at, [0.0, 0.0]);
        assert!(distance_m(photos[11].at, [100.0, 30.0]) < 1e-6);
        assert!((photos[0].yaw_rad - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
        assert!((photos[11].yaw_rad).abs() < 1e-12 && photos[5].height_m > 55.0);
    }

    #[test]
    fn a_long_run_is_cut_into_equal_pieces() {
        let run = run(&[[0.0, 0.0], [100.0, 0.0], [100.0, 30.0]]);
        let pieces = run.cut(50.0);
        assert_eq!(pieces.len(), 3);
        let whole: f64 = pieces.iter().map(Run::length_m).sum();
        assert!((whole - 130.0).abs() < 1e-9);
        assert!(pieces.windows(2).all(|pair| pair[0].last() == pair[1].first()));
    }
}
