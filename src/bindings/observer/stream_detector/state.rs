//! What can be read of a stream detector.

use std::any::Any;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDateTime;

use super::PyStreamDetector;
use super::foreign::ObjectDetector;
use super::status::StreamStatus;
use crate::bindings::arguments;
use crate::bindings::event::model::PyModelId;
use crate::bindings::event::timestamp::to_datetime;
use crate::bindings::stream::instance;
use crate::event::ModelId;
use crate::observer::StreamSource;
use crate::stream::Direction;

/// Which series is meant.
type Which = (Option<ModelId>, Option<Arc<str>>);

pub(super) fn which(
    model: Option<&Bound<'_, PyAny>>,
    feature: Option<&Bound<'_, PyAny>>,
) -> PyResult<Which> {
    let model = model.map(arguments::model).transpose()?;
    let feature = feature.map(|feature| arguments::text("feature", feature));
    Ok((model, feature.transpose()?))
}

#[pymethods]
impl PyStreamDetector {
    /// A copy of the detector of one series, with all that it has seen.
    ///
    /// :param model: as it was named in the events, with ``per_model``.
    /// :param feature: as it was named in the events. Neither: the only series, or, before
    ///     there is any, the detector with which each begins.
    /// :raises InvalidValueError: what has no series.
    ///
    /// >>> import driftline as dl
    /// >>> observer = dl.StreamDetector(dl.stream.ADWIN(), feature="age")
    /// >>> _ = observer.update_many([0.2, 0.3] * 100)
    /// >>> observer.detector().width
    /// 200
    #[pyo3(signature = (
        model: "str | ModelId | None" = None, feature: "str | None" = None
    ) -> "typing.Any")]
    fn detector<'py>(
        &self,
        py: Python<'py>,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (model, feature) = which(model, feature)?;
        match self.core.detector(model.as_ref(), feature.as_ref())? {
            StreamSource::Native(detector) => Ok(instance(py, detector.clone_box())?.into_any()),
            StreamSource::Foreign(detector) => {
                let any: &dyn Any = &*detector;
                match any.downcast_ref::<ObjectDetector>() {
                    Some(object) => object.object(py),
                    None => Ok(py.None().into_bound(py)),
                }
            }
        }
    }

    /// What was seen and found of one series, at the time of asking.
    ///
    /// :param model: as it was named in the events, with ``per_model``.
    /// :param feature: as it was named in the events. Neither: that of events that name
    ///     none, or the only series.
    /// :raises InvalidValueError: what has no series.
    ///
    /// >>> import driftline as dl
    /// >>> observer = dl.StreamDetector(dl.stream.ADWIN())
    /// >>> observer.update_many([0, 1] * 500 + [4, 7] * 500, feature="age").tolist()
    /// [1023]
    /// >>> observer.status(feature="age")
    /// StreamStatus(model=None, feature='age', n_samples=2000, n_detections=1, drift_detected=True)
    #[pyo3(signature = (model: "str | ModelId | None" = None, feature: "str | None" = None))]
    fn status(
        &self,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<StreamStatus> {
        let (model, feature) = which(model, feature)?;
        if model.is_none() && feature.is_none() && self.core.series().len() == 1 {
            return Ok(StreamStatus(self.core.status()));
        }
        let status = self.core.status_of(model.as_ref(), feature.as_ref())?;
        Ok(StreamStatus(status))
    }

    /// Model and feature of each series, as they came; None is that of events without.
    ///
    /// >>> import driftline as dl
    /// >>> observer = dl.StreamDetector(dl.stream.ADWIN(), per_model=True)
    /// >>> observer.update(0.5, model="fraud:1", feature="age")
    /// False
    /// >>> observer.series()
    /// [(ModelId('fraud', '1'), 'age')]
    #[pyo3(signature = () -> "list[tuple[ModelId | None, str | None]]")]
    fn series(&self) -> Vec<(Option<PyModelId>, Option<String>)> {
        let series = self.core.series().into_iter();
        series
            .map(|(model, feature)| (model.map(PyModelId), feature.map(|text| text.to_string())))
            .collect()
    }

    /// Whether each model has a detector of its own.
    #[getter]
    fn per_model(&self) -> bool {
        self.core.config().per_model
    }

    /// The most series kept apart; None where there is one, whatever comes.
    #[getter]
    fn max_models(&self) -> Option<usize> {
        self.core.max_models()
    }

    /// Seconds of event time after an alert within which changes are only counted.
    #[getter]
    fn cooldown_s(&self) -> f64 {
        self.core.config().cooldown_s
    }

    /// Values without another change after which drift is over; None: it never is.
    #[getter]
    fn resolve_after(&self) -> Option<u64> {
        self.core.config().resolve_after
    }

    /// Values for whose series there was no room: counted, not judged.
    #[getter]
    fn n_overflow(&self) -> u64 {
        self.core.n_overflow()
    }

    /// Values since the last change, or since the start; summed over the series.
    #[getter]
    fn n(&self) -> u64 {
        self.core.status().n
    }

    /// Values taken since the start, missing ones left out.
    #[getter]
    fn n_samples(&self) -> u64 {
        self.core.status().n_samples
    }

    /// Missing values since the start.
    #[getter]
    fn n_missing(&self) -> u64 {
        self.core.status().n_missing
    }

    /// Values on a hub that the detector does not take, such as 0.3 where it takes 0 and 1.
    #[getter]
    fn n_refused(&self) -> u64 {
        self.core.status().n_refused
    }

    /// Whether there was a change, in any series, and not yet ``resolve_after`` values
    /// without another.
    #[getter]
    fn drift_detected(&self) -> bool {
        self.core.status().drift_detected
    }

    /// Whether the last value of any series was in the detector's warning zone.
    #[getter]
    fn warning_detected(&self) -> bool {
        self.core.status().warning_detected
    }

    /// Changes so far, emitted in a hub or returned without one.
    #[getter]
    fn n_detections(&self) -> u64 {
        self.core.status().n_detections
    }

    /// Changes within the cooldown.
    #[getter]
    fn n_suppressed(&self) -> u64 {
        self.core.status().n_suppressed
    }

    /// When the last alert was raised; None before the first.
    #[getter]
    fn last_alert<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        let last = self.core.status().last_alert;
        last.map(|time| to_datetime(py, time)).transpose()
    }

    /// The detector's statistic at its last look; None before the first and where there
    /// are several series: see ``status``.
    #[getter]
    fn statistic(&self) -> Option<f64> {
        self.core.status().reading.statistic
    }

    /// What the statistic is compared with; None where there are several series.
    #[getter]
    fn limit(&self) -> Option<f64> {
        self.core.status().reading.limit
    }

    /// Which way the last change went, "up" or "down"; None before the first and where
    /// there are several series.
    #[getter]
    fn direction(&self) -> Option<&'static str> {
        let direction = self.core.status().reading.direction;
        direction.map(Direction::as_str)
    }

    /// What the detector takes for the present mean; None where it has no such thing and
    /// where there are several series.
    #[getter]
    fn estimation(&self) -> Option<f64> {
        self.core.status().reading.estimation
    }

    fn __repr__(&self) -> String {
        let status = self.core.status();
        let per_model = match self.core.config().per_model {
            true => "per_model=True, ",
            false => "",
        };
        format!(
            "StreamDetector(detector='{}', {per_model}n_samples={}, n_detections={}, \
             drift_detected={})",
            self.core.config().detector.name(),
            status.n_samples,
            status.n_detections,
            if status.drift_detected {
                "True"
            } else {
                "False"
            },
        )
    }
}
