"""Queued observers: what is delivered, in what order, and what is dropped."""

import asyncio
import gc
import logging
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import driftline as dl

LONG_S = 20.0


class Held:
    """An observer that stays in its first event until it is released."""

    def __init__(self):
        self.entered = threading.Event()
        self.release = threading.Event()
        self.heard = []

    def on_event(self, event):
        self.entered.set()
        self.release.wait(LONG_S)
        self.heard.append(event.value)


def held_in(hub, value=0, **options):
    """A queued observer that holds its first event."""
    held = Held()
    handle = hub.register(held, mode="queued", **options)
    hub.emit("f1", value)
    assert held.entered.wait(LONG_S)
    return held, handle


class TestDelivery:
    def test_on_another_thread(self):
        hub = dl.Hub()
        threads = []
        hub.register(lambda event: threads.append(threading.get_ident()), mode="queued")
        for _ in range(3):
            hub.emit("f1")
        assert hub.flush(LONG_S)
        assert len(threads) == 3
        assert len(set(threads)) == 1
        assert threads[0] != threading.get_ident()

    def test_block_delivers_each_once_in_order_per_producer(self):
        hub = dl.Hub()
        heard = []
        hub.register(
            lambda event: heard.append((event.feature, event.value)),
            mode="queued",
            overflow="block",
            queue_size=8,
        )
        start = threading.Barrier(4)
        accepted = []

        def produce(name):
            start.wait(LONG_S)
            accepted.append(sum(hub.emit("f1", n, feature=name).success for n in range(5_000)))

        threads = [threading.Thread(target=produce, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert hub.flush(LONG_S)
        assert accepted == [5_000] * 4
        assert len(heard) == 20_000
        for name in "abcd":
            assert [value for feature, value in heard if feature == name] == list(range(5_000))
        assert hub.dropped_by_reason == {}

    @pytest.mark.parametrize(
        ("overflow", "survivors"),
        # Of 0 to 10 with room for 4, event 0 is in the observer's hands throughout.
        [("drop_oldest", [0, 8, 9, 10]), ("drop_newest", [0, 1, 2, 3])],
    )
    def test_which_survive(self, overflow, survivors):
        hub = dl.Hub()
        held, handle = held_in(hub, overflow=overflow, queue_size=4)
        reports = [hub.emit("f1", n) for n in range(1, 11)]
        assert [report.attempted for report in reports] == [1] * 10
        # With drop_oldest each is accepted: what gives way was in another report.
        refused = 7 if overflow == "drop_newest" else 0
        assert sum(report.dropped for report in reports) == refused
        assert sum(report.success for report in reports) == 10 - refused
        (info,) = hub.observers()
        assert (info.mode, info.queue_depth, info.dropped) == ("queued", 4, 7)
        assert info.dropped_by_reason == {overflow: 7}
        held.release.set()
        assert hub.flush(LONG_S)
        assert held.heard == survivors
        (info,) = hub.observers()
        assert (info.queue_depth, info.calls, info.dropped) == (0, 4, 7)
        hub.unregister(handle)
        assert hub.dropped_by_reason == {overflow: 7}

    def test_a_report_of_drop_newest_says_which_were_taken(self):
        hub = dl.Hub()
        held, _ = held_in(hub, overflow="drop_newest", queue_size=2)
        reports = [hub.emit("f1", n) for n in (1, 2)]
        assert [(report.success, report.dropped) for report in reports] == [(1, 0), (0, 1)]
        held.release.set()
        assert hub.flush(LONG_S)

    @pytest.mark.parametrize(
        ("overflow", "survivors"), [("drop_oldest", [0, 98, 99]), ("drop_newest", [0, 1, 2])]
    )
    def test_emit_many(self, overflow, survivors):
        hub = dl.Hub()
        held, _ = held_in(hub, overflow=overflow, queue_size=3)
        report = hub.emit_many("f1", np.arange(1, 100))
        refused = 97 if overflow == "drop_newest" else 0
        assert (report.attempted, report.dropped) == (99, refused)
        assert hub.dropped_by_reason == {overflow: 97}
        held.release.set()
        assert hub.flush(LONG_S)
        assert held.heard == survivors

    def test_time_per_call(self):
        hub = dl.Hub()
        wait = threading.Event()
        hub.register(lambda event: wait.wait(event.value), mode="queued")
        hub.emit_many("f1", [0.002, 0.004])
        assert hub.flush(LONG_S)
        (info,) = hub.observers()
        assert info.time_per_call_s >= 0.003

    def test_unregister_while_events_wait(self):
        hub = dl.Hub()
        held, handle = held_in(hub)
        hub.emit_many("f1", [1, 2, 3])
        hub.unregister(handle)
        held.release.set()
        assert handle.close(wait_s=LONG_S) is True
        assert held.heard == [0]
        assert hub.dropped_by_reason == {"unregistered": 3}

    def test_closed_while_a_call_is_in_flight(self):
        hub = dl.Hub()
        held, handle = held_in(hub)
        hub.emit_many("f1", [1, 2])
        assert handle.close(wait_s=0.01) is False
        held.release.set()
        assert handle.close(wait_s=LONG_S) is True
        assert held.heard == [0]
        assert hub.dropped_by_reason == {"unregistered": 2}

    def test_once_delivers_one_and_flush_waits_for_it(self):
        hub = dl.Hub()
        held, _ = held_in(hub, once=True)
        assert hub.emit("f1", 1).attempted == 0
        assert hub.flush(0.05) is False
        held.release.set()
        assert hub.flush(LONG_S)
        assert held.heard == [0]

    @pytest.mark.thread_unsafe(reason="collects the process's garbage")
    def test_weak_methods(self):
        hub = dl.Hub()
        held = Held()
        held.release.set()
        heard = held.heard
        hub.register(held.on_event, mode="queued", weak=True)
        hub.emit("f1", 1)
        assert hub.flush(LONG_S)
        del held
        gc.collect()
        hub.emit("f1", 2)
        assert hub.flush(LONG_S)
        assert heard == [1]

    def test_a_native_observer_answers_as_it_does_inline(self):
        rng = np.random.default_rng(7)
        baseline, values = rng.normal(size=500), rng.normal(2.0, size=500)
        inline, queued = (
            dl.DriftDetector(baseline, window_size=100, threshold=0.5) for _ in range(2)
        )
        hub = dl.Hub()
        hub.register(inline)
        hub.register(queued, mode="queued", overflow="block")
        hub.emit_many("observation", values)
        assert hub.flush(LONG_S)
        assert inline.n_samples == queued.n_samples == 500
        assert queued.statistic == inline.statistic
        assert queued.drift_detected == inline.drift_detected


class TestBlock:
    def test_timeout(self):
        hub = dl.Hub()
        held, _ = held_in(hub, overflow="block", queue_size=1, block_timeout_s=0)
        report = hub.emit("f1", 1)
        assert (report.success, report.dropped) == (0, 1)
        assert hub.dropped_by_reason == {"block_timeout": 1}
        held.release.set()
        assert hub.flush(LONG_S)
        assert held.heard == [0]

    def test_for_ever(self):
        hub = dl.Hub()
        held, _ = held_in(hub, overflow="block", queue_size=1, block_timeout_s=float("inf"))
        emitter = threading.Thread(target=hub.emit, args=("f1", 1))
        emitter.start()
        held.release.set()
        emitter.join()
        assert hub.flush(LONG_S)
        assert held.heard == [0, 1]

    def test_unregistered_while_an_emitter_waits(self):
        hub = dl.Hub()
        held, handle = held_in(hub, overflow="block", queue_size=1, block_timeout_s=LONG_S)
        emits = threading.Event()
        reports = []

        def emit():
            for n in range(1, 100):
                emits.set()
                reports.append(hub.emit("f1", n))

        thread = threading.Thread(target=emit)
        thread.start()
        assert emits.wait(LONG_S)
        hub.unregister(handle)
        thread.join()
        held.release.set()
        assert handle.close(wait_s=LONG_S) is True
        # However far it came: what it was told is what was counted.
        dropped = sum(report.dropped for report in reports)
        assert sum(hub.dropped_by_reason.values()) == dropped
        assert sum(report.attempted for report in reports) == dropped
        assert held.heard == [0]

    def test_never_on_its_own_worker(self):
        hub = dl.Hub()
        heard = []

        def observer(event):
            heard.append(event.value)
            if event.value == 0:
                hub.emit_many("f1", [1, 2])

        hub.register(observer, mode="queued", overflow="block", queue_size=1)
        hub.emit("f1", 0)
        assert hub.flush(LONG_S)
        # Nested events follow the current one: at least one of the two finds no room.
        dropped = hub.dropped_by_reason
        assert set(dropped) <= {"would_block"}
        assert len(heard) + sum(dropped.values()) == 3

    def test_never_where_an_event_loop_runs(self):
        hub = dl.Hub()
        held, _ = held_in(hub, overflow="block", queue_size=1)

        async def main():
            return hub.emit("f1", 1)

        assert asyncio.run(main()).dropped == 1
        assert hub.dropped_by_reason == {"would_block": 1}
        held.release.set()
        assert hub.flush(LONG_S)

    def test_two_that_answer_each_other_end(self):
        hub = dl.Hub()
        options = {"mode": "queued", "overflow": "block", "queue_size": 1, "block_timeout_s": 0.01}
        hub.register(lambda event: hub.emit_many("pong", [1, 2]), kinds="ping", **options)
        hub.register(lambda event: hub.emit_many("ping", [1, 2]), kinds="pong", **options)
        hub.emit("ping")
        assert hub.flush(LONG_S)


class TestLosses:
    @pytest.mark.thread_unsafe(reason="reads the process's log")
    @pytest.mark.parametrize("overflow", ["drop_oldest", "drop_newest"])
    def test_logged_once(self, caplog, overflow):
        hub = dl.Hub()
        with caplog.at_level(logging.INFO, "driftline.hub"):
            held, _ = held_in(hub, name="slow", overflow=overflow, queue_size=2)
            hub.emit("f1", 1)
            assert not caplog.records
            hub.emit_many("f1", [2, 3, 4])
            hub.emit("f1", 5)
        (record,) = caplog.records
        assert record.levelname == "WARNING"
        assert 'observer "slow"' in record.message
        assert "its queue of 2 is full" in record.message
        held.release.set()
        assert hub.flush(LONG_S)


class TestFailures:
    @pytest.mark.thread_unsafe(reason="reads the process's log")
    def test_counted_and_logged(self, caplog):
        hub = dl.Hub()
        hub.register(lambda event: 1 / 0, mode="queued", name="broken")
        with caplog.at_level(logging.INFO, "driftline.hub"):
            assert hub.emit("f1").success == 1
            hub.emit("f1")
            assert hub.flush(LONG_S)
        (info,) = hub.observers()
        assert (info.calls, info.failures) == (2, 2)
        assert [record.levelname for record in caplog.records] == ["WARNING"]

    @pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
    def test_an_interrupt_leaves_the_worker_alive(self, interrupt):
        hub = dl.Hub()
        heard = []

        def observer(event):
            if event.value == 0:
                raise interrupt
            heard.append(event.value)

        hub.register(observer, mode="queued")
        hub.emit_many("f1", [0, 1])
        assert hub.flush(LONG_S)
        assert heard == [1]
        assert hub.observers()[0].failures == 1

    def test_suspension_drops_what_waits(self):
        hub = dl.Hub()
        entered, release = threading.Event(), threading.Event()

        def observer(event):
            entered.set()
            release.wait(LONG_S)
            raise ValueError

        hub.register(observer, mode="queued", max_consecutive_failures=2)
        hub.emit("f1")
        assert entered.wait(LONG_S)
        hub.emit_many("f1", [1, 2, 3, 4])
        release.set()
        assert hub.flush(LONG_S)
        (info,) = hub.observers()
        assert (info.suspended, info.calls, info.failures) == (True, 2, 2)
        assert info.dropped_by_reason == {"unregistered": 3}


class TestDerived:
    def test_they_inherit(self):
        hub = dl.Hub()
        heard = []
        time = "2013-07-01T05:00:00.000000001Z"
        hub.register(lambda event: hub.emit("f1"), kinds="accuracy", mode="queued", name="deriving")
        hub.register(heard.append, kinds="f1")
        cause = dl.Event("accuracy", model="fraud:1", feature="age", timestamp=time)
        hub.emit(cause)
        assert hub.flush(LONG_S)
        (event,) = heard
        assert event.timestamp_ns == cause.timestamp_ns
        assert (event.model, event.feature) == (cause.model, "age")
        assert event.source == "deriving"

    def test_depth_is_limited_through_queues(self):
        hub = dl.Hub(max_cascade_depth=4)
        reports = []
        hub.register(lambda event: reports.append(hub.emit("f1")), mode="queued")
        hub.emit("f1")
        assert hub.flush(LONG_S)
        # Depths 0 to 4 are delivered; what the last one emits is not.
        assert [len(report.failures) for report in reports] == [0, 0, 0, 0, 1]
        assert hub.n_loops == 1

    def test_breadth_first(self):
        hub = dl.Hub()
        order = []

        def deriving(event):
            order.append(event.kind)
            for child in {"a": ["b", "c"], "b": ["d"], "c": ["e"]}.get(event.kind, []):
                hub.emit(child)

        hub.register(deriving, mode="queued")
        hub.emit("a")
        assert hub.flush(LONG_S)
        assert order == ["a", "b", "c", "d", "e"]


@settings(max_examples=40, deadline=None)
@given(
    overflow=st.sampled_from(["drop_oldest", "drop_newest", "block"]),
    size=st.integers(1, 5),
    steps=st.lists(st.sampled_from(["emit", "many", "release"]), max_size=25),
)
def test_nothing_is_lost_uncounted(overflow, size, steps):
    hub = dl.Hub()
    permits = threading.Semaphore(0)
    heard = []

    def observer(event):
        permits.acquire(timeout=LONG_S)
        heard.append(event.value)

    hub.register(observer, mode="queued", overflow=overflow, queue_size=size, block_timeout_s=0.0)
    offered = 0
    for step in steps:
        if step == "emit":
            hub.emit("f1", offered)
            offered += 1
        elif step == "many":
            hub.emit_many("f1", np.arange(offered, offered + 3))
            offered += 3
        else:
            permits.release()
    for _ in range(offered):
        permits.release()
    assert hub.flush(LONG_S)
    (info,) = hub.observers()
    assert info.queue_depth == 0
    assert len(heard) + info.dropped == offered
    assert heard == sorted(set(heard))
