//! `key`: keys to sign with.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;

use crate::evidence;

use super::ending::{BadInput, UsageError};
use super::{Ending, output, signing};

/// Keys to sign with
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a key pair as ssh-keygen does (ssh-ed25519), locked with a passphrase
    ///
    /// Give the fingerprint that it prints to whoever will check your packages, in another way
    /// than inside a package: on a website, in a letter.
    New {
        /// The private key's file; the public one gets .pub behind it
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Who you are, as checkers will see it: a mail address, say
        #[arg(long, value_name = "WHO")]
        identity: String,
        /// Read the passphrase from the first line of stdin instead of asking for it
        #[arg(long, conflicts_with = "no_passphrase")]
        passphrase_stdin: bool,
        /// Leave the key open to whoever gets hold of the file
        #[arg(long)]
        no_passphrase: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// What a passphrase has at least, in characters.
const SHORTEST_PASSPHRASE: usize = 8;

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let What::New { file, identity, passphrase_stdin, no_passphrase, json } = &args.what;
    let public_file = with_pub(file);
    for path in [file, &public_file] {
        if path.exists() {
            return Err(UsageError(format!("{} is there already", path.display())).into());
        }
    }
    let passphrase = match (no_passphrase, passphrase_stdin) {
        (true, _) => None,
        (_, true) => Some(signing::first_line()?),
        _ => Some(chosen()?),
    };
    if passphrase.as_ref().is_some_and(|word| word.chars().count() < SHORTEST_PASSPHRASE) {
        return Err(UsageError(format!(
            "a passphrase of fewer than {SHORTEST_PASSPHRASE} characters locks nothing"
        ))
        .into());
    }
    let (seed, salt) = (random()?, random::<16>()?);
    let lock = passphrase.as_deref().map(|word| (word, salt));
    let (private, public) = evidence::new_key(&seed, identity, lock)?;
    write_private(file, private.as_bytes())?;
    super::files::write(&public_file, public.as_bytes())?;
    let key = public.parse().map_err(|error| BadInput(format!("the new key: {error}")))?;
    let fingerprint = evidence::fingerprint(&key);
    if *json {
        output::json_line(&json!({
            "private": file, "public": public_file, "fingerprint": fingerprint,
        }))?;
    } else {
        output::text(&format!(
            "{}\n{}\n{fingerprint}\nPublish this fingerprint where others trust it.\n",
            file.display(),
            public_file.display()
        ))?;
    }
    Ok(Ending::Done)
}

fn with_pub(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

fn chosen() -> Result<String, BadInput> {
    let word = signing::asked("new passphrase: ").map_err(BadInput)?;
    let again = signing::asked("again: ").map_err(BadInput)?;
    if word == again { Ok(word) } else { Err(BadInput("the two differ".to_owned())) }
}

/// From the system's source.
fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("no source of randomness; make the key with ssh-keygen -t ed25519")?;
    Ok(bytes)
}

/// Readable by its owner alone from its first byte on.
fn write_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(file)
        .and_then(|mut out| out.write_all(bytes).and_then(|()| out.sync_all()))
        .with_context(|| format!("{}: not written", file.display()))
}
