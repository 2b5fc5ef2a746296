//! The classes of tests of rows, made from their list.

pub(crate) mod classifier;

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use ndarray::Array2;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::{Map, Value};

use self::classifier::GivenClassifier;
use super::interruptible::interruptible;
use super::parameter::{Name, Parameter, take};
use super::result::TestResult;
use super::to_python;
use crate::bindings::arguments::matrix::matrix;
use crate::bindings::gate::outside;
use crate::drift::multivariate::{
    self as core, ClassifierTwoSample as CoreClassifierTwoSample, FittedMultivariate, Multivariate,
};
use crate::drift::{Parameters, for_each_multivariate_test};
use crate::error::Error;

/// A configured test of two samples of rows; immutable.
///
/// Base of all tests of rows: one is made by its class or by ``drift.get``.
#[pyclass(frozen, subclass, module = "driftline.drift")]
pub(crate) struct MultivariateTest {
    inner: Arc<dyn Multivariate>,
    /// A classifier of the user's, which no configuration can hold.
    given: Option<Py<PyAny>>,
}

#[pymethods]
impl MultivariateTest {
    /// The configuration name, as in ``drift.get("mmd")``.
    #[getter]
    fn name(&self) -> Cow<'static, str> {
        self.inner.name()
    }

    /// Compares two samples of rows: arrays, lists or frames of shape (n, d).
    fn compare(
        slf: &Bound<'_, Self>,
        baseline: &Bound<'_, PyAny>,
        current: &Bound<'_, PyAny>,
    ) -> PyResult<TestResult> {
        Self::fit(slf, baseline)?.compare(current)
    }

    /// Copies a baseline, to compare many samples with.
    fn fit(slf: &Bound<'_, Self>, baseline: &Bound<'_, PyAny>) -> PyResult<Fitted> {
        let py = slf.py();
        let values = matrix("baseline", baseline)?;
        let this = slf.get();
        let fitted = outside(py, || this.inner.fit(values.view()))?;
        let rows = this.given.is_some().then_some(values);
        Ok(Fitted {
            test: slf.clone().unbind(),
            fitted,
            rows,
        })
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let this = slf.get();
        let params = this.inner.params();
        let mut shown = Vec::with_capacity(params.len());
        if let Some(given) = &this.given {
            shown.push(format!("classifier={}", given.bind(slf.py()).repr()?));
        }
        for name in parameter_names(&this.inner.name()) {
            let value = to_python(slf.py(), params.get(*name).unwrap_or(&Value::Null))?;
            shown.push(format!("{name}={}", value.repr()?));
        }
        Ok(format!("{}({})", slf.get_type().name()?, shown.join(", ")))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<Self>() else {
            return Ok(false);
        };
        let (py, other) = (other.py(), other.get());
        let same_given = match (&self.given, &other.given) {
            (None, None) => true,
            (Some(own), Some(given)) => own.bind(py).eq(given)?,
            _ => false,
        };
        let inner = &other.inner;
        Ok(
            same_given
                && self.inner.name() == inner.name()
                && self.inner.params() == inner.params(),
        )
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.inner.name().hash(&mut hasher);
        let params = Value::Object(self.inner.params());
        params.to_string().hash(&mut hasher);
        hasher.finish()
    }

    #[pyo3(signature = () -> "tuple[tuple[()], dict[str, object]]")]
    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let params = PyDict::new(py);
        for (name, value) in self.inner.params() {
            params.set_item(name, to_python(py, &value)?)?;
        }
        if let Some(given) = &self.given {
            params.set_item("classifier", given)?;
        }
        Ok((PyTuple::empty(py), params))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.given.iter().try_for_each(|given| visit.call(given))
    }
}

impl MultivariateTest {
    /// Whether it has a classifier of the user's.
    pub(super) fn has_given(&self) -> bool {
        self.given.is_some()
    }

    /// The core test, for functions that take any.
    pub(super) fn inner(&self) -> &Arc<dyn Multivariate> {
        &self.inner
    }
}

/// A test of rows that has seen its baseline; made by ``fit``.
#[pyclass(frozen, name = "FittedMultivariate", module = "driftline.drift")]
pub(crate) struct Fitted {
    test: Py<MultivariateTest>,
    fitted: Arc<dyn FittedMultivariate>,
    /// As they were given, for a classifier of the user's.
    rows: Option<Array2<f64>>,
}

#[pymethods]
impl Fitted {
    /// The test that was fitted.
    #[getter]
    fn test(&self, py: Python<'_>) -> Py<MultivariateTest> {
        self.test.clone_ref(py)
    }

    /// Rows of the baseline that are used (rows with missing values left out).
    #[getter]
    fn n_baseline(&self) -> usize {
        self.fitted.shape().0
    }

    /// Columns of the baseline.
    #[getter]
    fn n_columns(&self) -> usize {
        self.fitted.shape().1
    }

    /// Compares a sample of rows, shape (m, d), with the baseline.
    fn compare(&self, current: &Bound<'_, PyAny>) -> PyResult<TestResult> {
        let py = current.py();
        let values = matrix("current", current)?;
        let test = self.test.get();
        if let (Some(given), Some(rows)) = (&test.given, &self.rows) {
            let params = test.inner.params();
            let test = CoreClassifierTwoSample::from_map("classifier_two_sample", &params)?;
            let given = GivenClassifier(given.bind(py).clone());
            let result = test.compare_using(&given, rows.view(), values.view())?;
            return Ok(of_rows(result));
        }
        let compare = |interrupted: &mut dyn FnMut() -> bool| {
            self.fitted.compare_unless(values.view(), interrupted)
        };
        Ok(of_rows(interruptible(py, compare)?))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let (n, d) = self.fitted.shape();
        let test = self.test.bind(py).repr()?;
        Ok(format!("{test}.fit(<{n} rows of {d}>)"))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.test)
    }
}

/// A result whose effect is the test's own.
fn of_rows(result: crate::drift::TestResult) -> TestResult {
    let effect = result.test.clone();
    TestResult::plain(result, effect)
}

/// Expands THE list into classes, and what depends on the class.
macro_rules! python_side {
    ($($(#[$doc:meta])* $class:ident = $name:literal {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    } $([$given:ident])?)*) => {
        $(
            $(#[$doc])*
            #[allow(clippy::upper_case_acronyms)] // names in the literature
            #[pyclass(frozen, extends = MultivariateTest, module = "driftline.drift")]
            pub(crate) struct $class;

            const _: () = {
                $(
                    #[allow(non_camel_case_types)]
                    struct $param {}
                    impl Name for $param {
                        const NAME: &'static str = stringify!($param);
                    }
                )*

                #[pymethods]
                impl $class {
                    #[new]
                    #[pyo3(signature = (
                        *, $($given: "object" = None,)? $($param: $hint = $default),*
                    ))]
                    #[allow(clippy::too_many_arguments)] // one for each parameter
                    fn new(
                        $($given: Option<&Bound<'_, PyAny>>,)?
                        $(
                            #[pyo3(from_py_with = take::<$param, $type>)]
                            $param: <$type as Parameter>::Argument<'_>,
                        )*
                    ) -> PyResult<PyClassInitializer<Self>> {
                        let mut map = Map::new();
                        $(
                            let value = <$type as Parameter>::to_json($param::NAME, $param)?;
                            map.insert($param::NAME.to_owned(), value);
                        )*
                        let inner = core::get($name, &map)?;
                        #[allow(unused_mut, unused_assignments)]
                        let mut given = None;
                        $(given = classifier::$given($given)?.map(Bound::unbind);)?
                        let base = MultivariateTest { inner, given };
                        Ok(PyClassInitializer::from(base).add_subclass(Self))
                    }

                    $(
                        /// What was given, or None.
                        #[getter]
                        fn $given(slf: &Bound<'_, Self>) -> Option<Py<PyAny>> {
                            let given = slf.as_super().get().given.as_ref();
                            given.map(|given| given.clone_ref(slf.py()))
                        }
                    )?

                    $(
                        #[getter]
                        fn $param(slf: &Bound<'_, Self>) -> PyResult<$type> {
                            let params = slf.as_super().get().inner.params();
                            let value = params.get($param::NAME).cloned().unwrap_or_default();
                            serde_json::from_value(value).map_err(|error| {
                                Error::invalid_value($param::NAME, error, "a parameter").into()
                            })
                        }
                    )*
                }
            };
        )*

        /// A test as an instance of its class, from its name and parameters;
        /// `None` when no test of rows has the name.
        pub(super) fn instance<'py>(
            py: Python<'py>,
            name: &str,
            params: &Map<String, Value>,
        ) -> PyResult<Option<Bound<'py, MultivariateTest>>> {
            match name {
                $($name => {
                    let inner = core::get(name, params)?;
                    let base = PyClassInitializer::from(MultivariateTest { inner, given: None });
                    let test = Bound::new(py, base.add_subclass($class))?;
                    Ok(Some(test.into_super()))
                })*
                _ => Ok(None),
            }
        }

        fn parameter_names(name: &str) -> &'static [&'static str] {
            match name {
                $($name => &[$(stringify!($param)),*],)*
                _ => &[],
            }
        }
    };
}
for_each_multivariate_test!(python_side);
