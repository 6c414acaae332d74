"""A formula with one sign flipped: where exactly one flip makes it a reference, that sign is a slip."""

from __future__ import annotations

from dataclasses import field
from typing import NamedTuple

from vaelint import ir
from vaelint.graph.formula import read
from vaelint.graph.lookup import MAX_LEAVES
from vaelint.graph.node import CONSTANT, NOWHERE, Graph, Node, rewritten, show, walk
from vaelint.graph.recognise import Fact, best, is_weight, recognise
from vaelint.graph.repair import FLIPPED, MOST_SIGNS, flipped
from vaelint.graph.views import Positive, leaves, views
from vaelint.records import record
from vaelint.sense import Sense

MAX_SIZE = 80  # parts of an expression that is searched for a slip


class Case(NamedTuple):
    """A formula, and what it is with its sign flipped."""

    graph: Graph
    root: Node
    mended: Node


@record(frozen=True, slots=True)
class Slip:
    """One turned sign away from a reference. ``node``: the term whose sign it is; ``flip``: the change, in words.

    ``either``: the formula has two parts with opposed signs that should have the same; which of them is wrong, the
    formula alone does not say. ``sure``: more than a few terms, or a normalising constant, say what was meant.
    """

    reference: str
    node: int
    flip: str
    mended: Fact
    either: bool = False
    sure: bool = True
    turn: str = ""  # "+-" or "-+" where the sign is an operator between two terms
    signs: int = 1  # how many are flipped: all but one, where that one alone gives the negation of what is claimed
    edit: str = ""  # what is to be written, in words
    case: Case | None = field(default=None, compare=False)


def decide(e: ir.Expr) -> Fact | Slip | None:
    """What an expression is that was typed in."""
    graph = Graph()
    root = read(e, graph)
    return None if root is None else recognise(graph, root) or find_slip(graph, root)


class _Search(NamedTuple):
    """A formula in one view, what is taken as positive, and what the name of this very value says."""

    graph: Graph
    root: Node
    positive: Positive
    claimed: Sense | None
    sure: bool

    def best(self, root: Node) -> Fact | None:
        return best(self.graph, root, self.positive)

    def claimed_of(self, root: Node) -> Fact | None:
        """What a formula is, where that has the sense that is claimed."""
        fact = self.best(root)
        return fact if fact is not None and fact.meaning.sense is self.claimed else None

    def flipped(self, site: Node) -> Node:
        return flipped(self.graph, self.root, site.origin, site.op)

    def negated(self, site: Node) -> Node:
        """The formula with a sign flipped, and negated as a whole."""
        return self.graph.apply("neg", self.flipped(site))

    def case(self, mended: Node) -> Case:
        return Case(self.graph, self.root, mended)


def find_slip(
    graph: Graph,
    root: Node,
    wanted: Sense | None = None,
    positive: Positive = is_weight,
    whole: Sense | None = None,
) -> Slip | None:
    """The one sign that makes the formula a reference when flipped; None if there is none or more than one.

    ``wanted``: what is made of it in the end; ``whole``: what the name of this very value says.
    """
    found = (_slip(graph, view, wanted, positive, whole) for view in views(graph, root))
    return next((x for x in found if x is not None), None)


def _slip(graph: Graph, root: Node, wanted: Sense | None, positive: Positive, whole: Sense | None) -> Slip | None:
    parts = list(walk(root))
    signs = list({x.origin: x for x in parts if x.op in FLIPPED and x.origin != NOWHERE}.values())
    if not 0 < len(signs) <= MOST_SIGNS or len(parts) > MAX_SIZE or not 0 < len(leaves(root)) <= MAX_LEAVES:
        return None
    fits: list[tuple[Node, Fact]] = []
    for site in signs:
        fact = best(graph, flipped(graph, root, site.origin, site.op), positive)
        if fact is not None:
            fits.append((site, fact))
    direct = [x for x in fits if not x[1].inverse]
    if fits and not direct:
        return _missing_minus(graph, root, positive)
    fits = direct
    if not fits or any(not fact.slips for _, fact in fits):
        return None
    sure = _has_normaliser(parts) or fits[0][1].meaning.kind in ("kl", "cross_entropy")
    search = _Search(graph, root, positive, whole, sure)
    if len(fits) == 1:
        return _leading(search, *fits[0]) or _all_others(search, *fits[0]) or _made(search, *fits[0], False)
    chosen = _either(fits, wanted)
    return _made(search, *chosen, wanted is None) if chosen is not None else None


def _either(fits: list[tuple[Node, Fact]], wanted: Sense | None) -> tuple[Node, Fact] | None:
    """Of two parts with opposed signs either could be flipped: the name says which, or the operator between them."""
    (_, one), (_, other) = fits[:2]
    if len(fits) != 2 or one.reference != other.reference or (one.scale > 0) == (other.scale > 0):
        return None
    named = (x for x in fits if wanted is not None and x[1].meaning.sense is wanted)
    return next(named, None) or next((x for x in fits if x[0].op != "neg"), fits[0])


def _leading(search: _Search, site: Node, mended: Fact) -> Slip | None:
    """``a - b`` under a name that wants ``-a - b``: the sign that slipped is the one that nobody wrote."""
    claimed = search.claimed
    core = _core(search.root)
    if claimed is None or site.op not in ("add", "sub") or site is not core:
        return None
    if mended.meaning.sense is not -claimed:
        return None
    mended_root = search.negated(site)
    if (fact := search.claimed_of(mended_root)) is None:
        return None
    edit = f"`-{_text(site.args[0])}`"
    flip = f"`{_text(site.args[0])}` should be {edit}"
    return Slip(fact.reference, site.origin, flip, fact, False, search.sure, edit=edit, case=search.case(mended_root))


def _all_others(search: _Search, site: Node, mended: Fact) -> Slip | None:
    """Where the one sign gives minus what the name claims: the formula is that with all the *other* signs flipped."""
    claimed = search.claimed
    if claimed is None or mended.meaning.sense is not -claimed or site.op not in ("add", "sub"):
        return None
    terms = _terms(_core(search.root), 1)
    kept = _terms(site.args[1], 1)
    others = [(sign, x) for sign, x in terms if not any(x is k for _, k in kept) and leaves(x)]
    if not others or len(others) + len(kept) > len(terms):
        return None
    mended_root = search.negated(site)
    if (fact := search.claimed_of(mended_root)) is None:
        return None
    edit = f"`{_sum(search.graph, others, -1)}`"
    flip = f"`{_sum(search.graph, others, 1)}` should be {edit}"
    at = next((x.origin for _, x in others if x.origin != NOWHERE), site.origin)
    case = search.case(mended_root)
    return Slip(fact.reference, at, flip, fact, False, search.sure, "", len(others), edit, case)


def _terms(root: Node, sign: int) -> list[tuple[int, Node]]:
    """The summands of a sum with their signs."""
    if root.op in ("add", "sub"):
        a, b = root.args
        return [*_terms(a, sign), *_terms(b, sign if root.op == "add" else -sign)]
    return _terms(root.args[0], -sign) if root.op == "neg" else [(sign, root)]


def _sum(graph: Graph, terms: list[tuple[int, Node]], factor: int) -> str:
    (first, x), *rest = terms
    text = _text(x if first * factor > 0 else graph.apply("neg", x))
    return text + "".join(f" {'+' if sign * factor > 0 else '-'} {_text(y)}" for sign, y in rest)


def _core(root: Node) -> Node:
    """A sum without the weight around it."""
    while root.op == "mul" and root.args[0].op == CONSTANT:
        root = root.args[-1]
    return root


def _missing_minus(graph: Graph, root: Node, positive: Positive) -> Slip | None:
    """``exp(log_var)`` where the formula has its inverse: the one minus that makes it fit."""
    fits: list[tuple[Node, Node, Node, Fact]] = []
    for site in {x.origin: x for x in walk(root) if x.op == "exp" and x.origin != NOWHERE}.values():
        inner = graph.apply("exp", graph.apply("neg", *site.args), origin=site.origin)
        mended = rewritten(graph, root, lambda node, _, s=site, i=inner: i if node is s else None)  # type: ignore[misc]
        fact = best(graph, mended, positive)
        if fact is not None and not fact.inverse and fact.slips:
            fits.append((site, inner, mended, fact))
    if len(fits) != 1:
        return None
    site, inner, mended, fact = fits[0]
    edit = f"`{_text(inner)}`"
    flip = f"`{_text(site)}` should be {edit}"
    return Slip(fact.reference, site.origin, flip, fact, edit=edit, case=Case(graph, root, mended))


def _has_normaliser(parts: list[Node]) -> bool:
    """``log(2 * pi * …)`` or its value: nobody writes it outside a log-density."""
    known = (3.141592653589793, 6.283185307179586, 1.8378770664093453, 0.9189385332046727)
    return any(x.op == CONSTANT and any(abs(x.constant - k) < 1e-5 for k in known) for x in parts)


def _made(search: _Search, site: Node, fact: Fact, either: bool) -> Slip:
    term = _text(site.args[-1])
    was, becomes = {"add": ("+", "-"), "sub": ("-", "+"), "neg": ("-", "+")}[site.op]
    edit = f"`{becomes} {term}`"
    flip = f"`{was} {term}` should be {edit}"
    if site.op == "neg":
        flip, edit = f"the minus in front of `{term}` should not be there", f"`{term}` alone"
    turn = "" if site.op == "neg" else was + becomes
    case = search.case(search.flipped(site))
    return Slip(fact.reference, site.origin, flip, fact, either, search.sure, turn, edit=edit, case=case)


def _text(node: Node) -> str:
    return show(node, MAX_SIZE)
