//! A function of the user's as a statistic.

use ndarray::{ArrayD, Axis};
use numpy::PyArrayDyn;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::bindings::arguments::array::{describe, vector};
use crate::bindings::arguments::matrix::matrix;
use crate::drift::resampling::{Relabelled, Resampled};
use crate::error::Error;

/// `f(baseline, current) -> float`, called with arrays of the pooled rows.
pub(super) struct CallableStatistic {
    callable: Py<PyAny>,
    /// The baseline, then the current sample; shape (n + m,) or (n + m, d).
    pooled: ArrayD<f64>,
    sizes: (usize, usize),
    positions: Vec<usize>,
    statistic: f64,
}

impl CallableStatistic {
    pub(super) fn new(
        callable: Bound<'_, PyAny>,
        baseline: &Bound<'_, PyAny>,
        current: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let (first, second) = (rows("baseline", baseline)?, rows("current", current)?);
        let (n, m) = (first.len_of(Axis(0)), second.len_of(Axis(0)));
        for (argument, n) in [("baseline", n), ("current", m)] {
            if n == 0 {
                return Err(Error::empty_sample(argument, "no values").into());
            }
        }
        let pooled = ndarray::concatenate(Axis(0), &[first.view(), second.view()]);
        let pooled = pooled.map_err(|_| {
            let allowed = "rows like those of the baseline";
            Error::invalid_value("current", describe(current), allowed)
        })?;
        let mut this = Self {
            callable: callable.unbind(),
            pooled,
            sizes: (n, m),
            positions: (0..n + m).collect(),
            statistic: 0.0,
        };
        let split = |from, to| (from..to).collect::<Vec<_>>();
        this.statistic = this.of(&split(0, n), &split(n, n + m))?;
        Ok(this)
    }

    /// The callable's answer for these rows.
    fn of(&self, baseline: &[usize], current: &[usize]) -> PyResult<f64> {
        Python::attach(|py| {
            let array = |rows| PyArrayDyn::from_owned_array(py, self.pooled.select(Axis(0), rows));
            let callable = self.callable.bind(py);
            let answer = callable.call1((array(baseline), array(current)))?;
            answer.extract::<f64>().map_err(|error| {
                if !error.is_instance_of::<PyTypeError>(py) {
                    return error;
                }
                let got = format!("{} returned", describe(&answer));
                let refused: PyErr =
                    Error::invalid_type("test_or_statistic", got, "a number").into();
                refused.set_cause(py, Some(error));
                refused
            })
        })
    }
}

/// A sample of any kind that is not empty of meaning: values or rows.
fn rows(argument: &str, obj: &Bound<'_, PyAny>) -> PyResult<ArrayD<f64>> {
    match vector(argument, obj) {
        Ok(values) => Ok(values.into_dyn()),
        Err(error) => match matrix(argument, obj) {
            Ok(rows) => Ok(rows.into_dyn()),
            Err(_) => Err(error),
        },
    }
}

impl Relabelled for CallableStatistic {
    type Error = PyErr;

    fn sizes(&self) -> (usize, usize) {
        self.sizes
    }

    fn positions(&self) -> &[usize] {
        &self.positions
    }

    fn statistic(&self) -> f64 {
        self.statistic
    }

    fn observed(&self) -> f64 {
        self.statistic
    }

    fn relabelled(&self, marks: &[bool], statistics: &mut [f64]) -> PyResult<()> {
        let marks_baseline = self.marks_baseline();
        let all = marks.chunks_exact(self.positions.len());
        for (statistic, marks) in statistics.iter_mut().zip(all) {
            let of = |wanted: bool| {
                let rows = marks.iter().enumerate();
                let chosen = rows.filter(|(_, mark)| **mark == wanted);
                chosen.map(|(row, _)| row).collect::<Vec<_>>()
            };
            *statistic = self.of(&of(marks_baseline), &of(!marks_baseline))?;
        }
        Ok(())
    }
}

impl Resampled for CallableStatistic {
    type Error = PyErr;

    fn sizes(&self) -> (usize, usize) {
        self.sizes
    }

    fn statistic(&self) -> f64 {
        self.statistic
    }

    fn resampled(&self, baseline: &[u32], current: &[u32]) -> PyResult<f64> {
        let drawn = |counts: &[u32], from: usize| {
            let counts = counts.iter().enumerate();
            let rows = counts.flat_map(|(i, &k)| std::iter::repeat_n(from + i, k as usize));
            rows.collect::<Vec<_>>()
        };
        self.of(&drawn(baseline, 0), &drawn(current, self.sizes.0))
    }
}
