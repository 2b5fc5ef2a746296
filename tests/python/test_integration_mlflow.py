"""MLflow's runs: reports and metrics."""

import json

import numpy as np
import pytest

import driftline as dl

pytest.importorskip("mlflow")

from driftline.integrations.mlflow import MLflowLogger, log_report

# MLflow's database is built with what SQLAlchemy 2.1 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(params=["files", "database"])
def run(tmp_path, monkeypatch, request):
    """A client and a run, in files or in a database."""
    from mlflow.tracking import MlflowClient

    monkeypatch.chdir(tmp_path)  # where MLflow keeps what it is not told where to
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "store").as_uri()
    if request.param == "database":
        pytest.importorskip("sqlalchemy")
        pytest.importorskip("alembic")
        uri = f"sqlite:///{tmp_path / 'store.db'}"
    client = MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment("flights", artifact_location=(tmp_path / "a").as_uri())
    return client, client.create_run(experiment).info.run_id, uri


@pytest.mark.thread_unsafe(reason="MLflow keeps stores for the process")
def test_a_version_in_the_registry_is_tagged(run, tmp_path):
    client, _, uri = run
    from driftline.integrations import MLflowScheduler

    client.create_registered_model("fraud")
    for _ in range(2):
        client.create_model_version("fraud", source=str(tmp_path))
    hub, trigger = dl.Hub(), dl.RetrainingTrigger(MLflowScheduler(tracking_uri=uri))
    hub.register(trigger)
    hub.emit("f1", 0.5, model="fraud:1")
    assert hub.flush(60.0)
    assert trigger.runs["scheduled"] == 1
    why = json.loads(client.get_model_version("fraud", "1").tags["driftline.retraining"])
    assert (why["kind"], why["value"]) == ("f1", 0.5)
    assert client.get_model_version("fraud", "2").tags == {}


def report():
    rng = np.random.default_rng(0)
    n = 1_000
    baseline = {"age": rng.normal(40, 5, n), "in €": rng.normal(0, 1, n)}
    current = {"age": rng.normal(50, 5, n), "in €": rng.normal(0, 1, n)}
    for table in (baseline, current):
        table["paid"] = np.arange(n) % 2
        table["guess"] = np.arange(n) % 2
    return dl.compare(baseline, current, target="paid", prediction="guess")


@pytest.mark.thread_unsafe(reason="MLflow keeps stores for the process")
def test_a_report_in_a_run(run, tmp_path):
    client, run_id, uri = run
    found = report()
    answer = log_report(found, step=7, run_id=run_id, tracking_uri=uri, metrics={"rows": 1000})
    assert answer == run_id
    data = client.get_run(run_id).data
    assert data.tags["drift.verdict"] == found.verdict == "drifted"
    assert data.metrics["drift.share_drifted"] == found.table["share_drifted"]
    assert data.metrics["drift.drifted"] == len(found.drifted)
    assert data.metrics["drift.rows"] == 1000
    assert data.metrics["drift.effect.age"] == found["age"].effect_size
    assert data.metrics["drift.effect.in _"] == found["in €"].effect_size
    [accuracy] = [m for m in found.performance["metrics"] if m["name"] == "accuracy"]
    assert data.metrics["drift.performance.accuracy.current"] == accuracy["current"]
    [metric] = client.get_metric_history(run_id, "drift.share_drifted")
    assert metric.step == 7
    names = {artifact.path for artifact in client.list_artifacts(run_id)}
    assert names == {"drift.html", "drift.json"}
    local = client.download_artifacts(run_id, "drift.json", str(tmp_path))
    with open(local, encoding="utf-8") as file:
        assert dl.DriftReport(json.load(file)) == found


@pytest.mark.thread_unsafe(reason="MLflow keeps stores for the process")
def test_any_report_in_the_active_run(run):
    import mlflow

    client, run_id, uri = run

    class Performance:
        def to_html(self):
            return "<p>well</p>"

        def to_json(self):
            return "{}"

    with pytest.raises(dl.InvalidValueError, match="no run is active"):
        log_report(Performance(), tracking_uri=uri)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(uri)
    try:
        with mlflow.start_run(run_id=run_id):
            log_report(Performance(), name="performance", metrics={"mae": 3.5})
            logger = MLflowLogger()
    finally:
        mlflow.set_tracking_uri(before)
    assert logger.run_id == run_id
    assert client.get_run(run_id).data.metrics == {"performance.mae": 3.5}
    assert {a.path for a in client.list_artifacts(run_id)} == {
        *("performance.html", "performance.json")
    }


@pytest.mark.thread_unsafe(reason="MLflow keeps stores for the process")
def test_events_as_metrics(run):
    client, run_id, uri = run
    logger = MLflowLogger(run_id, tracking_uri=uri, prefix="serving.")
    with dl.Hub() as hub:
        handle = hub.register(logger, mode="queued")
        hub.emit("accuracy", 0.91, timestamp="2013-01-01T00:00:01Z", metadata={"epoch": 3})
        hub.emit("drift_score", 0.31, feature="in €")
        hub.emit("loss", float("nan"))
        hub.emit("training_started")
        assert hub.flush(60.0)
        [info] = [info for info in hub.observers() if info.handle == handle]
        assert (info.name, info.failures) == ("mlflow", 0)
    metrics = client.get_run(run_id).data.metrics
    assert metrics == {"serving.accuracy": 0.91, "serving.drift_score.in _": 0.31}
    [accuracy] = client.get_metric_history(run_id, "serving.accuracy")
    assert (accuracy.step, accuracy.timestamp) == (3, 1_356_998_401_000)


def test_wrong_arguments_are_refused():
    with pytest.raises(dl.InvalidTypeError, match="to_html"):
        log_report({})
    with pytest.raises(dl.InvalidTypeError, match="run_id"):
        MLflowLogger(3)
    with pytest.raises(dl.InvalidValueError, match="prefix"):
        MLflowLogger(prefix="")
