"""Asynchronous observers, and emitters that await."""

import asyncio
import gc
import logging
import threading
import weakref

import pytest

import driftline as dl

LONG_S = 20.0


def run(main):
    """Run a coroutine function, but not for ever."""
    return asyncio.run(asyncio.wait_for(main(), LONG_S))


#: A queue in which the first event leaves no room.
FULL = {"mode": "queued", "overflow": "block", "queue_size": 1}


class TestWhere:
    def test_on_the_running_loop(self):
        hub = dl.Hub()
        loops = []

        async def observer(event):
            loops.append(asyncio.get_running_loop())

        async def main():
            hub.register(observer)
            report = await hub.emit_async("f1")
            assert (report.attempted, report.success, report.dropped) == (1, 1, 0)
            assert loops == [asyncio.get_running_loop()]

        run(main)

    def test_on_the_loop_that_was_given(self):
        hub = dl.Hub()
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        loops = []

        async def observer(event):
            loops.append(asyncio.get_running_loop())

        try:
            hub.register(observer, loop=loop)
            hub.emit("f1")
            assert hub.flush(LONG_S)
            assert loops == [loop]
        finally:
            hub.shutdown(LONG_S)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def test_on_one_of_its_own_in_a_synchronous_program(self):
        hub = dl.Hub()
        heard = []

        async def observer(event):
            await asyncio.sleep(0)
            heard.append((event.value, threading.get_ident()))

        hub.register(observer, mode="queued")
        hub.emit_many("f1", [1, 2, 3])
        assert hub.flush(LONG_S)
        hub.shutdown(LONG_S)
        assert [value for value, _ in heard] == [1, 2, 3]
        assert threading.get_ident() not in {thread for _, thread in heard}

    def test_the_next_loop_after_one_closed_with_a_call_in_flight(self):
        hub = dl.Hub()
        started, heard = [], []

        async def observer(event):
            started.append(event.value)
            if event.value == 0:
                await asyncio.Event().wait()
            heard.append(event.value)

        hub.register(observer, mode="queued")

        async def first():
            hub.emit("f1", 0)
            while not started:
                await asyncio.sleep(0)

        async def second():
            await hub.emit_async("f1", 1)

        run(first)
        run(second)
        assert heard == [1]
        (info,) = hub.observers()
        assert info.queue_depth == 0
        # The call that was cancelled is in the account once: as a call or as a drop.
        assert info.calls + info.dropped == 2

    @pytest.mark.thread_unsafe(reason="reads the process's log")
    @pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
    def test_a_loop_of_its_own_survives_whatever_its_observer_raises(self, error):
        hub, heard = dl.Hub(), []

        async def observer(event):
            heard.append(event.value)
            raise error

        hub.register(observer)
        for value in range(3):
            hub.emit("f1", value)
        assert hub.flush(LONG_S)
        (info,) = hub.observers()
        assert (info.calls, info.failures, sorted(heard)) == (3, 3, [0, 1, 2])

    def test_a_closed_loop_is_refused(self):
        hub, loop = dl.Hub(), asyncio.new_event_loop()
        loop.close()

        async def observer(event):
            pass

        with pytest.raises(dl.InvalidValueError, match=r"loop: .*closed.*; accepted: .*not closed"):
            hub.register(observer, loop=loop)
        assert len(hub) == 0

    @pytest.mark.thread_unsafe(reason="caplog")
    def test_events_after_the_loop_was_closed_are_dropped_and_that_is_logged(self, caplog):
        hub = dl.Hub()
        heard = []

        async def observer(event):
            heard.append(event.value)

        async def main():
            await hub.emit_async("f1", 0)

        hub.register(observer)
        with caplog.at_level(logging.INFO, "driftline.hub"):
            run(main)
            reports = [hub.emit("f1", 1), hub.emit_many("f1", [2.0])]
            assert [(report.success, report.dropped) for report in reports] == [(0, 1), (0, 1)]
            assert hub.dropped_by_reason == {"loop_closed": 2}
            assert len(caplog.records) == 1
            assert "its event loop was closed" in caplog.text
            run(main)
            hub.emit("f1", 3)
        assert len(caplog.records) == 2
        assert heard == [0, 0]
        assert hub.dropped_by_reason == {"loop_closed": 3}


class TestOrder:
    @pytest.mark.parametrize("bound", [1, 3])
    def test_no_more_in_flight_than_allowed(self, bound):
        hub = dl.Hub()
        running, most = 0, 0

        async def observer(event):
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            running -= 1

        async def main():
            hub.register(observer, max_in_flight=bound)
            await asyncio.gather(*[hub.emit_async("f1", n) for n in range(20)])

        run(main)
        assert most == bound
        assert hub.observers()[0].calls == 20

    def test_queued_is_one_at_a_time_in_order(self):
        hub = dl.Hub()
        steps = []

        async def observer(event):
            steps.append(("start", event.value))
            await asyncio.sleep(0)
            steps.append(("end", event.value))

        async def main():
            hub.register(observer, mode="queued")
            await asyncio.gather(*[hub.emit_async("f1", n) for n in range(5)])

        run(main)
        assert steps == [(step, n) for n in range(5) for step in ("start", "end")]

    def test_once(self):
        hub = dl.Hub()
        heard = []

        async def observer(event):
            heard.append(event.value)

        async def main():
            hub.register(observer, once=True)
            await hub.emit_async("f1", 1)
            await hub.emit_async("f1", 2)

        run(main)
        assert heard == [1]
        assert len(hub) == 0

    def test_unregistered(self):
        hub = dl.Hub()
        heard = []

        async def observer(event):
            heard.append(event.value)

        async def main():
            handle = hub.register(observer)
            await hub.emit_async("f1", 1)
            hub.unregister(handle)
            assert (await hub.emit_async("f1", 2)).attempted == 0

        run(main)
        assert heard == [1]


class TestEmitAsync:
    def test_reports_failures(self):
        hub = dl.Hub()
        error = ValueError("broken")

        async def observer(event):
            await asyncio.sleep(0)
            raise error

        async def main():
            hub.register(observer, name="broken")
            return await hub.emit_async("f1")

        report = run(main)
        assert (report.attempted, report.success) == (1, 0)
        assert [(one.name, one.error) for one in report.failures] == [("broken", error)]

    def test_waits_for_room(self):
        hub = dl.Hub()
        entered, release = threading.Event(), threading.Event()
        heard = []

        def observer(event):
            entered.set()
            release.wait(LONG_S)
            heard.append(event.value)

        hub.register(observer, mode="queued", overflow="block", queue_size=1)

        async def main():
            hub.emit("f1", 0)
            assert await asyncio.to_thread(entered.wait, LONG_S)
            waiting = asyncio.ensure_future(hub.emit_async("f1", 1))
            for _ in range(5):
                await asyncio.sleep(0)
            assert not waiting.done()
            release.set()
            return await waiting

        report = run(main)
        assert (report.success, report.dropped) == (1, 0)
        assert hub.flush(LONG_S)
        assert heard == [0, 1]

    @pytest.mark.parametrize("cancel", [False, True])
    def test_giving_up_counts_a_drop(self, cancel):
        hub = dl.Hub()
        entered, release = threading.Event(), threading.Event()
        heard = []

        def observer(event):
            entered.set()
            release.wait(LONG_S)
            heard.append(event.value)

        patience = LONG_S if cancel else 0.0
        hub.register(
            observer, mode="queued", overflow="block", queue_size=1, block_timeout_s=patience
        )

        async def main():
            hub.emit("f1", 0)
            assert await asyncio.to_thread(entered.wait, LONG_S)
            waiting = asyncio.ensure_future(hub.emit_async("f1", 1))
            if not cancel:
                assert (await waiting).dropped == 1
                return
            for _ in range(5):
                await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

        run(main)
        assert sum(hub.dropped_by_reason.values()) == 1
        release.set()
        assert hub.flush(LONG_S)
        assert heard == [0]

    def test_refused_after_shutdown(self):
        async def main():
            hub = dl.Hub()
            async with hub:
                pass
            with pytest.raises(dl.HubClosed):
                await hub.emit_async("f1")

        run(main)

    def test_takes_what_emit_takes(self):
        hub = dl.Hub()
        event = dl.Event("f1")

        async def main():
            for arguments, details in [
                (("f1", 0.5), {"source": "x"}),
                ((event, 0.5), {}),
                ((event,), {"model": "x"}),
                ((), {}),
            ]:
                with pytest.raises((TypeError, ValueError)) as expected:
                    hub.emit(*arguments, **details)
                with pytest.raises(expected.type) as found:
                    await hub.emit_async(*arguments, **details)
                if arguments:
                    assert str(found.value) == str(expected.value)

        run(main)

    def test_the_observers_loop_is_closed_meanwhile(self):
        hub = dl.Hub()
        theirs = asyncio.new_event_loop()
        entered = asyncio.Event()
        heard = []

        async def observer(event):
            if asyncio.get_running_loop() is theirs:
                entered.set()
                await asyncio.Event().wait()
            heard.append(event.value)

        def close_with_a_call_in_flight():
            theirs.run_until_complete(entered.wait())
            theirs.close()

        async def main():
            hub.register(observer, loop=theirs, mode="queued")
            emissions = [asyncio.ensure_future(hub.emit_async("f1", n)) for n in range(3)]
            thread = threading.Thread(target=close_with_a_call_in_flight)
            thread.start()
            reports = await asyncio.gather(*emissions)
            thread.join()
            return reports

        first, *others = run(main)
        assert first.success == 0
        assert [report.success for report in others] == [1, 1]
        assert heard == [1, 2]

    def test_ends_that_nobody_asks_for_are_not_kept(self):
        hub = dl.Hub()
        release = threading.Event()
        errors = []

        class Remembered(Exception):
            pass

        async def failing(event):
            error = Remembered()
            errors.append(weakref.ref(error))
            raise error

        hub.register(lambda event: release.wait(LONG_S), kinds="full", **FULL)

        async def main():
            hub.register(failing, kinds="f1")
            hub.emit("full")
            waiting = asyncio.ensure_future(hub.emit_async("full"))
            await asyncio.sleep(0)
            for _ in range(100):
                hub.emit("f1")
            while len(errors) < 100:
                await asyncio.sleep(0)
            await asyncio.sleep(0.01)
            gc.collect()
            assert not waiting.done()
            alive = sum(error() is not None for error in errors)
            release.set()
            await waiting
            return alive

        assert run(main) < 20

    @pytest.mark.parametrize("overflow", ["drop_oldest", "drop_newest"])
    def test_many_at_once(self, overflow):
        hub = dl.Hub()
        heard = []

        async def observer(event):
            heard.append(event.value)

        async def main():
            hub.register(observer, mode="queued", queue_size=10, overflow=overflow)
            return await asyncio.gather(*(hub.emit_async("f1", n) for n in range(100)))

        reports = run(main)
        delivered = [n for n, report in enumerate(reports) if report.success]
        assert delivered == sorted(heard)
        assert sum(report.dropped for report in reports) == 100 - len(heard)


class TestDerived:
    @pytest.mark.parametrize("after_an_await", [False, True])
    @pytest.mark.parametrize("emit_async", [False, True])
    def test_they_inherit(self, after_an_await, emit_async):
        hub = dl.Hub(max_cascade_depth=3)
        heard, done = [], []

        async def deriving(event):
            if after_an_await:
                await asyncio.sleep(0)
            report = await hub.emit_async("f1") if emit_async else hub.emit("f1")
            assert report.deferred
            if report.failures:
                done.append(report)

        async def main():
            hub.register(heard.append, kinds="f1")
            hub.register(deriving, name="deriving")
            await hub.emit_async(cause)
            while not done:
                await asyncio.sleep(0)

        cause = dl.Event("accuracy", model="fraud:1", timestamp="2013-07-01T05:00:00Z")
        run(main)
        # Depths 1, 2 and 3; the fourth is refused.
        assert [event.source for event in heard] == ["deriving"] * 3
        assert {event.timestamp_ns for event in heard} == {cause.timestamp_ns}
        assert {str(event.model) for event in heard} == {str(cause.model)}
        assert hub.n_loops == 1


def test_an_object_with_async_on_event_ticks():
    hub = dl.Hub()

    class Ticking:
        def __init__(self):
            self.ticked, self.heard = threading.Event(), []

        async def on_event(self, event):
            self.heard.append(event.value)

        async def on_tick(self):
            self.ticked.set()

    ticking = Ticking()
    hub.register(ticking, tick_s=0.005)
    hub.emit("f1", 1)
    assert hub.flush(LONG_S)
    assert ticking.heard == [1]
    assert ticking.ticked.wait(LONG_S)
    hub.shutdown(LONG_S)


def test_an_object_with_async_methods_ticks_before_its_first_event():
    hub = dl.Hub()

    class Ticking:
        def __init__(self):
            self.ticked = asyncio.Event()
            self.heard = []

        async def on_event(self, event):
            self.heard.append(event.value)

        async def on_tick(self):
            self.heard.append("tick")
            self.ticked.set()

    async def main():
        ticking = Ticking()
        hub.register(ticking, tick_s=0.005)
        await ticking.ticked.wait()
        return ticking.heard

    assert set(run(main)) == {"tick"}
