//! The table beside a Shapefile (dBASE III and its followers): names and texts.

/// Of the table: version, date, counts; then 32 bytes a column and one to end them.
const HEADER_BYTES: usize = 32;
const COLUMN_BYTES: usize = 32;
const LAST_COLUMN: u8 = 0x0D;
const DELETED: u8 = b'*';

/// The rows of a table: the name and the text of each column. A deleted row is there and empty.
///
/// Texts are UTF-8, else Latin-1, since the code page is often not told.
///
/// # Errors
/// A sentence: what is announced is not there.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Vec<(String, String)>>, String> {
    let short = "the table is shorter than it announces";
    let number = |at: usize| bytes.get(at..at + 2).and_then(|b| b.first_chunk());
    let count = bytes.get(4..8).and_then(|b| b.first_chunk()).ok_or(short)?;
    let count = u32::from_le_bytes(*count) as usize;
    let header = usize::from(u16::from_le_bytes(*number(8).ok_or(short)?));
    let length = usize::from(u16::from_le_bytes(*number(10).ok_or(short)?));
    let rows = bytes.get(header..).ok_or(short)?;
    if length == 0 || rows.len() / length < count {
        return Err(format!("{count} rows of {length} bytes are announced and are not there"));
    }
    let columns = columns(bytes.get(HEADER_BYTES..header).ok_or(short)?);
    let row = |row: &[u8]| {
        let mut at = 1;
        let mut told = Vec::new();
        for (name, width) in &columns {
            let text = row.get(at..at + width).unwrap_or_default();
            told.push((name.clone(), words(text)));
            at += width;
        }
        if row.first() == Some(&DELETED) { Vec::new() } else { told }
    };
    Ok(rows.chunks_exact(length).take(count).map(row).collect())
}

/// Name and width of each column.
fn columns(header: &[u8]) -> Vec<(String, usize)> {
    let columns = header.chunks_exact(COLUMN_BYTES);
    let columns = columns.take_while(|column| column.first() != Some(&LAST_COLUMN));
    columns
        .map(|column| {
            let name = column.get(..11).unwrap_or_default();
            let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
            let width = column.get(16).copied().map_or(0, usize::from);
            (words(name.get(..end).unwrap_or_default()), width)
        })
        .collect()
}

fn words(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    };
    text.trim_matches(['\0', ' ']).to_owned()
}
