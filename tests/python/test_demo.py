"""The demo tells what is known of the year 2013, and what its service really did."""

import io
import os
import re
import sys
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import driftline as dl
from driftline import datasets, demo
from driftline.demo import drift, report
from driftline.demo import service as shop
from driftline.demo.flights import DAY, FEBRUARY, days_of
from driftline.demo.model import PENALTY, Ridge
from driftline.demo.receiver import Receiver, without_proxy

FIGURES = r" +(-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+)% +(-?[\d.]+)%$"
# What rounding to so many digits may take away.
TENTHS, HUNDREDTHS = 0.051, 0.0051


def printed(run):
    """What `run` answers, and what it prints."""
    kept = sys.stdout
    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        answer = run()
        sys.stdout.flush()
        return answer, sys.stdout.buffer.getvalue().decode()
    finally:
        sys.stdout = kept


@pytest.fixture(scope="module")
def served():
    """(service, receiver, output) of a run."""
    (service, receiver), output = printed(lambda: demo.serve(datasets.load_nyc_flights()))
    return service, receiver, output


@pytest.fixture(scope="module")
def service(served):
    return served[0]


@pytest.fixture(scope="module")
def output(served):
    return served[2]


@pytest.fixture(scope="module")
def data():
    """What `driftline demo --data` prints."""
    status, output = printed(lambda: demo.main(["--data"]))
    assert status == 0
    return output


# --- the service: figures, against NumPy alone ----------------------------------


def least_squares(features, delays):
    """Ridge by NumPy's least squares, on rows that say the same."""
    mean, scale = features.mean(axis=0), features.std(axis=0)
    rows = np.vstack([(features - mean) / scale, PENALTY**0.5 * np.eye(features.shape[1])])
    intercept = delays.mean()
    weights, *_ = np.linalg.lstsq(rows, np.r_[delays - intercept, np.zeros(features.shape[1])])

    def predict(features):
        standardised = (features - mean) / scale
        return intercept + np.where(np.isnan(standardised), 0.0, standardised) @ weights

    return predict


@pytest.fixture(scope="module")
def flights():
    """(times, features, delays, known) straight from the data set."""
    flights = datasets.load_nyc_flights()
    names = ("dep_delay", "distance", "temp", "wind_speed", "pressure")
    features = np.column_stack([flights[name].astype(float) for name in names])
    delays = flights["arr_delay"]
    known = ~(np.isnan(features).any(axis=1) | np.isnan(delays))
    return flights["time_hour"], features, delays, known


@pytest.fixture(scope="module")
def off(service, flights):
    """(minutes off of January's model, of the retrained ones); NaN where nothing is known."""
    times, features, delays, known = flights
    # Midnight in New York is five o'clock UTC.
    past = known & (times < np.datetime64("2013-02-01T05"))
    kept = least_squares(features[past], delays[past])(features)
    retrained = kept.copy()
    for version in service.versions[1:]:
        now = np.datetime64(version.because.timestamp.replace(tzinfo=None))
        past = known & (times >= now - 28 * DAY) & (times < now - np.timedelta64(12, "h"))
        assert version.n_fitted == past.sum()
        fitted = least_squares(features[past], delays[past])
        retrained[version.first :] = fitted(features[version.first :])
    missing = np.isnan(features[:, 0]) | np.isnan(delays)
    missing[: service.versions[0].first] = True
    return [np.where(missing, np.nan, np.abs(delays - made)) for made in (kept, retrained)]


def figures(minutes):
    """The mean, and the share within 15 minutes in per cent."""
    minutes = minutes[~np.isnan(minutes)]
    return minutes.mean(), 100 * np.mean(minutes <= 15)


def test_the_table_has_the_errors_that_numpy_finds(service, output, off):
    rows = re.findall(rf"^  :\d+ (2013-\S+) .*? [\d,]+{FIGURES}", output, re.M)
    firsts = [version.first for version in service.versions]
    assert len(rows) == len(firsts) > 1
    spans = [*pairwise([*firsts, len(off[0])]), (firsts[0], len(off[0]))]
    [total] = re.findall(rf"^  until the end of the year{FIGURES}", output, re.M)
    for (begin, end), row in zip(spans, [*(row[1:] for row in rows), total], strict=True):
        kept, retrained = (figures(minutes[begin:end]) for minutes in off)
        printed = [float(cell) for cell in row]
        assert printed[:2] == pytest.approx([kept[0], retrained[0]], abs=HUNDREDTHS)
        assert printed[2:] == pytest.approx([kept[1], retrained[1]], abs=TENTHS)
    dates = [str(service.year.days[first]) for first in firsts]
    assert [row[0] for row in rows] == dates


def test_whether_the_trainings_helped_is_said_as_it_is(output, off, service):
    n, change, share, word = re.search(
        r"^(\d+) trainings made the error ([\d.]+) min \(([\d.]+)%\) (smaller|larger)", output, re.M
    ).groups()
    kept, retrained = (np.nanmean(minutes) for minutes in off)
    assert int(n) == len(service.versions) - 1
    assert word == ("smaller" if retrained < kept else "larger")
    assert float(change) == pytest.approx(abs(retrained - kept), abs=HUNDREDTHS)
    assert float(share) == pytest.approx(100 * abs(retrained - kept) / kept, abs=TENTHS)


def test_a_training_every_night_is_what_numpy_finds(output, flights, off):
    times, features, delays, known = flights
    days = days_of(datasets.load_nyc_flights())
    made = np.full(len(times), np.nan)
    for day in np.unique(days[days >= FEBRUARY]):
        today = days == day
        now = times[today][0]
        past = known & (times >= now - 28 * DAY) & (times < now - np.timedelta64(12, "h"))
        made[today] = least_squares(features[past], delays[past])(features[today])
    wanted = np.mean(np.abs(delays - made)[~np.isnan(off[0])])
    told = re.search(r"would have left it at ([\d.]+) min", output)[1]
    assert float(told) == pytest.approx(wanted, abs=HUNDREDTHS)


def test_what_asked_for_a_training_is_so_in_the_data(service, flights):
    """The mean of the last 500 values, and how far it is from what was fitted to."""
    _, features, _, known = flights
    times = flights[0]
    for before, version in pairwise(service.versions):
        event = version.because
        assert event.kind == "drift_detected"
        assert event.metadata["reminder"]  # at the second look
        if event.feature == shop.ERROR:
            seen = (service.year.delays - service.predicted)[: version.first]
            normal = 0.0
        else:
            column = shop.FEATURES.index(event.feature)
            seen = features[: version.first, column]
            now = times[before.first - 1] if before.because else np.datetime64("2013-02-01T05")
            gap = np.timedelta64(12 if before.because else 0, "h")
            since = now - 28 * DAY if before.because else times[0]
            normal = features[known & (times >= since) & (times < now - gap), column].mean()
        window = seen[~np.isnan(seen)][-shop.WINDOW :].mean()
        assert event.metadata["window_mean"] == pytest.approx(window, rel=1e-9)
        assert event.metadata["baseline_mean"] == pytest.approx(normal, rel=1e-9, abs=1e-9)
        assert abs(window - normal) >= service.detectors[event.feature].threshold
        assert event.value == pytest.approx(abs(window - normal), rel=1e-9)


def test_trainings_keep_their_distance(service):
    asked = [version.because.timestamp for version in service.versions[1:]]
    assert all(later - earlier >= timedelta(days=14) for earlier, later in pairwise(asked))
    assert service.trigger.runs["scheduled"] == service.trigger.runs["completed"] == len(asked)


def test_every_flight_is_predicted_or_fails(output, flights):
    times, features, *_ = flights
    served = times >= np.datetime64("2013-02-01T05")
    departed = served & ~np.isnan(features[:, 0])
    assert f"{departed.sum():,} predictions" in output
    assert f" {served.sum() - departed.sum():,} failures" in output


def test_two_runs_tell_the_same(service):
    """However the threads of sinks and trigger fall: the flights wait for them."""
    with Receiver("another") as receiver:
        again = shop.Service(service.year, receiver.url, "another")
        again.run()
    np.testing.assert_array_equal(again.predicted, service.predicted)

    def story(service):
        latencies = (dl.Kind.SLO_BREACHED, dl.Kind.SLO_RECOVERED)  # of this machine, today
        return [
            (event.timestamp, event.kind, event.model, event.feature, event.value, event.p_value)
            for event in service.told
            if event.kind not in latencies
        ]

    assert story(again) == story(service)


# --- alerts -----------------------------------------------------------------------


def expected_incidents(events):
    """(feature, kind) of the incidents that events are worth, by the rules as written down:
    one for each kind, model and feature; back within a week of its end is the same, and
    another one if it is there a week later, as its end was told."""
    week = timedelta(days=7)
    ends = {"drift_resolved": "drift_detected", "data_recovered": "data_missing"}
    opened, is_open, ended, back = Counter(), set(), {}, {}
    for event in events:
        for key, since in list(back.items()):
            if event.timestamp - since >= week:
                del back[key]
                opened[key[:2]] += key in is_open
        key = (event.feature, ends.get(event.kind, event.kind), event.model)
        if event.kind in ends:
            if key in is_open:
                is_open.remove(key)
                ended[key] = event.timestamp
        elif event.kind in ends.values() and key not in is_open:
            last = ended.get(key)
            if last is None or event.timestamp - last >= week:
                opened[key[:2]] += 1
            else:
                back.setdefault(key, event.timestamp)
            is_open.add(key)
    return opened, len(is_open)


def test_incidents_are_those_of_the_events(served):
    service, receiver, output = served
    opened, n_open = expected_incidents(service.told)
    received = Counter(
        (incident["feature"], alert["kind"])
        for alert in receiver.alerts
        for incident in alert["incidents"]
        if alert["action"] == "open" and alert["kind"] != "slo_breached"
    )
    assert received == opened
    rows = re.findall(r"^  (\w+) +(drift_detected|data_missing) +(\d+) +\d+ +\d+$", output, re.M)
    assert {(feature, kind): int(n) for feature, kind, n in rows} == opened
    still = [a for a in service.alerts.incidents() if a.kind != "slo_breached"]
    assert len(still) == n_open


def test_nothing_is_lost_and_the_server_has_it_all(served):
    service, receiver, output = served
    alerts = service.alerts
    n = sum(len(alert["incidents"]) for alert in receiver.alerts)
    assert alerts.offered == alerts.delivered == n
    assert (alerts.lost, alerts.queued) == ({}, 0)
    assert (receiver.n_repeated, receiver.n_refused) == (0, 0)
    assert f"Alerts: {n} offered = {n} delivered + 0 lost + 0 queued; {n} received" in output
    # Everything that was opened has ended, or is still open.
    actions = {"open": set(), "remind": set(), "resolve": set()}
    for alert in receiver.alerts:
        actions[alert["action"]] |= {incident["id"] for incident in alert["incidents"]}
    still = {alert.incidents[0].id for alert in alerts.incidents()}
    assert actions["open"] == actions["resolve"] | still
    assert actions["remind"] <= actions["open"]


def test_a_training_ends_the_drift_that_it_was_for(service):
    for version in service.versions[1:]:
        ends = [
            event
            for event in service.told
            if event.metadata.get("rebased") and event.timestamp == version.because.timestamp
        ]
        assert (version.because.model, version.because.feature) in [
            (event.model, event.feature) for event in ends
        ]


def test_the_receiver_believes_what_is_signed_and_counts_what_comes_twice():
    with Receiver("right") as receiver:
        headers = {"Driftline-Delivery": "1", "Driftline-Timestamp": "1"}
        assert receiver.take(headers, b"{}") == 401
        for secret in ("wrong", "right"):
            hub = dl.Hub()
            alerts = dl.AlertDispatcher(dl.WebhookSink(receiver.url, secret=secret))
            hub.register(alerts)
            hub.emit("drift_detected", 0.3, feature="age")
            assert hub.flush(30)
            assert alerts.lost == ({"refused": 1} if secret == "wrong" else {})
    assert [alert["feature"] for alert in receiver.alerts] == ["age"]
    assert (receiver.n_refused, receiver.n_repeated) == (2, 0)


@pytest.mark.thread_unsafe(reason="environment")
def test_no_proxy_is_asked_for_this_machine(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "example.org")
    monkeypatch.delenv("no_proxy", raising=False)
    with without_proxy():
        assert os.environ["NO_PROXY"] == "example.org,127.0.0.1"
        assert os.environ["no_proxy"] == "127.0.0.1"
    assert os.environ["NO_PROXY"] == "example.org"
    assert "no_proxy" not in os.environ


# --- what is printed beside ---------------------------------------------------------


def test_the_scrape_agrees(service, output):
    """What came over HTTP, as prometheus_client reads it."""
    parser = pytest.importorskip("prometheus_client.parser")
    scraped = re.split(r"scraped from http://127.0.0.1:\d+/metrics:\n", output)[1]
    text = "\n".join(line.strip() for line in scraped.splitlines()) + "\n"
    samples = [s for family in parser.text_string_to_metric_families(text) for s in family.samples]
    assert {sample.labels["model"] for sample in samples} == {service.version.name}
    first, stats = service.version.first, service.latency.stats(service.version.name)
    predicted = np.count_nonzero(~np.isnan(service.predicted[first:]))
    values = {(s.name, s.labels.get("kind", s.labels.get("feature"))): s.value for s in samples}
    assert values["driftline_inference_latency_seconds_count", None] == predicted == stats.n
    assert values["driftline_events_total", "inference_completed"] == predicted
    assert values["driftline_events_total", "inference_failed"] == stats.n_failed
    # The last day's share within a quarter of an hour.
    last_day = service.year.days == service.year.days[-1]
    errors = np.abs(service.year.delays - service.predicted)[last_day]
    share = np.mean(errors[~np.isnan(errors)] <= 15)
    assert values["driftline_metric", "accuracy"] == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize(
    ("kept", "retrained", "nightly", "said"),
    [
        (10.0, 9.0, 9.9, ("1.00 min (10.0%) smaller", "9.90 min (50.0% within 15).")),
        (10.0, 10.1, 8.0, ("0.10 min (1.0%) larger", "8.00 min (50.0% within 15).")),
        (10.0, 10.1, 9.9, ("0.10 min (1.0%) larger", "has mostly passed before")),
    ],
)
def test_the_verdict_follows_the_figures(kept, retrained, nightly, said):
    scores = [report.Score(error_min, 0.5) for error_min in (kept, retrained, nightly)]
    lines = " ".join(report.verdict(3, *scores))
    for part in said:
        assert part in lines
    assert ("passed" in lines) == ("passed" in said[1])


def test_the_readme_shows_what_is_printed(output):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^### All of it together\n.*?^```text\n(.*?)^```$", readme, re.M | re.S)[1]
    assert shown in output


@pytest.mark.thread_unsafe(reason="stdout")
def test_help_names_the_option(capsys):
    with pytest.raises(SystemExit, match="0"):
        demo.main(["--help"])
    assert "--data" in capsys.readouterr().out


def test_the_model_predicts_as_least_squares_does():
    rng = np.random.default_rng(5)
    features, target = rng.normal(size=(200, 5)), rng.normal(size=200)
    model, wanted = Ridge.fit(features, target), least_squares(features, target)(features)
    assert model.predict(features[3]) == pytest.approx(wanted[3], rel=1e-9)
    assert model.predict_many(features) == pytest.approx(wanted, rel=1e-9)
    features[3, 1] = np.nan
    assert model.predict(features[3]) == pytest.approx(model.predict_many(features)[3], rel=1e-12)


# --- the data -----------------------------------------------------------------------


def incidents(data):
    """(column, from, to) of the table at the end."""
    found = re.findall(r"^  (\w+) +(2013-\S+) +(2013-\S+|still) +\d+ +[\d.]+x", data, re.M)
    return [(c, np.datetime64(a), np.datetime64(b) if b != "still" else None) for c, a, b in found]


def test_summer_is_warmer_than_january(data):
    def hot(day):
        return any(c == "temp" and a <= np.datetime64(day) <= b for c, a, b in incidents(data))

    assert all(hot(day) for day in ("2013-06-15", "2013-07-15", "2013-08-15", "2013-09-15"))
    assert not any(hot(day) for day in ("2013-02-15", "2013-03-15", "2013-12-10"))


def test_the_storms_of_early_july_delay_flights(data):
    """The worst stretch of the year for delays, 26 June to 11 July."""
    delays = [(a, b) for column, a, b in incidents(data) if column == "arr_delay"]
    assert any(a <= np.datetime64("2013-07-01") <= b for a, b in delays)


def test_incidents_differ_from_january_in_the_data_itself(data):
    flights = datasets.load_nyc_flights()
    days = days_of(flights)
    january = days < FEBRUARY
    rows = incidents(data)
    assert len(rows) >= 5
    for column, since, until in rows:
        during = (days >= since - 2 * DAY) & (days <= until if until is not None else True)
        values = flights[column].astype(float)
        error = np.nanstd(values[january]) / np.sqrt(np.count_nonzero(during))
        assert abs(np.nanmean(values[during]) - np.nanmean(values[january])) > 3 * error


def test_random_halves_of_january_are_quiet(data):
    assert "quiet under every test" in data
    assert "ALARM" not in data


def test_the_days_held_out_are_told_honestly(data):
    told = data.split("The days held out")[1].split("February to December")[0]
    peaks = [float(cell) for cell in re.search(r"^  peak(.*)", told, re.M)[1].split()]
    assert len(peaks) == len(drift.COLUMNS)
    assert told.count("alarm: ") == sum(peak >= 1 for peak in peaks)
    assert ("no alarm" in told) == all(peak < 1 for peak in peaks)


def test_every_month_has_its_row(data):
    months = re.findall(r"^  ([A-Z][a-z]{2}) ", data, re.M)
    assert months == ["Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    assert "0 failures" in data


def test_plain_bars_where_the_terminal_knows_no_others(monkeypatch):
    target = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stdout", target)
    assert demo.main(["--data"]) == 0
    target.flush()
    assert b"%%%%%%" in target.buffer.getvalue()
