"""The receiver's side of a :class:`~driftline.WebhookSink`: is this request ours?"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Final

from driftline.exceptions import InvalidTypeError, InvalidValueError

__all__ = ["verify_signature"]

_VERSION: Final = "v1="


def verify_signature(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance_s: float = 300.0,
    now: float | None = None,
) -> bool:
    """Whether a request was sent by a ``WebhookSink`` with this secret, lately.

    The signature is the HMAC-SHA256 of timestamp, delivery and body, joined by dots;
    it is compared in constant time. A request that is heard and sent again by
    somebody else within ``tolerance_s`` passes: remember the ``Driftline-Delivery``
    of what was handled, which also tells when an alert comes again because the
    answer was lost.

    :param secret: the secret of the sink.
    :param headers: those of the request, names in any case.
    :param body: the body as it came, not parsed and written again.
    :param tolerance_s: how far its timestamp may be from now, in seconds.
    :param now: Unix seconds; by default the system clock's.
    :returns: False for headers that are missing or malformed too.
    :raises InvalidTypeError: ``secret`` is no str, ``headers`` no mapping, ``body`` no
        bytes.
    :raises InvalidValueError: ``secret`` is empty, or no text in UTF-8.

    >>> verify_signature("a long random text", {}, b"{}")
    False
    """
    if not isinstance(secret, str):
        raise InvalidTypeError(
            f"secret: got an object of type {type(secret).__name__}; accepted: a str"
        )
    if not secret:
        raise InvalidValueError("secret: got an empty text; accepted: text that is not empty")
    try:
        key = secret.encode()
    except UnicodeEncodeError:  # which would show it
        key = b""
    if not key:
        raise InvalidValueError("secret: got text with lone surrogates; accepted: text in UTF-8")
    if not hasattr(headers, "items"):
        raise InvalidTypeError(
            f"headers: got an object of type {type(headers).__name__}; accepted: a mapping"
        )
    if not isinstance(body, bytes | bytearray | memoryview):
        raise InvalidTypeError(
            f"body: got an object of type {type(body).__name__}; accepted: bytes, as they came"
        )
    found = {name.lower(): value for name, value in headers.items() if isinstance(value, str)}
    delivery = found.get("driftline-delivery")
    timestamp = found.get("driftline-timestamp")
    signature = found.get("driftline-signature")
    if delivery is None or timestamp is None or signature is None:
        return False
    # Digits alone: int() would take more.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 20):
        return False
    if not abs((time.time() if now is None else now) - int(timestamp)) <= tolerance_s:
        return False
    signed = f"{timestamp}.{delivery}.".encode(errors="replace") + bytes(body)
    expected = _VERSION + hmac.new(key, signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
