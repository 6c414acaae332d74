"""What a parameter holds when nobody says what was handed over: by its annotation, by its default, else by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from vaelint import ir
from vaelint.infer.evaluate import declared
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last
from vaelint.infer.journal import Remembered
from vaelint.infer.libraries import contracts
from vaelint.infer.names import named
from vaelint.infer.values import (
    Bound,
    Choice,
    Class,
    Frame,
    Function,
    Instance,
    Library,
    Made,
    Mapping,
    Quantity,
    Value,
    is_unknown,
)
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import NO_SENSE

LOSS = Words("loss")  # names of what is optimised
_UNIONS = frozenset({"Optional", "Union"})
# What says nothing of the value, beside a class that does: whatever else may be called in its place does what it does.
_OPEN = frozenset({"None", "Callable", "Any", "NoneType"})
_FOLLOWED = ("loss", "losses", "distribution")  # of what a library makes: what says more than the name of a value


V = TypeVar("V", bound=Value)


@dataclass(eq=False)
class Handed(Remembered):
    """What is remembered of values that are handed over, while a file is interpreted.

    None of it has to be noted: a parameter that is None unless given is known for one before any value is, and the
    others, once found, do not change (while they are looked for, nothing is summarised).
    """

    unset: set[int] = field(default_factory=set)  # parameters that are None unless somebody hands something over
    on: dict[tuple[int, str], Value] = field(default_factory=dict)  # (class, attribute): what derived classes hand on
    nowhere: set[tuple[int, str]] = field(default_factory=set)  # (class, attribute) that no method sets
    looking: set[tuple[int, str]] = field(default_factory=set)  # (class, attribute) that is looked for right now


def parameter(it: Machine, p: ir.Param, frame: Frame) -> Value:
    if p.star == "**":
        return Mapping({}, None)
    value = declared.parameter(p, frame) or annotated(it, p, frame)
    if value is None:
        value = contracts.parameter(it, p, frame)
    if value is not None:
        return value
    if isinstance(p.default, (ir.Name, ir.Attr, ir.Call, ir.Lambda)):
        usual = it.eval(p.default, frame.parent or frame.module.frame)
        if isinstance(usual, (Function, Bound, Class, Library, Instance, Made)):
            return usual  # what a call that says nothing gets; of a flag either value would be a guess
    if isinstance(p.default, ir.Const) and p.default.value is None:
        it.memory(Handed).unset.add(p.id)
    out = it.opaque(p.name, p.name, p.id, why=f"`{p.name}` is a parameter")
    out = replace(out, terms=tuple(replace(t, is_parameter=True) for t in out.terms))
    usual_number = amount(p.default)
    return out if usual_number is None or not is_unknown(out) else setting(out, p.name, usual_number)


def annotated(it: Machine, p: ir.Param, frame: Frame) -> Value | None:
    """What the annotation says of a parameter; of a union only where it is a loss.

    To follow all that may be given (`config: Config | None`) says little.
    """
    kind = p.annotation
    asked = kind is not None and (not _is_union(kind) or LOSS.of(p.name))
    return typed(it, kind, frame) if kind is not None and asked else None


_SIGN = Words("chooses_sign")


def amount(default: ir.Expr | None) -> float | None:
    """The number that is given by default, an int as such; None for anything else."""
    if isinstance(default, ir.Unary) and default.op == "-":
        inner = amount(default.operand)
        return -inner if inner is not None else None
    value = default.value if isinstance(default, ir.Const) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def setting(q: Quantity, name: str, value: float) -> Quantity:
    """A number by default (``margin=0.5``) is a setting: nothing that is optimised moves it.

    As a summand it has no direction; as a factor it is positive if its default is, unless that is a plain sign.
    """
    is_sign = value == 1 and isinstance(value, int)
    positive = q.positive or (value > 0 and not is_sign and not _SIGN.of(name))
    taken = q.taken_positive or (name if positive else "")
    return replace(
        q, terms=tuple(replace(t, meaning=NO_SENSE) for t in q.terms), positive=positive, taken_positive=taken
    )


def settled(it: Machine, values: list[V]) -> list[V]:
    """One of several values, where one is a parameter that is None unless given and the others stand in for None.

    ``if loss is None: loss = MSELoss()``: what a call that says nothing gets, as with any other default.
    """
    if not it.memory(Handed).unset:
        return values
    rest = [v for v in values if not (isinstance(v, Quantity) and v.key in it.memory(Handed).unset)]
    if len(rest) == len(values):
        return values
    stands = all(isinstance(v, (Function, Bound, Library, Instance, Made, Class, Choice)) for v in rest)
    return rest if rest and stands else values


def typed(it: Machine, annotation: ir.Expr, frame: Frame) -> Value | None:
    """The value of a parameter by its annotation; None where that is several classes, or nothing that we follow."""
    kinds = [a for a in _alternatives(annotation) if _short(a) not in _OPEN]
    found = named(kinds[0], frame) if len(kinds) == 1 else None
    if isinstance(found, Class):
        return it.instance(found)  # of that class or one that derives from it
    entry = it.knowledge.lookup(found.path) if isinstance(found, Library) else None
    return Made(entry.makes, entry, annotation.id) if entry is not None and entry.makes in _FOLLOWED else None


def _is_union(e: ir.Expr) -> bool:
    if isinstance(e, ir.Const):
        return not (isinstance(e.value, str) and e.value.replace(".", "_").isidentifier())  # "Model" is one class
    return isinstance(e, ir.Binary) or (isinstance(e, ir.Subscript) and _short(e.base) in _UNIONS)


def _alternatives(e: ir.Expr) -> Iterator[ir.Expr]:
    """``X`` and ``None`` of ``X | None``, ``Optional[X]``, ``"X | None"``."""
    match e:
        case ir.Binary(op="|", left=a, right=b):
            yield from _alternatives(a)
            yield from _alternatives(b)
        case ir.Subscript(base=base, index=index) if _short(base) in _UNIONS:
            for x in index.items if isinstance(index, ir.Tuple) else (index,):
                yield from _alternatives(x)
        case ir.Const(value=str(text)):
            for part in text.split("|"):
                inner = part.strip().removeprefix("Optional[").removesuffix("]").strip()
                named = all(x.isidentifier() for x in inner.split("."))
                yield _dotted(inner, e.id) if named else ir.Opaque(e.id, part)
        case _:
            yield e


def _dotted(text: str, node: int) -> ir.Expr:
    head, *rest = text.split(".")
    out: ir.Expr = ir.Name(node, head)
    for name in rest:
        out = ir.Attr(node, out, name)
    return out


def _short(e: ir.Expr) -> str:
    """The last word of what an alternative is called: ``Callable`` of ``typing.Callable[[X], Y]``."""
    while isinstance(e, ir.Subscript):
        e = e.base
    if isinstance(e, ir.Const):
        return str(e.value)
    return last(e)
