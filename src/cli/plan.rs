//! `plan`: a site becomes flights.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use crate::case::Case;
use crate::geo::Terrain;
use crate::plan::{
    self, Camera, Params, Pattern, Plan, Subject, Vehicle, Violation, Weather, Wind,
};
use crate::site::{self, Site};

use super::ending::{BadInput, UsageError, within};
use super::inspection::DatumArg;
use super::plan_files::{self, Told};
use super::shared_args::CameraArgs;
use super::{Ending, files, output, terrain};

/// Of a FLIR A655sc (Ramanagopal et al., RSS 2020); vanadium oxide bolometers have 8 to 12 ms.
const USUAL_TAU_MS: f64 = 11.0;
/// Where neither table nor user tells: what radiometric pictures usually take to be stored.
const USUAL_INTERVAL_S: f64 = 1.0;

/// A site into flights: missions, maps and a preflight sheet
///
/// Plans by the thermal camera's own field of view, no faster than its sensor allows, inside the
/// site's areas and outside of its zones, in sorties that a battery carries. What is written is
/// checked leg by leg; the exit code is 4 where a check fails, and the files are there to be looked
/// at.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The site: TOML, or what `about` lists
    #[arg(value_name = "SITE")]
    site: PathBuf,
    /// Folder for all files; it must not be there yet, or hold an older plan
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    camera: CameraArgs,
    #[command(flatten)]
    pattern: PatternArgs,
    #[command(flatten)]
    flight: FlightArgs,
    #[command(flatten)]
    weather: WeatherArgs,
    /// Elevation models, files or folders of tiles
    #[arg(long, value_name = "DEM")]
    terrain: Vec<PathBuf>,
    /// What the models' heights are measured from
    #[arg(long, value_enum)]
    terrain_datum: Option<DatumArg>,
    /// Language of the preflight sheet
    #[arg(long, value_enum, default_value_t = LanguageArg::En)]
    language: LanguageArg,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk plan site.toml --camera m3t --out plan
  torenvalk plan site.toml --camera m30t --pattern corridor --terrain ahn.tif --out plan
  torenvalk plan site.toml --camera m3t --from-case works.case --finding f1 --out again
  torenvalk plan site.toml --camera m3t --gaps-of works.case --out rest";

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is flown")]
struct PatternArgs {
    /// What is flown; without it the areas, else the routes
    #[arg(long, value_enum, conflicts_with_all = ["from_case", "gaps_of"])]
    pattern: Option<PatternArg>,
    /// Only these assets, by name
    #[arg(long, value_name = "NAME")]
    asset: Vec<String>,
    /// Lines across the others as well
    #[arg(long)]
    crosshatch: bool,
    /// Direction of lines, degrees from north; without it the best is found
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    along_deg: Option<f64>,
    /// The camera's tilt over roofs in degrees; -90 is straight down
    #[arg(long, value_name = "DEG", default_value_t = -60.0, allow_hyphen_values = true)]
    pitch_deg: f64,
    /// Look again at findings of this case, from four sides and above
    #[arg(long, value_name = "CASE", conflicts_with = "gaps_of")]
    from_case: Option<PathBuf>,
    /// Only these findings
    #[arg(long, value_name = "ID", requires = "from_case")]
    finding: Vec<String>,
    /// Fly what the frames of this case have missed
    #[arg(long, value_name = "CASE")]
    gaps_of: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PatternArg {
    Survey,
    Corridor,
    Facade,
    Roof,
    Orbit,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How it is flown")]
struct FlightArgs {
    /// Centimetres of ground a pixel may cover; without it what the site's assets ask for
    #[arg(long, value_name = "CM", conflicts_with = "distance_m")]
    gsd_cm: Option<f64>,
    /// Metres to the surface
    #[arg(long, value_name = "M")]
    distance_m: Option<f64>,
    /// Overlap ahead in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 70.0)]
    overlap_front: f64,
    /// Overlap aside in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 50.0)]
    overlap_side: f64,
    /// Pixels that the ground may move within the sensor's time constant
    #[arg(long, value_name = "PX", default_value_t = 1.0)]
    blur_px: f64,
    /// The sensor's thermal time constant in milliseconds; without it the camera table's, or 11
    #[arg(long, value_name = "MS")]
    time_constant_ms: Option<f64>,
    /// Least seconds from picture to picture; without it the camera table's, or 1
    #[arg(long, value_name = "S")]
    least_interval_s: Option<f64>,
    /// Greatest speed at work, m/s
    #[arg(long, value_name = "M_S", default_value_t = 8.0)]
    speed_m_s: f64,
    /// How far from the area flying is allowed; without it half a picture
    #[arg(long, value_name = "M")]
    margin_m: Option<f64>,
    /// Distance to keep from zones
    #[arg(long, value_name = "M", default_value_t = 5.0)]
    zone_margin_m: f64,
    /// Least distance from ground and things
    #[arg(long, value_name = "M", default_value_t = 5.0)]
    clearance_m: f64,
    /// Greatest height above ground
    #[arg(long, value_name = "M", default_value_t = 120.0)]
    most_height_m: f64,
    /// Farthest from the take-off, in sight
    #[arg(long, value_name = "M", default_value_t = 500.0)]
    range_m: f64,
    /// Minutes in the air on a full battery
    #[arg(long, value_name = "MIN", default_value_t = 30.0)]
    endurance_min: f64,
    /// Percent of the battery that is kept
    #[arg(long, value_name = "PERCENT", default_value_t = 25.0)]
    reserve: f64,
    /// Ground above the ellipsoid in metres, without a terrain model
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    ground_height_m: Option<f64>,
    /// When the flight begins, UTC: 2026-11-28T20:00:00Z
    #[arg(long, value_name = "TIME")]
    when: Option<Timestamp>,
}

/// What is known of the weather.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Weather (what is not told is not known)")]
struct WeatherArgs {
    /// Wind, m/s
    #[arg(long, value_name = "M_S")]
    wind_m_s: Option<f64>,
    /// Where it comes from, degrees from north
    #[arg(long, value_name = "DEG", default_value_t = 0.0, requires = "wind_m_s")]
    wind_from_deg: f64,
    /// Hours since it last rained
    #[arg(long, value_name = "H")]
    dry_h: Option<f64>,
    /// Kelvin between inside and outside
    #[arg(long, value_name = "K", allow_hyphen_values = true)]
    inside_outside_k: Option<f64>,
    /// Irradiance in the module's plane, W/m²
    #[arg(long, value_name = "W_M2")]
    irradiance: Option<f64>,
    /// Whether snow lies
    #[arg(long, value_name = "BOOL")]
    snow: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LanguageArg {
    Nl,
    En,
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    sorties: Vec<SortieReport>,
    coverage: Option<f64>,
    overlap_front_min: Option<f64>,
    overlap_side_min: Option<f64>,
    speed_m_s: f64,
    gsd_cm: f64,
    violations: &'a [Violation],
    gsd_reason: &'a str,
    speed_limit: plan::SpeedLimit,
    photos_outside: f64,
    suitability: &'a [plan::Verdict],
    notes: &'a [String],
    files: Vec<String>,
}

#[derive(Debug, Serialize)]
struct SortieReport {
    photos: usize,
    length_m: f64,
    duration_s: f64,
    energy_share: f64,
    resume_at: Vec<usize>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let camera = camera(args)?;
    files::regular(&args.site)?;
    let site = site::read(&args.site)?;
    let params = params(args, &site, camera)?;
    let terrain = ground(args, &site)?;
    let plan = plan::plan(&site, &terrain, &params)?;
    let weather = args.weather.weather();
    let at = plan.field.plane.degrees([0.0, 0.0]);
    let verdicts = plan::suitability(subject(&site, &params), at, params.when, &weather);
    let language = match args.language {
        LanguageArg::Nl => plan::Language::Dutch,
        LanguageArg::En => plan::Language::English,
    };
    let told = Told { site: &site, params: &params, verdicts: &verdicts, language };
    let written = plan_files::write(&args.out, &plan, &told)?;
    for note in &plan.field.notes {
        output::message(note);
    }
    for violation in &plan.violations {
        output::message(&format!("violation: {}", violation.words));
    }
    let report = report(&plan, &verdicts, written);
    if args.json {
        output::json_line(&report)?;
    } else {
        output::text(&in_words(&report, &args.out))?;
    }
    Ok(if plan.violations.is_empty() { Ending::Done } else { Ending::VerificationFailed })
}

fn camera(args: &Args) -> anyhow::Result<Camera> {
    let table = args.camera.table()?;
    let Some(id) = &args.camera.camera else {
        return Err(
            UsageError("--camera ID is needed: its lens decides all else".to_owned()).into()
        );
    };
    let known = table.by_id(id).ok_or_else(|| UsageError(format!("--camera {id}: not known")))?;
    let flight = &args.flight;
    let tau_ms = within("time-constant-ms", flight.time_constant_ms, 0.1, 100.0)?;
    let interval_s = within("least-interval-s", flight.least_interval_s, 0.01, 60.0)?;
    Ok(Camera {
        id: known.id.clone(),
        width_px: known.width_px,
        height_px: known.height_px,
        pixel_pitch_m: known.pixel_pitch_um * 1e-6,
        focal_length_m: known.focal_length_mm * 1e-3,
        time_constant_s: tau_ms.or(known.time_constant_ms).unwrap_or(USUAL_TAU_MS) / 1000.0,
        least_interval_s: interval_s.or(known.least_interval_s).unwrap_or(USUAL_INTERVAL_S),
    })
}

fn params(args: &Args, site: &Site, camera: Camera) -> anyhow::Result<Params> {
    let (flight, weather) = (&args.flight, &args.weather);
    let wind = Wind {
        speed_m_s: weather.wind_m_s.unwrap_or(0.0),
        from_rad: weather.wind_from_deg.to_radians().rem_euclid(std::f64::consts::TAU),
    };
    Ok(Params {
        vehicle: Vehicle {
            endurance_s: flight.endurance_min * 60.0,
            reserve: flight.reserve / 100.0,
            ..Vehicle::default()
        },
        gsd_m: flight.gsd_cm.map(|cm| cm / 100.0),
        distance_m: flight.distance_m,
        overlap_front: flight.overlap_front / 100.0,
        overlap_side: flight.overlap_side / 100.0,
        blur_px: flight.blur_px,
        top_m_s: flight.speed_m_s,
        margin_m: flight.margin_m,
        zone_margin_m: flight.zone_margin_m,
        clearance_m: flight.clearance_m,
        most_height_m: flight.most_height_m,
        range_m: flight.range_m,
        wind,
        when: flight.when,
        ..Params::new(camera, args.pattern.pattern(site)?)
    })
}

impl PatternArgs {
    fn pattern(&self, site: &Site) -> anyhow::Result<Pattern> {
        if let Some(case) = &self.gaps_of {
            return Ok(Pattern::Gaps(Case::open_read_only(case)?.footprints()?));
        }
        if let Some(case) = &self.from_case {
            return self.revisit(case);
        }
        let areas = if site.areas.is_empty() { PatternArg::Corridor } else { PatternArg::Survey };
        let along = within("along-deg", self.along_deg, -360.0, 360.0)?;
        let pitch = within("pitch-deg", Some(self.pitch_deg), -90.0, -20.0)?;
        Ok(match self.pattern.unwrap_or(areas) {
            PatternArg::Survey => Pattern::Survey {
                crosshatch: self.crosshatch,
                along_rad: along.map(f64::to_radians),
            },
            PatternArg::Corridor => Pattern::Corridor,
            PatternArg::Facade => Pattern::Facade(self.asset.clone()),
            PatternArg::Roof => Pattern::Roof {
                assets: self.asset.clone(),
                pitch_rad: pitch.unwrap_or(-60.0).to_radians(),
            },
            PatternArg::Orbit => Pattern::Orbit(self.asset.clone()),
        })
    }

    fn revisit(&self, case: &Path) -> anyhow::Result<Pattern> {
        let findings = Case::open_read_only(case)?.findings()?;
        let mut places = Vec::new();
        for id in &self.finding {
            if !findings.iter().any(|finding| &finding.id == id) {
                return Err(BadInput(format!("{}: it has no finding {id}", case.display())).into());
            }
        }
        for finding in &findings {
            let asked = self.finding.is_empty() || self.finding.contains(&finding.id);
            if let Some(at) = finding.lon.zip(finding.lat).filter(|_| asked) {
                places.push((finding.id.clone(), at, finding.height_ellipsoidal_m));
            }
        }
        Ok(Pattern::Revisit(places))
    }
}

impl WeatherArgs {
    fn weather(&self) -> Weather {
        Weather {
            wind_m_s: self.wind_m_s,
            dry_h: self.dry_h,
            inside_outside_k: self.inside_outside_k,
            irradiance_w_m2: self.irradiance,
            snow: self.snow,
        }
    }
}

/// The ground: models, else the site's or the user's height, else the ellipsoid's zero, which is
/// told, since only heights above take-off are right then.
fn ground(args: &Args, site: &Site) -> anyhow::Result<Terrain> {
    if !args.terrain.is_empty() {
        return terrain::opened(&args.terrain, args.terrain_datum);
    }
    let told = within("ground-height-m", args.flight.ground_height_m, -600.0, 9_000.0)?;
    let height_m = told.or(site.ground_height_m).unwrap_or_else(|| {
        output::message(
            "the ground's height is not told (--terrain, --ground-height-m, ground_height_m in the \
             site): heights above take-off hold for level ground, those above the sea do not",
        );
        0.0
    });
    Ok(Terrain::Flat { height_m, sigma_m: 1.0 })
}

fn subject(site: &Site, params: &Params) -> Subject {
    use site::AssetKind as Kind;
    let has = |kind| site.assets.iter().any(|asset| asset.kind == kind);
    match params.pattern {
        Pattern::Corridor => Subject::HeatNetwork,
        Pattern::Facade(_) | Pattern::Roof { .. } => Subject::Building,
        Pattern::Orbit(_) => Subject::Plant,
        _ if has(Kind::PvTable) => Subject::Pv,
        _ if has(Kind::Roof) || has(Kind::Facade) => Subject::Building,
        _ if has(Kind::Pipe) && site.routes.len() > site.areas.len() => Subject::HeatNetwork,
        _ => Subject::Plant,
    }
}

fn report<'a>(
    plan: &'a Plan<'_>,
    suitability: &'a [plan::Verdict],
    files: Vec<String>,
) -> Report<'a> {
    let sorties = plan.sorties.iter().zip(&plan.flown).map(|(sortie, flown)| SortieReport {
        photos: sortie.photos,
        length_m: sortie.length_m,
        duration_s: sortie.duration_s,
        energy_share: sortie.energy_share,
        resume_at: flown.resume_at.clone(),
    });
    Report {
        sorties: sorties.collect(),
        coverage: plan.coverage.as_ref().map(|seen| seen.share),
        overlap_front_min: plan.overlap_front_min,
        overlap_side_min: plan.overlap_side_min,
        speed_m_s: plan.pace.speed_m_s,
        gsd_cm: plan.pace.gsd_m * 100.0,
        violations: &plan.violations,
        gsd_reason: &plan.gsd_reason,
        speed_limit: plan.pace.speed_limit,
        photos_outside: plan.outside_share,
        suitability,
        notes: &plan.field.notes,
        files,
    }
}

fn in_words(report: &Report<'_>, out: &Path) -> String {
    let mut text = String::new();
    for (number, sortie) in (1..).zip(&report.sorties) {
        text += &format!(
            "sortie {number}: {} pictures, {:.0} m, {:.1} min, {:.0} % of a battery\n",
            sortie.photos,
            sortie.length_m,
            sortie.duration_s / 60.0,
            sortie.energy_share * 100.0
        );
    }
    let percent = |share: Option<f64>| {
        share.map_or_else(|| "not counted".to_owned(), |share| format!("{:.2} %", share * 100.0))
    };
    text += &format!(
        "{:.1} cm a pixel, {:.1} m/s; coverage {}, least overlap ahead {}, aside {}\n",
        report.gsd_cm,
        report.speed_m_s,
        percent(report.coverage),
        percent(report.overlap_front_min),
        percent(report.overlap_side_min)
    );
    text += &format!("{} files in {}\n", report.files.len(), out.display());
    text
}
