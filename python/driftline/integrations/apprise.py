"""Alerts by way of Apprise (the extra ``apprise``), which knows more than a hundred
receivers: mail, Teams, Telegram, SMS and so on."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NoReturn

from driftline.exceptions import InvalidTypeError, InvalidValueError, RetryLater
from driftline.severity import Severity

if TYPE_CHECKING:
    from apprise import Apprise

    from driftline._driftline import Alert

__all__ = ["AppriseSink"]

_ALLOWED: Final = "a URL of Apprise such as 'mailto://...', or several"

_WORDS: Final = {"open": "Open", "remind": "Still open", "resolve": "Resolved"}


class AppriseSink:
    """A sink for an ``AlertDispatcher`` that notifies the receivers of these URLs.

    An alert that one of them does not take is tried again with all of them, for
    Apprise does not tell which: give each its own sink where that matters. What
    Apprise logs itself below level INFO (logger ``apprise``) may show URLs.

    :param urls: one URL of Apprise, or several. They are secrets.
    :param name: in counters and logs; ``"apprise"`` by default.
    :raises InvalidTypeError: what is given is no str.
    :raises InvalidValueError: a URL that Apprise does not understand, or none.
    :raises ImportError: Apprise is not installed.

    >>> from driftline.integrations import AppriseSink
    >>> AppriseSink("json://localhost/alerts")  # doctest: +SKIP
    AppriseSink(urls=('***',))
    """

    __slots__ = ("_apprise", "name")

    def __init__(self, urls: str | Iterable[str], *, name: str | None = None) -> None:
        try:
            from apprise import Apprise
        except ImportError as error:
            raise ImportError(
                "AppriseSink needs apprise: pip install 'driftline[apprise]'"
            ) from error
        if not isinstance(name, str | None):
            raise InvalidTypeError(
                f"name: got {name!r} (type {type(name).__name__}); accepted: a str, or None"
            )
        if name == "":
            raise InvalidValueError("name: got ''; accepted: a str that is not empty, or None")
        #: The name in counters and logs.
        self.name: str = "apprise" if name is None else name
        self._apprise: Apprise = Apprise()
        for url in _listed(urls):
            with _muted():  # it logs what it refuses
                is_understood = self._apprise.add(url)
            if not is_understood:
                raise InvalidValueError(
                    "urls: got one that Apprise does not understand (not shown); "
                    f"accepted: {_ALLOWED}"
                )
        if not len(self._apprise):
            raise InvalidValueError(f"urls: got none; accepted: {_ALLOWED}")

    def __call__(self, alert: Alert) -> None:
        """Notify of an ``Alert``.

        :raises RetryLater: a receiver did not take it.
        """
        subject = alert.kind if alert.model is None else f"{alert.kind} of {alert.model}"
        lines = [incident.summary for incident in alert.incidents]
        told = self._apprise.notify(
            title=f"{_WORDS[alert.action]}: {subject}",
            body="\n".join(lines),
            notify_type=_notify_type(alert),
            body_format="text",
        )
        if not told:
            raise RetryLater("Apprise: a receiver did not take it (see the logger 'apprise')")

    def __repr__(self) -> str:
        hidden = ", ".join(["'***'"] * len(self._apprise))
        return f"AppriseSink(urls=({hidden},))"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "AppriseSink cannot be pickled or copied: its URLs are secrets; make a new one"
        )


@contextlib.contextmanager
def _muted() -> Iterator[None]:
    """Has this thread log nothing to Apprise's logger."""
    thread = threading.get_ident()
    logger = logging.getLogger("apprise")

    def other(record: logging.LogRecord) -> bool:
        return record.thread != thread

    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


def _notify_type(alert: Alert) -> str:
    """Apprise's word for it."""
    if alert.action == "resolve":
        return "success"
    if alert.severity >= Severity.ERROR:
        return "failure"
    return "warning" if alert.severity >= Severity.WARNING else "info"


def _listed(urls: str | Iterable[str]) -> list[str]:
    """The URLs, which are not shown when they are refused."""
    listed = [urls] if isinstance(urls, str) else urls
    if not isinstance(listed, Iterable) or isinstance(listed, bytes | bytearray):
        raise InvalidTypeError(
            f"urls: got an object of type {type(urls).__name__}; accepted: {_ALLOWED}"
        )
    checked = []
    for url in listed:
        if not isinstance(url, str):
            raise InvalidTypeError(
                f"urls: got an object of type {type(url).__name__}; accepted: {_ALLOWED}"
            )
        checked.append(url)
    return checked
