"""What the command line sets: ``args.weight`` where the file has ``add_argument("--weight", default=0.1)``.

A number by default is a setting, as the default of a parameter is (`parameters.setting`). Which names hold the options
shows where they are bound to what ``parse_args`` returns; they are passed on under the same name, as a rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from vaelint import ir
from vaelint.infer.evaluate import parameters
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import bound_in, calls_of, last
from vaelint.infer.journal import Remembered
from vaelint.infer.values import Frame, Quantity, is_unknown
from vaelint.source.file import SourceFile

_PARSES = frozenset({"parse_args", "parse_known_args", "get_args", "parse_arguments"})
_ADDS = "add_argument"


class Parsed(NamedTuple):
    """``names``: what holds the options; ``defaults``: the numbers that options have by default, by their name."""

    names: frozenset[str]
    defaults: dict[str, float]


@dataclass(eq=False)
class Options(Remembered):
    """By file. They follow from its text alone, so that no summary has to note that they were asked for."""

    files: dict[str, Parsed] = field(default_factory=dict)


def of(it: Machine, e: ir.Attr, f: Frame) -> Quantity | None:
    """The value of an option; None for an attribute that is none, or has no number by default."""
    source = f.module.source
    if _ADDS not in source.identifiers:
        return None
    known = it.memory(Options).files
    if source.name not in known:
        known[source.name] = _parsed(source)
    names, defaults = known[source.name]
    if e.name not in defaults or last(e.base) not in names:
        return None
    q = it.opaque(ir.render(e), e.name, e.id)
    return parameters.setting(q, e.name, defaults[e.name]) if is_unknown(q) else q


def _parsed(source: SourceFile) -> Parsed:
    defaults: dict[str, float] = {}
    for found in source.speaking_of(_ADDS):
        for call in calls_of(found.code, _ADDS):
            given = {a.name: a.value for a in call.args if a.name is not None}
            default, dest = given.get("default"), _dest(call, given.get("dest"))
            value = parameters.amount(default)
            if dest and value:
                defaults[dest] = float(value) if last(given.get("type")) == "float" else value
    names = {
        last(target)
        for word in _PARSES & source.identifiers
        for found in source.speaking_of(word)
        for target, value in bound_in(found.code)
        if isinstance(value, ir.Call) and last(value.func) == word
    }
    return Parsed(frozenset(names), defaults)


def _dest(call: ir.Call, dest: ir.Expr | None) -> str:
    """The name under which an option is found: ``learning_rate`` of ``"-l", "--learning-rate"``."""
    if isinstance(dest, ir.Const):
        return str(dest.value)
    flags = [a.value.value for a in call.args if isinstance(a.value, ir.Const) and a.name is None]
    long = [x for x in flags if isinstance(x, str) and x.startswith("--")] or [x for x in flags if isinstance(x, str)]
    return long[0].lstrip("-").replace("-", "_") if long else ""
