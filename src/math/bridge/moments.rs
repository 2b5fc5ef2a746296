//! Moments of quadratic forms over all arrangements.

/// Central moments of the count of marked values among n of N.
pub(super) struct Hypergeometric {
    marked: f64,
    mean: f64,
    second: f64,
    third: f64,
    fourth: f64,
}

impl Hypergeometric {
    /// Johnson, Kotz, Kemp, Univariate discrete distributions, 1992, 6.3.
    pub(super) fn new(marked: f64, n: f64, total: f64) -> Self {
        let rest = total - marked;
        let second = n * marked * rest * (total - n) / (total * total * (total - 1.0).max(1.0));
        let (third, fourth) = if n <= 1.0 {
            // A single value; the formulas below have poles up to N = 3.
            let p = marked / total;
            (
                second * (1.0 - 2.0 * p),
                second * (1.0 - 3.0 * p * (1.0 - p)),
            )
        } else {
            let excess = (total - 1.0)
                * total
                * total
                * (total * (total + 1.0) - 6.0 * marked * rest - 6.0 * n * (total - n))
                + 6.0 * n * marked * rest * (total - n) * (5.0 * total - 6.0);
            let poles = total * total * (total - 1.0) * (total - 2.0) * (total - 3.0);
            (
                second * (total - 2.0 * marked) * (total - 2.0 * n) / (total * (total - 2.0)),
                second * (3.0 * second + excess / poles),
            )
        };
        Self {
            marked,
            mean: n * marked / total,
            second,
            third,
            fourth,
        }
    }

    /// E[(a S^2 + b M (R - M)) S^2], S = M - E M, R the number of marked.
    fn weighted(&self, a: f64, b: f64) -> f64 {
        let other = self.marked - self.mean;
        let mixed = self.mean * other * self.second + (other - self.mean) * self.third;
        a * self.fourth + b * (mixed - self.fourth)
    }
}

/// First and second moment of sum X_i, X_i = c_i S_i^2 + d_i S_(i-1) S_i, for
/// the deviations S_i of a hypergeometric bridge from its mean at ranks R_i.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) mean: f64,
    pub(super) square: f64,
    /// Sums of c R^2 + d R' R and of c R + d R' over the groups so far.
    quadratic: f64,
    linear: f64,
    /// E[sum so far | M] = a S^2 + b M (R - M), at the last group.
    a: f64,
    b: f64,
    /// E[(that) S^2] at the last group.
    carried: f64,
}

impl Chain {
    pub(super) fn add(
        &mut self,
        c: f64,
        d: f64,
        previous: f64,
        rank: f64,
        total: f64,
        here: &Hypergeometric,
    ) {
        let shrink = previous / rank;
        let per_pair = if rank > 1.0 {
            1.0 / (rank * rank * (rank - 1.0))
        } else {
            0.0
        };
        // Given M at this rank, earlier counts are hypergeometric themselves:
        // E[S_a S_b | M] = (a b S^2 + a (R - b) M (R - M) / (R - 1)) / R^2.
        let a = self.quadratic / (rank * rank);
        let b = (rank * self.linear - self.quadratic) * per_pair;
        let ahead = if total > previous {
            (total - rank) / (total - previous)
        } else {
            0.0
        };
        let earlier = c * here.weighted(a, b) + d * ahead * self.carried;
        let own = c * c * here.fourth
            + 2.0 * c * d * shrink * here.fourth
            + d * d * here.weighted(shrink * shrink, previous * (rank - previous) * per_pair);
        self.mean += (c + d * shrink) * here.second;
        self.square += 2.0 * earlier + own;
        self.quadratic += c * rank * rank + d * previous * rank;
        self.linear += c * rank + d * previous;
        (self.a, self.b) = (a + c + d * shrink, b);
        self.carried = here.weighted(self.a, self.b);
    }
}
