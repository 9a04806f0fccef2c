//! The command line: one file a verb.
//!
//! Results go to stdout, progress and messages to stderr; how a verb ended becomes the exit code.
//!
//! *Invariant*: this room never computes.

mod about;
mod args;
mod budget;
mod clock;
mod collect;
mod completions;
mod convert;
mod decide;
mod demo;
mod demo_flight;
mod detect;
mod detectors;
mod download;
mod ending;
mod evaluate;
mod export;
mod files;
mod fly;
mod follow;
mod grouped;
mod inspect;
mod inspection;
mod key;
mod kinds;
mod labels;
mod line;
mod linked;
mod locate;
mod mosaic;
mod output;
mod plan;
mod plan_files;
mod progress;
mod regime;
mod report;
mod retention;
mod review;
mod seal;
mod shared_args;
mod signing;
mod sim;
mod sim_scene;
mod stamp;
mod temps;
mod terrain;
mod upload;
mod verify;
mod who;

pub use args::Cli;
pub use ending::Ending;

use std::ffi::OsString;

use clap::Parser;

/// Runs one command line and says how it ended. Nothing is printed after this returns.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Ending {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let asked = !error.use_stderr();
            return match error.print() {
                Ok(()) | Err(_) if asked => Ending::Done,
                _ => Ending::Usage,
            };
        }
    };
    match args::dispatch(cli) {
        Ok(ending) => ending,
        Err(error) => {
            output::message(&format!("torenvalk: {}", ending::sentence(&error)));
            Ending::of_error(&error)
        }
    }
}
