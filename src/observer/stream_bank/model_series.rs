//! A bank on a hub that is used without one.

use ndarray::{ArrayView1, ArrayView2, Axis};

use super::StreamBank;
use super::alarm::StreamBankAlarm;
use crate::error::Result;
use crate::event::{ModelId, Timestamp};
use crate::observer::timeline::Times;

/// Rows of one model for a bank that is used without a hub.
#[derive(Debug, Clone)]
pub struct StreamBankSeries<'a> {
    pub(super) observer: &'a StreamBank,
    pub(super) model: Option<ModelId>,
}

impl StreamBankSeries<'_> {
    /// As [`StreamBank::update`].
    ///
    /// # Errors
    /// Those of [`StreamBank::update`].
    pub fn update(&self, row: &[f64], at: Timestamp) -> Result<Vec<StreamBankAlarm>> {
        self.alarms(row, Times::At(at))
    }

    /// As [`StreamBank::update`], at the time of a clock that is believed whatever the
    /// system clock says; `None` is the system clock.
    ///
    /// # Errors
    /// Those of [`StreamBank::update`].
    pub fn update_by(&self, row: &[f64], clock: Option<Timestamp>) -> Result<Vec<StreamBankAlarm>> {
        self.alarms(row, clock.map_or(Times::Now, Times::Clock))
    }

    fn alarms(&self, row: &[f64], times: Times<'_>) -> Result<Vec<StreamBankAlarm>> {
        self.check(ArrayView1::from(row).insert_axis(Axis(0)))?;
        let observer = self.observer;
        let config = &observer.config;
        let mut alarms = Vec::new();
        let mut watch = observer.watch.lock();
        match watch.enter(config, self.model(), times) {
            Some(state) => drop(state.take(config, row, times, 0, &mut alarms)),
            None => watch.n_overflow += 1,
        }
        Ok(alarms)
    }

    /// As [`StreamBank::update_many`].
    ///
    /// # Errors
    /// Those of [`StreamBank::update_many`].
    pub fn update_many(
        &self,
        rows: ArrayView2<'_, f64>,
        at: Timestamp,
    ) -> Result<Vec<(usize, usize)>> {
        self.alerts(rows, Times::At(at))
    }

    /// As [`StreamBank::update_many`], with a time for each row; rows beyond the times
    /// given have the last one.
    ///
    /// # Errors
    /// Those of [`StreamBank::update_many`].
    pub fn update_many_at(
        &self,
        rows: ArrayView2<'_, f64>,
        at: &[Timestamp],
    ) -> Result<Vec<(usize, usize)>> {
        self.alerts(rows, Times::Each(at))
    }

    /// As [`StreamBank::update_many`], at the time of a clock that is believed whatever
    /// the system clock says; `None` is the system clock.
    ///
    /// # Errors
    /// Those of [`StreamBank::update_many`].
    pub fn update_many_by(
        &self,
        rows: ArrayView2<'_, f64>,
        clock: Option<Timestamp>,
    ) -> Result<Vec<(usize, usize)>> {
        self.alerts(rows, clock.map_or(Times::Now, Times::Clock))
    }

    /// Whether the bank takes all of these rows.
    ///
    /// # Errors
    /// Those of [`Bank::check`](crate::stream::Bank::check).
    pub fn check(&self, rows: ArrayView2<'_, f64>) -> Result<()> {
        self.observer.config.bank.check(rows)
    }

    fn alerts(&self, rows: ArrayView2<'_, f64>, times: Times<'_>) -> Result<Vec<(usize, usize)>> {
        self.check(rows)?;
        let observer = self.observer;
        let config = &observer.config;
        let mut watch = observer.watch.lock();
        match watch.enter(config, self.model(), times) {
            Some(state) => Ok(state.take_many(config, rows, times)),
            None => {
                watch.n_overflow += rows.nrows() as u64;
                Ok(Vec::new())
            }
        }
    }

    /// Without `per_model` it makes no difference.
    fn model(&self) -> Option<&ModelId> {
        self.model
            .as_ref()
            .filter(|_| self.observer.config.per_model)
    }
}
