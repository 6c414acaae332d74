"""What is known of a value has the last word over what it is called."""

from __future__ import annotations

from vaelint import ir
from vaelint.infer.seen import View
from vaelint.infer.values import Frame, Instance, Quantity, Value
from vaelint.knowledge.schema import Claim

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
