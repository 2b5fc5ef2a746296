"""Detectors of errors: they take 0 and 1, where 1 is an error, as in ``river.drift.binary``."""

from driftline._driftline.stream import DDM as DDM
from driftline._driftline.stream import ECDD as ECDD
from driftline._driftline.stream import EDDM as EDDM
from driftline._driftline.stream import FHDDM as FHDDM
from driftline._driftline.stream import HDDMA as HDDMA
from driftline._driftline.stream import HDDMW as HDDMW
from driftline._driftline.stream import MDDM as MDDM
from driftline._driftline.stream import RDDM as RDDM
from driftline._driftline.stream import STEPD as STEPD

__all__ = ["DDM", "ECDD", "EDDM", "FHDDM", "HDDMA", "HDDMW", "MDDM", "RDDM", "STEPD"]
