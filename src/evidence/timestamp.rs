//! Time stamps after RFC 3161: the request by hand, and what a reply says.
//!
//! Whether a reply's signature holds is for `openssl ts -verify` to say, with a certificate that
//! came from the authority itself. Here is only read what it is a stamp of, and when it was made.

use super::Error;

/// `TimeStampReq` up to the digest (RFC 3161, section 2.4.1): version 1, a message imprint with
/// SHA-256 (2.16.840.1.101.3.4.2.1) and no parameters but NULL.
const HEAD: [u8; 24] = [
    0x30, 0x39, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];
/// `certReq` TRUE: without it the reply lacks the signer's certificate and cannot be verified.
const TAIL: [u8; 3] = [0x01, 0x01, 0xFF];

/// The request for a stamp on a SHA-256 digest: 59 bytes, no nonce, so equal for equal digests.
#[must_use]
pub fn request(digest: &[u8; 32]) -> Vec<u8> {
    [&HEAD[..], digest, &TAIL].concat()
}

/// What a reply says of itself; nothing of it is proven by reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The digest that was stamped.
    pub digest: Vec<u8>,
    /// `YYYYMMDDHHMMSSZ`, perhaps with a fraction.
    pub made_at: String,
}

/// Reads a reply (`TimeStampResp`).
///
/// # Errors
/// [`Error::Stamp`] for damaged bytes and for a reply that grants nothing.
pub fn read_reply(bytes: &[u8]) -> Result<Reply, Error> {
    let wrong = |what: &str| Error::Stamp(what.to_owned());
    let (response, rest) = expect(bytes, 0x30).ok_or(wrong("it is no RFC 3161 reply"))?;
    if !rest.is_empty() {
        return Err(wrong("bytes follow the reply"));
    }
    let (status, token) = expect(response, 0x30).ok_or(wrong("it has no status"))?;
    let (status, _) = expect(status, 0x02).ok_or(wrong("it has no status"))?;
    // 0 is granted, 1 granted with modifications (section 2.4.2).
    if !matches!(status, [0 | 1]) {
        return Err(wrong("the authority refused"));
    }
    stamped(token).ok_or(wrong("it holds no stamp that can be read"))
}

/// `ContentInfo` → `SignedData` → `TSTInfo`.
fn stamped(token: &[u8]) -> Option<Reply> {
    let (content_info, _) = expect(token, 0x30)?;
    let (_, explicit) = expect(content_info, 0x06)?;
    let (signed, _) = expect(expect(explicit, 0xA0)?.0, 0x30)?;
    let (_, after_version) = expect(signed, 0x02)?;
    let (_, after_algorithms) = expect(after_version, 0x31)?;
    let (encapsulated, _) = expect(after_algorithms, 0x30)?;
    let (_, explicit) = expect(encapsulated, 0x06)?;
    let (info, _) = expect(expect(expect(explicit, 0xA0)?.0, 0x04)?.0, 0x30)?;
    let (_, after_version) = expect(info, 0x02)?;
    let (_, after_policy) = expect(after_version, 0x06)?;
    let (imprint, after_imprint) = expect(after_policy, 0x30)?;
    let (_, after_algorithm) = expect(imprint, 0x30)?;
    let (digest, _) = expect(after_algorithm, 0x04)?;
    let (_, after_serial) = expect(after_imprint, 0x02)?;
    let (made_at, _) = expect(after_serial, 0x18)?;
    let made_at = String::from_utf8(made_at.to_vec()).ok()?;
    Some(Reply { digest: digest.to_vec(), made_at })
}

/// The content of a DER element with this tag, and what follows it. Definite lengths only.
fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&short, rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    let (length, rest) = match short {
        0..=0x7F => (usize::from(short), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(short - 0x80))?;
            let length = length.iter().fold(0_u64, |sum, &byte| (sum << 8) | u64::from(byte));
            (usize::try_from(length).ok()?, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        let head = if length < 0x80 { vec![tag, length] } else { vec![tag, 0x81, length] };
        [head.as_slice(), content].concat()
    }

    fn reply(status: u8) -> Vec<u8> {
        let imprint = element(0x30, &[element(0x30, &[5, 0]), element(0x04, &[7; 32])].concat());
        let info = [
            element(0x02, &[1]),
            element(0x06, &[42]),
            imprint,
            element(0x02, &[9]),
            element(0x18, b"20260101120000Z"),
        ];
        let info = element(0x04, &element(0x30, &info.concat()));
        let inner = element(0x30, &[element(0x06, &[1]), element(0xA0, &info)].concat());
        let signed = element(0x30, &[element(0x02, &[3]), element(0x31, &[]), inner].concat());
        let token = element(0x30, &[element(0x06, &[2]), element(0xA0, &signed)].concat());
        element(0x30, &[element(0x30, &element(0x02, &[status])), token].concat())
    }

    #[test]
    fn a_request_is_59_bytes_of_der() {
        let bytes = request(&[0xAB; 32]);
        assert_eq!(bytes.len(), 59);
        let (body, rest) = expect(&bytes, 0x30).unwrap();
        assert_eq!((body.len(), rest.len()), (57, 0));
    }

    #[test]
    fn a_reply_is_read_and_damage_never_panics() {
        let good = reply(0);
        let read = read_reply(&good).unwrap();
        assert_eq!(read, Reply { digest: vec![7; 32], made_at: "20260101120000Z".to_owned() });
        assert!(read_reply(&reply(2)).unwrap_err().to_string().contains("refused"));
        for cut in 0..good.len() {
            assert!(read_reply(&good[..cut]).is_err());
            let mut flipped = good.clone();
            flipped[cut] ^= 0x80;
            let _ = read_reply(&flipped);
        }
    }
}
