"""One file, from its text to what is said of it and of the files that it calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from vaelint import edits, files
from vaelint.checks import Candidate, all_checks
from vaelint.config import Config
from vaelint.evidence import Confidence
from vaelint.finding import Finding, Fix, Location, ObjectiveReport, Problem, Related, Side, Step, is_about_signs
from vaelint.infer.events import Event, Handed, Named, Optimised, Summed
from vaelint.infer.run import infer
from vaelint.infer.selection import configuration
from vaelint.knowledge import Knowledge
from vaelint.optimised import Order, Places, listed
from vaelint.remarks import SYNTAX, UNUSED, remark
from vaelint.source import comments, syntax, yaml
from vaelint.source import file as source_file
from vaelint.source.file import SourceError, SourceFile
from vaelint.source.project import Surroundings


@dataclass(slots=True)
class Found:
    """A finding with the file (absolute) that a person would edit.

    ``about``: where the reported terms got their sense, as (file, location); two findings about the same are one.
    ``concerns``: the files in which the value is optimised, or from which it was given to what does that.
    ``reached``: where the file examined leads to another one, in which the finding is.
    """

    home: str
    finding: Finding
    about: frozenset[tuple[str, Location]] = frozenset()
    concerns: frozenset[str] = frozenset()
    reached: Related | None = None


@dataclass(slots=True)
class Part:
    """What the examination of one file yields: of itself, and of files of the project that it hands things to."""

    path: str  # absolute
    name: str
    findings: list[Found] = field(default_factory=list)
    objectives: list[tuple[str, ObjectiveReport]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    directives: list[comments.Directive] = field(default_factory=list)
    digest: str = ""  # of what the file held
    counts: bool = True  # a file of settings does only where it speaks of selection


def examine(
    path: Path, text: str | None, knowledge: Knowledge, config: Config, project: Surroundings, traces: bool = False
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
    part: Part,
    path: Path,
    text: str | None,
    knowledge: Knowledge,
    config: Config,
    project: Surroundings,
    traces: bool,
    again: bool = False,
) -> Part:
    """``again``: of a file with an edit made, to see what that leaves of its findings."""
    if path.suffix in yaml.SUFFIXES:
        _settings(path, text, knowledge, config, project, part, again)
        return part
    try:
        source = source_file.load(path, part.name, text)
    except SourceError as error:
        if error.content:
            part.findings.append(Found(part.path, remark(SYNTAX, part.name, error.problem.message)))
        else:
            part.problems.append(error.problem)
        return part
    part.digest = source.digest
    project.follow(config.installed())
    inference = infer(source, knowledge, project, preview=config.preview)
    places = Places(source, inference)
    candidates = _kept(_candidates(inference.events), places.order, config)
    sinks = {e.node: e.site for e in inference.events if isinstance(e, (Optimised, Handed))}
    assumed = _assumed(inference.events)
    part.findings = [_found(places, c, sinks, assumed) for c in candidates]
    if not again:
        offers = [_offers(places, c, f.home == part.path) for c, f in zip(candidates, part.findings)]
        _mend(part, offers, inference.steps, path, text, knowledge, config, project)
    wrong = [c for c in candidates if c.code[:3] in ("VL1", "VL2", "VL4")]
    part.objectives = list(listed(places, inference.events, wrong, knowledge, traces))
    part.findings += [Found(part.path, remark(UNUSED, p.filename, p.message, p.location)) for p in source.unused]
    _syntax(source, part)
    _not_installed(part, project)
    part.directives = source.directives() if part.findings or "vaelint:" in source.text or "noqa" in source.text else []
    return part


TRIED_STEPS = 100_000  # of all edits of a file together


def _mend(
    part: Part,
    offers: list[edits.Offers],
    steps: int,
    path: Path,
    text: str | None,
    knowledge: Knowledge,
    config: Config,
    project: Surroundings,
) -> None:
    """Give each finding the edit after which the file is right; of a file that takes many ``steps`` fewer are tried."""
    if not any(o.fixes for o in offers):
        return
    from vaelint import fix  # most files have nothing to mend

    whole = text if text is not None else source_file.read_text(path)

    def after(made: Fix) -> list[str] | None:
        """The codes of what is found when an edit is made; None where it cannot be."""
        try:
            changed = fix.edited_text(path.suffix, whole, made.edits)
        except fix.Refused:
            return None
        there = Part(part.path, part.name)
        found = _examined(there, path, changed, knowledge, config, project, traces=False, again=True).findings
        return [f.finding.code for f in found if is_about_signs(f.finding.code)]

    mending = edits.kept(offers, after, TRIED_STEPS // max(steps, 1))
    part.findings = [replace(f, finding=replace(f.finding, fix=made)) for f, made in zip(part.findings, mending)]


def _not_installed(part: Part, project: Surroundings) -> None:
    """What is wrong in an installed package is reported where it is reached: nobody edits it there."""
    moved: dict[tuple[str, str, Location], Found] = {}
    for f in part.findings:
        if f.home != part.path and f.reached is not None and project.is_installed(f.home):
            old, there = f.finding, f.reached
            elsewhere = (r for r in old.related if (r.filename, r.location) != (there.filename, there.location))
            related = (*elsewhere, Related(old.filename, old.location, "here, in an installed package"))
            new = replace(old, filename=there.filename, location=there.location, related=related, fix=None)
            moved[old.code, old.filename, old.location] = Found(part.path, new, f.about, f.concerns - {part.path})
    if not moved:
        return
    part.findings = [moved.get((f.finding.code, f.finding.filename, f.finding.location), f) for f in part.findings]

    def settled(report: ObjectiveReport) -> ObjectiveReport:
        found = [(c, moved.get((c.code, c.filename, c.location))) for c in report.causes]
        causes = (replace(c, filename=m.finding.filename, location=m.finding.location) if m else c for c, m in found)
        return replace(report, causes=tuple(causes))

    part.objectives = [(home, settled(report)) for home, report in part.objectives]


def _syntax(source: SourceFile, part: Part) -> None:
    """What is no Python is a finding; what is, but not for the parser of the analysis, a problem."""
    broken = [remark(SYNTAX, part.name, message, at) for at, message in syntax.mistakes(source)]
    part.findings += [Found(part.path, finding) for finding in broken]
    rejected = source.rejected
    part.problems += [p for p in source.problems if p is not rejected]
    if rejected is not None and not broken:
        why = rejected.message.removeprefix("syntax error: ")
        part.problems.append(replace(rejected, message=f"not analysed from here, the parser stopped: {why}"))


def _settings(
    path: Path,
    text: str | None,
    knowledge: Knowledge,
    config: Config,
    project: Surroundings,
    part: Part,
    again: bool,
) -> None:
    """A YAML file: what it selects by, and the code that reads it."""
    digest = ""
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
        text, digest = data.decode("utf-8", "replace"), files.digest(data)
    source = yaml.YamlFile(path, part.name, text.replace("\r\n", "\n"))
    candidates = _kept(
        _candidates(configuration.events(source.text, knowledge)), lambda node: (False, "", node), config
    )
    readers: tuple[Step, ...] = ()
    if candidates:
        found = project.reader(str(path))
        if found is not None:
            readers = (Step(source_file.shown(Path(found[0])), Location(found[1], 1, found[1], 1), "read here"),)
    offers = []
    for c in candidates:
        steps = tuple(Step(source.name, source.locate(n), message) for n, message in c.steps)
        check = next(x for x in all_checks() if x.code == c.code)
        at = source.locate(c.node)
        story = (*steps, *readers)
        finding = Finding(
            c.code,
            check.name,
            c.message,
            source.name,
            at,
            c.confidence,
            c.help,
            story,
            sides=_sides(c),
            example=c.example,
        )
        part.findings.append(Found(part.path, finding))
        offers.append(edits.Offers(c.code, edits.in_settings(source, at, *c.into, digest)))
    if not again:
        _mend(part, offers, 0, path, text, knowledge, config, project)
    part.directives = source.directives() if candidates or "vaelint:" in text else []


# --- findings ------------------------------------------------------------------------------------


def _candidates(events: Sequence[Event]) -> list[Candidate]:
    """Of all checks, selected or not: the verdict on an objective does not depend on what is shown."""
    out: list[Candidate] = []
    for event in events:
        for check in all_checks():
            out += check.decide(event)
    for check in all_checks():
        out += check.compare(events)
    return out


def _kept(candidates: list[Candidate], place: Callable[[int], Order], config: Config) -> list[Candidate]:
    """What the selected checks report, as if there were no others; and what those would report, for the verdicts."""
    selected = [c for c in candidates if config.enables(c.code)]
    kept = _once(selected, place)
    if len(selected) < len(candidates):
        kept += [c for c in _once(candidates, place) if not config.enables(c.code)]
    return kept


# What is wrong with a formula itself is the cause of whatever is wrong with what is made of it.
_RANK = {"VL4": 0, "VL2": 1, "VL1": 2, "VL3": 3}
LAST = len(_RANK)


def rank(code: str) -> int:
    """Signs before names: the order in which checks that see one mistake get to report it."""
    return _RANK.get(code[:3], LAST)


def _once(candidates: list[Candidate], place: Callable[[int], Order]) -> list[Candidate]:
    """One mistake, one finding: signs before names, the earliest place first, the file itself before others.

    What is hidden by default comes last: it must not stand for what is shown.

    After a report its terms count as repaired: a candidate about nothing but terms already reported says nothing new.
    """
    kept: list[Candidate] = []
    reported: set[int] = set()
    told: set[int] = set()

    def order(c: Candidate) -> tuple[bool, bool, int, Order]:
        last = bool(c.yields)
        return c.confidence is Confidence.POSSIBLE, last, rank(c.code), place(c.node)

    for c in sorted(candidates, key=order):
        if (c.made and c.made <= reported) or (c.within >= 0 and c.within in told) or c.yields & (told | reported):
            continue
        reported |= c.made | c.yields  # all that is written in a formula that breaks its law is told with it
        told |= {c.node, *(node for node, _ in c.steps)}
        kept.append(c)
    return kept


def _assumed(events: Sequence[Event]) -> dict[int, tuple[str, ...]]:
    """What is taken for granted: of terms by the node that gave them their sense, of optimisers by their place."""
    out: dict[int, dict[str, None]] = {}
    for e in events:
        if not isinstance(e, (Named, Optimised, Handed, Summed)):
            continue
        for t in e.quantity.terms:
            out.setdefault(t.made, {}).update(dict.fromkeys(t.assumed))
        if isinstance(e, Optimised) and e.assumed:
            out.setdefault(e.node, {})[e.assumed] = None
    return {node: tuple(words) for node, words in out.items() if node >= 0}


def _found(places: Places, c: Candidate, sinks: dict[int, int], assumed: dict[int, tuple[str, ...]]) -> Found:
    """``sinks``: where something is optimised, with the call that led there from the file examined."""
    home = places.source(c.node).absolute
    about = frozenset((places.source(n).absolute, places.source(n).locate(n)) for n in c.made if n >= 0)
    last = c.steps[-1][0] if c.steps else -1
    sink = next((n for n in (c.optimised, last) if n in sinks), -1)
    # A call that leads to a mistake and its optimiser, both in another file, is no place where anything is optimised.
    whole = sink >= 0 and places.source(sink).absolute == home
    ends = [] if whole else [n for n in (sink, sinks.get(sink, -1)) if n >= 0]
    related = []
    for node in ends:
        there = places.source(node)
        if there.absolute != home:
            message = c.steps[-1][1] if node == last else "optimised here" if node == sink else "passed on here"
            related.append(Related(there.name, there.locate(node), message))
    taken = dict.fromkeys(
        words for n in (*sorted(c.made, key=places.order), c.optimised) for words in assumed.get(n, ())
    )
    finding = replace(_finding(places, c), related=tuple(dict.fromkeys(related)), assumptions=tuple(taken))
    if sink >= 0 and sink != last:
        finding = replace(finding, trace=(*finding.trace, *places.steps([(sink, "optimised here")])))
    concerns = frozenset(places.source(n).absolute for n in ends) - {home}
    own = [n for n, _ in c.steps if places.is_own(n)]
    if places.is_own(c.node) or not own:
        return Found(home, finding, about, concerns)
    start = places.source(own[-1])
    return Found(home, finding, about, concerns, Related(start.name, start.locate(own[-1]), "reached from here"))


def _finding(places: Places, c: Candidate) -> Finding:
    check = next(x for x in all_checks() if x.code == c.code)
    source = places.source(c.node)
    at = source.locate(c.node)
    steps = places.steps(c.steps)
    return Finding(
        c.code, check.name, c.message, source.name, at, c.confidence, c.help, steps, None, _sides(c), example=c.example
    )


def _offers(places: Places, c: Candidate, here: bool) -> edits.Offers:
    """The edits that a check asks for, where the text is of the form that they are for."""
    if not c.turn:
        return edits.Offers(c.code, (), here)
    source = places.source(c.node)
    sink, maker = (source.locate(n) if n >= 0 and places.source(n) is source else None for n in (c.optimised, c.maker))
    wanted = edits.Wanted(c.turn, source.locate(c.node), *c.into, sink=sink, maker=maker)
    return edits.Offers(c.code, edits.offered(source, wanted), here)


def _sides(c: Candidate) -> tuple[Side, Side]:
    """On what the value rests, and what it is held against."""
    against = c.against.support
    return Side("value", c.value.basis, c.value.roles), Side(c.against.what, against.basis, against.roles)
