//! What is said to an SSH agent, and what it says (draft-miller-ssh-agent). Bytes only: the socket
//! is the caller's.

use ssh_key::{HashAlg, LineEnding, PublicKey, Signature, SshSig};

use super::sign::fingerprint;

/// Message numbers of the protocol, sections 3.5 and 3.6.
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
/// Longest answer that is taken; OpenSSH's own agent has the same limit.
pub const LONGEST_ANSWER: usize = 256 * 1024;

/// A key that an agent keeps.
#[derive(Debug, Clone)]
pub struct AgentKey {
    /// The public key, with the agent's comment.
    pub key: PublicKey,
}

impl AgentKey {
    /// Its fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.key)
    }
}

/// Asks which keys there are.
#[must_use]
pub fn list_request() -> Vec<u8> {
    framed(&[REQUEST_IDENTITIES])
}

/// The Ed25519 keys among an agent's; others are passed over.
///
/// # Errors
/// Where the answer is none, in words.
pub fn read_identities(answer: &[u8]) -> Result<Vec<AgentKey>, String> {
    let damaged = "the agent's answer is damaged";
    let rest = answer.strip_prefix(&[IDENTITIES_ANSWER]).ok_or("the agent lists no keys")?;
    let (count, mut rest) = number(rest).ok_or(damaged)?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let (blob, after) = string(rest).ok_or(damaged)?;
        let (comment, after) = string(after).ok_or(damaged)?;
        rest = after;
        let Ok(mut key) = PublicKey::from_bytes(blob) else { continue };
        if key.key_data().ed25519().is_some() {
            key.set_comment(String::from_utf8_lossy(comment));
            keys.push(AgentKey { key });
        }
    }
    Ok(keys)
}

/// Asks for a signature as `ssh-keygen -Y sign` makes it.
///
/// # Errors
/// What the format does not take, in words.
pub fn sign_request(key: &AgentKey, namespace: &str, message: &[u8]) -> Result<Vec<u8>, String> {
    let signed = SshSig::signed_data(namespace, HashAlg::Sha512, message)
        .map_err(|error| error.to_string())?;
    sign_bytes_request(key, &signed)
}

/// Asks for a bare signature.
///
/// # Errors
/// What the format does not take, in words.
pub fn sign_bytes_request(key: &AgentKey, message: &[u8]) -> Result<Vec<u8>, String> {
    let blob = key.key.to_bytes().map_err(|error| error.to_string())?;
    let mut body = vec![SIGN_REQUEST];
    put(&mut body, &blob);
    put(&mut body, message);
    body.extend(0_u32.to_be_bytes());
    Ok(framed(&body))
}

/// The armoured signature in an agent's answer.
///
/// # Errors
/// A refusal or damage, in words.
pub fn read_signature(key: &AgentKey, namespace: &str, answer: &[u8]) -> Result<String, String> {
    let signature = signature_of(answer)?;
    SshSig::new(key.key.key_data().clone(), namespace, HashAlg::Sha512, signature)
        .and_then(|signature| signature.to_pem(LineEnding::LF))
        .map_err(|error| error.to_string())
}

/// The bare Ed25519 signature in an agent's answer.
///
/// # Errors
/// A refusal or damage, in words.
pub fn read_bare_signature(answer: &[u8]) -> Result<[u8; 64], String> {
    let signature = signature_of(answer)?;
    signature.as_bytes().try_into().map_err(|_| "the agent signs by another kind of key".to_owned())
}

fn signature_of(answer: &[u8]) -> Result<Signature, String> {
    let rest = answer.strip_prefix(&[SIGN_RESPONSE]).ok_or("the agent does not sign")?;
    let (blob, _) = string(rest).ok_or("the agent's answer is damaged")?;
    Signature::try_from(blob).map_err(|error| error.to_string())
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    put(&mut message, body);
    message
}

fn put(to: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("no message to an agent has 4 GiB");
    to.extend(length.to_be_bytes());
    to.extend(bytes);
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (four, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*four), rest))
}

fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_answers_are_refused_and_never_panic() {
        let text = "ssh-ed25519 \
            AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti a@b";
        let key = PublicKey::from_openssh(text).unwrap();
        let mut answer = vec![IDENTITIES_ANSWER, 0, 0, 0, 1];
        put(&mut answer, &key.to_bytes().unwrap());
        put(&mut answer, b"j.jansen@example");
        let keys = read_identities(&answer).unwrap();
        assert_eq!(keys[0].key.comment(), "j.jansen@example");
        for cut in 0..answer.len() {
            assert!(read_identities(&answer[..cut]).is_err());
        }
        answer[1] = 0xFF; // a count of keys that no answer holds
        assert!(read_identities(&answer).is_err());
        assert!(read_signature(&keys[0], "x", &[5]).is_err());
        assert!(read_signature(&keys[0], "x", &[SIGN_RESPONSE, 0, 0, 0, 9]).is_err());
        let mut answer = vec![SIGN_RESPONSE];
        let mut signature = Vec::new();
        put(&mut signature, b"ssh-ed25519");
        put(&mut signature, &[9; 64]);
        put(&mut answer, &signature);
        assert_eq!(read_bare_signature(&answer), Ok([9; 64]));
        for cut in 0..answer.len() {
            assert!(read_bare_signature(&answer[..cut]).is_err());
        }
    }
}
