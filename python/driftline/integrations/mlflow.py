"""Trainings that MLflow's webhooks start (the extra ``mlflow``)."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

from driftline.exceptions import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    from driftline._driftline import Event, ModelId

__all__ = ["MLflowScheduler"]


class MLflowScheduler:
    """A scheduler for a ``RetrainingTrigger`` that tags the version of the registered
    model.

    MLflow has no call to retrain. What it has is webhooks (MLflow 3, on a server with a
    database): one for the event ``model_version_tag.set`` is told of the name, the
    version, and the tag's key and value; have it start the pipeline when the key is
    ``tag``. The value is JSON that says why: ``kind``, ``value``, ``p_value``, ``feature``
    and ``timestamp`` of the event that asked.

    The version is the model's; a version that is no number is taken for an alias, and a
    model without version for the newest one that is registered.

    :param tracking_uri: the MLflow server; by default what MLflow is configured with.
    :param tag: the key of the tag.
    :param model_name: the name in the registry, where it is not the model's.
    :raises ImportError: MLflow is not installed.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an empty argument.

    >>> import driftline as dl
    >>> from driftline.integrations import MLflowScheduler
    >>> scheduler = MLflowScheduler(tracking_uri="http://mlflow:5000")  # doctest: +SKIP
    >>> trigger = dl.RetrainingTrigger(scheduler)  # doctest: +SKIP
    """

    __slots__ = ("_client", "model_name", "tag", "tracking_uri")

    def __init__(
        self,
        *,
        tracking_uri: str | None = None,
        tag: str = "driftline.retraining",
        model_name: str | None = None,
    ) -> None:
        if importlib.util.find_spec("mlflow") is None:
            raise ImportError("MLflowScheduler needs MLflow: pip install 'driftline[mlflow]'")
        #: The MLflow server, or None.
        self.tracking_uri = _text("tracking_uri", tracking_uri)
        #: The name in the registry, or None.
        self.model_name = _text("model_name", model_name)
        if tag is None:
            raise InvalidTypeError("tag: got None; accepted: a str that is not empty")
        #: The key of the tag.
        self.tag = _text("tag", tag)
        self._client: Any = None

    @property
    def name(self) -> str:
        """The name in messages."""
        return "mlflow"

    def __call__(self, model: ModelId, event: Event) -> None:
        """Tags the version.

        :raises mlflow.exceptions.MlflowException: the registry cannot be reached, or has
            no such version.
        """
        if self._client is None:
            from mlflow.tracking import MlflowClient  # takes a second or two

            self._client = MlflowClient(
                tracking_uri=self.tracking_uri, registry_uri=self.tracking_uri
            )
        name = self.model_name or model.name
        why = {
            "kind": event.kind,
            "value": event.value,
            "p_value": event.p_value,
            "feature": event.feature,
            "timestamp": event.timestamp.isoformat(),
        }
        version = self._version(name, model.version)
        self._client.set_model_version_tag(name, version, self.tag, json.dumps(why))

    def _version(self, name: str, version: str | None) -> str:
        """The number of a version, or of the alias or newest version meant."""
        if version is not None and version.isdecimal():
            return version
        if version is not None:
            return str(self._client.get_model_version_by_alias(name, version).version)
        quote = '"' if "'" in name else "'"
        found = self._client.search_model_versions(
            f"name={quote}{name}{quote}", max_results=1, order_by=["version_number DESC"]
        )
        if not found:
            raise InvalidValueError(
                f"model: got {name!r}, of which no version is registered; accepted: a model that is"
            )
        return str(found[0].version)

    def __repr__(self) -> str:
        return f"MLflowScheduler(tag={self.tag!r}, model_name={self.model_name!r})"


def _text(argument: str, value: str | None) -> str | None:
    if not isinstance(value, str | None):
        raise InvalidTypeError(
            f"{argument}: got {value!r} (type {type(value).__name__}); accepted: a str"
        )
    if value == "":
        raise InvalidValueError(f"{argument}: got ''; accepted: a str that is not empty")
    return value
