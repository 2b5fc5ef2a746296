"""A stream whose changes are known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from driftline.exceptions import EmptySampleError, InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["DISTRIBUTIONS", "Stream", "check_distribution", "checked_changes", "checked_whole"]

#: What streams are generated from.
DISTRIBUTIONS: Final = ("normal", "bernoulli", "log_normal", "poisson")


class Stream:
    """Values in their order, and where they change.

    Of :func:`abrupt` and its siblings, or made of values of your own whose changes you
    know. Immutable: ``values`` and ``changes`` cannot be written to.

    :param values: shape (n,), float64; NaN is missing.
    :param changes: the places of the first value of each new regime, ascending, 1 to n - 1.
    :param width: over how many values each change takes place; 0 for at once.
    :param name: what tables call it.
    :param distribution: ``"normal"``, ``"bernoulli"``, ``"log_normal"`` or ``"poisson"``
        for values that were generated, None otherwise.
    :param level: the level of that distribution before the first change: mean, rate, or
        mean of the logarithm.
    :param scale: its standard deviation (log-normal: of the logarithm).

    >>> from driftline import stream
    >>> stream.Stream([0.1, 0.2, 3.1, 3.0], changes=[2], name="mine")
    Stream('mine', 4 values, changes at [2])
    """

    __slots__ = ("changes", "distribution", "level", "name", "scale", "values", "width")

    #: shape (n,), read-only.
    values: NDArray[np.float64]
    #: int64, ascending, read-only: the first value of each new regime.
    changes: NDArray[np.int64]
    #: Over how many values each change takes place; 0 for at once.
    width: int
    #: What tables call it.
    name: str
    #: What the values were drawn from; None for values of your own.
    distribution: str | None
    #: Its level before the first change; None for values of your own.
    level: float | None
    #: Its standard deviation; None for values of your own and where the level tells it.
    scale: float | None

    def __init__(
        self,
        values: ArrayLike,
        changes: Iterable[int] = (),
        *,
        width: int = 0,
        name: str = "stream",
        distribution: str | None = None,
        level: float | None = None,
        scale: float | None = None,
    ) -> None:
        array = _values("values", values)
        places = checked_changes(changes, len(array))
        if not isinstance(name, str):
            raise InvalidTypeError(f"name: got {name!r}; accepted: a str")
        if distribution is not None:
            check_distribution(distribution)
        fields = {
            "values": array,
            "changes": places,
            "width": checked_whole("width", width, 0),
            "name": name,
            "distribution": distribution,
            "level": level,
            "scale": scale,
        }
        for field, value in fields.items():
            object.__setattr__(self, field, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name}: a Stream is immutable")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name}: a Stream is immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, ({field: getattr(self, field) for field in self.__slots__},)

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stream):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, field), getattr(other, field), equal_nan=True)
            if field in ("values", "changes")
            else getattr(self, field) == getattr(other, field)
            for field in self.__slots__
        )

    def __hash__(self) -> int:
        return hash((self.name, len(self.values), self.changes.tobytes()))

    def __repr__(self) -> str:
        changes = self.changes.tolist()
        shown = f"changes at {changes[:5]}".removesuffix("]" if len(changes) > 5 else "")
        shown += ", ...]" if len(changes) > 5 else ""
        over = f" over {self.width}" if self.width else ""
        return f"Stream({self.name!r}, {len(self):,} values, " + (
            f"{shown}{over})" if changes else "no changes)"
        )


def _restored(fields: dict[str, Any]) -> Stream:
    return Stream(**fields)


# --- what is accepted --------------------------------------------------------------


def _values(argument: str, values: ArrayLike) -> NDArray[np.float64]:
    """A read-only array of its own."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidTypeError(
            f"{argument}: got {type(values).__name__}, which is no array of numbers; accepted: "
            "numbers, shape (n,)"
        ) from error
    if array.ndim != 1:
        raise InvalidValueError(f"{argument}: got shape {array.shape}; accepted: shape (n,)")
    if not len(array):
        raise EmptySampleError(f"{argument}: got no values; accepted: one or more")
    array.setflags(write=False)
    return array


def checked_changes(changes: Iterable[int], n: int) -> NDArray[np.int64]:
    """Places of changes as a read-only array."""
    accepted = f"whole numbers from 1 to {n - 1}, ascending, each once" if n > 1 else "none"
    try:
        listed = list(changes)
    except TypeError:
        raise InvalidTypeError(f"changes: got {changes!r}; accepted: {accepted}") from None
    for one in listed:
        if not isinstance(one, int | np.integer) or isinstance(one, bool):
            raise InvalidTypeError(f"changes: got {one!r}; accepted: {accepted}")
    for before, one in zip([0, *listed], listed, strict=False):
        if not before < one < n:
            raise InvalidValueError(f"changes: got {one}; accepted: {accepted}")
    array = np.array(listed, dtype=np.int64)
    array.setflags(write=False)
    return array


def checked_whole(argument: str, value: int, least: int, most: int | None = None) -> int:
    """A whole number within its range."""
    accepted = f"a whole number of {least} or more" if most is None else f"{least} to {most}"
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise InvalidTypeError(f"{argument}: got {value!r}; accepted: {accepted}")
    if value < least or (most is not None and value > most):
        raise InvalidValueError(f"{argument}: got {value}; accepted: {accepted}")
    return int(value)


def check_distribution(distribution: str) -> None:
    """Refuses names of no distribution."""
    if not isinstance(distribution, str) or distribution not in DISTRIBUTIONS:
        raise InvalidValueError(
            f"distribution: got {distribution!r}; accepted: {', '.join(map(repr, DISTRIBUTIONS))}"
        )
