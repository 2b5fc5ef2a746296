//! The `drift` submodule: one class for each test of the list.

pub(crate) mod adjust;
pub(crate) mod categorical;
pub(crate) mod choose;
pub(crate) mod effect;
mod fitted;
pub(crate) mod foreign;
pub(crate) mod interruptible;
pub(crate) mod multivariate;
pub(crate) mod ordered;
pub(crate) mod parameter;
pub(crate) mod resampling;
pub(crate) mod result;
pub(crate) mod suite;

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use serde_json::{Map, Value};

use crate::bindings::arguments;
use crate::bindings::arguments::array::describe;
use crate::bindings::drift::categorical::CategoricalTest;
use crate::bindings::drift::fitted::Fitted;
use crate::bindings::drift::foreign::{ForeignTest, METHODS, not_a_test};
use crate::bindings::drift::multivariate::MultivariateTest;
use crate::bindings::drift::parameter::{Name, Parameter, any_to_json, take};
use crate::bindings::drift::result::TestResult;
use crate::drift::{self as core, Univariate, for_each_categorical_test, for_each_drift_test};
use crate::error::Error;

/// A configured univariate test or distance; immutable.
///
/// Base of all tests here: one is made by its class or by ``drift.get``.
#[pyclass(frozen, subclass, module = "driftline.drift")]
pub(crate) struct UnivariateTest {
    pub(super) inner: Arc<dyn Univariate>,
}

#[pymethods]
impl UnivariateTest {
    /// The configuration name, as in ``drift.get("ks")``.
    #[getter]
    fn name(&self) -> Cow<'static, str> {
        self.inner.name()
    }

    /// Compares two one-dimensional samples: numbers, or, for tests of
    /// categories, labels.
    ///
    /// ``ordered=True``: the numbers come in the order of time, and the p-value
    /// does not take the dependence between neighbours for drift. Tests of
    /// means count as many independent values as the samples amount to
    /// (``effective_n`` of the result); the others permute blocks of
    /// neighbours, with ``seed``.
    #[pyo3(signature = (
        baseline: "object", current: "object", *, ordered: "bool" = false, seed: "int" = 0
    ))]
    fn compare(
        &self,
        baseline: &Bound<'_, PyAny>,
        current: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = in_order)] ordered: bool,
        #[pyo3(from_py_with = seed)] seed: u64,
    ) -> PyResult<TestResult> {
        self.fit(baseline, ordered, seed)?.compare(current)
    }

    /// Copies and prepares a baseline, to compare many samples with.
    /// ``ordered`` and ``seed`` as in ``compare``.
    #[pyo3(signature = (baseline: "object", *, ordered: "bool" = false, seed: "int" = 0))]
    fn fit(
        &self,
        baseline: &Bound<'_, PyAny>,
        #[pyo3(from_py_with = in_order)] ordered: bool,
        #[pyo3(from_py_with = seed)] seed: u64,
    ) -> PyResult<Fitted> {
        Fitted::new(&self.inner, baseline, ordered.then_some(seed))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let params = slf.get().inner.params();
        let mut shown = Vec::with_capacity(params.len());
        for name in parameter_names(&slf.get().inner.name()) {
            let value = to_python(slf.py(), params.get(*name).unwrap_or(&Value::Null))?;
            shown.push(format!("{name}={}", value.repr()?));
        }
        Ok(format!("{}({})", slf.get_type().name()?, shown.join(", ")))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = &other.get().inner;
            self.inner.name() == other.name() && self.inner.params() == other.params()
        })
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.inner.name().hash(&mut hasher);
        Value::Object(self.inner.params())
            .to_string()
            .hash(&mut hasher);
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
        Ok((PyTuple::empty(py), params))
    }
}

fn in_order(obj: &Bound<'_, PyAny>) -> PyResult<bool> {
    arguments::flag("ordered", obj)
}

fn seed(obj: &Bound<'_, PyAny>) -> PyResult<u64> {
    arguments::count("seed", obj)
}

/// A test given by name, as an instance of one of the classes here, or as an object
/// of the user's with the same methods: see [`foreign`] for what a class that takes
/// one has to do.
///
/// # Errors
/// `InvalidTypeError` for anything else, `InvalidValueError` for an unknown name.
pub(crate) fn test_argument(obj: &Bound<'_, PyAny>) -> PyResult<Arc<dyn Univariate>> {
    if let Ok(test) = obj.cast::<UnivariateTest>() {
        return Ok(Arc::clone(&test.get().inner));
    }
    if let Ok(name) = obj.cast::<PyString>() {
        return Ok(core::get(&name.to_string_lossy(), &Map::new())?);
    }
    if obj.is_instance_of::<MultivariateTest>() {
        let allowed = "a test of one-dimensional samples, not of rows";
        return Err(Error::invalid_type("test", describe(obj), allowed).into());
    }
    if let Some(test) = ForeignTest::from_object(obj)? {
        return Ok(Arc::new(test));
    }
    let allowed = format!(
        "a test such as drift.KS(), {METHODS}, or one of {}",
        core::available().join(", ")
    );
    Err(Error::invalid_type("test", not_a_test(obj), allowed).into())
}

pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null | Value::Object(_) => py.None().into_bound(py),
        Value::Bool(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        Value::Number(number) => match number.as_i128() {
            Some(integer) => integer.into_pyobject(py)?.into_any(),
            None => number.as_f64().into_pyobject(py)?,
        },
        Value::String(text) => text.into_pyobject(py)?.into_any(),
        Value::Array(values) => {
            let items: PyResult<Vec<_>> = values.iter().map(|x| to_python(py, x)).collect();
            PyList::new(py, items?)?.into_any()
        }
    })
}

/// The names of the tests of one-dimensional samples, in alphabetical order; or of
/// those of one ``family``: "univariate" (numbers), "categorical" (bins and labels)
/// or "multivariate" (rows).
///
/// >>> from driftline import drift
/// >>> "ks" in drift.available(), "mmd" in drift.available("multivariate")
/// (True, True)
#[pyfunction]
#[pyo3(signature = (family: "str | None" = None))]
pub(crate) fn available(family: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<&'static str>> {
    let Some(family) = family else {
        return Ok(core::available().to_vec());
    };
    let allowed = "\"univariate\", \"categorical\", \"multivariate\", or None for the first two";
    let Ok(name) = family.cast::<PyString>() else {
        return Err(Error::invalid_type("family", describe(family), allowed).into());
    };
    let of_shares = |name: &&str| {
        core::get(name, &Map::new()).is_ok_and(|test| test.as_categorical().is_some())
    };
    let all = core::available().iter().copied();
    match name.to_string_lossy().as_ref() {
        "univariate" => Ok(all.filter(|name| !of_shares(name)).collect()),
        "categorical" => Ok(all.filter(of_shares).collect()),
        "multivariate" => Ok(core::multivariate::available().to_vec()),
        _ => Err(Error::invalid_value("family", describe(family), allowed).into()),
    }
}

/// Makes a test from its configuration name and parameters.
///
/// >>> from driftline import drift
/// >>> drift.get("ks", alternative="less") == drift.KS(alternative="less")
/// True
#[pyfunction]
#[pyo3(signature = (name: "str", **params: "object") -> "UnivariateTest | MultivariateTest")]
pub(crate) fn get<'py>(
    name: &Bound<'py, PyAny>,
    params: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let Ok(text) = name.cast::<PyString>() else {
        return Err(Error::invalid_type("name", describe(name), "a string").into());
    };
    let mut map = Map::new();
    for (key, value) in params.into_iter().flatten() {
        let key = key.cast::<PyString>()?.to_string_lossy().into_owned();
        let value = any_to_json(&key, &value)?;
        map.insert(key, value);
    }
    let text = text.to_string_lossy();
    if let Some(test) = multivariate::instance(name.py(), &text, &map)? {
        return Ok(test.into_any());
    }
    Ok(instance(name.py(), core::get(&text, &map)?)?.into_any())
}

/// How a class is made of a core test: through those that it extends.
trait Class: PyClass {
    fn of(inner: Arc<dyn Univariate>) -> PyClassInitializer<Self>;
}

impl Class for UnivariateTest {
    fn of(inner: Arc<dyn Univariate>) -> PyClassInitializer<Self> {
        PyClassInitializer::from(Self { inner })
    }
}

impl Class for CategoricalTest {
    fn of(inner: Arc<dyn Univariate>) -> PyClassInitializer<Self> {
        UnivariateTest::of(inner).add_subclass(Self)
    }
}

/// Expands a list into classes that extend `$base`.
macro_rules! classes {
    ($base:ident $($(#[$doc:meta])* $class:ident = $name:literal {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    })*) => {
        $(
            $(#[$doc])*
            #[allow(clippy::upper_case_acronyms)] // names in the literature
            #[pyclass(frozen, extends = $base, module = "driftline.drift")]
            pub(crate) struct $class;

            impl Class for $class {
                fn of(inner: Arc<dyn Univariate>) -> PyClassInitializer<Self> {
                    $base::of(inner).add_subclass(Self)
                }
            }

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
                    #[allow(clippy::too_many_arguments)] // as many as the test has
                    #[new]
                    #[pyo3(signature = (*, $($param: $hint = $default),*))]
                    fn new(
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
                        Ok(Self::of(core::get($name, &map)?))
                    }

                    $(
                        #[getter]
                        fn $param(slf: &Bound<'_, Self>) -> PyResult<$type> {
                            let params = slf.cast::<UnivariateTest>()?.get().inner.params();
                            let value = params.get($param::NAME).cloned().unwrap_or_default();
                            serde_json::from_value(value).map_err(|error| {
                                Error::invalid_value($param::NAME, error, "a parameter").into()
                            })
                        }
                    )*
                }
            };
        )*
    };
}

macro_rules! univariate_classes {
    ($($list:tt)*) => {
        classes!(UnivariateTest $($list)*);
    };
}
for_each_drift_test!(univariate_classes);

macro_rules! categorical_classes {
    ($($list:tt)*) => {
        classes!(CategoricalTest $($list)*);
    };
}
for_each_categorical_test!(categorical_classes);

/// Expands all lists into the module, and what depends on the class.
macro_rules! module {
    ($($(#[$doc:meta])* $class:ident = $name:literal {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    })*) => {
        /// A core test as an instance of its class.
        fn instance(
            py: Python<'_>,
            inner: Arc<dyn Univariate>,
        ) -> PyResult<Bound<'_, UnivariateTest>> {
            Ok(match inner.name().as_ref() {
                $($name => {
                    let made = Bound::new(py, $class::of(inner))?.into_any();
                    made.cast_into::<UnivariateTest>()?
                })*
                _ => Bound::new(py, UnivariateTest { inner })?,
            })
        }

        fn parameter_names(name: &str) -> &'static [&'static str] {
            match name {
                $($name => &[$(stringify!($param)),*],)*
                _ => &[],
            }
        }

        /// Two-sample tests and distances.
        #[pymodule(submodule)]
        pub(crate) mod drift {
            $(#[pymodule_export] use super::$class;)*
            #[pymodule_export]
            use super::{Fitted, UnivariateTest, available, get};
            #[pymodule_export]
            use crate::bindings::drift::adjust::adjust;
            #[pymodule_export]
            use crate::bindings::drift::categorical::CategoricalTest;
            #[pymodule_export]
            use crate::bindings::drift::multivariate::{
                ClassifierTwoSample, Fitted as FittedMultivariate, MMD, MultivariateEnergy,
                MultivariateTest,
            };
            #[pymodule_export]
            use crate::bindings::drift::resampling::{
                BootstrapResult, PermutationResult, bootstrap, permutation,
            };
            #[pymodule_export]
            use crate::bindings::drift::choose::choose;
            #[pymodule_export]
            use crate::bindings::drift::effect::{EffectSize, effects};
            #[pymodule_export]
            use crate::bindings::drift::ordered::effective_n;
            #[pymodule_export]
            use crate::bindings::drift::result::TestResult;
            #[pymodule_export]
            use crate::bindings::drift::suite::{FittedSuite, Suite};
        }
    };
}

macro_rules! with_categorical {
    ($($list:tt)*) => {
        for_each_categorical_test!(module $($list)*);
    };
}
for_each_drift_test!(with_categorical);
