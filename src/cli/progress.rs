//! How far a run is: a bar on a terminal, a plain line now and then otherwise.

#![expect(
    clippy::disallowed_methods,
    reason = "rate and time left are for people and need a clock"
)]

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::inspect::Watch;

use super::output;

/// Seconds between plain lines.
const LINE_EVERY_S: u64 = 10;

/// A run's progress, and whether the user wants it stopped.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
    started: Instant,
    /// When the list of inputs was complete: rate and time left count from there.
    planned: OnceLock<Instant>,
    total: AtomicUsize,
    done: AtomicUsize,
    resumed: AtomicUsize,
    last_line_s: AtomicU64,
    stop: Arc<AtomicBool>,
}

impl Progress {
    /// Starts the clock and listens for Ctrl-C, once a process; a second Ctrl-C ends it at once.
    pub(super) fn start(quiet: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        let listening = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            output::message("stopping after the frames in work; again to stop at once");
        });
        if let Err(error) = listening {
            output::message(&format!("Ctrl-C will not be gentle: {error}"));
        }
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::no_length();
            let style = "{bar:40} {pos}/{len} files  {per_sec}  {eta} left";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            quiet,
            started: Instant::now(),
            planned: OnceLock::new(),
            total: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            resumed: AtomicUsize::new(0),
            last_line_s: AtomicU64::new(0),
            stop,
        }
    }

    /// Seconds since the start.
    pub(super) fn elapsed_s(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, done: usize) {
        let working_s = self.planned.get().map_or(0.0, |planned| planned.elapsed().as_secs_f64());
        let last = self.last_line_s.load(Ordering::Relaxed);
        let due = working_s as u64 >= last + LINE_EVERY_S;
        if !due || self.quiet {
            return;
        }
        let swap = self.last_line_s.compare_exchange(
            last,
            working_s as u64,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if swap.is_ok() {
            let total = self.total.load(Ordering::Relaxed);
            let fresh = done.saturating_sub(self.resumed.load(Ordering::Relaxed));
            let rate = fresh as f64 / working_s;
            let left = match rate {
                rate if rate > 0.0 => {
                    format!(", {:.0} s left", (total - done.min(total)) as f64 / rate)
                }
                _ => String::new(),
            };
            output::message(&format!("{done} of {total} files, {rate:.1} a second{left}"));
        }
    }
}

impl Watch for Progress {
    fn planned(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
        let _ = self.planned.set(Instant::now());
        if let Some(bar) = &self.bar {
            bar.set_length(total as u64);
            bar.reset_elapsed();
            bar.reset_eta();
        }
    }

    fn done(&self, inputs: usize, resumed: bool) {
        let done = self.done.fetch_add(inputs, Ordering::Relaxed) + inputs;
        if resumed {
            self.resumed.fetch_add(inputs, Ordering::Relaxed);
        }
        match &self.bar {
            Some(bar) => {
                bar.inc(inputs as u64);
                if resumed {
                    // What an earlier run did says nothing of this one's speed.
                    bar.reset_eta();
                }
            }
            None => self.line(done),
        }
    }

    fn stop(&self) -> &AtomicBool {
        &self.stop
    }
}
