"""The ``driftline`` command.

Exit status: 0 done, 2 wrong usage, 130 interrupted (Ctrl-C), 141 the reader of
the output went away (``driftline demo | head -1``); the last two as a shell
reports them for any program that a signal ends.
"""

import argparse
import os
import sys
from collections.abc import Sequence

import driftline

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
        "demo", help="find real drift in a year of flights from New York City", add_help=False
    )
    arguments, rest = parser.parse_known_args(argv)
    if arguments.command == "demo":
        from driftline import demo

        return demo.main(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    parser.print_help(sys.stderr)
    return 2


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
