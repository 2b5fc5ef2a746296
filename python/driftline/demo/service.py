"""A small service: it predicts how late each flight will arrive, and looks after itself.

A model fitted on January predicts from February on, flight by flight. What it sees,
how long it takes and how far it was off goes to a hub. Detectors compare that with
the flights that the model was fitted on, alerts about drift are posted to a web
server, and drift that lasts has the model fitted anew.

An error is told together with its flight; in life it would come with the arrival.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

import driftline as dl
from driftline.demo.flights import DAY, FEATURES, FEBRUARY, WEEK_S, Vector, Year, progress
from driftline.demo.model import Ridge

NAME = "arrival_delay"
ERROR = "error_min"
ON_TIME_MIN = 15.0  # a prediction within 15 minutes counts as accurate
#: What is watched, by which test. A distance's mean says little of which routes are flown.
TESTS = {ERROR: "mean_shift"} | {
    name: "ks" if name == "distance" else "mean_shift" for name in FEATURES
}
WINDOW = 500  # flights, nearly three days: January has nine, calibration likes ten
FALSE_ALARM_EVERY = 67_000  # flights, about a year
REMIND_S = 3 * 86_400.0  # as long as a window: what a reminder has seen is new
CONFIRM = (2, 2)  # so two windows that share hardly a flight agree on what lasts
MIN_EFFECT = 0.2  # what Cohen (1988) calls small; less is not worth a training
TRAINING = 28 * DAY  # about as much as the first model had, each weekday alike
LANDED = np.timedelta64(12, "h")  # after which a flight's delay is known
RETRAIN_S = 2 * WEEK_S  # by then half of what a model is fitted on is new
SLO_MS, QUANTILE = 50.0, 0.99  # 99 % of a week's predictions within 50 ms
PATIENCE_S = 60.0

WATCHED_KINDS = (dl.Kind.DRIFT_DETECTED, dl.Kind.DATA_MISSING, dl.Kind.SLO_BREACHED)
TOLD_KINDS = (
    *(*WATCHED_KINDS, dl.Kind.DRIFT_RESOLVED, dl.Kind.DATA_RECOVERED, dl.Kind.SLO_RECOVERED),
    dl.Kind.TRAINING_COMPLETED,
)


@dataclass(frozen=True)
class Version:
    """A model in service."""

    name: str
    model: Ridge
    first: int  # the first flight that it predicts
    n_fitted: int
    because: dl.Event | None = None  # what asked for it


class Service:
    """The service, from February to December.

    :param year: its flights.
    :param url: where alerts go.
    :param secret: what they are signed with.
    """

    def __init__(self, year: Year, url: str, secret: str) -> None:
        self.year = year
        self.stamps = [time.replace(tzinfo=UTC) for time in year.times.tolist()]
        self.next = int(np.searchsorted(year.days, FEBRUARY))
        self.predicted: Vector = np.full(len(year.times), np.nan)
        self.seconds = 0.0
        self.versions: list[Version] = []
        self.samples: dict[str, Vector] = {}  # what the model in service was fitted on
        self.told: list[dl.Event] = []
        self.n_settled = 0

        self.fit(np.ones(self.next, dtype=bool), None)
        self.hub = dl.Hub()
        self.detectors = {name: self.detector(name) for name in TESTS}
        self.latency = dl.LatencyMonitor(
            slo_ms=SLO_MS, quantile=QUANTILE, window_s=WEEK_S, failures_count=False
        )
        self.trigger = dl.RetrainingTrigger(
            self.retrain,
            confirm=CONFIRM,
            min_effect=MIN_EFFECT,
            cooldown_s=RETRAIN_S,
            rebase_on=dl.Kind.TRAINING_COMPLETED,
            detectors=self.detectors.values(),
            baseline=lambda detector, event: self.samples[detector.name],
        )
        self.alerts = dl.AlertDispatcher(
            dl.WebhookSink(url, secret=secret), kinds=WATCHED_KINDS, cooldown_s=WEEK_S
        )
        self.board = dl.DriftMonitor()
        self.metrics = dl.MetricsCollector()
        self.hub.register(self.told.append, name="diary", kinds=TOLD_KINDS)
        for observer in (self.latency, self.alerts, self.board, self.metrics):
            self.hub.register(observer)
        for detector in self.detectors.values():
            self.hub.register(detector)
        # Last: a training so short may end before the others have heard what it is for.
        self.hub.register(self.trigger, priority=-1)

    @property
    def version(self) -> Version:
        """The one in service."""
        return self.versions[-1]

    def detector(self, name: str) -> dl.DriftDetector:
        """Compares with January; its threshold stays what January says."""
        return dl.DriftDetector.calibrated(
            self.samples[name],
            window_size=WINDOW,
            false_alarm_every=FALSE_ALARM_EVERY,
            test=TESTS[name],
            check_every=WINDOW // 10,
            feature=name,
            model=NAME,
            cooldown_s=REMIND_S,
            seed=2013,
            name=name,
        )

    def fit(self, rows: NDArray[np.bool_], because: dl.Event | None) -> None:
        """Fits the model to flights of the past, of which `rows` tells, and serves it."""
        of_past = np.flatnonzero(rows & self.year.known[: len(rows)])
        features, delays = self.year.features[of_past], self.year.delays[of_past]
        model = Ridge.fit(features, delays)
        self.samples = {
            ERROR: delays - model.predict_many(features),
            **dict(zip(FEATURES, features.T, strict=True)),
        }
        name = f"{NAME}:{len(self.versions) + 1}"
        self.versions.append(Version(name, model, self.next, len(of_past), because))

    def retrain(self, model: dl.ModelId, event: dl.Event) -> None:
        """Fits the model anew to the last weeks. The trigger calls it, on its own thread."""
        start = time.perf_counter()
        now = event.timestamp
        self.hub.training_started(model, timestamp=now)
        hour = np.datetime64(now.replace(tzinfo=None), "s")
        times = self.year.times[: self.next]
        self.fit((times >= hour - TRAINING) & (times < hour - LANDED), event)
        self.hub.training_completed(
            self.version.name,
            samples_seen=self.version.n_fitted,
            duration_ms=1000.0 * (time.perf_counter() - start),
            timestamp=now,
        )

    def run(self) -> None:
        """Serves the year."""
        start = time.perf_counter()
        first, days = self.next, self.year.days
        of_day = np.flatnonzero(np.diff(days[first:], prepend=days[first] - DAY)) + first
        parts = list(pairwise([*of_day.tolist(), len(days)]))
        for begin, end in progress(parts, days):
            for flight in range(begin, end):
                self.serve(flight)
            self.end_day(begin, end)
        self.settle()
        self.seconds = time.perf_counter() - start

    def serve(self, flight: int) -> None:
        """One request, and what became of the flight."""
        when, row, name = self.stamps[flight], self.year.features[flight], self.version.name
        self.next = flight + 1
        start = time.perf_counter()
        try:
            prediction = self.version.model.predict(row)
        except ValueError as error:
            self.hub.inference_failed(name, message=str(error), timestamp=when)
        else:
            latency_ms = 1000.0 * (time.perf_counter() - start)
            self.hub.inference_completed(name, latency_ms=latency_ms, timestamp=when)
            self.predicted[flight] = prediction
        error_min = self.year.delays[flight] - self.predicted[flight]
        for feature, value in self.observed(row, error_min):
            self.hub.observe(feature, value, model=name, timestamp=when)
            self.settle()

    def observed(self, row: Vector, error_min: float) -> Iterator[tuple[str, float]]:
        """What the detectors watch of a flight. NaN is missing, and counted."""
        yield from zip(FEATURES, row.tolist(), strict=True)
        if not np.isnan(error_min):
            yield ERROR, float(error_min)

    def end_day(self, begin: int, end: int) -> None:
        """Tells how the model did: the share of predictions within 15 minutes."""
        errors = self.year.delays[begin:end] - self.predicted[begin:end]
        errors = errors[~np.isnan(errors)]
        if len(errors):
            share = float(np.mean(np.abs(errors) <= ON_TIME_MIN))
            self.hub.log_metrics(self.version.name, accuracy=share, timestamp=self.stamps[end - 1])

    def settle(self) -> None:
        """Waits until all that the last event set off is done.

        A year passes here in seconds. In life an alert is posted and a model fitted
        before the next flight departs; so that it is here too, and every run gives
        the same figures, the flights wait whenever something was told.
        """
        while len(self.told) > self.n_settled:
            self.n_settled = len(self.told)
            if not self.hub.flush(PATIENCE_S):
                raise TimeoutError(f"alerts or a training took longer than {PATIENCE_S:.0f} s")
