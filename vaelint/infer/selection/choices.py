"""Settings that choose a direction: where both ways are written, neither is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from vaelint import ir
from vaelint.infer.events import Reading
from vaelint.infer.journal import Remembered
from vaelint.infer.seen import BranchesEntered, BranchesLeft, EntryBegan, ObjectMade, View, observes
from vaelint.infer.values import Frame
from vaelint.sense import Direction

KEEPS = {">": Direction.MAXIMIZE, ">=": Direction.MAXIMIZE, "<": Direction.MINIMIZE, "<=": Direction.MINIMIZE}
# A setting says which way: both ways are written, and one of them is not in force.
_CHOICE = re.compile(
    r"mode|maximi[sz]|minimi[sz]|higher|lower|greater|larger|smaller|bigger|direction|goal|reverse|invert|\bsign\b|metric"
    r"|monitor|criteri|objective|ascending|descending|increas|decreas|['\"](?:max|min)",
    re.I,
)
_PHASES = frozenset(("train", "training", "val", "valid", "validation", "test", "eval", "dev", "inference", "predict"))


@dataclass(eq=False)
class Choices(Remembered):
    """What the recognition of selections remembers while a file is interpreted."""

    depth: int = 0  # of branches that a setting chooses between
    of_tests: dict[int, bool] = field(default_factory=dict)
    trackers: dict[str, int] = field(default_factory=dict)
    made: dict[int, int] = field(default_factory=dict)  # object -> the call that made it
    _settled: set[int] = field(default_factory=set)  # tests of settings whose other branch has been told of
    _reports: list[tuple[Reading, int]] = field(default_factory=list)  # what an objective told its pruner, and where

    def standing(self) -> int:
        return self.depth

    @property
    def reports(self) -> list[tuple[Reading, int]]:
        """To be changed, or to be acted on."""
        self.journal.changed()
        return self._reports

    def is_settled(self, test: int) -> bool:
        return self.journal.asked(self._settled.__contains__, test, test in self._settled)

    def settle(self, tests: set[int]) -> None:
        if not tests <= self._settled:
            self.journal.changed()
            self._settled |= tests

    def tracker(self, f: Frame, best: str) -> int:
        """A number for a best-so-far, below those of nodes."""
        where = f.owner.name if f.owner is not None and best.startswith("self.") else f.name
        return self.trackers.setdefault(f"{where}:{best}", -2 - len(self.trackers))


@observes(EntryBegan)
def began(view: View, seen: EntryBegan) -> None:
    view.memory(Choices).depth = 0


@observes(BranchesEntered)
def chosen(view: View, seen: BranchesEntered) -> None:
    view.memory(Choices).depth += _chooses(view, seen.test)


@observes(BranchesLeft)
def left(view: View, seen: BranchesLeft) -> None:
    view.memory(Choices).depth -= sum(_chooses(view, test) for test in seen.tests)


@observes(ObjectMade)
def constructed(view: View, seen: ObjectMade) -> None:
    view.memory(Choices).made[seen.made.oid] = seen.e.id


def _chooses(view: View, test: ir.Expr) -> bool:
    """Whether a test asks for a setting that says which way something is selected."""
    known = view.memory(Choices).of_tests.get(test.id)
    if known is None:
        known = view.memory(Choices).of_tests[test.id] = _is_choice(view, test)
    return known


def _is_choice(view: View, test: ir.Expr) -> bool:
    if any(op in KEEPS for c in compares(test) for op, _ in c.rest):
        return False
    texts = [x.value for x in walk(test) if isinstance(x, ir.Const) and isinstance(x.value, str)]
    if any(view.knowledge.metrics.metric(t) is not None for t in texts):
        return True
    return _CHOICE.search(ir.render(test, 200)) is not None and not (texts and all(t.lower() in _PHASES for t in texts))


def walk(e: ir.Expr) -> Iterator[ir.Expr]:
    yield e
    match e:
        case ir.BoolOp(left=a, right=b) | ir.Binary(left=a, right=b):
            yield from walk(a)
            yield from walk(b)
        case ir.Unary(operand=x):
            yield from walk(x)
        case ir.Compare(left=a, rest=rest):
            yield from walk(a)
            for _, x in rest:
                yield from walk(x)
        case ir.Call(args=args):
            for arg in args:
                yield from walk(arg.value)
        case ir.Tuple(items=items) | ir.List(items=items) | ir.Set(items=items):
            for x in items:
                yield from walk(x)


def compares(test: ir.Expr) -> list[ir.Compare]:
    return [x for x in walk(test) if isinstance(x, ir.Compare)]
