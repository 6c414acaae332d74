"""From paths to a result: which files are examined."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vaelint.cache.parts import Examined, Parts, examined
from vaelint.config import Configured
from vaelint.examine import Part, examine
from vaelint.finding import Problem, Result
from vaelint.gather import further, gather
from vaelint.knowledge import load
from vaelint.processes import Died, Pool, are_cheap
from vaelint.source.discover import LeavesOut, discover
from vaelint.source.file import absolute, shown
from vaelint.source.gitignore import Ignored
from vaelint.source.project import Project

if TYPE_CHECKING:
    from vaelint.timing import Spent, Timing


def analyse(
    paths: Sequence[Path],
    config: Configured,
    *,
    stdin: tuple[str, str] | None = None,
    traces: bool = False,
    project: Project | None = None,
    apart: bool = True,
    kept: Parts | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
    timing: Timing | None = None,
) -> Result:
    """Analyse files and folders. ``stdin`` is (file name, text) and stands in for reading that file.

    ``config`` is one `Config` for all files, or `Settings`, in which each file has the closest one above it. May raise
    `ConfigError`, for one that is met on the way.

    With ``traces`` the terms of objectives say how they got their sense, as findings always do.

    What is said of a file does not depend on which others were asked for: those that import it are examined with it,
    and what they show of it counts as if they had been asked for too. ``project`` is what earlier runs have read of
    the files around, for several runs between which no file changes; without it nothing is known of them yet.

    Files are examined by other processes, so that one that takes its process down costs itself alone. Where that does
    not matter and a program makes many small runs, ``apart=False`` spares it three quarters of their time: a process
    that has just begun has to work out once more what this one has at hand. ``jobs``: at most so many at once;
    as many as there are processors, where it is not said. ``progress`` is told how many files are done, and of how
    many that are known by then. ``timing`` is told what time each file took.

    ``kept`` is what earlier runs have kept of files (not with ``stdin``): what holds of it is not worked out again.
    """
    result = Result()
    given = (absolute(Path(stdin[0])), stdin[1]) if stdin is not None else None
    if kept is not None:
        project = kept.project
    project = project if project is not None else Project(given)
    if stdin is not None:
        _, named = _left_out(config)
        files = [] if named(stdin[0], False) else [Path(stdin[0])]
    else:
        found = discover(list(paths), *_left_out(config, kept.top if kept is not None else ""))
        result.problems += found.problems
        files = found.files
        if kept is not None:
            kept.rest_on(found.folders, files, ())
    asked = [absolute(path) for path in files]
    for rules in {(here.extend_rules, here.names) for here in (config.main, *map(config.near, files))}:
        load(*rules)  # a mistake in them is reported here; and workers begin with what has been read
    for here in {id(x): x for x in (config.main, *map(config.near, files))}.values():
        here.installed()  # likewise
    task: Callable[[Path], Examined | Spent[Examined]]
    task = partial(_examine, config, given, project, traces, kept is not None)
    if timing is not None:
        from vaelint.timing import Watched

        task = Watched(task)
    several: Pool[Path, Examined | Spent[Examined]] = Pool(task, min(jobs or os.cpu_count() or 1, MOST_PROCESSES))
    with several as pool:
        done = known = 0

        def told() -> None:
            nonlocal done
            done += 1
            if progress is not None:
                progress(done, known)

        def made(files: Sequence[Path]) -> Iterator[Part]:
            here = not apart or (len(files) < FEW and not are_cheap())
            sizes = [] if here else list(map(_size, files))
            results: Iterable[Examined | Spent[Examined] | Died] = (
                map(task, files) if here else pool.map(files, sizes, WORTH_A_PROCESS, told)
            )
            for path, found in zip(files, results):
                m = found if isinstance(found, (Examined, Died)) else found.made
                if timing is not None and not isinstance(found, (Examined, Died)):
                    timing.files[shown(path)] = found.seconds
                if kept is not None and isinstance(m, Examined):
                    kept.keep(path, config.of(path), traces, m)
                yield _lost(path, m) if isinstance(m, Died) else m.part

        def each(files: Sequence[Path]) -> dict[str, Part]:
            nonlocal known
            held = {p: kept.find(p, config.of(p), traces) for p in files} if kept is not None else {}
            missing = [p for p in files if held.get(p) is None]
            known += len(missing)
            fresh = made(missing)
            return {absolute(p): held.get(p) or next(fresh) for p in files}

        parts = each(files)
        around = [] if project.covered(set(asked)) else _around(asked, project)
        parts |= each([Path(x) for x in around])
        more = [x for x in further(parts.values(), set(asked), project) if x not in parts]
        parts |= each([Path(x) for x in more])
    gather(list(parts.values()), asked, project, config, result)
    if kept is not None:
        kept.rest_on((), (), [config.main, *map(config.near, parts)])
        kept.write()
    return result


FEW = 8  # files below which starting processes costs more than it saves, where they are not cheap
MOST_PROCESSES = 16
WORTH_A_PROCESS = 16_000  # bytes of code that take longer to examine than a process takes to begin


def _size(path: Path) -> int:
    """Of a file, in bytes: what its examination costs, as far as can be told before."""
    try:
        return path.stat().st_size
    except OSError:  # it is reported where it is read
        return 0


def list_files(paths: Sequence[Path], config: Configured) -> tuple[list[Path], list[Problem]]:
    """The files that `analyse` would look at, and what is wrong with the paths."""
    found = discover(list(paths), *_left_out(config))
    return found.files, found.problems


def _left_out(config: Configured, cache: str = "") -> tuple[LeavesOut, LeavesOut]:
    """What is left out of folders, and of the paths that are named; ``cache`` is a folder that is."""
    ignored = Ignored()

    def searched(path: str, is_folder: bool) -> bool:
        here = config.near(path)
        full = os.path.abspath(path)  # noqa: PTH100  (links stay)
        return full == cache or here.excludes(full) or (here.respect_gitignore and ignored(full, is_folder))

    def named(path: str, is_folder: bool) -> bool:
        here = config.near(path)
        return here.force_exclude and here.excludes(path)

    return searched, named


def _examine(
    config: Configured, given: tuple[str, str] | None, project: Project, traces: bool, noted: bool, path: Path
) -> Examined:
    """What a worker does: it lives for one run, so that what it has read holds for all of its files."""
    own = config.of(path)
    text = given[1] if given is not None and absolute(path) == given[0] else None
    knowledge = load(own.extend_rules, own.names)
    if noted:
        return examined(path, knowledge, own, project, traces)
    return Examined(examine(path, text, knowledge, own, project, traces), "")


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
