//! What is there: ground, the site's assets, and planted spots.

use nalgebra::Vector3;
use serde::{Deserialize, Serialize};

use crate::geo::{Geodetic, LocalFrame};
use crate::site::{Asset, AssetKind, Outline, Role, Site};

use super::draws::{Draws, Stream, Texture};
use super::params::Params;
use super::shape::Shape;

/// A warm or cold spot on the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlantedSpot {
    /// `S` and a number.
    pub id: String,
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// Metres above the WGS84 ellipsoid.
    pub height_ellipsoidal_m: f64,
    /// One sigma of its Gaussian profile in metres.
    pub sigma_m: f64,
    /// Contrast in kelvin, negative for cold.
    pub delta_k: f64,
    /// Name of the asset it was planted on.
    pub asset: Option<String>,
    /// Sigma in pixels at the flight's altitude, lens blur apart.
    pub sigma_px: f64,
    /// Contrast in kelvin that remains at its middle behind the lens blur.
    pub seen_delta_k: f64,
    /// Frames that show its middle, at least 4 pixels from the border.
    pub views: u32,
}

/// An asset of the site that is a point with a radius: with a temperature of its own it looks like
/// a planted spot, and whoever finds it is neither right nor wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoundAsset {
    /// The asset's name.
    pub name: String,
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// Metres.
    pub radius_m: f64,
    /// Contrast with the mean of the ground in kelvin, negative for cold.
    pub delta_k: f64,
}

/// An asset, painted on the flat ground: its height is not modelled.
#[derive(Debug, Clone)]
pub(super) struct PaintedAsset {
    pub(super) name: String,
    pub(super) shape: Shape,
    /// Warmer than the ground's mean by, in kelvin.
    pub(super) delta_k: f64,
    /// Width of the flank from the ground's temperature to its own, in metres.
    pub(super) flank_m: f64,
}

/// A buried pipe warms the ground above it with soft flanks; the width is invented.
const PIPE_FLANK_M: f64 = 2.0;

/// A spot in metres around the site's centre.
#[derive(Debug, Clone)]
pub(super) struct SpotAt {
    pub(super) place_m: [f64; 2],
    pub(super) sigma_m: f64,
    pub(super) delta_k: f64,
}

/// Of so many spots each has a fate of its own by the time of a later flight.
const CYCLE: u32 = 5;

/// The scene: ground and spots.
#[derive(Debug)]
pub struct Scene {
    /// Planted spots; `views` is 0 until the scene is flown over.
    pub spots: Vec<PlantedSpot>,
    /// Spots that were asked for and found no room.
    pub not_placed: u32,
    /// Assets that look like spots.
    pub round_assets: Vec<RoundAsset>,
    pub(super) frame: LocalFrame,
    pub(super) ground_m: f64,
    pub(super) mean_c: f64,
    pub(super) texture: Texture,
    pub(super) assets: Vec<PaintedAsset>,
    pub(super) at: Vec<SpotAt>,
    /// West, south, east, north of the areas in metres.
    pub(super) bounds_m: [f64; 4],
}

impl Scene {
    /// The scene of a site; `None` where the site has no area.
    #[must_use]
    pub fn new(site: &Site, params: &Params) -> Option<Self> {
        let ground_m = site.ground_height_m.unwrap_or(params.ground.height_m);
        let (lon_deg, lat_deg) = middle(site)?;
        let frame = LocalFrame::at(&Geodetic::from_degrees(lat_deg, lon_deg, ground_m));
        let areas: Vec<_> =
            site.areas.iter().map(|area| Shape::of_polygon(area, &frame, ground_m)).collect();
        let bounds_m = areas
            .iter()
            .map(|area| area.bounds_m)
            .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])?;
        let closed = site.zones.iter().filter(|zone| zone.role == Role::NoCapture);
        let closed = closed.flat_map(|zone| &zone.volumes);
        let closed: Vec<_> =
            closed.map(|volume| Shape::of_outline(&volume.outline, &frame, ground_m)).collect();
        let ground = &params.ground;
        let assets = painted(site, params, &frame, ground_m);
        let mut scene = Self {
            spots: Vec::new(),
            not_placed: 0,
            round_assets: round(site, &assets),
            frame,
            ground_m,
            mean_c: ground.mean_c,
            texture: Texture::new(params.seed, ground.texture_k, ground.roughness),
            assets,
            at: Vec::new(),
            bounds_m,
        };
        scene.plant(params, &areas, &closed);
        Some(scene)
    }

    fn plant(&mut self, params: &Params, areas: &[Shape], closed: &[Shape]) {
        let wanted = params.spots;
        let pixel_m = params.flight.altitude_m / params.camera.focal_px();
        let blur_m = params.camera.psf_px * pixel_m;
        let new = if params.later { wanted.count / CYCLE } else { 0 };
        for number in 0..wanted.count + new {
            // A stream of its own each: more spots leave the first ones where they were.
            let mut draws = Draws::new(params.seed, Stream::Spots, u64::from(number));
            let sigma_m = draws.mostly_low(wanted.sigma_m);
            let contrast_k = draws.mostly_low(wanted.contrast_k);
            let sign = if draws.uniform() < wanted.cold_share { -1.0 } else { 1.0 };
            let on_asset = draws.uniform() < wanted.on_asset_share && !self.assets.is_empty();
            let found = self.find_room(&mut draws, params, [areas, closed], sigma_m, on_asset);
            let Some((place_m, asset)) = found else {
                self.not_placed += 1;
                continue;
            };
            let stays = number < wanted.count;
            let factor = if params.later && stays { self.later_factor() } else { 1.0 };
            let delta_k = sign * contrast_k * factor;
            let flat = self.frame.geodetic(&Vector3::new(place_m[0], place_m[1], 0.0));
            self.spots.push(PlantedSpot {
                id: format!("S{:03}", self.spots.len() + 1),
                lat: flat.lat_deg(),
                lon: flat.lon_deg(),
                height_ellipsoidal_m: self.ground_m,
                sigma_m,
                delta_k,
                asset: asset.map(|index| self.assets[index].name.clone()),
                sigma_px: sigma_m / pixel_m,
                seen_delta_k: delta_k * sigma_m * sigma_m / (sigma_m * sigma_m + blur_m * blur_m),
                views: 0,
            });
            self.at.push(SpotAt { place_m, sigma_m, delta_k });
        }
        // Those that are gone were there until now, so that all others lie where they lay before.
        self.at.retain(|spot| spot.delta_k != 0.0);
        self.spots.retain(|spot| spot.delta_k != 0.0);
    }

    /// What has become of the contrast of the spot that comes next.
    fn later_factor(&self) -> f64 {
        match self.spots.len() as u32 % CYCLE {
            0 => 0.0,
            1 => 1.5,
            2 => 0.5,
            _ => 1.0,
        }
    }

    /// A place inside the areas, away from other spots and from the edges of assets, and the
    /// asset it lies on. The middle third of the tries comes nearer to the edges of assets, since
    /// a pipe is narrow; the last third takes open ground where the asset has no room.
    fn find_room(
        &self,
        draws: &mut Draws,
        params: &Params,
        [areas, closed]: [&[Shape]; 2],
        sigma_m: f64,
        on_asset: bool,
    ) -> Option<([f64; 2], Option<usize>)> {
        const TRIES: u32 = 900;
        let chosen = on_asset.then(|| draws.below(self.assets.len()));
        for attempt in 0..TRIES {
            let target = chosen.filter(|_| attempt < TRIES / 3 * 2);
            let [w, s, e, n] =
                target.map_or(self.bounds_m, |index| self.assets[index].shape.bounds_m);
            let place = [draws.between(w, e), draws.between(s, n)];
            let edge_m = sigma_m * if attempt < TRIES / 3 { 3.0 } else { 0.5 };
            let in_area = areas.iter().any(|area| area.distance_m(place) < -(1.0 + 2.0 * sigma_m));
            let in_closed = closed.iter().any(|zone| zone.distance_m(place) < 3.0 * sigma_m);
            let in_the_open = self.assets.iter().enumerate().all(|(index, asset)| {
                Some(index) == target || asset.shape.distance_m(place) > edge_m
            });
            let on_target =
                target.is_none_or(|index| self.assets[index].shape.distance_m(place) < -edge_m);
            let apart = self.at.iter().all(|other| {
                let gap = params.spots.least_gap_m + 4.0 * sigma_m.max(other.sigma_m);
                let (de, dn) = (place[0] - other.place_m[0], place[1] - other.place_m[1]);
                de * de + dn * dn > gap * gap
            });
            if in_area && !in_closed && in_the_open && on_target && apart {
                return Some((place, target));
            }
        }
        None
    }
}

/// The middle of the box around a site's areas, (longitude, latitude) in degrees.
fn middle(site: &Site) -> Option<(f64, f64)> {
    let corners = || site.areas.iter().flat_map(|area| area.outer.iter().copied());
    let first = corners().next()?;
    let (low, high) = corners().fold((first, first), |(low, high), (lon, lat)| {
        ((low.0.min(lon), low.1.min(lat)), (high.0.max(lon), high.1.max(lat)))
    });
    let middle = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
    (middle.0.is_finite() && middle.1.is_finite()).then_some(middle)
}

fn painted(site: &Site, params: &Params, frame: &LocalFrame, ground_m: f64) -> Vec<PaintedAsset> {
    let spread_k = params.ground.asset_spread_k;
    site.assets
        .iter()
        .zip(0..)
        .map(|(asset, number)| PaintedAsset {
            name: asset.name.clone(),
            shape: Shape::of_outline(&asset.outline, frame, ground_m),
            delta_k: usual_delta_k(asset.kind)
                + Draws::new(params.seed, Stream::Assets, number).between(-spread_k, spread_k),
            flank_m: if asset.kind == AssetKind::Pipe { PIPE_FLANK_M } else { 0.0 },
        })
        .collect()
}

/// The round ones of a site's assets as they are painted.
fn round(site: &Site, painted: &[PaintedAsset]) -> Vec<RoundAsset> {
    let of = |(asset, painted): (&Asset, &PaintedAsset)| match asset.outline {
        Outline::Point { at: (lon, lat), radius_m } => Some(RoundAsset {
            name: asset.name.clone(),
            lat,
            lon,
            radius_m,
            delta_k: painted.delta_k,
        }),
        Outline::Polygon(_) | Outline::Line { .. } => None,
    };
    site.assets.iter().zip(painted).filter_map(of).collect()
}

/// How much warmer than the ground a kind of asset is on this invented morning, in kelvin.
fn usual_delta_k(kind: AssetKind) -> f64 {
    match kind {
        AssetKind::Roof => -2.0,
        AssetKind::Facade => 0.5,
        AssetKind::Pipe => 1.0,
        AssetKind::Tank => 1.5,
        AssetKind::Flare => 3.0,
        AssetKind::Switchgear => 0.8,
        AssetKind::PvTable => -1.2,
        AssetKind::Stack => 2.0,
    }
}
