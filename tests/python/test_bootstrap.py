"""``driftline.bootstrap``: everything wired in one line."""

import inspect

import numpy as np
import pytest

import driftline as dl


def kinds_of(hub):
    return [type(info.observer).__name__ for info in hub.observers()]


def test_without_arguments_it_only_watches():
    with dl.bootstrap() as hub:
        assert kinds_of(hub) == ["LatencyMonitor", "DriftMonitor", "MetricsCollector"]


def test_a_drift_is_exactly_one_alert():
    told = []
    with dl.bootstrap(sinks=told.append) as hub:
        rng = np.random.default_rng(7)
        detector = dl.DriftDetector(
            rng.normal(size=500), window_size=100, test="ks", alpha=1e-6, feature="age"
        )
        hub.register(detector)
        hub.emit_many("observation", rng.normal(size=500), feature="age", model="fraud:1")
        assert hub.flush(10.0)
        assert told == []
        hub.emit_many("observation", rng.normal(2.0, size=500), feature="age", model="fraud:1")
    assert [(alert.action, alert.kind, alert.feature) for alert in told] == [
        ("open", "drift_detected", "age")
    ]


def test_a_drift_with_everything_is_one_alert_and_one_retraining():
    told, runs = [], []
    with dl.bootstrap(
        sinks=[told.append], schedule=lambda model, event: runs.append((str(model), event.kind))
    ) as hub:
        for _ in range(20):
            hub.emit("drift_detected", 0.4, p_value=1e-9, model="fraud:1", feature="age")
        assert hub.flush(10.0)
    assert runs == [("fraud:1", "drift_detected")]
    assert [(alert.action, alert.kind) for alert in told] == [("open", "drift_detected")]


def test_defaults_of_the_trigger_are_careful():
    runs = []
    with dl.bootstrap(schedule=lambda model, event: runs.append((str(model), event.kind))) as hub:
        for p_value in (0.01, 0.5, 0.01, 0.5):  # two of the last five
            hub.emit("drift_score", 0.1, p_value=p_value, model="a:1", feature="x")
        hub.emit("f1", 0.76, model="b:1")
        assert hub.flush(10.0)
        assert runs == []
        hub.emit("drift_score", 0.1, p_value=0.01, model="a:1", feature="x")
        hub.emit("f1", 0.74, model="b:1")
        assert hub.flush(10.0)
    assert sorted(runs) == [("a:1", "drift_score"), ("b:1", "f1")]


def test_queues_are_as_promised():
    hub = dl.bootstrap(schedule=lambda *_: None, sinks=lambda alert: None)
    (trigger,) = hub.config()["triggers"]
    assert (trigger["min_f1"], trigger["max_p"], trigger["confirm"]) == (0.75, 0.05, [3, 5])
    assert trigger["register"]["queue_size"] == 2048
    assert hub.config()["alerts"][0]["queue_size"] == 1024
    hub.shutdown()


def test_config_is_where_to_begin():
    def sink(alert):
        pass

    with dl.bootstrap(sinks=sink, slo_ms=50, drift_threshold=0.2) as hub:
        config = hub.config()
    assert config["monitors"] == [
        {"kind": "latency", "slo_ms": 50},
        {"kind": "drift", "threshold": 0.2},
    ]
    with dl.from_config(config, callables={"sink 1": sink}) as again:
        assert again.config() == config


def test_sinks_may_be_one_or_several():
    for sinks, count in [
        (dl.LogSink(), 1),
        ([dl.LogSink(), print], 2),
        ((sink for sink in [print]), 1),
    ]:
        with dl.bootstrap(sinks=sinks) as hub:
            assert len(hub.config()["alerts"][0]["sinks"]) == count


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"sinks": 3}, dl.InvalidTypeError),
        ({"sinks": "https://example.invalid"}, dl.InvalidTypeError),
        ({"sinks": [print, 3]}, dl.InvalidTypeError),
        ({"sinks": []}, dl.InvalidValueError),
        ({"schedule": 3}, dl.InvalidTypeError),
        ({"slo_ms": -1}, dl.InvalidValueError),
        ({"slo_ms": "5"}, dl.InvalidValueError),
        ({"drift_threshold": -1}, dl.InvalidValueError),
    ],
)
def test_arguments_are_checked(arguments, error):
    with pytest.raises(error, match=r"got .*; accepted: "):
        dl.bootstrap(**arguments)


def test_arguments_are_named():
    parameters = inspect.signature(dl.bootstrap).parameters.values()
    assert {parameter.kind for parameter in parameters} == {inspect.Parameter.KEYWORD_ONLY}
