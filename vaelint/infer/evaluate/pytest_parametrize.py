"""What a test is run with: the cases that its decorator lists (pytest's ``parametrize``, absl's ``parameterized``).

Only callables are taken from there: an objective that a test is given is one of those in the table. Of a number or a
flag each value would be a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Many

from vaelint import ir
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.expression import last
from vaelint.infer.values import Bound, Function, Library, Mapping, Sequence, Text, Value, either

Case = Iterator[tuple[str, Value]]  # a parameter, and a value it is given
_CALLABLES = (Function, Bound, Library)


def given(it: Machine, fn: Function, own: int) -> dict[str, Value]:
    """The parameters of ``fn`` that are handed callables, after the first ``own``: one of several, or the only one."""
    found: dict[str, list[Value]] = {}
    names = [p.name for p in fn.params[own:]]
    for table in fn.tables:
        for name, value in _cases(it, table, names, fn):
            found.setdefault(name, []).append(value)
    callables = {name: values for name, values in found.items() if all(isinstance(v, _CALLABLES) for v in values)}
    chosen = {name: vs[0] if all(v == vs[0] for v in vs) else either(vs) for name, vs in callables.items()}
    return {name: value for name, value in chosen.items() if value is not None}


def _cases(it: Machine, table: ir.Call, names: Many[str], fn: Function) -> Case:
    frame = fn.closure or fn.module.frame
    plain = [it.eval(a.value, frame) for a in table.args if a.name is None and not a.star]
    match last(table.func):
        case "product":
            for a in table.args:
                if a.name is not None:
                    yield from ((a.name, v) for v in _items(it.eval(a.value, frame)))
            for v in plain:
                for case in _items(v):
                    yield from _case(case, names)
        case "parametrize" if len(plain) > 1:
            asked = [*_names(plain[0])]
            for case in _items(plain[1]):
                yield from _case(case, asked) if len(asked) > 1 else iter([(asked[0], case)] if asked else ())
        case "parameters" | "named_parameters" as kind:
            cases = _items(plain[0]) if len(plain) == 1 else plain
            for case in cases:
                if kind == "named_parameters" and isinstance(case, Sequence):
                    case = Sequence(case.items[1:])  # the first is the name of the case
                yield from _case(case, names)


def _case(case: Value, names: Many[str]) -> Case:
    match case:
        case Mapping(items=items):
            yield from items.items()
        case Sequence(items=items):
            yield from zip(names, items)
        case _ if names:
            yield names[0], case


def _items(v: Value) -> tuple[Value, ...]:
    return v.items if isinstance(v, Sequence) and v.rest is None else ()


def _names(v: Value) -> Iterator[str]:
    for part in v.items if isinstance(v, Sequence) else (v,):
        if isinstance(part, Text):
            yield from (name.strip() for name in part.value.split(",") if name.strip())
