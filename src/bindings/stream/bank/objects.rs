//! A bank of detectors that are objects of the user's.

use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple, PyType};

use crate::bindings::arguments::described;
use crate::bindings::stream::bank::PyBank;
use crate::error::Error;
use crate::stream::{Counts, LARGEST};

/// Deep copies of an object, one for each feature.
pub(super) struct Objects {
    prototype: Py<PyAny>,
    detectors: Py<PyList>,
    tally: Mutex<Tally>,
}

#[derive(Clone)]
struct Tally {
    masked: Vec<bool>,
    counts: Vec<Counts>,
}

fn deep_copy<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let copy = object.py().import(intern!(object.py(), "copy"))?;
    copy.call_method1(intern!(object.py(), "deepcopy"), (object,))
}

impl Objects {
    /// `None` for what is no detector.
    ///
    /// # Errors
    /// What the object raises when it is asked or copied.
    pub(super) fn new(object: &Bound<'_, PyAny>, n: usize) -> PyResult<Option<Self>> {
        let py = object.py();
        let update = object.getattr_opt(intern!(py, "update"))?;
        let detector = update.is_some_and(|update| update.is_callable())
            && object.getattr_opt(intern!(py, "drift_detected"))?.is_some()
            && !object.is_instance_of::<PyType>()
            && !object.is_instance_of::<PyBank>();
        if !detector {
            return Ok(None);
        }
        let detectors = PyList::empty(py);
        for _ in 0..n {
            detectors.append(deep_copy(object)?)?;
        }
        Ok(Some(Self {
            prototype: deep_copy(object)?.unbind(),
            detectors: detectors.unbind(),
            tally: Mutex::new(Tally {
                masked: vec![false; n],
                counts: vec![Counts::default(); n],
            }),
        }))
    }

    pub(super) fn n_features(&self) -> usize {
        self.tally.lock().masked.len()
    }

    /// Takes a row; the features that changed, and those with a warning.
    pub(super) fn update(&self, py: Python<'_>, row: &[f64]) -> PyResult<(Vec<usize>, Vec<usize>)> {
        let masked = self.masked();
        if row.len() != masked.len() {
            let allowed = format!("{} values, one for each feature", masked.len());
            let got = format!("{} values", row.len());
            return Err(Error::invalid_value("row", got, allowed).into());
        }
        let mut found = (Vec::new(), Vec::new());
        for (feature, (&x, masked)) in row.iter().zip(masked).enumerate() {
            if masked {
                continue;
            }
            let taken = x.abs() <= LARGEST;
            let mut counted = Counts::default();
            if taken {
                let one = self.detectors.bind(py).get_item(feature)?;
                one.call_method1(intern!(py, "update"), (x,))?;
                counted.n_samples = 1;
                if flag_of(&one, "drift_detected")? {
                    counted.n_detections = 1;
                    found.0.push(feature);
                } else if flag_of(&one, "warning_detected")? {
                    found.1.push(feature);
                }
            } else {
                counted.n_missing = 1;
            }
            if let Some(counts) = self.tally.lock().counts.get_mut(feature) {
                counts.n_samples += counted.n_samples;
                counts.n_missing += counted.n_missing;
                counts.n_detections += counted.n_detections;
            }
        }
        Ok(found)
    }

    pub(super) fn each<T>(
        &self,
        py: Python<'_>,
        read: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>,
    ) -> PyResult<Vec<T>> {
        self.detectors
            .bind(py)
            .iter()
            .map(|one| read(&one))
            .collect()
    }

    pub(super) fn masked(&self) -> Vec<bool> {
        self.tally.lock().masked.clone()
    }

    pub(super) fn set_masked(&self, masked: Vec<bool>) {
        self.tally.lock().masked = masked;
    }

    pub(super) fn counts(&self) -> Vec<Counts> {
        self.tally.lock().counts.clone()
    }

    /// All features anew, or one of them.
    pub(super) fn reset(&self, py: Python<'_>, feature: Option<usize>) -> PyResult<()> {
        let detectors = self.detectors.bind(py);
        for place in 0..detectors.len() {
            if feature.is_none_or(|feature| feature == place) {
                detectors.set_item(place, self.fresh(py)?)?;
            }
        }
        Ok(())
    }

    pub(super) fn fresh<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        deep_copy(self.prototype.bind(py))
    }

    pub(super) fn copy_of<'py>(
        &self,
        py: Python<'py>,
        feature: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        deep_copy(&self.detectors.bind(py).get_item(feature)?)
    }

    pub(super) fn copied(&self, py: Python<'_>) -> PyResult<Self> {
        let detectors = deep_copy(self.detectors.bind(py))?;
        Ok(Self {
            prototype: self.fresh(py)?.unbind(),
            detectors: detectors.cast_into::<PyList>()?.unbind(),
            tally: Mutex::new(self.tally.lock().clone()),
        })
    }

    pub(super) fn described(&self, py: Python<'_>) -> String {
        format!("a bank of {}", described(self.prototype.bind(py)))
    }

    /// What a pickle holds besides the prototype: detectors, mask, counts.
    pub(super) fn stored<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let tally = self.tally.lock().clone();
        let counts = tally.counts.iter();
        let counts = counts.map(|one| (one.n_samples, one.n_missing, one.n_detections));
        let counts = PyList::new(py, counts)?;
        (self.detectors.bind(py), tally.masked, counts).into_pyobject(py)
    }

    /// # Errors
    /// `InvalidValue` for what [`Objects::stored`] did not make.
    pub(super) fn restore(&self, state: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = state.py();
        let wrong = || {
            let allowed = "what a pickled bank holds";
            Error::invalid_value("state", described(state), allowed)
        };
        type Stored<'py> = (Bound<'py, PyList>, Vec<bool>, Vec<(u64, u64, u64)>);
        let (detectors, masked, counts): Stored<'_> = state.extract().map_err(|_| wrong())?;
        let n = self.n_features();
        if detectors.len() != n || masked.len() != n || counts.len() != n {
            return Err(wrong().into());
        }
        let own = self.detectors.bind(py);
        for (place, detector) in detectors.iter().enumerate() {
            own.set_item(place, detector)?;
        }
        let counts = counts
            .into_iter()
            .map(|(n_samples, n_missing, n_detections)| Counts {
                n_samples,
                n_missing,
                n_detections,
            });
        *self.tally.lock() = Tally {
            masked,
            counts: counts.collect(),
        };
        Ok(())
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.prototype)?;
        visit.call(&self.detectors)
    }
}

/// An attribute that is a number; NaN where there is none.
pub(super) fn number_of(one: &Bound<'_, PyAny>, name: &str) -> PyResult<f64> {
    match one.getattr_opt(name)? {
        Some(value) if !value.is_none() => value.extract(),
        _ => Ok(f64::NAN),
    }
}

/// An attribute that is true or false; false where there is none.
pub(super) fn flag_of(one: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
    one.getattr_opt(name)?
        .map_or(Ok(false), |value| value.is_truthy())
}

/// An attribute that is a text; nothing where there is none.
pub(super) fn text_of(one: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<String>> {
    match one.getattr_opt(name)? {
        Some(value) if !value.is_none() => value.extract().map(Some),
        _ => Ok(None),
    }
}
