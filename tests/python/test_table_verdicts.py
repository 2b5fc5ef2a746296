"""Verdicts on tables: false alarms, power, and what alone makes a column drifted."""

from __future__ import annotations

import math

import numpy as np
import pytest

import driftline as dl
from driftline.datasets import load_nyc_flights

ALPHA = 0.05


def sources() -> list[dict[str, np.ndarray]]:
    """60 columns: the flights, and three tables of scikit-learn."""
    datasets = pytest.importorskip("sklearn.datasets")
    tables = [dict(load_nyc_flights())]
    for load, most in [("breast_cancer", 30), ("wine", 13), ("diabetes", 7)]:
        data = getattr(datasets, f"load_{load}")().data
        tables.append({f"{load}_{i}": data[:, i] for i in range(most)})
    assert sum(map(len, tables)) == 60
    return tables


def random_halves(tables, rng, n, m):
    """Rows drawn anew from each source: both sides have the same law."""
    sides = {}, {}
    for table in tables:
        rows = rng.integers(len(next(iter(table.values()))), size=n + m)
        for name, values in table.items():
            drawn = values[rows]
            sides[0][name], sides[1][name] = drawn[:n], drawn[n:]
    return sides


def most_by_chance(n: int, rate: float) -> int:
    """Binomial(n, rate) is above this with probability below 0.001."""
    pmf = (1 - rate) ** n
    total, k = pmf, 0
    while total < 0.999:
        k += 1
        pmf *= (n - k + 1) / k * rate / (1 - rate)
        total += pmf
    return k


def power(n: int, m: int, share: float, min_effect: float, columns: int) -> float:
    """That a shift of this Kolmogorov-Smirnov distance is found, computed beforehand."""
    rate = 1 / n + 1 / m
    reach = math.sqrt(math.log(2 * columns / ALPHA) / 2 * rate)
    deviation = math.sqrt((1 - share**2) / 4 * rate)
    return 0.5 * math.erfc(-(share - min_effect - reach) / deviation / math.sqrt(2))


# With min_effect=0 every true difference would be drift: no mercy for a false one.
@pytest.mark.parametrize(
    ("min_effect", "numbers", "count"),
    [(0.0, "anderson_darling", 50), (0.0, "ks", 200), (0.05, "ks", 200)],
)
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_null_tables_are_drifted_at_the_asked_rate(min_effect, numbers, count):
    tables, rng = sources(), np.random.default_rng(count)
    options = {"alpha": ALPHA, "min_effect": min_effect, "tests": {"numeric": numbers}}
    alarms = 0
    for _ in range(count):
        baseline, current = random_halves(tables, rng, 400, 400)
        report = dl.compare(baseline, current, **options)
        assert len(report.columns) == 60
        alarms += bool(report.drifted)
    # Nothing drifts, so that a table's rate of false discoveries is 1 or 0.
    assert alarms <= most_by_chance(count, ALPHA if min_effect == 0 else 0.001)


def test_of_the_columns_called_drifted_few_are_not():
    tables, rng = sources(), np.random.default_rng(60)
    shares, found = [], 0
    for _ in range(40):
        baseline, current = random_halves(tables, rng, 500, 500)
        planted = [f"breast_cancer_{i}" for i in range(10)]
        for name in planted:
            current[name] = current[name] + 0.5 * baseline[name].std()
        options = {"alpha": ALPHA, "min_effect": 0, "tests": {"numeric": "mann_whitney"}}
        report = dl.compare(baseline, current, **options)
        false = set(report.drifted) - set(planted)
        shares.append(len(false) / max(1, len(report.drifted)))
        found += len(set(report.drifted) & set(planted))
    # 50 of 60 columns have not moved: a mean of 5/6 alpha at most, give or take.
    assert np.mean(shares) <= 5 / 6 * ALPHA + 3.3 * np.std(shares) / math.sqrt(len(shares))
    assert found > 0.9 * 400


@pytest.mark.parametrize(
    ("n", "m", "share", "columns"),
    [(1000, 1000, 0.18, 20), (2000, 500, 0.18, 20), (600, 600, 0.2, 60)],
)
def test_planted_drifts_are_found_with_the_power_computed_beforehand(n, m, share, columns):
    rng = np.random.default_rng(n)
    expected, tables, found = power(n, m, share, 0.05, columns), 60, 0
    assert 0.3 < expected < 0.99
    for _ in range(tables):
        baseline = {str(i): rng.random(n) for i in range(columns)}
        current = {str(i): rng.random(m) for i in range(columns)}
        current["0"] += share
        report = dl.compare(baseline, current, alpha=ALPHA, min_effect=0.05)
        found += "0" in report.drifted
        assert set(report.drifted) <= {"0"}
    error = math.sqrt(expected * (1 - expected) * tables)
    assert found >= expected * tables - 3.3 * error


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_values_gone_missing_are_drift(share):
    rng = np.random.default_rng(7)
    baseline = {"x": rng.normal(size=4000), "y": rng.normal(size=4000)}
    current = {"x": rng.normal(size=4000), "y": rng.normal(size=4000)}
    current["x"][rng.permutation(4000)[: int(share * 4000)]] = np.nan
    report = dl.compare(baseline, current)
    assert report.drifted == ("x",)
    column = report["x"]
    assert tuple(column.reasons) == ("missing",)
    missing = column.missing
    assert missing["difference"] == pytest.approx(share)
    assert missing["low"] > 0.05
    assert missing["low"] < share <= missing["high"]
    assert missing["p_value"] < 1e-80
    # Back again is drift, too.
    assert dl.compare(current, baseline).drifted == ("x",)


def test_an_undecided_missing_rate_is_said_to_be_undecided():
    # 1,500 equal values on both sides, 3 % more of them missing.
    values = np.tile(np.arange(100.0), 15)
    baseline = {"x": np.append(values, [np.nan] * 75)}
    current = {"x": np.append(values, [np.nan] * 130)}
    column = dl.compare(baseline, current)["x"]
    assert column.effect["high"] < 0.05
    assert column.verdict == "inconclusive"
    assert "went missing" in column.explanation
    ends = f"{100 * column.missing['high']:.1f}%"
    assert ends in column.explanation
    assert column.rows_needed > 1500


def test_one_unseen_category_among_a_thousand_rows_is_stable():
    rng = np.random.default_rng(8)
    labels = np.array(["a", "b", "c"])
    baseline = {"label": labels[rng.integers(3, size=10_000)]}
    current = {"label": np.append(labels[rng.integers(3, size=9_999)], "new")}
    column = dl.compare(baseline, current)["label"]
    assert column.verdict == "stable"
    assert column.unseen["rows"] == 1
    few = {"label": np.append(labels[np.arange(999) % 3], "new")}
    column = dl.compare({"label": labels[np.arange(9_999) % 3]}, few)["label"]
    assert column.verdict != "drifted"
    many = {"label": np.append(labels[rng.integers(3, size=800)], ["new"] * 200)}
    column = dl.compare(baseline, many)["label"]
    assert column.verdict == "drifted"
    assert "unseen" in column.reasons


def test_what_is_all_different_has_not_drifted():
    n = 3000
    names = np.array([f"user {i}" for i in range(2 * n)])
    baseline, current = {"id": names[:n]}, {"id": names[n:]}
    column = dl.compare(baseline, current)["id"]
    assert column.verdict != "drifted"
    assert {"all_unique_baseline", "all_unique_current"} <= set(column.flags)
    assert "100.0% of the rows are in categories too rare to tell apart" in column.explanation


def test_many_rare_categories_that_did_not_move_have_not_drifted():
    rng = np.random.default_rng(9)
    for categories in [10, 1000, 10_000, 100_000]:
        labels = rng.integers(categories, size=(2, 50_000)).astype(str)
        baseline, current = {"label": labels[0]}, {"label": labels[1]}
        for min_effect in (0.0, 0.05):
            report = dl.compare(baseline, current, alpha=0.001, min_effect=min_effect)
            assert report.drifted == ()


def test_weights_are_taken_into_account():
    rng = np.random.default_rng(10)
    baseline = {str(i): rng.random(600) for i in range(30)}
    current = {str(i): rng.random(600) for i in range(30)}
    current["7"] += 0.19
    light = dl.compare(baseline, current, weights={"7": 1e-6})
    heavy = dl.compare(baseline, current, weights={"7": 100.0})
    assert light.drifted == ()
    assert heavy.drifted == ("7",)
    assert heavy.table["share_drifted"] == pytest.approx(100 / 129)
