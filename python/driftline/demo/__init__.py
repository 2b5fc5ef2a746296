"""The demo: a year of flights from New York City, watched as it would be live.

First the data: January is the baseline, and what drifts from February to December
is found. Then a model in service: it predicts the arrival delays of the year one by
one, its latency, its errors and the hub itself are measured, and scraped over HTTP.
"""

import argparse
import sys
from collections.abc import Sequence

from driftline import datasets
from driftline.demo import drift, serving

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the demo; the exit status is 0."""
    argparse.ArgumentParser(prog="driftline demo", description=__doc__).parse_args(argv)
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    flights = datasets.load_nyc_flights()
    drift.run(flights, plain=not encoding.startswith("utf"))
    serving.run(flights)
    return 0
