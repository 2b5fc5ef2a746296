//! Which of many detectors to believe: false discoveries among e-values.
//!
//! An e-value is a nonnegative number whose expectation is at most 1 while nothing has changed
//! (`reading("log_e_value")` of the anytime-valid detectors is the logarithm of one; read there
//! at which times). Both procedures hold the expected share of false discoveries below `alpha`
//! under any dependence between the e-values.

use crate::error::{Error, Result};

fn checked_alpha(alpha: f64) -> Result<f64> {
    if alpha > 0.0 && alpha < 1.0 {
        Ok(alpha)
    } else {
        let allowed = "a number above 0 and below 1";
        Err(Error::invalid_value("alpha", alpha, allowed))
    }
}

/// The e-BH procedure: the positions of the discoveries, in ascending order.
///
/// `log_e_values` are natural logarithms, any shape (n,); an infinite one is evidence beyond
/// doubt, negative infinity is none. Discovered are the k largest for the largest k of which the
/// k-th largest e-value is at least n / (`alpha` k). NaN counts as no evidence.
///
/// # Guarantee
/// For each discovery e >= n / (alpha k), so that the false ones number sum 1(found) <=
/// sum e alpha k / n over the hypotheses that hold: their share among the k has expectation at
/// most alpha (n0 / n) <= alpha, whatever the dependence.
///
/// # Errors
/// `InvalidValue` for `alpha` outside 0 to 1.
/// # Cost
/// O(n log n).
/// # Source
/// Wang & Ramdas, False discovery rate control with e-values, JRSS B 84, 2022, section 4.
/// # Example
/// ```
/// use driftline::stream::discovery::e_bh;
/// let e_values = [100.0, 1.0, 12.0, 30.0_f64];
/// // 4 / 0.2 = 20 for one, 10 for two, 6.7 for three, 5 for all four.
/// assert_eq!(e_bh(&e_values.map(f64::ln), 0.2)?, [0, 2, 3]);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn e_bh(log_e_values: &[f64], alpha: f64) -> Result<Vec<usize>> {
    let alpha = checked_alpha(alpha)?;
    let mut order: Vec<(f64, usize)> = log_e_values
        .iter()
        .enumerate()
        .filter(|(_, log)| !log.is_nan() && **log > 0.0)
        .map(|(at, &log)| (log, at))
        .collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let n = log_e_values.len() as f64;
    let enough = |(rank, (log, _)): (usize, &(f64, usize))| {
        *log >= least_log(n / (alpha * (rank + 1) as f64))
    };
    let last = (order.iter().enumerate()).rposition(enough);
    let mut found: Vec<usize> = match last {
        Some(last) => order.iter().take(last + 1).map(|&(_, at)| at).collect(),
        None => Vec::new(),
    };
    found.sort_unstable();
    Ok(found)
}

/// The logarithm of a bound, less what rounding may add to it.
fn least_log(bound: f64) -> f64 {
    let log = bound.ln();
    log - 4.0 * f64::EPSILON * log.abs()
}

/// The e-LOND procedure: hypotheses that come one after the other, without end.
///
/// The t-th is a discovery when its e-value is at least 1 / (alpha g_t (D + 1)), where D is the
/// number of discoveries before it and g_t = 1 / (t (t + 1)), which add up to 1.
///
/// # Guarantee
/// A false discovery at t counts 1 / max(D_T, 1) <= 1 / (D_(t-1) + 1) at any time T from t on,
/// and 1(found) <= e_t alpha g_t (D_(t-1) + 1): the expected share of false discoveries at any
/// time is at most alpha sum g_t E e_t <= alpha, whatever the dependence.
///
/// # Cost
/// O(1) each; 24 bytes.
/// # Source
/// Xu & Ramdas, Online multiple testing with e-values, AISTATS 2024, section 3.
/// # Example
/// ```
/// use driftline::stream::discovery::ELOND;
/// let mut procedure = ELOND::new(0.5)?;
/// // Bounds: 2 / 0.5 = 4; 6 / 0.5 / 2 = 6; 12 / 0.5 / 2 = 24; 20 / 0.5 / 3 = 13.3.
/// let found = [5.0, 5.9, 30.0, 14.0_f64].map(|e| procedure.test(e.ln()));
/// assert_eq!(found, [true, false, true, true]);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ELOND {
    alpha: f64,
    n_tests: u64,
    n_discoveries: u64,
}

impl ELOND {
    /// Having tested nothing.
    ///
    /// # Errors
    /// `InvalidValue` for `alpha` outside 0 to 1.
    pub fn new(alpha: f64) -> Result<Self> {
        Ok(Self {
            alpha: checked_alpha(alpha)?,
            n_tests: 0,
            n_discoveries: 0,
        })
    }

    /// The logarithm of the e-value that the next hypothesis needs.
    pub fn limit(&self) -> f64 {
        let t = self.n_tests as f64 + 1.0;
        t.ln() + (t + 1.0).ln() - self.alpha.ln() - (self.n_discoveries as f64 + 1.0).ln()
    }

    /// Tests the next hypothesis by the natural logarithm of its e-value; NaN is no evidence.
    pub fn test(&mut self, log_e_value: f64) -> bool {
        let found = log_e_value >= self.limit();
        self.n_tests = self.n_tests.saturating_add(1);
        self.n_discoveries = self.n_discoveries.saturating_add(u64::from(found));
        found
    }

    /// Hypotheses tested.
    pub fn n_tests(&self) -> u64 {
        self.n_tests
    }

    /// Discoveries among them.
    pub fn n_discoveries(&self) -> u64 {
        self.n_discoveries
    }
}
