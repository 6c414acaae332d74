"""What inference tells the checks: facts about places, without judgement."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from vaelint import ir
from vaelint.evidence import BY_NAME, BY_NAMES, Basis, Context, Support
from vaelint.finding import Example
from vaelint.infer.values import Quantity, Term
from vaelint.knowledge.schema import Claim
from vaelint.records import record
from vaelint.sense import Direction, Sense

if TYPE_CHECKING:
    from vaelint.graph.slips import Slip


@record(frozen=True, slots=True)
class Mover:
    """The optimiser that steps, as it is written, and the parameters it was given, where that is in sight.

    ``made``: the call that makes it, and ``flag`` the keyword there that has it maximise, where it has one.
    """

    by: ir.Written = ir.UNWRITTEN
    of: ir.Written | None = None
    made: int = field(default=-1, compare=False)
    flag: str = field(default="", compare=False)

    def __bool__(self) -> bool:
        return bool(self.by)

    def __str__(self) -> str:
        return str(self.by) if self.of is None else f"{self.by}({self.of})"

    @property
    def names(self) -> list[str]:
        return [*ir.names_in(self.by.expr), *(ir.names_in(self.of.expr) if self.of is not None else ())]

    @property
    def alone(self) -> str:
        """The name of the only thing that it was given: of ``Adam([log_alpha])``; else empty."""
        e = self.of.expr if self.of is not None else None
        if isinstance(e, (ir.List, ir.Tuple)) and len(e.items) == 1:
            e = e.items[0]
        return e.name if isinstance(e, (ir.Name, ir.Attr)) else ""

    @property
    def networks(self) -> list[ir.Written]:
        """Those whose parameters it was given, without ``self``."""
        given = list(ir.walk(self.of.expr if self.of is not None else None))
        methods = [x.func for x in given if isinstance(x, ir.Call) and isinstance(x.func, ir.Attr) and not x.args]
        held = [m for m in methods if m.name == "parameters"]
        held += [x for x in given if isinstance(x, ir.Attr) and x.name in _OF_KERAS]
        return [ir.render(ir.without_self(m.base)) for m in held]


# What holds the parameters of a Keras model or layer.
_OF_KERAS = frozenset(("trainable_variables", "trainable_weights"))


NOBODY = Mover()


@record(frozen=True, slots=True, kw_only=True)
class Observation:
    """Something seen at one place in one context: the calls by which it was reached, outermost first."""

    context: Context = field(default=(), compare=False)


@record(frozen=True, slots=True)
class Named(Observation):
    """A quantity was bound to, or shown under, a name that claims something.

    ``how``: variable, attribute, key, return or label.
    """

    name: str
    claim: Claim
    quantity: Quantity
    node: int
    function: str
    how: str
    owner: str = ""  # the class around it


@record(frozen=True, slots=True)
class Optimised(Observation):
    """A quantity reached an optimiser. ``update`` is the node of a hand-written update, where there is one.

    ``about``: words of the surrounding code, where a game or an attack would show.
    """

    quantity: Quantity
    direction: Direction
    node: int
    function: str
    via: str
    reason: str = ""
    update: int | None = None
    inputs: bool = False
    step: int = -1  # the optimiser's step: objectives of one step are descended together
    explicit: bool = False  # the sign was given to backward()
    site: int = -1  # where it was reached from another file, the call there
    mover: Mover = NOBODY
    meant: bool = False  # a comment states that it is to go the way it goes
    direction_basis: Basis = Basis.STRUCTURE
    assumed: str = ""  # what is taken for granted of the optimiser
    unseen: bool = False  # no optimiser is in sight: a gradient is taken, and somebody else is to step
    joined: Quantity | None = None  # this is one of the ways that lead there, which meet in this quantity


@record(frozen=True, slots=True)
class Handed(Observation):
    """A quantity was given to an API (or returned by a callable given to it) that needs a certain sense."""

    quantity: Quantity
    needs: Sense
    api: str
    parameter: str
    node: int
    site: int = -1
    basis: Basis = Basis.LIBRARY  # on what it rests that this sense is needed
    claim: Claim | None = None  # what the parameter's name says, where that is all


@record(frozen=True, slots=True)
class Declared(Observation):
    """A quantity whose annotation declares the sense ``declares``, and that is known to be of the other one.

    ``how``: "bound to" or "returned by", before its name.
    """

    name: str
    declares: Sense
    quantity: Quantity
    node: int
    how: str


@record(frozen=True, slots=True)
class Slipped(Observation):
    """A formula that one turned sign makes a known one. ``node`` is the whole of it, ``name`` what holds it."""

    slip: Slip
    node: int
    name: str


@record(frozen=True, slots=True)
class Parted(Observation):
    """A name was bound on several branches, or a function returns in several places: ``quantities``, one of each.

    ``about``: the conditions, and for a function its parameters. ``node``: where the paths meet.
    """

    name: str
    quantities: tuple[Quantity, ...]
    about: tuple[ir.Node, ...]
    node: int


@record(frozen=True, slots=True)
class Summed(Observation):
    """A hand-written formula went into a sum, or was negated: how it is used."""

    quantity: Quantity
    node: int


@record(frozen=True, slots=True)
class Reading:
    """Which way a metric is meant to go, and how that is known. ``signed``: it may be below zero.

    ``steps``: (node, message), oldest first, for the trace. ``roles``: on what its parts rest, where it was concluded.
    """

    sense: Sense
    basis: Basis
    label: ir.Written
    signed: bool = True
    steps: tuple[tuple[int, str], ...] = ()
    made: frozenset[int] = frozenset()
    several: bool = False  # names of different kinds say so, or one with a minus in sight
    roles: tuple[Basis, ...] = ()


@record(frozen=True, slots=True)
class Monitored(Observation):
    """Something chooses by a metric: by its name (``metric``) or by a value (``reading``), in a direction.

    ``setting``: the direction as it is written, or would be; ``by_default``: nothing is written. ``group``: the
    function or class around it, within which one metric must not be selected both ways.
    """

    metric: str
    reading: Reading | None
    direction: Direction
    setting: str
    by_default: bool
    node: int
    via: str
    group: str
    edit: str
    valued: int = -1  # where the value comes in, if not at `node`
    change: tuple[str, str] = ("", "")  # the setting, and the text of the value that it should have
    own: bool = False  # the project's own code selects, in sight


@record(frozen=True, slots=True)
class Logged(Observation):
    """A value was logged under a name by which something may be selected."""

    name: str
    reading: Reading
    node: int


@record(frozen=True, slots=True)
class Kept(Observation):
    """Of several values the largest or smallest is kept as the best. ``start``: what the best-so-far starts from.

    ``best``: what holds it; ``how``: the form (comparison, extreme, pick); ``tracker``: the best-so-far it is about.
    """

    reading: Reading | None
    candidate: ir.Written
    best: ir.Written
    direction: Direction
    node: int
    how: str
    start: float | None
    tracker: int
    densities: bool = False  # the code speaks of densities: a loss may be below zero
    agreed: bool = False  # the record is named for a metric of the same direction as the candidate
    terms: frozenset[tuple[int, int]] = frozenset()  # of the candidate: where each was made, and its sign
    started: int = -1  # where the start stands, if a setting has chosen the comparison: it fits either way


@record(frozen=True, slots=True)
class Misstated(Observation):
    """A law that technical names invoke, written with a sign turned. ``node``: the part, ``whole``: what states it."""

    node: int
    whole: int
    message: str
    help: str
    law: str
    code: str = "VL401"  # VL402 where it is a sign within a formula that is known by its structure
    value: Support = BY_NAMES  # on what it rests that the parts are what the law speaks of
    held: bool = False  # what holds it is called what the law concludes, too
    doubted: bool = False  # what becomes of it may make up for it, or no part of it is called what the law speaks of
    about: frozenset[int] = frozenset()  # all that is written there: it gives way to what else is found of that
    example: Example | None = None
    turn: str = ""  # the edit that mends it, where that is not the sign of the part
    of_acceptance: bool = False  # a uniform draw and what is kept where it lies below show what the formula is for


@record(frozen=True, slots=True)
class Convention(Observation):
    """A law among names that holds here, or (``turned``) holds of the negation of what one of them says."""

    law: str
    turned: bool
    node: int


@record(frozen=True, slots=True)
class Worded(Observation):
    """A sign in sight that the names on its sides contradict.

    ``how``: a loss is ``subtracted`` from another, ``turned`` under the name of one, ``raised`` by backward; a
    log-density ``negated`` under the name of one; negated logits ``given`` to a loss; an optimiser that has ``stepped``
    along the gradient, or is a ``maximizer`` of losses. ``part``: what the sign is about, ``other``: what it is taken
    off, ``name``: what holds the whole.
    """

    how: str
    part: ir.Written
    node: int
    whole: int
    made: frozenset[int]
    value: Support = BY_NAME  # on what it rests what ``part`` is
    name: str = ""
    other: ir.Written = ir.UNWRITTEN


@record(frozen=True, slots=True)
class Overridden(Observation):
    """What a method returns; ``bases``: the classes of the project that its class is derived from, by node."""

    owner: str
    method: str
    quantity: Quantity
    node: int
    bases: frozenset[int]


@record(frozen=True, slots=True)
class Mapped(Observation):
    """On one way through it a method returns what it ``moved`` and ``sign`` × the log-determinant of that map."""

    owner: str
    cls: int
    method: str
    moved: ir.Written
    sign: int
    node: int


@record(frozen=True, slots=True)
class Judged(Observation):
    """A network learns to give a label to what it is given: ``raised``, the label is 1. ``about``: what."""

    network: ir.Written
    about: tuple[ir.Node | ir.Written, ...]
    raised: bool
    node: int


@record(frozen=True, slots=True)
class Beside(Observation):
    """A sum that opposes a policy's ``surrogate`` and what has to pull with it, whatever becomes of the sum."""

    surrogate: Term
    other: Term
    node: int


@record(frozen=True, slots=True)
class PassedOn(Observation):
    """What a function was given goes to a solver, which moves it the other way than the name of the function says.

    ``at``: the expression that the solver gets, or that what it gets returns.
    """

    given: ir.Written
    is_negated: bool
    at: int
    direction: Direction
    via: str
    node: int
    function: str


@record(frozen=True, slots=True)
class Renegated(Observation):
    """A name was bound to its own negation: ``loss = -loss``, ``loss = -loss.mean()``."""

    name: str
    node: int
    function: str


@record(frozen=True, slots=True)
class Compared(Observation):
    """What a network answers is held against what is known to rise with a reward.

    ``key``: of the difference, or of the call that both are passed to, by which the error is known.
    """

    network: ir.Written
    key: int
    node: int


@record(frozen=True, slots=True)
class Left(Observation):
    """A value was returned in a variable whose name says the opposite of it: the caller gets it as it is."""

    name: str
    quantity: Quantity
    node: int


Event = (
    Named | Optimised | Handed | Declared | Slipped | Summed | Misstated | Monitored | Logged | Kept | Parted
    | Overridden | Mapped | Judged | Worded | Convention | Beside | Renegated
    | PassedOn | Compared | Left
)  # fmt: skip
