"""Where quantities reach an optimiser: backward and step, gradients followed to the update, hand-written updates."""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.evaluate import binding
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.events import NOBODY, Mover, Optimised
from vaelint.infer.expression import bound_in, last, updated, walk, without_data
from vaelint.infer.journal import Remembered
from vaelint.infer.libraries.meaning import result_of
from vaelint.infer.quantities import algebra
from vaelint.infer.seen import MaximizerMade
from vaelint.infer.values import (
    NONE,
    Bound,
    Frame,
    Function,
    Gradient,
    GradientFunction,
    Literal,
    Made,
    Method,
    Number,
    Quantity,
    Sequence,
    Value,
    is_unknown,
    sized,
    undirected,
    unknown,
)
from vaelint.knowledge.schema import Entry
from vaelint.knowledge.vocabulary import Words
from vaelint.records import record, replace
from vaelint.sense import Direction
from vaelint.source.around import NOTHING, Around

_STEPPERS = Words("stepper")
_INPUTS = Words("input")
_DRIVERS = Words("driver")
_TAPES = Words("tape")
UPDATERS = frozenset({"update", "apply_gradients", "apply_updates", "step", "update_params", "apply_gradient"})
_OPTIMIZER = Words("optimiser_class")
_OF_GRADIENTS = Words("gradients")  # `grad_weight` is no weight
_ACCUMULATORS = Words("accumulator")
# The gradients of parameters taken up by hand, to be solved with or kept: where they go is not followed.
_TAKEN_UP = Words("collects_gradients")


@record(frozen=True, slots=True)
class Pending:
    """A backward whose optimiser has not stepped yet."""

    quantity: Quantity
    node: int
    function: str
    sign: int  # of the gradient given to backward; 0 unknown
    explicit: bool = False


@record(frozen=True, slots=True)
class Unused:
    """A gradient that was taken and, so far, not applied."""

    quantity: Quantity
    function: str
    training: bool


class Objectives(Remembered):
    """What was backpropagated until an optimiser steps, and the gradients that were taken until they move something."""

    def __init__(self) -> None:
        self._pending: list[Pending] = []
        self._grads: dict[int, Unused] = {}

    @property
    def waiting(self) -> tuple[Pending, ...]:
        """What waits now, to be compared with what waits later in the same call."""
        return tuple(self._pending)

    @property
    def pending(self) -> list[Pending]:
        """What waits: to be changed, or to be acted on."""
        self.journal.changed()
        return self._pending

    @property
    def grads(self) -> dict[int, Unused]:
        """Gradients, by where they were taken: likewise."""
        self.journal.changed()
        return self._grads


_DIRECTIONS = {1: Direction.MINIMIZE, -1: Direction.MAXIMIZE, 0: Direction.UNKNOWN}
TAKEN_UP = "its gradient is taken up by hand"
UNCLEAR = "the sign of the step is not known"
NO_OPTIMIZER = "no optimiser steps in this file"


# --- torch ---------------------------------------------------------------------------------------


def backward(it: Machine, q: Quantity, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    if len(args.positional) > 1 and not isinstance(args.positional[1].value, Literal):
        return unknown(ir.render(e), e.id, f"call:{e.id}")  # a bijector's or a layer's own: torch's takes a flag there
    given = args.get("gradient", 0)
    if given is not None and it.discarded != e.id and is_unknown(q):
        return unknown(ir.render(e), e.id, f"call:{e.id}")  # it has a value, that is used: torch's has none
    sign = 1
    if given is not None:
        value = given.value
        if isinstance(value, Number):
            sign = 1 if value.value > 0 else -1 if value.value < 0 else 0
        elif value != NONE:
            sign = 0  # a tensor of unknown sign
    it.memory(Objectives).pending.append(Pending(q, e.id, f.name, sign, given is not None))
    return NONE


def is_driver(label: ir.Written) -> bool:
    """Whether the receiver of ``x.backward(loss)`` drives the training (an accelerator, a fabric, an engine)."""
    return _DRIVERS.within(label)


def opaque_step(it: Machine, label: ir.Written, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """``x.step()``: a scaler steps the optimiser it is given; something unresolved is one if its name says so."""
    given = [a.value for a in args.given if isinstance(a.value, Made) and a.value.what == "optimizer"]
    if given:
        settle(
            it,
            given[0].direction,
            "step",
            given[0].inputs,
            f,
            step=e.id,
            mover=Mover(ir.render(given[0].of)),
            basis=Basis.LIBRARY,
        )
    elif _STEPPERS.within(label):
        settle(it, 1, "step", False, f, step=e.id, mover=Mover(label))
    return unknown(ir.render(e), e.id, f"call:{e.id}")


def is_step_of_optimizer(callee: Bound) -> bool:
    """Whether this is ``step`` of an optimiser of the project's own: how it goes about it is not followed here."""
    fn = callee.function
    if not isinstance(fn, Function) or fn.name != "step" or fn.owner is None:
        return False
    info = fn.owner.module.class_info(fn.owner)
    return info is not None and _OPTIMIZER.any(name.rpartition(".")[2] for name in info.base_names())


def settle(
    it: Machine,
    direction: int,
    via: str,
    inputs: bool,
    f: Frame,
    update: int | None = None,
    step: int = -1,
    mover: Mover = NOBODY,
    basis: Basis = Basis.STRUCTURE,
) -> None:
    """An optimiser steps: all that was backpropagated since the last step was its objective.

    ``basis``: on what it rests which way it goes; of one that is not resolved it is assumed to descend.
    """
    assumed = f"`{mover or via}` descends" if basis is Basis.STRUCTURE and update is None and not inputs else ""
    for p in it.memory(Objectives).pending:
        d = _DIRECTIONS[direction * p.sign]
        reason = UNCLEAR if d is Direction.UNKNOWN else ""
        seen = Optimised(p.quantity, d, p.node, p.function, via, reason, update, inputs, step, p.explicit, mover=mover)
        it.emit(replace(seen, direction_basis=basis, assumed=assumed))
    it.memory(Objectives).pending.clear()


def flush(it: Machine, trains: bool) -> None:
    """The entry point is over: whoever called it steps. By convention torch's optimisers minimise."""
    taken: dict[Around, bool] = {}  # nested loops leave thousands that stand in one unit
    for p in it.memory(Objectives).pending:
        around = it.home.around(p.node) if trains and it.home is not None else NOTHING
        by_hand = taken[around] if around in taken else taken.setdefault(around, _is_taken_up(around))
        d = _DIRECTIONS[p.sign] if trains and not by_hand else Direction.UNKNOWN
        reason = "" if d is not Direction.UNKNOWN else (TAKEN_UP if by_hand else UNCLEAR if trains else NO_OPTIMIZER)
        assumed = "the optimiser, which is not in sight here, descends" if d is not Direction.UNKNOWN else ""
        it.emit(Optimised(p.quantity, d, p.node, p.function, "backward", reason, assumed=assumed, unseen=True))
    it.memory(Objectives).pending.clear()


def _is_taken_up(around: Around) -> bool:
    """Whether gradients are read, or collected, where no optimiser steps."""
    if not (_TAKEN_UP.any(around.words) or "grad" in around.words):
        return False
    called = [x.func for x in walk(around.code) if isinstance(x, ir.Call)]
    if any(last(x) == "step" for x in called):
        return False
    set_ = {t.id for t, _ in bound_in(around.code)} | {x.id for x in called}
    read = (x for x in walk(around.code) if isinstance(x, ir.Attr) and x.name == "grad" and x.id not in set_)
    return any(_TAKEN_UP.of(last(x)) for x in called) or next(read, None) is not None


def make_optimizer(it: Machine, entry: Entry, args: Arguments, e: ir.Expr) -> Made:
    direction = usual = 1 if entry.direction == "minimize" else -1
    flag = args.named.get(entry.direction_flag) if entry.direction_flag else None
    if flag is not None:
        known = isinstance(flag.value, Literal) and isinstance(flag.value.value, bool)
        direction = 0 if not known else -direction if flag.value == Literal(True) else direction
    first = args.positional[0].expr if args.positional else None
    inputs = isinstance(first, (ir.List, ir.Tuple)) and all(
        isinstance(x, (ir.Name, ir.Attr)) and _INPUTS.within(x) for x in first.items
    )
    if direction < 0 < usual and not inputs:
        it.see(MaximizerMade(e))
    return Made("optimizer", entry, e.id, direction=direction, inputs=inputs, of=first)


def optimizer_method(it: Machine, opt: Made, name: str, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    if name == "step":
        closure = args.get("closure", 0)
        out: Value = NONE
        if closure is not None and isinstance(closure.value, Function):
            out = it.call(closure.value, Arguments([]), e, f)  # the step yields the loss that the closure returns
        mover = Mover(_receiver(e), ir.render(opt.of, 60), opt.node, opt.entry.direction_flag)
        settle(it, opt.direction, "step", opt.inputs, f, step=e.id, mover=mover, basis=Basis.LIBRARY)
        return out
    if name == "backward" and args.positional and isinstance(args.positional[0].value, Quantity):
        return backward(it, args.positional[0].value, Arguments([]), e, f)
    lowered = args.get("loss", 0)
    if name == "minimize" and lowered is not None:
        q = result_of(it, lowered.value, lowered.expr, f)
        if q is not None:
            it.emit(Optimised(q, Direction.MINIMIZE, e.id, f.name, "minimize"))
            return NONE
    steps = any(gradients_in(a.value) for a in args.positional)
    for a in args.given:
        for g in gradients_in(a.value):
            told = (
                steps and a.name == "grad"
            )  # a line search is, of what it lowers, beside the step that it is to scale
            apply(it, g, g.sign if told else opt.direction * g.sign, e.id, f, name, inputs=False, by=_receiver(e))
    return unknown(ir.render(e), e.id, f"call:{e.id}")


# --- gradients as values -------------------------------------------------------------------------


def gradients_in(v: Value) -> list[Gradient]:
    if isinstance(v, Gradient):
        return [v]
    if isinstance(v, Sequence):
        return [g for x in (*v.items, *([v.rest] if v.rest is not None else [])) for g in gradients_in(x)]
    return []


def gradient_of(it: Machine, value: Value, of: Argument | None, e: ir.Expr, f: Frame) -> Value:
    """``torch.autograd.grad(value, inputs)``: the gradient in ``of``."""
    q = value if isinstance(value, Quantity) else it.element(value, e) if isinstance(value, Sequence) else None
    if not isinstance(q, Quantity):
        return unknown(ir.render(e), e.id)
    return Sequence((), Gradient(q, 1, e.id, q.label, asked=_asked(of, f)))


def _asked(of: Argument | None, f: Frame) -> ir.Written:
    """The parameters as they are written, whatever local name they have (``v = net.trainable_variables``)."""
    if of is None:
        return ir.UNWRITTEN
    return ir.render(of.value.at if isinstance(of.value, Method) else f.behind(of.expr), 60)


def is_tape(label: ir.Written) -> bool:
    """Whether ``x.gradient(value, variables)`` is asked of a recording of what was computed."""
    return _TAPES.within(label)


def taped(it: Machine, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """``tape.gradient(target, sources)``: shaped like its sources, a list of variables as often as one of them."""
    target, sources = args.get("target", 0), args.get("sources", 1)
    if target is None or sources is None:
        return unknown(ir.render(e), e.id, f"call:{e.id}")
    found = gradient_of(it, target.value, sources, e, f)
    if isinstance(found, Sequence) and found.rest is not None and not isinstance(sources.expr, (ir.List, ir.Tuple)):
        return found.rest
    return found


def differentiate(it: Machine, g: GradientFunction, args: Arguments, e: ir.Expr, f: Frame) -> Value:
    """Call ``grad(f)`` or ``value_and_grad(f)``."""
    value = it.call(g.function, args, e, f)
    aux = isinstance(value, Sequence) and len(value.items) == 2 and (g.aux or not isinstance(value.items[0], Sequence))
    main = value.items[0] if isinstance(value, Sequence) and aux else value
    q = main if isinstance(main, Quantity) else unknown(ir.render(e), e.id)
    if g.handed >= 0 and isinstance(g.function, (Function, Bound)):
        q = binding.neutral(it, q, g.function, g.handed)  # the function is right: it was given to the wrong taker
    gradient = Gradient(q, 1, e.id, q.label)
    it.memory(Objectives).grads.setdefault(e.id, Unused(q, f.name, g.with_value))
    if g.with_value:
        return Sequence((value, gradient))
    return Sequence((gradient, value.items[1])) if g.aux and isinstance(value, Sequence) and aux else gradient


def apply(
    it: Machine, g: Gradient, sign: int, node: int, f: Frame, via: str, inputs: bool, update: bool = False,
    by: ir.Written = ir.UNWRITTEN,
) -> None:  # fmt: skip
    """A gradient moves something: ``sign`` 1 against it (descent), -1 along it (ascent).

    ``by``: the optimiser that is asked to: a step of its own, where what the gradient was asked of is written, too.
    """
    at = node if update else None
    for other in g.others:
        apply(it, other, sign * other.sign, node, f, via, inputs, update, by)
    if g.objective is None:
        settle(it, sign, via, inputs or g.signed, f, at)
        return
    it.memory(Objectives).grads.pop(g.node, None)
    d = _DIRECTIONS[sign]
    reason = UNCLEAR if d is Direction.UNKNOWN else ""
    mover, step = (Mover(by, g.asked), node) if by and g.asked else (NOBODY, -1)
    it.emit(Optimised(g.objective, d, g.node, f.name, via, reason, at, inputs or g.signed, step, mover=mover))


def maybe_update(it: Machine, name: str, args: Arguments, e: ir.Expr, f: Frame) -> None:
    """A call of something unresolved that takes gradients and is named like an optimiser's update.

    Where its receiver is named like an optimiser, so is ``x.apply(gradients, variables)``, and ``x.minimize(loss)``
    lowers what it is given.
    """
    named = name in ("minimize", "apply") and _STEPPERS.within(_receiver(e))
    lowered = args.get("loss", 0) if named and name == "minimize" else None
    if lowered is not None and isinstance(lowered.value, Quantity):
        by = _receiver(e)
        told = Optimised(lowered.value, Direction.MINIMIZE, e.id, f.name, name)
        it.emit(replace(told, mover=Mover(by), assumed=f"`{by}` descends"))
    if name not in UPDATERS and not (named and name == "apply"):
        return
    for a in args.given:
        for g in gradients_in(a.value):
            if g.objective is not None:
                apply(it, g, g.sign, e.id, f, name, inputs=False, by=_receiver(e))


def _receiver(e: ir.Expr) -> ir.Written:
    """What ``opt.apply_gradients(…)`` is asked of."""
    return ir.render(e.func.base, 40) if isinstance(e, ir.Call) and isinstance(e.func, ir.Attr) else ir.UNWRITTEN


def with_gradient(it: Machine, op: str, left: Value, right: Value, e: ir.Binary | ir.AugAssign, f: Frame) -> Value:
    """Arithmetic on a gradient: scaled it stays one, added to parameters it is an update."""
    label = ir.render(e, 40) if isinstance(e, ir.Binary) else ir.UNWRITTEN
    if op not in ("+", "-", "*", "/", "@"):
        # A moment of the gradient, which has no sign of its own.
        return sized(undirected(label, e.id, positive=op == "**"), "gradient" if op == "**" else "")
    if isinstance(left, Gradient) and isinstance(right, Gradient):
        if op not in ("+", "-"):
            return undirected(label, e.id, positive=left == right)
        return left if left.sign == (right.sign if op == "+" else -right.sign) else replace(left, sign=0)
    if isinstance(left, Gradient):
        return _gradient_first(it, op, left, right, e, f)
    assert isinstance(right, Gradient)
    if op == "*":
        return replace(right, sign=right.sign * algebra.factor(it.knowledge, left))
    if op in ("+", "-") and isinstance(e, ir.Binary):
        return _moved(it, e, left, right, f)
    return unknown(label, e.id)


def _gradient_first(it: Machine, op: str, g: Gradient, other: Value, e: ir.Binary | ir.AugAssign, f: Frame) -> Value:
    """``g * lr``, ``-lr * g + p``, ``g + decay``."""
    if op in ("*", "/", "@"):
        return replace(g, sign=g.sign * algebra.factor(it.knowledge, other))
    if op == "+" and isinstance(e, ir.Binary) and it.knowledge.is_parameter(updated(e.right)):
        apply(it, g, -g.sign, e.id, f, "update", inputs=False, update=True)
        return other
    return g  # weight decay, noise, clipping by a constant


def _moved(it: Machine, e: ir.Binary, held: Value, g: Gradient, f: Frame) -> Value:
    """``p - lr * g``: an update of what is trained; else an accumulated step, a momentum."""
    descent = g.sign if e.op == "-" else -g.sign
    name = updated(e.left)
    if _is_trained(it, e.left, held, g) or (g.signed and _INPUTS.of(name)):
        inputs = g.signed or (_INPUTS.of(name) and not it.knowledge.is_parameter(name))
        apply(it, g, descent, e.id, f, "update", inputs, update=True)
        return held
    return replace(g, sign=-descent)


def _is_trained(it: Machine, e: ir.Expr, value: Value, g: Gradient) -> bool:
    """Whether an update of this is training: named like parameters, part of some, or the owner of the gradient."""
    if it.knowledge.is_parameter(updated(e)):
        return True
    if isinstance(value, Quantity) and any(
        it.knowledge.is_parameter(last(r.expr)) for r in value.roots if isinstance(r, ir.Written)
    ):
        return True
    own = ir.render(without_data(e))
    return own in g.of or (g.objective is None and g.label == own)


def update_in_place(it: Machine, s: ir.AugAssign, current: Value, g: Gradient, f: Frame) -> None:
    """``w -= lr * g`` and ``w += lr * g``; an accumulator of gradients stays a gradient."""
    name = updated(s.target)
    if s.op not in ("+", "-"):
        return
    if not _is_trained(it, s.target, current, g) and (_ACCUMULATORS.of(name) or s.op == "+"):
        if s.op == "+" or _ACCUMULATORS.of(name):
            sign = g.sign if s.op == "+" else -g.sign
            binding.assign(it, s.target, replace(g, sign=sign), s.id, f, named=False)
            return
    apply(it, g, g.sign if s.op == "-" else -g.sign, s.id, f, "update", inputs=False, update=True)


def _is_unscaled(args: Arguments) -> bool:
    """Whether what is added has no step size: ``x.add_(p.grad)``."""
    plain = len(args.positional) == 1 and not isinstance(args.positional[0].expr, ir.Binary)
    return plain and args.named.keys().isdisjoint(("alpha", "value"))


def in_place(it: Machine, at: ir.Expr, q: Quantity, name: str, args: Arguments, e: ir.Expr, f: Frame) -> None:
    """``p.data.add_(g, alpha=-lr)``, ``p.sub_(lr * g)``, ``p.add_(-lr, g)``."""
    if name not in ("add_", "sub_"):
        return
    gradients = [g for a in args.positional for g in gradients_in(a.value)]
    if not gradients:
        return
    g = gradients[0]
    sign = g.sign
    alpha = args.named.get("alpha") or args.named.get("value")
    if alpha is not None:
        sign *= algebra.factor(it.knowledge, alpha.value)
    elif len(args.positional) == 2:
        sign *= algebra.factor(it.knowledge, args.positional[0].value)
    name_of = updated(at.base) if isinstance(at, ir.Attr) else ""
    own = isinstance(at, ir.Attr) and g.objective is None and g.label == ir.render(without_data(at.base))
    if not own and (_is_unscaled(args) or _OF_GRADIENTS.of(name_of)):
        return  # a gradient is added up as it is; a step has a size
    if _ACCUMULATORS.of(name_of) and not own and not it.knowledge.is_parameter(name_of):
        return
    inputs = own and _INPUTS.of(name_of) and not it.knowledge.is_parameter(name_of)
    apply(it, g, sign if name == "sub_" else -sign, e.id, f, "update", inputs, update=True)
