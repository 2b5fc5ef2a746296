//! What changes from value to value, and the state machine.

use std::sync::Arc;

use ndarray::{ArrayView1, aview1};

use super::alarm::{Alarm, Change, Limit, Look};
use super::asking::{Asking, Question};
use super::budget::Amount;
use super::config::{Config, Decide};
use super::missing::Missing;
use super::window::{Summary, Window};
use crate::drift::{FittedUnivariate, TestResult};
use crate::error::Result;
use crate::event::Timestamp;
use crate::fork;
use crate::math::autocorrelation::lag_one;
use crate::observer::timeline::{Timeline, Times};

/// The most that a single look may spend of a budget of time, however long the
/// data paused before it: a p-value above this is no reason to alarm.
const MAX_SHARE: f64 = 0.05;

/// The screen of the hot path lies this much below the threshold, relatively,
/// so that rounding never hides what the exact comparison would find.
const SCREEN: f64 = 1.0 - 1e-12;

/// Statistic, p-value, and all that the test said where it was asked.
pub(super) type Measured = (f64, Option<f64>, Option<TestResult>);

/// A fitted baseline.
#[derive(Debug, Clone)]
pub(super) struct Baseline {
    pub(super) fitted: Arc<dyn FittedUnivariate>,
    pub(super) mean: f64,
    pub(super) autocorrelation: Option<f64>,
    /// Values that are not missing.
    pub(super) n: usize,
}

impl Baseline {
    /// # Errors
    /// Those of the test's `fit`.
    pub(super) fn new(config: &Config, sample: ArrayView1<'_, f64>) -> Result<Self> {
        let fitted = match config.test.is_foreign() {
            true => fork::pause(|| config.test.fit(sample))?,
            false => config.test.fit(sample)?,
        };
        let present = sample.iter().copied().filter(|value| !value.is_nan());
        Ok(Self {
            fitted,
            mean: mean(present.clone()),
            autocorrelation: lag_one(sample),
            n: present.count(),
        })
    }
}

/// A mean whose sum does not overflow.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let mut mean = 0.0;
    for (n, value) in (1u64..).zip(values) {
        let n = n as f64;
        mean += value / n - mean / n;
    }
    mean
}

impl Limit {
    /// What the first look is held to; a budget of time has not begun to run.
    pub(super) fn initial(config: &Config) -> Self {
        match config.decide {
            Decide::Threshold(threshold) => Self::Threshold(threshold),
            Decide::Alpha(alpha) => Self::Alpha(alpha),
            Decide::FalseAlarmEvery(budget) => Self::Alpha(match budget.amount() {
                Amount::Samples(samples) => config.interval() as f64 / samples,
                Amount::Seconds(_) => 0.0,
            }),
        }
    }
}

/// Everything that is remembered of a series.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) baseline: Baseline,
    pub(super) window: Window,
    pub(super) missing: Missing,
    pub(super) statistic: Option<f64>,
    pub(super) p_value: Option<f64>,
    pub(super) drifting: bool,
    pub(super) n_detections: u64,
    pub(super) n_suppressed: u64,
    pub(super) last_alert: Option<Timestamp>,
    /// What the last look, or the next, may spend.
    pub(super) limit: Limit,
    timeline: Timeline,
    /// Budgets of time: up to when it is spent.
    spent_until: Option<Timestamp>,
    /// Values until the next look.
    until_look: usize,
    /// A look whose answer is outstanding: whoever took the values asks for it
    /// once the lock is released.
    pub(super) question: Option<Box<Question>>,
    pub(super) asking: Asking,
}

impl State {
    pub(super) fn new(config: &Config, baseline: Baseline) -> Self {
        Self {
            window: Window::new(config.window_size, &*baseline.fitted),
            baseline,
            missing: Missing::new(config.window_size, config.max_missing_rate),
            statistic: None,
            p_value: None,
            drifting: false,
            n_detections: 0,
            n_suppressed: 0,
            last_alert: None,
            limit: Limit::initial(config),
            timeline: Timeline::new(),
            spent_until: None,
            until_look: config.window_size,
            question: None,
            asking: Asking::new(config),
        }
    }

    /// Starts with another baseline and an empty window; counts go on.
    pub(super) fn rebase(&mut self, config: &Config, baseline: Baseline) {
        let fresh = Self::new(config, baseline);
        let old = std::mem::replace(self, fresh);
        self.missing = old.missing;
        self.n_detections = old.n_detections;
        self.n_suppressed = old.n_suppressed;
        self.last_alert = old.last_alert;
        self.timeline = old.timeline;
    }

    /// Takes values until the end or, with `stop_at_first`, until right after
    /// the first that brought about an alarm; or, for a test that is code of the
    /// host's, until a look is due ([`State::question`]). Answers how many it took.
    // Measured on 3.11: 194 ns for one value through `emit`, 214 when called.
    #[inline(always)]
    pub(super) fn take(
        &mut self,
        config: &Config,
        values: &[f64],
        times: Times<'_>,
        stop_at_first: bool,
        alarms: &mut Vec<Alarm>,
    ) -> usize {
        let infinite = config.test.accepts_infinite();
        let is_missing = |value: f64| value.is_nan() || (!infinite && value.is_infinite());
        let before = alarms.len();
        let mut count = 0;
        while let Some(rest) = values.get(count..).filter(|rest| !rest.is_empty()) {
            if stop_at_first && alarms.len() > before {
                break;
            }
            self.open_budget(config, times, count);
            let until_recovery = self.missing.until_recovery();
            let rest = match until_recovery {
                Some(until) => rest.get(..until.max(1)).unwrap_or(rest),
                None => rest,
            };
            let (taken, due) = self.advance(config, rest, is_missing);
            self.missing.count_present(taken);
            count += taken;
            if until_recovery.is_some() {
                alarms.extend(self.recovered(config, times, count.saturating_sub(1)));
            }
            if due {
                let index = count - 1;
                alarms.extend(self.look(config, times, index));
                if self.question.is_some() {
                    break;
                }
            } else if !(stop_at_first && alarms.len() > before)
                && values.get(count).copied().is_some_and(is_missing)
            {
                if let Some(missing) = self.missing.count_missing() {
                    alarms.push(Alarm {
                        index: count,
                        at: self.timeline.at(times, count),
                        change: Change::DataMissing {
                            missing,
                            max_missing_rate: config.max_missing_rate,
                        },
                        window_size: config.window_size,
                        test: config.test.name(),
                        about: None,
                    });
                }
                count += 1;
            }
        }
        count
    }

    /// Tells that enough of the last arrivals have a value again, if they have.
    #[cold]
    fn recovered(&mut self, config: &Config, times: Times<'_>, index: usize) -> Option<Alarm> {
        if self.missing.is_exceeded() {
            return None;
        }
        let at = self.timeline.at(times, index);
        let alarm = Alarm::recovered(config, at, self.missing.recent(), None);
        Some(Alarm { index, ..alarm })
    }

    /// Puts values into the window until a look is due or one is missing.
    fn advance(
        &mut self,
        config: &Config,
        values: &[f64],
        is_missing: impl Fn(f64) -> bool,
    ) -> (usize, bool) {
        if let Some(threshold) = self.screen(config) {
            let n = config.window_size as f64;
            let limit = threshold * n * SCREEN;
            // NaN, from a sum that overflowed, is not within.
            let within = |total: f64| total.abs() < limit;
            let scan = self.window.scan(values, |total| !within(total));
            if scan.taken > 0
                && !scan.reached
                && let Summary::Shift(shift) = self.window.summary()
            {
                self.statistic = Some(shift.abs());
            }
            return (scan.taken, scan.reached);
        }
        let run = values.get(..self.until_look).unwrap_or(values);
        let taken = self.window.push_run(run, is_missing);
        self.until_look -= taken;
        (taken, self.until_look == 0)
    }

    /// The threshold, when values can be held to it within the window's loop.
    fn screen(&self, config: &Config) -> Option<f64> {
        let Limit::Threshold(threshold) = self.limit else {
            return None;
        };
        let every = config.interval() == 1 && !self.drifting && self.window.is_full();
        let sums = self.window.sums_shifts() && !config.test.accepts_infinite();
        (every && sums).then_some(threshold)
    }

    /// A budget of time starts to run with the first value.
    fn open_budget(&mut self, config: &Config, times: Times<'_>, index: usize) {
        if self.spent_until.is_none()
            && let Decide::FalseAlarmEvery(budget) = config.decide
            && let Amount::Seconds(_) = budget.amount()
        {
            self.spent_until = Some(self.timeline.at(times, index));
        }
    }

    /// What this look may spend of a budget of time: the share of the budget
    /// that has passed since the last look that spent. The expected number of
    /// false alarms is the sum of the looks' shares, whatever their dependence.
    fn spend(&mut self, config: &Config, times: Times<'_>, index: usize) {
        if let Decide::FalseAlarmEvery(budget) = config.decide
            && let Amount::Seconds(seconds) = budget.amount()
        {
            let now = self.timeline.at(times, index);
            let since = self.spent_until.unwrap_or(now);
            self.spent_until = Some(now);
            let share = now.seconds_since(since) / seconds;
            self.limit = Limit::Alpha(share.min(MAX_SHARE));
        }
    }

    /// Looks at the full window, or asks for a look.
    fn look(&mut self, config: &Config, times: Times<'_>, index: usize) -> Option<Alarm> {
        self.until_look = config.interval();
        self.spend(config, times, index);
        if self.asking.is_foreign() {
            let at = self.timeline.at(times, index);
            self.question = Some(Box::new(self.asking.ask(
                Arc::clone(&self.baseline.fitted),
                self.window.to_vec(),
                self.limit,
                (index, at),
            )));
            return None;
        }
        let measured = self.measure();
        self.judge(config, measured, (times, index), None)
    }

    /// Judges what was measured of the window, or of `values` where the window
    /// has gone on. A window that the test has no answer to (Welch's for values
    /// beyond 1e154) changes nothing but the last statistic.
    pub(super) fn judge(
        &mut self,
        config: &Config,
        measured: Option<Measured>,
        (times, index): (Times<'_>, usize),
        values: Option<&[f64]>,
    ) -> Option<Alarm> {
        self.statistic = measured.as_ref().map(|measured| measured.0);
        self.p_value = measured.as_ref().and_then(|measured| measured.1);
        let (statistic, p_value, result) = measured?;
        let distance = result.as_ref().map_or(statistic, |result| result.distance);
        let drifts = match self.limit {
            Limit::Threshold(threshold) => distance >= threshold,
            Limit::Alpha(alpha) => p_value.is_some_and(|p_value| p_value < alpha),
        };
        if !drifts && !self.drifting {
            return None;
        }
        let at = self.timeline.at(times, index);
        let reminder = self.drifting;
        if drifts
            && reminder
            && self
                .last_alert
                .is_some_and(|last| at.seconds_since(last) < config.cooldown_s)
        {
            self.n_suppressed += 1;
            return None;
        }
        let look = self.describe(statistic, p_value, result, values)?;
        self.drifting = drifts;
        let change = if drifts {
            self.n_detections += 1;
            self.last_alert = Some(at);
            Change::Detected { reminder, look }
        } else {
            Change::Resolved { look }
        };
        Some(Alarm {
            index,
            at,
            change,
            window_size: config.window_size,
            test: config.test.name(),
            about: None,
        })
    }

    /// Statistic and p-value, from the sums where they suffice.
    fn measure(&mut self) -> Option<Measured> {
        let quick = match self.window.summary() {
            Summary::Shift(shift) => return Some((shift.abs(), None, None)),
            Summary::Moments(moments) => self.baseline.fitted.compare_moments(moments),
            Summary::Unknown => None,
        };
        let result = match quick.filter(|result| result.statistic.is_finite()) {
            Some(result) => result,
            None => self.compare().filter(|result| !result.statistic.is_nan())?,
        };
        Some((result.statistic, result.p_value, Some(result)))
    }

    /// The test's answer to the window's values.
    fn compare(&self) -> Option<TestResult> {
        let values = self.window.to_vec();
        self.baseline.fitted.compare(aview1(&values)).ok()
    }

    /// What is told of a look: all that the test can say, with the statistic
    /// and p-value that were judged.
    fn describe(
        &self,
        statistic: f64,
        p_value: Option<f64>,
        result: Option<TestResult>,
        values: Option<&[f64]>,
    ) -> Option<Look> {
        let own;
        let values = match values {
            Some(values) => values,
            None => {
                own = self.window.to_vec();
                &own
            }
        };
        Some(Look {
            result: TestResult {
                statistic,
                p_value,
                ..result.or_else(|| self.compare())?
            },
            limit: self.limit,
            window_mean: mean(values.iter().copied()),
            baseline_mean: self.baseline.mean,
        })
    }
}
