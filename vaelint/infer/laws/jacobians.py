"""What a map returns beside what it makes of its argument: is it the log-determinant of its Jacobian, or minus that?

``return y, log_det``: both are read to their end on each way through the code, on one element, what networks yield
taken as given; then numbers decide whether the one is ± the logarithm of the other's slope. Whatever it is called, such
a log-determinant is to go up in a log-likelihood of data, where the map leads to the base, and in the entropy of what
it makes of draws (the formula of the change of variables; Papamakarios et al. 2021, eq. 3 and 7).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations, product
from typing import NamedTuple, TypeAlias

from vaelint import ir
from vaelint.evidence import BY_PROOF, BY_STRUCTURE
from vaelint.graph.node import CONSTANT, Graph, Kind, Node, below, leaves, with_leaves
from vaelint.graph.spellings import TOGETHER
from vaelint.infer.events import Mapped, Misstated
from vaelint.infer.expression import argument, last, targets
from vaelint.infer.journal import Remembered
from vaelint.infer.quantities import closed, volumes
from vaelint.infer.quantities.formulas import NODES, WORK
from vaelint.infer.seen import ExpressionComputed, ExpressionStated, View, refines
from vaelint.infer.values import Class, ClassInfo, Frame, Function, Quantity, Term, Trace, Value
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import UNKNOWN

Path: TypeAlias = "tuple[ir.Stmt, ...]"
_SPLITS = frozenset({"chunk", "split", "unbind", "tensor_split", "array_split"})
_PERMUTES = frozenset({"flip", "fliplr"})  # the elements stay what they are
SIZED = "log|det J| is below zero where a map contracts"
MOST_RETURNED = 4  # at once
MOST_PATHS = 8  # through one function
MOST_LEAVES = 6  # of what is moved
MOST_PARTS = 2  # that are moved, each by its own slope

_FORWARD = Words("forward_determinant")
_INVERSE = Words("inverse_determinant")


SIZE = 2


class Volume(NamedTuple):
    """A log-determinant, or (``sign`` -1) minus one, or its `SIZE`, and what the map makes of its argument: each where
    it is bound on that way alone, else where it is returned. What ``node`` holds is ``taken`` off (-1) where others'
    are passed in."""

    sign: int
    taken: int
    node: int
    moved: int
    name: ir.Written  # of what it makes


@dataclass(eq=False)
class _Volumes(Remembered):
    """By function, and by node, what was found. It follows from the text: no summary has to note that it was asked."""

    done: set[int] = field(default_factory=set)
    signs: dict[int, int] = field(default_factory=dict)
    moved: dict[int, set[int]] = field(default_factory=dict)  # by what a map makes: its log-determinants


@refines(ExpressionStated)
def stated(view: View, seen: ExpressionStated, value: Value) -> Value:
    """A log-determinant is known for one where it is bound, added or returned."""
    return _known(view, seen.e, seen.scope, value)


@refines(ExpressionComputed)
def added(view: View, seen: ExpressionComputed, value: Value) -> Value:
    """And where it is added to what was passed: ``log_det = log_det + s.sum(1)``."""
    return _known(view, seen.e, seen.scope, value)


def _known(view: View, e: ir.Expr, f: Frame, value: Value) -> Value:
    if not f.module.source.flows or not isinstance(value, Quantity):
        return value
    held = view.memory(_Volumes)
    fn = _function(f)
    if fn is None or not view.affords(WORK):
        return value
    if fn.node not in held.done:
        held.done.add(fn.node)
        graph = Graph()
        found = list(_volumes(graph, fn))
        held.signs |= _signs(found)
        for volume in found:
            held.moved.setdefault(volume.moved, set()).add(volume.node)
        view.spend(graph.work // NODES)
    if e.id in held.moved:
        for node in held.moved[e.id]:
            value = volumes.mapped(value, node)
        return value
    sign = held.signs.get(e.id)
    if sign is None:
        return value
    if sign == SIZE:
        size = Term(1, UNKNOWN, value.label, e.id, e.id, why="it is the absolute value of a log-determinant")
        return value.having(terms=(size,), form="", key=e.id, origin=e.id)
    why = f"{'minus ' if sign < 0 else ''}the log-determinant of what the map does, evaluated at several points"
    live = any(t.live for t in value.terms)
    term = Term(
        sign, volumes.VOLUME, value.label, e.id, e.id, live=live, trace=Trace(e.id, why), over=frozenset((e.id,))
    )
    roots = volumes.rooted(value, e.id)
    return value.having(terms=(term,), roots=roots, form="", positive=False, key=e.id, origin=e.id)


@refines(ExpressionComputed)
def scored(view: View, seen: ExpressionComputed, value: Value) -> Value:
    return volumes.scored(value) if isinstance(seen.e, ir.Call) and isinstance(value, Quantity) else value


def _function(f: Frame) -> Function | None:
    """The method or the function of the file that a frame is a call of."""
    if f.owner is not None:
        info = f.module.class_info(f.owner)
        return info.own_method(f.name, f.owner) if info is not None else None
    held = f.module.lookup(f.name)
    return held if isinstance(held, Function) else None


def _signs(found: Sequence[Volume]) -> dict[int, int]:
    """By node, where all ways that go through it agree."""
    out: dict[int, int] = {}
    for volume in found:
        sign = volume.sign * volume.taken
        out[volume.node] = sign if out.get(volume.node, sign) == sign else 0
    return {node: sign if abs(sign) == 1 else SIZE for node, sign in out.items() if sign}


# --- of one function -----------------------------------------------------------------------------


def _volumes(graph: Graph, fn: Function) -> Iterator[Volume]:
    """On each way through a function that returns a value and its log-determinant."""
    if not isinstance(fn.body, tuple):
        return
    lookup = closed.beside(fn).lookup
    for path, end in _paths(fn.body):
        if not isinstance(end.value, ir.Tuple) or not 2 <= len(end.value.items) <= MOST_RETURNED:
            continue
        read = _Elements(graph, lookup, closed.parameters(fn))
        read.block(path)
        for moved, det in permutations(end.value.items, 2):
            sign = _compared(graph, read, path, moved, det)
            if sign:
                minus, own = _own(path, det)
                yield Volume(sign, minus, own.id, (_alone(path, moved) or moved).id, ir.render(moved, 40))
                break


class _Elements(closed.Reading):
    """What is filled item by item in a loop is what its items are; what is summed up in it, the sum of one."""

    def __init__(self, graph: Graph, lookup: closed.Lookup, parameters: Sequence[str]) -> None:
        super().__init__(graph, lookup)
        self.counters: set[str] = set()
        self.filled: dict[str, Node] = {}
        self.arguments: set[int] = set()  # what may be moved: what is passed, and parts of it
        for name in parameters:
            self.given(name)
            self.arguments.add(self.env[name].value)

    def part(self, name: str, key: Hashable) -> Node:
        """A part of what is passed."""
        made = self.graph.leaf(Kind.PARAMETER, name, ("part", key))
        self.arguments.add(made.value)
        return made

    def statement(self, s: ir.Stmt) -> None:
        if isinstance(s, ir.For):
            self.counters |= set(ir.names_in(s.target))
        super().statement(s)
        self.env |= self.filled

    def bind(self, target: ir.Expr, value: ir.Expr) -> None:
        form = self.read(value) if self.is_counted(target) else None
        whole = argument(value) if isinstance(value, ir.Call) and last(value.func) in _SPLITS else None
        of = self.read(whole) if whole is not None and isinstance(target, ir.Tuple) else None
        super().bind(target, value)
        if of is not None and of.value in self.arguments and isinstance(target, ir.Tuple):
            self.env |= {x.name: self.part(x.name, x.id) for x in target.items if isinstance(x, ir.Name)}
        match target, value:
            case ir.Subscript(base=ir.Name(name=name)), _ if form is not None:
                self.filled[name] = form
            case ir.Name(name=name), ir.Binary(op="+" | "-", left=ir.Name(name=again)) if (
                name == again and self.counters
            ):
                self.filled[name] = self.env[name]
            case _:
                pass

    def resolve(self, e: ir.Expr) -> Node | None:
        turned = argument(e) if isinstance(e, ir.Call) and last(e.func) in _PERMUTES else None
        if turned is not None:
            return self.read(turned)
        if isinstance(e, ir.Subscript):
            base = self.read(e.base)
            if base is not None and base.value in self.arguments:
                return base if self.is_counted(e) else self.part(last(e.base), ir.key(e))
        return super().resolve(e.base if isinstance(e, ir.Subscript) and self.is_counted(e) else e)

    def is_counted(self, e: ir.Expr) -> bool:
        return isinstance(e, ir.Subscript) and not self.counters.isdisjoint(ir.names_in(e.index))


def _paths(block: Sequence[ir.Stmt]) -> list[tuple[Path, ir.Return]]:
    """The ways through a block to a return, each with its statements; none where there are too many."""
    open_: list[Path] = [()]
    out: list[tuple[Path, ir.Return]] = []
    for s in block:
        if isinstance(s, ir.Return):
            return [*out, *((path, s) for path in open_)]
        if isinstance(s, ir.If):
            arms = [_arm(arm) for arm in (s.body, s.orelse)]
            out += [((*path, *way), end) for path in open_ for ends, _ in arms for way, end in ends]
            open_ = [(*path, *way) for path in open_ for _, ways in arms for way in ways]
        elif isinstance(s, ir.Raise):
            return out
        else:
            open_ = [(*path, s) for path in open_]
        if not 0 < len(open_) <= MOST_PATHS:
            return out
    return out


def _arm(block: Sequence[ir.Stmt]) -> tuple[list[tuple[Path, ir.Return]], list[Path]]:
    """The ways through a branch that return, and those that go on behind it."""
    end = ir.Return(-1, None)
    ways = _paths((*block, end))
    return [w for w in ways if w[1] is not end], [path for path, last_ in ways if last_ is end]


def _compared(graph: Graph, read: _Elements, path: Path, moved: ir.Expr, det: ir.Expr) -> int:
    """1 where ``det`` is the log-determinant of the map to ``moved``, -1 where it is minus that, `SIZE` where it is its
    absolute value, else 0."""
    volume = read.read(det)
    if volume is not None and isinstance(det, ir.Name):
        volume = with_leaves(graph, volume, {f"${det.name}": graph.constant(0.0)})  # what was passed is of other maps
    if volume is None or not leaves(volume):
        return 0
    parts = [x for x in map(read.read, _parts(path, moved)) if x is not None and x.leaf is None and leaves(x)]
    if not 0 < len(parts) <= MOST_PARTS:
        return 0
    moves = ([leaf for leaf in leaves(x) if leaf.value in read.arguments][:MOST_LEAVES] for x in parts)
    ways = product(*([(x, leaf) for leaf in found] for x, found in zip(parts, moves)))
    found = {_slopes_agree(graph, volume, way) for way in ways} - {0}
    return found.pop() if len(found) == 1 else 0


def _slopes_agree(graph: Graph, volume: Node, moved: Sequence[tuple[Node, Node]]) -> int:
    """As `_compared`, each part by a leaf; where a mask leaves nothing of it to move, by its other value."""
    from vaelint.graph.ask import Judge, Verdict

    inside = below([volume, *(x for x, _ in moved)])
    rests = (n.args[1] for n in inside if n.op == "sub" and _is_one(n.args[0]))  # `1 - mask`
    masks = [x.leaf.key for x in rests if x.leaf is not None and all(x is not leaf for _, leaf in moved)]
    for on in (0.0, 1.0) if masks else (0.0,):
        at = {key: graph.constant(on) for key in masks}
        parts = [(with_leaves(graph, x, at), leaf) for x, leaf in moved]
        judge, held = Judge(graph, bases=((),), vary=False), with_leaves(graph, volume, at)
        answer = judge.log_slope_of(held, parts)
        if answer.verdict is not Verdict.OPEN:
            return 1 if answer else -1
        if judge.size_of_log_slope(held, parts):
            return SIZE
    return 0


def _is_one(n: Node) -> bool:
    return n.op == CONSTANT and n.constant == 1


def _parts(path: Path, e: ir.Expr) -> Sequence[ir.Expr]:
    """What is put side by side (``torch.cat([kept, moved], 1)``), else what is there."""
    held = _alone(path, e) or e
    match held:
        case ir.Call(func=func, args=(ir.Arg(value=ir.List(items=items) | ir.Tuple(items=items)), *_)) if (
            last(func) in TOGETHER
        ):
            return items
        case _:
            return (e,)


def _alone(path: Path, e: ir.Expr) -> ir.Expr | None:
    """What a name was bound to, where that was done once."""
    if not isinstance(e, ir.Name):
        return None
    match _bindings(path, e.name):
        case [ir.Assign(targets=(ir.Name(),), value=value)]:
            return value
        case _:
            return None


def _own(path: Path, det: ir.Expr) -> tuple[int, ir.Expr]:
    """What a map adds (1) or takes off (-1) where it is passed the sum of others, or what it begins to sum up."""
    alone = _alone(path, det)
    if alone is not None or not isinstance(det, ir.Name):
        match alone:
            case ir.Binary(op="+" | "-" as op, left=ir.Name(name=name), right=e) if name == last(det):
                return 1 if op == "+" else -1, e
            case _:
                return 1, alone or det
    match _bindings(path, det.name):
        case [*_, ir.AugAssign(op="+" | "-" as op, value=e)] as bound if len(bound) < 3:
            return 1 if op == "+" else -1, e
        case _:
            return 1, det


def _bindings(path: Path, name: str) -> list[ir.Assign | ir.AugAssign]:
    """What binds a name, in loops as well."""
    return [s for s in ir.walk(path) if isinstance(s, (ir.Assign, ir.AugAssign)) and name in _targets(s)]


def _targets(s: ir.Assign | ir.AugAssign) -> set[str]:
    return {x.name for x in targets(s) if isinstance(x, ir.Name)}


# --- of one class --------------------------------------------------------------------------------


def of_class(info: ClassInfo, cls: Class) -> Iterator[Mapped | Misstated]:
    yield from unturned(info, cls)
    for name in info.method_names:
        method = info.own_method(name, cls)
        for volume in _volumes(Graph(), method) if method is not None else ():
            if volume.sign == SIZE:
                message = (
                    f"`{cls.name}.{name}` returns the absolute value of the log-determinant of what it does: a map "
                    "that contracts counts as one that expands"
                )
                edit, law = "take the absolute value of the determinant, and not of its logarithm", SIZED
                yield Misstated(volume.node, volume.node, message, edit, law, "VL402", BY_PROOF)
                continue
            yield Mapped(cls.name, cls.node, name, volume.name, volume.sign, volume.node)


def unturned(info: ClassInfo, cls: Class) -> Iterator[Misstated]:
    """An inverse that finds ``x`` and returns the log-determinant of the forward map *at* ``x`` with its sign."""
    for name in info.method_names:
        method = info.own_method(name, cls) if _INVERSE.of(name) else None
        if method is None or not isinstance(method.body, tuple):
            continue
        for path, end in _paths(method.body):
            match end.value:
                case ir.Tuple(items=(ir.Name(name=x), ir.Name(name=det) as at)):
                    held = _of_forward(path, x, det)
                case _:
                    continue
            if held:
                message = (
                    f"`{name}` returns the log-determinant of `{held}` as it is: that of the inverse is its negation"
                )
                law = "the log-determinants of a map and of its inverse, at one pair of points, are opposite"
                yield Misstated(at.id, at.id, message, "put a minus in front", law, value=BY_STRUCTURE, turn="whole")


def _of_forward(path: Path, x: str, det: str) -> str:
    """The forward map at ``x`` that a name's only binding unpacks its log-determinant from; "" if none."""
    match _bindings(path, det):
        case [ir.Assign(targets=(ir.Tuple(items=(_, ir.Name(name=name))),), value=call)] if name == det:
            return _forward_at(call, x)
        case _:
            return ""


def _forward_at(e: ir.Expr | None, x: str) -> str:
    match e:
        case ir.Call(func=ir.Attr(name=name), args=(ir.Arg(value=ir.Name(name=given)), *_)) if given == x:
            return name if _FORWARD.of(name) else ""
        case _:
            return ""
