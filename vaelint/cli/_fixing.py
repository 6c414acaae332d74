"""``vaelint check --fix`` and ``--diff``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vaelint import fix
from vaelint.cli import _output
from vaelint.cli._options import Input
from vaelint.finding import Result
from vaelint.report._view import plural


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
    if not quiet:
        _output.say(f"fixed {plural(done, 'finding')}", "note")
        say_what_is_left(result, unsafe)
    return done


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
