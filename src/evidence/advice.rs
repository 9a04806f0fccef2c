//! The organisation's own rules: `lhso.toml`, the enforcement matrix it adopted, and `advice.toml`,
//! what it advises. The program ships neither cells nor rules: it shows what was written there, by
//! the rule's id, after a person chose. It never chooses a cell or a sanction.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::case::FindingRow;

use super::Error;

/// The only version that is read.
const FORMAT_VERSION: u32 = 1;

/// The matrix as shipped: axes alone.
pub const MATRIX: &str = include_str!("texts/lhso.toml");

/// The national enforcement strategy's matrix.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    format_version: u32,
    adopted: Adopted,
    rows: [String; 4],
    columns: [String; 4],
    cells: Vec<Cell>,
}

/// By whom a matrix was adopted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Adopted {
    version: String,
    source: String,
    by: String,
    on: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cell {
    /// Column and row, A1 to D4.
    cell: String,
    /// What the organisation wrote there.
    outcome: String,
}

/// Where a person placed a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placed {
    /// Column and row, A1 to D4.
    pub cell: String,
    /// What its column is called.
    pub column: String,
    /// What its row is called.
    pub row: String,
    /// What the adopted matrix has there, if it has anything.
    pub outcome: Option<String>,
    /// By whom, in which edition and when it was adopted.
    pub adopted: Option<String>,
}

impl Matrix {
    /// From a file's text; `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Settings`] names what is wrong: cells that nobody adopted too.
    pub fn from_text(path: &Path, text: &str) -> Result<Self, Error> {
        let matrix: Self = read(path, text)?;
        let wrong = |reason: String| Error::Settings { path: path.to_owned(), reason };
        version(matrix.format_version).map_err(wrong)?;
        let Adopted { version, source, by, on } = &matrix.adopted;
        let adopted = [version, source, by, on].iter().all(|field| !field.trim().is_empty());
        if !matrix.cells.is_empty() && !adopted {
            let reason = "it has cells, so `adopted` has to say version, source, by and on";
            return Err(wrong(reason.to_owned()));
        }
        let mut known = BTreeSet::new();
        for cell in &matrix.cells {
            place(&cell.cell).ok_or_else(|| wrong(format!("`{}` is no cell", cell.cell)))?;
            if !known.insert(&cell.cell) {
                return Err(wrong(format!("cell {} is there twice", cell.cell)));
            }
        }
        Ok(matrix)
    }

    /// What a cell is called and what the organisation wrote there; `None` for what is no cell.
    #[must_use]
    pub fn placed(&self, cell: &str) -> Option<Placed> {
        let (column, row) = place(cell)?;
        let outcome = self.cells.iter().find(|one| one.cell == cell);
        let Adopted { version, by, on, .. } = &self.adopted;
        Some(Placed {
            cell: cell.to_owned(),
            column: self.columns[column].clone(),
            row: self.rows[row].clone(),
            outcome: outcome.map(|one| one.outcome.clone()),
            adopted: outcome.map(|_| format!("{by}, {version}, {on}")),
        })
    }
}

/// Column and row of a cell, both from 0.
fn place(cell: &str) -> Option<(usize, usize)> {
    match cell.as_bytes() {
        [column @ b'A'..=b'D', row @ b'1'..=b'4'] => {
            Some((usize::from(column - b'A'), usize::from(row - b'1')))
        }
        _ => None,
    }
}

/// An organisation's rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    format_version: u32,
    #[serde(default, rename = "rule")]
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    version: String,
    when: When,
    then: String,
    why: String,
    source: String,
}

/// All that is told has to hold; a rule that tells nothing always applies.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct When {
    kind: Vec<String>,
    polarity: Option<String>,
    severity: Vec<String>,
    status: Vec<String>,
    asset: Option<bool>,
    /// Contrast, whatever its sign.
    delta_k_from: Option<f64>,
    area_m2_from: Option<f64>,
    confidence_from: Option<f64>,
    cell: Vec<String>,
}

/// What a rule says of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "as the fields of a rule")]
pub struct Advice {
    pub rule: String,
    pub version: String,
    pub then: String,
    pub why: String,
    pub source: String,
}

impl Rules {
    /// From a file's text; `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Settings`] names what is wrong.
    pub fn from_text(path: &Path, text: &str) -> Result<Self, Error> {
        let rules: Self = read(path, text)?;
        let wrong = |reason: String| Error::Settings { path: path.to_owned(), reason };
        version(rules.format_version).map_err(wrong)?;
        let mut known = BTreeSet::new();
        for rule in &rules.rules {
            let Rule { id, version, then, why, source, .. } = rule;
            if [id, version, then, why, source].iter().any(|field| field.trim().is_empty()) {
                return Err(wrong(format!("rule `{id}`: it lacks something")));
            }
            if !known.insert(id) {
                return Err(wrong(format!("rule `{id}` is there twice")));
            }
            if let Some(cell) = rule.when.cell.iter().find(|cell| place(cell).is_none()) {
                return Err(wrong(format!("rule `{id}`: `{cell}` is no cell")));
            }
        }
        Ok(rules)
    }

    /// Every rule that applies, in the file's order; none is an answer too. `status` is what the
    /// person decided, `cell` where the finding was placed.
    #[must_use]
    pub fn advise(&self, finding: &FindingRow, status: &str, cell: Option<&str>) -> Vec<Advice> {
        let applying = self.rules.iter().filter(|rule| rule.when.holds(finding, status, cell));
        applying
            .map(|rule| Advice {
                rule: rule.id.clone(),
                version: rule.version.clone(),
                then: rule.then.clone(),
                why: rule.why.clone(),
                source: rule.source.clone(),
            })
            .collect()
    }
}

impl When {
    fn holds(&self, finding: &FindingRow, status: &str, cell: Option<&str>) -> bool {
        let among =
            |list: &[String], value: &str| list.is_empty() || list.iter().any(|one| one == value);
        let from = |least: Option<f64>, value: Option<f64>| {
            least.is_none_or(|least| value.is_some_and(|value| value >= least))
        };
        among(&self.kind, &finding.kind)
            && among(&self.severity, &finding.severity)
            && among(&self.status, status)
            && among(&self.cell, cell.unwrap_or(""))
            && self.polarity.as_ref().is_none_or(|polarity| *polarity == finding.polarity)
            && self.asset.is_none_or(|asset| asset == finding.asset.is_some())
            && from(self.delta_k_from, finding.delta_k.map(f64::abs))
            && from(self.area_m2_from, finding.area_m2)
            && from(self.confidence_from, finding.confidence)
    }
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path, text: &str) -> Result<T, Error> {
    toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| Error::Settings {
        path: path.to_owned(),
        reason: error.message().to_owned(),
    })
}

fn version(told: u32) -> Result<(), String> {
    let known = told == FORMAT_VERSION;
    known.then_some(()).ok_or_else(|| {
        format!("format_version {told} is not known; this program reads {FORMAT_VERSION}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADOPTED: &str =
        r#"adopted = { version = "2022", source = "CVDR", by = "OD", on = "2026" }"#;

    fn matrix(text: &str) -> Result<Matrix, String> {
        Matrix::from_text(Path::new("lhso.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_shipped_matrix_has_axes_and_no_outcome() {
        let shipped = matrix(MATRIX).unwrap();
        let placed = shipped.placed("B3").unwrap();
        assert_eq!((&*placed.column, &*placed.row), ("onverschillig", "van belang"));
        assert_eq!((placed.outcome, placed.adopted), (None, None));
        for wrong in ["E1", "A5", "A0", "", "B33", "b3"] {
            assert_eq!(shipped.placed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn cells_need_somebody_who_adopted_them() {
        let own = MATRIX.replace("cells = []", r#"cells = [{ cell = "B3", outcome = "x" }]"#);
        assert!(matrix(&own).unwrap_err().contains("adopted"));
        let empty = MATRIX.lines().find(|line| line.starts_with("adopted")).unwrap();
        let adopted = own.replace(empty, ADOPTED);
        let placed = matrix(&adopted).unwrap().placed("B3").unwrap();
        assert_eq!(placed.outcome.as_deref(), Some("x"));
        assert_eq!(placed.adopted.as_deref(), Some("OD, 2022, 2026"));
        assert!(matrix(&adopted.replace("\"B3\"", "\"B5\"")).unwrap_err().contains("no cell"));
        assert!(matrix(&adopted.replace("outcome", "sanction")).is_err());
        assert!(matrix(&MATRIX.replace("format_version = 1", "format_version = 2")).is_err());
    }

    const RULES: &str = r#"
format_version = 1
[[rule]]
id = "W-1"
version = "1"
when = { kind = ["hot_leak"], delta_k_from = 5.0, status = ["accepted"] }
then = "visit within two weeks"
why = "a leak grows"
source = "OD, work instruction 12"
[[rule]]
id = "W-2"
version = "3"
when = { cell = ["B3"], polarity = "hot" }
then = "ask the team leader"
why = "four eyes"
source = "OD, mandate"
"#;

    #[test]
    fn a_rule_applies_where_all_that_it_says_holds() {
        let rules = Rules::from_text(Path::new("advice.toml"), RULES).unwrap();
        let finding = |kind: &str, delta_k| FindingRow {
            kind: kind.to_owned(),
            polarity: if delta_k < 0.0 { "cold" } else { "hot" }.to_owned(),
            delta_k: Some(delta_k),
            ..FindingRow::default()
        };
        for (kind, delta_k, status, cell, expected) in [
            ("hot_leak", 5.0, "accepted", None, &["W-1"][..]),
            ("hot_leak", 5.0, "accepted", Some("B3"), &["W-1", "W-2"]),
            ("hot_leak", 4.9, "accepted", None, &[]),
            ("hot_leak", 9.0, "rejected", None, &[]),
            ("hot_leak", -9.0, "accepted", Some("B3"), &["W-1"]),
            ("unknown", 9.0, "accepted", Some("A1"), &[]),
        ] {
            let found = rules.advise(&finding(kind, delta_k), status, cell);
            let found: Vec<_> = found.iter().map(|advice| advice.rule.as_str()).collect();
            assert_eq!(found, expected, "{kind} {delta_k} {status} {cell:?}");
        }
    }

    #[test]
    fn a_rule_that_lacks_something_is_named() {
        for (from, to, said) in [
            ("source = \"OD, mandate\"", "source = \"\"", "W-2"),
            ("\"W-2\"", "\"W-1\"", "twice"),
            ("\"B3\"", "\"Z9\"", "Z9"),
            ("polarity =", "polarty =", "polarty"),
        ] {
            let text = RULES.replace(from, to);
            let error = Rules::from_text(Path::new("a.toml"), &text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
