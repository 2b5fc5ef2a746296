"""A model in service: it predicts how late each flight of the year will arrive.

A ridge regression in closed form, fitted on January. Each prediction is one call,
timed for real; what it emits goes to a latency monitor with an objective, a drift
detector on the prediction errors, metrics, and a queued diary. At the end the
metrics are scraped over HTTP.
"""

import time
import urllib.request
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import driftline as dl
from driftline import datasets
from driftline.demo.drift import FEBRUARY, WEEK_S, day_of, days_of

MODEL = "arrival_delay:1"
FEATURES = ("dep_delay", "distance", "temp", "wind_speed", "pressure")
PENALTY = 10.0
WINDOW = 1_000  # flights: about five days
FALSE_ALARM_EVERY = 67_000  # flights: about a year
SLO_MS, QUANTILE = 1.0, 0.99  # 99 % of predictions within a millisecond
SHOWN = (
    "driftline_events_total",
    "driftline_inference_latency_seconds",
    "driftline_drift_statistic",
    "driftline_queue_depth",
)

Vector = NDArray[np.float64]


class Ridge(NamedTuple):
    """A fitted ridge regression on standardised features."""

    mean: Vector
    scale: Vector
    weights: Vector
    intercept: float

    @classmethod
    def fit(cls, features: Vector, target: Vector) -> "Ridge":
        """In closed form: (X'X + penalty I) w = X'y."""
        mean, scale = features.mean(axis=0), features.std(axis=0)
        x, y = (features - mean) / scale, target - target.mean()
        weights = np.linalg.solve(x.T @ x + PENALTY * np.eye(x.shape[1]), x.T @ y)
        return cls(mean, scale, weights, float(target.mean()))

    def predict(self, row: Vector) -> float:
        """The prediction for one flight. Unknown weather is taken for average; a
        flight that never departed has no prediction."""
        standardised = (row - self.mean) / self.scale
        if np.isnan(standardised[0]):
            raise ValueError(f"{FEATURES[0]} is missing")
        return self.intercept + float(np.nan_to_num(standardised) @ self.weights)


def table(flights: datasets.NycFlights) -> Vector:
    """The features, one row per flight."""
    columns = [flights[name] for name in FEATURES]  # type: ignore[literal-required]
    return np.column_stack(columns).astype(np.float64)


def serve(hub: dl.Hub, model: Ridge, row: Vector, time_hour: np.datetime64) -> float | None:
    """One request: predicts, and tells the hub how it went."""
    start = time.perf_counter()
    try:
        prediction = model.predict(row)
    except ValueError as error:
        hub.inference_failed(MODEL, message=str(error), timestamp=time_hour)
        return None
    latency_ms = 1000.0 * (time.perf_counter() - start)
    hub.inference_completed(MODEL, latency_ms=latency_ms, timestamp=time_hour)
    return prediction


def watch(hub: dl.Hub, errors: Vector, tell: Callable[[dl.Event], None]) -> dl.LatencyMonitor:
    """Registers what a service wants to know."""
    latency = dl.LatencyMonitor(slo_ms=SLO_MS, quantile=QUANTILE, failures_count=False)
    hub.register(latency)
    detector = dl.DriftDetector.calibrated(
        errors,
        window_size=WINDOW,
        false_alarm_every=FALSE_ALARM_EVERY,
        check_every=WINDOW // 10,
        feature="error_min",
        cooldown_s=WEEK_S,
        seed=2013,
    )
    hub.register(detector)
    told = [dl.Kind.DRIFT_DETECTED, dl.Kind.DRIFT_RESOLVED]
    told += [dl.Kind.SLO_BREACHED, dl.Kind.SLO_RECOVERED]
    hub.register(tell, name="diary", kinds=told, mode="queued", overflow="block")
    return latency


def run(flights: datasets.NycFlights) -> None:
    """Serves the year, and shows what was measured."""
    days, features, delays = days_of(flights), table(flights), flights["arr_delay"]
    january = days < FEBRUARY
    known = january & ~np.isnan(features).any(axis=1) & ~np.isnan(delays)
    model = Ridge.fit(features[known], delays[known])
    fitted = np.array([model.predict(row) for row in features[known]])
    errors = delays[known] - fitted
    print(f"\nA model in service: ridge regression of arr_delay on {', '.join(FEATURES)},")
    print(f"fitted on January ({np.abs(errors).mean():.1f} min mean absolute error).\n")

    diary: list[str] = []

    def tell(event: dl.Event) -> None:
        if event.metadata.get("reminder"):
            return
        what = event.metadata["message"]
        if event.feature is not None:
            mean = event.metadata["window_mean"]
            what = f"the last {WINDOW:,} predictions were {mean:+.1f} min off on average"
        diary.append(f"  {day_of(event)}  {event.kind:<15} {what}")

    collector = dl.MetricsCollector(buckets_ms=(0.005, 0.01, 0.02, 0.05, 0.1, 1.0))
    with dl.Hub() as hub:
        hub.register(collector)
        latency = watch(hub, errors, tell)
        start = time.perf_counter()
        for i in np.flatnonzero(~january):
            prediction = serve(hub, model, features[i], flights["time_hour"][i])
            if prediction is not None and not np.isnan(delays[i]):
                error = delays[i] - prediction
                when = flights["time_hour"][i]
                hub.observe("error_min", error, model=MODEL, timestamp=when)
        seconds = time.perf_counter() - start
        hub.flush(30.0)
        stats = latency.stats(MODEL)
        print(f"  {stats.n:,} predictions and {stats.n_failed} failures in {seconds:.1f} s,")
        print(
            f"  latency of a prediction: mean {1000 * (stats.mean_ms or 0):.1f} us, "
            f"p50 {1000 * (stats.p50_ms or 0):.1f}, p99 {1000 * (stats.p99_ms or 0):.1f}, "
            f"max {1000 * (stats.max_ms or 0):.1f}"
        )
        print(f"  objective, {QUANTILE:.0%} within {SLO_MS} ms: {stats.n_breaches} breaches\n")
        print("What the queued diary was told:\n")
        print("\n".join(diary) or "  nothing")
        with collector.serve() as server:
            with urllib.request.urlopen(server.url, timeout=10) as answer:
                text = answer.read().decode()
            print(f"\nScraped from {server.url}:\n")
        lines = [line for line in text.splitlines() if line.startswith(SHOWN)]
        print("\n".join(f"  {line}" for line in lines))
