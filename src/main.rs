//! The program `torenvalk`: everything is in the library; the exit code is decided here.

use std::process::ExitCode;

fn main() -> ExitCode {
    torenvalk::cli::run(std::env::args_os()).code()
}
