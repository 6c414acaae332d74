"""What a run says: findings, objectives and problems with the input. Plain data between checks and reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from vaelint.sense import Direction, Sense


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span of a file. Rows and columns count from 1, columns in characters, the end is exclusive.

    ``cell`` is the number of a notebook's cell (all cells count, from 1); rows are then those of the cell.
    """

    row: int
    column: int
    end_row: int
    end_column: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trace: why the value had the sense it has at this place."""

    filename: str
    location: Location
    message: str


class Confidence(Enum):
    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text at ``location`` with ``content``."""

    location: Location
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """``safe`` fixes keep what the program computes (a renaming); the others change it.

    ``digest`` is that of the content the edits were made for (`vaelint.files.digest`): nothing else is edited.
    """

    message: str
    edits: tuple[Edit, ...]
    safe: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True)
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


class Status(Enum):
    CONSISTENT = "consistent"
    WRONG = "wrong"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class ObjectiveTerm:
    """A term of an objective: ``sign`` is +1 or -1, ``sense`` that of the term before the sign."""

    sign: int
    label: str
    sense: Sense
    kind: str
    trace: tuple[Step, ...] = ()  # how it got its sense; only where it was asked for


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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

    ``held_back`` counts findings that are less sure than asked for.
    """

    findings: list[Finding] = field(default_factory=list)
    objectives: list[ObjectiveReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: int = 0
    held_back: int = 0
