"""Headless Chromium, steered over a pipe with the standard library alone."""

import base64
import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import time

PATIENCE_S = 60
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]


def find():
    """The program, or None."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    return next(filter(None, map(shutil.which, filter(None, names))), None)


class Browser:
    """One process with a profile of its own; pages are made with :meth:`page`."""

    def __init__(self, program, profile):
        to_child, self._to = os.pipe()
        self._from, from_child = os.pipe()
        flags = [*FLAGS, f"--user-data-dir={profile}", "about:blank"]
        # The protocol is spoken on descriptors 3 and 4.
        shell = f'exec "$0" "$@" 3<&{to_child} 4>&{from_child}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, program, *flags],
            pass_fds=(to_child, from_child),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_child)
        os.close(from_child)
        self._numbers = itertools.count(1)
        self._rest = b""
        #: What has happened, in order: messages that answer nothing.
        self.events = []

    def close(self):
        with contextlib.suppress(Exception):
            self.call("Browser.close")
        os.close(self._to)
        os.close(self._from)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def call(self, method, session=None, **parameters):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._send(json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)
        raise TimeoutError(method)

    def wait(self, method, session):
        """Until something has happened on a page; what came before counts, too."""
        if any(e.get("method") == method and e.get("sessionId") == session for e in self.events):
            return
        for message in self._messages():
            self.events.append(message)
            if message.get("method") == method and message.get("sessionId") == session:
                return
        raise TimeoutError(method)

    def _send(self, data):
        while data:
            data = data[os.write(self._to, data) :]

    def _messages(self):
        until = time.monotonic() + PATIENCE_S
        while True:
            while b"\0" not in self._rest:
                left = until - time.monotonic()
                if left <= 0 or not select.select([self._from], [], [], left)[0]:
                    return
                chunk = os.read(self._from, 1 << 20)
                if not chunk:
                    raise RuntimeError("the browser has ended")
                self._rest += chunk
            message, _, self._rest = self._rest.partition(b"\0")
            yield json.loads(message)

    def page(self, url, *, width, height=2400, dark=False, script=True):
        return Page(self, url, width, height, dark, script)


class Page:
    """A page of a given width, light or dark, with or without script."""

    def __init__(self, browser, url, width, height, dark, script):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        if not script:
            self.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.events.clear()
        self.call("Page.navigate", url=url)
        browser.wait("Page.loadEventFired", self.session)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.call("Target.closeTarget", targetId=self.target)

    def run(self, script):
        """The value of an expression; a promise is waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def press(self, key):
        codes = {"Tab": 9, "Enter": 13, "ArrowRight": 39}
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key,
                windowsVirtualKeyCode=codes[key], **(text if kind == "keyDown" else {}),
            )  # fmt: skip

    def click(self, box):
        """In the middle of a rectangle as ``getBoundingClientRect`` gives it, as JSON."""
        box = json.loads(box)
        where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **where)

    def screenshot(self, path, *, full=False, clip=None):
        options = {"captureBeyondViewport": full or clip is not None}
        if clip:
            options["clip"] = dict(zip(("x", "y", "width", "height"), clip, strict=True), scale=1)
        elif full:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            options["clip"] = {**size, "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", **options)["data"]
        path.write_bytes(base64.b64decode(data))

    def complaints(self):
        """Errors, warnings and exceptions that the page has caused."""
        self.run("1")
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        return [e["params"] for e in self.browser.events if e.get("method") in kinds]

    def requests(self):
        """What was asked for, other than the page itself."""
        self.run("1")
        urls = [
            event["params"]["request"]["url"]
            for event in self.browser.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        return urls[1:]
