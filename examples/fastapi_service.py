r"""A model behind FastAPI, watched by one hub.

Run it with ``pip install fastapi uvicorn`` and, in the project's folder,
``uvicorn examples.fastapi_service:app``; then

    curl -X POST localhost:8000/predict -H 'Content-Type: application/json' \
         -d '{"dep_delay": 12, "distance": 1400, "temp": 39}'
    curl localhost:8000/metrics
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import numpy as np
from fastapi import FastAPI, Header, HTTPException, Response
from pydantic import BaseModel

import driftline as dl
from driftline import datasets
from driftline.demo.flights import FEATURES, Year
from driftline.demo.model import Ridge

MODEL = "arrival_delay:1"

logger = logging.getLogger("service")
flights = datasets.load_nyc_flights()
january = flights["time_hour"] < np.datetime64("2013-02-01")

year = Year.of(flights)
model = Ridge.fit(year.features[january & year.known], year.delays[january & year.known])


def alert(event: dl.Event) -> None:
    """Whoever has to know; it may be slow, as it has a queue."""
    logger.error("%s %s: %s", event.model, event.kind, event.metadata.get("message"))


hub = dl.Hub()
metrics = dl.MetricsCollector()
hub.register(metrics)
hub.register(dl.LatencyMonitor(slo_ms=50.0))
hub.register(
    dl.DriftDetector.calibrated(
        flights["temp"][january],
        window_size=500,
        false_alarm_every=67_000,
        check_every=50,
        feature="temp",
    )
)
hub.register(
    alert, mode="queued", kinds=[dl.Kind.DRIFT_DETECTED, dl.Kind.DATA_MISSING, dl.Kind.SLO_BREACHED]
)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """What waits in queues is delivered before the process ends."""
    yield
    report = await asyncio.to_thread(hub.shutdown)
    logger.warning("hub shut down, %s events left", report.left)


app = FastAPI(lifespan=lifespan)


class Flight(BaseModel):
    """What is known of a flight when it departs; the weather may be unknown."""

    dep_delay: float | None = None
    distance: float
    temp: float | None = None
    wind_speed: float | None = None
    pressure: float | None = None


@app.post("/predict")
def predict(flight: Flight) -> dict[str, float]:
    """How late the flight will arrive, in minutes."""
    start = time.perf_counter()
    row = np.array([getattr(flight, name) for name in FEATURES], dtype=np.float64)
    try:
        arr_delay = model.predict(row)
    except ValueError as error:
        hub.inference_failed(MODEL, message=str(error))
        raise HTTPException(422, str(error)) from error
    hub.inference_completed(MODEL, latency_ms=1000.0 * (time.perf_counter() - start))
    hub.observe("temp", flight.temp, model=MODEL)
    return {"arr_delay": arr_delay}


@app.get("/metrics")
def scrape(accept: Annotated[str | None, Header()] = None) -> Response:
    """For Prometheus, in the format that it prefers."""
    content_type, body = metrics.negotiate(accept)
    return Response(body, headers={"Content-Type": content_type})
