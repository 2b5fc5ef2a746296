"""What an observer may do to the hub from inside its callback, and what two
threads may do to it at once."""

import threading
from collections import Counter

import numpy as np
import pytest

import driftline as dl


def kinds(heard):
    return [event.kind for event in heard]


class TestDerivedEvents:
    def test_they_are_delivered_after_the_current_one_breadth_first(self):
        hub = dl.Hub()
        order = []

        def deriving(event):
            order.append(("first", event.kind))
            for child in {"a": ["a1", "a2"], "a1": ["a11"], "a2": ["a21"]}.get(event.kind, []):
                hub.emit(child)

        hub.register(deriving)
        hub.register(lambda event: order.append(("second", event.kind)))
        hub.emit("a")
        assert [kind for who, kind in order if who == "first"] == ["a", "a1", "a2", "a11", "a21"]
        assert order == [(who, kind) for _, kind in order[::2] for who in ("first", "second")]

    def test_the_nested_report_is_deferred(self):
        hub = dl.Hub()
        reports = []
        hub.register(lambda event: reports.append(hub.emit("f1")), kinds="accuracy")
        root = hub.emit("accuracy")
        assert (root.attempted, root.success, root.deferred) == (1, 1, False)
        (nested,) = reports
        assert (nested.attempted, nested.success, nested.deferred) == (0, 0, True)
        assert nested.failures == ()
        assert "deferred=True" in repr(nested)

    def test_they_inherit_time_model_and_feature_and_name_their_source(self):
        hub = dl.Hub()
        heard = []
        time = "2013-07-01T05:00:00.000000001Z"
        other = "2014-07-01T05:00:00Z"

        def deriving(event):
            hub.emit("plain")
            hub.emit("own", model="other:2", feature="income", timestamp=other)
            hub.emit(dl.Event("event", timestamp=other))

        hub.register(lambda event: None, kinds="accuracy")
        hub.register(deriving, name="deriving", kinds="accuracy")
        hub.register(heard.append, kinds=["plain", "own", "event"])
        hub.emit("accuracy", 0.5, model="fraud:1", feature="age", timestamp=time)
        plain, own, event = heard
        cause = dl.Event("accuracy", timestamp=time)
        assert plain.timestamp_ns == cause.timestamp_ns
        assert (str(plain.model), plain.feature, plain.source) == ("fraud:1", "age", "deriving")
        assert own.timestamp.year == 2014
        assert (str(own.model), own.feature, own.source) == ("other:2", "income", "deriving")
        assert event.timestamp.year == 2014
        assert (str(event.model), event.source) == ("fraud:1", "deriving")

    @pytest.mark.parametrize("depth", [1, 2, 16])
    def test_the_depth_limit(self, depth):
        hub = dl.Hub(max_cascade_depth=depth)
        reports, values = [], []

        def echo(event):
            values.append(event.value)
            reports.append(hub.emit("echo", event.value + 1))

        hub.register(echo, kinds="echo")
        hub.emit("echo", 0)
        assert values == list(range(depth + 1))
        assert all(report.failures == () for report in reports[:-1])
        (failure,) = reports[-1].failures
        assert isinstance(failure.error, dl.EmitLoopError)
        assert failure.handle is None
        assert reports[-1].deferred
        assert hub.n_loops == 1
        with pytest.raises(ExceptionGroup):
            reports[-1].raise_for_failures()

    def test_failures_of_derived_events_are_counted_but_not_of_the_root(self):
        hub = dl.Hub()

        def broken(event):
            raise ValueError

        hub.register(lambda event: hub.emit("f1"), kinds="accuracy")
        hub.register(broken, kinds="f1")
        assert hub.emit("accuracy").failures == ()
        assert hub.observers()[1].failures == 1

    def test_each_value_of_emit_many_is_a_root(self):
        hub = dl.Hub()
        order = []
        hub.register(lambda event: hub.emit("f1", event.value), kinds="observation")
        hub.register(lambda event: order.append((event.kind, event.value)))
        hub.emit_many("observation", [1, 2])
        assert order == [("observation", 1), ("f1", 1), ("observation", 2), ("f1", 2)]

    def test_emit_many_from_inside_is_deferred(self):
        hub = dl.Hub()
        heard, reports = [], []
        hub.register(
            lambda event: reports.append(hub.emit_many("f1", np.arange(3.0))), kinds="accuracy"
        )
        hub.register(lambda event: heard.append(event.value), kinds="f1")
        hub.emit("accuracy")
        assert reports[0].deferred
        assert heard == [0, 1, 2]

    def test_two_hubs_that_answer_each_other(self):
        one, two = dl.Hub(max_cascade_depth=3), dl.Hub(max_cascade_depth=3)
        order = []
        one.register(lambda event: (order.append("one"), two.emit("f1")))
        two.register(lambda event: (order.append("two"), one.emit("f1")))
        one.emit("f1")
        assert order == ["one", "two"] * 4
        assert one.n_loops == 1

    def test_a_kind_that_nobody_hears_yet(self):
        hub = dl.Hub()
        heard = []

        def observer(event):
            assert hub.emit("f1", 1).deferred
            hub.register(heard.append, kinds="f1")

        hub.register(observer, kinds="accuracy", once=True)
        hub.emit("accuracy")
        assert kinds(heard) == ["f1"]


class TestChangesDuringAnEmission:
    def test_what_is_registered_hears_the_next_event(self):
        hub = dl.Hub()
        late = []
        hub.register(lambda event: hub.register(late.append), once=True)
        assert hub.emit("f1", 1).attempted == 1
        hub.emit("f1", 2)
        assert [event.value for event in late] == [2]

    def test_what_is_unregistered_is_not_called_any_more(self):
        hub = dl.Hub()
        heard = []
        handles = []
        hub.register(lambda event: handles[0].close())
        handles.append(hub.register(heard.append))
        report = hub.emit("f1")
        assert report.attempted == 1
        assert heard == []

    def test_an_observer_unregisters_itself(self):
        hub = dl.Hub()
        heard = []

        def observer(event):
            heard.append(event)
            hub.unregister(handle)
            with pytest.raises(dl.ObserverNotFound):
                hub.unregister(handle)

        handle = hub.register(observer)
        assert hub.emit("f1").success == 1
        assert hub.emit("f1").attempted == 0
        assert len(heard) == 1

    def test_an_observer_replaces_itself(self):
        hub = dl.Hub()
        heard = []

        def first(event):
            handle.close()
            hub.register(lambda event: heard.append(("second", event.value)))
            heard.append(("first", event.value))

        handle = hub.register(first)
        hub.emit_many("f1", [1, 2])
        assert heard == [("first", 1), ("second", 2)]

    def test_an_observer_drops_the_hub(self):
        holder = [dl.Hub()]
        heard = []
        holder[0].register(lambda event: holder.clear())
        holder[0].register(heard.append)
        assert holder[0].emit("f1").success == 2
        assert holder == []
        assert len(heard) == 1

    def test_a_finalizer_of_an_unregistered_observer_uses_the_hub(self):
        hub = dl.Hub()
        heard = []

        class Observer:
            def on_event(self, event):
                handle.close()

            def __del__(self):
                hub.emit("gone")
                hub.register(lambda event: None)

        hub.register(heard.append, kinds="gone")
        observer = Observer()
        handle = hub.register(observer, kinds="f1")
        del observer
        hub.emit("f1")
        assert kinds(heard) == ["gone"]
        assert len(hub) == 2

    def test_looking_in(self):
        hub = dl.Hub()
        seen = []
        hub.register(lambda event: seen.append((len(hub), hub.observers()[0].name, repr(hub))))
        hub.emit("f1")
        assert seen[0][0] == 1


@pytest.mark.thread_unsafe
class TestThreads:
    ROUNDS = 3_000

    def run(self, *bodies):
        errors = []
        barrier = threading.Barrier(len(bodies))

        def guarded(body):
            try:
                barrier.wait()
                body()
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=guarded, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads), "hangs"
        assert errors == []

    def test_nothing_is_lost_or_doubled(self):
        """Two threads emit while both register and unregister others."""
        hub = dl.Hub()
        heard = [[], []]
        hub.register(lambda event: heard[0].append(event.value), kinds="f1")
        hub.register(lambda event: heard[1].append(event.value), kinds="f1", priority=5)

        def body(number):
            def run():
                for i in range(self.ROUNDS):
                    own = []
                    handle = hub.register(own.append, kinds=f"own{number}")
                    hub.emit("f1", number * self.ROUNDS + i)
                    hub.emit(f"own{number}", i)
                    hub.unregister(handle)
                    hub.emit(f"own{number}", i)
                    assert [event.value for event in own] == [i]

            return run

        self.run(body(0), body(1))
        for values in heard:
            assert Counter(values) == Counter(range(2 * self.ROUNDS))
            for number in (0, 1):
                mine = [v for v in values if v // self.ROUNDS == number]
                assert mine == sorted(mine)
        assert [info.calls for info in hub.observers()] == [2 * self.ROUNDS] * 2

    def test_observers_that_emit_and_change_the_hub_meanwhile(self):
        hub = dl.Hub()
        derived = []

        def busy(event):
            hub.emit("derived", event.value)
            with hub.register(lambda event: None, kinds="nothing"):
                pass

        hub.register(busy, kinds="f1")
        hub.register(lambda event: derived.append(event.value), kinds="derived")

        def body(number):
            def run():
                for i in range(self.ROUNDS):
                    hub.emit("f1", number * self.ROUNDS + i)

            return run

        self.run(body(0), body(1))
        assert Counter(derived) == Counter(range(2 * self.ROUNDS))
        assert len(hub) == 2

    def test_once_is_once(self):
        hub = dl.Hub()
        heard = []
        rounds = 500
        ready = threading.Barrier(2)

        def body():
            for _ in range(rounds):
                if ready.wait() == 0:
                    hub.register(lambda event: heard.append(1), once=True)
                ready.wait()
                hub.emit("f1")

        self.run(body, body)
        assert len(heard) == rounds
        assert len(hub) == 0

    def test_unregistering_from_another_thread(self):
        """Once `unregister` has returned, nothing new starts."""
        hub = dl.Hub()
        stopped = threading.Event()
        late = []

        def emitting():
            while not stopped.is_set():
                hub.emit("f1")

        def changing():
            for _ in range(self.ROUNDS):
                closed = []

                def observer(event, closed=closed):
                    # What began before `close` returned may still be running.
                    late.extend(closed)

                handle = hub.register(observer)
                handle.close()
                gone = hub.observers()
                assert all(info.handle != handle for info in gone)
            stopped.set()

        self.run(emitting, changing)
        assert late == []

    def test_emit_many_on_two_threads(self):
        hub = dl.Hub()
        total = []
        hub.register(lambda event: total.append(event.value))

        def body():
            for _ in range(20):
                hub.emit_many("f1", np.ones(100))

        self.run(body, body)
        assert sum(total) == 4_000
