"""Signs in sight in calls, held against what names say: `worded` does the same for sums and bindings.

A loss negated where it is backpropagated, negated logits given to a loss that wants logits, an optimiser's own step
that goes along the gradient, an optimiser that is told to maximise what the file calls a loss.
"""

from __future__ import annotations

import re

from vaelint import ir
from vaelint.evidence import BY_SIGN
from vaelint.infer.arguments import Arguments
from vaelint.infer.events import Worded
from vaelint.infer.names import last, last_word
from vaelint.infer.seen import Ascending, Assigned, Called, View, observes
from vaelint.infer.values import (
    Frame,
    Quantity,
    Value,
)
from vaelint.infer.wording import claims, sides, worded
from vaelint.knowledge.lexicon import split
from vaelint.sense import Sense

_BACKWARD = frozenset(("backward", "manual_backward"))
_WANT_LOGITS = frozenset(("cross_entropy", "kl_div"))
_ACTORS = frozenset(("policy", "actor", "pi", "pg"))  # their "loss" is as often the return itself
_STEPS = {"add_": 0, "addcdiv_": 0, "_foreach_add_": 1, "_foreach_addcdiv_": 1}  # the position of what is added
_WATCHED = _BACKWARD | _WANT_LOGITS | frozenset(_STEPS)


@observes(Called)
def called(view: View, seen: Called) -> None:
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
    parts = worded.parts_of(view, operand.operand, f)
    if (
        len(parts) != 1
        or parts[0].sign < 0
        or not claims.is_loss(parts[0].claim)
        or worded.contradicted(view, parts[0], f)
    ):
        return
    if sides.play(parts[0].name) or worded.plays(view, e.id, parts[0].name, f) or _ACTORS & {*split(parts[0].name)}:
        return
    if _is_both_ways(view, e, parts[0].name):
        return
    value = args.positional[0].value if operand is given and args.positional else None
    made = frozenset({operand.id}) if value is None else worded.made_of(value, operand)
    held = worded.rests(view.value(operand.operand, f), BY_SIGN)
    view.emit(Worded("raised", ir.render(operand.operand, 40), "", "", operand.id, e.id, f.name, made, held))


def _is_both_ways(view: View, e: ir.Call, name: str) -> bool:
    """Whether one function raises a loss for one optimiser and lowers it for another: a game without its words."""
    text = view.text_of(e.id)
    plain = re.search(rf"(?<![-\w.]){re.escape(name)}\.backward\(|backward\(\s*{re.escape(name)}\b", text)
    return plain is not None and len({*re.findall(r"([\w.]*opt[\w.]*)\.step\(", text, re.I)}) > 1


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
    api = last_word(e)
    view.emit(Worded("given", ir.render(inner, 40), api, api, first.id, e.id, f.name, frozenset({first.id})))


def _is_negative(value: Value | None) -> bool:
    """Whether what is negated is the negation of something already."""
    return isinstance(value, Quantity) and any(t.sign < 0 for t in value.terms)


# --- optimisers ----------------------------------------------------------------------------------

_OPTIMISER = re.compile(
    r"optim|adam|sgd|lars|lamb(?!da)|rmsprop|adagrad|adadelta|novograd|muon|lion|_(?:single|multi)_tensor", re.I
)
_GRADIENT = re.compile(
    r"^(?:d_?p|grads?|exp_avg\w*|buf|momentum\w*|moment\w*|m_hat|m_t)$|(?:^|_)grads?(?:$|_)|_hat$", re.I
)
_STATE = re.compile(r"grad|moment|veloc|exp_avg|(?:^|_)(?:m|v|buf|ema)(?:$|_)|state|avg", re.I)
_RATE = re.compile(r"(?:^|_)lr$|learning_rate|step_?size|(?:^|_)eta$", re.I)
_NOISE = re.compile(r"langevin|sgld|hmc|hamiltonian|mcmc|leapfrog|verlet|neg_|randn|noise", re.I)


def _own_step(view: View, e: ir.Call, name: str, f: Frame) -> None:
    """``p.add_(grad, alpha=lr)`` of an optimiser's own class: every optimiser goes against the gradient."""
    owner = f.owner
    info = owner.module.class_info(owner) if owner is not None else None
    said = (f.name, owner.name if owner is not None else "", *(info.base_names() if info is not None else ()))
    if not any(_OPTIMISER.search(x) for x in said):
        return
    rate = next((a.value for a in e.args if a.name in ("alpha", "value")), None)
    given = [a.value for a in e.args if a.name is None and not a.star]
    at = _STEPS[name]
    if rate is None or len(given) <= at or not isinstance(e.func, ir.Attr):
        return
    moved, along = (given[0] if at else e.func.base), last_word(given[at])
    kept = f.wrote(moved.name) if isinstance(moved, ir.Name) else None  # `s = state["s"]`: what an optimiser adds up
    if not _GRADIENT.search(along) or _STATE.search(f"{_base(moved)} {ir.render(kept)}") or _base(moved) == along:
        return
    if _sign_of_rate(rate, f) <= 0 or _is_negative(f.find(along)):
        return
    text = view.text_of(e.id)
    if _NOISE.search(text) or "maximize" in text or any(_NOISE.search(x) for x in said):
        return
    if re.search(rf"^[ \t]*{re.escape(along)}\b[^\n]*(?:=\s*\(?-|\bsub_\()", text, re.M):
        return  # it holds steps, which are turned already
    view.emit(Worded("stepped", ir.render(moved, 30), along, along, e.id, e.id, f.name, frozenset({e.id})))


@observes(Assigned)
def moved(view: View, seen: Assigned) -> None:
    """``param + learning_rate * grad`` of a function that is called like an optimiser."""
    e, f = seen.e, seen.scope
    if not isinstance(e, ir.Binary) or e.op != "+" or not _OPTIMISER.search(f.name) or worded.read_often(view, -e.id):
        return
    name = last_word(e.left)
    factors = _factors(e.right)
    along = next((n for n in (last_word(x) for x in factors) if _GRADIENT.search(n) or n == "update"), "")
    if not along or not (view.knowledge.is_parameter(name) or name == "p") or _sign_of_rate(e.right, f) <= 0:
        return
    text = view.text_of(e.id)
    if _NOISE.search(text) or "maximize" in text or _is_negative(f.find(along)):
        return
    view.emit(Worded("stepped", name, along, along, e.id, e.id, f.name, frozenset({e.id})))


def _factors(e: ir.Expr) -> list[ir.Expr]:
    if isinstance(e, ir.Binary) and e.op in "*/":
        return [*_factors(e.left), *(_factors(e.right) if e.op == "*" else [])]
    return [e]


def _base(e: ir.Expr) -> str:
    name = last_word(e)
    return _base(e.base) if isinstance(e, ir.Attr) and name == "data" else name


def _sign_of_rate(e: ir.Expr, f: Frame) -> int:
    """1 or -1 of a product with a step size in it; 0 where there is none, or its sign is not plain."""
    sign, rate = 1, False
    waiting = [e]
    while waiting:
        x = waiting.pop()
        match x:
            case ir.Unary(op="-", operand=inner):
                sign = -sign
                waiting.append(inner)
            case ir.Binary(op="*", left=a, right=b):
                waiting += (a, b)
            case ir.Binary(op="/", left=a):
                waiting.append(a)  # what is divided by is a scale
            case ir.Const(value=v) if isinstance(v, (int, float)):
                sign = sign if v > 0 else -sign
            case ir.Name() | ir.Attr() | ir.Subscript():
                rate = rate or _RATE.search(last_word(x)) is not None
                value = f.find(x.name) if isinstance(x, ir.Name) else None
                if isinstance(value, Quantity) and any(t.sign < 0 for t in value.terms):
                    # `-lr` is negative; `lr / (1 - beta ** step)` is not, whatever way it goes with beta.
                    written = f.wrote(x.name) if isinstance(x, ir.Name) else None
                    if not isinstance(written, ir.Unary):
                        return 0
                    sign = -sign
            case ir.Binary(op="-", left=ir.Const()) | ir.Binary(op="+" | "**"):
                pass  # 1 - beta, 1 + momentum
            case _:
                return 0
    return sign if rate else 0


# --- maximize=True -------------------------------------------------------------------------------

_LOWERED = re.compile(
    r"loss\w*(?:\[[^\]]*\]|\.\w+(?:\(\))?)*\)?\.backward\(|backward\(\s*\w*loss"
    r"|def (?:training_step|configure_optimizers)\b"
)
_RAISED = re.compile(
    r"(?:elbo|objective|likelihood|log_?lik|log_?prob|reward|utility|score|evidence|mll)\w*(?:\.\w+\(\))*\.backward\("
    r"|backward\(\s*-?\w*(?:elbo|objective|likelihood|reward)",
    re.I,
)
_TURNED = re.compile(
    r"adversar|attack|unlearn|lagrang|\bdual|multiplier|discriminat|minimax|ascent|ascend|perturb|(?:\b|_)w?gan(?:\b|_)"
    r"|max_player|worst.case|(?:policy|actor|pi|pg)_loss",
    re.I,
)


@observes(Ascending)
def maximizer(view: View, seen: Ascending) -> None:
    """``Adam(params, maximize=True)`` in a file that backpropagates what it calls a loss, and nothing else."""
    home, e = view.home, seen.e
    if home is None or not home.holds(e.id):
        return
    text = home.text
    if not _LOWERED.search(text) or "loss" not in text or _RAISED.search(text) or _TURNED.search(text):
        return
    view.emit(Worded("maximizer", ir.render(e, 40), "", "", e.id, e.id, "", frozenset({e.id})))
