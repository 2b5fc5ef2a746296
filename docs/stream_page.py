"""Writes docs/streams.md from the list of streaming detectors: ``python docs/stream_page.py``.

Everything on the page comes from what is compiled: names, signatures and docstrings. The
docstring of a detector has a summary, the sections below, each from a new line on, its
parameters and an example. docs/stream_pictures.py draws the pictures, and
docs/stream_results.py measures what stands in docs/stream_results.md. ``make docs`` runs this.
"""

from pathlib import Path

import docstrings

from driftline import stream

PAGE = Path(__file__).with_name("streams.md")
SECTIONS = ["Detects", "Assumes", "Controls", "Not for", "Cost", "Source"]
HEAD = """\
# Streaming detectors

Written by `make docs` from the list of detectors; do not edit it by hand.

Each detector takes one value after the other (`update(x)`, or many by `update_many(values)`)
and tells when they have changed (`drift_detected`, `direction`), by comparing its `statistic`
with its `limit`. `stream.get(name, **parameters)` makes one by name; so do configuration
files and `driftline backtest --detector NAME`. All of them take `on_drift`, `nan_policy` and
`standardise` as well. Costs in bytes are those of the method; every detector takes some 100
more. What they do on generated streams and on real ones, at the same rate of
false alarms, stands in [stream_results.md](stream_results.md).

The pictures show every detector, with its defaults unless they say otherwise, on the same
stream: 800 values whose mean goes up by 1.5 standard deviations at 300 and back at 550, or
errors whose rate goes from 10 % to 40 % and back (dotted lines). Red: alarms; blue: the
statistic; dashed: its limit. Some methods look at errors getting more frequent alone.

Which one, and how sensitive? Ask for a budget of false alarms in place of raw constants, see
what is found at that budget, and try it on your own history:

```python
detector = stream.PageHinkley.calibrated(history, false_alarm_every=10_000)
streams = [stream.abrupt(levels=[0, 1], seed=seed) for seed in range(50)]
print(stream.evaluate([stream.ADWIN(), stream.CUSUM()], streams, false_alarm_every=10_000))
print(dl.backtest(detector, history, timestamps=times, false_alarm_every="30d"))
```

```sh
driftline backtest errors.parquet --column late --timestamps hour --detector page_hinkley \\
    --false-alarm-every 30d
```
"""
INPUTS = {
    "real": "Detectors of numbers",
    "count": "Detectors of counts",
    "unit": "Detectors of numbers from 0 to 1",
    "binary": "Detectors of errors: 0 and 1",
}


def detector(name):
    """One with its defaults."""
    return stream.get(name)


def docstring(name):
    """That of a detector."""
    return docstrings.Docstring(type(detector(name)), SECTIONS)


def what(name):
    """The class, and what it detects."""
    found = docstring(name)
    return found.kind, found.sections().get("Detects", "")


def entry(name):
    """Everything about one detector."""
    where = "stream.binary" if detector(name).input == "binary" else "stream"
    picture = f"![{name} at work](streams/{name}.svg)"
    return [f"### {name}", "", picture, "", *docstring(name).entry(where)]


def page():
    """The page as it should be."""
    families = {
        title: [name for name in stream.available() if detector(name).input == kind]
        for kind, title in INPUTS.items()
    }
    return docstrings.page(HEAD, " detects ", families, what, entry)


if __name__ == "__main__":
    docstrings.write(PAGE, page(), {name: docstring(name) for name in stream.available()})
