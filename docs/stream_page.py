"""Writes docs/streams.md from the list of streaming detectors: ``python docs/stream_page.py``.

Everything on the page comes from what is compiled: names, signatures and docstrings. The
docstring of a detector has a summary, the sections below, each from a new line on, its
parameters and an example. docs/stream_pictures.py draws the pictures, and
docs/stream_results.py measures what stands in docs/stream_results.md. ``make docs`` runs this.
"""

import inspect
import re
import sys
from pathlib import Path

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


def paragraphs(name):
    """The docstring of a detector as paragraphs; each parameter is one."""
    text = inspect.getdoc(type(detector(name))) or ""
    titles = "|".join(SECTIONS)
    parts = re.split(rf"\n\s*\n|\n(?=(?:{titles}): )|\n(?=:param )", text)
    return [part.strip() for part in parts if part.strip()]


def summary(name):
    """The first sentence."""
    return " ".join(paragraphs(name)[0].split())


def sections(name):
    """The text of each section that a docstring has, in its order."""
    found = {}
    for part in paragraphs(name):
        title, colon, text = part.partition(":")
        if colon and title in SECTIONS:
            found[title] = " ".join(text.split())
    return found


def parameters(name):
    """What the docstring says about each parameter."""
    found = {}
    for part in paragraphs(name):
        if part.startswith(":param "):
            parameter, _, text = part.removeprefix(":param ").partition(":")
            found[parameter.strip()] = " ".join(text.split())
    return found


def markdown(text):
    """Docstring markup as Markdown."""
    return text.replace("``", "`").replace("|", "\\|")


def entry(name):
    """Everything about one detector."""
    kind = type(detector(name))
    where = "stream.binary" if detector(name).input == "binary" else "stream"
    lines = [f"### {name}", "", f"![{name} at work](streams/{name}.svg)", ""]
    lines += ["```python", f"{where}.{kind.__name__}{inspect.signature(kind)}", "```", ""]
    example = []
    for part in paragraphs(name):
        if part.startswith(">>>"):
            example.append(part)
        elif part.partition(":")[0] not in SECTIONS and not part.startswith(":param "):
            lines += [markdown(" ".join(part.split())), ""]
    for title, text in sections(name).items():
        lines += [f"**{title}.** {markdown(text)}", ""]
    if found := parameters(name):
        lines += [f"- `{parameter}`: {markdown(text)}" for parameter, text in found.items()]
        lines.append("")
    if example:
        lines += ["```pycon", *example, "```", ""]
    return lines


def page():
    """The page as it should be."""
    lines = [HEAD]
    families = {
        title: [name for name in stream.available() if detector(name).input == kind]
        for kind, title in INPUTS.items()
    }
    for title, members in families.items():
        if members:
            lines += [f"**{title}**", "", "| name | class | detects |", "|---|---|---|"]
            for name in members:
                class_name = type(detector(name)).__name__
                what = markdown(sections(name).get("Detects", ""))
                lines.append(f"| [`{name}`](#{name}) | `{class_name}` | {what} |")
            lines.append("")
    for title, members in families.items():
        if members:
            lines += [f"## {title}", ""]
            for name in members:
                lines += entry(name)
    return "\n".join(lines)


def main():
    """Write the page."""
    for name in stream.available():
        missing = [title for title in SECTIONS if title not in sections(name)]
        if missing:
            print(f"{name}: the docstring has no {', '.join(missing)}", file=sys.stderr)
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE}: written")


if __name__ == "__main__":
    main()
