//! A bank of detectors that are objects of the user's.
//!
//! What an object raises keeps no other feature from its value: a row is taken by all that
//! can, and the exception comes after it. No lock is held while code of the user's runs. A
//! second row that comes in the middle of one, from another thread or from within an object,
//! is refused: its features would see their rows in different orders.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use ndarray::ArrayView2;
use parking_lot::Mutex;
use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple, PyType};

use crate::bindings::arguments::described;
use crate::bindings::stream::bank::PyBank;
use crate::error::Error;
use crate::fork;
use crate::stream::{Counts, LARGEST, Signal};

/// Deep copies of an object, one for each feature.
pub(super) struct Objects {
    prototype: Py<PyAny>,
    detectors: Py<PyList>,
    tally: Mutex<Tally>,
    /// 0 when none takes a row; else what [`now`] was when it began.
    at_work: AtomicU64,
}

/// A bank that takes rows, until it is dropped.
pub(super) struct AtWork<'a>(&'a Objects);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.at_work.store(0, SeqCst);
    }
}

/// Another number in each process: a thread that was at work when another one forked is not
/// there in the child.
fn now() -> u64 {
    u64::from(fork::epoch()) + 1
}

/// What came of a row.
#[derive(Default)]
pub(super) struct Taken {
    /// The features that changed.
    pub(super) drifts: Vec<usize>,
    /// Those with a warning.
    pub(super) warnings: Vec<usize>,
    /// What an object raised.
    pub(super) raised: Option<PyErr>,
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
            at_work: AtomicU64::new(0),
        }))
    }

    pub(super) fn n_features(&self) -> usize {
        self.tally.lock().masked.len()
    }

    /// Begins to take rows, or to change the detectors otherwise.
    ///
    /// # Errors
    /// `InvalidValue` while it is at it already.
    pub(super) fn begin(&self) -> PyResult<AtWork<'_>> {
        let (now, before) = (now(), self.at_work.load(SeqCst));
        let free = before != now
            && self
                .at_work
                .compare_exchange(before, now, SeqCst, SeqCst)
                .is_ok();
        if !free {
            let got = "one that is already at work, in another thread or further up in this one";
            let allowed = "one call at a time for a bank of objects of your own";
            return Err(Error::invalid_value("bank", got, allowed).into());
        }
        Ok(AtWork(self))
    }

    /// Takes a row.
    ///
    /// # Errors
    /// `InvalidValue` for a row of a wrong width; nothing has changed then.
    pub(super) fn update(&self, py: Python<'_>, row: &[f64], _: &AtWork<'_>) -> PyResult<Taken> {
        let masked = self.masked();
        if row.len() != masked.len() {
            let allowed = format!("{} values, one for each feature", masked.len());
            let got = format!("{} values", row.len());
            return Err(Error::invalid_value("row", got, allowed).into());
        }
        let mut taken = Taken::default();
        let mut raised: Vec<(usize, PyErr)> = Vec::new();
        for (feature, (&x, masked)) in row.iter().zip(masked).enumerate() {
            if masked {
                continue;
            }
            let mut counted = Counts::default();
            if x.abs() <= LARGEST {
                match self.update_one(py, feature, x) {
                    Ok(signal) => {
                        counted.n_samples = 1;
                        match signal {
                            Signal::Drift => {
                                counted.n_detections = 1;
                                taken.drifts.push(feature);
                            }
                            Signal::Warning => taken.warnings.push(feature),
                            Signal::Quiet => {}
                        }
                    }
                    Err(error) => raised.push((feature, error)),
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
        taken.raised = told(py, raised);
        Ok(taken)
    }

    /// Takes rows one after the other, up to one in which something is raised, or a signal
    /// comes; `tell` is told what came of each that was taken.
    ///
    /// # Errors
    /// What was raised; the row before it was told.
    pub(super) fn update_many(
        &self,
        py: Python<'_>,
        rows: ArrayView2<'_, f64>,
        tell: &mut dyn FnMut(usize, &Taken),
    ) -> PyResult<()> {
        let at_work = self.begin()?;
        for (row, values) in rows.rows().into_iter().enumerate() {
            let taken = self.update(py, &values.to_vec(), &at_work)?;
            tell(row, &taken);
            taken.raised.map_or(Ok(()), Err)?;
            py.check_signals()?;
        }
        Ok(())
    }

    fn update_one(&self, py: Python<'_>, feature: usize, x: f64) -> PyResult<Signal> {
        let one = self.detectors.bind(py).get_item(feature)?;
        one.call_method1(intern!(py, "update"), (x,))?;
        if flag_of(&one, "drift_detected")? {
            return Ok(Signal::Drift);
        }
        Ok(match flag_of(&one, "warning_detected")? {
            true => Signal::Warning,
            false => Signal::Quiet,
        })
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
        let _at_work = self.begin()?;
        let detectors = self.detectors.bind(py);
        let places = feature.map_or(0..detectors.len(), |feature| feature..feature + 1);
        // All are made before the first is put in its place: what a copy raises changes nothing.
        let fresh: PyResult<Vec<_>> = places.clone().map(|_| self.fresh(py)).collect();
        for (place, one) in places.zip(fresh?) {
            detectors.set_item(place, one)?;
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
            at_work: AtomicU64::new(0),
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
        let _at_work = self.begin()?;
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

/// What was raised in a row: the first, or the first that is to end the program; with a note
/// on where.
fn told(py: Python<'_>, raised: Vec<(usize, PyErr)>) -> Option<PyErr> {
    let others = raised.len().saturating_sub(1);
    let mut raised = raised.into_iter();
    let mut first = raised.next()?;
    if first.1.is_instance_of::<PyException>(py)
        && let Some(graver) = raised.find(|(_, error)| !error.is_instance_of::<PyException>(py))
    {
        first = graver;
    }
    let (feature, error) = first;
    let mut note = format!("feature {feature} of the bank raised this");
    if others > 0 {
        note.push_str(&format!(", and {others} more raised something"));
    }
    note.push_str("; all other features have taken the row");
    // An exception that takes no note goes on without.
    let _ = error
        .value(py)
        .call_method1(intern!(py, "add_note"), (note,));
    Some(error)
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
