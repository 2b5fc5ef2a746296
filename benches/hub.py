"""The hub with 0, 1, 8 and 64 Python callbacks, beside a plain list loop,
psygnal, blinker and an empty call into Rust."""

import blinker
import driftline_floor
import psygnal
from measure import best, table

import driftline as dl

GOALS = {
    0: "floor 1.50",
    1: "psygnal 1.7x",
    8: "plain 1.00 (3.12+: 1.50), psygnal 3x",
    64: "plain 1.00 (3.12+: 1.25), psygnal 3x",
}


def callbacks(n):
    def make():
        def callback(event):
            pass

        return callback

    return [make() for _ in range(n)]


def plain(called, event):
    def run(n):
        for _ in range(n):
            for callback in called:
                callback(event)

    return run


def driftline(called):
    hub = dl.Hub()
    for callback in called:
        hub.register(callback)

    def run(n):
        emit = hub.emit
        for _ in range(n):
            emit("accuracy", 0.91)

    return run


def floor():
    """A method with the signature of ``Hub.emit`` that does nothing."""
    emits = driftline_floor.Floor()

    def run(n):
        emit = emits.emit
        for _ in range(n):
            emit("accuracy", 0.91)

    return run


def psygnal_fast(called, event):
    signal = psygnal.SignalInstance((object,))
    for callback in called:
        signal.connect(callback, check_nargs=False)

    def run(n):
        emit = signal.emit_fast
        for _ in range(n):
            emit(event)

    return run


def psygnal_emit(called, event):
    signal = psygnal.SignalInstance((object,))
    for callback in called:
        signal.connect(callback, check_nargs=False)

    def run(n):
        emit = signal.emit
        for _ in range(n):
            emit(event)

    return run


def blinker_send(called, event):
    signal = blinker.Signal()
    for callback in called:
        signal.connect(callback, weak=False)

    def run(n):
        send = signal.send
        for _ in range(n):
            send(event)

    return run


def main():
    event = dl.Event("accuracy", 0.91)
    rows = []
    for k in (0, 1, 8, 64):
        called = callbacks(k)
        ns = best(
            {
                "driftline": driftline(called),
                "plain": plain(called, event),
                "fast": psygnal_fast(called, event),
                "emit": psygnal_emit(called, event),
                "blinker": blinker_send(called, event),
                "floor": floor(),
            }
        )
        ours = ns["driftline"]
        rows.append(
            [
                str(k),
                f"{ours:,.0f}",
                f"{ours / ns['floor']:.2f}",
                f"{ours / ns['plain']:.2f}" if k else "-",
                f"{ns['fast'] / ours:.1f}x",
                f"{ns['emit'] / ours:.1f}x",
                f"{ns['blinker'] / ours:.1f}x",
                GOALS[k],
            ]
        )
    table(
        "emit, n Python callbacks (driftline with isolation, counters and report)",
        [
            "n",
            "ns",
            "of the floor",
            "of a plain loop",
            "psygnal emit_fast",
            "psygnal emit",
            "blinker",
            "goal",
        ],
        rows,
    )


if __name__ == "__main__":
    main()
