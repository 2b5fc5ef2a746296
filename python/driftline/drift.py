"""Two-sample tests and distances: has something changed, how much, how sure.

>>> from driftline import drift
>>> drift.KS().compare([1, 2, 3, 4], [3, 4, 5, 6]).statistic
0.5
"""

import sys

from driftline._driftline import drift as _native

# A submodule of an extension module can be imported by path only from here.
sys.modules.setdefault("driftline._driftline.drift", _native)

from driftline._driftline.drift import *  # noqa: E402, F403
from driftline._driftline.drift import __all__ as __all__  # noqa: E402
