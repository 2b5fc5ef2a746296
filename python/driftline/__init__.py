"""Watch machine-learning models in production."""

from driftline._driftline import __version__ as __version__
from driftline.exceptions import *
