"""Estimators of scikit-learn, and what behaves like one (the extra ``sklearn``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftline.exceptions import InvalidTypeError
from driftline.integrations._training import needs

if TYPE_CHECKING:
    from driftline._driftline import Hub, ModelId

__all__ = ["monitored"]


def monitored(
    estimator: Any,
    hub: Hub | Any = None,
    *,
    monitor: Any = None,
    model: ModelId | str | None = None,
) -> Any:
    """The same estimator, watched: a meta-estimator with its methods and attributes.

    ``predict`` and ``predict_proba`` tell the hub ``inference_completed`` (its value is the
    latency of the call in milliseconds; ``rows`` and ``method`` are in the metadata) or
    ``inference_failed``, and give the monitor the rows that were predicted from (each call its
    own: whoever calls both for the same rows shows them twice); ``fit``
    tells ``training_started``, ``training_completed`` and ``training_failed``. Whatever else
    the estimator has (``decision_function``, ``transform``, ``score``, ``coef_``) is there
    untouched.

    What fails in the hub or the monitor never reaches the caller: it is counted in
    ``failures`` and logged once (logger ``driftline.integrations``). Exceptions of the
    estimator pass unchanged.

    ``fit`` fits a clone, ``estimator_``, as meta-estimators do; an estimator that is fitted
    already needs none. A ``Pipeline`` within ``monitored`` shows the monitor what comes in;
    ``monitored`` within a pipeline, what the step before has made of it. Copies and clones
    share hub and monitor, and so a search that clones tells of every fit and every score:
    to have the outcome alone watched, write ``monitored(GridSearchCV(...), hub)``.

    A pickle has neither hub nor monitor, but the model's name; in the process that reads it
    ``estimator.attach(hub, monitor=monitor)`` has it watched again (within a pipeline,
    ``pipeline[-1].attach(hub)``).

    :param estimator: what is watched, fitted or not.
    :param hub: who is told; a monitor may stand here instead.
    :param monitor: an object with ``observe_many(table)``, or None.
    :param model: which model it is.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises PackageNotFound: scikit-learn is not installed; also an ImportError.

    >>> import driftline as dl
    >>> from driftline.integrations.sklearn import monitored
    >>> hub = dl.Hub()
    >>> model = monitored(LogisticRegression(), hub, model="fraud:1")  # doctest: +SKIP
    >>> model.fit(x, y).predict(x_new)  # doctest: +SKIP
    """
    try:
        from driftline.integrations._estimator import MonitoredEstimator, Watchers
    except ImportError as error:
        raise needs("scikit-learn", "sklearn") from error
    if not (hasattr(estimator, "fit") or hasattr(estimator, "predict")):
        raise InvalidTypeError(f"estimator: got {estimator!r}; accepted: an estimator")
    return MonitoredEstimator(estimator, Watchers(hub, monitor, model))
