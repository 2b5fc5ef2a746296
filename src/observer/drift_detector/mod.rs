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
//! (`drift_resolved`); so is its end by another baseline, with `rebased` in the
//! metadata. Values that are missing (none, NaN, no number under
//! `field`; infinite ones for tests that have no answer to them) are counted
//! and do not enter the window; when more than `max_missing_rate` of the last
//! `window_size` arrivals are missing, `data_missing` is told once; when the
//! share is back, `data_recovered`.
//!
//! # Series
//! One window takes the values of all models; with `per_model` each model has a
//! window, a state and counts of its own, as if a detector of its own heard
//! nothing else, and so have the events that name no model. With a baseline for
//! each of some models, a name stands for all its versions (which have a series
//! each) unless a version has its own; events of models that are not named, or
//! of none, are counted (`n_unknown_model`) and not judged. Beyond `max_models`
//! existing series stay and newcomers are counted (`n_overflow`) and not judged:
//! one window over many models would alarm at their differences.
//!
//! # Silence
//! With `no_data_after_s`, a series is silent when its last event, with a value
//! or without, is that old in stream time: that of the events, or that which the
//! tick names, or what has passed on the monotonic clock since the last event.
//! Each tick looks; silence is told once (`data_missing`, the value is 1), its
//! end by `data_recovered` (with the model and feature under which it was told).
//! A series that never heard anything, or a model that is named in a baseline and
//! was never heard of, is silent since the first event or tick of the detector.
//! A model that retires is told once, like one that fails. Newcomers without room
//! are not watched, and series that were dropped for being idle (a day at least,
//! when there was no room) are no longer.
//!
//! # Cost
//! O(1) per value for tests that need only moments: 3 ns for `mean_shift`; a look
//! of `welch` costs 3 us, for its p-value. The other tests are asked anew at every look: give them a `check_every`. Memory:
//! at most 32 bytes per value of the window, and 8 per missing one, for each
//! series; the baseline is held once.

mod alarm;
mod asking;
mod baselines;
mod budget;
mod calibrate;
mod config;
mod crossings;
mod member;
mod missing;
mod model_series;
mod origin;
mod rebase;
mod silence;
mod state;
mod status;
mod watch;
mod window;

pub(in crate::observer) use alarm::short;
pub use alarm::{About, Alarm, Change, Limit, Look};
pub use budget::Budget;
pub use calibrate::Calibration;
pub use config::{Config, Decide, MAX_WINDOW};
pub use model_series::ModelSeries;
pub use status::Status;

use std::sync::{Arc, Weak};

use ndarray::ArrayView1;
use parking_lot::Mutex;

use self::baselines::Baselines;
use self::origin::Origin;
use self::state::Baseline;
use self::watch::Watch;
use super::timeline::Times;
use super::{BatchObserver, Derived, Filter, HubView, Observer, ObserverError, Tick, Values};
use crate::error::{Error, Result};
use crate::event::{Event, ModelFilter, ModelId, Timestamp, Value};

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
/// let alerts = detector.update_many(&[0.6, 0.62, 0.65], Timestamp::now())?;
/// assert_eq!(alerts, [2]);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct DriftDetector {
    config: Config,
    filter: Filter,
    watch: Mutex<Watch>,
    /// Whether the test is code of the host's.
    is_foreign: bool,
}

impl DriftDetector {
    /// From a baseline of shape `(n,)`, which is copied; all models share it.
    ///
    /// # Errors
    /// `InvalidValue` for an option out of range (see [`Config`]); the errors of
    /// the test's `fit` for the baseline.
    pub fn new(baseline: ArrayView1<'_, f64>, config: Config) -> Result<Self> {
        config.validate()?;
        let fitted = Baseline::new(&config, baseline)?;
        check_window(&config, &fitted, baseline)?;
        let watch = if config.per_model {
            Watch::by_model(&config, Baselines::shared(fitted))
        } else {
            Watch::one(&config, fitted)
        };
        Ok(Self::with(config, watch))
    }

    /// From a baseline for each of some models; a model without a version stands
    /// for all versions that have none of their own. `config.per_model` is set.
    ///
    /// # Errors
    /// Those of [`DriftDetector::new`]; `InvalidValue` for no model at all, or
    /// two baselines of one.
    /// # Example
    /// ```
    /// use driftline::drift;
    /// use driftline::event::{ModelId, Timestamp};
    /// use driftline::observer::{Config, Decide, DriftDetector};
    /// let config = Config::new(2, drift::get("mean_shift", &Default::default())?, Decide::Threshold(0.1));
    /// let (fraud, churn) = (ModelId::parse("fraud")?, ModelId::parse("churn")?);
    /// let (low, high) = (ndarray::aview1(&[0.2; 5]), ndarray::aview1(&[0.8; 5]));
    /// let detector = DriftDetector::by_model(&[(fraud, low), (churn.clone(), high)], config)?;
    /// let of_fraud = detector.of(Some(ModelId::parse("fraud:2")?));
    /// assert_eq!(of_fraud.update_many(&[0.8, 0.8], Timestamp::now())?, [1]);
    /// assert!(detector.of(Some(churn)).update_many(&[0.8, 0.8], Timestamp::now())?.is_empty());
    /// # Ok::<(), driftline::error::Error>(())
    /// ```
    pub fn by_model(
        baselines: &[(ModelId, ArrayView1<'_, f64>)],
        mut config: Config,
    ) -> Result<Self> {
        config.validate()?;
        config.per_model = true;
        if let Some(only) = &config.model {
            let common = |(model, _): &(ModelId, _)| {
                let named = ModelFilter::from(model.clone());
                only.common(&named).is_some()
            };
            if !baselines.is_empty() && !baselines.iter().any(common) {
                let got = format!("\"{only}\", which no baseline is for");
                let allowed = "one of the models that the baseline names, or none for all";
                return Err(Error::invalid_value("model", got, allowed));
            }
        }
        let mut fitted = Vec::with_capacity(baselines.len());
        for (model, sample) in baselines {
            let baseline = Baseline::new(&config, *sample);
            let baseline = baseline.map_err(|error| error.named(of_model(model)))?;
            check_window(&config, &baseline, *sample)?;
            fitted.push((model.clone(), baseline));
        }
        let watch = Watch::by_model(&config, Baselines::named(fitted)?);
        Ok(Self::with(config, watch))
    }

    fn with(config: Config, watch: Watch) -> Self {
        Self {
            filter: config.filter(),
            is_foreign: config.test.is_foreign(),
            watch: Mutex::new(watch),
            config,
        }
    }

    /// Takes one value without a hub; NaN is a missing one. Answers what it
    /// brought about; the last of it, when that is more than one thing.
    ///
    /// # Errors
    /// What a test that is code of the host's fails with at a look
    /// ([`Univariate::is_foreign`](crate::drift::Univariate::is_foreign)); the value
    /// has been taken. The other tests never fail here.
    pub fn update(&self, value: f64, at: Timestamp) -> Result<Option<Alarm>> {
        self.of(None).update(value, at)
    }

    /// Takes values without a hub, all of the same time. Answers the indices of
    /// those that raised an alert (drift, or a reminder of it). The same as
    /// [`DriftDetector::update`] for each.
    ///
    /// # Errors
    /// Those of [`DriftDetector::update`]; then the values up to the one that
    /// brought the look about have been taken, the others not.
    pub fn update_many(&self, values: &[f64], at: Timestamp) -> Result<Vec<usize>> {
        self.of(None).update_many(values, at)
    }

    /// As [`DriftDetector::update_many`], with a time for each value; values
    /// beyond the times given have the last one.
    ///
    /// # Errors
    /// Those of [`DriftDetector::update_many`].
    pub fn update_many_at(&self, values: &[f64], at: &[Timestamp]) -> Result<Vec<usize>> {
        self.of(None).update_many_at(values, at)
    }

    /// Values of a model without a hub, or of none. Without `per_model` that
    /// makes no difference.
    pub fn of(&self, model: Option<ModelId>) -> ModelSeries<'_> {
        ModelSeries {
            detector: self,
            model,
        }
    }

    /// Takes all values; on an error, up to the one that brought it about.
    fn take_all(
        &self,
        origin: Origin<'_>,
        values: &[f64],
        times: Times<'_>,
        alarms: &mut Vec<Alarm>,
    ) -> Result<()> {
        if self.is_foreign {
            return self.take_asking(origin, values, times, alarms);
        }
        let mut watch = self.watch.lock();
        watch.take(&self.config, origin, values, times, false, alarms);
        Ok(())
    }

    /// Tells, without a hub, that time has passed. Answers which series fell
    /// silent: see `no_data_after_s` of [`Config`].
    pub fn tick(&self, tick: &Tick) -> Vec<Alarm> {
        self.watch.lock().tick(&self.config, tick)
    }

    /// Starts afresh with the same baselines: windows, counts and states. With a
    /// model, its series only (with `per_model`).
    pub fn reset(&self, model: Option<&ModelId>) {
        let mut watch = self.watch.lock();
        let held = watch.fitted();
        watch.reset(&self.config, model);
        drop(watch);
        drop(held); // not under the lock
    }

    /// What it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Values between looks.
    pub fn check_every(&self) -> usize {
        self.config.interval()
    }
}

const ONE_SERIES: &str = "no model: only a detector with per_model=True, or with a baseline for \
                          each model, keeps them apart";

/// A model's baseline, as an argument.
fn of_model(model: &ModelId) -> String {
    format!("baseline[\"{model}\"]")
}

/// # Errors
/// `InvalidValue` for a window that the test cannot judge.
fn check_window(config: &Config, baseline: &Baseline, sample: ArrayView1<'_, f64>) -> Result<()> {
    if config.test.is_foreign() {
        return asking::try_out(config, baseline, sample);
    }
    let probe = ndarray::Array1::zeros(config.window_size);
    let compared = baseline.fitted.compare(probe.view());
    compared.map(|_| ()).map_err(|error| {
        let allowed = format!("a window that the test can judge ({error})");
        Error::invalid_value("window_size", config.window_size, allowed)
    })
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
        let mut alarms = Vec::new();
        let times = Times::At(event.timestamp);
        let taken = self.take_all(event.into(), &value, times, &mut alarms);
        for alarm in alarms {
            derived.emit(alarm.event(event));
        }
        Ok(taken?)
    }

    /// Code of the host's may fail at any value: it is given one by one.
    fn as_batch(&self) -> Option<&dyn BatchObserver> {
        (!self.is_foreign).then_some(self)
    }

    fn ticks(&self) -> bool {
        self.config.no_data_after_s.is_some()
    }

    fn on_tick(&self, tick: &Tick, derived: &mut Derived) -> Result<(), ObserverError> {
        for alarm in self.tick(tick) {
            derived.emit(alarm.event_of_tick());
        }
        Ok(())
    }

    fn joined(&self, hub: &Weak<dyn HubView>) {
        if let Some(hub) = hub.upgrade() {
            let most = hub.max_models();
            self.watch.lock().set_max_models(&self.config, most);
        }
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
            let origin = Origin::from(values.template);
            let mut watch = self.watch.lock();
            watch.take(&self.config, origin, numbers, times, true, &mut alarms)
        };
        for alarm in &alarms {
            derived.emit(alarm.event(&values.event(alarm.index)));
        }
        taken
    }
}
