"""What a run says: findings, objectives and problems with the input. Plain data between checks and reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from vaelint.evidence import Basis
from vaelint.evidence import Confidence as Confidence
from vaelint.records import record
from vaelint.sense import Direction, Sense


@record(frozen=True, slots=True, order=True)
class Location:
    """A span of a file. Rows and columns count from 1, columns in characters, the end is exclusive.

    ``cell`` is the number of a notebook's cell (all cells count, from 1); rows are then those of the cell.
    """

    row: int
    column: int
    end_row: int
    end_column: int
    cell: int | None = None


@record(frozen=True, slots=True)
class Step:
    """One step of a trace: why the value had the sense it has at this place."""

    filename: str
    location: Location
    message: str


@record(frozen=True, slots=True)
class Side:
    """One of the two sides that contradict each other in a finding, and on what it rests.

    ``what`` says which: ``value``, or what that is held against (``direction``, ``name``, ``declaration``,
    ``parameter``, ``law``, ``setting``, ``sibling``). ``basis`` is that of the weakest premise; ``roles`` are those of
    all of them, where a law or a form concluded the side from several.
    """

    what: str
    basis: Basis
    roles: tuple[Basis, ...] = ()


@record(frozen=True, slots=True)
class Example:
    """Numbers that show what is wrong, computed for simple inputs.

    ``inputs``: what the code calls them, and their values; ``value``: what it computes there; ``expected``: what that
    contradicts, in words; ``edit``: what is to be written instead, and ``edited`` the value then.
    """

    inputs: tuple[tuple[str, float], ...]
    value: float
    expected: str
    edit: str = ""
    edited: float | None = None

    def told(self) -> str:
        """``with mu = 0.3 it is -0.41; a KL divergence is never below zero. With `- logvar` it is 0.25``."""
        at = ", ".join(f"{name} = {number(value)}" for name, value in self.inputs)
        said = f"with {at} it is {number(self.value)}; {self.expected}"
        return said if self.edited is None else f"{said}. With {self.edit} it is {number(self.edited)}"


def number(value: float) -> str:
    """In three digits, without a sign of zero."""
    return f"{value + 0.0:.3g}" if abs(value) >= 5e-10 else "0"


@record(frozen=True, slots=True)
class Related:
    """Another place that a finding is about: where the value is optimised, or where it got its sign."""

    filename: str
    location: Location
    message: str


@record(frozen=True, slots=True)
class Edit:
    """Replace the text at ``location`` with ``content``."""

    location: Location
    content: str


@record(frozen=True, slots=True)
class Fix:
    """``safe`` fixes keep what the program computes (a renaming); the others change it.

    ``digest`` is that of the content the edits were made for (`vaelint.files.digest`): nothing else is edited.
    """

    message: str
    edits: tuple[Edit, ...]
    safe: bool = False
    digest: str = ""


class Hidden(Enum):
    """Why a finding is not shown. What a comment suppresses is meant, whatever else would hide it."""

    SUPPRESSED = "suppressed"
    NOT_SELECTED = "not-selected"
    BELOW_CONFIDENCE = "below-min-confidence"
    EXCLUDED = "excluded"
    BASELINE = "in-baseline"
    BEFORE = "there-before"


@record(frozen=True, slots=True)
class Finding:
    code: str  # "VL101"
    name: str  # "likelihood-minimized"
    message: str
    filename: str
    location: Location
    confidence: Confidence
    help: str = ""  # the edit, in words
    trace: tuple[Step, ...] = ()
    fix: Fix | None = None
    sides: tuple[Side, ...] = ()  # on what the value rests, and what it is held against
    related: tuple[Related, ...] = ()  # where it is optimised, if that is in another file
    assumptions: tuple[str, ...] = ()  # what is taken for granted: that a weight is positive
    example: Example | None = None  # where numbers decided
    hidden: Hidden | None = None


def is_about_signs(code: str) -> bool:
    """Whether a check judges code; the others say why something could not be judged, or was in vain."""
    return not code.startswith("VL0")


class Status(Enum):
    """What is said of an objective.

    ``CONSISTENT``: every term and the direction are facts, and fit. ``BY_NAME``: nothing contradicts, but some of it is
    known by a claim alone. ``INTENDED``: it goes against its direction on purpose (an annotation, a game, an attack).
    ``WRONG``: there is a finding about it, shown or hidden. ``UNRESOLVED``: something in it is not known.
    """

    CONSISTENT = "consistent"
    BY_NAME = "by-name"
    INTENDED = "intended"
    WRONG = "wrong"
    UNRESOLVED = "unresolved"


@record(frozen=True, slots=True)
class ObjectiveTerm:
    """A term of an objective: ``sign`` is +1 or -1, ``sense`` that of the term before the sign."""

    sign: int
    label: str
    sense: Sense
    kind: str
    trace: tuple[Step, ...] = ()  # how it got its sense; only where it was asked for
    basis: Basis = Basis.NONE


@record(frozen=True, slots=True)
class Cause:
    """A finding by which an objective is wrong: its code and its place, by which it is found among the findings."""

    code: str
    filename: str
    location: Location
    hidden: Hidden | None = None


@record(frozen=True, slots=True)
class ObjectiveReport:
    """A place where something is optimised.

    ``sense`` is that of the whole; ``reason`` says why it is unresolved; ``via`` how it is optimised: ``step`` of an
    optimiser, ``update`` by hand, ``training_step``, or whatever it is called that was given the objective.
    """

    filename: str
    location: Location
    function: str
    direction: Direction
    sense: Sense
    status: Status
    terms: tuple[ObjectiveTerm, ...] = ()
    reason: str = ""
    via: str = ""
    direction_basis: Basis = Basis.NONE
    assumptions: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()  # of one that is wrong: the findings about it, shown or hidden


@record(frozen=True, slots=True)
class Problem:
    """Something about the input that kept it from being analysed (``fatal``: nothing of the file was).

    ``ours``: not the input, vaelint failed; ``details`` is then the way to where it did, for those who mend it.
    """

    filename: str
    message: str
    location: Location | None = None
    fatal: bool = True
    ours: bool = False
    details: str = ""


@dataclass(slots=True)
class Result:
    """All that a run found out, in the order of files and rows.

    ``findings`` are those that are shown, ``hidden`` the others, each with its reason; ``min_confidence`` is the
    least confidence that was asked for. ``elsewhere``: the files that were not passed, but hold findings about what a
    passed file optimises.
    """

    findings: list[Finding] = field(default_factory=list)
    objectives: list[ObjectiveReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: int = 0
    hidden: list[Finding] = field(default_factory=list)
    min_confidence: Confidence = Confidence.LIKELY
    elsewhere: frozenset[str] = frozenset()

    def show_hidden(self) -> None:
        """Let the hidden findings be shown too, behind the others of their file; each keeps its reason."""
        order = {f.filename: i for i, f in reversed([*enumerate([*self.findings, *self.hidden])])}
        self.findings = sorted([*self.findings, *self.hidden], key=lambda f: order[f.filename])
