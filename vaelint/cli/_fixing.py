"""``vaelint check --fix`` and ``--diff``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vaelint import files, fix
from vaelint.cli import _output
from vaelint.cli._options import Input
from vaelint.finding import Result
from vaelint.report._view import one_line


@dataclass(slots=True)
class Fixing:
    """How many findings were fixed, and in how many files none could be."""

    done: int = 0
    refused: int = 0


def _changes(result: Result, given: Input, unsafe: bool, fixing: Fixing) -> Iterator[fix.Change]:
    text = given.stdin[1] if given.stdin is not None else None
    for name, fixes in fix.chosen(result.findings, unsafe).items():
        try:
            yield fix.change(name, fixes, text)
        except (OSError, fix.Refused) as error:  # noqa: PERF203
            _refuse(given, name, f"not fixed: {_why(error)}", fixing)


def _refuse(given: Input, name: str, why: str, fixing: Fixing) -> None:
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
            _refuse(given, change.filename, f"not fixed: {_why(error)}", fixing)
        except OSError as error:
            _refuse(given, change.filename, f"cannot be written: {_why(error)}", fixing)
        else:
            fixing.done += change.applied
    done = fixing.done
    left = sum(1 for f in result.findings if f.fix is not None and not f.fix.safe) if not unsafe else 0
    if not quiet:
        _output.say(f"fixed {done} finding{'' if done == 1 else 's'}", "note")
        if left:
            _output.say(f"{left} more can be fixed with --unsafe-fixes, which change what is computed", "note")
    return fixing
