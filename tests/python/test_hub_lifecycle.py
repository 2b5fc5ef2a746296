"""The end of a hub, and the time that passes before it: tick, flush, shutdown, close."""

import _thread
import gc
import logging
import threading
import weakref

import pytest

import driftline as dl

LONG_S = 20.0


class Observer:
    """Keeps what it hears, stays in it until released, counts its shutdowns."""

    def __init__(self, released=True):
        self.entered, self.release = threading.Event(), threading.Event()
        self.heard = []
        self.shutdowns = []
        if released:
            self.release.set()

    def on_event(self, event):
        self.entered.set()
        self.release.wait(LONG_S)
        self.heard.append(event.value)

    def shutdown(self):
        self.shutdowns.append(list(self.heard))


def hung(hub, **options):
    observer = Observer(released=False)
    handle = hub.register(observer, mode="queued", **options)
    hub.emit("f1", 0)
    assert observer.entered.wait(LONG_S)
    return observer, handle


class Ticking:
    def __init__(self, error=None):
        self.ticks, self.error = 0, error
        self.ticked = threading.Event()

    def on_event(self, event):
        pass

    def on_tick(self):
        self.ticks += 1
        self.ticked.set()
        if self.error is not None:
            raise self.error


class TestTick:
    def test_by_hand(self):
        hub = dl.Hub()
        first, second = Ticking(), Ticking()
        hub.register(first)
        hub.register(second)
        hub.register(lambda event: None)
        hub.tick()
        hub.tick(now="2026-01-01T00:00:00Z")
        assert (first.ticks, second.ticks) == (2, 2)

    def test_a_failure_is_reported_and_stops_nobody(self):
        hub = dl.Hub()
        error = ValueError("late")
        broken, sound = Ticking(error), Ticking()
        hub.register(broken, name="broken")
        hub.register(sound)
        (failure,) = hub.tick().failures
        assert (failure.name, failure.error) == ("broken", error)
        assert sound.ticks == 1

    def test_on_its_own(self):
        hub = dl.Hub()
        ticking = Ticking()
        hub.register(ticking, tick_s=0.005)
        assert ticking.ticked.wait(LONG_S)
        ticking.ticked.clear()
        assert ticking.ticked.wait(LONG_S)
        hub.shutdown()

    def test_one_that_takes_longer_than_its_interval_leaves_room_for_events(self):
        hub = dl.Hub()
        heard = []

        class Slow(Ticking):
            def on_event(self, event):
                heard.append(event.value)

            def on_tick(self):
                super().on_tick()
                threading.Event().wait(0.005)

        slow = Slow()
        handle = hub.register(slow, mode="queued", tick_s=0.001)
        assert slow.ticked.wait(LONG_S)
        hub.emit_many("f1", [1, 2, 3])
        assert hub.flush(LONG_S)
        assert heard == [1, 2, 3]
        assert handle.close(wait_s=LONG_S) is True
        ticks = slow.ticks
        hub.tick()
        assert slow.ticks == ticks

    def test_never_is_an_interval(self):
        hub = dl.Hub()
        ticking = Ticking()
        hub.register(ticking, tick_s=float("inf"))
        hub.tick()
        assert ticking.ticked.wait(LONG_S)

    def test_one_that_hears_a_single_event_ticks_no_more_after_it(self):
        hub = dl.Hub()
        ticking = Ticking()
        handle = hub.register(ticking, tick_s=0.001, once=True)
        assert ticking.ticked.wait(LONG_S)
        hub.emit("f1")
        assert handle.close(wait_s=LONG_S) is True  # its worker has ended

    def test_within_an_observer_it_is_one_step_of_the_cascade(self):
        hub = dl.Hub(max_cascade_depth=5)

        class Echo:
            heard = 0

            def on_event(self, event):
                self.heard += 1
                hub.tick()

            def on_tick(self):
                hub.emit("f1")

        echo = Echo()
        hub.register(echo)
        hub.emit("f1")
        assert echo.heard == 6
        assert hub.n_loops == 1

    @pytest.mark.parametrize("mode", ["inline", "queued"])
    def test_who_fails_with_every_event_is_not_well_because_it_ticks(self, mode):
        hub = dl.Hub()

        class Broken(Ticking):
            def on_event(self, event):
                raise ValueError

        broken = Broken()
        hub.register(broken, mode=mode, max_consecutive_failures=3)
        for _ in range(3):
            hub.tick()
            hub.emit("f1")
            assert hub.flush(LONG_S)
        assert broken.ticked.wait(LONG_S)
        (info,) = hub.observers()
        assert (info.suspended, info.failures) == (True, 3)
        ticks = broken.ticks
        hub.tick()
        hub.shutdown(LONG_S)
        assert broken.ticks == ticks

    @pytest.mark.parametrize("mode", ["inline", "queued"])
    def test_failures_far_apart_do_not_add_up(self, mode):
        hub = dl.Hub()

        class Moody(Ticking):
            def on_tick(self):
                self.ticks += 1
                self.ticked.set()
                if self.ticks % 2:
                    raise ValueError

        moody = Moody()
        handle = hub.register(moody, mode=mode, max_consecutive_failures=2)
        for _ in range(6):
            moody.ticked.clear()
            hub.tick()
            assert moody.ticked.wait(LONG_S)
        handle.close(wait_s=LONG_S)
        assert moody.ticks == 6


class TestFlush:
    def test_false_while_an_observer_hangs_and_true_after(self):
        hub = dl.Hub()
        observer, _ = hung(hub)
        assert hub.flush(0.1) is False
        observer.release.set()
        assert hub.flush(LONG_S) is True
        assert observer.heard == [0]

    def test_nothing_to_wait_for(self):
        hub = dl.Hub()
        assert hub.flush(0) is True


class TestShutdown:
    def test_everything_is_delivered_before_observers_are_shut_down_once(self):
        hub = dl.Hub()
        queued, inline = Observer(), Observer()
        hub.register(queued, mode="queued")
        hub.register(inline)
        hub.emit_many("f1", [1, 2, 3])
        report = hub.shutdown(LONG_S)
        assert (report.delivered, report.left, dict(report.by_observer)) == (6, 0, {})
        again = hub.shutdown()
        assert (again.delivered, again.left, dict(again.by_observer)) == (6, 0, {})
        assert queued.shutdowns == inline.shutdowns == [[1, 2, 3]]

    def test_a_hung_observer_is_left_and_named(self):
        hub = dl.Hub()
        observer, _ = hung(hub, name="hung")
        hub.emit_many("f1", [1, 2])
        report = hub.shutdown(0.05)
        assert (report.left, dict(report.by_observer)) == (3, {"hung": 3})
        again = hub.shutdown(0.05)
        assert (again.left, dict(again.by_observer)) == (3, {"hung": 3})
        assert hub.dropped_by_reason == {"shutdown": 2}
        observer.release.set()

    def test_what_was_told_stays(self):
        hub = dl.Hub()
        observer, handle = hung(hub, name="slow")
        hub.emit("f1", 1)
        report = hub.shutdown(0.01)
        observer.release.set()
        assert handle.close(wait_s=LONG_S)
        again = hub.shutdown()
        for told in (report, again):
            assert (told.delivered, told.left, dict(told.by_observer)) == (0, 2, {"slow": 2})

    def test_two_threads_wait_for_the_same_farewell(self):
        for mode in ("inline", "queued"):
            hub = dl.Hub()
            entered, release = threading.Event(), threading.Event()

            class Slow:
                def on_event(self, event):
                    pass

                def shutdown(self, entered=entered, release=release):
                    entered.set()
                    release.wait(LONG_S)

            hub.register(Slow(), name="slow", mode=mode)
            other = threading.Thread(target=hub.shutdown, args=(LONG_S,))
            other.start()
            assert entered.wait(LONG_S)
            assert dict(hub.shutdown(0.01).by_observer) == {"slow": 0}
            release.set()
            other.join()

    def test_calls_that_unregister_themselves_count(self):
        hub = dl.Hub()
        handles = []
        for index in range(3):
            handles.append(hub.register(lambda event, own=index: handles[own].close()))
        hub.register(lambda event: None, once=True)
        hub.emit("f1")
        assert len(hub) == 0
        assert hub.shutdown().delivered == 4

    def test_refusals_after_it(self):
        with dl.Hub() as hub:
            assert not hub.closed
        assert hub.closed
        for refused in (
            lambda: hub.emit("f1"),
            lambda: hub.emit_many("f1", [1]),
            lambda: hub.register(lambda event: None),
        ):
            with pytest.raises(dl.HubClosed):
                refused()

    def test_two_threads_shut_observers_down_once(self):
        for _ in range(20):
            hub = dl.Hub()
            observer = Observer()
            hub.register(observer, mode="queued")
            hub.emit_many("f1", [1, 2])
            start = threading.Barrier(2)

            def end(hub=hub, start=start):
                start.wait(LONG_S)
                hub.shutdown(LONG_S)

            threads = [threading.Thread(target=end) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert observer.shutdowns == [[1, 2]]

    def test_from_a_queued_callback_others_still_hear(self):
        hub = dl.Hub()
        other, handle = hung(hub, kinds="f1")
        done = threading.Event()

        def ending(event):
            hub.shutdown(0.1)
            done.set()

        hub.register(ending, kinds="end", mode="queued")
        hub.emit_many("f1", [1, 2])
        hub.emit("end")
        other.release.set()
        assert done.wait(LONG_S)
        handle.close(wait_s=LONG_S)
        assert other.heard == [0, 1, 2]

    @pytest.mark.thread_unsafe(reason="collects the process's garbage")
    @pytest.mark.parametrize("cycle", [False, True])
    def test_a_hub_that_is_collected_delivers(self, cycle):
        hub = dl.Hub()
        observer, _ = hung(hub)
        last = threading.Event()
        observer.last = last
        heard = observer.heard
        hub.register(lambda event: event.value == 2 and last.set(), mode="queued")
        hub.emit_many("f1", [1, 2])
        if cycle:
            observer.hub = hub
        release = observer.release
        del hub, observer
        gc.collect()
        release.set()
        assert last.wait(LONG_S)
        for _ in range(1000):
            if len(heard) == 3:
                break
            threading.Event().wait(0.01)
        assert heard == [0, 1, 2]

    @pytest.mark.thread_unsafe(reason="collects the process's garbage")
    def test_observers_do_not_leak(self):
        hub = dl.Hub()
        observer = Observer()
        observer.hub = hub
        hub.register(observer, mode="queued")
        hub.emit("f1")
        hub.shutdown(LONG_S)
        reference = weakref.ref(observer)
        del hub, observer
        for _ in range(1000):
            gc.collect()
            if reference() is None:
                break
            threading.Event().wait(0.01)
        assert reference() is None


class TestClose:
    def test_waits_for_an_inline_call_on_another_thread(self):
        hub = dl.Hub()
        observer = Observer(released=False)
        handle = hub.register(observer)
        thread = threading.Thread(target=hub.emit, args=("f1", 1))
        thread.start()
        assert observer.entered.wait(LONG_S)
        assert handle.close(wait_s=0.01) is False
        assert handle.close(wait_s=0.01) is False  # also asked again
        observer.release.set()
        assert handle.close(wait_s=LONG_S) is True
        thread.join()
        assert observer.heard == [1]

    def test_two_wait_for_the_same_call(self):
        hub = dl.Hub()
        observer = Observer(released=False)
        handle = hub.register(observer)
        emitter = threading.Thread(target=hub.emit, args=("f1",))
        emitter.start()
        assert observer.entered.wait(LONG_S)
        closed = []
        closers = [
            threading.Thread(target=lambda: closed.append(handle.close(wait_s=LONG_S)))
            for _ in range(2)
        ]
        for thread in closers:
            thread.start()
        observer.release.set()
        for thread in [*closers, emitter]:
            thread.join()
        assert closed == [True, True]

    def test_waits_for_a_tick(self):
        hub = dl.Hub()
        entered, release = threading.Event(), threading.Event()

        class Slow(Ticking):
            def on_tick(self):
                entered.set()
                release.wait(LONG_S)

        handle = hub.register(Slow(), mode="queued")
        hub.tick()
        assert entered.wait(LONG_S)
        assert handle.close(wait_s=0.01) is False
        release.set()
        assert handle.close(wait_s=LONG_S) is True

    def test_inside_its_own_call(self):
        hub = dl.Hub()
        answers = []
        handle = hub.register(lambda event: answers.append(handle.close(wait_s=LONG_S)))
        hub.emit("f1")
        assert answers == [False]


@pytest.mark.thread_unsafe(reason="interrupts the main thread")
@pytest.mark.parametrize("waiting", ["flush", "shutdown", "block"])
def test_ctrl_c_ends_the_wait(waiting):
    hub = dl.Hub()
    observer, _ = hung(hub, overflow="block", queue_size=1)
    waits = {
        "flush": lambda: hub.flush(LONG_S),
        "shutdown": lambda: hub.shutdown(LONG_S),
        "block": lambda: hub.emit("f1", 1),
    }
    timer = threading.Timer(0.1, _thread.interrupt_main)

    def interrupted_wait():
        timer.start()
        waits[waiting]()

    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted_wait()
        if waiting == "block":
            assert hub.dropped_by_reason == {"interrupted": 1}
    finally:
        observer.release.set()
        timer.join()


CALLS = {
    "emit": lambda hub, handle: hub.emit("derived"),
    "emit_many": lambda hub, handle: hub.emit_many("derived", [1, 2]),
    "register": lambda hub, handle: hub.register(lambda event: None),
    "unregister": lambda hub, handle: hub.unregister(handle),
    "close": lambda hub, handle: handle.close(wait_s=0.1),
    "flush": lambda hub, handle: hub.flush(0.1),
    "shutdown": lambda hub, handle: hub.shutdown(0.1),
    "tick": lambda hub, handle: hub.tick(),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "place", ["inline", "drop_oldest", "drop_newest", "block", "on_tick", "shutdown"]
)
def test_nothing_hangs_whatever_is_called_from_where(call, place):
    called = threading.Event()

    def program():
        hub = dl.Hub()

        class Calling:
            def act(self):
                if not called.is_set():
                    called.set()
                    CALLS[call](hub, handle)

            def on_event(self, event):
                if place not in ("on_tick", "shutdown"):
                    self.act()

            def on_tick(self):
                if place == "on_tick":
                    self.act()

            def shutdown(self):
                if place == "shutdown":
                    self.act()

        queued = place.startswith("drop") or place == "block"
        options = {"mode": "queued", "overflow": place, "queue_size": 1} if queued else {}
        handle = hub.register(Calling(), **options)
        if place == "on_tick":
            hub.tick()
        elif place != "shutdown":
            hub.emit("f1", 1)
        called.wait(0 if place == "shutdown" else LONG_S)
        hub.flush(1.0)
        hub.shutdown(1.0)

    thread = threading.Thread(target=program, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert called.is_set()


@pytest.mark.thread_unsafe(reason="caplog")
def test_the_end_of_a_block_says_what_it_leaves(caplog):
    release = threading.Event()
    with caplog.at_level(logging.WARNING, "driftline.hub"):
        with dl.Hub() as hub:
            hub.register(lambda event: release.wait(), name="slow", mode="queued")
            hub.emit_many("f1", [1.0, 2.0])
        assert "at the end of its block 2 events were not delivered within 2 s: slow" in caplog.text
        caplog.clear()
        with dl.Hub() as hub:
            hub.register(lambda event: release.wait(), name="slow", mode="queued")
            hub.emit("f1")
            assert hub.shutdown(0).left == 1
        assert not caplog.records
    release.set()
