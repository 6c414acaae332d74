"""What is passed for a parameter whose name claims which way it goes: a cost for a ``reward_fn``, a density for a loss.

Both sides of the project's own calls: the name of the parameter is the claim, the value or what the callable returns is
what is known of it. Only what is known to go the other way is told.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.arguments import Argument
from vaelint.infer.declarations import Fields, fields, sense
from vaelint.infer.events import Handed
from vaelint.infer.quantities.algebra import opposes, overall
from vaelint.infer.seen import ObjectMade, ParametersBound, View, observes
from vaelint.infer.values import Bound, Frame, Function, Quantity, Value
from vaelint.sense import Sense

_CALLED = ("_fn", "_func", "_function", "Fn", "_f")  # ends of the names of what is called for the value


class Asked(dict[tuple[int, str], "Quantity | None"]):
    """Remembered: what a callable returns, by its node and the parameter that it was passed for."""


@observes(ParametersBound)
def called(view: View, seen: ParametersBound) -> None:
    """A function of the project is called."""
    _declared(view, seen.function, seen.given, seen.function.name, seen.scope)
    _passed(view, seen.function.params, seen.given, seen.function.name, seen.scope)


@observes(ObjectMade)
def made(view: View, seen: ObjectMade) -> None:
    """An object is made: its ``__init__`` may run later, or never."""
    cls = seen.made.cls
    info = cls.module.class_info(cls)
    init = info.method("__init__", cls) if info is not None else None
    if init is None:
        _fields(view, seen)
        return
    slots = [p for p in init.params[1:] if p.star == "" and not p.kwonly]
    given = dict(zip((p.name for p in slots), seen.args.positional)) | seen.args.named
    _declared(view, init, given, cls.name, seen.scope)
    _passed(view, init.params, given, cls.name, seen.scope)


def _declared(view: View, fn: Function, given: dict[str, Argument], callee: str, f: Frame) -> None:
    """Arguments whose parameters declare what they take."""
    for p in fn.params:
        declares = sense(p.annotation, fn.closure or fn.module.frame) if p.name in given else None
        if declares is not None:
            _against(view, given[p.name], declares, callee, p.name, f)


def _fields(view: View, seen: ObjectMade) -> None:
    """An object is made by filling its fields, as those of a dataclass are."""
    cls = seen.made.cls
    info, known = cls.module.class_info(cls), fields(view.memory(Fields), cls)
    if info is None or not known:
        return
    targets = [s.targets[0] for s in info.stmt.body if isinstance(s, ir.Assign)]
    given = dict(zip((t.name for t in targets if isinstance(t, ir.Name)), seen.args.positional)) | seen.args.named
    for name in known.keys() & given.keys():
        _against(view, given[name], known[name], cls.name, name, seen.scope)


def _against(view: View, a: Argument, declares: Sense, callee: str, name: str, f: Frame) -> None:
    q = _yielded(view, a, name, f)
    if q is not None and opposes(q, declares):
        view.emit(Handed(q, declares, callee, name, a.expr.id, basis=Basis.ANNOTATION))


def _passed(view: View, params: Iterable[ir.Param], given: dict[str, Argument], callee: str, f: Frame) -> None:
    for p in params:
        a = given.get(p.name)
        if a is None:
            continue
        claim = view.knowledge.claim(_bare(p.name))
        if claim is None or not claim.sense.directed:
            continue
        q = _yielded(view, a, p.name, f)
        if q is not None and overall(q).sense is -claim.sense:
            at = a.expr.id
            view.emit(Handed(q, claim.sense, callee, p.name, at, basis=Basis.NAME, claim=claim))


def _bare(name: str) -> str:
    return next((name.removesuffix(end) for end in _CALLED if name.endswith(end)), name)


def _yielded(view: View, a: Argument, name: str, f: Frame) -> Quantity | None:
    """The number that is passed, or that the callable returns."""
    if isinstance(a.value, Quantity):
        return a.value
    fn: Value = a.value.function if isinstance(a.value, Bound) else a.value
    if not isinstance(fn, Function) or not isinstance(a.expr, (ir.Name, ir.Attr, ir.Lambda)):
        return None
    known, key = view.memory(Asked), (fn.node, name)
    if key not in known:
        known[key] = None  # asked for once more on the way there
        out, at = view.answer(a.value, a.expr, a.expr.id, f)
        known[key] = out.having(origin=at) if isinstance(out, Quantity) else None
    return known[key]
