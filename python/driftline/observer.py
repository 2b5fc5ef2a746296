"""What an observer object looks like to a type checker."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from driftline._driftline import Event

__all__ = ["SupportsOnEvent"]


class SupportsOnEvent(Protocol):
    """An object that can be registered: its ``on_event`` takes every event that
    passes the filters. A ``name`` attribute, if it is a str, names it."""

    def on_event(self, event: "Event", /) -> object:
        """Take an event."""
