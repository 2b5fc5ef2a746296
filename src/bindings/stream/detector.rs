//! What all detectors have in common.

use numpy::PyArray1;
use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::bindings::arguments::array::vector;
use crate::bindings::arguments::{self, number};
use crate::bindings::drift::to_python;
use crate::bindings::gate::outside;
use crate::bindings::stream::midway::midway;
use crate::bindings::stream::{instance, parameter_names};
use crate::drift::NanPolicy;
use crate::error::Error;
use crate::fork;
use crate::stream::{Detector, Direction, Input, OnDrift, Options, Signal};

/// Fewer values than these are taken without leaving the interpreter.
const FEW: usize = 256;

/// Values of 20 ns that are taken from one look for Ctrl-C to the next.
const STRETCH: f64 = 1e6;

/// A streaming detector: takes one value after the other and tells when they change.
///
/// Base of all detectors here, which are made by their classes or by ``stream.get``. NaN,
/// infinities and numbers beyond 1e150 in magnitude are missing: left out and counted. After
/// a change the next value begins anew; what was found can be read until then. One detector
/// may be used by several threads; their values come in any order then.
#[pyclass(
    name = "Detector",
    frozen,
    subclass,
    module = "driftline.stream",
    weakref
)]
pub(crate) struct PyDetector {
    pub(super) inner: Mutex<Box<dyn Detector>>,
}

impl PyDetector {
    /// Runs `work` on the detector; waits for other threads outside of the interpreter.
    pub(super) fn with<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut dyn Detector) -> R + Send,
    ) -> R {
        if let Some(mut detector) = self.inner.try_lock() {
            return work(detector.as_mut());
        }
        self.with_outside(py, work)
    }

    /// The same outside of the interpreter, for what takes its time.
    fn with_outside<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut dyn Detector) -> R + Send,
    ) -> R {
        outside(py, || {
            let _section = fork::section();
            work(self.inner.lock().as_mut())
        })
    }

    /// A copy of the core detector.
    pub(crate) fn copied(&self, py: Python<'_>) -> Box<dyn Detector> {
        self.with(py, |detector| detector.clone_box())
    }
}

#[pymethods]
impl PyDetector {
    /// Takes a value: a number, or what ``input`` says.
    ///
    /// :raises InvalidTypeError: not a number.
    /// :raises InvalidValueError: not one that the detector takes, or not finite with
    ///     ``nan_policy="raise"``; the detector is as before.
    fn update(&self, x: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = number("x", x)?;
        self.with(x.py(), |detector| detector.update(value))?;
        Ok(())
    }

    /// Takes values of shape (n,) in one call: the same as ``update`` with one after the
    /// other, at native speed and without the GIL.
    ///
    /// :returns: the positions of the changes, int64; with ``warnings=True`` a pair of those
    ///     and the positions of the warnings.
    /// :raises InvalidTypeError: not a one-dimensional array of numbers.
    /// :raises InvalidValueError: as ``update``; the detector is as before.
    /// :raises KeyboardInterrupt: Ctrl-C, between two values: its ``n_taken`` says how many the
    ///     detector has taken, its ``found`` is what would have been returned for them.
    #[pyo3(signature = (values: "object", *, warnings: "bool" = false) -> "typing.Any")]
    fn update_many<'py>(
        &self,
        values: &Bound<'py, PyAny>,
        #[pyo3(from_py_with = with_warnings)] warnings: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = values.py();
        let values = vector("values", values)?;
        let values = values.as_slice().unwrap_or_default();
        let mut found = (Vec::new(), Vec::new());
        let mut taken = 0;
        let take = |detector: &mut dyn Detector, from: usize, found: &mut (Vec<i64>, Vec<i64>)| {
            let stretch = (STRETCH / detector.cost().max(1.0)).ceil() as usize;
            let part = &values[from..values.len().min(from.saturating_add(stretch))];
            detector.run(part, warnings, &mut |index, signal| {
                let place = (from + index) as i64;
                match signal {
                    Signal::Drift => found.0.push(place),
                    _ => found.1.push(place),
                }
                true
            })
        };
        let check = |detector: &mut dyn Detector| detector.check(values);
        let mut interrupted = None;
        if values.len() <= FEW {
            self.with(py, |detector| {
                check(detector)?;
                take(detector, 0, &mut found);
                Ok::<(), Error>(())
            })?;
        } else {
            self.with_outside(py, check)?;
            while taken < values.len() && interrupted.is_none() {
                taken += self.with_outside(py, |detector| take(detector, taken, &mut found));
                interrupted = py.check_signals().err();
            }
        }
        let (drifts, warned) = found;
        let drifts = PyArray1::from_vec(py, drifts);
        let found = if warnings {
            (drifts, PyArray1::from_vec(py, warned))
                .into_pyobject(py)?
                .into_any()
        } else {
            drifts.into_any()
        };
        match interrupted {
            Some(error) => Err(midway(error, "values", taken, found)),
            None => Ok(found),
        }
    }

    /// Forgets the values, as after a change; the counts go on.
    fn reset(&self, py: Python<'_>) {
        self.with(py, |detector| detector.reset());
    }

    /// A copy with all that it has seen.
    #[pyo3(signature = () -> "typing.Self")]
    fn clone<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDetector>> {
        instance(slf.py(), slf.get().copied(slf.py()))
    }

    #[pyo3(signature = () -> "typing.Self")]
    fn __copy__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDetector>> {
        Self::clone(slf)
    }

    #[pyo3(signature = (_memo: "object") -> "typing.Self")]
    fn __deepcopy__<'py>(
        slf: &Bound<'py, Self>,
        _memo: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyDetector>> {
        Self::clone(slf)
    }

    /// Whether the last value brought about a change.
    #[getter]
    fn drift_detected(&self, py: Python<'_>) -> bool {
        self.with(py, |detector| detector.signal() == Signal::Drift)
    }

    /// Whether the last value led into the warning zone; False for methods that have none.
    #[getter]
    fn warning_detected(&self, py: Python<'_>) -> bool {
        self.with(py, |detector| detector.signal() == Signal::Warning)
    }

    /// Which way the last change went.
    #[getter]
    fn direction(&self, py: Python<'_>) -> Option<&'static str> {
        let direction = self.with(py, |detector| detector.direction());
        direction.map(Direction::as_str)
    }

    /// The statistic of the last look, or None before the first.
    #[getter]
    fn statistic(&self, py: Python<'_>) -> Option<f64> {
        self.with(py, |detector| detector.statistic())
    }

    /// What the statistic is compared with, or None before the first look.
    #[getter]
    fn limit(&self, py: Python<'_>) -> Option<f64> {
        self.with(py, |detector| detector.limit())
    }

    /// What it is compared with for a warning; None for methods that have none.
    #[getter]
    fn warning_limit(&self, py: Python<'_>) -> Option<f64> {
        self.with(py, |detector| detector.warning_limit())
    }

    /// What the detector takes for the present mean, or None where it has no such thing.
    #[getter]
    fn estimation(&self, py: Python<'_>) -> Option<f64> {
        self.with(py, |detector| detector.reading("estimation"))
    }

    /// Changes found since the detector was made; nothing sets it back.
    #[getter]
    fn n_detections(&self, py: Python<'_>) -> u64 {
        self.with(py, |detector| detector.counts().n_detections)
    }

    /// Values taken since the detector was made, missing ones not counted.
    #[getter]
    fn n_samples(&self, py: Python<'_>) -> u64 {
        self.with(py, |detector| detector.counts().n_samples)
    }

    /// Values left out since the detector was made.
    #[getter]
    fn n_missing(&self, py: Python<'_>) -> u64 {
        self.with(py, |detector| detector.counts().n_missing)
    }

    /// The configuration name, as in ``stream.get("adwin")``.
    #[getter]
    fn name(&self, py: Python<'_>) -> &'static str {
        self.with(py, |detector| detector.name())
    }

    /// What ``update`` takes: "real" (any number), "binary" (0 and 1, where 1 is an error),
    /// "unit" (numbers from 0 to 1) or "count" (whole numbers from 0 on).
    #[getter]
    fn input(&self, py: Python<'_>) -> &'static str {
        match self.with(py, |detector| detector.input()) {
            Input::Real => "real",
            Input::Binary => "binary",
            Input::Unit => "unit",
            Input::Count => "count",
        }
    }

    /// The parameters by name, with ``on_drift``, ``nan_policy`` and ``standardise``.
    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (name, parameters, options) = self.with(py, |detector| {
            (detector.name(), detector.parameters(), *detector.options())
        });
        let params = PyDict::new(py);
        for name in parameter_names(name) {
            let value = parameters.get(*name).unwrap_or(&Value::Null);
            params.set_item(name, to_python(py, value)?)?;
        }
        for (name, value) in options_shown(py, &options)? {
            params.set_item(name, value)?;
        }
        Ok(params)
    }

    /// What happens after a change: "reset" or "keep_recent".
    #[getter]
    fn on_drift(&self, py: Python<'_>) -> &'static str {
        match self.with(py, |detector| detector.options().on_drift) {
            OnDrift::Reset => "reset",
            OnDrift::KeepRecent => "keep_recent",
        }
    }

    /// What is done about missing values: "omit" or "raise".
    #[getter]
    fn nan_policy(&self, py: Python<'_>) -> &'static str {
        match self.with(py, |detector| detector.options().nan_policy) {
            NanPolicy::Omit => "omit",
            NanPolicy::Raise => "raise",
        }
    }

    /// (location, scale) by which each value is standardised first, or None.
    #[getter]
    fn standardise(&self, py: Python<'_>) -> Option<(f64, f64)> {
        self.with(py, |detector| detector.options().standardise)
    }

    /// The detector with all that it has seen as JSON text, for ``stream.from_json``: with
    /// its version and a checksum. Later versions of driftline read it too.
    fn to_json(&self, py: Python<'_>) -> String {
        self.with(py, |detector| detector.state()).to_string()
    }

    #[pyo3(signature = () -> "tuple[object, tuple[str]]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let from_json = py.import("driftline.stream")?.getattr("from_json")?;
        Ok((from_json, (self.to_json(py),)))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let py = slf.py();
        let (name, parameters, options) = slf.get().with(py, |detector| {
            (detector.name(), detector.parameters(), *detector.options())
        });
        let mut shown = Vec::new();
        for parameter in parameter_names(name) {
            let value = parameters.get(*parameter).unwrap_or(&Value::Null);
            shown.push(format!("{parameter}={}", to_python(py, value)?.repr()?));
        }
        let unsaid = options_shown(py, &Options::default())?;
        for ((name, value), (_, unsaid)) in options_shown(py, &options)?.into_iter().zip(unsaid) {
            if !value.eq(&unsaid)? {
                shown.push(format!("{name}={}", value.repr()?));
            }
        }
        Ok(format!("{}({})", slf.get_type().name()?, shown.join(", ")))
    }
}

fn options_shown<'py>(
    py: Python<'py>,
    options: &Options,
) -> PyResult<[(&'static str, Bound<'py, PyAny>); 3]> {
    let shown = serde_json::to_value(options).unwrap_or_default();
    let text = |name: &str| to_python(py, shown.get(name).unwrap_or(&Value::Null));
    Ok([
        ("on_drift", text("on_drift")?),
        ("nan_policy", text("nan_policy")?),
        ("standardise", options.standardise.into_pyobject(py)?),
    ])
}

fn with_warnings(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    arguments::flag("warnings", obj)
}
