"""Settings that choose a direction: where both ways are written, neither is judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from vaelint import ir
from vaelint.infer.events import Reading
from vaelint.infer.expression import head, last, walk
from vaelint.infer.journal import Action, Remembered
from vaelint.infer.seen import BranchesEntered, BranchesLeft, EntryBegan, ObjectMade, View, observes
from vaelint.infer.values import Frame, Instance
from vaelint.knowledge.vocabulary import Words
from vaelint.sense import Direction

KEEPS = {">": Direction.MAXIMIZE, ">=": Direction.MAXIMIZE, "<": Direction.MINIMIZE, "<=": Direction.MINIMIZE}
_LEAST, _MOST = Words("asked_least"), Words("asked_most")
_FLAG_LEAST, _FLAG_MOST = Words("flag_least"), Words("flag_most")
# A setting says which way: both ways are written, and one of them is not in force.
_CHOICE = Words("way_setting")
_BEST = Words("kept_as_best")
_PHASES = frozenset(("train", "training", "val", "valid", "validation", "test", "eval", "dev", "inference", "predict"))


_DEEPEST = 16  # bits that the depth of branches may take


@dataclass(eq=False)
class Choices(Remembered):
    """What the recognition of selections remembers while a file is interpreted."""

    depth: int = 0  # of branches that a setting chooses between
    tries: int = 0  # objects that are being tried out
    of_tests: dict[int, bool] = field(default_factory=dict)
    trackers: dict[tuple[str, ir.Written, int], int] = field(default_factory=dict)
    calls: dict[int, ir.Call] = field(default_factory=dict)  # by number, those that made an object
    _made: dict[int, int] = field(default_factory=dict)  # object -> the call that made it
    _settled: set[int] = field(default_factory=set)  # tests of settings whose other branch has been told of
    _reports: list[tuple[Reading, int]] = field(default_factory=list)  # what an objective told its pruner, and where

    def standing(self) -> int:
        return self.depth + (self.tries << _DEEPEST)

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

    def makes(self, made: Instance, call: int) -> None:
        self.journal.does(Action(self._makes, (made, call), 1))

    def _makes(self, made: tuple[Instance, int]) -> None:
        self._made[made[0].oid] = made[1]

    def made_by(self, made: Instance) -> int | None:
        """The call that made an object."""
        return self.journal.asked(self._made_by, made, self._made_by(made))

    def call_of(self, made: Instance) -> ir.Call | None:
        return self.calls.get(made_by) if (made_by := self.made_by(made)) is not None else None

    def _made_by(self, made: Instance) -> int | None:
        return self._made.get(made.oid)

    def tracker(self, f: Frame, best: ir.Written, picked: int = -1) -> int:
        """A number for a best-so-far, below those of nodes."""
        kept = isinstance(best.expr, ir.Attr) and last(head(best.expr.base)) == "self"
        where = f.owner.name if f.owner is not None and kept else f.name
        return self.trackers.setdefault((where, best, picked), -2 - len(self.trackers))


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
    if isinstance(seen.e, ir.Call):
        view.memory(Choices).calls[seen.e.id] = seen.e
    view.memory(Choices).makes(seen.made, seen.e.id)


def _chooses(view: View, test: ir.Expr) -> bool:
    """Whether a test asks for a setting that says which way something is selected."""
    known = view.memory(Choices).of_tests.get(test.id)
    if known is None:
        known = view.memory(Choices).of_tests[test.id] = _is_choice(view, test)
    return known


def _is_choice(view: View, test: ir.Expr) -> bool:
    if any(op in KEEPS for c in compares(test) for op, _ in c.rest) or _asks_for_start(test):
        return False
    texts = [x.value for x in walk(test) if isinstance(x, ir.Const) and isinstance(x.value, str)]
    if any(view.knowledge.metrics.metric(t) is not None for t in texts):
        return True
    return _CHOICE.within(test) and not (texts and all(t.lower() in _PHASES for t in texts))


def _asks_for_start(test: ir.Expr) -> bool:
    """``self.best_metric is None``: nothing has been kept yet, whichever way is asked for."""
    match test:
        case ir.Compare(left=left, rest=(("is" | "is not", ir.Const(value=None)),)):
            return _BEST.within(left)
    return False


@ir.once
def compares(test: ir.Expr) -> tuple[ir.Compare, ...]:
    """The comparisons in a test, wherever they stand."""
    return tuple(x for x in walk(test) if isinstance(x, ir.Compare))


def way_of(word: str) -> Direction | None:
    """Which way a setting's value asks for: ``"min"``, ``"greater"``."""
    return _way(word, _LEAST, _MOST)


def way_of_flag(name: str) -> Direction | None:
    """Which way a flag asks for by its name: ``maximize``, ``lower_is_better``."""
    return _way(name, _FLAG_LEAST, _FLAG_MOST)


def _way(word: str, least: Words, most: Words) -> Direction | None:
    return Direction.MINIMIZE if least.of(word) else Direction.MAXIMIZE if most.of(word) else None
