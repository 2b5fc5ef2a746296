//! Two categories: the hypergeometric law, exact at any size.

use super::super::counts::Cell;
use super::{Measure, ln_factorial};
use crate::drift::PValue;

/// What is known of all tables with the totals of the observed one.
#[derive(Debug, Clone, Copy)]
struct Totals {
    /// Of the first row and of the second.
    n: u64,
    m: u64,
    /// Of the first column.
    column: u64,
}

impl Totals {
    fn new((b0, c0): Cell, (b1, c1): Cell) -> Self {
        Self {
            n: b0 + b1,
            m: c0 + c1,
            column: b0 + c0,
        }
    }

    fn lowest(self) -> u64 {
        self.column.saturating_sub(self.m)
    }

    fn highest(self) -> u64 {
        self.column.min(self.n)
    }

    /// The most probable count in the first cell.
    fn mode(self) -> u64 {
        let above = u128::from(self.column + 1) * u128::from(self.n + 1);
        let mode = (above / u128::from(self.n + self.m + 2)) as u64;
        mode.clamp(self.lowest(), self.highest())
    }

    /// P(h + 1) / P(h).
    fn step(self, h: u64) -> f64 {
        let down = (self.column - h) as f64 * (self.n - h) as f64;
        // m - (column - h - 1), whatever is larger.
        let other = (self.m + h + 1 - self.column) as f64;
        down / ((h + 1) as f64 * other)
    }

    /// The probability that `extreme` holds for the count in the first cell.
    /// Probabilities are followed from the most probable count by their
    /// ratios, which never cancel.
    fn probability(self, extreme: impl Fn(u64) -> bool) -> PValue {
        let mode = self.mode();
        let upwards = (mode..self.highest()).map(|h| (h + 1, self.step(h)));
        let downwards = (self.lowest()..mode).rev().map(|h| (h, 1.0 / self.step(h)));
        let mut all = 1.0;
        let mut tails = [Tail::new(), Tail::new()];
        if extreme(mode) {
            tails[0].add();
        }
        tails[0].follow(upwards, &extreme, &mut all);
        tails[1].follow(downwards, &extreme, &mut all);
        let [a, b] = tails.map(Tail::ln);
        let (high, low) = if a > b { (a, b) } else { (b, a) };
        if high == f64::NEG_INFINITY {
            return PValue::from_ln(high);
        }
        PValue::from_ln(high + (low - high).exp().ln_1p() - f64::ln(all))
    }
}

/// A sum of probabilities on one side of the mode, on a scale that follows
/// them down.
#[derive(Debug, Clone, Copy)]
struct Tail {
    /// The probability reached, relative to `exp(scale)`, and that to the mode.
    reached: f64,
    scale: f64,
    sum: f64,
}

impl Tail {
    fn new() -> Self {
        Self {
            reached: 1.0,
            scale: 0.0,
            sum: 0.0,
        }
    }

    fn add(&mut self) {
        self.sum += self.reached;
    }

    fn follow(
        &mut self,
        steps: impl Iterator<Item = (u64, f64)>,
        extreme: &impl Fn(u64) -> bool,
        all: &mut f64,
    ) {
        for (h, ratio) in steps {
            self.reached *= ratio;
            if self.scale == 0.0 {
                *all += self.reached;
            }
            if extreme(h) {
                self.add();
                // Ratios only become smaller: the rest is smaller still.
                if ratio < 0.9 && self.reached < self.sum * 1e-20 {
                    return;
                }
            }
            if self.sum == 0.0 && self.reached < 1e-250 {
                self.scale += self.reached.ln();
                self.reached = 1.0;
            }
        }
    }

    fn ln(self) -> f64 {
        self.scale + self.sum.ln()
    }
}

/// P(at least as extreme as observed).
pub(super) fn p_value(first: Cell, second: Cell, measure: Measure) -> PValue {
    let totals = Totals::new(first, second);
    match measure {
        Measure::Pearson => {
            // |h N - n column|, without rounding.
            let all = i128::from(totals.n + totals.m);
            let expected = i128::from(totals.n) * i128::from(totals.column);
            let off = |h: u64| (i128::from(h) * all - expected).unsigned_abs();
            let observed = off(first.0);
            totals.probability(|h| off(h) >= observed)
        }
        Measure::Likelihood => {
            let weigh = |h: u64| {
                let rest = totals.n - h;
                let (c0, c1) = (totals.column - h, totals.m + h - totals.column);
                let x_ln_x = |x: u64| {
                    if x == 0 {
                        0.0
                    } else {
                        x as f64 * (x as f64).ln()
                    }
                };
                [h, rest, c0, c1].map(x_ln_x).iter().sum::<f64>()
            };
            let observed = weigh(first.0);
            let least = observed - 1e-12 * observed.abs();
            totals.probability(|h| weigh(h) >= least)
        }
        Measure::Probability => fisher(first, second),
    }
}

/// Fisher's two-sided rule: all tables that are not more probable.
fn fisher(first: Cell, second: Cell) -> PValue {
    let totals = Totals::new(first, second);
    let ln = |h: u64| {
        let cells = [
            h,
            totals.n - h,
            totals.column - h,
            totals.m + h - totals.column,
        ];
        -cells.map(ln_factorial).iter().sum::<f64>()
    };
    let (observed, mode) = (first.0, totals.mode());
    let limit = ln(observed) + 1e-7;
    // On each side of the mode probabilities only fall: two searches.
    let beyond = |mut inner: u64, mut outer: u64| {
        // The nearest to the mode of those that are not more probable, if any.
        if ln(outer) > limit {
            return None;
        }
        while inner.abs_diff(outer) > 1 {
            let middle = inner.min(outer) + inner.abs_diff(outer) / 2;
            if ln(middle) > limit {
                inner = middle;
            } else {
                outer = middle;
            }
        }
        Some(if ln(inner) > limit { outer } else { inner })
    };
    let above = beyond(mode, totals.highest());
    let below = beyond(mode, totals.lowest());
    totals.probability(|h| {
        above.is_some_and(|least| h >= least) || below.is_some_and(|most| h <= most)
    })
}

/// P(the count in the first cell is at most the observed one).
pub(in super::super) fn at_most(first: Cell, second: Cell) -> PValue {
    Totals::new(first, second).probability(|h| h <= first.0)
}

/// P(the count in the first cell is at least the observed one).
pub(in super::super) fn at_least(first: Cell, second: Cell) -> PValue {
    Totals::new(first, second).probability(|h| h >= first.0)
}
