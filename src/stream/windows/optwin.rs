//! A window that is cut where a change is seen soonest.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::drift::Parameters;
use crate::error::{Error, Result};
use crate::stream::LARGEST;
use crate::stream::definition::{Definition, Direction, Signal, Tuning};
use crate::stream::errors::compat::CapymoaCompat;
use crate::stream::state::damaged;
use crate::stream::windows::optimal_cuts::{Cut, Cuts, Demand};
use crate::stream::windows::parts::Parts;

/// The longest window: its cuts take a while to compute.
const LONGEST: usize = 50_000;
/// The shortest one that is looked at: both parts of it have a variance.
const SHORTEST: usize = 10;
/// Parameters of [`OPTWIN`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct OPTWINParameters {
    /// The rise of the mean to be found, in standard deviations of the older part.
    pub rigor: f64,
    /// Significance at which there is drift.
    pub alpha_drift: f64,
    /// Significance at which the warning zone begins.
    pub alpha_warning: f64,
    /// Values in the window at most, up to 50,000.
    pub max_window_length: usize,
    /// Values before the first look, 10 or more.
    pub min_window_length: usize,
    /// Added to each standard deviation, 0 or more.
    pub minimum_noise: f64,
    /// Whether falls count as well.
    pub two_sided_test: bool,
    /// `Capymoa`: the tests as they are published in code.
    pub compat: Option<CapymoaCompat>,
    #[serde(skip)]
    cuts: SharedCuts,
}

/// The table that follows from the parameters, once it is wanted.
#[derive(Debug, Clone, Default)]
struct SharedCuts(OnceLock<Arc<Cuts>>);

impl PartialEq for SharedCuts {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Default for OPTWINParameters {
    fn default() -> Self {
        Self {
            rigor: 0.5,
            alpha_drift: 0.001,
            alpha_warning: 0.1,
            max_window_length: 1_000,
            min_window_length: 30,
            minimum_noise: 1e-6,
            two_sided_test: false,
            compat: None,
            cuts: SharedCuts::default(),
        }
    }
}

impl Parameters for OPTWINParameters {
    fn validate(&self) -> Result<()> {
        if !(self.rigor > 0.0 && self.rigor.is_finite()) {
            let allowed = "a finite number above 0";
            return Err(Error::invalid_value("rigor", self.rigor, allowed));
        }
        for (name, value) in [
            ("alpha_drift", self.alpha_drift),
            ("alpha_warning", self.alpha_warning),
        ] {
            if !(1e-100..=0.5).contains(&value) {
                let allowed = "a number from 1e-100 to 0.5";
                return Err(Error::invalid_value(name, value, allowed));
            }
        }
        let (least, most) = (self.min_window_length, self.max_window_length);
        if !(SHORTEST..=LONGEST).contains(&most) {
            let allowed = format!("a whole number from {SHORTEST} to {LONGEST}");
            return Err(Error::invalid_value("max_window_length", most, allowed));
        }
        if !(SHORTEST..=most).contains(&least) {
            let allowed = format!("a whole number from {SHORTEST} to {most}, max_window_length");
            return Err(Error::invalid_value("min_window_length", least, allowed));
        }
        if !(0.0..=LARGEST).contains(&self.minimum_noise) {
            let allowed = "a number from 0 to 1e150";
            let got = self.minimum_noise;
            return Err(Error::invalid_value("minimum_noise", got, allowed));
        }
        Ok(())
    }
}

impl OPTWINParameters {
    #[inline]
    fn cut(&self, width: usize) -> Option<&Cut> {
        if width < self.min_window_length {
            return None;
        }
        let table = self.cuts.0.get_or_init(|| {
            Cuts::of(Demand {
                rigor: self.rigor,
                // Four tests err with `alpha_drift` together, as in the paper.
                significance: -((-self.alpha_drift).ln_1p() / 4.0).exp_m1(),
                warning: self.alpha_warning,
                longest: self.max_window_length,
                published: self.compat.is_some(),
            })
        });
        table.at(width)
    }
}

/// The statistics of a look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    /// Difference of the means by its standard error.
    t: f64,
    /// The newer variance by the older one; `None` when a part has none.
    f: Option<f64>,
}

impl Look {
    /// The t statistic of what counts.
    fn rise(&self, two_sided: bool) -> f64 {
        if two_sided { self.t.abs() } else { self.t }
    }

    /// How near the tests come to their limits, each as a share of it.
    fn shares(&self, cut: &Cut, two_sided: bool) -> (f64, f64) {
        let f = self.f.map_or(0.0, |f| {
            let fall = if two_sided {
                1.0 / (f * cut.f_fall)
            } else {
                0.0
            };
            (f / cut.f).max(fall)
        });
        (self.rise(two_sided) / cut.t, f)
    }
}

/// OPTWIN: a window whose newer part is as short as it can be for a given change to be found in
/// it, by a t-test of the means and an F-test of the variances.
///
/// A window of n values is cut after the last m values at which a rise of the mean by `rigor`
/// standard deviations is found: `rigor` >= t sqrt(1 / m + f / (n - m)), with f the upper
/// quantile of F(n - m - 1, m - 1) and t that of Student's law with Welch's degrees of freedom
/// for variances of 1 and f, at significance 1 - (1 - `alpha_drift`)^(1/4); in the middle where
/// there is none. Then there is drift when the t statistic is above t, or the newer variance
/// more than f times the older one while the mean is higher too; when it is not higher, the
/// window begins anew.
///
/// The published code ([`CapymoaCompat::Capymoa`]) divides by the root of standard deviations
/// in place of variances, so that t depends on the scale; exchanges the degrees of freedom of
/// F; and takes 1 / f^2 for the ratio of variances in those of t. Where its window is full it
/// takes other values from its sums than those that leave, which is not followed.
///
/// # Cost
/// O(1) a value, and now and then the sums anew from the window; 8 bytes a value of it. The
/// cuts are computed once for equal parameters: 0.2 ms for each width that comes up.
/// # Source
/// Tosi & Theobald, OPTWIN: Drift identification with optimal sub-windows, ICDEW 2024, section
/// III; defaults as in CapyMOA 0.15.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::upper_case_acronyms)] // the name in the literature
pub struct OPTWIN {
    window: Parts,
    look: Option<Look>,
}

impl OPTWIN {
    #[inline]
    fn compare(&self, parameters: &OPTWINParameters) -> Look {
        let (older, newer) = (self.window.older(), self.window.newer());
        let (before, after) = (older.spread, newer.spread);
        let apart = newer.above(&older);
        let noise = parameters.minimum_noise;
        let (error, f) = if parameters.compat.is_some() {
            let before = (before / older.n).sqrt() + noise;
            let after = (after / newer.n).sqrt() + noise;
            let f = (after / before) * (after / before);
            ((after / newer.n + before / older.n).sqrt(), Some(f))
        } else {
            let both = before > 0.0 && after > 0.0;
            let before = (before / (older.n - 1.0)).sqrt() + noise;
            let after = (after / (newer.n - 1.0)).sqrt() + noise;
            let error = (after * after / newer.n + before * before / older.n).sqrt();
            // A part without any spread has no ratio to be tested.
            (error, both.then(|| (after / before) * (after / before)))
        };
        // Constants differ by nothing, or by more than any chance.
        let t = if apart == 0.0 { 0.0 } else { apart / error };
        Look {
            t: t.clamp(-f64::MAX, f64::MAX),
            f: f.filter(|f| !f.is_nan()).map(|f| f.min(f64::MAX)),
        }
    }
}

impl Definition for OPTWIN {
    const NAME: &'static str = "optwin";
    // By `minimum_noise`, if by nothing else.
    const DEPENDS_ON_SCALE: bool = true;
    const TUNING: Option<Tuning> = Some(Tuning {
        parameter: "alpha_drift",
        range: (0.5, 1e-30),
        logarithmic: true,
    });
    const READINGS: &'static [&'static str] = &[
        "estimation",
        "width",
        "newer_width",
        "t_statistic",
        "f_statistic",
    ];
    type Parameters = OPTWINParameters;

    fn new(_: &OPTWINParameters) -> Self {
        Self::default()
    }

    fn step(&mut self, parameters: &OPTWINParameters, x: f64) -> Signal {
        self.window.insert(x, parameters.max_window_length);
        let Some(cut) = parameters.cut(self.window.len()) else {
            return Signal::Quiet;
        };
        self.window.cut(cut.place);
        let look = self.compare(parameters);
        self.look = Some(look);
        let two_sided = parameters.two_sided_test;
        let (t, f) = look.shares(cut, two_sided);
        if t > 1.0 || (f > 1.0 && (two_sided || look.t > 0.0)) {
            return Signal::Drift;
        }
        if f > 1.0 {
            self.restart(parameters);
            return Signal::Quiet;
        }
        if look.rise(two_sided) > cut.t_warning {
            Signal::Warning
        } else {
            Signal::Quiet
        }
    }

    fn restart(&mut self, _: &OPTWINParameters) {
        self.window.clear();
        self.look = None;
    }

    fn recent(&self, _: &OPTWINParameters) -> usize {
        self.window.newer_len()
    }

    fn direction(&self, _: &OPTWINParameters) -> Option<Direction> {
        self.look.map(|look| {
            if look.t < 0.0 {
                Direction::Down
            } else {
                Direction::Up
            }
        })
    }

    fn statistic(&self, parameters: &OPTWINParameters) -> Option<f64> {
        self.nearest(parameters).map(|(statistic, _, _)| statistic)
    }

    fn limit(&self, parameters: &OPTWINParameters) -> Option<f64> {
        self.nearest(parameters).map(|(_, limit, _)| limit)
    }

    fn warning_limit(&self, parameters: &OPTWINParameters) -> Option<f64> {
        self.nearest(parameters).and_then(|(_, _, warning)| warning)
    }

    fn reading(&self, _: &OPTWINParameters, name: &str) -> Option<f64> {
        let newer = self.window.newer();
        match name {
            "estimation" => Some(if newer.n > 0.0 { newer.mean() } else { 0.0 }),
            "width" => Some(self.window.len() as f64),
            "newer_width" => Some(newer.n),
            "t_statistic" => self.look.map(|look| look.t),
            "f_statistic" => self.look.and_then(|look| look.f),
            _ => None,
        }
    }

    fn restored(&mut self, parameters: &OPTWINParameters) -> Result<()> {
        self.window.restored(parameters.max_window_length)?;
        let width = self.window.len();
        let cut = parameters.cut(width).map(|cut| cut.place);
        let newer = self.window.newer_len();
        // A look has two parts; there is none before the first, nor in a window begun anew.
        if self.look.is_some() == cut.is_some() && newer == width - cut.unwrap_or(0) {
            Ok(())
        } else {
            Err(damaged("parts that no stream leaves"))
        }
    }
}

impl OPTWIN {
    /// Statistic, limit and warning limit of the test that comes nearest to drift.
    fn nearest(&self, parameters: &OPTWINParameters) -> Option<(f64, f64, Option<f64>)> {
        let (look, cut) = (self.look?, parameters.cut(self.window.len())?);
        let two_sided = parameters.two_sided_test;
        let (t, f) = look.shares(cut, two_sided);
        let Some(ratio) = look.f.filter(|_| f > t) else {
            return Some((look.rise(two_sided), cut.t, Some(cut.t_warning)));
        };
        Some(if two_sided && 1.0 / (ratio * cut.f_fall) > ratio / cut.f {
            ((1.0 / ratio).min(f64::MAX), cut.f_fall, None)
        } else {
            (ratio, cut.f, None)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compat(compat: bool) -> OPTWINParameters {
        OPTWINParameters {
            compat: compat.then_some(CapymoaCompat::Capymoa),
            minimum_noise: 0.0,
            ..OPTWINParameters::default()
        }
    }

    /// Multiples of the golden ratio, modulo 1.
    fn noise(i: u32) -> f64 {
        f64::from(i) * 0.618_033_988_749_894_9 % 1.0
    }

    fn drifts(parameters: &OPTWINParameters, values: impl Iterator<Item = f64>) -> Vec<usize> {
        let mut method = OPTWIN::new(parameters);
        let mut found = Vec::new();
        for (i, x) in values.enumerate() {
            if method.step(parameters, x) == Signal::Drift {
                found.push(i);
                method.restart(parameters);
            }
        }
        found
    }

    #[test]
    fn the_scale_of_the_values_does_not_matter_unless_published() {
        let rising = |scale: f64| {
            let level = |i: u32| if i < 400 { 0.0 } else { 0.3 };
            (0..600).map(move |i| scale * (noise(i) + level(i)))
        };
        let right = drifts(&compat(false), rising(1.0));
        assert!(right.first() > Some(&400), "{right:?}");
        assert_eq!(drifts(&compat(false), rising(0.5_f64.powi(20))), right);
        assert_eq!(drifts(&compat(false), rising(2.0_f64.powi(20))), right);
        // Divided by the root of a standard deviation, t grows with the root of the scale.
        let published = drifts(&compat(true), rising(0.5_f64.powi(20)));
        assert_ne!(published, drifts(&compat(true), rising(2.0_f64.powi(20))));
    }

    #[test]
    fn the_first_error_is_no_change_unless_published() {
        let error = |at: u32| (0..at + 10).map(move |i| f64::from(u8::from(i == at)));
        assert!(drifts(&compat(false), error(100)).is_empty());
        let parameters = OPTWINParameters {
            minimum_noise: 1e-6,
            ..compat(true)
        };
        assert_eq!(drifts(&parameters, error(100)), [100]);
    }

    #[test]
    fn a_wider_spread_about_a_lower_mean_begins_a_new_window() {
        let parameters = OPTWINParameters::default();
        let values = (0..700).map(|i| match i {
            0..400 => noise(i),
            _ => 9.0 * (noise(i) - 0.5),
        });
        let mut method = OPTWIN::new(&parameters);
        let mut begun = None;
        for (i, x) in values.enumerate() {
            let signal = method.step(&parameters, x);
            if signal == Signal::Drift {
                break;
            }
            if i > 0 && method.window.len() == 0 {
                begun = Some(i);
                break;
            }
        }
        // Which of the two comes depends on the first values alone: these go down.
        assert!((400..450).contains(&begun.unwrap_or(0)), "{begun:?}");
        let parameters = OPTWINParameters {
            two_sided_test: true,
            ..parameters
        };
        let values = (0..700).map(|i| {
            if i < 400 {
                noise(i)
            } else {
                9.0 * (noise(i) - 0.5)
            }
        });
        let found = drifts(&parameters, values);
        assert!(
            found.first().is_some_and(|i| (400..450).contains(i)),
            "{found:?}"
        );
    }

    #[test]
    fn the_nearer_test_tells_statistic_and_limit() {
        let parameters = OPTWINParameters {
            rigor: 1.0,
            ..OPTWINParameters::default()
        };
        let mut method = OPTWIN::new(&parameters);
        assert_eq!(method.statistic(&parameters), None);
        let (mut by_t, mut by_f) = (0, 0);
        for i in 0..400 {
            method.step(&parameters, noise(i) + noise(i * i));
            let Some(look) = method.look else {
                continue;
            };
            let cut = parameters.cut(method.window.len()).copied();
            let statistic = method.statistic(&parameters);
            let limit = method.limit(&parameters);
            if method.warning_limit(&parameters).is_some() {
                by_t += 1;
                assert_eq!((statistic, limit), (Some(look.t), cut.map(|cut| cut.t)));
            } else {
                by_f += 1;
                assert_eq!((statistic, limit), (look.f, cut.map(|cut| cut.f)));
            }
        }
        assert!(by_t > 0 && by_f > 0, "{by_t} {by_f}");
    }
}
