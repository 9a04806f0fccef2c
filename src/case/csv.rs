//! Findings as CSV.

use std::io::{self, Write};

use serde_json::Value;

use super::FindingRow;

/// Findings as CSV after RFC 4180: a header line, `,` between fields, CRLF after lines, UTF-8.
/// Lists are JSON text, what is not known is empty.
///
/// # Errors
/// Those of `out`.
pub fn write_findings_csv(findings: &[FindingRow], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(FindingRow::COLUMNS.join(",").as_bytes())?;
    out.write_all(b"\r\n")?;
    for finding in findings {
        let Value::Object(properties) = serde_json::to_value(finding)? else {
            continue; // a struct is always an object
        };
        let fields = FindingRow::COLUMNS.map(|name| field(properties.get(name)));
        out.write_all(fields.join(",").as_bytes())?;
        out.write_all(b"\r\n")?;
    }
    Ok(())
}

fn field(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if text.contains(['"', ',', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_as_the_rfc_says() {
        let table = [
            (serde_json::json!("plain"), "plain"),
            (serde_json::json!("a,b"), "\"a,b\""),
            (serde_json::json!("5\" pipe"), "\"5\"\" pipe\""),
            (serde_json::json!("two\nlines"), "\"two\nlines\""),
            (serde_json::json!(["a", "b"]), "\"[\"\"a\"\",\"\"b\"\"]\""),
            (serde_json::json!(52.25), "52.25"),
            (Value::Null, ""),
        ];
        for (value, text) in table {
            assert_eq!(field(Some(&value)), text);
        }
    }
}
