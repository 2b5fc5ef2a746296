//! `Hub`'s methods for the standard events: each builds one with the payload
//! fields that belong to it.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::bindings::arguments;
use crate::bindings::arguments::event_fields::{Details, Payload};
use crate::bindings::event::metadata::json_like;
use crate::bindings::hub::PyHub;
use crate::bindings::hub::report::EmitReport;
use crate::error::Error;
use crate::event::{Event, Kind, Value};

/// Adds a key to the metadata.
fn set(event: &mut Event, key: &str, value: Value) {
    let metadata = Arc::make_mut(event.metadata.get_or_insert_default());
    metadata.insert(key.to_owned(), value);
}

#[pymethods]
impl PyHub {
    /// Emit ``inference_completed``.
    ///
    /// :param model: which model, or None.
    /// :param latency_ms: how long it took in milliseconds, 0 or more.
    /// :param id: which prediction, for a label that comes later (``ground_truth``).
    /// :param prediction: what was predicted: a str, a bool or a number.
    /// :param probability: how likely that is, 0 to 1. These go into the metadata under their
    ///     names.
    /// :raises InvalidValueError: an argument out of range.
    ///
    /// >>> import driftline as dl
    /// >>> hub = dl.Hub()
    /// >>> handle = hub.register(lambda event: print(event.kind, event.value))
    /// >>> report = hub.inference_completed("fraud:1.2.0", latency_ms=3.5)
    /// inference_completed 3.5
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        *,
        latency_ms: "float",
        id: "str | int | None" = None,
        prediction: "str | bool | int | float | None" = None,
        probability: "float | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None,
        metadata: "collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn inference_completed<'py>(
        &self,
        py: Python<'py>,
        model: Option<&Bound<'py, PyAny>>,
        latency_ms: &Bound<'py, PyAny>,
        id: Option<&Bound<'py, PyAny>>,
        prediction: Option<&Bound<'py, PyAny>>,
        probability: Option<&Bound<'py, PyAny>>,
        timestamp: Option<&Bound<'py, PyAny>>,
        metadata: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        let latency = arguments::not_negative("latency_ms", latency_ms)?;
        let details = Details {
            model,
            id,
            timestamp,
            metadata,
            ..Details::default()
        };
        self.emit_detailed(
            py,
            Kind::InferenceCompleted,
            Some(latency),
            &details,
            |event| {
                if let Some(prediction) = prediction {
                    set(event, "prediction", json_like("prediction", prediction)?);
                }
                if let Some(value) = probability {
                    let share = arguments::number("probability", value)?;
                    if !(0.0..=1.0).contains(&share) {
                        let got = arguments::described(value);
                        return Err(Error::invalid_value(
                            "probability",
                            got,
                            "a number from 0 to 1, or None",
                        )
                        .into());
                    }
                    set(event, "probability", Value::from(share));
                }
                Ok(())
            },
        )
    }

    /// Emit ``ground_truth``: the true value of a prediction is known.
    ///
    /// :param id: which prediction, as ``inference_completed`` had it.
    /// :param y: what is true: a str, a bool or a number. It goes into the metadata as
    ///     ``label``; the event's value is it, where it is a number.
    /// :param model: whose prediction, with its version; None: of any that predicted it.
    ///
    /// >>> import driftline as dl
    /// >>> hub = dl.Hub()
    /// >>> handle = hub.register(lambda event: print(event.kind, event.id, event.metadata))
    /// >>> report = hub.ground_truth("order-17", "fraud")
    /// ground_truth order-17 {'label': 'fraud'}
    #[pyo3(signature = (
        id: "str | int",
        y: "str | bool | int | float",
        *,
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None,
        metadata: "collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn ground_truth<'py>(
        &self,
        py: Python<'py>,
        id: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        model: Option<&Bound<'py, PyAny>>,
        timestamp: Option<&Bound<'py, PyAny>>,
        metadata: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        let label = json_like("y", y)?;
        let details = Details {
            model,
            id: Some(id),
            timestamp,
            metadata,
            ..Details::default()
        };
        self.emit_detailed(py, Kind::GroundTruth, label.as_f64(), &details, |event| {
            set(event, "label", label.clone());
            Ok(())
        })
    }

    /// Emit ``inference_failed``.
    ///
    /// :param model: which model, or None.
    /// :param message: why, in words; goes into the metadata.
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        *,
        message: "str | None" = None,
        id: "str | int | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None,
        metadata: "collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    fn inference_failed<'py>(
        &self,
        py: Python<'py>,
        model: Option<&Bound<'py, PyAny>>,
        message: Option<&Bound<'py, PyAny>>,
        id: Option<&Bound<'py, PyAny>>,
        timestamp: Option<&Bound<'py, PyAny>>,
        metadata: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        let details = Details {
            model,
            id,
            timestamp,
            metadata,
            ..Details::default()
        };
        let payload = Payload {
            message,
            ..Payload::default()
        };
        self.emit_detailed(py, Kind::InferenceFailed, None, &details, |e| {
            payload.apply(e)
        })
    }

    /// Emit ``observation``: one value of a feature or of an output.
    ///
    /// :param feature: which column.
    /// :param value: its value, or None when it is missing.
    #[pyo3(signature = (
        feature: "str",
        value: "float | None",
        *,
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        id: "str | int | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None,
        metadata: "collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn observe<'py>(
        &self,
        py: Python<'py>,
        feature: &Bound<'py, PyAny>,
        value: Option<&Bound<'py, PyAny>>,
        model: Option<&Bound<'py, PyAny>>,
        id: Option<&Bound<'py, PyAny>>,
        timestamp: Option<&Bound<'py, PyAny>>,
        metadata: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        let value = value
            .map(|value| arguments::number("value", value))
            .transpose()?;
        let feature = Some(feature);
        let details = Details {
            model,
            feature,
            id,
            timestamp,
            metadata,
            ..Details::default()
        };
        self.emit_detailed(py, Kind::Observation, value, &details, |_| Ok(()))
    }

    /// Emit ``training_started``.
    ///
    /// :param model: which model, or None.
    /// :param message: anything in words; goes into the metadata, like ``version``.
    /// :param version: the version that is being trained.
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        *,
        message: "str | None" = None,
        version: "str | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None,
        metadata: "collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    fn training_started<'py>(
        &self,
        py: Python<'py>,
        model: Option<&Bound<'py, PyAny>>,
        message: Option<&Bound<'py, PyAny>>,
        version: Option<&Bound<'py, PyAny>>,
        timestamp: Option<&Bound<'py, PyAny>>,
        metadata: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        let details = Details {
            model,
            timestamp,
            metadata,
            ..Details::default()
        };
        let payload = Payload {
            message,
            version,
            ..Payload::default()
        };
        self.emit_detailed(py, Kind::TrainingStarted, None, &details, |e| {
            payload.apply(e)
        })
    }

    /// Emit ``training_completed``.
    ///
    /// :param model: which model, or None.
    /// :param samples_seen: how many samples it was trained on, 0 or more.
    /// :param duration_ms: how long that took in milliseconds, 0 or more.
    /// :param message: anything in words. These go into the metadata under their
    ///     names, like ``version``.
    /// :param version: the version that was trained.
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        *,
        samples_seen: "int | None" = None,
        duration_ms: "float | None" = None,
        message: "str | None" = None,
        version: "str | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None,
        metadata: "collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn training_completed<'py>(
        &self,
        py: Python<'py>,
        model: Option<&Bound<'py, PyAny>>,
        samples_seen: Option<&Bound<'py, PyAny>>,
        duration_ms: Option<&Bound<'py, PyAny>>,
        message: Option<&Bound<'py, PyAny>>,
        version: Option<&Bound<'py, PyAny>>,
        timestamp: Option<&Bound<'py, PyAny>>,
        metadata: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, EmitReport>> {
        let details = Details {
            model,
            timestamp,
            metadata,
            ..Details::default()
        };
        let payload = Payload {
            samples_seen,
            duration_ms,
            message,
            version,
        };
        self.emit_detailed(py, Kind::TrainingCompleted, None, &details, |e| {
            payload.apply(e)
        })
    }

    /// Emit one event per metric that is given.
    ///
    /// :param model: which model, or None.
    /// :returns: their reports, in the order of the parameters.
    /// :raises InvalidValueError: no metric is given; nothing is emitted.
    ///
    /// >>> import driftline as dl
    /// >>> hub = dl.Hub()
    /// >>> handle = hub.register(lambda event: print(event.kind, event.value))
    /// >>> reports = hub.log_metrics("fraud:1.2.0", accuracy=0.91, f1=0.8)
    /// accuracy 0.91
    /// f1 0.8
    #[pyo3(signature = (
        model: "ModelId | str | collections.abc.Mapping[str, typing.Any] | None" = None,
        *,
        accuracy: "float | None" = None,
        precision: "float | None" = None,
        recall: "float | None" = None,
        f1: "float | None" = None,
        timestamp: "datetime.datetime | numpy.datetime64 | str | None" = None,
        metadata: "collections.abc.Mapping[str, typing.Any] | None" = None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn log_metrics<'py>(
        &self,
        py: Python<'py>,
        model: Option<&Bound<'py, PyAny>>,
        accuracy: Option<&Bound<'py, PyAny>>,
        precision: Option<&Bound<'py, PyAny>>,
        recall: Option<&Bound<'py, PyAny>>,
        f1: Option<&Bound<'py, PyAny>>,
        timestamp: Option<&Bound<'py, PyAny>>,
        metadata: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, EmitReport>>> {
        let given = [
            (Kind::Accuracy, "accuracy", accuracy),
            (Kind::Precision, "precision", precision),
            (Kind::Recall, "recall", recall),
            (Kind::F1, "f1", f1),
        ];
        let mut metrics = Vec::with_capacity(given.len());
        for (kind, name, value) in given {
            if let Some(value) = value {
                metrics.push((kind, arguments::number(name, value)?));
            }
        }
        if metrics.is_empty() {
            let allowed = "at least one of accuracy, precision, recall and f1";
            return Err(Error::invalid_value("log_metrics", "no metric", allowed).into());
        }
        let details = Details {
            model,
            timestamp,
            metadata,
            ..Details::default()
        };
        // Validated before the first is emitted: all of them or none.
        details.apply(&mut Event::new(Kind::Accuracy, None))?;
        let emit = |(kind, value)| self.emit_detailed(py, kind, Some(value), &details, |_| Ok(()));
        metrics.into_iter().map(emit).collect()
    }
}
