"""The standard kinds of events, and what custom ones are."""

from typing import Final, Literal

from driftline import _driftline

__all__ = ["Kind"]


class Kind:
    """The standard kinds of events. A kind is a plain str; any other text is a
    custom kind, which exporters show as a gauge unless it is defined here.

    >>> import driftline as dl
    >>> dl.Kind.ACCURACY
    'accuracy'
    >>> dl.Kind.define("cache_hits", type="counter", description="Answers from the cache.")
    'cache_hits'
    """

    INFERENCE_COMPLETED: Final = "inference_completed"  #: value = latency in ms
    INFERENCE_FAILED: Final = "inference_failed"
    GROUND_TRUTH: Final = "ground_truth"  #: the true value of a prediction
    OBSERVATION: Final = "observation"  #: one value of a feature or output
    TRAINING_STARTED: Final = "training_started"
    TRAINING_COMPLETED: Final = "training_completed"
    RETRAINING_TRIGGERED: Final = "retraining_triggered"
    RETRAINING_FAILED: Final = "retraining_failed"
    DRIFT_SCORE: Final = "drift_score"
    DRIFT_DETECTED: Final = "drift_detected"  #: value = statistic
    DRIFT_RESOLVED: Final = "drift_resolved"
    DATA_MISSING: Final = "data_missing"
    DATA_RECOVERED: Final = "data_recovered"
    ACCURACY: Final = "accuracy"
    PRECISION: Final = "precision"
    RECALL: Final = "recall"
    F1: Final = "f1"
    LATENCY_P99: Final = "latency_p99"
    SLO_BREACHED: Final = "slo_breached"
    SLO_RECOVERED: Final = "slo_recovered"

    @staticmethod
    def define(
        name: str,
        *,
        type: Literal["gauge", "counter", "histogram"],
        unit: str | None = None,
        description: str | None = None,
    ) -> str:
        """Tell exporters what a custom kind is; defining it again replaces that.

        :param name: the kind; not a standard one.
        :param type: what counts: the last value, the number of events, or the
            distribution of the values, which are not negative then.
        :param unit: the unit of the value, as in ``"ms"``.
        :param description: one sentence for the reader of a dashboard.
        :returns: the name.
        :raises InvalidValueError: a standard kind, an empty name or an unknown type.
        """
        return _driftline._define_kind(name, type, unit, description)

    @staticmethod
    def definition(name: str) -> dict[str, str | None] | None:
        """Type, unit and description of a kind; None for a custom one that is
        not defined.

        >>> import driftline as dl
        >>> dl.Kind.definition("inference_completed")["unit"]
        'ms'
        """
        return _driftline._kind_definition(name)
