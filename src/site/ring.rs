//! What makes a ring usable.

/// Most vertices of one ring: a cadastral outline has hundreds.
pub(super) const MOST_RING_VERTICES: usize = 20_000;

/// Checks a closed GeoJSON ring and gives it back without the repeated last vertex.
///
/// A ring that crosses itself is refused, since nobody can say what its inside is.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn open_ring(mut ring: Vec<(f64, f64)>) -> Result<Vec<(f64, f64)>, String> {
    if ring.len() > MOST_RING_VERTICES {
        return Err(format!(
            "the ring has {} vertices, more than {MOST_RING_VERTICES}",
            ring.len()
        ));
    }
    if ring.len() < 4 {
        return Err(format!("the ring has {} positions, a closed ring needs 4", ring.len()));
    }
    if ring.first() != ring.last() {
        return Err("the ring is not closed: its last position must repeat the first".to_owned());
    }
    ring.pop();
    ring.dedup();
    let mut distinct = ring.clone();
    distinct.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    distinct.dedup();
    if distinct.len() < 3 {
        return Err(format!("the ring has {} distinct vertices, it needs 3", distinct.len()));
    }
    let lowest = ring.iter().map(|v| v.0).fold(f64::INFINITY, f64::min);
    let highest = ring.iter().map(|v| v.0).fold(f64::NEG_INFINITY, f64::max);
    if highest - lowest > 180.0 {
        return Err(
            "the ring crosses the 180th meridian: cut it there (RFC 7946, 3.1.9)".to_owned()
        );
    }
    if let Some((lon, lat)) = crossing(&ring) {
        return Err(format!("the ring crosses itself near {lat:.6}, {lon:.6} (lat, lon)"));
    }
    Ok(ring)
}

/// Where two edges of an open ring meet that have no right to.
///
/// Edges are sorted by their western end, so that only those that overlap in longitude are
/// compared.
fn crossing(ring: &[(f64, f64)]) -> Option<(f64, f64)> {
    let count = ring.len();
    let mut order: Vec<usize> = (0..count).collect();
    let edge = |at: usize| (ring[at], ring[(at + 1) % count]);
    let west = |at: usize| edge(at).0.0.min(edge(at).1.0);
    order.sort_by(|&a, &b| west(a).total_cmp(&west(b)).then(a.cmp(&b)));
    for (place, &one) in order.iter().enumerate() {
        let (a, b) = edge(one);
        let east = a.0.max(b.0);
        for &other in &order[place + 1..] {
            if west(other) > east {
                break;
            }
            let neighbours = (one + 1) % count == other || (other + 1) % count == one;
            let (c, d) = edge(other);
            if if neighbours { folds_back(a, b, c, d) } else { touch(a, b, c, d) } {
                return Some(c);
            }
        }
    }
    None
}

/// Twice the signed area of a triangle: positive when `c` lies to the left of `a` → `b`.
fn turn(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> f64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// Two edges that share a vertex lie on each other when they are collinear and turn back.
fn folds_back(a: (f64, f64), b: (f64, f64), c: (f64, f64), d: (f64, f64)) -> bool {
    let (before, corner, after) = if b == c { (a, b, d) } else { (c, a, b) };
    let ahead =
        (corner.0 - before.0) * (after.0 - corner.0) + (corner.1 - before.1) * (after.1 - corner.1);
    turn(before, corner, after) == 0.0 && ahead < 0.0
}

fn touch(a: (f64, f64), b: (f64, f64), c: (f64, f64), d: (f64, f64)) -> bool {
    let within = |p: (f64, f64), q: (f64, f64), r: (f64, f64)| {
        r.0 >= p.0.min(q.0) && r.0 <= p.0.max(q.0) && r.1 >= p.1.min(q.1) && r.1 <= p.1.max(q.1)
    };
    let (abc, abd, cda, cdb) = (turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b));
    if abc * abd < 0.0 && cda * cdb < 0.0 {
        return true;
    }
    (abc == 0.0 && within(a, b, c))
        || (abd == 0.0 && within(a, b, d))
        || (cda == 0.0 && within(c, d, a))
        || (cdb == 0.0 && within(c, d, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_closed_has_an_inside_and_does_not_cross_itself() {
        let table: &[(&[(f64, f64)], &str)] = &[
            (&[(0., 0.), (1., 0.), (1., 1.), (0., 0.)], ""),
            (&[(0., 0.), (1., 0.), (1., 1.), (0., 1.)], "not closed"),
            (&[(0., 0.), (1., 0.), (0., 0.)], "3 positions"),
            (&[(0., 0.), (1., 0.), (0., 0.), (1., 0.), (0., 0.)], "2 distinct"),
            (&[(0., 0.), (1., 1.), (1., 0.), (0., 1.), (0., 0.)], "crosses itself"),
            (&[(0., 0.), (2., 0.), (1., 0.), (1., 1.), (0., 0.)], "crosses itself"),
            (&[(0., 0.), (2., 0.), (2., 2.), (1., 0.), (0., 2.), (0., 0.)], "crosses itself"),
            (&[(179., 0.), (-179., 0.), (-179., 1.), (179., 0.)], "180th meridian"),
        ];
        for (ring, says) in table {
            let answer = open_ring(ring.to_vec()).err().unwrap_or_default();
            assert!(answer.contains(says) && answer.is_empty() == says.is_empty(), "{answer}");
        }
    }
}
