"""``vaelint rules``."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches

import click

from vaelint.cli import _options, _output
from vaelint.cli._outputs import terminal_width
from vaelint.knowledge.schema import Counts, Entry, Proof, Selector
from vaelint.report._view import wrapped


@click.command("rules", short_help="List the checks, the known libraries, or the words.")
@click.option("--libraries", is_flag=True, help="List the libraries whose meaning is known, not the checks.")
@click.argument("name", default="")
@click.option("--words", is_flag=True, help="List the words that say which way a value of that name goes.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(libraries: bool, words: bool, name: str, output_format: str) -> None:
    """List the checks: code, name, and what each reports.

    With --libraries NAME, what is known of that one library.
    """
    if name and not libraries:
        raise click.UsageError("NAME is that of a library: ask with --libraries NAME")
    if libraries and words:
        raise click.UsageError("--libraries and --words are two lists: ask for one")
    if output_format == "json":
        if name:
            raise click.UsageError("--output-format json lists all libraries: leave NAME out")
        from vaelint.report._view import as_json

        _output.emit(as_json(_libraries_json() if libraries else _words_json() if words else _checks_json()))
        return
    _output.emit(_library(name) if name else _libraries() if libraries else _words() if words else _checks())


def _checks() -> str:
    from vaelint.checks import all_checks

    checks = sorted(all_checks(), key=lambda check: check.code)
    room = max((len(check.name) for check in checks), default=0)
    columns = terminal_width() or 0
    narrow = bool(columns) and columns < room + 50  # the summary goes below
    out = []
    for check in checks:
        head = f"{click.style(check.code, bold=True)}  "
        if narrow:
            out.append(head + check.name)
            out.append(wrapped(f"       {check.summary}", columns, " " * 7))
        else:
            out.append(wrapped(f"{head}{check.name:<{room}}  {check.summary}", columns, " " * (room + 9)))
    return "".join(line + "\n" for line in out)


def _checks_json() -> list[dict[str, str]]:
    from vaelint.checks import all_checks
    from vaelint.report._links import url

    return [{"code": c.code, "name": c.name, "summary": c.summary, "url": url(c.code)} for c in all_checks()]


def _libraries_json() -> list[dict[str, object]]:
    counts = Counter(entry.library for entry in _options.knowledge().entries().values())
    return [{"library": library, "entries": n} for library, n in sorted(counts.items())]


def _words_json() -> list[dict[str, object]]:
    return [
        {
            "word": t.word,
            "sense": t.sense.value,
            "kind": t.kind,
            "counts": {"agrees": t.counts.agrees, "of": t.counts.directed, "packages": t.counts.packages}
            if t.counts is not None
            else None,
        }
        for t in _options.knowledge().terms()
    ]


def _libraries() -> str:
    counts = Counter(entry.library for entry in _options.knowledge().entries().values())
    room = max(map(len, counts), default=0)
    lines = [f"{library:<{room}}  {n:>5}\n" for library, n in sorted(counts.items())]
    return "".join(lines) + f"{'in all':<{room}}  {sum(counts.values()):>5}\n"


def _library(name: str) -> str:
    """Every name that the rules have of one library, with what it means and on what that rests."""
    known = {library.name: library for library in _options.knowledge().libraries()}
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f" Did you mean `{near[0]}`?" if near else " `vaelint rules --libraries` lists those that are."
        raise click.UsageError(f"no library `{name}` is known.{hint}")
    library = known[name]
    lines: dict[str, str] = {key: _entry(entry) for key, entry in library.functions.items()}
    for key, selector in library.selectors.items():
        lines[key] = _selector(selector)
    room = max(map(len, lines), default=0)
    return "".join(f"{key:<{room}}  {line}{_ground(library.proofs.get(key))}\n" for key, line in sorted(lines.items()))


def _entry(e: Entry) -> str:
    said = [f"{e.sense.value} {e.kind.replace('_', ' ')}".rstrip()] if e.sense is not None else []
    said += [f"makes {e.makes.replace('_', ' ')}"] if e.makes else []
    said += [f"{e.direction}s"] if e.makes == "optimizer" else []
    said += [f"minimizes {e.minimizes}"] if e.minimizes else []
    said += [f"maximizes {e.maximizes}"] if e.maximizes else []
    said += [f"{param} must be a {sense.value}" for param, sense in e.needs.items()]
    said += [f"{param}: {how.value}" for param, how in e.passes.items()]
    return ", ".join(said)


def _selector(s: Selector) -> str:
    if not s.mode:
        return f"selects, {s.direction}s"
    default = dict(s.default).get("*", "")
    return f"selects by {s.mode}" + (f", {default}s by default" if default else "")


def _ground(proof: Proof | None) -> str:
    if proof is None:
        return ""
    return f"  (not proved: {proof.unproved})" if proof.unproved else "  (proved by running it)"


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
