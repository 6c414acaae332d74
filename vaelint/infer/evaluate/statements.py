"""The effect of statements on variables; branches are joined, loops run to a fixpoint."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vaelint import ir
from vaelint.infer.evaluate import autograd_function, binding, conditions, declared, environments, running, transforms
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.events import Named
from vaelint.infer.expression import held_by
from vaelint.infer.optimising import sinks, updates
from vaelint.infer.quantities import hits
from vaelint.infer.quantities.algebra import detach
from vaelint.infer.seen import (
    BranchesEntered,
    BranchesLeft,
    BranchReached,
    ExpressionDiscarded,
    TargetBound,
    TargetReached,
    ValueAssigned,
    ValueAugmented,
    ValueReturned,
)
from vaelint.infer.values import (
    NONE,
    Bound,
    Frame,
    Function,
    Gradient,
    Instance,
    Made,
    Quantity,
    Value,
    is_unknown,
    undirected,
)

MAX_ROUNDS = 2  # of a loop: what is summed up reaches its fixpoint, a flag that flips is unknown by then


def run(it: Machine, block: ir.Block, f: Frame) -> None:
    for i, s in enumerate(block):
        if f.ended:
            return
        if isinstance(s, ir.If):
            it.see(BranchReached(s, block[i + 1 :], f))
        step(it, s, f)


def step(it: Machine, s: ir.Stmt, f: Frame) -> None:
    it.spend(1)
    match s:
        case ir.Assign():
            _assign(it, s, f)
        case ir.AugAssign():
            _augmented(it, s, f)
        case ir.ExprStmt(value=e):
            it.discarded = e.id
            it.see(ExpressionDiscarded(e, f))
            value = it.eval(e, f)
            if isinstance(value, Quantity):
                _in_place(it, e, value, f)
        case ir.Return():
            _return(it, s, f)
        case ir.If():
            _if(it, s, f)
        case ir.For():
            _for(it, s, f)
        case ir.While():
            _loop(it, s, f)
        case ir.With():
            _with(it, s, f)
        case ir.Try():
            _try(it, s, f)
        case ir.Match():
            it.eval(s.subject, f)
            _branches(it, [*s.cases, ()], s.id, f)
        case ir.FunctionDef():
            f.vars[s.name] = _decorated(it, s, f)
        case ir.ClassDef():
            f.vars[s.name] = f.module.define_class(s, f)
            it.journal.changed()
        case ir.Import() | ir.ImportFrom():
            imports(s, f)
        case ir.Raise() | ir.Jump():
            f.ended = True
        case ir.Delete(targets=targets):
            for t in targets:
                if isinstance(t, ir.Name):
                    f.vars.pop(t.name, None)
        case ir.Assert() | ir.Pass() | ir.Scope():
            pass


def _with(it: Machine, s: ir.With, f: Frame) -> None:
    outside = f.cuts_gradients
    for e, target in s.items:
        value = it.eval(e, f)
        f.cuts_gradients = f.cuts_gradients or (isinstance(value, Made) and value.what == "no_gradient")
        if target is not None:
            binding.assign(it, target, value, s.id, f, named=False)
    try:
        run(it, s.body, f)
    finally:  # a budget that ends here must not leave the names of a module without gradients
        f.cuts_gradients = outside


def imports(s: ir.Import | ir.ImportFrom, f: Frame) -> None:
    program = f.module.program
    if isinstance(s, ir.ImportFrom) and any(name == "*" for name, _ in s.names):
        f.module.stars.append(program.star(s, f.module.path))
    f.vars.update(program.imported(s, f.module.path))


def _decorated(it: Machine, s: ir.FunctionDef, f: Frame) -> Value:
    """The function itself: the decorators of this field (jit, vmap, no_grad, checkpoint) keep what it computes."""
    function = f.module.function(s, f, f.owner)
    value: Value = function
    if f is not f.module.frame:
        it.nested.append(function)
        it.journal.changed()
    for d in reversed(s.decorators):
        decorator = it.eval(d.func if isinstance(d, ir.Call) else d, f)
        value = transforms.decorated(it, decorator, value, d)
    return value


def _assign(it: Machine, s: ir.Assign, f: Frame) -> None:
    e = s.value
    if e is None:
        return
    names = (held_by(s.targets[0]), f.name)
    towards = running.followed(s.targets[0], e)
    computed = it.eval(e, f)
    if towards is not None and isinstance(computed, Quantity):
        computed = _average(it, it.eval(s.targets[0], f), towards, s.targets[0], f)
    value = it.stated(e, computed, (names[0], f.result), f)
    it.see(ValueAssigned(s, e, value, names, f))
    value = it.intents.bound(s, declared.bound(it, s, _rewrapped(s, value, f), f))
    if isinstance(s.targets[0], ir.Tuple):
        value = environments.paid(it, s.targets[0], e, hits.taken_apart(e, value, len(s.targets[0].items)), f)
    for target in s.targets:
        it.see(TargetReached(target, e, f))
        updates.overwritten(it, target, e, f)
        binding.assign(it, target, value, e.id, f)
        it.see(TargetBound(target, e, f))


def _rewrapped(s: ir.Assign, value: Value, f: Frame) -> Value:
    """``model = wrap(model)``: what an unresolved call hands back under the name of what it was given computes that."""
    target, e = s.targets[0], s.value
    if isinstance(e, ir.Call) and e.args and isinstance(target, ir.Name) and isinstance(value, Quantity):
        given = e.args[0].value
        if isinstance(given, ir.Name) and given.name == target.name and is_unknown(value):
            held = f.find(target.name)
            return held if isinstance(held, (Function, Bound, Instance, Made)) else value
    return value


def _augmented(it: Machine, s: ir.AugAssign, f: Frame) -> None:
    current = it.eval(s.target, f)
    value = it.stated(s.value, it.eval(s.value, f), (held_by(s.target), f.result), f)
    moves = isinstance(value, Gradient) and not isinstance(current, Gradient)
    it.see(ValueAugmented(s, value, moves, f))
    if isinstance(value, Gradient) and moves:
        sinks.update_in_place(it, s, current, value, f)
        return
    towards = running.step(s.target, s.value) if s.op == "+" else None
    result = it.binary(s.op, current, value, s, f) if towards is None else _average(it, current, towards, s.target, f)
    binding.assign(it, s.target, it.intents.bound(s, result), s.id, f)


def _average(it: Machine, current: Value, towards: ir.Expr, target: ir.Expr, f: Frame) -> Value:
    """A running average: the values that it was moved towards."""
    return it.join([current, it.eval(towards, f)], towards.id, ir.render(target, 40))


_IN_PLACE = frozenset({"add_", "sub_", "mul_", "div_", "neg_", "exp_", "log_", "pow_", "square_", "sqrt_", "clamp_"})


def _in_place(it: Machine, e: ir.Expr, value: Quantity, f: Frame) -> None:
    """``kld.mul_(-0.5)`` as a statement: the name holds the result from here on."""
    if isinstance(e, ir.Call) and isinstance(e.func, ir.Attr) and e.func.name in _IN_PLACE:
        target = e.func.base
        if isinstance(target, ir.Name) and isinstance(f.vars.get(target.name), Quantity):
            f.vars[target.name] = value
            it.see(TargetBound(target, e, f))


def _return(it: Machine, s: ir.Return, f: Frame) -> None:
    value = it.stated(s.value, it.eval(s.value, f), (f.result,), f) if s.value is not None else NONE
    node = s.value.id if s.value is not None else s.id
    if f.cuts_gradients and isinstance(value, Quantity):
        value = detach(value)
    if s.value is not None:
        it.see(ValueReturned(s.value, value, f))
    if isinstance(value, Quantity):
        owner = f.owner.name if f.owner is not None else ""
        claim = it.knowledge.claim(f.result)
        if claim is not None and not _is_only_shown(f):
            it.emit(Named(f.result, claim, value, node, f.name, "return", owner))
    f.returned.append((value, node))
    f.ended = True


def _is_only_shown(f: Frame) -> bool:
    """Whether an autograd function returns it, which need not be what its own `backward` descends."""
    return f.owner is not None and autograd_function.of_class(f.owner) is not None


def _if(it: Machine, s: ir.If, f: Frame) -> None:
    # A chain of `elif`s is a deep tree: its arms are branches of one statement, and of one depth.
    it.eval(s.test, f)
    # A function that is called with a flag takes one way; what the other way does, its own run as an entry point shows.
    decided = conditions.truth(it, s.test, f) if len(it.stack) > 1 else None
    if decided is not None:
        run(it, s.body if decided else s.orelse, f)
        return
    arms, top, asked = [s.body], s.id, [s.test]
    it.see(BranchesEntered(s.test))
    while len(s.orelse) == 1 and isinstance(s.orelse[0], ir.If):
        s = s.orelse[0]
        it.see(BranchReached(s, (), f))
        it.eval(s.test, f)
        it.see(BranchesEntered(s.test))
        arms.append(s.body)
        asked.append(s.test)
    it.branches(f, [partial(run, it, block, f) for block in [*arms, s.orelse]], top, tuple(asked))
    it.see(BranchesLeft(asked))


def _branches(it: Machine, blocks: list[ir.Block], node: int, f: Frame) -> None:
    it.branches(f, [partial(run, it, block, f) for block in blocks], node)


def _for(it: Machine, s: ir.For, f: Frame) -> None:
    def bind() -> None:
        binding.assign(it, s.target, it.element(it.eval(s.iter, f), s.iter), s.id, f, named=False)

    _rounds(it, s.body, s.id, f, bind)
    run(it, s.orelse, f)


def _loop(it: Machine, s: ir.While, f: Frame) -> None:
    _rounds(it, s.body, s.id, f, lambda: it.eval(s.test, f))
    run(it, s.orelse, f)


def _rounds(it: Machine, body: ir.Block, node: int, f: Frame, begin: Callable[[], object]) -> None:
    def once() -> None:
        begin()
        run(it, body, f)
        f.ended = False  # a return, break or continue ends a round, not what follows the loop

    for _ in range(MAX_ROUNDS):
        waiting = it.memory(sinks.Objectives).waiting
        # What a round binds for the first time the next one binds again: only what it found and left changed matters.
        if not it.branches(f, [_nothing, once], node) and it.memory(sinks.Objectives).waiting == waiting:
            return


def _nothing() -> None:
    """The path that a loop takes that never runs."""


def _try(it: Machine, s: ir.Try, f: Frame) -> None:
    def straight() -> None:
        run(it, s.body, f)
        run(it, s.orelse, f)

    def handled(name: str | None, handler: ir.Block) -> None:
        if name is not None:
            f.vars[name] = undirected(name, s.id)
        run(it, handler, f)

    it.branches(f, [straight, *(partial(handled, name, block) for name, block in s.handlers)], s.id)
    run(it, s.finalbody, f)
