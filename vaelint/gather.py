"""Brings together what the examinations of several files show: one mistake is one finding.

A finding belongs to the file that a person would edit. It is shown where that file was passed, or one that the finding
concerns: where the value is optimised. What is shown of a file does not depend on the others that were passed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from vaelint import suppress
from vaelint.checks import all_checks
from vaelint.config import Config, Configured
from vaelint.examine import Found, Part, rank
from vaelint.finding import Cause, Confidence, Finding, Hidden, Location, ObjectiveReport, Related, Result, Status
from vaelint.optimised import ORDER
from vaelint.records import record
from vaelint.remarks import INTERNAL, SYNTAX, remark
from vaelint.source.file import absolute
from vaelint.source.project import Project

Key = tuple[str, str, Location]  # by which a finding is found again: code, file (absolute), place


def further(parts: Iterable[Part], asked: Collection[str], project: Project) -> list[str]:
    """The files besides that have to be examined: those to edit for what concerns the passed ones, and their importers.

    So a finding is brought together from the same examinations, whichever of the files it concerns was passed.
    """
    others = sorted(_to_edit(parts, asked) - {*asked})
    return list(dict.fromkeys(x for home in others for x in (home, *project.importers(home))))


def _to_edit(parts: Iterable[Part], asked: Collection[str]) -> set[str]:
    """The files with mistakes that concern the passed ones."""
    out: set[str] = set()
    for part in parts:
        own = part.path in asked
        out |= {f.home for f in part.findings if own or not f.concerns.isdisjoint(asked)}
        out |= {absolute(Path(c.filename)) for home, r in part.objectives if own or home in asked for c in r.causes}
    return out


def gather(parts: Sequence[Part], asked: Sequence[str], project: Project, config: Configured, result: Result) -> None:
    """Put into ``result`` what there is to be shown of the files ``asked`` (absolute paths), in their order."""
    by_path = {part.path: part for part in parts}
    homes = {*asked, *(x for x in _to_edit(parts, set(asked)) if x in by_path)}
    near = _Near(project)
    mistakes = _Mistakes(parts, homes, set(asked), near, config)
    objectives = _objectives(parts, asked, near)
    for o in objectives:
        for mistake in mistakes.of_causes(o.report):
            if o.seen_from not in (mistake.home, *mistake.concerns):
                mistake.concerns.add(o.seen_from)
                there = Related(o.report.filename, o.report.location, "optimised here")
                mistake.finding = _with(mistake.finding, there)
    for home in homes:
        _hide(mistakes.at(home), by_path[home], home in asked, config.of(home))
    result.min_confidence = config.main.min_confidence
    shown: set[int] = set()
    outside = [m for home in sorted(homes - {*asked}) for m in mistakes.at(home)]
    for path in asked:
        led_to = [m for m in outside if path in m.concerns]
        for m in (*mistakes.at(path), *led_to):
            if id(m) not in shown:
                shown.add(id(m))
                (result.findings if m.finding.hidden is None else result.hidden).append(m.finding)
        result.elsewhere |= {m.finding.filename for m in led_to}
        result.problems += by_path[path].problems
        result.files += by_path[path].counts
    result.objectives += [_settled(o.report, mistakes) for o in objectives]


class _Near:
    """Whose examinations count for a file: its own, and those of the files that import it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._of: dict[str, tuple[str, ...]] = {}

    def __call__(self, home: str) -> tuple[str, ...]:
        if home not in self._of:
            self._of[home] = (home, *self._project.importers(home))
        return self._of[home]


# --- findings ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Mistake:
    """A finding that may have been shown in several ways, with the files that it concerns besides its own."""

    home: str
    finding: Finding
    concerns: set[str] = field(default_factory=set)


class _Mistakes:
    """All mistakes of some files, and what became of each finding by which an objective may be wrong.

    What is not selected, or below the confidence asked for, does not change what is shown; it is kept for the verdicts.
    """

    def __init__(
        self, parts: Sequence[Part], homes: Collection[str], asked: Collection[str], near: _Near, config: Configured
    ) -> None:
        self._config = config
        self._shown = _Selection(parts, homes, asked, near, lambda f: self._shows(f.home, f.finding))
        self._all = _Selection(parts, homes, asked, near, lambda f: True)
        self._at = {
            home: sorted(
                [
                    *self._shown.at.get(home, ()),
                    *(m for m in self._all.at.get(home, ()) if not self._shows(home, m.finding)),
                ],
                key=lambda m: _order(m.finding),
            )
            for home in homes
        }

    def _shows(self, home: str, f: Finding) -> bool:
        return _hidden(f, self._config.of(home)) is None

    def at(self, home: str) -> list[Mistake]:
        return self._at[home]

    def of_causes(self, report: ObjectiveReport) -> list[Mistake]:
        """Those by which an objective is wrong, each once."""
        found = [m for c in report.causes for m in self._of(c)]
        return list({id(m): m for m in found}.values())

    def _of(self, cause: Cause) -> list[Mistake]:
        key = (cause.code, absolute(Path(cause.filename)), cause.location)
        shown = self._shown.became(key)
        if shown:
            return shown
        every = self._all.became(key)
        kept = [m for m in every if not self._shows(m.home, m.finding)]
        return kept or [x for m in every for x in self._shown.became(_key(m.home, m.finding))]


class _Selection:
    """The mistakes of some files, as the findings that ``takes`` lets in make them."""

    def __init__(
        self,
        parts: Sequence[Part],
        homes: Collection[str],
        asked: Collection[str],
        near: _Near,
        takes: Callable[[Found], bool],
    ) -> None:
        self.at: dict[str, list[Mistake]] = {}
        self._asked, self._near = asked, near
        self._instead: dict[Key, list[Key]] = {}  # for a finding that is not reported, those that are
        self._by_key: dict[Key, Mistake] = {}
        found = [(part.path, f) for part in parts for f in part.findings if takes(f)]
        first = _first_about(found)
        names = {part.path: part.name for part in parts}
        by_home: dict[str, list[tuple[str, Found]]] = {}
        for path, f in found:
            if f.home not in homes or not self._counts(path, f):
                continue
            better = [_better(first, near(f.home), place, f) for place in f.about]
            if better and all(x is not None for x in better):
                self._instead.setdefault(_key_of(f), []).extend(_key_of(x) for x in better if x is not None)
                continue
            # A file that was passed is called as its user calls it.
            called = replace(f, finding=replace(f.finding, filename=names.get(f.home, f.finding.filename)))
            by_home.setdefault(f.home, []).append((path, called))
        for home, those in by_home.items():
            self.at[home] = self._merged(home, those)

    def _counts(self, path: str, f: Found) -> bool:
        """Whether the examination of ``path`` is heard about the file of a finding."""
        return path in self._near(f.home) or path in self._asked or not f.concerns.isdisjoint(self._asked)

    def _merged(self, home: str, those: Sequence[tuple[str, Found]]) -> list[Mistake]:
        """One line, one mistake: the file itself has the first word, then what leads an optimiser there."""
        own = [(path, f) for path, f in those if path == home]
        others = [(path, f) for path, f in those if path != home]
        others.sort(key=lambda x: (rank(x[1].finding.code), x[0], x[1].finding.code))
        by_itself = {place for _, f in own for place in f.about}
        rows: dict[tuple[int | None, int], list[Mistake]] = {}
        for path, f in (*own, *others):
            concerns = set(f.concerns)
            alone = path in self._asked and path not in self._near(home)
            if alone and f.reached is not None and not (f.about and f.about <= by_itself):
                concerns.add(path)  # without it nobody would see the mistake
                if path not in f.concerns:
                    f = replace(f, finding=_with(f.finding, f.reached))
            at = f.finding.location
            there = rows.setdefault((at.cell, at.row), [])
            mistake = next((m for m in there if _key(home, m.finding) == _key_of(f)), None)
            if mistake is None and path != home:
                mistake = next(iter(there), None)
            if mistake is None:
                mistake = Mistake(home, f.finding)
                there.append(mistake)
            else:
                mistake.finding = _joined(mistake.finding, f.finding)
            mistake.concerns |= concerns
            self._by_key[_key_of(f)] = mistake
        return [m for there in rows.values() for m in there]

    def became(self, key: Key) -> list[Mistake]:
        """The mistakes that a finding is part of, or that were reported for it."""
        out: list[Mistake] = []
        seen, open_ = {key}, [key]
        for k in open_:
            if k in self._by_key:
                out.append(self._by_key[k])
                continue
            fresh = [x for x in self._instead.get(k, ()) if x not in seen]
            seen.update(fresh)
            open_ += fresh
        return out


def _key(home: str, f: Finding) -> Key:
    return f.code, home, f.location


def _key_of(f: Found) -> Key:
    return _key(f.home, f.finding)


def _order(f: Finding) -> tuple[int, Location, str]:
    return f.location.cell or 0, f.location, f.code


About = dict[tuple[str, object], Found]  # by file and place: of the findings about it the one that comes first


def _first_about(found: Iterable[tuple[str, Found]]) -> About:
    first: About = {}
    for path, f in found:
        for place in f.about:
            held = first.get((path, place))
            if held is None or rank(f.finding.code) < rank(held.finding.code):
                first[path, place] = f
    return first


def _better(first: About, near: Iterable[str], place: object, f: Found) -> Found | None:
    """A finding about this place that comes before another, where there is one."""
    own = rank(f.finding.code)
    held = [first[path, place] for path in near if (path, place) in first]
    return next((x for x in held if rank(x.finding.code) < own), None)


def _joined(a: Finding, b: Finding) -> Finding:
    """One mistake that was shown in two ways: as the first, or as the one whose trace leads to an optimiser."""
    if (a.code, a.location) == (b.code, b.location) and b.related and not a.related:
        a = replace(b, confidence=min(a.confidence, b.confidence, key=list(Confidence).index))
    return _with(a, *b.related)


def _with(f: Finding, *related: Related) -> Finding:
    """A finding with further places that it concerns, each once."""
    return replace(f, related=tuple(dict.fromkeys((*f.related, *related))))


# --- what is shown -------------------------------------------------------------------------------


def enables(config: Config, code: str) -> bool:
    """Whether findings of a check are shown. That vaelint failed always is, broken syntax unless it is ignored."""
    if code == INTERNAL:
        return True
    return not config.ignores(code) if code == SYNTAX else config.enables(code)


def _hide(mistakes: list[Mistake], part: Part, is_asked: bool, config: Config) -> None:
    """Note of each finding of a file why it is not shown, if it is not; what is to be said of the file is added."""
    active = {c.code for c in all_checks() if enables(config, c.code)}
    by_key = {_key(m.home, m.finding): m for m in mistakes}
    found = [m.finding for m in mistakes]
    digests = {part.name: part.digest}
    parted = suppress.apply(found, {part.name: part.directives}, active=active, digests=digests)
    remarks = [*parted.complaints, *(remark(INTERNAL, p.filename, p.message) for p in part.problems if p.ours)]
    for f in (*parted.suppressed, *parted.kept, *remarks):
        why = Hidden.SUPPRESSED if f in parted.suppressed else _hidden(f, config)
        if why is None and not is_asked and config.excludes(part.path):
            why = Hidden.EXCLUDED  # a file that was passed leads there, and nobody wants to hear of it
        hidden = replace(f, hidden=why)
        held = by_key.get(_key(part.path, f))
        if held is not None:
            held.finding = hidden
        elif is_asked:
            mistakes.append(Mistake(part.path, hidden))
    mistakes.sort(key=lambda m: _order(m.finding))


def _hidden(f: Finding, config: Config) -> Hidden | None:
    if not enables(config, f.code):
        return Hidden.NOT_SELECTED
    return None if config.shows(f) else Hidden.BELOW_CONFIDENCE


# --- objectives ----------------------------------------------------------------------------------


@record(frozen=True, slots=True)
class Listed:
    """An objective with its file, and the file (passed, or its own) from which it was seen.

    ``alone``: seen by the examination of its own file, to which those that call it are strangers.
    """

    home: str
    report: ObjectiveReport
    seen_from: str
    alone: bool


def _objectives(parts: Iterable[Part], asked: Sequence[str], near: _Near) -> list[Listed]:
    """By file and row, of the ways that each was reached those that are resolved, else one that is not.

    Several that pass through one row, of a helper, are listed each; of a file that was not passed only what a passed
    one makes wrong.
    """
    at: dict[tuple[str, Location], list[Listed]] = {}
    passed = {*asked}
    by_itself = {
        (p.path, r.location) for p in parts for h, r in p.objectives if h == p.path and r.status is Status.WRONG
    }
    for part in parts:
        for home, report in part.objectives:
            if home in passed and part.path in near(home):
                at.setdefault((home, report.location), []).append(Listed(home, report, home, part.path == home))
            elif part.path in passed and report.status is Status.WRONG and (home, report.location) not in by_itself:
                at.setdefault((home, report.location), []).append(Listed(home, report, part.path, False))
    place = {path: i for i, path in enumerate(asked)}
    rows = sorted(at, key=lambda x: (place.get(x[0], len(place)), x[0], x[1].cell or 0, x[1]))
    return [o for row in rows for o in _apart(at[row])]


def _apart(reached: Sequence[Listed]) -> list[Listed]:
    """The objectives of one row: those of the same terms are one, as the best resolved of them.

    What its own file knows by names alone gives way to what is known where it is called from.
    """
    best: dict[object, Listed] = {}
    for o in sorted(reached, key=lambda o: (ORDER[o.report.status], bool(o.report.reason))):
        terms = tuple((t.sign, t.label) for t in o.report.terms)
        held = best.setdefault(terms, o)
        if held is not o and held.report.status is o.report.status is Status.WRONG:
            causes = tuple(dict.fromkeys((*held.report.causes, *o.report.causes)))
            best[terms] = replace(held, report=replace(held.report, causes=causes))
    known_to_callers = any(not o.alone and o.report.status in _DECIDED for o in best.values())
    resolved = [o for o in best.values() if o.report.status is not Status.UNRESOLVED]
    return [o for o in resolved if not (known_to_callers and _is_claimed(o))] or list(best.values())[:1]


_DECIDED = (Status.CONSISTENT, Status.INTENDED, Status.WRONG)


def _is_claimed(o: Listed) -> bool:
    """Whether names alone speak of it, where nobody was seen to call: what a caller passes says more than they do."""
    return o.alone and o.report.status is Status.BY_NAME and all(t.basis.is_claim for t in o.report.terms)


def _settled(report: ObjectiveReport, mistakes: _Mistakes) -> ObjectiveReport:
    """An objective with what became of the findings about it. What a comment suppresses is intended."""
    if report.status is not Status.WRONG:
        return report
    findings = [m.finding for m in mistakes.of_causes(report)]
    causes = tuple(Cause(f.code, f.filename, f.location, f.hidden) for f in findings)
    if causes and all(c.hidden is Hidden.SUPPRESSED for c in causes):
        codes = ", ".join(dict.fromkeys(c.code for c in causes))
        return replace(report, status=Status.INTENDED, causes=causes, reason=f"{codes} is suppressed by a comment")
    return replace(report, causes=causes)
