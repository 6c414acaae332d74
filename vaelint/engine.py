"""From paths to a result: the one place where all floors meet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from vaelint import suppress
from vaelint.checks import Candidate, all_checks
from vaelint.config import Config
from vaelint.finding import Edit, Finding, Fix, Location, ObjectiveReport, ObjectiveTerm, Problem, Result, Status, Step
from vaelint.infer.algebra import overall
from vaelint.infer.events import Event, Optimised
from vaelint.infer.run import infer
from vaelint.knowledge import Knowledge, load
from vaelint.sense import Sense
from vaelint.source import file as source_file
from vaelint.source.discover import discover
from vaelint.source.file import SourceError, SourceFile
from vaelint.source.operators import sign_before


def analyse(
    paths: Sequence[Path], config: Config, *, root: Path | None = None, stdin: tuple[str, str] | None = None
) -> Result:
    """Analyse files and folders. ``stdin`` is (file name, text) and stands in for reading that file."""
    knowledge = load(tuple(config.extend_rules))
    result = Result()
    if stdin is not None:
        _analyse_file(Path(stdin[0]), stdin[1], knowledge, config, result)
        return result
    found = discover(list(paths), config.exclude, root)
    result.problems += found.problems
    for part in _each(found.files, config):
        result.files += part.files
        result.findings += part.findings
        result.objectives += part.objectives
        result.problems += part.problems
    return result


FEW = 64  # files below which starting processes costs more than it saves


def _each(files: Sequence[Path], config: Config) -> Iterator[Result]:
    """Results in the order of the files, from as many processes as there are processors."""
    workers = min(os.cpu_count() or 1, 16)
    if len(files) < FEW or workers == 1:
        yield from (_one(config, path) for path in files)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(_one, config), files, chunksize=8)


def _one(config: Config, path: Path) -> Result:
    result = Result()
    _analyse_file(path, None, load(tuple(config.extend_rules)), config, result)
    return result


def _shown(path: Path) -> str:
    """The path as a user reads it: relative to where they are, if it lies below."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _analyse_file(path: Path, text: str | None, knowledge: Knowledge, config: Config, result: Result) -> None:
    result.files += 1
    try:
        source = source_file.load(path, _shown(path), text)
    except SourceError as error:
        result.problems.append(error.problem)
        return
    events = infer(source, knowledge)
    candidates = _once(_candidates(events, config))
    found = [_finding(source, c) for c in candidates]
    findings = sorted(
        {(f.location.cell, f.location.row, f.location.column, f.code): f for f in found}.values(),
        key=lambda f: (f.location.cell or 0, f.location, f.code),
    )
    comments = source.directives() if findings or "vaelint:" in source.text else []
    active = {c.code for c in all_checks() if config.enables(c.code)}
    kept, unused = suppress.apply(findings, {source.name: comments}, active=active)
    result.findings += [f for f in kept if config.keeps(f)]
    result.objectives += _objectives(source, events, [c for c in candidates if c.code[:3] in ("VL1", "VL2", "VL4")])
    result.problems += [*source.problems, *unused]


# --- findings ------------------------------------------------------------------------------------


def _candidates(events: Sequence[Event], config: Config) -> list[Candidate]:
    out: list[Candidate] = []
    checks = [c for c in all_checks() if config.enables(c.code)]
    for event in events:
        for check in checks:
            out += check.decide(event)
    for check in checks:
        out += check.compare(events)
    return out


# What is wrong with a formula itself is the cause of whatever is wrong with what is made of it.
_RANK = {"VL4": 0, "VL2": 1, "VL1": 2, "VL3": 3}


def _once(candidates: list[Candidate]) -> list[Candidate]:
    """One mistake, one finding: signs before names, the earliest place first.

    After a report its terms count as repaired: a candidate about nothing but terms already reported says nothing new.
    """
    kept: list[Candidate] = []
    reported: set[int] = set()
    for c in sorted(candidates, key=lambda c: (_RANK.get(c.code[:3], 4), c.node)):
        if c.made and c.made <= reported:
            continue
        reported |= c.made
        kept.append(c)
    return kept


def _finding(source: SourceFile, c: Candidate) -> Finding:
    check = next(x for x in all_checks() if x.code == c.code)
    steps = tuple(Step(source.name, source.locate(node), message) for node, message in c.steps)
    location = source.locate(c.node)
    fix = _turned(source, c, location) if c.turn else None
    return Finding(c.code, check.name, c.message, source.name, location, c.confidence, c.help, steps, fix)


def _turned(source: SourceFile, c: Candidate, location: Location) -> Fix | None:
    """The fix that turns the sign in front of a term, where that sign is plain to see."""
    was, becomes = c.turn[0], c.turn[1]
    at = sign_before(source.text, location, was)
    return Fix(f"turn `{was}` into `{becomes}`", (Edit(at, becomes),)) if at is not None else None


# --- objectives ----------------------------------------------------------------------------------

_ORDER = {Status.WRONG: 0, Status.CONSISTENT: 1, Status.UNRESOLVED: 2}


def _objectives(source: SourceFile, events: Iterable[Event], wrong: list[Candidate]) -> list[ObjectiveReport]:
    """Each place of optimisation once, as the best resolved of the ways it was reached.

    It is wrong if a finding about signs is about it, or about a term of it.
    """
    places = {c.optimised for c in wrong}
    terms = frozenset(m for c in wrong for m in c.made)
    best: dict[int, tuple[Status, Optimised]] = {}
    for event in events:
        if not isinstance(event, Optimised) or event.node < 0:
            continue
        hit = event.node in places or any(t.made in terms for t in event.quantity.terms if t.live)
        status = Status.WRONG if hit else _status(event)
        held = best.get(event.node)
        if held is None or _ORDER[status] < _ORDER[held[0]]:
            best[event.node] = (status, event)
    return [_report(source, status, event) for _, (status, event) in sorted(best.items())]


def _status(event: Optimised) -> Status:
    sense = overall(event.quantity, gradient=True).sense
    return Status.CONSISTENT if sense.directed and sense is event.direction.wants else Status.UNRESOLVED


def _report(source: SourceFile, status: Status, event: Optimised) -> ObjectiveReport:
    verdict = overall(event.quantity, gradient=True)
    reason = ""
    if status is Status.UNRESOLVED:
        reason = event.reason or verdict.reason
        if not reason and verdict.sense.directed:
            reason = "it goes against its direction: by names alone, or in a game or an attack that may mean it"
        if not reason:
            reason = "its terms are a contrast, without a direction of their own"
    terms = tuple(
        ObjectiveTerm(t.sign * t.grad_sign, t.label, t.meaning.sense, t.meaning.kind)
        for t in event.quantity.terms
        if t.live or t.meaning.sense is not Sense.NONE
    )
    location = source.locate(event.node)
    return ObjectiveReport(source.name, location, event.function, event.direction, verdict.sense, status, terms, reason)


__all__ = ["Problem", "analyse"]
