//! The Epps-Singleton test: do the characteristic functions differ.
//!
//! Sees changes of location, spread and shape, for discrete data as for
//! continuous, often better than [`KS`](super::KS); blind to what two points of
//! the characteristic function do not show, as the far tails.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Definition;
use super::brunner_munzel::PermutationMethod;
use super::quadratic_form::quadratic_form;
use super::rearrangement::share_of_choices;
use crate::drift::sample::sort;
use crate::drift::{NanPolicy, Outcome, PValue, Parameters};
use crate::error::{Error, Result};
use crate::math::{self, chi_square_log_sf, ln_binomial};

const DEFAULT_T: [f64; 2] = [0.4, 0.8];
/// The smaller sample's size up to which `"auto"` permutes.
const MAX_AUTO_N: usize = 100;

/// Epps-Singleton test.
///
/// W2 = the squared difference of the empirical characteristic functions (real
/// and imaginary parts) at the points `t`, scaled by half the interquartile range
/// of both samples, in the metric of its covariance; chi-square with as many
/// degrees of freedom as that has directions (`df`). SciPy's
/// `epps_singleton_2samp(baseline, current)`, with its correction below 25
/// values. The effect size is the root mean square of the distance between the
/// characteristic functions over `t`, 0 to 2.
///
/// The chi-square law rejects far too often where one sample is small: in 36 %
/// of all looks at 5 % for 20 values against 200. `method="auto"` permutes the
/// labels up to 100 values in the smaller sample (all arrangements if there are
/// few, else 9,999 at random, the same ones in every call).
///
/// Where SciPy answers NaN or fails: without interquartile range the
/// scale is 0.6745 standard deviations. Values may be as small as numbers get;
/// phases beyond 1.8e308 are taken for that. When a difference has no variance (two
/// constants, or samples without a common value), W2 is infinite and p is the
/// share of arrangements of the labels that separate the samples. All values
/// equal: W2 = 0, p = 1, no `df`.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 5.
/// # Missing values
/// NaN is left out and counted; infinities are refused: they have no phase.
/// # Cost
/// O(n log n) in `fit`, O((n + m) (log m + t)) per call;
/// 10,000 min(n, m) t^2 steps where labels are permuted.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for infinities, fewer
/// than 5 values, values above 1e154 in size, or a `t` that is not 1 to 16
/// positive numbers.
/// # Source
/// Epps, Singleton, An omnibus test for the two-sample problem using the
/// empirical characteristic function, 1986; Goerg, Kaiser, Nonparametric
/// testing of distributions: the Epps-Singleton two-sample test, 2009. Expected
/// values: tests/data/classical_tests.json.
/// # Example
/// ```
/// use driftline::drift::{EppsSingleton, Univariate};
/// let (baseline, current) = ([1., 2., 3., 4., 5.], [1., 2., 3., 4., 5., 6.]);
/// let result = EppsSingleton::default()
///     .compare(baseline.as_slice().into(), current.as_slice().into())?;
/// assert_eq!(result.df, Some(4.0));
/// assert!(result.p_value.is_some_and(|p| p > 0.5));
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EppsSingleton {
    /// The points, positive; none: 0.4 and 0.8.
    pub t: Option<Vec<f64>>,
    /// How the p-value is computed.
    pub method: PermutationMethod,
    /// What to do about missing values.
    pub nan_policy: NanPolicy,
}

impl Parameters for EppsSingleton {
    fn validate(&self) -> Result<()> {
        let Some(t) = &self.t else { return Ok(()) };
        if t.is_empty() || t.len() > 16 || !t.iter().all(|&t| t > 0.0 && t.is_finite()) {
            let got = format!("{t:?}");
            return Err(Error::invalid_value("t", got, "1 to 16 positive numbers"));
        }
        Ok(())
    }
}

impl Definition for EppsSingleton {
    const NAME: &'static str = "epps_singleton";
    const HAS_P_VALUE: bool = true;
    const ACCEPTS_INFINITE: bool = false;
    const EFFECT: &'static str = "epps_singleton";
    const SORTS: bool = true;

    /// Ascending.
    type Baseline = Box<[f64]>;

    fn nan_policy(&self) -> NanPolicy {
        self.nan_policy
    }

    fn prepare(&self, baseline: Cow<'_, [f64]>) -> Result<Self::Baseline> {
        Ok(checked("baseline", baseline)?.into())
    }

    fn judge(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<Outcome> {
        let current = checked("current", current)?;
        let Some(seen) = self.observe(baseline, &current) else {
            return Ok(Outcome {
                statistic: 0.0,
                distance: 0.0,
                p_value: Some(PValue::ONE),
                effect_size: 0.0,
                df: None,
            });
        };
        let (n, m) = (baseline.len(), current.len());
        let permute = match self.method {
            PermutationMethod::Auto => n.min(m) <= MAX_AUTO_N,
            PermutationMethod::Permutation => true,
            PermutationMethod::Asymptotic => false,
        };
        let p_value = if seen.statistic.is_infinite() {
            let ln = std::f64::consts::LN_2 - ln_binomial((n + m) as u64, n as u64);
            PValue::from_ln(ln)
        } else if seen.rank == 0 {
            PValue::ONE
        } else if permute {
            PValue::new(by_permutation(baseline, &current, &seen.angles))
        } else {
            PValue::from_ln(chi_square_log_sf(seen.statistic, seen.rank as f64))
        };
        Ok(Outcome {
            statistic: seen.statistic,
            distance: seen.statistic,
            p_value: Some(p_value),
            effect_size: seen.effect_size,
            df: (seen.rank > 0).then_some(seen.rank as f64),
        })
    }

    fn distance(&self, baseline: &Self::Baseline, current: Cow<'_, [f64]>) -> Result<f64> {
        let current = checked("current", current)?;
        let seen = self.observe(baseline, &current);
        Ok(seen.map_or(0.0, |seen| seen.statistic))
    }
}

/// All of the answer but its p-value.
struct Observed {
    statistic: f64,
    effect_size: f64,
    rank: usize,
    angles: Angles,
}

impl EppsSingleton {
    /// Nothing when all values are equal.
    fn observe(&self, baseline: &[f64], current: &[f64]) -> Option<Observed> {
        let (n, m) = (baseline.len(), current.len());
        let t = self.t.as_deref().unwrap_or(&DEFAULT_T);
        let angles = Angles::new(&pooled(baseline, current), t)?;
        let first = Waves::new(baseline, &angles);
        let second = Waves::new(current, &angles);
        let total = (n + m) as f64;
        let covariance: Vec<Vec<f64>> = first
            .covariance
            .iter()
            .zip(&second.covariance)
            .map(|(a, b)| {
                let sum = a.iter().zip(b);
                sum.map(|(a, b)| total / n as f64 * a + total / m as f64 * b)
                    .collect()
            })
            .collect();
        let difference: Vec<f64> = first
            .means
            .iter()
            .zip(&second.means)
            .map(|(a, b)| a - b)
            .collect();
        let squares: f64 = difference.iter().map(|d| d * d).sum();
        let effect_size = (squares / t.len() as f64).sqrt();
        let (quadratic, rank) = quadratic_form(covariance, &difference);
        let mut statistic = total * quadratic;
        if n.max(m) < 25 && statistic.is_finite() {
            // Epps, Singleton 1986, section 5
            let (n, m) = (n as f64, m as f64);
            statistic /= 1.0 + total.powf(-0.45) + 10.1 * (n.powf(-1.7) + m.powf(-1.7));
        }
        Some(Observed {
            statistic,
            effect_size,
            rank,
            angles,
        })
    }
}

/// Both samples, ascending.
fn pooled(baseline: &[f64], current: &[f64]) -> Vec<f64> {
    let mut pooled: Vec<f64> = baseline.iter().chain(current).copied().collect();
    pooled.sort_unstable_by(f64::total_cmp);
    pooled
}

/// The phases t (x - center) / scale of a value. Turning all by the center turns
/// W2's metric with it.
struct Angles {
    /// A power of two, in two factors: one alone overflows for the least numbers.
    up: [f64; 2],
    center: f64,
    /// t over the scale, both after `up`.
    rates: Vec<f64>,
}

impl Angles {
    fn new(pooled: &[f64], t: &[f64]) -> Option<Self> {
        let (low, high) = (*pooled.first()?, *pooled.last()?);
        let typical = quantile(pooled, 0.75) - quantile(pooled, 0.25);
        let spread = if typical > 0.0 { typical } else { high - low };
        if spread <= 0.0 {
            return None;
        }
        // The scale of the scaled values is about 1: neither it nor its square
        // leaves the range of numbers.
        let exponent = -(spread.log2().floor() as i32);
        let half = exponent / 2;
        let mut angles = Self {
            up: [2f64.powi(half), 2f64.powi(exponent - half)],
            center: 0.0,
            rates: Vec::new(),
        };
        let scaled: Vec<f64> = pooled.iter().map(|&x| angles.place(x)).collect();
        let scale = 0.5 * (quantile(&scaled, 0.75) - quantile(&scaled, 0.25));
        let scale = if scale > 0.0 {
            scale
        } else {
            0.674_489_750_196_081_7 * math::moments(&scaled).variance.sqrt()
        };
        angles.center = quantile(&scaled, 0.5);
        angles.rates = t.iter().map(|t| (t / scale).min(f64::MAX)).collect();
        Some(angles)
    }

    /// Where the value is on the scale on which the spread is about 1.
    fn place(&self, x: f64) -> f64 {
        let [first, second] = self.up;
        (x * first * second).clamp(f64::MIN, f64::MAX)
    }

    fn of(&self, x: f64) -> impl Iterator<Item = f64> {
        let distance = self.place(x) - self.center;
        let angles = self.rates.iter().map(move |rate| rate * distance);
        // An infinite angle has no cosine.
        angles.map(|angle| angle.clamp(f64::MIN, f64::MAX))
    }

    /// Cosine and sine of each phase.
    fn wave(&self, x: f64) -> Vec<f64> {
        self.of(x)
            .flat_map(|angle| [angle.cos(), angle.sin()])
            .collect()
    }
}

fn checked<'a>(argument: &'static str, values: Cow<'a, [f64]>) -> Result<Cow<'a, [f64]>> {
    if values.len() < 5 {
        let got = format!("{} values", values.len());
        return Err(Error::invalid_value(argument, got, "at least 5 values"));
    }
    if values.iter().any(|x| x.abs() > 1e154) {
        let got = "values above 1e154 in size";
        return Err(Error::invalid_value(argument, got, "values up to 1e154"));
    }
    Ok(sort(values))
}

/// Hyndman, Fan, Sample quantiles in statistical packages, 1996, definition 7.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * p;
    let below = position.floor() as usize;
    let low = sorted.get(below).copied().unwrap_or(f64::NAN);
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    low + (high - low) * (position - below as f64)
}

/// Means and covariances (denominator n) of cos(t x), sin(t x) for each t.
struct Waves {
    means: Vec<f64>,
    covariance: Vec<Vec<f64>>,
}

impl Waves {
    fn new(sorted: &[f64], angles: &Angles) -> Self {
        let mut columns: Vec<Vec<f64>> = vec![Vec::new(); 2 * angles.rates.len()];
        for &x in sorted {
            for (pair, angle) in columns.chunks_exact_mut(2).zip(angles.of(x)) {
                if let [cosines, sines] = pair {
                    cosines.push(angle.cos());
                    sines.push(angle.sin());
                }
            }
        }
        let means: Vec<f64> = columns.iter().map(|column| math::mean(column)).collect();
        let centered: Vec<Vec<f64>> = columns
            .into_iter()
            .zip(&means)
            .map(|(column, mean)| column.into_iter().map(|x| x - mean).collect())
            .collect();
        let n = sorted.len() as f64;
        let product = |a: &[f64], b: &[f64]| {
            let products: Vec<f64> = a.iter().zip(b).map(|(a, b)| a * b).collect();
            math::sum(&products) / n
        };
        let covariance = centered
            .iter()
            .map(|a| centered.iter().map(|b| product(a, b)).collect())
            .collect();
        Self { means, covariance }
    }
}

/// The share of arrangements of the labels with a W2 at least as large.
fn by_permutation(baseline: &[f64], current: &[f64], angles: &Angles) -> f64 {
    let (n, m) = (baseline.len(), current.len());
    let pooled = pooled(baseline, current);
    let waves: Vec<Vec<f64>> = pooled.iter().map(|&x| angles.wave(x)).collect();
    let mut whole = Powers::new(2 * angles.rates.len());
    for wave in &waves {
        whole.add(wave);
    }
    let mut part = Powers::new(2 * angles.rates.len());
    let smaller = if n <= m { baseline } else { current };
    for &x in smaller {
        part.add(&angles.wave(x));
    }
    let total = n + m;
    // What rounding makes of equal statistics.
    let goal = part.statistic(smaller.len(), &whole, total) * (1.0 - 1e-9);
    share_of_choices(smaller.len(), total, |chosen| {
        part.clear();
        for wave in chosen.iter().filter_map(|&i| waves.get(i)) {
            part.add(wave);
        }
        part.statistic(smaller.len(), &whole, total) >= goal
    })
}

/// Sums of waves and of their products.
struct Powers {
    sums: Vec<f64>,
    products: Vec<Vec<f64>>,
}

impl Powers {
    fn new(size: usize) -> Self {
        Self {
            sums: vec![0.0; size],
            products: vec![vec![0.0; size]; size],
        }
    }

    fn clear(&mut self) {
        self.sums.fill(0.0);
        for row in &mut self.products {
            row.fill(0.0);
        }
    }

    fn add(&mut self, wave: &[f64]) {
        for ((sum, row), a) in self.sums.iter_mut().zip(&mut self.products).zip(wave) {
            *sum += a;
            for (product, b) in row.iter_mut().zip(wave) {
                *product += a * b;
            }
        }
    }

    /// W2 over N, uncorrected, of these `n` values against the others of `total`.
    fn statistic(&self, n: usize, whole: &Self, total: usize) -> f64 {
        let (size, other) = (n as f64, (total - n) as f64);
        let means: Vec<f64> = self.sums.iter().map(|sum| sum / size).collect();
        let sums = self.sums.iter().zip(&whole.sums);
        let others: Vec<f64> = sums.map(|(sum, all)| (all - sum) / other).collect();
        let row = |i: usize| -> Vec<f64> {
            let products = self.products[i].iter().zip(&whole.products[i]);
            let entries = products
                .zip(means.iter().zip(&others))
                .map(|((part, all), (a, b))| {
                    (part / size - means[i] * a) / size
                        + ((all - part) / other - others[i] * b) / other
                });
            entries.collect()
        };
        let covariance = (0..means.len()).map(row).collect();
        let d: Vec<f64> = means.iter().zip(&others).map(|(a, b)| a - b).collect();
        quadratic_form(covariance, &d).0
    }
}
