"""One file, from its text to what is said of it and of the files that it calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from vaelint import files
from vaelint.checks import Candidate, all_checks, signs
from vaelint.config import Config
from vaelint.finding import Edit, Finding, Fix, Location, ObjectiveReport, Problem, Step
from vaelint.infer.events import Event, Handed, Optimised
from vaelint.infer.run import infer
from vaelint.infer.selection import configuration
from vaelint.knowledge import Knowledge
from vaelint.objectives import Places, listed
from vaelint.source import comments, yaml
from vaelint.source import file as source_file
from vaelint.source.file import SourceError, SourceFile
from vaelint.source.operators import sign_before
from vaelint.source.project import Project


@dataclass(slots=True)
class Found:
    """A finding with the file (absolute) that it is about; ``instead`` is how the examined file would say it.

    ``about``: where the reported terms got their sense, as (file, location); two findings about the same are one.
    """

    home: str
    finding: Finding
    about: frozenset[tuple[str, Location]]
    instead: Finding | None = None


@dataclass(slots=True)
class Part:
    """What the examination of one file yields: of itself, and of files of the project that it hands things to."""

    path: str  # absolute
    name: str
    findings: list[Found] = field(default_factory=list)
    objectives: list[tuple[str, ObjectiveReport]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    directives: list[comments.Directive] = field(default_factory=list)
    counts: bool = True  # a file of settings does only where it speaks of selection


def examine(
    path: Path, text: str | None, knowledge: Knowledge, config: Config, project: Project, traces: bool = False
) -> Part:
    """Analyse one file (``text`` stands in for what it holds); with ``traces``, objectives say how they came about.

    A mistake of ours in one file costs that file, not the run: it is a problem that names the file and our own line.
    """
    part = Part(source_file.absolute(path), source_file.shown(path))
    try:
        return _examined(part, path, text, knowledge, config, project, traces)
    except Exception as error:
        import traceback

        at = traceback.extract_tb(error.__traceback__)[-1]
        said = " ".join(str(error).split())[:200]
        where = f"{Path(at.filename).name}:{at.lineno}: {type(error).__name__}" + (f": {said}" if said else "")
        message = f"vaelint failed here, which is a bug in vaelint, not in your code ({where})"
        details = "".join(traceback.format_exception(error))
        return Part(part.path, part.name, problems=[Problem(part.name, message, ours=True, details=details)])


def _examined(
    part: Part, path: Path, text: str | None, knowledge: Knowledge, config: Config, project: Project, traces: bool
) -> Part:
    if path.suffix in yaml.SUFFIXES:
        _settings(path, text, knowledge, config, part)
        return part
    try:
        source = source_file.load(path, part.name, text)
    except SourceError as error:
        part.problems.append(error.problem)
        return part
    inference = infer(source, knowledge, project)
    places = Places(source, inference)
    candidates = _once(_candidates(inference.events, config), source)
    sites = {e.node: e.site for e in inference.events if isinstance(e, (Optimised, Handed))}
    part.findings = [_found(places, c, sites) for c in candidates]
    wrong = [c for c in candidates if c.code[:3] in ("VL1", "VL2", "VL4")]
    part.objectives = list(listed(places, inference.events, wrong, knowledge, traces))
    part.problems += source.problems
    part.directives = source.directives() if part.findings or "vaelint:" in source.text or "noqa" in source.text else []
    return part


def _settings(path: Path, text: str | None, knowledge: Knowledge, config: Config, part: Part) -> None:
    """A YAML file: what it selects by, and the code that reads it."""
    if text is None:
        try:
            data = yaml.read(path)
        except files.NotRegular as error:
            part.problems.append(Problem(part.name, error.why))
            return
        except OSError as error:
            part.problems.append(Problem(part.name, f"cannot be read: {error.strerror or error}"))
            return
        part.counts = data is not None
        if data is None:
            return
        text = data.decode("utf-8", "replace")
    source = yaml.YamlFile(path, part.name, text.replace("\r\n", "\n"))
    candidates = _once(_candidates(configuration.events(source.text, knowledge), config), source)
    readers: tuple[Step, ...] = ()
    if candidates:
        found = islice(yaml.readers(path), 1)
        readers = tuple(Step(source_file.shown(p), Location(row, 1, row, 1), "read here") for p, row in found)
    for c in candidates:
        steps = tuple(Step(source.name, source.locate(n), message) for n, message in c.steps)
        check = next(x for x in all_checks() if x.code == c.code)
        at = source.locate(c.node)
        finding = Finding(c.code, check.name, c.message, source.name, at, c.confidence, c.help, (*steps, *readers))
        part.findings.append(Found(part.path, finding, frozenset()))
    part.directives = source.directives() if candidates or "vaelint:" in text else []


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
LAST = len(_RANK)


def rank(code: str) -> int:
    """Signs before names: the order in which checks that see one mistake get to report it."""
    return _RANK.get(code[:3], LAST)


def _once(candidates: list[Candidate], source: SourceFile | yaml.YamlFile) -> list[Candidate]:
    """One mistake, one finding: signs before names, the earliest place first, the file itself before others.

    After a report its terms count as repaired: a candidate about nothing but terms already reported says nothing new.
    """
    kept: list[Candidate] = []
    reported: set[int] = set()
    told: set[int] = set()
    for c in sorted(candidates, key=lambda c: (rank(c.code), not source.holds(c.node), c.node)):
        if (c.made and c.made <= reported) or (c.within >= 0 and c.within in told):
            continue
        reported |= c.made
        told |= {c.node, *(node for node, _ in c.steps)}
        kept.append(c)
    return kept


def _found(places: Places, c: Candidate, sites: dict[int, int]) -> Found:
    there = places.source(c.node)
    finding = _finding(places, c, c.node)
    about = frozenset((places.source(n).absolute, places.source(n).locate(n)) for n in c.made if n >= 0)
    if places.is_own(c.node):
        return Found(there.absolute, finding, about)
    # The last place of the story that is in the file examined: there, or where it called, it can be seen as well.
    own = [n for n in (*(n for n, _ in c.steps), sites.get(c.optimised, -1)) if places.is_own(n)]
    return Found(there.absolute, finding, about, _finding(places, c, own[-1]) if own else None)


def _finding(places: Places, c: Candidate, node: int) -> Finding:
    check = next(x for x in all_checks() if x.code == c.code)
    source = places.source(node)
    at = source.locate(node)
    steps = places.steps(c.steps)
    fix = _fix(source, at, c.turn) if node == c.node and c.turn else None
    fix = replace(fix, digest=source.digest) if fix is not None else None
    return Finding(c.code, check.name, c.message, source.name, at, c.confidence, c.help, steps, fix)


def _fix(source: SourceFile, at: Location, turn: str) -> Fix | None:
    """The edit that turns the sign of the expression there, by a minus or without one, as asked."""
    if turn in ("+-", "-+"):
        before = sign_before(source.text, at, turn[0])
        return Fix(f"turn `{turn[0]}` into `{turn[1]}`", (Edit(before, turn[1]),)) if before is not None else None
    lines = source.lines(at)
    if len(lines) != at.end_row - at.row + 1:
        return None
    behind = lines[-1][at.end_column - 1 :]
    lines[-1] = lines[-1][: at.end_column - 1]
    lines[0] = lines[0][at.column - 1 :]
    fix = signs.turned("\n".join(lines), behind, at)
    return fix if fix is not None and fix.message.startswith("Drop") == (turn == "drop") else None
