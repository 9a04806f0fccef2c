//! Who signed, and by when did it exist?

use super::bag::TAG_MANIFEST;
use super::minisign::{self, PUBLIC_KEY};
use super::sign::{self, FLIGHT_NAMESPACE, PACKAGE_NAMESPACE, Signed};
use super::timestamp;
use super::verify::{Expected, Opened, STAMP_CHECK, Stamp};
use super::{digest, hexadecimal};

/// Largest of the files that are read whole here.
const LARGEST: u64 = 256 << 20;
const FLIGHT: &str = "data/flight/flight-manifest-sha256.txt";

const SIGNED: &str = "who signed, and that it is these files that they signed";
const SIGNED_TWICE: &str = "the same person signed, in a format that other tools check";
const WHOSE: &str = "the key is the one that the organisation published";
const REQUESTED: &str = "the request for a time stamp is for these files";
const STAMPED: &str = "an authority saw these files at that time: they existed by then";
const FLIGHT_SIGNED: &str = "who sealed the flight when it came in";
const FLIGHT_STAMPED: &str = "by when the flight's files existed";

/// The signature on the tag manifest; whether it holds.
pub(super) fn package(opened: &mut Opened, expected: &Expected) -> bool {
    let named = opened.info.get("Signed-By").cloned();
    let signature = format!("{TAG_MANIFEST}.sig");
    if !opened.source.has(&signature) {
        match named {
            // Who removes a signature cannot remove this without breaking the lists.
            Some(who) => {
                opened.add("signature", SIGNED, Err(format!("the one of {who} was removed")));
            }
            None => opened.left("signature", SIGNED, "not signed"),
        }
        if expected.fingerprint.is_some() {
            opened.add("fingerprint", WHOSE, Err("not signed".to_owned()));
        }
        return false;
    }
    let mut seen = signed(opened, TAG_MANIFEST, &signature, PACKAGE_NAMESPACE);
    if let (Ok(signed), Some(named)) = (&seen, &named)
        && *named != format!("{} {}", signed.identity, signed.fingerprint)
    {
        seen = Err(format!("by {} instead of {named}", signed.fingerprint));
    }
    let by = seen.as_ref().ok().cloned();
    let told = seen.map(|signed| format!("{}, {}", signed.identity, signed.fingerprint));
    opened.add("signature", SIGNED, told);
    match (&by, &expected.fingerprint) {
        (Some(by), Some(expected)) if by.fingerprint == *expected => {
            opened.add("fingerprint", WHOSE, Ok(expected.clone()));
        }
        (Some(by), Some(expected)) => {
            let other = format!("{} signed, not {expected}", by.fingerprint);
            opened.add("fingerprint", WHOSE, Err(other));
        }
        (None, Some(_)) => opened.add("fingerprint", WHOSE, Err("no signature holds".to_owned())),
        (_, None) => opened.left(
            "fingerprint",
            WHOSE,
            "not checked: give --fingerprint, from elsewhere than this package",
        ),
    }
    by.is_some()
}

/// The signature of minisign, where the package says that there is one.
pub(super) fn minisign(opened: &mut Opened) {
    if opened.source.has(PUBLIC_KEY) {
        let seen = signed_for_minisign(opened);
        opened.add("minisign", SIGNED_TWICE, seen);
    } else if opened.source.has(&format!("{TAG_MANIFEST}{}", minisign::ENDING)) {
        // Laid beside it by somebody whose key was not known at the export.
        let why = "not checked: its key is not in the package; minisign -V knows it by -P";
        opened.left("minisign", SIGNED_TWICE, why);
    }
}

fn signed_for_minisign(opened: &mut Opened) -> Result<String, String> {
    let message = opened.source.read(TAG_MANIFEST, LARGEST)?;
    let signature = format!("{TAG_MANIFEST}{}", minisign::ENDING);
    if !opened.source.has(&signature) {
        return Err("it was removed".to_owned());
    }
    let signature = opened.source.read(&signature, 1 << 16)?;
    let public = opened.source.text(PUBLIC_KEY, 1 << 16)?;
    let allowed = opened.source.text("verify/allowed_signers", 1 << 20)?;
    let is_it = |key: &_| minisign::public_key(key).is_ok_and(|text| text == public);
    let found = sign::signers(&allowed).into_iter().find(|(_, key)| is_it(key));
    let (identity, key) =
        found.ok_or_else(|| format!("{PUBLIC_KEY} is no key of verify/allowed_signers"))?;
    let by = format!("{identity} {}", sign::fingerprint(&key));
    match opened.info.get("Signed-By") {
        Some(named) if *named != by => return Err(format!("by {by} instead of {named}")),
        _ => {}
    }
    let name = opened.info.get("External-Identifier").map(String::as_str).unwrap_or_default();
    minisign::check(&signature, &key, &message, &minisign::comment(name))?;
    Ok(by)
}

fn signed(
    opened: &mut Opened,
    message: &str,
    signature: &str,
    namespace: &str,
) -> Result<Signed, String> {
    let message = opened.source.read(message, LARGEST)?;
    let signature = opened.source.read(signature, 1 << 16)?;
    let allowed = opened.source.text("verify/allowed_signers", 1 << 20)?;
    sign::check(&signature, namespace, &message, &allowed)
}

/// The request and the reply of the tag manifest's time stamp.
pub(super) fn stamp(opened: &mut Opened) -> Option<Stamp> {
    let stamped = opened.source.read(TAG_MANIFEST, LARGEST).unwrap_or_default();
    let sha256 = digest::sha256(&stamped);
    let request = opened.source.read(&format!("{TAG_MANIFEST}.tsq"), 1 << 16);
    let seen = request.and_then(|bytes| match bytes == timestamp::request(&sha256) {
        true => Ok("59 bytes".to_owned()),
        false => Err("it is for something else".to_owned()),
    });
    opened.add("time_stamp_request", REQUESTED, seen);
    let reply = format!("{TAG_MANIFEST}.tsr");
    if !opened.source.has(&reply) {
        opened.left(STAMP_CHECK, STAMPED, "not stamped");
        return None;
    }
    let read = opened.source.read(&reply, 1 << 20).and_then(|bytes| {
        let says = timestamp::read_reply(&bytes).map_err(|error| error.to_string())?;
        if says.digest != sha256 {
            return Err(format!("it stamps {}", hexadecimal(&says.digest)));
        }
        Ok(Stamp { stamped, reply: bytes, says })
    });
    match read {
        Ok(stamp) => {
            let why = format!(
                "not checked: says {}; give --tsa-ca with the authority's own certificate",
                stamp.says.made_at
            );
            opened.left(STAMP_CHECK, STAMPED, &why);
            Some(stamp)
        }
        Err(reason) => {
            opened.add(STAMP_CHECK, STAMPED, Err(reason));
            None
        }
    }
}

/// Signature and request of the flight's own seal.
pub(super) fn flight(opened: &mut Opened) {
    let signature = format!("{FLIGHT}.sig");
    if opened.source.has(&signature) {
        let seen = signed(opened, FLIGHT, &signature, FLIGHT_NAMESPACE);
        let told = seen.map(|signed| format!("{}, {}", signed.identity, signed.fingerprint));
        opened.add("flight_signature", FLIGHT_SIGNED, told);
    } else {
        opened.left("flight_signature", FLIGHT_SIGNED, "the flight's seal is not signed");
    }
    let sha256 = opened.source.read(FLIGHT, LARGEST).map(|bytes| digest::sha256(&bytes));
    let request = opened.source.read(&format!("{FLIGHT}.tsq"), 1 << 16);
    let seen = sha256.and_then(|sha256| match request? == timestamp::request(&sha256) {
        true => Ok(sha256),
        false => Err("the request is for something else".to_owned()),
    });
    let reply = format!("{FLIGHT}.tsr");
    match (seen, opened.source.has(&reply)) {
        (Err(reason), _) => opened.add("flight_time_stamp", FLIGHT_STAMPED, Err(reason)),
        (Ok(_), false) => {
            opened.left("flight_time_stamp", FLIGHT_STAMPED, "requested, not stamped");
        }
        (Ok(sha256), true) => {
            let says = opened
                .source
                .read(&reply, 1 << 20)
                .and_then(|bytes| timestamp::read_reply(&bytes).map_err(|error| error.to_string()));
            match says {
                Ok(says) if says.digest == sha256 => {
                    let why = format!("says {}; check it with openssl ts -verify", says.made_at);
                    opened.left("flight_time_stamp", FLIGHT_STAMPED, &why);
                }
                Ok(_) => {
                    let other = Err("it stamps something else".to_owned());
                    opened.add("flight_time_stamp", FLIGHT_STAMPED, other);
                }
                Err(reason) => opened.add("flight_time_stamp", FLIGHT_STAMPED, Err(reason)),
            }
        }
    }
}
