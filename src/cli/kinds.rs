//! `--kinds` and `--condition`: what each kind is held against, and under which conditions it was
//! flown.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::fuse::{Conditions, KindRules, KindTable};
use crate::inspect::name_of;

use super::ending::{BadInput, UsageError};
use super::files;

/// How findings are graded.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Kinds and severity")]
pub(super) struct KindArgs {
    /// Take kinds, limits and conditions of this TOML file instead of the program's own, which
    /// `about --kinds` prints
    #[arg(long, value_name = "FILE")]
    kinds: Option<PathBuf>,
    /// What it was like, again for each: indoor_c, outdoor_c, inside_outside_k, irradiance_w_m2,
    /// wind_m_s, cloud_okta, dry_h, sun_gone_h, load_percent. A finding of a kind that needs one
    /// that is not told or does not hold is marked inconclusive
    #[arg(long, value_name = "NAME=VALUE", value_parser = told)]
    condition: Vec<(String, f64)>,
}

/// `wind_m_s=3.5`.
fn told(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("a name and a number, like wind_m_s=3.5")?;
    let value = value.trim().parse().map_err(|_| format!("`{value}` is no number"))?;
    Ok((name.trim().to_owned(), value))
}

/// Rules, and what the run's record says of them.
pub(super) struct Graded {
    pub(super) rules: KindRules,
    /// The table by name and content.
    pub(super) table: Value,
    pub(super) conditions: Conditions,
}

impl KindArgs {
    pub(super) fn graded(&self) -> anyhow::Result<Graded> {
        let mut conditions = Conditions::default();
        for (name, value) in &self.condition {
            conditions
                .tell(name, *value)
                .map_err(|what| UsageError(format!("--condition: {what}")))?;
        }
        let table = self.kinds.as_deref().map(read).transpose()?.unwrap_or_default();
        Ok(Graded {
            rules: table.rules(&conditions),
            table: json!({
                "file": self.kinds.as_deref().map(name_of),
                "name": table.name,
                "sha256": table.sha256,
            }),
            conditions,
        })
    }
}

fn read(file: &Path) -> anyhow::Result<KindTable> {
    files::regular(file)?;
    let bad = |what: String| {
        let name = name_of(file);
        BadInput(format!("{name}: {what}; `torenvalk about --kinds` prints a table to start from"))
    };
    let bytes = std::fs::metadata(file).map_err(|error| bad(error.to_string()))?.len();
    if bytes > KindTable::LARGEST_BYTES as u64 {
        return Err(bad(format!("{bytes} bytes are too many for a table of kinds")).into());
    }
    let text = std::fs::read_to_string(file).map_err(|error| bad(error.to_string()))?;
    Ok(KindTable::read(&text).map_err(bad)?)
}
