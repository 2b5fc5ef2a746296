//! What stream detectors were made with, in the names of the set-up.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::parameters::{set, set_some};
use crate::bindings::observer::stream_detector::PyStreamDetector;
use crate::bindings::observer::stream_detector::watched::Watched;
use crate::bindings::stream::instance;
use crate::event::Kind;
use crate::observer::StreamSource;
use crate::stream::{Bank, Detector};

/// A detector by its name and parameters.
fn described(py: Python<'_>, detector: Box<dyn Detector>) -> PyResult<Bound<'_, PyDict>> {
    let name = detector.name();
    let params = instance(py, detector)?.getattr("params")?;
    let params = params.cast_into::<PyDict>()?;
    params.set_item("name", name)?;
    if let Ok((location, scale)) = params
        .as_any()
        .get_item("standardise")?
        .extract::<(f64, f64)>()
    {
        params.set_item("standardise", [location, scale])?;
    }
    Ok(params)
}

fn names<'py>(py: Python<'py>, kinds: &[Kind]) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, kinds.iter().map(ToString::to_string))
}

/// What a bank has besides its detector.
fn bank_described<'py>(py: Python<'py>, bank: &Bank) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    set!(dict, "n_features": bank.n_features(), "threads": bank.threads());
    if bank.masked().contains(&true) {
        set!(dict, "mask": bank.masked().to_vec());
    }
    set_some!(dict, "fdr": bank.fdr(), "method": bank.fdr_method());
    Ok(dict)
}

#[pymethods]
impl PyStreamDetector {
    /// What it was made with, as a set-up says it; None for an object of the user's.
    #[pyo3(signature = () -> "dict[str, typing.Any] | None")]
    fn _config<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let dict = PyDict::new(py);
        set!(dict, "kind": "stream_detector");
        let (max_models, name) = match &self.watched {
            Watched::Values(core) => {
                let config = core.config();
                let StreamSource::Native(detector) = &config.detector else {
                    return Ok(None);
                };
                set!(dict,
                    "detector": described(py, detector.clone_box())?,
                    "kinds": names(py, &config.kinds)?,
                );
                set_some!(dict,
                    "feature": config.feature.as_deref(),
                    "field": config.field.as_deref(),
                    "model": config.model.as_ref().map(ToString::to_string),
                );
                (config.max_models, &config.name)
            }
            Watched::Rows(core) => {
                let config = core.config();
                set!(dict,
                    "detector": described(py, config.bank.fresh_detector())?,
                    "bank": bank_described(py, &config.bank)?,
                    "kinds": names(py, &config.kinds)?,
                    "field": &*config.field,
                );
                if let Some(features) = &config.features {
                    let features = features.iter().map(|name| &**name);
                    set!(dict, "features": PyList::new(py, features.collect::<Vec<_>>())?);
                }
                set_some!(dict, "model": config.model.as_ref().map(ToString::to_string));
                (config.max_models, &config.name)
            }
        };
        set!(dict, "per_model": self.watched.per_model());
        set_some!(dict, "max_models": max_models);
        set!(dict,
            "cooldown_s": self.watched.cooldown_s(),
            "resolve_after": self.watched.resolve_after(),
            "name": &**name,
        );
        Ok(Some(dict))
    }
}
