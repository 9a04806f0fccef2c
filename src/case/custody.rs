//! Who did what to the case, each line chained to the one before.
//!
//! A line is a JSON object with `seq, at, actor, role, action, object, object_sha256, reason, prev`
//! and a line feed. `prev` is the SHA-256 of the line before with its line feed, 64 zeros in the
//! first. The case keeps each line's bytes, since only they hash to what the next line says.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::shard::hexadecimal;

/// Something that a person or this program for them did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who.
    pub actor: String,
    /// As what.
    pub role: String,
    /// What: `ingest`, `review`, `export`, `regime_switch` …
    pub action: String,
    /// To what.
    pub object: String,
    /// SHA-256 of that, hexadecimal; empty where it has none.
    pub object_sha256: String,
    /// Why, in words.
    pub reason: String,
}

/// A line of the log as it is read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in `Deed`; `seq` counts from 1, `prev` chains")]
pub struct CustodyLine {
    pub seq: i64,
    pub at: String,
    pub actor: String,
    pub role: String,
    pub action: String,
    pub object: String,
    pub object_sha256: String,
    pub reason: String,
    pub prev: String,
}

/// What the first line's `prev` says.
pub const CUSTODY_START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Reads a whole log and follows its chain.
///
/// # Errors
/// The number of the first line, from 1, that is no line of such a log or not in its place, and
/// what is wrong with it.
pub fn read_custody(log: &[u8]) -> Result<(Vec<CustodyLine>, String), (usize, String)> {
    let mut prev = CUSTODY_START.to_owned();
    let mut lines = Vec::new();
    for (at, bytes) in log.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let wrong = |reason: &str| (at + 1, reason.to_owned());
        let Some(text) = bytes.strip_suffix(b"\n") else {
            return Err(wrong("it does not end in a line feed"));
        };
        let line: CustodyLine =
            serde_json::from_slice(text).map_err(|error| (at + 1, error.to_string()))?;
        if line.prev != prev {
            return Err(wrong("prev is not the SHA-256 of the line before"));
        }
        if usize::try_from(line.seq) != Ok(at + 1) {
            return Err(wrong("seq does not count on"));
        }
        prev = hexadecimal(&Sha256::digest(bytes));
        lines.push(line);
    }
    Ok((lines, prev))
}

/// Adds a line; gives its hash, the new head.
pub(super) fn append(connection: &mut Connection, deed: &Deed) -> rusqlite::Result<String> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let head = append_within(&transaction, deed)?;
    transaction.commit()?;
    Ok(head)
}

/// The same within a transaction that is under way.
pub(super) fn append_within(transaction: &Connection, deed: &Deed) -> rusqlite::Result<String> {
    let last: Option<(i64, Vec<u8>)> = transaction
        .query_row("SELECT seq, line FROM custody ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (seq, prev) = last.map_or((1, CUSTODY_START.to_owned()), |(seq, line)| {
        (seq + 1, hexadecimal(&Sha256::digest(&line)))
    });
    let Deed { at, actor, role, action, object, object_sha256, reason } = deed.clone();
    let line = CustodyLine { seq, at, actor, role, action, object, object_sha256, reason, prev };
    let mut bytes = serde_json::to_vec(&line).expect("text and a number always serialise");
    bytes.push(b'\n');
    transaction.execute(
        "INSERT INTO custody (seq, at, actor, role, action, object, object_sha256, reason, prev, \
         line) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            line.seq,
            line.at,
            line.actor,
            line.role,
            line.action,
            line.object,
            line.object_sha256,
            line.reason,
            line.prev,
            bytes,
        ],
    )?;
    Ok(hexadecimal(&Sha256::digest(&bytes)))
}

/// The whole log's bytes.
pub(super) fn log(connection: &Connection) -> rusqlite::Result<Vec<u8>> {
    let mut select = connection.prepare("SELECT line FROM custody ORDER BY seq")?;
    let mut rows = select.query([])?;
    let mut log = Vec::new();
    while let Some(row) = rows.next()? {
        log.extend(row.get_ref(0)?.as_bytes()?);
    }
    Ok(log)
}

/// Whether something was done to an object already.
pub(super) fn has(connection: &Connection, action: &str, object: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM custody WHERE action = ?1 AND object = ?2)",
        [action, object],
        |row| row.get(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chained(count: usize) -> Vec<u8> {
        let mut connection = Connection::open_in_memory().unwrap();
        super::super::schema::create(&connection).unwrap();
        for number in 0..count {
            let deed = Deed {
                at: "2026-01-01T00:00:00Z".to_owned(),
                actor: "A. \"Kestrel\"\nJansen".to_owned(),
                role: "pilot".to_owned(),
                action: "ingest".to_owned(),
                object: format!("run {number}"),
                object_sha256: String::new(),
                reason: "é".to_owned(),
            };
            append(&mut connection, &deed).unwrap();
        }
        log(&connection).unwrap()
    }

    #[test]
    fn every_change_of_a_log_but_a_cut_tail_breaks_its_chain() {
        let good = chained(4);
        let (lines, head) = read_custody(&good).unwrap();
        assert_eq!((lines.len(), lines[0].prev.as_str()), (4, CUSTODY_START));
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            let same = read_custody(&bad).is_ok_and(|(_, changed)| changed == head);
            assert!(!same, "byte {at}");
        }
        let split: Vec<_> = good.split_inclusive(|&byte| byte == b'\n').collect();
        for dropped in 0..split.len() {
            let mut less = split.clone();
            less.remove(dropped);
            let same = read_custody(&less.concat()).is_ok_and(|(_, changed)| changed == head);
            assert!(!same, "line {dropped}");
        }
        for cut in 0..good.len() {
            let same = read_custody(&good[..cut]).is_ok_and(|(_, changed)| changed == head);
            assert!(!same, "cut at {cut}");
        }
    }
}
