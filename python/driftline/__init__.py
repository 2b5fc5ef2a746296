"""Watch machine-learning models in production."""

from driftline import drift as drift
from driftline._driftline import __version__ as __version__
from driftline.exceptions import *
