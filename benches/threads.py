"""Two threads that emit on one hub at once, on a free-threaded interpreter.

FREE_THREADED_PYTHON names an interpreter with driftline installed (``make
bench`` sees to that); without it, and where the GIL is on, this says so and
measures nothing.
"""

import os
import random
import subprocess
import sys
import threading
import time

EMISSIONS = 200_000
ROUNDS = 15


def callback(event):
    pass


def plain(called, event):
    def run(n):
        for _ in range(n):
            for observer in called:
                observer(event)

    return run


def emitting(hub):
    def run(n):
        for _ in range(n):
            hub.emit("observation", 0.91)

    return run


def seconds(run, threads):
    """From the first start to the last end of `threads` threads that each do
    EMISSIONS, and the most processor time that one of them took; by their own
    clocks, as who waits for them may wake late."""
    together = threading.Barrier(threads)
    times = []

    def work():
        together.wait()
        begin, used = time.perf_counter(), time.thread_time()
        run(EMISSIONS)
        times.append((begin, time.perf_counter(), time.thread_time() - used))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    begins, ends, used = zip(*times, strict=True)
    return max(ends) - min(begins), max(used)


def counting(n):
    for _ in range(n * 4):
        pass


def contenders():
    import driftline as dl

    nobody, python = dl.Hub(), dl.Hub()
    python.register(callback)
    yield "nobody", emitting(nobody), "1.8x"
    if hasattr(dl, "DriftDetector"):
        native = dl.Hub()
        baseline = [random.Random(i).random() for i in range(1_000)]
        native.register(dl.DriftDetector(baseline, window_size=100, threshold=10.0))
        yield "a native DriftDetector", emitting(native), "1.8x"
    yield "a Python callback", emitting(python), "1.2x"
    yield "a plain loop over one callback", plain([callback], dl.Event("observation", 0.91)), ""
    yield "nothing shared: counting", counting, ""


def measure():
    from measure import table

    # Earlier threads make CPython switch reference counts to their shared form.
    seconds(lambda n: None, 2)
    found = {name: (run, goal, [], []) for name, run, goal in contenders()}
    for _ in range(ROUNDS):
        for run, _, one, two in found.values():
            one.append(seconds(run, 1))
            two.append(seconds(run, 2))
    rows = []
    for name, (_, goal, one, two) in found.items():
        row = [name]
        for alone, together in zip(zip(*one, strict=True), zip(*two, strict=True), strict=True):
            row.append(f"{min(alone) / EMISSIONS * 1e9:,.0f}")
            row.append(f"{min(together) / EMISSIONS * 1e9:,.0f}")
            row.append(f"{2 * min(alone) / min(together):.2f}x")
        rows.append([*row, goal])
    table(
        "two threads emitting at once, free-threaded (ns each; where other work has the "
        "second processor, only processor time tells)",
        ["listening", "one", "two", "by the clock", "one", "two", "by processor time", "goal"],
        rows,
    )


def main():
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        measure()
        return
    interpreter = os.environ.get("FREE_THREADED_PYTHON")
    if not interpreter:
        print("\ntwo threads emitting at once: skipped; FREE_THREADED_PYTHON names no interpreter")
        return
    subprocess.run([interpreter, __file__], check=True)


if __name__ == "__main__":
    main()
