"""What a test of your own looks like to a type checker.

Anywhere a test such as ``drift.KS()`` is accepted, so is an object with ``fit``, or with
``compare`` alone. It gets one-dimensional float64 arrays without missing values, and
answers with a ``TestResult``, a pair ``(statistic, p_value)``, an object that has both as
attributes (as SciPy's results do), or the statistic alone.

>>> import driftline as dl
>>> class LargestValue:
...     def compare(self, baseline, current):
...         return float(current.max() - baseline.max())
>>> detector = dl.DriftDetector([0.1, 0.3], window_size=2, test=LargestValue(), threshold=0.5)
>>> detector.update_many([0.2, 0.3, 0.9]).tolist()
[2]
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["SupportsCompare", "SupportsFit", "SupportsFitted"]


class SupportsFitted(Protocol):
    """What ``fit`` returns: an object of its own for each baseline."""

    def compare(self, current: NDArray[np.float64], /) -> Any:
        """Compare a sample with the baseline."""


class SupportsFit(Protocol):
    """A test that prepares a baseline once. A ``name`` attribute, if it is a str, names
    it; the name of its class otherwise."""

    def fit(self, baseline: NDArray[np.float64], /) -> SupportsFitted:
        """Prepare a baseline."""


class SupportsCompare(Protocol):
    """A test that is given both samples each time; the baseline is read-only."""

    def compare(self, baseline: NDArray[np.float64], current: NDArray[np.float64], /) -> Any:
        """Compare two samples."""
