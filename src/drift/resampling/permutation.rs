//! How often a relabelling of the rows gives a statistic as extreme.

use std::ops::Range;

use super::batches::in_batches;
use super::binomial_interval::{Draws, clopper_pearson};
use super::relabelling::{Relabelling, choices};
use crate::drift::Alternative;
use crate::error::{Error, Result};

/// Most permutations that are made; exact enumeration included.
const MOST_PERMUTATIONS: usize = 100_000_000;
pub(super) const MOST_THREADS: usize = 1024;

/// How permutations are made and counted.
///
/// # Example
/// ```
/// use driftline::drift::resampling::Permutation;
/// let permutation = Permutation { n_permutations: 999, seed: 7, ..Permutation::default() };
/// assert_eq!(permutation.threads, 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Permutation {
    /// Random relabellings, 1 to 100,000,000. When there are no more ways to
    /// relabel the rows than this, each of them is looked at once and the
    /// p-value is exact.
    pub n_permutations: usize,
    /// Which statistics are extreme: those that are as large (`Greater`), as
    /// small (`Less`), or twice the smaller share of the two (`TwoSided`).
    pub alternative: Alternative,
    /// For samples in order of time: rows move in blocks of so many.
    pub block_length: Option<usize>,
    /// Stop when so many permutations were as extreme.
    pub max_exceedances: Option<usize>,
    /// The same seed gives the same answer.
    pub seed: u64,
    /// Threads, 1 to 1,024; the answer is the same on any number.
    pub threads: usize,
}

impl Default for Permutation {
    fn default() -> Self {
        Self {
            n_permutations: 9999,
            alternative: Alternative::Greater,
            block_length: None,
            max_exceedances: None,
            seed: 0,
            threads: 1,
        }
    }
}

/// Fewer blocks have no orders to speak of.
const LEAST_BLOCKS: usize = 4;

impl Permutation {
    pub(crate) fn validate(&self) -> Result<()> {
        within(
            "n_permutations",
            self.n_permutations,
            1..MOST_PERMUTATIONS + 1,
        )?;
        within("threads", self.threads, 1..MOST_THREADS + 1)?;
        if let Some(length) = self.block_length {
            within("block_length", length, 1..usize::MAX)?;
        }
        if let Some(most) = self.max_exceedances {
            within("max_exceedances", most, 1..usize::MAX)?;
        }
        Ok(())
    }
}

pub(crate) fn within(argument: &'static str, got: usize, range: Range<usize>) -> Result<()> {
    if range.contains(&got) {
        return Ok(());
    }
    let allowed = if range.end == usize::MAX {
        format!("a whole number from {}", range.start)
    } else {
        format!("a whole number from {} to {}", range.start, range.end - 1)
    };
    Err(Error::invalid_value(argument, got, allowed))
}

/// What permutations say about a statistic.
#[derive(Debug, Clone, PartialEq)]
pub struct PermutationResult {
    /// The statistic of the samples as they are.
    pub statistic: f64,
    /// The share of relabellings as extreme, above 0.
    pub p_value: f64,
    /// Relabellings that were looked at.
    pub n_permutations: usize,
    /// Where the p-value of infinitely many permutations lies, with 95 %
    /// confidence; the p-value itself, twice, when it is exact.
    pub interval: (f64, f64),
    /// Whether each relabelling was looked at once.
    pub exact: bool,
}

/// A statistic of two samples, as a function of which pooled rows are marked.
///
/// The rows of both samples are pooled in an order of the implementation's; a
/// row that is marked belongs to one sample, the others to the other.
pub trait Relabelled: Sync {
    /// What can go wrong, besides our own errors.
    type Error: From<Error> + Send;

    /// Rows of the baseline and of the current sample.
    fn sizes(&self) -> (usize, usize);

    /// Whether marked rows are the baseline's, or the current sample's.
    fn marks_baseline(&self) -> bool {
        let (n, m) = self.sizes();
        n <= m
    }

    /// Where each pooled row was in the baseline followed by the current sample;
    /// empty when that is not known, and blocks are not possible.
    fn positions(&self) -> &[usize];

    /// The statistic to show, of the samples as they are.
    fn statistic(&self) -> f64;

    /// The same as `relabelled` computes it: what permutations are compared to.
    fn observed(&self) -> f64;

    /// A difference of statistics that may come from rounding alone.
    fn tolerance(&self) -> f64 {
        // As SciPy's permutation_test: 100 roundings.
        100.0 * f64::EPSILON * self.observed().abs()
    }

    /// Relabellings that are best looked at together.
    fn batch(&self) -> usize {
        let (n, m) = self.sizes();
        (131_072 / (n + m).max(1)).clamp(4, 1024)
    }

    /// The statistic of each relabelling: `marks` holds n + m for each number
    /// of `statistics`.
    ///
    /// # Errors
    /// Those of the statistic.
    fn relabelled(&self, marks: &[bool], statistics: &mut [f64]) -> Result<(), Self::Error>;
}

/// The permutation p-value of a statistic; stops with `Interrupted` when
/// `interrupted` says so, which is asked every few milliseconds (after a batch
/// of permutations).
///
/// Random permutations: p = (b + 1) / (k + 1), where b of k are at least as
/// extreme; never 0, and valid for every k. When there are at most
/// `n_permutations` ways to relabel the rows, p is the share of them that are
/// as extreme, the given one included. With `max_exceedances` = h, drawing ends
/// at the draw that is the h-th as extreme, and p is h over the number of draws.
/// With `block_length`, blocks of neighbouring rows change places, which keeps
/// the dependence within them: right approximately, for blocks much longer than
/// the dependence and samples much longer than the blocks.
///
/// # Cost
/// `n_permutations` statistics; memory for a batch of them.
/// # Errors
/// `InvalidValue` for an option out of range or a statistic that is NaN, and
/// those of the statistic.
/// # Source
/// Phipson & Smyth, Permutation p-values should never be zero, 2010, section 3;
/// Besag & Clifford, Sequential Monte Carlo p-values, 1991, section 2; interval:
/// Clopper & Pearson, 1934.
pub fn permutation<S: Relabelled + ?Sized>(
    statistic: &S,
    options: &Permutation,
    interrupted: &mut dyn FnMut() -> bool,
) -> Result<PermutationResult, S::Error> {
    options.validate()?;
    let (n, m) = statistic.sizes();
    let observed = number(statistic.observed())?;
    let marks_baseline = statistic.marks_baseline();
    let marked = if marks_baseline { n } else { m };
    let seed = options.seed;
    let block_length = options.block_length.filter(|length| *length > 1);
    let all = choices(n + m, marked, options.n_permutations).filter(|_| block_length.is_none());
    let way = match (block_length, all) {
        (Some(length), _) => {
            let positions = statistic.positions();
            if positions.len() != n + m {
                let allowed = "none, for samples that are counted and have no order";
                return Err(Error::invalid_value("block_length", length, allowed).into());
            }
            if length > (n + m) / LEAST_BLOCKS {
                let got = format!("{length} for {} rows in both samples", n + m);
                let allowed = format!("at most a quarter of them: {LEAST_BLOCKS} blocks");
                return Err(Error::invalid_value("block_length", got, allowed).into());
            }
            Relabelling::blocks((n, m), length, marks_baseline, positions, seed)
        }
        (None, Some(total)) => Relabelling::All { marked, total },
        (None, None) => Relabelling::Random { marked, seed },
    };
    let count = all.unwrap_or(options.n_permutations);
    let fill = |range: Range<usize>, statistics: &mut [f64]| {
        let mut marks = vec![false; range.len() * (n + m)];
        for (number, marks) in range.zip(marks.chunks_exact_mut((n + m).max(1))) {
            way.draw(number, marks);
        }
        statistic.relabelled(&marks, statistics)
    };
    // An enumeration is cheap to finish and better finished.
    let most = options.max_exceedances.filter(|_| all.is_none());
    let mut tally = Tally::new(observed, statistic.tolerance(), options.alternative, most);
    in_batches(
        count,
        statistic.batch(),
        options.threads,
        &fill,
        &mut |seen| {
            if interrupted() {
                return Err(Error::Interrupted.into());
            }
            for &value in seen {
                if tally.add(number(value)?) {
                    return Ok(false);
                }
            }
            Ok(true)
        },
    )?;
    let (p_value, interval) = tally.p_value(all.is_some());
    Ok(PermutationResult {
        statistic: statistic.statistic(),
        p_value,
        n_permutations: tally.looked_at,
        interval,
        exact: all.is_some(),
    })
}

fn number(statistic: f64) -> Result<f64> {
    if statistic.is_nan() {
        let allowed = "a statistic that is a number for any rows of the samples";
        return Err(Error::invalid_value("test_or_statistic", "NaN", allowed));
    }
    Ok(statistic)
}

/// Relabellings as extreme on one side, and after how many there were enough.
#[derive(Debug, Default)]
struct Side {
    exceedances: usize,
    enough_at: Option<usize>,
}

#[derive(Debug)]
struct Tally {
    observed: f64,
    tolerance: f64,
    alternative: Alternative,
    most: Option<usize>,
    looked_at: usize,
    greater: Side,
    less: Side,
}

impl Tally {
    fn new(observed: f64, tolerance: f64, alternative: Alternative, most: Option<usize>) -> Self {
        Self {
            observed,
            tolerance: if tolerance.is_finite() {
                tolerance
            } else {
                0.0
            },
            alternative,
            most,
            looked_at: 0,
            greater: Side::default(),
            less: Side::default(),
        }
    }

    fn counted(&mut self) -> impl Iterator<Item = &mut Side> {
        let greater = (self.alternative != Alternative::Less).then_some(&mut self.greater);
        let less = (self.alternative != Alternative::Greater).then_some(&mut self.less);
        greater.into_iter().chain(less)
    }

    /// Counts one; whether that is enough.
    fn add(&mut self, value: f64) -> bool {
        self.looked_at += 1;
        let (at, most) = (self.looked_at, self.most);
        let extreme = [
            (value >= self.observed - self.tolerance, &mut self.greater),
            (value <= self.observed + self.tolerance, &mut self.less),
        ];
        for (is_extreme, side) in extreme {
            side.exceedances += usize::from(is_extreme && side.enough_at.is_none());
            if most == Some(side.exceedances) && side.enough_at.is_none() {
                side.enough_at = Some(at);
            }
        }
        most.is_some() && self.counted().all(|side| side.enough_at.is_some())
    }

    fn p_value(&mut self, exact: bool) -> (f64, (f64, f64)) {
        let looked_at = self.looked_at;
        let one_sided = |side: &mut Side| {
            let count = side.exceedances as f64;
            if exact {
                let share = count / looked_at as f64;
                return (share, share, share);
            }
            let (p, draws) = match side.enough_at {
                // Besag & Clifford 1991, section 2: the last draw is one of the h.
                Some(at) => (count / at as f64, Draws::Until(at)),
                // Phipson & Smyth 2010, section 3.
                None => {
                    let p = (count + 1.0) / (looked_at as f64 + 1.0);
                    (p, Draws::Fixed(looked_at))
                }
            };
            let (low, high) = clopper_pearson(side.exceedances, draws, 0.95);
            (p, low, high)
        };
        let sides: Vec<_> = self.counted().map(one_sided).collect();
        let smaller = sides.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let (p, low, high) = smaller.unwrap_or((1.0, 0.0, 1.0));
        let factor = match self.alternative {
            Alternative::TwoSided => 2.0,
            Alternative::Less | Alternative::Greater => 1.0,
        };
        let up_to_one = |p: f64| (factor * p).min(1.0);
        (up_to_one(p), (up_to_one(low), up_to_one(high)))
    }
}
