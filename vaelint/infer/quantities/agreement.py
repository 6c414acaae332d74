"""One of several implementations of one thing: what most of them prove, where none says otherwise.

The classes that derive from one fill the same place: a caller minimises what any of them returns, without asking which
it is. So what the resolved ones agree on, and its name says, holds for those that are not resolved as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.infer.quantities.algebra import join, lone_meaning, overall
from vaelint.infer.values import Quantity, Term, Trace
from vaelint.records import replace
from vaelint.sense import Meaning, Sense

FEWEST = 2  # implementations that are resolved: one may be what the others are not
SHARE = 3  # of so many, one has to be resolved


def agreed(qs: Sequence[Quantity], node: int, label: ir.Written, claimed: Sense) -> Quantity:
    """The join of what several implementations yield; ``claimed`` is what the name says that it is asked for by."""
    joined = join(qs, node, label)
    verdict = overall(joined, gradient=True)
    if verdict.sense.directed and verdict.is_evidence:
        return joined
    found = [(q, lone_meaning(q)) for q in qs]
    directed = [(q, m) for q, m in found if m.sense.directed]
    proved = [(q, m) for q, m in directed if m.is_evidence]
    open_ = [m for _, m in found if m.sense is not Sense.NONE]
    if len(proved) < FEWEST or SHARE * len(proved) < len(open_) or {m.sense for _, m in directed} != {claimed}:
        return joined
    first, meaning = proved[0]
    # A loss by documentation has no kind; a claim without one would be a plain name's, and no evidence.
    kind = (meaning.kind if all(m.kind == meaning.kind for _, m in proved) else "") or "objective"
    trace = Trace(node, f"{len(proved)} of {len(open_)} implementations are resolved, and agree", first.terms[0].trace)
    live = any(t.live for q in qs for t in q.terms)
    term = Term(1, Meaning(claimed, kind, Basis.NAME), label, node, node, live=live, trace=trace)
    return replace(joined, terms=(term,))
