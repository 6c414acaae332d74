"""What of the rules was proved by running, and the page that tells it.

``bench/proved_names.txt`` has the names that were proved; ``bench/proved.tsv`` a row a library: the release it was
tried on, how many of its names there are, how many were proved by running, how many only declared, and the reasons
that were given for that.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from bench import proofs
from vaelint.knowledge import Library, load

RECORD = Path(__file__).with_name("proved.tsv")
NAMES = Path(__file__).with_name("proved_names.txt")  # those that were proved, one a line, for what is weighed by calls
PAGE = Path(__file__).parents[1] / "docs" / "LIBRARIES.md"


@dataclass(frozen=True)
class Row:
    library: str
    release: str
    entries: int
    proved: int
    declared: int
    absent: int  # names of other versions than the one tried
    reasons: str = ""

    @classmethod
    def of(cls, library: Library, outcomes: Iterable[proofs.Outcome], tested: Collection[str] = ()) -> Row:
        found = with_tests(outcomes, tested)
        counts = Counter(outcome.status for outcome in found)
        why = Counter(o.why for o in found if o.status == proofs.DECLARED and o.why)
        reasons = "; ".join(f"{reason} ({n})" for reason, n in sorted(why.items()))
        return cls(
            library.name, proofs.release(library), len(found), counts[proofs.PROVED],
            counts[proofs.DECLARED] + counts[proofs.BROKEN], counts[proofs.ABSENT], reasons,
        )  # fmt: skip


def with_tests(outcomes: Iterable[proofs.Outcome], tested: Collection[str]) -> list[proofs.Outcome]:
    """What the tests proved is proved, where the entry has no proof of its own."""
    return [
        proofs.Outcome(o.name, proofs.PROVED) if o.status == proofs.DECLARED and o.name in tested else o
        for o in outcomes
    ]


def names() -> frozenset[str]:
    """The names that were proved when it was last recorded."""
    return frozenset(NAMES.read_text(encoding="utf-8").split()) if NAMES.is_file() else frozenset()


def _known() -> dict[str, Library]:
    return {library.name: library for library in load().libraries() if proofs.names_of(library)}


def recorded() -> dict[str, Row]:
    if not RECORD.is_file():
        return {}
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))[1:]
    return {r[0]: Row(r[0], r[1], int(r[2]), int(r[3]), int(r[4]), int(r[5]), r[6]) for r in rows}


def packages(names: tuple[str, ...]) -> str:
    """The requirements of the libraries named, or of all, one a line."""
    wanted = {p for name, library in _known().items() if not names or name in names for p in library.trials.packages}
    return "\n".join(sorted(wanted))


def run(libraries: tuple[str, ...], *, record: bool, verbose: bool, tests: Path | None = None) -> int:
    """Try the libraries that are installed, and tell; ``tests``: a file of names that `tests/rules` proved."""
    tested = frozenset(tests.read_text(encoding="utf-8").split()) if tests is not None else frozenset()
    wrong = 0
    rows: dict[str, Row] = {}
    shown_names = set(names())
    for name, library in _known().items():
        if (libraries and name not in libraries) or not proofs.installed(library):
            continue
        found = with_tests(proofs.outcomes(library), tested)
        row = Row.of(library, found)
        print(f"{name} {row.release}: {row.proved} of {row.entries} proved, {row.declared} declared", flush=True)  # noqa: T201
        shown = (proofs.REFUTED, proofs.BROKEN, *((proofs.DECLARED, proofs.ABSENT) if verbose else ()))
        for outcome in found:
            wrong += outcome.status in (proofs.REFUTED, proofs.BROKEN)
            if outcome.status in shown:
                print(f"  {outcome.status}: {outcome.name}: {outcome.why}", flush=True)  # noqa: T201
        if name in libraries or library.trials.packages:
            rows[name] = row
            shown_names -= {o.name for o in found}
            shown_names |= {o.name for o in found if o.status == proofs.PROVED}
    if record:
        rows = recorded() | rows  # another environment may have been at it meanwhile
        with RECORD.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, delimiter="\t", lineterminator="\n")
            out.writerow(Row.__annotations__)
            out.writerows(astuple(rows[name]) for name in sorted(rows))
        NAMES.write_text("".join(f"{name}\n" for name in sorted(shown_names)), encoding="utf-8")
    return int(wrong > 0)


def rendered() -> str:
    rows, known = recorded(), _known()
    lines, totals = [], Counter[str]()
    for name, library in sorted(known.items()):
        entries = len(proofs.names_of(library))
        row = rows.get(name, Row(name, "", entries, 0, entries, 0))
        totals.update(entries=entries, proved=row.proved, libraries=1)
        link = f"[{name}]({library.docs})" if library.docs else name
        rest = entries - row.proved
        lines.append(f"| {link} | {row.release or '–'} | {entries} | {row.proved} | {rest} | {row.reasons} |")
    return _HEAD.format(**totals) + "\n".join(lines) + "\n"


_HEAD = """# Libraries

What `rules/` says of libraries: {entries} names of {libraries} libraries, {proved} of them proved by running the
library. Made by `python -m bench libraries` from the rules and `bench/proved.tsv`, which `python -m bench prove
--record` writes.

*Proved* is a name whose meaning a release of the library was seen to have: a loss is less for the better prediction, a
sampler ends where the density is greatest. *Declared* are those that nobody ran, for the reason beside them, and those
of other releases. `vaelint rules --libraries NAME` lists the entries of one.

| library | proved on | entries | proved | declared | why not |
|---|---|---|---|---|---|
"""


def page(*, check: bool) -> int:
    text = rendered()
    if check:
        return int(not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    return 0
