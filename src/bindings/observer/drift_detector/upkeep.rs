//! Time that passes, fresh starts, other baselines.

use pyo3::prelude::*;

use super::{PyDriftDetector, warn};
use crate::bindings::arguments;
use crate::bindings::arguments::array::vector;
use crate::bindings::event::model::PyModelId;
use crate::bindings::event::timestamp;
use crate::bindings::observer::detached;
use crate::observer::Tick;

#[pymethods]
impl PyDriftDetector {
    /// Tell, without a hub, that time has passed.
    ///
    /// :param now: the time; by default the clock's, or without a clock that of
    ///     the last value and what has passed since.
    /// :returns: the models whose series fell silent, each told once while its
    ///     silence lasts: see ``no_data_after_s``. None is a series without model.
    ///
    /// >>> import driftline as dl
    /// >>> detector = dl.DriftDetector(
    /// ...     {"fraud": [0.2, 0.3], "churn": [0.7, 0.8]},
    /// ...     window_size=2, threshold=0.1, no_data_after_s=60)
    /// >>> detector.update(0.2, model="fraud:1", timestamp="2013-01-01T00:00:00Z")
    /// False
    /// >>> detector.tick("2013-01-01T00:00:59Z")
    /// []
    /// >>> detector.tick("2013-01-01T00:01:00Z")
    /// [ModelId('churn'), ModelId('fraud', '1')]
    #[pyo3(signature = (now: "datetime.datetime | numpy.datetime64 | str | None" = None) -> "list[ModelId | None]")]
    fn tick(
        &self,
        py: Python<'_>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Option<PyModelId>>> {
        let now = match now {
            Some(now) => Some(timestamp::timestamp("now", now)?),
            None => self.clock.now(py)?,
        };
        let alarms = self.core.tick(&now.map_or_else(Tick::now, Tick::at));
        let models = alarms.into_iter().map(|alarm| alarm.about?.model);
        Ok(models.map(|model| model.map(PyModelId)).collect())
    }

    /// Start afresh with the same baselines: windows, counts and states.
    ///
    /// :param model: with ``per_model``, start only its series afresh.
    #[pyo3(signature = (model: "str | ModelId | None" = None))]
    fn reset(&self, model: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let model = model.map(arguments::model).transpose()?;
        if let Some(model) = &model {
            self.core.status_of(&Some(model.clone()))?; // refuses what has no series
        }
        self.core.reset(model.as_ref());
        Ok(())
    }

    /// Compare with another baseline from now on; it is copied.
    ///
    /// The windows start empty and without drift, the counts go on; a calibrated
    /// threshold stays as it is. When the baseline is refused, nothing changes.
    ///
    /// :param model: with ``per_model``, only for this model; a name without a
    ///     version means all versions that have no baseline of their own. A model
    ///     that no baseline was for has one from now on.
    #[pyo3(signature = (baseline: "numpy.typing.ArrayLike", model: "str | ModelId | None" = None))]
    fn rebase(
        &self,
        py: Python<'_>,
        baseline: &Bound<'_, PyAny>,
        model: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let model = model.map(arguments::model).transpose()?;
        let baseline = vector("baseline", baseline)?;
        let rebase = || self.core.rebase(baseline.view(), model.as_ref());
        if self.core.config().test.is_foreign() {
            rebase()?;
        } else {
            detached(py, rebase)?;
        }
        if self.calibrated {
            return Ok(());
        }
        warn(py, &self.core)
    }
}
