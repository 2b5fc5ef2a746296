"""Coroutine functions as observers, and emissions that wait without blocking."""

import _thread
import asyncio
import contextlib
import logging
import os
import threading
import time
import types
import weakref
from collections.abc import Awaitable, Callable, Generator, Iterator
from typing import Any

from driftline._driftline import EmitReport, Hub, ObserverHandle, _LoopSource, _Task
from driftline._exit import hear_of_the_end
from driftline._workers import name_this_thread

_LOGGER = logging.getLogger("driftline.hub")

#: Calls in flight of an observer that need not be serial.
MAX_IN_FLIGHT = 16

#: How long an emitter sleeps between two looks for room, at first and at most.
LOOK_S, LONGEST_LOOK_S = 0.001, 0.05

_following = 0  # emissions whose ends somebody is about to ask for
_following_lock = threading.Lock()

if hasattr(os, "register_at_fork"):

    def _forget_the_others() -> None:
        global _following, _following_lock
        _following, _following_lock = 0, threading.Lock()

    os.register_at_fork(after_in_child=_forget_the_others)


class LoopWorker:
    """Calls an asynchronous observer on an event loop.

    The loop is the one given, or that runs when the first event comes, or that
    ran at the registration; where there is none, one of its own on a thread.
    """

    def __init__(
        self,
        source: _LoopSource,
        loop: asyncio.AbstractEventLoop | None,
        max_in_flight: int,
        tick_s: float | None,
        name: str,
    ) -> None:
        self._source = source
        self._loop = loop
        self._fallback = _running_loop()
        self._had_one = False
        self._said_lost = False
        self._max_in_flight = max_in_flight
        self._tick_s = tick_s
        self._ticks = False
        self._name = name
        self._scheduled = False
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._in_flight: dict[asyncio.Task[None], _Task] = {}
        self._waiting: dict[int, asyncio.Future[BaseException | None]] = {}
        self._ended: dict[int, BaseException | None] = {}
        if tick_s is not None and (self._loop or self._fallback):
            self()

    def __call__(self) -> bool:
        """There is something to do; called from any thread. Whether it will be done:
        if not, what waits has been dropped."""
        known = self._loop
        if self._scheduled and known is not None and not known.is_closed():
            return True
        for _ in range(2):
            loop = self._the_loop()
            if loop is None:
                break
            try:
                self._scheduled = True
                loop.call_soon_threadsafe(self._pump)
            except RuntimeError:  # closed
                self._forget(loop)
            else:
                return True
        self._scheduled = False
        if not self._said_lost:
            self._said_lost = True
            _LOGGER.warning(
                "observer %r: its event loop was closed and none runs here, so its events "
                "are dropped, and counted as loop_closed (said once until it has a loop)",
                self._name,
            )
        self._source.discard()  # what waits would wait for ever
        return False

    def _the_loop(self) -> asyncio.AbstractEventLoop | None:
        if self._pid != os.getpid():  # the loop's thread is the parent's
            self._pid = os.getpid()
            self._lock = threading.Lock()
            self._loop = self._fallback = None
            self._had_one = self._scheduled = self._ticks = False
            self._in_flight, self._waiting, self._ended = {}, {}, {}
        with self._lock:
            if self._loop is None:
                loop = _running_loop() or self._fallback
                self._fallback = None
                if loop is None and not self._had_one:
                    loop = self._own_loop()
                self._loop = loop
                if loop is not None:
                    self._had_one, self._said_lost = True, False
            return self._loop

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        loop, name = asyncio.new_event_loop(), f"driftline-{self._name}"

        def run() -> None:
            name_this_thread(name)
            asyncio.set_event_loop(loop)
            while True:
                try:
                    loop.run_forever()
                except (SystemExit, KeyboardInterrupt):
                    continue  # the observer's, which is counted as any other failure
                break
            loop.close()

        hear_of_the_end()
        _thread.start_new_thread(run, ())
        weakref.finalize(self, _stop, loop, os.getpid()).atexit = False
        return loop

    def _forget(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop was closed, and its tasks are gone: the next that runs is ours."""
        with self._lock:
            if self._loop is loop:
                self._loop = None
            self._ticks = False
            gone, self._in_flight = self._in_flight, {}
        for task in gone.values():
            task.abandon()

    def _pump(self) -> None:
        """Starts what may be started; runs on the loop."""
        self._scheduled = False
        if self._tick_s is not None and not self._ticks and self._source.is_registered():
            self._ticks = True
            asyncio.get_running_loop().call_later(self._tick_s, self._tick)
        while len(self._in_flight) < self._max_in_flight:
            task = self._source.take()
            if task is None:
                break
            running = asyncio.get_running_loop().create_task(self._carry_out(task))
            self._in_flight[running] = task
            running.add_done_callback(self._over)
        if self._waiting:
            self._answer_the_dropped()

    def _tick(self) -> None:
        self._ticks = False
        self._pump()

    def _over(self, running: "asyncio.Task[None]") -> None:
        task = self._in_flight.pop(running, None)
        if task is None:
            return
        error: BaseException | None
        try:
            error = running.exception()
        except asyncio.CancelledError as cancelled:
            error = cancelled
        number = task.number
        task.finish(error)
        if number is not None:
            with self._lock:
                future = self._waiting.pop(number, None)
                if future is None and _following:
                    self._ended[number] = error
            if future is not None:
                _resolve(future, error)
        if not _following:
            self._ended.clear()
        if running.cancelled():
            # Perhaps the loop is about to be closed, and what were started now would
            # never run.
            self._scheduled = True
            running.get_loop().call_later(LOOK_S, self._pump)
        else:
            self._pump()

    async def _carry_out(self, task: _Task) -> None:
        call = task.call()
        if call is None:
            return
        await _stepwise(task, *call)

    def completion(self, number: int) -> "asyncio.Future[BaseException | None]":
        """The end of an event that was accepted under this number within a
        :func:`_followed` emission.

        Runs on any loop; the answer is the observer's exception or None, and
        ``CancelledError`` when the event was dropped.
        """
        future: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        with self._lock:
            if number in self._ended:  # already, on a loop of another thread
                future.set_result(self._ended.pop(number))
                return future
            self._waiting[number] = future
        self()  # should it have been dropped, that is found out
        return future

    async def end_of(self, end: "asyncio.Future[BaseException | None]") -> BaseException | None:
        """Waits for what :meth:`completion` gave, also when the observer's loop, not
        this one, is closed meanwhile."""
        while self._loop is not asyncio.get_running_loop() and not end.done():
            await asyncio.wait({end}, timeout=LONGEST_LOOK_S)
            self()  # the next loop is this one, should that one be gone
        return await end

    def _answer_the_dropped(self) -> None:
        oldest = self._source.oldest()
        in_hand = {task.number for task in self._in_flight.values()}
        for number in list(self._waiting):
            if oldest is not None and number >= oldest:
                break  # they were accepted in this order
            if number not in in_hand:
                future = self._waiting.pop(number, None)
                if future is not None:
                    future.get_loop().call_soon_threadsafe(future.cancel)


def _resolve(future: "asyncio.Future[BaseException | None]", error: BaseException | None) -> None:
    def answer() -> None:
        if not future.done():
            future.set_result(error)

    with contextlib.suppress(RuntimeError):  # the waiting loop was closed
        future.get_loop().call_soon_threadsafe(answer)


def _stop(loop: asyncio.AbstractEventLoop, pid: int) -> None:
    if os.getpid() == pid:  # a child has the loop, but not its thread
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(loop.stop)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    return asyncio._get_running_loop()


@types.coroutine
def _stepwise(
    task: _Task, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> Generator[Any, Any, None]:
    """Runs an observer such that what it emits between two pauses is derived from
    its event, as with any other observer."""
    task.start()
    try:
        awaitable = function(*arguments)
        if not isinstance(awaitable, Awaitable):
            return
        coroutine = awaitable.__await__()
    finally:
        task.pause()
    sent: Any = None
    thrown: BaseException | None = None
    while True:
        task.start()
        try:
            if isinstance(thrown, GeneratorExit):
                coroutine.close()  # which may have happened: garbage goes in any order
                raise thrown
            if thrown is not None:
                yielded = coroutine.throw(thrown)
            elif sent is None:
                yielded = next(coroutine)
            else:
                yielded = coroutine.send(sent)
        except StopIteration:
            return
        finally:
            task.pause()
        try:
            sent, thrown = (yield yielded), None
        except BaseException as error:
            thrown = error


async def emit_async(hub: Hub, arguments: tuple[Any, ...], details: dict[str, Any]) -> EmitReport:
    """What :meth:`Hub.emit_async` does."""
    dropped = 0
    with _followed():
        event, report, tickets = hub._emit_followed(*arguments, **details)
        # All before the first pause, or the first ends unseen.
        ends = [
            (handle, on_loop, on_loop.completion(number))
            for handle, number, on_loop in tickets
            if number is not None and isinstance(on_loop, LoopWorker)
        ]
    for handle, number, on_loop in tickets:
        if number is None:
            accepted, end = await _offer(hub, handle, event, on_loop)
            dropped += not accepted
            if end is not None and isinstance(on_loop, LoopWorker):
                ends.append((handle, on_loop, end))
    failures: list[tuple[ObserverHandle, BaseException]] = []
    for handle, on_loop, end in ends:
        try:
            error = await on_loop.end_of(end)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            dropped += 1
        else:
            if error is not None:
                failures.append((handle, error))
    if not failures and not dropped:
        return report
    return hub._completed(report, failures, dropped)


@contextlib.contextmanager
def _followed() -> Iterator[None]:
    """While somebody is about to ask how an event ended, the ends are kept."""
    global _following
    with _following_lock:
        _following += 1
    try:
        yield
    finally:
        with _following_lock:
            _following -= 1


async def _offer(
    hub: Hub, handle: ObserverHandle, event: Any, on_loop: object
) -> "tuple[bool, asyncio.Future[BaseException | None] | None]":
    """Waits for room in a queue: whether the event was accepted, and its end if it
    is on an event loop."""
    until = time.monotonic() + hub._block_timeout_s(handle)
    look_s = LOOK_S
    try:
        while True:
            with _followed():
                number = hub._offer(handle, event)
                if number and isinstance(on_loop, LoopWorker):
                    return True, on_loop.completion(number)
            if number is not None:
                return number != 0, None
            left = until - time.monotonic()
            if left <= 0:
                hub._give_up(handle)
                return False, None
            await asyncio.sleep(min(look_s, left))
            look_s = min(2 * look_s, LONGEST_LOOK_S)
    except asyncio.CancelledError:
        hub._give_up(handle)
        raise


async def enter(hub: Hub) -> Hub:
    """The beginning of ``async with hub``."""
    return hub


async def leave(hub: Hub) -> None:
    """The end of ``async with hub``: asynchronous observers go on meanwhile."""
    await asyncio.to_thread(hub.__exit__, None, None, None)
