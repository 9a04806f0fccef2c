//! Detections of one frame to clusters, one to one.

/// What it costs to give a detection no cluster: more than any pair, so that a pair within the
/// gate is never turned down for nothing.
const NO_CLUSTER: f64 = 1_000.0;

/// A pair that may not be.
const FORBIDDEN: f64 = 1e9;

/// Largest group of detections that is solved exactly; n³ steps.
const MOST_EXACT: usize = 64;

/// For each detection the cluster that it belongs to, no cluster twice, at the least total cost.
///
/// `candidates` holds each detection's clusters with their cost, best first. A whole frame is often
/// shifted against the map: then the nearest cluster is the neighbour's, and only the frame as a
/// whole tells (GEO.md, 6).
pub(super) fn assign(candidates: &[Vec<(f64, u32)>]) -> Vec<Option<u32>> {
    let mut answer = vec![None; candidates.len()];
    for group in groups(candidates) {
        match group.as_slice() {
            [row] => answer[*row] = candidates[*row].first().map(|&(_, cluster)| cluster),
            rows if rows.len() <= MOST_EXACT => exact(candidates, rows, &mut answer),
            rows => best_first(candidates, rows, &mut answer),
        }
    }
    answer
}

/// Detections that compete for clusters, directly or by others between them.
fn groups(candidates: &[Vec<(f64, u32)>]) -> Vec<Vec<usize>> {
    let mut wanted: Vec<(u32, usize)> = Vec::new();
    for (row, of_row) in candidates.iter().enumerate() {
        wanted.extend(of_row.iter().map(|&(_, cluster)| (cluster, row)));
    }
    wanted.sort_unstable();
    let mut leader: Vec<usize> = (0..candidates.len()).collect();
    for pair in wanted.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let (a, b) = (root(&mut leader, pair[0].1), root(&mut leader, pair[1].1));
        leader[a.max(b)] = a.min(b);
    }
    let mut groups = vec![Vec::new(); candidates.len()];
    for (row, of_row) in candidates.iter().enumerate() {
        if !of_row.is_empty() {
            groups[root(&mut leader, row)].push(row);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// The root of a tree, which is flattened on the way.
pub(super) fn root(leader: &mut [usize], mut at: usize) -> usize {
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}

fn best_first(candidates: &[Vec<(f64, u32)>], rows: &[usize], answer: &mut [Option<u32>]) {
    let mut pairs: Vec<_> = rows
        .iter()
        .flat_map(|&row| candidates[row].iter().map(move |&(cost, cluster)| (cost, row, cluster)))
        .collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut taken = std::collections::BTreeSet::new();
    for (_, row, cluster) in pairs {
        if answer[row].is_none() && taken.insert(cluster) {
            answer[row] = Some(cluster);
        }
    }
}

fn exact(candidates: &[Vec<(f64, u32)>], rows: &[usize], answer: &mut [Option<u32>]) {
    let mut clusters: Vec<u32> =
        rows.iter().flat_map(|&row| candidates[row].iter().map(|&(_, cluster)| cluster)).collect();
    clusters.sort_unstable();
    clusters.dedup();
    // Behind the clusters one column for each detection that stays alone.
    let columns = clusters.len() + rows.len();
    let mut costs = vec![FORBIDDEN; rows.len() * columns];
    for (line, &row) in rows.iter().enumerate() {
        for &(cost, cluster) in &candidates[row] {
            if let Ok(column) = clusters.binary_search(&cluster) {
                costs[line * columns + column] = cost;
            }
        }
        costs[line * columns + clusters.len() + line] = NO_CLUSTER;
    }
    for (line, column) in hungarian(&costs, rows.len(), columns).into_iter().enumerate() {
        answer[rows[line]] = clusters.get(column).copied();
    }
}

/// The column of each row at the least total cost; `columns` is at least `rows`.
///
/// Kuhn's Hungarian method with potentials (Naval Research Logistics 2, 1955), one row after the
/// other by the shortest augmenting path. Index 0 of the columns is the path's start.
fn hungarian(costs: &[f64], rows: usize, columns: usize) -> Vec<usize> {
    let mut row_price = vec![0.0; rows + 1];
    let mut column_price = vec![0.0; columns + 1];
    let mut row_of = vec![0usize; columns + 1];
    let mut way = vec![0usize; columns + 1];
    for row in 1..=rows {
        row_of[0] = row;
        let mut column = 0;
        let mut least = vec![f64::INFINITY; columns + 1];
        let mut used = vec![false; columns + 1];
        while row_of[column] != 0 {
            used[column] = true;
            let here = row_of[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for other in (1..=columns).filter(|&other| !used[other]) {
                let cost = costs[(here - 1) * columns + other - 1];
                let reduced = cost - row_price[here] - column_price[other];
                if reduced < least[other] {
                    least[other] = reduced;
                    way[other] = column;
                }
                if least[other] < step {
                    (step, next) = (least[other], other);
                }
            }
            for other in 0..=columns {
                if used[other] {
                    row_price[row_of[other]] += step;
                    column_price[other] -= step;
                } else {
                    least[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            row_of[column] = row_of[way[column]];
            column = way[column];
        }
    }
    let mut answer = vec![0; rows];
    for column in 1..=columns {
        if row_of[column] != 0 {
            answer[row_of[column] - 1] = column - 1;
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_frame_goes_to_its_own_clusters_and_not_to_the_nearest() {
        // Two things a metre apart, the frame off by 0.9 m: costs are squared distances.
        let shifted = vec![vec![(0.01, 2), (0.81, 1)], vec![(0.81, 2)]];
        assert_eq!(assign(&shifted), [Some(1), Some(2)]);
        let contested = vec![vec![(1.0, 5)], vec![(2.0, 5)], vec![]];
        assert_eq!(assign(&contested), [Some(5), None, None]);
    }

    #[test]
    fn the_total_is_the_least_of_all_orders() {
        let mut seed = 7u32;
        for _ in 0..50 {
            let costs: Vec<f64> = (0..16)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    f64::from(seed >> 20)
                })
                .collect();
            let columns = hungarian(&costs, 4, 4);
            let total: f64 = columns.iter().enumerate().map(|(r, c)| costs[r * 4 + c]).sum();
            let mut best = f64::INFINITY;
            for code in 0..256usize {
                let order = [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6];
                if (0..4).all(|c| order.contains(&c)) {
                    best = best.min((0..4).map(|r| costs[r * 4 + order[r]]).sum());
                }
            }
            assert!((total - best).abs() < 1e-9);
        }
    }
}
