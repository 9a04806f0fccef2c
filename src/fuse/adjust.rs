//! Least squares over views of the same things: what a flight is off, and each frame by itself.
//!
//! ```text
//! place of a view = place of the thing + by_height · height + by_common · z + by_frame · e + noise
//! ```
//!
//! The thing's place and height are eliminated, thing by thing; what is left is solved as a whole.
//! All unknowns are in sigmas, so that the prior is the identity.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn, Matrix3, SMatrix, SVector, Vector2, Vector3};

/// Errors that a flight shares: east, north, up, yaw, pitch, roll, clock.
pub(super) const SHARED: usize = 7;
/// Errors of one frame: the same but for the clock.
pub(super) const OF_FRAME: usize = 6;

/// Rounds of weighing again, the last of which leave out what is far off.
const WEIGHINGS: usize = 6;
const LEAVING_OUT: usize = 3;

/// Sigmas from which on a view is taken for one of another thing. Left in with little weight, such
/// views would pull the flight lower and lower: everything then lies nearer together.
const MOST_SIGMAS: f64 = 4.0;

/// Sigmas from which on a view counts less (Huber 1964; 2 of two axes together).
const HUBER: f64 = 2.0;

/// Weight of a view that is left out: not nothing, so that a thing keeps a place.
const OUT: f64 = 1e-6;

/// Median of χ² with two degrees of freedom, 2 ln 2.
const MEDIAN_CHI2: f64 = 1.386_294;

/// Every so manieth thing is held out first.
const HELD_OUT: usize = 5;

/// One view of a thing.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The number of its frame.
    pub(super) frame: usize,
    pub(super) at: Vector2<f64>,
    /// How one sigma of each shared error moves it, in metres.
    pub(super) by_common: SMatrix<f64, 2, SHARED>,
    /// How one sigma of each of its frame's own errors moves it.
    pub(super) by_frame: SMatrix<f64, 2, OF_FRAME>,
    /// How one sigma of the thing's height moves it.
    pub(super) by_height: Vector2<f64>,
    /// Variance of all else on each axis, in m².
    pub(super) noise_m2: f64,
}

/// Views of one thing.
#[derive(Debug, Clone)]
pub(super) struct Tie {
    pub(super) members: Vec<Member>,
    /// Its surveyed place and the variance of that on each axis.
    pub(super) control: Option<(Vector2<f64>, f64)>,
}

/// What the flight and its frames are off, in sigmas.
#[derive(Debug, Clone)]
pub(super) struct Adjusted {
    /// The shared errors, then those of each frame.
    pub(super) off: DVector<f64>,
    /// Of the shared errors.
    pub(super) covariance: SMatrix<f64, SHARED, SHARED>,
    /// Variances of all.
    pub(super) variances: DVector<f64>,
}

/// How far half of the views at most lie from the middle of their thing, in metres, for things
/// that took no part.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Held {
    pub(super) before_m: f64,
    pub(super) after_m: f64,
}

/// Solves for all errors where `known` of them is taken off the places already. `None` where the
/// numbers are not sound.
pub(super) fn adjust(ties: &[Tie], known: &DVector<f64>) -> Option<Adjusted> {
    let ties: Vec<&Tie> = ties.iter().collect();
    let (factor, left) = solve(&ties, known)?;
    let inverse = factor.inverse();
    let covariance = inverse.fixed_view::<SHARED, SHARED>(0, 0).into_owned();
    let off = known + left;
    let sound = inverse.iter().chain(off.iter()).all(|v| v.is_finite());
    sound.then_some(Adjusted { off, covariance, variances: inverse.diagonal() })
}

/// What the same solution from four fifths of the things does for the rest.
pub(super) fn held_out(ties: &[Tie], known: &DVector<f64>) -> Option<Held> {
    let (mut told, mut held) = (Vec::new(), Vec::new());
    for (number, tie) in ties.iter().enumerate() {
        if number % HELD_OUT == 0 { held.push(tie) } else { told.push(tie) }
    }
    // Frames are judged by what the flight shares: that is all that is corrected.
    let mut after = -known;
    after.rows_mut(0, SHARED).copy_from(&solve(&told, known)?.1.rows(0, SHARED));
    Some(Held { before_m: apart_m(&held, &-known)?, after_m: apart_m(&held, &after)? })
}

/// Median distance of views from the middle of their thing, by poses corrected by `off`.
fn apart_m(ties: &[&Tie], off: &DVector<f64>) -> Option<f64> {
    let mut apart = Vec::new();
    for tie in ties {
        let count = tie.members.len() as f64;
        let place = |member: &Member| member.at - member.moved(off);
        let middle = tie.members.iter().map(place).sum::<Vector2<f64>>() / count;
        let freed = (count / (count - 1.0)).sqrt();
        apart.extend(tie.members.iter().map(|member| (place(member) - middle).norm() * freed));
    }
    apart.sort_by(f64::total_cmp);
    apart.get(apart.len() / 2).copied()
}

/// The normal equations of all but the things.
struct Normal {
    matrix: DMatrix<f64>,
    right: DVector<f64>,
}

/// The normal equations' factor, and what is left of the errors.
fn solve(ties: &[&Tie], known: &DVector<f64>) -> Option<(Cholesky<f64, Dyn>, DVector<f64>)> {
    let members = || ties.iter().flat_map(|tie| &tie.members);
    let size = known.len();
    if members().any(|member| member.first_unknown() + OF_FRAME > size) {
        return None;
    }
    let mut weights: Vec<f64> = members().map(|member| member.noise_m2.recip()).collect();
    let mut solved = None;
    for round in 0..WEIGHINGS {
        let mut normal = Normal { matrix: DMatrix::identity(size, size), right: -known };
        let mut rest = weights.as_slice();
        for tie in ties {
            let (of_tie, others) = rest.split_at(tie.members.len());
            normal.add(tie, of_tie)?;
            rest = others;
        }
        let factor = normal.matrix.cholesky()?;
        let unknowns = factor.solve(&normal.right);
        let most = if round < LEAVING_OUT { f64::INFINITY } else { MOST_SIGMAS };
        weights = weighed(ties, &weights, &unknowns, most)?;
        solved = Some((factor, unknowns));
    }
    solved
}

/// A thing's place, from the first view's on, and its height: normal matrix and right side.
struct Thing {
    matrix: Matrix3<f64>,
    right: Vector3<f64>,
}

impl Thing {
    fn of(tie: &Tie, weights: &[f64], off: &[Vector2<f64>]) -> Self {
        let mut matrix = Matrix3::from_diagonal(&Vector3::z());
        let mut right = Vector3::zeros();
        for ((member, weight), off) in tie.members.iter().zip(weights).zip(off) {
            let by_thing = member.by_thing();
            matrix += by_thing.transpose() * by_thing * *weight;
            right += by_thing.transpose() * off * *weight;
        }
        if let Some((at, variance)) = tie.control {
            let pulled = (at - tie.anchor()) / variance;
            matrix += Matrix3::from_diagonal(&Vector3::new(1.0, 1.0, 0.0)) / variance;
            right += Vector3::new(pulled.x, pulled.y, 0.0);
        }
        Self { matrix, right }
    }
}

impl Tie {
    fn anchor(&self) -> Vector2<f64> {
        self.members.first().map_or_else(Vector2::zeros, |member| member.at)
    }

    /// Places of the views from the first one on.
    fn offsets(&self) -> Vec<Vector2<f64>> {
        let anchor = self.anchor();
        self.members.iter().map(|member| member.at - anchor).collect()
    }
}

impl Member {
    fn by_thing(&self) -> SMatrix<f64, 2, 3> {
        let mut by = SMatrix::<f64, 2, 3>::identity();
        by.set_column(2, &self.by_height);
        by
    }

    fn first_unknown(&self) -> usize {
        SHARED + OF_FRAME * self.frame
    }

    fn moved(&self, unknowns: &DVector<f64>) -> Vector2<f64> {
        self.by_common * unknowns.fixed_rows::<SHARED>(0)
            + self.by_frame * unknowns.fixed_rows::<OF_FRAME>(self.first_unknown())
    }
}

impl Normal {
    /// Adds the views of one thing with the thing itself eliminated.
    fn add(&mut self, tie: &Tie, weights: &[f64]) -> Option<()> {
        let offsets = tie.offsets();
        let thing = Thing::of(tie, weights, &offsets);
        let inverse = thing.matrix.try_inverse()?;
        let mut shared = SMatrix::<f64, SHARED, 3>::zeros();
        let mut frames = Vec::with_capacity(tie.members.len());
        for ((member, &weight), off) in tie.members.iter().zip(weights).zip(&offsets) {
            let at = member.first_unknown();
            let (common, own) = (member.by_common.transpose(), member.by_frame.transpose());
            self.block::<SHARED, SHARED>(0, 0, &(common * member.by_common * weight));
            self.block::<OF_FRAME, OF_FRAME>(at, at, &(own * member.by_frame * weight));
            self.block::<OF_FRAME, SHARED>(at, 0, &(own * member.by_common * weight));
            self.right_of::<SHARED>(0, &(common * off * weight));
            self.right_of::<OF_FRAME>(at, &(own * off * weight));
            shared += common * member.by_thing() * weight;
            frames.push((at, own * member.by_thing() * weight));
        }
        let place = inverse * thing.right;
        self.block::<SHARED, SHARED>(0, 0, &-(shared * inverse * shared.transpose()));
        self.right_of::<SHARED>(0, &-(shared * place));
        for (number, (at, one)) in frames.iter().enumerate() {
            let pulled = one * inverse;
            self.block::<OF_FRAME, SHARED>(*at, 0, &-(pulled * shared.transpose()));
            self.right_of::<OF_FRAME>(*at, &-(one * place));
            // Only the lower half is read.
            for (other_at, other) in &frames[..=number] {
                let (low, high) = (at.max(other_at), at.min(other_at));
                let block = pulled * other.transpose();
                let block = if at >= other_at { block } else { block.transpose() };
                self.block::<OF_FRAME, OF_FRAME>(*low, *high, &-block);
            }
        }
        Some(())
    }

    fn block<const R: usize, const C: usize>(
        &mut self,
        row: usize,
        column: usize,
        add: &SMatrix<f64, R, C>,
    ) {
        let mut view = self.matrix.fixed_view_mut::<R, C>(row, column);
        view += add;
    }

    fn right_of<const R: usize>(&mut self, row: usize, add: &SVector<f64, R>) {
        let mut view = self.right.fixed_rows_mut::<R>(row);
        view += add;
    }
}

/// Weights after what is left over: less for views far off, and less for all where noise is more
/// than stated.
fn weighed(
    ties: &[&Tie],
    weights: &[f64],
    unknowns: &DVector<f64>,
    most_sigmas: f64,
) -> Option<Vec<f64>> {
    let mut chi2 = Vec::with_capacity(weights.len());
    let mut rest = weights;
    for tie in ties {
        let (of_tie, others) = rest.split_at(tie.members.len());
        rest = others;
        let offsets: Vec<Vector2<f64>> = tie
            .offsets()
            .iter()
            .zip(&tie.members)
            .map(|(off, member)| off - member.moved(unknowns))
            .collect();
        let thing = Thing::of(tie, of_tie, &offsets);
        let place = thing.matrix.try_inverse()? * thing.right;
        for (member, off) in tie.members.iter().zip(&offsets) {
            let left = off - member.by_thing() * place;
            chi2.push(left.norm_squared() / member.noise_m2);
        }
    }
    let mut sorted = chi2.clone();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.get(sorted.len() / 2)?;
    // Views hide a part of what they are off in the place that they tell.
    let freedom = 1.0 - ties.len() as f64 / chi2.len() as f64;
    let scale2 = (middle / MEDIAN_CHI2 / freedom).max(1.0);
    let noises = ties.iter().flat_map(|tie| &tie.members).map(|member| member.noise_m2);
    let weight = |(chi2, noise_m2): (&f64, f64)| {
        let sigmas = (chi2 / scale2).sqrt();
        let share = if sigmas > most_sigmas { OUT } else { (HUBER / sigmas).min(1.0) };
        share / (noise_m2 * scale2)
    };
    Some(chi2.iter().zip(noises).map(weight).collect())
}
