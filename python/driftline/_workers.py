"""How queued observers are called, and alerts sent: by a loop of Python on a thread
of their own.

The queues and their counters are native. What calls Python is Python: when the
interpreter ends and kills a thread inside a callback, no native frame must be on
its stack.
"""

import _thread
import sys
import threading

from driftline._driftline import _Courier, _Worker
from driftline._exit import end_child, hear_of_the_end


def start(worker: _Worker | _Courier) -> None:
    """Starts a worker's thread."""
    hear_of_the_end()
    # Not threading.Thread, which takes locks: emitters may be anywhere, even in a
    # finalizer that interrupted threading itself.
    _thread.start_new_thread(_run, (worker,))


def name_this_thread(name: str) -> None:
    """Names a thread that ``threading`` did not start."""
    if hasattr(_thread, "set_name"):
        _thread.set_name(name)
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        # Elsewhere not: it would leave a thread-local, and that free-threaded
        # interpreters take down while they end, from every thread at once.
        threading.current_thread().name = name


def _run(worker: _Worker | _Courier) -> None:
    """Calls an observer until nothing will come any more."""
    name_this_thread(f"driftline-{worker.name}")
    raised: BaseException | None = None
    for function, arguments in worker:
        try:
            function(*arguments)
        except BaseException as error:
            if worker.is_stale():
                raised = error
            else:
                worker.failed(error)
        del function, arguments  # they may go while nothing happens
    if worker.is_stale():
        end_child(raised)
