//! How often the stated 95 % ellipse holds the truth; run on demand with
//! `cargo bench --bench ellipses [-- SEEDS [stated] [RTK|none] [PITCH]]`.
//!
//! For each kind of pose and each pitch, flights with drawn errors, once by their stated poses and
//! once after self-calibration. `inside` is the share of findings whose ellipse holds its thing,
//! `chi2` the mean squared Mahalanobis distance of the truth (2 is right). All findings of a flight
//! share its errors and are inside or outside together, so the standard errors behind ± are those
//! of flights: two hundred flights tell a share of 95 % to 1.5 %. `stated` leaves calibration out,
//! which takes most of the time.
#![expect(clippy::print_stdout, reason = "a bench tells what it found")]

use torenvalk::fuse::{Params, View, calibrate, correct, fuse};
use torenvalk::geo::LocalFrame;
use torenvalk::locate::Observation;
use torenvalk::sim::{PoseErrors, SightingParams, Sightings};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let seeds: u64 = words.iter().find_map(|word| word.parse().ok()).unwrap_or(200);
    let only_stated = words.iter().any(|word| word == "stated");
    let asked = |of: &[&str], name: &str| {
        let named = |word: &String| of.contains(&word.as_str());
        !words.iter().any(named) || words.iter().any(|word| word == name)
    };
    println!("{seeds} flights each");
    for (name, errors) in [("RTK", PoseErrors::with_rtk()), ("none", PoseErrors::without_rtk())] {
        for pitch_deg in [-90.0, -60.0, -45.0, -30.0] {
            let pitch = format!("{pitch_deg}");
            if !asked(&["RTK", "none"], name) || !asked(&["-90", "-60", "-45", "-30"], &pitch) {
                continue;
            }
            let mut pools = [Pool::default(), Pool::default()];
            let mut kept = 0;
            for seed in 0..seeds {
                let params = SightingParams {
                    seed,
                    errors,
                    pitch_deg,
                    lines: [4, 10],
                    ..SightingParams::default()
                };
                let mut seen = Sightings::drawn(&params);
                pools[0].add(&seen, &seen.views, &seen.observations);
                if only_stated {
                    continue;
                }
                let found = calibrate(
                    &seen.observations,
                    &seen.views,
                    &seen.terrain,
                    &[],
                    &Params::default(),
                );
                kept += found.iter().filter(|one| one.kept.is_some()).count();
                let (mut views, mut observations) =
                    (std::mem::take(&mut seen.views), std::mem::take(&mut seen.observations));
                correct(&found, &mut views, &mut observations, &seen.terrain);
                pools[1].add(&seen, &views, &observations);
            }
            println!("{name:5} {pitch_deg:4}° stated     {}", pools[0].line());
            if only_stated {
                continue;
            }
            println!(
                "{name:5} {pitch_deg:4}° calibrated {}, {kept} kept as stated",
                pools[1].line()
            );
        }
    }
}

#[derive(Default)]
struct Pool {
    things: usize,
    found: usize,
    several: usize,
    strays: usize,
    /// Findings, those inside and the sum of chi2, of each flight.
    flights: Vec<[f64; 3]>,
    errors_m: Vec<f64>,
    pairs: [usize; 2],
}

impl Pool {
    fn add(&mut self, seen: &Sightings, views: &[View], observations: &[Observation]) {
        let findings = fuse(observations, views, &seen.terrain, None, &Params::default());
        let mut known = vec![0usize; seen.things.len()];
        let mut flight = [0.0; 3];
        for finding in &findings {
            let shows: Vec<Option<u32>> =
                finding.observations.iter().map(|&one| seen.shows[one as usize]).collect();
            let mut counts = std::collections::BTreeMap::new();
            for thing in shows.iter().flatten() {
                *counts.entry(*thing).or_insert(0usize) += 1;
            }
            let same: usize = counts.values().map(|count| count * (count - 1) / 2).sum();
            self.pairs[0] += same;
            self.pairs[1] += shows.len() * (shows.len() - 1) / 2 - same;
            let Some((&thing, _)) = counts.iter().max_by_key(|(_, count)| **count) else {
                self.strays += 1;
                continue;
            };
            known[thing as usize] += 1;
            let truth = seen.places[thing as usize];
            let off = LocalFrame::at(&finding.point).enu(&truth);
            let ellipse = finding.ellipse95;
            let (sin, cos) = ellipse.azimuth_deg.to_radians().sin_cos();
            let along = (off.x * sin + off.y * cos) / ellipse.major_m;
            let across = (off.x * cos - off.y * sin) / ellipse.minor_m;
            let distance2 = along * along + across * across;
            flight[0] += 1.0;
            flight[1] += f64::from(u8::from(distance2 <= 1.0));
            flight[2] += 5.991 * distance2;
            self.errors_m.push(off.x.hypot(off.y));
        }
        self.flights.push(flight);
        self.things += known.len();
        self.found += known.iter().filter(|&&count| count > 0).count();
        self.several += known.iter().filter(|&&count| count > 1).count();
    }

    /// A mean over all findings and its standard error over flights.
    fn mean(&self, of: usize) -> (f64, f64) {
        let count: f64 = self.flights.iter().map(|flight| flight[0]).sum::<f64>().max(1.0);
        let mean = self.flights.iter().map(|flight| flight[of]).sum::<f64>() / count;
        let off = self.flights.iter().map(|flight| (flight[of] - mean * flight[0]).powi(2));
        (mean, off.sum::<f64>().sqrt() / count)
    }

    fn line(&mut self) -> String {
        self.errors_m.sort_by(f64::total_cmp);
        let count = self.errors_m.len().max(1);
        let (inside, chi2) = (self.mean(1), self.mean(2));
        let at = |share: usize| self.errors_m.get(count * share / 100).copied().unwrap_or(0.0);
        format!(
            "found {:.1} % of {}, twice {}, nothing {}, inside {:.1} ± {:.1} %, chi2 {:.2} ± {:.2}, \
             error {:.2} m \
             (90 %: {:.2}), pairs wrong {:.2} %",
            100.0 * self.found as f64 / self.things as f64,
            self.things,
            self.several,
            self.strays,
            100.0 * inside.0,
            100.0 * inside.1,
            chi2.0,
            chi2.1,
            at(50),
            at(90),
            100.0 * self.pairs[1] as f64 / (self.pairs[0] + self.pairs[1]).max(1) as f64
        )
    }
}
