"""The other side of a contract: in a library's own source, what its documentation says of a parameter.

The rules say what users have to hand over: SVI minimises its ``loss``, a sampler takes a log-density. Where the library
itself is read, nobody in sight hands anything over, and the parameter holds what the documentation asks for. If the
library did the opposite of it, that would be its bug.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.arguments import Arguments
from vaelint.infer.values import (
    Class,
    Frame,
    Instance,
    Made,
    Method,
    Module,
    Quantity,
    Value,
    is_plain,
    meant,
)
from vaelint.knowledge.schema import Entry
from vaelint.sense import Meaning, Sense

if TYPE_CHECKING:
    from vaelint.infer.evaluate.interpreter import Interpreter

_NUMBERS = frozenset({"Tensor", "Array", "ndarray", "float"})
_FUNCTION = re.compile(r"(?:fn|func|function|closure)$", re.I)
_ITSELF = frozenset({"to", "cuda", "cpu", "train", "eval", "float", "double", "half", "requires_grad_"})
_WANTED = {Sense.COST: "to be lowered", Sense.GAIN: "to be raised"}


def rule(it: Interpreter, module: Module, name: str) -> Entry | None:
    """The rule for a name of a file of a library that the rules know."""
    path = module.program.project.dotted(module.path)
    return it.knowledge.lookup(f"{path}.{name}") if path and it.knowledge.knows(path.partition(".")[0]) else None


def parameter(it: Interpreter, p: ir.Param, frame: Frame) -> Value | None:
    """What is handed over for a parameter: a number by its annotation, else a callable that yields one."""
    for entry in _rules(it, frame):
        sense = _asked(entry, p.name)
        if sense is None:
            continue
        if _is_number(p.annotation):
            why = f"`{p.name}` of `{entry.name}` is {_WANTED[sense]}, by its documentation"
            return meant(Meaning(sense, "", Basis.LIBRARY), p.name, p.id, why)
        # What yields a number of its own is given numbers, as a rule, where it does not say that it is a function.
        if entry.sense is None or entry.makes or _FUNCTION.search(p.name):
            return _callable(entry, p.name, sense, p.id)
    return None


def kept(it: Interpreter, base: Instance, name: str, held: Value) -> Value:
    """An attribute under the name of such a parameter: what becomes of it before it is kept does not turn it round."""
    if not isinstance(held, Quantity) or any(t.meaning.is_evidence for t in held.terms):
        return held
    for entry in _of_line(it, base.cls, ""):
        sense = _asked(entry, name)
        if sense is not None:
            return _callable(entry, name, sense, held.key)
    return held


def _rules(it: Interpreter, frame: Frame) -> list[Entry]:
    """Of a function, a method, or the class that is made: its own, and what its bases document."""
    if frame.owner is None:
        at = frame.parent is frame.module.frame and rule(it, frame.module, frame.name)
        return [at] if at else []
    return _of_line(it, frame.owner, "" if frame.name == "__init__" else f".{frame.name}")


def _of_line(it: Interpreter, cls: Class, tail: str) -> list[Entry]:
    info = cls.module.class_info(cls)
    line = [cls, *(info.line() if info is not None else ())]
    found = (rule(it, c.module, f"{c.name}{tail}") for c in line)
    return [entry for entry in found if entry is not None]


def _callable(entry: Entry, name: str, sense: Sense, node: int) -> Made:
    asked = replace(entry, name=f"{entry.name}({name})", sense=sense, kind="", makes="loss", needs={})
    return Made("loss", asked, node, of=name)


def method(it: Interpreter, made: Made, m: Method, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """A method of such a callable: what classes make of it that stand near by goes before what is documented."""
    from vaelint.infer.evaluate import methods
    from vaelint.infer.libraries import library

    if m.name in _ITSELF:
        return made
    if made.of and m.name not in ("forward", "__call__"):
        opaque = it.opaque(made.of, made.of, made.node, why=f"`{made.of}` is a parameter")
        out = methods.call(it, replace(m, receiver=opaque), args, e, f)
        if m.name not in ("loss", "apply") or not isinstance(out, Quantity) or not is_plain(out):
            return out
    return library.call_made(it, made, args, e, f)


def _asked(entry: Entry, name: str) -> Sense | None:
    if name in (entry.minimizes, entry.maximizes):
        return Sense.COST if name == entry.minimizes else Sense.GAIN
    asked = entry.needs.get(name)
    return asked if asked in _WANTED else None


def _is_number(annotation: ir.Expr | None) -> bool:
    return annotation is not None and ir.render(annotation).rsplit(".", 1)[-1].strip("'\"") in _NUMBERS
