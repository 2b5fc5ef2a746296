"""``driftline backtest``: a streaming detector on a column of a file."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from typing import Any

import numpy as np

import driftline
from driftline import _reading, stream
from driftline._backtest_report import Backtest
from driftline._command_output import line_of, replacing
from driftline.exceptions import InvalidTypeError, InvalidValueError

_ERROR = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("history", help="a .parquet, .pq, .csv or .csv.gz file")
    parser.add_argument("--column", metavar="NAME", required=True, help="the column of values")
    parser.add_argument(
        "--timestamps", metavar="NAME", help="a column of times; the rows are sorted by it"
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write the result as JSON; - is standard output, alone"
    )
    parser.add_argument("--quiet", action="store_true", help="print no report")
    judged = parser.add_argument_group("what is run, and how; see driftline.backtest")
    judged.add_argument(
        "--detector",
        metavar="NAME",
        default="adwin",
        help=f"{', '.join(stream.available())}; default: %(default)s",
    )
    judged.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=_setting,
        action="append",
        default=[],
        help="a parameter of the detector, such as delta=0.01; may be repeated",
    )
    judged.add_argument(
        "--standardise",
        action="store_true",
        help="give the detector (x - mean) / standard deviation, those of the column",
    )
    judged.add_argument(
        "--shifts",
        metavar="SIZES",
        type=_numbers,
        default=(0.5, 1.0, 2.0),
        help="in standard deviations, comma-separated; default: 0.5,1,2; --shifts=-1 is down",
    )
    judged.add_argument(
        "--positions", metavar="N", type=int, default=100, help="places for each; default: 100"
    )
    judged.add_argument(
        "--horizon", metavar="N", type=int, help="values in which a shift has to be found"
    )
    judged.add_argument(
        "--false-alarm-every",
        metavar="BUDGET",
        type=_budget,
        help="values between false alarms, or a time such as 30d with --timestamps: suggest "
        "settings for it",
    )
    judged.add_argument(
        "--seed", metavar="N", type=int, default=0, help="of what is random; default: 0"
    )


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"got {text!r}; accepted: NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"got {text!r}; accepted: numbers, comma-separated"
        ) from None


def _budget(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    """Reads, runs, writes, prints; the exit status."""
    if arguments.history == "-":
        parser.error("history: got -; accepted: the path of a file")
    try:
        with ExitStack() as stack:
            # Before the work: what cannot be written is known before minutes have passed.
            is_file = arguments.json is not None and arguments.json != "-"
            output = stack.enter_context(replacing(arguments.json)) if is_file else None
            found = _found(arguments)
            text = json.dumps(found.to_dict(), allow_nan=False) + "\n"
            if output is not None:
                output.write(text)
        if arguments.json == "-":
            print(text, end="")
        elif not arguments.quiet:
            encoding = sys.stdout.encoding or "utf-8"
            print(str(found).encode(encoding, "replace").decode(encoding))
    except Exception as error:  # whatever a file and the library that reads it come up with
        if isinstance(error, BrokenPipeError):
            raise
        print(f"driftline backtest: error: {line_of(error)}", file=sys.stderr)
        return _ERROR
    return 0


def _found(arguments: argparse.Namespace) -> Backtest:
    names = [arguments.column, *filter(None, [arguments.timestamps])]
    values, *times = _reading.read_columns("history", arguments.history, names)
    values = _floats(arguments.column, values)
    if times:
        times = [_times(arguments.timestamps, times[0])]
        order = np.argsort(times[0], kind="stable")
        values, times = values[order], [times[0][order]]
    settings = dict(arguments.set)
    if arguments.standardise:
        finite = values[np.isfinite(values)]
        scale = float(finite.std()) if len(finite) else 0.0
        if not scale > 0:
            raise InvalidValueError(
                f"standardise: got the column {arguments.column!r} of standard deviation 0; "
                "accepted: values that vary"
            )
        settings["standardise"] = (float(finite.mean()), scale)
    return driftline.backtest(
        stream.get(arguments.detector, **settings),
        values,
        timestamps=times[0] if times else None,
        shifts=arguments.shifts,
        n_positions=arguments.positions,
        horizon=arguments.horizon,
        false_alarm_every=arguments.false_alarm_every,
        seed=arguments.seed,
    )


def _floats(name: str, values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    array = np.asarray(values)
    try:
        if array.dtype.kind not in "biufO":
            raise TypeError
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise InvalidTypeError(
            f"column: got {name!r}, which holds {array.dtype}; accepted: a column of numbers"
        ) from None


def _times(name: str, values: Any) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    array = np.asarray(values)
    if array.dtype.kind != "M":
        raise InvalidTypeError(
            f"timestamps: got {name!r}, which holds {array.dtype}; accepted: a column of times"
        )
    return array
