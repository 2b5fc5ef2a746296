"""Data sets that come with driftline and load with NumPy alone.

>>> from driftline import datasets
>>> flights = datasets.load_nyc_flights()
>>> len(flights["arr_delay"]), flights["time_hour"][0]
(67356, np.datetime64('2013-01-01T10:00:00'))
"""

from driftline.datasets.nyc_flights import NycFlights, load_nyc_flights

__all__ = ["NycFlights", "load_nyc_flights"]
