"""What stands between a host and driftline: no failure of ours reaches the host."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

__all__ = ["Guard", "described"]

_LOGGER: Final = logging.getLogger("driftline.integrations")
_T = TypeVar("_T")

#: Characters of what is told of an error, which strangers may have written.
_LONGEST: Final = 200

#: Successes in a row after which something is said to work again. With fewer, rows of
#: which some are bad would fill the log.
_RECOVERED_AFTER: Final = 100


class Guard:
    """Calls what may fail; a failure is counted, and logged when it begins.

    ``KeyboardInterrupt``, ``SystemExit`` and whatever else is no ``Exception`` pass.

    :param name: who it is, in the log.
    """

    __slots__ = ("_counts", "_lock", "_since", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._counts: dict[str, int] = {}
        # What fails at present, with its successes since the last failure.
        self._since: dict[str, int] = {}
        self._lock = threading.Lock()

    @property
    def failures(self) -> Mapping[str, int]:
        """How often what has failed."""
        with self._lock:
            return MappingProxyType(dict(self._counts))

    def call(
        self, what: str, function: Callable[..., _T], /, *arguments: Any, **options: Any
    ) -> _T | None:
        """What the function returns, or None when it raises."""
        try:
            result = function(*arguments, **options)
        except Exception as error:
            self.failed(what, error)
            return None
        if self._since:
            self.succeeded(what)
        return result

    def failed(self, what: str, error: Exception) -> None:
        """Counts a failure."""
        with self._lock:
            self._counts[what] = self._counts.get(what, 0) + 1
            begins = what not in self._since
            self._since[what] = 0
        if begins:
            _LOGGER.warning(
                "%s: %s fails: %s (said once until it recovers)",
                *(self.name, what, described(error)),
                exc_info=error,
            )

    @property
    def is_failing(self) -> bool:
        """Whether anything fails at present."""
        return bool(self._since)

    def succeeded(self, what: str) -> None:
        """Says that something works again, when it has for some time."""
        with self._lock:
            if what not in self._since:
                return
            self._since[what] += 1
            recovered = self._since[what] >= _RECOVERED_AFTER
            if recovered:
                del self._since[what]
        if recovered:
            _LOGGER.info("%s: %s has recovered", self.name, what)

    def __reduce__(self) -> tuple[Any, ...]:
        return Guard, (self.name,)


def described(error: BaseException) -> str:
    """An error in words; those of others may have none that can be had."""
    name = type(error).__name__
    try:
        return f"{name}: {error}"[:_LONGEST]
    except Exception:
        return name
