"""Where the leaves of a formula may lie: inside ``log`` is positive, beside ``log(1 - p)`` in (0, 1)."""

from __future__ import annotations

from collections.abc import Iterable

from vaelint.formula.form import Form, Leaf, Named, Num, Op

REAL, POSITIVE, UNIT = "real", "positive", "unit"

_NEEDS_POSITIVE = frozenset({"log", "sqrt", "lgamma", "digamma"})


def domains(form: Form) -> dict[str, str]:
    """The domain of each leaf, by its key."""
    found: dict[str, set[str]] = {}
    _visit(form, found)
    out = {}
    for key, marks in found.items():
        if "below one" in marks:
            out[key] = UNIT
        else:
            out[key] = POSITIVE if "positive" in marks else REAL
    return out


def _visit(form: Form, found: dict[str, set[str]]) -> None:
    match form:
        case Leaf(key=key, name=name):
            found.setdefault(key, set())
            if name.startswith("softmax("):
                found[key].add("positive")
        case Named(form=inner):
            _visit(inner, found)
        case Op(fn=fn, args=args):
            if fn in _NEEDS_POSITIVE:
                _mark(args[0], found)
            elif fn == "log1p":
                _above_minus_one(args[0], found)
            elif fn == "div":
                _mark(args[1], found)
            elif fn == "pow" and isinstance(args[1], Op):
                _mark(args[0], found)
            for a in args:
                _visit(a, found)


def _mark(form: Form, found: dict[str, set[str]], added: bool = False) -> None:
    """``form`` must be positive: what does that say of its leaves? Of a square that is ``added`` to others nothing."""
    match form:
        case Leaf(key=key):
            found.setdefault(key, set()).add("positive")
        case Named(form=inner):
            _mark(inner, found, added)
        case Op(fn="mul", args=(a, b)) if _same(a, b):
            _mark(Op("square", (a,)), found, added)
        case Op(fn="mul" | "div", args=args):
            for a in args:
                _mark(a, found, added)
        case Op(fn="sqrt", args=args):
            _mark(args[0], found)
        case Op(fn="square" | "abs" | "pow", args=args) if added:
            pass
        case Op(fn="square" | "abs" | "pow", args=args):
            _mark_root(args[0], found)
        case Op(fn="add" | "sub" | "neg"):
            _mark_sum(form, found)
        case _:
            pass


def _mark_root(form: Form, found: dict[str, set[str]]) -> None:
    """The square of ``form`` is positive: a scale is, then; of ``(x - m) / s`` only ``s``, for a square always is."""
    match form:
        case Named(form=inner):
            _mark_root(inner, found)
        case Op(fn="mul" | "div", args=args):
            for a in args:
                _mark_root(a, found)
        case Op(fn="add" | "sub"):
            pass
        case _:
            _mark(form, found)


def _same(a: Form, b: Form) -> bool:
    """Whether two forms are written alike, wherever they stand."""
    if isinstance(a, Op) and isinstance(b, Op):
        return a.fn == b.fn and all(_same(p, q) for p, q in zip(a.args, b.args))
    return type(a) is type(b) and a == b


def _bare(form: Form) -> Form:
    while isinstance(form, Named):
        form = form.form
    return form


def _mark_sum(form: Form, found: dict[str, set[str]]) -> None:
    """What is added may be taken as positive, ``p`` in ``1 - p`` as below one.

    That a sum is positive does not say so of its parts; it is a reading, the same for references and for what is
    compared with them.
    """
    constant, parts = _summands(form, 1.0)
    if constant == 1.0 and len(parts) == 1 and parts[0][0] == -1.0:
        _below_one(parts[0][1], found)
    for factor, part in parts:
        if factor > 0:
            _mark(part, found, len(parts) > 1 or constant != 0)


def _summands(form: Form, factor: float) -> tuple[float, list[tuple[float, Form]]]:
    """A constant, and the other terms of a sum with their constant factors."""
    match form:
        case Num(value=value):
            return factor * value, []
        case Named(form=inner):
            return _summands(inner, factor)
        case Op(fn="neg", args=(a,)):
            return _summands(a, -factor)
        case Op(fn="mul", args=(Num(value=k), a)) | Op(fn="mul", args=(a, Num(value=k))):
            return _summands(a, factor * k)
        case Op(fn="mul", args=(Op(fn="neg", args=(Num(value=k),)), a)):
            return _summands(a, -factor * k)
        case Op(fn="add" | "sub" as fn, args=(a, b)):
            c1, xs = _summands(a, factor)
            c2, ys = _summands(b, factor if fn == "add" else -factor)
            return c1 + c2, xs + ys
        case _:
            return 0.0, [(factor, form)]


def _below_one(form: Form, found: dict[str, set[str]]) -> None:
    form = _bare(form)
    if isinstance(form, Leaf):
        found.setdefault(form.key, set()).add("below one")


def _above_minus_one(form: Form, found: dict[str, set[str]]) -> None:
    """``log1p(-p)`` is ``log(1 - p)``; of ``log1p(x / y)`` nothing is said."""
    _, parts = _summands(form, 1.0)
    if len(parts) == 1 and parts[0][0] == -1.0:
        _below_one(parts[0][1], found)
    elif isinstance(_bare(form), Leaf):
        _mark(form, found)


def signature(kinds: Iterable[str]) -> tuple[int, int, int]:
    """How many leaves are real, positive, and in (0, 1)."""
    listed = list(kinds)
    return listed.count(REAL), listed.count(POSITIVE), listed.count(UNIT)
