"""Records (dataclasses): one like another with some fields changed, as often as an analysis asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")
_READ: dict[type, tuple[tuple[str, ...], Callable[[Any], tuple[object, ...]]]] = {}  # of a kind: its fields, and how


def replace(record: T, /, **changes: Any) -> T:
    """`dataclasses.replace` of a record of two fields or more, all of which its kind is made with.

    That asks each field each time what is to become of it, which costs more than half of what it takes.
    """
    kind = type(record)
    known = _READ.get(kind)
    if known is None:
        names = tuple(f.name for f in fields(kind))  # type: ignore[arg-type]
        known = _READ[kind] = names, attrgetter(*names)
    names, read = known
    values = dict(zip(names, read(record)))
    values.update(changes)
    return kind(**values)
