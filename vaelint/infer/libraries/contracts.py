"""The other side of a contract: in a library's own source, what its documentation says of a parameter.

The rules say what users have to hand over: SVI minimises its ``loss``, a sampler takes a log-density. Where the library
itself is read, nobody in sight hands anything over, and the parameter holds what the documentation asks for. If the
library did the opposite of it, that would be its bug.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.infer.values import Made, Value, meant
from vaelint.knowledge.schema import Entry
from vaelint.sense import Basis, Meaning, Sense

if TYPE_CHECKING:
    from vaelint.infer.evaluate.interpreter import Interpreter
    from vaelint.infer.project.module import Module
    from vaelint.infer.state import Frame

_NUMBERS = frozenset({"Tensor", "Array", "ndarray", "float"})
_ASKED = ("parameter of `{}` is {}, by its documentation").format
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
            why = f"`{p.name}`: a {_ASKED(entry.name, _WANTED[sense])}"
            return meant(Meaning(sense, "", Basis.FACT), p.name, p.id, why)
        return Made("loss", replace(entry, sense=sense, kind="", makes="loss", needs={}), p.id)
    return None


def _rules(it: Interpreter, frame: Frame) -> list[Entry]:
    """Of a function, a method, or the class that is made: its own, and what its bases document."""
    if frame.owner is None:
        at = frame.parent is frame.module.frame and rule(it, frame.module, frame.name)
        return [at] if at else []
    own = frame.owner
    info = own.module.class_info(own)
    line = [own, *(info.line() if info is not None else ())]
    tail = "" if frame.name == "__init__" else f".{frame.name}"
    found = (rule(it, cls.module, f"{cls.name}{tail}") for cls in line)
    return [entry for entry in found if entry is not None]


def _asked(entry: Entry, name: str) -> Sense | None:
    if name in (entry.minimizes, entry.maximizes):
        return Sense.COST if name == entry.minimizes else Sense.GAIN
    asked = entry.needs.get(name)
    return asked if asked in _WANTED else None


def _is_number(annotation: ir.Expr | None) -> bool:
    return annotation is not None and ir.render(annotation).rsplit(".", 1)[-1].strip("'\"") in _NUMBERS
