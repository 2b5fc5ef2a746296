"""MLflow (the extra ``mlflow``): trainings that its webhooks start, and reports and metrics
of driftline in its runs."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from driftline.exceptions import InvalidTypeError, InvalidValueError
from driftline.integrations._training import needs

if TYPE_CHECKING:
    from driftline._driftline import Event, ModelId

__all__ = ["MLflowLogger", "MLflowScheduler", "log_report"]

# What MLflow takes in the key of a metric.
_NOT_OF_A_KEY: Final = re.compile(r"[^\w.\-/ ]", re.ASCII)

#: The most metrics in one of its requests.
_BATCH: Final = 1000


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


class MLflowLogger:
    """An observer that logs the values of events as metrics of a run.

    The key is the kind, and the feature behind it (``drift_score.age``); the step is what
    the event's metadata has under ``step``, ``iteration`` or ``epoch``, 0 without. Events
    without a value, and values that are not finite, are left out. Each is a request to
    MLflow: register it with ``mode="queued"``, and with the kinds that you want there.

    :param run_id: the run; by default the one that is active when this is made.
    :param tracking_uri: the MLflow server; by default what MLflow is configured with.
    :param prefix: what stands before each key.
    :raises PackageNotFound: MLflow is not installed; also an ImportError.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an empty argument, or no run is active.

    >>> import driftline as dl
    >>> from driftline.integrations.mlflow import MLflowLogger
    >>> hub = dl.Hub()
    >>> with mlflow.start_run():  # doctest: +SKIP
    ...     hub.register(MLflowLogger(), kinds=["accuracy", "f1"], mode="queued")
    """

    __slots__ = ("_client", "prefix", "run_id")

    def __init__(
        self,
        run_id: str | None = None,
        *,
        tracking_uri: str | None = None,
        prefix: str | None = None,
    ) -> None:
        #: What stands before each key.
        self.prefix = _text("prefix", prefix) or ""
        #: The run.
        self._client, self.run_id = _run(run_id, tracking_uri)

    @property
    def name(self) -> str:
        """The name in counters and logs."""
        return "mlflow"

    def on_event(self, event: Event) -> None:
        """Logs the value of an event."""
        if event.value is None or not math.isfinite(event.value):
            return
        key = self.prefix + event.kind
        if event.feature is not None:
            key = f"{key}.{event.feature}"
        steps = (event.metadata.get(name) for name in ("step", "iteration", "epoch"))
        step = next((one for one in steps if isinstance(one, int)), 0)
        milliseconds = event.timestamp_ns // 1_000_000
        self._client.log_metric(self.run_id, _key(key), event.value, milliseconds, step)

    def __repr__(self) -> str:
        return f"MLflowLogger(run_id={self.run_id!r}, prefix={self.prefix!r})"


class Report(Protocol):
    """What can be logged: a ``DriftReport``, or another that has these."""

    def to_html(self) -> str:
        """The page."""

    def to_json(self) -> str:
        """The document."""


def log_report(
    report: Report,
    *,
    name: str = "drift",
    step: int = 0,
    run_id: str | None = None,
    tracking_uri: str | None = None,
    metrics: Mapping[str, float] | None = None,
) -> str:
    """Logs a report to a run: ``drift.html`` and ``drift.json`` as artifacts, and of a
    ``DriftReport`` its figures.

    Those are the tag ``drift.verdict`` and the metrics ``drift.share_drifted`` (with
    ``_low`` and ``_high``), ``drift.columns``, ``drift.drifted``, ``drift.stable``,
    ``drift.inconclusive``, ``drift.effect.NAME`` (the share of rows moved) for each column,
    and, where target and prediction were named, ``drift.performance.METRIC.baseline`` and
    ``.current``. MLflow shows how they move from step to step.

    :param report: a ``DriftReport``, or whatever has ``to_html()`` and ``to_json()``.
    :param name: in the place of ``drift``.
    :param step: the step of the metrics, such as the number of the week.
    :param run_id: the run; by default the one that is active.
    :param tracking_uri: the MLflow server; by default what MLflow is configured with.
    :param metrics: further ones, under ``name``.
    :returns: the id of the run.
    :raises PackageNotFound: MLflow is not installed; also an ImportError.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: an empty argument, or no run is active.
    :raises mlflow.exceptions.MlflowException: MLflow refused it, or cannot be reached.

    >>> import driftline as dl
    >>> from driftline.integrations.mlflow import log_report
    >>> with mlflow.start_run():  # doctest: +SKIP
    ...     log_report(dl.compare(january, july))
    """
    if not (hasattr(report, "to_html") and hasattr(report, "to_json")):
        raise InvalidTypeError(
            f"report: got {type(report).__name__}; accepted: a DriftReport, or an object with "
            "to_html() and to_json()"
        )
    if name is None or not _text("name", name):
        raise InvalidTypeError("name: got None; accepted: a str that is not empty")
    client, run = _run(run_id, tracking_uri)
    from mlflow.entities import Metric, RunTag

    now = time.time_ns() // 1_000_000
    found = {**dict(_figures(report)), **(metrics or {})}
    logged = [
        Metric(_key(f"{name}.{key}"), float(value), now, step) for key, value in found.items()
    ]
    verdict = getattr(report, "verdict", None)
    tags = [] if verdict is None else [RunTag(f"{name}.verdict", str(verdict))]
    client.log_text(run, report.to_html(), f"{name}.html")
    client.log_text(run, report.to_json(), f"{name}.json")
    for start in range(0, max(len(logged), 1), _BATCH):
        client.log_batch(run, metrics=logged[start : start + _BATCH], tags=tags)
    return run


def _figures(report: Any) -> Iterator[tuple[str, float]]:
    """The figures of a ``DriftReport``; of others none."""
    table = getattr(report, "table", None)
    for key, value in table.items() if isinstance(table, Mapping) else ():
        if isinstance(value, int | float):
            yield key, value
    for column in getattr(report, "columns", ()):
        size = getattr(column, "effect_size", None)
        if size is not None:
            yield f"effect.{column.name}", size
    performance = getattr(report, "performance", None)
    for metric in performance["metrics"] if isinstance(performance, Mapping) else ():
        for side in ("baseline", "current"):
            if metric[side] is not None:
                yield f"performance.{metric['name']}.{side}", metric[side]


def _run(run_id: str | None, tracking_uri: str | None) -> tuple[Any, str]:
    """A client, and the run that is meant."""
    if importlib.util.find_spec("mlflow") is None:
        raise needs("MLflow", "mlflow")
    run, uri = _text("run_id", run_id), _text("tracking_uri", tracking_uri)
    import mlflow  # takes a second or two
    from mlflow.tracking import MlflowClient

    if run is None:
        active = mlflow.active_run()
        if active is None:
            raise InvalidValueError(
                "run_id: got None while no run is active; accepted: the id of a run, or None "
                "within mlflow.start_run()"
            )
        run = active.info.run_id
    return MlflowClient(tracking_uri=uri), run


def _key(text: str) -> str:
    return _NOT_OF_A_KEY.sub("_", text)[:250]


def _text(argument: str, value: str | None) -> str | None:
    if not isinstance(value, str | None):
        raise InvalidTypeError(
            f"{argument}: got {value!r} (type {type(value).__name__}); accepted: a str"
        )
    if value == "":
        raise InvalidValueError(f"{argument}: got ''; accepted: a str that is not empty")
    return value
