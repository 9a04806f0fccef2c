//! Keys: from a file, or from the user's agent.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::evidence::{self, AgentKey, KeyInMemory, Signer};

use super::ending::{BadInput, UsageError};

/// With which key
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct KeyArgs {
    /// Private key that signs (OpenSSH, ssh-ed25519): `torenvalk key new` makes one
    #[arg(long, value_name = "FILE", conflicts_with = "agent")]
    key: Option<PathBuf>,
    /// Sign with a key that the SSH agent keeps: its fingerprint, or `any` for the only one
    #[arg(long, value_name = "SHA256:...")]
    agent: Option<String>,
    /// Read the key's passphrase from the first line of stdin instead of asking for it
    #[arg(long, requires = "key")]
    passphrase_stdin: bool,
}

impl KeyArgs {
    /// Who signs; `None` if nobody was named.
    pub(super) fn signer(&self) -> anyhow::Result<Option<Box<dyn Signer>>> {
        if let Some(path) = &self.key {
            return Ok(Some(Box::new(self.open(path)?)));
        }
        match &self.agent {
            Some(which) => Ok(Some(Box::new(Agent::with(which)?))),
            None => Ok(None),
        }
    }

    fn open(&self, path: &Path) -> anyhow::Result<KeyInMemory> {
        super::files::regular(path)?;
        only_its_owner(path)?;
        let text = fs::read_to_string(path)
            .map_err(|error| BadInput(format!("{}: {error}", path.display())))?;
        let ask = || match self.passphrase_stdin {
            true => first_line().map_err(|error| error.to_string()),
            false => asked(&format!("passphrase of {}: ", path.display())),
        };
        Ok(evidence::read_key(path, &text, ask)?)
    }
}

/// Who signs with the key of a file, where it is the only way on offer.
pub(super) fn signer(key: Option<&Path>) -> anyhow::Result<Option<Box<dyn Signer>>> {
    KeyArgs { key: key.map(Path::to_owned), ..KeyArgs::default() }.signer()
}

/// The first line of stdin.
pub(super) fn first_line() -> std::io::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks without showing what is typed.
pub(super) fn asked(prompt: &str) -> Result<String, String> {
    rpassword::prompt_password(prompt)
        .map_err(|error| format!("no terminal to ask for the passphrase on ({error})"))
}

/// A key that others can read is not its owner's alone.
#[cfg(unix)]
fn only_its_owner(path: &Path) -> Result<(), BadInput> {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(about) = fs::metadata(path) else { return Ok(()) };
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(BadInput(format!(
        "{}: others than its owner may read this key (mode {mode:03o}); chmod 600 it, and think of \
         whether somebody did",
        path.display()
    )))
}

#[cfg(not(unix))]
fn only_its_owner(_: &Path) -> Result<(), BadInput> {
    Ok(())
}

/// A key in the user's agent.
struct Agent {
    key: AgentKey,
}

impl Agent {
    fn with(which: &str) -> anyhow::Result<Self> {
        let answer = exchange(&evidence::list_request())?;
        let mut keys = evidence::read_identities(&answer).map_err(BadInput)?;
        if which == "any" {
            return match (keys.len(), keys.pop()) {
                (1, Some(key)) => Ok(Self { key }),
                (count, _) => Err(UsageError(format!(
                    "the agent keeps {count} ssh-ed25519 keys; name one by its fingerprint"
                ))
                .into()),
            };
        }
        let found = keys.into_iter().find(|key| key.fingerprint() == which);
        let key =
            found.ok_or_else(|| BadInput(format!("the agent keeps no ssh-ed25519 key {which}")))?;
        Ok(Self { key })
    }
}

impl Signer for Agent {
    fn public_key(&self) -> &evidence::PublicKey {
        &self.key.key
    }

    fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, evidence::Error> {
        let wrong = |reason: String| evidence::Error::Key { path: "agent".into(), reason };
        let request = evidence::sign_request(&self.key, namespace, message).map_err(wrong)?;
        let answer = exchange(&request).map_err(|error| wrong(error.to_string()))?;
        evidence::read_signature(&self.key, namespace, &answer).map_err(wrong)
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<[u8; 64], evidence::Error> {
        let wrong = |reason: String| evidence::Error::Key { path: "agent".into(), reason };
        let request = evidence::sign_bytes_request(&self.key, message).map_err(wrong)?;
        let answer = exchange(&request).map_err(|error| wrong(error.to_string()))?;
        evidence::read_bare_signature(&answer).map_err(wrong)
    }
}

/// One message to the agent, and its answer.
#[cfg(unix)]
fn exchange(request: &[u8]) -> anyhow::Result<Vec<u8>> {
    use std::os::unix::net::UnixStream;
    let socket = std::env::var_os("SSH_AUTH_SOCK")
        .ok_or_else(|| BadInput("there is no SSH agent: SSH_AUTH_SOCK is not set".to_owned()))?;
    let gone = |error: std::io::Error| BadInput(format!("the SSH agent does not answer: {error}"));
    let mut stream = UnixStream::connect(socket).map_err(gone)?;
    stream.write_all(request).map_err(gone)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length).map_err(gone)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > evidence::LONGEST_ANSWER {
        return Err(BadInput("the SSH agent's answer is too long".to_owned()).into());
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).map_err(gone)?;
    Ok(answer)
}

#[cfg(not(unix))]
fn exchange(_: &[u8]) -> anyhow::Result<Vec<u8>> {
    Err(UsageError("agents are reached on Unix only; use --key".to_owned()).into())
}
