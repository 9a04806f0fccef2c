//! `completions`: for the shell.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Ending, output};

/// Print completions for a shell, e.g. `torenvalk completions bash >> ~/.bash_completion`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "torenvalk", &mut script);
    output::text(&String::from_utf8(script)?)?;
    Ok(Ending::Done)
}
