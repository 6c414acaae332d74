"""A derivative that is written by hand beside its function: the two are held against each other by numbers.

Both have to be read to their end (`quantities.closed`). A derivative is taken by any argument: with the sign turned it
is reported only where no other argument makes it right, but for one that is called a target beside a prediction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vaelint import ir
from vaelint.evidence import BY_PROOF
from vaelint.finding import Example
from vaelint.graph.node import NOWHERE, Graph, Kind, Node, leaves, replaced, with_leaves
from vaelint.graph.repair import flipped
from vaelint.infer.events import Misstated
from vaelint.infer.expression import factors, last, walk
from vaelint.infer.quantities import closed
from vaelint.infer.values import Class, ClassInfo, Function, Module
from vaelint.knowledge.vocabulary import Words, words_of

if TYPE_CHECKING:
    from vaelint.source.file import SourceFile

# Who steps along what is called a gradient, or speaks of climbing it, has its minus in there already.
_CLIMBS = Words("climbs")
_RATES = Words("climbing_rate")
_STEPS = Words("climbing_step")
_NEGATIVE = Words("negative_derivative")
_GENERIC = frozenset({
    "gradient", "grad", "derivative", "deriv", "backward", "prime", "df", "gradients", "first_derivative", "dloss",
})  # fmt: skip
_FUNCTIONS = (
    "loss", "cost", "__call__", "call", "forward", "f", "fn", "func", "function", "value", "evaluate", "eval",
    "compute", "calculate", "calc", "activation", "objective", "error", "nll", "negative_log_likelihood",
)  # fmt: skip
_UPSTREAM = Words("upstream")
_TARGET = Words("derivative_target")
_PREDICTION = Words("derivative_prediction")
_COST = Words("derived_cost")
_GRADIENT = Words("plain_gradient")
LAW = "evaluated at several points, the function and what is returned as its derivative have opposite signs"


class Found(NamedTuple):
    """By what a derivative is wrong; ``node``: the one sign, or -1 for the whole."""

    by: str
    node: int
    example: Example | None


def of_class(info: ClassInfo, cls: Class, module: Module) -> Iterator[Misstated]:
    """The methods of a class, each beside the one that it is the derivative of."""
    return _of_company(closed.of_class(info, cls), module.source, owned=True)


def of_module(module: Module) -> Iterator[Misstated]:
    """The functions of a file, each beside the one that it is the derivative of."""
    return _of_company(closed.of_module(module), module.source, owned=False)


def _of_company(company: closed.Company, source: SourceFile, owned: bool) -> Iterator[Misstated]:
    for name in company.names:
        of = _derived_from(name, company.names, owned)
        derivative = company.get(name)
        fn = company.get(of) if of else None
        if fn is not None and derivative is not None:
            yield from _beside(fn, derivative, company.lookup, source)
        elif not of and derivative is not None:
            yield from _within(derivative, company.lookup, source)


def _derived_from(name: str, names: Sequence[str], owned: bool) -> str:
    """The function that one is called the derivative of; "" where none is there."""
    bare = _unnegated(name) if name not in names or _NEGATIVE.of(name) else name
    for of in _bases(bare, words_of("f_suffix"), words_of("f_prefix")):
        found = next((n for n in (of, "_" + of, of + "_loss") if n in names and n != name), "")
        if found and of != name:
            return found
    if owned and bare.strip("_").lower() in _GENERIC:
        there = [n for n in _FUNCTIONS if n in names]
        return there[0] if there else ""
    return ""


def _unnegated(name: str) -> str:
    """``neg_grad_f`` → ``grad_f``."""
    for word in words_of("negative_prefix"):
        if name.strip("_").lower().startswith(word):
            return name.strip("_")[len(word) :].lstrip("_")
    return name


def _bases(name: str, suffixes: Iterable[str], prefixes: Iterable[str]) -> Iterator[str]:
    """What a name says that it is derived from: ``f`` of ``f_prime`` and of ``grad_f``."""
    bare = name.lstrip("_")
    yield from (bare[: -len(word)].rstrip("_") for word in suffixes if bare.lower().endswith(word))
    yield from (bare[len(word) :].lstrip("_") for word in prefixes if bare.lower().startswith(word))


def _climbs(source: SourceFile) -> bool:
    """Whether a file speaks of going up, or adds a multiple of a step size to something."""
    if _CLIMBS.any(source.identifiers):
        return True
    for unit in source.units:
        for x in walk(source.around_unit(unit).code):
            match x:
                case ir.AugAssign(op="+", value=value):
                    if _RATES.any(map(last, factors(value))) or _STEPS.of(last(value)):
                        return True
                case ir.Assign(value=ir.Binary(op="+", right=value)):
                    if _RATES.any(map(last, factors(value))):
                        return True
    return False


def _beside(fn: Function, derivative: Function, lookup: closed.Lookup, source: SourceFile) -> Iterator[Misstated]:
    graph = Graph()
    of = closed.reading(graph, fn, {}, lookup)
    if not of.straight or len(of.returned) != 1:
        return
    form = of.read(of.returned[0])
    theirs, ours = closed.parameters(fn), closed.parameters(derivative)
    given: dict[str, Node] = {k: v for k, v in of.env.items() if k.startswith("self.")}
    if not set(ours) <= set(theirs) and len(ours) == len(theirs) and not given:
        given |= {mine: graph.leaf(Kind.PARAMETER, name, f"${name}") for mine, name in zip(ours, theirs)}
    read = closed.reading(graph, derivative, given, lookup)
    if not read.straight or len(read.returned) != 1:
        return
    end = read.returned[0]
    gradient = read.read(end)
    if gradient is None or form is None:
        return
    known = {f"${n}" for n in theirs}
    upstream = [x.leaf for x in leaves(gradient) if x.leaf is not None and x.leaf.key not in known]
    passed = {leaf.key: graph.constant(1.0) for leaf in upstream if _UPSTREAM.of(leaf.name)}
    gradient = with_leaves(graph, gradient, passed)
    sign = -1 if _NEGATIVE.of(derivative.name) and not _NEGATIVE.of(fn.name) else 1
    found = _wrong(graph, form, gradient, sign, "", fn.name)
    if found is not None and not (found.node < 0 and sign > 0 and _climbs(source)):
        yield _stated(derivative.name, fn.name, found, end, sign)


def _within(fn: Function, lookup: closed.Lookup, source: SourceFile) -> Iterator[Misstated]:
    """One function that computes a value and, beside it, its gradient: ``return cost, dw``."""
    if not isinstance(fn.body, tuple) or not source.holds_gradients:
        return
    read = closed.reading(Graph(), fn, {}, lookup)
    costs = [n for n in read.bound if _COST.of(n)]
    if len(costs) != 1:
        return
    cost, _ = read.bound[costs[0]]
    for name, (form, e) in read.bound.items():
        by = next(_bases(name, words_of("of_suffix"), words_of("of_prefix")), "")
        if not by and not _GRADIENT.of(name):
            continue
        found = _wrong(read.graph, cost, form, 1, by, costs[0])
        if found is not None and not _climbs(source):
            yield _stated(name, costs[0], found, e, 1)


def _wrong(graph: Graph, form: Node, gradient: Node, sign: int, by: str, of: str) -> Found | None:
    """By which argument, and where, a derivative has a sign turned; None where it is right, or not known."""
    if not (closed.complete(form) and closed.complete(gradient)) or not gradient.args:
        return None
    found = {x: x.leaf.name.rpartition(".")[2] for x in leaves(form) if x.leaf is not None}
    if not {*leaves(gradient)} <= found.keys():
        return None  # a factor of its own may have any sign
    if by:
        found = {k: n for k, n in found.items() if n.lower() == by.lower()}
    from vaelint.graph.example import of_derivative

    right: list[str] = []
    wrong: dict[str, tuple[Node, Node]] = {}
    for leaf, name in found.items():
        taken = gradient
        c = sign * agreement(graph, form, taken, leaf)
        if not c and len(found) == 1:
            taken = replaced(graph, gradient, {leaf.value: form})
            c = sign * agreement(graph, form, taken, leaf)
        if c > 0:
            right.append(name)
        elif c < 0:
            wrong[name] = taken, leaf
    if wrong:
        if min(map(_rank, wrong)) < 1 or any(_rank(n) > min(map(_rank, wrong)) - 1 for n in right):
            return None
        name, (taken, leaf) = next(iter(wrong.items()))
        return Found(name, NOWHERE, of_derivative(form, taken, leaf, sign, of, None))
    if right:
        return None
    mended = {
        (site.origin, name): (other, leaf)
        for site in _added(gradient)
        for leaf, name in found.items()
        if site.origin != NOWHERE and _rank(name) >= 1
        for other in (flipped(graph, gradient, site.origin, site.op),)
        if sign * agreement(graph, form, other, leaf) > 0
    }
    if len(mended) != 1:
        return None
    ((node, name), (other, leaf)) = next(iter(mended.items()))
    return Found(name, node, of_derivative(form, gradient, leaf, sign, of, other))


def agreement(graph: Graph, of: Node, gradient: Node, leaf: Node) -> int:
    """1 where ``gradient`` is a positive multiple of the derivative, -1 where it is a negative one, else 0."""
    from vaelint.graph.ask import Judge, Verdict

    verdict = Judge(graph, bases=((),), vary=False).derivative_of(gradient, of, leaf).verdict
    return {Verdict.HOLDS: 1, Verdict.CONTRARY: -1, Verdict.OPEN: 0}[verdict]


def _added(root: Node) -> Iterator[Node]:
    """The operators of a sum that bind its summands."""
    if root.op in ("add", "sub"):
        yield root
        for a in root.args:
            yield from _added(a)


def _rank(name: str) -> float:
    """How surely a function is derived by an argument of that name."""
    if _TARGET.of(name):
        return 0
    return 0.5 if name == "y" else 2 if _PREDICTION.of(name) else 1


def _stated(name: str, of: str, found: Found, e: ir.Expr, sign: int) -> Misstated:
    what = "minus the derivative" if sign < 0 else "the derivative"
    if found.node < 0:
        message = f"`{name}` should be {what} of `{of}` with respect to `{found.by}`, but has the opposite sign"
        part, whole, edit, turn = e.id, _difference(e), "flip the sign of the whole", "whole"
    else:
        message = f"`{name}` differs in one sign from {what} of `{of}` with respect to `{found.by}`"
        part, whole, edit, turn = found.node, e.id, "flip the sign of this summand", ""
    return Misstated(part, whole, message, edit, LAW, "VL402", BY_PROOF, example=found.example, turn=turn)


def _difference(e: ir.Expr) -> int:
    """The difference that an expression scales, by which an update that it goes into may be judged as well."""
    found = [x.id for x in walk(e) if isinstance(x, ir.Binary) and x.op == "-"]
    return found[0] if len(found) == 1 else e.id
