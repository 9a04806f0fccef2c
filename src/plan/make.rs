//! The verb: a site becomes flights.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::geo::Terrain;
use crate::site::{Asset, AssetKind, Site};

use super::camera::{Pace, Wanted, wanted_gsd_m};
use super::check::{Rule, Violation, check};
use super::corridor::corridor;
use super::coverage::{Coverage, coverage, overlaps};
use super::field::Field;
use super::mend::Mend;
use super::order::order;
use super::plane::Point;
use super::profile::{Follow, follow};
use super::region::Region;
use super::round::{Wall, facade, orbit, revisit};
use super::run::{Photo, Run};
use super::sortie::{Flights, Sortie};
use super::space::{Space, space};
use super::steps::{Flown, Writer};
use super::survey::{Look, Survey};
use super::{Error, Params};

/// Half the width of a route that tells none.
const ROUTE_HALF_WIDTH_M: f64 = 10.0;
/// Coverage that is good: PLANNING asks for 99.9 % of the area.
const GOOD_COVERAGE: f64 = 0.999;
/// What stands higher than this share of the distance is flown round, lower things over.
const FLOWN_OVER: f64 = 0.5;
/// Flights take a few hours; zones that apply at any time in these count.
const WINDOW_H: i64 = 4;

/// What is flown.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Lines over the site's areas.
    Survey {
        /// A second time across.
        crosshatch: bool,
        /// Direction of lines from north, clockwise; `None` finds the best.
        along_rad: Option<f64>,
    },
    /// Lines along the site's routes.
    Corridor,
    /// Along the walls of assets, at a distance.
    Facade(Vec<String>),
    /// Over roofs, tilted, from two sides.
    Roof {
        /// Which; empty is all.
        assets: Vec<String>,
        /// The camera's tilt, -π/2 is straight down.
        pitch_rad: f64,
    },
    /// About tanks, stacks and flares.
    Orbit(Vec<String>),
    /// Places seen from four sides and above: name, (longitude, latitude), height above the
    /// ellipsoid where that is known.
    Revisit(Vec<(String, (f64, f64), Option<f64>)>),
    /// What footprints, in degrees, have left of the site's areas.
    Gaps(Vec<Vec<(f64, f64)>>),
}

/// A plan.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The site in its plane.
    pub field: Field<'a>,
    /// Flights, in order.
    pub sorties: Vec<Sortie>,
    /// Their missions.
    pub flown: Vec<Flown>,
    /// How pictures follow each other.
    pub pace: Pace,
    /// Why the pixel is as large as it is.
    pub gsd_reason: String,
    /// What must be seen from above; empty for walls.
    pub target: Region,
    /// What may be flown.
    pub allowed: Region,
    /// What pictures show of it; `None` for walls.
    pub coverage: Option<Coverage>,
    /// Least overlap with the next picture; `None` where no two follow each other.
    pub overlap_front_min: Option<f64>,
    /// Least overlap of lines beside each other.
    pub overlap_side_min: Option<f64>,
    /// Share of pictures whose middle lies outside of the area and its margin.
    pub outside_share: f64,
    /// What it must not do and does.
    pub violations: Vec<Violation>,
}

/// What a pattern is flown over.
struct Job {
    /// To be seen from above.
    target: Region,
    /// To be flown around.
    workspace: Region,
    /// Besides half a picture.
    margin_m: f64,
}

/// Plans a site.
///
/// # Errors
/// [`Error`].
pub fn plan<'a>(site: &Site, terrain: &'a Terrain, params: &Params) -> Result<Plan<'a>, Error> {
    params.check()?;
    let window = params.when.map(|from| {
        let to = from + jiff::SignedDuration::from_hours(WINDOW_H);
        (from, to)
    });
    let mut field = Field::new(site, terrain, window)?;
    let (pace, gsd_reason) = pace(site, params)?;
    let job = job(site, &field, params, &pace)?;
    let round = flown_round(&mut field, params, &pace)?;
    let space = space(&mut field, params, &job.workspace, job.margin_m, &round)?;
    let private = field.private.grown(pace.footprint_m[0].hypot(pace.footprint_m[1]) / 2.0);
    let photo = space.allowed.without(&private);
    let runs = runs(site, &field, params, &pace, &job, (&space, &photo))?;
    if runs.is_empty() {
        let reason = "nothing of it can be seen from where flying is allowed".to_owned();
        return Err(Error::Nothing { site: site.name.clone(), reason });
    }
    let runs = ordered(&runs, &space);
    let flights = Flights { field: &field, params, space: &space, work_m_s: pace.speed_m_s };
    let sorties = flights.sorties(&runs)?;
    let writer =
        Writer { field: &field, params, site, allowed: &space.allowed, work_m_s: pace.speed_m_s };
    let flown = (0..).zip(&sorties).map(|(at, sortie)| writer.mission(sortie, at)).collect();
    let mut plan = Plan {
        flown,
        sorties,
        pace,
        gsd_reason,
        target: job.target,
        allowed: space.allowed,
        coverage: None,
        overlap_front_min: None,
        overlap_side_min: None,
        outside_share: 0.0,
        violations: Vec::new(),
        field,
    };
    plan.prove(params)?;
    Ok(plan)
}

impl Plan<'_> {
    /// All pictures, in order.
    #[must_use]
    pub fn photos(&self) -> Vec<Photo> {
        self.sorties.iter().flat_map(|sortie| &sortie.runs).flat_map(Run::photos).collect()
    }

    /// Works out what the plan reaches, and what it must not do and does.
    fn prove(&mut self, params: &Params) -> Result<(), Error> {
        let runs: Vec<&Run> = self.sorties.iter().flat_map(|sortie| &sortie.runs).collect();
        let [front, side] = overlaps(&self.field, &params.camera, &runs)?;
        (self.overlap_front_min, self.overlap_side_min) = (front, side);
        self.violations = check(&self.field, params, &self.allowed, &self.sorties)?;
        for (name, found, asked) in
            [("front", front, params.overlap_front), ("side", side, params.overlap_side)]
        {
            if let Some(figure) = found.filter(|found| *found < asked - 1e-3) {
                let words =
                    format!("the {name} overlap falls to {figure:.3}, {asked:.3} was asked");
                self.violations.push(whole(Rule::Overlap, figure, asked, words));
            }
        }
        if self.target.is_empty() {
            return Ok(());
        }
        let photos = self.photos();
        let seen = coverage(&self.field, &params.camera, &self.target, &photos)?;
        if seen.share < GOOD_COVERAGE && !matches!(params.pattern, Pattern::Revisit(_)) {
            let words = format!("{:.2} % of the area is seen", seen.share * 100.0);
            self.violations.push(whole(Rule::Coverage, seen.share, GOOD_COVERAGE, words));
        }
        let near = self.target.grown(self.pace.footprint_m[0] / 2.0);
        let middle = |photo: &Photo| {
            let down = (photo.height_m - self.field.ground_m(photo.at).unwrap_or(0.0)).max(0.0);
            let reach_m = -down / photo.pitch_rad.tan();
            let reach_m = if photo.pitch_rad <= -FRAC_PI_2 { 0.0 } else { reach_m };
            let (sin, cos) = photo.yaw_rad.sin_cos();
            [photo.at[0] + sin * reach_m, photo.at[1] + cos * reach_m]
        };
        let outside = photos.iter().filter(|photo| !near.holds(middle(photo))).count();
        self.outside_share = outside as f64 / photos.len().max(1) as f64;
        self.coverage = Some(seen);
        Ok(())
    }
}

fn whole(rule: Rule, figure: f64, limit: f64, words: String) -> Violation {
    Violation { rule, sortie: None, leg: None, figure, limit, words }
}

/// The pace, and why a pixel is as large as it is.
fn pace(site: &Site, params: &Params) -> Result<(Pace, String), Error> {
    let (gsd_m, reason) = match (params.distance_m, params.gsd_m) {
        (Some(distance_m), _) => {
            (params.camera.gsd_m(distance_m), format!("a distance of {distance_m} m was asked"))
        }
        (None, Some(gsd_m)) => (gsd_m, "it was asked".to_owned()),
        (None, None) => {
            let kinds = chosen(site, &params.pattern).map(|asset| wanted_gsd_m(asset.kind));
            let finest = kinds.min_by(|a, b| a.0.total_cmp(&b.0));
            let (gsd_m, why) = finest.unwrap_or((0.08, "3 pixels across 25 cm"));
            (gsd_m, why.to_owned())
        }
    };
    let wanted = Wanted {
        distance_m: params.distance_m.unwrap_or_else(|| params.camera.distance_m(gsd_m)),
        overlap_front: params.overlap_front,
        overlap_side: params.overlap_side,
        blur_px: params.blur_px,
        top_m_s: params.top_m_s,
    };
    Ok((Pace::of(&params.camera, &wanted)?, reason))
}

/// Assets that a pattern is about.
pub(super) fn chosen<'s>(
    site: &'s Site,
    pattern: &Pattern,
) -> impl Iterator<Item = &'s Asset> + use<'s> {
    use AssetKind as Kind;
    let (kinds, names): (&'static [Kind], Vec<String>) = match pattern {
        Pattern::Facade(names) => (&[Kind::Facade, Kind::Roof], names.clone()),
        Pattern::Roof { assets, .. } => (&[Kind::Roof], assets.clone()),
        Pattern::Orbit(names) => (&[Kind::Tank, Kind::Stack, Kind::Flare], names.clone()),
        Pattern::Corridor => (&[Kind::Pipe], Vec::new()),
        Pattern::Survey { .. } | Pattern::Gaps(_) => {
            (&[Kind::Roof, Kind::PvTable, Kind::Pipe, Kind::Tank], Vec::new())
        }
        Pattern::Revisit(_) => (&[], Vec::new()),
    };
    site.assets.iter().filter(move |asset| {
        if names.is_empty() { kinds.contains(&asset.kind) } else { names.contains(&asset.name) }
    })
}

fn job(site: &Site, field: &Field<'_>, params: &Params, pace: &Pace) -> Result<Job, Error> {
    let half_m = pace.footprint_m[0] / 2.0;
    let assets = || {
        chosen(site, &params.pattern)
            .fold(Region::default(), |all, asset| all.and(&field.region(&asset.outline)))
    };
    let (target, workspace, margin_m) = match &params.pattern {
        Pattern::Survey { .. } => (field.areas.clone(), field.areas.filled(), half_m),
        Pattern::Corridor => {
            let strips = site.routes.iter().fold(Region::default(), |all, route| {
                let line: Vec<Point> =
                    route.vertices.iter().map(|&at| field.plane.point(at)).collect();
                all.and(&Region::around_line(&line, half_width_m(route.half_width_m)))
            });
            (strips.clone(), strips, half_m)
        }
        Pattern::Roof { pitch_rad, .. } => {
            let roofs = assets();
            let lead_m = Look::at(*pitch_rad, pace.distance_m).lead_m;
            (roofs.clone(), roofs.filled(), half_m + lead_m + 1.0)
        }
        Pattern::Facade(_) | Pattern::Orbit(_) => {
            (Region::default(), assets().filled(), pace.distance_m * 1.3 + 5.0)
        }
        Pattern::Revisit(places) => {
            let around = places.iter().fold(Region::default(), |all, (_, at, _)| {
                all.and(&Region::around_point(field.plane.point(*at), 1.0))
            });
            (Region::default(), around, pace.distance_m + 5.0)
        }
        Pattern::Gaps(footprints) => {
            let gaps = gaps(field, footprints);
            (gaps.clone(), gaps.filled(), half_m)
        }
    };
    let margin_m = params.margin_m.unwrap_or(margin_m);
    if workspace.is_empty() {
        let reason = match &params.pattern {
            Pattern::Survey { .. } => "it has no area",
            Pattern::Corridor => "it has no route",
            Pattern::Gaps(_) => "nothing of its areas was missed",
            Pattern::Revisit(_) => "there is no place to look at again",
            _ => "it has no such asset",
        };
        return Err(Error::Nothing { site: site.name.clone(), reason: reason.to_owned() });
    }
    let target = if field.private.is_empty() { target } else { target.without(&field.private) };
    Ok(Job { target, workspace, margin_m })
}

pub(super) fn half_width_m(told_m: f64) -> f64 {
    if told_m > 0.0 { told_m } else { ROUTE_HALF_WIDTH_M }
}

/// Areas less footprints; slivers below half a metre are what rounding leaves.
fn gaps(field: &Field<'_>, footprints: &[Vec<(f64, f64)>]) -> Region {
    let mut seen = Region::default();
    for footprint in footprints {
        let ring: Vec<Point> = footprint.iter().map(|&at| field.plane.point(at)).collect();
        seen = seen.and(&Region::of_rings(&[ring]));
    }
    let left = field.areas.without(&seen);
    left.grown(-0.5).grown(1.0).within(&left)
}

/// Things that are too high to be flown over, with what is kept from them.
fn flown_round(field: &mut Field<'_>, params: &Params, pace: &Pace) -> Result<Region, Error> {
    let walls = matches!(params.pattern, Pattern::Facade(_) | Pattern::Orbit(_));
    let mut round = Region::default();
    let mut notes = Vec::new();
    for tall in &field.tall {
        let [west, south, east, north] = tall.region.bounds_m();
        let ground_m = field.ground_m([(west + east) / 2.0, (south + north) / 2.0])?;
        let height_m = tall.top_m - ground_m;
        if walls || height_m > FLOWN_OVER * pace.distance_m {
            round = round.and(&tall.region.grown(params.clearance_m));
            if !walls {
                let name = &tall.name;
                notes.push(format!("{name} stands {height_m:.0} m high and is flown round"));
            }
        }
    }
    field.notes.extend(notes);
    Ok(round)
}

fn runs(
    site: &Site,
    field: &Field<'_>,
    params: &Params,
    pace: &Pace,
    job: &Job,
    (space, photo): (&Space, &Region),
) -> Result<Vec<Run>, Error> {
    let overlaps = [params.overlap_front, params.overlap_side];
    let mut pass = 0;
    let mut runs = Vec::new();
    match &params.pattern {
        Pattern::Survey { .. } | Pattern::Gaps(_) | Pattern::Roof { .. } => {
            runs = survey(params, pace, job, space, photo);
        }
        Pattern::Corridor => {
            for (number, route) in (0..).zip(&site.routes) {
                let line: Vec<Point> =
                    route.vertices.iter().map(|&at| field.plane.point(at)).collect();
                let half_m = half_width_m(route.half_width_m);
                runs.extend(corridor(&route.name, &line, half_m, pace, photo, number));
            }
        }
        Pattern::Facade(_) | Pattern::Orbit(_) => {
            for asset in chosen(site, &params.pattern) {
                let region = field.region(&asset.outline);
                let Some(tall) = field.tall.iter().find(|tall| tall.name == asset.name) else {
                    continue;
                };
                let foot_m = tall.top_m - asset.height_m;
                let wall = Wall {
                    name: &asset.name,
                    region: &region,
                    foot_m,
                    top_m: tall.top_m,
                    floor_m: foot_m + params.clearance_m,
                };
                let (camera, paces) = (&params.camera, (pace, overlaps));
                runs.extend(match params.pattern {
                    Pattern::Orbit(_) => orbit(&wall, camera, paces, photo),
                    _ => facade(&wall, camera, paces, photo, &mut pass),
                });
            }
        }
        Pattern::Revisit(places) => {
            for (name, at, height_m) in places {
                let at = field.plane.point(*at);
                let surface_m = field.surface_m(at, 0.0)?;
                let height_m = height_m.unwrap_or(surface_m).max(surface_m);
                runs.extend(revisit(name, at, height_m, pace.distance_m, photo));
            }
        }
    }
    let lifted = |runs: Vec<Run>| -> Result<Vec<Run>, Error> {
        runs.into_iter().map(|run| lifted(field, params, pace, run)).collect()
    };
    let mut runs = lifted(runs)?;
    if params.pattern == Pattern::Corridor {
        let mend = Mend {
            field,
            camera: &params.camera,
            pace,
            target: &job.target,
            allowed: photo,
            start: space.takeoffs[0],
            turn_m: params.vehicle.turn_s * pace.speed_m_s,
        };
        runs.extend(lifted(mend.missing(&runs)?)?);
    }
    Ok(runs)
}

fn survey(params: &Params, pace: &Pace, job: &Job, space: &Space, photo: &Region) -> Vec<Run> {
    let turn_m = params.vehicle.turn_s * pace.speed_m_s;
    let start = space.takeoffs[0];
    let survey = Survey { target: &job.target, allowed: photo, pace, start, turn_m };
    let told = match params.pattern {
        Pattern::Survey { along_rad, .. } => along_rad.map(|along| FRAC_PI_2 - along),
        _ => None,
    };
    let angle = told.unwrap_or_else(|| survey.best_angle());
    let down = Look::at(-FRAC_PI_2, pace.distance_m);
    match params.pattern {
        Pattern::Roof { pitch_rad, .. } => {
            let look = Look::at(pitch_rad, pace.distance_m);
            let mut runs = survey.runs(0, angle, look);
            runs.extend(survey.runs(1, angle + PI, look));
            runs
        }
        Pattern::Survey { crosshatch: true, .. } => {
            let mut runs = survey.runs(0, angle, down);
            runs.extend(survey.runs(1, angle + FRAC_PI_2, down));
            runs
        }
        _ => survey.runs(0, angle, down),
    }
}

/// A run over ground with its heights; one along walls has its own.
fn lifted(field: &Field<'_>, params: &Params, pace: &Pace, run: Run) -> Result<Run, Error> {
    let Some(first) = run.stands.first().filter(|stand| stand.height_m.is_nan()).copied() else {
        return Ok(run);
    };
    let slowest = params.vehicle.climb_m_s.min(params.vehicle.sink_m_s);
    let how = Follow {
        distance_m: pace.distance_m,
        half_width_m: pace.footprint_m[0] / 2.0,
        steepest: slowest / pace.speed_m_s,
    };
    let over = |height_m: f64| height_m <= FLOWN_OVER * pace.distance_m;
    let places = follow(field, &run.points(), &how, &over)?;
    let stand = |(at, height_m)| super::Stand { at, height_m, ..first };
    Ok(Run { stands: places.into_iter().map(stand).collect(), ..run })
}

fn ordered(runs: &[Run], space: &Space) -> Vec<Run> {
    let ends: Vec<(Point, Point)> = runs.iter().map(|run| (run.first(), run.last())).collect();
    let way_m = |a: Point, b: Point| {
        // Where there is no way it is as long as no way is.
        let length_m = space.ways.length_m(a, b);
        if length_m.is_finite() { length_m } else { 1e7 }
    };
    let turns = order(&ends, space.takeoffs[0], &way_m);
    let run =
        |(at, turned): (usize, bool)| if turned { runs[at].reversed() } else { runs[at].clone() };
    turns.into_iter().map(run).collect()
}
