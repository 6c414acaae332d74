"""From paths to a result: which files are examined, and how what they say of each other comes together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from vaelint import suppress
from vaelint.checks import all_checks
from vaelint.config import Config
from vaelint.examine import LAST, Found, Part, examine, rank
from vaelint.finding import Finding, Location, ObjectiveReport, Problem, Result
from vaelint.knowledge import Knowledge, load
from vaelint.objectives import ORDER
from vaelint.processes import Died, Pool, are_cheap
from vaelint.source.discover import discover
from vaelint.source.file import absolute, shown
from vaelint.source.project import Project


def analyse(
    paths: Sequence[Path],
    config: Config,
    *,
    root: Path | None = None,
    stdin: tuple[str, str] | None = None,
    traces: bool = False,
) -> Result:
    """Analyse files and folders. ``stdin`` is (file name, text) and stands in for reading that file.

    With ``traces`` the terms of objectives say how they got their sense, as findings always do.

    What is said of a file does not depend on which others were asked for: those that import it are examined with it,
    and what they show of it counts as if they had been asked for too.
    """
    result = Result()
    given = (absolute(Path(stdin[0])), stdin[1]) if stdin is not None else None
    project = Project(given)
    knowledge = load(tuple(config.extend_rules))
    if stdin is not None:
        files = [Path(stdin[0])]
    else:
        found = discover(list(paths), config.exclude, root)
        result.problems += found.problems
        files = found.files
    asked = [absolute(path) for path in files]
    task = partial(_alone, config, given, traces)
    with Pool[Path, Part](task, min(os.cpu_count() or 1, MOST_PROCESSES)) as pool:

        def each(files: Sequence[Path]) -> dict[str, Part]:
            if len(files) < FEW and not are_cheap():
                made: Iterable[Part | Died] = (_examine(p, given, knowledge, config, project, traces) for p in files)
            else:
                made = pool.map(files)
            return {absolute(p): _lost(p, m) if isinstance(m, Died) else m for p, m in zip(files, made)}

        parts = each(files)
        around = [] if project.covered(set(asked)) else _around(asked, project)
        parts |= each([Path(x) for x in around])
        called = {f.home for part in parts.values() for f in part.findings if f.instead is not None} - {*parts}
        parts |= each([Path(x) for x in sorted(called)])
    said = _by_home(list(parts.values()), project)
    objectives = _objectives(parts.values(), project)
    for path_asked in asked:
        part = parts[path_asked]
        _settle(part, said.get(path_asked, []), config, result)
        result.objectives += objectives.get(path_asked, [])
        result.files += part.counts
    return result


FEW = 8  # files below which starting processes costs more than it saves, where they are not cheap
MOST_PROCESSES = 16


def _alone(config: Config, given: tuple[str, str] | None, traces: bool, path: Path) -> Part:
    return _examine(path, given, load(tuple(config.extend_rules)), config, _of_worker(given), traces)


def _examine(
    path: Path, given: tuple[str, str] | None, knowledge: Knowledge, config: Config, project: Project, traces: bool
) -> Part:
    text = given[1] if given is not None and absolute(path) == given[0] else None
    return examine(path, text, knowledge, config, project, traces)


def _lost(path: Path, died: Died) -> Part:
    """A file at which the process that examined it died."""
    name = shown(path)
    message = f"not analysed: the process that did so ended ({died.how}), which is a bug in vaelint, not in your code"
    return Part(absolute(path), name, problems=[Problem(name, message, ours=True)])


@lru_cache(maxsize=1)
def _of_worker(given: tuple[str, str] | None) -> Project:
    """A worker process lives for one run: what it has read holds for all of its files."""
    return Project(given)


def _around(asked: Iterable[str], project: Project) -> list[str]:
    """Files that were not asked for and import some that were."""
    known = set(asked)
    return list(dict.fromkeys(x for path in asked for x in project.importers(path) if x not in known))


# --- bringing it together --------------------------------------------------------------------------


Said = tuple[str, Finding]  # a finding, with the file whose examination showed it


def _by_home(parts: Sequence[Part], project: Project) -> dict[str, list[Said]]:
    """Findings by the file they are about; of one mistake that is seen in several ways, the way that comes first."""
    told: dict[tuple[str, object], int] = {}
    at_home: dict[str, set[object]] = {}  # what a file says of itself: nobody who calls it needs to say it again
    for part in parts:
        for found in part.findings:
            if found.home == part.path:
                at_home.setdefault(part.path, set()).update(found.about)
            for place in found.about:
                told[part.path, place] = min(rank(found.finding.code), told.get((part.path, place), LAST))
    out: dict[str, list[Said]] = {}
    for part in parts:
        for found in part.findings:
            home, finding = _placed(part, found, project)
            if home != found.home and found.about and found.about <= at_home.get(found.home, set()):
                continue
            seen = [home, *project.importers(home)]
            own = rank(found.finding.code)
            if found.about and all(any(told.get((x, a), LAST) < own for x in seen) for a in found.about):
                continue
            if finding is not None:
                out.setdefault(home, []).append((part.path, finding))
    return out


def _placed(part: Part, found: Found, project: Project) -> tuple[str, Finding | None]:
    """A finding goes to the file it is about, if that one on its own would have led here; else it stays."""
    if found.home == part.path or part.path in project.importers(found.home):
        return found.home, found.finding
    return part.path, found.instead


def _settle(part: Part, said: list[Said], config: Config, result: Result) -> None:
    """All that is to be said of one file, in order, without what its comments ask to leave out."""
    own = {_at(f): f for path, f in said if path == part.path}
    rows = {(f.location.cell, f.location.row) for f in own.values()}
    foreign = sorted(((rank(f.code), path, f.code, f) for path, f in said if path != part.path), key=lambda x: x[:3])
    for _, _, _, finding in foreign:
        row = (finding.location.cell, finding.location.row)
        if row not in rows:  # one line, one mistake: the file itself has the first word
            rows.add(row)
            own[_at(finding)] = finding
    findings = sorted(own.values(), key=lambda f: (f.location.cell or 0, f.location, f.code))
    active = {c.code for c in all_checks() if config.enables(c.code)}
    kept, unused = suppress.apply(findings, {part.name: part.directives}, active=active)
    enabled = [f for f in kept if config.enables(f.code)]
    result.findings += [f for f in enabled if config.shows(f)]
    result.held_back += sum(not config.shows(f) for f in enabled)
    result.problems += [*part.problems, *unused]


def _at(f: Finding) -> tuple[int | None, Location, str]:
    return f.location.cell, f.location, f.code


def _objectives(parts: Iterable[Part], project: Project) -> dict[str, list[ObjectiveReport]]:
    """By file, each place once: as the best resolved of the ways by which it was reached, from there or from others."""
    best: dict[str, dict[Location, ObjectiveReport]] = {}
    for part in parts:
        for home, report in part.objectives:
            if home != part.path and part.path not in project.importers(home):
                continue
            places = best.setdefault(home, {})
            held = places.get(report.location)
            if held is None or ORDER[report.status] < ORDER[held.status]:
                places[report.location] = report
    return {
        home: sorted(places.values(), key=lambda r: (r.location.cell or 0, r.location)) for home, places in best.items()
    }


__all__ = ["Problem", "analyse"]
