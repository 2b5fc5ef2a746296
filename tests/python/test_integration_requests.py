"""Requests over ASGI and WSGI: what the middlewares tell, and that they change nothing."""

import asyncio
import io
import json
import sys
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest

import driftline as dl
from driftline.integrations import asgi, wsgi

START = {"type": "http.response.start", "status": 200, "headers": []}


class Monitor:
    """Keeps what it is told of."""

    def __init__(self):
        self.rows = []

    def observe(self, row, *, id=None, timestamp=None):
        if "bad" in row:
            raise dl.InvalidValueError("row: has no age")
        self.rows.append((row, id))


def heard_by(hub):
    events = []
    hub.register(events.append)
    return events


def told(event):
    return event.kind, dict(event.metadata)


# ---------------------------------------------------------------- ASGI


def scope_of(path="/predict", method="POST", headers=(), **more):
    return {"type": "http", "path": path, "method": method, "headers": list(headers), **more}


def ask(app, scope, *, parts=(b"",), disconnects=False):
    """What the application has sent, in answer to a request of these parts."""
    sent, messages = (
        [],
        [
            {"type": "http.request", "body": part, "more_body": part is not parts[-1]}
            for part in parts
        ],
    )

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        if disconnects:
            raise OSError("the client is gone")
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def answering(status=200, *, reads=True, parts=(b"ok",)):
    async def app(scope, receive, send):
        while reads and (await receive()).get("more_body"):
            pass
        await send({**START, "status": status})
        for part in parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": parts[-1]})

    return app


def route(scope):
    return scope.get("route") or scope.get("PATH_INFO") or None


def test_asgi_tells_of_latency_route_method_and_status():
    hub = dl.Hub()
    events = heard_by(hub)
    app = asgi.DriftlineMiddleware(answering(404), hub, model="fraud:1", id_header="X-Request-ID")
    sent = ask(app, scope_of(headers=[(b"x-request-id", b"r1")]))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    [event] = events
    assert told(event) == (
        "inference_completed",
        {"route": "unmatched", "method": "POST", "status": 404},
    )
    assert event.value >= 0.0
    assert (str(event.model), event.id) == ("fraud:1", "r1")
    assert app.failures == {}


def test_asgi_waits_for_the_last_part():
    hub = dl.Hub()
    events = heard_by(hub)
    seen = []

    async def app(scope, receive, send):
        await send(START)
        for part in (b"1", b"2"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
            seen.append(len(events))
        await send({"type": "http.response.body"})
        seen.append(len(events))
        raise RuntimeError("in the background, after the answer")

    with pytest.raises(RuntimeError, match="in the background"):
        ask(asgi.DriftlineMiddleware(app, hub), scope_of())
    assert seen == [0, 0, 1]
    assert [event.kind for event in events] == ["inference_completed"]


def test_asgi_failures_pass_and_are_told():
    hub = dl.Hub()
    events = heard_by(hub)

    async def raising(scope, receive, send):
        raise LookupError("no such flight")

    async def silent(scope, receive, send):
        await send(START)

    with pytest.raises(LookupError, match="no such flight"):
        ask(asgi.DriftlineMiddleware(raising, hub), scope_of())
    ask(asgi.DriftlineMiddleware(answering(503), hub), scope_of())
    ask(asgi.DriftlineMiddleware(silent, hub), scope_of())
    assert {event.kind for event in events} == {"inference_failed"}
    messages = [event.metadata["message"] for event in events]
    assert messages[:2] == ["LookupError: no such flight", "status 503"]
    assert "without a complete answer" in messages[2]
    assert [event.metadata["status"] for event in events] == [None, 503, 200]
    assert all(event.metadata["latency_ms"] >= 0.0 for event in events)


def test_asgi_a_client_that_goes_away_is_no_failure():
    hub = dl.Hub()
    events = heard_by(hub)

    async def until_gone(scope, receive, send):
        await send(START)
        while (await receive())["type"] != "http.disconnect":
            pass

    async def cancelled(scope, receive, send):
        raise asyncio.CancelledError

    ask(asgi.DriftlineMiddleware(until_gone, hub), scope_of())
    with pytest.raises(OSError, match="is gone"):
        ask(asgi.DriftlineMiddleware(answering(), hub), scope_of(), disconnects=True)
    with pytest.raises(asyncio.CancelledError):
        ask(asgi.DriftlineMiddleware(cancelled, hub), scope_of())
    assert [event.kind for event in events] == ["inference_cancelled"] * 3
    assert {event.severity for event in events} == {dl.Severity.INFO}


def test_an_error_without_words_passes_as_well():
    class Wordless(Exception):
        def __str__(self):
            raise LookupError("no words")

    async def app(scope, receive, send):
        raise Wordless

    hub = dl.Hub()
    events = heard_by(hub)
    with pytest.raises(Wordless):
        ask(asgi.DriftlineMiddleware(app, hub), scope_of())
    assert events[0].metadata["message"] == "Wordless"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_asgi_interrupts_pass_untold(kind):
    hub = dl.Hub()
    events = heard_by(hub)

    async def app(scope, receive, send):
        raise kind

    async def call():
        with pytest.raises(kind):
            await asgi.DriftlineMiddleware(app, hub)(scope_of(), None, None)

    asyncio.run(call())
    assert events == []


def test_asgi_leaves_websockets_and_lifespan_alone():
    hub = dl.Hub()
    events = heard_by(hub)
    calls = []

    async def app(*arguments):
        calls.append(arguments)

    middleware = asgi.DriftlineMiddleware(app, hub)
    for kind in ("websocket", "lifespan"):
        scope = {"type": kind}
        asyncio.run(middleware(scope, "receive", "send"))
        assert calls[-1] == (scope, "receive", "send")
    assert events == []


def test_asgi_filters_by_route_and_path():
    hub = dl.Hub()
    events = heard_by(hub)
    app = asgi.DriftlineMiddleware(
        answering(),
        hub,
        route=route,
        routes=["/flights/{id}", "/v1/*"],
        exclude=["/metrics", "/v1/internal/*"],
    )
    for path, template in [
        ("/metrics", "/metrics"),
        ("/flights/3", "/flights/{id}"),
        ("/other", "/other"),
        ("/v1/internal/x", None),
        ("/v1/x", None),
    ]:
        ask(app, scope_of(path, route=template))
    assert [event.metadata["route"] for event in events] == ["/flights/{id}", "unmatched"]


JSON = (b"content-type", b"application/json; charset=utf-8")


def test_asgi_shows_the_monitor_what_was_predicted_from():
    monitor = Monitor()
    app = asgi.DriftlineMiddleware(
        answering(),
        monitor=monitor,
        features=lambda body: body.get("features"),
        id_header="x-request-id",
        max_body_bytes=60,
    )
    body = json.dumps({"features": {"age": 41}}).encode()
    identified = scope_of(headers=[JSON, (b"x-request-id", b"r1")])
    ask(app, identified, parts=(body[:5], body[5:]))
    ask(app, scope_of(headers=[JSON]), parts=(body,))
    assert monitor.rows == [({"age": 41}, "r1"), ({"age": 41}, None)]
    # Not JSON, a GET, no row, or the application has not read it.
    ask(app, scope_of(headers=[(b"content-type", b"text/plain")]), parts=(body,))
    ask(app, scope_of(method="GET", headers=[JSON]), parts=(body,))
    ask(app, scope_of(headers=[JSON]), parts=(b"{}",))
    app.app = answering(reads=False)
    ask(app, scope_of(headers=[JSON]), parts=(body,))
    # Not predicted from.
    app.app = answering(422)
    ask(app, scope_of(headers=[JSON]), parts=(body,))
    assert len(monitor.rows) == 2
    assert app.failures == {}
    app.app = answering()
    ask(app, scope_of(headers=[JSON]), parts=(b"{" + b" " * 60, b"}"))
    assert app.failures == {"body": 1}


def test_asgi_the_json_is_the_row_by_default():
    monitor = Monitor()
    app = asgi.DriftlineMiddleware(answering(), monitor=monitor)
    ask(app, scope_of(headers=[JSON]), parts=(b'{"age": 41}',))
    assert monitor.rows == [({"age": 41}, None)]


@pytest.mark.thread_unsafe(reason="caplog")
def test_asgi_failures_of_ours_reach_nobody(caplog):
    hub = dl.Hub()
    hub.shutdown()
    app = asgi.DriftlineMiddleware(
        answering(),
        hub,
        model=lambda scope: 1 / 0,
        monitor=Monitor(),
        route=lambda scope: scope["nothing"],
    )
    for body in (b'{"bad": 1}', b"{", b"[" * 100_000):
        sent = ask(app, scope_of(headers=[JSON]), parts=(body,))
        assert len(sent) == 2
    assert app.failures == {"route": 3, "model": 3, "hub": 3, "monitor": 2, "body": 1}
    said = [r.getMessage() for r in caplog.records if r.name == "driftline.integrations"]
    assert len(said) == 5
    assert all("said once until it recovers" in one for one in said)


def test_a_model_may_depend_on_the_request():
    hub = dl.Hub()
    events = heard_by(hub)
    app = asgi.DriftlineMiddleware(
        answering(), hub, model=lambda scope: f"fraud:{scope['path'][1:]}"
    )
    ask(app, scope_of("/7"))
    assert str(events[0].model) == "fraud:7"


@pytest.mark.thread_unsafe(reason="caplog")
def test_a_failure_is_said_again_when_it_comes_back(caplog):
    caplog.set_level("INFO", "driftline.integrations")
    monitor = Monitor()
    app = asgi.DriftlineMiddleware(answering(), monitor=monitor)
    for body in [b'{"bad": 1}', *[b'{"age": 1}'] * 100, b'{"bad": 1}']:
        ask(app, scope_of(headers=[JSON]), parts=(body,))
    said = [r.getMessage() for r in caplog.records if r.name == "driftline.integrations"]
    assert ["has recovered" in one for one in said] == [False, True, False]


@pytest.mark.parametrize("middleware", [asgi.DriftlineMiddleware, wsgi.DriftlineMiddleware])
@pytest.mark.parametrize(
    "options",
    [
        {"hub": 3},
        {"model": 3},
        {"monitor": 3},
        {"features": len},
        {"monitor": Monitor(), "features": 3},
        {"routes": "/predict"},
        {"exclude": [3]},
        {"unmatched": None},
        {"id_header": 3},
        {"max_body_bytes": -1},
    ],
    ids=str,
)
def test_wrong_arguments_are_refused(middleware, options):
    with pytest.raises(dl.DriftlineError, match="accepted"):
        middleware(None, **options)


# ---------------------------------------------------------------- ASGI frameworks


def get(app, *paths):
    """The statuses of GET requests, through the frameworks' own handling."""

    async def run():
        found = []
        for path in paths:
            sent, asked = [], []

            async def receive(asked=asked):
                if asked:
                    await asyncio.Event().wait()  # the client stays
                asked.append(True)
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message, sent=sent):
                sent.append(message)

            scope = scope_of(path, "GET", [(b"host", b"t")], raw_path=path.encode())
            scope |= {"query_string": b"", "root_path": "", "scheme": "http"}
            scope |= {"server": ("t", 80), "client": ("c", 1), "http_version": "1.1"}
            scope |= {"asgi": {"version": "3.0"}, "extensions": {}}
            await app(scope, receive, send)
            found.append(sent[0]["status"])
        return found

    return asyncio.run(run())


def test_routes_of_starlette():
    pytest.importorskip("starlette")
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.responses import PlainTextResponse, StreamingResponse
    from starlette.routing import Mount, Route

    async def flight(request):
        return PlainTextResponse("12")

    async def stream(request):
        async def parts():
            yield b"1"
            yield b"2"

        return StreamingResponse(parts())

    hub = dl.Hub()
    events = heard_by(hub)
    app = Starlette(
        routes=[
            Route("/flights/{id:int}", flight),
            Route("/stream", stream),
            Mount("/air/{line}", routes=[Route("/flights/{id}", flight)]),
            Mount("/raw", app=PlainTextResponse("raw")),
        ],
        middleware=[Middleware(asgi.DriftlineMiddleware, hub=hub, model="delays:1")],
    )
    assert get(app, "/flights/3", "/stream", "/air/AA/flights/7", "/raw/x", "/nothing/8") == [
        *(200, 200, 200, 200, 404)
    ]
    assert [event.metadata["route"] for event in events] == [
        *("/flights/{id:int}", "/stream", "/air/{line}/flights/{id}", "/raw", "unmatched")
    ]


def test_routes_of_fastapi():
    pytest.importorskip("fastapi")
    from fastapi import APIRouter, FastAPI

    hub = dl.Hub()
    events = heard_by(hub)
    app, below, router = FastAPI(), FastAPI(), APIRouter(prefix="/v1")
    app.add_middleware(asgi.DriftlineMiddleware, hub=hub, model="delays:1")

    @app.get("/flights/{id}")
    async def flight(id: int):
        return id

    @router.get("/models/{name}")
    async def model(name):
        raise LookupError(name)

    @below.get("/deep/{name}")
    async def deep(name):
        return name

    app.include_router(router, prefix="/api")
    app.mount("/below", below)
    assert get(app, "/flights/3", "/flights/x", "/below/deep/7", "/nothing") == [200, 422, 200, 404]
    with pytest.raises(LookupError, match="fraud"):
        get(app, "/api/v1/models/fraud")
    assert [(event.kind, event.metadata["route"]) for event in events] == [
        ("inference_completed", "/flights/{id}"),
        ("inference_completed", "/flights/{id}"),
        ("inference_completed", "/below/deep/{name}"),
        ("inference_completed", "unmatched"),
        ("inference_failed", "/api/v1/models/{name}"),
    ]


def test_routes_of_litestar():
    pytest.importorskip("litestar")
    import litestar

    hub = dl.Hub()
    events = heard_by(hub)

    @litestar.get("/flights/{id:int}", sync_to_thread=False)
    def flight(request: litestar.Request) -> str:
        return str(request.path_params["id"])

    @litestar.get("/broken", sync_to_thread=False)
    def broken() -> str:
        raise LookupError

    app = litestar.Litestar([flight, broken], logging_config=None)
    app = asgi.DriftlineMiddleware(app, hub)
    assert get(app, "/flights/3", "/flights/x", "/broken") == [200, 404, 500]
    assert [(event.kind, event.metadata["route"]) for event in events] == [
        ("inference_completed", "/flights/{id}"),
        ("inference_completed", "unmatched"),
        ("inference_failed", "/broken"),
    ]


# ---------------------------------------------------------------- WSGI


def serve(app, *, method="GET", path="/predict", body=b"", read=True, **more):
    """Status and body, by a server that follows PEP 3333."""
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(body)}
    if body:
        environ |= {"CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json"}
    environ |= more
    setup_testing_defaults(environ)
    answer = []

    def start_response(status, headers, exc_info=None):
        answer[:] = [status]
        return answer.append

    result = app(environ, start_response)
    try:
        got = b"".join(result) if read else next(iter(result))
    finally:
        if hasattr(result, "close"):
            result.close()
    return answer[0], got


def plain(status="200 OK", make=list):
    def app(environ, start_response):
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(status, [("Content-Type", "text/plain")])
        return make([b"o", b"k"])

    return app


class Parts:
    """A body that knows whether it was closed."""

    def __init__(self, parts):
        self.parts = iter(parts)
        self.closed = 0

    def __iter__(self):
        return self.parts

    def close(self):
        self.closed += 1


def test_wsgi_keeps_to_the_standard():
    hub = dl.Hub()
    events = heard_by(hub)
    for make in (list, iter, Parts):
        # Both sides of the middleware are checked.
        app = validator(wsgi.DriftlineMiddleware(validator(plain(make=make)), hub))
        environ = {"SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": ""}
        environ |= {"wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr}
        setup_testing_defaults(environ)
        with pytest.MonkeyPatch.context() as patch:
            # The application reads as PEP 3333 has it.
            patch.setitem(environ, "CONTENT_LENGTH", "0")
            result = app(environ, lambda status, headers, exc_info=None: lambda data: None)
            assert b"".join(result) == b"ok"
            result.close()
    assert [event.kind for event in events] == ["inference_completed"] * 3


def test_wsgi_tells_at_the_end_and_closes():
    hub = dl.Hub()
    events = heard_by(hub)
    made = []

    def app(environ, start_response):
        start_response("200 OK", [])
        made.append(Parts([b"a", b"b"]))
        return made[-1]

    app = wsgi.DriftlineMiddleware(app, hub, model="fraud:1", id_header="x-request-id", route=route)
    assert serve(app, HTTP_X_REQUEST_ID="r1") == ("200 OK", b"ab")
    [event] = events
    assert told(event) == (
        "inference_completed",
        {"route": "/predict", "method": "GET", "status": 200},
    )
    assert (str(event.model), event.id) == ("fraud:1", "r1")
    serve(app, read=False)  # the client goes away
    assert [event.kind for event in events] == ["inference_completed", "inference_cancelled"]
    assert [body.closed for body in made] == [1, 1]


def test_wsgi_leaves_lists_and_files_as_they_are():
    hub = dl.Hub()
    events = heard_by(hub)
    bodies = [[b"ok"], FileWrapper(io.BytesIO(b"ok"))]

    def app(environ, start_response):
        start_response("200 OK", [])
        return bodies[len(events)]

    environ = {"wsgi.file_wrapper": FileWrapper, "REQUEST_METHOD": "GET"}
    for body in bodies:
        result = wsgi.DriftlineMiddleware(app, hub)(dict(environ), lambda *arguments: None)
        assert result is body
    assert len(events) == 2


def test_wsgi_failures_pass_and_are_told():
    hub = dl.Hub()
    events = heard_by(hub)

    def raising(environ, start_response):
        raise LookupError("no such flight")

    def late(environ, start_response):
        start_response("200 OK", [])
        yield b"1"
        try:
            raise LookupError("too late")
        except LookupError:
            start_response("500 Oh", [], sys.exc_info())
        yield b"2"

    def breaking(environ, start_response):
        start_response("200 OK", [])
        yield b"1"
        raise LookupError("half way")

    def silent(environ, start_response):
        return []

    with pytest.raises(LookupError, match="no such flight"):
        serve(wsgi.DriftlineMiddleware(raising, hub))
    assert serve(wsgi.DriftlineMiddleware(late, hub)) == ("500 Oh", b"12")
    with pytest.raises(LookupError, match="half way"):
        serve(wsgi.DriftlineMiddleware(breaking, hub))
    with pytest.raises(IndexError):  # of the server here
        serve(wsgi.DriftlineMiddleware(silent, hub))
    assert {event.kind for event in events} == {"inference_failed"}
    messages = [event.metadata["message"] for event in events]
    assert messages[:3] == [*("LookupError: no such flight", "status 500", "LookupError: half way")]
    assert "without a complete answer" in messages[3]


def test_wsgi_filters():
    hub = dl.Hub()
    events = heard_by(hub)
    app = wsgi.DriftlineMiddleware(plain(), hub, route=route, exclude=["/metrics", "/static/*"])
    for path in ("/metrics", "/static/x.css", "/predict"):
        serve(app, path=path)
    assert [event.metadata["route"] for event in events] == ["/predict"]


@pytest.mark.parametrize(
    "read",
    [
        lambda stream, n: stream.read(n),
        lambda stream, n: stream.read(),
        lambda stream, n: b"".join(iter(stream.readline, b"")),
        lambda stream, n: b"".join(stream.readlines()),
        lambda stream, n: b"".join(stream),
        lambda stream, n: io.BufferedReader(Raw(stream)).read(),
    ],
    ids=["some", "all", "lines", "readlines", "iterated", "into"],
)
def test_wsgi_shows_the_monitor_what_was_predicted_from(read):
    monitor = Monitor()

    def app(environ, start_response):
        assert json.loads(read(environ["wsgi.input"], int(environ["CONTENT_LENGTH"])))
        start_response("200 OK", [])
        return [b"ok"]

    app = wsgi.DriftlineMiddleware(app, monitor=monitor, max_body_bytes=50)
    serve(app, method="POST", body=b'{"age":\n 41}')
    assert monitor.rows == [({"age": 41}, None)]
    serve(app, method="POST", body=b'{"age": 41' + b" " * 50 + b"}")
    assert len(monitor.rows) == 1
    assert app.failures == {"body": 1}


class Raw(io.RawIOBase):
    def __init__(self, stream):
        self.stream = stream

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.stream.readinto(buffer)


def test_wsgi_failures_of_ours_reach_nobody():
    hub = dl.Hub()
    hub.shutdown()
    app = wsgi.DriftlineMiddleware(
        plain(), hub, model=lambda environ: 1 / 0, monitor=Monitor(), route=lambda environ: 1 / 0
    )
    assert serve(app, method="POST", body=b'{"bad": 1}') == ("200 OK", b"ok")
    assert app.failures == {"route": 1, "model": 1, "hub": 1, "monitor": 1}


# ---------------------------------------------------------------- WSGI frameworks


def test_routes_of_flask():
    flask = pytest.importorskip("flask")
    hub, monitor = dl.Hub(), Monitor()
    events = heard_by(hub)
    app = flask.Flask("service")
    blueprint = flask.Blueprint("v1", "v1", url_prefix="/v1")

    @app.get("/flights/<int:id>")
    def flight(id):
        return str(id)

    @blueprint.post("/predict")
    def predict():
        return {"delay": flask.request.get_json()["age"]}

    @app.get("/stream")
    def stream():
        return flask.Response(iter(["1", "2"]))

    @app.get("/broken")
    def broken():
        raise LookupError

    app.register_blueprint(blueprint)
    app.wsgi_app = wsgi.DriftlineMiddleware(app.wsgi_app, hub, monitor=monitor)
    client = app.test_client()
    app.logger.disabled = True
    answers = [
        client.get("/flights/3"),
        client.post("/v1/predict", json={"age": 41}),
        client.get("/stream"),
        client.get("/broken"),
        client.get("/nothing/7"),
    ]
    assert [(answer.get_data(), answer.status_code)[1] for answer in answers] == [
        *(200, 200, 200, 500, 404)
    ]
    assert [(event.kind, event.metadata["route"]) for event in events] == [
        ("inference_completed", "/flights/<int:id>"),
        ("inference_completed", "/v1/predict"),
        ("inference_completed", "/stream"),
        ("inference_failed", "/broken"),
        ("inference_completed", "unmatched"),
    ]
    assert monitor.rows == [({"age": 41}, None)]


@pytest.mark.thread_unsafe(reason="Django has one configuration")
def test_routes_of_django():
    django = pytest.importorskip("django")
    from django.conf import settings

    if not settings.configured:
        settings.configure(
            ROOT_URLCONF="test_integration_requests", ALLOWED_HOSTS=["*"], USE_TZ=True
        )
        django.setup()
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
    from django.urls import path, re_path

    def flight(request, id):
        return HttpResponse(str(id))

    def predict(request):
        return JsonResponse({"delay": json.loads(request.body)["age"]})

    def stream(request, n):
        return StreamingHttpResponse(iter([b"1", b"2"]))

    global urlpatterns  # where Django looks
    urlpatterns = [
        path("flights/<int:id>", flight),
        path("predict", predict),
        re_path(r"^stream/(\d+)$", stream),
    ]
    hub, monitor = dl.Hub(), Monitor()
    events = heard_by(hub)
    app = wsgi.DriftlineMiddleware(WSGIHandler(), hub, monitor=monitor)
    assert serve(app, path="/flights/3") == ("200 OK", b"3")
    assert serve(app, path="/predict", method="POST", body=b'{"age": 41}')[0] == "200 OK"
    assert serve(app, path="/stream/3") == ("200 OK", b"12")
    assert serve(app, path="/nothing/7")[0] == "404 Not Found"
    assert [event.metadata["route"] for event in events] == [
        *("/flights/<int:id>", "/predict", r"^stream/(\d+)$", "unmatched")
    ]
    assert monitor.rows == [({"age": 41}, None)]
