//! The multivariate verdict: can a classifier tell the rows of two sides apart?
//!
//! The classifier sees what a column shows alone (location, spread and two
//! further shapes of a number, the shares of labels, the rate of missing cells)
//! and how two columns go together: a correlation that changes while every
//! column keeps its values. It does not see changes that need three columns at
//! once, waves within one column faster than a polynomial of degree four, more
//! than one way in which two columns can go together (their product: of labels,
//! taken in the order of their codes), pairs beyond the first 256 columns, nor
//! whether a cell is missing where another column has a certain value.
//!
//! | where | what |
//! |---|---|
//! | `blocks.rs` | rows in an order of their own, in blocks |
//! | `terms.rs` | what the classifier can look at, and how much each tells |
//! | `pairs.rs` | the same of two columns together |
//! | `discriminant.rs` | the classifier: terms that tell, weighted |
//! | `area.rs` | areas under the curve, with their intervals |

mod area;
mod blocks;
mod discriminant;
mod pairs;
mod terms;

use crate::drift::PValue;
use crate::error::{Error, Result};
use crate::table::verdict::Verdict;
use area::Areas;
use blocks::Blocks;
use discriminant::Discriminant;
use terms::Counts;

/// The code of a missing cell. All others are below.
pub const MISSING_CODE: u8 = 63;

/// Fewer rows than these on a side say nothing.
const LEAST_ROWS: usize = 40;
const MOST_ROWS: usize = 1 << 20;
const MOST_CELLS: usize = 1 << 30;

/// Rows of a table with each cell as a small number: for numbers the quantile
/// bin of the baseline, for labels the number of the category.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodedRows {
    /// Columns, d.
    pub columns: usize,
    /// Shape (n, d), row after row: 0 to 62, or [`MISSING_CODE`].
    pub codes: Vec<u8>,
}

impl CodedRows {
    /// How many rows there are, n; 0 without columns.
    pub fn rows(&self) -> usize {
        self.codes.len().checked_div(self.columns).unwrap_or(0)
    }
}

/// What the codes of a column say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Larger codes are larger values.
    Ordered,
    /// Codes number categories.
    Labels,
}

/// How well a classifier tells the sides apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Separation {
    /// The area under the curve: how often, of a row of each side that the
    /// classifier was not fitted to, the current one scores higher (ties half).
    /// 1/2 without drift, up to 1.
    pub auc: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
    /// How often such intervals hold the truth: 1 - alpha.
    pub level: f64,
    /// One-sided: how likely an area as large is without drift.
    pub p_value: PValue,
    /// About the effect 2 AUC - 1 when `min_effect` > 0, by `p_value` otherwise.
    pub verdict: Verdict,
    /// Rows of the baseline.
    pub n_baseline: usize,
    /// Rows of the current side.
    pub n_current: usize,
    /// Each column (its index) and its part in the separation: at least 0, sum
    /// 1, largest first. All equal when no column separates held-out rows.
    pub columns: Vec<(usize, f64)>,
}

/// Classifier two-sample test of coded rows, fast enough for every report.
///
/// The rows are cut into five blocks, by a random order that follows from their
/// content. For each block but the first a classifier is fitted to all blocks
/// before, and scores it: each area under the curve comes from rows that no
/// part of the classifier has seen, and given the blocks before, its law
/// without drift is that of Mann and Whitney. So the areas are uncorrelated
/// and their mean has a p-value and an interval that need no bound for
/// dependent folds. What the interval is about is the mean area of these
/// classifiers; the best one may be better.
///
/// The classifier is a linear discriminant of terms: of numbers the Legendre
/// polynomials up to degree 4 of their mid-ranks, of labels the smoothed share
/// of current rows in the category, indicators of missing cells, and products
/// of mid-ranks of two columns. Of each kind those terms are taken whose p-values
/// a false-discovery rate of 1/2 lets pass, 32 at most in all.
///
/// # Cost
/// O(n d) for the columns, O(n d^2) for pairs of up to 256 columns.
/// # Source
/// Lopez-Paz & Oquab, Revisiting classifier two-sample tests, ICLR 2017; blocks
/// in turn: Blum, Kalai & Langford, Beating the hold-out: bounds for k-fold and
/// progressive cross-validation, COLT 1999; polynomials: Neyman, "Smooth test"
/// for goodness of fit, 1937; the choice of terms: Abramovich, Benjamini, Donoho
/// & Johnstone, Adapting to unknown sparsity by controlling the false discovery
/// rate, Annals of Statistics 34, 2006.
/// # Example
/// ```
/// use driftline::table::joint::{ClassifierTest, CodedRows, Coding};
/// use driftline::table::verdict::Verdict;
/// let rows = |shift: u8| CodedRows {
///     columns: 2,
///     codes: (0..400).flat_map(|i| [(i % 40) as u8 + shift, (i % 7) as u8]).collect(),
/// };
/// let test = ClassifierTest::default();
/// let found = test.compare(&rows(0), &rows(20), &[Coding::Ordered, Coding::Labels])?;
/// let found = found.unwrap();
/// assert_eq!(found.verdict, Verdict::Drifted);
/// assert_eq!(found.columns[0].0, 0);
/// assert!(test.compare(&rows(0), &CodedRows::default(), &[]).is_err());
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassifierTest {
    /// How often the interval may miss the truth, 0 to 1, both excluded.
    pub alpha: f64,
    /// The smallest effect 2 AUC - 1 that matters, 0 to 1, 1 excluded.
    pub min_effect: f64,
    /// The same seed gives the same answer.
    pub seed: u64,
}

impl Default for ClassifierTest {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            min_effect: 0.05,
            seed: 0,
        }
    }
}

impl ClassifierTest {
    /// Compares two sides; `None` when there are fewer than 40 rows on a side.
    ///
    /// # Shapes
    /// `baseline`: (n, d), `current`: (m, d), `codings`: (d,); n, m <= 2^20.
    /// # Errors
    /// `InvalidValue` for an option out of range, sides of different widths,
    /// codes above 63 and too many rows.
    pub fn compare(
        &self,
        baseline: &CodedRows,
        current: &CodedRows,
        codings: &[Coding],
    ) -> Result<Option<Separation>> {
        self.validate()?;
        check("baseline", baseline, codings)?;
        check("current", current, codings)?;
        if codings.is_empty() || baseline.rows().min(current.rows()) < LEAST_ROWS {
            return Ok(None);
        }
        let blocks = Blocks::new(baseline, current, self.seed);
        let mut seen = Counts::new(&blocks, codings);
        let mut areas = Areas::default();
        let mut parts = vec![0.0; codings.len()];
        for block in blocks.all() {
            if block.start() > 0 {
                let discriminant = Discriminant::fit(&blocks, &seen, block.start());
                let scores = discriminant.score(&blocks, block, &mut parts);
                areas.add(&scores, block.baseline.len());
            }
            seen.add(&blocks, block);
        }
        let interval = areas.interval(1.0 - self.alpha);
        let p_value = areas.p_value();
        let verdict = self.conclude(2.0 * interval.0 - 1.0, 2.0 * interval.1 - 1.0, p_value);
        Ok(Some(Separation {
            auc: areas.mean(),
            low: interval.0,
            high: interval.1,
            level: 1.0 - self.alpha,
            p_value,
            verdict,
            n_baseline: baseline.rows(),
            n_current: current.rows(),
            columns: shares(&parts),
        }))
    }

    fn validate(&self) -> Result<()> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            let allowed = "a number between 0 and 1, both excluded";
            return Err(Error::invalid_value("alpha", self.alpha, allowed));
        }
        if !(self.min_effect >= 0.0 && self.min_effect < 1.0) {
            let allowed = "a number from 0 to 1, 1 excluded";
            return Err(Error::invalid_value("min_effect", self.min_effect, allowed));
        }
        Ok(())
    }

    fn conclude(&self, low: f64, high: f64, p_value: PValue) -> Verdict {
        if self.min_effect == 0.0 {
            return if p_value.ln() <= self.alpha.ln() {
                Verdict::Drifted
            } else {
                Verdict::Stable
            };
        }
        if low > self.min_effect {
            Verdict::Drifted
        } else if high < self.min_effect {
            Verdict::Stable
        } else {
            Verdict::Inconclusive
        }
    }
}

fn check(argument: &'static str, rows: &CodedRows, codings: &[Coding]) -> Result<()> {
    let (d, cells) = (codings.len(), rows.codes.len());
    if rows.columns != d || (d > 0 && cells % d != 0) {
        let got = format!("{cells} codes in rows of {} columns", rows.columns);
        let allowed = format!("whole rows of {d} columns, one for each coding");
        return Err(Error::invalid_value(argument, got, allowed));
    }
    if rows.rows() > MOST_ROWS || cells > MOST_CELLS {
        let got = format!("{} rows of {d} columns", rows.rows());
        let allowed = "at most 1,048,576 rows and 2^30 cells: a sample of the rows";
        return Err(Error::invalid_value(argument, got, allowed));
    }
    if let Some(code) = rows.codes.iter().find(|&&code| code > MISSING_CODE) {
        let allowed = "codes from 0 to 62, and 63 for missing cells";
        return Err(Error::invalid_value(argument, code, allowed));
    }
    Ok(())
}

/// Parts, those below 0 as 0, so that their sum is 1; largest first.
fn shares(parts: &[f64]) -> Vec<(usize, f64)> {
    let total: f64 = parts.iter().map(|part| part.max(0.0)).sum();
    let share = |part: f64| {
        if total > 0.0 {
            part.max(0.0) / total
        } else {
            1.0 / parts.len() as f64
        }
    };
    let mut shares: Vec<_> = parts.iter().map(|&part| share(part)).enumerate().collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    shares
}
