//! What can be read of each feature of a bank.

use numpy::PyArray1;
use pyo3::prelude::*;

use crate::bindings::stream::bank::{PyBank, objects};
use crate::stream::{Direction, Signal};

#[pymethods]
impl PyBank {
    /// The threads that share the features of ``update_many``.
    #[getter]
    pub(super) fn threads(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, |_| Ok(1), |bank| bank.threads())
    }

    /// Which features are left out, a bool for each (a copy). Assign to it to change it.
    #[getter]
    fn mask<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        let mask = self.with(
            py,
            |objects| Ok(objects.masked()),
            |bank| bank.masked().to_vec(),
        )?;
        Ok(PyArray1::from_vec(py, mask))
    }

    #[setter(mask)]
    fn assign_mask(&self, mask: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_mask(mask)
    }

    /// Changes found, for each feature, int64; nothing sets it back.
    #[getter]
    fn n_detections<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let counts = self.with(py, |objects| Ok(objects.counts()), |bank| bank.counts())?;
        Ok(PyArray1::from_iter(
            py,
            counts.iter().map(|one| one.n_detections as i64),
        ))
    }

    /// Values taken, for each feature, int64; missing ones not counted.
    #[getter]
    fn n_samples<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let counts = self.with(py, |objects| Ok(objects.counts()), |bank| bank.counts())?;
        Ok(PyArray1::from_iter(
            py,
            counts.iter().map(|one| one.n_samples as i64),
        ))
    }

    /// Values left out because they are missing, for each feature, int64.
    #[getter]
    fn n_missing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let counts = self.with(py, |objects| Ok(objects.counts()), |bank| bank.counts())?;
        Ok(PyArray1::from_iter(
            py,
            counts.iter().map(|one| one.n_missing as i64),
        ))
    }

    /// The statistic of the last look, for each feature; NaN before the first.
    #[getter]
    fn statistic<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let number = |one: &Bound<'_, PyAny>| objects::number_of(one, "statistic");
        let values = self.each(py, number, |one| one.statistic().unwrap_or(f64::NAN))?;
        Ok(PyArray1::from_vec(py, values))
    }

    /// What the statistic is compared with, for each feature; NaN before the first look.
    #[getter]
    fn limit<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let number = |one: &Bound<'_, PyAny>| objects::number_of(one, "limit");
        let values = self.each(py, number, |one| one.limit().unwrap_or(f64::NAN))?;
        Ok(PyArray1::from_vec(py, values))
    }

    /// Whether the last value brought about a change, for each feature.
    #[getter]
    fn drift_detected<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        let flag = |one: &Bound<'_, PyAny>| objects::flag_of(one, "drift_detected");
        let values = self.each(py, flag, |one| one.signal() == Signal::Drift)?;
        Ok(PyArray1::from_vec(py, values))
    }

    /// Whether the last value led into the warning zone, for each feature.
    #[getter]
    fn warning_detected<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        let flag = |one: &Bound<'_, PyAny>| objects::flag_of(one, "warning_detected");
        let values = self.each(py, flag, |one| one.signal() == Signal::Warning)?;
        Ok(PyArray1::from_vec(py, values))
    }

    /// Which way the last change went, for each feature: "up", "down" or None.
    #[getter]
    fn direction(&self, py: Python<'_>) -> PyResult<Vec<Option<String>>> {
        let text = |one: &Bound<'_, PyAny>| objects::text_of(one, "direction");
        self.each(py, text, |one| {
            one.direction().map(Direction::as_str).map(str::to_owned)
        })
    }
}
