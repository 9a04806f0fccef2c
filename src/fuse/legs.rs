//! What frames and legs are off against each other, from the pattern of their spots.
//!
//! Where a flight's common error reaches past the next thing of the same kind, grouping that starts
//! from none takes neighbours for one thing and then finds itself confirmed. The pattern as a whole
//! fits one way only: every pair of alike spots of two frames votes for the shift between them, and
//! what is no pair votes for nothing in particular.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Range;

use nalgebra::{Rotation2, Vector2};

use crate::capture::PoseNote;

use super::assign::root;
use super::ballot::{Ballot, CELL_M, MOST_SEARCH_M, Places, TURN_STEP_RAD};
use super::estimate::Run;
use super::grid::Grid;
use super::spot::{LEAST_VARIANCE_M2, NO_AXES, Spot};

/// Spots of a frame that vote: those with the most contrast.
const MOST_VOTERS: usize = 150;

/// Frames that a frame is held against: the nearest.
const MOST_NEIGHBOURS: usize = 8;

/// Pairs that must agree on a shift, both as votes and one to one.
const LEAST_PAIRS: usize = 8;

/// How much more votes the first shift has than the second. Our convention.
const CLEARLY: f64 = 1.5;

/// Sigmas that are searched.
const SEARCH_SIGMAS: f64 = 3.0;

/// The most steps: 12°, and 75° for a frame in a turn, whose heading may lag by seconds.
const MOST_STEPS: f64 = 8.0;
const TURNING_STEPS: f64 = 50.0;

/// Other spots of its kind in a spot's gate, on average, from which on a flight is crowded.
const CROWDED: f64 = 1.0;

/// Pairs further apart than this are none, round for round, in metres.
const PAIR_M: [f64; 4] = [2.5, 1.8, 1.4, 1.2];

/// A link that is off by more than this against the chain of stronger ones is wrong.
const MOST_OFF_M: f64 = 3.0;

/// Sweeps in which what links say of a frame is averaged.
const SWEEPS: usize = 30;

/// Standard errors of a frame's place after the fit, over those of one pair.
const LEFT_OVER: f64 = 1.5;

/// A turn about the point below the camera, anticlockwise as seen from above, then a shift.
#[derive(Debug, Clone, Copy)]
pub(super) struct Motion {
    pub(super) turn_rad: f64,
    pub(super) shift_m: Vector2<f64>,
}

/// What a spot says of its frame's place.
#[derive(Debug, Clone, Copy)]
struct Voter {
    at: Vector2<f64>,
    delta: f32,
    class: u8,
}

/// A frame's part of the spots.
struct Frame {
    first: usize,
    count: usize,
    /// The point below the camera.
    about: Vector2<f64>,
    voters: Vec<Voter>,
    sigma_m: f64,
    yaw_sigma_rad: f64,
    turning: bool,
    extent_m: f64,
}

/// How `b` must be moved to lie on `a`.
#[derive(Debug, Clone, Copy)]
struct Link {
    a: usize,
    b: usize,
    motion: Motion,
    pairs: usize,
    variance_m2: f64,
}

/// Moves each frame of a flight, whose spots are in the order of frames, to where it fits the
/// others; how each was moved is added to `motions`. Frames that fit nowhere, and flights that are
/// not crowded, stay as they are.
///
/// For grouping only: what is moved is no better known against the earth than before.
pub(super) fn fit(
    run: &Run<'_>,
    spots: &mut [Spot],
    gate: f64,
    motions: &mut HashMap<u32, Motion>,
) {
    let frames = frames(run, spots);
    if !crowded(&frames, gate) {
        return;
    }
    let links: Vec<Link> =
        neighbours(&frames).into_iter().filter_map(|(a, b)| link(&frames, a, b)).collect();
    let found = self::motions(&frames, &links);
    let mut variances: Vec<f64> = links.iter().map(|link| link.variance_m2).collect();
    variances.sort_by(f64::total_cmp);
    let Some(middle) = variances.get(variances.len() / 2) else { return };
    let most_m2 = LEFT_OVER * LEFT_OVER * middle + LEAST_VARIANCE_M2;
    for (frame, motion) in frames.iter().zip(&found) {
        let Some(motion) = motion else { continue };
        let turn = Rotation2::new(motion.turn_rad);
        let of_frame = &mut spots[frame.first..frame.first + frame.count];
        if let Some(first) = of_frame.first() {
            motions.insert(first.frame, *motion);
        }
        for spot in of_frame {
            spot.at = motion.moved(&frame.about, &spot.at);
            let own_m2 = spot.own_m2();
            let share = (2.0 * most_m2 / own_m2.trace()).min(1.0);
            spot.set_own_m2(&(turn.matrix() * own_m2 * turn.matrix().transpose() * share));
            spot.axes = NO_AXES;
        }
    }
}

impl Motion {
    const NONE: Self = Self { turn_rad: 0.0, shift_m: Vector2::new(0.0, 0.0) };

    fn moved(&self, about: &Vector2<f64>, at: &Vector2<f64>) -> Vector2<f64> {
        about + self.shift_m + Rotation2::new(self.turn_rad) * (at - about)
    }
}

fn frames(run: &Run<'_>, spots: &[Spot]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut first = 0;
    for of_frame in spots.chunk_by(|a, b| a.frame == b.frame) {
        let count = of_frame.len();
        let view = run.view_of.get(&of_frame[0].frame).and_then(|&view| run.views.get(view));
        if let Some(view) = view {
            let pose = &view.pose;
            let about = run.plane.enu(&pose.position).xy();
            let strongest = strongest(of_frame);
            let off = |spot: &Spot| (spot.own_m2().trace() / 2.0).sqrt() + spread_m(run, spot);
            let sigma_m = strongest.iter().map(off).sum::<f64>() / strongest.len() as f64;
            let far = |spot: &Spot| (spot.at - about).norm();
            frames.push(Frame {
                first,
                count,
                about,
                sigma_m,
                yaw_sigma_rad: pose.common.attitude_rad[0].hypot(pose.own.attitude_rad[0]),
                turning: pose.notes.contains(&PoseNote::Turning),
                extent_m: strongest.iter().map(far).fold(0.0, f64::max),
                voters: strongest
                    .iter()
                    .map(|spot| Voter { at: spot.at, delta: spot.delta, class: spot.class })
                    .collect(),
            });
        }
        first += count;
    }
    frames
}

/// The spots of a frame with the most contrast: class by class, those with the most first.
fn strongest(of_frame: &[Spot]) -> Vec<Spot> {
    let mut spots = of_frame.to_vec();
    spots.sort_by(|a, b| b.delta.abs().total_cmp(&a.delta.abs()));
    spots.truncate(MOST_VOTERS);
    spots.sort_by_key(|spot| spot.class);
    spots
}

/// One sigma of the common error at a spot, in metres.
fn spread_m(run: &Run<'_>, spot: &Spot) -> f64 {
    spot.bias_m(run.axes).norm() * std::f64::consts::FRAC_1_SQRT_2
}

/// Whether gates hold things beside the right one: else there is nothing to mistake.
fn crowded(frames: &[Frame], gate: f64) -> bool {
    let (mut beside, mut all) = (0usize, 0usize);
    for frame in frames.iter().filter(|frame| frame.voters.len() >= LEAST_PAIRS) {
        let gate_m = (2.0 * gate).sqrt() * frame.sigma_m;
        all += frame.voters.len();
        for (number, one) in frame.voters.iter().enumerate() {
            let others = frame.voters[..number].iter();
            let near = others
                .filter(|other| other.class == one.class && (other.at - one.at).norm() < gate_m);
            beside += 2 * near.count();
        }
    }
    all > 0 && beside as f64 > CROWDED * all as f64
}

/// Pairs of frames that may show the same ground.
fn neighbours(frames: &[Frame]) -> BTreeSet<(usize, usize)> {
    let voting = |frame: &Frame| {
        frame.voters.len() >= LEAST_PAIRS && frame.about.iter().all(|v| v.is_finite())
    };
    let mut grid = Grid::default();
    for (number, frame) in (0u32..).zip(frames).filter(|(_, frame)| voting(frame)) {
        let at = [frame.about.x, frame.about.y];
        grid.insert(Grid::slot(at, frame.extent_m / 2.0), number);
    }
    let mut pairs = BTreeSet::new();
    for (number, frame) in frames.iter().enumerate().filter(|(_, frame)| voting(frame)) {
        let mut near = Vec::new();
        grid.near([frame.about.x, frame.about.y], frame.extent_m / 2.0, |other| {
            let gap_m = (frames[other as usize].about - frame.about).norm();
            if other as usize != number && gap_m < frame.extent_m {
                near.push((gap_m, other as usize));
            }
        });
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let nearest = near.into_iter().take(MOST_NEIGHBOURS);
        pairs.extend(nearest.map(|(_, other)| (number.min(other), number.max(other))));
    }
    pairs
}

/// Of each voter of `other`, which of `one` it may be: those of its polarity and unit, and about
/// its contrast. Voters are in an order in which these stand side by side.
fn alike(one: &Frame, other: &Frame) -> Vec<Range<usize>> {
    let near = |a_k: f32, b_k: f32| (a_k - b_k).abs() < 1.0 + 0.5 * a_k.max(b_k);
    let of = |right: &Voter| {
        let contrast_k = right.delta.abs();
        let before = |left: &Voter| left.class < right.class;
        let above = |left: &Voter| left.class == right.class && left.delta.abs() > contrast_k;
        let like = |left: &Voter| left.class == right.class && near(left.delta.abs(), contrast_k);
        let first = |left: &Voter| before(left) || (above(left) && !like(left));
        let last = |left: &Voter| before(left) || above(left) || like(left);
        one.voters.partition_point(first)..one.voters.partition_point(last)
    };
    other.voters.iter().map(of).collect()
}

fn link(frames: &[Frame], a: usize, b: usize) -> Option<Link> {
    let (one, other) = (&frames[a], &frames[b]);
    let pairs = alike(one, other);
    if pairs.iter().map(Range::len).sum::<usize>() < LEAST_PAIRS {
        return None;
    }
    let motion = voted(one, other, &pairs)?;
    let (motion, count, variance_m2) = paired(one, other, &pairs, motion)?;
    Some(Link { a, b, motion, pairs: count, variance_m2 })
}

/// The turn and shift that most pairs vote for, if it stands out.
fn voted(one: &Frame, other: &Frame, pairs: &[Range<usize>]) -> Option<Motion> {
    let reach_m = SEARCH_SIGMAS * one.sigma_m.hypot(other.sigma_m);
    let yaw = SEARCH_SIGMAS * one.yaw_sigma_rad.hypot(other.yaw_sigma_rad) / TURN_STEP_RAD;
    let turning = one.turning || other.turning;
    let places = |frame: &Frame| Places::new(frame.voters.iter().map(|spot| spot.at - other.about));
    let choice = Ballot {
        left: &places(one),
        right: &places(other),
        pairs,
        reach_m: reach_m.clamp(2.0 * CELL_M, MOST_SEARCH_M),
        steps: if turning { TURNING_STEPS } else { yaw.ceil().min(MOST_STEPS) } as i32,
    }
    .choice();
    let clear = choice.most as f64 >= CLEARLY * choice.second as f64;
    (choice.most >= LEAST_PAIRS && clear).then_some(choice.motion)
}

/// A vote made exact by pairs that are each other's nearest: least squares of turn and shift. The
/// motion, the number of pairs, and the variance of one spot's place on each axis.
fn paired(
    one: &Frame,
    other: &Frame,
    pairs: &[Range<usize>],
    mut motion: Motion,
) -> Option<(Motion, usize, f64)> {
    let mut gaps = Vec::new();
    for most_m in PAIR_M {
        let both = mutual(one, other, pairs, &motion, most_m);
        if both.len() < LEAST_PAIRS {
            return None;
        }
        let count = both.len() as f64;
        let left = both.iter().fold(Vector2::zeros(), |sum, pair| sum + pair.0) / count;
        let right = both.iter().fold(Vector2::zeros(), |sum, pair| sum + pair.1) / count;
        let (mut sine, mut cosine) = (0.0, 0.0);
        for (to, from) in &both {
            let (to, from) = (to - left, from - right);
            sine += from.perp(&to);
            cosine += from.dot(&to);
        }
        let turn_rad = sine.atan2(cosine);
        let shift_m = left + Rotation2::new(turn_rad) * (other.about - right) - other.about;
        motion = Motion { turn_rad, shift_m };
        let gap2 = |(to, from): &(Vector2<f64>, Vector2<f64>)| {
            (to - motion.moved(&other.about, from)).norm_squared()
        };
        gaps = both.iter().map(gap2).collect();
    }
    gaps.sort_by(f64::total_cmp);
    // The median of χ² with two degrees of freedom is 2 ln 2, and a gap has two spots.
    let variance_m2 = gaps[gaps.len() / 2] / (4.0 * std::f64::consts::LN_2);
    Some((motion, gaps.len(), variance_m2))
}

/// Places of spots that are each other's nearest.
fn mutual(
    one: &Frame,
    other: &Frame,
    pairs: &[Range<usize>],
    motion: &Motion,
    most_m: f64,
) -> Vec<(Vector2<f64>, Vector2<f64>)> {
    let moved: Vec<_> =
        other.voters.iter().map(|spot| motion.moved(&other.about, &spot.at)).collect();
    let mut of_one = vec![(most_m * most_m, usize::MAX); one.voters.len()];
    let mut of_other = vec![(most_m * most_m, usize::MAX); moved.len()];
    for (j, (range, moved)) in pairs.iter().zip(&moved).enumerate() {
        for i in range.clone() {
            let gap2 = (one.voters[i].at - moved).norm_squared();
            if gap2 < of_one[i].0 {
                of_one[i] = (gap2, j);
            }
            if gap2 < of_other[j].0 {
                of_other[j] = (gap2, i);
            }
        }
    }
    let nearest = of_one.iter().enumerate();
    nearest
        .filter(|(i, (_, j))| of_other.get(*j).is_some_and(|back| back.1 == *i))
        .map(|(i, &(_, j))| (one.voters[i].at, other.voters[j].at))
        .collect()
}

/// What a link says of one end, given the other: of `b` if `forward`, else of `a`.
fn told(frames: &[Frame], link: &Link, known: &Motion, forward: bool) -> Motion {
    let arm = frames[link.b].about + link.motion.shift_m - frames[link.a].about;
    let apart = frames[link.b].about - frames[link.a].about;
    if forward {
        let turned = Rotation2::new(known.turn_rad) * arm;
        let turn_rad = known.turn_rad + link.motion.turn_rad;
        Motion { turn_rad, shift_m: known.shift_m + turned - apart }
    } else {
        let turn_rad = known.turn_rad - link.motion.turn_rad;
        let turned = Rotation2::new(turn_rad) * arm;
        Motion { turn_rad, shift_m: known.shift_m + apart - turned }
    }
}

/// The motion of each frame: chained along the strongest links, then averaged over all that agree.
fn motions(frames: &[Frame], links: &[Link]) -> Vec<Option<Motion>> {
    let mut order: Vec<&Link> = links.iter().collect();
    order.sort_by(|a, b| b.pairs.cmp(&a.pairs).then((a.a, a.b).cmp(&(b.a, b.b))));
    let mut leader: Vec<usize> = (0..frames.len()).collect();
    let mut chain: Vec<Vec<&Link>> = vec![Vec::new(); frames.len()];
    for link in order {
        let (a, b) = (root(&mut leader, link.a), root(&mut leader, link.b));
        if a != b {
            leader[a.max(b)] = a.min(b);
            chain[link.a].push(link);
            chain[link.b].push(link);
        }
    }
    let mut motions = vec![None; frames.len()];
    for start in 0..frames.len() {
        if motions[start].is_some() || chain[start].is_empty() {
            continue;
        }
        motions[start] = Some(Motion::NONE);
        let (mut open, mut part) = (VecDeque::from([start]), Vec::new());
        while let Some(from) = open.pop_front() {
            part.push(from);
            let Some(known) = motions[from] else { continue };
            for link in &chain[from] {
                let forward = link.a == from;
                let to = if forward { link.b } else { link.a };
                if motions[to].is_none() {
                    motions[to] = Some(told(frames, link, &known, forward));
                    open.push_back(to);
                }
            }
        }
        average(frames, links, &part, &mut motions);
        centre(frames, &part, &mut motions);
    }
    motions
}

/// Averages what the links of a connected part say, where they agree with the chain.
fn average(frames: &[Frame], links: &[Link], part: &[usize], motions: &mut [Option<Motion>]) {
    let inside: BTreeSet<usize> = part.iter().copied().collect();
    let mut of: Vec<Vec<&Link>> = vec![Vec::new(); frames.len()];
    for link in links.iter().filter(|link| inside.contains(&link.a)) {
        let (Some(a), Some(b)) = (motions[link.a], motions[link.b]) else { continue };
        let say = told(frames, link, &a, true);
        let arm_m = frames[link.b].extent_m / 2.0;
        let off_m = (say.shift_m - b.shift_m).norm() + (say.turn_rad - b.turn_rad).abs() * arm_m;
        if off_m < MOST_OFF_M {
            of[link.a].push(link);
            of[link.b].push(link);
        }
    }
    for _ in 0..SWEEPS {
        for &number in part {
            let mut sum = (0.0, 0.0, Vector2::zeros());
            for link in &of[number] {
                let forward = link.b == number;
                let known = motions[if forward { link.a } else { link.b }];
                let Some(known) = known else { continue };
                let say = told(frames, link, &known, forward);
                let weight = link.pairs as f64;
                sum.0 += weight;
                sum.1 += say.turn_rad * weight;
                sum.2 += say.shift_m * weight;
            }
            if sum.0 > 0.0 {
                motions[number] = Some(Motion { turn_rad: sum.1 / sum.0, shift_m: sum.2 / sum.0 });
            }
        }
    }
}

/// Turns and shifts a part so that its frames stay where they are in the middle.
fn centre(frames: &[Frame], part: &[usize], motions: &mut [Option<Motion>]) {
    let middle = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let of_part = |motions: &[Option<Motion>]| -> Vec<(usize, Motion)> {
        part.iter().filter_map(|&number| Some((number, motions[number]?))).collect()
    };
    let known = of_part(motions);
    if known.is_empty() {
        return;
    }
    let turn_rad = middle(known.iter().map(|(_, motion)| motion.turn_rad).collect());
    let back = Rotation2::new(-turn_rad);
    for (number, motion) in known {
        let about = frames[number].about;
        let shift_m = back * (about + motion.shift_m) - about;
        motions[number] = Some(Motion { turn_rad: motion.turn_rad - turn_rad, shift_m });
    }
    let known = of_part(motions);
    let axis = |axis: usize| middle(known.iter().map(|(_, motion)| motion.shift_m[axis]).collect());
    let shift_m = Vector2::new(axis(0), axis(1));
    for (number, motion) in known {
        motions[number] = Some(Motion { shift_m: motion.shift_m - shift_m, ..motion });
    }
}
