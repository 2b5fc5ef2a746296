"""Sinks: what they are made of, what they send, and that secrets show nowhere."""

import contextlib
import copy
import hashlib
import hmac
import json
import logging
import os
import pickle
import queue
import subprocess
import sys

import pytest
from receiver import PATIENCE_S, receiver

import driftline as dl

# Longer than anything that is shown in part.
CANARY = "c4n4ry5ecret"

# Apprise's own, on Python 3.11 and 3.12.
OLD_MODULE = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def patient(sink, *arguments, **options):
    return sink(*arguments, timeout_s=PATIENCE_S, connect_timeout_s=PATIENCE_S, **options)


def dispatch(sink, **options):
    """A hub with a dispatcher of this sink, and the dispatcher."""
    hub = dl.Hub()
    alerts = dl.AlertDispatcher(sink, group_wait_s=0.0, **options)
    hub.register(alerts)
    return hub, alerts


def drift(hub, kind="drift_detected"):
    hub.emit(kind, 0.31, model="fraud:1.2.0", feature="age", p_value=0.004)


def secret_sinks(url):
    """Every sink that has a secret, each of them with the canary."""
    return [
        patient(dl.WebhookSink, f"{url}/{CANARY}", secret=CANARY, headers={"X-Key": CANARY}),
        patient(
            dl.WebhookSink, f"{url}/?token={CANARY}", headers={"Authorization": f"Bearer {CANARY}"}
        ),
        patient(dl.SlackSink, f"{url}/services/T0/B0/{CANARY}"),
        patient(dl.PagerDutySink, CANARY, url=f"{url}/v2/enqueue"),
        patient(dl.AlertmanagerSink, f"{url}/{CANARY}", headers={"X-Key": CANARY}),
    ]


# --- what is sent ----------------------------------------------------------------


def test_a_webhook_is_signed_as_documented():
    with receiver() as server:
        hub, alerts = dispatch(patient(dl.WebhookSink, server.url, secret="s3cret"))
        drift(hub)
        assert hub.flush(PATIENCE_S)
        _, headers, body = server.next()
    document = json.loads(body)
    assert (document["version"], document["action"], document["feature"]) == (1, "open", "age")
    assert (document["value"], document["p_value"]) == (0.31, 0.004)
    assert headers["driftline-delivery"] == document["delivery_id"]
    # With the standard library alone.
    signed = f"{headers['driftline-timestamp']}.{headers['driftline-delivery']}.".encode() + body
    expected = "v1=" + hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(expected, headers["driftline-signature"])
    assert dl.verify_signature("s3cret", headers, body)
    assert alerts.delivered == 1


def test_a_retry_is_the_same_delivery_signed_anew():
    with receiver(500, 503, 200) as server:
        hub, alerts = dispatch(patient(dl.WebhookSink, server.url, secret="s3cret"))
        drift(hub)
        assert hub.flush(PATIENCE_S)
        requests = [server.next() for _ in range(3)]
    assert len({body for _, _, body in requests}) == 1
    assert len({headers["driftline-delivery"] for _, headers, _ in requests}) == 1
    assert all(dl.verify_signature("s3cret", headers, body) for _, headers, body in requests)
    assert (alerts.offered, alerts.delivered, alerts.lost) == (1, 1, {})
    assert alerts.sinks[0].retries == 2


@pytest.mark.parametrize(
    ("status", "reason"),
    [(400, "refused"), (404, "refused"), (302, "redirected"), (308, "redirected")],
)
def test_what_is_refused_or_sent_elsewhere_is_lost_at_once(status, reason):
    with receiver(status, headers=[("Location", "http://127.0.0.1:9/")]) as server:
        hub, alerts = dispatch(patient(dl.SlackSink, server.url))
        drift(hub)
        assert hub.flush(PATIENCE_S)
        server.next()
        assert server.requests.empty()
    assert (alerts.offered, alerts.delivered, alerts.lost) == (1, 0, {reason: 1})


def test_slack_pager_duty_and_alertmanager_hear_of_a_drift():
    with receiver(202) as server:
        sinks = [
            patient(dl.SlackSink, f"{server.url}/slack"),
            patient(dl.PagerDutySink, "key", url=f"{server.url}/pagerduty"),
            patient(dl.AlertmanagerSink, server.url, labels={"team": "risk"}),
        ]
        hub, alerts = dispatch(sinks)
        drift(hub)
        assert hub.flush(PATIENCE_S)
        bodies = {}
        for _ in sinks:
            path, _, body = server.next()
            bodies[path] = json.loads(body)
        drift(hub, "drift_resolved")
        assert hub.flush(PATIENCE_S)
        resolved = {}
        for _ in sinks:
            path, _, body = server.next()
            resolved[path] = json.loads(body)
    summary = bodies["/pagerduty"]["payload"]["summary"]
    assert summary.startswith("drift detected in fraud:1.2.0, feature age: 0.31, p = 0.004")
    assert bodies["/slack"]["text"] == summary
    assert bodies["/pagerduty"]["event_action"] == "trigger"
    (alert,) = bodies["/api/v2/alerts"]
    assert alert["annotations"]["summary"] == summary
    assert alert["labels"] == {
        "alertname": "drift_detected",
        "feature": "age",
        "model": "fraud",
        "model_version": "1.2.0",
        "severity": "error",
        "team": "risk",
    }
    assert resolved["/pagerduty"]["event_action"] == "resolve"
    assert resolved["/pagerduty"]["dedup_key"] == bodies["/pagerduty"]["dedup_key"]
    assert resolved["/slack"]["text"].startswith("resolved: drift detected in fraud:1.2.0")
    assert resolved["/api/v2/alerts"][0]["labels"] == alert["labels"]
    assert alerts.delivered == 6


@pytest.mark.thread_unsafe(reason="caplog")
def test_the_log_is_a_sink(caplog):
    caplog.set_level(logging.INFO, "driftline.alerts")
    hub, alerts = dispatch(dl.LogSink())
    drift(hub)
    assert hub.flush(PATIENCE_S)
    (record,) = [r for r in caplog.records if r.name == "driftline.alerts"]
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith("drift detected in fraud:1.2.0, feature age")
    drift(hub, "drift_resolved")
    assert hub.flush(PATIENCE_S)
    assert caplog.records[-1].levelno == logging.INFO
    assert caplog.records[-1].getMessage().startswith("resolved: drift detected")
    assert alerts.delivered == 2


@OLD_MODULE
def test_apprise_notifies():
    pytest.importorskip("apprise")
    from driftline.integrations import AppriseSink

    with receiver(500, 200) as server:
        sink = AppriseSink(f"json://127.0.0.1:{server.server_port}/{CANARY}", name="ops")
        hub, alerts = dispatch(sink)
        drift(hub)
        assert hub.flush(PATIENCE_S)
        requests = [server.next(), server.next()]
    path, _, body = requests[1]
    document = json.loads(body)
    assert path.startswith(f"/{CANARY}")
    assert document["title"] == "Open: drift_detected of fraud:1.2.0"
    assert document["message"].startswith("drift detected in fraud:1.2.0, feature age: 0.31")
    assert document["type"] == "failure"
    assert (alerts.delivered, alerts.sinks[0].name) == (1, "ops")
    assert repr(sink) == "AppriseSink(urls=('***',))"
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(sink)


@OLD_MODULE
def test_apprise_refuses_what_it_does_not_understand():
    pytest.importorskip("apprise")
    from driftline.integrations import AppriseSink

    for urls in (f"nonsense://{CANARY}", [], ["json://localhost", f"no url {CANARY}"]):
        with pytest.raises(dl.InvalidValueError, match=r"^urls: ") as caught:
            AppriseSink(urls)
        assert CANARY not in str(caught.value)
    for urls in (None, 7, CANARY.encode(), [CANARY.encode()]):
        with pytest.raises(dl.InvalidTypeError, match=r"^urls: ") as caught:
            AppriseSink(urls)
        assert CANARY not in str(caught.value)


FORKS = """
import os, sys
import driftline as dl

hub = dl.Hub()
hub.register(dl.AlertDispatcher(dl.AlertmanagerSink(sys.argv[1], resend_s=1), group_wait_s=0))
hub.emit("drift_detected", 0.3, feature="parents")
assert hub.flush(60)
pid = os.fork()
if pid == 0:
    hub.emit("drift_detected", 0.3, feature="childs")
    assert hub.flush(60)
    sys.stdin.read()
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_child_tells_again_what_is_its_own():
    told = []
    with receiver() as server:
        command = [sys.executable, "-c", FORKS, server.url]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            # The child's alert, and twice again.
            while sum("childs" in features for features in told) < 3:
                _, _, body = server.next()
                told.append([alert["labels"]["feature"] for alert in json.loads(body)])
            process.stdin.close()
            assert process.wait(PATIENCE_S) == 0
    assert all(features in (["parents"], ["childs"]) for features in told)


# --- what sinks are made of ------------------------------------------------------


def test_what_a_sink_was_made_with_can_be_read():
    sink = dl.WebhookSink("https://example.org/x", timeout_s=7, connect_timeout_s=0.5, name="ops")
    assert (sink.name, sink.url, sink.signed) == ("ops", "https://example.org/***", False)
    assert (sink.timeout_s, sink.connect_timeout_s, sink.ca_file) == (7.0, 0.5, None)
    assert repr(sink) == "WebhookSink(url='https://example.org/***')"
    sink = dl.PagerDutySink("key")
    assert (sink.name, sink.url) == ("pagerduty", "https://events.pagerduty.com/***")
    sink = dl.AlertmanagerSink("http://localhost:9093/am", labels={"b": "x", "a": "y"}, resend_s=9)
    assert (sink.name, sink.url) == ("alertmanager", "http://localhost:9093/***")
    assert (sink.labels, sink.resend_s) == ({"a": "y", "b": "x"}, 9.0)
    assert dl.SlackSink("https://hooks.slack.com/services/x").name == "slack"
    assert dl.LogSink().name == "log"
    assert dl.LogSink(name="a").name == "a"
    for sink in (dl.LogSink(), dl.SlackSink("http://localhost")):
        assert isinstance(sink, dl.NativeSink)
    with pytest.raises(TypeError):
        dl.NativeSink()


@pytest.mark.parametrize("make", [dl.WebhookSink, dl.SlackSink, dl.AlertmanagerSink])
def test_urls_are_checked(make):
    for url in (CANARY, f"ftp://h/{CANARY}", f"http://u:{CANARY}@h/", f"http://h:0x1/{CANARY}", ""):
        with pytest.raises(dl.InvalidValueError, match=r"^url: got ") as caught:
            make(url)
        assert CANARY not in str(caught.value)
    for url in (None, 7, f"http://h/{CANARY}".encode(), f"http://h/{CANARY}\ud800"):
        with pytest.raises(dl.InvalidTypeError, match=r"^url: got ") as caught:
            make(url)
        assert CANARY not in str(caught.value)
    for name in ("timeout_s", "connect_timeout_s"):
        for value in (0, -1, float("nan"), float("inf"), 3601):
            with pytest.raises(dl.InvalidValueError, match=rf"^{name}: got "):
                make("http://h", **{name: value})
        with pytest.raises(dl.InvalidTypeError, match=rf"^{name}: got "):
            make("http://h", **{name: "5"})
    with pytest.raises(dl.InvalidValueError, match=r"^ca_file: got .*nowhere"):
        make("http://h", ca_file="/nowhere/ca.pem")
    with pytest.raises(dl.InvalidTypeError, match=r"^ca_file: got "):
        make("http://h", ca_file=7)
    with pytest.raises(dl.InvalidValueError, match=r"^name: got "):
        make("http://h", name="")


def test_other_arguments_are_checked():
    for secret in (7, CANARY.encode(), [CANARY]):
        with pytest.raises(dl.InvalidTypeError, match=r"^secret: got an object") as caught:
            dl.WebhookSink("http://h", secret=secret)
        assert CANARY not in str(caught.value)
        with pytest.raises(dl.InvalidTypeError, match=r"^routing_key: got an object") as caught:
            dl.PagerDutySink(secret)
        assert CANARY not in str(caught.value)
    for secret in ("", f"{CANARY}\ud800"):
        with pytest.raises(dl.InvalidValueError, match=r"^secret: ") as caught:
            dl.WebhookSink("http://h", secret=secret)
        assert CANARY not in str(caught.value)
    for headers in ({"Host": CANARY}, {"a b": CANARY}, {"X": f"{CANARY}\n"}):
        with pytest.raises(dl.InvalidValueError, match=r"^headers: ") as caught:
            dl.AlertmanagerSink("http://h", headers=headers)
        assert CANARY not in str(caught.value)
    for headers in (CANARY, 7, [("X", CANARY)], {"X": CANARY.encode()}, {7: CANARY}):
        with pytest.raises(dl.InvalidTypeError, match=r"^headers: ") as caught:
            dl.WebhookSink("http://h", headers=headers)
        assert CANARY not in str(caught.value)
    for labels in ({"severity": "x"}, {"1": "x"}, {"a": ""}):
        with pytest.raises(dl.InvalidValueError, match=r"^labels: "):
            dl.AlertmanagerSink("http://h", labels=labels)
    with pytest.raises(dl.InvalidValueError, match=r"^resend_s: got "):
        dl.AlertmanagerSink("http://h", resend_s=0.5)


# --- secrets ---------------------------------------------------------------------


def texts_of(thing):
    """Whatever Python shows of an object."""
    yield from (repr(thing), str(thing), format(thing))
    with contextlib.suppress(TypeError):
        yield repr(vars(thing))
    for name in dir(thing):
        yield repr(getattr(thing, name))


def test_sinks_cannot_be_pickled_or_copied():
    for sink in [*secret_sinks("http://localhost"), dl.LogSink()]:
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(
                TypeError, match=rf"^{type(sink).__name__} cannot be pickled"
            ) as caught:
                copied(sink)
            assert CANARY not in str(caught.value)


class Everything(logging.Handler):
    """Keeps every record of every logger, formatted."""

    def __init__(self):
        super().__init__(level=1)
        self.lines = queue.SimpleQueue()

    def emit(self, record):
        self.lines.put(self.format(record))


@pytest.mark.thread_unsafe(reason="the level of the root logger")
@pytest.mark.parametrize("status", [200, 302, 400, 500])
def test_a_secret_is_in_its_request_and_nowhere_else(status):
    root, handler = logging.getLogger(), Everything()
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    try:
        # A server that tells everything back that it might have heard.
        echo = json.dumps({"errors": [CANARY, f"Bearer {CANARY}", f"/services/T0/B0/{CANARY}"]})
        with receiver(status, body=echo.encode(), headers=[("Location", f"/{CANARY}")]) as server:
            sinks = secret_sinks(server.url)
            hub, alerts = dispatch(sinks, retries=0)
            drift(hub)
            assert hub.flush(PATIENCE_S)
            sent = [server.next() for _ in sinks]
            shown = [text for thing in [*sinks, alerts, hub] for text in texts_of(thing)]
            shown += [repr(stats) for stats in alerts.sinks]
            hub.shutdown()
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    assert all(CANARY in repr(request) for request in sent)
    while not handler.lines.empty():
        shown.append(handler.lines.get())
    # What was lost was logged, so that something was looked at.
    assert (alerts.delivered > 0) or any("answered" in text for text in shown)
    assert [text for text in shown if CANARY in text] == []
    if status == 500:
        assert alerts.lost == {"server_error": len(sinks)}
