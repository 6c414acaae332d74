"""What an attribute holds that ``__init__`` does not set, or leaves to whoever makes the object.

Losses are handed over: a base class keeps what the classes derived from it hand on, ``fit`` or ``configure`` sets what
the training loop calls. Only attributes whose names speak of a loss are looked for, since the search costs.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.infer.evaluate import parameters
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.evaluate.parameters import LOSS, parameter
from vaelint.infer.expression import last
from vaelint.infer.values import (
    NONE,
    Bound,
    Choice,
    Class,
    ClassInfo,
    Frame,
    Function,
    Instance,
    Library,
    Made,
    Method,
    Quantity,
    Value,
    either,
    is_parameter,
    is_plain,
)

MOST_DERIVED = 48  # classes that are asked what they hand on: one expression of each is evaluated
_CALLABLE = (Function, Bound, Class, Instance, Library, Made, Method)


def handed(it: Machine, base: Instance, name: str, held: Value) -> Value:
    """An attribute that is what somebody handed over: what the classes derived from this one hand on to it."""
    if not isinstance(held, Quantity) or not (is_parameter(held) and is_plain(held)) or not LOSS.of(name):
        return held
    key, known = (base.cls.node, name), it.memory(parameters.Handed).on
    if key not in known:
        known[key] = held  # asked for once more on the way there
        param = held.terms[0].why.split("`")[1]
        found: list[Value] = []
        with it.looking():
            for cls in base.cls.module.program.derived(base.cls, MOST_DERIVED):
                value = _handed_on(it, cls, param, cls.module.class_info(cls))
                found += value.values if isinstance(value, Choice) else [value] if isinstance(value, _CALLABLE) else []
        known[key] = _one_of(found) or held
    return known[key]


def _handed_on(it: Machine, cls: Class, param: str, info: ClassInfo | None) -> Value | None:
    """What ``__init__`` of a derived class gives as this parameter to that of its base."""
    init = info.own_method("__init__", cls) if info is not None else None
    if init is None or not isinstance(init.body, tuple):
        return None
    frame = Frame(init.module, init.name, init.closure, init.owner)
    frame.vars.update({p.name: parameter(it, p, frame) for p in init.params})
    for s in _flat(init.body):
        if isinstance(s, ir.ExprStmt) and isinstance(s.value, ir.Call) and last(s.value.func) == "__init__":
            given = next((a.value for a in s.value.args if a.name == param), None)
            return it.eval(given, frame) if given is not None else None
        if isinstance(s, ir.If) and any(last(t) == param for t in _targets(s.body)) and not s.orelse:
            it.run((s,), frame)  # `if loss is None: loss = …`
        elif isinstance(s, ir.Assign) and any(last(t) == param for t in s.targets):
            it.run((s,), frame)
    return None


def _flat(block: ir.Block) -> Iterator[ir.Stmt]:
    for s in block:
        yield s
        if isinstance(s, ir.With):
            yield from _flat(s.body)


def _targets(block: ir.Block) -> list[ir.Expr]:
    return [t for s in block if isinstance(s, ir.Assign) for t in s.targets]


def _one_of(values: list[Value]) -> Value | None:
    """One of them; of the objects that several classes make of one class, one stands for all."""
    kinds: dict[object, Value] = {}
    for v in values:
        kinds.setdefault(v.cls.node if isinstance(v, Instance) else (type(v), repr(v)), v)
    distinct = list(kinds.values())
    return distinct[0] if len(distinct) == 1 else either(distinct)


def declared(it: Machine, base: Instance, name: str, held: Value) -> Value:
    """An attribute that nobody resolved: what the class body declares it to be (``loss: Loss``)."""
    if not isinstance(held, Quantity) or len(held.terms) != 1 or not is_plain(held) or not LOSS.of(name):
        return held
    info = base.cls.module.class_info(base.cls)
    found = info.annotation(name) if info is not None else None
    known = parameters.typed(it, *found) if found is not None else None
    return known if known is not None else held


def filled(it: Machine, base: Instance, name: str, held: Value | None) -> Value | None:
    """What can be called of an attribute that is None at first: what another method has put there by then."""
    found = elsewhere(it, base, name) if held == NONE else None
    return found if isinstance(found, (*_CALLABLE, Choice)) else None


def elsewhere(it: Machine, base: Instance, name: str) -> Value | None:
    """What methods other than ``__init__``, here or in classes derived from this one, bind to an attribute."""
    key, looking = (base.cls.node, name), it.memory(parameters.Handed).looking
    if not LOSS.of(name) or key in looking or key in it.memory(parameters.Handed).nowhere:
        return None
    looking.add(key)
    try:
        with it.looking():
            info = base.cls.module.class_info(base.cls)
            values = [v for cls in (base.cls, *(info.line() if info else ())) for v in _bound(it, base, cls, name)]
            if not values:
                derived = base.cls.module.program.derived(base.cls, MOST_DERIVED)
                values = [v for cls in derived for v in _bound(it, it.instance(cls), cls, name)]
            if not values:
                it.memory(parameters.Handed).nowhere.add(key)
            return it.join(values, -1, name) if values else None
    finally:
        looking.discard(key)


def _bound(it: Machine, me: Instance, cls: Class, name: str) -> Iterator[Value]:
    """What the methods of one class assign to ``self.name``."""
    info = cls.module.class_info(cls)
    if info is None:
        return
    for method in info.method_names:
        fn = info.own_method(method, cls) if method != "__init__" and _mentions(info, method, name) else None
        if fn is not None and isinstance(fn.body, tuple) and fn.params:
            frame = Frame(fn.module, fn.name, fn.closure, fn.owner)
            frame.vars.update({p.name: parameter(it, p, frame) for p in fn.params[1:]})
            frame.vars[fn.params[0].name] = me
            for value in _assigned(fn.body, name, fn.params[0].name):
                yield it.eval(value, frame)


def _mentions(info: ClassInfo, method: str, name: str) -> bool:
    unit = info.unit(method)
    if unit is None:
        return True
    return name in info.module.source.around_unit(unit).words


def _assigned(block: ir.Block, name: str, me: str) -> Iterator[ir.Expr]:
    for s in block:
        match s:
            case ir.Assign(targets=targets, value=value) if value is not None:
                if any(isinstance(t, ir.Attr) and t.name == name and _is(t.base, me) for t in targets):
                    yield value
            case ir.If(body=body, orelse=orelse):
                yield from _assigned(body, name, me)
                yield from _assigned(orelse, name, me)
            case ir.With(body=body) | ir.For(body=body):
                yield from _assigned(body, name, me)
            case ir.Try(body=body, handlers=handlers):
                yield from _assigned(body, name, me)
                for _, handler in handlers:
                    yield from _assigned(handler, name, me)


def _is(e: ir.Expr, name: str) -> bool:
    return isinstance(e, ir.Name) and e.name == name
