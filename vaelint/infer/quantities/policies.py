"""What reinforcement learning writes: soft values, temperatures, penalised rewards; ratios are in ``ratios.py``.

Names and calls are usually all there is (networks are opaque), so each idiom asks for several technical terms at once,
and each law holds whatever the surrounding objective is:

- a soft value is ``Q - alpha * log pi`` (Haarnoja et al. 2018, eq. 3): value and tempered log-probability have opposite
  signs wherever they are added;
- a temperature's objective is ``alpha * (H - target entropy)``, lowered (ibid., eq. 18);
- a divergence from a reference policy lowers the reward: ``r - beta * (log pi - log pi_ref)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.events import Convention, Misstated
from vaelint.infer.expression import head, last, name, walk
from vaelint.infer.quantities import labels
from vaelint.infer.seen import ProductComputed, SumComputed, SumReached, View, observes, refines
from vaelint.infer.values import Frame, Quantity, Term, Trace, Value, is_plain, leading_sign
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace
from vaelint.sense import UNKNOWN, Meaning, Sense, concluded

TEMPERATURE = "temperature"  # the kind of its objective; its roles are the log-probability, and the factor by its name
ENTROPY_BY_NAME = Meaning(Sense.UNKNOWN, "entropy", Basis.NAME)
MOST_TERMS = 12  # of a sum: no law is about a longer one
SOFT_VALUE = "a soft value is Q - alpha · log π"
TEMPERED = Meaning(Sense.COST, "log_q", Basis.NAME)

_TEMPERATURE = Words("temperature")
_LOG_PI = Words("log_policy")
_PAST = Words("old")
_LOGS = Words("logarithm")
_PROBABILITY = Words("probability")
_DIVERGENCE = Words("divergence")

_TARGET_ENTROPY = Words("target_entropy")
_DIMENSIONS = Words("action_dimensions")
_ENTROPY = Words("entropy")
_OF_ENTROPY = Words("not_entropy")
_PAID_ALREADY = Words("paid_already")

_ACTION_VALUE = Words("action_value")
_REFERENCE = Words("reference")
_RETURN = Words("advantage")
_SCORED_RETURN = Words("scored_return")


# The advantage of what is to be avoided: `adv_c`, `cost_adv`.
_OF_COSTS = Words("of_costs")


def is_temperature(label: ir.Written) -> bool:
    return _TEMPERATURE.within(label)


_TOURS = Words("tours")


@refines(ProductComputed)
def tentative(view: View, seen: ProductComputed, q: Value) -> Value:
    """A surrogate of what only its name calls a reward: where the file speaks of tours, that may be their length.

    Neural combinatorial optimisation writes both: Bello et al. (2017) lower a length, others raise its negation.
    """
    if not isinstance(q, Quantity) or not any(t.meaning.kind == "surrogate" for t in q.terms):
        return q
    if view.home is None or not _TOURS.any(view.home.identifiers):
        return q
    return replace(q, terms=tuple(replace(t, meaning=replace(t.meaning, basis=Basis.NAME, roles=())) for t in q.terms))


def is_reversed(value: Quantity, holder: str) -> bool:
    """Whether what is called an advantage is a value less a return: minus one, and right where it is used so."""
    if len(value.terms) != 2 or not labels.ADVANTAGE.of(holder):
        return False
    up, down = sorted(value.terms, key=lambda t: -t.sign)
    return (up.sign, down.sign) == (1, -1) and bool(
        labels.VALUE.of(_last_word(up)) and labels.RETURN.of(_last_word(down))
    )


def _last_word(t: Term) -> str:
    return name(t.label.expr) if t.label.expr is not None else ""


def is_log_policy(t: Term) -> bool:
    """Whether a term is, by fact or by name, the log-probability of what a policy did."""
    if t.meaning.kind in ("score", "log_q"):
        return True
    if t.meaning.kind == "log_density" and t.meaning.is_evidence:
        return False  # of data, as far as anybody knows
    return t.meaning.kind in ("", "log_density", "log_probability") and _LOG_PI.within(t.label)


def is_entropy(t: Term) -> bool:
    """Whether a term is, by fact or by name, an entropy (and no negated one, no target of one)."""
    if t.meaning.kind == "entropy":
        return True
    return not t.meaning.sense.directed and _ENTROPY.within(t.label) and not _OF_ENTROPY.within(t.label)


def is_return(t: Term, score: bool = False) -> bool:
    """Whether the name of an unresolved factor says that it is an advantage (beside a ``score``: a return)."""
    if t.meaning.is_evidence or (t.meaning.sense is Sense.COST and not score):
        return False
    return _RETURN.within(t.label) or (score and _SCORED_RETURN.within(t.label))


_PAID = frozenset({"reward", "return", "advantage"})


def paid(q: Quantity, sense: Sense = Sense.GAIN) -> list[Term]:
    """The rewards that are known to be added in a value, if no fact gives anything else in it a direction.

    With ``Sense.COST`` those that are known to be taken off.

    Whatever stands beside them, the value of what follows and a baseline, it rises with what is paid.
    """
    facts = [t for t in q.terms if t.meaning.sense.directed and t.meaning.basis.is_fact]
    return facts if all(t.meaning.kind in _PAID and t.value_sense is sense for t in facts) else []


def paid_sign(q: Quantity) -> int:
    """1 where a sum is known to rise with a reward (a return less a value), -1 where it falls; 0 where neither is."""
    return 1 if paid(q) else -1 if paid(q, Sense.COST) else 0


def _is_target(label: ir.Written) -> bool:
    return _TARGET_ENTROPY.within(label) or _DIMENSIONS.within(label)


def named(value: Quantity, name: str) -> Quantity:
    """A value under its name, where the name speaks of the whole: a target entropy, sign and all; an entropy's loss."""
    if len(value.terms) == 2 and _DIVERGENCE.of(name):
        return _divergence(value, name)
    if len(value.terms) != 1:
        return value
    t = value.terms[0]
    if _TARGET_ENTROPY.of(name) and not t.meaning.is_evidence:
        return replace(value, terms=(replace(t, sign=1, label=ir.called(name)),), label=ir.called(name))
    if t.meaning.sense is Sense.UNKNOWN and not t.meaning.kind and is_entropy(t) and not _OF_ENTROPY.of(name):
        return replace(value, terms=(replace(t, meaning=ENTROPY_BY_NAME),))
    if not t.meaning.is_evidence and t.meaning.kind in ("", "log_density") and _names_entropy(name):
        # What nobody has resolved, or only named otherwise (`-p_log_p.sum()`), is what it is called now.
        return replace(
            value, terms=(replace(t, sign=1, meaning=ENTROPY_BY_NAME, label=ir.called(name)),), label=ir.called(name)
        )
    return value


def is_of_costs(label: ir.Written) -> bool:
    """Whether a name that speaks of an advantage or a return says that it is one of costs."""
    return _OF_COSTS.within(label)


def _names_entropy(name: str) -> bool:
    return _ENTROPY.of(name) and not _OF_ENTROPY.of(name)


def _divergence(value: Quantity, name: str) -> Quantity:
    """``kl = log_ref - log_pi`` of a policy's own actions estimates minus what it is called."""
    up, down = sorted(value.terms, key=lambda t: -t.sign)
    if (up.sign, down.sign) != (1, -1) or not (is_log_policy(up) and is_log_policy(down)):
        return value
    if not _REFERENCE.within(up.label) or _REFERENCE.within(down.label):
        return value
    why = Trace(up.node, f"`{name}`: minus the divergence from the reference", up.trace)
    term = Term(
        -1, Meaning(Sense.COST, "kl", Basis.NAME), ir.called(name), up.node, up.made, up.live or down.live, trace=why
    )
    return replace(value, terms=(term,), label=ir.called(name))


def names_return(label: ir.Written) -> bool:
    return _SCORED_RETURN.within(label)


def is_scored_by_name(p: Quantity, q: Quantity) -> bool:
    """Whether a product is ``log_prob * R`` by the names of both factors, and nothing else is known of them."""
    if len(p.terms) != 1 or len(q.terms) != 1 or not names_return(q.label):
        return False
    m = p.terms[0].meaning
    if m != UNKNOWN and (m.kind, m.basis) != ("log_density", Basis.NAME):
        return False
    return _LOG_PI.within(p.terms[0].label) and not _PAST.within(p.label) and is_plain(q)


_NEGATED = Words("negated_log")


def is_negated(label: ir.Written) -> bool:
    """Whether what names a log-probability says that it is minus one: `neglog_probs`."""
    return _NEGATED.within(label)


# --- products ------------------------------------------------------------------------------------


def product(p: Quantity, q: Quantity, node: int, label: ir.Written) -> Quantity | None:
    """``alpha * log_pi`` and ``alpha * (log_pi + target_entropy)``; None where the factors are neither."""
    if len(q.terms) == 1 and q.terms[0].meaning.kind == TEMPERATURE and _is_probability(p.label):
        return replace(q, roots=p.roots | q.roots, label=label, key=node)  # an expectation over the actions
    clear = is_temperature(p.label)
    if len(p.terms) > 1 or not (clear or (p.positive and is_temperature(label))):  # `get(self.log_temp).exp() * …`
        return None
    core = tuple(t for t in q.terms if t.meaning.sense is not Sense.NONE or t.meaning.kind or _is_target(t.label))
    factor = _factor_sign(p)
    roots = p.roots | q.roots
    surplus = _entropy_surplus(core)
    if surplus is None and is_temperature(q.label):
        return None
    if surplus is not None:
        why = "temperature × (entropy - its target), which should go down in the temperature"
        live = any(t.live for t in p.terms) or not p.terms
        meaning = concluded(Sense.COST, TEMPERATURE, (surplus.basis, Basis.NAME))
        term = Term(factor * surplus.sign, meaning, label, node, node, live=live, trace=Trace(node, why))
        return Quantity((term,), roots, label, key=node, origin=node)
    if clear and len(core) == 1 and is_log_policy(core[0]):
        t = core[0]
        meaning = t.meaning if t.meaning.kind == "log_q" else TEMPERED
        why = "temperature × log-probability of the policy's action: minus an entropy bonus"
        term = replace(t, sign=factor * t.sign, meaning=meaning, trace=Trace(node, why, t.trace))
        return Quantity((term,), roots, label, key=node, origin=node)
    return None


def _is_probability(label: ir.Written) -> bool:
    """Whether something is a probability by its name, and no logarithm of one."""
    return _PROBABILITY.within(label) and not _LOGS.within(label)


def _factor_sign(p: Quantity) -> int:
    """The sign of a temperature; of ``(1 - done) * alpha`` what is written in front, not that of ``done``."""
    if not p.terms or is_temperature(p.terms[0].label):
        return p.terms[0].sign if p.terms else 1
    return leading_sign(p.label)


class _Surplus(NamedTuple):
    """An entropy less its target (``sign`` -1: the negation of that); ``basis``: how the entropy is known to be one."""

    sign: int
    basis: Basis


def _entropy_surplus(terms: Sequence[Term]) -> _Surplus | None:
    """``H - target``, or ``log pi + target`` (which is its negation); None for anything else."""
    targets = [t.sign for t in terms if _TARGET_ENTROPY.within(t.label)]
    if not targets:
        targets = [-t.sign for t in terms if _DIMENSIONS.within(t.label) and not is_log_policy(t)]
    rest = [t for t in terms if not _TARGET_ENTROPY.within(t.label)]
    if len(targets) != 1 or len(terms) != 2:
        return None
    for t in rest:
        basis = t.meaning.basis if t.meaning.kind and t.meaning.basis.is_fact else Basis.NAME
        if is_log_policy(t):
            return _Surplus(-t.sign, basis) if t.sign == targets[0] else None
        if is_entropy(t):
            return _Surplus(t.sign, basis) if t.sign == -targets[0] else None
    return None


# --- sums ----------------------------------------------------------------------------------------


@observes(SumComputed)
def summed(view: View, seen: SumComputed) -> None:
    """Hold a sum of ``a`` and ``b`` (``minus``: their difference) against the laws of soft values and rewards."""
    a, b = seen.left, seen.right
    if 2 <= len(seen.out.terms) <= MOST_TERMS:
        for soft, value in ((b, a), (a, b)):
            tempered = [t for t in soft.terms if t.meaning.kind == "log_q"]
            if tempered and not any(t.meaning.kind == "log_q" for t in value.terms):
                _soft_value(view, tempered, soft, value, seen)
        _reference(view, seen)


@observes(SumReached)
def aimed(view: View, seen: SumReached) -> None:
    """``log_pi + target_entropy``, or ``minus_log_pi - target_entropy``, whatever the first of them is called."""
    e = seen.e
    names = [x.name for x in (e.left, e.right) if isinstance(x, (ir.Name, ir.Attr))]
    if len(names) == 2 and _LOG_PI.of(names[0]) and _TARGET_ENTROPY.of(names[1]):
        view.emit(Convention(SOFT_VALUE, e.op == "-", e.id))


_GREATER = frozenset({"max", "maximum", "reduce_max", "amax", "fmax"})


def _is_greater(e: ir.Expr | None, f: Frame) -> bool:
    """Whether a name holds the greater of several critics: pessimism takes that of costs, and the lesser of values."""
    made = f.wrote(e.name) if isinstance(e, ir.Name) else None
    return isinstance(made, ir.Call) and last(made.func) in _GREATER


def _soft_value(view: View, tempered: list[Term], soft: Quantity, value: Quantity, seen: SumComputed) -> None:
    values = [t for t in value.terms if _is_action_value(t, value)]
    signs, minus = {t.sign for t in values}, -1 if seen.minus else 1
    if any(_is_greater(t.label.expr, seen.scope) for t in values) or len(signs) != 1:
        return
    if seen.minus and any(t.live for t in values) and not any(t.live for t in soft.terms):
        return  # a critic less the target that it is to meet: an error
    if len({t.sign for t in tempered}) != 1 or any(_is_action_value(t, soft) for t in soft.terms if t not in tempered):
        return
    if tempered[0].sign * minus not in signs:
        view.emit(Convention(SOFT_VALUE, False, seen.node))
        return
    message = (
        f"`{seen.label}`: the value and the weighted log-probability have the same sign, so that the policy is "
        "rewarded for losing its entropy"
    )
    edit = "give them opposite signs: a soft value is Q - alpha · log π"
    view.emit(Misstated(seen.node, seen.node, message, edit, SOFT_VALUE))


def _is_action_value(t: Term, q: Quantity) -> bool:
    return value_sign(t) != 0 or (len(q.terms) == 1 and names_value(q.label) and _may_be_value(t))


def value_sign(t: Term) -> int:
    """The sign with which a term holds the value of an action, by its name or the network it came out of; 0 if not.

    A name like `loss` covers the sign of what it holds: what came out of a network has its own.
    """
    if not _may_be_value(t):
        return 0
    if t.source is not None and names_value(t.source.network):
        return t.sign * t.source_sign
    if t.meaning.kind == "value":
        return t.sign if t.meaning.sense is Sense.GAIN else -t.sign
    return t.sign if t.meaning.sense is Sense.UNKNOWN and names_value(t.label) else 0


def _may_be_value(t: Term) -> bool:
    return not t.meaning.is_evidence and t.meaning.kind not in ("log_q", "score", "log_density", "reward")


_EXTREMES = frozenset(
    {"min", "max", "minimum", "maximum", "fmin", "cat", "stack", "concatenate", "squeeze", "mean", "sum"}
)


def names_value(label: ir.Written) -> bool:
    """Whether a label is a name or a call (no product, no negation) that speaks of the value of an action."""
    e = label.expr
    if e is None or isinstance(e, (ir.Binary, ir.Unary, ir.Compare, ir.BoolOp, ir.IfExp)):
        return False
    named = head(e)
    if last(named) in _EXTREMES:
        # Of a sum the value has some sign.
        return _ACTION_VALUE.within(e) and not _LOGS.within(e) and not any(isinstance(x, ir.Binary) for x in walk(e))
    return _ACTION_VALUE.within(named) and not _LOGS.within(named)


def _reference(view: View, seen: SumComputed) -> None:
    """``reward ± beta * (log pi - log pi_ref)``: what goes away from the reference is paid less."""
    a, b = seen.left, seen.right
    for reward, other, sign in ((a, b, -1 if seen.minus else 1), (b, a, 1)):
        if len(reward.terms) != 1 or reward.terms[0].meaning.kind != "reward" or reward.terms[0].sign < 0:
            continue
        if _is_divergence(other) and other.terms[0].sign * sign > 0 and _REFERENCE.any(seen.scope.vars):
            view.emit(_paid(seen, other.terms[0]))
        logs = [t for t in other.terms if is_log_policy(t)]
        refs = [t for t in logs if _REFERENCE.within(t.label)]
        if len(other.terms) == len(logs) == 2 and len(refs) == 1 and {t.sign for t in logs} == {1, -1}:
            if refs[0].sign * sign < 0:
                view.emit(_paid(seen, refs[0]))


def _is_divergence(q: Quantity) -> bool:
    if len(q.terms) != 1 or q.terms[0].meaning.kind != "kl":
        return False
    # What is called a KL penalty or reward has its minus already.
    return _DIVERGENCE.within(q.terms[0].label) and not _PAID_ALREADY.within(q.terms[0].label, q.label)


def _paid(seen: SumComputed, t: Term) -> Misstated:
    message = (
        f"`{seen.label}` rewards distance from the reference policy: `{t.label}` enters the reward with the wrong sign"
    )
    edit = "flip its sign: reward - beta · (log π - log π_ref)"
    law = "log π - log π_ref estimates the divergence from the reference, which is a penalty"
    return Misstated(seen.node, seen.node, message, edit, law)
