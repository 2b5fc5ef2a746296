"""What a hub remembers of the set-up that it was made from."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftline._driftline import Hub, ObserverHandle
    from driftline.metrics import MetricsServer

__all__ = ["Setup"]


@dataclass
class Setup:
    """Kept by the hub, which closes it at its end."""

    #: The section, and the part of the document, of each observer.
    made: dict[ObserverHandle, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    servers: list[MetricsServer] = field(default_factory=list)

    def serves(self, hub: Hub, server: MetricsServer) -> None:
        """A server that is no longer than the hub."""
        self.servers.append(server)
        weakref.finalize(hub, _close, server).atexit = False

    def close(self) -> None:
        """The hub has ended."""
        for server in self.servers:
            server.close()


def _close(server: MetricsServer) -> None:
    """Closes the server of a hub that is gone: on a thread, for the garbage collector may
    run on the server's own.
    """
    with contextlib.suppress(RuntimeError):  # the interpreter ends, and the server with it
        threading.Thread(target=server.close, daemon=True).start()
