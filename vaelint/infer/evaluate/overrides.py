"""Methods that a class leaves to the classes that derive from it: what their implementations agree on.

Class-hierarchy analysis: an object of a declared class is of that class or of any that derives from it, and where the
class itself leaves a method open, one of theirs is what runs.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.values import Bound, Choice, Class, Function, Instance, Value

MOST_DERIVED = 32  # classes that derive from one; of more, each would get too little of the budget to be followed
MOST_NESTED = 2  # open methods inside each other: their number grows as a power, and what they prove shrinks


def find_method(instance: Instance, name: str) -> Function | None:
    info = instance.cls.module.class_info(instance.cls)
    return info.method(name, instance.cls) if info is not None else None


def is_open(method: Function) -> bool:
    """Whether a method is there to be overridden: it raises, or does nothing at all (a call is something)."""
    body = method.body
    return isinstance(body, tuple) and all(
        isinstance(s, (ir.Raise, ir.Pass)) or _says_nothing(s) for s in reached(body)
    )


def reached(body: ir.Block) -> ir.Block:
    """What of a body may run: nothing behind a `raise`."""
    end = next((i for i, s in enumerate(body, 1) if isinstance(s, ir.Raise)), len(body))
    return body[:end]


def _says_nothing(s: ir.Stmt) -> bool:
    return isinstance(s, ir.ExprStmt) and isinstance(s.value, ir.Const)


def of(it: Machine, base: Instance, name: str) -> Value | None:
    """``base.name`` as the classes that derive from its class define it; None where none does, or too many."""
    if it.open_methods >= MOST_NESTED:
        return None
    found: list[Value] = []
    for cls in base.cls.module.program.derived(base.cls, MOST_DERIVED):
        method = _own(cls, name)
        if method is not None and not is_open(method) and not it.is_running(method.node):
            found.append(Bound(method, (it.instance(cls),)))
    return Choice(tuple(found), overrides=True) if found else None


def _own(cls: Class, name: str) -> Function | None:
    info = cls.module.class_info(cls)
    return info.own_method(name, cls) if info is not None else None
