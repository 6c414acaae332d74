"""A function and its logarithm, side by side: ``pdf`` and ``logpdf``, and the two ways of one that has a flag for it.

Both are read to their end (`quantities.closed`) and held against each other by numbers. Where they differ, and one
flipped sign in one of them makes them equal (but for a constant factor), that sign is reported: of two that could be
flipped the one in what would grow without bound, else the one in the logarithm. What cannot be read is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from vaelint import ir
from vaelint.evidence import BY_PROOF
from vaelint.graph.node import Graph, Kind, Node, leaves
from vaelint.graph.repair import repair
from vaelint.infer.events import Misstated
from vaelint.infer.expression import affirmed, rewritten, walk
from vaelint.infer.quantities import closed
from vaelint.infer.seen import EntryOpened, View, observes
from vaelint.infer.values import Function
from vaelint.knowledge.lexicon import split
from vaelint.knowledge.vocabulary import Words
from vaelint.records import replace

if TYPE_CHECKING:
    pass

LAW = "the exponential of the one should be the other"
_FLAG = Words("log_flag")
_LOGARITHM = frozenset({"log", "ln"})
T = TypeVar("T")


class Pair(NamedTuple):
    """A formula that is the logarithm of another by what they are called; ``name``, ``other``: how to speak of them."""

    graph: Graph
    logarithm: Node
    plain: Node
    name: str
    other: str
    ends: tuple[ir.Expr, ir.Expr]  # what is returned
    at: Node  # what both are evaluated at


@observes(EntryOpened)
def opened(view: View, seen: EntryOpened) -> None:
    """Tell of a function that is not the logarithm of its twin, but for one sign."""
    for pair in _pairs(seen.function):
        event = _judged(pair)
        if event is not None:
            view.emit(event)


# --- who belongs together ------------------------------------------------------------------------


def _pairs(fn: Function) -> Iterator[Pair]:
    flag = _flag(fn)
    graph = Graph()
    if flag is not None:
        ways = [_formula(graph, replace(fn, body=_decided(fn.body, flag)), {}) for flag in (True, False)]
        names = [p for p in closed.parameters(fn) if p != flag]
        if ways[0] is not None and ways[1] is not None and names:
            (one, end), (two, other) = ways[0], ways[1]
            at = graph.leaf(Kind.PARAMETER, names[0], f"${names[0]}")
            yield Pair(graph, one, two, f"`{fn.name}` with `{flag}`", f"`{fn.name}` without it", (end, other), at)
        return
    plain = _twin(fn)
    if plain is None or _flag(plain) is not None:
        return
    theirs, ours = closed.parameters(plain), closed.parameters(fn)
    if len(theirs) != len(ours) or not ours:
        return
    given = {p: graph.leaf(Kind.PARAMETER, p, f"${p}") for p in ours}
    log, exp = _formula(graph, fn, {}), _formula(graph, plain, dict(zip(theirs, given.values())))
    if log is not None and exp is not None:
        yield Pair(graph, log[0], exp[0], f"`{fn.name}`", f"`{plain.name}`", (log[1], exp[1]), given[ours[0]])


def _flag(fn: Function) -> str | None:
    """What a function is asked for a logarithm by, where one condition alone depends on it."""
    if not isinstance(fn.body, tuple):
        return None
    tests = (x.test for x in walk(fn.body) if isinstance(x, (ir.If, ir.IfExp)))
    asked = {name for way, name in map(_asked, tests) if way}
    return asked.pop() if len(asked) == 1 else None


def _asked(test: ir.Expr) -> tuple[int, str]:
    """What a condition asks for a logarithm by: 1 with its name for ``log``, -1 for ``not log``, 0 for any other."""
    sign, e = affirmed(test)
    match e:
        case ir.Compare(left=x, rest=(("is" | "==", ir.Const(value=bool() as value)),)):
            way, name = _asked(x)
            return sign * (way if value else -way), name
        case ir.Name(name=name) | ir.Attr(base=ir.Name(name="self"), name=name) if _FLAG.of(name):
            return sign, name
        case _:
            return 0, ""


def _decided(x: T, log: bool) -> T:
    """Code with the way taken that a flag says."""

    def change(node: ir.Node) -> object:
        way = _asked(node.test)[0] if isinstance(node, (ir.If, ir.IfExp)) else 0
        taken = isinstance(node, (ir.If, ir.IfExp)) and way and (node.body if log is (way > 0) else node.orelse)
        return rewritten(taken, change) if way else None

    return cast("T", rewritten(x, change))


def _twin(fn: Function) -> Function | None:
    """What a function is called the logarithm of, in the same class or file."""
    words = split(fn.name)
    if not _LOGARITHM & {words[0], words[-1]} if words else True:
        first = words[0] if words else ""
        joined = next((w for w in _LOGARITHM if first.startswith(w) and len(first) > len(w) + 1), None)
        if joined is None:
            return None
        wanted = (first[len(joined) :], *words[1:])
    else:
        wanted = words[1:] if words[0] in _LOGARITHM else words[:-1]
    if not wanted:
        return None
    company = closed.beside(fn)
    found = [n for n in company.names if split(n) == wanted and n != fn.name]
    return company.get(found[0]) if len(found) == 1 else None


# --- what they are -------------------------------------------------------------------------------


def _formula(graph: Graph, fn: Function, given: dict[str, Node]) -> tuple[Node, ir.Expr] | None:
    """The formula that a function returns in the end, and where; None where not all of it can be read."""
    if not isinstance(fn.body, tuple):
        return None
    body: list[ir.Stmt] = []
    for s in fn.body:
        if isinstance(s, ir.If) and not s.orelse and s.body and isinstance(s.body[-1], (ir.Return, ir.Raise)):
            continue  # what is outside of the domain
        body.append(s)
        if isinstance(s, ir.Return):
            break
    read = closed.reading(graph, replace(fn, body=tuple(body)), given, closed.beside(fn).lookup)
    if not read.straight or len(read.returned) != 1:
        return None
    form = read.read(read.returned[0])
    return (form, read.returned[0]) if form is not None and closed.complete(form) and leaves(form) else None


def _judged(pair: Pair) -> Misstated | None:
    from vaelint.graph.ask import Judge, Verdict
    from vaelint.graph.example import of_logarithm

    graph, logarithm, plain = pair.graph, pair.logarithm, pair.plain
    judge = Judge(graph, [logarithm, plain], bases=((),), vary=False, samples=1000)
    if judge.logarithm_of(logarithm, plain).verdict is not Verdict.CONTRARY:
        return None
    in_log = repair(graph, logarithm, lambda root: judge.logarithm_of(root, plain))
    in_plain = repair(graph, plain, lambda root: judge.logarithm_of(logarithm, root))
    if in_log is None and in_plain is None:
        return None
    grows = judge.outgrows(graph.apply("log", plain), logarithm, pair.at)
    of_plain = in_log is None or (in_plain is not None and bool(grows))
    flip = in_plain if of_plain else in_log
    assert flip is not None
    end = pair.ends[1 if of_plain else 0]
    either = in_log is not None and in_plain is not None
    message = f"{pair.name} is not the logarithm of {pair.other}: they differ in one sign"
    edit = "flip the sign of this summand" + (", or its counterpart in the other" if either else "")
    example = of_logarithm(logarithm, plain, flip.root, of_plain)
    return Misstated(flip.origin, end.id, message, edit, LAW, "VL402", BY_PROOF, example=example)
