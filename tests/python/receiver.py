"""A server on loopback that takes POST requests, for sinks."""

import contextlib
import http.server
import queue
import threading

PATIENCE_S = 60


class Receiver(http.server.ThreadingHTTPServer):
    """Answers POST requests with these statuses, the last again and again."""

    daemon_threads = True

    def __init__(self, *statuses, body=b"", headers=()):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = queue.SimpleQueue()
        self.statuses, self.body, self.headers = list(statuses or [200]), body, headers
        self.url = f"http://127.0.0.1:{self.server_port}"

    def next(self):
        """The next request: path, headers, body."""
        return self.requests.get(timeout=PATIENCE_S)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.put((self.path, headers, body))
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        for name, value in self.server.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def receiver(*statuses, **options):
    with Receiver(*statuses, **options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
