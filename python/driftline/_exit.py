"""The end of a process: every hub is shut down, and no thread is left where the
interpreter would have to kill it."""

import atexit
import contextlib
import os
import sys
from collections.abc import Callable

from driftline._driftline import _close_hubs, _park, _threads_inside

#: What else is to be ended, once the hubs are.
at_the_end: list[Callable[[], None]] = []

_finalized_in = 0  # the process whose end multiprocessing tells us of


def at_exit() -> None:
    """Ends every hub of the process, and whoever is still inside an observer."""
    with contextlib.suppress(KeyboardInterrupt):  # whoever pressed it wants no wait
        _close_hubs()
    for end in at_the_end:
        end()
    for exception, wait_s in ((SystemExit, 0.0), (_Sleep, 0.1)):
        if inside := _threads_inside(wait_s):
            _raise_in(inside, exception)
    _threads_inside(0.1)


class _Sleep(BaseException):
    """Raised in a thread, it never comes up: the thread sleeps for ever instead."""

    def __init__(self, *_: object) -> None:
        _park()


def _raise_in(threads: list[int], exception: type[BaseException]) -> None:
    import ctypes

    set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc
    for thread in threads:
        set_exception(ctypes.c_ulong(thread), ctypes.py_object(exception))


def end_child(raised: BaseException | None) -> None:
    """An observer forked, on a worker: the child's one thread ends here, and with
    it the child should."""
    code = getattr(raised, "code", 1) if raised is not None else 0
    with contextlib.suppress(BaseException):
        at_exit()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit((code if isinstance(code, int) else int(code is not None)) & 255)


def hear_of_the_end() -> None:
    """Children of multiprocessing skip atexit, and have a list of their own."""
    global _finalized_in
    process = sys.modules.get("multiprocessing.process")
    if process is None or _finalized_in == os.getpid() or process.parent_process() is None:
        return
    from multiprocessing.util import Finalize

    Finalize(None, at_exit, exitpriority=100)
    _finalized_in = os.getpid()


atexit.register(at_exit)
