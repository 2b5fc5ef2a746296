"""Tables compared: plans, columns of every kind, segments, periods, bad input."""

import datetime as dt
import decimal

import numpy as np
import pytest

import driftline as dl


def table(seed, n=4000, shift=0.0):
    rng = np.random.default_rng(seed)
    amount = rng.lognormal(3.0, 1.0, n) * np.exp(shift)
    amount[rng.random(n) < 0.1] = np.nan
    return {
        "amount": amount,
        "count": rng.poisson(100, n),
        "country": rng.choice(["DE", "FR", "IT"], n, p=[0.5, 0.3, 0.2]),
        "member": rng.random(n) < 0.3,
        "when": np.datetime64("2026-01-05T00:00") + rng.integers(0, 28 * 24 * 60, n),
        "level": rng.integers(1, 6, n),
    }


def test_kinds_follow_from_values():
    report = dl.compare(table(1), table(2))
    kinds = {column.name: column.kind for column in report.columns}
    assert kinds == {
        "amount": "numeric",
        "count": "numeric",
        "country": "categorical",
        "member": "categorical",
        "when": "datetime",
        "level": "categorical",
    }
    assert report.verdict in ("stable", "inconclusive")
    assert report.drifted == ()


def test_a_plan_gives_the_same_report_to_the_last_bit():
    baseline, current = table(1), table(2, shift=0.4)
    expected = dl.compare(baseline, current, segments="country").to_json()
    plan = dl.fit(baseline, segments="country")
    assert plan.compare(current).to_json() == expected
    assert plan.compare(current).to_json() == expected
    assert dl.compare(baseline, current, segments="country", threads=1).to_json() == expected
    assert dl.compare(baseline, current, segments="country", threads=7).to_json() == expected


def test_columns_that_are_not_shared_change_nothing_of_the_others():
    baseline, current = table(1), table(2, shift=0.4)
    del current["member"]
    current["extra"] = np.arange(4000.0)
    report = dl.compare(baseline, current)
    assert dl.fit(baseline).compare(current).to_json() == report.to_json()
    assert report.schema["missing"] == ("member",)
    assert report.schema["new"] == ("extra",)
    assert "member" not in {column.name for column in report.columns}


def test_statistic_and_p_value_are_those_of_the_test_alone():
    baseline, current = table(1), table(2, shift=0.1)
    for name in ("anderson_darling", "ks", "welch", "wasserstein"):
        alone = dl.drift.get(name).compare(baseline["amount"], current["amount"])
        column = dl.compare(baseline, current, tests=name)["amount"]
        assert (column.test, column.statistic) == (name, alone.statistic)
        assert column.p_value == alone.p_value
    alone = dl.drift.ChiSquare().compare(baseline["country"], current["country"])
    column = dl.compare(baseline, current)["country"]
    assert (column.statistic, column.p_value) == (alone.statistic, alone.p_value)


def test_effects_are_ks_distance_and_total_variation():
    stats = pytest.importorskip("scipy.stats")
    baseline, current = table(1), table(2, shift=0.1)
    report = dl.compare(baseline, current)
    b, c = (side["amount"][~np.isnan(side["amount"])] for side in (baseline, current))
    assert report["amount"].effect_size == pytest.approx(stats.ks_2samp(b, c).statistic, abs=1e-15)
    shares = [
        np.array([np.mean(side["level"] == level) for level in range(1, 6)])
        for side in (baseline, current)
    ]
    moved = np.abs(shares[0] - shares[1]).sum() / 2
    assert report["level"].effect_size == pytest.approx(moved, abs=1e-15)


def test_figures_of_each_side_are_those_of_numpy():
    baseline, current = table(1), table(2, shift=0.1)
    column = dl.compare(baseline, current)["amount"]
    for side, summary in ((baseline, column.baseline), (current, column.current)):
        values = side["amount"][~np.isnan(side["amount"])]
        assert summary["rows"] == len(values)
        assert summary["missing"] == 4000 - len(values)
        assert summary["mean"] == pytest.approx(values.mean(), rel=1e-13)
        assert summary["std"] == pytest.approx(values.std(ddof=1), rel=1e-13)
        assert summary["median"] == pytest.approx(np.median(values), rel=1e-15)
        assert (summary["min"], summary["max"]) == (values.min(), values.max())
        assert summary["distinct"] == len(np.unique(values))
    histogram, values = column.histogram, baseline["amount"]
    assert sum(histogram["baseline"]) == np.sum(~np.isnan(values))
    inner = np.histogram(values, histogram["edges"][1:-1])[0]
    assert histogram["baseline"][1:-1] == pytest.approx(inner.tolist(), abs=1)
    quantiles = column.quantiles
    expected = np.quantile(values[~np.isnan(values)], quantiles["probabilities"])
    np.testing.assert_allclose(quantiles["baseline"], expected, rtol=1e-13)


def test_missing_values_alone_make_a_column_drifted():
    rng = np.random.default_rng(3)
    x = rng.normal(size=8000)
    y = rng.permutation(x)
    y[:1600] = np.nan
    column = dl.compare({"x": x}, {"x": y})["x"]
    assert column.verdict == "drifted"
    assert column.reasons == ("missing",)
    assert column.missing["difference"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("baseline", "current"),
    [(np.nan, 1.0), (1.0, np.nan)],
    ids=["appears", "disappears"],
)
def test_a_column_that_is_all_missing_on_one_side(baseline, current):
    b, c = np.full(500, baseline), np.full(500, current)
    column = dl.compare({"x": b, "y": np.arange(500)}, {"x": c, "y": np.arange(500)})["x"]
    assert (column.verdict, list(column.reasons)) == ("drifted", ["missing"])
    assert column.p_value is None


def test_a_column_that_is_missing_on_both_sides_is_stable():
    nothing = {"x": [None] * 3000, "y": np.arange(3000)}
    column = dl.compare(nothing, nothing)["x"]
    assert (column.kind, column.verdict) == ("missing", "stable")


def test_constant_columns_are_judged_and_flagged():
    same = {"x": np.ones(3000), "s": ["a"] * 3000}
    report = dl.compare(same, same)
    for column in report.columns:
        assert column.verdict == "stable"
        assert {"constant_baseline", "constant_current"} <= set(column.flags)
    other = {"x": np.full(3000, 2.0), "s": ["b"] * 3000}
    assert dl.compare(same, other).drifted == ("x", "s")


def test_names_that_are_all_different_are_no_drift():
    ids = {"id": [f"b{i}" for i in range(5000)]}
    column = dl.compare(ids, {"id": [f"c{i}" for i in range(5000)]})["id"]
    assert column.verdict != "drifted"
    assert {"all_unique_baseline", "all_unique_current", "high_cardinality"} <= set(column.flags)


@pytest.mark.thread_unsafe(reason="takes its time")
@pytest.mark.thread_unsafe(reason="takes long, and tells the same on one thread")
def test_a_million_different_labels_are_bounded_and_said_so():
    def labels(letter):
        return np.char.add(letter, np.arange(1_000_000).astype("U7"))

    column = dl.compare({"id": labels("b")}, {"id": labels("c")})["id"]
    assert "approximate" in column.flags
    assert column.verdict != "drifted"
    assert len(column.categories) <= 21
    assert column.baseline["distinct"] == pytest.approx(1_000_000, rel=0.02)


def test_infinite_values_are_ranked_and_left_out_of_moments():
    x = np.append(np.arange(1000.0), [np.inf, -np.inf])
    column = dl.compare({"x": x}, {"x": x})["x"]
    assert "infinite" in column.flags
    assert column.baseline["infinite"] == 2
    assert column.baseline["mean"] == 499.5
    assert column.baseline["max"] is None or column.baseline["max"] == np.inf
    assert column.verdict == "stable"


def test_times_that_go_on_are_no_drift_but_their_hours_are():
    hours = np.arange(24 * 7 * 12)
    january = np.datetime64("2026-01-05T00", "h") + hours
    march = np.datetime64("2026-03-30T00", "h") + hours
    column = dl.compare({"t": january}, {"t": march})["t"]
    assert "moved_on" in column.flags
    assert column.verdict != "drifted"
    assert column.profiles["hour"]["effect"]["value"] == 0.0
    nights = march[np.isin(hours % 24, range(6))]
    column = dl.compare({"t": january}, {"t": nights})["t"]
    assert (column.verdict, list(column.reasons)) == ("drifted", ["hour"])
    weekdays = column.profiles["weekday"]
    assert weekdays["baseline"] == (288,) * 7


def test_hours_are_those_of_the_zone():
    pa = pytest.importorskip("pyarrow")
    noon = np.datetime64("2026-01-05T12", "us") + np.arange(20) * np.timedelta64(1, "D")
    zoned = pa.table({"t": pa.array(noon, pa.timestamp("us", "America/New_York"))})
    hours = dl.compare(zoned, zoned)["t"].profiles["hour"]["baseline"]
    assert hours[7] == 20  # noon in Greenwich
    unknown = pa.table({"t": pa.array(noon, pa.timestamp("us", "Nowhere/At_All")), "x": range(20)})
    report = dl.compare(unknown, unknown)
    assert report.schema["skipped"][0]["name"] == "t"
    assert "Nowhere/At_All" in report.schema["skipped"][0]["reason"]


def test_decimals_dates_and_durations_are_numbers_and_times():
    n = 400
    day = dt.date(2026, 1, 1)
    rows = {
        "price": [decimal.Decimal(i) / 8 for i in range(n)],
        "day": [day + dt.timedelta(days=i % 50) for i in range(n)],
        "took": np.arange(n).astype("m8[s]"),
    }
    report = dl.compare(rows, rows)
    assert [column.kind for column in report.columns] == ["numeric", "datetime", "numeric"]
    assert report["price"].baseline["max"] == 399 / 8
    assert report["took"].baseline["max"] == 399.0


def test_columns_that_cannot_be_used_are_told_of():
    rows = {"x": np.arange(100.0), "lists": [[1]] * 100, "mixed": ["a", 1] * 50}
    report = dl.compare(rows, rows)
    assert [column.name for column in report.columns] == ["x"]
    skipped = {item["name"]: item["reason"] for item in report.schema["skipped"]}
    assert set(skipped) == {"lists", "mixed"}
    with pytest.raises(dl.InvalidValueError, match=r"columns: got \"lists\""):
        dl.compare(rows, rows, columns=["x", "lists"])


def test_a_column_of_another_kind_is_a_difference_of_schema():
    report = dl.compare(
        {"x": np.arange(500.0), "y": np.arange(500.0)},
        {"x": [f"n{i}" for i in range(500)], "y": np.arange(500.0)},
    )
    changed = {"name": "x", "baseline": "numeric", "current": "categorical"}
    assert report.schema["changed"] == (changed,)


def test_segments_tell_where_the_change_comes_from():
    rng = np.random.default_rng(5)
    n = 24_000
    carrier = rng.choice(["AA", "DL", "UA"], n)
    baseline = {"carrier": carrier, "delay": rng.normal(size=n), "x": rng.normal(size=n)}
    current = dict(baseline, delay=rng.normal(size=n) + 1.0 * (carrier == "DL"))
    report = dl.compare(baseline, current, segments="carrier")
    groups = report.segments["groups"]
    assert groups[0]["name"] == "DL"
    assert groups[0]["contribution"] > 0.8
    assert sum(group["contribution"] for group in groups) == pytest.approx(1.0)
    verdicts = {group["name"]: group["verdict"] for group in groups}
    assert verdicts["DL"] == "drifted"
    assert "drifted" not in (verdicts["AA"], verdicts["UA"])
    of_delay = groups[0]["columns"][0]
    assert of_delay["name"] == "delay"
    # The distance of two normals one standard deviation apart.
    assert of_delay["effect_size"] == pytest.approx(0.3829, abs=0.03)


def test_periods_are_cut_by_the_calendar():
    rng = np.random.default_rng(6)
    n = 30_000
    when = np.datetime64("2026-01-01", "h") + np.sort(rng.integers(0, 90 * 24, n))
    late = when >= np.datetime64("2026-03-01")
    x = rng.normal(size=n) + late
    report = dl.compare_periods({"x": rng.normal(size=n)}, {"when": when, "x": x}, by="when")
    assert report.periods["names"] == ("2026-01", "2026-02", "2026-03")
    months = when.astype("M8[M]").astype(int)
    assert report.periods["rows"] == tuple(np.unique(months, return_counts=True)[1])
    (column,) = report.periods["columns"]
    assert column["verdicts"][2] == "drifted"
    assert "drifted" not in column["verdicts"][:2]
    assert column["effect"][2] == pytest.approx(0.3829, abs=0.03)
    names = dl.compare_periods({"x": x}, {"when": when, "x": x}, by="when", every="week").periods[
        "names"
    ]
    assert names[0] == "2026-W01"  # 2026 began on a Thursday


def test_performance_beside_the_features():
    rng = np.random.default_rng(8)
    n = 5000
    y = rng.normal(10, 3, n)
    baseline = {"y": y, "p": y + rng.normal(0, 1, n), "x": rng.normal(size=n)}
    current = dict(baseline, p=y + rng.normal(0.5, 1.5, n))
    report = dl.compare(baseline, current, target="y", prediction="p")
    assert report["y"].role == "target"
    assert report["p"].role == "prediction"
    metrics = {metric["name"]: metric for metric in report.performance["metrics"]}
    assert report.performance["task"] == "regression"
    for side, key in ((baseline, "baseline"), (current, "current")):
        error = side["p"] - side["y"]
        assert metrics["mae"][key] == pytest.approx(np.abs(error).mean(), rel=1e-12)
        assert metrics["rmse"][key] == pytest.approx(np.sqrt((error**2).mean()), rel=1e-12)
    assert metrics["mae"]["low"] > 0
    label = rng.random(n) < 0.4
    score = np.clip(0.4 + 0.3 * (label - 0.4) + rng.normal(0, 0.2, n), 0, 1)
    report = dl.compare(
        {"y": label, "p": score}, {"y": label, "p": score[::-1].copy()}, target="y", prediction="p"
    )
    metrics = {metric["name"]: metric for metric in report.performance["metrics"]}
    assert report.performance["task"] == "classification"
    order = score[label][:, None] - score[~label][None, :]
    auc = (order > 0).mean() + (order == 0).mean() / 2
    assert metrics["roc_auc"]["baseline"] == pytest.approx(auc, abs=1e-12)
    assert metrics["roc_auc"]["current"] == pytest.approx(0.5, abs=0.05)


def test_labels_that_come_later_are_no_error():
    rng = np.random.default_rng(9)
    baseline = {"y": rng.normal(size=500), "p": rng.normal(size=500)}
    current = {"y": np.full(500, np.nan), "p": rng.normal(size=500)}
    report = dl.compare(baseline, current, target="y", prediction="p")
    assert report["y"].verdict == "drifted"
    assert dl.compare(baseline, {"p": current["p"]}, target="y", prediction="p").schema[
        "missing"
    ] == ("y",)


def test_weights_and_min_effect_of_zero():
    baseline, current = table(1), table(2, shift=0.05)
    report = dl.compare(baseline, current, min_effect=0)
    adjusted = {column.name: column.p_adjusted for column in report.columns}
    for column in report.columns:
        assert (column.verdict == "drifted") == (adjusted[column.name] < 0.05)
        assert column.verdict != "inconclusive"
    weighted = dl.compare(baseline, current, min_effect=0, weights={"amount": 5.0})
    assert weighted["amount"].p_adjusted <= adjusted["amount"]


def test_a_test_of_ones_own_sees_sorted_values():
    class Median:
        name = "median"

        def compare(self, baseline, current):
            return abs(np.median(baseline) - np.median(current))

    baseline, current = table(1), table(2, shift=0.5)
    column = dl.compare(baseline, current, tests={"numeric": Median()})["amount"]
    expected = abs(np.nanmedian(baseline["amount"]) - np.nanmedian(current["amount"]))
    assert (column.test, column.statistic) == ("median", pytest.approx(expected, rel=1e-12))

    class Broken:
        def compare(self, baseline, current):
            raise RuntimeError("out of order")

    with pytest.raises(RuntimeError, match="out of order"):
        dl.compare(baseline, current, tests=Broken())


def test_progress_is_told_and_may_stop():
    told = []
    dl.compare(table(1), table(2), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)
    assert told == sorted(told)

    class Enough(Exception):
        pass

    def stop(done, total):
        raise Enough

    with pytest.raises(Enough):
        dl.compare(table(1), table(2), progress=stop)


ROWS = {"x": np.arange(10.0)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": 0.0}, "alpha: got 0"),
        ({"alpha": 1.5}, "alpha: got 1.5"),
        ({"alpha": "low"}, "alpha"),
        ({"min_effect": -0.1}, "min_effect: got -0.1"),
        ({"min_effect": 1.0}, "min_effect: got 1"),
        ({"correction": "bonferoni"}, 'correction: got "bonferoni"'),
        ({"columns": ["y"]}, 'columns: got "y"'),
        ({"columns": []}, "columns: got"),
        ({"columns": "x"}, "columns: got 'x'"),
        ({"tests": "kss"}, "tests: got"),
        ({"tests": 5}, "tests: got"),
        ({"tests": {"y": "ks"}}, 'tests: got "y"'),
        ({"tests": {"categorical": "ks"}}, 'tests: got "ks" for categorical columns'),
        ({"weights": {"x": 0.0}}, "weights: got 0"),
        ({"weights": {"y": 1.0}}, 'weights: got "y"'),
        ({"weights": [1.0]}, "weights: got"),
        ({"segments": "y"}, 'segments: got "y"'),
        ({"target": "y"}, 'target: got "y"'),
        ({"prediction": ""}, "prediction: got ''"),
        ({"threads": 0}, "threads: got 0"),
        ({"seed": -1}, "seed: got -1"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(dl.DriftlineError, match=message):
        dl.compare(ROWS, ROWS, **arguments)


def test_tables_without_rows_or_common_columns():
    with pytest.raises(dl.EmptySampleError, match="baseline: got a table without rows"):
        dl.compare({"x": []}, ROWS)
    with pytest.raises(dl.EmptySampleError, match="current: got a table without rows"):
        dl.compare(ROWS, {"x": []})
    with pytest.raises(dl.InvalidValueError, match='current: got a table with columns "y"'):
        dl.compare(ROWS, {"y": [1.0]})
    with pytest.raises(dl.InvalidValueError, match="none can be compared"):
        dl.compare({"x": [[1], [2]]}, {"x": [[1], [2]]})
    with pytest.raises(dl.InvalidValueError, match='by: got "x", which is no column of times'):
        dl.compare_periods(ROWS, ROWS, by="x")
    with pytest.raises(dl.InvalidValueError, match='every: got "fortnight"'):
        dl.compare_periods(ROWS, ROWS, by="x", every="fortnight")


def test_many_columns():
    rng = np.random.default_rng(11)
    names = [f"c{i}" for i in range(1000)]
    baseline = dict(zip(names, rng.normal(size=(1000, 300)), strict=True))
    current = dict(zip(names, rng.normal(size=(1000, 300)), strict=True))
    report = dl.compare(baseline, current)
    assert len(report.columns) == 1000
    assert report.drifted == ()


def test_rare_labels_of_which_half_have_gone_are_never_stable():
    rng = np.random.default_rng(12)
    baseline = {"s": rng.integers(0, 20_000, 5000).astype("U6")}
    current = {"s": rng.integers(0, 10_000, 5000).astype("U6")}
    column = dl.compare(baseline, current)["s"]
    assert column.verdict != "stable"
    assert column.effect["low"] <= 0.5 <= column.effect["high"]


def test_the_calendar_alone_is_no_drift():
    hours = np.arange("2025-12-01", "2026-02-01", dtype="M8[h]")
    december, january = hours[hours < np.datetime64("2026-01-01")], hours[31 * 24 :]
    column = dl.compare({"t": np.repeat(december, 20)}, {"t": np.repeat(january, 20)})["t"]
    # Each weekday has as many rows a day; five Mondays in one month are none of its doing.
    assert column.profiles["weekday"]["effect"]["value"] < 0.001
    assert "weekday" not in column.reasons
    day = {"t": hours[:24]}
    assert dl.compare(day, {"t": hours[24:30]})["t"].verdict != "drifted"


def test_periods_do_not_judge_the_clock_they_are_cut_by():
    rng = np.random.default_rng(13)
    when = np.datetime64("2026-01-01", "h") + np.arange(24 * 60)
    rows = {"when": when, "x": rng.normal(size=len(when))}
    report = dl.compare_periods(rows, rows, by="when", every="day")
    assert [column["name"] for column in report.periods["columns"]] == ["x"]
    assert "drifted" not in report.periods["verdicts"]
    long = {"when": np.arange("2000", "2001", dtype="M8[h]"), "x": np.zeros(8784)}
    with pytest.raises(dl.InvalidValueError, match=r'every: got "hour", which makes 8784 periods'):
        dl.compare_periods(rows, long, by="when", every="hour")


def test_a_group_is_of_the_kind_of_the_whole_column():
    baseline = {
        "g": ["small"] * 40 + ["large"] * 1000,
        "x": np.append(np.repeat(np.arange(10.0), 4), np.arange(20_000.0, 21_000.0)),
    }
    current = dict(baseline, x=np.append(np.full(40, 500.0), baseline["x"][40:]))
    report = dl.compare(baseline, current, segments="g")
    (small,) = (group for group in report.segments["groups"] if group["name"] == "small")
    (column,) = small["columns"]
    # Of categories, the unseen one would be all there is; of numbers it has moved by 1.
    assert (column["name"], column["effect_size"], column["verdict"]) == ("x", 1.0, "drifted")


def test_segments_count_missing_values_and_groups_that_are_new():
    rng = np.random.default_rng(14)
    group = rng.choice(["AA", "BB"], 8000)
    x = rng.normal(size=8000)
    gone = np.where((group == "BB") & (rng.random(8000) < 0.5), np.nan, x)
    groups = dl.compare({"g": group, "x": x}, {"g": group, "x": gone}, segments="g").segments[
        "groups"
    ]
    assert (groups[0]["name"], round(groups[0]["contribution"], 2)) == ("BB", 1.0)
    new = np.append(group, ["NEW"] * 4000)
    report = dl.compare(
        {"g": group, "x": x}, {"g": new, "x": np.append(x, x[:4000] + 5)}, segments="g"
    )
    first = report.segments["groups"][0]
    assert (first["name"], first["rows_baseline"], first["rows_current"]) == ("NEW", 0, 4000)
    assert report.segments["n_omitted"] == 0


def test_explanations_tell_the_look_that_they_name():
    hours = np.arange("2026-01-05", "2026-03-30", dtype="M8[h]")
    kept = hours[(hours.astype(int) % 24 < 18) | (hours.astype(int) % 5 == 0)]
    column = dl.compare({"t": np.repeat(hours, 9)}, {"t": np.repeat(kept, 9)})["t"]
    assert "hour" in column.reasons
    low = column.profiles["hour"]["effect"]["low"]
    assert f"{100 * low:.1f}% of the rows moved to other hours" in column.explanation


def test_predictions_that_cannot_be_judged_leave_the_rest():
    rng = np.random.default_rng(15)
    score, label = rng.random(1000), rng.random(1000) < 0.5
    wrong = score.copy()
    wrong[0] = 1.5
    report = dl.compare(
        {"y": label, "p": score}, {"y": label, "p": wrong}, target="y", prediction="p"
    )
    assert report.performance is None
    (skipped,) = report.schema["skipped"]
    assert skipped["name"] == "p"
    assert "1.5" in skipped["reason"]
    three = {"y": ["a", "b", "c"] * 300, "p": rng.random(900)}
    report = dl.compare(three, three, target="y", prediction="p")
    assert "not of one kind" in report.schema["skipped"][0]["reason"]


def test_the_order_of_columns_changes_no_answer():
    baseline, current = table(1), table(2, shift=0.2)
    report = dl.compare(baseline, current)
    turned = dl.compare(dict(reversed(baseline.items())), dict(reversed(current.items())))
    assert turned.multivariate == report.multivariate
    assert {column.name: column for column in turned.columns} == {
        column.name: column for column in report.columns
    }


def test_reasons_are_told_where_nothing_can_be_compared():
    with pytest.raises(dl.InvalidValueError, match='"x" is numeric in the baseline and categor'):
        dl.compare({"x": np.arange(50.0)}, {"x": ["a"] * 50})
    with pytest.raises(dl.InvalidTypeError, match="columns: got 5"):
        dl.compare(ROWS, ROWS, columns=5)
