"""The named values of the working directory, in a process of its own: JSON on standard output.

Of each place where a value meets a name that claims, which word of ``rules/names.toml`` claims, and
what the value is by facts. The claim itself is no evidence: what is only named or documented counts as undecided.
"""

from __future__ import annotations

import ast
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    del sys.path[0]  # this folder: its modules are not to stand before those of others

from bench.coverage.child import FILES
from bench.coverage.decided import NodePlaces, watched
from bench.coverage.places import Place, Span, find
from bench.mutants.choose import TESTS
from bench.mutants.sites import order
from bench.places import enclosing, functions
from vaelint import ir
from vaelint.evidence import Basis, weakest
from vaelint.infer.run import infer
from vaelint.infer.values import Quantity, Term, Value
from vaelint.knowledge import Claim, Knowledge, load
from vaelint.knowledge.lexicon import Lexicon
from vaelint.knowledge.loader import NAMES, rules_directory
from vaelint.sense import Sense
from vaelint.source import file as source_file
from vaelint.source.project import Project

# Where a value is given a name. A sentence, an optimiser, a comparison and a family are no names.
SORTS = frozenset({"assignment", "keyword", "parameter", "return", "key", "attribute", "field", "label"})
# ``neither``: facts of both senses, or the log-density of a draw alone, which goes up or down by what was drawn;
# ``plain``: nothing with a direction, as a count, a probability, an entropy, and zeros that will be overwritten.
AGREES, AGAINST, NEITHER, PLAIN, UNDECIDED = "agrees", "against", "neither", "plain", "undecided"
_OF_DRAWS = frozenset({"log_q", "score"})


def main() -> None:
    began = time.perf_counter()
    print(json.dumps({**folder(Path.cwd()), "seconds": round(time.perf_counter() - began, 1)}))  # noqa: T201


def folder(root: Path) -> dict[str, Any]:
    """``places``: word, negated, name, sort, file, row, function, line, verdict, basis of the fact, of each.

    A place without a quantity (a function, an object, a list, a number that stands there) is none. The files are those
    that `bench coverage` takes.
    """
    knowledge, claims = load(()), _claims()
    texts: dict[str, str] = {}
    places: dict[str, list[Place]] = {}
    names = [path.relative_to(root).as_posix() for path in root.rglob("*.py")]
    for name in sorted((n for n in names if not TESTS.search(n)), key=lambda n: order("coverage", n))[:FILES]:
        try:
            text = (root / name).read_text("utf-8").replace("\r\n", "\n")
            found = named(text, claims)
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        texts[str(root / name)] = text
        if found:
            places[str(root / name)] = found
    wanted = {file: {s[0] for p in found for s in p.spans} for file, found in places.items()}
    seen = look(sorted(texts), wanted, knowledge)
    rows = [r for file, found in places.items() for r in _rows(root, file, texts[file], found, seen, claims)]
    return {"files": len(texts), "places": rows}


Claims = Callable[[str], Claim | None]


def _claims() -> Claims:
    """By all words of the lexicon: one that claims nothing any more, by its counts, is counted all the same."""
    return lru_cache(maxsize=None)(Lexicon.read([rules_directory() / NAMES], counted=False).claim)


def named(text: str, claims: Claims) -> list[Place]:
    """Where a name that claims is given a value. Raises SyntaxError or ValueError where the text is not Python."""

    def speaks(name: str) -> bool:
        return claims(name) is not None

    taken = set(_taken_off(text))
    return [p for p in find(text, speaks, speaks) if p.sort in SORTS and not taken & {*p.spans}]


def _taken_off(text: str) -> Iterator[Span]:
    """Values of ``x -= …``, ``x *= …``: what is bound is not the value that stands there."""
    lines = text.split("\n")

    def column(row: int, offset: int) -> int:
        return len(lines[row - 1].encode()[:offset].decode("utf-8", "replace")) + 1

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.AugAssign) and not isinstance(node.op, ast.Add):
            v = node.value
            end, end_column = v.end_lineno or v.lineno, v.end_col_offset or 0
            yield v.lineno, column(v.lineno, v.col_offset), end, column(end, end_column)


# --- what a value is by facts --------------------------------------------------------------------


class Fact(NamedTuple):
    """``what``: a sense, or one of ``NEITHER``, ``PLAIN``, ``UNDECIDED``."""

    what: Sense | str
    basis: Basis = Basis.NONE


def fact(value: Value) -> Fact | None:
    """What facts say of a value; None if it is no quantity."""
    if not isinstance(value, Quantity) or not value.terms:
        return None
    made = [_of_term(t) for t in value.terms]
    if any(f.what == UNDECIDED for f in made):
        return Fact(UNDECIDED)
    kinds = {t.meaning.kind for t, f in zip(value.terms, made) if f.what != PLAIN or t.meaning.kind in _OF_DRAWS}
    if kinds and kinds <= _OF_DRAWS:
        return Fact(NEITHER, weakest(f.basis for f in made))
    return _one([f for f in made if f.what != PLAIN]) or made[0]


def _of_term(t: Term) -> Fact:
    meaning = t.meaning
    if meaning.basis.is_claim or (meaning.sense is Sense.UNKNOWN and not meaning.basis.is_fact):
        return Fact(UNDECIDED)
    # A fact without a direction is one of an entropy: it is raised and lowered.
    return Fact(t.value_sense, meaning.basis) if meaning.sense.directed else Fact(PLAIN, meaning.basis)


def _one(facts: Sequence[Fact]) -> Fact | None:
    """A sense that all have; where they differ, none."""
    if not facts:
        return None
    whats = {f.what for f in facts}
    return Fact(whats.pop() if len(whats) == 1 else NEITHER, weakest(f.basis for f in facts))


def together(facts: Iterable[Fact]) -> Fact:
    """Of one place that is reached in several ways, the best known: one sense, both, none, not known."""
    made = sorted(set(facts), key=lambda f: (str(f.what), f.basis.rank))
    sense = _one([f for f in made if isinstance(f.what, Sense)])
    ranked = (f for what in (NEITHER, PLAIN) for f in made if f.what == what)
    return sense or next(ranked, Fact(UNDECIDED))


Seen = dict[str, dict[Span, set[Fact]]]  # by file (absolute) and span; a place that is not there is not reached


def look(files: list[str], wanted: dict[str, set[int]], knowledge: Knowledge) -> Seen:
    """Each file is interpreted with those that it calls. ``wanted``: by file, the rows that matter."""
    project = Project()
    out: Seen = {}
    for file in files:
        noted: dict[int, set[Fact]] = {}
        try:
            source = project.source(file) or source_file.load(Path(file), source_file.shown(Path(file)))
            with watched(_into(noted)):
                inference = infer(source, knowledge, project)
        except Exception:
            continue  # whatever it is, it costs that file alone
        places = NodePlaces(source, inference.program)
        for node, facts in noted.items():
            at = places.of(node) if places.holds_any(node, wanted) else None
            if at is not None and at[1][0] in wanted[at[0]]:
                out.setdefault(at[0], {}).setdefault(at[1], set()).update(facts)
    return out


def _into(noted: dict[int, set[Fact]]) -> Callable[[ir.Expr, Value], None]:
    def note(e: ir.Expr, value: Value) -> None:
        if not isinstance(e, ir.Const) and (made := fact(value)) is not None:
            noted.setdefault(e.id, set()).add(made)
        elif e.id not in noted:
            noted[e.id] = set()  # reached, and no quantity

    return note


# --- what the word was worth there ---------------------------------------------------------------


def _rows(root: Path, file: str, text: str, found: list[Place], seen: Seen, claims: Claims) -> Iterator[dict[str, Any]]:
    lines, spans = text.split("\n"), functions(text)
    at = {"file": Path(file).relative_to(root).as_posix()}
    for p in found:
        claim = claims(p.name)
        reached = [seen.get(file, {}).get(span) for span in p.spans]
        known = [f for facts in reached if facts for f in facts]
        if claim is None or (not known and any(facts is not None for facts in reached)):
            continue
        what = together(known)
        yield {
            "word": claim.term,
            "negated": claim.word.startswith("neg_"),
            "name": p.name,
            "sort": p.sort,
            **at,
            "row": p.row,
            "function": enclosing(spans, p.row),
            "line": " ".join(lines[p.row - 1].split()),
            "verdict": verdict(claim.sense, what.what),
            "basis": what.basis.value,
        }


def verdict(claimed: Sense, what: Sense | str) -> str:
    if isinstance(what, Sense):
        return AGREES if what is claimed else AGAINST
    return what


if __name__ == "__main__":
    main()
