"""Schedulers: ways to start a training from :class:`driftline.RetrainingTrigger`.

Any function of a model and an event does as well; these are for trainings that run
elsewhere. They are called on a thread of the trigger's; what they raise is a failed
attempt, of which there are ``retries`` more.

>>> import driftline as dl
>>> from driftline import retraining
>>> trigger = dl.RetrainingTrigger(retraining.Command(["make", "train", "MODEL={name}"]))
"""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import IO

from driftline import _exit
from driftline._driftline import Event, ModelId, NativeScheduler, Webhook
from driftline.exceptions import DriftlineError, InvalidTypeError, InvalidValueError

__all__ = ["Command", "NativeScheduler", "SchedulingFailed", "Webhook"]

_TAIL = 2000  # bytes of what a command wrote last that an error quotes
_LOOK_S = 0.05  # how often it is looked whether a command has ended
_PLACEHOLDER = re.compile(r"\{(model|name|version|kind|value|feature)\}")


class SchedulingFailed(DriftlineError, RuntimeError):
    """A training could not be started."""


class Command:
    """Starts a training by a command and waits for it.

    The command is run without a shell. In each of its arguments ``{model}``, ``{name}``,
    ``{version}``, ``{kind}``, ``{value}`` and ``{feature}`` are replaced by what the event
    says, or by nothing where it says nothing; an argument stays one argument whatever is
    put in. Other braces stay as they are. The event stands as JSON in the environment
    variable ``DRIFTLINE_EVENT``.

    A command that exits with another status than 0 has failed: the error quotes the end of
    what it wrote to stderr. One that does not end within ``timeout_s`` is killed, with what
    it has started, and has failed, too; so it is when this process ends before it. It is
    started afresh with the next attempt. That the training is over is not concluded from
    its end: emit ``training_completed``.

    :param args: the program and its arguments; not one str.
    :param timeout_s: seconds, above 0.
    :param env: the environment of the command; by default this process's.
    :param cwd: the directory in which it runs.
    :raises InvalidTypeError: an argument of a type that is not accepted.
    :raises InvalidValueError: no program, or a ``timeout_s`` out of range.

    >>> import driftline as dl
    >>> from driftline.retraining import Command
    >>> train = Command(["echo", "training {name}, version {version}"])
    >>> train(dl.ModelId("fraud", "3"), dl.Event("f1", 0.6))
    """

    def __init__(
        self,
        args: Sequence[str | os.PathLike[str]],
        *,
        timeout_s: float = 3600.0,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        if isinstance(args, (str, bytes)) or not isinstance(args, Sequence):
            raise InvalidTypeError(
                f"args: got {args!r}; accepted: a list of the program and its arguments, such as "
                '["make", "train"]'
            )
        if not all(isinstance(arg, (str, os.PathLike)) for arg in args):
            raise InvalidTypeError(f"args: got {args!r}; accepted: a list of str or paths")
        if not args:
            raise InvalidValueError("args: got an empty list; accepted: at least a program")
        if isinstance(timeout_s, bool) or not isinstance(timeout_s, (int, float)):
            raise InvalidTypeError(f"timeout_s: got {timeout_s!r}; accepted: a number of seconds")
        if not 0 < timeout_s < float("inf"):
            raise InvalidValueError(
                f"timeout_s: got {timeout_s!r}; accepted: a finite number of seconds above 0"
            )
        self.args = tuple(os.fspath(arg) for arg in args)
        self.timeout_s = float(timeout_s)
        self.env = None if env is None else dict(env)
        self.cwd = None if cwd is None else os.fspath(cwd)

    @property
    def name(self) -> str:
        """The program."""
        return os.path.basename(self.args[0])

    def __call__(self, model: ModelId, event: Event) -> None:
        """Runs the command.

        :raises SchedulingFailed: it ended with another status than 0.
        :raises TimeoutError: it did not end in time.
        :raises OSError: it could not be started.
        """
        said = {
            "model": model,
            "name": model.name,
            "version": model.version,
            "kind": event.kind,
            "value": event.value,
            "feature": event.feature,
        }

        def fill(arg: str) -> str:
            def what(match: re.Match[str]) -> str:
                value = said[match[1]]
                return "" if value is None else str(value)

            return _PLACEHOLDER.sub(what, arg)

        env = {**(os.environ if self.env is None else self.env), "DRIFTLINE_EVENT": event.to_json()}
        with subprocess.Popen(
            [fill(arg) for arg in self.args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=env,
            cwd=self.cwd,
            process_group=0,
        ) as process:
            _running[process.pid] = os.getpid()
            try:
                tail = _watch(process, time.monotonic() + self.timeout_s)
            except BaseException:
                _kill(process.pid)
                raise
            finally:
                del _running[process.pid]
        if process.returncode != 0:
            raise SchedulingFailed(f"{self.name} ended with status {process.returncode}: {tail}")

    def __repr__(self) -> str:
        return f"Command({list(self.args)!r}, timeout_s={self.timeout_s!r})"


_running: dict[int, int] = {}  # commands, and the process that started each


def _kill(process: int) -> None:
    """Ends a command and what it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


def _end_commands() -> None:
    """This process ends: so do its commands."""
    for process, parent in list(_running.items()):
        if parent == os.getpid():
            _kill(process)


_exit.at_the_end.append(_end_commands)


def _watch(process: "subprocess.Popen[bytes]", until: float) -> str:
    """Waits for the end of a process; what it wrote to stderr last.

    Who inherited its stderr may outlive it: the end of that is not waited for.
    """
    stderr: IO[bytes] | None = process.stderr
    assert stderr is not None
    tail = b""
    os.set_blocking(stderr.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(stderr, selectors.EVENT_READ)
        while True:
            has_ended = process.poll() is not None
            if not selector.get_map():
                time.sleep(0 if has_ended else _LOOK_S)
            elif selector.select(0 if has_ended else _LOOK_S):
                read = stderr.read(65_536)  # all that a pipe holds
                tail = (tail + (read or b""))[-_TAIL:]
                if not read:
                    selector.unregister(stderr)
            if has_ended:
                return tail.decode(errors="replace").strip() or "it wrote nothing to stderr"
            if time.monotonic() >= until:
                raise TimeoutError("the command did not end in time and was killed")
