//! Python objects as tests.
//!
//! Wherever a test is accepted, so is an object of the user's with
//! `fit(baseline)`, which returns an object with `compare(current)`, or with
//! `compare(baseline, current)` alone. [`ForeignTest`] makes a test of it.
//!
//! # Who holds what
//! The object, and what it fitted, are held in one place for each [`ForeignTest`]
//! (`Held`), whatever keeps the test in Rust. A class that takes a test through
//! [`test_argument`](super::test_argument) shows the garbage collector that place
//! by [`traverse`] and empties it by [`clear`]; it shares the test with no other
//! class, for what is shown twice looks like garbage to the collector.

use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use ndarray::ArrayView1;
use numpy::{PyArray1, PyUntypedArray, PyUntypedArrayMethods};
use parking_lot::Mutex;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyList, PyString, PyTuple, PyType};

use crate::bindings::arguments::array::describe;
use crate::bindings::arguments::{described, number};
use crate::bindings::drift::result::TestResult as PyTestResult;
use crate::drift::{FittedUnivariate, TestResult, Univariate};
use crate::error::{Error, Foreign, Result};

/// What `compare` may return.
const RESULTS: &str = "a TestResult, a pair (statistic, p_value), an object with attributes \
                       statistic and p_value (or pvalue), or a number";

/// What an object must have to be a test.
pub(crate) const METHODS: &str = "an object with a method fit(baseline), which returns one with \
                                  compare(current), or with compare(baseline, current)";

/// A test that is an object of the user's.
pub(crate) struct ForeignTest {
    name: Arc<str>,
    /// Whether it has `fit`.
    fits: bool,
    held: Arc<Held>,
}

/// What one fitted: an object with `compare(current)`, or the baseline itself.
struct ForeignFitted {
    name: Arc<str>,
    fits: bool,
    held: Arc<Held>,
    key: u64,
    n_baseline: usize,
    n_missing_baseline: usize,
}

/// The Python objects of one test.
#[derive(Default)]
struct Held(Mutex<Objects>);

#[derive(Default)]
struct Objects {
    test: Option<Py<PyAny>>,
    /// By the key of who fitted it.
    fitted: HashMap<u64, Py<PyAny>>,
    next: u64,
}

impl ForeignTest {
    /// The test that an object is, if it has the methods of one.
    ///
    /// # Errors
    /// What the object raises when it is asked for its methods.
    pub(crate) fn from_object(object: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        if object.is_instance_of::<PyType>() {
            return Ok(None); // a class has the methods, and is no test yet
        }
        let has = |method| -> PyResult<bool> {
            let method = object.getattr_opt(method)?;
            Ok(method.is_some_and(|method| method.is_callable()))
        };
        let py = object.py();
        let fits = has(intern!(py, "fit"))?;
        if !fits && !has(intern!(py, "compare"))? {
            return Ok(None);
        }
        let own = object.getattr_opt(intern!(py, "name"))?;
        let own = own.filter(|name| name.is_instance_of::<PyString>());
        let name = own.map_or_else(|| object.get_type().name().map(Bound::into_any), Ok)?;
        let held = Held::default();
        held.0.lock().test = Some(object.clone().unbind());
        Ok(Some(Self {
            name: name.str()?.to_string_lossy().into(),
            fits,
            held: Arc::new(held),
        }))
    }
}

impl fmt::Debug for ForeignTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ForeignTest").field(&self.name).finish()
    }
}

impl fmt::Debug for ForeignFitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ForeignFitted").field(&self.name).finish()
    }
}

impl Univariate for ForeignTest {
    fn name(&self) -> Cow<'static, str> {
        self.name.to_string().into()
    }

    fn effect(&self) -> Cow<'static, str> {
        self.name()
    }

    /// Known only when it has compared.
    fn has_p_value(&self) -> bool {
        true
    }

    fn accepts_infinite(&self) -> bool {
        true
    }

    fn is_foreign(&self) -> bool {
        true
    }

    fn fit(&self, baseline: ArrayView1<'_, f64>) -> Result<Arc<dyn FittedUnivariate>> {
        let values = present("baseline", baseline)?;
        let n_baseline = values.len();
        Python::attach(|py| {
            let array = PyArray1::from_vec(py, values);
            let fitted = if self.fits {
                let test = self.held.test(py)?;
                let fitted = test.call_method1(intern!(py, "fit"), (array,));
                let fitted = fitted.map_err(raised)?;
                self.check_fitted(&fitted)?;
                fitted
            } else {
                // It is given at every comparison: none may change it for the next.
                let flags = array.getattr(intern!(py, "flags"));
                let closed = flags.and_then(|flags| flags.setattr("writeable", false));
                closed.map_err(raised)?;
                array.into_any()
            };
            Ok(Arc::new(ForeignFitted {
                name: Arc::clone(&self.name),
                fits: self.fits,
                key: self.held.keep(fitted.unbind()),
                held: Arc::clone(&self.held),
                n_baseline,
                n_missing_baseline: baseline.len() - n_baseline,
            }) as Arc<_>)
        })
    }
}

impl ForeignTest {
    fn check_fitted(&self, fitted: &Bound<'_, PyAny>) -> Result<()> {
        let argument = || format!("fit of test \"{}\"", self.name);
        let compare = fitted.getattr_opt(intern!(fitted.py(), "compare"));
        if !compare.map_err(raised)?.is_some_and(|it| it.is_callable()) {
            let allowed = "an object with a method compare(current)";
            return Err(Error::invalid_type(argument(), described(fitted), allowed));
        }
        if self.held.has(fitted) {
            return Err(Error::invalid_value(
                argument(),
                "the object that it returned for another baseline",
                "an object of its own for each baseline (a fit that returns self serves one only)",
            ));
        }
        Ok(())
    }
}

impl FittedUnivariate for ForeignFitted {
    fn compare(&self, current: ArrayView1<'_, f64>) -> Result<TestResult> {
        let values = present("current", current)?;
        let n_current = values.len();
        Python::attach(|py| {
            let array = PyArray1::from_vec(py, values);
            let fitted = self.held.fitted(py, self.key)?;
            let compare = intern!(py, "compare");
            let answer = if self.fits {
                fitted.call_method1(compare, (array,))
            } else {
                let test = self.held.test(py)?;
                test.call_method1(compare, (fitted, array))
            };
            let answer = answer.map_err(raised)?;
            let mut result = self.result(&answer)?;
            result.n_missing_baseline = self.n_missing_baseline;
            result.n_missing_current = current.len() - n_current;
            if answer.cast::<PyTestResult>().is_err() {
                result.n_baseline = self.n_baseline;
                result.n_current = n_current;
            }
            Ok(result)
        })
    }
}

impl ForeignFitted {
    /// A result in any of the accepted forms.
    fn result(&self, answer: &Bound<'_, PyAny>) -> Result<TestResult> {
        let py = answer.py();
        if let Ok(result) = answer.cast::<PyTestResult>() {
            let mut result = result.get().core().clone();
            result.test = self.name.to_string().into();
            return self.checked(result, answer);
        }
        let (statistic, p_value) = if let Ok(pair) = answer.cast::<PyTuple>()
            && pair.len() == 2
        {
            (pair.get_item(0), pair.get_item(1).map(Some))
        } else if let Ok(pair) = answer.cast::<PyList>()
            && pair.len() == 2
        {
            (pair.get_item(0), pair.get_item(1).map(Some))
        } else {
            let statistic = answer.getattr_opt(intern!(py, "statistic"));
            match statistic.map_err(raised)? {
                Some(statistic) => {
                    let p_value = answer.getattr_opt(intern!(py, "p_value"));
                    let p_value = match p_value.map_err(raised)? {
                        Some(p_value) => Ok(Some(p_value)),
                        None => answer.getattr_opt(intern!(py, "pvalue")),
                    };
                    (Ok(statistic), p_value)
                }
                None => (Ok(answer.clone()), Ok(None)),
            }
        };
        let number = |obj: &Bound<'_, PyAny>| {
            let array = obj.cast::<PyUntypedArray>();
            let is_one = array.map_or(true, |array| array.ndim() == 0);
            let read = is_one && !obj.is_instance_of::<PyBool>();
            let read = read.then(|| number("statistic", obj).ok()).flatten();
            let refused = || Error::invalid_type(self.argument(), described(answer), RESULTS);
            read.ok_or_else(refused)
        };
        let statistic = number(&statistic.map_err(raised)?)?;
        let p_value = p_value.map_err(raised)?.filter(|p| !p.is_none());
        let p_value = p_value.map(|p_value| number(&p_value)).transpose()?;
        let result = TestResult {
            test: self.name.to_string().into(),
            statistic,
            distance: statistic,
            p_value,
            log_p_value: p_value.map(f64::ln),
            effect_size: statistic,
            df: None,
            n_baseline: 0,
            n_current: 0,
            n_missing_baseline: 0,
            n_missing_current: 0,
        };
        self.checked(result, answer)
    }

    /// A verdict never comes from NaN.
    fn checked(&self, result: TestResult, answer: &Bound<'_, PyAny>) -> Result<TestResult> {
        let probability = 0.0..=1.0;
        if result.statistic.is_nan() || result.p_value.is_some_and(|p| !probability.contains(&p)) {
            let allowed = "a statistic that is not NaN, and a p_value from 0 to 1 or None";
            return Err(Error::invalid_value(
                self.argument(),
                described(answer),
                allowed,
            ));
        }
        Ok(result)
    }

    /// What it returns, as errors name it.
    fn argument(&self) -> String {
        format!("compare of test \"{}\"", self.name)
    }
}

impl Drop for ForeignFitted {
    fn drop(&mut self) {
        let object = self.held.0.lock().fitted.remove(&self.key);
        drop(object); // not under the lock
    }
}

impl Held {
    fn test<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        let objects = self.0.lock();
        let test = objects.test.as_ref().map(|test| test.bind(py).clone());
        test.ok_or_else(collected)
    }

    fn fitted<'py>(&self, py: Python<'py>, key: u64) -> Result<Bound<'py, PyAny>> {
        let objects = self.0.lock();
        let fitted = objects.fitted.get(&key).map(|it| it.bind(py).clone());
        fitted.ok_or_else(collected)
    }

    fn has(&self, object: &Bound<'_, PyAny>) -> bool {
        self.0.lock().fitted.values().any(|own| own.is(object))
    }

    fn keep(&self, object: Py<PyAny>) -> u64 {
        let mut objects = self.0.lock();
        let key = objects.next;
        objects.next += 1;
        objects.fitted.insert(key, object);
        key
    }
}

/// Shows the collector the objects of a test that is the user's; nothing for others.
pub(crate) fn traverse(
    test: &dyn Univariate,
    visit: &PyVisit<'_>,
) -> std::result::Result<(), PyTraverseError> {
    let Some(objects) = held(test).and_then(|held| held.0.try_lock()) else {
        return Ok(());
    };
    visit.call(&objects.test)?;
    objects.fitted.values().try_for_each(|it| visit.call(it))
}

/// Lets go of the objects of a test that is the user's.
pub(crate) fn clear(test: &dyn Univariate) {
    let Some(held) = held(test) else { return };
    let objects = std::mem::take(&mut *held.0.lock());
    drop(objects); // not under the lock
}

fn held(test: &dyn Univariate) -> Option<&Held> {
    let test: &dyn Any = test;
    test.downcast_ref::<ForeignTest>().map(|test| &*test.held)
}

/// The values of a sample that are not missing.
fn present(argument: &'static str, sample: ArrayView1<'_, f64>) -> Result<Vec<f64>> {
    let values: Vec<f64> = sample.iter().copied().filter(|x| !x.is_nan()).collect();
    if values.is_empty() {
        let got = format!("{} values, all of them missing", sample.len());
        return Err(Error::empty_sample(argument, got));
    }
    Ok(values)
}

/// An exception of the object's goes on as it is.
fn raised(error: PyErr) -> Error {
    Error::Foreign(Foreign::new(error))
}

fn collected() -> Error {
    let allowed = "a test that is still there";
    Error::invalid_value("test", "one that the garbage collector has taken", allowed)
}

/// What was given instead of a test.
pub(crate) fn not_a_test(object: &Bound<'_, PyAny>) -> String {
    match object.cast::<PyType>() {
        Ok(class) => format!("the class {}, not an instance of it", described(class)),
        Err(_) => describe(object),
    }
}
