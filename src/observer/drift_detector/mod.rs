//! A detector that compares the last values with a baseline, again and again.
//!
//! [`DriftDetector`] keeps a rolling window of the last `window_size` values and
//! looks at it every `check_every` values, from the moment the window is full.
//! What counts as drift is decided in one of three ways ([`Decide`]), because a
//! fixed alpha at every look of an endless stream always alarms in the end; a
//! fourth, [`DriftDetector::calibrated`], finds the threshold in ordered
//! history, and is the one to use when values depend on those before them.
//!
//! # A budget of false alarms
//! With [`Budget`] in samples, a look may spend `check_every / budget`: the
//! expected number of false alarms is the sum of the looks' alphas, however the
//! looks depend on each other. With a budget of time, a look may spend the share
//! of the budget that has passed, in event time, since the last look that spent,
//! and never more than 0.05. Both hold for the test's own assumptions: values
//! that are independent of each other and, for Welch, means that are about
//! normal; a baseline that is itself uncertain is part of a two-sample p-value.
//!
//! # States
//! Entering drift is told once (`drift_detected`). While it lasts, looks that
//! find drift are counted as suppressed until `cooldown_s` of event time has
//! passed since the last alert: then one reminder is told. Leaving is told
//! (`drift_resolved`). Values that are missing (none, NaN, no number under
//! `field`; infinite ones for tests that have no answer to them) are counted
//! and do not enter the window; when more than `max_missing_rate` of the last
//! `window_size` arrivals are missing, `data_missing` is told once, until the
//! share is back.
//!
//! # Cost
//! O(1) per value for tests that need only moments: 3 ns for `mean_shift`; a look
//! of `welch` costs 3 us, for its p-value. The other tests are asked anew at every look: give them a `check_every`. Memory:
//! at most 32 bytes per value of the window, and 8 per missing one.

mod alarm;
mod budget;
mod calibrate;
mod config;
mod crossings;
mod missing;
mod state;
mod window;

pub use alarm::{Alarm, Change, Limit, Look};
pub use budget::Budget;
pub use calibrate::Calibration;
pub use config::{Config, Decide, MAX_WINDOW};

use std::sync::Arc;

use ndarray::ArrayView1;
use parking_lot::Mutex;

use self::state::{Baseline, State};
use super::timeline::Times;
use super::{BatchObserver, Derived, Filter, Observer, ObserverError, Values};
use crate::error::{Error, Result};
use crate::event::{Event, Timestamp, Value};
use crate::math::autocorrelation;

/// Tells when the last values no longer look like the baseline. See the
/// [module](self) for how.
///
/// # Example
/// ```
/// # use std::sync::Arc;
/// use driftline::drift;
/// use driftline::event::Timestamp;
/// use driftline::observer::{Config, Decide, DriftDetector};
/// let config = Config::new(3, drift::get("mean_shift", &Default::default())?, Decide::Threshold(0.05));
/// let detector = DriftDetector::new(ndarray::aview1(&[0.5; 5]), config)?;
/// let alerts = detector.update_many(&[0.6, 0.62, 0.65], Timestamp::now());
/// assert_eq!(alerts, [2]);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct DriftDetector {
    config: Config,
    filter: Filter,
    state: Mutex<State>,
}

impl DriftDetector {
    /// From a baseline of shape `(n,)`, which is copied.
    ///
    /// # Errors
    /// `InvalidValue` for an option out of range (see [`Config`]); the errors of
    /// the test's `fit` for the baseline.
    pub fn new(baseline: ArrayView1<'_, f64>, config: Config) -> Result<Self> {
        config.validate()?;
        let baseline = Baseline::new(&config, baseline)?;
        let probe = ndarray::Array1::zeros(config.window_size);
        if let Err(error) = baseline.fitted.compare(probe.view()) {
            let allowed = format!("a window that the test can judge ({error})");
            let got = config.window_size.to_string();
            return Err(Error::invalid_value("window_size", got, allowed));
        }
        Ok(Self {
            filter: config.filter(),
            state: Mutex::new(State::new(&config, baseline)),
            config,
        })
    }

    /// Takes one value without a hub; NaN is a missing one. Answers what it
    /// brought about.
    pub fn update(&self, value: f64, at: Timestamp) -> Option<Alarm> {
        self.take_all(&[value], Times::At(at)).pop()
    }

    /// Takes values without a hub, all of the same time. Answers the indices of
    /// those that raised an alert (drift, or a reminder of it). The same as
    /// [`DriftDetector::update`] for each.
    pub fn update_many(&self, values: &[f64], at: Timestamp) -> Vec<usize> {
        self.alerts(values, Times::At(at))
    }

    /// As [`DriftDetector::update_many`], with a time for each value; values
    /// beyond the times given have the last one.
    pub fn update_many_at(&self, values: &[f64], at: &[Timestamp]) -> Vec<usize> {
        self.alerts(values, Times::Each(at))
    }

    /// As [`DriftDetector::update_many`], at the time of a clock that is believed
    /// whatever the system clock says; `None` is the system clock.
    pub fn update_many_by(&self, values: &[f64], clock: Option<Timestamp>) -> Vec<usize> {
        self.alerts(values, clock.map_or(Times::Now, Times::Clock))
    }

    fn alerts(&self, values: &[f64], times: Times<'_>) -> Vec<usize> {
        let alarms = self.take_all(values, times);
        let alerts = alarms.iter().filter(|alarm| alarm.is_alert());
        alerts.map(|alarm| alarm.index).collect()
    }

    fn take_all(&self, values: &[f64], times: Times<'_>) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        let mut state = self.state.lock();
        state.take(&self.config, values, times, false, &mut alarms);
        alarms
    }

    /// Starts afresh with the same baseline: window, counts and state.
    pub fn reset(&self) {
        let mut state = self.state.lock();
        *state = State::new(&self.config, state.baseline.clone());
    }

    /// Compares with another baseline of shape `(n,)`, which is copied. The
    /// window starts empty and without drift; the counts go on. A threshold that
    /// was calibrated stays as it is.
    ///
    /// # Errors
    /// Those of the test's `fit`; then nothing has changed.
    pub fn rebase(&self, baseline: ArrayView1<'_, f64>) -> Result<()> {
        let baseline = Baseline::new(&self.config, baseline)?;
        self.state.lock().rebase(&self.config, baseline);
        Ok(())
    }

    /// What it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Values between looks.
    pub fn check_every(&self) -> usize {
        self.config.interval()
    }

    /// What it has seen and found.
    pub fn status(&self) -> Status {
        let mut state = self.state.lock();
        Status {
            n: state.window.len(),
            n_samples: state.missing.present(),
            n_missing: state.missing.total(),
            data_missing: state.missing.is_exceeded(),
            statistic: state.statistic,
            p_value: state.p_value,
            limit: state.limit,
            drift_detected: state.drifting,
            n_detections: state.n_detections,
            n_suppressed: state.n_suppressed,
            last_alert: state.last_alert,
            baseline_autocorrelation: state.baseline.autocorrelation,
            n_baseline: state.baseline.n,
        }
    }

    /// What a person should know before trusting p-values or a threshold set by
    /// hand: the baseline's values depend on those before them (see
    /// [`autocorrelation::is_strong`]).
    pub fn warning(&self) -> Option<String> {
        let state = self.state.lock();
        let (r1, n) = (state.baseline.autocorrelation?, state.baseline.n);
        autocorrelation::is_strong(r1, n).then(|| {
            format!(
                "baseline: each value depends on the one before it (lag-1 autocorrelation \
                 {r1:.2}), so the window's statistic varies more than independent values' \
                 would and false alarms come sooner than promised; use \
                 DriftDetector.calibrated(history, ...), or shuffle the baseline if its \
                 order means nothing"
            )
        })
    }
}

/// What a detector has seen and found.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Values in the window.
    pub n: usize,
    /// Values taken since the start, missing ones left out.
    pub n_samples: u64,
    /// Missing values since the start.
    pub n_missing: u64,
    /// Whether too many of the last arrivals are missing.
    pub data_missing: bool,
    /// Statistic of the last look.
    pub statistic: Option<f64>,
    /// p-value of the last look, for tests that have one.
    pub p_value: Option<f64>,
    /// What looks are held to; with a budget of time, what the last one was.
    pub limit: Limit,
    /// Whether the last look found drift.
    pub drift_detected: bool,
    /// Alerts told, or that would have been without a hub: beginnings of drift
    /// and reminders.
    pub n_detections: u64,
    /// Looks that found drift within the cooldown.
    pub n_suppressed: u64,
    /// When the last alert was told.
    pub last_alert: Option<Timestamp>,
    /// Lag-1 autocorrelation of the baseline in its order; `None` for a constant.
    pub baseline_autocorrelation: Option<f64>,
    /// Values of the baseline, missing ones left out.
    pub n_baseline: usize,
}

impl Observer for DriftDetector {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.config.name)
    }

    fn filter(&self) -> Filter {
        self.filter.clone()
    }

    fn on_event(&self, event: &Event, derived: &mut Derived) -> Result<(), ObserverError> {
        let value = match &self.config.field {
            Some(field) => event.field(field).and_then(Value::as_f64),
            None => event.value,
        };
        let value = [value.unwrap_or(f64::NAN)];
        for alarm in self.take_all(&value, Times::At(event.timestamp)) {
            derived.emit(alarm.event(event));
        }
        Ok(())
    }

    fn as_batch(&self) -> Option<&dyn BatchObserver> {
        Some(self)
    }
}

impl BatchObserver for DriftDetector {
    fn on_values(&self, values: Values<'_>, derived: &mut Derived) -> usize {
        let times = match values.timestamps {
            Some(times) => Times::Each(times),
            None => Times::At(values.template.timestamp),
        };
        let constant; // a field is the template's, the same for every value
        let numbers = match &self.config.field {
            Some(field) => {
                let value = values.template.field(field).and_then(Value::as_f64);
                constant = vec![value.unwrap_or(f64::NAN); values.values.len()];
                &constant
            }
            None => values.values,
        };
        let mut alarms = Vec::new();
        let taken = {
            let mut state = self.state.lock();
            state.take(&self.config, numbers, times, true, &mut alarms)
        };
        for alarm in &alarms {
            derived.emit(alarm.event(&values.event(alarm.index)));
        }
        taken
    }
}
