//! Effects of means and standard deviations.

use super::{EffectSize, Level};
use crate::math::{self, SampleMoments};

/// `hedges_g` and `log_spread_ratio` of two sorted samples, where both have
/// them: two finite values or more.
pub(super) fn effects(baseline: &[f64], current: &[f64], level: Level) -> Vec<EffectSize> {
    let finite = |values: &[f64]| {
        let ends = (values.first().copied(), values.last().copied());
        values.len() > 1 && matches!(ends, (Some(a), Some(b)) if a.is_finite() && b.is_finite())
    };
    if !finite(baseline) || !finite(current) {
        return Vec::new();
    }
    // Nothing depends on the unit: times a power of two, squares neither
    // overflow nor vanish.
    let largest = baseline
        .iter()
        .chain(current)
        .fold(0.0, |largest: f64, x| largest.max(x.abs()));
    let exponent = ((largest.to_bits() >> 52) as i32 & 0x7ff) - 1022;
    let unit = 2f64.powi(-exponent);
    let (baseline, current) = (Spread::new(baseline, unit), Spread::new(current, unit));
    vec![
        hedges_g(&baseline, &current, level),
        log_spread_ratio(&baseline, &current, level),
    ]
}

struct Spread {
    n: f64,
    mean: f64,
    rest: f64,
    variance: f64,
    /// Ascending.
    values: Vec<f64>,
}

impl Spread {
    fn new(sorted: &[f64], unit: f64) -> Self {
        let values: Vec<f64> = sorted.iter().map(|x| x * unit).collect();
        let moments = math::moments(&values);
        Self {
            n: values.len() as f64,
            mean: moments.mean,
            rest: moments.rest,
            variance: moments.variance,
            values,
        }
    }

    /// The mean without the same share of values at both ends.
    fn trimmed_mean(&self) -> SampleMoments {
        let n = self.values.len();
        // Bonett, 2006: 1 / (2 sqrt(n - 4)); up to 5 values, the median.
        let share = if n > 5 {
            0.5 / ((n - 4) as f64).sqrt()
        } else {
            0.5
        };
        let cut = ((share * self.n) as usize).min((n - 1) / 2);
        math::moments(self.values.get(cut..n - cut).unwrap_or_default())
    }

    /// Sum of the fourth powers about the trimmed mean, in units of the
    /// standard deviation, which is not 0.
    fn fourth_powers(&self) -> f64 {
        let centre = self.trimmed_mean();
        let fourth = |x: &f64| (((x - centre.mean) - centre.rest).powi(2) / self.variance).powi(2);
        math::sum(&self.values.iter().map(fourth).collect::<Vec<_>>())
    }
}

/// J (mean(c) - mean(b)) / s, s the pooled standard deviation; positive when
/// the current mean is larger.
///
/// The interval reaches t standard errors to both sides. The variance is the
/// larger of that for normal data of equal variance (Hedges, Olkin, Statistical
/// methods for meta-analysis, 1985, equation 5.14) and that of the influence
/// function, which holds for any data with four moments; t has the degrees of
/// freedom of Welch and Satterthwaite.
fn hedges_g(b: &Spread, c: &Spread, level: Level) -> EffectSize {
    let df = b.n + c.n - 2.0;
    let difference = (c.mean - b.mean) + (c.rest - b.rest);
    let pooled = (b.n - 1.0) / df * b.variance + (c.n - 1.0) / df * c.variance;
    if pooled <= 0.0 {
        let value = if difference == 0.0 {
            0.0
        } else {
            f64::INFINITY.copysign(difference)
        };
        return level.effect("hedges_g", value, value, value);
    }
    let scale = pooled.sqrt();
    let d = difference / scale;
    // Hedges, 1981, equation 6e.
    let correction = math::gamma_ratio_half((df - 1.0) / 2.0) / (df / 2.0).sqrt();
    let variance_of = |sample: &Spread, sign: f64| {
        let share = d / 2.0 * sample.n / df;
        let influence = |x: &f64| {
            let z = ((x - sample.mean) - sample.rest) / scale;
            let part = sign * z - share * (z * z - sample.variance / pooled);
            part * part
        };
        let squares: Vec<f64> = sample.values.iter().map(influence).collect();
        math::sum(&squares) / (sample.n * (sample.n - 1.0))
    };
    let (v_b, v_c) = (variance_of(b, -1.0), variance_of(c, 1.0));
    let total = v_b + v_c;
    let degrees = total * total / (v_b * v_b / (b.n - 1.0) + v_c * v_c / (c.n - 1.0));
    let normal = (1.0 / b.n + 1.0 / c.n) + d * d / (2.0 * df);
    let reach =
        level.quantile(if degrees >= 1.0 { degrees } else { df }) * total.max(normal).sqrt();
    let value = correction * d;
    level.effect("hedges_g", value, value - reach, value + reach)
}

/// ln(s_c / s_b), with the standard deviations of the samples; positive when
/// the current sample is wider.
///
/// Bonett, Robust confidence interval for a ratio of standard deviations,
/// Applied Psychological Measurement 30, 2006, equation 4: pooled kurtosis
/// about trimmed means, with his small-sample constant; or with each sample's
/// own kurtosis where that is wider (their shapes may differ), and a t
/// quantile.
fn log_spread_ratio(b: &Spread, c: &Spread, level: Level) -> EffectSize {
    let name = "log_spread_ratio";
    if b.variance <= 0.0 || c.variance <= 0.0 {
        let value = if b.variance == c.variance {
            0.0
        } else if c.variance > 0.0 {
            f64::INFINITY
        } else {
            f64::NEG_INFINITY
        };
        return level.effect(name, value, value, value);
    }
    let squares = |sample: &Spread| (sample.n - 1.0) * sample.variance;
    let (fourth_b, fourth_c) = (b.fourth_powers(), c.fourth_powers());
    // In units of the larger variance, whose square cannot vanish.
    let unit = b.variance.max(c.variance);
    let powers = fourth_b * (b.variance / unit).powi(2) + fourth_c * (c.variance / unit).powi(2);
    let pooled = (b.n + c.n) * powers / ((squares(b) + squares(c)) / unit).powi(2);
    let part = |sample: &Spread, kurtosis: f64| {
        (kurtosis - (sample.n - 3.0) / sample.n) / (sample.n - 1.0)
    };
    let own =
        |sample: &Spread, fourth: f64| part(sample, sample.n * fourth / (sample.n - 1.0).powi(2));
    let variance = (part(b, pooled) + part(c, pooled)).max(own(b, fourth_b) + own(c, fourth_c));
    let z = level.quantile(f64::INFINITY);
    let constant = |sample: &Spread| -((1.0 - (z / sample.n).min(0.75)).ln());
    // The same number, up to its sign, when the samples change places.
    let value = if c.variance >= b.variance {
        (c.variance / b.variance).ln() / 2.0
    } else {
        -(b.variance / c.variance).ln() / 2.0
    };
    let centre = value + (constant(c) - constant(b)) / 2.0;
    let reach = level.quantile(b.n + c.n - 2.0) * variance.max(0.0).sqrt() / 2.0;
    level.effect(name, value, centre - reach, centre + reach)
}
