//! Rows for a stream detector that holds a bank.

use numpy::PyArray1;
use pyo3::prelude::*;

use super::{DETACH_FROM, When};
use crate::bindings::arguments::array::vector;
use crate::bindings::observer::detached;
use crate::bindings::stream::bank::rows::{Cut, pairs, stretches};
use crate::bindings::stream::midway::midway;
use crate::event::{ModelId, Timestamp};
use crate::observer::{StreamBank, StreamBankAlarm};

/// Takes one row; the features that raised an alert.
pub(super) fn update<'py>(
    py: Python<'py>,
    core: &StreamBank,
    row: Option<&Bound<'py, PyAny>>,
    when: &When,
    model: Option<ModelId>,
) -> PyResult<Bound<'py, PyAny>> {
    let none = py.None().into_bound(py);
    let row = vector("row", row.unwrap_or(&none))?;
    let row = row.as_slice().unwrap_or_default();
    let series = core.of(model);
    let take = || match when {
        When::Now(now) => series.update_by(row, *now),
        When::All(time) => series.update(row, *time),
        When::Each(times) => match times.first() {
            Some(&time) => series.update(row, time),
            None => series.update_by(row, None),
        },
    };
    let alarms = match row.len() < DETACH_FROM {
        true => take()?,
        false => detached(py, take)?,
    };
    let alerts = alarms.iter().filter(|alarm| alarm.is_alert());
    let alerts = alerts.map(|StreamBankAlarm { feature, .. }| *feature as i64);
    Ok(PyArray1::from_iter(py, alerts.collect::<Vec<_>>()).into_any())
}

/// Takes many rows; the (row, feature) that raised an alert.
pub(super) fn update_many<'py>(
    core: &StreamBank,
    rows: &Bound<'py, PyAny>,
    when: impl FnOnce(usize) -> PyResult<When>,
    model: Option<ModelId>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = rows.py();
    let when = when(rows.len().unwrap_or_default())?;
    let series = core.of(model);
    let mut found = Vec::new();
    let cut = Cut::of(&core.config().bank);
    let check = |rows: ndarray::ArrayView2<'_, f64>| Ok(detached(py, || series.check(rows))?);
    let (mut refused, mut n_taken) = (Ok(()), 0);
    let ended = stretches(rows, cut, check, |first, part| {
        let taken = detached(py, || match &when {
            When::Now(now) => series.update_many_by(part, *now),
            When::All(time) => series.update_many(part, *time),
            When::Each(times) => series.update_many_at(part, of(times, first, part.nrows())),
        });
        match taken {
            Ok(alerts) => found.extend(
                alerts
                    .into_iter()
                    .flat_map(|(row, feature)| [(first + row) as i64, feature as i64]),
            ),
            Err(error) => refused = Err(error),
        }
        n_taken = first + part.nrows();
    });
    refused?;
    let found = pairs(py, found)?.into_any();
    match ended {
        Err(error) if n_taken > 0 => Err(midway(error, "rows", n_taken, found)),
        ended => ended.map(|()| found),
    }
}

fn of(times: &[Timestamp], first: usize, n: usize) -> &[Timestamp] {
    times.get(first..first + n).unwrap_or_default()
}
