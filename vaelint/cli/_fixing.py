"""``vaelint check --fix`` and ``--diff``."""

from __future__ import annotations

from collections.abc import Iterator

from vaelint import fix
from vaelint.cli import _output
from vaelint.cli._options import Input
from vaelint.finding import Result


def _changes(result: Result, given: Input, unsafe: bool) -> Iterator[fix.Change]:
    text = given.stdin[1] if given.stdin is not None else None
    for name, fixes in fix.chosen(result.findings, unsafe).items():
        try:
            yield fix.change(name, fixes, text)
        except (OSError, ValueError, LookupError, SyntaxError) as error:  # noqa: PERF203
            _output.say(f"{given.view.path(name)}: cannot be fixed: {error}", "error")


def diff(result: Result, given: Input, unsafe: bool) -> str:
    """What the fixes would change, as one unified diff."""
    return "".join(change.diff() for change in _changes(result, given, unsafe))


def apply(result: Result, given: Input, unsafe: bool, quiet: bool) -> int:
    """Write the fixes; how many there were. An error with one file leaves the others to be fixed."""
    done = 0
    for change in _changes(result, given, unsafe):
        try:
            change.write()
        except OSError as error:
            _output.say(f"{given.view.path(change.filename)}: cannot be written: {error.strerror}", "error")
            continue
        done += change.applied
    left = sum(1 for f in result.findings if f.fix is not None and not f.fix.safe) if not unsafe else 0
    if not quiet:
        _output.say(f"fixed {done} finding{'' if done == 1 else 's'}", "note")
        if left:
            _output.say(f"{left} more can be fixed with --unsafe-fixes, which change what is computed", "note")
    return done
