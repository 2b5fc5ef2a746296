"""LatencyMonitor: its figures, its objective, its bounds, what it refuses."""

from __future__ import annotations

import gc
import logging
import math
import threading
import weakref
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import driftline as dl

START = datetime(2013, 1, 1, tzinfo=UTC)

# A value at the very end of a bucket may be counted into the next.
ROUNDING = 1e-9
# The moving average and the mean against a loop: rounding of 1e4 steps.
SUM_RTOL = 1e-11
QUANTILES = (0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def times(seconds) -> np.ndarray:
    nanos = np.round(np.asarray(seconds, dtype=float) * 1e9).astype("int64")
    return np.datetime64("2013-01-01", "ns") + nanos.astype("timedelta64[ns]")


def objective(**options) -> dl.LatencyMonitor:
    """At most 10 % slower than 50 ms within a minute, judged from 10 on."""
    defaults = {"slo_ms": 50.0, "quantile": 0.9, "window_s": 60.0, "min_samples": 10}
    return dl.LatencyMonitor(**{**defaults, **options})


# --- figures ---

SAMPLES = {
    "lognormal": lambda rng: rng.lognormal(3.0, 0.7, size=20_000),
    "uniform": lambda rng: rng.uniform(0.0, 100.0, size=20_000),
    "heavy tail": lambda rng: 1.0 + rng.pareto(0.8, size=20_000),
    "exponential": lambda rng: rng.exponential(5.0, size=20_000),
    "microseconds": lambda rng: rng.lognormal(-7.0, 0.3, size=20_000),
    "hours": lambda rng: rng.lognormal(16.0, 0.3, size=20_000),
    "from 1 us to 10 years": lambda rng: 10.0 ** rng.uniform(-3.0, 11.5, size=20_000),
    "with zeros": lambda rng: np.where(rng.random(20_000) < 0.3, 0.0, rng.exponential(5, 20_000)),
    "few values": lambda rng: rng.choice([1.0, 2.0, 1000.0], size=20_000),
}


@pytest.mark.parametrize("relative_error", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("name", SAMPLES)
def test_quantiles_are_within_the_relative_error_of_numpy(name, relative_error):
    values = SAMPLES[name](np.random.default_rng(5))
    monitor = dl.LatencyMonitor(relative_error=relative_error)
    monitor.update_many(values)
    for q in QUANTILES:
        expected = np.quantile(values, q, method="inverted_cdf")
        found = monitor.quantile(q)
        assert abs(found - expected) <= relative_error * expected * (1 + ROUNDING), q
    stats = monitor.stats()
    assert (stats.n, stats.min_ms, stats.max_ms) == (20_000, values.min(), values.max())
    assert stats.mean_ms == pytest.approx(values.mean(), rel=SUM_RTOL)
    assert stats.p99_ms == monitor.quantile(0.99)
    assert (stats.p50_ms, stats.p90_ms, stats.p95_ms) == tuple(
        map(monitor.quantile, (0.5, 0.9, 0.95))
    )


def test_a_handful_of_values_has_the_quantiles_of_the_definition():
    monitor = dl.LatencyMonitor(relative_error=0.001)
    values = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]
    monitor.update_many(values)
    for q in (0.0, 0.05, 0.1, 0.11, 0.3, 0.7, 0.71, 0.9, 0.95, 1.0):
        expected = np.quantile(values, q, method="inverted_cdf")
        assert monitor.quantile(q) == pytest.approx(expected, rel=0.001)


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.5, 1.0])
def test_the_moving_average_is_that_of_a_loop(alpha):
    values = np.random.default_rng(6).lognormal(3.0, 1.0, size=10_000)
    monitor = dl.LatencyMonitor(ema_alpha=alpha)
    average = None
    for i, value in enumerate(values.tolist()):
        average = value if average is None else average + alpha * (value - average)
        if i < 100:
            monitor.update(value, "a")
            assert monitor.stats("a").ema_ms == pytest.approx(average, rel=SUM_RTOL)
    monitor.update_many(values[100:], "a")
    assert monitor.stats("a").ema_ms == pytest.approx(average, rel=SUM_RTOL)


def test_what_nothing_was_seen_of_is_none():
    monitor = dl.LatencyMonitor(slo_ms=50.0)
    monitor.failed("a")
    stats = monitor.stats("a")
    assert (stats.n, stats.n_failed, stats.failure_rate) == (0, 1, 1.0)
    for name in ("ema_ms", "mean_ms", "min_ms", "max_ms", "p50_ms", "p99_ms", "window_quantile_ms"):
        assert getattr(stats, name) is None, name
    assert monitor.quantile(0.5, "a") is None
    monitor.update_many([], "b")
    assert monitor.models() == [dl.ModelId("a")]


def test_failures_are_counted_beside_latencies():
    hub, monitor = dl.Hub(), dl.LatencyMonitor()
    hub.register(monitor)
    for _ in range(3):
        hub.inference_completed("a:1", latency_ms=10.0)
    hub.inference_failed("a:1", message="timed out")
    hub.emit("inference_failed", 99.0, model="a:1")
    hub.emit("accuracy", 0.9, model="a:1")  # not for a latency monitor
    hub.emit("inference_completed", 7.0)
    stats = monitor.stats("a:1")
    assert (stats.n, stats.n_failed, stats.failure_rate) == (3, 2, 0.4)
    assert (stats.ema_ms, stats.max_ms) == (10.0, 10.0)
    assert monitor.models() == [dl.ModelId("a", "1"), None]
    assert monitor.stats().n == 1
    assert monitor.stats().model is None
    assert stats.model == dl.ModelId("a", "1")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1.0, -1e-300, 1e13, 1e308])
def test_what_is_no_latency_is_refused_and_counted(value):
    monitor = objective(min_samples=1)
    monitor.update(20.0)
    assert not monitor.update(value)
    assert monitor.update_many([value, 30.0, value]).tolist() == []
    stats = monitor.stats()
    assert (stats.n, stats.n_refused, monitor.n_refused) == (2, 3, 3)
    assert stats.ema_ms == pytest.approx(21.0)
    assert (stats.min_ms, stats.max_ms, stats.mean_ms) == (20.0, 30.0, 25.0)
    assert stats.window_n == 2
    assert not stats.breached


def test_an_event_without_a_latency_is_refused():
    hub, monitor = dl.Hub(), dl.LatencyMonitor()
    hub.register(monitor)
    hub.emit("inference_completed", None, model="a")
    hub.emit("inference_completed", math.nan, model="a")
    assert (monitor.stats("a").n, monitor.stats("a").n_refused) == (0, 2)


def test_zero_and_the_longest_latency_are_latencies():
    monitor = dl.LatencyMonitor()
    monitor.update_many([0.0, -0.0, 1e12])
    stats = monitor.stats()
    assert (stats.n, stats.n_refused, stats.p50_ms, stats.max_ms) == (3, 0, 0.0, 1e12)


# --- the window ---


def test_the_window_holds_what_is_not_older_than_it_says():
    monitor = objective(window_s=60.0, slo_ms=50.0, min_samples=10**6)
    rng = np.random.default_rng(8)
    seconds = np.cumsum(rng.exponential(2.0, size=500))
    values = rng.lognormal(3.5, 0.7, size=500)
    for i in range(500):
        monitor.update(values[i], timestamp=at(seconds[i]))
        # Slots of one second since 1970, this one and the 59 before.
        inside = np.floor(seconds[: i + 1]) > math.floor(seconds[i]) - 60
        stats = monitor.stats()
        assert stats.window_n == inside.sum()
        share = (values[: i + 1][inside] > 50.0).mean()
        assert stats.window_share_above == pytest.approx(share, rel=1e-12)


def test_the_quantile_of_the_window_forgets():
    monitor = dl.LatencyMonitor(quantile=0.5, window_s=60.0)
    monitor.update_many([1000.0] * 100, timestamps=times(range(100)))
    monitor.update_many([10.0] * 100, timestamps=times(range(100, 200)))
    stats = monitor.stats()
    assert stats.window_quantile_ms == pytest.approx(10.0, rel=0.01)
    assert stats.p90_ms == pytest.approx(1000.0, rel=0.01)
    assert (stats.n, stats.window_n) == (200, 60)
    assert monitor.stats().window_share_above is None  # without an objective


def test_life_is_the_sum_of_all_windows():
    values = np.random.default_rng(9).lognormal(3.0, 1.0, size=5000)
    spread, at_once = dl.LatencyMonitor(window_s=10.0), dl.LatencyMonitor(window_s=10.0)
    spread.update_many(values, timestamps=times(np.arange(5000) * 0.37))
    at_once.update_many(values, timestamps=times(np.zeros(5000)))
    assert spread.stats().window_n < 30 < at_once.stats().window_n
    for q in QUANTILES:
        assert spread.quantile(q) == at_once.quantile(q)


# --- the objective ---


def test_breached_is_entered_once_and_left_with_hysteresis():
    monitor = objective()
    # 1 of 10 is what p90 accepts, 2 of 11 is more.
    latencies = [10.0] * 9 + [60.0, 60.0, 60.0, 10.0]
    told = [monitor.update(x, timestamp=at(0)) for x in latencies]
    assert told == [False] * 10 + [True, False, False]
    # 3 slow ones are half of the accepted share among 60.
    assert monitor.update_many([10.0] * 46, timestamps=times([1] * 46)).tolist() == []
    assert monitor.stats().window_n == 59
    assert monitor.breached()
    monitor.update(10.0, timestamp=at(1))
    assert not monitor.breached()
    assert monitor.stats().n_breaches == 1


def test_exactly_the_objective_is_kept():
    monitor = objective()
    assert monitor.update_many([50.0] * 100).tolist() == []
    assert monitor.stats().window_share_above == 0.0
    monitor = objective(slo_ms=0.0)
    assert monitor.update_many([0.0] * 9 + [0.1, 0.1]).tolist() == [10]


def test_a_share_about_the_limit_does_not_flap():
    # 10 % slow on average, in blocks: the share is now above, now below.
    rng = np.random.default_rng(10)
    seconds = np.arange(20_000) * 0.1
    slow = rng.random(20_000) < 0.1
    latencies = np.where(slow, 99.0, 10.0)
    calm, nervous = objective(), objective(recover_at=1.0)
    for monitor in (calm, nervous):
        monitor.update_many(latencies, timestamps=times(seconds))
    assert nervous.stats().n_breaches > 20
    assert calm.stats().n_breaches <= 2


def loop_of_the_objective(latencies, seconds, *, slo, q, window, min_samples, recover_at):
    """Indices at which a breach begins, and the last state, by recounting."""
    begins, breached, now = [], False, -math.inf
    slots = []
    for i in range(len(latencies)):
        now = max(now, seconds[i])
        width = window / 60
        slots.append(math.floor(now / width))
        inside = [j for j in range(i + 1) if slots[j] > slots[i] - 60]
        n, bad = len(inside), sum(latencies[j] > slo for j in inside)
        if not breached and n >= min_samples and bad > (1 - q) * n * (1 + 1e-9):
            breached = True
            begins.append(i)
        elif breached and bad <= recover_at * (1 - q) * n * (1 + 1e-9):
            breached = False
    return begins, breached


@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from([0, 1, 3, 20, 59, 60, 61, 200, -5]), st.booleans()), max_size=60
    ),
    recover_at=st.sampled_from([0.0, 0.5, 1.0]),
    q=st.sampled_from([0.5, 0.8, 0.9]),
    in_bulk=st.booleans(),
)
def test_the_objective_is_judged_as_by_recounting(steps, recover_at, q, in_bulk):
    # Out of order, too: a step back in time counts as none.
    seconds = np.cumsum([step for step, _ in steps]).tolist() if steps else []
    latencies = [99.0 if slow else 10.0 for _, slow in steps]
    monitor = objective(quantile=q, min_samples=4, recover_at=recover_at)
    expected, breached = loop_of_the_objective(
        latencies, seconds, slo=50.0, q=q, window=60.0, min_samples=4, recover_at=recover_at
    )
    # Slots begin at multiples of a second since 1970, as START does.
    if in_bulk:
        found = monitor.update_many(latencies, "a", timestamps=times(seconds)).tolist()
    else:
        told = [
            monitor.update(x, "a", timestamp=at(s)) for x, s in zip(latencies, seconds, strict=True)
        ]
        found = [i for i, began in enumerate(told) if began]
    assert found == expected
    if steps:
        assert monitor.breached("a") == breached


def test_too_few_are_not_judged():
    assert dl.LatencyMonitor(slo_ms=1.0).min_samples == 100
    assert dl.LatencyMonitor(slo_ms=1.0, quantile=0.999).min_samples == 1000
    assert dl.LatencyMonitor(slo_ms=1.0, quantile=0.5).min_samples == 20
    monitor = objective(min_samples=30)
    assert monitor.update_many([99.0] * 40, timestamps=times([0] * 40)).tolist() == [29]


def test_failures_count_as_slow_unless_they_do_not():
    counting, not_counting = objective(), objective(failures_count=False)
    for monitor in (counting, not_counting):
        monitor.update_many([10.0] * 9, timestamps=times([0] * 9))
        assert not monitor.failed(timestamp=at(0))
    assert counting.failed(timestamp=at(0))
    assert not not_counting.failed(timestamp=at(0))
    assert counting.stats().window_share_above == pytest.approx(2 / 11)
    assert not_counting.stats().window_share_above == 0.0
    assert (counting.stats().window_n, not_counting.stats().window_n) == (11, 9)
    assert counting.stats().window_n_failed == 2


def test_time_never_runs_backwards():
    monitor = objective()
    monitor.update_many([10.0] * 10, timestamps=times([1000] * 10))
    monitor.update_many([10.0] * 10, timestamps=times([0] * 10))
    assert monitor.stats().window_n == 20
    assert monitor.stats().last_seen == at(1000)


def test_a_time_far_ahead_counts_as_now():
    monitor = objective()
    monitor.update(10.0, timestamp=datetime(2200, 1, 1, tzinfo=UTC))
    monitor.update(10.0)
    assert monitor.stats().window_n == 2
    assert abs((monitor.stats().last_seen - datetime.now(UTC)).total_seconds()) < 60


def test_models_have_times_of_their_own():
    # One model's year is replayed after the other's.
    monitor = objective()
    for model in ("a", "b"):
        monitor.update_many([10.0] * 100, model, timestamps=times(np.arange(100) * 10.0))
    assert monitor.stats("a").window_n == monitor.stats("b").window_n == 6


def test_the_clock_is_believed():
    now = [1e9]
    monitor = objective(clock=lambda: now[0])
    monitor.update_many([10.0] * 5, "a")
    now[0] = 9e9  # the year 2255
    monitor.update(10.0, "a")
    monitor.failed("a")
    assert monitor.stats("a").window_n == 2
    assert monitor.stats("a").last_seen.year == 2255


def test_burn_rates_decide_in_place_of_the_window():
    # p99 over 5 minutes and an hour, 14.4 times the budget: 14.4 % slow.
    monitor = dl.LatencyMonitor(slo_ms=50.0, burn_rates=((14.4, 3600, 300),), min_samples=100)
    seconds = np.arange(36_000) * 0.1
    slow = np.arange(36_000) % 8 == 0  # 12.5 % for an hour: above the SLO, below the factor
    latencies = np.where(slow, 99.0, 10.0)
    assert monitor.update_many(latencies, "a", timestamps=times(seconds)).tolist() == []
    assert monitor.stats("a").window_share_above > 0.12
    # Then all slow: the short window is above at once, the long one as soon as
    # (4500 + k) / 36000 > 0.144, a little later for the slots that leave it.
    burst = np.full(3000, 99.0)
    begins = monitor.update_many(burst, "a", timestamps=times(3600 + np.arange(3000) * 0.1))
    assert len(begins) == 1
    assert 684 <= begins[0] < 800
    # The short window forgets within five minutes.
    monitor.update_many([10.0] * 3000, "a", timestamps=times(3900 + np.arange(3000) * 0.1))
    assert not monitor.breached("a")
    assert monitor.stats("a").n_breaches == 1


@pytest.mark.parametrize("burn_rates", [None, ((3, 60, 5), (2, 300, 30))])
@pytest.mark.parametrize("spoilt", [0.0, 0.002])
def test_in_bulk_is_one_by_one(burn_rates, spoilt):
    rng = np.random.default_rng(14)
    level = np.repeat([2.5, 4.0, 2.5, 2.5, 2.5, 2.5, 4.0, 3.5, 2.5, 2.5, 2.5, 4.0], 1000)
    values = rng.lognormal(level, 0.3)
    bad = rng.random(12_000) < spoilt
    values[bad] = rng.choice([math.nan, -1.0, 0.0, 1e-310, math.inf], size=bad.sum())
    seconds = np.round(np.cumsum(rng.exponential(0.02, size=12_000)), 6)
    bulk, single = (objective(burn_rates=burn_rates, window_s=20.0) for _ in range(2))
    begins = bulk.update_many(values, "a", timestamps=times(seconds)).tolist()
    moments = [at(s) for s in seconds.tolist()]
    told = [single.update(x, "a", timestamp=t) for x, t in zip(values, moments, strict=True)]
    assert begins == [i for i, began in enumerate(told) if began]
    assert len(begins) >= (1 if burn_rates else 3)
    one, other = bulk.stats("a"), single.stats("a")
    for name in ("n", "n_refused", "min_ms", "max_ms", "p50_ms", "p99_ms", "window_n"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("window_share_above", "window_quantile_ms", "breached", "n_breaches"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.ema_ms == pytest.approx(other.ema_ms, rel=SUM_RTOL)
    assert one.mean_ms == pytest.approx(other.mean_ms, rel=SUM_RTOL)


# --- in a hub ---


def test_events_of_a_breach_from_its_beginning_to_its_end():
    hub, told = dl.Hub(), []
    hub.register(told.append, kinds=["slo_breached", "slo_recovered"])
    hub.register(objective(name="answers in time"))
    values = [10.0] * 9 + [60.0, 61.0] + [10.0] * 29
    hub.emit_many("inference_completed", values, timestamps=times(np.arange(40.0)), model="a:1")
    assert [event.kind for event in told] == ["slo_breached", "slo_recovered"]
    breached, recovered = told
    assert breached.severity == dl.Severity.ERROR
    assert (breached.timestamp, breached.source) == (at(10), "answers in time")
    assert breached.model == recovered.model == dl.ModelId("a", "1")
    # The 90th percentile of eleven is the tenth.
    assert breached.value == pytest.approx(60.0, rel=0.01)
    assert breached.metadata["n"] == 11
    assert breached.metadata["n_slow"] == 2
    assert breached.metadata["share_above"] == pytest.approx(2 / 11)
    assert breached.metadata["slo_ms"] == 50.0
    assert breached.metadata["quantile"] == 0.9
    assert breached.metadata["window_s"] == 60.0
    assert breached.metadata["message"].startswith(
        "2 of 11 inferences in the last 60 s took longer than 50 ms: 18.182 %, "
        "accepted: 10.000 %; p90 is 6"
    )
    assert recovered.timestamp == at(39)
    assert recovered.value == pytest.approx(10.0, rel=0.01)
    assert recovered.metadata["message"].startswith("back to normal: 2 of 40 inferences")


def test_burn_rates_are_told_with_their_windows():
    hub, told = dl.Hub(), []
    hub.register(told.append, kinds="slo_breached")
    hub.register(dl.LatencyMonitor(slo_ms=50.0, burn_rates=[[14.4, 3600, 300]]))
    hub.emit_many("inference_completed", [99.0] * 200, timestamps=times([0] * 200))
    metadata = told[0].metadata
    assert (metadata["factor"], metadata["long_s"], metadata["short_s"]) == (14.4, 3600, 300)
    assert metadata["burn_rate_long"] == pytest.approx(100.0)
    assert "100.0 times as fast as it may over 3600 s" in metadata["message"]


def test_the_value_told_is_on_the_right_side_of_the_objective():
    rng = np.random.default_rng(12)
    hub, told = dl.Hub(), []
    hub.register(told.append, kinds=["slo_breached", "slo_recovered"])
    hub.register(objective(relative_error=0.1, recover_at=0.9))
    latencies = rng.normal(47.5, 2.0, size=50_000)  # all close to 50
    hub.emit_many("inference_completed", latencies, timestamps=times(np.arange(50_000) * 0.5))
    assert len(told) > 10
    for event in told:
        assert event.value >= 50.0 if event.kind == "slo_breached" else event.value <= 50.0
        assert event.value == pytest.approx(50.0, rel=0.1)


def test_the_hub_and_update_many_agree():
    rng = np.random.default_rng(13)
    values = rng.lognormal(3.2, 0.6, size=5000)
    values[rng.integers(0, 5000, size=50)] = math.nan
    moments = times(np.cumsum(rng.exponential(1.0, size=5000)))
    hub, told, inside, alone = dl.Hub(), [], objective(), objective()
    hub.register(told.append, kinds="slo_breached")
    hub.register(inside)
    hub.emit_many("inference_completed", values, timestamps=moments, model="a")
    begins = alone.update_many(values, "a", timestamps=moments)
    assert len(told) == len(begins) == alone.stats("a").n_breaches > 5
    assert repr(inside.stats("a")) == repr(alone.stats("a"))
    assert inside.stats("a").n_refused == alone.stats("a").n_refused > 0


def test_models_and_versions_are_kept_apart():
    hub, told = dl.Hub(), []
    hub.register(lambda event: told.append((event.kind, str(event.model))), kinds="slo_breached")
    monitor = objective()
    hub.register(monitor)
    for _ in range(30):
        for model, latency in (("a:1", 10.0), ("a:2", 99.0), ("b", 99.0), (None, 10.0)):
            hub.emit("inference_completed", latency, model=model, timestamp=at(0))
    assert told == [("slo_breached", "a:2"), ("slo_breached", "b")]
    assert [monitor.breached(model) for model in ("a:1", "a:2", "b", None)] == [
        False,
        True,
        True,
        False,
    ]
    assert {monitor.stats(model).n for model in ("a:1", "a:2", "b", None)} == {30}


def test_a_tick_tells_of_a_breach_that_has_passed():
    hub, told = dl.Hub(), []
    hub.register(told.append, kinds=["slo_breached", "slo_recovered"])
    now = datetime.now(UTC)
    hub.register(objective(window_s=0.001))
    hub.emit_many("inference_completed", [99.0] * 10, timestamps=[now] * 10, model="a")
    hub.tick()  # from here on the monotonic clock counts
    for _ in range(1_000_000):
        if len(told) == 2:
            break
        hub.tick()
    assert [event.kind for event in told] == ["slo_breached", "slo_recovered"]
    assert told[1].model == dl.ModelId("a")
    assert told[1].metadata["message"] == "back to normal: no inference in the last 0.001 s"
    assert told[1].value is None


@pytest.mark.thread_unsafe(reason="listens to a logger of the process")
def test_a_tick_logs_a_line_for_each_of_the_busiest(caplog):
    hub, monitor = dl.Hub(), objective()
    hub.register(monitor)
    for i in range(30):
        hub.emit_many("inference_completed", [10.0] * (i + 1), model=f"m{i}\nforged")
    with caplog.at_level(logging.WARNING, logger="driftline.latency"):
        hub.tick()
    assert caplog.records == []
    with caplog.at_level(logging.INFO, logger="driftline.latency"):
        hub.tick()
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 21
    assert lines == monitor.summary().split("\n")
    assert lines[0].startswith("m29\\nforged: 30 inferences, 0 failed, ema 10 ms, p50 10")
    assert lines[0].endswith("slo p90 <= 50 ms is met")
    assert lines[-1] == "and 10 more"
    assert {record.name for record in caplog.records} == {"driftline.latency"}


# --- bounds ---


def test_newcomers_without_room_share_and_those_who_were_first_stay():
    monitor = objective(max_models=100)
    hub, told = dl.Hub(), []
    hub.register(lambda event: told.append(str(event.model)), kinds="slo_breached")
    hub.register(monitor)
    for i in range(5000):
        hub.inference_completed(f"m{i}", latency_ms=10.0 if i < 100 else 99.0, timestamp=at(0))
    hub.emit("inference_completed", math.nan, model="m4999", timestamp=at(0))
    hub.inference_failed("m4998", timestamp=at(0))
    assert monitor.models() == [dl.ModelId(f"m{i}") for i in range(100)]
    assert monitor.n_overflow == 4902
    assert monitor.stats("m0").n == monitor.stats("m99").n == 1
    shared = monitor.stats("__overflow__")
    assert (shared.n, shared.n_refused, shared.n_failed) == (4900, 1, 1)
    assert told == ["__overflow__"]
    with pytest.raises(dl.InvalidValueError, match="m100"):
        monitor.stats("m100")
    hub.inference_completed("m7", latency_ms=10.0, timestamp=at(1))
    assert monitor.stats("m7").n == 2


def test_the_hub_says_how_many_models():
    hub, monitor = dl.Hub(max_models=3), dl.LatencyMonitor()
    own = dl.LatencyMonitor(max_models=5)
    hub.register(monitor)
    hub.register(own)
    for i in range(10):
        hub.inference_completed(f"m{i}", latency_ms=1.0)
    assert (len(monitor.models()), len(own.models())) == (3, 5)


def test_reset_forgets():
    monitor = objective(max_models=2)
    for model in "abc":
        monitor.update_many([99.0] * 20, model)
    monitor.reset()
    assert (monitor.models(), monitor.n_overflow, monitor.n_refused) == ([], 0, 0)
    assert monitor.summary() == ""
    assert monitor.update_many([99.0] * 10, "c").tolist() == [9]


@pytest.mark.parametrize("way", ["update", "update_many", "hub"])
def test_threads_lose_nothing(way):
    monitor, hub = dl.LatencyMonitor(slo_ms=50.0, max_models=3), dl.Hub()
    hub.register(monitor)
    values = np.full(5000, 10.0)
    barrier = threading.Barrier(4)

    def work(number):
        barrier.wait()
        own, shared = f"own{number}", "shared"
        if way == "update_many":
            monitor.update_many(values, own)
            monitor.update_many(values, shared)
            return
        for value in values.tolist():
            if way == "update":
                monitor.update(value, own)
                monitor.update(value, shared)
            else:
                hub.inference_completed(own, latency_ms=value)
                hub.inference_failed(shared)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stats = [monitor.stats(model) for model in monitor.models()]
    total = sum(s.n + s.n_failed for s in stats) + monitor.n_overflow
    assert total == 40_000
    assert len(stats) == 3
    named = {str(s.model): s.n + s.n_failed for s in stats}
    assert all(n == (20_000 if name == "shared" else 5000) for name, n in named.items())


# --- arguments ---


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ema_alpha": 0.0}, "ema_alpha: got 0"),
        ({"ema_alpha": 1.1}, "ema_alpha: got 1.1"),
        ({"ema_alpha": math.nan}, "ema_alpha: got NaN"),
        ({"slo_ms": -1.0}, "slo_ms: got -1"),
        ({"slo_ms": math.inf}, "slo_ms: got inf"),
        ({"quantile": 0.0}, "quantile: got 0"),
        ({"quantile": 99}, "quantile: got 99"),
        ({"window_s": 0.0}, "window_s: got 0"),
        ({"window_s": 1e10}, "window_s: got 1"),
        ({"relative_error": 0.5}, "relative_error: got 0.5"),
        ({"min_samples": 0}, "min_samples: got 0"),
        ({"recover_at": 1.5}, "recover_at: got 1.5"),
        ({"max_models": 0}, "max_models: got 0"),
        ({"name": ""}, "name: got ''"),
        ({"burn_rates": [(2, 60, 5)]}, "burn_rates: got them without slo_ms"),
        ({"slo_ms": 1, "burn_rates": [(100, 60, 5)]}, "burn_rates: got the factor 100"),
        ({"slo_ms": 1, "burn_rates": [(0, 60, 5)]}, "burn_rates: got the factor 0"),
        ({"slo_ms": 1, "burn_rates": [(2, 5, 60)]}, "burn_rates: got the windows 5 s and 60 s"),
        ({"slo_ms": 1, "burn_rates": [(2, 60, 5)] * 9}, "burn_rates: got 9 of them"),
    ],
)
def test_values_out_of_range_are_refused_by_name(options, message):
    with pytest.raises(dl.InvalidValueError) as refused:
        dl.LatencyMonitor(**options)
    assert str(refused.value).startswith(message)
    assert "; accepted: " in str(refused.value)


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"ema_alpha": "0.1"}, "ema_alpha"),
        ({"ema_alpha": None}, "ema_alpha"),
        ({"slo_ms": "fast"}, "slo_ms"),
        ({"quantile": None}, "quantile"),
        ({"min_samples": 2.5}, "min_samples"),
        ({"failures_count": "yes"}, "failures_count"),
        ({"burn_rates": 3, "slo_ms": 1}, "burn_rates"),
        ({"burn_rates": [(1, 2)], "slo_ms": 1}, "burn_rates"),
        ({"burn_rates": [("1", 60, 5)], "slo_ms": 1}, "burn_rates"),
        ({"burn_rates": "abc", "slo_ms": 1}, "burn_rates"),
        ({"max_models": True}, "max_models"),
        ({"name": 3}, "name"),
        ({"clock": 12.0}, "clock"),
    ],
)
def test_wrong_types_are_refused_by_name(options, argument):
    with pytest.raises(dl.InvalidTypeError, match=f"^{argument}: got "):
        dl.LatencyMonitor(**options)


def test_what_methods_refuse():
    monitor = dl.LatencyMonitor()
    with pytest.raises(dl.InvalidValueError, match="none was yet"):
        monitor.stats("a")
    for i in range(7):
        monitor.update(1.0, f"m{i}")
    for ask in (monitor.stats, monitor.breached, lambda model: monitor.quantile(0.5, model)):
        with pytest.raises(dl.InvalidValueError, match=r'model: got "x:1".*"m0", .* \(7 in all\)'):
            ask("x:1")
    with pytest.raises(dl.InvalidValueError, match="no model"):
        monitor.stats()
    for q in (-0.1, 1.1, math.nan):
        with pytest.raises(dl.InvalidValueError, match=r"^q: got"):
            monitor.quantile(q, "m0")
    with pytest.raises(dl.InvalidTypeError, match=r"^latency_ms: got"):
        monitor.update("fast")
    with pytest.raises(dl.InvalidTypeError, match=r"^latencies_ms: got"):
        monitor.update_many(["fast"])
    with pytest.raises(dl.InvalidValueError, match="2 times; accepted: one for each of the 1"):
        monitor.update_many([1.0], timestamps=[at(0), at(1)])
    with pytest.raises(dl.InvalidValueError, match="without a timezone"):
        monitor.update(1.0, timestamp=datetime(2013, 1, 1))
    with pytest.raises(dl.InvalidValueError, match=r"^model"):
        monitor.update(1.0, "")


def test_reprs_say_what_matters():
    monitor = dl.LatencyMonitor(slo_ms=50)
    assert repr(monitor) == "LatencyMonitor(slo_ms=50.0, quantile=0.99, window_s=300.0, models=0)"
    assert repr(dl.LatencyMonitor()) == "LatencyMonitor(window_s=300.0, models=0)"
    monitor.failed("it's")
    assert repr(monitor.stats("it's")) == (
        'LatencyStats("it\'s", n=0, n_failed=1, ema_ms=None, p50_ms=None, p99_ms=None, '
        "breached=False)"
    )
    assert isinstance(monitor, dl.NativeObserver)
    assert monitor.name == "latency_monitor"


@pytest.mark.thread_unsafe(reason="collects garbage")
def test_a_cycle_through_the_clock_is_collected():
    class Owner:
        def now(self):
            return 0.0

    owner = Owner()
    owner.monitor = dl.LatencyMonitor(clock=owner.now)
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None


def test_what_the_clock_raises_comes_through():
    def broken():
        raise LookupError("no time")

    monitor = dl.LatencyMonitor(clock=broken)
    with pytest.raises(LookupError, match="no time"):
        monitor.update(1.0)
    with pytest.raises(dl.InvalidValueError, match="clock: got one that returned NaN"):
        dl.LatencyMonitor(clock=lambda: math.nan).update(1.0)
