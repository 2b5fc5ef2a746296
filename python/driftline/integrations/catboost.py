"""Trainings of CatBoost (the extra ``catboost``)."""

from __future__ import annotations

from typing import Any

from driftline.integrations._training import TrainingCallback

__all__ = ["DriftlineCallback"]


class DriftlineCallback(TrainingCallback):
    """Tells a hub when a training starts and ends, and the metrics of each iteration.

    CatBoost tells a callback of iterations alone, and which is the last it does not tell:
    use it with ``with``, where start, end and failure of the block are the training's.
    Without, there is no ``training_completed``, and the training starts for the hub with
    the first iteration's end. The ``split`` in the metadata is CatBoost's own name
    (``"learn"``, ``"validation"``), beside ``iteration`` from 0.

    >>> import driftline as dl
    >>> from driftline.integrations.catboost import DriftlineCallback
    >>> hub = dl.Hub()
    >>> with DriftlineCallback(hub, model="fraud:2", every=10) as callback:  # doctest: +SKIP
    ...     CatBoostClassifier().fit(x, y, eval_set=(x_new, y_new), callbacks=[callback])

    :param hub: who is told; None for nobody.
    :param model: which model is trained.
    :param every: only every so many iterations the metrics are told.
    :param prefix: what stands before the kind of each metric.
    """

    _starts_with_block = True

    def after_iteration(self, info: Any) -> bool:
        """CatBoost calls it; never stops a training."""
        self._training.guard.call("metrics", self._tell, info)
        return True

    def _tell(self, info: Any) -> None:
        iteration = info.iteration - 1  # CatBoost counts from 1
        self._training.started(anew=iteration == 0 and not self._is_in_block)
        if self._is_due(iteration):
            for split, found in (info.metrics or {}).items():
                last = {name: values[-1] for name, values in found.items() if values}
                self._training.metrics(last, split=split, iteration=iteration)
