"""Trainings of LightGBM (the extra ``lightgbm``)."""

from __future__ import annotations

from typing import Any

from driftline.integrations._training import TrainingCallback

__all__ = ["DriftlineCallback"]


class DriftlineCallback(TrainingCallback):
    """Tells a hub when a training starts and ends, and the metrics of each iteration.

    For ``lightgbm.train``, ``lightgbm.cv`` (of its metrics the mean) and the estimators. The
    ``split`` in the metadata is LightGBM's own name (``"valid_0"``), beside ``iteration``
    from 0. LightGBM tells a callback of iterations alone: the training starts for the hub
    with the first one's end, and ends with the last that was asked for. Within ``with`` it
    starts with the block, an early stop is an end, and a training that raises is a
    ``training_failed``:

    >>> import driftline as dl
    >>> from driftline.integrations.lightgbm import DriftlineCallback
    >>> hub = dl.Hub()
    >>> with DriftlineCallback(hub, model="fraud:2", every=10) as callback:  # doctest: +SKIP
    ...     LGBMClassifier().fit(x, y, eval_set=[(x_new, y_new)], callbacks=[callback])

    :param hub: who is told; None for nobody.
    :param model: which model is trained.
    :param every: only every so many iterations the metrics are told.
    :param prefix: what stands before the kind of each metric.
    """

    #: Where it stands among the callbacks: before early stopping.
    order = 20
    before_iteration = False
    _starts_with_block = True

    def __call__(self, env: Any) -> None:
        """LightGBM calls it."""
        self._training.guard.call("metrics", self._tell, env)

    def _tell(self, env: Any) -> None:
        index = env.iteration - env.begin_iteration
        self._training.started(anew=index == 0 and not self._is_in_block)
        if self._is_due(index):
            for split, name, value, *_ in env.evaluation_result_list or ():
                self._training.metrics({name: value}, split=split, iteration=env.iteration)
        if env.iteration + 1 >= env.end_iteration and not self._is_in_block:
            self._training.completed()
