//! Effect sizes: how large a difference is, and how well that is known.
//!
//! With a million rows any difference is significant; what matters is its size
//! and the interval around it. [`effects`] measures two samples of numbers,
//! [`effects_of_counts`] the counts of two samples in categories; [`own_effect`]
//! and [`own_effect_of_counts`] what is none of these but a test's own. Positive
//! means that the current sample is larger (wider).
//!
//! | name | says | blind to |
//! |---|---|---|
//! | `share_moved` | the share of rows that would have to move to turn one sample into the other | how far they move |
//! | `cliffs_delta` | P(c > b) - P(c < b) for a value c of the current sample and b of the baseline | changes of spread alone |
//! | `probability_of_superiority` | the same from 0 to 1: P(c > b) + P(c = b) / 2 | the same |
//! | `hedges_g` | the shift of the mean in pooled standard deviations | changes of spread, and misled by outliers |
//! | `log_spread_ratio` | ln of the ratio of standard deviations | shifts, and misled by outliers |
//! | `cramers_v` | association of category and sample, 0 to 1 | order of the categories |
//!
//! Independent rows are assumed: an interval over an autocorrelated sample is
//! too narrow (see `effective_n`).

mod counts;
mod moments;
mod multinomial;
mod own;
mod ranks;

use std::borrow::Cow;

use ndarray::ArrayView1;

pub use counts::effects_of_counts;
pub use own::{own_effect, own_effect_of_counts};

use super::NanPolicy;
use super::sample::{Infinite, Sample, sort};
use super::{Needs, Ranking};
use crate::error::{Error, Result};
use crate::math;

/// How often an interval holds the truth where nobody says otherwise.
pub const LEVEL: f64 = 0.95;

/// How large a difference is, with a confidence interval.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectSize {
    /// What was measured: `"cliffs_delta"` and so on.
    pub name: Cow<'static, str>,
    /// The estimate. Infinite where there is a difference but no spread to
    /// measure it with.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// How often such intervals hold the truth, 0 to 1: 0.95.
    pub level: f64,
}

impl EffectSize {
    /// The value nearest to zero that the interval leaves possible, without its
    /// sign: 0 when it holds zero.
    ///
    /// # Example
    /// ```
    /// use driftline::drift::effects;
    /// let (baseline, current) = ([1., 2., 3., 4., 5., 6., 7.], [8., 9., 10., 11., 12., 13.]);
    /// let effects = effects(baseline.as_slice().into(), current.as_slice().into(), 0.95)?;
    /// assert!(effects.get("cliffs_delta").unwrap().at_least() > 0.05);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn at_least(&self) -> f64 {
        if self.low > 0.0 {
            self.low
        } else if self.high < 0.0 {
            -self.high
        } else {
            0.0
        }
    }

    /// With an interval `factor` times as wide, within what the effect can be: for
    /// samples that amount to fewer independent values than they have.
    ///
    /// # Example
    /// ```
    /// use driftline::drift::{LEVEL, share_moved};
    /// let effect = share_moved(0.5, 200, 200, LEVEL)?.widened(2.0);
    /// assert!((effect.high - effect.low - 0.543).abs() < 0.001);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn widened(&self, factor: f64) -> Self {
        let (least, most) = match self.name.as_ref() {
            "share_moved" | "probability_of_superiority" | "cramers_v" => (0.0, 1.0),
            "cliffs_delta" | "mood" | "ansari_bradley" => (-1.0, 1.0),
            "hedges_g" | "log_spread_ratio" | "mean_shift" => (f64::NEG_INFINITY, f64::INFINITY),
            _ => (0.0, f64::INFINITY),
        };
        // Infinite effects have no width.
        let beyond = |end: f64| {
            if end == self.value {
                end
            } else {
                self.value + factor * (end - self.value)
            }
        };
        Self {
            low: beyond(self.low).max(least),
            high: beyond(self.high).min(most),
            ..self.clone()
        }
    }

    /// What the value says, in one sentence.
    pub fn explain(&self) -> String {
        let Self { value, .. } = *self;
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        match self.name.as_ref() {
            "share_moved" => format!(
                "At least {} of the rows would have to move to turn one sample into the other.",
                percent(value)
            ),
            "cliffs_delta" => format!(
                "A current value is the larger one {} {} often than the smaller one \
                 when compared with one of the baseline.",
                percent(value.abs()),
                if value < 0.0 { "less" } else { "more" }
            ),
            "probability_of_superiority" => format!(
                "A current value is larger than one of the baseline in {} of all pairs \
                 (ties count half).",
                percent(value)
            ),
            "hedges_g" => format!(
                "The current mean is {:.2} pooled standard deviations {} the baseline's.",
                value.abs(),
                if value < 0.0 { "below" } else { "above" }
            ),
            "log_spread_ratio" => format!(
                "The current standard deviation is {:.2} times the baseline's.",
                value.exp()
            ),
            "cramers_v" => format!(
                "Category and sample are associated with a strength of {value:.2}, from 0 (none) \
                 to 1 (each category occurs in one sample only)."
            ),
            name => format!("The {name} between the samples is {value}."),
        }
    }
}

/// Effect sizes in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effects(Vec<EffectSize>);

impl Effects {
    /// The effect of this name; `None` where the samples do not have it.
    pub fn get(&self, name: &str) -> Option<&EffectSize> {
        self.0.iter().find(|effect| effect.name == name)
    }

    /// Each [widened](EffectSize::widened).
    pub fn widened(&self, factor: f64) -> Self {
        Self(self.0.iter().map(|effect| effect.widened(factor)).collect())
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, EffectSize> {
        self.0.iter()
    }
}

impl Extend<EffectSize> for Effects {
    fn extend<I: IntoIterator<Item = EffectSize>>(&mut self, effects: I) {
        self.0.extend(effects);
    }
}

impl FromIterator<EffectSize> for Effects {
    fn from_iter<I: IntoIterator<Item = EffectSize>>(effects: I) -> Self {
        Self(effects.into_iter().collect())
    }
}

/// All effect sizes of two samples of numbers, with intervals of confidence
/// `level`.
///
/// `share_moved`: the Kolmogorov-Smirnov distance D, give or take
/// sqrt(ln(2/alpha) / 2 (1/n + 1/m)), a band that holds for all values at once.
/// `cliffs_delta` and `probability_of_superiority`: from the placements of each
/// sample among the other, by Wilson's interval for a proportion with as many
/// trials as the placements' variance amounts to, so that it never leaves its
/// range and that complete separation does not look certain. `hedges_g`: with
/// the exact small-sample correction; interval by the variance of its influence
/// function, which needs neither normal data nor equal variances.
/// `log_spread_ratio`: by the kurtosis about trimmed means.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1. `hedges_g` and
/// `log_spread_ratio` are left out when either sample has a single value or an
/// infinite one.
/// # Missing values
/// NaN is left out.
/// # Constants
/// Two equal constants: every effect is 0 (superiority 0.5). Without spread,
/// `hedges_g` and `log_spread_ratio` are 0 or infinite and so is their
/// interval: it does not know how few values said so; those of the others do.
/// # Cost
/// O(n log n + m log m), nothing beyond O(n + m) when sorted already.
/// # Errors
/// `EmptySample` when nothing is left; `InvalidValue` for a `level` outside 0
/// to 1.
/// # Source
/// Massart, The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality,
/// 1990; Cliff, Dominance statistics, 1993; DeLong, DeLong, Clarke-Pearson,
/// 1988 (placements); Wilson, 1927; Hedges, 1981; Bonett, Robust confidence
/// interval for a ratio of standard deviations, 2006. Coverage by simulation:
/// tests/python/test_drift_effects.py.
/// # Example
/// ```
/// use driftline::drift::effects;
/// let (baseline, current) = ([1., 2., 3., 4.], [3., 4., 5., 6.]);
/// let effects = effects(baseline.as_slice().into(), current.as_slice().into(), 0.95)?;
/// assert_eq!(effects.get("cliffs_delta").unwrap().value, 0.75);
/// assert_eq!(effects.get("share_moved").unwrap().value, 0.5);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn effects(
    baseline: ArrayView1<'_, f64>,
    current: ArrayView1<'_, f64>,
    level: f64,
) -> Result<Effects> {
    let level = Level::new(level)?;
    let clean = |argument, view| Sample::new(argument, view, NanPolicy::Omit, Infinite::Accepted);
    let baseline = sort(clean("baseline", &baseline)?.values);
    let current = sort(clean("current", &current)?.values);
    Ok(of_sorted(&baseline, &current, level))
}

/// `share_moved` of numbers from the distance alone: what
/// [`KS`](super::KS) calls its effect.
///
/// # Errors
/// `InvalidValue` for a `level` outside 0 to 1.
pub fn share_moved(distance: f64, n: usize, m: usize, level: f64) -> Result<EffectSize> {
    Ok(ranks::share_moved(distance, n, m, Level::new(level)?))
}

fn of_sorted(baseline: &[f64], current: &[f64], level: Level) -> Effects {
    let ranking = Ranking::new(baseline, current, Needs::EXTREMES);
    let [delta, superiority] = ranks::dominance(&ranking, level);
    let mut effects = vec![ranks::distance(&ranking, level), delta, superiority];
    effects.extend(moments::effects(baseline, current, level));
    Effects(effects)
}

/// A confidence level between 0 and 1.
#[derive(Debug, Clone, Copy)]
struct Level(f64);

impl Level {
    fn new(level: f64) -> Result<Self> {
        if level > 0.0 && level < 1.0 {
            return Ok(Self(level));
        }
        let allowed = "a number between 0 and 1, both excluded";
        Err(Error::invalid_value("level", level, allowed))
    }

    /// What lies outside the interval, at both ends together.
    fn alpha(self) -> f64 {
        1.0 - self.0
    }

    /// How many standard errors the interval reaches to each side.
    fn quantile(self, df: f64) -> f64 {
        -math::student_t_quantile(self.alpha() / 2.0, df)
    }

    fn effect(self, name: &'static str, value: f64, low: f64, high: f64) -> EffectSize {
        self.named(Cow::Borrowed(name), value, low, high)
    }

    fn named(self, name: Cow<'static, str>, value: f64, low: f64, high: f64) -> EffectSize {
        EffectSize {
            name,
            value,
            // Rounding must not push the estimate out of its interval.
            low: low.min(value),
            high: high.max(value),
            level: self.0,
        }
    }
}
