"""What a name claims, by the words of it, and whether what is known of the value denies that: facts go before names."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.expression import calls_in, leading, reduced, summands, walk
from vaelint.infer.seen import View
from vaelint.infer.values import Frame, Instance, Quantity, Value
from vaelint.knowledge.schema import Claim
from vaelint.sense import Sense

_NO_LOSSES = frozenset(("distance", "energy", "potential", "penalty"))
_LOOSE = frozenset(("error", "err", "regret", "wer", "cer", "fid", "lpips"))


def is_loss(claim: Claim | None) -> bool:
    """Whether a name is that of something to be lowered, by the word loss or a technical term."""
    if claim is None or claim.sense is not Sense.COST or claim.word in _LOOSE:
        return False
    return claim.kind not in _NO_LOSSES or (claim.kind == "penalty" and "loss" in claim.word)


def is_density(claim: Claim | None) -> bool:
    """Whether a name is that of a log-density or a bound on one, by a technical term."""
    if claim is None or claim.sense is not Sense.GAIN or claim.kind not in ("log_density", "elbo"):
        return False
    return claim.strong or claim.word == "ll"


_BY_STRUCTURE = frozenset(("surrogate", "return", "advantage"))  # known by how it is built, if not for certain


def held(view: View, e: ir.Expr, f: Frame) -> Value | None:
    """What a name, or an attribute of an object, holds here; nothing is evaluated."""
    match e:
        case ir.Name(name=n):
            return f.find(n)
        case ir.Attr(base=ir.Name(name=owner), name=n):
            made = f.find(owner)
            return view.attributes(made).get(n) if isinstance(made, Instance) else None
    return None


def contradicts(view: View, e: ir.Expr, claim: Claim | None, f: Frame) -> bool:
    """Whether it is known that the value is not what its name says: the name is to blame then."""
    return denies(held(view, e, f), claim)


def denies(value: Value | None, claim: Claim | None) -> bool:
    """Whether facts say of a value the opposite of what its name does."""
    if not isinstance(value, Quantity) or claim is None:
        return False
    return any(
        t.value_sense is -claim.sense and (t.meaning.is_evidence or t.meaning.kind in _BY_STRUCTURE)
        for t in value.terms
    )


_LOGARITHMS = frozenset({"log", "log_softmax", "logsigmoid", "log_sigmoid", "log_prob", "log1p", "log2", "log10"})


def is_logarithm(e: ir.Expr, f: Frame, depth: int = 2) -> bool:
    """Whether a name was bound to a logarithm without a minus, itself or by one name in it: a log-probability, say."""
    written = f.behind(e)
    if written is e or depth == 0:
        return False
    if _LOGARITHMS & calls_in(written):
        return all(s > 0 for s, _ in summands(reduced(written))) and leading(written) > 0
    return any(is_logarithm(x, f, depth - 1) for x in walk(written) if isinstance(x, ir.Name))
