"""Two hundred alerts to servers that misbehave: each is delivered once, or lost and
counted, and told twice only where the answer was lost."""

import collections
import contextlib
import http.server
import json
import threading

import pytest

import driftline as dl

SINKS, MODELS = 50, 4
ALERTS = SINKS * MODELS
PATIENCE_S = 60


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, behaviour):
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour, self.over = behaviour, threading.Event()
        self.lock = threading.Lock()
        # By delivery: how often it was heard, the bodies, and how often it was taken
        # and the taking told.
        self.heard, self.taken = collections.Counter(), collections.Counter()
        self.bodies = collections.defaultdict(set)
        self.elsewhere = 0

    def handle_error(self, *_):
        pass  # the client is gone


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        delivery = self.headers["Driftline-Delivery"]
        server = self.server
        with server.lock:
            server.elsewhere += self.path != "/"
            server.bodies[delivery].add(body)
            server.heard[delivery] += 1
            attempt = server.heard[delivery]
        server.behaviour(self, attempt)

    def do_GET(self):
        with self.server.lock:
            self.server.elsewhere += 1

    def answer(self, status, *headers, length=0):
        with self.server.lock:
            self.server.taken[self.headers["Driftline-Delivery"]] += status == 200
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_):
        pass


def hangs(handler, attempt):
    handler.server.over.wait()


def drips(handler, attempt):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b"x")


def fails_first(handler, attempt):
    handler.answer(500 if attempt == 1 else 200)


def is_busy_first(handler, attempt):
    if attempt == 1:
        handler.answer(429, ("Retry-After", "1"))
    else:
        handler.answer(200)


def redirects(handler, attempt):
    handler.answer(307, ("Location", "/elsewhere"))


def closes_in_mid_body(handler, attempt):
    handler.answer(200, length=1000)
    handler.wfile.write(b"half")


def hangs_up_first(handler, attempt):
    if attempt > 1:
        handler.answer(200)


@contextlib.contextmanager
def serving(behaviour):
    with Server(behaviour) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def send(url, timeout_s):
    """The dispatcher once all is delivered or lost."""
    with dl.Hub() as hub:
        sinks = [
            dl.WebhookSink(url, timeout_s=timeout_s, connect_timeout_s=PATIENCE_S)
            for _ in range(SINKS)
        ]
        alerts = dl.AlertDispatcher(sinks, retries=1)
        hub.register(alerts)
        for model in range(MODELS):
            hub.emit("drift_detected", 0.3, model=f"m{model}")
        assert hub.flush(PATIENCE_S)
        assert alerts.queued == 0
        assert alerts.offered == ALERTS
        return alerts


# What is lost by reason, how often each is heard, and how often taken.
@pytest.mark.parametrize(
    ("behaviour", "timeout_s", "lost", "heard", "taken"),
    [
        (hangs, 0.2, {"timeout": ALERTS}, 2, 0),
        (drips, 0.2, {"timeout": ALERTS}, 2, 0),
        (fails_first, PATIENCE_S, {}, 2, 1),
        (is_busy_first, PATIENCE_S, {}, 2, 1),
        (redirects, PATIENCE_S, {"redirected": ALERTS}, 1, 0),
        (closes_in_mid_body, PATIENCE_S, {}, 1, 1),
        (hangs_up_first, PATIENCE_S, {}, 2, 1),
    ],
)
def test_offered_is_delivered_and_lost(behaviour, timeout_s, lost, heard, taken):
    with serving(behaviour) as server:
        alerts = send(f"http://127.0.0.1:{server.server_port}/", timeout_s)
    assert alerts.lost == lost
    assert alerts.delivered == ALERTS - sum(lost.values())
    if timeout_s == PATIENCE_S:
        assert len(server.heard) == ALERTS
        assert set(server.heard.values()) == {heard}
    else:  # a hasty client may have gone before it was heard
        assert len(server.heard) <= ALERTS
        assert max(server.heard.values()) <= heard
    assert {server.taken[delivery] for delivery in server.heard} == {taken}
    assert server.elsewhere == 0
    for delivery, bodies in server.bodies.items():
        (body,) = bodies  # the same on every attempt
        assert json.loads(body)["delivery_id"] == delivery


def test_a_server_that_is_not_there():
    with Server(hangs) as server:
        url = f"http://127.0.0.1:{server.server_port}/"
    alerts = send(url, PATIENCE_S)
    assert (alerts.delivered, alerts.lost) == (0, {"connection": ALERTS})
