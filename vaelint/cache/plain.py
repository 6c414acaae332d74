"""Records (dataclasses, enumerations, tuples of them) as plain JSON, and back; by their declared types."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")
_PLAIN = (str, int, float, bool)
_READERS: dict[Any, Callable[[Any], Any]] = {}


def to_plain(value: Any) -> Any:
    """A record is a list of its fields, an enumeration its value, a set a list in one order."""
    if isinstance(value, (list, tuple)):
        return [to_plain(x) for x in value]
    if isinstance(value, frozenset):
        return sorted((to_plain(x) for x in value), key=repr)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return [to_plain(getattr(value, f.name)) for f in fields(value)]
    return value


def from_plain(kind: type[T], plain: Any) -> T:
    """Raises ValueError for what is no record of that kind."""
    made: T = _reader(kind)(plain)
    return made


def _reader(kind: Any) -> Callable[[Any], Any]:
    if kind not in _READERS:
        _READERS[kind] = _made(kind)
    return _READERS[kind]


def _made(kind: Any) -> Callable[[Any], Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in _PLAIN:
        return _plain(kind)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (_reader(x) for x in arguments if x is not type(None))
        return lambda plain: None if plain is None else inner(plain)
    if origin is tuple and arguments[-1:] != (Ellipsis,):
        return _of_each(tuple, [_reader(x) for x in arguments])
    if origin in (tuple, list, frozenset):
        return _of_all(origin, _reader(arguments[0]))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if isinstance(kind, type) and is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return _of_each(lambda values: kind(*values), [_reader(hints[f.name]) for f in fields(kind)])
    raise TypeError(f"no way to read {kind}")


def _plain(kind: Any) -> Callable[[Any], Any]:
    allowed = (int, float) if kind is float else (kind,)

    def read(plain: Any) -> Any:
        if type(plain) not in allowed:
            raise ValueError("of another type")
        return plain

    return read


def _of_each(make: Callable[[list[Any]], Any], readers: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def read(plain: Any) -> Any:
        if type(plain) is not list or len(plain) != len(readers):
            raise ValueError("of another form")
        return make([reader(x) for reader, x in zip(readers, plain)])

    return read


def _of_all(make: Callable[[list[Any]], Any], reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(plain: Any) -> Any:
        if type(plain) is not list:
            raise ValueError("of another form")
        return make([reader(x) for x in plain])

    return read
