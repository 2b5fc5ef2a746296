"""Hubs from one file: :func:`driftline.from_config`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from driftline._driftline import Hub, _check_config, _ConfigDocument, _read_config
from driftline.exceptions import ConfigError, InvalidTypeError, InvalidValueError

__all__ = ["check", "from_config"]

#: The most bytes of a document, and one more that tells of a longer one.
_MAX_BYTES: Final = (1 << 20) + 1


def from_config(
    source: str | os.PathLike[str] | Mapping[str, Any],
    *,
    callables: Mapping[str, Callable[..., Any]] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Hub:
    """Make a hub with everything that a file names, and with nothing else.

    A document has the sections ``hub`` (arguments of :class:`Hub`), ``monitors``
    (``kind: latency``, ``drift``, ``drift_detector``, ``stream_detector`` or
    ``console``), ``triggers``, ``alerts``, ``metrics`` and ``observers``; the keys within
    are the arguments of the classes. Each observer may have ``register:`` with options of
    :meth:`Hub.register`.
    ``driftline check FILE`` checks a file without using it, and
    ``driftline/config.schema.json`` is its JSON Schema, for editors.

    Everything is made before anything is registered: after an error nothing is left,
    no thread and no socket.

    :param source: a path that ends in ``.yaml``, ``.yml``, ``.json`` or ``.toml``
        (relative paths within start at its folder); text in one of these, which is a str
        of several lines or one that begins with ``{`` or ``[``; or a mapping. At most
        1 MiB, 32 levels and 100,000 values; YAML is 1.2 without tags.
    :param callables: what the document names with ``kind: callable``: schedulers, sinks,
        strategies, observers. There is no other way to name code.
    :param environ: where ``{env: NAME}`` is looked up; by default ``os.environ``. Secrets
        (``secret``, ``routing_key``, headers, the URL of Slack) are given in no other way.
    :returns: the hub. :meth:`Hub.config` tells what would make it again.
    :raises ConfigError: a mistake in the document, with file, line, column and path; all
        of them in ``errors``. What a constructor refuses and a variable that is not set
        are mistakes, too.
    :raises InvalidTypeError: a source that is none of these.

    >>> import driftline as dl
    >>> hub = dl.from_config('''
    ... hub: {max_models: 50}
    ... monitors:
    ...   - kind: latency
    ...     slo_ms: 250
    ...   - kind: drift_detector
    ...     baseline: [0.2, 0.4, 0.5, 0.4, 0.2]
    ...     window_size: 3
    ...     threshold: 0.1
    ... observers:
    ...   - {kind: callable, name: pager, register: {kinds: drift_detected}}
    ... ''', callables={"pager": lambda event: print(event.kind, event.value)})
    >>> report = hub.emit_many("observation", [0.5, 0.75, 1.0])
    drift_detected 0.41
    >>> try:
    ...     dl.from_config("monitors:\\n  - kind: latency\\n    slo: 250\\n")
    ... except dl.ConfigError as error:
    ...     print(error)
    line 3, column 5: monitors[0].slo: unknown key; did you mean 'slo_ms'?
    """
    from driftline._factory import Factory  # not with every import of driftline

    document, folder = _read(source)
    factory = Factory(
        document,
        folder,
        callables={} if callables is None else _mapping("callables", callables),
        environ=os.environ if environ is None else _mapping("environ", environ),
    )
    return factory.hub()


def check(source: str | os.PathLike[str], *, files: bool = False) -> list[str]:
    """What :func:`from_config` would warn of, and environment variables that are not set;
    raises what it would. Opens files of samples and certificates only with ``files``, and
    starts nothing.
    """
    from driftline._factory import Factory

    document, folder = _read(source)
    factory = Factory(document, folder, callables=_Anything(), environ=os.environ)
    factory.is_rehearsal = True
    factory.opens_files = files
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        factory.hub().shutdown(0)
    unset = dict.fromkeys(factory.unset)
    return [
        *(f"the environment variable {name} is not set" for name in unset),
        *(str(warning.message) for warning in caught),
    ]


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise InvalidTypeError(
        f"{name}: got an object of type {type(value).__name__}; accepted: a mapping, or None"
    )


def _read(source: Any) -> tuple[_ConfigDocument, Path]:
    """The document, and where relative paths in it start."""
    if isinstance(source, Mapping):
        return _check_config(source), Path()
    if isinstance(source, str) and ("\n" in source or source.lstrip().startswith(("{", "["))):
        return _read_config(source.encode("utf-8", "surrogatepass"), None, None), Path()
    if isinstance(source, (str, os.PathLike)):
        name = os.fspath(source)
        if isinstance(name, str) and name:
            return _read_config(_content(name), os.path.splitext(name)[1], name), Path(name).parent
    got = repr(source) if source == "" else f"an object of type {type(source).__name__}"
    error = InvalidValueError if source == "" else InvalidTypeError
    raise error(f"source: got {got}; accepted: a path, text of several lines, or a mapping")


def _content(name: str) -> bytes:
    try:
        with open(name, "rb") as file:
            return file.read(_MAX_BYTES)
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        message = (
            f"cannot be read ({what}); accepted: a path that ends in .yaml, .yml, .json or "
            ".toml, text of several lines, or a mapping"
        )
        raise ConfigError(f"{name}: {message}", file=name) from error


class _Anything(dict[str, Callable[..., Any]]):
    """Stands in for callables that are not there yet."""

    def __missing__(self, name: str) -> Callable[..., Any]:
        return lambda *_: None

    def __contains__(self, name: object) -> bool:
        return True
