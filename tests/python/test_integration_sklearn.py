"""scikit-learn: an estimator that is watched behaves as it did."""

import copy
import pickle

import numpy as np
import pytest

import driftline as dl

pytest.importorskip("sklearn")

from sklearn.base import clone, is_classifier, is_clusterer, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import AdaBoostClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from driftline.integrations.sklearn import monitored


class Monitor:
    """Keeps what it is told of."""

    def __init__(self):
        self.tables = []

    def observe_many(self, table, *, ids=None, timestamps=None):
        self.tables.append(table)


class BrokenMonitor:
    def observe_many(self, table):
        raise dl.InvalidValueError("table: not this one")


def data(n=60):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3))
    return x, (x[:, 0] + 0.3 * rng.normal(size=n) > 0).astype(int)


def heard_by(hub):
    events = []
    hub.register(events.append)
    return events


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.EstimatorCheckFailedWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.thread_unsafe(reason="scikit-learn's checks set what is global")
@pytest.mark.parametrize(
    "estimator",
    [GaussianNB(), LinearRegression(), PCA(n_components=1)],
    ids=lambda one: type(one).__name__,
)
def test_passes_the_checks_of_scikit_learn(estimator):
    from sklearn.utils.estimator_checks import check_estimator

    def outcomes(one):
        found = check_estimator(one, on_fail=None, on_skip=None)
        return {result["check_name"]: result["status"] for result in found}

    plain = outcomes(estimator)
    watched = outcomes(monitored(estimator, dl.Hub(), monitor=Monitor(), model="m:1"))
    assert "failed" not in plain.values()
    # A few checks are chosen by the estimator's own class or parameters.
    assert len(watched) >= len(plain) - 2
    assert watched == {name: plain[name] for name in watched}


def test_tells_of_fits_and_predictions():
    hub, monitor = dl.Hub(), Monitor()
    events = heard_by(hub)
    x, y = data()
    model = monitored(LogisticRegression(), hub, monitor=monitor, model="fraud:1")
    assert model.fit(x, y) is model
    plain = LogisticRegression().fit(x, y)
    np.testing.assert_array_equal(model.predict(x[:7]), plain.predict(x[:7]))
    np.testing.assert_array_equal(model.predict_proba(X=x[:5]), plain.predict_proba(x[:5]))
    assert [event.kind for event in events] == [
        *("training_started", "training_completed"),
        *("inference_completed", "inference_completed"),
    ]
    assert {str(event.model) for event in events} == {"fraud:1"}
    assert events[1].metadata["samples_seen"] == len(x)
    assert events[1].metadata["duration_ms"] >= 0.0
    assert dict(events[2].metadata) == {"method": "predict", "rows": 7}
    assert dict(events[3].metadata) == {"method": "predict_proba", "rows": 5}
    assert events[2].value >= 0.0
    assert [table.shape for table in monitor.tables] == [(7, 3), (5, 3)]
    # Untouched, and told of by nobody.
    assert model.score(x, y) == plain.score(x, y)
    np.testing.assert_array_equal(model.decision_function(x), plain.decision_function(x))
    np.testing.assert_array_equal(model.coef_, plain.coef_)
    assert len(events) == 4
    assert model.failures == {}


def test_a_fitted_estimator_needs_no_other_fit():
    x, y = data()
    plain = LinearRegression().fit(x, y)
    monitor = Monitor()
    model = monitored(plain, monitor)
    check_is_fitted(model)
    np.testing.assert_array_equal(model.predict(x), plain.predict(x))
    assert len(monitor.tables) == 1


def test_failures_of_the_estimator_pass_and_are_told():
    hub = dl.Hub()
    events = heard_by(hub)
    x, y = data()
    model = monitored(LogisticRegression(), hub)
    with pytest.raises(NotFittedError):
        model.predict(x)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(x * np.nan, y)
    assert [event.kind for event in events] == [
        "inference_failed",
        "training_started",
        "training_failed",
    ]
    assert events[0].metadata["message"].startswith("NotFittedError: ")
    assert events[2].severity == dl.Severity.ERROR
    assert "NaN" in events[2].metadata["message"]


@pytest.mark.thread_unsafe(reason="caplog")
def test_failures_of_ours_do_not_reach_the_caller(caplog):
    hub = dl.Hub()
    hub.shutdown()
    x, y = data()
    model = monitored(LogisticRegression(), hub, monitor=BrokenMonitor())
    model.fit(x, y)
    for _ in range(5):
        assert model.predict(x).shape == (len(x),)
    assert model.failures == {"hub": 7, "monitor": 5}
    said = [r.getMessage() for r in caplog.records if r.name == "driftline.integrations"]
    assert len(said) == 2
    assert "HubClosed" in said[0]
    assert "not this one" in said[1]


def test_is_told_apart_as_the_estimator_is():
    assert is_classifier(monitored(LogisticRegression()))
    assert is_regressor(monitored(LinearRegression()))
    assert is_clusterer(monitored(KMeans()))
    assert not hasattr(monitored(LinearRegression()), "predict_proba")
    assert not hasattr(monitored(LinearRegression()), "classes_")
    assert not hasattr(monitored(StandardScaler()), "predict")
    assert has_fit_parameter(monitored(LogisticRegression()), "sample_weight")
    assert not has_fit_parameter(monitored(PCA()), "sample_weight")
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = monitored(PCA()).no_such_thing


def test_names_of_features_are_those_of_the_estimator():
    pandas = pytest.importorskip("pandas")
    x, y = data()
    frame = pandas.DataFrame(x, columns=["a", "b", "c"])
    monitor = Monitor()
    model = monitored(LogisticRegression(), monitor).fit(frame, y)
    assert list(model.feature_names_in_) == ["a", "b", "c"]
    assert list(model.classes_) == [0, 1]
    model.predict(frame)
    assert monitor.tables[0] is frame


def test_works_in_pipelines_searches_and_calibrations():
    hub = dl.Hub()
    events = heard_by(hub)
    x, y = data()
    pipeline = make_pipeline(StandardScaler(), monitored(LogisticRegression(), hub))
    plain = make_pipeline(StandardScaler(), LogisticRegression())
    np.testing.assert_array_equal(
        cross_val_score(pipeline, x, y, cv=3), cross_val_score(plain, x, y, cv=3)
    )
    grid = {"monitoredestimator__estimator__C": [0.1, 1.0]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(x, y)
    reference = GridSearchCV(plain, {"logisticregression__C": [0.1, 1.0]}, cv=3).fit(x, y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], reference.cv_results_["mean_test_score"]
    )
    before = len(events)
    search.predict(x)  # the clone that won is watched
    assert [event.kind for event in events[before:]] == ["inference_completed"]
    outside = monitored(GridSearchCV(plain, {"logisticregression__C": [0.1, 1.0]}, cv=3), hub)
    before = len(events)
    outside.fit(x, y)
    assert [e.kind for e in events[before:]] == ["training_started", "training_completed"]
    assert outside.best_params_ == reference.best_params_

    weights = np.linspace(0.5, 1.0, len(x))
    for make in (
        lambda model: CalibratedClassifierCV(model, cv=3).fit(x, y, sample_weight=weights),
        lambda model: AdaBoostClassifier(model, n_estimators=3, random_state=0).fit(x, y),
    ):
        np.testing.assert_allclose(
            make(monitored(GaussianNB(), hub)).predict_proba(x), make(GaussianNB()).predict_proba(x)
        )


def test_clones_and_copies_share_the_hub_and_pickles_have_none():
    hub, monitor = dl.Hub(), Monitor()
    events = heard_by(hub)
    x, y = data()
    model = monitored(LogisticRegression(C=2.0), hub, monitor=monitor, model="fraud:1").fit(x, y)
    events.clear()
    cloned = clone(model)
    assert cloned.estimator.C == 2.0
    assert not cloned.__sklearn_is_fitted__()
    for one in (cloned.fit(x, y), copy.deepcopy(model)):
        one.predict(x)
    assert [event.kind for event in events].count("inference_completed") == 2

    events.clear()
    read = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(read.predict(x), model.predict(x))
    assert len(events) == 1  # of the one that was not pickled
    read.attach(hub).predict(x)
    assert str(events[-1].model) == "fraud:1"
    assert len(events) == 2


@pytest.mark.thread_unsafe(reason="sets what is global")
def test_metadata_is_routed_to_the_estimator():
    from sklearn import config_context

    x, y = data()
    weights = np.linspace(0.1, 1.0, len(x))
    with config_context(enable_metadata_routing=True):
        inner = LogisticRegression().set_fit_request(sample_weight=True)
        inner = inner.set_score_request(sample_weight=True)
        scores = [
            cross_val_score(make_pipeline(one), x, y, cv=3, params={"sample_weight": weights})
            for one in (inner, monitored(inner))
        ]
    np.testing.assert_array_equal(*scores)


def test_parameters_are_those_of_a_meta_estimator():
    model = monitored(LogisticRegression(C=3.0))
    assert model.get_params()["estimator__C"] == 3.0
    assert model.set_params(estimator__C=4.0).estimator.C == 4.0


def test_goes_on_fitting():
    x, y = data()
    model = monitored(SGDClassifier(random_state=0))
    plain = SGDClassifier(random_state=0)
    for part in (slice(0, 30), slice(30, 60)):
        model.partial_fit(x[part], y[part], classes=[0, 1])
        plain.partial_fit(x[part], y[part], classes=[0, 1])
    np.testing.assert_array_equal(model.coef_, plain.coef_)
    assert not hasattr(model.estimator, "coef_")
    np.testing.assert_allclose(
        monitored(PCA(2)).fit_transform(x), PCA(2).fit_transform(x), atol=1e-12
    )
    clusters = KMeans(2, n_init=1, random_state=0)
    np.testing.assert_array_equal(monitored(clusters).fit_predict(x), clusters.fit_predict(x))


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((3,), {}),
        ((LogisticRegression(), 3), {}),
        ((LogisticRegression(),), {"monitor": 3}),
        ((LogisticRegression(),), {"model": 3}),
        ((LogisticRegression(), Monitor()), {"monitor": Monitor()}),
    ],
)
def test_wrong_arguments_are_refused(arguments, options):
    with pytest.raises(dl.InvalidTypeError, match="accepted"):
        monitored(*arguments, **options)


def test_tells_nobody_without_hub():
    x, y = data()
    assert monitored(LogisticRegression()).fit(x, y).predict(x).shape == (60,)
