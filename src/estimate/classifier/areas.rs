//! Areas under curves, of labels that are known only by their probabilities.

/// A value, and by how much it changes with the probability of each row.
#[derive(Debug, Clone)]
pub(super) struct Area {
    pub(super) value: f64,
    pub(super) slopes: Vec<f64>,
}

/// The rows in descending order of their scores.
pub(super) fn descending(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    let score = |row: &u32| scores.get(*row as usize).copied().unwrap_or_default() + 0.0;
    order.sort_by(|a, b| score(b).total_cmp(&score(a)));
    order
}

/// Rows of equal scores, from `order`.
fn ties<'a>(scores: &'a [f64], order: &'a [u32]) -> impl DoubleEndedIterator<Item = &'a [u32]> {
    let score = |row: &u32| scores.get(*row as usize).copied().unwrap_or_default();
    order.chunk_by(move |a, b| score(a) == score(b))
}

fn share(shares: &[f64], row: u32) -> f64 {
    shares.get(row as usize).copied().unwrap_or_default()
}

/// The area under the receiver operating characteristic: of expected pairs of a positive and
/// a negative row, the share in which the positive has the higher score, half of ties. No
/// row makes a pair with itself. `None` where no pair is expected.
pub(super) fn roc(scores: &[f64], shares: &[f64], order: &[u32]) -> Option<Area> {
    let positives: f64 = shares.iter().sum();
    let negatives: f64 = shares.iter().map(|share| 1.0 - share).sum();
    let alone: f64 = shares.iter().map(|share| share * (1.0 - share)).sum();
    let pairs = positives * negatives - alone;
    if pairs <= 1e-12 * shares.len() as f64 {
        return None;
    }
    let mut won = 0.0;
    let mut slopes = vec![0.0; shares.len()];
    // Rows above and below, by label.
    let (mut positives_above, mut negatives_above) = (0.0, 0.0);
    for tied in ties(scores, order) {
        let own: f64 = tied.iter().map(|&row| share(shares, row)).sum();
        let others: f64 = tied.iter().map(|&row| 1.0 - share(shares, row)).sum();
        let negatives_below = negatives - negatives_above - others;
        for &row in tied {
            let p = share(shares, row);
            let lost_to = positives_above + 0.5 * (own - p);
            let wins = negatives_below + 0.5 * (others - (1.0 - p));
            won += p * wins;
            if let Some(slope) = slopes.get_mut(row as usize) {
                *slope = wins - lost_to;
            }
        }
        positives_above += own;
        negatives_above += others;
    }
    let value = (won / pairs).clamp(0.0, 1.0);
    for (slope, p) in slopes.iter_mut().zip(shares) {
        let more_pairs = (negatives - (1.0 - p)) - (positives - p);
        *slope = (*slope - value * more_pairs) / pairs;
    }
    Some(Area { value, slopes })
}

/// Average precision: the mean over expected positive rows of the precision at their score.
/// `None` where no positive row is expected.
pub(super) fn average_precision(scores: &[f64], shares: &[f64], order: &[u32]) -> Option<Area> {
    let positives: f64 = shares.iter().sum();
    if positives <= 0.0 {
        return None;
    }
    let mut precisions = Vec::new();
    let (mut above, mut rows_above, mut sum) = (0.0, 0.0, 0.0);
    for tied in ties(scores, order) {
        let own: f64 = tied.iter().map(|&row| share(shares, row)).sum();
        // A row that is positive counts itself for certain.
        let certain: f64 = tied
            .iter()
            .map(|&row| share(shares, row) * (1.0 - share(shares, row)))
            .sum();
        above += own;
        rows_above += tied.len() as f64;
        sum += (own * above + certain) / rows_above;
        precisions.push((above / rows_above, own / rows_above, rows_above));
    }
    let value = (sum / positives).clamp(0.0, 1.0);
    let mut slopes = vec![0.0; shares.len()];
    let mut below = 0.0;
    for (tied, (precision, density, rows_above)) in
        ties(scores, order).rev().zip(precisions.into_iter().rev())
    {
        below += density;
        for &row in tied {
            let own = (1.0 - 2.0 * share(shares, row)) / rows_above;
            if let Some(slope) = slopes.get_mut(row as usize) {
                *slope = (precision + below + own - value) / positives;
            }
        }
    }
    Some(Area { value, slopes })
}
