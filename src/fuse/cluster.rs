//! Spots that are one thing: frame by frame, then cluster with cluster.

use nalgebra::{Matrix2, SMatrix, SVector, Vector2};

use super::assign::{assign, root};
use super::common::{Axes, Bias, ERRORS};
use super::grid::{Grid, Slot};
use super::spot::Spot;

/// Candidates that a detection or cluster keeps: the best few decide, and memory stays linear.
const MOST_CANDIDATES: usize = 8;

/// Clusters that no frame shows side by side may be this much further apart, in units of the gate:
/// 18.4 is χ² with 2 degrees of freedom at 0.9999. At 0.99 every hundredth view would be left over
/// and become a finding of its own.
const LEFT_OVER_GATE: f64 = 2.0;

/// Rounds of merging clusters; a round without a merge ends it.
const MOST_ROUNDS: usize = 4;

/// Spots that a frame needs to say how far it is off as a whole.
const LEAST_FOR_SHIFT: usize = 4;

/// Standard errors from which on a frame's shift is believed.
const SURE_OF_SHIFT: f64 = 3.0;

/// A change of the flight's common error by less than so many of its sigmas needs no further
/// round.
const SURE_OF_BIAS: f64 = 0.3;

/// Sigmas of common error that are believed: more tells of wrong groups, not of the flight.
const MOST_BIAS: f64 = 3.0;

/// Rounds of grouping again after frames were moved.
const MOST_REFINEMENTS: usize = 3;

/// Another round is worth it when frames moved by more than a fifth of their sigma (squared).
const WORTH_A_ROUND: f64 = 0.04;

/// Contrasts differ by a kelvin, or 30 %, between views of one thing: range, angle, drift. Our
/// convention; it only orders candidates.
const CONTRAST_SPREAD: (f64, f64) = (1.0, 0.3);

/// The most that unlike contrast can cost, in units of squared sigma.
const MOST_CONTRAST_COST: f64 = 9.0;

/// Points further below or above each other than this are not neighbours, though the plane, which
/// has no other side of the earth, shows them so.
const MOST_CLIMB_M: f32 = 1_000.0;

/// Spots that are taken for one thing; a lone spot is a cluster of one.
#[derive(Debug, Clone)]
struct Cluster {
    class: u8,
    views: u32,
    information: Matrix2<f64>,
    at: Vector2<f64>,
    own_m2: Matrix2<f64>,
    bias_m: SMatrix<f32, 2, ERRORS>,
    up_m: f32,
    delta: f32,
    low: Vector2<f64>,
    high: Vector2<f64>,
    /// One sigma of its least sure spot.
    widest_m: f32,
}

impl Cluster {
    fn of(spot: &Spot, axes: &[Axes]) -> Option<Self> {
        let own_m2 = spot.own_m2();
        let bias_m = spot.bias_m(axes);
        Some(Self {
            class: spot.class,
            views: 1,
            information: own_m2.try_inverse()?,
            at: spot.at,
            own_m2,
            bias_m: bias_m.map(|v| v as f32),
            up_m: spot.up_m,
            delta: spot.delta,
            low: spot.at,
            high: spot.at,
            widest_m: (sigma_m(&own_m2) + bias_m.norm()) as f32,
        })
    }

    fn absorb(&mut self, other: &Self) {
        let share = other.views as f32 / (self.views + other.views) as f32;
        self.delta += (other.delta - self.delta) * share;
        self.up_m += (other.up_m - self.up_m) * share;
        self.views += other.views;
        let together = self.information + other.information;
        if let Some(own_m2) = together.try_inverse() {
            let pull = own_m2 * other.information;
            self.at += pull * (other.at - self.at);
            let apart = (other.bias_m - self.bias_m).map(f64::from);
            self.bias_m += (pull * apart).map(|v| v as f32);
            self.own_m2 = own_m2;
            self.information = together;
        }
        self.low = self.low.inf(&other.low);
        self.high = self.high.sup(&other.high);
        self.widest_m = self.widest_m.max(other.widest_m);
    }

    fn reach_m(&self, gate: f64) -> f64 {
        gate.sqrt() * (sigma_m(&self.own_m2) + f64::from(self.bias_m.norm()))
    }

    /// What it costs to take two for one; `None` outside the gate.
    ///
    /// Squared Mahalanobis distance by own parts and by what the common error does *differently*
    /// to the two; log determinant, so that a blurred cluster does not attract everything; unlike
    /// contrast; and a bonus for the many views of one thing over a chance beside it.
    fn cost(&self, other: &Self, gate: f64) -> Option<f64> {
        if self.class != other.class || (self.up_m - other.up_m).abs() > MOST_CLIMB_M {
            return None;
        }
        let gap = self.at - other.at;
        let apart = (self.bias_m - other.bias_m).map(f64::from);
        let both = self.own_m2 + other.own_m2 + apart * apart.transpose();
        // No direction is less sure than all together: most pairs end here.
        if gap.norm_squared() >= gate * both.trace() {
            return None;
        }
        let distance2 = gap.dot(&(both.try_inverse()? * gap));
        if distance2.is_nan() || distance2 >= gate {
            return None;
        }
        // No longer than two sure radii of its least sure spot, so that chains do not grow.
        let length = (self.high.sup(&other.high) - self.low.inf(&other.low)).norm();
        let widest = f64::from(self.widest_m.max(other.widest_m));
        if length > 2.0 * (2.0 * gate).sqrt() * widest {
            return None;
        }
        let blur = both.determinant().max(f64::MIN_POSITIVE).ln();
        let (floor, part) = CONTRAST_SPREAD;
        let (one, two) = (f64::from(self.delta), f64::from(other.delta));
        let spread = floor.hypot(part * one.abs().max(two.abs()));
        let unlike = ((one - two) / spread).powi(2).min(MOST_CONTRAST_COST);
        Some(distance2 + blur + unlike - 2.0 * f64::from(self.views.max(other.views)).ln())
    }
}

fn sigma_m(m: &Matrix2<f64>) -> f64 {
    let middle = m.trace() / 2.0;
    let swing = ((m[(0, 0)] - m[(1, 1)]) / 2.0).hypot(m[(0, 1)]);
    (middle + swing).max(0.0).sqrt()
}

/// What of a cluster is enough to turn most pairs down: a hundred of them fit where six clusters
/// do, and a crowded field looks at hundreds for one spot.
#[derive(Debug, Clone, Copy)]
struct Outline {
    at: [f32; 2],
    /// No cluster further away than both their `far_m` is within the gate.
    far_m: f32,
    class: u8,
}

/// What places of up to 70 km lose in single precision, and more.
const ROUNDING_M: f32 = 0.05;

impl Outline {
    fn of(cluster: &Cluster, gate: f64) -> Self {
        // The root of a sum is at most the sum of the roots: of the traces of both own parts, and
        // of what the common error does to one and the other.
        let own_m = cluster.own_m2.trace().max(0.0).sqrt();
        let far_m = gate.sqrt() * (own_m + f64::from(cluster.bias_m.norm()));
        Self {
            at: [cluster.at.x as f32, cluster.at.y as f32],
            far_m: far_m as f32 + ROUNDING_M,
            class: cluster.class,
        }
    }

    fn may_be_one_with(&self, other: &Self) -> bool {
        let (east_m, north_m) = (self.at[0] - other.at[0], self.at[1] - other.at[1]);
        let far_m = self.far_m + other.far_m;
        self.class == other.class && east_m * east_m + north_m * north_m <= far_m * far_m
    }
}

/// Clusters with their place in the grid.
struct Field {
    gate: f64,
    grid: Grid,
    clusters: Vec<(Cluster, Slot)>,
    outlines: Vec<Outline>,
}

impl Field {
    fn new(gate: f64) -> Self {
        Self { gate, grid: Grid::default(), clusters: Vec::new(), outlines: Vec::new() }
    }

    fn add(&mut self, cluster: Cluster) -> u32 {
        let number = self.clusters.len() as u32;
        let slot = Grid::slot([cluster.at.x, cluster.at.y], cluster.reach_m(self.gate));
        self.grid.insert(slot, number);
        self.outlines.push(Outline::of(&cluster, self.gate));
        self.clusters.push((cluster, slot));
        number
    }

    fn absorb(&mut self, number: u32, other: &Cluster) {
        let (cluster, slot) = &mut self.clusters[number as usize];
        cluster.absorb(other);
        self.outlines[number as usize] = Outline::of(cluster, self.gate);
        let now = Grid::slot([cluster.at.x, cluster.at.y], cluster.reach_m(self.gate));
        if now != *slot {
            self.grid.remove(*slot, number);
            self.grid.insert(now, number);
            *slot = now;
        }
    }

    /// The best clusters for one, best first.
    fn candidates(&self, one: &Cluster, skip: Option<u32>) -> Vec<(f64, u32)> {
        let mut found = Vec::new();
        let reach_m = one.reach_m(self.gate);
        let outline = Outline::of(one, self.gate);
        self.grid.near([one.at.x, one.at.y], reach_m, |number| {
            if Some(number) != skip
                && outline.may_be_one_with(&self.outlines[number as usize])
                && let Some(cost) = self.clusters[number as usize].0.cost(one, self.gate)
            {
                found.push((cost, number));
            }
        });
        found.sort_by(|a: &(f64, u32), b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        found.truncate(MOST_CANDIDATES);
        found
    }
}

/// Groups of spots that are one thing, each in the order of `spots`, which are sorted by frame.
/// No group has two spots of one frame.
///
/// All spots are off by the flight's common error, and a frame's spots together by its pose. The
/// first round of grouping tells by how much, the next goes by places that are freed from it. The
/// spots are used up, as a second copy of a million of them is what a run would need most memory
/// for: groups are all that comes of it.
pub(super) fn clusters(mut spots: Vec<Spot>, axes: &[Axes], gate: f64) -> Vec<Vec<u32>> {
    let mut groups = grouped(&spots, axes, gate);
    let stated: Vec<Vector2<f64>> = spots.iter().map(|spot| spot.at).collect();
    let mut shifts = vec![Vector2::<f32>::zeros(); spots.len()];
    let mut last_bias = SVector::zeros();
    for _ in 0..MOST_REFINEMENTS {
        for (spot, at) in spots.iter_mut().zip(&stated) {
            spot.at = *at;
        }
        let bias = flight_bias(&spots, axes, &groups);
        for spot in &mut spots {
            spot.at -= spot.bias_m(axes) * bias;
        }
        if !frame_shifts(&spots, &groups, &mut shifts) && (bias - last_bias).norm() < SURE_OF_BIAS {
            break;
        }
        last_bias = bias;
        for (spot, shift) in spots.iter_mut().zip(&shifts) {
            spot.at -= shift.map(f64::from);
        }
        groups = grouped(&spots, axes, gate);
    }
    groups
}

/// The flight's common errors in sigmas: what explains best how views of one thing differ, least
/// squares with a prior of one sigma each (GEO.md, 6: solve per flight).
fn flight_bias(spots: &[Spot], axes: &[Axes], groups: &[Vec<u32>]) -> SVector<f64, ERRORS> {
    let mut normal = SMatrix::<f64, ERRORS, ERRORS>::identity();
    let mut right = SVector::zeros();
    for group in groups.iter().filter(|group| group.len() > 1) {
        let of_group = || group.iter().map(|&place| &spots[place as usize]);
        let count = group.len() as f64;
        let middle = of_group().fold(Vector2::zeros(), |sum, spot| sum + spot.at) / count;
        let mean = of_group().fold(Bias::zeros(), |sum, spot| sum + spot.bias_m(axes)) / count;
        for spot in of_group() {
            let apart = spot.bias_m(axes) - mean;
            let weight = 2.0 / spot.own_m2().trace();
            normal += apart.transpose() * apart * weight;
            right += apart.transpose() * (spot.at - middle) * weight;
        }
    }
    let bias = normal.try_inverse().map_or_else(SVector::zeros, |inverse| inverse * right);
    bias.map(|sigmas| sigmas.clamp(-MOST_BIAS, MOST_BIAS))
}

/// Of a spot in no group: single precision, as there are a million of them.
const UNKNOWN: Vector2<f32> = Vector2::new(f32::NAN, f32::NAN);

/// What each spot's frame as a whole is off against the groups: the median over its spots where
/// that is more than chance. `shifts` holds the last round's. Whether the change is worth a round.
fn frame_shifts(spots: &[Spot], groups: &[Vec<u32>], shifts: &mut [Vector2<f32>]) -> bool {
    let mut off = vec![UNKNOWN; spots.len()];
    for group in groups.iter().filter(|group| group.len() > 1) {
        let count = group.len() as f64;
        let shift = |place: u32| shifts[place as usize].map(f64::from);
        let freed = |place: u32| spots[place as usize].at - shift(place);
        let middle = group.iter().fold(Vector2::zeros(), |sum, &place| sum + freed(place)) / count;
        for &place in group {
            // A spot is a part of its own middle, which hides 1/n of what it is off.
            let against = (freed(place) - middle) * (count / (count - 1.0));
            off[place as usize] = (shift(place) + against).map(|v| v as f32);
        }
    }
    let (mut moved2, mut sure2) = (0.0, 0.0);
    let mut first = 0;
    for frame in spots.chunk_by(|a, b| a.frame == b.frame) {
        let range = first..first + frame.len();
        first = range.end;
        let known: Vec<Vector2<f64>> = off[range.clone()]
            .iter()
            .filter(|off| !off.x.is_nan())
            .map(|off| off.map(f64::from))
            .collect();
        if known.len() < LEAST_FOR_SHIFT {
            continue;
        }
        let shift = Vector2::new(shift_of(&known, 0), shift_of(&known, 1));
        for place in range {
            moved2 += (shift - shifts[place].map(f64::from)).norm_squared();
            sure2 += spots[place].own_m2().trace();
            shifts[place] = shift.map(|v| v as f32);
        }
    }
    moved2 > WORTH_A_ROUND * sure2
}

/// The median of one axis if it is more than chance among values that scatter as these do, else 0.
fn shift_of(known: &[Vector2<f64>], axis: usize) -> f64 {
    let middle = |values: &mut Vec<f64>| {
        let half = values.len() / 2;
        *values.select_nth_unstable_by(half, f64::total_cmp).1
    };
    let mut values: Vec<f64> = known.iter().map(|v| v[axis]).collect();
    let shift = middle(&mut values);
    let mut off: Vec<f64> = values.iter().map(|v| (v - shift).abs()).collect();
    // Median absolute deviation to sigma, then to the standard error of a median.
    let error = 1.4826 * middle(&mut off) * 1.2533 / (values.len() as f64).sqrt();
    if shift.abs() > SURE_OF_SHIFT * error { shift } else { 0.0 }
}

/// One pass: frame by frame, then cluster with cluster.
fn grouped(spots: &[Spot], axes: &[Axes], gate: f64) -> Vec<Vec<u32>> {
    let mut field = Field::new(gate);
    let mut members: Vec<Vec<u32>> = Vec::new();
    let mut first = 0u32;
    for frame in spots.chunk_by(|a, b| a.frame == b.frame) {
        let lone: Vec<Option<Cluster>> = frame.iter().map(|spot| Cluster::of(spot, axes)).collect();
        let candidates: Vec<_> = lone
            .iter()
            .map(|one| one.as_ref().map_or_else(Vec::new, |one| field.candidates(one, None)))
            .collect();
        let answer = assign(&candidates);
        for ((place, one), cluster) in (first..).zip(lone).zip(answer) {
            match (one, cluster) {
                (Some(one), Some(number)) => {
                    field.absorb(number, &one);
                    members[number as usize].push(place);
                }
                (Some(one), None) => {
                    field.add(one);
                    members.push(vec![place]);
                }
                (None, _) => {}
            }
        }
        first += frame.len() as u32;
    }
    let mut clusters: Vec<Cluster> = field.clusters.into_iter().map(|(one, _)| one).collect();
    for _ in 0..MOST_ROUNDS {
        if !merge_round(spots, &mut clusters, &mut members, gate * LEFT_OVER_GATE) {
            break;
        }
    }
    members
}

/// Merges clusters, the likest first, where no frame shows both. Whether it merged any.
fn merge_round(
    spots: &[Spot],
    clusters: &mut Vec<Cluster>,
    members: &mut Vec<Vec<u32>>,
    gate: f64,
) -> bool {
    let mut field = Field::new(gate);
    for cluster in clusters.drain(..) {
        field.add(cluster);
    }
    let mut pairs = Vec::new();
    for (number, (cluster, _)) in (0u32..).zip(&field.clusters) {
        let candidates = field.candidates(cluster, Some(number)).into_iter();
        pairs.extend(candidates.map(|(cost, other)| (cost, number.min(other), number.max(other))));
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    pairs.dedup();
    let mut leader: Vec<usize> = (0..members.len()).collect();
    let mut merged = false;
    for (_, a, b) in pairs {
        let (a, b) = (root(&mut leader, a as usize), root(&mut leader, b as usize));
        let (keep, gone) = (a.min(b), a.max(b));
        if a == b || share_a_frame(spots, &members[keep], &members[gone]) {
            continue;
        }
        // Both may have grown since the pair was listed.
        let other = field.clusters[gone].0.clone();
        if field.clusters[keep].0.cost(&other, gate).is_none() {
            continue;
        }
        field.clusters[keep].0.absorb(&other);
        let moved = std::mem::take(&mut members[gone]);
        members[keep].extend(moved);
        members[keep].sort_unstable();
        leader[gone] = keep;
        merged = true;
    }
    let alive = field.clusters.into_iter().zip(members.drain(..));
    let (left, right): (Vec<_>, Vec<_>) =
        alive.filter(|(_, of)| !of.is_empty()).map(|((one, _), of)| (one, of)).unzip();
    (*clusters, *members) = (left, right);
    merged
}

/// Both lists are in the order of frames.
fn share_a_frame(spots: &[Spot], a: &[u32], b: &[u32]) -> bool {
    let frame = |list: &[u32], at: usize| list.get(at).map(|&spot| spots[spot as usize].frame);
    let (mut i, mut j) = (0, 0);
    while let (Some(one), Some(other)) = (frame(a, i), frame(b, j)) {
        match one.cmp(&other) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
        }
    }
    false
}
