//! Energy distance of samples of rows: no kernel and no bandwidth to choose.
//!
//! Sees every difference of distributions; strongest for shifts of location.
//! Outliers move it as they move distances, and columns of unlike scale drown
//! each other: standardise them first. [`MMD`](super::MMD) is less moved by
//! outliers and takes more rows.

use serde::{Deserialize, Serialize};

use super::kernel::Pairwise;
use super::pair_sums::{Means, PairSums};
use super::rows::Pooled;
use super::{Definition, Interrupted};
use crate::drift::resampling::{Permutation, Relabelled, permutation};
use crate::drift::{NanPolicy, Outcome, PValue, Parameters};
use crate::error::{Error, Result};

/// Energy distance between two samples of rows.
///
/// The square root of E = 2 mean |x - y| - mean |x - x'| - mean |y - y'|, over
/// all pairs of rows, each with itself included; |.| is the Euclidean distance.
/// In the square root of the unit of the data; with one column it is
/// `scipy.stats.energy_distance`. The effect size is E / (2 mean |x - y|), 0
/// for equal samples to 1 for two different constants. All rows equal: 0, p = 1.
///
/// p is the share of `n_permutations` random relabellings (all of them, when
/// there are no more) with at least this distance.
///
/// # Shapes
/// `baseline`: (n, d), `current`: (m, d), n, m, d >= 1, n + m <= 10,000.
/// # Missing values
/// A row with NaN is left out and counted; infinities are refused.
/// # Cost
/// (n + m)^2 (d + n_permutations) operations and (n + m)^2 * 8 bytes.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for infinities and for
/// more rows than 10,000.
/// # Source
/// Székely & Rizzo, Testing for equal distributions in high dimension,
/// InterStat 2004, equation 5 and section 3; effect: Rizzo & Székely, Energy
/// distance, WIREs Computational Statistics 8, 2016, section "Energy
/// coefficient of inhomogeneity". Expected values: tests/data/multivariate.json.
/// # Example
/// ```
/// use driftline::drift::multivariate::{Multivariate, MultivariateEnergy};
/// use ndarray::array;
/// let (baseline, current) = (array![[0.0, 0.0]], array![[3.0, 4.0]]);
/// let result = MultivariateEnergy::default().compare(baseline.view(), current.view())?;
/// assert!((result.statistic - 10f64.sqrt()).abs() < 1e-15);
/// assert_eq!((result.effect_size, result.p_value), (1.0, Some(1.0)));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MultivariateEnergy {
    /// Relabellings for the p-value, 1 to 100,000,000.
    pub n_permutations: usize,
    /// The same seed gives the same answer.
    pub seed: u64,
    /// Threads for the relabellings; the answer is the same on any number.
    pub threads: usize,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Default for MultivariateEnergy {
    fn default() -> Self {
        Self {
            n_permutations: 1000,
            seed: 0,
            threads: 1,
            nan_policy: NanPolicy::default(),
        }
    }
}

impl Parameters for MultivariateEnergy {
    fn validate(&self) -> Result<()> {
        self.permutation().validate()
    }
}

impl MultivariateEnergy {
    fn permutation(&self) -> Permutation {
        Permutation {
            n_permutations: self.n_permutations,
            seed: self.seed,
            threads: self.threads,
            ..Permutation::default()
        }
    }
}

/// E of the rows in units of `pooled.unit`.
fn pair_sums(pooled: Pooled) -> Result<PairSums> {
    let (n, m) = pooled.counts();
    let (n, m) = (n as f64, m as f64);
    let means = Means {
        marked: n * n,
        unmarked: m * m,
        between: n * m,
        sign: -1.0,
    };
    PairSums::new(pooled, Pairwise::Euclidean, means, root)
}

fn root(square: f64, unit: f64) -> f64 {
    square.max(0.0).sqrt() * unit.sqrt()
}

impl Definition for MultivariateEnergy {
    const NAME: &'static str = "multivariate_energy";
    const LEAST_ROWS: usize = 1;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn judge(&self, pooled: Pooled, interrupted: Interrupted<'_>) -> Result<Outcome> {
        let sums = pair_sums(pooled)?;
        let result = permutation(&sums, &self.permutation(), interrupted)?;
        let between = sums.mean_between();
        let effect_size = if between > 0.0 {
            (sums.value() / (2.0 * between)).clamp(0.0, 1.0)
        } else {
            0.0
        };
        Ok(Outcome {
            statistic: result.statistic,
            distance: result.statistic,
            p_value: Some(PValue::new(result.p_value)),
            effect_size,
            df: None,
        })
    }

    fn statistic(&self, pooled: Pooled) -> Result<f64> {
        Ok(pair_sums(pooled)?.statistic())
    }

    fn relabelled(&self, pooled: Pooled) -> Result<Box<dyn Relabelled<Error = Error>>> {
        Ok(Box::new(pair_sums(pooled)?))
    }
}
