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
    if let Some((position, p)) = p_values
        .iter()
        .enumerate()
        .find(|(_, p)| **p < 0.0 || **p > 1.0)
    {
        let got = format!("{p} at position {position}");
        let allowed = "p-values from 0 to 1 (NaN is missing)";
        return Err(Error::invalid_value("p_values", got, allowed));
    }
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
            // From the smallest term up.
            let harmonic: f64 = (1..=m).rev().map(|i| 1.0 / i as f64).sum();
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
