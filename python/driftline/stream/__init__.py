"""Streaming change detectors: has something changed, told value by value.

>>> from driftline import stream
>>> detector = stream.PageHinkley()
>>> for index, x in enumerate([0, 1] * 500 + [4, 7] * 500):
...     detector.update(x)
...     if detector.drift_detected:
...         print("change at", index, detector.direction)
change at 1009 up
"""

import sys

from driftline._driftline import stream as _native

# A submodule of an extension module can be imported by path only from here.
sys.modules.setdefault("driftline._driftline.stream", _native)

from driftline._driftline.stream import *  # noqa: E402, F403
from driftline._driftline.stream import __all__ as __all__  # noqa: E402
from driftline.stream import binary as binary  # noqa: E402
from driftline.stream._evaluation import evaluate as evaluate  # noqa: E402
from driftline.stream._generators import abrupt as abrupt  # noqa: E402
from driftline.stream._generators import gradual as gradual  # noqa: E402
from driftline.stream._generators import recurring as recurring  # noqa: E402
from driftline.stream._generators import stationary as stationary  # noqa: E402
from driftline.stream._performance import Evaluation as Evaluation  # noqa: E402
from driftline.stream._performance import Performance as Performance  # noqa: E402
from driftline.stream._stream import Stream as Stream  # noqa: E402

_native.from_json.__module__ = __name__  # where pickles look for it
