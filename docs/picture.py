"""Writes docs/report.png, the first screen of a report: ``python docs/picture.py``.

The report is that of the bundled flights, July against January. Needs Chromium, as
``make test-report`` does.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import driftline as dl

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "report"))
import browser  # noqa: E402

WIDTH, HEIGHT = 1200, 836
MOST_BYTES = 200_000


def report() -> dl.DriftReport:
    """July against January, by the clock of New York."""
    flights = dl.datasets.load_nyc_flights()
    months = (flights["time_hour"] - np.timedelta64(5, "h")).astype("datetime64[M]").astype(
        int
    ) % 12
    january, july = (
        {name: values[months == month] for name, values in flights.items()} for month in (0, 6)
    )
    return dl.compare(january, july)


def main() -> None:
    program = browser.find()
    if program is None:
        sys.exit("there is no Chromium: apt-get install chromium, or say where: CHROMIUM=path")
    picture = HERE / "report.png"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        report().to_html(page)
        chromium = browser.Browser(program, Path(folder, "profile"))
        try:
            with chromium.page(page.as_uri(), width=WIDTH, height=HEIGHT) as shown:
                shown.screenshot(picture)
        finally:
            chromium.close()
    size = picture.stat().st_size
    print(f"{picture.name}: {size:,} bytes")
    if size > MOST_BYTES:
        sys.exit(f"the picture has more than {MOST_BYTES:,} bytes")


if __name__ == "__main__":
    main()
