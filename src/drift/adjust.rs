//! P-values of many tests at once: one of twenty is below 0.05 by chance.
//!
//! Two promises to choose from. *Family-wise error*: the chance of even one
//! false alarm is at most alpha ([`Adjustment::Holm`] for any dependence
//! between the tests). *False discovery rate*: of the alarms raised, a share
//! of at most alpha is false on average ([`Adjustment::BenjaminiHochberg`] for
//! independent or positively dependent tests, which features of one table
//! usually are; [`Adjustment::BenjaminiYekutieli`] for any dependence).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parameters::unknown;
use crate::error::{Error, Result};

/// How [`adjust`] corrects p-values for their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// Family-wise, any dependence: m p.
    Bonferroni,
    /// Family-wise, any dependence, never worse than Bonferroni: step-down.
    #[default]
    Holm,
    /// Family-wise, independent or positively dependent tests: step-up.
    Hochberg,
    /// False discovery rate, independent or positively dependent tests.
    BenjaminiHochberg,
    /// False discovery rate, any dependence.
    BenjaminiYekutieli,
}

impl Adjustment {
    /// The names that [`Adjustment::from_name`] takes, in the order of the
    /// variants.
    pub const NAMES: [&'static str; 5] = [
        "bonferroni",
        "holm",
        "hochberg",
        "benjamini_hochberg",
        "benjamini_yekutieli",
    ];

    /// The adjustment of this name; also of SciPy's short names `"bh"` and
    /// `"by"`.
    ///
    /// # Errors
    /// `InvalidValue` for any other name, with the nearest one.
    /// # Example
    /// ```
    /// use driftline::drift::Adjustment;
    /// assert_eq!(Adjustment::from_name("bh")?, Adjustment::BenjaminiHochberg);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn from_name(name: &str) -> Result<Self> {
        let long = match name {
            "bh" => "benjamini_hochberg",
            "by" => "benjamini_yekutieli",
            other => other,
        };
        serde_json::from_value(Value::from(long))
            .map_err(|_| unknown("method".into(), &format!("\"{name}\""), name, &Self::NAMES))
    }
}

/// P-values corrected for the number of tests: compare each with alpha as if
/// it were the only one.
///
/// With p(1) <= ... <= p(m): Bonferroni m p(i); Holm the running maximum of
/// (m - i + 1) p(i); Hochberg the running minimum, from the largest down, of
/// the same; Benjamini-Hochberg that of m p(i) / i; Benjamini-Yekutieli that of
/// c m p(i) / i, c = 1 + 1/2 + ... + 1/m. Nothing exceeds 1; equal p-values
/// stay equal, and none becomes smaller.
///
/// # Shapes
/// `p_values`: (k,), any k, each 0 to 1; the same order comes back.
/// # Missing values
/// NaN (a test that could not be made) stays NaN and is not counted in m.
/// # Cost
/// O(k log k).
/// # Errors
/// `InvalidValue` for a value outside 0 to 1, with its position.
/// # Source
/// Holm, A simple sequentially rejective multiple test procedure, 1979;
/// Hochberg, A sharper Bonferroni procedure for multiple tests of
/// significance, 1988; Benjamini, Hochberg, Controlling the false discovery
/// rate, 1995, equation 1; Benjamini, Yekutieli, The control of the false
/// discovery rate in multiple testing under dependency, 2001, theorem 1.3; as
/// adjusted p-values: Wright, Adjusted p-values for simultaneous inference,
/// 1992. Expected values: tests/data/adjust.json.
/// # Example
/// ```
/// use driftline::drift::{Adjustment, adjust};
/// assert_eq!(adjust(&[0.25, 0.125, f64::NAN], Adjustment::Holm)?[..2], [0.25, 0.25]);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn adjust(p_values: &[f64], method: Adjustment) -> Result<Vec<f64>> {
    check(p_values)?;
    let mut order: Vec<(f64, usize)> = p_values
        .iter()
        .enumerate()
        .filter(|(_, p)| !p.is_nan())
        .map(|(position, &p)| (p, position))
        .collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let m = order.len();
    let count = m as f64;
    let factor: Box<dyn Fn(usize) -> f64> = match method {
        Adjustment::Bonferroni => Box::new(|_| count),
        Adjustment::Holm | Adjustment::Hochberg => Box::new(|i| (m - i) as f64),
        Adjustment::BenjaminiHochberg => Box::new(|i| count / (i + 1) as f64),
        Adjustment::BenjaminiYekutieli => {
            let harmonic = harmonic(m);
            Box::new(move |i| harmonic * count / (i + 1) as f64)
        }
    };
    for (i, (p, _)) in order.iter_mut().enumerate() {
        // Times a factor of at least 1 (up to rounding): none becomes smaller.
        *p = (*p * factor(i)).min(1.0).max(*p);
    }
    match method {
        Adjustment::Bonferroni => {}
        Adjustment::Holm => {
            order.iter_mut().fold(0.0, |largest: f64, (p, _)| {
                *p = p.max(largest);
                *p
            });
        }
        _ => {
            order.iter_mut().rev().fold(1.0, |smallest: f64, (p, _)| {
                *p = p.min(smallest);
                *p
            });
        }
    }
    let mut adjusted = vec![f64::NAN; p_values.len()];
    for (p, position) in order {
        if let Some(place) = adjusted.get_mut(position) {
            *place = p;
        }
    }
    Ok(adjusted)
}

/// [`adjust`] where some tests matter more than others: columns by their importance.
///
/// A weight multiplies a test's share of alpha: with p(1) / w(1) <= ... <= p(m) / w(m),
/// Bonferroni m p / w; Holm the running maximum of (w(i) + ... + w(m)) p(i) / w(i);
/// Benjamini-Hochberg and -Yekutieli reject at alpha as many tests as possible, r, whose
/// p-values are at most alpha min(1, w r / m) (and divided by c). Without the 1 a test of
/// great weight would be rejected with a p-value above alpha. Hochberg's step-up does not
/// hold the family-wise rate when weights differ: it is Holm's step-down then. With equal
/// weights all are those of [`adjust`].
///
/// # Shapes
/// `p_values`: (k,), `weights`: (k,), not negative, in any unit: they are divided by
/// their mean. A test of weight 0 is never rejected: its adjusted p-value is 1.
/// # Missing values
/// NaN stays NaN and is not counted, nor is its weight.
/// # Cost
/// O(k log k); O(k^2) for the false discovery rate with unequal weights.
/// # Errors
/// `InvalidValue` for a p-value outside 0 to 1, weights that are negative, not finite, of
/// another number or all 0.
/// # Source
/// Holm, 1979, section 4; Genovese, Roeder, Wasserman, False discovery control with
/// p-value weighting, 2006, theorem 1; Blanchard, Roquain, Two simple sufficient
/// conditions for FDR control, 2008 (thresholds cut off at alpha, any dependence); Tamhane,
/// Liu, On weighted Hochberg procedures, 2008. Expected values:
/// tests/data/table_verdict.json.
/// # Example
/// ```
/// use driftline::drift::{Adjustment, adjust_weighted};
/// let adjusted = adjust_weighted(&[0.25, 0.125], &[3.0, 1.0], Adjustment::Bonferroni)?;
/// assert!((adjusted[0] - 1.0 / 3.0).abs() < 1e-15 && adjusted[1] == 0.5);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn adjust_weighted(p_values: &[f64], weights: &[f64], method: Adjustment) -> Result<Vec<f64>> {
    check(p_values)?;
    if weights.len() != p_values.len() {
        let got = format!("{} weights", weights.len());
        let allowed = format!("{}, one for each p-value", p_values.len());
        return Err(Error::invalid_value("weights", got, allowed));
    }
    if let Some(wrong) = weights.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
        let allowed = "finite numbers that are not negative";
        return Err(Error::invalid_value("weights", wrong, allowed));
    }
    let mut tests: Vec<(f64, f64, usize)> = p_values
        .iter()
        .zip(weights)
        .enumerate()
        .filter(|(_, (p, _))| !p.is_nan())
        .map(|(position, (&p, &weight))| (p, weight, position))
        .collect();
    let Some(&(_, first, _)) = tests.first() else {
        return Ok(p_values.to_vec());
    };
    if tests.iter().all(|test| test.1 == first) && first > 0.0 {
        return adjust(p_values, method);
    }
    // In ascending order, so that the order of the tests does not change the mean.
    let mut ascending: Vec<f64> = tests.iter().map(|test| test.1).collect();
    ascending.sort_unstable_by(f64::total_cmp);
    let mean = ascending.iter().sum::<f64>() / tests.len() as f64;
    if mean == 0.0 {
        let allowed = "at least one above 0";
        return Err(Error::invalid_value("weights", "all 0", allowed));
    }
    for test in &mut tests {
        test.1 /= mean;
    }
    // Of weight 0: after all others.
    let key = |test: &(f64, f64, usize)| {
        if test.1 > 0.0 {
            test.0 / test.1
        } else {
            f64::INFINITY
        }
    };
    tests.sort_unstable_by(|a, b| key(a).total_cmp(&key(b)).then(a.2.cmp(&b.2)));
    let count = tests.len() as f64;
    let divided: Vec<f64> = match method {
        Adjustment::Bonferroni => tests.iter().map(|test| count * key(test)).collect(),
        Adjustment::Holm | Adjustment::Hochberg => {
            let mut left: Vec<f64> = tests
                .iter()
                .rev()
                .scan(0.0, |sum, test| {
                    *sum += test.1;
                    Some(*sum)
                })
                .collect();
            left.reverse();
            let mut largest = 0.0f64;
            let each = tests.iter().zip(left);
            each.map(|(test, left)| {
                if test.1 == 0.0 {
                    return f64::INFINITY;
                }
                largest = largest.max(left * key(test));
                largest
            })
            .collect()
        }
        Adjustment::BenjaminiHochberg => step_up(&tests, 1.0),
        Adjustment::BenjaminiYekutieli => step_up(&tests, harmonic(tests.len())),
    };
    let mut adjusted = vec![f64::NAN; p_values.len()];
    for ((p, _, position), value) in tests.into_iter().zip(divided) {
        if let Some(place) = adjusted.get_mut(position) {
            *place = value.min(1.0).max(p);
        }
    }
    Ok(adjusted)
}

/// The smallest alpha at which each test, of p-value and weight, is rejected: for some r
/// at least r tests have p <= alpha min(1, w r / m) / `penalty`, this one among them.
fn step_up(tests: &[(f64, f64, usize)], penalty: f64) -> Vec<f64> {
    let count = tests.len() as f64;
    let mut best = vec![f64::INFINITY; tests.len()];
    for rejected in 1..=tests.len() {
        let share = |weight: f64| (weight * rejected as f64 / count).min(1.0);
        let needed = |test: &(f64, f64, usize)| {
            if test.1 > 0.0 {
                penalty * test.0 / share(test.1)
            } else {
                f64::INFINITY
            }
        };
        let all: Vec<f64> = tests.iter().map(needed).collect();
        let mut ordered = all.clone();
        let (_, enough, _) = ordered.select_nth_unstable_by(rejected - 1, f64::total_cmp);
        for (best, own) in best.iter_mut().zip(all) {
            *best = best.min(own.max(*enough));
        }
    }
    best
}

fn check(p_values: &[f64]) -> Result<()> {
    let outside = |p: f64| !p.is_nan() && !(0.0..=1.0).contains(&p);
    match p_values.iter().position(|&p| outside(p)) {
        None => Ok(()),
        Some(position) => {
            let p = p_values.get(position).copied().unwrap_or(f64::NAN);
            let got = format!("{p} at position {position}");
            let allowed = "p-values from 0 to 1 (NaN is missing)";
            Err(Error::invalid_value("p_values", got, allowed))
        }
    }
}

/// 1 + 1/2 + ... + 1/m, from the smallest term up.
pub(crate) fn harmonic(m: usize) -> f64 {
    (1..=m).rev().map(|i| 1.0 / i as f64).sum()
}
