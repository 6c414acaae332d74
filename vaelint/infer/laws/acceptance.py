"""Random acceptance of what is worse: ``exp`` of something that is never below zero there lets everything pass.

``if d < 0: accept`` leaves ``d >= 0`` to what follows; ``rand() < exp(d / T)`` holds there always. No name decides:
of a value that is raised the same reads ``if d > 0`` and ``exp(d / T)``.
"""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import ir
from vaelint.infer.events import Misstated
from vaelint.infer.expression import compared, is_zero, last, numerator, same, summands, targets
from vaelint.infer.seen import BranchReached, View, observes
from vaelint.infer.values import Frame
from vaelint.knowledge.vocabulary import Words

# A signed sum by its terms; what is known of one is that it is not below zero.
Sum = frozenset[tuple[int, ir.Written]]

_DRAW = Words("draw")


@observes(BranchReached)
def branch(view: View, seen: BranchReached) -> None:
    """Tell of a draw that is held against such an exponential: in the test, in its other branch, behind it."""
    s, rest, f = seen
    for met, e in _alternatives(s.test, f):
        _told(view, e, (), met, f)
    known = _refuted(s.test, f)
    if known is None:
        return
    leaves = bool(s.body) and isinstance(s.body[-1], (ir.Return, ir.Jump))
    for block in (s.orelse, rest if leaves else ()):
        for i, x in enumerate(block):
            if any(_changes(y, known) for y in block[:i]):
                break
            for e in _tests(x):
                _told(view, e, block[:i], known, f)


def _changes(s: ir.Stmt, known: Sum) -> bool:
    """Whether a name that is known of is bound anew (`d` becomes another difference)."""
    return any(ir.render(t) == held for t in targets(s) for _, held in known)


def _tests(s: ir.Stmt) -> Iterator[ir.Expr]:
    match s:
        case ir.If(test=e):
            yield from _parts(e)
        case ir.Return(value=ir.Compare() as e):
            yield e


def _parts(e: ir.Expr) -> Iterator[ir.Expr]:
    if isinstance(e, ir.BoolOp):
        yield from _parts(e.left)
        yield from _parts(e.right)
    else:
        yield e


def _alternatives(e: ir.Expr, f: Frame) -> Iterator[tuple[Sum, ir.Expr]]:
    """What follows an ``or`` is asked where the left side did not hold."""
    if isinstance(e, ir.BoolOp) and e.op == "or":
        known = _refuted(e.left, f)
        if known is not None:
            for part in _parts(e.right):
                yield known, part


def _refuted(e: ir.Expr, f: Frame) -> Sum | None:
    """Of ``a < b`` that does not hold: ``a - b``, which is then not below zero."""
    sides = compared(e)
    return (_sum(sides[0], f, 1) | _sum(sides[1], f, -1)) or None if sides is not None else None


def _sum(e: ir.Expr, f: Frame, sign: int) -> Sum:
    if is_zero(e):
        return frozenset()
    written = f.behind(e)
    if isinstance(written, ir.Binary) and written.op == "-":
        e = written
    return frozenset((s, ir.render(x)) for s, x in summands(e, sign))


def _told(view: View, e: ir.Expr, before: ir.Block, known: Sum, f: Frame) -> None:
    sides = compared(e)
    for draw, chance in (sides, sides[::-1]) if sides is not None else ():
        made = _exponential(chance, before)
        if made is None or not _DRAW.within(draw):
            continue
        exponent = numerator(made.args[0].value, _INVERSE)
        if exponent is None or _sum(exponent[1], f, exponent[0]) != known:
            continue
        if any(same(t, exponent[1]) for s in before for t in targets(s)):
            continue  # it is bound anew
        text = ir.render(made, 40)
        view.emit(
            Misstated(
                made.id,
                e.id,
                f"`{text}` is never below one here, so that every worse move is accepted",
                "flip the sign of the exponent",
                "a move that is worse by d is accepted with probability exp(-d / T)",
                "VL402",
            )
        )


def _exponential(e: ir.Expr, before: ir.Block) -> ir.Call | None:
    if isinstance(e, ir.Name):
        bound = [s.value for s in before if isinstance(s, ir.Assign) and _binds(s, e.name)]
        e = bound[-1] if bound and bound[-1] is not None else e
    if isinstance(e, ir.Call) and last(e.func) in ("min", "minimum") and len(e.args) == 2:
        e = next((a.value for a in e.args if isinstance(a.value, ir.Call)), e)
    if isinstance(e, ir.Call) and last(e.func) == "exp" and len(e.args) == 1 and not e.args[0].star:
        return e
    return None


def _binds(s: ir.Assign, name: str) -> bool:
    return len(s.targets) == 1 and isinstance(s.targets[0], ir.Name) and s.targets[0].name == name


_INVERSE = frozenset({"beta", "inv_t", "inverse_temperature", "inv_temp"})
