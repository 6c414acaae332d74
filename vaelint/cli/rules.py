"""``vaelint rules``."""

from __future__ import annotations

from collections import Counter

import click

from vaelint.cli import _options, _output


@click.command("rules", short_help="List the checks, or the known libraries.")
@click.option("--libraries", is_flag=True, help="List the libraries whose meaning is known, not the checks.")
def command(libraries: bool) -> None:
    """List the checks: code, name, and what each reports."""
    _output.emit(_libraries() if libraries else _checks())


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
