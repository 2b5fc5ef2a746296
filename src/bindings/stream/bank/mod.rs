//! Banks: one detector for each of many features.

mod discoveries;
mod objects;
mod readings;
pub(crate) mod rows;
mod stored;

use ndarray::ArrayView2;
use numpy::PyArray1;
use parking_lot::Mutex;
use pyo3::exceptions::PyIndexError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::bindings::arguments::array::{borrowed, vector};
use crate::bindings::arguments::{self, described, whole};
use crate::bindings::gate::outside;
use crate::bindings::stream::arguments::{native, not_a_detector};
use crate::bindings::stream::bank::objects::Objects;
use crate::bindings::stream::bank::rows::{Cut, features, flags, pairs, rows_of, stretches};
use crate::bindings::stream::instance;
use crate::bindings::stream::midway::midway;
use crate::error::Error;
use crate::fork;
use crate::stream::{Bank, Detection, Detector, MOST_FEATURES, Signal};

/// A row of fewer values is taken without leaving the interpreter.
const FEW: usize = 256;

/// One detector for each of n features: takes rows.
///
/// Copies of ``detector`` that have seen nothing, independent of each other; each gives exactly
/// what it gives alone. Rows are lists, arrays or frames of numbers, a column for each feature;
/// NaN is missing. A feature that is masked is left out: its values are neither taken nor
/// counted.
///
/// Memory: about 0.2 kB a feature for methods of a few numbers such as PageHinkley, 2 kB for
/// ADWIN, that of the window for those that keep one (17 kB for IncrementalKS); the
/// parameters are shared.
///
/// :param detector: a detector of this module, its name, or any object with ``update(x)`` and
///     ``drift_detected``, of which each feature gets a deep copy (and which is called for
///     each value, missing ones left out).
/// :param n_features: how many, 1 to 1,000,000.
/// :param threads: how many share the features of ``update_many``; they change no result.
/// :param mask: which features are left out, a bool for each; see ``mask``.
/// :param fdr: tell features only as far as few of them are false: the expected share of false
///     ones among the discoveries is at most ``fdr``, 1e-12 to 1, whatever the dependence
///     between features; see ``discoveries`` for what exactly. For BettingConfidenceSequence
///     with ``target`` and ConformalMartingale with ``alpha`` (whose own ``alpha`` is
///     replaced), with ``on_drift="reset"``. Rows are then taken one by one, without threads.
/// :param method: with ``fdr``: "e_bh" selects among the features at each row; "e_lond"
///     decides about each run of a feature as it goes, and begins it anew after a discovery.
///
/// >>> import numpy as np
/// >>> from driftline import stream
/// >>> bank = stream.Bank(stream.PageHinkley(), 3)
/// >>> rows = np.zeros((2000, 3))
/// >>> rows[1000:, 1] = 5.0
/// >>> bank.update_many(rows)
/// array([[1010,    1]])
/// >>> bank[1].direction
/// 'up'
#[pyclass(name = "Bank", frozen, module = "driftline.stream", weakref)]
pub(crate) struct PyBank {
    inner: Inner,
}

enum Inner {
    Native(Mutex<Bank>),
    Objects(Objects),
}

impl PyBank {
    fn with<R: Send>(
        &self,
        py: Python<'_>,
        of_objects: impl FnOnce(&Objects) -> PyResult<R>,
        work: impl FnOnce(&mut Bank) -> R + Send,
    ) -> PyResult<R> {
        match &self.inner {
            Inner::Native(bank) => Ok(locked(py, bank, work)),
            Inner::Objects(objects) => of_objects(objects),
        }
    }

    /// Something of each feature.
    fn each<T: Send>(
        &self,
        py: Python<'_>,
        of_objects: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>,
        of_native: impl Fn(&dyn Detector) -> T + Send,
    ) -> PyResult<Vec<T>> {
        self.with(
            py,
            |objects| objects.each(py, of_objects),
            |bank| bank.detectors().map(of_native).collect(),
        )
    }

    fn set_mask(&self, mask: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = mask.py();
        let masked = flags("mask", self.n(py), mask)?;
        match &self.inner {
            Inner::Native(bank) => locked(py, bank, |bank| bank.set_masked(&masked))?,
            Inner::Objects(objects) => objects.set_masked(masked),
        }
        Ok(())
    }

    fn n(&self, py: Python<'_>) -> usize {
        match &self.inner {
            Inner::Native(bank) => locked(py, bank, |bank| bank.n_features()),
            Inner::Objects(objects) => objects.n_features(),
        }
    }

    fn feature(&self, feature: &Bound<'_, PyAny>) -> PyResult<usize> {
        let n = self.n(feature.py());
        let index: i64 = feature.extract().map_err(|_| {
            let allowed = format!("a whole number from {} to {}", -(n as i64), n - 1);
            Error::invalid_type("feature", described(feature), allowed)
        })?;
        let place = if index < 0 { index + n as i64 } else { index };
        match usize::try_from(place) {
            Ok(place) if place < n => Ok(place),
            _ => Err(PyIndexError::new_err(format!(
                "feature {index} of a bank of {n}"
            ))),
        }
    }
}

/// Waits for other threads outside of the interpreter.
fn locked<R: Send>(
    py: Python<'_>,
    bank: &Mutex<Bank>,
    work: impl FnOnce(&mut Bank) -> R + Send,
) -> R {
    if let Some(mut bank) = bank.try_lock() {
        return work(&mut bank);
    }
    locked_outside(py, bank, work)
}

fn locked_outside<R: Send>(
    py: Python<'_>,
    bank: &Mutex<Bank>,
    work: impl FnOnce(&mut Bank) -> R + Send,
) -> R {
    outside(py, || {
        let _section = fork::section();
        work(&mut bank.lock())
    })
}

#[pymethods]
impl PyBank {
    #[new]
    #[pyo3(signature = (
        detector: "Detector | str | typing.Any",
        n_features: "int",
        *,
        threads: "int" = 1,
        mask: "object" = None,
        fdr: "float | None" = None,
        method: "typing.Literal['e_bh', 'e_lond']" = "e_bh"
    ))]
    fn new(
        detector: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = n_features)] n_features: u32,
        #[pyo3(from_py_with = threads)] threads: u32,
        mask: Option<&Bound<'_, PyAny>>,
        fdr: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = discoveries::method)] method: &str,
    ) -> PyResult<Self> {
        let n = n_features as usize;
        let fdr = discoveries::rate(fdr, method)?;
        let inner = match native(detector)? {
            Some(native) => {
                let mut bank = match fdr {
                    Some(fdr) => Bank::with_fdr(native.as_ref(), n, fdr, method)?,
                    None => Bank::new(native.as_ref(), n)?,
                };
                bank.set_threads(threads as usize)?;
                Inner::Native(Mutex::new(bank))
            }
            None => match Objects::new(detector, n)? {
                Some(objects) if fdr.is_none() => Inner::Objects(objects),
                Some(objects) => {
                    return Err(discoveries::refused(&objects.described(detector.py())));
                }
                None => return Err(not_a_detector(detector)),
            },
        };
        let bank = Self { inner };
        if let Some(mask) = mask {
            bank.set_mask(mask)?;
        }
        Ok(bank)
    }

    /// Takes one row: a value for each feature.
    ///
    /// :returns: the features that have changed, ascending, int64; with ``fdr`` those that are
    ///     discovered anew.
    /// :raises InvalidTypeError: not numbers.
    /// :raises InvalidValueError: not a value for each feature, or one that a detector does
    ///     not take; the bank is as before. An object of your own may raise what it likes: all
    ///     other features take the row, then it is raised, with ``found``, what would have
    ///     been returned, and a note that names the feature, whose value is not counted. Such
    ///     a bank takes one call at a time; others are refused, whatever thread they are of.
    #[pyo3(signature = (row: "object") -> "numpy.typing.NDArray[numpy.int64]")]
    fn update<'py>(&self, row: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let py = row.py();
        let drifts = match &self.inner {
            Inner::Native(bank) => {
                let view = borrowed(row);
                let slice = view.as_ref().and_then(|view| view.as_slice().ok());
                match slice {
                    Some(values) if values.len() <= FEW => {
                        let bank = bank.try_lock();
                        bank.map(|mut bank| bank.update(values)).transpose()?
                    }
                    _ => None,
                }
                .map_or_else(
                    || {
                        let values = vector("row", row)?;
                        let values = values.as_slice().unwrap_or_default();
                        Ok::<_, PyErr>(locked_outside(py, bank, |bank| bank.update(values))?)
                    },
                    Ok,
                )?
            }
            Inner::Objects(objects) => {
                let values = vector("row", row)?;
                let row = values.as_slice().unwrap_or_default();
                let taken = objects.update(py, row, &objects.begin()?)?;
                if let Some(error) = taken.raised {
                    let found = features(py, taken.drifts).into_any();
                    return Err(midway(error, "rows", 1, found));
                }
                taken.drifts
            }
        };
        Ok(features(py, drifts))
    }

    /// Takes rows of shape (n, n_features) in one call: the same as ``update`` with one after
    /// the other, at native speed and without the GIL.
    ///
    /// :returns: what was found as pairs (row, feature), int64 of shape (k, 2), by row and
    ///     then by feature; with ``warnings=True`` a pair of those and the same of warnings.
    /// :raises InvalidTypeError: not a two-dimensional array or frame of numbers.
    /// :raises InvalidValueError: as ``update``; the bank is as before.
    /// :raises KeyboardInterrupt: Ctrl-C, between two rows: its ``n_taken`` says how many the
    ///     bank has taken, its ``found`` is what would have been returned for them. So do
    ///     those of what an object of your own raises, with the row in which it did.
    #[pyo3(signature = (rows: "object", *, warnings: "bool" = false) -> "typing.Any")]
    fn update_many<'py>(
        &self,
        rows: &Bound<'py, PyAny>,
        #[pyo3(from_py_with = with_warnings)] warnings: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = rows.py();
        let mut found = (Vec::new(), Vec::new());
        let mut tell = |row: usize, feature: usize, signal| {
            let list = match signal {
                Signal::Drift => &mut found.0,
                _ => &mut found.1,
            };
            list.extend([row as i64, feature as i64]);
        };
        let mut n_taken = 0;
        let ended = match &self.inner {
            Inner::Native(bank) => {
                let cut = locked(py, bank, |bank| Cut::of(bank));
                let check = |rows: ArrayView2<'_, f64>| {
                    Ok(locked_outside(py, bank, |bank| bank.check(rows))?)
                };
                stretches(rows, cut, check, |first, part| {
                    for Detection {
                        row,
                        feature,
                        signal,
                    } in locked_outside(py, bank, |bank| bank.run(part, warnings))
                    {
                        tell(first + row, feature, signal);
                    }
                    n_taken = first + part.nrows();
                })
            }
            Inner::Objects(objects) => {
                let rows = rows_of(rows, objects.n_features())?;
                objects.update_many(py, rows.view(), &mut |row, taken| {
                    for &feature in &taken.drifts {
                        tell(row, feature, Signal::Drift);
                    }
                    for &feature in taken.warnings.iter().filter(|_| warnings) {
                        tell(row, feature, Signal::Warning);
                    }
                    n_taken = row + 1;
                })
            }
        };
        let drifts = pairs(py, found.0)?;
        let found = if warnings {
            (drifts, pairs(py, found.1)?).into_pyobject(py)?.into_any()
        } else {
            drifts.into_any()
        };
        match ended {
            Err(error) if n_taken > 0 => Err(midway(error, "rows", n_taken, found)),
            ended => ended.map(|()| found),
        }
    }

    /// Forgets the values of all features, or of one; the counts go on.
    ///
    /// :raises IndexError: a feature that is not there.
    #[pyo3(signature = (feature: "int | None" = None))]
    fn reset(&self, py: Python<'_>, feature: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let feature = feature.map(|feature| self.feature(feature)).transpose()?;
        self.with(
            py,
            |objects| objects.reset(py, feature),
            |bank| match feature {
                Some(feature) => {
                    let _ = bank.reset_feature(feature);
                }
                None => bank.reset(),
            },
        )
    }

    /// The number of features.
    #[getter]
    fn n_features(&self, py: Python<'_>) -> usize {
        self.n(py)
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        self.n(py)
    }

    /// A copy of the detector of one feature.
    fn __getitem__<'py>(&self, feature: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = feature.py();
        let place = self.feature(feature)?;
        match &self.inner {
            Inner::Native(bank) => {
                let one = locked(py, bank, |bank| {
                    Ok::<_, Error>(bank.detector(place)?.clone_box())
                })?;
                Ok(instance(py, one)?.into_any())
            }
            Inner::Objects(objects) => objects.copy_of(py, place),
        }
    }

    /// A detector like those of the bank that has seen nothing.
    #[getter]
    fn detector<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.inner {
            Inner::Native(bank) => {
                let fresh = locked(py, bank, |bank| bank.fresh_detector());
                Ok(instance(py, fresh)?.into_any())
            }
            Inner::Objects(objects) => objects.fresh(py),
        }
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let detector = self.detector(py)?.repr()?;
        let threads = match self.threads(py)? {
            1 => String::new(),
            threads => format!(", threads={threads}"),
        };
        let fdr = self.fdr_described(py)?;
        Ok(format!("Bank({detector}, {}{threads}{fdr})", self.n(py)))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match &self.inner {
            Inner::Native(_) => Ok(()),
            Inner::Objects(objects) => objects.traverse(&visit),
        }
    }
}

fn n_features(obj: &Bound<'_, PyAny>) -> PyResult<u32> {
    whole("n_features", obj, 1..=MOST_FEATURES as u32)
}

fn threads(obj: &Bound<'_, PyAny>) -> PyResult<u32> {
    whole("threads", obj, 1..=1_024)
}

fn with_warnings(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    arguments::flag("warnings", obj)
}
