"""The demo tells what is known of the year 2013."""

import io
import re
import sys

import numpy as np
import pytest

from driftline import datasets, demo
from driftline.demo import drift, serving


@pytest.fixture(scope="module")
def output():
    kept = sys.stdout
    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        assert demo.main([]) == 0
        sys.stdout.flush()
        return sys.stdout.buffer.getvalue().decode()
    finally:
        sys.stdout = kept


def incidents(output):
    """(column, from, to) of the table at the end."""
    found = re.findall(r"^  (\w+) +(2013-\S+) +(2013-\S+|still) +\d+ +[\d.]+x", output, re.M)
    return [(c, np.datetime64(a), np.datetime64(b) if b != "still" else None) for c, a, b in found]


def test_summer_is_warmer_than_january(output):
    def hot(day):
        return any(c == "temp" and a <= np.datetime64(day) <= b for c, a, b in incidents(output))

    assert all(hot(day) for day in ("2013-06-15", "2013-07-15", "2013-08-15", "2013-09-15"))
    assert not any(hot(day) for day in ("2013-02-15", "2013-03-15", "2013-12-10"))


def test_the_storms_of_early_july_delay_flights(output):
    """The worst stretch of the year for delays, 26 June to 11 July."""
    delays = [(a, b) for column, a, b in incidents(output) if column == "arr_delay"]
    assert any(a <= np.datetime64("2013-07-01") <= b for a, b in delays)


def test_incidents_differ_from_january_in_the_data_itself(output):
    flights = datasets.load_nyc_flights()
    days = drift.days_of(flights)
    january = days < drift.FEBRUARY
    rows = incidents(output)
    assert len(rows) >= 5
    for column, since, until in rows:
        during = (days >= since - 2 * drift.DAY) & (days <= until if until is not None else True)
        values = flights[column].astype(float)
        error = np.nanstd(values[january]) / np.sqrt(np.count_nonzero(during))
        assert abs(np.nanmean(values[during]) - np.nanmean(values[january])) > 3 * error


def test_random_halves_of_january_are_quiet(output):
    assert "quiet under every test" in output
    assert "ALARM" not in output


def test_the_days_held_out_are_told_honestly(output):
    told = output.split("The days held out")[1].split("February to December")[0]
    peaks = [float(cell) for cell in re.search(r"^  peak(.*)", told, re.M)[1].split()]
    assert len(peaks) == len(drift.COLUMNS)
    assert told.count("alarm: ") == sum(peak >= 1 for peak in peaks)
    assert ("no alarm" in told) == all(peak < 1 for peak in peaks)


def test_every_month_has_its_row(output):
    months = re.findall(r"^  ([A-Z][a-z]{2}) ", output, re.M)
    assert months == ["Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    assert "0 failures" in output


def test_plain_bars_where_the_terminal_knows_no_others(monkeypatch):
    target = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stdout", target)
    assert demo.main([]) == 0
    target.flush()
    assert b"%%%%%%" in target.buffer.getvalue()


def test_the_model_predicts_as_least_squares_does():
    """Ridge in closed form, against NumPy's least squares on rows that say the same."""
    rng = np.random.default_rng(5)
    features, target = rng.normal(size=(200, 5)), rng.normal(size=200)
    model = serving.Ridge.fit(features, target)
    x = (features - features.mean(axis=0)) / features.std(axis=0)
    rows = np.vstack([x, serving.PENALTY**0.5 * np.eye(5)])
    wanted, *_ = np.linalg.lstsq(rows, np.r_[target - target.mean(), np.zeros(5)])
    assert model.weights == pytest.approx(wanted, rel=1e-9)
    assert model.predict(features[3]) == pytest.approx(target.mean() + x[3] @ wanted, rel=1e-9)


def test_every_flight_is_predicted_or_fails(output):
    flights = datasets.load_nyc_flights()
    served = drift.days_of(flights) >= drift.FEBRUARY
    departed = served & ~np.isnan(flights["dep_delay"])
    assert f"{departed.sum():,} predictions" in output
    assert f" {served.sum() - departed.sum()} failures" in output


def test_the_scrape_agrees(output):
    """What came over HTTP, as prometheus_client reads it."""
    parser = pytest.importorskip("prometheus_client.parser")
    scraped = output.split("Scraped from http://127.0.0.1:")[1].split("\n", 1)[1]
    text = "\n".join(line.strip() for line in scraped.splitlines()) + "\n"
    samples = [s for family in parser.text_string_to_metric_families(text) for s in family.samples]
    count = int(re.search(r"([\d,]+) predictions", output)[1].replace(",", ""))
    by_name = {}
    for sample in samples:
        by_name.setdefault(sample.name, []).append(sample)
    [latencies] = by_name["driftline_inference_latency_seconds_count"]
    assert latencies.value == count
    completed = [s for s in samples if s.labels.get("kind") == "inference_completed"]
    assert [s.value for s in completed] == [count]
    detected = [s for s in samples if s.labels.get("kind") == "drift_detected"]
    assert detected[0].value >= len(re.findall(r"^  2013-\S+  drift_detected ", output, re.M)) >= 1
    assert by_name["driftline_queue_depth"][0].value == 0
