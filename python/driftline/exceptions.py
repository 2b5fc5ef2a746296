"""The exceptions of driftline: one tree below :class:`DriftlineError`."""

__all__ = [
    "DriftlineError",
    "EmitLoopError",
    "EmptySampleError",
    "HubClosed",
    "InvalidTypeError",
    "InvalidValueError",
    "ObserverNotFound",
    "RetryLater",
]


class DriftlineError(Exception):
    """Base of every exception that driftline raises itself."""


class InvalidTypeError(DriftlineError, TypeError):
    """An argument is of a type that is not accepted."""


class InvalidValueError(DriftlineError, ValueError):
    """An argument has the right type and a value that is not accepted."""


class EmptySampleError(InvalidValueError):
    """A sample has nothing left once missing values are taken out."""


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
