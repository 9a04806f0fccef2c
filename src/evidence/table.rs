//! Tables as this room writes them, read back.

use std::collections::BTreeMap;

/// A table after RFC 4180: a row is a map from the header's names to fields.
///
/// # Errors
/// Rows that have another number of fields than the header, open quotes.
pub(super) fn rows(text: &str) -> Result<Vec<BTreeMap<String, String>>, String> {
    let mut records = records(text)?.into_iter();
    let header = records.next().ok_or("an empty table")?;
    let mut rows = Vec::new();
    for (number, record) in records.enumerate() {
        if record.len() != header.len() {
            return Err(format!("row {}: {} fields of {}", number + 1, record.len(), header.len()));
        }
        rows.push(header.iter().cloned().zip(record).collect());
    }
    Ok(rows)
}

fn records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    if quoted {
        return Err("a quote is never closed".to_owned());
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_are_read_back() {
        let read = rows("a,b\r\n\"x,\"\"y\r\n\",2\r\n").unwrap();
        assert_eq!(
            (read.len(), read[0]["a"].as_str(), read[0]["b"].as_str()),
            (1, "x,\"y\r\n", "2")
        );
        assert!(rows("a,b\r\n1\r\n").is_err());
        assert!(rows("a,b\r\n\"1,2\r\n").is_err());
    }
}
