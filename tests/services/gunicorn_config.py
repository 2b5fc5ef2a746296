"""Two workers that share what the master has loaded."""

import os

workers = 2
preload_app = True
bind = "127.0.0.1:0"
graceful_timeout = 20


def worker_exit(_server, _worker):
    """Each worker tells what came of its hub."""
    import wsgi_app

    wsgi_app.report(os.environ["REPORTS"])
