//! `--terrain`: elevation models that a user named.

use std::path::PathBuf;

use crate::geo::{self, Terrain};
use crate::inspect;

use super::inspection::DatumArg;
use super::{files, output};

/// One ground of all files and folders, in this order; what is assumed of them is told.
pub(super) fn opened(paths: &[PathBuf], datum: Option<DatumArg>) -> anyhow::Result<Terrain> {
    let models = geo::terrain_files(paths)?;
    for file in &models {
        files::regular(file)?;
    }
    let terrain = Terrain::open_all(&models, &DatumArg::model(datum))?;
    if let Some(assumption) = terrain.assumption() {
        let names: Vec<_> = paths.iter().map(|path| inspect::name_of(path)).collect();
        output::message(&format!("{}: {assumption}", names.join(", ")));
    }
    Ok(terrain)
}
