//! Samples in the order of time, whose values depend on those before them.
//!
//! A sample of 200 values that follow each other closely says as little as 20
//! independent ones. A p-value that does not know this is far too small: on a
//! series with a correlation of 0.8 from value to value it rejects in two
//! thirds of all looks at 5 % without any drift. [`compare`] knows.
//!
//! | test | how |
//! |---|---|
//! | `welch`, `student` | means of as many independent values as the samples amount to |
//! | `mann_whitney`, `brunner_munzel` | the same for the mean of the placements |
//! | any other with a p-value | blocks of neighbours are permuted instead of values |
//! | without p-value | as ever |

mod blocks;
mod effective;

use ndarray::ArrayView1;
use serde_json::Value;

pub use effective::effective_n;

use super::{Alternative, PValue, TestResult, Univariate};
use crate::error::Result;
use crate::math;
use effective::{Autocovariance, Series, placements};

/// The result of comparing samples in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Ordered {
    /// With a p-value (and degrees of freedom) that know of the dependence;
    /// all else is as ever.
    pub result: TestResult,
    /// Independent values that the baseline and the current sample amount to.
    pub effective_n: (f64, f64),
}

/// Compares two samples, each given in the order of time, without taking the
/// dependence between neighbours for drift.
///
/// Both samples are one process if nothing has drifted, so that its
/// autocorrelation is estimated from both together. For tests of means the
/// effective sizes, [`effective_n`], take the place of the sizes: t is the
/// difference over sqrt(v1 / n_e + v2 / m_e), with n_e - 1 and m_e - 1 degrees
/// of freedom (Welch and Satterthwaite). Other tests permute blocks of
/// neighbours, twice as long as [`optimal_block_length`], up to 999 times, and stop when the p-value is clearly large.
///
/// On white noise the power is nearly that of the plain test. A trend or a
/// season longer than the samples is no dependence that any of this could see.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,).
/// # Missing values
/// NaN is left out and counted, and keeps its place in time.
/// # Cost
/// That of the test, and O(n) for each lag that matters; permuted, up to 999
/// times that of the test (fewer, at least 99, when n + m exceeds 200,000).
/// # Errors
/// Those of the test.
/// # Source
/// Sizes: Geyer, Practical Markov chain Monte Carlo, 1992, section 3.3.
/// Blocks: Kunsch, The jackknife and the bootstrap for general stationary
/// observations, 1989; stopping: Besag, Clifford, Sequential Monte Carlo
/// p-values, 1991.
/// # Example
/// ```
/// use driftline::drift::{Welch, ordered};
/// let slow: Vec<f64> = (0..400).map(|i| (f64::from(i) / 20.0).sin()).collect();
/// let (baseline, current) = slow.split_at(350);
/// let test = Welch::default();
/// let plain = driftline::drift::Univariate::compare(&test, baseline.into(), current.into())?;
/// let aware = ordered::compare(&test, baseline.into(), current.into(), 0)?;
/// assert!(plain.p_value < aware.result.p_value);
/// assert!(aware.effective_n.1 < 10.0);
/// # Ok::<(), driftline::error::Error>(())
/// ```
///
/// [`optimal_block_length`]: crate::math::block_bootstrap::optimal_block_length
pub fn compare(
    test: &dyn Univariate,
    baseline: ArrayView1<'_, f64>,
    current: ArrayView1<'_, f64>,
    seed: u64,
) -> Result<Ordered> {
    let result = test.compare(baseline, current)?;
    let name = test.name();
    let (b, c) = placements(baseline, current);
    let (b, c) = match name.as_ref() {
        "welch" | "student" => (Series::new(baseline), Series::new(current)),
        _ => (Series::new(b.view()), Series::new(c.view())),
    };
    let factor = Autocovariance::of([&b, &c]).time();
    let (n, m) = (b.n() as f64, c.n() as f64);
    let effective_n = (n / factor, m / factor);
    let ordered = |result| Ordered {
        result,
        effective_n,
    };
    if result.p_value.is_none() {
        return Ok(ordered(result));
    }
    let scale = match name.as_ref() {
        "welch" | "student" => Some(1.0),
        // P(b > c) - P(c > b) is twice what either placement is off 1/2.
        "mann_whitney" | "brunner_munzel" => Some(0.5),
        _ => None,
    };
    if let Some(scale) = scale {
        if let Some((t, df)) = difference_of_means(&b, &c, effective_n) {
            let t = scale * t;
            let p = tail(t, df, alternative(test));
            return Ok(ordered(TestResult {
                p_value: Some(p.value()),
                log_p_value: Some(p.ln()),
                df: Some(df),
                ..result
            }));
        }
        if matches!(name.as_ref(), "welch" | "student") {
            // Constants: there is no dependence that could be seen.
            return Ok(ordered(result));
        }
    }
    let p = PValue::new(blocks::p_value(
        test,
        baseline,
        current,
        result.distance,
        seed,
    )?);
    Ok(ordered(TestResult {
        p_value: Some(p.value()),
        log_p_value: Some(p.ln()),
        df: None,
        ..result
    }))
}

/// t, positive when the baseline is larger, and its degrees of freedom; `None`
/// without spread.
fn difference_of_means(b: &Series, c: &Series, (n, m): (f64, f64)) -> Option<(f64, f64)> {
    let part = |series: &Series, size: f64| {
        // One value on its own has no spread.
        let size = size.max(2.0);
        (
            series.sum_of_squares() / series.n() as f64 / (size - 1.0),
            size - 1.0,
        )
    };
    let ((v_b, df_b), (v_c, df_c)) = (part(b, n), part(c, m));
    let spread = v_b + v_c;
    if spread.is_nan() || spread <= 0.0 {
        return None;
    }
    let (s_b, s_c) = (v_b / spread, v_c / spread);
    let df = 1.0 / (s_b * s_b / df_b + s_c * s_c / df_c);
    Some((b.above(c) / spread.sqrt(), df))
}

fn tail(t: f64, df: f64, alternative: Alternative) -> PValue {
    let ln = match alternative {
        Alternative::TwoSided => 2f64.ln() + math::student_t_log_sf(t.abs(), df),
        Alternative::Less => math::student_t_log_sf(-t, df),
        Alternative::Greater => math::student_t_log_sf(t, df),
    };
    PValue::from_ln(ln)
}

fn alternative(test: &dyn Univariate) -> Alternative {
    let given = test.params().get("alternative").cloned();
    given
        .and_then(|value: Value| serde_json::from_value(value).ok())
        .unwrap_or_default()
}
