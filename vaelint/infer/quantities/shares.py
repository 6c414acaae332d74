"""Shares: ``w`` and ``1 - w``, each a factor of a product of its own, weigh two things against each other.

Labels of two classes, a mask of what was censored, a mixing weight: whatever its name, neither of the two turns the
sign of what it weighs. That holds where the products are summed at once (``w * a + (1 - w) * b``) and where each is
bound to a name first, anywhere in one function.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from vaelint import ir
from vaelint.infer.expression import complement, number, product, unsigned, walk
from vaelint.infer.quantities import algebra
from vaelint.infer.seen import ProductComputed, View, refines
from vaelint.infer.values import Form, Quantity, Value, undirected


@refines(ProductComputed)
def weighed(view: View, seen: ProductComputed, value: Value) -> Value:
    """A product with a share: what is weighed by it, with the sign that it has."""
    e = seen.label.expr
    if not isinstance(value, Quantity) or not isinstance(e, ir.Binary) or e.op != "*":
        return value
    sides = (seen.left, e.left, seen.right), (seen.right, e.right, seen.left)
    for weight, written, other in sides:
        # The logarithm of a probability becomes a log-likelihood by labels: what they are is asked elsewhere.
        if other.form == Form.LOG_PROBABILITY or any(t.meaning.sense.directed for t in weight.terms):
            continue
        if unsigned(written).id in view.around(e.id).once(_shares):
            share = undirected(ir.render(unsigned(written)), e.id, form=Form.SHARE, positive=True, roots=weight.roots)
            out = algebra.multiply(share, other, e.id, seen.label)
            return out if unsigned(written) is written else algebra.negate(out, e.id)
    return value


def _shares(code: ir.Block) -> frozenset[int]:
    """The factors, by their ids, that are a share or what it leaves of one."""
    found: set[int] = set()
    within: set[int] = set()  # a function within another sees what that binds: they are read as one
    for fn in walk(code):
        if isinstance(fn, ir.FunctionDef) and fn.id not in within:
            found.update(_of_function(fn))
            within.update(x.id for x in walk(fn) if isinstance(x, ir.FunctionDef))
    return frozenset(found)


def _of_function(fn: ir.FunctionDef) -> Iterator[int]:
    products = [_factors(x) for x in _products(fn)]
    holding: dict[Hashable, list[int]] = {}
    for own in products:
        for key, x in own.items():
            holding.setdefault(key, []).append(x.id)
    weights: set[Hashable] = set()
    for own in products:
        for rest in own.values():
            weight = complement(rest)
            if weight is not None and not number(weight) and (key := ir.key(weight)) not in own and key in holding:
                yield rest.id
                weights.add(key)
    for key in weights:
        yield from holding[key]


def _products(fn: ir.FunctionDef) -> Iterator[ir.Expr]:
    """The whole products in a function, none that is a part of another."""
    parts: set[int] = set()
    for x in walk(fn):
        if isinstance(x, ir.Binary) and x.op in "*/":
            if x.id not in parts:
                yield x
            parts |= {unsigned(a).id for a in (x.left, x.right)}


def _factors(e: ir.Expr) -> dict[Hashable, ir.Expr]:
    return {ir.key(x): x for x in product(e).above}
