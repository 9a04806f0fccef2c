//! Signatures as `ssh-keygen -Y` makes and checks them (OpenSSH, PROTOCOL.sshsig), with Ed25519
//! keys.

use std::path::Path;

use signature::Signer as _;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{Fingerprint, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use super::Error;

/// What a signature on a package is for; one made for another purpose does not count.
pub const PACKAGE_NAMESPACE: &str = "evidence-package@torenvalk";
/// What a signature on a flight's manifest is for.
pub const FLIGHT_NAMESPACE: &str = "flight-seal@torenvalk";

/// Someone who can sign: a key in memory or one that an agent keeps.
pub trait Signer {
    /// The public key.
    fn public_key(&self) -> &PublicKey;
    /// An armoured signature.
    ///
    /// # Errors
    /// [`Error::Key`].
    fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, Error>;
    /// A bare Ed25519 signature, for formats that have no namespace.
    ///
    /// # Errors
    /// [`Error::Key`].
    fn sign_bytes(&self, message: &[u8]) -> Result<[u8; 64], Error>;
}

/// A key in memory.
#[derive(Debug)]
pub struct KeyInMemory(PrivateKey);

impl Signer for KeyInMemory {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, Error> {
        self.0
            .sign(namespace, HashAlg::Sha512, message)
            .and_then(|signature| signature.to_pem(LineEnding::LF))
            .map_err(|error| key_error(Path::new("key"), &error.to_string()))
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        let refused = |reason: &str| key_error(Path::new("key"), reason);
        let signature = self.0.try_sign(message).map_err(|error| refused(&error.to_string()))?;
        signature.as_bytes().try_into().map_err(|_| refused("no Ed25519 key"))
    }
}

fn key_error(path: &Path, reason: &str) -> Error {
    Error::Key { path: path.to_owned(), reason: reason.to_owned() }
}

/// Reads a private key as `ssh-keygen` writes it; `passphrase` is asked only if it is locked.
///
/// # Errors
/// [`Error::Key`]: no key, no Ed25519 key, a wrong passphrase.
pub fn read_key(
    path: &Path,
    text: &str,
    passphrase: impl FnOnce() -> Result<String, String>,
) -> Result<KeyInMemory, Error> {
    let wrong = |reason: &str| key_error(path, reason);
    let mut key = PrivateKey::from_openssh(text)
        .map_err(|error| wrong(&format!("this is no OpenSSH private key ({error})")))?;
    if key.is_encrypted() {
        let passphrase = passphrase().map_err(|reason| wrong(&reason))?;
        key = key.decrypt(passphrase.as_bytes()).map_err(|_| wrong("the passphrase is wrong"))?;
    }
    if !matches!(key.key_data(), KeypairData::Ed25519(_)) {
        return Err(wrong(&format!(
            "a key of kind {}; this program signs with ssh-ed25519 alone (`torenvalk key new`)",
            key.algorithm()
        )));
    }
    Ok(KeyInMemory(key))
}

/// A new key from 32 random bytes, as the two files of `ssh-keygen`: private and public. Locked if
/// a passphrase and 16 more random bytes for its salt are given.
///
/// # Errors
/// [`Error::Key`].
pub fn new_key(
    seed: &[u8; 32],
    identity: &str,
    lock: Option<(&str, [u8; 16])>,
) -> Result<(String, String), Error> {
    /// Rounds of bcrypt that `ssh-keygen` takes unless told.
    const ROUNDS: u32 = 16;
    let failed = |error: ssh_key::Error| key_error(Path::new("new key"), &error.to_string());
    let pair = Ed25519Keypair::from_seed(seed);
    let mut key = PrivateKey::new(KeypairData::from(pair), identity).map_err(failed)?;
    let public = key.public_key().to_openssh().map_err(failed)? + "\n";
    if let Some((passphrase, salt)) = lock {
        let kdf = ssh_key::Kdf::Bcrypt { salt: salt.to_vec(), rounds: ROUNDS };
        // The check integers only have to be equal to each other; the salt is random already.
        let checkint = u32::from_le_bytes([salt[0], salt[5], salt[10], salt[15]]);
        key = key
            .encrypt_with(ssh_key::Cipher::Aes256Ctr, kdf, checkint, passphrase)
            .map_err(failed)?;
    }
    Ok((key.to_openssh(LineEnding::LF).map_err(failed)?.to_string(), public))
}

/// The line of an `allowed_signers` file for a key.
///
/// # Errors
/// [`Error::Key`].
pub fn allowed_signer(key: &PublicKey) -> Result<String, Error> {
    let mut bare = key.clone();
    bare.set_comment("");
    let text =
        bare.to_openssh().map_err(|error| key_error(Path::new("key"), &error.to_string()))?;
    let identity = identity(key);
    let namespaces = format!("{PACKAGE_NAMESPACE},{FLIGHT_NAMESPACE}");
    Ok(format!("{identity} namespaces=\"{namespaces}\" {}\n", text.trim_end()))
}

/// Who a key says its owner is: its comment, in characters that an `allowed_signers` file takes.
#[must_use]
pub fn identity(key: &PublicKey) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '-' | '_' | '+');
    let mapped: String = key.comment().chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    if mapped.is_empty() { "signer".to_owned() } else { mapped }
}

/// The fingerprint that `ssh-keygen -l` shows.
#[must_use]
pub fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// Whether a text is a fingerprint of that kind.
#[must_use]
pub fn is_fingerprint(text: &str) -> bool {
    text.starts_with("SHA256:") && text.parse::<Fingerprint>().is_ok()
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Who, as the list of allowed signers has it.
    pub identity: String,
    /// The key's fingerprint.
    pub fingerprint: String,
}

/// Checks an armoured signature against a list of allowed signers.
///
/// # Errors
/// Why it does not hold.
pub(super) fn check(
    signature: &[u8],
    namespace: &str,
    message: &[u8],
    allowed_signers: &str,
) -> Result<Signed, String> {
    let parsed = SshSig::from_pem(signature).map_err(|error| format!("no signature: {error}"))?;
    let again = parsed.to_pem(LineEnding::LF).map_err(|error| error.to_string())?;
    if again.as_bytes() != signature {
        return Err("not written as ssh-keygen writes it".to_owned());
    }
    let found =
        signers(allowed_signers).into_iter().find(|(_, key)| key.key_data() == parsed.public_key());
    let Some((identity, key)) = found else {
        return Err("its key is not in verify/allowed_signers".to_owned());
    };
    key.verify(namespace, message, &parsed)
        .map_err(|_| format!("it does not hold for {identity}"))?;
    Ok(Signed { identity, fingerprint: fingerprint(&key) })
}

/// The keys of a list of allowed signers, each with whose it is.
pub(super) fn signers(allowed_signers: &str) -> Vec<(String, PublicKey)> {
    allowed_signers.lines().filter_map(signer_of_line).collect()
}

/// `IDENTITY [OPTIONS] TYPE KEY`, as `allowed_signer` writes it or without options.
fn signer_of_line(line: &str) -> Option<(String, PublicKey)> {
    let words: Vec<_> = line.split(' ').collect();
    let at = words.iter().position(|word| word.starts_with("ssh-"))?;
    let key = words.get(at..at + 2)?.join(" ");
    Some(((*words.first()?).to_owned(), PublicKey::from_openssh(&key).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_message_purpose_and_key_alone() {
        let (private, public) = new_key(&[7; 32], "j.jansen@example", None).unwrap();
        let key = read_key(Path::new("k"), &private, || unreachable!()).unwrap();
        let signature = key.sign(PACKAGE_NAMESPACE, b"message").unwrap();
        let allowed = allowed_signer(key.public_key()).unwrap();
        let signed = check(signature.as_bytes(), PACKAGE_NAMESPACE, b"message", &allowed).unwrap();
        assert_eq!(signed.identity, "j.jansen@example");
        assert!(is_fingerprint(&signed.fingerprint));
        let public = PublicKey::from_openssh(&public).unwrap();
        assert_eq!(fingerprint(&public), signed.fingerprint);
        let refused = |signature: &[u8], namespace, message: &[u8], allowed| {
            check(signature, namespace, message, allowed).unwrap_err()
        };
        refused(signature.as_bytes(), PACKAGE_NAMESPACE, b"massage", &allowed);
        refused(signature.as_bytes(), FLIGHT_NAMESPACE, b"message", &allowed);
        refused(signature.as_bytes(), PACKAGE_NAMESPACE, b"message", "");
        for at in 0..signature.len() {
            let mut changed = signature.clone().into_bytes();
            changed[at] ^= 1;
            refused(&changed, PACKAGE_NAMESPACE, b"message", &allowed);
        }
    }

    #[test]
    fn a_locked_key_opens_with_its_passphrase_alone() {
        let (private, _) = new_key(&[8; 32], "a@b", Some(("kestrel", [3; 16]))).unwrap();
        let open = |word: &str| read_key(Path::new("k"), &private, || Ok(word.to_owned()));
        assert!(open("kestrel").is_ok());
        assert!(open("buzzard").unwrap_err().to_string().contains("passphrase"));
        assert!(read_key(Path::new("k"), "nonsense", || Ok(String::new())).is_err());
    }
}
