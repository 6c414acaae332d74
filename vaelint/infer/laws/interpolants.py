"""The velocity of a path: a network that is fitted to the derivative of x_t by t moves a sample along the path.

A step of training makes ``x_t`` of data, noise and a time, and fits what the network gives at (x_t, t) to a target
(Lipman et al. 2023; Liu et al. 2023). Whether the target is the derivative of ``x_t`` by t, or minus that, is told by
numbers. It is wrong where the sampler in sight goes through time the other way; without a sampler nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vaelint import ir
from vaelint.evidence import BY_PROOF
from vaelint.graph.node import Graph, Node, leaves
from vaelint.infer.events import Misstated
from vaelint.infer.expression import (
    Terms,
    bound_in,
    difference,
    factors,
    has_minus,
    last,
    number,
    same,
    squared,
    summands,
    walk,
)
from vaelint.infer.laws.derivatives import agreement
from vaelint.infer.quantities import closed
from vaelint.infer.seen import EntryOpened, View, observes
from vaelint.infer.values import Function

LAW = "dx/dt = v(x, t): the network gives the derivative of x_t by t, and a sample moves along it as t goes up"
_FITS = frozenset({"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "mean_squared_error", "squared_error"})
_GRIDS = frozenset({"linspace", "arange"})


class Fit(NamedTuple):
    """What a network gives, called with x_t and a time, is fitted to a target."""

    network: ir.Call
    target: ir.Expr


@observes(EntryOpened)
def opened(view: View, seen: EntryOpened) -> None:
    """Tell of a path whose velocity has the other sign than what the sampler follows."""
    fn = seen.function
    fits = list(_fits(fn)) if isinstance(fn.body, tuple) else []
    if len(fits) != 1:
        return
    network, target = fits[0]
    if _turns_time(network, _made(fn.body)):
        return
    ways = {way for x in closed.beside(fn).others(fn) for way in _steps(x.body, ir.key(network.func))}
    if len(ways) != 1:
        return
    graph = Graph()
    read = closed.reading(graph, fn, {}, closed.of_module(fn.module).lookup)
    path, aim = read.read(network.args[0].value), read.read(target)
    if path is None or aim is None or path.leaf is not None:
        return
    found = _velocity(graph, path, aim, _times(network, read))
    if found is None or found[0] == ways.pop():
        return
    way, leaf = found
    names = [n for n, node in read.env.items() if node is leaf]
    time = names[-1] if names else ir.render(network.args[1].value, 20)
    x = network.args[0].value
    _, at = read.bound.get(x.name, (path, x)) if isinstance(x, ir.Name) else (path, x)
    goes = "minus the derivative" if way < 0 else "the derivative"
    message = (
        f"`{ir.render(target, 40)}` is {goes} of `{ir.render(x, 40)}` by the time `{time}`, but the sampler moves "
        f"{'along' if way < 0 else 'against'} it as the time goes up"
    )
    view.emit(
        Misstated(at.id, at.id, message, "let the path run the other way, or negate the target", LAW, "VL402", BY_PROOF)
    )


def _fits(fn: Function) -> Iterator[Fit]:
    """``mse_loss(net(x_t, t), target)``, ``((net(x_t, t) - target) ** 2).mean()``."""
    block = fn.body if isinstance(fn.body, tuple) else ()
    made = _made(block)

    def network(e: ir.Expr) -> ir.Call | None:
        e = made.get(e.name, e) if isinstance(e, ir.Name) else e
        called = isinstance(e, ir.Call) and len(e.args) > 1 and not (e.args[0].name or e.args[0].star)
        return e if called and isinstance(e, ir.Call) and _is_network(e.func, fn) else None

    for x in walk(block):
        compared = isinstance(x, ir.Call) and last(x.func) in _FITS and len(x.args) >= 2
        sides = (x.args[0].value, x.args[1].value) if isinstance(x, ir.Call) and compared else None
        if isinstance(x, (ir.Binary, ir.Call)) and (root := squared(x)) is not None:
            sides = difference(root)
        for one, other in (sides, sides[::-1]) if sides is not None else ():
            found = network(one)
            if found is not None and network(other) is None:
                yield Fit(found, other)


def _made(code: ir.Block | ir.Expr) -> dict[str, ir.Expr]:
    """What names are bound to in it."""
    return {t.name: e for t, e in bound_in(code if isinstance(code, tuple) else ()) if isinstance(t, ir.Name)}


def _turns_time(network: ir.Call, made: dict[str, ir.Expr]) -> bool:
    """Whether a network is given a time that may run the other way: ``1 - t``."""
    return any(has_minus(a.value) or has_minus(made.get(n)) for a in network.args[1:] for n in ir.names_in(a.value))


def _is_network(func: ir.Expr, fn: Function) -> bool:
    """An attribute of the object, or what the function is given: no library's function, and none of the file."""
    match func:
        case ir.Attr(base=ir.Name(name="self"), name=name):
            info = fn.module.class_info(fn.owner) if fn.owner is not None else None
            return info is not None and fn.owner is not None and info.method(name, fn.owner) is None
        case ir.Name(name=name):
            return any(p.name == name for p in fn.params)
        case _:
            return False


# --- training ------------------------------------------------------------------------------------


def _times(network: ir.Call, read: closed.Reading) -> set[Node]:
    """What the network is given besides x_t, and what that was made of, or was made of it."""
    given = {n for a in network.args[1:] for n in ir.names_in(a.value)}
    made = {n: {*ir.names_in(e)} for n, (_, e) in read.bound.items()}
    related = given | {n for n, of in made.items() if of & given} | {x for n in given for x in made.get(n, ())}
    return {leaf for n in related if n in read.env for leaf in leaves(read.env[n])}


def _velocity(graph: Graph, path: Node, aim: Node, times: set[Node]) -> tuple[int, Node] | None:
    """1 where the target is the derivative of the path by a time, -1 where it is minus that; and the time."""
    used = {*leaves(aim)}
    asked = [leaf for leaf in leaves(path) if leaf in times and leaf not in used and leaf.leaf is not None]
    found = [(way, leaf) for leaf in asked if (way := agreement(graph, path, aim, leaf))]
    return found[0] if len(found) == 1 else None


# --- sampling ------------------------------------------------------------------------------------


def _steps(block: ir.Block | ir.Expr, func: tuple[object, ...]) -> Iterator[int]:
    """1 for each loop that moves something along what the network gives as time goes up, -1 against it, 0 unknown."""
    made = _made(block)
    calls = {n: e for n, e in made.items() if isinstance(e, ir.Call) and ir.key(e.func) == func}
    given = {n for n, e in calls.items() if not _turns_time(e, made)}
    for loop in walk(block if isinstance(block, tuple) else ()):
        if not isinstance(loop, ir.For):
            continue
        for s in loop.body:
            for sign, step in _moved(s):
                parts = factors(step)
                along = [p for p in parts if isinstance(p, ir.Name) and p.name in given]
                rest = [made.get(p.name, p) if isinstance(p, ir.Name) else p for p in parts if p not in along]
                if len(along) == 1:
                    yield sign * _forward(rest, loop.iter, made)


def _moved(s: ir.Stmt) -> Terms:
    """By what a name is moved, with its sign: ``x = x + step``, ``x -= step``."""
    match s:
        case ir.AugAssign(op="+" | "-" as op, target=ir.Name(), value=step):
            return [(1 if op == "+" else -1, step)]
        case ir.Assign(targets=(ir.Name(name=x),), value=ir.Binary() as e):
            terms = summands(e)
            own = [t for t in terms if isinstance(t[1], ir.Name) and t[1].name == x]
            return [t for t in terms if t not in own] if own and len(terms) == 2 else []
    return []


def _forward(rest: list[ir.Expr], items: ir.Expr, made: dict[str, ir.Expr]) -> int:
    """Which way time goes in steps of that length: 1 up, -1 down, 0 where that is not seen."""
    match rest:
        case [ir.Binary(op="-", left=ir.Subscript(base=a, index=i), right=ir.Subscript(base=b, index=j))]:
            later = isinstance(i, ir.Binary) and i.op == "+" and same(i.left, j)
            return 1 if later and same(a, b) else 0  # the step has the sign of the time's own
        case [ir.Binary(op="/", left=length) | (ir.Const() as length)] if number(length) > 0:
            return _grid(items, made)
    return 0


def _grid(items: ir.Expr, made: dict[str, ir.Expr]) -> int:
    """1 for times from 0 to 1, -1 for times from 1 to 0."""
    for _ in range(len(made)):
        match items:
            case ir.Name(name=name) if name in made:
                items = made[name]
            case ir.Subscript(base=base, index=ir.Slice(step=None)):
                items = base
            case ir.Call(func=ir.Name(name="enumerate" | "tqdm"), args=(ir.Arg(value=x), *_)):
                items = x
            case ir.Call(func=func, args=(ir.Arg(value=first), ir.Arg(value=second), *_)) if last(func) in _GRIDS:
                low, high = number(first), number(second)
                return 0 if low == high else 1 if low < high else -1
            case _:
                break
    return 0
