"""Trainings of Lightning (the extra ``lightning``)."""

from __future__ import annotations

from typing import Any

from driftline.integrations._training import TrainingCallback, needs

__all__ = ["DriftlineCallback"]


class DriftlineCallback(TrainingCallback):
    """Tells a hub when ``Trainer.fit`` starts, ends and fails, and the metrics of each epoch.

    Metrics are what the module has logged (``self.log``), under their names: ``val_f1`` and
    ``val/f1`` are ``f1`` with ``split`` ``"validation"`` in the metadata, beside ``epoch``
    from 0 and ``step``; of those that Lightning keeps by step and by epoch, the latter.
    The sanity check before the training is left out. Of several processes the first tells.
    Lightning tells exceptions itself, Ctrl-C among them: each is a ``training_failed``.

    >>> import driftline as dl
    >>> from driftline.integrations.lightning import DriftlineCallback
    >>> hub = dl.Hub()
    >>> trainer = L.Trainer(callbacks=[DriftlineCallback(hub, model="fraud:2")])  # doctest: +SKIP

    :param hub: who is told; None for nobody.
    :param model: which model is trained.
    :param every: only every so many epochs the metrics are told.
    :param prefix: what stands before the kind of each metric.
    :raises PackageNotFound: Lightning is not installed; also an ImportError.
    """

    @staticmethod
    def _framework() -> type:
        try:
            from lightning.pytorch import Callback
        except ImportError as error:
            try:
                from pytorch_lightning import Callback  # the same, under its older name
            except ImportError:
                raise needs("Lightning", "lightning") from error
        return Callback  # type: ignore[no-any-return]

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Lightning calls it."""
        if trainer.is_global_zero:
            self._training.started()

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Lightning calls it, after the validation of this epoch."""
        self._training.guard.call("metrics", self._tell, trainer, of_validation=False)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Lightning calls it."""
        if not trainer.sanity_checking:
            self._training.guard.call("metrics", self._tell, trainer, of_validation=True)

    def _tell(self, trainer: Any, *, of_validation: bool) -> None:
        if not (trainer.is_global_zero and self._training.runs):
            return
        epoch: int = trainer.current_epoch
        if not self._is_due(epoch):
            return
        logged = trainer.callback_metrics
        found = {}
        for key, value in logged.items():
            by_epoch = f"{key.removesuffix('_step')}_epoch"
            if key.startswith("val") == of_validation and by_epoch not in logged:
                found[key.removesuffix("_epoch")] = value
        self._training.metrics(found, epoch=epoch, step=trainer.global_step)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Lightning calls it."""
        self._training.completed()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Lightning calls it."""
        self._training.failed(exception)
