"""What stands beside a policy's surrogate, and has to pull with it whichever way the sum goes.

``surrogate + c * entropy - beta * kl - value error`` is raised, its negation lowered (Mnih et al. 2016, section 4;
Schulman et al. 2017, eqs. 8 and 9): an entropy has the sign of the surrogate, a divergence and an error the other one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vaelint import ir
from vaelint.infer.events import Beside
from vaelint.infer.expression import last, leading, reduced
from vaelint.infer.quantities import policies
from vaelint.infer.seen import SumComputed, View, observes
from vaelint.infer.values import Frame, Term
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Sense


@observes(SumComputed)
def summed(view: View, seen: SumComputed) -> None:
    """Hold each surrogate on one side of a sum against the other side."""
    out, node, f = seen.out, seen.node, seen.scope
    if not 2 <= len(out.terms) <= policies.MOST_TERMS:
        return
    left = len(seen.left.terms)
    if not _agree(t for t in out.terms if _is_policy_loss(t, f)):
        return  # gains compared with each other, before and after a step
    sides = out.terms[:left], out.terms[left:]
    for surrogates, others in (sides, sides[::-1]):
        for surrogate in [t for t in surrogates if t.live and t.value_sense.directed and _is_policy_loss(t, f)][:1]:
            for other in _companions(surrogate, others):
                view.emit(Beside(surrogate, other, node))


def _agree(terms: Iterable[Term]) -> bool:
    return len({t.value_sense for t in terms}) <= 1


# Beside an entropy: what else `a_loss` may be, it is none of a policy then.
_POLICY_LOSS = Words("policy_loss")


def _is_policy_loss(t: Term, f: Frame) -> bool:
    if t.meaning.is_claim and _is_pessimistic(f.behind(t.label.expr) if t.label.expr is not None else None):
        return False
    if t.meaning.kind == "surrogate":
        return True
    return t.meaning.is_claim and t.meaning.sense is Sense.COST and _POLICY_LOSS.within(t.label)


def _is_pessimistic(e: ir.Expr | None) -> bool:
    """The lesser of two products without a minus: a bound that is raised, whatever it is called."""
    if e is None or not isinstance(e := reduced(e), ir.Call) or last(e.func) not in ("min", "minimum"):
        return False
    products = [a.value for a in e.args if isinstance(a.value, ir.Binary) and a.value.op == "*"]
    return bool(products) and all(leading(p) > 0 for p in products)


def _companions(surrogate: Term, others: tuple[Term, ...]) -> Iterator[Term]:
    """What pulls against a surrogate, and may not."""
    for t in others:
        if t.live and t.grad_sign == surrogate.grad_sign and (sense := wanted(t, surrogate)) is not Sense.NONE:
            if sense is not surrogate.value_sense:
                yield t


def wanted(t: Term, surrogate: Term) -> Sense:
    """Which way a companion of a surrogate pulls, where it is one."""
    if policies.is_entropy(t):
        return Sense.GAIN if t.sign > 0 else Sense.COST
    sure = t.meaning.is_evidence and surrogate.meaning.is_evidence
    if sure and t.meaning.kind in ("error", "kl"):
        return t.value_sense
    return Sense.NONE
