"""Records (dataclasses): made, and made like another one with some fields changed, as often as an analysis asks for it.

``record`` is `dataclass` for the type checker, to whom what it makes is frozen. At run time nothing stands guard over
the fields: an assignment that is looked at each time costs more than all else that making a record takes, and four
methods of each kind that are compiled as the program starts cost more than its imports.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(
        *, frozen: bool, slots: bool, eq: bool = True, kw_only: bool = False, order: bool = False
    ) -> Callable[[type], type]:
        """What is asked for as frozen; with ``eq`` equal, and of one hash, by its fields."""
        assert frozen

        def made(kind: type) -> type:
            kind.__doc__ = kind.__doc__ or kind.__name__  # else its signature is worked out for one
            if "__repr__" not in kind.__dict__:
                kind.__repr__ = _shown
            if order:
                return dataclass(slots=slots, eq=eq, kw_only=kw_only, order=order, unsafe_hash=eq, repr=False)(kind)
            kind = dataclass(slots=slots, eq=False, init=False, kw_only=kw_only, repr=False)(kind)
            _put_off(kind, eq)
            return kind

        return made


def _put_off(kind: Any, eq: bool) -> None:
    """What makes a record, and compares it, is compiled when it is first asked for: of most kinds a run makes none."""

    def init(self: Any, *args: Any, **named: Any) -> None:
        _compiled(kind, eq)
        kind.__init__(self, *args, **named)

    def equal(self: Any, other: object) -> Any:
        _compiled(kind, eq)
        return kind.__eq__(self, other)

    def hashed(self: Any) -> int:
        _compiled(kind, eq)
        return hash(self)

    kind.__init__ = init
    if eq:
        kind.__eq__, kind.__hash__ = equal, hashed


def _compiled(kind: Any, eq: bool) -> None:
    """As `dataclasses` would make them, but with one compilation."""
    known: dict[str, Any] = {"not_given": _NOT_GIVEN}
    given, body = ["self"], list[str]()
    named = list[str]()
    for f in fields(kind):
        value = f.name
        if f.default is not MISSING:
            known[f"default_{f.name}"] = f.default
            value += f"=default_{f.name}"
        elif f.default_factory is not MISSING:
            known[f"make_{f.name}"] = f.default_factory
            value += "=not_given"
            body.append(f" if {f.name} is not_given: {f.name} = make_{f.name}()")
        (named if f.kw_only else given).append(value)
        body.append(f" self.{f.name} = {f.name}")
    parameters = ", ".join((*given, *(("*", *named) if named else ())))
    lines = [f"def __init__({parameters}):", *(body or [" pass"])]
    if eq:
        compared = [f for f in fields(kind) if f.compare]
        own, theirs = ("".join(f"{of}.{f.name}," for f in compared) for of in ("self", "other"))
        hashed = "".join(f"self.{f.name}," for f in compared if f.hash is not False)
        lines += ["def __eq__(self, other):", " if other.__class__ is not self.__class__: return NotImplemented"]
        lines += [f" return ({own}) == ({theirs})", "def __hash__(self):", f" return hash(({hashed}))"]
    exec("\n".join(lines), known)
    for name in ("__init__", "__eq__", "__hash__")[: 3 if eq else 1]:
        made = known[name]
        made.__qualname__, made.__module__ = f"{kind.__qualname__}.{name}", kind.__module__
        setattr(kind, name, made)


_NOT_GIVEN = object()  # stands for a field that was not given


def _shown(self: Any) -> str:
    values = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
    return f"{type(self).__qualname__}({', '.join(values)})"


_COPIED: dict[type, Callable[[Any], Any]] = {}


def replace(record: T, /, **changes: Any) -> T:
    """`dataclasses.replace`, the faster for a ``record``, all of whose fields its kind is made with.

    That asks each field each time what is to become of it, which costs most of what it takes.
    """
    kind = type(record)
    copied = _COPIED.get(kind)
    if copied is None:
        if kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            return dataclasses.replace(record, **changes)  # type: ignore[type-var]
        copied = _COPIED[kind] = _copier(kind)
    new: T = copied(record)
    for name, value in changes.items():
        setattr(new, name, value)
    return new


def _copier(kind: type) -> Callable[[Any], Any]:
    """What makes another record of a kind with the same fields: compiled, as what makes the first one is."""
    lines = ["def copied(old):", " new = make(kind)"]
    lines += [f" new.{f.name} = old.{f.name}" for f in fields(kind)]
    made: dict[str, Any] = {"make": object.__new__, "kind": kind}
    exec("\n".join((*lines, " return new")), made)
    copied: Callable[[Any], Any] = made["copied"]
    return copied


__all__ = ["record", "replace"]
