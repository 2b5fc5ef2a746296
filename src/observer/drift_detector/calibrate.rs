//! The threshold that keeps false alarms within a budget, from ordered history.
//!
//! # Method
//! 1. *Simulation.* `n_bootstrap` times, a pseudo-history of the history's
//!    length and a stream are drawn from the history in moving blocks, and a
//!    detector whose baseline is the pseudo-history looks at the stream. The
//!    threshold h is the level that the distances of all streams cross upwards
//!    once per budget: every crossing would be an alarm. Blocks keep the
//!    dependence between neighbours, pseudo-histories the uncertainty of the
//!    baseline. (With a baseline of its own, that is the baseline each time.)
//! 2. *Tail.* A simulation cannot tell what is rarer than its own length, nor
//!    than what blocks of the history can make up (see [`Calibration`]): rarer
//!    levels are extrapolated from the levels crossed r, 4r and 16r times per
//!    sample, with a tail index that is at least that of an exponential tail.
//! 3. *Safety.* How strongly the history varies is itself known from the
//!    history alone. Each pseudo-history is asked what it would have set (by
//!    drawing from it in turn), and the history what would have been needed
//!    against it; h is multiplied by the 90 % quantile of needed / set, at the
//!    levels that one look in ten exceeds. This also makes up for the
//!    dependence that is cut at the seams of the blocks.
//!
//! # Source
//! Künsch 1989 (moving blocks); Politis & White 2004 (their length); Pickands,
//! Statistical inference using extreme order statistics, Annals of Statistics
//! 3, 1975 (tail); Beran, Prepivoting to reduce level error of confidence sets,
//! Biometrika 74, 1987 (the bootstrap asked about itself).

use std::sync::Arc;

use ndarray::{ArrayView1, aview1};

use super::DriftDetector;
use super::budget::{Amount, Budget};
use super::config::{Config, Decide, check_budget};
use super::crossings::Crossings;
use super::window::{Summary, Window};
use crate::drift::FittedUnivariate;
use crate::error::{Error, Result};
use crate::math::block_bootstrap::{Resampler, optimal_block_length};

/// Values drawn per replicate for tests that need only the mean.
const SAMPLES: usize = 100_000;

/// Looks per replicate for the other tests, and the work allowed to all.
const LOOKS: usize = 1000;
const WORK: usize = 10_000_000;

/// Windows per replicate, at least.
const WINDOWS: usize = 20;

/// Levels that were crossed less often in all streams are extrapolated.
const CROSSINGS: f64 = 100.0;

/// What each pseudo-history sets is averaged over so many baselines of its own.
const INNER: usize = 8;

/// Quantile of the distances at which needed and set are compared, and that of
/// their ratio.
const AT: f64 = 0.9;
const SAFETY: f64 = 0.9;

/// How a threshold is found.
///
/// Levels are taken from the simulation down to a rate of
/// 10 / n * (10 b / n)^(w / b - 1) crossings per value, for n values of history,
/// blocks of b and windows of w: a window is made of w / b blocks, of which the
/// history shows about n / b independent ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// The budget, in samples.
    pub false_alarm_every: Budget,
    /// Values per block; `None`: twice the length that is best for the variance
    /// of a mean.
    pub block_length: Option<usize>,
    /// Replicates, 20 to 10,000.
    pub n_bootstrap: usize,
    /// Where the random draws start: the same seed, the same threshold.
    pub seed: u64,
}

impl Calibration {
    /// The defaults.
    pub fn new(false_alarm_every: Budget) -> Self {
        Self {
            false_alarm_every,
            block_length: None,
            n_bootstrap: 100,
            seed: 0,
        }
    }
}

impl DriftDetector {
    /// With the threshold that keeps false alarms within a budget, found from
    /// the process's history: values in their order, of shape `(n,)`, from a
    /// time when all was well. It should hold at least ten windows, and cover
    /// whatever is normal: days and nights, weekdays and Sundays.
    ///
    /// `baseline`, of shape `(m,)`, is what windows are compared with; the
    /// history itself when `None`. The decision in `config` is replaced.
    ///
    /// # Missing values
    /// NaN is left out of the history.
    /// # Cost
    /// 0.3 s for `mean_shift` with the defaults; for the other tests, 200,000 looks
    /// at most. With `check_every` below the window these see few windows each,
    /// and the threshold comes out higher than it need be: look once per window.
    /// # Errors
    /// `InvalidValue` for an option out of range, a budget of time, and a history
    /// shorter than two windows; the errors of the test's `fit`.
    /// # Example
    /// ```
    /// # use std::sync::Arc;
    /// use driftline::drift;
    /// use driftline::observer::{Budget, Calibration, Config, Decide, DriftDetector};
    /// let history: Vec<f64> = (0..500).map(|i| f64::from(i * i % 83)).collect();
    /// let config = Config::new(20, drift::get("mean_shift", &Default::default())?, Decide::Threshold(0.0));
    /// let calibration = Calibration::new(Budget::samples(10_000.0)?);
    /// let history = ndarray::aview1(&history);
    /// let detector = DriftDetector::calibrated(history, None, config, &calibration)?;
    /// assert!(!detector.status().drift_detected);
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn calibrated(
        history: ArrayView1<'_, f64>,
        baseline: Option<ArrayView1<'_, f64>>,
        config: Config,
        calibration: &Calibration,
    ) -> Result<Self> {
        Self::calibrated_unless(history, baseline, config, calibration, &mut || false)
    }

    /// [`DriftDetector::calibrated`], asking now and then whether to give up.
    ///
    /// # Errors
    /// Those of [`DriftDetector::calibrated`]; `Interrupted` once `interrupted`
    /// has answered `true`.
    pub fn calibrated_unless(
        history: ArrayView1<'_, f64>,
        baseline: Option<ArrayView1<'_, f64>>,
        mut config: Config,
        calibration: &Calibration,
        interrupted: &mut dyn FnMut() -> bool,
    ) -> Result<Self> {
        config.decide = Decide::Threshold(0.0);
        config.validate()?;
        let budget = validate(&config, calibration)?;
        let values: Vec<f64> = history.iter().copied().filter(|v| !v.is_nan()).collect();
        let least = 2 * config.window_size;
        if values.len() < least {
            return Err(Error::invalid_value(
                "history",
                format!("{} values that are not missing", values.len()),
                format!("at least two windows ({least} values), better ten"),
            ));
        }
        let fits = config.test.fit(history);
        fits.map_err(|error| error.named("history"))?;
        let fixed = baseline.map(|sample| config.test.fit(sample)).transpose()?;
        let simulation = Simulation::new(&config, calibration, &values, fixed);
        let threshold = simulation.threshold(calibration, budget, interrupted)?;
        config.decide = Decide::Threshold(threshold);
        Self::new(baseline.unwrap_or(history), config)
    }
}

/// The budget in samples.
fn validate(config: &Config, calibration: &Calibration) -> Result<f64> {
    let refuse = |argument: &'static str, got: String, allowed: &'static str| {
        Err(Error::invalid_value(argument, got, allowed))
    };
    if !(20..=10_000).contains(&calibration.n_bootstrap) {
        let got = calibration.n_bootstrap.to_string();
        return refuse("n_bootstrap", got, "a whole number from 20 to 10000");
    }
    if calibration.block_length == Some(0) {
        let allowed = "a whole number of 1 or more, or None";
        return refuse("block_length", "0".to_owned(), allowed);
    }
    check_budget(calibration.false_alarm_every, config.interval())?;
    match calibration.false_alarm_every.amount() {
        Amount::Samples(samples) if samples <= config.window_size as f64 => refuse(
            "false_alarm_every",
            samples.to_string(),
            "more than window_size: a window full of other values comes no sooner",
        ),
        Amount::Samples(samples) => Ok(samples),
        Amount::Seconds(seconds) => refuse(
            "false_alarm_every",
            format!("a time ({seconds} s)"),
            "a number of samples: history has no times; multiply by the samples per second",
        ),
    }
}

/// What all replicates share.
struct Simulation<'a> {
    config: &'a Config,
    history: &'a [f64],
    /// The baseline, when it is not the history.
    fixed: Option<Arc<dyn FittedUnivariate>>,
    block: usize,
    /// Values per stream.
    stream: usize,
}

impl<'a> Simulation<'a> {
    fn new(
        config: &'a Config,
        calibration: &Calibration,
        history: &'a [f64],
        fixed: Option<Arc<dyn FittedUnivariate>>,
    ) -> Self {
        let finite: Vec<f64> = history.iter().copied().filter(|v| v.is_finite()).collect();
        let best = || (2.0 * optimal_block_length(&finite)).ceil() as usize;
        let window = config.window_size;
        let fitted = config.test.fit(aview1(history));
        let stream = if fitted.is_ok_and(|fitted| fitted.location().is_some()) {
            SAMPLES.max(WINDOWS * window)
        } else {
            let allowed = WORK / (window * calibration.n_bootstrap);
            window + allowed.clamp(WINDOWS, LOOKS) * config.interval()
        };
        Self {
            config,
            block: calibration
                .block_length
                .unwrap_or_else(best)
                .clamp(1, history.len()),
            history,
            fixed,
            stream,
        }
    }

    fn threshold(
        &self,
        calibration: &Calibration,
        budget: f64,
        interrupted: &mut dyn FnMut() -> bool,
    ) -> Result<f64> {
        let mut resampler = Resampler::new(calibration.seed);
        let total = (calibration.n_bootstrap * self.stream) as f64;
        let reliable = self.reliable_rate().max(CROSSINGS / total);
        let rate = 1.0 / budget;
        let mut crossings = Crossings::new();
        let mut ratios = Vec::with_capacity(calibration.n_bootstrap);
        let (mut pseudo, mut inner) = (Vec::new(), Vec::new());
        let mut distances = Vec::new();
        for _ in 0..calibration.n_bootstrap {
            resampler.draw(self.history, self.block, self.history.len(), &mut pseudo);
            distances.clear();
            self.watch(
                &mut resampler,
                self.history,
                &pseudo,
                self.stream,
                &mut distances,
            )?;
            crossings.add(&distances);
            let needed = self.typical(&distances);
            distances.clear();
            for _ in 0..INNER {
                if interrupted() {
                    return Err(Error::Interrupted);
                }
                resampler.draw(&pseudo, self.block, pseudo.len(), &mut inner);
                let len = (self.stream / INNER).max(2 * self.config.window_size);
                self.watch(&mut resampler, &pseudo, &inner, len, &mut distances)?;
            }
            let set = self.typical(&distances);
            ratios.push(if set > 0.0 { needed / set } else { 1.0 });
        }
        let level = crossings.level(rate * total, reliable * total);
        let threshold = level * quantile(&mut ratios, SAFETY).max(1.0);
        // Above 0 at least: a constant that stays the same is no drift.
        Ok(threshold.clamp(f64::MIN_POSITIVE, f64::MAX))
    }

    /// See [`Calibration`].
    fn reliable_rate(&self) -> f64 {
        let n = self.history.len() as f64;
        let blocks = (self.config.window_size as f64 / self.block as f64).max(1.0);
        let seen = (10.0 * self.block as f64 / n).min(1.0);
        10.0 / n * seen.powf(blocks - 1.0)
    }

    /// The distance at which needed and set are compared. Neighbouring windows
    /// are nearly the same: eight looks per window are enough.
    fn typical(&self, distances: &[f64]) -> f64 {
        let apart = self.config.window_size / (8 * self.config.interval());
        let mut some: Vec<f64> = distances.iter().copied().step_by(apart.max(1)).collect();
        quantile(&mut some, AT)
    }

    /// Appends the distances of a stream of `len` values, drawn from `source`,
    /// from a baseline.
    fn watch(
        &self,
        resampler: &mut Resampler,
        source: &[f64],
        baseline: &[f64],
        len: usize,
        distances: &mut Vec<f64>,
    ) -> Result<()> {
        let fitted = match &self.fixed {
            Some(fitted) => Arc::clone(fitted),
            None => self.config.test.fit(aview1(baseline))?,
        };
        let mut stream = Vec::new();
        resampler.draw(source, self.block, len, &mut stream);
        let mut window = Window::new(self.config.window_size, &*fitted);
        let n = self.config.window_size as f64;
        let mut due = self.config.window_size;
        let mut rest = stream.as_slice();
        while let Some((run, behind)) = rest.split_at_checked(due) {
            window.push_run(run, |_| false);
            let quick = match window.summary() {
                Summary::Shift(shift) => Some(shift.abs()),
                Summary::Moments(moments) => fitted.compare_moments(moments).map(|r| r.distance),
                Summary::Unknown => None,
            };
            distances.push(match quick {
                Some(distance) => distance,
                None => fitted.distance(aview1(&window.to_vec()))?,
            });
            due = self.config.interval();
            rest = behind;
            if window.sums_shifts() && due == 1 {
                window.scan(rest, |total| {
                    distances.push((total / n).abs());
                    false
                });
                break;
            }
        }
        Ok(())
    }
}

/// The value below which a share of the values lies; 0 for none.
fn quantile(values: &mut [f64], share: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let place = ((values.len() as f64 * share) as usize).min(values.len() - 1);
    *values.select_nth_unstable_by(place, f64::total_cmp).1
}
