//! The arguments that make a sink. What may be a secret is not shown when it is
//! refused.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyString};

use crate::bindings::arguments::{self, argument, not_negative, seconds, wrong_type};
use crate::delivery::Secret;
use crate::delivery::http::HttpConfig;
use crate::error::Error;

argument!(timeout_s: f64 = not_negative);
argument!(connect_timeout_s: f64 = not_negative);
argument!(resend_s: f64 = not_negative);

/// The error for a secret of another type, which is not shown.
fn hidden_type(argument: &'static str, value: &Bound<'_, PyAny>, allowed: &'static str) -> PyErr {
    let name = value.get_type().name();
    let name = name.map_or_else(|_| "object".to_owned(), |name| name.to_string());
    Error::invalid_type(argument, format!("an object of type {name}"), allowed).into()
}

/// A text that may be a secret.
pub(crate) fn secret(argument: &'static str, value: &Bound<'_, PyAny>) -> PyResult<Secret> {
    let text = value
        .cast::<PyString>()
        .map_err(|_| hidden_type(argument, value, "a str"))?;
    match text.to_str() {
        Ok(text) => Ok(Secret::new(text)),
        Err(_) => {
            let got = "a str with lone surrogates (not shown)";
            Err(Error::invalid_value(argument, got, "text without lone surrogates").into())
        }
    }
}

/// A URL, which may be a secret.
pub(crate) fn url<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    let hidden = || hidden_type("url", value, "a str without lone surrogates");
    let text = value.cast::<PyString>().map_err(|_| hidden())?;
    text.to_str().map_err(|_| hidden())
}

/// How the receiver is talked to.
pub(crate) fn http(
    timeout_s: f64,
    connect_timeout_s: f64,
    ca_file: Option<&Bound<'_, PyAny>>,
    headers: Option<&Bound<'_, PyAny>>,
) -> PyResult<HttpConfig> {
    let path = |value: &Bound<'_, PyAny>| {
        let path = value.extract();
        path.map_err(|_| wrong_type("ca_file", value, "a path (str or os.PathLike), or None"))
    };
    Ok(HttpConfig {
        timeout: seconds(timeout_s),
        connect_timeout: seconds(connect_timeout_s),
        ca_file: ca_file.map(path).transpose()?,
        headers: headers.map(secret_values).transpose()?.unwrap_or_default(),
    })
}

/// A mapping from names to texts.
fn pairs<'py>(
    argument: &'static str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    const ALLOWED: &str = "a mapping from str to str, or None";
    let mapping = value
        .cast::<PyMapping>()
        .map_err(|_| hidden_type(argument, value, ALLOWED))?;
    let mut pairs = Vec::new();
    for item in mapping.items()?.iter() {
        let (name, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = item.extract()?;
        let name = name
            .extract()
            .map_err(|_| hidden_type(argument, &name, ALLOWED))?;
        pairs.push((name, value));
    }
    Ok(pairs)
}

fn secret_values(value: &Bound<'_, PyAny>) -> PyResult<Vec<(String, Secret)>> {
    let pairs = pairs("headers", value)?.into_iter();
    pairs
        .map(|(name, value)| Ok((name, secret("headers", &value)?)))
        .collect()
}

/// Names and texts that are no secrets.
pub(crate) fn labels(value: &Bound<'_, PyAny>) -> PyResult<Vec<(String, String)>> {
    let pairs = pairs("labels", value)?.into_iter();
    pairs
        .map(|(name, value)| Ok((name, secret("labels", &value)?.expose().to_owned())))
        .collect()
}

/// The name in counters and logs.
pub(crate) fn name(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Arc<str>>> {
    value
        .map(|value| arguments::text("name", value))
        .transpose()
}

/// What a sink that talks HTTP was made with: getters of ``timeout_s``,
/// ``connect_timeout_s`` and ``ca_file``.
macro_rules! http_getters {
    ($class:ident) => {
        #[pymethods]
        impl $class {
            /// Seconds for an attempt in all.
            #[getter]
            fn timeout_s(&self) -> f64 {
                self.core.endpoint().config().timeout.as_secs_f64()
            }

            /// Seconds for name, connection and TLS.
            #[getter]
            fn connect_timeout_s(&self) -> f64 {
                let config = self.core.endpoint().config();
                config.connect_timeout.as_secs_f64()
            }

            #[getter]
            fn _header_names(&self) -> Vec<String> {
                let headers = self.core.endpoint().config().headers.iter();
                headers.map(|(name, _)| name.clone()).collect()
            }

            /// The certificates that are trusted in place of Mozilla's roots.
            #[getter]
            fn ca_file(&self) -> Option<String> {
                let path = self.core.endpoint().config().ca_file.as_ref();
                path.map(|path| path.display().to_string())
            }
        }
    };
}

pub(crate) use http_getters;
