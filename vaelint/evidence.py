"""How anything is known: bases in their order, contexts, and how the observations of one place are settled.

A *fact* says what a value is, a *claim* what the author of the code says that it is. A claim never outvotes a fact
about the same value, and never becomes one by being computed with: what is derived rests on its weakest premise.
Pure values: nothing here knows of code, libraries or checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple, TypeVar

from vaelint.records import record


class Basis(Enum):
    """Where evidence comes from, strongest first.

    ``ANNOTATION``: the author states it for vaelint; ``LIBRARY``: a rule of `rules/` says so; ``PROOF``: numbers
    decided; ``STRUCTURE``: the flow of values, their provenance, a sign that is visible. These four are facts.
    ``DOCUMENTED``: a docstring or a comment; ``NAME``: an identifier, a keyword, a key, a label. These two are claims.
    """

    ANNOTATION = "annotation"
    LIBRARY = "library"
    PROOF = "proof"
    STRUCTURE = "structure"
    DOCUMENTED = "documented"
    NAME = "name"
    NONE = "none"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return _RANKS[self]

    @property
    def is_fact(self) -> bool:
        return self.rank <= _WEAKEST_FACT

    @property
    def is_claim(self) -> bool:
        return self in (Basis.DOCUMENTED, Basis.NAME)


_RANKS = {basis: rank for rank, basis in enumerate(Basis)}
_WEAKEST_FACT = _RANKS[Basis.STRUCTURE]


# The calls by which a place was reached, outermost first: of each the function, and where it was called. The first is
# the entry point, which nobody in sight called: it stands for its own call.
Context = tuple[tuple[int, int], ...]


def weakest(bases: Iterable[Basis]) -> Basis:
    """The basis of what is concluded from premises of these; ``NONE`` where there are none."""
    return max(bases, key=lambda b: b.rank, default=Basis.NONE)


class Grade(Enum):
    """How much stands behind one side of a contradiction."""

    FACT = "fact"
    ROLES = "roles"  # concluded from several roles, some of them known for a fact
    NAMES = "names"  # concluded from several roles, each known by its name alone
    SIGNED = "signed"  # one claim, with a sign in sight that turns what it says round
    NAME = "name"  # one claim


@record(frozen=True, slots=True)
class Support:
    """On what one side of a contradiction rests: the weakest premise, and all of them where a law had several.

    ``signed``: of what is only named, the sign in front is in sight.
    """

    basis: Basis
    roles: tuple[Basis, ...] = ()
    signed: bool = False

    @property
    def grade(self) -> Grade:
        if self.basis.is_fact:
            return Grade.FACT
        if any(b.is_fact for b in self.roles):
            return Grade.ROLES
        if len(self.roles) > 1:
            return Grade.NAMES
        return Grade.SIGNED if self.signed else Grade.NAME


BY_NAME = Support(Basis.NAME)
BY_SIGN = Support(Basis.NAME, signed=True)
BY_NAMES = Support(Basis.NAME, (Basis.NAME, Basis.NAME))
BY_STRUCTURE = Support(Basis.STRUCTURE)
BY_LIBRARY = Support(Basis.LIBRARY)
BY_PROOF = Support(Basis.PROOF)
BY_DOCUMENT = Support(Basis.DOCUMENTED)


class Confidence(Enum):
    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Worth(NamedTuple):
    """Of how many packages that nobody had read the findings of a kind were right, and of how many they were judged."""

    right: int
    judged: int

    @property
    def is_mostly_wrong(self) -> bool:
        return self.judged >= FEWEST and 2 * self.right < self.judged

    @property
    def is_nearly_always_right(self) -> bool:
        return 10 * self.right >= 9 * self.judged


FEWEST = 4  # packages by which a kind of finding counts as measured
# What findings were worth on unread code (bench/UNREAD.md, "What evidence is worth"): by what stands behind the value,
# what that is held against, and what stands behind this. Counted once for each package and check.
WORTH: dict[tuple[Grade, str, Grade], Worth] = {
    (Grade.FACT, "backward", Grade.FACT): Worth(0, 2),
    (Grade.FACT, "comparison", Grade.FACT): Worth(2, 3),
    (Grade.FACT, "direction", Grade.FACT): Worth(5, 8),
    (Grade.FACT, "law", Grade.FACT): Worth(0, 2),
    (Grade.FACT, "name", Grade.NAME): Worth(35, 39),
    (Grade.FACT, "parameter", Grade.FACT): Worth(0, 1),
    (Grade.FACT, "setting", Grade.FACT): Worth(1, 1),
    (Grade.FACT, "sibling", Grade.FACT): Worth(3, 3),
    (Grade.FACT, "term", Grade.FACT): Worth(1, 1),
    (Grade.FACT, "term", Grade.ROLES): Worth(0, 1),
    (Grade.FACT, "term", Grade.NAME): Worth(1, 2),
    (Grade.FACT, "update", Grade.FACT): Worth(0, 1),
    (Grade.ROLES, "backward", Grade.FACT): Worth(0, 1),
    (Grade.ROLES, "comparison", Grade.FACT): Worth(0, 1),
    (Grade.ROLES, "direction", Grade.FACT): Worth(1, 2),
    (Grade.ROLES, "law", Grade.FACT): Worth(0, 4),
    (Grade.ROLES, "name", Grade.NAME): Worth(6, 6),
    (Grade.ROLES, "term", Grade.FACT): Worth(1, 4),
    (Grade.ROLES, "term", Grade.ROLES): Worth(1, 1),
    (Grade.NAMES, "backward", Grade.FACT): Worth(0, 1),
    (Grade.NAMES, "comparison", Grade.FACT): Worth(0, 1),
    (Grade.NAMES, "direction", Grade.FACT): Worth(0, 1),
    (Grade.NAMES, "name", Grade.NAME): Worth(0, 3),
    (Grade.NAMES, "term", Grade.FACT): Worth(0, 1),
    (Grade.NAMES, "update", Grade.FACT): Worth(0, 1),
    (Grade.SIGNED, "name", Grade.NAMES): Worth(0, 1),
    (Grade.SIGNED, "name", Grade.NAME): Worth(7, 13),
    (Grade.NAME, "comparison", Grade.FACT): Worth(0, 5),
    (Grade.NAME, "direction", Grade.FACT): Worth(1, 3),
    (Grade.NAME, "name", Grade.NAMES): Worth(3, 5),
    (Grade.NAME, "name", Grade.NAME): Worth(6, 25),
    (Grade.NAME, "setting", Grade.FACT): Worth(3, 4),
    (Grade.NAME, "sibling", Grade.FACT): Worth(0, 1),
    (Grade.NAME, "term", Grade.ROLES): Worth(1, 4),
    (Grade.NAME, "term", Grade.NAMES): Worth(1, 1),
    (Grade.NAME, "update", Grade.FACT): Worth(0, 2),
}


def confidence(value: Support, what: str, against: Support) -> Confidence:
    """How sure a finding is that holds ``value`` against ``what``, by what such findings were worth.

    What was wrong in more packages than it was right is possible only, and so is what rests on less than that. One name
    against one name never is more, also with a sign in front of it. Where too little was measured, it is likely; two
    facts are certain unless measured otherwise.
    """
    for grade in _ORDER[: _ORDER.index(value.grade) + 1]:
        worth = WORTH.get((grade, what, against.grade))
        if worth is not None and worth.is_mostly_wrong:
            return Confidence.POSSIBLE
    if value.grade in (Grade.SIGNED, Grade.NAME) and against.grade is Grade.NAME:
        return Confidence.POSSIBLE
    worth = WORTH.get((value.grade, what, against.grade))
    if value.grade is against.grade is Grade.FACT and (worth is None or worth.is_nearly_always_right):
        return Confidence.CERTAIN
    return Confidence.LIKELY


_ORDER = list(Grade)  # the strongest first


# --- settling ------------------------------------------------------------------------------------

Seen = TypeVar("Seen")
Known = Mapping[int, Basis]  # by the node that gave a term its sense, on what that rests


def settle(
    seen: Sequence[Seen],
    place: Callable[[Seen], Hashable | None],
    known: Callable[[Seen], Known],
    context: Callable[[Seen], Context],
) -> list[Seen]:
    """The observations without those that a better founded one of the same place stands for; the order is kept.

    A function is entered alone, where its arguments are not known, and by its callers. Of what is seen at one place

    - what is only claimed of a node gives way where a fact is known about the same node, and another observation of the
      place has it;
    - what is seen with the function entered alone gives way to what a caller shows, if that rests on more.

    Facts that differ between contexts stay apart. ``place`` is None for what is not settled.
    """
    facts = {node for o in seen for node, basis in known(o).items() if basis.is_fact}
    groups: dict[Hashable, list[Seen]] = defaultdict(list)
    for o in seen:
        at = place(o)
        if at is not None:
            groups[at].append(o)
    dropped = {id(o) for group in groups.values() if len(group) > 1 for o in _poorer(group, facts, known, context)}
    return [o for o in seen if id(o) not in dropped]


def _poorer(
    group: Sequence[Seen], facts: set[int], known: Callable[[Seen], Known], context: Callable[[Seen], Context]
) -> Iterator[Seen]:
    """Those of one place that a better founded one stands for; in one pass, since a long row has thousands."""
    counted = [(o, known(o), context(o)) for o in group]
    claimed = [_claimed(bases, facts) for _, bases, _ in counted]
    fewest = min(claimed)
    yield from (o for o, n in zip(group, claimed) if n > fewest)
    left = [c for c, n in zip(counted, claimed) if n == fewest]
    best = _best([(bases, route) for _, bases, route in left])
    for o, bases, route in left:
        rests = weakest(bases.values())
        if route and not rests.is_fact and best.get(_entry(route), rests.rank) < rests.rank:
            yield o


def _best(known: Sequence[tuple[Known, Context]]) -> dict[tuple[int, Context], int]:
    """The rank of the strongest basis, by the entry point that the last calls go through, and those calls."""
    depths = {len(route) for _, route in known} - {0}
    best: dict[tuple[int, Context], int] = {}
    for bases, route in known:
        rank = weakest(bases.values()).rank
        for depth in depths if bases else ():
            if depth < len(route):
                last = _entry(route[len(route) - depth :])
                best[last] = min(rank, best.get(last, rank))
    return best


def _entry(route: Context) -> tuple[int, Context]:
    """The function that was entered, wherever it was called from, and the calls from there on."""
    return route[0][0], route[1:]


def _claimed(known: Known, facts: set[int]) -> int:
    """How many nodes are only claimed here and known for a fact elsewhere."""
    return sum(node in facts and not basis.is_fact for node, basis in known.items())
