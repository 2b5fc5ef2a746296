"""Watch machine-learning models in production."""

from driftline import datasets, drift
from driftline._driftline import (
    ConsoleLogger,
    DriftDetector,
    DriftEntry,
    DriftMonitor,
    DriftStatus,
    EmitReport,
    Event,
    Hub,
    ModelId,
    NativeObserver,
    ObserverFailure,
    ObserverHandle,
    ObserverInfo,
    __version__,
)
from driftline.exceptions import (
    DriftlineError,
    EmitLoopError,
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    ObserverNotFound,
)
from driftline.kind import Kind
from driftline.severity import Severity

__all__ = [
    "ConsoleLogger",
    "DriftDetector",
    "DriftEntry",
    "DriftMonitor",
    "DriftStatus",
    "DriftlineError",
    "EmitLoopError",
    "EmitReport",
    "EmptySampleError",
    "Event",
    "Hub",
    "InvalidTypeError",
    "InvalidValueError",
    "Kind",
    "ModelId",
    "NativeObserver",
    "ObserverFailure",
    "ObserverHandle",
    "ObserverInfo",
    "ObserverNotFound",
    "Severity",
    "__version__",
    "datasets",
    "drift",
]
