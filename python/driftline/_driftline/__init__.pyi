"""
The native half of driftline; import `driftline` instead.
"""

from . import drift as drift
from typing import Final

__all__ = ["__version__", "drift"]

__version__: Final[str]
"""
Version of the native half.
"""
