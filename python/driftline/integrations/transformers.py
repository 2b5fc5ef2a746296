"""Trainings of Hugging Face's ``Trainer`` (the extra ``transformers``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftline.integrations._training import TrainingCallback, needs

__all__ = ["DriftlineCallback"]

# What the Trainer logs beside metrics of the moment.
_NOT_METRICS = ("epoch", "total_flos", "train_loss")
_BESIDES = ("_runtime", "_per_second", "_timing", "_compilation_time")


class DriftlineCallback(TrainingCallback):
    """Tells a hub when ``Trainer.train`` starts and ends, and what the ``Trainer`` logs.

    How often that is, ``TrainingArguments`` say (``logging_steps``, ``eval_strategy``);
    ``every`` takes every so many of those reports. ``eval_f1`` is ``f1`` with ``split``
    ``"validation"`` in the metadata, beside ``epoch`` (a fraction) and ``step``. Run times
    and the mean loss of the whole training are left out. Of several processes the first
    tells. A training that raises is a ``training_failed`` only within ``with``:

    >>> import driftline as dl
    >>> from driftline.integrations.transformers import DriftlineCallback
    >>> hub = dl.Hub()
    >>> with DriftlineCallback(hub, model="sentiment:2") as callback:  # doctest: +SKIP
    ...     Trainer(model, arguments, train_dataset=data, callbacks=[callback]).train()

    :param hub: who is told; None for nobody.
    :param model: which model is trained.
    :param every: only every so many reports are told.
    :param prefix: what stands before the kind of each metric.
    :raises PackageNotFound: transformers is not installed; also an ImportError.
    """

    _reports = 0

    @staticmethod
    def _framework() -> type:
        try:
            from transformers import TrainerCallback
        except ImportError as error:
            raise needs("transformers", "transformers") from error
        return TrainerCallback  # type: ignore[no-any-return]

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """The Trainer calls it."""
        self._reports = 0
        if state.is_world_process_zero:
            self._training.started()

    def on_log(
        self,
        args: Any,
        state: Any,
        control: Any,
        logs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """The Trainer calls it, after evaluations too."""
        if not self._training.runs:
            return
        if self._is_due(self._reports):
            self._training.guard.call("metrics", self._tell, state, logs or {})
        self._reports += 1

    def _tell(self, state: Any, logs: Mapping[str, Any]) -> None:
        told = {
            key: value
            for key, value in logs.items()
            if key not in _NOT_METRICS and not key.endswith(_BESIDES)
        }
        self._training.metrics(told, epoch=state.epoch, step=state.global_step)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """The Trainer calls it."""
        self._training.completed()
