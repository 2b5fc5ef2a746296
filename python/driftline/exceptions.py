"""The exceptions of driftline: one tree below :class:`DriftlineError`."""

from typing import Self

__all__ = [
    "ColumnNotFound",
    "ConfigError",
    "DriftlineError",
    "EmitLoopError",
    "EmptySampleError",
    "HubClosed",
    "InvalidTypeError",
    "InvalidValueError",
    "ObserverNotFound",
    "PackageNotFound",
    "RetryLater",
]


class DriftlineError(Exception):
    """Base of every exception that driftline raises itself."""


class InvalidTypeError(DriftlineError, TypeError):
    """An argument is of a type that is not accepted."""


class InvalidValueError(DriftlineError, ValueError):
    """An argument has the right type and a value that is not accepted."""


class ConfigError(InvalidValueError):
    """A set-up has mistakes: see :func:`driftline.from_config`.

    The message has a line for each, at most 20, and so has ``errors`` an exception;
    ``file``, ``line`` and ``column`` (from 1, in characters) and ``path`` are those of the
    first. What is not known is None: a mapping has no lines.

    >>> import driftline as dl
    >>> try:
    ...     dl.from_config({"monitors": [{"kind": "drift", "treshold": 0.1}]})
    ... except dl.ConfigError as error:
    ...     print(error)
    ...     print(error.path)
    monitors[0].treshold: unknown key; did you mean 'threshold'?
    monitors[0].treshold
    """

    def __init__(
        self,
        message: str = "",
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        path: str = "",
    ) -> None:
        super().__init__(message)
        #: The file, or None.
        self.file = file
        #: The line, from 1, or None.
        self.line = line
        #: The column, in characters from 1, or None.
        self.column = column
        #: Keys and places in lists, as ``monitors[1].threshold``; empty for the whole.
        self.path = path
        self._errors: tuple[ConfigError, ...] = ()

    @classmethod
    def _of(cls, errors: "tuple[ConfigError, ...]") -> Self:
        """One error for several."""
        first = errors[0]
        error = cls(
            "\n".join(map(str, errors)),
            file=first.file,
            line=first.line,
            column=first.column,
            path=first.path,
        )
        if len(errors) > 1:
            error._errors = errors
        return error

    @property
    def errors(self) -> "tuple[ConfigError, ...]":
        """One for each mistake, in the order in which they stand there."""
        return self._errors or (self,)


class EmptySampleError(InvalidValueError):
    """A sample has nothing left once missing values are taken out."""


class ColumnNotFound(DriftlineError, KeyError):
    """A report has no column of that name."""

    __str__ = Exception.__str__  # KeyError would show the message quoted


class PackageNotFound(DriftlineError, ImportError):
    """A package that is needed for this and nothing else is not installed."""


class ObserverNotFound(DriftlineError, KeyError):
    """A handle names no observer of this hub: closed, stale, or of another hub."""

    __str__ = Exception.__str__  # KeyError would show the message quoted


class EmitLoopError(DriftlineError, RuntimeError):
    """Observers answered each other's events beyond ``max_cascade_depth``."""


class HubClosed(DriftlineError, RuntimeError):
    """The hub was shut down: it takes no more events and observers."""


class RetryLater(DriftlineError):
    """Raised by a callable that delivers something: try again.

    :param after_s: seconds to wait before that; by default what is usual. At most an
        hour.
    """

    def __init__(self, message: str = "", *, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s
