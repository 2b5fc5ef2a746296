//! All tables with the same totals, where they are few.

use super::super::counts::{Cell, Counts};
use super::factorial::Factorials;
use super::{Measure, extremity};
use crate::drift::PValue;

/// Tables that are looked at, at most: about 10 ms.
const MOST_TABLES: f64 = 50_000.0;

/// A sum of numbers of any size, by their logarithms.
#[derive(Debug, Clone, Copy)]
struct LogSum {
    largest: f64,
    sum: f64,
}

impl LogSum {
    const NOTHING: Self = Self {
        largest: f64::NEG_INFINITY,
        sum: 0.0,
    };

    fn add(&mut self, ln: f64) {
        if ln > self.largest {
            self.sum *= (self.largest - ln).exp();
            self.largest = ln;
        }
        self.sum += (ln - self.largest).exp();
    }

    fn ln(self) -> f64 {
        self.largest + self.sum.ln()
    }
}

/// The p-value over all tables; `None` when there are too many. The cells are
/// in ascending order of their totals.
pub(super) fn p_value(cells: &[Cell], measure: Measure) -> Option<PValue> {
    let (_, free) = cells.split_last()?;
    let tables: f64 = free.iter().map(|(b, c)| (b + c + 1) as f64).product();
    if tables > MOST_TABLES {
        return None;
    }
    let (ours, theirs): (Vec<u64>, Vec<u64>) = cells.iter().copied().unzip();
    let counts = Counts::new(&ours, &theirs).ok()?;
    let n = counts.n_baseline();
    let totals: Vec<u64> = cells.iter().map(|(b, c)| b + c).collect();
    let last = *totals.last()?;
    let factorials = Factorials::new(last);
    // For each column and count: its part of the measure, and of the logarithm
    // of the probability. The last column is worked out as it comes.
    let part = |total: u64, h: u64| {
        let cell = (h, total - h);
        let ways = factorials.ln(total) - factorials.ln(h) - factorials.ln(total - h);
        (measure.term(&counts, cell), ways)
    };
    let columns: Vec<Vec<(f64, f64)>> = totals
        .iter()
        .take(free.len())
        .map(|&total| (0..=total).map(|h| part(total, h)).collect())
        .collect();
    let least = measure.least(extremity(measure, &counts, cells));
    let (mut extreme, mut all) = (LogSum::NOTHING, LogSum::NOTHING);
    let mut places = vec![0usize; columns.len()];
    loop {
        let used: u64 = places.iter().map(|&h| h as u64).sum();
        if used <= n && n - used <= last {
            let (mut extremity, mut ways) = part(last, n - used);
            // In the order of `extremity`: last to first would round differently.
            let mut sum = 0.0;
            for (column, &h) in columns.iter().zip(&places) {
                if let Some(&(term, ln)) = column.get(h) {
                    sum += term;
                    ways += ln;
                }
            }
            extremity += sum;
            all.add(ways);
            if extremity >= least {
                extreme.add(ways);
            }
        }
        // The next table, as an odometer counts.
        let mut carried = true;
        for (place, column) in places.iter_mut().zip(&columns) {
            *place += 1;
            if *place < column.len() {
                carried = false;
                break;
            }
            *place = 0;
        }
        if carried {
            break;
        }
    }
    Some(PValue::from_ln(extreme.ln() - all.ln()))
}
