"""Trainings of XGBoost (the extra ``xgboost``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftline.integrations._training import TrainingCallback, needs

__all__ = ["DriftlineCallback"]


class DriftlineCallback(TrainingCallback):
    """Tells a hub when a training starts and ends, and the metrics of each iteration.

    For ``xgboost.train``, ``xgboost.cv`` (of its metrics the mean) and the estimators. The
    ``split`` in the metadata is XGBoost's own name (``"validation_0"``), beside
    ``iteration`` from 0. Early stopping is an end like any other; a training that raises is
    a ``training_failed`` only within ``with``:

    >>> import driftline as dl
    >>> from driftline.integrations.xgboost import DriftlineCallback
    >>> hub = dl.Hub()
    >>> with DriftlineCallback(hub, model="fraud:2", every=10) as callback:  # doctest: +SKIP
    ...     XGBClassifier(callbacks=[callback]).fit(x, y, eval_set=[(x_new, y_new)])

    :param hub: who is told; None for nobody.
    :param model: which model is trained.
    :param every: only every so many iterations the metrics are told.
    :param prefix: what stands before the kind of each metric.
    :raises PackageNotFound: XGBoost is not installed; also an ImportError.
    """

    @staticmethod
    def _framework() -> type:
        try:
            from xgboost.callback import TrainingCallback as Base
        except ImportError as error:
            raise needs("XGBoost", "xgboost") from error
        return Base  # type: ignore[no-any-return]

    def before_training(self, model: Any) -> Any:
        """XGBoost calls it."""
        self._training.started()
        return model

    def after_iteration(
        self, model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, Any]]
    ) -> bool:
        """XGBoost calls it; never stops a training."""
        if self._is_due(epoch):
            self._training.guard.call("metrics", self._tell, epoch, evals_log)
        return False

    def _tell(self, iteration: int, evals_log: Mapping[str, Mapping[str, Any]]) -> None:
        for split, found in evals_log.items():
            last = {name: values[-1] for name, values in found.items()}
            means = {name: one[0] if isinstance(one, tuple) else one for name, one in last.items()}
            self._training.metrics(means, split=split, iteration=iteration)

    def after_training(self, model: Any) -> Any:
        """XGBoost calls it."""
        self._training.completed()
        return model
