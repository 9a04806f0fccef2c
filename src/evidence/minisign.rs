//! A second signature with the same key, as `minisign` makes and checks them: for those who have
//! that small program and no OpenSSH.
//!
//! The format is minisign's own, "Signature format" of its manual: kind `ED`, Ed25519 over the
//! BLAKE2b-512 digest, and a trusted comment that is signed together with the signature.

use base64ct::{Base64, Encoding as _};
use blake2::{Blake2b512, Digest as _};
use signature::Verifier as _;
use ssh_key::{Algorithm, PublicKey, Signature};

use super::{Error, Signer, digest, sign};

/// The public key as `minisign -p` takes it.
pub(super) const PUBLIC_KEY: &str = "verify/minisign.pub";
/// What the signature's file has behind the name of what was signed.
pub(super) const ENDING: &str = ".minisig";
/// Kinds of key and of signature, the first two bytes of each.
const KEY_KIND: [u8; 2] = *b"Ed";
const SIGNATURE_KIND: [u8; 2] = *b"ED";
const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";
const SIGNATURE_BYTES: usize = 64;

/// What the trusted comment says of a package.
pub(super) fn comment(package: &str) -> String {
    format!("{package} {}", sign::PACKAGE_NAMESPACE)
}

/// The file [`PUBLIC_KEY`] of a key.
///
/// # Errors
/// [`Error::Key`]: no Ed25519 key.
pub(super) fn public_key(key: &PublicKey) -> Result<String, Error> {
    let (id, bytes) = named(key)?;
    let key = Base64::encode_string(&[&KEY_KIND[..], &id, &bytes].concat());
    Ok(format!("{UNTRUSTED}minisign public key {}\n{key}\n", shown(id)))
}

/// Signs a message and a comment of one line.
///
/// # Errors
/// [`Error::Key`].
pub(super) fn sign(signer: &dyn Signer, message: &[u8], comment: &str) -> Result<String, Error> {
    let (id, _) = named(signer.public_key())?;
    let signature = signer.sign_bytes(&Blake2b512::digest(message))?;
    let whole = signer.sign_bytes(&[&signature[..], comment.as_bytes()].concat())?;
    Ok(written(id, &signature, comment, &whole))
}

/// Checks a signature, which has to be by `key`, of `message`, and to say `comment`.
///
/// # Errors
/// Why it does not hold.
pub fn check(given: &[u8], key: &PublicKey, message: &[u8], comment: &str) -> Result<(), String> {
    let (id, _) = named(key).map_err(|error| error.to_string())?;
    let (signature, whole) = parts(given).ok_or("no signature of minisign")?;
    if written(id, &signature, comment, &whole).as_bytes() != given {
        return Err(format!("it is not by key {} or does not say `{comment}`", shown(id)));
    }
    let holds = |message: &[u8], signature: &[u8]| {
        Signature::new(Algorithm::Ed25519, signature)
            .is_ok_and(|signature| key.key_data().verify(message, &signature).is_ok())
    };
    if !holds(&Blake2b512::digest(message), &signature) {
        return Err("it does not hold".to_owned());
    }
    match holds(&[&signature[..], comment.as_bytes()].concat(), &whole) {
        true => Ok(()),
        false => Err("its comment was not signed with it".to_owned()),
    }
}

/// The two signatures of a file.
fn parts(given: &[u8]) -> Option<([u8; SIGNATURE_BYTES], [u8; SIGNATURE_BYTES])> {
    let lines: Vec<_> = std::str::from_utf8(given).ok()?.lines().collect();
    let [_, first, _, second] = lines[..] else { return None };
    // Kind, the key's number, signature.
    let mut bytes = [0; 2 + 8 + SIGNATURE_BYTES];
    let signature = *Base64::decode(first, &mut bytes).ok()?.last_chunk()?;
    let mut bytes = [0; SIGNATURE_BYTES];
    let whole = Base64::decode(second, &mut bytes).ok()?.try_into().ok()?;
    Some((signature, whole))
}

fn written(
    id: [u8; 8],
    signature: &[u8; SIGNATURE_BYTES],
    comment: &str,
    whole: &[u8; SIGNATURE_BYTES],
) -> String {
    let signature = Base64::encode_string(&[&SIGNATURE_KIND[..], &id, signature].concat());
    let whole = Base64::encode_string(whole);
    format!("{UNTRUSTED}signature by key {}\n{signature}\n{TRUSTED}{comment}\n{whole}\n", shown(id))
}

/// A key's number, and its bytes. The number only tells keys apart and minisign draws it by chance;
/// here it follows from the key.
fn named(key: &PublicKey) -> Result<([u8; 8], [u8; 32]), Error> {
    let reason = || "minisign takes ssh-ed25519 keys alone".to_owned();
    let key = key.key_data().ed25519();
    let key = key.ok_or_else(|| Error::Key { path: "key".into(), reason: reason() })?;
    let digest = digest::sha256(&key.0);
    let mut id = [0; 8];
    id.copy_from_slice(&digest[..8]);
    Ok((id, key.0))
}

/// The number as minisign shows it.
fn shown(id: [u8; 8]) -> String {
    format!("{:016X}", u64::from_le_bytes(id))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_signature_holds_for_its_message_key_and_comment_alone() {
        let key = |seed| {
            let (private, _) = sign::new_key(&[seed; 32], "a@b", None).unwrap();
            sign::read_key(Path::new("k"), &private, || unreachable!()).unwrap()
        };
        let (ann, bob) = (key(1), key(2));
        let signature = sign(&ann, b"message", "EP-1_v1").unwrap();
        let seen = |signature: &[u8], by: &dyn Signer, message: &[u8], comment: &str| {
            check(signature, by.public_key(), message, comment)
        };
        seen(signature.as_bytes(), &ann, b"message", "EP-1_v1").unwrap();
        seen(signature.as_bytes(), &ann, b"massage", "EP-1_v1").unwrap_err();
        seen(signature.as_bytes(), &ann, b"message", "EP-1_v2").unwrap_err();
        seen(signature.as_bytes(), &bob, b"message", "EP-1_v1").unwrap_err();
        for at in 0..signature.len() {
            seen(&signature.as_bytes()[..at], &ann, b"message", "EP-1_v1").unwrap_err();
            let mut changed = signature.clone().into_bytes();
            changed[at] ^= 1;
            seen(&changed, &ann, b"message", "EP-1_v1").unwrap_err();
        }
    }

    /// A comment of one signature in another one of the same key.
    #[test]
    fn a_comment_is_signed_together_with_its_signature() {
        let (private, _) = sign::new_key(&[1; 32], "a@b", None).unwrap();
        let key = sign::read_key(Path::new("k"), &private, || unreachable!()).unwrap();
        let [one, other] =
            ["EP-1_v1", "EP-2_v1"].map(|comment| sign(&key, comment.as_bytes(), comment).unwrap());
        let lines: Vec<_> = one.lines().take(2).chain(other.lines().skip(2)).collect();
        let mixed = lines.join("\n") + "\n";
        let seen = check(mixed.as_bytes(), key.public_key(), b"EP-1_v1", "EP-2_v1");
        assert_eq!(seen.unwrap_err(), "its comment was not signed with it");
    }
}
