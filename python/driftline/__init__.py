"""Watch machine-learning models in production."""

from driftline import _exit as _exit  # ends the hubs with the process
from driftline import _workers as _workers  # a forked child may not be able to import it
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
    LatencyMonitor,
    LatencyStats,
    MetricsCollector,
    ModelId,
    NativeObserver,
    ObserverFailure,
    ObserverHandle,
    ObserverInfo,
    ShutdownReport,
    __version__,
)
from driftline.exceptions import (
    DriftlineError,
    EmitLoopError,
    EmptySampleError,
    HubClosed,
    InvalidTypeError,
    InvalidValueError,
    ObserverNotFound,
    RetryLater,
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
    "HubClosed",
    "InvalidTypeError",
    "InvalidValueError",
    "Kind",
    "LatencyMonitor",
    "LatencyStats",
    "MetricsCollector",
    "ModelId",
    "NativeObserver",
    "ObserverFailure",
    "ObserverHandle",
    "ObserverInfo",
    "ObserverNotFound",
    "RetryLater",
    "Severity",
    "ShutdownReport",
    "__version__",
    "datasets",
    "drift",
]
