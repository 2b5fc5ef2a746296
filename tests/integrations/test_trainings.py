"""The callbacks in the frameworks themselves, those that are installed."""

import numpy as np
import pytest

import driftline as dl


def heard_by(hub):
    events = []
    hub.register(events.append)
    return events


def kinds(events):
    return [event.kind for event in events]


def data(n=80):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(np.int64)


def splits(events, kind):
    return [event.metadata["split"] for event in events if event.kind == kind]


def test_keras(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    pytest.importorskip("jax")
    keras = pytest.importorskip("keras")
    from driftline.integrations.keras import DriftlineCallback

    x, y = data()
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", metrics=["accuracy", keras.metrics.F1Score()])
    hub = dl.Hub()
    events = heard_by(hub)
    callback = DriftlineCallback(hub, model="fraud:2")
    y = y.reshape(-1, 1).astype(np.float32)
    history = model.fit(x, y, validation_split=0.25, epochs=2, callbacks=[callback], verbose=0)
    assert (events[0].kind, events[-1].kind) == ("training_started", "training_completed")
    for kind, key in (("accuracy", "accuracy"), ("loss", "loss"), ("f1", "f1_score")):
        assert splits(events, kind) == ["training", "validation"] * 2
        found = [e.value for e in events if e.kind == kind and e.metadata["split"] == "validation"]
        expected = np.asarray(history.history[f"val_{key}"], dtype=np.float64).ravel()
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    events.clear()

    def fail(epoch, logs):
        raise LookupError("full disk")

    others = [callback, keras.callbacks.LambdaCallback(on_epoch_end=fail)]
    with pytest.raises(LookupError, match="full disk"), callback:
        model.fit(x, y, epochs=2, callbacks=others, verbose=0)
    assert kinds(events)[-1] == "training_failed"
    assert callback.failures == {}


def test_xgboost():
    xgb = pytest.importorskip("xgboost")
    from sklearn.base import clone

    from driftline.integrations.xgboost import DriftlineCallback

    x, y = data()
    hub = dl.Hub()
    events = heard_by(hub)
    callback = DriftlineCallback(hub, model="fraud:2")
    model = xgb.XGBClassifier(n_estimators=3, callbacks=[callback], eval_metric="logloss")
    model = clone(model).fit(x, y, eval_set=[(x, y)], verbose=False)
    assert kinds(events) == ["training_started", *["logloss"] * 3, "training_completed"]
    expected = model.evals_result()["validation_0"]["logloss"]
    assert [event.value for event in events[1:-1]] == expected
    assert set(splits(events, "logloss")) == {"validation_0"}
    events.clear()
    table = xgb.DMatrix(x, y)
    xgb.cv({"objective": "binary:logistic"}, table, num_boost_round=2, callbacks=[callback])
    assert kinds(events) == ["training_started", *["logloss"] * 4, "training_completed"]
    events.clear()

    class Failing(xgb.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            raise LookupError("full disk")

    with pytest.raises(LookupError, match="full disk"), callback:
        xgb.train({}, table, 2, callbacks=[callback, Failing()])
    assert kinds(events) == ["training_started", "training_failed"]


def test_catboost():
    cat = pytest.importorskip("catboost")
    from driftline.integrations.catboost import DriftlineCallback

    x, y = data()
    hub = dl.Hub()
    events = heard_by(hub)
    options = {"verbose": 0, "allow_writing_files": False, "thread_count": 1}
    with DriftlineCallback(hub, model="fraud:2", every=2) as callback:
        model = cat.CatBoostClassifier(iterations=4, custom_metric=["F1"], **options)
        model.fit(x, y, eval_set=(x, y), callbacks=[callback])
    assert (events[0].kind, events[-1].kind) == ("training_started", "training_completed")
    assert splits(events, "f1") == ["learn", "validation"] * 2
    assert [e.metadata["iteration"] for e in events if e.kind == "f1"] == [1, 1, 3, 3]
    found = [e.value for e in events if e.kind == "Logloss" and e.metadata["split"] == "learn"]
    assert found == model.get_evals_result()["learn"]["Logloss"][1::2]
    events.clear()
    with pytest.raises(cat.CatBoostError), callback:
        cat.CatBoostClassifier(iterations=4, **options).fit(x[:0], y[:0], callbacks=[callback])
    assert kinds(events) == ["training_started", "training_failed"]
    assert callback.failures == {}


# Of these two, only what needs no graphics card is used; PyTorch brings its libraries all
# the same: gigabytes, which `make test-integrations` does not fetch by itself.


@pytest.mark.filterwarnings("ignore")
def test_lightning():
    torch = pytest.importorskip("torch")
    lightning = pytest.importorskip("lightning")
    from driftline.integrations.lightning import DriftlineCallback

    class Module(lightning.LightningModule):
        fails = False

        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(3, 1)

        def loss(self, batch):
            return (self.layer(batch[0]) - batch[1]).pow(2).mean()

        def training_step(self, batch, index):
            if self.fails:
                raise LookupError("full disk")
            loss = self.loss(batch)
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch, index):
            self.log("val_loss", self.loss(batch))
            self.log("val/f1", 0.25)

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.01)

    x, y = data(32)
    table = torch.utils.data.TensorDataset(torch.tensor(x), torch.tensor(y).float()[:, None])
    loader = torch.utils.data.DataLoader(table, 8)
    hub = dl.Hub()
    events = heard_by(hub)
    callback = DriftlineCallback(hub, model="fraud:2")
    quiet = dict.fromkeys(
        ["logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"], False
    )
    options = {"max_epochs": 2, "accelerator": "cpu", "callbacks": [callback], **quiet}
    lightning.Trainer(**options).fit(module := Module(), loader, loader)
    assert kinds(events) == [
        "training_started",
        *["loss", "f1", "loss"] * 2,
        "training_completed",
    ]
    assert splits(events, "loss") == ["validation", "training"] * 2
    assert splits(events, "f1") == ["validation"] * 2
    assert [event.metadata["epoch"] for event in events[1:-1]] == [0, 0, 0, 1, 1, 1]
    events.clear()
    module.fails = True
    with pytest.raises(LookupError, match="full disk"):
        lightning.Trainer(**options).fit(module, loader)
    assert kinds(events) == ["training_started", "training_failed"]
    assert callback.failures == {}


@pytest.mark.filterwarnings("ignore")
def test_transformers(tmp_path):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    from driftline.integrations.transformers import DriftlineCallback

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(3, 2)

        def forward(self, x=None, labels=None):
            logits = self.layer(x)
            return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}

    x, y = data(32)
    table = [{"x": torch.tensor(a), "labels": torch.tensor(b)} for a, b in zip(x, y, strict=True)]
    hub = dl.Hub()
    events = heard_by(hub)
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path),
        num_train_epochs=2,
        logging_strategy="epoch",
        eval_strategy="epoch",
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    with DriftlineCallback(hub, model="sentiment:2") as callback:
        transformers.Trainer(
            Module(),
            arguments,
            train_dataset=table,
            eval_dataset=table,
            compute_metrics=lambda found: {"f1": 0.25},
            callbacks=[callback],
        ).train()
    assert kinds(events) == [
        "training_started",
        *["loss", "grad_norm", "learning_rate", "loss", "f1"] * 2,
        "training_completed",
    ]
    assert splits(events, "loss") == ["training", "validation"] * 2
    assert callback.failures == {}
