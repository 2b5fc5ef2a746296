"""Programs that end, or fork, in every way that a hub has to survive.

Each is run in a process of its own, by the tests a few times and by
`make test-exits` many times: it must end by itself, with exit code 0, print
"end" as its last line, and say nothing on stderr but what `WARNS` allows.
"""

import subprocess
import sys
import textwrap

#: Far more than any program needs: what takes longer hangs.
LIMIT_S = 60

#: A full queue, or a hung callback, is warned of at exit.
NOT_DELIVERED = "not delivered within 2 s"

#: A queue that is full is warned of when that happens.
FULL = "its queue of"

#: An alert that waits behind one that is not taken is lost.
LOST = "shut down"

#: A command that still runs is killed.
KILLED = "ended with status -9"

#: A callback that does not end is asked to by this exception.
ASKED_TO_END = "fails: SystemExit"

START = """
import os, sys, threading, time
import driftline as dl
hub = dl.Hub()
inside = threading.Event()

def nap_for_ever(event):
    inside.set()
    while True: time.sleep(0.0005)
"""

FORK_START = (
    START
    + """
def wait_for(child):
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, status

def in_child(body):
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        body()
        code = 0
    finally:
        sys.stdout.flush()
        os._exit(code)
"""
)

EXITS = {
    "idle worker": """
        hub.register(lambda event: None, mode="queued")
        hub.emit("f1")
        assert hub.flush(30)
        print("end")
    """,
    "waiting events are delivered": """
        heard = []
        hub.register(heard.append, mode="queued", queue_size=5000)
        class Last:
            def on_event(self, event): pass
            def shutdown(self):
                print("end" if len(heard) == 5000 else f"only {len(heard)}", flush=True)
        for value in range(5000):
            hub.emit("f1", value)
        hub.register(Last(), kinds="nothing_of_the_kind")
    """,
    "shut down before": """
        release = threading.Event()
        def observer(event):
            inside.set()
            release.wait()
        hub.register(observer, mode="queued")
        for _ in range(20):
            hub.emit("f1")
        inside.wait()
        assert hub.shutdown(0).left == 20  # and nothing more is said of them
        release.set()
        print("end")
    """,
    "alerts are sent": """
        told = []
        hub.register(dl.AlertDispatcher([told.append, lambda alert: None]))
        for value in range(30):
            hub.emit("drift_detected", value, feature=str(value))
        class Last:
            def on_event(self, event): pass
            def shutdown(self):
                print("end" if len(told) == 1 else f"only {told}", flush=True)
        hub.register(Last(), kinds="nothing_of_the_kind")
    """,
    "alerts of a hub that is gone": """
        def tell(alert):
            os.write(1, alert.kind.encode() + b" ")
            if len(told := [*told_before, alert]) == 3:
                os.write(1, b"end\\n")
            told_before.append(alert)
        told_before = []
        def job():
            local = dl.Hub()
            local.register(dl.AlertDispatcher(tell, cooldown_s=1))
            local.emit("drift_detected", 1)
        job()
        alerts = dl.AlertDispatcher(tell)
        with hub.register(alerts):
            hub.emit("slo_breached", 1)
            hub.emit("data_missing", 1)
    """,
    "command of a trigger outlives the hub": """
        import tempfile
        from driftline import _exit
        from driftline.retraining import Command
        pid = os.path.join(tempfile.mkdtemp(), "pid")
        train = Command(["sh", "-c", 'echo $$ > "$0"; sleep 600', pid])
        hub.register(dl.RetrainingTrigger(train))
        hub.emit("f1", 0.1, model="m")
        while not (os.path.exists(pid) and open(pid).read().strip()): time.sleep(0.01)
        process = int(open(pid).read())
        def it_is_gone():
            try:
                while os.waitpid(process, os.WNOHANG) == (0, 0): time.sleep(0.01)
            except ChildProcessError: pass  # somebody else has waited for it
            os.write(1, b"end\\n")
        _exit.at_the_end.append(it_is_gone)  # after what ends it
    """,
    "alert sink naps for ever": """
        hub.register(dl.AlertDispatcher(nap_for_ever))
        hub.emit("drift_detected", 1)
        hub.emit("slo_breached", 1)
        inside.wait()
        print("end")
    """,
    "schedule naps for ever": """
        def schedule(model, event): nap_for_ever(event)
        hub.register(dl.RetrainingTrigger(schedule))
        hub.emit("f1", 0.1, model="a")
        hub.emit("f1", 0.1, model="b")
        inside.wait()
        print("end")
    """,
    "a command runs": """
        from driftline.retraining import Command
        code = "import time; time.sleep(600)"
        class Telling(Command):
            def __call__(self, model, event):
                inside.set()
                super().__call__(model, event)
        hub.register(dl.RetrainingTrigger(Telling([sys.executable, "-c", code])))
        hub.emit("f1", 0.1, model="a")
        inside.wait()
        print("end")
    """,
    "strategy in a daemon thread": """
        import numpy as np
        def strategy(event):
            inside.set()
            return False
        trigger = dl.RetrainingTrigger(print, strategy=strategy)
        hub.register(trigger)
        def emit():
            while True: hub.emit_many("drift_score", np.zeros(1000), model="a")
        for _ in range(2): threading.Thread(target=emit, daemon=True).start()
        inside.wait()
        print("end")
    """,
    "callback in flight": """
        def observer(event):
            inside.set()
            for _ in range(20):
                time.sleep(0.001)
        hub.register(observer, mode="queued")
        hub.emit("f1")
        inside.wait()
        print("end")
    """,
    "hung in C, queue full": """
        lock = threading.Lock()
        lock.acquire()
        def observer(event):
            inside.set()
            lock.acquire()
        hub.register(observer, mode="queued", queue_size=8)
        hub.emit("f1")
        inside.wait()
        for _ in range(20):
            hub.emit("f1")
        print("end")
    """,
    "spinning for ever": """
        def observer(event):
            inside.set()
            while True: pass
        hub.register(observer, mode="queued")
        hub.emit("f1")
        inside.wait()
        print("end")
    """,
    "napping for ever": """
        hub.register(nap_for_ever, mode="queued")
        hub.emit("f1")
        inside.wait()
        print("end")
    """,
    "raising": """
        import logging
        logging.getLogger("driftline").addHandler(logging.NullHandler())
        def observer(event):
            raise ValueError("broken")
        hub.register(observer, mode="queued")
        for _ in range(100):
            hub.emit("f1")
        print("end")
    """,
    "SystemExit on the worker": """
        import logging
        logging.getLogger("driftline").addHandler(logging.NullHandler())
        def observer(event):
            sys.exit(3)
        hub.register(observer, mode="queued")
        for _ in range(100):
            hub.emit("f1")
        print("end")
    """,
    "coroutine in flight": """
        import asyncio
        async def observer(event):
            inside.set()
            await asyncio.sleep(0.01)
        hub.register(observer)
        for _ in range(100):
            hub.emit("f1")
        inside.wait()
        print("end")
    """,
    "daemon thread emits": """
        hub.register(lambda event: inside.set(), mode="queued")
        def emit():
            while True: hub.emit("f1")
        threading.Thread(target=emit, daemon=True).start()
        inside.wait()
        print("end")
    """,
    "daemon thread waits for room": """
        hub.register(nap_for_ever, mode="queued", queue_size=1, overflow="block")
        hub.emit("f1")
        inside.wait()
        def emit():
            while True: hub.emit("f1")
        threading.Thread(target=emit, daemon=True).start()
        print("end")
    """,
    "interrupted while a daemon thread naps inline for ever": """
        import signal
        hub.register(nap_for_ever)
        threading.Thread(target=hub.emit, args=("f1",), daemon=True).start()
        inside.wait()
        def interrupt():
            while not hub.closed: time.sleep(0.001)
            time.sleep(0.1)
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt, daemon=True).start()
        print("end")
    """,
    "daemon threads in long native calls": """
        import numpy as np
        long, short = np.arange(1e5), np.arange(1000.0)
        def emit():
            while True: hub.emit_many("inference_completed", range(1000), model="m")
        def compare():
            while True:
                dl.drift.KS().fit(long).compare(short)
                inside.set()
        for target in (emit, emit, compare):
            threading.Thread(target=target, daemon=True).start()
        inside.wait()
        print("end")
    """,
    "interrupted while it waits": """
        import logging, signal
        class Heard(logging.Handler):
            def emit(self, record):
                if "12 events were not delivered before the interrupt" in record.getMessage():
                    print("end", flush=True)
        logging.getLogger("driftline").addHandler(Heard())
        hub.register(nap_for_ever, mode="queued")
        for _ in range(12):
            hub.emit("f1")
        inside.wait()
        def interrupt():
            while not hub.closed: time.sleep(0.001)
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt, daemon=True).start()
    """,
    "many hubs": """
        for _ in range(20):
            other = dl.Hub()
            other.register(lambda event: None, mode="queued")
            other.emit("f1")
        print("end")
    """,
    "derived from a worker, napping inline for ever": """
        hub.register(lambda event: hub.emit("derived"), kinds="root", mode="queued")
        hub.register(nap_for_ever, kinds="derived")
        hub.emit("root")
        inside.wait()
        print("end")
    """,
    "daemon thread naps inline for ever": """
        hub.register(nap_for_ever)
        threading.Thread(target=hub.emit, args=("f1",), daemon=True).start()
        inside.wait()
        print("end")
    """,
}

#: Programs with lines on stderr: the others say nothing.
WARNS = {
    "daemon thread naps inline for ever",
    "hung in C, queue full",
    "alert sink naps for ever",
    "command of a trigger outlives the hub",
    "schedule naps for ever",
    "a command runs",
    "spinning for ever",
    "napping for ever",
    "daemon thread waits for room",
    "daemon thread emits",
    "derived from a worker, napping inline for ever",
    "threads emit meanwhile",
    "interrupted while a daemon thread naps inline for ever",
}

FORKS = {
    "threads emit meanwhile": """
        hub.register(lambda event: None, mode="queued", queue_size=64)
        hub.register(lambda event: None)
        stop = threading.Event()
        def emit():
            while not stop.is_set(): hub.emit("f1", 1)
        threads = [threading.Thread(target=emit) for _ in range(4)]
        for thread in threads: thread.start()
        def child():
            heard = []
            hub.register(heard.append, mode="queued", kinds="accuracy")
            hub.emit("accuracy", 1)
            assert hub.flush(30), "flush"
            assert len(heard) == 1, heard
            assert hub.shutdown(30).left == 0
        try:
            for _ in range(5): wait_for(in_child(child))
        finally:
            stop.set()
        for thread in threads: thread.join()
        print("end")
    """,
    "native observers under lock": """
        import numpy as np
        baseline = np.random.default_rng(1).normal(size=500)
        detector = dl.DriftDetector(baseline, window_size=100, threshold=5.0)
        hub.register(detector)
        values = np.zeros(200_000)
        stop = threading.Event()
        def emit():
            while not stop.is_set(): hub.emit_many("observation", values)
        threads = [threading.Thread(target=emit) for _ in range(3)]
        for thread in threads: thread.start()
        def child():
            n = detector.n_samples
            hub.emit_many("observation", values[:2000])
            hub.emit("observation", 1.0)
            assert detector.n_samples == n + 2001, (detector.n_samples, n)
        try:
            for _ in range(5): wait_for(in_child(child))
        finally:
            stop.set()
        for thread in threads: thread.join()
        print("end")
    """,
    "alerts wait and are being sent": """
        release, told = threading.Event(), []
        def sink(alert):
            inside.set()
            release.wait()
            told.append(alert.kind)
        alerts = dl.AlertDispatcher(sink)
        hub.register(alerts)
        hub.emit("drift_detected")
        alerts.flush(0)
        inside.wait()
        hub.emit("slo_breached")  # waits behind it
        def child():
            assert (alerts.offered, alerts.queued) == (0, 0), alerts
            release.set()
            hub.emit("drift_resolved")  # of the parent's incident
            hub.emit("data_missing")
            assert hub.flush(30), "flush"
            assert told == ["data_missing"], told
            assert hub.shutdown(30).left == 0
        for _ in range(3): wait_for(in_child(child))
        release.set()
        assert hub.flush(30)
        assert told == ["drift_detected", "slo_breached"], told
        print("end")
    """,
    "runs wait and are being scheduled": """
        release, calls = threading.Event(), []
        def schedule(model, event):
            inside.set()
            release.wait()
            calls.append(model.name)
        trigger = dl.RetrainingTrigger(schedule)
        hub.register(trigger)
        stop = threading.Event()
        def emit():
            while not stop.is_set(): hub.emit("drift_score", 1.0, p_value=0.9, model="c")
        threads = [threading.Thread(target=emit) for _ in range(3)]
        for thread in threads: thread.start()
        hub.emit("f1", 0.1, model="a")
        inside.wait()
        hub.emit("f1", 0.1, model="b")  # waits behind it
        def child():
            assert hub.flush(30), "flush"
            release.set()
            for name in "abd": hub.emit("f1", 0.1, model=name)
            assert hub.flush(30), "flush"
            assert calls == ["d"], calls
            assert trigger.held_back == {"in_flight": 2}, trigger
            assert hub.shutdown(30).left == 0
        try:
            for _ in range(3): wait_for(in_child(child))
        finally:
            stop.set()
        for thread in threads: thread.join()
        release.set()
        assert hub.flush(30)
        assert calls == ["a", "b"], calls
        print("end")
    """,
    "inside an alert's callable": """
        def sink(alert):
            def child():
                heard = []
                other = dl.Hub()
                other.register(dl.AlertDispatcher(heard.append))
                other.emit("drift_detected")
                assert other.flush(30) and len(heard) == 1, heard
            wait_for(in_child(child))
        alerts = dl.AlertDispatcher(sink)
        hub.register(alerts)
        hub.emit("drift_detected")
        assert hub.flush(30)
        assert alerts.delivered == 1, alerts
        print("end")
    """,
    "inside an inline callback": """
        def observer(event):
            def child():
                heard = []
                other = dl.Hub()
                other.register(heard.append, mode="queued")
                other.emit("f1")
                assert other.flush(30) and len(heard) == 1
            wait_for(in_child(child))
        hub.register(observer)
        hub.emit("f1").raise_for_failures()
        print("end")
    """,
    "inside a queued callback": """
        seen = []
        def observer(event):
            def child():
                heard = []
                hub.register(heard.append, mode="queued", kinds="accuracy")
                other = dl.Hub()
                other.register(heard.append, mode="queued")
                other.emit("f1")
                assert other.flush(30) and len(heard) == 1
            wait_for(in_child(child))
            seen.append(event)
        hub.register(observer, mode="queued", kinds="f1")
        hub.emit("f1")
        assert hub.flush(60)
        assert len(seen) == 1 and hub.observers()[0].failures == 0, hub.observers()
        print("end")
    """,
    "a full queue stays the parent's": """
        gate, heard = threading.Event(), []
        def observer(event):
            inside.set()
            gate.wait()
            heard.append(event.value)
        hub.register(observer, mode="queued", name="slow")
        for value in range(10): hub.emit("f1", value)
        inside.wait()
        def child():
            assert hub.observers()[0].queue_depth == 0
            gate.set()
            hub.emit("f1", 100)
            assert hub.flush(30)
            assert heard == [100], heard
        wait_for(in_child(child))
        assert hub.observers()[0].queue_depth == 10
        gate.set()
        assert hub.flush(30)
        assert heard == list(range(10)), heard
        print("end")
    """,
    "the child ends by itself": """
        heard = []
        hub.register(heard.append, mode="queued")
        hub.emit("f1")
        assert hub.flush(30)
        child = os.fork()
        if child == 0:
            def late(event):
                sys.stdout.write("late\\n")
                sys.stdout.flush()
            hub.register(late, mode="queued", kinds="accuracy")
            hub.emit("accuracy")
            sys.exit(0)
        wait_for(child)
        print("end")
    """,
    "after the shutdown": """
        class Ticking:
            ticks = 0
            def on_event(self, event): pass
            def on_tick(self):
                self.ticks += 1
                inside.set()
        ticking = Ticking()
        hub.register(ticking, tick_s=0.001)
        inside.wait()
        hub.shutdown()
        def child():
            ticks = ticking.ticks
            time.sleep(0.1)
            assert ticking.ticks == ticks, "ticks"
        wait_for(in_child(child))
        print("end")
    """,
    "coroutines in parent and child": """
        heard = []
        async def observer(event):
            heard.append(event.value)
        hub.register(observer)
        hub.emit("f1", 1)
        assert hub.flush(30)
        def child():
            hub.emit("f1", 2)
            assert hub.flush(30)
            assert heard == [1, 2], heard
        wait_for(in_child(child))
        hub.emit("f1", 3)
        assert hub.flush(30)
        assert heard == [1, 3], heard
        print("end")
    """,
    "multiprocessing drains": """
        import multiprocessing, pathlib, tempfile
        def work(path):
            def observer(event):
                with open(path, "a") as file: file.write("x")
            hub.register(observer, mode="queued")
            for _ in range(200): hub.emit("accuracy")
        hub.register(lambda event: None, mode="queued", kinds="f1")
        hub.emit("f1")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "heard")
            process = multiprocessing.get_context("fork").Process(target=work, args=(path,))
            process.start()
            process.join()
            assert process.exitcode == 0, process.exitcode
            assert len(path.read_text()) == 200
        print("end")
    """,
}


def source(name):
    """The text of a program."""
    if name in FORKS:
        return FORK_START + textwrap.dedent(FORKS[name])
    return START + textwrap.dedent(EXITS[name])


def run(name, python=sys.executable, limit_s=LIMIT_S):
    """Runs a program; what was wrong with it, or None.

    The answer begins with "hangs" when the program did not end by itself.
    """
    # CPython 3.12 and later warn of a fork with threads: what is tested here.
    command = [python, "-W", "ignore::DeprecationWarning", "-c", source(name)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
    except subprocess.TimeoutExpired as late:
        return f"hangs: {late.stdout!r} {late.stderr!r}"
    lines = ended.stderr.splitlines()
    if name in WARNS:
        allowed = (NOT_DELIVERED, FULL, ASKED_TO_END, LOST, KILLED)
        lines = [line for line in lines if not any(part in line for part in allowed)]
    if ended.returncode or lines or not ended.stdout.endswith("end\n"):
        return f"exit code {ended.returncode}, {ended.stdout!r}, {ended.stderr[-2000:]!r}"
    return None
