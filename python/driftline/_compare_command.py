"""``driftline compare``: two tables in files, a report, and a status that gates a pipeline."""

import argparse
import csv
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import TextIO

import driftline
from driftline import _reading
from driftline._command_output import line_of, replacing
from driftline.report import DriftReport, terminal

_FAILED = 1
_ERROR = 2

#: What ``--fail-on`` takes, and whether a report has it.
_REASONS: dict[str, Callable[[DriftReport], bool]] = {
    "drifted": lambda report: "drifted" in _verdicts(report),
    "inconclusive": lambda report: "inconclusive" in _verdicts(report),
    "schema": lambda report: any(report.schema[key] for key in ("missing", "changed")),
    "missing": lambda report: any("missing" in column.reasons for column in report),
    "multivariate": lambda report: (report.multivariate or {}).get("verdict") == "drifted",
}
_NEVER = "never"


def _verdicts(report: DriftReport) -> set[str]:
    """Those of the table, of its columns and of the periods."""
    periods = report.periods["verdicts"] if report.periods else ()
    return {report.verdict, *(column.verdict for column in report), *periods}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("baseline", help="the table that stands for normal")
    parser.add_argument("current", help="the table that is compared with it")
    parser.add_argument("--html", metavar="FILE", help="write the report as a page")
    parser.add_argument(
        "--json", metavar="FILE", help="write the report as JSON; - is standard output, alone"
    )
    parser.add_argument(
        "--fail-on",
        metavar="WHAT",
        type=_fail_on,
        default="drifted,schema",
        help=f"what status 1 is for: {', '.join(_REASONS)} (rates of missing values), "
        f"comma-separated, or {_NEVER}; default: %(default)s",
    )
    parser.add_argument("--quiet", action="store_true", help="print neither table nor progress")
    judged = parser.add_argument_group("what is compared, and how; see driftline.compare")
    judged.add_argument(
        "--columns", metavar="NAMES", type=_names, action="extend", help="comma-separated"
    )
    judged.add_argument("--target", metavar="COLUMN", help="the column of true values")
    judged.add_argument("--prediction", metavar="COLUMN", help="the column of predicted values")
    judged.add_argument("--segments", metavar="COLUMN", help="repeat it for each of its values")
    judged.add_argument("--by", metavar="COLUMN", help="a column of times: repeat it by period")
    judged.add_argument(
        "--every", metavar="PERIOD", help="hour, day, week, month (default), quarter or year"
    )
    judged.add_argument(
        "--tests",
        metavar="TESTS",
        type=_names,
        action="extend",
        help='a test such as "ks", or pairs such as numeric=ks,categorical=psi,age=wasserstein',
    )
    judged.add_argument(
        "--alpha", type=float, default=0.05, help="rate of false alarms; default: %(default)s"
    )
    judged.add_argument(
        "--min-effect",
        metavar="SHARE",
        type=float,
        default=0.05,
        help="share of rows that may move without being called drift; default: %(default)s",
    )
    judged.add_argument(
        "--correction",
        metavar="NAME",
        default="bh",
        help="for many columns: bh (default), by, holm, hochberg, bonferroni or none",
    )
    judged.add_argument("--threads", metavar="N", type=int, help="at most so many threads")
    judged.add_argument(
        "--seed", metavar="N", type=int, default=0, help="of the sample of rows; default: 0"
    )


def _fail_on(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if names == (_NEVER,):
        return ()
    for name in names:
        if name not in _REASONS:
            raise argparse.ArgumentTypeError(
                f"got {name!r}; accepted: {', '.join(_REASONS)}, comma-separated, or {_NEVER}"
            )
    return names


def _names(text: str) -> list[str]:
    """Names with commas between; one that has a comma stands in double quotes."""
    try:
        names = next(csv.reader([text], strict=True, skipinitialspace=True), [])
    except csv.Error as error:
        raise argparse.ArgumentTypeError(f"got {text!r}, which is no list ({error})") from None
    if not all(names) or not names:
        raise argparse.ArgumentTypeError(f"got {text!r}; accepted: names, comma-separated")
    return names


def _tests(given: Sequence[str] | None) -> str | dict[str, str]:
    if given is None:
        return "auto"
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    tests = {}
    for pair in given:
        of, found, test = pair.rpartition("=")
        if not found:
            raise driftline.InvalidValueError(
                f'tests: got {pair!r}; accepted: one test such as "ks", or pairs such as '
                "numeric=ks,age=wasserstein"
            )
        tests[of] = test
    return tests


def run(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    """Compares, writes, prints; the exit status."""
    if arguments.every is not None and arguments.by is None:
        parser.error("--every: needs --by, the column of times")
    if arguments.by is not None and arguments.segments is not None:
        parser.error("--segments: not with --by")
    if "-" in (arguments.html, arguments.baseline, arguments.current):
        parser.error("- is for --json alone; accepted here: the path of a file")
    try:
        report = _compared(arguments)
    except Exception as error:  # whatever a file and the library that reads it come up with
        if isinstance(error, BrokenPipeError):
            raise
        print(f"driftline compare: error: {line_of(error)}", file=sys.stderr)
        return _ERROR
    return _FAILED if any(_REASONS[name](report) for name in arguments.fail_on) else 0


def _compared(arguments: argparse.Namespace) -> DriftReport:
    with ExitStack() as stack:
        # Before the work: what cannot be written is known before minutes have passed.
        outputs = [
            (stack.enter_context(replacing(path)), text)
            for path, text in (
                (arguments.html, DriftReport.to_html),
                (arguments.json, lambda report: report.to_json() + "\n"),
            )
            if path is not None and path != "-"
        ]
        with _Bar(sys.stderr, silent=arguments.quiet) as bar:
            report = _report(arguments, bar)
        for stream, text in outputs:
            stream.write(text(report))
    if arguments.json == "-":
        print(report.to_json())
    elif not arguments.quiet:
        terminal.write(report)
    return report


def _report(arguments: argparse.Namespace, bar: "_Bar") -> DriftReport:
    # Groups of rows and pairs of columns need all rows at hand; all else comes in batches.
    at_hand = arguments.by or arguments.segments or (arguments.target and arguments.prediction)
    open_table = _reading.read_table if at_hand else _reading.open_table
    plan = driftline.fit(
        open_table("baseline", arguments.baseline),
        columns=arguments.columns,
        tests=_tests(arguments.tests),
        alpha=arguments.alpha,
        min_effect=arguments.min_effect,
        correction=arguments.correction,
        segments=arguments.segments,
        target=arguments.target,
        prediction=arguments.prediction,
        threads=arguments.threads,
        seed=arguments.seed,
        progress=bar.of("baseline"),
    )
    current = open_table("current", arguments.current)
    progress = bar.of("current")
    if arguments.by is None:
        return plan.compare(current, progress=progress)
    every = arguments.every or "month"
    return plan.compare_periods(current, by=arguments.by, every=every, progress=progress)


class _Bar(AbstractContextManager["_Bar"]):
    """How far long work is, on a terminal; nothing anywhere else."""

    WIDTH = 30
    #: Work that is done before is not worth a bar.
    AFTER_S = 0.7

    def __init__(self, stream: TextIO, *, silent: bool = False) -> None:
        self._stream = stream
        self._silent = silent or not stream.isatty()
        self._start = time.monotonic()
        self._shown = ""

    def of(self, what: str) -> Callable[[int, int], None]:
        """What is called with how much is done, of how much; 0 is not known."""

        def progress(done: int, total: int) -> None:
            if total > 0:
                full = self.WIDTH * min(done, total) // total
                bar = f"[{'#' * full}{'.' * (self.WIDTH - full)}] {100 * done // total:3} %"
            else:
                bar = f"{done:,}"
            self._show(f"{what:<8} {bar}")

        return progress

    def _show(self, line: str) -> None:
        is_early = time.monotonic() - self._start < self.AFTER_S
        if self._silent or is_early or line == self._shown:
            return
        self._stream.write(f"\r{line:<{len(self._shown)}}")
        self._stream.flush()
        self._shown = line

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._shown:
            self._stream.write(f"\r{'':<{len(self._shown)}}\r")
            self._stream.flush()
