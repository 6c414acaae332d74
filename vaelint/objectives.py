"""What a file optimises, from the events of its inference: each place once, with its terms and a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vaelint.checks import Candidate, actors, duals
from vaelint.checks.critics import agreeing
from vaelint.finding import ObjectiveReport, ObjectiveTerm, Status, Step
from vaelint.infer.events import Event, Optimised
from vaelint.infer.optimising.sinks import NO_OPTIMIZER, TAKEN_UP
from vaelint.infer.quantities.algebra import named, overall
from vaelint.infer.run import Inference
from vaelint.infer.values import Quantity, Term
from vaelint.knowledge import Knowledge
from vaelint.sense import Direction, Sense
from vaelint.source.file import SourceFile

ORDER = {Status.WRONG: 0, Status.CONSISTENT: 1, Status.UNRESOLVED: 2}


class Places:
    """Where nodes stand: in the file examined, or in one that it led to."""

    def __init__(self, source: SourceFile, inference: Inference) -> None:
        self._own, self._program = source, inference.program

    def is_own(self, node: int) -> bool:
        return self._own.holds(node)

    def source(self, node: int) -> SourceFile:
        found = None if self._own.holds(node) or self._program is None else self._program.source_of(node)
        return found if found is not None else self._own

    def steps(self, steps: Iterable[tuple[int, str]]) -> tuple[Step, ...]:
        return tuple(Step(self.source(n).name, self.source(n).locate(n), message) for n, message in steps)


def listed(
    places: Places, events: Sequence[Event], wrong: list[Candidate], knowledge: Knowledge, traces: bool
) -> Iterable[tuple[str, ObjectiveReport]]:
    """Each place of optimisation once, as the best resolved of the ways it was reached, with the file it is in.

    It is wrong if a finding about signs is about it, or about a term of it. What was not resolved in another file is
    that file's own affair. With ``traces`` the terms say how they got their sense.
    """
    about = {c.optimised for c in wrong}
    terms = frozenset(m for c in wrong for m in c.made)
    best: dict[int, tuple[Status, Optimised]] = {}
    games = agreeing(events)
    nothing: set[int] = set()  # places that, reached one way, are seen to optimise nothing
    for event in events:
        if not isinstance(event, Optimised) or event.node < 0:
            continue
        if not _is_objective(event, knowledge):
            nothing.add(event.node)
            continue
        hit = event.node in about or any(t.made in terms for t in event.quantity.terms if t.live)
        status = Status.WRONG if hit else _status(event, games, events)
        if status is Status.UNRESOLVED and not places.is_own(event.node):
            continue
        held = best.get(event.node)
        if held is None or ORDER[status] < ORDER[held[0]]:
            best[event.node] = (status, event)
    for node, (status, event) in sorted(best.items()):
        if status is Status.UNRESOLVED and node in nothing:
            continue
        yield places.source(node).absolute, _report(places, status, event, traces)


def _is_objective(event: Optimised, knowledge: Knowledge) -> bool:
    """Whether it optimises anything: ``out.sum().backward()`` where nobody steps checks a gradient, or maps it.

    What is known to have a sense, or is named as if it had one, is kept: its optimiser may be elsewhere. Of nothing
    but an output, squared (``out.square().mean()``), the gradient is checked or timed;
    one that a test takes and hands to nothing is compared.
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
    return any(knowledge.claim(label.lstrip("-").rsplit(".", 1)[-1]) is not None for label in _labels(q))


def _is_of_output(t: Term) -> bool:
    return t.meaning.sense is Sense.NONE or (t.meaning.kind == "penalty" and t.meaning.is_evidence)


def _labels(q: Quantity) -> list[str]:
    return [q.label, *(t.label for t in q.terms)]


def _plays(event: Optimised, games: frozenset[tuple[int, str]]) -> bool:
    """Whether its terms are the scores of a game in order, beside others that go the way they should at most."""
    live = [t for t in event.quantity.terms if t.live and t.meaning.sense is not Sense.NONE]
    scores = [t for t in live if (event.node, t.label) in games]
    others = [t for t in live if t not in scores]
    return bool(scores) and all(t.gradient_sense is event.direction.wants for t in others)


def _status(event: Optimised, games: frozenset[tuple[int, str]], events: Sequence[Event]) -> Status:
    if games and _plays(event, games):
        return Status.CONSISTENT
    if event.meant or actors.in_order(event) or duals.in_order(event, events):
        return Status.CONSISTENT
    sense = overall(event.quantity, gradient=True).sense
    return Status.CONSISTENT if sense.directed and sense is event.direction.wants else Status.UNRESOLVED


def _report(places: Places, status: Status, event: Optimised, traces: bool) -> ObjectiveReport:
    verdict = overall(event.quantity, gradient=True)
    reason = _reason(event) if status is Status.UNRESOLVED else ""
    terms = tuple(
        ObjectiveTerm(
            t.sign * t.grad_sign,
            named(event.quantity, t),
            t.meaning.sense,
            t.meaning.kind,
            places.steps(_story(t)) if traces else (),
        )
        for t in event.quantity.terms
        if t.live or t.meaning.sense is not Sense.NONE
    )
    source = places.source(event.node)
    at = source.locate(event.node)
    return ObjectiveReport(
        source.name, at, event.function, event.direction, verdict.sense, status, terms, reason, event.via
    )


def _reason(event: Optimised) -> str:
    verdict = overall(event.quantity, gradient=True)
    if verdict.reason and event.reason:
        return f"{event.reason}; {verdict.reason}"
    if verdict.reason or event.reason:
        return verdict.reason or event.reason
    if verdict.sense.directed:
        return "it goes against its direction: by names alone, or in a game or an attack that may mean it"
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
