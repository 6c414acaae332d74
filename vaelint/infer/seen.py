"""What the interpreter shows of a run to those who watch it: what happened, and what they may ask.

Whoever wants to see something registers a function for it: ``@observes(ValueAssigned)``. Most only watch, and report
what they find (`View.emit`); a few say more of a value than the interpreter knows (``@refines(ExpressionStated)``).
Nobody is passed the interpreter, and it names nobody: who is asked, and when, stands in `vaelint.infer.observers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from vaelint import ir
from vaelint.infer.arguments import Argument, Arguments
from vaelint.infer.events import Event
from vaelint.infer.journal import Journal, Remembered
from vaelint.infer.values import Class, ClassInfo, Frame, Function, Instance, Made, Module, Quantity, Value
from vaelint.knowledge import Knowledge
from vaelint.records import record

if TYPE_CHECKING:
    from vaelint.source.around import Around
    from vaelint.source.file import SourceFile
    from vaelint.source.stated import Stated

Names = tuple[str, ...]
M = TypeVar("M")


# --- what may be asked ---------------------------------------------------------------------------


class Asked(Protocol):
    """The questions that a run answers."""

    knowledge: Knowledge
    home: SourceFile | None
    journal: Journal

    def emit(self, event: Event) -> None: ...
    def eval(self, e: ir.Expr, f: Frame) -> Value: ...
    def call(self, value: Value, args: Arguments, e: ir.Expr, f: Frame) -> Value: ...
    def answer(self, value: Value, e: ir.Expr, at: int, f: Frame) -> tuple[Value, int]: ...
    def join(self, values: list[Value], node: int, label: ir.Written | str) -> Value: ...
    def element(self, value: Value, e: ir.Expr) -> Value: ...
    def attributes(self, base: Instance) -> dict[str, Value]: ...
    def around(self, node: int) -> Around: ...
    def documented(self, node: int) -> list[tuple[Stated, bool]]: ...
    def spend(self, steps: int) -> None: ...
    def affords(self, steps: int) -> bool: ...


class View:
    """What those who watch a run may ask of it. What one of them remembers lives as long as the analysis of a file.

    ``value``: what an expression is worth in a frame, evaluated within the budget of the run; ``call``: what a callable
    yields; ``answer``: the same with arguments nobody knows, and where that is returned; ``element``: what iterating
    yields; ``join``: one of several values; ``attributes``: of an object as it is now; ``around``: the code and the
    words around a node; ``documented``: the formulas that comments and docstrings give there; ``emit``: report
    something to the checks.
    """

    __slots__ = (
        "_home",
        "_journal",
        "_memories",
        "affords",
        "answer",
        "around",
        "attributes",
        "call",
        "documented",
        "element",
        "emit",
        "join",
        "knowledge",
        "spend",
        "value",
    )  # fmt: skip

    def __init__(self, run: Asked) -> None:
        self.knowledge = run.knowledge
        self.emit: Callable[[Event], None] = run.emit
        self.value: Callable[[ir.Expr, Frame], Value] = run.eval
        self.call: Callable[[Value, Arguments, ir.Expr, Frame], Value] = run.call
        self.answer: Callable[[Value, ir.Expr, int, Frame], tuple[Value, int]] = run.answer
        self.join: Callable[[list[Value], int, str], Value] = run.join
        self.element: Callable[[Value, ir.Expr], Value] = run.element
        self.attributes: Callable[[Instance], dict[str, Value]] = run.attributes
        self.around: Callable[[int], Around] = run.around
        self.documented: Callable[[int], list[tuple[Stated, bool]]] = run.documented
        self.spend: Callable[[int], None] = run.spend
        self.affords: Callable[[int], bool] = run.affords
        self._home: Callable[[], SourceFile | None] = lambda: run.home
        self._memories: dict[type, Any] = {}  # by kind, one of it
        self._journal = run.journal

    @property
    def home(self) -> SourceFile | None:
        """The file that the analysis is about."""
        return self._home()

    def memory(self, kind: type[M]) -> M:
        """What one who watches remembers: one of a kind, made when it is asked for first."""
        held: M | None = self._memories.get(kind)
        if held is None:
            held = self._memories[kind] = kind()
            if isinstance(held, Remembered):
                held.journal = self._journal
                self._journal.standing.append(held.standing)
        if not isinstance(held, Remembered):
            self._journal.changed()  # it does not say what is asked of it, and what is done to it
        return held


# --- what is seen --------------------------------------------------------------------------------


class EntryBegan(NamedTuple):
    """An entry point begins."""


class EntryOpened(NamedTuple):
    """A function is run as an entry point, its arguments opaque."""

    function: Function


class ValueAssigned(NamedTuple):
    """``x = e``: before anything is bound. ``names``: what the first target is called, and the function around."""

    stmt: ir.Assign
    e: ir.Expr
    value: Value
    names: Names
    scope: Frame


class TargetReached(NamedTuple):
    """One target of an assignment is about to be bound."""

    target: ir.Expr
    e: ir.Expr
    scope: Frame


class TargetBound(NamedTuple):
    """A target has been bound to what an expression yields, or a name was changed in place by it."""

    target: ir.Expr
    e: ir.Expr
    scope: Frame


class ValueAugmented(NamedTuple):
    """``x += e``. ``moves``: a gradient is added to what is none."""

    stmt: ir.AugAssign
    value: Value
    moves: bool
    scope: Frame


class ValueReturned(NamedTuple):
    """``return e``."""

    e: ir.Expr
    value: Value
    scope: Frame


class EntryKeyed(NamedTuple):
    """An entry of a dict display, under a known key."""

    key: str
    e: ir.Expr
    value: Value
    scope: Frame


class ExpressionStated(NamedTuple):
    """A whole expression that stands under names: it is bound, added, returned, an arm, an item or an entry."""

    e: ir.Expr
    value: Value
    names: Names
    scope: Frame


class ArgumentPassed(NamedTuple):
    """An argument of a call of ``func``."""

    e: ir.Expr
    value: Value
    func: ir.Expr
    scope: Frame


class ExpressionDiscarded(NamedTuple):
    """An expression that stands for itself, before it is evaluated."""

    e: ir.Expr
    scope: Frame


class LambdaMet(NamedTuple):
    e: ir.Lambda
    scope: Frame


class BranchReached(NamedTuple):
    """An ``if``, before its test is evaluated; ``after``: what follows it in its block."""

    stmt: ir.If
    after: ir.Block
    scope: Frame


class BranchesEntered(NamedTuple):
    """The branches of a test are about to be followed."""

    test: ir.Expr


class BranchesLeft(NamedTuple):
    """The branches of these tests have been followed."""

    tests: Sequence[ir.Expr]


class BranchesMerged(NamedTuple):
    """The branches of a statement meet: the scopes that they leave, and that before them; ``about``: their tests."""

    before: dict[str, Value]
    after: Sequence[dict[str, Value]]
    about: Sequence[ir.Expr]
    node: int
    scope: Frame


class ClassOpened(NamedTuple):
    """A class of the file, before its methods are run."""

    cls: Class
    body: ir.Block


class MethodRun(NamedTuple):
    """A method was run as an entry point: what it returned, and where."""

    info: ClassInfo
    cls: Class
    method: Function
    value: Value
    at: int


class SeveralReturned(NamedTuple):
    """A function has returned in several places."""

    function: Function
    returned: tuple[tuple[Value, int], ...]  # what, and where
    node: int


class ExpressionComputed(NamedTuple):
    """A call, a sum, a product or a negation as a whole."""

    e: ir.Expr
    scope: Frame


class OperatorApplied(NamedTuple):
    """A call, or each step of a chain of operators: what may be a product."""

    e: ir.Expr
    scope: Frame


class ProductComputed(NamedTuple):
    """The product of two numbers."""

    left: Quantity
    right: Quantity
    label: ir.Written
    node: int


class SumReached(NamedTuple):
    """``a + b`` or ``a - b`` of anything."""

    e: ir.Binary


class SumComputed(NamedTuple):
    """A sum of two numbers, or (``minus``) their difference."""

    left: Quantity
    right: Quantity
    out: Quantity
    minus: bool
    label: ir.Written
    node: int
    scope: Frame


class ExtremeTaken(NamedTuple):
    """The lesser or the greater of two numbers is taken."""

    left: Quantity
    right: Quantity
    e: ir.Expr


class CallReached(NamedTuple):
    """A call whose arguments have been evaluated, before it is followed."""

    e: ir.Call
    args: Arguments
    scope: Frame


class MethodCalled(NamedTuple):
    """A method of an object of the project, or of one that a library made, before it is followed."""

    receiver: Instance | Made
    name: str
    args: Arguments
    e: ir.Expr
    scope: Frame


class LibraryCalled(NamedTuple):
    """A function or class of a library was called, by its path."""

    path: str
    args: Arguments
    e: ir.Expr
    scope: Frame


class ObjectMade(NamedTuple):
    """An object of a class of the project was made by a call."""

    made: Instance
    e: ir.Expr
    args: Arguments
    scope: Frame


class ParametersBound(NamedTuple):
    """A function of the project is about to be run with what was passed, by the parameters' names."""

    function: Function
    given: dict[str, Argument]
    scope: Frame


class DictDisplayed(NamedTuple):
    """A dict display, with its known entries."""

    e: ir.Dict
    items: dict[str, Value]
    scope: Frame


class TextFormatted(NamedTuple):
    """Values are put into a text: ``f"loss: {loss}"``."""

    e: ir.FString
    values: Sequence[Value]
    scope: Frame


class MaximizerMade(NamedTuple):
    """An optimiser was made that is told to maximise."""

    e: ir.Expr


# The file in which a moment is, for those of the kinds that know it.
_WHERE: dict[type, Callable[[Any], Module]] = {
    **dict.fromkeys(
        (
            ValueAssigned, TargetReached, TargetBound, ValueAugmented, ValueReturned, EntryKeyed, ExpressionStated,
            ArgumentPassed, ExpressionDiscarded, LambdaMet, BranchReached, BranchesMerged, SumComputed, CallReached,
            MethodCalled, LibraryCalled,
        ),
        attrgetter("scope.module"),
    ),
    **dict.fromkeys((EntryOpened, SeveralReturned), attrgetter("function.module")),
}  # fmt: skip


# --- who sees it ---------------------------------------------------------------------------------


@record(frozen=True, slots=True)
class Observer(Generic[M]):
    """Watches: it tells of what it finds, and changes nothing.

    ``own``: only what happens in the code of the file that the analysis is about. What it would tell of another file
    is that file's to report (`Observations`), and most of what is interpreted stands in other files.
    """

    moment: type[M]
    see: Callable[[View, M], None]
    own: bool = False


@record(frozen=True, slots=True)
class Refiner(Generic[M]):
    """Says more of a value than is known, given it."""

    moment: type[M]
    refine: Callable[[View, M, Value], Value]


def observes(moment: type[M]) -> Callable[[Callable[[View, M], None]], Observer[M]]:
    return lambda see: Observer(moment, see)


def refines(moment: type[M]) -> Callable[[Callable[[View, M, Value], Value]], Refiner[M]]:
    return lambda refine: Refiner(moment, refine)


def own(*observers: Observer[Any]) -> Iterator[Observer[Any]]:
    """These, for what happens in the file that the analysis is about alone."""
    return (Observer(o.moment, o.see, own=True) for o in observers)


class Observers:
    """Who sees what, in the order in which they are asked."""

    def __init__(self, registered: Iterable[Observer[Any] | Refiner[Any]] = ()) -> None:
        self._watch: dict[type, list[Callable[[View, Any], None]]] = {}
        self._elsewhere: dict[type, list[Callable[[View, Any], None]]] = {}  # of these, who sees it in other files, too
        self._refine: dict[type, list[Callable[[View, Any, Value], Value]]] = {}
        for one in registered:
            if isinstance(one, Observer):
                self._watch.setdefault(one.moment, []).append(one.see)
                elsewhere = self._elsewhere.setdefault(one.moment, [])
                if not one.own or one.moment not in _WHERE:
                    elsewhere.append(one.see)
            else:
                self._refine.setdefault(one.moment, []).append(one.refine)

    def see(self, view: View, moment: object) -> None:
        kind = type(moment)
        all_ = self._watch.get(kind)
        if all_ is None:
            return
        some = self._elsewhere[kind]
        for see in all_ if len(some) == len(all_) or _WHERE[kind](moment).entered else some:
            see(view, moment)

    def refined(self, view: View, moment: object, value: Value) -> Value:
        for refine in self._refine.get(type(moment), ()):
            value = refine(view, moment, value)
        return value
