"""A derivative that is written by hand beside its function: the two are held against each other by numbers.

Both have to be read to their end (`quantities.closed`). A derivative is taken by any argument: with the sign turned it
is reported only where no other argument makes it right, but for one that is called a target beside a prediction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import BY_PROOF
from vaelint.finding import Example
from vaelint.graph.node import NOWHERE, Graph, Kind, Node, leaves, replaced, with_leaves
from vaelint.graph.repair import flipped
from vaelint.infer.events import Misstated
from vaelint.infer.quantities import closed
from vaelint.infer.values import Class, ClassInfo, Function, Module

_MAY = re.compile(
    r"def (?:\w+_)?(?:grad\w*|deriv\w*|prime|backward|der|dx)\(|def \w*(?:Prime|Gradient|Derivative)\("
    r"|def _?(?:grad|d|deriv|der|derivative|gradient)_\w+\(|def d(?:f|sig\w*|tanh|relu|soft\w*|loss|cost|mse)\("
)
_WITHIN = re.compile(r"^[ \t]+(?:grad|gradient|d[wbW]\w?|grad_\w{1,6}|\w{1,6}_grad)\s*=[^=]", re.M)
_CLOSED = re.compile(r"\b(?:exp|log|sigmoid|tanh)\w*\(|\*\* ?2|square\(|power\(|\.pow\(")
# Who steps along what is called a gradient, or speaks of climbing it, has its minus in there already.
_ASCENT = re.compile(
    r"(?:\+=|(?<![-+*/=<>!])=[^=\n]*[\w\])]\s*\+)\s*[^-\n]*\b(?:self\.)?\w*(?:lr|rate|eta|alpha|step_?size)\w*\s*\*"
    r"|\+=\s*(?:self\.)?\w*(?:step|update|grad)|\bascen[dt]|\bclimb|uphill|steepest|['\"_]direction\b",
    re.I,
)
_NEGATIVE = re.compile(r"^_?(?:negative|neg|minus)_?", re.I)
_SPECIFIC = (
    re.compile(r"^_?(?P<f>\w+?)_?(?:prime|derivative|deriv|gradient|grad|backward|_der|_d[xz])$", re.I),
    re.compile(r"^_?(?:grad|gradient|deriv|derivative|der|d)_?(?:of_)?(?P<f>\w+)$", re.I),
)
_GENERIC = frozenset({
    "gradient", "grad", "derivative", "deriv", "backward", "prime", "df", "gradients", "first_derivative", "dloss",
})  # fmt: skip
_FUNCTIONS = (
    "loss", "cost", "__call__", "call", "forward", "f", "fn", "func", "function", "value", "evaluate", "eval",
    "compute", "calculate", "calc", "activation", "objective", "error", "nll", "negative_log_likelihood",
)  # fmt: skip
_UPSTREAM = re.compile(r"^(?:d_?\w{1,3}|d?out\w*|grad\w*|upstream\w*|delta\w*|g|accum\w*)$", re.I)
_TARGET = re.compile(r"true|target|label|^t$|^ts$|actual|desired|expected|^gt|truth|^real", re.I)
_PREDICTION = re.compile(r"pred|hat$|^a$|^p$|^yp$|out|logit|prob|score|^raw|activation|estimate|^f$|^o$", re.I)
_COST = re.compile(
    r"^(?:cost|loss|J|nll|obj|objective|neg_?log_?lik\w*|nlml|log_?lik\w*|ll|logp|log_?prob|lp|mll|energy)$"
)
_GRADIENT = re.compile(r"^_?(?:grad|gradient)s?$", re.I)
_OF = re.compile(r"^(?:d(?:L|J|loss|cost|nll|ll)?_?(?:d_?)?|grad_?|gradient_)(?P<x>\w+)$|^(?P<y>\w+)_grad(?:ient)?$")
LAW = "a derivative is what its function rises by: the two, evaluated at points, have opposite signs"


class Found(NamedTuple):
    """By what a derivative is wrong; ``node``: the one sign, or -1 for the whole."""

    by: str
    node: int
    example: Example | None


def may_be_in(text: str) -> bool:
    """Whether a file may hold a function with its derivative: no other is parsed for this."""
    return (_MAY.search(text) or _WITHIN.search(text)) is not None and _CLOSED.search(text) is not None


def of_class(info: ClassInfo, cls: Class, module: Module) -> Iterator[Misstated]:
    """The methods of a class, each beside the one that it is the derivative of."""

    def lookup(e: ir.Expr) -> Function | None:
        if isinstance(e, ir.Attr) and isinstance(e.base, ir.Name) and e.base.name in ("self", "cls", cls.name):
            return info.method(e.name, cls)
        if isinstance(e, ir.Name):
            return info.method("__call__", cls) if e.name == "self" else _function(module, e.name)
        return None

    methods = {name: name for name in info.method_names}
    for name in info.method_names:
        of = _derived_from(name, methods, owned=True)
        fn = info.own_method(of, cls) if of else None
        derivative = info.own_method(name, cls) if fn is not None else None
        if fn is not None and derivative is not None:
            yield from _beside(fn, derivative, lookup, module.source.text)
        own = info.own_method(name, cls) if not of else None
        if own is not None:
            yield from _within(own, lookup, module.source.text)


def of_module(module: Module) -> Iterator[Misstated]:
    """The functions of a file, each beside the one that it is the derivative of."""

    def lookup(e: ir.Expr) -> Function | None:
        return _function(module, e.name) if isinstance(e, ir.Name) else None

    names = {u.name: u.name for u in module.source.units if u.kind == "function"}
    for name in names:
        of = _derived_from(name, names, owned=False)
        fn, derivative = (_function(module, n) if of else None for n in (of, name))
        if fn is not None and derivative is not None:
            yield from _beside(fn, derivative, lookup, module.source.text)
        own = _function(module, name) if not of else None
        if own is not None:
            yield from _within(own, lookup, module.source.text)


def _function(module: Module, name: str) -> Function | None:
    held = module.lookup(name)
    return held if isinstance(held, Function) else None


def _derived_from(name: str, names: dict[str, str], owned: bool) -> str:
    """The function that one is called the derivative of; "" where none is there."""
    bare = _NEGATIVE.sub("", name) if name not in names or _NEGATIVE.match(name) else name
    for pattern in _SPECIFIC:
        m = pattern.match(bare)
        if m and m["f"] != name:
            found = next((n for n in (m["f"], "_" + m["f"], m["f"] + "_loss") if n in names and n != name), "")
            if found:
                return found
    if owned and bare.strip("_").lower() in _GENERIC:
        there = [n for n in _FUNCTIONS if n in names]
        return there[0] if there else ""
    return ""


def _beside(fn: Function, derivative: Function, lookup: closed.Lookup, text: str) -> Iterator[Misstated]:
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
    passed = {leaf.key: graph.constant(1.0) for leaf in upstream if _UPSTREAM.match(leaf.name)}
    gradient = with_leaves(graph, gradient, passed)
    sign = -1 if _NEGATIVE.match(derivative.name) and not _NEGATIVE.match(fn.name) else 1
    found = _wrong(graph, form, gradient, sign, "", fn.name)
    if found is not None and not (found.node < 0 and sign > 0 and _ASCENT.search(text)):
        yield _stated(derivative.name, fn.name, found, end, sign)


def _within(fn: Function, lookup: closed.Lookup, text: str) -> Iterator[Misstated]:
    """One function that computes a value and, beside it, its gradient: ``return cost, dw``."""
    if not isinstance(fn.body, tuple) or not _WITHIN.search(text) or _ASCENT.search(text):
        return
    read = closed.reading(Graph(), fn, {}, lookup)
    costs = [n for n in read.bound if _COST.match(n)]
    if len(costs) != 1:
        return
    cost, _ = read.bound[costs[0]]
    for name, (form, e) in read.bound.items():
        of = _OF.match(name)
        by = (of["x"] or of["y"]) if of is not None else ""
        if not by and not _GRADIENT.match(name):
            continue
        found = _wrong(read.graph, cost, form, 1, by, costs[0])
        if found is not None:
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
        c = sign * _agreement(graph, form, taken, leaf)
        if not c and len(found) == 1:
            taken = replaced(graph, gradient, {leaf.value: form})
            c = sign * _agreement(graph, form, taken, leaf)
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
        if sign * _agreement(graph, form, other, leaf) > 0
    }
    if len(mended) != 1:
        return None
    ((node, name), (other, leaf)) = next(iter(mended.items()))
    return Found(name, node, of_derivative(form, gradient, leaf, sign, of, other))


def _agreement(graph: Graph, of: Node, gradient: Node, leaf: Node) -> int:
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
    if _TARGET.search(name):
        return 0
    return 0.5 if name == "y" else 2 if _PREDICTION.search(name) else 1


def _stated(name: str, of: str, found: Found, e: ir.Expr, sign: int) -> Misstated:
    what = "minus the derivative" if sign < 0 else "the derivative"
    if found.node < 0:
        message = f"`{name}` is {'the derivative' if sign < 0 else 'minus the derivative'} of `{of}` by `{found.by}`"
        edit = f"turn its sign: it is {what} then"
        return Misstated(e.id, _difference(e), message, edit, LAW, "VL402", BY_PROOF, example=found.example)
    message = f"`{name}` is one sign away from {what} of `{of}` by `{found.by}`"
    edit = "turn the sign of this summand"
    return Misstated(found.node, e.id, message, edit, LAW, "VL402", BY_PROOF, example=found.example)


def _difference(e: ir.Expr) -> int:
    """The difference that an expression scales, by which an update that it goes into may be judged as well."""
    stack, found = [e], []
    while stack:
        x = stack.pop()
        match x:
            case ir.Binary(op="-"):
                found.append(x.id)
            case ir.Binary(left=a, right=b):
                stack += (a, b)
            case ir.Unary(operand=a):
                stack.append(a)
            case ir.Call(func=func, args=args):
                stack += [a.value for a in args]
                if isinstance(func, ir.Attr):
                    stack.append(func.base)
            case _:
                pass
    return found[0] if len(found) == 1 else e.id
