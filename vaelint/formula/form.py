"""A formula as the oracle reads it: sums, products and elementwise functions of leaves.

Shapes are gone: a reduction is what it reduces, a matrix is read in one dimension. ``node`` is the id of the
expression that an operator was written as, so that a slip can be shown in the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias, Union

NOWHERE = -1


class Num(NamedTuple):
    value: float


class Leaf(NamedTuple):
    """Something the formula does not look into. Two leaves of one ``key`` are one value; ``name`` is for people."""

    key: str
    name: str


class Op(NamedTuple):
    """``fn`` of ``args``: ``add sub neg mul div pow`` or the canonical name of an elementwise function."""

    fn: str
    args: tuple[Form, ...]
    node: int = NOWHERE


class Named(NamedTuple):
    """What a local name was bound to on an earlier line."""

    key: str
    name: str
    form: Form


Form: TypeAlias = Union[Num, Leaf, Op, Named]

ZERO, ONE = Num(0.0), Num(1.0)


def walk(form: Form) -> Iterator[Form]:
    """The form and all forms in it, through names; outer before inner."""
    stack = [form]
    while stack:
        x = stack.pop()
        yield x
        if isinstance(x, Op):
            stack.extend(reversed(x.args))
        elif isinstance(x, Named):
            stack.append(x.form)


def leaves(form: Form) -> list[Leaf]:
    """The distinct leaves in the order in which they are met."""
    return list({x.key: x for x in walk(form) if isinstance(x, Leaf)}.values())


def size(form: Form, limit: int = 200) -> int:
    n = 0
    for _ in walk(form):
        n += 1
        if n >= limit:
            break
    return n


def rewritten(form: Form, change: Callable[[Form], Form | None]) -> Form:
    """The form with each part for which ``change`` has an answer replaced by it, outer parts first."""
    new = change(form)
    if new is not None:
        return new
    if isinstance(form, Op):
        return Op(form.fn, tuple(rewritten(a, change) for a in form.args), form.node)
    if isinstance(form, Named):
        return rewritten(form.form, change)
    return form


def show(form: Form) -> str:
    """Short mathematical text, for messages."""
    return _show(form, 0)


_INFIX = {"add": ("+", 1), "sub": ("-", 1), "mul": ("*", 2), "div": ("/", 2), "pow": ("**", 4)}


def _show(form: Form, outer: int) -> str:
    if isinstance(form, Num):
        text = f"{form.value:.6g}"
        return f"({text})" if outer > 1 and form.value < 0 else text
    if isinstance(form, (Leaf, Named)):
        return form.name
    if form.fn == "neg":
        text = "-" + _show(form.args[0], 3)
        return f"({text})" if outer > 1 else text
    if form.fn in _INFIX:
        sign, rank = _INFIX[form.fn]
        tight = rank + (form.fn in ("sub", "div"))
        text = f"{_show(form.args[0], rank)} {sign} {_show(form.args[1], tight)}"
        if form.fn == "pow":
            text = f"{_show(form.args[0], 5)}**{_show(form.args[1], 5)}"
        return f"({text})" if outer > rank else text
    return f"{form.fn}({', '.join(_show(a, 0) for a in form.args)})"
