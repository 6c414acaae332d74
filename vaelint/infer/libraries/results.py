"""What a library's model or loss module hands back: a record some of whose entries the library documents as losses."""

from __future__ import annotations

from fnmatch import fnmatchcase

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.arguments import Arguments
from vaelint.infer.evaluate.machine import Machine
from vaelint.infer.values import Frame, Made, Quantity, Sequence, Text, Value, meant, undirected
from vaelint.records import replace
from vaelint.sense import Meaning

WHAT = "results"
_THEMSELVES = ("select", "exclude", "detach", "to", "clone", "flatten_keys", "mean", "sum", "to_tuple")


def of(module: Made, node: int) -> Made:
    """What calling a module yields whose entries are documented (``makes = "losses"``)."""
    return replace(module, what=WHAT, node=node)


def entry(it: Machine, results: Made, key: str, e: ir.Expr) -> Quantity:
    """``results[key]`` or ``results.key``: a loss, where the library's documentation says so of such a key."""
    rule, label = results.entry, ir.render(e, 40)
    root = f"{results.node}:{key}"
    if rule.sense is None or not fnmatchcase(key, rule.keys):
        return it.opaque(label, key, e.id, frozenset((root,)))
    why = f"`{key}` of what `{rule.name}` yields should go down, by its documentation"
    q = meant(Meaning(rule.sense, rule.kind, Basis.LIBRARY), label, e.id, why, roots=frozenset((root,)))
    return replace(q, label=ir.called(key))


def parts(it: Machine, q: Quantity, args: Arguments, e: ir.Expr, f: Frame) -> Value | None:
    """``loss.values()``: what is known to be a loss, and proves to be a record here, is a record of its parts."""
    directed = q.terms and all(t.meaning.sense.directed and t.meaning.is_evidence for t in q.terms)
    return Sequence((), q) if directed and not args.given else None


def method(it: Machine, results: Made, name: str, args: Arguments, e: ir.Expr) -> Value | None:
    """A mapping's methods. Of all its values only the losses carry a gradient: the others are there to be logged."""
    key = args.first
    if name in ("get", "pop") and isinstance(key, Text):
        return entry(it, results, key.value, e)
    if name in _THEMSELVES:
        return results
    some = entry(it, results, results.entry.keys, e)
    if name == "values":
        return Sequence((), some)
    if name == "items":
        return Sequence((), Sequence((undirected("key", e.id), some)))
    return None
