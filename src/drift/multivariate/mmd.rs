//! Maximum mean discrepancy: how far apart two samples are in the eyes of a
//! kernel.
//!
//! Sees every difference of distributions with the kernels `rbf` and
//! `laplacian`, best at the scale of their bandwidth: a change far finer or far
//! coarser than that is missed, and in very many dimensions all distances look
//! alike. Columns of unlike scale drown each other: standardise them first.
//! [`MultivariateEnergy`](super::MultivariateEnergy) has no bandwidth to choose;
//! [`ClassifierTwoSample`](super::ClassifierTwoSample) does not mind scales.

use serde::{Deserialize, Serialize};

use super::blocks;
use super::kernel::{Kernel, Pairwise};
use super::pair_sums::{MOST_ROWS, Means, PairSums};
use super::rows::Pooled;
use super::{Definition, Interrupted};
use crate::drift::resampling::{Permutation, Relabelled, permutation, within};
use crate::drift::{NanPolicy, Outcome, PValue, Parameters};
use crate::error::{Error, Result};

/// Which pairs of rows are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MMDMethod {
    /// `Quadratic` up to 10,000 rows in both samples, as far as it goes; `Block`
    /// above, which sees less: it looks at few of the pairs.
    #[default]
    Auto,
    /// All pairs; p-value by permutation. At most 10,000 rows in both samples.
    Quadratic,
    /// Pairs within blocks; p-value from the spread over the blocks.
    Block,
    /// Blocks of two rows of each sample: fast, and blind to all but large
    /// differences.
    Linear,
}

/// Maximum mean discrepancy.
///
/// MMD^2 = mean k(x, x') + mean k(y, y') - 2 mean k(x, y), the unbiased
/// estimate over pairs of different rows x, x' of the baseline and y, y' of the
/// current sample; it is about 0, and may be below, without drift. The effect
/// size is the square root of it (0 when it is below 0), which is 0 to sqrt(2)
/// for the kernels `rbf` and `laplacian` and does not grow with the samples.
///
/// `bandwidth: None` takes the median heuristic: the median, over all pairs of
/// different rows of both samples pooled, of the Euclidean distance (for
/// `laplacian`, of the sum of absolute differences); beyond 1,000 rows in all,
/// of the pairs of 1,000 rows evenly spaced in lexicographic order. When more
/// than half of the pairs are equal it is their mean distance.
///
/// All rows equal: MMD^2 = 0, p = 1.
///
/// `Quadratic`: p is the share of `n_permutations` random relabellings (all of
/// them, when there are no more) with at least this MMD^2. `Block` and
/// `Linear`: each sample is divided into B parts at random (so that the data
/// and `seed` determine them), MMD^2 is the mean over the B pairs of parts, and
/// p is that of its ratio to the standard error under Student's t with B - 1
/// degrees of freedom, which tends to the normal law of the paper and is safe
/// for few blocks. `block_size` is the rows of a part of the smaller sample:
/// about the square root of all by default; 2 for `Linear`. A part of the larger
/// sample has as many times more rows as there are, up to eight times: the
/// rest, which would add work but hardly certainty, is left out.
///
/// # Shapes
/// `baseline`: (n, d), `current`: (m, d), n, m >= 2, d >= 1 (`Block`: two
/// blocks of at least two rows each).
/// # Missing values
/// A row with NaN is left out and counted; infinities are refused.
/// # Cost
/// `Quadratic`: (n + m)^2 (d + n_permutations) operations and (n + m)^2 * 8
/// bytes. `Block`: up to 81 B `block_size`^2 d operations, memory for the rows.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for infinities, a single
/// row, too many rows for the method, values whose kernel overflows.
/// # Source
/// Gretton, Borgwardt, Rasch, Schölkopf, Smola, A kernel two-sample test, JMLR
/// 13, 2012: lemma 6, equation 3 (unbiased), section 6 (linear), section 8
/// (median); Zaremba, Gretton, Blaschko, B-tests, NIPS 2013, section 2.
/// Expected values: tests/data/multivariate.json.
/// # Example
/// ```
/// use driftline::drift::multivariate::{MMD, Multivariate};
/// use ndarray::array;
/// let baseline = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// let result = MMD::default().compare(baseline.view(), (&baseline + 5.0).view())?;
/// assert!(result.statistic > 0.7);
/// // One of the 70 ways to choose four of eight rows, and its mirror image.
/// assert_eq!(result.p_value, Some(2.0 / 70.0));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MMD {
    /// How alike two rows are.
    pub kernel: Kernel,
    /// Width of the kernel in units of the data; `None`: the median heuristic.
    pub bandwidth: Option<f64>,
    /// Degree of the polynomial kernel, 1 to 16.
    pub degree: usize,
    /// Which pairs are looked at.
    pub method: MMDMethod,
    /// Rows of a block; `None`: about the square root of the smaller sample.
    pub block_size: Option<usize>,
    /// Relabellings for the p-value, 1 to 100,000,000.
    pub n_permutations: usize,
    /// The same seed gives the same answer.
    pub seed: u64,
    /// Threads for the relabellings; the answer is the same on any number.
    pub threads: usize,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Default for MMD {
    fn default() -> Self {
        Self {
            kernel: Kernel::default(),
            bandwidth: None,
            degree: 3,
            method: MMDMethod::default(),
            block_size: None,
            n_permutations: 1000,
            seed: 0,
            threads: 1,
            nan_policy: NanPolicy::default(),
        }
    }
}

impl Parameters for MMD {
    fn validate(&self) -> Result<()> {
        if let Some(bandwidth) = self.bandwidth
            && !(bandwidth > 0.0 && bandwidth.is_finite())
        {
            let allowed = "a positive number, or None for the median heuristic";
            return Err(Error::invalid_value("bandwidth", bandwidth, allowed));
        }
        within("degree", self.degree, 1..17)?;
        if let Some(rows) = self.block_size {
            within("block_size", rows, 2..usize::MAX)?;
        }
        self.permutation().validate()
    }
}

impl MMD {
    fn permutation(&self) -> Permutation {
        Permutation {
            n_permutations: self.n_permutations,
            seed: self.seed,
            threads: self.threads,
            ..Permutation::default()
        }
    }

    fn pairwise(&self, pooled: &Pooled) -> Pairwise {
        Pairwise::kernel(self.kernel, self.bandwidth, self.degree, pooled)
    }

    fn pair_sums(&self, pooled: Pooled) -> Result<PairSums> {
        let way = self.pairwise(&pooled);
        let (n, m) = pooled.counts();
        PairSums::new(pooled, way, unbiased(n, m), |square, _| square)
    }

    /// The rows of a block of the smaller sample, when there are blocks.
    fn block_size(&self, pooled: &Pooled) -> Option<usize> {
        let smaller = pooled.counts().0;
        let usual = smaller.isqrt().max(2);
        match self.method {
            MMDMethod::Quadratic => None,
            // Blocks see far less: only where nothing else is left.
            MMDMethod::Auto if pooled.marks.len() <= MOST_ROWS => None,
            MMDMethod::Linear => Some(2),
            MMDMethod::Auto | MMDMethod::Block => Some(self.block_size.unwrap_or(usual)),
        }
    }
}

/// Gretton et al. 2012, equation 3.
pub(super) fn unbiased(n: usize, m: usize) -> Means {
    let (n, m) = (n as f64, m as f64);
    Means {
        marked: n * (n - 1.0),
        unmarked: m * (m - 1.0),
        between: n * m,
        sign: 1.0,
    }
}

impl Definition for MMD {
    const NAME: &'static str = "mmd";
    const LEAST_ROWS: usize = 2;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, pooled: Pooled, interrupted: Interrupted<'_>) -> Result<Outcome> {
        let (statistic, p_value, df) = match self.block_size(&pooled) {
            Some(rows) => {
                let way = self.pairwise(&pooled);
                let blocks = blocks::judge(&pooled, way, rows, self.seed, interrupted)?;
                (blocks.mean, blocks.p_value(), Some(blocks.df()))
            }
            None => {
                let sums = self.pair_sums(pooled)?;
                let result = permutation(&sums, &self.permutation(), interrupted)?;
                (result.statistic, PValue::new(result.p_value), None)
            }
        };
        Ok(Outcome {
            statistic,
            p_value: Some(p_value),
            distance: statistic,
            effect_size: statistic.max(0.0).sqrt(),
            df,
        })
    }

    fn statistic(&self, pooled: Pooled) -> Result<f64> {
        match self.block_size(&pooled) {
            Some(rows) => {
                let way = self.pairwise(&pooled);
                Ok(blocks::judge(&pooled, way, rows, self.seed, &mut || false)?.mean)
            }
            None => Ok(self.pair_sums(pooled)?.value()),
        }
    }

    fn relabelled(&self, pooled: Pooled) -> Result<Box<dyn Relabelled<Error = Error>>> {
        Ok(Box::new(self.pair_sums(pooled)?))
    }
}
