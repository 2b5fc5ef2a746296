r"""A scikit-learn model behind FastAPI, watched: latency, drift, performance, alerts.

Run it with ``pip install fastapi uvicorn scikit-learn`` and, in the project's folder,
``uvicorn examples.service.app:app``; then

    curl -X POST localhost:8000/predict -H 'Content-Type: application/json' \
         -H 'X-Request-Id: 7' -d '{"dep_delay": 12, "distance": 1400, "temp": 39}'
    curl -X POST localhost:8000/labels/7 -H 'Content-Type: application/json' -d '9'
    curl localhost:8000/performance
    curl localhost:8000/report
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
from fastapi import Body, FastAPI, Header, Response
from fastapi.responses import HTMLResponse
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
known = january & ~np.isnan(flights["arr_delay"]) & ~np.isnan(flights["dep_delay"])
# The model learns from every other flight; the rest shows what to expect of it.
learnt = known & (np.arange(len(known)) % 2 == 0)
baseline = {name: flights[name][known & ~learnt] for name in (*FEATURES, "arr_delay")}


def matrix(table: Mapping[str, Any]) -> np.ndarray:
    """The features as the model takes them."""
    return np.column_stack([table[name] for name in FEATURES])


model = make_pipeline(SimpleImputer(), StandardScaler(), Ridge(10.0)).fit(
    matrix({name: flights[name][learnt] for name in FEATURES}), flights["arr_delay"][learnt]
)
baseline["predicted"] = model.predict(matrix(baseline))

alerts_url = os.environ.get("ALERTS_URL")
hub = dl.Hub()
metrics = dl.MetricsCollector()
hub.register(metrics)
hub.register(dl.LatencyMonitor(slo_ms=50.0))
hub.register(dl.AlertDispatcher(dl.WebhookSink(alerts_url) if alerts_url else dl.LogSink()))

# The last 500 flights beside January's: which columns have drifted, and how good the
# predictions are before anybody knows.
plan = dl.fit(baseline, target="arr_delay", prediction="predicted")
monitor = plan.monitor(window=500, hub=hub, model=MODEL)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """What waits in queues is delivered before the process ends."""
    yield
    report = await asyncio.to_thread(hub.shutdown)
    logger.warning("hub shut down, %s events left", report.left)


app = FastAPI(lifespan=lifespan)
# load.py starts the service without, to see what it costs.
watched = os.environ.get("WATCHED") != "no"
if watched:
    app.add_middleware(
        DriftlineMiddleware,
        hub=hub,
        model=MODEL,
        routes=["/predict"],
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
async def predict(
    flight: Flight, x_request_id: Annotated[str | None, Header()] = None
) -> dict[str, float]:
    """How late the flight will arrive, in minutes."""
    row = flight.model_dump()
    values = np.array([[row[name] for name in FEATURES]], dtype=np.float64)
    row["predicted"] = float(model.predict(values)[0])
    if watched:
        monitor.observe(row, id=x_request_id)
    return {"arr_delay": row["predicted"]}


@app.post("/labels/{id}")
async def label(id: str, arr_delay: Annotated[float, Body()]) -> dict[str, int]:
    """How late it was in truth, as soon as that is known."""
    return monitor.ground_truth(id, arr_delay)


@app.get("/performance")
def performance() -> dict[str, Any]:
    """How far off the predictions are: estimated, and seen where labels have come."""
    return monitor.performance(metrics=["mae", "rmse"]).to_dict()


@app.get("/report", response_class=HTMLResponse)
def report() -> str:
    """The last flights beside January's, as a page."""
    return monitor.report().to_html()


@app.get("/metrics")
async def scrape(accept: Annotated[str | None, Header()] = None) -> Response:
    """For Prometheus, in the format that it prefers."""
    content_type, body = metrics.negotiate(accept)
    return Response(body, headers={"Content-Type": content_type})
