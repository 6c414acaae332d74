"""What an expression may be worth to the interpreter: a closed set of small immutable values; and what holds them.

`Quantity` is both a number with a sense and whatever nobody could resolve: an unknown is a quantity with one
term of unknown sense, and its label says what it was. `Frame` is what changes while code is interpreted: the variables
of a call, and how a block ended. Of the files that values come from they know what `Module` and `Program` say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from vaelint import ir
from vaelint.evidence import Basis
from vaelint.knowledge.schema import Entry, Selector
from vaelint.records import record, replace
from vaelint.sense import NO_SENSE, UNKNOWN, Direction, Meaning, Sense

if TYPE_CHECKING:
    from collections.abc import Hashable

    from vaelint.graph.node import Graph, Node
    from vaelint.graph.recognise import Fact
    from vaelint.source.file import SourceFile
    from vaelint.source.index import Unit
    from vaelint.source.project import Place, Surroundings

NOWHERE = -1  # the id of a node that stands in no source
Root: TypeAlias = ir.Written | str  # what stands for a source: how it is written, or the call that it is of


@record(frozen=True, slots=True)
class Trace:
    """The steps by which a sense got here, newest first."""

    node: int
    message: str
    before: Trace | None = None
    claimed: str = ""  # the name that the sense is by
    bound: str = ""  # the name that the value was bound to

    def steps(self) -> list[tuple[int, str]]:
        """Oldest first, at most the last 16."""
        out: list[tuple[int, str]] = []
        step: Trace | None = self
        while step is not None and len(out) < 16:
            out.append((step.node, step.message))
            step = step.before
        return out[::-1]

    def names(self) -> list[str]:
        """The names that claimed it, or that it went by, oldest first, of the same steps."""
        out: list[str] = []
        step: Trace | None = self
        for _ in range(16):
            if step is None:
                break
            out.append(step.claimed or step.bound)
            step = step.before
        return [name for name in out[::-1] if name]


@record(frozen=True, slots=True)
class Source:
    """The network that an unresolved term came out of, and whether its input came out of another network."""

    network: ir.Written
    generated: bool
    given: tuple[ir.Expr, ...] = field(default=(), compare=False)  # what it was given
    learns: int = 0  # which way the score goes as the network learns the answer that stands there (`answers`)


@record(frozen=True, slots=True)
class Term:
    """A summand: ``sign`` × a quantity of ``meaning``.

    ``live`` is False where the gradient is cut; ``grad_sign`` is -1 where only the gradient is reversed.
    ``node`` is the expression that the term entered its sum as, ``made`` the one that gave it its sense.
    """

    sign: int
    meaning: Meaning
    label: ir.Written
    node: int = NOWHERE
    made: int = NOWHERE
    live: bool = True
    grad_sign: int = 1
    trace: Trace | None = None
    source: Source | None = None
    source_sign: int = 1  # of what came out of the network, within the term
    formula: bool = False  # a hand-written formula, known by its optimum: VL401 judges its name by its use
    proof: Fact | None = field(default=None, compare=False)  # what that formula is
    why: str = ""  # it is not resolved, in words
    is_parameter: bool = False  # nobody has given it a value
    head: ir.Written = field(
        default=ir.UNWRITTEN, compare=False
    )  # of a library's loss: the network whose answer it judges
    assumed: tuple[str, ...] = ()  # what is taken for granted of it: that a weight is positive
    over: frozenset[int] = field(
        default=frozenset(), compare=False
    )  # what it was computed from, by where that was made
    said: frozenset[str] = field(default=frozenset(), compare=False)  # kinds of names it went by that agree
    size_of: str = ""  # it is, or is the size of, trained ``parameters`` or a ``gradient``

    @property
    def value_sense(self) -> Sense:
        return self.meaning.sense if self.sign > 0 else -self.meaning.sense

    @property
    def gradient_sense(self) -> Sense:
        if not self.live:
            return Sense.NONE
        return self.value_sense if self.grad_sign > 0 else -self.value_sense


class Form:
    """What a quantity is by construction, where products and logarithms need to know."""

    PLAIN = ""
    PROBABILITY = "probability"
    MEAN_PROBABILITY = "mean probability"  # averaged over a batch: its entropy is the marginal one
    LIKELIHOOD = "likelihood"  # the probability of the label
    LOG_PROBABILITY = "log probability"  # over all classes, not yet picked
    LOG_LIKELIHOOD = "log likelihood"  # that of the label, picked from those: never above zero
    LOG_NORMALISER = "log normaliser"  # logsumexp of what ``of`` is the key of
    SCORE = "score"  # log-probability of a sampled action
    RATIO = "ratio"  # exp(logp - old_logp)
    CLIPPED = "clipped ratio"  # or a surrogate made of one
    INVERSE = "inverse ratio"  # exp(old_logp - logp)
    DIFFERENCE = "difference"  # of a prediction and a target, by structure
    RANDOM = "random"
    DECISION = "decision"  # of a classifier: where its score is largest
    HIT = "hit"  # a mask of the decisions that are right
    MISS = "miss"  # a mask of those that are wrong
    COUNT = "count"  # a length, a shape, a number of steps
    ONE_HOT = "one hot"  # of all classes it marks the one that its root gives
    IDENTITY = "identity"  # each row of it does
    SHARE = "share"  # w or 1 - w, where each weighs something of its own (`shares`)
    NEGATIVE = "negative"  # below zero, whatever it is: a factor that turns what it scales


@record(frozen=True, slots=True)
class Quantity:
    """A signed sum of terms.

    ``roots``: the opaque sources it was computed from. ``key``: identity of the value, kept by clamps and small
    offsets, so that ``p * log(p + eps)`` is recognised; ``of``: for a logarithm, the key of what is inside.
    ``positive``: known to be above zero. ``drawn``: the distribution (by node) it was drawn from.
    ``origin``: the expression that gave the whole its present form. ``form_basis``: on what ``form`` rests.
    """

    terms: tuple[Term, ...] = ()
    roots: frozenset[Root] = frozenset()
    label: ir.Written = ir.UNWRITTEN
    form: str = Form.PLAIN
    form_basis: Basis = Basis.STRUCTURE
    positive: bool = False
    key: int = NOWHERE
    of: int = NOWHERE
    drawn: int = NOWHERE
    reparameterized: bool = False
    noisy: bool = False
    taken_positive: str = ""  # it is positive by its name alone, which is this
    ways: tuple[Quantity, ...] = ()  # what it may be, where ways meet that differ in what is known of it
    parted: int = NOWHERE  # where they meet, if they are paths through the code
    origin: int = NOWHERE

    def having(self, **changes: object) -> Quantity:
        return replace(self, **changes)


@record(frozen=True, slots=True)
class Number:
    value: float


@record(frozen=True, slots=True)
class Text:
    value: str


@record(frozen=True, slots=True)
class Literal:
    """None, True, False, …"""

    value: object


@record(frozen=True, slots=True)
class Sequence:
    """A tuple or list with known items; ``rest`` is the join of any further ones."""

    items: tuple[Value, ...]
    rest: Value | None = None


@record(frozen=True, slots=True)
class Mapping:
    """A dict with known text keys; ``rest`` is the join of what other keys may hold."""

    items: dict[str, Value] = field(hash=False)
    rest: Value | None = None


@record(frozen=True, slots=True)
class Library:
    """A name of a library, by its qualified path."""

    path: str


@record(frozen=True, slots=True)
class Package:
    """A module or package of the project. Equal by place: ``program`` finds what it holds."""

    place: Place
    path: str  # dotted, as it was imported
    program: Program = field(hash=False, compare=False)


@record(frozen=True, slots=True)
class Imported:
    """A name of a module of the project, looked up when it is asked for: imports may go in circles."""

    home: Package
    name: str

    def resolve(self) -> Value:
        return self.home.program.attribute(self.home, self.name)


@record(frozen=True, slots=True)
class Choice:
    """One of several callables or objects, which one is not known: what they agree on holds.

    ``overrides``: they are what the classes derived from one make of a method that it leaves open.
    """

    values: tuple[Value, ...]
    overrides: bool = False


@record(frozen=True, slots=True)
class Selects:
    """Which way something selects: as written (``setting``), or by default. ``node``: the call that made it."""

    selector: Selector
    direction: Direction
    setting: str
    by_default: bool
    node: int
    short: str


@record(frozen=True, slots=True)
class Made:
    """An object that a library's entry makes: an optimiser, a loss, a distribution."""

    what: str
    entry: Entry
    node: int
    roots: frozenset[Root] = frozenset()
    direction: int = 1  # for an optimiser: 1 minimises, -1 maximises, 0 unknown
    inputs: bool = False  # for an optimiser: what it moves is no parameter but an input
    of: ir.Expr | None = field(default=None, compare=False)  # for an optimiser: the parameters it was given
    selects: Selects | None = None  # for what chooses by a metric
    last: Made | Library | None = None  # for a network of layers in order: the last of them


@record(frozen=True, slots=True)
class Function:
    """A function or lambda of the project. ``owner`` is the class it was found in."""

    node: int
    name: str
    params: tuple[ir.Param, ...]
    body: ir.Block | ir.Expr = field(hash=False, compare=False)
    closure: Frame | None = field(hash=False, compare=False)
    module: Module = field(hash=False, compare=False)
    owner: Class | None = field(default=None, hash=False, compare=False)
    decorators: tuple[str, ...] = ()
    matters: bool = field(default=True, hash=False, compare=False)  # its text mentions our vocabulary, or is short
    tables: tuple[ir.Call, ...] = field(default=(), hash=False, compare=False)  # decorators that list what it is given
    returns: ir.Expr | None = field(default=None, hash=False, compare=False)  # the annotation of its result


@record(frozen=True, slots=True)
class Bound:
    """A callable with leading positional and named arguments already given (a method, a partial)."""

    function: Value
    args: tuple[Value, ...] = ()
    kwargs: dict[str, Value] = field(default_factory=dict, hash=False)


@record(frozen=True, slots=True)
class Method:
    """A method of something that is no class of the project."""

    receiver: Value
    name: str
    at: ir.Expr = field(hash=False, compare=False)


@record(frozen=True, slots=True)
class Class:
    node: int
    name: str
    module: Module = field(hash=False, compare=False)


@record(frozen=True, slots=True)
class Instance:
    """An object of a project's class; its attributes live in the state's heap under ``oid``."""

    cls: Class
    oid: int


@record(frozen=True, slots=True)
class GradientFunction:
    """What ``jax.grad(f)`` is."""

    function: Value
    with_value: bool
    aux: bool
    node: int
    handed: int = -1  # where the function was given to whoever takes the gradient, if not here
    in_first: bool = False  # it is the gradient in the first argument alone: all else that goes in is held still


@record(frozen=True, slots=True)
class Custom:
    """``F.apply`` of an autograd function of the project: a forward and a backward pass, written by hand."""

    cls: Class


@record(frozen=True, slots=True)
class Applied:
    """A pure function made of one that has state, or of a module: the ``leading`` arguments of a call are the state.

    ``stateful``: it yields its state as well.
    """

    of: Value
    leading: int
    stateful: bool = False


@record(frozen=True, slots=True)
class Gradient:
    """A gradient: of ``objective``, or (None) of whatever was backpropagated last. ``sign`` 0: not known.

    ``step``: added to what it updates, it is an update already (``p - lr * g``). ``signed``: only its sign is left,
    as attacks on an input take it. ``of``: the parameters that it is the gradient of, as they are written.
    ``others``: those of other branches, with their signs as this one's is 1. ``asked``: what whoever took it asked for
    the gradient of, where that is written.
    """

    objective: Quantity | None
    sign: int
    node: int
    label: ir.Written = ir.UNWRITTEN
    signed: bool = False
    of: frozenset[ir.Written] = frozenset()
    others: tuple[Gradient, ...] = ()
    asked: ir.Written = ir.UNWRITTEN


Value: TypeAlias = (
    Quantity | Number | Text | Literal | Sequence | Mapping | Library | Package | Imported | Choice | Made | Function
    | Bound | Method | Class | Instance | GradientFunction | Applied | Custom | Gradient
)  # fmt: skip

NONE = Literal(None)
# What a value starts from where the smallest is looked for, and what stands for a value that there is none of.
_BOUNDS = frozenset(
    f"{home}.{name}" for home in ("numpy", "math", "torch", "jax.numpy") for name in ("inf", "nan", "Inf", "NaN", "NAN")
)


def is_bound(value: Value) -> bool:
    """Whether it is an infinity, or not a number."""
    return isinstance(value, Library) and value.path in _BOUNDS


def start_of(value: Value) -> float | None:
    """The number that a best-so-far starts from, where it is one."""
    match value:
        case Number(value=v):
            return v
        case Text(value=text) if text.strip().lstrip("+-").lower() in ("inf", "infinity"):
            return float(text)
        case Library(path=path) if path.rpartition(".")[2] in ("inf", "Inf", "infty", "Infinity", "PINF", "maxsize"):
            return float("inf")
        case Literal(value=float(v)):
            return v
    return None


# --- where values come from ----------------------------------------------------------------------


class ClassInfo(Protocol):
    """A class of the project: its methods, and its bases wherever they stand (`vaelint.infer.project.classes`)."""

    stmt: ir.ClassDef
    closure: Frame
    module: Module

    @property
    def method_names(self) -> list[str]: ...
    def unit(self, name: str) -> Unit | None: ...
    def own_method(self, name: str, cls: Class) -> Function | None: ...
    def method(self, name: str, cls: Class) -> Function | None: ...
    def attribute(self, name: str) -> tuple[ir.Expr, Frame] | None: ...
    def annotation(self, name: str) -> tuple[ir.Expr, Frame] | None: ...
    def bases(self) -> list[Class]: ...
    def line(self) -> list[Class]: ...
    def base_names(self) -> list[str]: ...
    def own_base_names(self) -> list[str]: ...


class Module(Protocol):
    """A file as values know it (`vaelint.infer.project.module`)."""

    source: SourceFile
    program: Program
    path: str
    entered: bool
    frame: Frame
    stars: list[Value]
    declares: dict[int, Sense | None]

    def lookup(self, name: str) -> Value | None: ...
    def class_info(self, cls: Class) -> ClassInfo | None: ...
    def define_class(self, stmt: ir.ClassDef, closure: Frame) -> Class: ...
    def implementations(self, method: str) -> list[Class]: ...
    def function(
        self, stmt: ir.FunctionDef, closure: Frame | None, owner: Class | None = None, matters: bool = True
    ) -> Function: ...


class Program(Protocol):
    """The files of a project as values know them (`vaelint.infer.project.link`)."""

    project: Surroundings
    within_star: bool

    def bind(self, stmts: list[ir.Stmt], name: str, f: Frame) -> Value | None: ...
    def knows(self, path: str) -> bool: ...
    def imported(self, s: ir.Import | ir.ImportFrom, importer: str) -> list[tuple[str, Value]]: ...
    def star(self, s: ir.ImportFrom, importer: str) -> Value: ...
    def from_star(self, path: str, name: str) -> Value | None: ...
    def attribute(self, package: Package, name: str) -> Value: ...
    def derived(self, cls: Class, most: int) -> list[Class]: ...
    def implementations(self, method: str, module: Module, most: int) -> list[Class]: ...


# --- what holds them -----------------------------------------------------------------------------


class Leaves(Protocol):
    """What the leaves of a formula hold, by their keys (`vaelint.infer.quantities.formulas`)."""

    def get(self, key: Hashable) -> Value | None: ...


@record(frozen=True, slots=True)
class Definition:
    """What a name was bound to: good while the name still holds ``value``. ``values``: what its leaves held.

    ``form``: a node of ``graph``, on one element.
    """

    value: Value
    graph: Graph
    form: Node
    values: Leaves


def resolved(names: dict[str, Value], name: str) -> Value:
    """What a name holds; a name of another file is looked up there, once."""
    value = names[name]
    if isinstance(value, Imported):
        value = names[name] = value.resolve()
    return value


RUN = ("__call__", "forward", "call")  # methods that an object is called by: its own, of PyTorch and of Keras


@dataclass(slots=True, eq=False)
class Frame:
    """The variables of one call (or module, or class body). ``parent`` is the frame around the definition."""

    module: Module
    name: str
    parent: Frame | None = None
    owner: Class | None = None
    vars: dict[str, Value] = field(default_factory=dict)
    given: dict[str, ir.Expr] = field(default_factory=dict)  # how the caller wrote what a parameter holds
    returned: list[tuple[Value, int]] = field(default_factory=list)
    definitions: dict[str, Definition] = field(default_factory=dict)
    written: dict[str, tuple[Value, ir.Expr]] = field(default_factory=dict)  # as what a name was bound last
    ended: bool = False  # the path has returned, raised or jumped
    cuts_gradients: bool = False  # what is bound or returned here carries no gradient (`torch.no_grad`)

    @property
    def result(self) -> str:
        """What the returned value is called: what a class called `…Loss` computes is a loss."""
        return self.owner.name if self.owner is not None and self.name in RUN else self.name

    def wrote(self, name: str) -> ir.Expr | None:
        """The expression that a local name was bound to, while it holds the value of that."""
        value, e = self.written.get(name, (None, None))
        return e if value is not None and self.vars.get(name) is value else None

    def behind(self, e: ir.Expr) -> ir.Expr:
        """What a name was bound to, where `wrote` tells; any other expression as it is."""
        written = self.wrote(e.name) if isinstance(e, ir.Name) else None
        return e if written is None else written

    def given_for(self, e: ir.Expr) -> ir.Expr | None:
        """What a caller wrote for a parameter, here or around; None for anything else."""
        frame: Frame | None = self if isinstance(e, ir.Name) else None
        while frame is not None and isinstance(e, ir.Name):
            if e.name in frame.given:
                return frame.given[e.name]
            frame = frame.parent
        return None

    def find(self, name: str) -> Value | None:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.vars:
                return resolved(frame.vars, name)
            frame = frame.parent
        return self.module.lookup(name)


# --- making and asking them ----------------------------------------------------------------------


MOST_PARTS = 32  # by which a term remembers what it was computed from


def parts(*qs: Quantity) -> frozenset[int]:
    """By where they were made, the terms of these and what they were computed from; nothing where they are too many."""
    out = frozenset(m for q in qs for m in (q.key, *(m for t in q.terms for m in (t.made, *t.over))))
    return out if len(out) <= MOST_PARTS else frozenset()


def unknown(label: ir.Written | str, node: int, root: str | None = None, why: str = "") -> Quantity:
    """A quantity of which only the label is known, and ``why`` no more is. ``root`` defaults to the label."""
    label = ir.label(label)
    return Quantity(
        (Term(1, UNKNOWN, label, node, node, why=why),),
        frozenset((label if root is None else root,)),
        label,
        key=node,
        origin=node,
    )


def meant(meaning: Meaning, label: ir.Written | str, node: int, why: str, **more: object) -> Quantity:
    """A quantity with one term of known meaning; ``why`` opens its trace."""
    label = ir.label(label)
    term = Term(1, meaning, label, node, node, trace=Trace(node, why))
    return Quantity((term,), label=label, key=node, origin=node).having(**more)


def undirected(label: ir.Written | str, node: int, **more: object) -> Quantity:
    """A quantity without a direction: a count, a mask, a ratio."""
    label = ir.label(label)
    return Quantity((Term(1, NO_SENSE, label, node, node),), label=label, key=node, origin=node).having(**more)


def sized(q: Quantity, of: str) -> Quantity:
    """One thing whose size is penalised, where it is one."""
    return q.having(terms=tuple(replace(t, size_of=of) for t in q.terms)) if len(q.terms) == 1 else q


def is_parameter(q: Quantity) -> bool:
    """Whether it is a parameter that nobody has given a value, alone."""
    return len(q.terms) == 1 and q.terms[0].is_parameter


def leading_sign(label: ir.Written) -> int:
    """-1 where what is written begins with a minus (an odd number of them), else 1."""
    return 1 if label.expr is None else ir.leading(label.expr)


def is_unknown(q: Quantity) -> bool:
    """Whether nothing at all is known of its sense."""
    return all(t.meaning.sense is Sense.UNKNOWN and t.meaning.kind == "" for t in q.terms)


def is_plain(q: Quantity) -> bool:
    """Whether no fact says which way it goes: it may be a factor or an operand of a difference."""
    return not any(t.meaning.sense.directed and t.meaning.is_evidence for t in q.terms)


def is_compared(q: Quantity) -> bool:
    """Whether it may be an operand of a difference that is an error: `is_plain`, or a target that nothing moves."""
    return not any(t.live and t.meaning.sense.directed and t.meaning.is_evidence for t in q.terms)


MOST_OBJECTS = 32  # of results that are held as objects: to read an attribute of each costs little
MOST_CHOICES = 6  # of callables; among more, agreement says little and costs much


def either(values: Iterable[Value], some: bool = False) -> Choice | None:
    """Several callables or objects as one value, of which one is meant; None where they are not that, or too many.

    ``some``: with objects among them, what could not be resolved may be another.
    """
    flat: list[Value] = []
    for v in values:
        for x in v.values if isinstance(v, Choice) else (v,):
            open_ = some and isinstance(x, Quantity) and is_unknown(x)
            if not open_ and not isinstance(x, (Function, Bound, Class, Instance, Library, Made, Method)):
                return None
            if not any(x == y for y in flat):
                flat.append(x)
    resolved = [x for x in flat if not isinstance(x, Quantity)]
    objects = all(isinstance(x, Instance) for x in resolved)
    if not objects and len(resolved) < len(flat):
        return None
    return Choice(tuple(flat)) if 1 < len(flat) <= (MOST_OBJECTS if objects else MOST_CHOICES) and resolved else None
