"""Calling things: functions of the project, classes, objects, and what nobody could resolve."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.evaluate import (
    alternatives,
    autograd_function,
    binding,
    builtin,
    declared,
    flax_apply,
    methods,
    overrides,
    pytest_parametrize,
    transforms,
    unknown_attributes,
)
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.evaluate.parameters import parameter
from vaelint.infer.evaluate.summaries import MAX_DEPTH
from vaelint.infer.expression import head, last
from vaelint.infer.libraries import compiled, documented, library
from vaelint.infer.optimising import sinks, updates, variables
from vaelint.infer.quantities import policies
from vaelint.infer.quantities.algebra import ENTROPY
from vaelint.infer.seen import (
    ArgumentPassed,
    CallReached,
    EntryOpened,
    MethodCalled,
    ObjectMade,
    ParametersBound,
    SeveralReturned,
)
from vaelint.infer.values import (
    NONE,
    RUN,
    Applied,
    Bound,
    Choice,
    Class,
    Custom,
    Form,
    Frame,
    Function,
    GradientFunction,
    Instance,
    Library,
    Made,
    Mapping,
    Method,
    Quantity,
    Sequence,
    Source,
    Value,
    is_unknown,
    meant,
    unknown,
)
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace

CALL_STEPS = 9  # that a call costs besides what the function does: its parameters, its result, the names of both


# Methods that a module has from its library, which hand back the object itself.
_ITSELF = frozenset(
    {"to", "cuda", "cpu", "train", "eval", "double", "float", "half", "bfloat16", "requires_grad_", "share_memory"}
)


def call_expression(it: Machine, e: ir.Call, f: Frame) -> Value:
    special = builtin.special_form(it, e, f)
    if special is not None:
        return special
    if isinstance(e.func, ir.Attr):
        base = it.eval(e.func.base, f)
        me = f.find("self") if methods.of_base(e) else base  # `super().to(device)`
        if e.func.name in _ITSELF and isinstance(me, Instance):
            if not isinstance(base, Instance) or overrides.find_method(base, e.func.name) is None:
                for a in e.args:
                    it.eval(a.value, f)
                return me
        callee = _member(it, e.func, base, f)
    else:
        callee = it.eval(e.func, f)
    args = passed(it, e, f)
    compiled.called(it, e, args, f)
    if isinstance(callee, Bound) and sinks.is_step_of_optimizer(callee):
        return sinks.opaque_step(it, ir.called("optimizer"), args, e, f)
    moved = documented.optimising(it, callee, args, e, f)
    if moved is not None:
        return moved
    out = call(it, callee, args, e, f)
    if isinstance(callee, (Function, Bound, Instance, Choice)):
        updates.followed(it, out, args, e, f)
    return _of_callee(it, callee, out, args, e)


def _member(it: Machine, func: ir.Attr, base: Value, f: Frame) -> Value:
    """What is called as ``base.name``."""
    if base == NONE:  # by the time that it is asked for something, somebody has put something there
        base = it.opaque(ir.render(func.base), last(func.base), func.base.id)
    put = unknown_attributes.held(it, func, f) if isinstance(base, Quantity) else None
    if put is not None:
        return put
    if isinstance(base, Quantity) or methods.has_methods(base):
        return Method(base, func.name, func)
    return it.attribute(func, base, f)


def _of_callee(it: Machine, callee: Value, out: Value, args: Arguments, e: ir.Call) -> Value:
    """What a call yields, with what is known of it by what was called."""
    if not isinstance(out, Quantity):
        return out
    if is_unknown(out) and (
        _is_opaque(callee) or (isinstance(callee, Method) and _values(e.func) and not _is_answer(out))
    ):
        return from_network(out, ir.render(e.func), args)
    if isinstance(callee, (Function, Bound, Instance, Choice)):
        told = documented.of(it, callee, out, args, e)
        if isinstance(callee, Choice) or not isinstance(told, Quantity):
            return told
        if _is_network(callee, told):
            answer = _made_here(told, e) if isinstance(callee, Instance) and is_unknown(told) else told
            return from_network(answer, ir.render(e.func), args)
        return binding.neutral(it, told, callee, e.id)
    return out


def _is_opaque(callee: Value) -> bool:
    """Whether what is called is a network as far as anybody knows."""
    return isinstance(callee, (Quantity, Applied)) or (isinstance(callee, Made) and callee.what != "function")


def _is_network(callee: Value, out: Quantity) -> bool:
    """Whether what is called is a network by what it yields: what nobody resolves, or a probability.

    A function is one where no other is seen to have answered: its layers are written out in it.
    """
    if isinstance(callee, Instance):
        return is_unknown(out) or out.form == Form.PROBABILITY
    return isinstance(callee, Function) and out.form == Form.PROBABILITY and not _is_answer(out)


def _made_here(out: Quantity, e: ir.Call) -> Quantity:
    """What a network of the project answers is made where it is asked: its last layer answers for every call."""
    if len(out.terms) != 1:
        return out
    label = ir.render(e, 40)
    return replace(out, label=label, origin=e.id, terms=(replace(out.terms[0], node=e.id, made=e.id, label=label),))


@ir.once
def _values(method: ir.Expr) -> bool:
    """Whether what is called speaks of the value of an action."""
    return policies.names_value(ir.render(method))


def _is_answer(out: Quantity) -> bool:
    """Whether the network that it came out of is known: a method of its answer (`.view`) is none."""
    return any(t.source is not None for t in out.terms)


def passed(it: Machine, e: ir.Call, f: Frame) -> Arguments:
    """The arguments of a call, shown to those who watch calls."""
    given = (_argument(it, a.value, e.func, f) for a in e.args)
    args = Arguments([Argument(value, a.name, a.star, a.value) for a, value in zip(e.args, given)])
    it.see(CallReached(e, args, f))
    return args


def _argument(it: Machine, e: ir.Expr, func: ir.Expr, f: Frame) -> Value:
    value = _handed(it, e, f)
    moment = ArgumentPassed(e, value, func, f)
    it.see(moment)
    return it.refined(moment, value)


def _handed(it: Machine, e: ir.Expr, f: Frame) -> Value:
    """The value of an argument; ``model.nll`` of a model of unknown class is a method, handed over to be called."""
    if isinstance(e, ir.Attr):
        base = it.eval(e.base, f)
        method = methods.unbound(it, e.name, f) if isinstance(base, Quantity) else None
        it.spend(1)
        return method if method is not None else it.attribute(e, base, f)
    return it.eval(e, f)


_CRITERION = Words("criterion")


def from_network(out: Quantity, network: ir.Written, args: Arguments) -> Quantity:
    """Remember which network an unresolved result came out of; no iterator's next batch, no criterion's loss."""
    if (
        len(out.terms) != 1
        or not args.given
        or _CRITERION.within(head(network.expr) if network.expr is not None else None)
    ):
        return out
    terms = [t for a in args.given if isinstance(a.value, Quantity) for t in a.value.terms]
    generated = any(t.source is not None and t.source.network != network for t in terms)
    source = Source(network, generated, tuple(a.expr for a in args.given))
    return replace(out, terms=(replace(out.terms[0], source=source),))


def call(it: Machine, callee: Value, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    match callee:
        case Function():
            gradient = transforms.differentiating(it, callee)
            return call_function(it, callee, args, e, f) if gradient is None else call(it, gradient, args, e, f)
        case Bound(function=function, args=first, kwargs=kwargs):
            if first and isinstance(first[0], Instance) and isinstance(function, Function):
                it.see(MethodCalled(first[0], function.name, args, e, f))
            given = [Argument(v, None, "", e) for v in first] + args.given
            given += [Argument(v, k, "", e) for k, v in kwargs.items() if k not in args.named]
            return call(it, function, Arguments(given), e, f)
        case Library(path=path):
            return library.call(it, path, args, e, f)
        case Choice():
            return alternatives.called(it, callee, args, e, f)
        case Method():
            return methods.call(it, callee, args, e, f)
        case Class():
            return _make(it, callee, args, e, f)
        case Instance():
            return _call_object(it, callee, args, e, f)
        case Made():
            it.see(MethodCalled(callee, "__call__", args, e, f))
            out = library.call_made(it, callee, args, e, f)
            return out if callee.last is None else _through_last(it, callee.last, out, args, e, f)
        case Custom():
            return autograd_function.call(it, callee, args, e, f)
        case Applied():
            return flax_apply.call(it, callee, args, e, f)
        case GradientFunction():
            return variables.differentiated(it, callee, args, e, f)
        case Quantity(label=label):
            return opaque_call(it, e, args, f, last(label.expr))
        case _:
            return unknown(ir.render(e), e.id, f"call:{e.id}")


def _through_last(it: Machine, layer: Made | Library, out: Value, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """What a network of layers yields: what the last of them makes of what came out of those before it."""
    if not isinstance(out, Quantity) or not isinstance(e, ir.Call):
        return out
    return it.call(layer, Arguments.of([from_network(out, ir.render(e.func), args)], e), e, f)


def _make(it: Machine, cls: Class, args: Arguments, e: ir.Expr, f: Frame) -> Instance:
    for a in args.given:
        if a.name is not None:  # a field of a result is known by its name
            binding.claim_on(it, a.value, a.name, a.expr.id, f, "key")
    made = it.instance(cls, args)
    it.see(ObjectMade(made, e, args, f))
    return made


def _call_object(it: Machine, callee: Instance, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    for name in RUN:
        method = overrides.find_method(callee, name)
        if method is not None:
            it.see(MethodCalled(callee, name, args, e, f))
            if overrides.is_open(method):
                break
            return call_function(it, method, Arguments([Argument(callee, None, "", e), *args.given]), e, f)
    theirs = next((found for name in RUN[::-1] if (found := overrides.of(it, callee, name)) is not None), None)
    return call(it, theirs, args, e, f) if theirs is not None else opaque_call(it, e, args, f, "")


def opaque_call(it: Machine, e: ir.Expr, args: Arguments, f: Frame, name: str) -> Value:
    """A call that nobody could resolve: a new source, with at most what the callee's name claims."""
    given = args.first
    if name == "manual_backward" and isinstance(given, Quantity):  # of a class that is derived from Lightning's
        return sinks.backward(it, given, Arguments([]), e, f)
    sinks.maybe_update(it, name, args, e, f)
    bare = name
    for suffix in ("_fn", "_func", "_function", "Fn"):
        bare = bare.removesuffix(suffix)
    bare = "loss" if bare in ("criterion", "objective_criterion") else bare
    label = ir.render(e, 40)
    if bare == "entropy":
        return meant(ENTROPY, label, e.id, "`entropy` is an entropy, by its name", roots=frozenset((f"call:{e.id}",)))
    out = it.opaque(label, bare, e.id, why=f"`{label}` is not resolved")
    return replace(out, roots=frozenset((f"call:{e.id}",)), positive=False, form="")


_OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "@": "matmul"}


def operator(it: Machine, op: str, left: Value, right: Value, e: ir.Expr, f: Frame) -> Value | None:
    """What a class of the project makes of an operator (a loss with its own ``+``); None where it has none."""
    for me, other, prefix in ((left, right, "__"), (right, left, "__r")):
        if isinstance(me, Instance) and op in _OPERATORS:
            method = overrides.find_method(me, f"{prefix}{_OPERATORS[op]}__")
            if method is not None:
                return call_function(it, method, Arguments.of([me, other], e), e, f)
    return None


def call_function(it: Machine, fn: Function, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    return declared.result(fn, _followed(it, fn, args, e, f), e.id)


def _followed(it: Machine, fn: Function, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    if it.is_running(fn.node) or _is_deep(it) or not it.affords_call():
        # Recursion, too deep, or too much followed already: the value of the inner call is not known.
        return unknown(ir.call_of(fn.name), e.id, f"call:{e.id}", _why_not_followed(it, fn))
    if is_abstract(fn):
        return opaque_call(it, e, args, f, fn.name)
    if not fn.matters and fn.name != "__init__" and not _hands_ours(args):
        claim = it.knowledge.claim(fn.name)
        if claim is None or claim.kind:  # a long function without a word of ours, and not called a plain "loss"
            return opaque_call(it, e, args, f, fn.name)
    frame = Frame(fn.module, fn.name, fn.closure, fn.owner)
    frame.cuts_gradients = bool(fn.decorators) and transforms.cuts_gradients(it, fn)
    it.spend(CALL_STEPS)
    _bind(it, fn, args, frame, e)
    slots = [p.name for p in fn.params if p.star == "" and not p.kwonly]
    it.see(ParametersBound(fn, {**dict(zip(slots, args.positional)), **args.named}, f))
    floor = it.floor
    it.floor = it.steps - (it.steps - floor) * 3 // 4
    try:
        return _as_named(it, fn, _run(it, fn, frame, e.id), e.id)
    finally:
        it.floor = floor


def _is_deep(it: Machine) -> bool:
    if len(it.stack) < MAX_DEPTH:
        return False
    it.journal.limited()
    return True


def _hands_ours(args: Arguments) -> bool:
    """Whether a number with a sense is handed over: what becomes of it matters, whatever the words there."""
    return any(
        isinstance(a.value, Quantity) and any(t.meaning.sense.directed for t in a.value.terms) for a in args.given
    )


def answer(it: Machine, value: Value, e: ir.Expr, at: int, f: Frame) -> tuple[Value, int]:
    """What a callable returns when it is called with arguments nobody knows; and the expression that is returned.

    ``at`` stands for that where the callable is not followed.
    """
    it.returned_at = at
    if isinstance(value, Instance):
        method = overrides.find_method(value, "__call__")
        value = Bound(method, (value,)) if method is not None else value
    fn = value.function if isinstance(value, Bound) else value
    if not isinstance(fn, Function):
        return value, e.id
    done = len(value.args) if isinstance(value, Bound) else 0
    held = value.kwargs if isinstance(value, Bound) else {}
    params = [p for p in fn.params if p.star == "" and p.default is None][done:]
    given = [parameter(it, p, f) for p in params if p.name not in held]
    out = it.call(value, Arguments.of(given, e), e, f)
    return out, it.returned_at if isinstance(fn.body, tuple) else fn.body.id


def is_abstract(fn: Function) -> bool:
    """Whether a function is there to be overridden: it raises, and does nothing else."""
    body = overrides.reached(fn.body) if isinstance(fn.body, tuple) else ()
    raises = any(isinstance(s, ir.Raise) for s in body) or any("abstractmethod" in d for d in fn.decorators)
    return raises and all(isinstance(s, (ir.Raise, ir.Pass, ir.ExprStmt)) for s in body)


def _why_not_followed(it: Machine, fn: Function) -> str:
    if fn.node in it.stack:
        return f"`{fn.name}(…)` calls itself"
    if len(it.stack) >= MAX_DEPTH:
        return f"`{fn.name}(…)` is nested too deeply in other calls"
    return f"budget spent: `{fn.name}(…)` was not followed"


def _as_named(it: Machine, fn: Function, value: Value, node: int) -> Value:
    """What a function returns, seen by its caller.

    Where its name and the facts in it agree, the value is what the name says: terms that are not resolved (a
    log-determinant in a ``log_prob``) do not put it in doubt, and whatever goes wrong with it, goes wrong at the call.
    """
    claim = it.knowledge.claim(fn.name) if isinstance(value, Quantity) else None
    if not isinstance(value, Quantity) or claim is None:
        return value
    if is_unknown(value):
        return binding.claim_on(it, value, fn.name, node, Frame(fn.module, fn.name, fn.closure, fn.owner), "return")
    return binding.confirmed(binding.agreeing(value, claim), claim, fn.name, node)


def run_opaque(it: Machine, fn: Function, first: list[Value], node: int) -> Value:
    """Run a function with ``first`` as its leading arguments and the others opaque."""
    it.see(EntryOpened(fn))
    frame = Frame(fn.module, fn.name, fn.closure, fn.owner)
    frame.cuts_gradients = bool(fn.decorators) and transforms.cuts_gradients(it, fn)
    listed = pytest_parametrize.given(it, fn, len(first)) if fn.tables else {}
    for i, p in enumerate(fn.params):
        value = first[i] if i < len(first) else listed.get(p.name)
        frame.vars[p.name] = value if value is not None else parameter(it, p, frame)
    return _run(it, fn, frame, node)


def _run(it: Machine, fn: Function, frame: Frame, node: int) -> Value:
    it.stack.append(fn.node)
    it.route.append((fn.node, node))
    it.called.add(fn.node)
    site = it.site
    if it.home is not None and it.home.holds(node):
        it.site = node
    try:
        if isinstance(fn.body, tuple):
            it.summaries.body(it, fn, frame)
            declared.returned(it, fn, frame)
            values = [v for v, _ in frame.returned]
            it.returned_at = frame.returned[-1][1] if frame.returned else node
            if not values:
                return NONE
            if len(values) > 1:
                it.see(SeveralReturned(fn, tuple(frame.returned), node))
            return values[0] if len(values) == 1 else it.join(values, node, ir.call_of(fn.name), paths=True)
        it.journal.runs(frame, fn.node, len(it.stack))
        it.journal.followed += 1
        return it.stated(fn.body, it.eval(fn.body, frame), (fn.name,), frame)
    finally:
        it.stack.pop()
        it.route.pop()
        it.site = site


def _bind(it: Machine, fn: Function, args: Arguments, frame: Frame, e: ir.Expr) -> None:
    positional, named = args.positional, args.named
    slots = [p for p in fn.params if p.star == "" and not p.kwonly]
    for i, p in enumerate(slots):
        if i < len(positional):
            frame.vars[p.name] = binding.as_parameter(it, positional[i].value, p, frame)
            frame.given[p.name] = positional[i].expr
    for p in fn.params:
        if p.name in frame.vars:
            continue
        if p.star == "*":
            frame.vars[p.name] = Sequence(tuple(a.value for a in positional[len(slots) :]))
        elif p.star == "**":
            known = {q.name for q in fn.params}
            frame.vars[p.name] = Mapping({k: a.value for k, a in named.items() if k not in known})
        elif p.name in named:
            frame.vars[p.name] = binding.as_parameter(it, named[p.name].value, p, frame)
            frame.given[p.name] = named[p.name].expr
        elif p.default is not None and not (args.may_be_more and _is_setting(p.default)):
            frame.vars[p.name] = it.eval(p.default, fn.closure or fn.module.frame)
            frame.given[p.name] = p.default
        else:
            frame.vars[p.name] = parameter(it, p, frame)


def _is_setting(default: ir.Expr) -> bool:
    """A text or a flag: what it is by default says nothing where another may have been passed."""
    return isinstance(default, ir.Const) and isinstance(default.value, (str, bool))
