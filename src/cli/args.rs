//! The verbs.

use clap::{Parser, Subcommand};

use super::{
    Ending, about, collect, completions, convert, decide, demo, detect, download, evaluate, export,
    fly, inspect, key, locate, mosaic, plan, regime, report, retention, review, sim, sim_scene,
    stamp, temps, upload, verify,
};

/// Thermal drone inspection: frames in, positioned findings out, offline
///
/// Results go to stdout, progress and messages to stderr.
///
/// Exit codes: 0 done, 1 unexpected, 2 usage, 3 bad input, 4 verification failed, 5 nothing found
/// to work on, 6 done but some input was skipped, 7 incomplete.
#[derive(Debug, Parser)]
#[command(name = "torenvalk", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Temps(temps::Args),
    Detect(detect::Args),
    Evaluate(evaluate::Args),
    Locate(locate::Args),
    Inspect(Box<inspect::Args>),
    Plan(Box<plan::Args>),
    Convert(convert::Args),
    Upload(upload::Args),
    Download(download::Args),
    Fly(fly::Args),
    Collect(collect::Args),
    Report(report::Args),
    Decide(decide::Args),
    Regime(regime::Args),
    Retention(retention::Args),
    Review(review::Args),
    Mosaic(mosaic::Args),
    Export(export::Args),
    Verify(verify::Args),
    Stamp(stamp::Args),
    Key(key::Args),
    About(about::Args),
    SimScene(sim_scene::Args),
    Sim(sim::Args),
    Demo(demo::Args),
    Completions(completions::Args),
}

/// Runs the verb.
pub(super) fn dispatch(cli: Cli) -> anyhow::Result<Ending> {
    match cli.verb {
        Verb::Temps(args) => temps::run(&args),
        Verb::Detect(args) => detect::run(&args),
        Verb::Evaluate(args) => evaluate::run(&args),
        Verb::Locate(args) => locate::run(&args),
        Verb::Inspect(args) => inspect::run(&args),
        Verb::Plan(args) => plan::run(&args),
        Verb::Convert(args) => convert::run(&args),
        Verb::Upload(args) => upload::run(&args),
        Verb::Download(args) => download::run(&args),
        Verb::Fly(args) => fly::run(&args),
        Verb::Collect(args) => collect::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Decide(args) => decide::run(&args),
        Verb::Regime(args) => regime::run(&args),
        Verb::Retention(args) => retention::run(&args),
        Verb::Review(args) => review::run(&args),
        Verb::Mosaic(args) => mosaic::run(&args),
        Verb::Export(args) => export::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Stamp(args) => stamp::run(&args),
        Verb::Key(args) => key::run(&args),
        Verb::About(args) => about::run(&args),
        Verb::SimScene(args) => sim_scene::run(&args),
        Verb::Sim(args) => sim::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Completions(args) => completions::run(&args),
    }
}
