"""Named tuples: the class that ``namedtuple("Step", "state reward")`` makes, and what one of them is made of."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.values import NOWHERE, Choice, Class, Frame, Instance, Sequence, Text, Value, unknown

_MAKES = frozenset({"collections.namedtuple", "typing.NamedTuple"})
_BASE = "NamedTuple"


def made(path: str, args: Arguments, e: ir.Expr, f: Frame) -> Class | None:
    """The class that a call makes of a name and the names of fields; None for any other call."""
    if path not in _MAKES:
        return None
    given = args.get("field_names", 1)
    names = _names(given.value if given is not None else None)
    if not names or not args.positional:
        return None
    fields = tuple(ir.Assign(e.id, (ir.Name(e.id, name),), None) for name in names)
    label = args.positional[0].value
    name = label.value if isinstance(label, Text) else _BASE
    return f.module.define_class(ir.ClassDef(e.id, name, (ir.Name(e.id, _BASE),), (), fields, ()), f.module.frame)


def _names(given: Value | None) -> list[str]:
    """``"a b"``, ``["a", "b"]``, ``[("a", int), ("b", float)]``."""
    if isinstance(given, Text):
        return given.value.replace(",", " ").split()
    items = given.items if isinstance(given, Sequence) and given.rest is None else ()
    first = [x.items[0] if isinstance(x, Sequence) and x.items else x for x in items]
    return [x.value for x in first if isinstance(x, Text)] if all(isinstance(x, Text) for x in first) else []


def parts(it: Machine, value: Value) -> Sequence | None:
    """The fields of a named tuple, or of one of several, in their order; None for anything else."""
    if isinstance(value, Choice):
        each = [parts(it, v) for v in value.values]
        several = it.join([x for x in each if x is not None], NOWHERE, "") if all(each) else None
        return several if isinstance(several, Sequence) else None
    info = value.cls.module.class_info(value.cls) if isinstance(value, Instance) else None
    if info is None or not any(base.rpartition(".")[2] == _BASE for base in info.base_names()):
        return None
    assert isinstance(value, Instance)
    held = it.attributes(value)
    targets = [s.targets[0] for s in info.stmt.body if isinstance(s, ir.Assign)]
    return Sequence(tuple(held.get(t.name) or unknown(t.name, t.id) for t in targets if isinstance(t, ir.Name)))


def like(it: Machine, value: Value, leaves: tuple[Value, ...]) -> Instance | None:
    """A named tuple of the class of ``value`` that holds these; None where that is none."""
    if not isinstance(value, Instance) or (info := value.cls.module.class_info(value.cls)) is None:
        return None
    made = it.instance(value.cls, Arguments([]))
    targets = [s.targets[0] for s in info.stmt.body if isinstance(s, ir.Assign)]
    for target, leaf in zip((t for t in targets if isinstance(t, ir.Name)), leaves):
        it.set_attribute(made, target.name, leaf)
    return made


def columns(it: Machine, rows: Value, e: ir.Expr) -> Sequence | None:
    """``zip(*rows)`` of rows whose items are known one by one: a list of each."""
    row = it.element(rows, e)
    row = parts(it, row) or row
    if not isinstance(row, Sequence) or row.rest is not None or not row.items:
        return None
    return Sequence(tuple(Sequence((), x) for x in row.items))
