//! What native observers were made with, in the names of the set-up.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::bindings::drift::to_python;
use crate::bindings::observer::console_logger::ConsoleLogger;
use crate::bindings::observer::drift_detector::{Baselines, PyDriftDetector};
use crate::bindings::observer::drift_monitor::PyDriftMonitor;
use crate::bindings::observer::latency_monitor::PyLatencyMonitor;
use crate::bindings::observer::metrics_collector::PyMetricsCollector;
use crate::bindings::observer::performance_monitor::PyPerformanceMonitor;
use crate::observer::Decide;
use crate::observer::{Answer, Learned};

/// Sets what is not None.
macro_rules! set_some {
    ($dict:ident, $($name:literal: $value:expr),* $(,)?) => {{
        $(if let Some(value) = $value {
            $dict.set_item($name, value)?;
        })*
    }};
}

pub(super) use set_some;

/// Sets all.
macro_rules! set {
    ($dict:ident, $($name:literal: $value:expr),* $(,)?) => {{
        $($dict.set_item($name, $value)?;)*
    }};
}

pub(super) use set;

#[pymethods]
impl ConsoleLogger {
    /// What it was made with, as a set-up says it.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn _config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        set!(dict, "kind": "console");
        Ok(dict)
    }
}

#[pymethods]
impl PyPerformanceMonitor {
    /// What it was made with, as a set-up says it.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn _config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (dict, config) = (PyDict::new(py), self.core.config());
        set!(dict, "kind": "performance", "prediction": &*config.prediction);
        set_some!(dict, "task": config.task.map(Learned::name));
        match &config.positive {
            Some(Answer::Text(text)) => set!(dict, "positive": &**text),
            Some(Answer::Number(number)) => set!(dict, "positive": *number),
            None => {}
        }
        set!(dict,
            "window": config.window,
            "every": config.every,
            "ttl_s": config.ttl_s,
            "max_pending": config.max_pending,
            "min_labels": config.min_labels,
        );
        set_some!(dict, "max_models": config.max_models);
        set!(dict, "name": &*config.name);
        Ok(dict)
    }
}

#[pymethods]
impl PyLatencyMonitor {
    /// What it was made with, as a set-up says it.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn _config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (dict, config) = (PyDict::new(py), self.core.config());
        set!(dict, "kind": "latency", "ema_alpha": config.ema_alpha);
        set_some!(dict, "slo_ms": config.slo_ms);
        set!(dict,
            "quantile": config.quantile,
            "window_s": config.window_s,
            "relative_error": config.relative_error,
        );
        set_some!(dict, "min_samples": config.min_samples);
        set!(dict,
            "failures_count": config.failures_count,
            "recover_at": config.recover_at,
        );
        if !config.burn_rates.is_empty() {
            let rates = config.burn_rates.iter();
            let rates: Vec<_> = rates
                .map(|rate| [rate.factor, rate.long_s, rate.short_s])
                .collect();
            set!(dict, "burn_rates": rates);
        }
        set_some!(dict, "max_models": config.max_models);
        set!(dict, "name": &*config.name);
        Ok(dict)
    }
}

#[pymethods]
impl PyDriftMonitor {
    /// What it was made with, as a set-up says it.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn _config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        set!(dict, "kind": "drift");
        set_some!(dict,
            "threshold": self.core.threshold(),
            "max_models": self.core.asked_max_models(),
        );
        set!(dict, "name": crate::observer::Observer::name(&*self.core).to_string());
        Ok(dict)
    }
}

#[pymethods]
impl PyDriftDetector {
    /// What it was made with, as a set-up says it.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn _config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (dict, config) = (PyDict::new(py), self.core.config());
        set!(dict, "kind": "drift_detector");
        match &self.baselines {
            Baselines::Shared(sample) => set!(dict, "baseline": sample.to_vec()),
            Baselines::ByModel(samples) => {
                let baselines = PyDict::new(py);
                for (model, sample) in samples {
                    baselines.set_item(model.to_string(), sample.to_vec())?;
                }
                set!(dict, "baselines": baselines);
            }
        }
        set!(dict, "window_size": config.window_size);
        let test = PyDict::new(py);
        for (name, value) in config.test.params() {
            if !value.is_null() {
                test.set_item(name, to_python(py, &value)?)?;
            }
        }
        test.set_item("name", config.test.name())?;
        set!(dict, "test": test);
        match config.decide {
            Decide::Threshold(threshold) => set!(dict, "threshold": threshold),
            Decide::Alpha(alpha) => set!(dict, "alpha": alpha),
            Decide::FalseAlarmEvery(budget) => match budget.samples_between() {
                Some(samples) => set!(dict, "false_alarm_every": samples),
                None => {
                    let seconds = budget.seconds_between().unwrap_or_default();
                    set!(dict, "false_alarm_every": format!("{seconds}s"));
                }
            },
        }
        set_some!(dict, "check_every": config.check_every);
        let kinds = config.kinds.iter().map(ToString::to_string);
        set!(dict, "kinds": PyList::new(py, kinds.collect::<Vec<_>>())?);
        set_some!(dict,
            "feature": config.feature.as_deref(),
            "field": config.field.as_deref(),
            "model": config.model.as_ref().map(ToString::to_string),
        );
        set!(dict,
            "cooldown_s": config.cooldown_s,
            "max_missing_rate": config.max_missing_rate,
            "per_model": config.per_model,
        );
        set_some!(dict,
            "max_models": config.max_models,
            "no_data_after_s": config.no_data_after_s,
        );
        set!(dict, "name": &*config.name);
        Ok(dict)
    }
}

#[pymethods]
impl PyMetricsCollector {
    /// What it was made with, as a set-up says it.
    #[pyo3(signature = () -> "dict[str, typing.Any]")]
    fn _config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (dict, config) = (PyDict::new(py), self.core.config());
        set!(dict, "buckets_ms": config.buckets_ms.clone());
        set_some!(dict, "max_models": config.max_models);
        set!(dict,
            "native_histogram": config.native_histogram,
            "name": &*config.name,
        );
        Ok(dict)
    }
}
