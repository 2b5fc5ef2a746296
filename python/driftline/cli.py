"""The ``driftline`` command.

Exit status: 0 done, 1 drift (``driftline compare``) or mistakes in a set-up (``driftline
check``), 2 wrong usage, or a table that cannot be read, or a report that cannot be written, 130
interrupted (Ctrl-C), 141 the reader of the output went away (``driftline demo | head
-1``); the last two as a shell reports them for any program that a signal ends.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import driftline
from driftline import _backtest_command, _compare_command
from driftline._driftline import _config_schema

_MISTAKES = 1
_INTERRUPTED = 130
_OUTPUT_CLOSED = 141


def _run(argv: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(
        prog="driftline", description="Watch machine-learning models in production."
    )
    parser.add_argument("--version", action="version", version=f"driftline {driftline.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    # No help of its own: the options behind `demo`, -h too, are read by the demo.
    commands.add_parser(
        "demo",
        help="run a service that predicts a year of flights, is watched and retrained",
        add_help=False,
    )
    comparer = commands.add_parser(
        "compare",
        help="compare two tables in files",
        description="Compare two tables in Parquet or CSV files: which columns drifted? Status 0: "
        "none of --fail-on; 1: something of it; 2: an error.",
    )
    _compare_command.add_arguments(comparer)
    backtester = commands.add_parser(
        "backtest",
        help="run a streaming detector over a column of a file",
        description="Run a streaming detector over a column of a Parquet or CSV file: how often "
        "it would have alarmed, and what it finds of shifts injected into the column. Status 0: "
        "done; 2: an error.",
    )
    _backtest_command.add_arguments(backtester)
    checker = commands.add_parser(
        "check",
        help="tell the mistakes of a set-up",
        description="Tell the mistakes of a set-up for driftline.from_config, each as "
        "file:line:column: path: message. Nothing is started; environment variables that are "
        "not set are told of, and are no mistake.",
    )
    checker.add_argument("file", nargs="?", help="a .yaml, .yml, .json or .toml file")
    checker.add_argument(
        "--files",
        action="store_true",
        help="open the files that it names, too: samples, certificates",
    )
    checker.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of set-ups instead"
    )
    arguments, rest = parser.parse_known_args(argv)
    if arguments.command == "demo":
        from driftline import demo

        return demo.main(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if arguments.command == "compare":
        return _compare_command.run(comparer, arguments)
    if arguments.command == "backtest":
        return _backtest_command.run(backtester, arguments)
    if arguments.command == "check":
        if arguments.schema:
            print(_config_schema(), end="")
            return 0
        if arguments.file is None:
            checker.error("the following arguments are required: file")
        return _check(checker, arguments.file, arguments.files)
    parser.print_help(sys.stderr)
    return 2


def _check(parser: argparse.ArgumentParser, file: str, files: bool) -> int:
    from driftline import _config

    try:
        doubts = _config.check(Path(file), files=files)
    except driftline.ConfigError as error:
        if error.line is None and isinstance(error.__cause__, OSError):
            parser.error(str(error))  # there is no such file
        for mistake in error.errors:
            print(mistake)
        return _MISTAKES
    except driftline.InvalidValueError as error:
        parser.error(str(error))  # a suffix of none of the formats
    for doubt in doubts:
        print(f"{file}: warning: {doubt}", file=sys.stderr)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command with ``argv`` (``sys.argv[1:]`` by default); the exit status."""
    try:
        try:
            return _run(argv)
        finally:
            # Here, and not at interpreter exit, where a closed pipe could only be printed.
            sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # What is still buffered has nowhere to go, nor the flush at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _OUTPUT_CLOSED
