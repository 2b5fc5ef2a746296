//! The `stream` submodule: one class for each detector of the list.

pub(crate) mod arguments;
pub(crate) mod bank;
pub(crate) mod calibrated;
pub(crate) mod detector;
pub(super) mod midway;
mod reading;

use parking_lot::Mutex;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};
use serde_json::Map;

use crate::bindings::arguments::array::describe;
use crate::bindings::drift::parameter::{Name, Parameter, take};
use crate::bindings::stream::arguments::{
    nan_policy, on_drift, options, parameters_and_options, standardise,
};
use crate::bindings::stream::detector::PyDetector;
use crate::bindings::stream::reading::Reading;
use crate::error::Error;
use crate::stream::{self as core, Detector, for_each_stream_detector};

/// The names of the streaming detectors, in alphabetical order.
///
/// >>> from driftline import stream
/// >>> "adwin" in stream.available()
/// True
#[pyfunction]
pub(crate) fn available() -> Vec<&'static str> {
    core::available().to_vec()
}

/// Makes a detector from its configuration name and parameters.
///
/// >>> from driftline import stream
/// >>> stream.get("adwin", delta=0.01).delta
/// 0.01
#[pyfunction]
#[pyo3(signature = (name: "str", **params: "object") -> "Detector")]
pub(crate) fn get<'py>(
    name: &Bound<'py, PyAny>,
    params: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDetector>> {
    let Ok(text) = name.cast::<PyString>() else {
        return Err(Error::invalid_type("name", describe(name), "a string").into());
    };
    let (parameters, options) = parameters_and_options(params)?;
    let detector = core::get(&text.to_string_lossy(), &parameters, options)?;
    instance(name.py(), detector)
}

/// Reads what ``Detector.to_json`` has written.
///
/// :raises InvalidTypeError: not a string.
/// :raises InvalidValueError: damaged, foreign, or of a later version.
///
/// >>> from driftline import stream
/// >>> detector = stream.ADWIN()
/// >>> stream.from_json(detector.to_json())
/// ADWIN(delta=0.002, clock=32, max_buckets=5, min_window_length=5, grace_period=10)
#[pyfunction]
#[pyo3(signature = (text: "str") -> "Detector")]
pub(crate) fn from_json<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDetector>> {
    let Ok(string) = text.cast::<PyString>() else {
        return Err(Error::invalid_type("text", describe(text), "a string").into());
    };
    let state = serde_json::from_str(&string.to_string_lossy()).map_err(|error| {
        let allowed = "what Detector.to_json has written";
        Error::invalid_value("text", format!("text that is no JSON ({error})"), allowed)
    })?;
    instance(text.py(), core::from_state(state)?)
}

/// Expands the list into classes.
macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident = $name:literal, [
        $($(#[$told:meta])* $reading:ident: $read:ty,)*
    ] {
        $($param:ident: $hint:literal, $type:ty = $default:tt,)*
    })*) => {
        $(
            $(#[$doc])*
            #[allow(clippy::upper_case_acronyms)] // names in the literature
            #[pyclass(frozen, extends = PyDetector, module = "driftline.stream", weakref)]
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
                    #[allow(clippy::too_many_arguments)] // as many as the detector has
                    #[new]
                    #[pyo3(signature = (
                        $($param: $hint = $default,)*
                        *,
                        on_drift: "typing.Literal['reset', 'keep_recent']" = "reset",
                        nan_policy: "typing.Literal['omit', 'raise']" = "omit",
                        standardise: "tuple[float, float] | None" = None
                    ))]
                    fn new(
                        $(
                            #[pyo3(from_py_with = take::<$param, $type>)]
                            $param: <$type as Parameter>::Argument<'_>,
                        )*
                        #[pyo3(from_py_with = on_drift)] on_drift: &str,
                        #[pyo3(from_py_with = nan_policy)] nan_policy: &str,
                        standardise: Option<&Bound<'_, PyAny>>,
                    ) -> PyResult<PyClassInitializer<Self>> {
                        let mut map = Map::new();
                        $(
                            let value = <$type as Parameter>::to_json($param::NAME, $param)?;
                            map.insert($param::NAME.to_owned(), value);
                        )*
                        let standardise = standardise.map(|pair| self::standardise(pair)).transpose()?;
                        let options = options(on_drift, nan_policy, standardise.flatten());
                        let inner = Mutex::new(core::get($name, &map, options)?);
                        Ok(PyClassInitializer::from(PyDetector { inner }).add_subclass(Self))
                    }

                    $(
                        #[getter]
                        fn $param(slf: &Bound<'_, Self>) -> PyResult<$type> {
                            let base = slf.cast::<PyDetector>()?.get();
                            let params = base.with(slf.py(), |detector| detector.parameters());
                            let value = params.get($param::NAME).cloned().unwrap_or_default();
                            serde_json::from_value(value).map_err(|error| {
                                Error::invalid_value($param::NAME, error, "a parameter").into()
                            })
                        }
                    )*

                    $(
                        $(#[$told])*
                        #[getter]
                        fn $reading(slf: &Bound<'_, Self>) -> PyResult<$read> {
                            let base = slf.cast::<PyDetector>()?.get();
                            let name = stringify!($reading);
                            let value = base.with(slf.py(), |detector| detector.reading(name));
                            Ok(<$read as Reading>::of(value))
                        }
                    )*
                }
            };
        )*

        /// A core detector as an instance of its class.
        pub(crate) fn instance(
            py: Python<'_>,
            detector: Box<dyn Detector>,
        ) -> PyResult<Bound<'_, PyDetector>> {
            let name = detector.name();
            let base = PyDetector { inner: Mutex::new(detector) };
            Ok(match name {
                $($name => {
                    let class = PyClassInitializer::from(base).add_subclass($class);
                    Bound::new(py, class)?.into_any().cast_into::<PyDetector>()?
                })*
                _ => Bound::new(py, base)?,
            })
        }

        /// The configuration name of a class of detectors, or of one made from it.
        pub(crate) fn name_of_class(
            class: &Bound<'_, PyType>,
        ) -> PyResult<Option<&'static str>> {
            $(if class.is_subclass_of::<$class>()? {
                return Ok(Some($name));
            })*
            Ok(None)
        }

        /// The parameters of a detector, in their order.
        pub(crate) fn parameter_names(name: &str) -> &'static [&'static str] {
            match name {
                $($name => &[$(stringify!($param)),*],)*
                _ => &[],
            }
        }

        /// Streaming change detectors.
        #[pymodule(submodule)]
        pub(crate) mod stream {
            $(#[pymodule_export] use super::$class;)*
            #[pymodule_export]
            use super::{available, from_json, get};
            #[pymodule_export]
            use crate::bindings::stream::bank::PyBank;
            #[pymodule_export]
            use crate::bindings::stream::detector::PyDetector;
        }
    };
}
for_each_stream_detector!(classes);
