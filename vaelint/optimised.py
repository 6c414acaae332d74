"""What a file optimises, from the events of its inference: each place once, with its terms and a verdict."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from vaelint import ir
from vaelint.checks import Candidate
from vaelint.checks.games import agreeing, is_multiplier_in_order
from vaelint.checks.objective import is_actor_in_order
from vaelint.evidence import Basis
from vaelint.finding import Cause, ObjectiveReport, ObjectiveTerm, Status, Step
from vaelint.infer.events import Event, Optimised
from vaelint.infer.expression import last_word, unsigned
from vaelint.infer.optimising import critics
from vaelint.infer.optimising.sinks import NO_OPTIMIZER, TAKEN_UP
from vaelint.infer.quantities.algebra import named, overall
from vaelint.infer.quantities.policies import TEMPERATURE
from vaelint.infer.run import Inference
from vaelint.infer.values import Quantity, Term
from vaelint.knowledge import Knowledge
from vaelint.sense import Direction, Sense
from vaelint.source.file import SourceFile, number_in_file

# Which of the ways that an objective is reached by is shown.
ORDER = {
    Status.WRONG: 0,
    Status.INTENDED: 1,
    Status.CONSISTENT: 2,
    Status.BY_NAME: 3,
    Status.UNRESOLVED: 4,
}

Order = tuple[bool, str, int]  # whether it is in another file, which, and where in it


class Places:
    """Where nodes stand: in the file examined, or in one that it led to."""

    def __init__(self, source: SourceFile, inference: Inference) -> None:
        self._own, self._program = source, inference.program

    def is_own(self, node: int) -> bool:
        return self._own.holds(node)

    def source(self, node: int) -> SourceFile:
        found = None if self._own.holds(node) or self._program is None else self._program.source_of(node)
        return found if found is not None else self._own

    def order(self, node: int) -> Order:
        """By what nodes are put in order, wherever they are: their numbers say which file was opened first."""
        if node < 0:
            return False, "", node
        return not self.is_own(node), self.source(node).absolute, number_in_file(node)

    def steps(self, steps: Iterable[tuple[int, str]]) -> tuple[Step, ...]:
        return tuple(Step(self.source(n).name, self.source(n).locate(n), message) for n, message in steps)


def listed(
    places: Places, events: Sequence[Event], wrong: list[Candidate], knowledge: Knowledge, traces: bool
) -> Iterable[tuple[str, ObjectiveReport]]:
    """Each objective once, as the worst of the ways it was reached, with the file it is in.

    Objectives that reach an optimiser at one place, by a helper's row, are apart where their terms are. It is wrong if
    a finding about signs is about it, or about a term of it. What was not resolved in another file is that file's own
    affair. With ``traces`` the terms say how they got their sense.
    """
    about = _About(places, wrong)
    best: dict[tuple[int, frozenset[int]], tuple[Status, Optimised, list[Candidate]]] = {}
    games, valuing = agreeing(events), critics.fitted(events)
    nothing: set[int] = set()  # places that, reached one way, are seen to optimise nothing
    for event in events:
        if not isinstance(event, Optimised) or event.node < 0:
            continue
        causes = about.found(event)
        if not causes and not _is_objective(event, knowledge):
            nothing.add(event.node)
            continue
        status = Status.WRONG if causes else _status(event, games, valuing, events)
        if status is Status.UNRESOLVED and not places.is_own(event.node):
            continue
        whole = event.quantity if event.joined is None else event.joined
        which = (event.node, frozenset(t.made for t in whole.terms))
        held = best.get(which)
        if event.joined is not None and event.quantity is not whole and status is not Status.WRONG:
            continue  # on this way nothing is wrong: what the ways have in common says how much is known
        # Of a wrong one the way is shown on which it is.
        shown = held is not None and held[0] is status is Status.WRONG and held[1].joined is None
        if held is None or ORDER[status] < ORDER[held[0]] or (shown and event.joined is not None):
            best[which] = (status, event, causes)

    def order(which: tuple[int, frozenset[int]]) -> tuple[Order, list[Order]]:
        node, made = which
        return places.order(node), sorted(map(places.order, made))

    for node, made in sorted(best, key=order):
        status, event, causes = best[node, made]
        if status is Status.UNRESOLVED and node in nothing:
            continue
        yield places.source(node).absolute, _report(places, status, event, causes, traces)


_Place = tuple[tuple[int, int], tuple[int, int], int]  # begin, end, number of the finding


class _About:
    """Which findings are about an objective: about the whole, about a term, or within what a term is made of."""

    def __init__(self, places: Places, wrong: list[Candidate]) -> None:
        self._places, self._wrong = places, wrong
        self._by_term: dict[int, list[int]] = defaultdict(list)
        for i, c in enumerate(wrong):
            for made in c.made:
                self._by_term[made].append(i)

    def found(self, event: Optimised) -> list[Candidate]:
        terms = {m for t in event.quantity.terms if t.live for m in (t.made, *t.over)}
        whole = {t.made for t in event.joined.terms} if event.joined is not None else set()
        about = {i for made in terms | whole for i in self._by_term.get(made, ())}
        about.update(*map(self._within, terms))
        return [self._wrong[i] for i in sorted(about)]

    def _within(self, made: int) -> Iterator[int]:
        """The findings whose place is part of an expression that gave a term its sense."""
        if made < 0 or not self._by_file:
            return
        source = self._places.source(made)
        if source.absolute not in self._by_file:
            return
        whole = source.locate(made)
        first, last = (whole.row, whole.column), (whole.end_row, whole.end_column)
        begun = self._by_file[source.absolute].get(whole.cell, [])
        for begin, end, i in begun[bisect_left(begun, (first, (0, 0), 0)) :]:
            if begin > last:
                return
            if end <= last:
                yield i

    @cached_property
    def _by_file(self) -> dict[str, dict[int | None, list[_Place]]]:
        """Where the findings are, by file and cell, in order."""
        out: dict[str, dict[int | None, list[_Place]]] = {}
        for i, c in enumerate(self._wrong):
            source = self._places.source(c.node)
            at = source.locate(c.node)
            of_cell = out.setdefault(source.absolute, {}).setdefault(at.cell, [])
            of_cell.append(((at.row, at.column), (at.end_row, at.end_column), i))
        for of_file in out.values():
            for of_cell in of_file.values():
                of_cell.sort()
        return out


def _is_objective(event: Optimised, knowledge: Knowledge) -> bool:
    """Whether it optimises anything: ``out.sum().backward()`` where nobody steps checks a gradient, or maps it.

    What is known to have a sense, or is named as if it had one, is kept: its optimiser may be elsewhere. Of nothing
    but an output, squared (``out.square().mean()``), the gradient is checked or timed; one that a test takes and
    passes to nothing is compared.
    """
    if event.via == "gradient" and event.function.startswith("test_"):
        return False
    if event.direction is not Direction.UNKNOWN or event.reason not in (NO_OPTIMIZER, TAKEN_UP):
        return True
    q = event.quantity
    if event.reason == NO_OPTIMIZER and q.terms and all(map(_is_of_output, q.terms)):
        return False
    if any(t.meaning.sense.directed or t.meaning.kind for t in q.terms):
        return True
    return any(
        knowledge.claim(last_word(unsigned(e))) is not None for label in _labels(q) if (e := label.expr) is not None
    )


def _is_of_output(t: Term) -> bool:
    return t.meaning.sense is Sense.NONE or (t.meaning.kind == "penalty" and t.meaning.is_evidence)


def _labels(q: Quantity) -> list[ir.Written]:
    return [q.label, *(t.label for t in q.terms)]


def _plays(event: Optimised, games: frozenset[tuple[int, ir.Written]]) -> bool:
    """Whether its terms are the scores of a game in order, beside others that go the way they should at most."""
    live = [t for t in event.quantity.terms if t.live and (t.meaning.sense is not Sense.NONE or _is_unpicked(t))]
    scores = [t for t in live if (event.node, t.label) in games]
    others = [t for t in live if t not in scores]
    return bool(scores) and all(t.gradient_sense is event.direction.wants for t in others)


def _status(
    event: Optimised,
    games: frozenset[tuple[int, ir.Written]],
    valuing: frozenset[ir.Written],
    events: Sequence[Event],
) -> Status:
    """What is said of an objective that no finding is about."""
    wants = event.direction.wants
    verdict = overall(event.quantity, gradient=True, by_name=True)
    fits = verdict.sense.directed and verdict.sense is wants
    opens = _undecided(event.quantity)
    if fits and (verdict.basis.is_fact or _is_known(event)) and not opens and not _is_claimed(event):
        return Status.CONSISTENT
    if valuing and critics.are_raised(event, valuing):
        return Status.CONSISTENT
    if event.meant or (event.inputs and _is_attack(event)):
        return Status.INTENDED
    if games and _plays(event, games):
        return Status.INTENDED
    if (
        (fits and not opens and not _is_contradicted(event))
        or is_actor_in_order(event)
        or is_multiplier_in_order(event, events)
    ):
        return Status.BY_NAME
    return Status.UNRESOLVED


def _is_attack(event: Optimised) -> bool:
    """Whether an input is moved against what is to go its way, for a fact: on one of the ways that meet at least.

    One that is targeted raises the likelihood of its target, and else lowers that of the label.
    """
    verdicts = [overall(way, gradient=True) for way in event.quantity.ways or (event.quantity,)]
    known = all(v.basis.is_fact and v.sense.directed for v in verdicts)
    return known and any(v.sense is -event.direction.wants for v in verdicts)


def _is_known(event: Optimised) -> bool:
    """Whether which way each of its terms goes is a fact, where names say at most what they are."""
    directed = [t for t in event.quantity.terms if t.live and t.meaning.sense.directed]
    return bool(directed) and all(t.meaning.basis.is_fact or _is_met(t, event) for t in directed)


def _is_met(t: Term, event: Optimised) -> bool:
    """The square of a difference is least where its two sides meet, whichever of them is the target of the other.

    What weighs an entropy, and is moved alone, is its temperature, whatever it is called.
    """
    if t.meaning.kind == TEMPERATURE:
        return t.meaning.roles[0].is_fact and bool(event.mover.alone)
    return t.meaning.kind == "error" and Basis.STRUCTURE in t.meaning.roles


def _is_claimed(event: Optimised) -> bool:
    """Whether anything in an objective, or its direction, is known by a claim alone.

    Of a term without a direction of its own, too: with its sign flipped it would say the same.
    """
    claimed = any(t.live and t.meaning.basis.is_claim and not _is_met(t, event) for t in event.quantity.terms)
    return claimed or _is_left_open(event.quantity) or not event.direction_basis.is_fact


def _is_unpicked(t: Term) -> bool:
    """A log-probability of which no label says that it is to be raised: that it is, is a convention."""
    return t.meaning.kind == "log_probability" and t.meaning.sense is Sense.NONE


def _is_left_open(q: Quantity) -> bool:
    """Whether there are such, and no log-densities that go their way: the log-weights of a mixture go with these."""
    live = [t for t in q.terms if t.live]
    open_ = {t.sign * t.grad_sign for t in live if _is_unpicked(t)}
    known = (t for t in live if t.meaning.kind == "log_density" and t.meaning.basis.is_fact)
    return bool(open_ - {1 if t.gradient_sense is Sense.GAIN else -1 for t in known})


def _is_contradicted(event: Optimised) -> bool:
    """Whether what only a name says of the whole is otherwise, for a fact, on one of the ways that lead there."""
    verdicts = [overall(way, gradient=True) for way in event.quantity.ways]
    return any(v.is_evidence and v.sense is -event.direction.wants for v in verdicts)


def _undecided(q: Quantity) -> list[Term]:
    """Terms that are wanted up or down by context (entropies): beside a policy's surrogate their sign is judged."""
    if any(t.meaning.kind == "surrogate" and t.meaning.is_evidence for t in q.terms):
        return []
    return [t for t in q.terms if t.live and t.meaning.sense is Sense.UNKNOWN and t.meaning.kind]


def _report(places: Places, status: Status, event: Optimised, causes: list[Candidate], traces: bool) -> ObjectiveReport:
    verdict = overall(event.quantity, gradient=True)
    reason = _reason(event) if status is Status.UNRESOLVED else verdict.reason if status is Status.BY_NAME else ""
    terms = tuple(
        ObjectiveTerm(
            t.sign * t.grad_sign,
            str(named(event.quantity, t)),
            t.meaning.sense,
            t.meaning.kind,
            places.steps(_story(t)) if traces else (),
            # What is consistent is known by its structure where a name alone says what it is.
            Basis.STRUCTURE if status is Status.CONSISTENT and t.meaning.basis.is_claim else t.meaning.basis,
        )
        for t in event.quantity.terms
        if t.live or t.meaning.sense is not Sense.NONE
    )
    source = places.source(event.node)
    assumed = dict.fromkeys(a for t in event.quantity.terms if t.live for a in t.assumed)
    return ObjectiveReport(
        source.name,
        source.locate(event.node),
        event.function,
        event.direction,
        verdict.sense,
        status,
        terms,
        reason,
        event.via,
        event.direction_basis if event.direction.wants.directed else Basis.NONE,
        (*assumed, *((event.assumed,) if event.assumed else ())),
        tuple(Cause(c.code, places.source(c.node).name, places.source(c.node).locate(c.node)) for c in causes),
    )


def _reason(event: Optimised) -> str:
    verdict = overall(event.quantity, gradient=True)
    if verdict.reason and event.reason:
        return f"{event.reason}; {verdict.reason}"
    if verdict.reason or event.reason:
        return verdict.reason or event.reason
    opens = _undecided(event.quantity)
    if opens and verdict.sense is event.direction.wants:
        return f"`{opens[0].label}` is wanted up or down by context"
    if verdict.sense.directed:
        return "it goes against its direction, but only by names, or in a game or an attack that may do so on purpose"
    if any(t.meaning.sense.directed for t in event.quantity.terms):
        return "its terms are a contrast, without a direction of their own"
    return "nothing in it has a direction of its own"


def _story(t: Term) -> list[tuple[int, str]]:
    """How a term got its sense, or where it could not be told, oldest first."""
    steps = [(t.made, t.why)] if t.why and t.made >= 0 else []
    steps += [s for s in (t.trace.steps() if t.trace else ()) if s[0] >= 0]
    if not steps and max(t.made, t.node) >= 0:
        steps = [
            (
                t.made if t.made >= 0 else t.node,
                f"`{t.label}` has no direction" if t.meaning.sense is Sense.NONE else f"`{t.label}` is not resolved",
            )
        ]
    return list(dict.fromkeys(steps))
