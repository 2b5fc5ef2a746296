"""What must hold at volume: a million events through a queue, ten million emissions
with a hundred thousand model names, and a hung observer that nobody waits for."""

import resource
import sys
import threading
import time

import driftline as dl

THREADS, EVENTS = 4, 250_000
EMISSIONS, NAMES, ROOM = 10_000_000, 100_000, 1_000


def exactly_once_in_order():
    """A million events from four threads into a queue that makes them wait."""
    heard = [[] for _ in range(THREADS)]
    with dl.Hub() as hub:
        hub.register(
            lambda event: heard[int(event.value) // EVENTS].append(int(event.value)),
            mode="queued",
            overflow="block",
        )

        def emit(number):
            for value in range(number * EVENTS, (number + 1) * EVENTS):
                hub.emit("f1", value)

        threads = [threading.Thread(target=emit, args=(number,)) for number in range(THREADS)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert hub.flush(60)
        seconds = time.perf_counter() - start
    for number, own in enumerate(heard):
        assert own == list(range(number * EVENTS, (number + 1) * EVENTS))
    print(f"{THREADS * EVENTS:,} events, each once and in order: {seconds:.1f} s")


def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def many_names():
    """Memory is bounded, what came first keeps its state, the rest is counted."""
    hub = dl.Hub(max_models=ROOM)
    latency, metrics, board = dl.LatencyMonitor(), dl.MetricsCollector(), dl.DriftMonitor()
    detector = dl.DriftDetector(
        [0.0, 1.0], window_size=10, threshold=50.0, per_model=True, kinds="inference_completed"
    )
    for observer in (latency, metrics, board, detector):
        hub.register(observer)
    names = [dl.ModelId(f"model-{number}") for number in range(NAMES)]
    for name in names[:ROOM]:
        hub.inference_completed(name, latency_ms=5.0)
    before, start = megabytes(), time.perf_counter()
    for number in range(EMISSIONS - ROOM):
        hub.inference_completed(names[number % NAMES], latency_ms=5.0)
        if number == NAMES:
            before = megabytes()
    seconds, grown = time.perf_counter() - start, megabytes() - before
    rounds = (EMISSIONS - ROOM) // NAMES
    assert latency.stats(names[0]).n in (rounds + 1, rounds + 2)
    assert latency.n_overflow == EMISSIONS - sum(latency.stats(n).n for n in names[:ROOM])
    assert len(detector.models()) == ROOM
    assert detector.n_overflow == latency.n_overflow
    assert metrics.render().count("driftline_inference_latency_seconds_count") == ROOM + 1
    print(f"{EMISSIONS:,} emissions with {NAMES:,} names: {seconds:.0f} s, memory +{grown:.1f} MB")
    assert grown < 50


def hung():
    """Neither flush nor shutdown waits longer than it was told."""
    hub, held, inside = dl.Hub(), threading.Event(), threading.Event()
    hub.register(lambda event: (inside.set(), held.wait()), mode="queued", name="hung")
    for value in range(10):
        hub.emit("f1", value)
    inside.wait()
    for call, timeout_s in ((hub.flush, 0.1), (hub.shutdown, 1.0)):
        start = time.perf_counter()
        answer = call(timeout_s)
        seconds = time.perf_counter() - start
        print(
            f"{call.__name__}({timeout_s}) with a hung observer: {1000 * seconds:.0f} ms, {answer}"
        )
        assert answer is False or answer.left == 10
        assert seconds < timeout_s + 1
    held.set()


def main():
    exactly_once_in_order()
    hung()
    many_names()
    return 0


if __name__ == "__main__":
    sys.exit(main())
