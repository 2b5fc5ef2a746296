"""Trainings of Keras 3, on any of its backends (the extra ``keras``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftline.integrations._training import TrainingCallback, needs

__all__ = ["DriftlineCallback"]


class DriftlineCallback(TrainingCallback):
    """Tells a hub when ``model.fit`` starts and ends, and the metrics of each epoch.

    Metrics are events under their names (``accuracy``, ``loss``); those of the validation
    data, Keras' ``val_...``, have ``split`` ``"validation"`` in their metadata, beside
    ``epoch`` from 0. The end is told when Keras tells it; a training that raises, and that
    is a ``training_failed``, only within ``with``:

    >>> import driftline as dl
    >>> from driftline.integrations.keras import DriftlineCallback
    >>> hub = dl.Hub()
    >>> with DriftlineCallback(hub, model="fraud:2") as callback:  # doctest: +SKIP
    ...     model.fit(x, y, epochs=5, callbacks=[callback])

    :param hub: who is told; None for nobody.
    :param model: which model is trained.
    :param every: only every so many epochs the metrics are told.
    :param prefix: what stands before the kind of each metric.
    :raises PackageNotFound: Keras is not installed; also an ImportError.
    """

    @staticmethod
    def _framework() -> type:
        try:
            import keras
        except ImportError as error:
            raise needs("Keras", "keras") from error
        return keras.callbacks.Callback  # type: ignore[no-any-return]

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Keras calls it."""
        self._training.started()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Keras calls it."""
        if self._is_due(epoch):
            self._training.metrics(logs or {}, epoch=epoch)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Keras calls it."""
        self._training.completed()
