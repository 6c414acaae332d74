"""From paths to a result: which files are examined."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path

from vaelint.config import Config
from vaelint.examine import Part, examine
from vaelint.finding import Problem, Result
from vaelint.gather import further, gather
from vaelint.knowledge import load
from vaelint.source.discover import discover
from vaelint.source.file import absolute
from vaelint.source.project import Project


def analyse(
    paths: Sequence[Path],
    config: Config,
    *,
    root: Path | None = None,
    stdin: tuple[str, str] | None = None,
    traces: bool = False,
    project: Project | None = None,
) -> Result:
    """Analyse files and folders. ``stdin`` is (file name, text) and stands in for reading that file.

    With ``traces`` the terms of objectives say how they got their sense, as findings always do.

    What is said of a file does not depend on which others were asked for: those that import it are examined with it,
    and what they show of it counts as if they had been asked for too. ``project`` is what earlier runs have read of
    the files around, for several runs between which no file changes; without it nothing is known of them yet.
    """
    result = Result()
    given = (absolute(Path(stdin[0])), stdin[1]) if stdin is not None else None
    project = project if project is not None else Project(given)
    parts: dict[str, Part] = {}
    if stdin is not None:
        path = Path(stdin[0])
        asked = [absolute(path)]
        parts[asked[0]] = examine(path, stdin[1], load(tuple(config.extend_rules)), config, project, traces)
    else:
        found = discover(list(paths), config.exclude, root)
        result.problems += found.problems
        asked = [absolute(path) for path in found.files]
        parts = dict(zip(asked, _each(found.files, config, project, traces)))
    around = [] if project.covered(set(asked)) else _around(asked, project)
    parts |= {part.path: part for part in _each([Path(x) for x in around], config, project, traces)}
    more = [x for x in further(parts.values(), set(asked), project) if x not in parts]
    parts |= {part.path: part for part in _each([Path(x) for x in more], config, project, traces)}
    gather(list(parts.values()), asked, project, config, result)
    return result


FEW = 8  # files below which starting processes costs more than it saves


def _each(files: Sequence[Path], config: Config, project: Project, traces: bool) -> Iterator[Part]:
    """The files' examinations in order, by as many processes as there are processors."""
    workers = min(os.cpu_count() or 1, 16)
    if len(files) < FEW or workers == 1:
        knowledge = load(tuple(config.extend_rules))
        yield from (examine(path, None, knowledge, config, project, traces) for path in files)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(workers) as pool:
        size = max(1, min(8, len(files) // (2 * workers)))
        yield from pool.map(partial(_alone, config, project.given, traces), files, chunksize=size)


def _alone(config: Config, given: tuple[str, str] | None, traces: bool, path: Path) -> Part:
    return examine(path, None, load(tuple(config.extend_rules)), config, _of_worker(given), traces)


@lru_cache(maxsize=1)
def _of_worker(given: tuple[str, str] | None) -> Project:
    """A worker process lives for one run: what it has read holds for all of its files."""
    return Project(given)


def _around(asked: Iterable[str], project: Project) -> list[str]:
    """Files that were not asked for and import some that were."""
    known = set(asked)
    return list(dict.fromkeys(x for path in asked for x in project.importers(path) if x not in known))


__all__ = ["Problem", "analyse"]
