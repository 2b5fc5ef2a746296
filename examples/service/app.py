r"""A scikit-learn model behind FastAPI, watched by one hub.

Run it with ``pip install fastapi uvicorn scikit-learn`` and, in the project's folder,
``uvicorn examples.service.app:app``; then

    curl -X POST localhost:8000/predict -H 'Content-Type: application/json' \
         -d '{"dep_delay": 12, "distance": 1400, "temp": 39}'
    curl localhost:8000/metrics

Alerts go to the webhook in the environment variable ALERTS_URL, or else into the log.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import numpy as np
from fastapi import FastAPI, Header, Response
from pydantic import BaseModel
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import driftline as dl
from driftline.integrations.asgi import DriftlineMiddleware

MODEL = "arrival_delay:1"
FEATURES = ("dep_delay", "distance", "temp", "wind_speed", "pressure")

logger = logging.getLogger("service")
flights = dl.datasets.load_nyc_flights()
january = flights["time_hour"] < np.datetime64("2013-02-01")
baseline = {name: flights[name][january] for name in FEATURES}

known = january & ~np.isnan(flights["arr_delay"]) & ~np.isnan(flights["dep_delay"])
model = make_pipeline(SimpleImputer(), StandardScaler(), Ridge(10.0)).fit(
    np.column_stack([flights[name][known] for name in FEATURES]), flights["arr_delay"][known]
)

alerts_url = os.environ.get("ALERTS_URL")
hub = dl.Hub()
metrics = dl.MetricsCollector()
hub.register(metrics)
hub.register(dl.LatencyMonitor(slo_ms=50.0))
hub.register(dl.AlertDispatcher(dl.WebhookSink(alerts_url) if alerts_url else dl.LogSink()))


class Temperature:
    """Watches the temperature of the flights, against January's."""

    def __init__(self) -> None:
        hub.register(
            dl.DriftDetector.calibrated(
                baseline["temp"],
                window_size=500,
                false_alarm_every=67_000,
                check_every=50,
                feature="temp",
            )
        )

    def observe(self, row: Mapping[str, Any], *, id: str | None = None) -> None:
        """Takes the flight of one request."""
        hub.observe("temp", row.get("temp"), model=MODEL, id=id)


# Whatever has `observe(row)` may stand here: what watches all of the columns, too.
monitor = Temperature()


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """What waits in queues is delivered before the process ends."""
    yield
    report = await asyncio.to_thread(hub.shutdown)
    logger.warning("hub shut down, %s events left", report.left)


app = FastAPI(lifespan=lifespan)
# load.py starts the service without, to see what it costs.
if os.environ.get("WATCHED") != "no":
    app.add_middleware(
        DriftlineMiddleware,
        hub=hub,
        model=MODEL,
        monitor=monitor,
        exclude=["/metrics"],
        id_header="x-request-id",
    )


class Flight(BaseModel):
    """What is known of a flight when it departs; the weather may be unknown."""

    dep_delay: float
    distance: float
    temp: float | None = None
    wind_speed: float | None = None
    pressure: float | None = None


@app.post("/predict")
async def predict(flight: Flight) -> dict[str, float]:
    """How late the flight will arrive, in minutes."""
    row = np.array([[getattr(flight, name) for name in FEATURES]], dtype=np.float64)
    return {"arr_delay": float(model.predict(row)[0])}


@app.get("/metrics")
async def scrape(accept: Annotated[str | None, Header()] = None) -> Response:
    """For Prometheus, in the format that it prefers."""
    content_type, body = metrics.negotiate(accept)
    return Response(body, headers={"Content-Type": content_type})
