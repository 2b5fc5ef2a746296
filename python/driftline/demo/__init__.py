"""The demo: a small service on a year of flights, which looks after itself.

A model predicts how late flights from New York City arrive. A hub watches latencies,
errors and what the model sees; alerts about drift go to a web server on this machine,
and drift that lasts has the model fitted anew. Tables at the end show what came of it.
"""

import argparse
import secrets
import sys
from collections.abc import Sequence

from driftline import datasets
from driftline.demo import drift, report
from driftline.demo.flights import Year
from driftline.demo.receiver import Receiver, without_proxy
from driftline.demo.service import Service

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the demo; the exit status is 0."""
    parser = argparse.ArgumentParser(prog="driftline demo", description=__doc__)
    parser.add_argument(
        "--data",
        action="store_true",
        help="no service: show month by month what drifts in the flights themselves, and that "
        "two random halves of January do not",
    )
    flights = datasets.load_nyc_flights()
    if parser.parse_args(argv).data:
        encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
        drift.run(flights, plain=not encoding.startswith("utf"))
    else:
        serve(flights)
    return 0


def serve(flights: datasets.NycFlights) -> tuple[Service, Receiver]:
    """Runs the service and prints its tables; answers what they tell of."""
    secret = secrets.token_hex(32)
    with without_proxy(), Receiver(secret) as receiver:
        service = Service(Year.of(flights), receiver.url, secret)
        print("\n".join(report.opening(service, receiver)), flush=True)
        with service.hub:
            service.run()
            print("\n".join(report.latencies(service)))
            print("\n".join(["", *report.versions(service)]))
            print("\n".join(["", *report.incidents(service, receiver)]))
            print("\n".join(["", *report.scrape(service)]))
    return service, receiver
