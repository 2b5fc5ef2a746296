"""How grave an event is."""

import enum

__all__ = ["Severity"]


class Severity(enum.IntEnum):
    """How grave an event is; the numbers are those of :mod:`logging`.

    Wherever a severity is asked for, its name in any case (``"warn"`` too) or
    its number does as well.

    >>> Severity("warn") is Severity.WARNING
    True
    >>> Severity.ERROR > Severity.INFO
    True
    """

    TRACE = 5
    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    CRITICAL = 50

    @classmethod
    def _missing_(cls, value: object) -> "Severity | None":
        if isinstance(value, str):
            name = value.strip().upper()
            return cls.__members__.get({"WARN": "WARNING", "FATAL": "CRITICAL"}.get(name, name))
        return None
