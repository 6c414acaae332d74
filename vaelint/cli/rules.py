"""``vaelint rules``."""

from __future__ import annotations

from collections import Counter

import click

from vaelint.cli import _options, _output
from vaelint.knowledge.schema import Counts


@click.command("rules", short_help="List the checks, the known libraries, or the words.")
@click.option("--libraries", is_flag=True, help="List the libraries whose meaning is known, not the checks.")
@click.option("--words", is_flag=True, help="List the words that say which way a value of that name goes.")
def command(libraries: bool, words: bool) -> None:
    """List the checks: code, name, and what each reports."""
    if libraries and words:
        raise click.UsageError("--libraries and --words are two lists: ask for one")
    _output.emit(_libraries() if libraries else _words() if words else _checks())


def _checks() -> str:
    from vaelint.checks import all_checks

    checks = sorted(all_checks(), key=lambda check: check.code)
    room = max((len(check.name) for check in checks), default=0)
    return "".join(f"{click.style(check.code, bold=True)}  {check.name:<{room}}  {check.summary}\n" for check in checks)


def _libraries() -> str:
    counts = Counter(entry.library for entry in _options.knowledge().entries().values())
    room = max(map(len, counts), default=0)
    lines = [f"{library:<{room}}  {n:>5}\n" for library, n in sorted(counts.items())]
    return "".join(lines) + f"{'in all':<{room}}  {sum(counts.values()):>5}\n"


def _words() -> str:
    """Each word with what it claims, and how often values of that name were, by facts, what it claims."""
    terms = _options.knowledge().terms()
    room = max((len(term.word) for term in terms), default=0)
    return "".join(f"{t.word:<{room}}  {t.sense.value}  {_measured(t.counts)}\n" for t in terms)


def _measured(c: Counts | None) -> str:
    if c is None:
        return "not measured"
    silent = ", claims nothing" if c.misleads else ""
    return f"{c.agrees:>4} of {c.directed:>4} values, {c.packages:>3} packages{silent}"
