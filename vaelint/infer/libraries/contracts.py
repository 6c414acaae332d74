"""The other side of a contract: in a library's own source, what its documentation says of a parameter.

The rules say what users have to hand over: SVI minimises its ``loss``, a sampler takes a log-density. Where the library
itself is read, nobody in sight hands anything over, and the parameter holds what the documentation asks for. If the
library did the opposite of it, that would be its bug.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last
from vaelint.infer.journal import Remembered
from vaelint.infer.values import Class, Frame, Instance, Made, Module, Quantity, Value, meant
from vaelint.knowledge.schema import Entry
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import Meaning, Sense

_NUMBERS = frozenset({"Tensor", "Array", "ndarray", "float"})
_FUNCTION = Words("function_name")
_WANTED = {Sense.COST: "should go down", Sense.GAIN: "should go up"}


def rule(it: Machine, module: Module, name: str) -> Entry | None:
    """The rule for a name of a file of a library that the rules know."""
    path = module.program.project.dotted(module.path)
    return it.knowledge.lookup(f"{path}.{name}") if _is_of_library(it, module) else None


def parameter(it: Machine, p: ir.Param, frame: Frame) -> Value | None:
    """What is handed over for a parameter: a number by its annotation, else a callable that yields one."""
    for entry in _rules(it, frame):
        sense = _asked(entry, p.name)
        if sense is None:
            continue
        if _is_number(p.annotation):
            why = f"`{p.name}` of `{entry.name}` {_WANTED[sense]}, by its documentation"
            return meant(Meaning(sense, "", Basis.LIBRARY), p.name, p.id, why)
        # What yields a number of its own is given numbers, as a rule, where it does not say that it is a function.
        if entry.sense is None or entry.makes or _FUNCTION.of(p.name):
            return _callable(entry, p.name, sense, p.id)
    return None


def kept(it: Machine, base: Instance, name: str, held: Value) -> Value:
    """An attribute under the name of such a parameter: what becomes of it before it is kept does not turn it round."""
    if not isinstance(held, Quantity) or any(t.meaning.is_evidence for t in held.terms):
        return held
    for entry in of_line(it, base.cls, ""):
        sense = _asked(entry, name)
        if sense is not None:
            return _callable(entry, name, sense, held.key)
    return held


def _rules(it: Machine, frame: Frame) -> list[Entry]:
    """Of a function, a method, or the class that is made: its own, and what its bases document."""
    if frame.owner is None:
        at = frame.parent is frame.module.frame and rule(it, frame.module, frame.name)
        return [at] if at else []
    return of_line(it, frame.owner, "" if frame.name == "__init__" else f".{frame.name}")


class Documented(dict[int, list[Class]], Remembered):
    """Remembered: a class and its bases, as far as the rules may know them, by the node of the class."""


def of_line(it: Machine, cls: Class, tail: str) -> list[Entry]:
    """What the rules have of a class and its bases, the nearest first; ``tail``: of a member of theirs."""
    known = it.memory(Documented)
    if cls.node not in known:
        # Asked at every call, of every class of the line: the few that stand in a library's own file are kept.
        info = cls.module.class_info(cls)
        line = [cls, *(info.line() if info is not None else ())]
        known[cls.node] = [c for c in line if _is_of_library(it, c.module)]
    found = (rule(it, c.module, f"{c.name}{tail}") for c in known[cls.node])
    return [entry for entry in found if entry is not None]


def _is_of_library(it: Machine, module: Module) -> bool:
    path = module.program.project.dotted(module.path)
    return bool(path) and it.knowledge.knows(path.partition(".")[0])


def _callable(entry: Entry, name: str, sense: Sense, node: int) -> Made:
    asked = replace(entry, name=f"{entry.name}({name})", sense=sense, kind="", makes="loss", needs={})
    return Made("loss", asked, node, of=ir.Name(node, name))


def _asked(entry: Entry, name: str) -> Sense | None:
    if name in (entry.minimizes, entry.maximizes):
        return Sense.COST if name == entry.minimizes else Sense.GAIN
    asked = entry.needs.get(name)
    return asked if asked in _WANTED else None


def _is_number(annotation: ir.Expr | None) -> bool:
    return (annotation.value if isinstance(annotation, ir.Const) else last(annotation)) in _NUMBERS
