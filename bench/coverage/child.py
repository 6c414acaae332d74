"""The coverage of the working directory, in a process of its own: JSON on standard output."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    del sys.path[0]  # this folder: its modules are not to stand before those of others

from bench.coverage import callees, reasons
from bench.coverage.decided import CLAIM, FACTS, Known, Looked, look
from bench.coverage.places import Place, Span, find
from bench.mutants.choose import TESTS
from bench.mutants.sites import order
from bench.places import enclosing, functions

BY = {FACTS: "facts", CLAIM: "claim"}
_EVENTS = {"objective": "objectives", "selection": "selections", "comparison": "selections"}


FILES = (
    250  # of one package at most, in an order that depends on their names alone: one library is not to count for all
)


def main() -> None:
    began = time.perf_counter()
    print(json.dumps({**folder(Path.cwd()), "seconds": round(time.perf_counter() - began, 1)}))  # noqa: T201


def folder(root: Path) -> dict[str, Any]:
    """``places``: sort, name, file, row, function, by (facts, claim, undecided), reason, line, of each."""
    texts, places = {}, {}
    names = [path.relative_to(root).as_posix() for path in root.rglob("*.py")]
    for name in sorted((n for n in names if not TESTS.search(n)), key=lambda n: order("coverage", n))[:FILES]:
        try:
            text = (root / name).read_text("utf-8").replace("\r\n", "\n")
            found = find(text)
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        texts[str(root / name)] = text
        if found:
            places[str(root / name)] = found
    wanted = {file: {row for p in found for s in p.spans for row in (s[0], p.row)} for file, found in places.items()}
    seen = look(sorted(texts), wanted)
    made = _Judge(root, texts, seen)
    called = callees.inside(texts, places, made.called)
    return {
        "files": len(texts),
        "places": [made.describe(f, p) for f, found in places.items() for p in found],
        "calls": called,
        "library": Counter(c.name for its in seen.calls.values() for c in its.values() if c.sort == "library"),
    }


class _Judge:
    def __init__(self, root: Path, texts: dict[str, str], seen: Looked) -> None:
        self.root, self.seen = root, seen
        own = frozenset(p.stem for p in root.iterdir())
        self.texts = {file: reasons.Text(text, own) for file, text in texts.items()}
        self.lines = {file: text.split("\n") for file, text in texts.items()}
        self.spans = {file: functions(text) for file, text in texts.items()}

    def called(self, file: str, span: Span) -> callees.Callee | None:
        return self.seen.calls.get(file, {}).get(span)

    def describe(self, file: str, p: Place) -> dict[str, Any]:
        rank, why = self._decided(file, p)
        shown = {"sort": p.sort, "name": p.name, "file": Path(file).relative_to(self.root).as_posix(), "row": p.row}
        line = " ".join(self.lines[file][p.row - 1].split())[:120]
        by = BY.get(rank, "undecided")
        return {**shown, "function": p.function, "by": by, "reason": "" if rank == FACTS else why, "line": line}

    def _decided(self, file: str, p: Place) -> tuple[int, str]:
        """(rank, reason): by the weakest of the values, or by an event at the place."""
        if file in self.seen.failed:
            return 0, reasons.UNPARSED
        if p.sort in _EVENTS and (event := self._event(file, p)) is not None:
            return event.rank, self._lost(event)
        if p.sort in ("objective", "selection"):
            return 0, self._unreached(file, p, reasons.NO_EVENT)
        if not p.spans:
            return 0, reasons.NO_VALUE
        made = [self._value(file, p, span) for span in p.spans]
        return (max if p.open else min)(made, key=lambda x: x[0])

    def _value(self, file: str, p: Place, span: Span) -> tuple[int, str]:
        known = self.seen.values.get(file, {}).get(span)
        if known is None:
            return 0, self._unreached(file, p, reasons.NOT_EVALUATED)
        return (known.own if p.own else known.rank), self._lost(known)

    def _event(self, file: str, p: Place) -> Known | None:
        """The best known event that optimises or selects within the rows of the place."""
        events = getattr(self.seen, _EVENTS[p.sort]).get(file, [])
        first, last = min(s[0] for s in p.spans), max(s[2] for s in p.spans)
        return max((known for row, known in events if first <= row <= last), key=lambda k: k.rank, default=None)

    def _unreached(self, file: str, p: Place, otherwise: str) -> str:
        rows = self.seen.rows.get(file, set())
        around = enclosing(self.spans[file], p.row)
        own = next(((a, b) for a, b, name in self.spans[file] if name == around and a <= p.row <= b), (p.row, p.row))
        if any(p.function.rsplit(".", 1)[-1] in message for message in self.seen.unfinished.get(file, ())):
            return "budget"
        return otherwise if any(own[0] < r <= own[1] for r in rows) or around == "<module>" else reasons.NOT_INTERPRETED

    def _lost(self, known: Known) -> str:
        at = known.lost
        if at.file not in self.texts:
            return reasons.Text("", frozenset()).lost(at.why, at.span)
        return self.texts[at.file].lost(at.why, at.span)


if __name__ == "__main__":
    main()
