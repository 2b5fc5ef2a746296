//! What can be read of a stream detector.

use std::any::Any;

use pyo3::prelude::*;
use pyo3::types::PyDateTime;

use super::PyStreamDetector;
use super::foreign::ObjectDetector;
use super::status::StreamStatus;
use super::watched::Watched;
use crate::bindings::event::model::PyModelId;
use crate::bindings::event::timestamp::to_datetime;
use crate::bindings::stream::bank::PyBank;
use crate::bindings::stream::instance;
use crate::observer::StreamSource;
use crate::stream::Direction;

#[pymethods]
impl PyStreamDetector {
    /// A copy of the detector of one series, with all that it has seen.
    ///
    /// :param model: as it was named in the events, with ``per_model``.
    /// :param feature: as it was named in the events. Neither: the only series, or, before
    ///     there is any, the detector with which each begins. With a bank its name or
    ///     position; without it the whole bank (in which rows that were missing as a whole
    ///     are not counted).
    /// :raises InvalidValueError: what has no series.
    ///
    /// >>> import driftline as dl
    /// >>> observer = dl.StreamDetector(dl.stream.ADWIN(), feature="age")
    /// >>> _ = observer.update_many([0.2, 0.3] * 100)
    /// >>> observer.detector().width
    /// 200
    #[pyo3(signature = (
        model: "str | ModelId | None" = None, feature: "str | int | None" = None
    ) -> "typing.Any")]
    fn detector<'py>(
        &self,
        py: Python<'py>,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (model, feature) = self.watched.which(model, feature)?;
        let core = match &self.watched {
            Watched::Values(core) => core,
            Watched::Rows(core) => {
                let model = model.as_ref();
                return match feature {
                    Some(feature) => {
                        let one = core.detector(model, &feature)?;
                        Ok(instance(py, one)?.into_any())
                    }
                    None => Ok(Bound::new(py, PyBank::of(core.bank(model)?))?.into_any()),
                };
            }
        };
        match core.detector(model.as_ref(), feature.as_ref())? {
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
    ///     none, or the only series. With a bank its name or position; without it, sums
    ///     over the features.
    /// :raises InvalidValueError: what has no series.
    ///
    /// >>> import driftline as dl
    /// >>> observer = dl.StreamDetector(dl.stream.ADWIN())
    /// >>> observer.update_many([0, 1] * 500 + [4, 7] * 500, feature="age").tolist()
    /// [1023]
    /// >>> observer.status(feature="age")
    /// StreamStatus(model=None, feature='age', n_samples=2000, n_detections=1, drift_detected=True)
    #[pyo3(signature = (
        model: "str | ModelId | None" = None, feature: "str | int | None" = None
    ))]
    fn status(
        &self,
        model: Option<&Bound<'_, PyAny>>,
        feature: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<StreamStatus> {
        let which = self.watched.which(model, feature)?;
        Ok(StreamStatus(self.watched.status_of(which)?))
    }

    /// Model and feature of each series, as they came; None is that of events without. With
    /// a bank all features of each model.
    ///
    /// >>> import driftline as dl
    /// >>> observer = dl.StreamDetector(dl.stream.ADWIN(), per_model=True)
    /// >>> observer.update(0.5, model="fraud:1", feature="age")
    /// False
    /// >>> observer.series()
    /// [(ModelId('fraud', '1'), 'age')]
    #[pyo3(signature = () -> "list[tuple[ModelId | None, str | None]]")]
    fn series(&self) -> Vec<(Option<PyModelId>, Option<String>)> {
        let series = self.watched.series().into_iter();
        series
            .map(|(model, feature)| (model.map(PyModelId), feature.map(|text| text.to_string())))
            .collect()
    }

    /// Whether each model has a detector of its own.
    #[getter]
    fn per_model(&self) -> bool {
        self.watched.per_model()
    }

    /// The most series kept apart; None where there is one, whatever comes.
    #[getter]
    fn max_models(&self) -> Option<usize> {
        self.watched.max_models()
    }

    /// Seconds of event time after an alert within which changes are only counted.
    #[getter]
    fn cooldown_s(&self) -> f64 {
        self.watched.cooldown_s()
    }

    /// Values without another change after which drift is over; None: it never is.
    #[getter]
    fn resolve_after(&self) -> Option<u64> {
        self.watched.resolve_after()
    }

    /// Values, with a bank rows, for whose series there was no room: counted, not judged.
    #[getter]
    fn n_overflow(&self) -> u64 {
        self.watched.n_overflow()
    }

    /// Values since the last change, or since the start; summed over the series.
    #[getter]
    fn n(&self) -> u64 {
        self.watched.status().n
    }

    /// Values taken since the start, missing ones left out.
    #[getter]
    fn n_samples(&self) -> u64 {
        self.watched.status().n_samples
    }

    /// Missing values since the start.
    #[getter]
    fn n_missing(&self) -> u64 {
        self.watched.status().n_missing
    }

    /// Values on a hub that the detector does not take, such as 0.3 where it takes 0 and 1;
    /// with a bank, rows.
    #[getter]
    fn n_refused(&self) -> u64 {
        self.watched.status().n_refused
    }

    /// Whether there was a change, in any series, and not yet ``resolve_after`` values
    /// without another.
    #[getter]
    fn drift_detected(&self) -> bool {
        self.watched.status().drift_detected
    }

    /// Whether the last value of any series was in the detector's warning zone.
    #[getter]
    fn warning_detected(&self) -> bool {
        self.watched.status().warning_detected
    }

    /// Changes so far, emitted in a hub or returned without one.
    #[getter]
    fn n_detections(&self) -> u64 {
        self.watched.status().n_detections
    }

    /// Changes within the cooldown.
    #[getter]
    fn n_suppressed(&self) -> u64 {
        self.watched.status().n_suppressed
    }

    /// When the last alert was raised; None before the first.
    #[getter]
    fn last_alert<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        let last = self.watched.status().last_alert;
        last.map(|time| to_datetime(py, time)).transpose()
    }

    /// The detector's statistic at its last look; None before the first and where there
    /// are several series: see ``status``.
    #[getter]
    fn statistic(&self) -> Option<f64> {
        self.watched.status().reading.statistic
    }

    /// What the statistic is compared with; None where there are several series.
    #[getter]
    fn limit(&self) -> Option<f64> {
        self.watched.status().reading.limit
    }

    /// Which way the last change went, "up" or "down"; None before the first and where
    /// there are several series.
    #[getter]
    fn direction(&self) -> Option<&'static str> {
        let direction = self.watched.status().reading.direction;
        direction.map(Direction::as_str)
    }

    /// What the detector takes for the present mean; None where it has no such thing and
    /// where there are several series.
    #[getter]
    fn estimation(&self) -> Option<f64> {
        self.watched.status().reading.estimation
    }

    fn __repr__(&self) -> String {
        let status = self.watched.status();
        let per_model = match self.watched.per_model() {
            true => "per_model=True, ",
            false => "",
        };
        format!(
            "StreamDetector({}, {per_model}n_samples={}, n_detections={}, drift_detected={})",
            self.watched.described(),
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
