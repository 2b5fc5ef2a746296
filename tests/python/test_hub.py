"""The hub: registration, dispatch, reports, failures."""

import _thread
import gc
import logging
import subprocess
import sys
import textwrap
import threading
import traceback
import weakref

import numpy as np
import pytest

import driftline as dl


class Recorder(list):
    """An observer that keeps what it hears."""

    def __call__(self, event):
        self.append(event)

    @property
    def values(self):
        return [event.value for event in self]


class Broken:
    def on_event(self, event):
        raise ValueError("broken")


class TestRegistration:
    def test_an_observer_hears_what_lies_between(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.emit("f1", 1)
        handle = hub.register(heard)
        hub.emit("f1", 2)
        hub.emit("accuracy", 3)
        hub.unregister(handle)
        hub.emit("f1", 4)
        assert heard.values == [2, 3]

    def test_a_slot_is_used_again_and_the_old_handle_is_stale(self):
        hub = dl.Hub()
        old = hub.register(Recorder())
        hub.unregister(old)
        heard = Recorder()
        new = hub.register(heard)
        assert (new.slot, new.generation) == (old.slot, old.generation + 1)
        assert new != old
        with pytest.raises(dl.ObserverNotFound, match="closed or its observer was unregistered"):
            hub.unregister(old)
        old.close()
        assert hub.emit("f1", 1).attempted == 1
        assert heard.values == [1]
        assert (old in hub, new in hub) == (False, True)

    def test_a_handle_of_another_hub(self):
        hub = dl.Hub()
        foreign = dl.Hub().register(Recorder())
        hub.register(Recorder())
        with pytest.raises(dl.ObserverNotFound, match="another hub"):
            hub.unregister(foreign)
        assert len(hub) == 1

    def test_observer_not_found_is_a_key_error_that_reads_well(self):
        hub = dl.Hub()
        handle = hub.register(Recorder())
        handle.close()
        with pytest.raises(KeyError) as caught:
            hub.unregister(handle)
        assert isinstance(caught.value, dl.DriftlineError)
        assert str(caught.value).startswith("handle: slot 0")

    def test_close_is_idempotent_and_survives_the_hub(self):
        hub = dl.Hub()
        handle = hub.register(Recorder())
        handle.close()
        handle.close()
        orphan = dl.Hub().register(Recorder())
        orphan.close()
        assert "closed" in repr(handle)
        assert "closed" in repr(orphan)

    def test_with_unregisters_also_when_the_block_raises(self):
        hub = dl.Hub()
        with pytest.raises(RuntimeError), hub.register(Recorder()):
            raise RuntimeError
        assert len(hub) == 0

    def test_losing_the_handle_does_not_unregister(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        gc.collect()
        hub.emit("f1", 1)
        assert heard.values == [1]

    def test_handles_are_hashable_and_comparable(self):
        hub = dl.Hub()
        first, second = hub.register(Recorder()), hub.register(Recorder())
        assert len({first, second}) == 2
        assert first < second
        assert first != "first"
        assert first == hub.observers()[0].handle

    def test_a_hub_without_observers_is_true(self):
        hub = dl.Hub()
        assert hub
        assert len(hub) == 0

    def test_what_an_observer_may_be(self):
        hub = dl.Hub()

        class Named:
            name = "own name"

            def __init__(self):
                self.heard = []

            def on_event(self, event):
                self.heard.append(event.value)

        class Called:
            def __call__(self, event):
                heard(event)

        def plain(event):
            heard(event)

        heard, named = Recorder(), Named()
        for observer in (named, Called(), plain, heard.append, heard):
            hub.register(observer)
        hub.register(plain, name="given")
        assert hub.emit("f1", 1).success == 6
        assert named.heard == [1]
        assert heard.values == [1] * 5
        names = [info.name for info in hub.observers()]
        assert names[0] == "own name"
        assert names[1] == "Called"
        assert names[2].endswith("plain")
        assert names[4:] == ["Recorder", "given"]

    @pytest.mark.parametrize(
        "observer", [None, 3, "print", object(), Broken, Recorder, dl.ConsoleLogger]
    )
    def test_what_it_may_not_be(self, observer):
        hub = dl.Hub()
        with pytest.raises(dl.InvalidTypeError, match=r"^observer: got "):
            hub.register(observer)
        assert len(hub) == 0

    def test_functions_whose_call_runs_nothing_are_refused(self):
        hub = dl.Hub()

        def generator(event):
            yield event

        async def asynchronous_generator(event):
            yield event

        for one in (generator, asynchronous_generator):
            with pytest.raises(dl.InvalidTypeError, match="generator function"):
                hub.register(one)

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ({"name": ""}, dl.InvalidValueError),
            ({"name": 3}, dl.InvalidTypeError),
            ({"kinds": []}, dl.InvalidValueError),
            ({"kinds": 3}, dl.InvalidTypeError),
            ({"kinds": [3]}, dl.InvalidTypeError),
            ({"kinds": ""}, dl.InvalidValueError),
            ({"models": ""}, dl.InvalidValueError),
            ({"models": [3]}, dl.InvalidTypeError),
            ({"models": "fraud:"}, dl.InvalidValueError),
            ({"models": ()}, dl.InvalidValueError),
            ({"features": [""]}, dl.InvalidValueError),
            ({"features": 3}, dl.InvalidTypeError),
            ({"min_severity": "loud"}, dl.InvalidValueError),
            ({"min_severity": 35}, dl.InvalidValueError),
            ({"min_severity": 3.0}, dl.InvalidTypeError),
            ({"priority": "high"}, dl.InvalidTypeError),
            ({"priority": 2**31}, dl.InvalidValueError),
            ({"priority": 1.0}, dl.InvalidTypeError),
            ({"once": "yes"}, dl.InvalidTypeError),
            ({"weak": 1}, dl.InvalidTypeError),
            ({"mode": "parallel"}, dl.InvalidValueError),
            ({"mode": None}, dl.InvalidTypeError),
            ({"queue_size": 0}, dl.InvalidValueError),
            ({"queue_size": 1.5}, dl.InvalidTypeError),
            ({"overflow": "wait"}, dl.InvalidValueError),
            ({"overflow": None}, dl.InvalidTypeError),
            ({"block_timeout_s": -1}, dl.InvalidValueError),
            ({"block_timeout_s": float("nan")}, dl.InvalidValueError),
            ({"block_timeout_s": "1"}, dl.InvalidTypeError),
            ({"tick_s": -1}, dl.InvalidValueError),
            ({"tick_s": "1"}, dl.InvalidTypeError),
            ({"tick_s": 1.0}, dl.InvalidValueError),  # a callable has no on_tick
            ({"max_in_flight": 0}, dl.InvalidValueError),
            ({"max_consecutive_failures": 0}, dl.InvalidValueError),
            ({"max_consecutive_failures": -1}, dl.InvalidValueError),
            ({"max_consecutive_failures": True}, dl.InvalidTypeError),
            ({"max_consecutive_failures": 1.5}, dl.InvalidTypeError),
        ],
    )
    def test_refusals_leave_nothing_behind(self, arguments, error):
        hub = dl.Hub()
        with pytest.raises(error, match=f"^{next(iter(arguments))}: .*accepted: "):
            hub.register(Recorder(), **arguments)
        assert len(hub) == 0

    @pytest.mark.parametrize("depth", [0, -1, 1001, 2**40])
    def test_depth_out_of_range(self, depth):
        with pytest.raises(dl.InvalidValueError, match=r"^max_cascade_depth: "):
            dl.Hub(max_cascade_depth=depth)

    @pytest.mark.parametrize("depth", ["16", 1.5, None, True])
    def test_depth_of_the_wrong_type(self, depth):
        with pytest.raises(dl.InvalidTypeError, match=r"^max_cascade_depth: "):
            dl.Hub(max_cascade_depth=depth)

    def test_a_typing_slip_warns(self):
        hub = dl.Hub()
        with pytest.warns(UserWarning, match=r"'acuracy|\"acuracy\".*did you mean \"accuracy\""):
            hub.register(Recorder(), kinds=["acuracy"])
        hub.register(Recorder(), kinds=["acc", "cost", "f2_score"])  # far enough: no warning

    def test_unregister_takes_a_handle(self):
        hub = dl.Hub()
        with pytest.raises(dl.InvalidTypeError, match=r"^handle: got 0"):
            hub.unregister(0)


class TestFilters:
    @pytest.mark.parametrize(
        ("filters", "heard"),
        [
            ({}, "abcdefg"),
            ({"kinds": "accuracy"}, "abcd"),
            ({"kinds": ["f1", "mine"]}, "efg"),
            ({"models": "fraud"}, "abe"),
            ({"models": "fraud:1"}, "ae"),
            ({"models": ["fraud:2", dl.ModelId("churn")]}, "bc"),
            ({"features": "age"}, "ae"),
            ({"features": {"age", "income"}}, "aeb"),
            ({"min_severity": "error"}, "df"),
            ({"min_severity": 30}, "cdf"),
            ({"kinds": "accuracy", "models": "fraud", "features": "age"}, "a"),
        ],
    )
    def test_only_what_passes_is_heard(self, filters, heard):
        hub = dl.Hub()
        events = {
            "a": ("accuracy", {"model": "fraud:1", "feature": "age"}),
            "b": ("accuracy", {"model": "fraud:2", "feature": "income"}),
            "c": ("accuracy", {"model": "churn", "severity": "warning"}),
            "d": ("accuracy", {"severity": "error"}),
            "e": ("f1", {"model": "fraud:1", "feature": "age", "severity": "debug"}),
            "f": ("mine", {"severity": "critical"}),
            "g": ("mine", {}),
        }
        got = Recorder()
        hub.register(got, **filters)
        for name, (kind, details) in events.items():
            report = hub.emit(kind, id=name, **details)
            assert report.attempted == (name in heard), name
        assert {event.id for event in got} == set(heard)

    def test_emit_many_filters_too(self):
        hub = dl.Hub()
        got = Recorder()
        hub.register(got, features="age", min_severity="info")
        hub.emit_many("observation", [1.0], feature="income")
        hub.emit_many("observation", [2.0], feature="age", severity="debug")
        hub.emit_many("observation", [3.0], feature="age")
        assert got.values == [3]


class TestOrder:
    def test_by_priority_then_by_registration(self):
        hub = dl.Hub()
        order = []
        for name, priority in [("a", 0), ("b", 5), ("c", 0), ("d", -1), ("e", 5)]:
            hub.register(lambda event, name=name: order.append(name), priority=priority)
        hub.emit("f1")
        assert order == ["b", "e", "a", "c", "d"]

    def test_a_slot_used_again_does_not_jump_the_queue(self):
        hub = dl.Hub()
        order = []
        first = hub.register(lambda event: order.append("first"))
        hub.register(lambda event: order.append("second"))
        hub.unregister(first)
        hub.register(lambda event: order.append("third"))
        hub.emit("f1")
        assert order == ["second", "third"]

    def test_once(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard, once=True, kinds="f1")
        hub.emit("accuracy", 0)
        hub.emit("f1", 1)
        hub.emit("f1", 2)
        assert heard.values == [1]
        assert len(hub) == 0

    def test_once_within_emit_many(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard, once=True)
        assert hub.emit_many("f1", [1, 2, 3]).attempted == 1
        assert heard.values == [1]

    def test_an_observer_that_is_called_once_is_gone_before_it_runs(self):
        hub = dl.Hub()
        hub.register(lambda event: hub.emit("f1", 2), once=True)
        assert hub.emit("f1", 1).attempted == 1
        assert len(hub) == 0


class TestReport:
    def test_nobody(self):
        hub = dl.Hub()
        report = hub.emit("f1", 1)
        assert (report.attempted, report.success, report.failures) == (0, 0, ())
        assert (report.dropped, report.deferred) == (0, False)
        assert repr(report) == "EmitReport(attempted=0, success=0, failures=())"
        report.raise_for_failures()

    def test_two_observers_one_raises(self):
        hub = dl.Hub()
        heard = Recorder()
        broken = hub.register(Broken(), kinds=["inference_failed"])
        hub.register(heard, kinds=["inference_failed"])
        report = hub.inference_failed("fraud:1", message="timed out")
        assert (report.attempted, report.success) == (2, 1)
        (failure,) = report.failures
        assert failure.name == "Broken"
        assert failure.handle == broken
        assert isinstance(failure.error, ValueError)
        (frame,) = traceback.extract_tb(failure.error.__traceback__)
        assert frame.name == "on_event"
        assert len(heard) == 1
        with pytest.raises(ExceptionGroup) as caught:
            report.raise_for_failures()
        assert caught.value.exceptions == (failure.error,)

    def test_equality(self):
        hub = dl.Hub()
        hub.register(Recorder())
        assert hub.emit("f1") == hub.emit("f1")
        assert hub.emit("f1") != dl.Hub().emit("f1")

    def test_many_observers(self):
        hub = dl.Hub()
        for _ in range(100):
            hub.register(Recorder())
        report = hub.emit("f1")
        assert (report.attempted, report.success) == (100, 100)

    def test_emit_many_sums_up_and_keeps_the_first_hundred_failures(self):
        hub = dl.Hub()
        hub.register(Broken())
        hub.register(Recorder())
        report = hub.emit_many("f1", np.arange(250))
        assert (report.attempted, report.success) == (500, 250)
        assert len(report.failures) == 100

    def test_a_failing_base_exception_is_a_failure(self):
        hub = dl.Hub()

        class Odd(BaseException):
            pass

        def observer(event):
            raise Odd

        hub.register(observer)
        report = hub.emit("f1")
        with pytest.raises(BaseExceptionGroup):
            report.raise_for_failures()


@pytest.mark.thread_unsafe(reason="reads the process's log")
class TestFailures:
    @pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
    def test_interrupts_reach_the_emitter_after_the_others_were_called(self, interrupt):
        hub = dl.Hub()

        def observer(event):
            raise interrupt

        heard = Recorder()
        hub.register(observer)
        hub.register(heard)
        with pytest.raises(interrupt):
            hub.emit("f1", 1)
        with pytest.raises(interrupt):
            hub.emit_many("f1", [2, 3])
        assert heard.values == [1, 2]
        assert hub.observers()[0].failures == 2

    def test_an_interrupt_in_a_derived_event_reaches_the_emitter(self):
        hub = dl.Hub()

        def interrupt(event):
            raise KeyboardInterrupt

        hub.register(lambda event: hub.emit("f1"), kinds="accuracy")
        hub.register(interrupt, kinds="f1")
        with pytest.raises(KeyboardInterrupt):
            hub.emit("accuracy")

    def test_suspension(self, caplog):
        hub = dl.Hub()
        handle = hub.register(Broken(), max_consecutive_failures=3)
        with caplog.at_level(logging.INFO, "driftline.hub"):
            attempted = [hub.emit("f1").attempted for _ in range(5)]
        assert attempted == [1, 1, 1, 0, 0]
        (info,) = hub.observers()
        assert (info.suspended, info.calls, info.failures) == (True, 3, 3)
        assert "suspended=True" in repr(info)
        assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
        assert "suspended after 3 failures in a row" in caplog.text
        hub.unregister(handle)

    def test_a_success_in_between_resets_the_count(self):
        hub = dl.Hub()

        def observer(event):
            if event.value:
                raise ValueError

        hub.register(observer, max_consecutive_failures=2)
        attempted = [hub.emit("f1", value).attempted for value in [1, 0, 1, 0, 1, 1, 1]]
        assert attempted == [1, 1, 1, 1, 1, 1, 0]

    def test_logged_when_the_state_changes(self, caplog):
        hub = dl.Hub()

        def observer(event):
            if event.value:
                raise ValueError("too much")

        hub.register(observer, name="picky")
        with caplog.at_level(logging.INFO, "driftline.hub"):
            for value in [1, 1, 1, 0, 0, 1]:
                hub.emit("f1", value)
        levels = [record.levelname for record in caplog.records]
        assert levels == ["WARNING", "INFO", "WARNING"]
        assert '"picky"' in caplog.records[0].message
        assert "too much" in caplog.records[0].message
        assert "recovered" in caplog.records[1].message

    def test_an_exception_that_cannot_be_shown_is_no_problem(self):
        hub = dl.Hub()

        class Shy(Exception):
            def __str__(self):
                raise RuntimeError

            __repr__ = __str__

        def observer(event):
            raise Shy

        hub.register(observer)
        report = hub.emit("f1")
        assert isinstance(report.failures[0].error, Shy)
        assert "ObserverFailure" in repr(report)

    def test_a_log_handler_that_raises_is_no_problem(self):
        hub = dl.Hub()

        class Handler(logging.Handler):
            def handle(self, record):
                raise RuntimeError("the log is full")

        logger = logging.getLogger("driftline.hub")
        handler = Handler()
        logger.addHandler(handler)
        try:
            hub.register(Broken())
            assert len(hub.emit("f1").failures) == 1
            assert [1, 2].index(2) == 1  # an exception left set would come up here
        finally:
            logger.removeHandler(handler)

    def test_a_log_handler_that_emits_is_no_problem(self):
        hub = dl.Hub()

        class Handler(logging.Handler):
            def emit(self, record):
                hub.emit("logged")

        heard = Recorder()
        hub.register(Broken())
        hub.register(heard, kinds="logged")
        logger = logging.getLogger("driftline.hub")
        handler = Handler()
        logger.addHandler(handler)
        try:
            hub.emit("f1")
        finally:
            logger.removeHandler(handler)
        assert len(heard) == 1


class TestEmit:
    def test_an_event_is_passed_on_as_it_is(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        event = dl.Event("f1", 0.5)
        hub.emit(event)
        assert heard[0] is event

    def test_every_argument_arrives(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        details = {
            "p_value": 0.01,
            "model": "fraud:1",
            "feature": "age",
            "id": 17,
            "severity": "critical",
            "timestamp": "2013-07-01T05:00:00.000000001Z",
            "metadata": {"a": [1, {"b": None}]},
        }
        hub.emit("f1", 0.5, **details)
        assert heard[0] == dl.Event("f1", 0.5, **details)
        assert heard[0].id == "17"

    def test_events_that_are_kept_do_not_change(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        for value in range(10):
            hub.emit("f1", value, feature=f"feature {value}")
        assert heard.values == list(range(10))
        assert [event.feature for event in heard] == [f"feature {n}" for n in range(10)]

    def test_nothing_of_an_event_shows_in_the_next(self):
        hub = dl.Hub()
        heard = []
        hub.register(lambda event: heard.append((event.value, event.model, event.p_value)))
        hub.emit("f1", 1, model="fraud", p_value=0.1)
        hub.emit("f1")
        assert heard[1] == (None, None, None)

    @pytest.mark.parametrize("listening", [False, True])
    def test_arguments_are_validated_also_when_nobody_listens(self, listening):
        hub = dl.Hub()
        if listening:
            hub.register(Recorder())
        for arguments, details in [
            (("",), {}),
            ((3,), {}),
            (("f1", "0.5"), {}),
            (("f1",), {"model": ""}),
            (("f1",), {"metadata": {"a": object()}}),
            (("f1",), {"p_value": 2}),
            (("f1",), {"severity": "loud"}),
            (("f1",), {"timestamp": 0}),
            ((dl.Event("f1"), 0.5), {}),
            ((dl.Event("f1"),), {"model": "fraud"}),
        ]:
            with pytest.raises(dl.DriftlineError, match="accepted: "):
                hub.emit(*arguments, **details)
        for arguments in [("", [1]), ("f1", [[1]]), ("f1", "12"), ("f1", None)]:
            with pytest.raises(dl.DriftlineError, match="accepted: "):
                hub.emit_many(*arguments)

    def test_standard_events(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        hub.inference_completed("fraud:1", latency_ms=3.5, id="x")
        hub.inference_failed("fraud:1", message="timed out", metadata={"try": 2})
        hub.observe("age", 31, model="fraud:1")
        hub.observe("age", None)
        hub.training_started("fraud", version="2")
        hub.training_completed("fraud", samples_seen=100, duration_ms=2.5, message="m", version="2")
        reports = hub.log_metrics("fraud:2", accuracy=0.9, precision=0.8, recall=0.7, f1=0.6)
        assert [report.success for report in reports] == [1, 1, 1, 1]
        assert [(event.kind, event.value) for event in heard] == [
            ("inference_completed", 3.5),
            ("inference_failed", None),
            ("observation", 31),
            ("observation", None),
            ("training_started", None),
            ("training_completed", None),
            ("accuracy", 0.9),
            ("precision", 0.8),
            ("recall", 0.7),
            ("f1", 0.6),
        ]
        assert heard[0].id == "x"
        assert heard[1].metadata == {"message": "timed out", "try": 2}
        assert heard[2].feature == "age"
        assert heard[4].metadata == {"version": "2"}
        assert heard[5].metadata == {
            "samples_seen": 100,
            "duration_ms": 2.5,
            "message": "m",
            "version": "2",
        }
        assert {str(event.model) for event in heard if event.model} == {
            "fraud:1",
            "fraud",
            "fraud:2",
        }

    def test_standard_events_refuse(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        for call in [
            lambda: hub.inference_completed("a", latency_ms=-1),
            lambda: hub.inference_completed("a", latency_ms="1"),
            lambda: hub.inference_failed("a", message=3),
            lambda: hub.observe("", 1),
            lambda: hub.observe("age", "1"),
            lambda: hub.training_completed("a", samples_seen=-1),
            lambda: hub.training_completed("a", duration_ms=float("nan")),
            lambda: hub.log_metrics("a"),
            lambda: hub.log_metrics("a", accuracy=0.9, f1="bad"),
            lambda: hub.log_metrics("", accuracy=0.9),
        ]:
            with pytest.raises(dl.DriftlineError, match="accepted: "):
                call()
        assert heard == []


class TestEmitMany:
    def test_each_value_is_an_event(self):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        report = hub.emit_many(
            "observation", np.array([1.0, np.nan, 3.0]), feature="age", model="a:1"
        )
        assert (report.attempted, report.success) == (3, 3)
        assert repr(heard.values) == "[1.0, nan, 3.0]"
        assert {(event.feature, str(event.model)) for event in heard} == {("age", "a:1")}
        assert len({event.timestamp_ns for event in heard}) == 1

    @pytest.mark.parametrize(
        "times",
        [
            np.array(["2013-01-01", "2013-01-02"], "datetime64[D]"),
            np.array(["2013-01-01", "2013-01-02"], "datetime64[ns]"),
            ["2013-01-01T00:00:00Z", np.datetime64("2013-01-02")],
        ],
    )
    def test_timestamps(self, times):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        hub.emit_many("observation", [1, 2], timestamps=times)
        days = [event.timestamp.isoformat() for event in heard]
        assert days == ["2013-01-01T00:00:00+00:00", "2013-01-02T00:00:00+00:00"]

    @pytest.mark.parametrize(
        "times",
        [
            np.array(["2013-01-01"], "datetime64[D]"),
            np.array(["2013-01-01", "NaT"], "datetime64[D]"),
            np.array(["2013-01-01", "3000-01-01"], "datetime64[D]"),
            np.array([["2013-01-01", "2013-01-01"]], "datetime64[D]"),
            np.array([1.0, 2.0]),
            [1, 2],
            "2013-01-01T00:00:00Z",
            3,
        ],
    )
    def test_timestamps_that_are_refused(self, times):
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        with pytest.raises(dl.DriftlineError, match=r"^timestamps: .*accepted: "):
            hub.emit_many("observation", [1, 2], timestamps=times)
        assert heard == []

    def test_pandas_timestamps_with_a_timezone(self):
        pd = pytest.importorskip("pandas")
        hub = dl.Hub()
        heard = Recorder()
        hub.register(heard)
        times = pd.Series(pd.date_range("2013-01-01", periods=2, tz="America/New_York"))
        hub.emit_many("observation", [1, 2], timestamps=times)
        assert [event.timestamp.hour for event in heard] == [5, 5]
        hub.emit_many("observation", [1, 2], timestamps=pd.DatetimeIndex(times))
        with pytest.raises(dl.InvalidValueError, match=r"^timestamps: "):
            hub.emit_many("observation", [1, 2], timestamps=times.where([True, False]))
        assert len(heard) == 4

    @pytest.mark.thread_unsafe(reason="interrupts the main thread")
    @pytest.mark.parametrize("how", ["emit_many", "update_many"])
    def test_ctrl_c_is_heard_between_runs(self, how):
        detector = dl.DriftDetector([0.0, 1.0] * 50, window_size=50, threshold=0.9, test="ks")
        hub = dl.Hub()
        hub.register(detector)
        values = np.tile([0.0, 1.0], 10**6)

        def interrupt():
            while detector.n_samples == 0:
                pass
            _thread.interrupt_main()

        def work():
            if how == "emit_many":
                hub.emit_many("observation", values)
            else:
                detector.update_many(values)

        interrupter = threading.Thread(target=interrupt)
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            work()
        interrupter.join()
        assert 0 < detector.n_samples < len(values)

    def test_empty(self):
        hub = dl.Hub()
        hub.register(Recorder())
        assert hub.emit_many("observation", []).attempted == 0

    def test_what_is_registered_meanwhile_hears_the_next_value(self):
        hub = dl.Hub()
        late = Recorder()
        hub.register(lambda event: hub.register(late) if event.value == 2 else None)
        hub.emit_many("observation", [1, 2, 3])
        assert late.values == [3]


class TestLookingIn:
    def test_counts(self):
        hub = dl.Hub()
        hub.register(Recorder(), name="a", kinds=["f1", "mine"], models="m", features="x")
        hub.register(Broken(), name="b", min_severity="info", priority=-1)
        for _ in range(3):
            hub.emit("f1", model="m:1", feature="x")
        hub.emit("accuracy")
        a, b = hub.observers()
        assert (a.name, a.calls, a.failures, a.dropped, a.queue_depth) == ("a", 3, 0, 0, 0)
        assert (b.name, b.calls, b.failures) == ("b", 4, 4)
        assert (a.kinds, a.models, a.features) == (["f1", "mine"], ["m"], ["x"])
        assert (b.kinds, b.models, b.features) == (None, None, None)
        assert (a.min_severity, b.min_severity) == (None, dl.Severity.INFO)
        assert (a.mode, a.once, b.priority) == ("inline", False, -1)

    @pytest.mark.thread_unsafe(reason="catches warnings")
    @pytest.mark.parametrize(
        "options", [{"queue_size": 10}, {"overflow": "block"}, {"block_timeout_s": 1}]
    )
    @pytest.mark.parametrize("observer", [print, dl.LatencyMonitor])
    def test_queue_options_without_a_queue(self, options, observer):
        hub = dl.Hub()
        observer = observer() if isinstance(observer, type) else observer
        with pytest.warns(UserWarning, match='did you mean mode="queued"'):
            hub.register(observer, **options)
        hub.register(observer, mode="queued", **options)

    def test_time_per_call(self):
        hub = dl.Hub()
        done = threading.Event()
        hub.register(lambda event: done.wait(0.001))
        for _ in range(64):  # one emission in 64 of a thread is measured
            hub.emit("f1")
        (info,) = hub.observers()
        assert info.time_per_call_s >= 0.001

    def test_repr(self):
        hub = dl.Hub()
        assert repr(hub) == "Hub(0 observers)"
        hub.register(Recorder())
        assert repr(hub) == "Hub(1 observers: Recorder)"
        assert (
            repr(hub.observers()[0]) == "ObserverInfo(name='Recorder', slot=0, calls=0, failures=0)"
        )


class TestWeak:
    class Listener:
        def __init__(self):
            self.heard = []

        def listen(self, event):
            self.heard.append(event.value)

    def test_a_bound_method_does_not_keep_its_object(self):
        hub = dl.Hub()
        listener = self.Listener()
        hub.register(listener.listen, weak=True)
        hub.emit("f1", 1)
        assert listener.heard == [1]
        gone = weakref.ref(listener)
        del listener
        gc.collect()
        assert gone() is None
        assert len(hub) == 0
        assert hub.emit("f1", 2).attempted == 0

    def test_it_does_otherwise(self):
        hub = dl.Hub()
        listener = self.Listener()
        hub.register(listener.listen)
        gone = weakref.ref(listener)
        del listener
        gc.collect()
        assert gone() is not None

    def test_weak_is_ignored_for_anything_else(self):
        hub = dl.Hub()
        hub.register(lambda event: None, weak=True)

        class Observer:
            def on_event(self, event):
                pass

            def on_tick(self):
                ticks.append(1)

        ticks = []
        hub.register(Observer(), weak=True)
        gc.collect()
        assert hub.emit("f1").success == 2
        hub.tick()
        assert ticks == [1]

    @pytest.mark.parametrize("method", ["on_tick", "shutdown"])
    def test_a_coroutine_that_nobody_would_await(self, method):
        async def coroutine(self):
            pass

        observer = type("Mixed", (), {"on_event": lambda self, event: None, method: coroutine})()
        hub = dl.Hub()
        with pytest.raises(dl.InvalidTypeError, match=rf"^observer: .*{method}\(\) is a coroutine"):
            hub.register(observer)
        assert len(hub) == 0

    def test_the_successor_in_the_slot_is_not_touched(self):
        hub = dl.Hub()
        listener = self.Listener()
        handle = hub.register(listener.listen, weak=True)
        hub.unregister(handle)
        heard = Recorder()
        hub.register(heard)
        del listener
        gc.collect()
        hub.emit("f1", 1)
        assert heard.values == [1]


class TestGarbage:
    def test_a_hub_reachable_from_its_own_observer_only_is_collected(self):
        hub = dl.Hub()

        def observer(event, hub=hub):
            return hub

        hub.register(observer)
        hub.emit("f1", 1)
        gone = weakref.ref(hub), weakref.ref(observer)
        del hub, observer
        gc.collect()
        assert [ref() for ref in gone] == [None, None]

    def test_so_is_one_in_a_cycle_through_its_handle(self):
        hub = dl.Hub()
        kept = []
        kept.append(hub.register(kept.append))
        kept.append(hub)
        gone = weakref.ref(hub)
        del hub, kept
        gc.collect()
        assert gone() is None

    def test_an_unregistered_observer_is_let_go(self):
        hub = dl.Hub()

        class Observer:
            def on_event(self, event): ...

        observer = Observer()
        handle = hub.register(observer)
        hub.emit("f1")
        gone = weakref.ref(observer)
        del observer
        hub.unregister(handle)
        gc.collect()
        assert gone() is None

    def test_a_failure_in_a_cycle_with_its_report_is_collected(self):
        hub = dl.Hub()

        class Holder:
            pass

        def observer(event):
            holder = Holder()
            gone.append(weakref.ref(holder))
            raise ValueError(holder)

        gone = []
        hub.register(observer)
        report = hub.emit("f1")
        report.failures[0].error.report = report
        del report
        gc.collect()
        assert gone[0]() is None


@pytest.mark.thread_unsafe(reason="reads the process's log")
class TestConsoleLogger:
    def test_levels_changed_later_take_effect(self, caplog):
        hub = dl.Hub()
        hub.register(dl.ConsoleLogger())
        logger = logging.getLogger("driftline.events")
        before = logger.level
        try:
            logger.setLevel(logging.ERROR)
            hub.emit("f1", 0.25)
            logger.setLevel(logging.INFO)
            hub.emit("f1", 0.5, model="fraud:1", feature="age", id="x", p_value=0.01)
            hub.emit("f1", 0.75, severity="debug")
            logger.setLevel(5)
            hub.emit("f1", 1, severity="trace")
            hub.emit("f1", 2, severity="critical", metadata={"a": float("nan")})
        finally:
            logger.setLevel(before)
        assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
            (20, "f1 0.5 p_value=0.01 model=fraud:1 feature=age id=x"),
            (5, "f1 1"),
            (40, 'f1 2 {"a":{"$float":"NaN"}}'),
        ]
        assert {record.name for record in caplog.records} == {"driftline.events"}

    def test_no_event_forges_a_line(self, caplog):
        hub = dl.Hub()
        hub.register(dl.ConsoleLogger())
        with caplog.at_level(logging.INFO, "driftline.events"):
            hub.emit("x\nfake\x1b[31m", feature="a\r\nb", id="c\td")
        (record,) = caplog.records
        assert record.getMessage() == r"x\nfake\u{1b}[31m feature=a\r\nb id=c\td"

    def test_it_is_a_native_observer(self):
        hub = dl.Hub()
        logger = dl.ConsoleLogger()
        assert isinstance(logger, dl.NativeObserver)
        hub.register(logger, kinds="accuracy")
        assert hub.observers()[0].name == "console_logger"
        assert hub.emit("f1").attempted == 0
        with pytest.raises(TypeError):
            dl.NativeObserver()


def test_emitting_at_exit_and_from_finalizers_is_harmless():
    program = """
        import atexit, driftline as dl
        hub = dl.Hub()
        heard = []
        hub.register(heard.append)
        class Last:
            def __del__(self):
                hub.emit("f1", 2)
        last = Last()
        atexit.register(lambda: (hub.emit("f1", 1), print(len(heard))))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("1\n", "")
