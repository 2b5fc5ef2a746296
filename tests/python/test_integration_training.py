"""Trainings: what the callbacks tell, by the order in which the frameworks call them."""

import copy
import pickle
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import driftline as dl
from driftline.integrations import catboost, keras, lightgbm, lightning, transformers, xgboost

MODULES = [catboost, keras, lightgbm, lightning, transformers, xgboost]


class Base:
    """In the place of a framework's own callback."""


class OfKeras(keras.DriftlineCallback):
    _framework = staticmethod(lambda: Base)


class OfLightning(lightning.DriftlineCallback):
    _framework = staticmethod(lambda: Base)


class OfTransformers(transformers.DriftlineCallback):
    _framework = staticmethod(lambda: Base)


class OfXGBoost(xgboost.DriftlineCallback):
    _framework = staticmethod(lambda: Base)


STANDING_IN = [
    *(OfKeras, OfLightning, OfTransformers, OfXGBoost),
    *(lightgbm.DriftlineCallback, catboost.DriftlineCallback),
]


def heard_by(hub):
    events = []
    hub.register(events.append)
    return events


def told(events):
    """Kind, value, split and place of each."""
    return [
        (
            event.kind,
            event.value,
            event.metadata.get("split"),
            event.metadata.get("epoch", event.metadata.get("iteration")),
        )
        for event in events
    ]


STARTED = ("training_started", None, None, None)
COMPLETED = ("training_completed", None, None, None)
FAILED = ("training_failed", None, None, None)


@pytest.mark.parametrize("make", STANDING_IN)
def test_every_callback(make):
    hub = dl.Hub()
    events = heard_by(hub)
    callback = make(hub, model="fraud:2", every=3, prefix="training_")
    assert isinstance(callback, make)
    if make.__name__.startswith("Of"):
        assert isinstance(callback, Base)
    assert callback.failures == {}
    # Copies tell the same hub, as those that scikit-learn makes of parameters.
    assert copy.deepcopy(callback)._training.hub is hub
    read = pickle.loads(pickle.dumps(callback))
    assert type(read) is type(callback)
    assert read._training.hub is None
    assert (read._every, str(read._training.model)) == (3, "fraud:2")
    assert events == []


@pytest.mark.parametrize("make", STANDING_IN)
@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((3,), {}),
        ((None,), {"model": 3}),
        ((None,), {"every": 0}),
        ((None,), {"every": 1.0}),
        ((None,), {"prefix": None}),
    ],
)
def test_wrong_arguments_are_refused(make, arguments, options):
    with pytest.raises(dl.DriftlineError, match="accepted"):
        make(*arguments, **options)


@pytest.mark.parametrize(
    ("module", "package"),
    [
        (keras, "keras"),
        (lightning, "lightning"),
        (transformers, "transformers"),
        (xgboost, "xgboost"),
    ],
)
@pytest.mark.thread_unsafe(reason="hides packages")
def test_a_missing_framework_is_told(module, package, monkeypatch):
    class Own(module.DriftlineCallback):
        pass

    for hidden in (package, f"{package}.pytorch", f"{package}.callback", "pytorch_lightning"):
        monkeypatch.setitem(sys.modules, hidden, None)
    with pytest.raises(dl.PackageNotFound, match=rf"driftline\[{package}\]"):
        Own(dl.Hub())


@pytest.mark.thread_unsafe(reason="puts a package in the place of another")
def test_the_base_is_the_frameworks(monkeypatch):
    class Own(xgboost.DriftlineCallback):
        pass

    stand_in = ModuleType("xgboost.callback")
    stand_in.TrainingCallback = Base
    monkeypatch.setitem(sys.modules, "xgboost", ModuleType("xgboost"))
    monkeypatch.setitem(sys.modules, "xgboost.callback", stand_in)
    assert isinstance(Own(dl.Hub()), Base)


def test_keras():
    hub = dl.Hub()
    events = heard_by(hub)
    callback = OfKeras(hub, model="fraud:2", every=2)
    callback.on_train_begin()
    for epoch in range(3):
        callback.on_epoch_end(
            epoch,
            {
                "acc": np.float32(0.5),
                "val_f1_score": np.array([0.25]),
                "loss": float("nan"),
                "matrix": np.ones((2, 2)),
                "name": "x",
                "none": None,
            },
        )
    callback.on_train_end()
    kinds = told(events)
    assert np.isnan(events[3].value)
    assert kinds[:3] + kinds[4:] == [
        STARTED,
        ("accuracy", 0.5, "training", 1),
        ("f1", 0.25, "validation", 1),
        COMPLETED,
    ]
    assert {str(event.model) for event in events} == {"fraud:2"}
    assert events[-1].metadata["duration_ms"] >= 0.0
    assert callback.failures == {}


def test_a_block_tells_of_failures():
    hub = dl.Hub()
    events = heard_by(hub)
    callback = OfKeras(hub, model="fraud:2")

    def train():
        with callback:
            callback.on_train_begin()
            raise LookupError("no data")

    with pytest.raises(LookupError, match="no data"):
        train()
    assert [event.kind for event in events] == ["training_started", "training_failed"]
    assert events[1].severity == dl.Severity.ERROR
    assert events[1].metadata["message"] == "LookupError: no data"
    assert events[1].metadata["duration_ms"] >= 0.0
    # What fails before it has started is no training.
    with pytest.raises(LookupError), callback:
        raise LookupError
    assert len(events) == 2
    # Nor is one told of twice.
    with callback:
        callback.on_train_begin()
        callback.on_train_end()
    assert [event.kind for event in events[2:]] == ["training_started", "training_completed"]


def test_a_training_that_failed_unheard_does_not_hide_the_next():
    hub = dl.Hub()
    events = heard_by(hub)
    callback = OfKeras(hub)
    callback.on_train_begin()
    callback.on_train_begin()
    callback.on_train_end()
    assert told(events) == [STARTED, STARTED, COMPLETED]


@pytest.mark.thread_unsafe(reason="caplog")
@pytest.mark.parametrize("kind", ["hub", "metrics"])
def test_failures_of_ours_do_not_stop_a_training(kind, caplog):
    hub = dl.Hub()
    callback = lightgbm.DriftlineCallback(hub)
    env = SimpleNamespace(
        iteration=0,
        begin_iteration=0,
        end_iteration=2,
        evaluation_result_list=[("valid", "auc", 0.5, True)] if kind == "hub" else 3,
    )
    if kind == "hub":
        callback(env)
        hub.shutdown()
    callback(env)
    callback(env)
    assert set(callback.failures) == {kind}
    said = [r.getMessage() for r in caplog.records if r.name == "driftline.integrations"]
    assert len(said) == 1


def test_a_prefix_keeps_metrics_from_who_watches_the_serving_model():
    hub = dl.Hub()
    trigger = dl.RetrainingTrigger(lambda model, event: None)
    hub.register(trigger)
    events = heard_by(hub)
    callback = OfKeras(hub, model="fraud:2", prefix="training_")
    callback.on_train_begin()
    callback.on_epoch_end(0, {"f1": 0.1})
    assert events[-1].kind == "training_f1"
    assert trigger.runs["triggered"] == 0


def trainer(**metrics):
    return SimpleNamespace(
        is_global_zero=True,
        sanity_checking=False,
        current_epoch=0,
        global_step=4,
        callback_metrics=metrics,
    )


def test_lightning():
    # The order of Trainer.fit: docs of lightning.pytorch.callbacks.Callback.
    hub = dl.Hub()
    events = heard_by(hub)
    callback = OfLightning(hub)
    of_check = trainer(val_loss=9.0)
    of_check.sanity_checking = True
    now = trainer(
        **{"loss": 0.4, "loss_step": 0.3, "loss_epoch": 0.5, "val/f1": 0.25, "val_loss": 0.75}
    )
    callback.on_fit_start(now, None)
    callback.on_validation_end(of_check, None)
    callback.on_validation_end(now, None)
    callback.on_train_epoch_end(now, None)
    callback.on_fit_end(now, None)
    assert told(events) == [
        STARTED,
        ("f1", 0.25, "validation", 0),
        ("loss", 0.75, "validation", 0),
        ("loss", 0.5, "training", 0),
        COMPLETED,
    ]
    assert events[1].metadata["step"] == 4


def test_lightning_tells_failures_and_only_of_the_first_process():
    hub = dl.Hub()
    events = heard_by(hub)
    callback, other = OfLightning(hub), OfLightning(hub)
    second = trainer(loss=1.0)
    second.is_global_zero = False
    other.on_fit_start(second, None)
    other.on_train_epoch_end(second, None)
    other.on_exception(second, None, ValueError())
    assert events == []
    callback.on_fit_start(trainer(), None)
    callback.on_exception(trainer(), None, KeyboardInterrupt())
    assert told(events) == [STARTED, FAILED]


def test_transformers():
    hub = dl.Hub()
    events = heard_by(hub)
    callback = OfTransformers(hub)
    state = SimpleNamespace(is_world_process_zero=True, epoch=0.5, global_step=4)
    rest = (None, state, None)
    callback.on_log(*rest, logs={"eval_loss": 1.0})  # an evaluation by itself
    callback.on_train_begin(*rest)
    callback.on_log(*rest, logs={"loss": 0.5, "learning_rate": 1e-3, "epoch": 0.5}, model=None)
    callback.on_log(*rest, logs={"eval_f1": 0.25, "eval_runtime": 3.0, "epoch": 0.5})
    callback.on_log(*rest, logs={"train_runtime": 9.0, "train_loss": 0.6, "total_flos": 1.0})
    callback.on_train_end(*rest)
    assert told(events) == [
        STARTED,
        ("loss", 0.5, "training", 0.5),
        ("learning_rate", 1e-3, "training", 0.5),
        ("f1", 0.25, "validation", 0.5),
        COMPLETED,
    ]


def test_xgboost():
    hub = dl.Hub()
    events = heard_by(hub)
    callback = OfXGBoost(hub)
    booster = object()
    assert callback.before_training(booster) is booster
    log = {"train": {"auc": [0.5]}, "test": {"auc": [(0.25, 0.01)]}}  # the latter of cv
    assert callback.after_iteration(booster, 0, log) is False
    assert callback.after_training(booster) is booster
    assert told(events) == [STARTED, ("auc", 0.5, "train", 0), ("auc", 0.25, "test", 0), COMPLETED]


def test_catboost():
    hub = dl.Hub()
    events = heard_by(hub)
    info = SimpleNamespace(iteration=1, metrics={"learn": {"F1": [0.5], "AUC": []}})
    callback = catboost.DriftlineCallback(hub)
    with callback:
        assert callback.after_iteration(info) is True
    assert told(events) == [STARTED, ("f1", 0.5, "learn", 0), COMPLETED]
    events.clear()
    callback.after_iteration(info)
    assert told(events) == [STARTED, ("f1", 0.5, "learn", 0)]


def test_lightgbm_itself():
    lgb = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 2))
    train = lgb.Dataset(x, (x[:, 0] > 0).astype(float), free_raw_data=False)
    against = lgb.Dataset(
        x[:40], (x[:40, 0] < 0).astype(float), reference=train, free_raw_data=False
    )
    params = {"objective": "binary", "metric": "auc", "verbose": -1, "min_data_in_leaf": 5}
    params["num_threads"] = 1
    hub = dl.Hub()
    events = heard_by(hub)
    callback = lightgbm.DriftlineCallback(hub, every=2)
    booster = lgb.train(params, train, 4, [against], ["new"], callbacks=[callback])
    assert [(kind, split, at) for kind, _, split, at in told(events)] == [
        ("training_started", None, None),
        ("auc", "new", 1),
        ("auc", "new", 3),
        ("training_completed", None, None),
    ]
    events.clear()
    with callback:
        stop = lgb.early_stopping(2, verbose=False)
        lgb.train(params, train, 500, [against], ["new"], callbacks=[stop, callback])
    assert events[0].kind == "training_started"
    assert events[-1].kind == "training_completed"
    assert len(events) < 20
    events.clear()
    callback = lightgbm.DriftlineCallback(hub)
    again = lgb.train(
        params, train, 2, [against], ["new"], init_model=booster, callbacks=[callback]
    )
    assert again.current_iteration() == 6
    assert [event.kind for event in events] == [
        *("training_started", "auc", "auc", "training_completed")
    ]
