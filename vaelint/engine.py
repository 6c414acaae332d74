"""From paths to a result: which files are examined."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from vaelint.config import Config
from vaelint.examine import Part, examine
from vaelint.finding import Problem, Result
from vaelint.gather import further, gather
from vaelint.knowledge import Knowledge, load
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
    project: Project | None = None,
    apart: bool = True,
) -> Result:
    """Analyse files and folders. ``stdin`` is (file name, text) and stands in for reading that file.

    With ``traces`` the terms of objectives say how they got their sense, as findings always do.

    What is said of a file does not depend on which others were asked for: those that import it are examined with it,
    and what they show of it counts as if they had been asked for too. ``project`` is what earlier runs have read of
    the files around, for several runs between which no file changes; without it nothing is known of them yet.

    Files are examined by other processes, so that one that takes its process down costs itself alone. Where that does
    not matter and a program makes many small runs, ``apart=False`` spares it three quarters of their time: a process
    that has just begun has to work out once more what this one has at hand.
    """
    result = Result()
    given = (absolute(Path(stdin[0])), stdin[1]) if stdin is not None else None
    project = project if project is not None else Project(given)
    knowledge = load(tuple(config.extend_rules))
    if stdin is not None:
        files = [Path(stdin[0])]
    else:
        found = discover(list(paths), config.exclude, root)
        result.problems += found.problems
        files = found.files
    asked = [absolute(path) for path in files]
    task = partial(_alone, config, given, project, traces)
    with Pool[Path, Part](task, min(os.cpu_count() or 1, MOST_PROCESSES)) as pool:

        def each(files: Sequence[Path]) -> dict[str, Part]:
            if not apart or (len(files) < FEW and not are_cheap()):
                made: Iterable[Part | Died] = (_examine(p, given, knowledge, config, project, traces) for p in files)
            else:
                made = pool.map(files)
            return {absolute(p): _lost(p, m) if isinstance(m, Died) else m for p, m in zip(files, made)}

        parts = each(files)
        around = [] if project.covered(set(asked)) else _around(asked, project)
        parts |= each([Path(x) for x in around])
        more = [x for x in further(parts.values(), set(asked), project) if x not in parts]
        parts |= each([Path(x) for x in more])
    gather(list(parts.values()), asked, project, config, result)
    return result


FEW = 8  # files below which starting processes costs more than it saves, where they are not cheap
MOST_PROCESSES = 16


def _alone(config: Config, given: tuple[str, str] | None, project: Project, traces: bool, path: Path) -> Part:
    """What a worker does: it lives for one run, so that what it has read holds for all of its files."""
    return _examine(path, given, load(tuple(config.extend_rules)), config, project, traces)


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


def _around(asked: Iterable[str], project: Project) -> list[str]:
    """Files that were not asked for and import some that were."""
    known = set(asked)
    return list(dict.fromkeys(x for path in asked for x in project.importers(path) if x not in known))


__all__ = ["Problem", "analyse"]
