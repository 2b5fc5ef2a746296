"""The demo tells what is known of the year 2013."""

import io
import re
import sys

import numpy as np
import pytest

from driftline import datasets, demo


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
    days = demo.days_of(flights)
    january = days < demo.FEBRUARY
    rows = incidents(output)
    assert len(rows) >= 5
    for column, since, until in rows:
        during = (days >= since - 2 * demo.DAY) & (days <= until if until is not None else True)
        values = flights[column].astype(float)
        error = np.nanstd(values[january]) / np.sqrt(np.count_nonzero(during))
        assert abs(np.nanmean(values[during]) - np.nanmean(values[january])) > 3 * error


def test_random_halves_of_january_are_quiet(output):
    assert "quiet under every test" in output
    assert "ALARM" not in output


def test_the_days_held_out_are_told_honestly(output):
    told = output.split("The days held out")[1].split("February to December")[0]
    peaks = [float(cell) for cell in re.search(r"^  peak(.*)", told, re.M)[1].split()]
    assert len(peaks) == len(demo.COLUMNS)
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
