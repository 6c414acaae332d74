"""``vaelint check --fix`` and ``--diff``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vaelint import files, fix
from vaelint.cli import _output
from vaelint.cli._options import Input
from vaelint.finding import Result
from vaelint.report._view import one_line, plural
from vaelint.source.file import absolute


@dataclass(slots=True)
class Fixing:
    """How many findings were fixed, and in how many files none could be."""

    done: int = 0
    refused: int = 0


def _changes(result: Result, given: Input, unsafe: bool, fixing: Fixing) -> Iterator[fix.Change]:
    piped = {absolute(Path(name)): text for name, text in ([given.stdin] if given.stdin is not None else [])}
    for name, fixes in fix.chosen(result.findings, unsafe).items():
        try:
            yield fix.change(name, fixes, piped.get(absolute(Path(name))))
        except (OSError, fix.Refused) as error:  # noqa: PERF203
            refuse(given, name, f"not fixed: {_why(error)}", fixing)


def refuse(given: Input, name: str, why: str, fixing: Fixing) -> None:
    fixing.refused += 1
    _output.say(f"{given.view.path(name)}: {one_line(why)}", "error")


def _why(error: OSError | fix.Refused) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def diff(result: Result, given: Input, unsafe: bool) -> tuple[str, Fixing]:
    """What the fixes would change, as one unified diff."""
    fixing = Fixing()
    return "".join(change.diff() for change in _changes(result, given, unsafe, fixing)), fixing


def apply(result: Result, given: Input, unsafe: bool, quiet: bool) -> Fixing:
    """Write the fixes. An error with one file leaves the others to be fixed."""
    fixing = Fixing()
    for change in _changes(result, given, unsafe, fixing):
        try:
            change.write()
        except files.Changed as error:  # noqa: PERF203
            refuse(given, change.filename, f"not fixed: {_why(error)}", fixing)
        except OSError as error:
            refuse(given, change.filename, f"cannot be written: {_why(error)}", fixing)
        else:
            fixing.done += change.applied
    if not quiet:
        _output.say(f"fixed {plural(fixing.done, 'finding')}", "note")
        say_what_is_left(result, unsafe)
    return fixing


def say_what_is_left(result: Result, unsafe: bool) -> None:
    """How many findings have no edit here, and why."""
    waiting = sum(f.fix is not None and not f.fix.safe for f in result.findings) if not unsafe else 0
    if waiting:
        which = "finding has" if waiting == 1 else "findings have"
        _output.say(f"{waiting} {which} an edit that changes what is computed: --unsafe-fixes lets it in", "note")
    without = Counter(f.code for f in result.findings if f.fix is None)
    if without:
        n = sum(without.values())
        listed = ", ".join(f"{k} {code}" for code, k in sorted(without.items()))
        which = "finding has" if n == 1 else "findings have"
        _output.say(f"{n} {which} no edit that vaelint could make ({listed}): see the help of each", "note")
