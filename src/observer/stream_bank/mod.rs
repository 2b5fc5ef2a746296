//! A bank of [`stream`](crate::stream) on a hub: which features of the rows have changed.
//!
//! [`StreamBank`] takes a row from each event, and gives its values to the detectors of a
//! [`Bank`](crate::stream::Bank). Where each feature has events of its own, a
//! [`StreamDetector`](super::StreamDetector) keeps them apart; here one event has them all.
//!
//! # Series
//! One bank, or with `per_model` a copy for each model and for events without one. The
//! feature of an event makes no difference. Beyond `max_models` models the existing ones
//! stay, and rows of newcomers are counted (`n_overflow`) and not judged. A model that was
//! idle for a day makes room.
//!
//! # States
//! Each feature that has changed is told by a `drift_detected` of its own: as a
//! [`StreamDetector`](super::StreamDetector) with the same detector tells it, with the name
//! of the feature and its position (`feature_index`). `cooldown_s` and `resolve_after` are
//! held for each feature by itself; values that are missing do not bring the end of a drift
//! nearer. A bank with a false discovery rate tells what it discovers; what it still
//! selects (`"e_bh"`) is not over, and what takes no more values begins again by
//! [`StreamBank::reset`].
//!
//! # Rows
//! A list with a number for each feature, or, where the features have names, a mapping from
//! name to number. None, NaN, infinite ones and names that are not in the mapping are
//! missing: counted and not given to the detector. An event without a row has all of its
//! values missing. A row of another length, or with something in it that is no number or
//! that the detectors do not take, is refused as a whole and counted (`n_refused`); the
//! first is a failure of the observer.
//!
//! # Cost
//! One lock a row; each value costs what the detector takes, and one of a feature that
//! drifts some 15 ns more. Memory: for each model a bank, and 80 bytes a feature.

mod alarm;
mod config;
mod model_series;
mod row;
mod state;
mod status;
mod watch;

pub use alarm::StreamBankAlarm;
pub use config::StreamBankConfig;
pub use model_series::StreamBankSeries;

use std::sync::{Arc, Weak};

use ndarray::ArrayView2;
use parking_lot::Mutex;

use self::row::Row;
use self::watch::Watch;
use super::timeline::Times;
use super::{BatchObserver, Derived, Filter, HubView, Observer, ObserverError, Values};
use crate::error::{Error, Result};
use crate::event::{Event, ModelId, Timestamp};

/// Tells which features of rows change. See the [module](self) for how.
///
/// # Example
/// ```
/// use driftline::event::Timestamp;
/// use driftline::observer::{StreamBank, StreamBankConfig};
/// use driftline::stream::{self, Bank, Options};
/// use ndarray::Array2;
/// let adwin = stream::get("adwin", &Default::default(), Options::default())?;
/// let config = StreamBankConfig::new(Bank::new(adwin.as_ref(), 3)?, "features");
/// let observer = StreamBank::new(config)?;
/// let rows = Array2::from_shape_fn((2000, 3), |(row, feature)| match feature {
///     1 => (row % 2 + row / 1000) as f64,
///     _ => (row % 2) as f64,
/// });
/// assert_eq!(observer.update_many(rows.view(), Timestamp::now())?, [(1023, 1)]);
/// assert!(observer.status_of(None, Some("1"))?.drift_detected);
/// # Ok::<(), driftline::error::Error>(())
/// ```
#[derive(Debug)]
pub struct StreamBank {
    config: StreamBankConfig,
    filter: Filter,
    watch: Mutex<Watch>,
}

impl StreamBank {
    /// From its options.
    ///
    /// # Errors
    /// `InvalidValue` for an option out of range (see [`StreamBankConfig`]).
    pub fn new(config: StreamBankConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self {
            filter: config.filter(),
            watch: Mutex::new(Watch::new(&config)),
            config,
        })
    }

    /// Takes one row without a hub: a value for each feature, NaN for a missing one.
    /// Answers what it brought about, by feature.
    ///
    /// # Errors
    /// `InvalidValue` for a row of another length, or with a value that the detectors do
    /// not take; nothing has changed then.
    pub fn update(&self, row: &[f64], at: Timestamp) -> Result<Vec<StreamBankAlarm>> {
        self.of(None).update(row, at)
    }

    /// Takes rows without a hub, shape (rows, features), all of the same time. Answers the
    /// positions (row, feature) of what raised an alert, by row and then by feature. The
    /// same as [`StreamBank::update`] for each; the threads of the bank share its features.
    ///
    /// # Errors
    /// Those of [`StreamBank::update`]; what is refused is found before any row is taken.
    pub fn update_many(
        &self,
        rows: ArrayView2<'_, f64>,
        at: Timestamp,
    ) -> Result<Vec<(usize, usize)>> {
        self.of(None).update_many(rows, at)
    }

    /// Rows of a model without a hub, or of none. Without `per_model` it makes no
    /// difference.
    pub fn of(&self, model: Option<ModelId>) -> StreamBankSeries<'_> {
        StreamBankSeries {
            observer: self,
            model,
        }
    }

    /// Starts afresh: banks, counts and states, as they were at the beginning. With a
    /// model, only its series. With a feature only what was seen and told of that: its
    /// detector forgets all values.
    ///
    /// # Errors
    /// `InvalidValue` for a model without rows, and for a name that no feature has.
    pub fn reset(&self, model: Option<&ModelId>, feature: Option<&str>) -> Result<()> {
        let place = feature.map(|name| self.config.place_of(name)).transpose()?;
        let mut watch = self.watch.lock();
        if model.is_none() && place.is_none() {
            let held = watch.clear(&self.config);
            drop(watch);
            drop(held);
            return Ok(());
        }
        let found = watch.reset(&self.config, model, place);
        drop(watch);
        match found || model.is_none() {
            true => Ok(()),
            false => Err(self.no_series(model)),
        }
    }

    /// What it was made with.
    pub fn config(&self) -> &StreamBankConfig {
        &self.config
    }

    /// The failure that the first row brings about that is refused.
    #[cold]
    fn refused(&self, row: &Row) -> Option<Error> {
        if std::mem::replace(&mut self.watch.lock().refusal_told, true) {
            return None;
        }
        let bank = &self.config.bank;
        let (got, allowed) = match row {
            Row::Missing => return None,
            Row::Wrong(got) => (got.clone(), self.config.allowed()),
            Row::Values(values) => {
                let (feature, allowed) = bank.refused(values)?;
                let name = self.config.name_of(feature);
                let value = values.get(feature)?;
                let allowed = format!("{allowed}, by detector {:?}", bank.name());
                (format!("{value} as feature {name:?}"), allowed)
            }
        };
        let allowed = format!("{allowed}; other rows are counted in n_refused, and not told of");
        Some(Error::invalid_value("row", got, allowed))
    }

    /// Takes the row of an event so many times; how many were taken, and what came of it.
    fn take(
        &self,
        event: &Event,
        times: Times<'_>,
        most: usize,
    ) -> (usize, Vec<StreamBankAlarm>, Option<Error>) {
        let row = self.config.row_of(event);
        let model = event.model.as_ref().filter(|_| self.config.per_model);
        let mut alarms = Vec::new();
        let taken = {
            let mut watch = self.watch.lock();
            watch.take(&self.config, model, &row, times, most, &mut alarms)
        };
        let error = if taken.refused {
            self.refused(&row)
        } else {
            None
        };
        (taken.count, alarms, error)
    }
}

impl Observer for StreamBank {
    fn name(&self) -> Arc<str> {
        Arc::clone(&self.config.name)
    }

    fn filter(&self) -> Filter {
        self.filter.clone()
    }

    fn on_event(&self, event: &Event, derived: &mut Derived) -> Result<(), ObserverError> {
        let (_, alarms, error) = self.take(event, Times::At(event.timestamp), 1);
        for alarm in &alarms {
            derived.emit(alarm.event(event));
        }
        error.map_or(Ok(()), |error| Err(error.into()))
    }

    fn as_batch(&self) -> Option<&dyn BatchObserver> {
        Some(self)
    }

    fn joined(&self, hub: &Weak<dyn HubView>) {
        if let Some(hub) = hub.upgrade() {
            let most = hub.max_models();
            self.watch.lock().set_max_models(&self.config, most);
        }
    }
}

impl BatchObserver for StreamBank {
    /// Values that come in a run have the metadata of the template, and so the same row.
    fn on_values(&self, values: Values<'_>, derived: &mut Derived) -> usize {
        let times = match values.timestamps {
            Some(times) => Times::Each(times),
            None => Times::At(values.template.timestamp),
        };
        let (count, alarms, error) = self.take(values.template, times, values.values.len());
        for alarm in &alarms {
            derived.emit(alarm.event(&values.event(alarm.alarm.index)));
        }
        if let Some(error) = error {
            derived.fail(error.into());
        }
        count
    }
}
