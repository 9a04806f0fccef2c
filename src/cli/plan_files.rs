//! The files of a plan: all of them, or none.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::mission::{self, DjiAircraft, Mission};
use crate::plan::{self, Language, Params, Plan, Sheet, Verdict};
use crate::site::Site;

use super::ending::BadInput;
use super::{files, output};

/// Marks a folder as a plan's, so that another plan may take its place.
const MARK: &str = "plan.geojson";

/// What the files say besides the plan.
pub(super) struct Told<'a> {
    pub(super) site: &'a Site,
    pub(super) params: &'a Params,
    pub(super) verdicts: &'a [Verdict],
    pub(super) language: Language,
}

/// Writes all files into a folder beside `out` and gives it that name once all are there. An older
/// plan at the place is replaced; any other folder is left alone.
pub(super) fn write(out: &Path, plan: &Plan<'_>, told: &Told<'_>) -> anyhow::Result<Vec<String>> {
    if out.exists() && !(out.is_dir() && (out.join(MARK).is_file() || is_empty(out)?)) {
        let reason = format!("{}: is there and holds no plan; choose another --out", out.display());
        return Err(BadInput(reason).into());
    }
    let texts = texts(plan, told)?;
    let [scratch, old] = ["new", "old"].map(|end| beside(out, end));
    let _ = std::fs::remove_dir_all(&scratch);
    let written = texts.iter().try_for_each(|(name, text)| files::write(&scratch.join(name), text));
    if let Err(error) = written {
        let _ = std::fs::remove_dir_all(&scratch);
        return Err(error);
    }
    if out.exists() {
        let _ = std::fs::remove_dir_all(&old);
        std::fs::rename(out, &old).with_context(|| format!("{}: not replaced", out.display()))?;
    }
    std::fs::rename(&scratch, out).with_context(|| format!("{}: not written", out.display()))?;
    let _ = std::fs::remove_dir_all(&old);
    Ok(texts.into_iter().map(|text| text.0).collect())
}

fn is_empty(folder: &Path) -> anyhow::Result<bool> {
    Ok(std::fs::read_dir(folder)?.next().is_none())
}

/// A name of our own in the same folder, where renaming is one step.
fn beside(out: &Path, end: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(out.file_name().unwrap_or(std::ffi::OsStr::new("plan")));
    name.push(format!(".{end}"));
    out.parent().unwrap_or(Path::new("")).join(name)
}

/// Names and bytes of all files.
fn texts(plan: &Plan<'_>, told: &Told<'_>) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let camera = &told.params.camera;
    let sheet = Sheet {
        language: told.language,
        params: told.params,
        mandate: &told.site.mandate,
        verdicts: told.verdicts,
    };
    let mut map = serde_json::to_vec(&plan::geojson(plan, camera)?)?;
    map.push(b'\n');
    let mut texts = vec![
        (MARK.to_owned(), map),
        ("plan.svg".to_owned(), plan::picture(plan, camera)?.into_bytes()),
        ("preflight.html".to_owned(), plan::sheet(plan, &sheet)?.into_bytes()),
    ];
    for (at, flown) in plan.flown.iter().enumerate() {
        let (mission, name) = (&flown.mission, format!("sortie-{}", at + 1));
        let formats = [
            ("plan", mission::to_plan(mission)),
            ("waypoints", mission::to_waypoints(mission)),
            ("kml", mission::to_kml(mission)),
            ("gpx", mission::to_gpx(mission)),
        ];
        for (end, written) in formats {
            texts.push((format!("{name}.{end}"), written.text.into_bytes()));
        }
        if let Some(edited) = plan::editable(plan, told.site, told.params, at) {
            let written = mission::to_plan(&edited);
            texts.push((format!("{name}.edit.plan"), written.text.into_bytes()));
        }
        if let Some(aircraft) = DjiAircraft::of_camera(&camera.id) {
            texts
                .extend(dji(mission, &aircraft, &name).map(|bytes| (format!("{name}.kmz"), bytes)));
        }
    }
    Ok(texts)
}

/// The route for an aircraft of DJI; why there is none, what it leaves out and what is to be known
/// is told.
fn dji(mission: &Mission, aircraft: &DjiAircraft, name: &str) -> Option<Vec<u8>> {
    let tell = |words: &str| output::message(&format!("{name}.kmz: {words}"));
    match mission::to_wpml(mission, aircraft) {
        Ok(packed) => {
            packed.lost.iter().for_each(|lost| tell(&format!("not written: {lost}")));
            packed.notes.iter().for_each(|note| tell(note));
            Some(packed.bytes)
        }
        Err(error) => {
            tell(&format!("not written: {error}"));
            None
        }
    }
}
