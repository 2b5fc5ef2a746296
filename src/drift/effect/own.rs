//! The intervals of effects that are a test's own.

use std::borrow::Cow;
use std::sync::Arc;

use ndarray::ArrayView1;

use super::multinomial::multinomial;
use super::{EffectSize, Level};
use crate::drift::resampling::Stream;
use crate::drift::sample::{Infinite, Sample, sort};
use crate::drift::{Categorical, CountTable, Counts, NanPolicy, Univariate, get};
use crate::error::{Error, Result};
use crate::math;

/// The same samples have the same interval.
const SEED: u64 = 0;
/// How often both samples are drawn anew.
const DRAWS: usize = 999;
/// Fewer where tables are so large that this many cells are not enough.
const MOST_CELLS: usize = 2_000_000;
const LEAST_DRAWS: usize = 99;
/// Rows that are drawn at a time from a sample that has more.
const MOST_ROWS: usize = 4_000;
/// Draws between two looks at `interrupted`.
const LOOK_EVERY: usize = 8;

/// How chance moves an effect, which says in what measure draws are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// To both sides alike.
    Signed,
    /// Upwards, in the order of 1/n where there is no difference.
    Divergence,
    /// Upwards, in the order of 1/sqrt(n): its square is like a divergence.
    Distance,
}

fn scale(test: &dyn Univariate) -> Option<Scale> {
    if test.is_foreign() {
        return None;
    }
    Some(match test.effect().as_ref() {
        "mean_shift" | "mood" | "ansari_bradley" => Scale::Signed,
        "psi" | "kl_divergence" | "bhattacharyya" => Scale::Divergence,
        "jensen_shannon" if test.params().get("form").is_some_and(|x| x == "divergence") => {
            Scale::Divergence
        }
        "jensen_shannon" | "hellinger" | "l_infinity" | "wasserstein" | "energy"
        | "epps_singleton" => Scale::Distance,
        _ => return None,
    })
}

/// A test's own effect with its interval, for tests of numbers whose effect is
/// none of [`effects`](super::effects): `mean_shift`, `wasserstein`, `energy`,
/// `epps_singleton`, `mood`, `ansari_bradley`. `None` for all others.
///
/// Both samples are drawn again 999 times, each from itself with replacement.
/// Signed effects: the basic bootstrap. Distances, whose squares chance moves
/// upwards: what it moves the square of a draw beyond that of the estimate,
/// in 97.5 % of the draws (for a level of 95 %), is taken off for the lower end
/// and added for the upper one, which is the percentile bootstrap's. Widened for
/// samples of few values by a t quantile. With one value in either sample
/// nothing is known of the spread: the interval has no end (0 at least, for
/// distances). Of more than 4,000 values that many are drawn, and the spread is
/// brought down to the size of the sample: where there is hardly a difference,
/// the interval of a large sample is wider than need be, never too narrow.
///
/// The draws are always the same.
///
/// # Shapes
/// `baseline`: (n,), `current`: (m,), n, m >= 1.
/// # Missing values
/// NaN is left out.
/// # Constants
/// An infinite effect (a difference without spread) is its own interval.
/// # Cost
/// One sort of each, and 999 times the test on at most 4,000 values of each
/// sample. Stops with `Interrupted` when `interrupted` says so.
/// # Errors
/// Those of the test; `InvalidValue` for a `level` outside 0 to 1.
/// # Source
/// Davison & Hinkley, Bootstrap methods and their application, 1997, equation
/// 5.6 (basic), section 5.3 (percentile); Hesterberg, What teachers should know about the bootstrap,
/// 2015, section 5.3 (widened for few values); Bickel, Goetze, van Zwet,
/// Resampling fewer than n observations, 1997 (fewer rows). Coverage by
/// simulation: tests/python/test_drift_own_effects.py.
/// # Example
/// ```
/// use driftline::drift::{Wasserstein, own_effect};
/// let (baseline, current) = ([1., 2., 3., 4.], [7., 8., 9., 10.]);
/// let (baseline, current) = (baseline.as_slice().into(), current.as_slice().into());
/// let test = Wasserstein::default();
/// let effect = own_effect(&test, baseline, current, 0.95, &mut || false)?.unwrap();
/// assert_eq!((effect.name.as_ref(), effect.value), ("wasserstein", 6.0));
/// assert!(0.0 <= effect.low && effect.low < 6.0 && 6.0 < effect.high);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn own_effect(
    test: &dyn Univariate,
    baseline: ArrayView1<'_, f64>,
    current: ArrayView1<'_, f64>,
    level: f64,
    interrupted: &mut dyn FnMut() -> bool,
) -> Result<Option<EffectSize>> {
    let level = Level::new(level)?;
    let Some(scale) = scale(test).filter(|_| test.as_categorical().is_none()) else {
        return Ok(None);
    };
    let test = without_permutations(test)?;
    let clean = |argument, view| Sample::new(argument, view, NanPolicy::Omit, Infinite::Accepted);
    let baseline = sort(clean("baseline", &baseline)?.values);
    let current = sort(clean("current", &current)?.values);
    let effect = |baseline: &[f64], current: &[f64]| -> Result<f64> {
        let result = test.compare(baseline.into(), current.into())?;
        Ok(result.effect_size)
    };
    let value = effect(&baseline, &current)?;
    let smaller = baseline.len().min(current.len());
    if smaller < 2 {
        return Ok(Some(scale.unknown(test.effect(), value, level)));
    }
    let (mut places, mut drawn) = (Vec::new(), [Vec::new(), Vec::new()]);
    let effects = resampled(DRAWS, interrupted, &mut |stream| {
        for (values, drawn) in [&baseline, &current].into_iter().zip(&mut drawn) {
            draw(values, stream, &mut places, drawn);
        }
        effect(&drawn[0], &drawn[1])
    })?;
    let share = |values: &[f64]| (MOST_ROWS as f64 / values.len() as f64).min(1.0);
    let spread = Spread {
        share: share(&baseline).max(share(&current)),
        widened: widened(smaller as f64, level),
    };
    Ok(Some(scale.interval(
        test.effect(),
        value,
        effects,
        spread,
        level,
    )))
}

/// A test's own effect with its interval, for tests of shares whose effect is
/// none of [`effects_of_counts`](super::effects_of_counts): `psi`,
/// `kl_divergence`, `jensen_shannon`, `hellinger`, `l_infinity`,
/// `bhattacharyya`. `None` for all others.
///
/// As [`own_effect`], with both rows of counts drawn anew from their own shares.
/// A category that a sample does not have stays empty in all of its draws.
///
/// # Cost
/// 999 times the test on k counts; fewer times, at least 99, beyond 2,000
/// categories. Stops with `Interrupted` when `interrupted` says so.
/// # Errors
/// Those of the test; `InvalidValue` for a `level` outside 0 to 1.
/// # Source
/// As [`own_effect`].
/// # Example
/// ```
/// use driftline::drift::{CountTable, PSI, own_effect_of_counts};
/// let table = CountTable { baseline: vec![500, 500], current: vec![700, 300] };
/// let effect = own_effect_of_counts(&PSI::default(), &table, 0.95, &mut || false)?.unwrap();
/// assert!(effect.low > 0.05 && (effect.value - 0.1695).abs() < 1e-4 && effect.high < 0.35);
/// # Ok::<(), driftline::error::Error>(())
/// ```
pub fn own_effect_of_counts(
    test: &dyn Categorical,
    table: &CountTable,
    level: f64,
    interrupted: &mut dyn FnMut() -> bool,
) -> Result<Option<EffectSize>> {
    let level = Level::new(level)?;
    let Some(scale) = scale(test) else {
        return Ok(None);
    };
    let effect = |baseline: &[u64], current: &[u64]| -> Result<f64> {
        let outcome = test.judge_counts(&Counts::new(baseline, current)?)?;
        Ok(outcome.effect_size)
    };
    let value = effect(&table.baseline, &table.current)?;
    let draws = (MOST_CELLS / table.baseline.len().max(1)).clamp(LEAST_DRAWS, DRAWS);
    let (mut baseline, mut current) = (Vec::new(), Vec::new());
    let effects = resampled(draws, interrupted, &mut |stream| {
        multinomial(&table.baseline, stream, &mut baseline);
        multinomial(&table.current, stream, &mut current);
        effect(&baseline, &current)
    })?;
    let total = |counts: &[u64]| counts.iter().sum::<u64>();
    let smaller = total(&table.baseline).min(total(&table.current));
    if smaller < 2 {
        return Ok(Some(scale.unknown(test.effect(), value, level)));
    }
    let spread = Spread {
        share: 1.0,
        widened: widened(smaller as f64, level),
    };
    Ok(Some(scale.interval(
        test.effect(),
        value,
        effects,
        spread,
        level,
    )))
}

/// The same test with the cheapest p-value: nobody looks at it.
fn without_permutations(test: &dyn Univariate) -> Result<Arc<dyn Univariate>> {
    let mut params = test.params();
    if let Some(method) = params.get_mut("method") {
        *method = "asymptotic".into();
    }
    get(&test.name(), &params)
}

/// Draws rows of an ascending sample with replacement; they ascend too.
fn draw(values: &[f64], stream: &mut Stream, places: &mut Vec<usize>, drawn: &mut Vec<f64>) {
    places.clear();
    places.extend((0..values.len().min(MOST_ROWS)).map(|_| stream.below(values.len())));
    places.sort_unstable();
    drawn.clear();
    drawn.extend(places.iter().filter_map(|&place| values.get(place)));
}

/// What the test makes of each draw; without those that it refuses, as
/// Epps-Singleton does when values are too few.
fn resampled(
    draws: usize,
    interrupted: &mut dyn FnMut() -> bool,
    effect: &mut dyn FnMut(&mut Stream) -> Result<f64>,
) -> Result<Vec<f64>> {
    let mut effects = Vec::with_capacity(draws);
    for number in 0..draws {
        if number % LOOK_EVERY == 0 && interrupted() {
            return Err(Error::Interrupted);
        }
        if let Ok(effect) = effect(&mut Stream::new(SEED, number)) {
            effects.push(effect);
        }
    }
    Ok(effects)
}

/// By how much the spread of draws from few values is too small (Hesterberg,
/// 2015, section 5.3).
fn widened(smaller: f64, level: Level) -> f64 {
    let quantiles = level.quantile(smaller - 1.0) / level.quantile(f64::INFINITY);
    quantiles * (smaller / (smaller - 1.0)).sqrt()
}

/// How the spread of draws becomes that of the samples.
#[derive(Debug, Clone, Copy)]
struct Spread {
    /// Rows drawn for each that a sample has.
    share: f64,
    widened: f64,
}

impl Scale {
    fn interval(
        self,
        name: Cow<'static, str>,
        value: f64,
        draws: Vec<f64>,
        spread: Spread,
        level: Level,
    ) -> EffectSize {
        if value.is_infinite() {
            return level.named(name, value, value, value);
        }
        if draws.len() < LEAST_DRAWS {
            return self.unknown(name, value, level);
        }
        // Nothing depends on the unit: squares neither overflow nor vanish.
        let finite = draws.iter().filter(|x| x.is_finite());
        let unit = finite.fold(value.abs(), |unit, x| unit.max(x.abs()));
        let unit = if unit > 0.0 { unit } else { 1.0 };
        let measure = |x: f64| match self {
            Self::Distance => (x / unit).powi(2),
            _ => x / unit,
        };
        let mut draws: Vec<f64> = draws.into_iter().map(measure).collect();
        draws.sort_unstable_by(f64::total_cmp);
        let (at, mean) = (measure(value), math::mean(&draws));
        // Bias falls like 1/n, spread like 1/sqrt(n).
        let beyond = |x: Option<&f64>| {
            let x = x.copied().unwrap_or(at);
            if !mean.is_finite() {
                return spread.widened * (x - at);
            }
            spread.share * (mean - at) + spread.share.sqrt() * spread.widened * (x - mean)
        };
        let tail = ((draws.len() + 1) as f64 * level.alpha() / 2.0).ceil() as usize;
        let tail = tail.clamp(1, draws.len());
        let back = |x: f64| match self {
            Self::Distance => x.max(0.0).sqrt() * unit,
            Self::Divergence => x.max(0.0) * unit,
            Self::Signed => x * unit,
        };
        let up = beyond(draws.get(draws.len() - tail));
        let low = back(at - up);
        let high = back(match self {
            Self::Signed => at - beyond(draws.get(tail - 1)),
            // An estimate that chance has not moved up has been moved down.
            _ => at + up,
        });
        level.named(name, value, low, high)
    }

    fn unknown(self, name: Cow<'static, str>, value: f64, level: Level) -> EffectSize {
        let low = match self {
            Self::Signed => f64::NEG_INFINITY,
            _ => 0.0,
        };
        level.named(name, value, low, f64::INFINITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::available;

    #[test]
    fn every_effect_has_an_interval() {
        let common = [
            "share_moved",
            "cliffs_delta",
            "hedges_g",
            "log_spread_ratio",
            "cramers_v",
        ];
        for name in available() {
            let test = get(name, &serde_json::Map::new()).unwrap();
            let is_common = common.contains(&test.effect().as_ref());
            assert!(is_common != scale(test.as_ref()).is_some(), "{name}");
        }
    }
}
