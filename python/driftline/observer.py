"""What observers, and detectors of your own, look like to a type checker."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from driftline._driftline import Event

__all__ = ["SupportsOnEvent", "SupportsUpdate"]


class SupportsOnEvent(Protocol):
    """An object that can be registered: its ``on_event`` takes every event that
    passes the filters. A ``name`` attribute, if it is a str, names it."""

    def on_event(self, event: "Event", /) -> object:
        """Take an event."""


class SupportsUpdate(Protocol):
    """What a streaming detector of your own looks like, such as one of river's. A ``name``
    attribute, if it is a str, names it; the name of its class otherwise."""

    @property
    def drift_detected(self) -> object:
        """Whether the last value brought about a change."""

    def update(self, x: float, /) -> object:
        """Take a value."""
