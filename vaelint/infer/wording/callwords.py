"""Signs in sight in calls, held against what names say: `worded` does the same for sums and bindings.

A loss negated where it is backpropagated, negated logits given to a loss that wants logits, an optimiser's own step
that goes along the gradient, an optimiser that is told to maximise what the file calls a loss.
"""

from __future__ import annotations

from vaelint import ir
from vaelint.evidence import BY_SIGN
from vaelint.infer.arguments import Arguments
from vaelint.infer.events import Worded
from vaelint.infer.expression import bound_in, calls_of, head, last, last_word, leading, product, stripped, walk
from vaelint.infer.expression import name as name_of
from vaelint.infer.seen import CallReached, MaximizerMade, ValueAssigned, ValueAugmented, View, observes
from vaelint.infer.values import Frame, Quantity, Value
from vaelint.infer.wording import claims, lineage, sides, worded
from vaelint.infer.wording.parts import parts_of
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense

_BACKWARD = frozenset(("backward", "manual_backward"))
_WANT_LOGITS = frozenset(("cross_entropy", "kl_div"))
_ACTORS = frozenset(("policy", "actor", "pi", "pg"))  # their "loss" is as often the return itself
_DATA = frozenset({"data"})
_STEPS = {"add_": 0, "addcdiv_": 0, "_foreach_add_": 1, "_foreach_addcdiv_": 1}  # the position of what is added
_WATCHED = _BACKWARD | _WANT_LOGITS | frozenset(_STEPS)


@observes(CallReached)
def called(view: View, seen: CallReached) -> None:
    e, args, f = seen
    name = last(e.func)
    if name not in _WATCHED or worded.read_often(view, e.id):
        return
    if name in _BACKWARD:
        _backward(view, e, args, f)
    elif name in _WANT_LOGITS:
        _argument(view, e, f)
    else:
        _own_step(view, e, name, f)


# --- backward ------------------------------------------------------------------------------------


def _backward(view: View, e: ir.Call, args: Arguments, f: Frame) -> None:
    """``(-loss).backward()``, ``accelerator.backward(-loss)``: one would write the minus where the loss is made."""
    given = e.args[0].value if e.args and e.args[0].name is None else None
    operand = given if isinstance(given, ir.Unary) else e.func.base if isinstance(e.func, ir.Attr) else None
    if not isinstance(operand, ir.Unary) or operand.op != "-":
        return
    parts = parts_of(view, operand.operand, f)
    if (
        len(parts) != 1
        or parts[0].sign < 0
        or not claims.is_loss(parts[0].claim)
        or claims.contradicts(view, parts[0].at, parts[0].claim, f)
    ):
        return
    if sides.play(parts[0].name) or worded.plays(view, e.id, parts[0].name, f) or _ACTORS & {*split(parts[0].name)}:
        return
    if _is_both_ways(view, e, parts[0].name):
        return
    value = args.positional[0].value if operand is given and args.positional else None
    made = frozenset({operand.id}) if value is None else worded.made_of(value, operand)
    held = worded.rests(view.value(operand.operand, f), BY_SIGN)
    view.emit(Worded("raised", ir.render(operand.operand, 40), operand.id, e.id, made, held))


def _is_both_ways(view: View, e: ir.Call, name: str) -> bool:
    """Whether one function raises a loss for one optimiser and lowers it for another: a game without its words."""
    code = view.around(e.id).code
    asked = [x for how in _BACKWARD for x in calls_of(code, how) if x.id != e.id]
    plain = any(last(y) == name for x in asked for y in (_receiver(x), *(a.value for a in x.args)))
    steps = {ir.render(base) for x in calls_of(code, "step") if _STEPPERS.within(base := _receiver(x))}
    return plain and len(steps) > 1


def _receiver(e: ir.Call) -> ir.Expr:
    return e.func.base if isinstance(e.func, ir.Attr) else e.func


# --- arguments -----------------------------------------------------------------------------------


def _argument(view: View, e: ir.Call, f: Frame) -> None:
    """``cross_entropy(-logits, y)``, ``kl_div(-log_p, q)``."""
    first = next((a.value for a in e.args if a.name in (None, "input") and not a.star), None)
    if not isinstance(first, ir.Unary) or first.op != "-":
        return
    inner = first.operand
    while isinstance(inner, ir.Binary) and inner.op in "*/":
        inner = inner.left
    name = last_word(inner)
    claim = view.knowledge.claim(name) if name else None
    logs = claim is not None and claim.sense is Sense.GAIN and claim.kind == "log_density"
    if not logs and name not in ("log_softmax", "log") and not {"logit", "logits"} & {*split(name)}:
        return
    value = f.find(inner.name) if isinstance(inner, ir.Name) else None
    if _is_negative(value) or worded.plays(view, e.id, name, f):
        return
    view.emit(Worded("given", ir.render(inner, 40), first.id, e.id, frozenset({first.id}), name=last_word(e)))


def _is_negative(value: Value | None) -> bool:
    """Whether what is negated is the negation of something already."""
    return isinstance(value, Quantity) and any(t.sign < 0 for t in value.terms)


# --- optimisers ----------------------------------------------------------------------------------

_OPTIMISER = Words("steps_as_optimiser")
_GRADIENT = Words("gradient")
_STATE = Words("optimiser_state")
_RATE = Words("step_size")
_NOISE = Words("moves_noise")


def _own_step(view: View, e: ir.Call, name: str, f: Frame) -> None:
    """``p.add_(grad, alpha=lr)`` of an optimiser's own class: every optimiser goes against the gradient."""
    owner = f.owner
    info = owner.module.class_info(owner) if owner is not None else None
    said = (f.name, owner.name if owner is not None else "", *(info.base_names() if info is not None else ()))
    if not _OPTIMISER.any(said):
        return
    rate = next((a.value for a in e.args if a.name in ("alpha", "value")), None)
    given = [a.value for a in e.args if a.name is None and not a.star]
    at = _STEPS[name]
    if rate is None or len(given) <= at or not isinstance(e.func, ir.Attr):
        return
    moved, along = (given[0] if at else e.func.base), name_of(given[at])
    code = view.around(e.id).code
    while isinstance(moved, ir.Call) and isinstance(moved.func, ir.Attr):
        moved = moved.func.base  # `buf.mul_(momentum).add_(…)` changes what `buf` is
    kept = f.wrote(moved.name) if isinstance(moved, ir.Name) else None  # `s = state["s"]`: what an optimiser adds up
    if (
        not (_GRADIENT.of(along) or lineage.along_gradient(code, given[at]) > 0)
        or _STATE.of(last_word(stripped(moved, _DATA)))
        or _STATE.within(kept)
        or last_word(stripped(moved, _DATA)) == along
    ):
        return
    if _sign_of_rate(rate, f) <= 0 or _is_negative(f.find(along)):
        return
    around = view.around(e.id)
    if _NOISE.any((*around.words, *said)) or "maximize" in around.words:
        return
    turned = any(last_word(t) == along and leading(x) < 0 for t, x in bound_in(around.code))
    if (
        turned
        or any(_is_moved_back(x, along) for x in walk(around.code))
        or any(last_word(_receiver(x)) == along for x in calls_of(around.code, "sub_"))
    ):
        return  # it holds steps, which are turned already
    view.emit(Worded("stepped", ir.render(moved, 30), e.id, e.id, frozenset({e.id}), name=along))


def _is_moved_back(e: ir.Node, along: str) -> bool:
    """``buf.mul_(momentum).add_(grad, alpha=-lr)``: what is called so is given something negative."""
    first = head(e) if isinstance(e, ir.Call) else None
    own = isinstance(first, ir.Attr) and last(first.base) == along
    return own and isinstance(e, ir.Call) and any(leading(a.value) < 0 for a in e.args)


@observes(ValueAssigned)
def moved(view: View, seen: ValueAssigned) -> None:
    """``param + learning_rate * grad`` of a function that is called like an optimiser."""
    e, f = seen.e, seen.scope
    if isinstance(e, ir.Binary) and e.op == "+" and _OPTIMISER.of(f.name) and not worded.read_often(view, -e.id):
        _climbed(view, e.left, e.right, e.id, f)


@observes(ValueAugmented)
def added(view: View, seen: ValueAugmented) -> None:
    """``params[key] += lr * grads[key]`` of an optimiser's own class."""
    s, f = seen.stmt, seen.scope
    names = (f.name, f.owner.name if f.owner is not None else "")
    if s.op != "+" or not _OPTIMISER.any(names) or worded.read_often(view, -s.id):
        return
    if view.home is not None and not _TURNED.any(view.home.identifiers):  # who goes up on purpose says so somewhere
        _climbed(view, s.target, s.value, s.id, f)


def _climbed(view: View, param: ir.Expr, step: ir.Expr, node: int, f: Frame) -> None:
    """A parameter is moved along its gradient, or along an update that is called so."""
    name = last_word(stripped(param, _DATA))
    factors = product(step).above
    along = next((n for n in (last_word(x) for x in factors) if _GRADIENT.of(n) or n == "update"), "")
    if not along and lineage.along_gradient(view.around(node).code, step) > 0:
        along = next((last_word(x) for x in factors if last_word(x)), "")
    if not along or not (view.knowledge.is_parameter(name) or name == "p") or _sign_of_rate(step, f) <= 0:
        return
    around = view.around(node)
    if _NOISE.any(around.words) or "maximize" in around.words or _is_negative(f.find(along)):
        return
    if any(last_word(t) == along and leading(x) < 0 for t, x in bound_in(around.code)):
        return  # it holds steps, which are turned already
    view.emit(Worded("stepped", ir.called(name), node, node, frozenset({node}), name=along))


def _sign_of_rate(e: ir.Expr, f: Frame) -> int:
    """1 or -1 of a product with a step size in it; 0 where there is none, or its sign is not plain."""
    scale, rate = product(e), False
    sign = scale.way
    for x in scale.above:  # what is divided by is a scale
        match x:
            case ir.Name() | ir.Attr() | ir.Subscript():
                rate = rate or _RATE.of(last_word(x))
                value = f.find(x.name) if isinstance(x, ir.Name) else None
                if _is_negative(value):
                    # `-lr` is negative; `lr / (1 - beta ** step)` is not, whatever way it goes with beta.
                    if not isinstance(f.behind(x), ir.Unary):
                        return 0
                    sign = -sign
            case ir.Const(value=int() | float()) | ir.Binary(op="-", left=ir.Const()) | ir.Binary(op="+" | "**"):
                pass  # 1 - beta, 1 + momentum
            case _:
                return 0
    return sign if rate else 0


# --- maximize=True -------------------------------------------------------------------------------


_LOSS = Words("loss_by_name")
_STEPPERS = Words("optimiser")
_RAISED = Words("raised")
_TURNED = Words("raised_on_purpose")


@observes(MaximizerMade)
def maximizer(view: View, seen: MaximizerMade) -> None:
    """``Adam(params, maximize=True)`` in a file that backpropagates what it calls a loss, and nothing else."""
    home, e = view.home, seen.e
    if home is None or not home.holds(e.id):
        return
    if _TURNED.any(home.identifiers):
        return
    asked = [x for found in home.speaking_of("backward") for x in calls_of(found.code, "backward")]
    lowered = [y for x in asked for y in (_receiver(x), *(a.value for a in x.args[:1]))]
    if _RAISED.within(*lowered):
        return
    hooks = {"training_step", "configure_optimizers"} & home.identifiers and _LOSS.any(home.identifiers)
    if not _LOSS.within(*lowered) and not hooks:
        return
    view.emit(Worded("maximizer", ir.render(e, 40), e.id, e.id, frozenset({e.id})))
