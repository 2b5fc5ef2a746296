"""Makes what a set-up names: everything first, then the registrations."""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from driftline import drift, integrations, retraining, stream
from driftline._driftline import (
    AlertDispatcher,
    AlertmanagerSink,
    ConsoleLogger,
    DriftDetector,
    DriftMonitor,
    Ewma,
    FixedThreshold,
    Hub,
    LatencyMonitor,
    LogSink,
    MetricsCollector,
    PagerDutySink,
    PerformanceMonitor,
    PValue,
    RetrainingTrigger,
    SlackSink,
    StreamDetector,
    WebhookSink,
    _ConfigDocument,
)
from driftline._samples import UnreadableSample, read_sample
from driftline._setup import Setup
from driftline.exceptions import ConfigError

__all__ = ["Factory"]

#: A path of keys and places in lists.
_Path = tuple[str | int, ...]
_Mapping = Mapping[str, Any]
_T = TypeVar("_T")

#: ``argument: got ...``, as every constructor begins its message.
_ABOUT: Final = re.compile(r"([a-z][a-z0-9_]*(?:, [a-z][a-z0-9_]*)*): (.*)", re.DOTALL)

#: What a constructor may raise about its arguments; extras that are missing, too.
_REFUSED: Final = (ValueError, TypeError, OSError, ImportError)

_SINKS: Final[dict[str, Callable[..., Any]]] = {
    "webhook": WebhookSink,
    "slack": SlackSink,
    "pagerduty": PagerDutySink,
    "alertmanager": AlertmanagerSink,
    "log": LogSink,
}
_STRATEGIES: Final[dict[str, Callable[..., Any]]] = {
    "fixed_threshold": FixedThreshold,
    "p_value": PValue,
    "ewma": Ewma,
}
#: What has a registration start a thread.
_OF_WORKERS: Final = {"mode", "queue_size", "overflow", "block_timeout_s", "tick_s"}


@dataclass
class _Made:
    """An observer that is not registered yet."""

    section: str
    path: _Path
    observer: Any
    config: dict[str, Any]
    options: _Mapping


class Factory:
    """Makes everything first, then registers it."""

    def __init__(
        self,
        document: _ConfigDocument,
        folder: Path,
        *,
        callables: Mapping[str, Callable[..., Any]],
        environ: Mapping[str, str],
    ) -> None:
        self._document = document
        self._folder = folder
        self._callables = callables
        self._environ = environ
        self._secrets: set[str] = set()
        self._errors: list[ConfigError] = []
        self._made: list[_Made] = []
        #: Whether what is missing in the environment is only told of.
        self.is_rehearsal = False
        self.opens_files = True
        self.unset: list[str] = []

    # --- errors ------------------------------------------------------------------

    def _error(self, path: _Path, message: str) -> ConfigError:
        for secret in self._secrets:  # no constructor tells them; nor does one to come
            if len(secret) > 3:
                message = message.replace(secret, "***")
        return self._document.error(path, message)

    @contextlib.contextmanager
    def _collected(self) -> Iterator[None]:
        """Goes on after a mistake, so that all are told at once."""
        try:
            yield
        except ConfigError as error:
            self._errors.append(error)

    def _call(self, path: _Path, keys: _Mapping, make: Callable[[], _T]) -> _T:
        """Calls a constructor; what it refuses is a mistake at the key of the argument."""
        try:
            return make()
        except ConfigError:
            raise
        except _REFUSED as error:
            about = _ABOUT.fullmatch(str(error))
            names = about[1].split(", ") if about else []
            name = next((name for name in names if name in keys), None)
            if about is None or name is None:
                raise self._error(path, str(error)) from None
            where: _Path = (*path, name)
            if isinstance(keys[name], Mapping) and "path" in keys[name]:
                where = (*where, "path")  # what is wrong is in the file
            raise self._error(where, about[2]) from None

    # --- parts -------------------------------------------------------------------

    def _reference(self, path: _Path, value: Any, stand_in: str) -> Any:
        """The value of an environment variable; anything but a reference as it is."""
        if not isinstance(value, Mapping):
            return value
        name = value["env"]
        found = self._environ.get(name)
        if found and isinstance(found, str):
            self._secrets.add(found)
            return found
        if self.is_rehearsal:
            self.unset.append(name)
            return stand_in
        state = "is not set" if found is None else "is no text" if found else "is empty"
        raise self._error(
            (*path, "env"),
            f"got {name}, which {state}; accepted: an environment variable that is set",
        )

    def _callable(self, path: _Path, value: _Mapping) -> Callable[..., Any]:
        name = value["name"]
        if name not in self._callables:
            known = ", ".join(sorted(map(str, self._callables))) or "none was given"
            raise self._error(
                (*path, "name"),
                f"got {name!r}, which is not in callables=; accepted: a name that is there "
                f"({known})",
            )
        return self._callables[name]

    def _file(self, name: str) -> Path:
        return self._folder / Path(name).expanduser()

    def _sample(self, path: _Path, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        if not self.opens_files:
            return random.Random(0).choices(range(1000), k=1000)
        try:
            return read_sample(self._file(value["path"]), value.get("column"))
        except UnreadableSample as error:
            key = error.key if error.key in value else "path"
            raise self._error((*path, key), str(error)) from None

    def _present(self, path: _Path, value: Any) -> Any:
        """A sample without what is missing in its file."""
        if not isinstance(value, Mapping):
            return value
        sample = np.asarray(self._sample(path, value), dtype=np.float64)
        return sample[np.isfinite(sample)]

    # --- monitors ----------------------------------------------------------------

    def _monitor(self, path: _Path, keys: dict[str, Any]) -> Any:
        kind = keys.pop("kind")
        if kind == "drift_detector":
            return self._detector(path, keys)
        if kind == "stream_detector":
            return self._stream_detector(path, keys)
        classes: dict[str, Callable[..., Any]] = {
            "latency": LatencyMonitor,
            "drift": DriftMonitor,
            "console": ConsoleLogger,
            "performance": PerformanceMonitor,
        }
        return self._call(path, keys, lambda: classes[kind](**keys))

    def _detector(self, path: _Path, keys: dict[str, Any]) -> DriftDetector:
        given = dict(keys)
        baselines = keys.pop("baselines", None)
        if baselines is not None:
            at = (*path, "baselines")
            baseline: Any = {
                model: self._sample((*at, model), value) for model, value in baselines.items()
            }
            given["baseline"] = None
        else:
            baseline = self._sample((*path, "baseline"), keys["baseline"])
        keys.pop("baseline", None)
        test = keys.get("test")
        if isinstance(test, Mapping):
            named = {key: value for key, value in test.items() if value is not None}
            name = named.pop("name")
            keys["test"] = self._call((*path, "test"), test, lambda: drift.get(name, **named))
        return self._call(path, given, lambda: DriftDetector(baseline, **keys))

    def _stream_detector(self, path: _Path, given: dict[str, Any]) -> StreamDetector:
        keys = dict(given)
        detector = keys.pop("detector")
        if isinstance(detector, Mapping):
            where = (*path, "detector")
            named = dict(detector)
            name = named.pop("name")
            if named.get("standardise") is not None:
                named["standardise"] = tuple(named["standardise"])
            samples = {key: self._present((*where, key), value) for key, value in named.items()}
            detector = self._call(where, named, lambda: stream.get(name, **samples))
        bank = keys.pop("bank", None)
        if bank is not None or keys.get("features") is not None:
            detector = self._bank(path, detector, dict(bank or {}), keys.get("features"))
        return self._call(path, given, lambda: StreamDetector(detector, **keys))

    def _bank(
        self, path: _Path, detector: Any, keys: dict[str, Any], features: list[str] | None
    ) -> stream.Bank:
        where = (*path, "bank")
        count = keys.pop("n_features", None) or len(features or ())
        if not count:
            message = "missing; accepted: a whole number from 1, or names in features"
            raise self._error((*where, "n_features"), message)
        return self._call(where, keys, lambda: stream.Bank(detector, count, **keys))

    # --- alerts ------------------------------------------------------------------

    def _requests(self, path: _Path, keys: dict[str, Any]) -> dict[str, Any]:
        """Arguments of what sends requests, with secrets in their place."""
        for name, stand_in in (
            ("url", "https://example.invalid/"),
            ("tracking_uri", "https://example.invalid/"),
            ("secret", "x" * 32),
            ("routing_key", "x" * 32),
        ):
            if keys.get(name) is not None:
                keys[name] = self._reference((*path, name), keys[name], stand_in)
        if keys.get("headers") is not None:
            keys["headers"] = {
                name: self._reference((*path, "headers", name), value, "x")
                for name, value in keys["headers"].items()
            }
        if keys.get("urls") is not None:
            keys["urls"] = [
                self._reference((*path, "urls", place), value, "json://localhost")
                for place, value in enumerate(keys["urls"])
            ]
        if keys.get("env") is not None:
            keys["env"] = {
                name: self._reference((*path, "env", name), value, "x")
                for name, value in keys["env"].items()
            }
        if keys.get("cwd") is not None:
            keys["cwd"] = str(self._file(keys["cwd"]))
        if keys.get("ca_file") is not None:
            keys["ca_file"] = str(self._file(keys["ca_file"])) if self.opens_files else None
        return keys

    def _sink(self, path: _Path, keys: dict[str, Any]) -> Any:
        kind = keys.pop("kind")
        if kind == "callable":
            return self._callable(path, keys)
        make = _SINKS[kind] if kind != "apprise" else integrations.AppriseSink
        arguments = self._requests(path, dict(keys))
        return self._call(path, keys, lambda: make(**arguments))

    def _dispatcher(self, path: _Path, keys: dict[str, Any]) -> Any:
        sinks = []
        for place, value in enumerate(keys["sinks"]):
            with self._collected():
                sinks.append(self._sink((*path, "sinks", place), dict(value)))
        if len(sinks) < len(keys["sinks"]):
            return None
        arguments = {**keys, "sinks": sinks}
        return self._call(path, keys, lambda: AlertDispatcher(**arguments))

    # --- triggers ----------------------------------------------------------------

    def _scheduler(self, path: _Path, keys: dict[str, Any]) -> Any:
        kind = keys.pop("kind")
        if kind == "callable":
            return self._callable(path, keys)
        arguments = self._requests(path, dict(keys))
        if kind == "mlflow":
            return self._call(path, keys, lambda: integrations.MLflowScheduler(**arguments))
        make = {"command": retraining.Command, "webhook": retraining.Webhook}[kind]
        return self._call(path, keys, lambda: make(**arguments))

    def _strategy(self, path: _Path, keys: dict[str, Any]) -> Any:
        kind = keys.pop("kind")
        if kind == "callable":
            return self._callable(path, keys)
        make = _STRATEGIES[kind]
        return self._call(path, keys, lambda: make(**keys))

    def _trigger(self, path: _Path, keys: dict[str, Any]) -> Any:
        arguments = dict(keys)
        arguments["schedule"] = self._scheduler((*path, "schedule"), dict(keys["schedule"]))
        if keys.get("strategy") is not None:
            arguments["strategy"] = self._strategy((*path, "strategy"), dict(keys["strategy"]))
        if keys.get("baseline") is not None:
            arguments["baseline"] = self._callable((*path, "baseline"), keys["baseline"])
        for name in ("confirm", "rate_limit"):
            if keys.get(name) is not None:
                arguments[name] = tuple(keys[name])
        if keys.get("detectors") is not None:
            arguments["detectors"] = [
                self._named_detector((*path, "detectors", place), name)
                for place, name in enumerate(keys["detectors"])
            ]
        return self._call(path, keys, lambda: RetrainingTrigger(**arguments))

    def _named_detector(self, path: _Path, name: str) -> DriftDetector:
        observers = [made.observer for made in self._made]
        detectors = [one for one in observers if isinstance(one, DriftDetector)]
        found = [one for one in detectors if one.name == name]
        if len(found) == 1:
            return found[0]
        known = ", ".join(sorted({one.name for one in detectors})) or "there is none"
        raise self._error(
            path,
            f"got {name!r}, which is the name of {len(found)} drift detectors; accepted: the "
            f"name of one ({known})",
        )

    # --- metrics and observers -----------------------------------------------------

    def _collector(self, path: _Path, keys: dict[str, Any]) -> MetricsCollector:
        keys.pop("serve", None)  # once everything is registered
        return self._call(path, keys, lambda: MetricsCollector(**keys))

    def _observer(self, path: _Path, keys: dict[str, Any]) -> Any:
        return self._callable(path, keys)

    # --- the whole -----------------------------------------------------------------

    def _section(self, name: str, make: Callable[[_Path, dict[str, Any]], Any]) -> None:
        value = self._root.get(name)
        if value is None:
            return
        parts: list[tuple[_Path, Any]] = (
            [((name, place), part) for place, part in enumerate(value)]
            if isinstance(value, list)
            else [((name,), value)]
        )
        for path, part in parts:
            keys = dict(part)
            options = keys.pop("register", None) or {}
            with self._collected():
                observer = make(path, dict(keys))
                if observer is not None:
                    made = _Made(name, path, observer, self._absolute(part), options)
                    self._made.append(made)

    def _absolute(self, part: Any) -> Any:
        """The same with file names that do not depend on where the document lies."""
        if isinstance(part, dict):
            return {
                key: str(self._file(value).absolute())
                if key in ("path", "ca_file", "cwd") and isinstance(value, str)
                else self._absolute(value)
                for key, value in part.items()
            }
        if isinstance(part, list) and not (part and isinstance(part[0], (int, float))):
            return [self._absolute(value) for value in part]
        return part

    def hub(self) -> Hub:
        """Makes it."""
        self._root: dict[str, Any] = self._document.value()
        self._section("monitors", self._monitor)
        self._section("alerts", self._dispatcher)
        self._section("metrics", self._collector)
        self._section("observers", self._observer)
        # Last: who starts a training must not be overtaken by it.
        self._section("triggers", self._trigger)
        if self._errors:
            raise ConfigError._of(tuple(self._errors[:20]))
        hub = Hub(**self._root.get("hub", {}))
        setup = Setup()
        try:
            hub._setup(setup)
            for made in self._made:
                self._register(hub, setup, made)
            if not self.is_rehearsal:
                for made in self._made:
                    self._serve(hub, setup, made)
        except BaseException:
            for handle in setup.made:
                handle.close()
            hub.shutdown(0)
            raise
        return hub

    def _register(self, hub: Hub, setup: Setup, made: _Made) -> None:
        options = {key: value for key, value in made.options.items() if value is not None}
        if self.is_rehearsal:  # what starts a thread is left out
            options = {key: options[key] for key in options.keys() - _OF_WORKERS}
        register = (*made.path, "register")
        handle = self._call(register, options, lambda: hub.register(made.observer, **options))
        setup.made[handle] = (made.section, made.config)

    def _serve(self, hub: Hub, setup: Setup, made: _Made) -> None:
        keys = made.config.get("serve") if made.section == "metrics" else None
        if keys is None:
            return
        path = (*made.path, "serve")
        server = self._call(path, keys, lambda: made.observer.serve(**keys))
        setup.serves(hub, server)
