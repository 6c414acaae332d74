"""Log-determinants of maps in an objective: they go up beside the density of what the map has made, beside no other.

``x = inverse(y); _, log_det = forward(x)``: in the log-density of ``y`` that is subtracted. So what a map makes has a
root that stands for the map, and so has its log-determinant: where the two meet, it is known which way the sum goes.
"""

from __future__ import annotations

from vaelint.evidence import Basis
from vaelint.infer.quantities.structures import DETERMINANT
from vaelint.infer.values import Quantity, Root, Term
from vaelint.records import replace
from vaelint.sense import Meaning, Sense

VOLUME = Meaning(Sense.GAIN, DETERMINANT.kind, Basis.PROOF)


def mapped(q: Quantity, node: int) -> Quantity:
    """What a map has made whose log-determinant is found at ``node``."""
    return q.having(roots=q.roots | {f"{_MAP}{node}"})


def scored(q: Quantity) -> Quantity:
    """A density, with the maps that have made what it is of."""
    of = _maps(q)
    known = len(q.terms) == 1 and q.terms[0].meaning.is_evidence and q.terms[0].meaning.kind in _DENSITIES
    return replace(q, terms=(replace(q.terms[0], over=q.terms[0].over | of),)) if of and known else q


def root(node: int) -> str:
    """What stands for a map among the roots of its log-determinant."""
    return f"log-determinant {node}"


def rooted(q: Quantity, node: int) -> frozenset[Root]:
    """The roots of a log-determinant, without other maps that made what it was computed from."""
    return frozenset(r for r in q.roots if not (isinstance(r, str) and r.startswith(_MAP))) | {root(node)}


def beside_densities(q: Quantity) -> Quantity:
    """The sum, in which a log-determinant has no direction unless what its map made is in what stands beside it."""
    volumes = [t for t in q.terms if t.meaning == VOLUME]
    if len(volumes) in (0, len(q.terms)) or any(root(node) in q.roots for node in _maps(q)):
        return q
    return replace(q, terms=tuple(replace(t, meaning=DETERMINANT) if t in volumes else t for t in q.terms))


def are_of_one(a: Term, b: Term) -> bool:
    """Whether, of a density and a log-determinant, the one is of what the map of the other has made."""
    volumes = [t for t in (a, b) if t.meaning == VOLUME]
    return not volumes or bool({a.made, *a.over} & {b.made, *b.over})


def _maps(q: Quantity) -> frozenset[int]:
    return frozenset(int(r.removeprefix(_MAP)) for r in q.roots if isinstance(r, str) and r.startswith(_MAP))


_MAP = "map "
_DENSITIES = frozenset({"log_density", "log_q", "nll"})
