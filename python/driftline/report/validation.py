"""Documents from elsewhere are checked against the schema before they are believed."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from importlib import resources
from math import isfinite
from typing import Any, Final

from driftline.exceptions import InvalidTypeError, InvalidValueError

__all__ = ["check", "json_schema"]

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def _read() -> dict[str, Any]:
    path = resources.files("driftline.report") / "schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


_schema: Callable[[], dict[str, Any]] = functools.cache(_read)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the document of a report, with descriptions.

    :returns: a copy of its own for each call.

    >>> from driftline import report
    >>> report.json_schema()["properties"]["verdict"]["enum"]
    ['drifted', 'inconclusive', 'stable']
    """
    return json.loads(json.dumps(_schema()))  # type: ignore[no-any-return]


def check(document: Any) -> None:
    """Check a whole document.

    :raises InvalidTypeError: something in it is of another type than the schema says.
    :raises InvalidValueError: something in it has a value that the schema does not allow.
        Both name the place, what is there and what is accepted.
    """
    # The quick way says only whether; the other one says where and what.
    if not _compiled()(document):
        _check(document, _schema(), "document")


_Test = Callable[[Any], bool]


def _compile() -> _Test:
    return _test(_schema())


_compiled: Callable[[], _Test] = functools.cache(_compile)


def _test(schema: dict[str, Any]) -> _Test:
    """Whether a value is as a schema says: never true where :func:`_check` would raise."""
    if "$ref" in schema:
        return _test(_schema()["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    if "anyOf" in schema:
        some = _test(schema["anyOf"][0])
        return lambda value: value is None or some(value)
    if "enum" in schema or "const" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return lambda value: type(value) in (str, int) and value in allowed
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    types = frozenset(one for name in names for one in _TYPES[name])
    if dict in types:
        return _test_object(schema)
    if list in types:
        return _test_array(schema)
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if float in types or int in types:
        return lambda value: (
            type(value) in types
            and (type(value) not in (int, float) or (low <= value <= high and isfinite(value)))
        )
    return lambda value: type(value) in types


def _test_object(schema: dict[str, Any]) -> _Test:
    keys = frozenset(schema["required"])
    tests = [(name, _test(inner)) for name, inner in schema["properties"].items()]

    def test(value: Any) -> bool:
        return type(value) is dict and value.keys() == keys and all(t(value[n]) for n, t in tests)

    return test


def _test_array(schema: dict[str, Any]) -> _Test:
    most, item = schema.get("maxItems", math.inf), _test(schema["items"])

    def test(value: Any) -> bool:
        return type(value) is list and len(value) <= most and all(map(item, value))

    return test


def _check(value: Any, schema: dict[str, Any], at: str) -> None:
    if "$ref" in schema:
        _check(value, _schema()["$defs"][schema["$ref"].removeprefix("#/$defs/")], at)
    elif "anyOf" in schema:
        # Something or nothing: there are no other choices in the schema.
        if value is not None:
            _check(value, schema["anyOf"][0], at)
    else:
        _check_type(value, schema, at)
        _check_value(value, schema, at)


def _check_type(value: Any, schema: dict[str, Any], at: str) -> None:
    names = schema.get("type")
    if names is None:
        return
    names = names if isinstance(names, list) else [names]
    allowed = [one for name in names for one in _TYPES[name]]
    if not isinstance(value, tuple(allowed)) or (isinstance(value, bool) and bool not in allowed):
        raise InvalidTypeError(
            f"{at}: got {_told(value)} of type {type(value).__name__}; "
            f"accepted: {' or '.join(names)}"
        )


def _check_value(value: Any, schema: dict[str, Any], at: str) -> None:
    if "const" in schema and value != schema["const"]:
        raise InvalidValueError(f"{at}: got {_told(value)}; accepted: {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        allowed = ", ".join(map(repr, schema["enum"]))
        raise InvalidValueError(f"{at}: got {_told(value)}; accepted: {allowed}")
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            raise InvalidValueError(f"{at}: got {value}; accepted: finite numbers")
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            low, high = schema.get("minimum", "-inf"), schema.get("maximum", "inf")
            raise InvalidValueError(f"{at}: got {value}; accepted: from {low} to {high}")
    elif isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            raise InvalidValueError(
                f"{at}: got {len(value)} items; accepted: at most {schema['maxItems']}"
            )
        for place, item in enumerate(value):
            _check(item, schema["items"], f"{at}[{place}]")
    elif isinstance(value, dict):
        _check_keys(value, schema, at)
        for name, inner in schema["properties"].items():
            _check(value[name], inner, f"{at}.{name}")


def _check_keys(value: dict[str, Any], schema: dict[str, Any], at: str) -> None:
    for name in schema["required"]:
        if name not in value:
            raise InvalidValueError(f"{at}: has no key {name!r}; accepted: all of them")
    for name in value:
        if name not in schema["properties"]:
            raise InvalidValueError(f"{at}: has a key {_told(name)} that no report has")


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
