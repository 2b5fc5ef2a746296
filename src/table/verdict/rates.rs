//! The difference of two rates: of missing values, of rows in unseen categories.

use super::evidence::Unseen;

/// A share, and of how many independent rows it is one.
#[derive(Debug, Clone, Copy)]
struct Rate {
    share: f64,
    rows: f64,
}

impl Rate {
    fn new(count: u64, rows: u64) -> Self {
        let share = if rows == 0 {
            0.0
        } else {
            count as f64 / rows as f64
        };
        Self {
            share,
            rows: rows as f64,
        }
    }

    /// Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    fn wilson(self, z: f64) -> (f64, f64) {
        let Self { share, rows } = self;
        if rows <= 0.0 {
            return (0.0, 1.0);
        }
        let square = z * z / rows;
        let centre = share + square / 2.0;
        let half = (square * (share * (1.0 - share) + square / 4.0)).sqrt();
        let end = |x: f64| (x / (1.0 + square)).clamp(0.0, 1.0);
        (end(centre - half).min(share), end(centre + half).max(share))
    }
}

/// Current minus baseline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference {
    baseline: Rate,
    current: Rate,
}

impl Difference {
    /// Of missing rates.
    pub(super) fn of_missing((missing_b, rows_b, missing_c, rows_c): (u64, u64, u64, u64)) -> Self {
        Self {
            baseline: Rate::new(missing_b.min(rows_b), rows_b),
            current: Rate::new(missing_c.min(rows_c), rows_c),
        }
    }

    /// Of the rows in unseen categories and those that chance puts there: Good, The
    /// population frequencies of species, 1953, estimates them by the baseline's
    /// singletons / n. Of that estimate's error, n^2 times the variance is singletons
    /// (1 - singletons / n) + 2 doubletons (Esty, A normal limit law for a nonparametric
    /// estimator of the coverage of a random sample, 1983; Robbins, Estimating the total
    /// probability of the unobserved outcomes of an experiment, 1968, bounds it): that of
    /// a share of as many fewer rows as the variance is larger than binomial.
    pub(super) fn of_unseen(unseen: &Unseen) -> Self {
        let Unseen {
            rows,
            n_current,
            singletons,
            doubletons,
            n_baseline,
        } = *unseen;
        let mut chance = Rate::new(singletons.min(n_baseline), n_baseline);
        let binomial = (singletons.max(1) as f64) * (1.0 - chance.share);
        if doubletons > 0 && binomial > 0.0 {
            chance.rows /= 1.0 + 2.0 * doubletons as f64 / binomial;
        }
        Self {
            baseline: chance,
            current: Rate::new(rows.min(n_current), n_current),
        }
    }

    pub(super) fn value(&self) -> f64 {
        self.current.share - self.baseline.share
    }

    /// Newcombe, Interval estimation for the difference between independent proportions,
    /// 1998, method 10: from both rates' own intervals.
    pub(super) fn ends(&self, z: f64) -> (f64, f64) {
        let (b, c) = (self.baseline.wilson(z), self.current.wilson(z));
        let (p, q) = (self.baseline.share, self.current.share);
        let value = self.value();
        (
            value - (q - c.0).hypot(b.1 - p),
            value + (c.1 - q).hypot(p - b.0),
        )
    }

    pub(super) fn with_rows(&self, rows: f64) -> Self {
        let with = |rate: Rate| Rate { rows, ..rate };
        Self {
            baseline: with(self.baseline),
            current: with(self.current),
        }
    }
}
