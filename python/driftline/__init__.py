"""Watch machine-learning models in production."""

from driftline._driftline import __version__
from driftline.exceptions import (
    DriftlineError,
    EmitLoopError,
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    ObserverNotFound,
)

__all__ = [
    "__version__",
    # exceptions
    "DriftlineError",
    "EmitLoopError",
    "EmptySampleError",
    "InvalidTypeError",
    "InvalidValueError",
    "ObserverNotFound",
]
