"""What a queued observer costs its emitters: beside ``queue.SimpleQueue.put`` and
``logging.handlers.QueueHandler``, with an observer that keeps up, and with one that
hangs."""

import logging
import logging.handlers
import queue
import threading
import time
from typing import ClassVar

from measure import best, table

import driftline as dl

EVENTS = 100_000
CHUNK = 20_000


class Held:
    """An observer that hangs in its first event until it is released."""

    every: ClassVar[list] = []

    def __init__(self):
        self.released = threading.Event()
        self.every.append(self)

    def on_event(self, _event):
        self.released.wait()


def full(overflow):
    """Emitters meet a full queue."""
    hub, held = dl.Hub(), Held()
    hub.register(held, mode="queued", overflow=overflow)
    for _ in range(2_000):
        hub.emit("f1", 0.8)

    def run(n):
        emit = hub.emit
        for _ in range(n):
            emit("f1", 0.8)

    return run


def with_room():
    """Emitters meet room, and a worker that is busy."""
    hub = dl.Hub()

    def run(n):
        for _ in range(n):
            held = Held()
            handle = hub.register(held, mode="queued", queue_size=CHUNK)
            emit = hub.emit
            for _ in range(CHUNK):
                emit("f1", 0.8)
            handle.close()
            held.released.set()

    return run


def simple_queue(item):
    def run(n):
        put = queue.SimpleQueue().put
        for _ in range(n):
            put(item)

    return run


def simple_queue_of_events():
    """The least that a queue of events can do: make one, and put it."""

    def run(n):
        put, event = queue.SimpleQueue().put, dl.Event
        for _ in range(n):
            put(event("f1", 0.8))

    return run


def queue_handler():
    logger = logging.Logger("bench")

    def run(n):
        handler = logging.handlers.QueueHandler(queue.SimpleQueue())
        logger.handlers = [handler]
        info = logger.info
        for _ in range(n):
            info("f1 %s", 0.8)

    return run


def delivered_by_hub():
    with dl.Hub() as hub:
        hub.register(lambda event: None, mode="queued", queue_size=EVENTS)
        start = time.perf_counter()
        for _ in range(EVENTS):
            hub.emit("f1", 0.8)
        assert hub.flush(60)
        return time.perf_counter() - start


def delivered_by_simple_queue():
    events, callback = queue.SimpleQueue(), lambda event: None

    def work():
        while (event := events.get()) is not None:
            callback(event)

    thread = threading.Thread(target=work)
    thread.start()
    start = time.perf_counter()
    for _ in range(EVENTS):
        events.put(0.8)
    events.put(None)
    thread.join()
    return time.perf_counter() - start


def delivered_by_queue_listener():
    records = queue.SimpleQueue()
    logger, handler = logging.Logger("bench"), logging.Handler()
    handler.emit = lambda record: None
    logger.handlers = [logging.handlers.QueueHandler(records)]
    listener = logging.handlers.QueueListener(records, handler)
    listener.start()
    start = time.perf_counter()
    for _ in range(EVENTS):
        logger.info("f1 %s", 0.8)
    listener.stop()
    return time.perf_counter() - start


def percentile(hub, share=0.999, events=200_000):
    """How long the slowest emissions take, in nanoseconds."""
    clock, emit, times = time.perf_counter_ns, hub.emit, []
    for _ in range(events):
        start = clock()
        emit("f1", 0.8)
        times.append(clock() - start)
    times.sort()
    return times[int(share * len(times))]


def tails():
    """The tail of a hub with an inline observer: alone, and beside a queued
    observer that sleeps a second per event, or hangs."""
    hubs = {"quiet": dl.Hub(), "sleeps 1 s": dl.Hub(), "hangs": dl.Hub()}
    for hub in hubs.values():
        hub.register(lambda event: None)
    over = threading.Event()
    hubs["sleeps 1 s"].register(lambda event: over.wait(1), mode="queued")
    hubs["hangs"].register(Held(), mode="queued")
    least = dict.fromkeys(hubs, float("inf"))
    for _ in range(5):
        for name, hub in hubs.items():
            least[name] = min(least[name], percentile(hub))
    over.set()
    return least


def main():
    ns = best(
        {
            "SimpleQueue.put of a float": simple_queue(0.8),
            "SimpleQueue.put of a new Event": simple_queue_of_events(),
            "QueueHandler": queue_handler(),
            "hub.emit, room": with_room(),
            "hub.emit, full, drop_oldest": full("drop_oldest"),
            "hub.emit, full, drop_newest": full("drop_newest"),
        }
    )
    ns["hub.emit, room"] /= CHUNK
    put, handler = ns["SimpleQueue.put of a float"], ns["QueueHandler"]
    table(
        "one event into a queue (goal: at most 3 times SimpleQueue.put)",
        ["through", "ns", "of SimpleQueue.put", "QueueHandler takes"],
        [[name, f"{t:,.0f}", f"{t / put:.2f}x", f"{handler / t:.1f}x"] for name, t in ns.items()],
    )
    jobs = {
        "hub": delivered_by_hub,
        "SimpleQueue and a thread": delivered_by_simple_queue,
        "QueueHandler and QueueListener": delivered_by_queue_listener,
    }
    seconds = dict.fromkeys(jobs, float("inf"))
    for _ in range(5):
        for name, job in jobs.items():
            seconds[name] = min(seconds[name], job())
    hub = seconds["hub"]
    table(
        f"{EVENTS:,} events from emission to callback",
        ["through", "us an event", "the hub takes"],
        [[name, f"{1e6 * t / EVENTS:.2f}", f"{hub / t:.2f}x"] for name, t in seconds.items()],
    )
    least = tails()
    table(
        "p99.9 of emit beside a queued observer (goal: within 3 times the quiet one)",
        ["observer", "us", "of the quiet one"],
        [[name, f"{t / 1000:.2f}", f"{t / least['quiet']:.2f}x"] for name, t in least.items()],
    )
    for held in Held.every:
        held.released.set()


if __name__ == "__main__":
    main()
