"""What vaelint says: each text of its code that reaches a person, with an example, to be read by who does not know it.

A text is one of a row that a check speaks by (`Saying`), or a literal of more than one word in the modules that judge
and follow values; documentation is none. Its gaps are shown as ``{…}``. The example is what it became somewhere in the
fixtures or in the examples of the checks; of each row `EXAMPLES` keeps the fixture that has one.
"""

from __future__ import annotations

import ast
import csv
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from bench.places import REPOSITORY
from vaelint import checks
from vaelint.checks import all_checks
from vaelint.checks.base import Saying
from vaelint.config import Config
from vaelint.engine import analyse
from vaelint.finding import Confidence, Finding, Result

GRAPHS = ("ask.py", "example.py", "lesson.py", "slips.py", "statement.py", "repair.py")
SPEAKING = (
    "checks", "infer", *(f"graph/{name}" for name in GRAPHS), "examine.py", "optimised.py", "remarks.py", "finding.py",
)  # fmt: skip
LEAST_WORDS = 3
FIXTURES = REPOSITORY / "tests" / "fixtures"
EXAMPLES = FIXTURES / "messages.tsv"  # message of a row, and the fixture in which it is said, or why none has it
_GAP = "\0"
_FIELD = re.compile(r"\{\w+(?::\w+)?\}")  # a gap of a `Saying`
_SILENT = ("compile", "Check", "split", "cast", "Saying", "_saying")  # calls whose texts reach nobody


@dataclass(frozen=True, slots=True)
class Template:
    """A text with its gaps, and where it stands."""

    place: str
    row: int
    parts: tuple[str, ...]  # what is around the gaps

    @property
    def text(self) -> str:
        return "{…}".join(self.parts)

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(".+?".join(map(re.escape, self.parts)), re.S)


def sayings() -> Iterator[tuple[str, Saying]]:
    """The rows that the checks speak by, with the module of each."""
    for name in sorted(m.name for m in pkgutil.iter_modules(checks.__path__)):
        for held in vars(importlib.import_module(f"{checks.__name__}.{name}")).values():
            yield from (
                (name, x) for x in (held.values() if isinstance(held, dict) else (held,)) if isinstance(x, Saying)
            )


def spoken(text: str) -> re.Pattern[str]:
    """What a text of a row becomes."""
    return Template("", 0, tuple(_FIELD.split(text))).pattern


def templates(package: Path) -> list[Template]:
    """Those of a package, in the order of its files; of the checks first what their rows say."""
    found: dict[str, Template] = {}
    for module, saying in sayings():
        for text in (saying.message, saying.edit):
            t = Template(f"checks/{module}.py", 0, tuple(_FIELD.split(text)))
            if len(text.split()) >= LEAST_WORDS:
                found.setdefault(t.text, t)
    for name in SPEAKING:
        place = package / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            for row, parts in texts(path.read_text("utf-8")):
                t = Template(path.relative_to(package).as_posix(), row, parts)
                found.setdefault(t.text, t)
    return list(found.values())


def texts(code: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The texts of a module: no documentation, no patterns, nothing of its examples, no errors of ours."""
    skipped: set[int] = set()
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        elif isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _called(node) in _SILENT):
            skipped |= {id(x) for x in ast.walk(node)}
        elif isinstance(node, ast.AnnAssign):
            skipped |= {id(x) for x in ast.walk(node.annotation)}
        elif isinstance(node, (ast.JoinedStr, ast.Constant)):
            skipped |= {id(x) for x in ast.walk(node)}
            parts = _parts(node)
            if len(" ".join(parts).split()) >= LEAST_WORDS and "\n" not in "".join(parts):
                yield node.lineno, parts


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _parts(node: ast.JoinedStr | ast.Constant) -> tuple[str, ...]:
    if isinstance(node, ast.Constant):
        return tuple(_FIELD.split(node.value)) if isinstance(node.value, str) else ()
    text = "".join(str(x.value) if isinstance(x, ast.Constant) else _GAP for x in node.values)
    return tuple(text.split(_GAP))


def said() -> list[str]:
    """All that is said of the fixtures and the examples of the checks, each once."""
    shown = Config(min_confidence=Confidence.POSSIBLE)
    runs = [analyse([FIXTURES], shown, traces=True)]
    for check in all_checks():
        runs += [analyse([], shown, stdin=("example.py", code)) for code in check.bad]
    return list(dict.fromkeys(x for result in runs for x in _lines(result)))


def example_of(t: Template, lines: list[str]) -> str:
    """What a text became: as a whole, else within another one; empty where it was not said."""
    whole = next((x for x in lines if t.pattern.fullmatch(x)), "")
    return whole or next((x for x in lines if t.pattern.search(x)), "")


def _lines(result: Result) -> Iterator[str]:
    for f in (*result.findings, *result.hidden):
        yield from of_finding(f)
    for o in result.objectives:
        yield from (o.reason, *o.assumptions, *(s.message for t in o.terms for s in t.trace))
    yield from (p.message for p in result.problems)


def of_finding(f: Finding) -> Iterable[str]:
    example = f.example.told() if f.example is not None else ""
    return (f.message, f.help, example, *(s.message for s in f.trace), *(r.message for r in f.related), *f.assumptions)


def record() -> int:
    """Write `EXAMPLES` anew; what is said there of rows that no fixture has stays."""
    kept = examples()
    found: dict[str, str] = {}
    wanted = {saying.message: spoken(saying.message) for _, saying in sayings()}
    for f in analyse([FIXTURES], Config(min_confidence=Confidence.POSSIBLE)).findings:
        where = Path(f.filename).resolve().relative_to(FIXTURES).as_posix()
        for text in [x for x, pattern in wanted.items() if pattern.fullmatch(f.message)]:
            found[text] = min(found.get(text, where), where)
    with EXAMPLES.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        rows.writerows((text, found.get(text) or kept.get(text, "none")) for text in sorted(wanted))
    return 0


def examples() -> dict[str, str]:
    """By message of a row, the fixture that has it, or the reason why none has."""
    rows = EXAMPLES.read_text("utf-8").splitlines() if EXAMPLES.exists() else []
    return dict(row.split("\t") for row in rows)


def run(find: str) -> int:
    """Print them, by file; those with ``find`` in them, where that is given."""
    lines = said()
    found = [t for t in templates(REPOSITORY / "vaelint") if find in t.text]
    place = ""
    seen = 0
    for t in found:
        example = example_of(t, lines)
        seen += bool(example)
        if t.place != place:
            place = t.place
            click.echo(f"\n{place}")
        click.echo(f"  {t.row:>4} {t.text}")
        if example and example != t.text:
            click.echo(f"       → {example}")
        elif not example:
            click.echo("       (in no fixture)")
    click.echo(f"\n{len(found)} texts, {seen} of them in what is said of the fixtures.")
    return 0
