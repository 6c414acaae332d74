"""Writes right, silent and wrong forms of laws, under names that matching does not know; counts what is reported."""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.progress import track
from rich.table import Table

from bench.laws.spell import Written, written
from bench.places import RESULTS, read_json, stdout, write_json
from vaelint.config import Config
from vaelint.evidence import Confidence
from vaelint.examine import examine
from vaelint.infer.laws import catalogue
from vaelint.knowledge.loader import load, rules_directory
from vaelint.laws import rows
from vaelint.laws.words import split
from vaelint.source.file import absolute
from vaelint.source.project import Project

RECORDED = RESULTS / "laws.json"
LEFT_OUT = "LEFT_OUT.tsv"
KINDS = ("wrong", "right", "silent", "right, other names", "silent, other names")


class Form(NamedTuple):
    field: str
    law: str
    kind: str
    text: str
    made: Written


def is_withheld(identifier: str) -> bool:
    """Half of all names, by a hash of their words: matching does not know them, and the generator writes with them."""
    words = "_".join(sorted(split(identifier)))
    return hashlib.sha1(words.encode()).digest()[0] % 2 == 1


def run(*, fields: tuple[str, ...], record: bool, seed: int, limit: int, holders: bool, verbose: bool = False) -> int:
    console = stdout()
    roles = rows.roles()
    known = rows.made(
        rows.texts(), roles, lambda i: not is_withheld(i), (lambda i: not is_withheld(i)) if holders else None
    )
    laws = [h.whole() for h in known.heads]
    laws = [law for law in laws if not fields or any(f in law.field for f in fields)]
    left = [row for row in _left_out() if not fields or any(f in row["field"] for f in fields)]
    forms = list(_forms(laws, roles, seed))
    if limit and len(forms) > limit:
        forms = sorted(random.Random(seed).sample(forms, limit))
    before, catalogue.catalogue = catalogue.catalogue, lambda: known
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    by_shape: Counter[tuple[str, str, bool]] = Counter()
    alarms: list[str] = []
    try:
        for form in track(forms, "Forms", console=console, disable=not console.is_terminal):
            found = reported(form.made.text)
            counted[form.field][form.kind] += 1
            by_shape[form.kind, form.made.shape, bool(found)] += 1
            if found:
                counted[form.field][f"{form.kind}: reported"] += 1
            if bool(found) == (form.kind != "wrong"):
                alarms.append(f"{form.law} [{form.kind}] {form.text}\n{form.made.text}{found}")
    finally:
        catalogue.catalogue = before
    share = len(forms) / max(sum(1 for _ in _forms(laws, roles, seed)), 1)
    for row in left:
        counted[row["field"]]["left out"] += int(row["wrong"])
    made = summary(counted, share, len(laws), len(left), seed)
    _show(console, made)
    if verbose:
        for text in alarms:
            console.print(text, markup=False, highlight=False)
        for kind in KINDS:
            shapes = sorted({s for k, s, _ in by_shape if k == kind})
            told = ", ".join(
                f"{s} {by_shape[kind, s, True]}/{by_shape[kind, s, True] + by_shape[kind, s, False]}" for s in shapes
            )
            console.print(f"{kind}: {told}")
    if record and not fields:
        write_json(RECORDED, made)
    return 0


def reported(text: str) -> list[str]:
    """The codes of what vaelint shows of a file with this text, and what it says."""
    path = Path("form.py")
    given = (absolute(path), text)
    part = examine(path, text, load(), Config(preview=True), Project(given))
    shown = [f.finding for f in part.findings if f.finding.confidence is not Confidence.POSSIBLE]
    return [f"{f.code} {f.message}" for f in shown if f.code[2] in "12345"]


def _forms(laws: Sequence[rows.Law], roles: Mapping[str, Sequence[str]], seed: int) -> Iterator[Form]:
    everything = sorted({i for names in roles.values() for i in names if i.isidentifier()})
    for law in laws:
        kinds = (("wrong", law.wrong), ("right", (law.right,)), ("silent", law.silent))
        for kind, texts in kinds:
            for text in texts:
                rng = random.Random(f"{seed} {law.id} {text}")
                holder = rng.choice(law.holder)
                names = _named(law, roles, holder, rng)
                yield Form(law.field, law.id, kind, text, written(text, names, holder, law.sense, rng))
                if kind != "wrong" and rng.random() < 0.5:
                    others = dict(zip(names, rng.sample([i for i in everything if i != holder], len(names))))
                    made = written(text, others, holder, law.sense, rng)
                    yield Form(law.field, law.id, f"{kind}, other names", text, made)


def _named(law: rows.Law, roles: Mapping[str, Sequence[str]], holder: str, rng: random.Random) -> dict[str, str]:
    """A withheld name for each role, no two alike; where a role has none that is withheld, one that is known."""
    out: dict[str, str] = {}
    for role in law.roles:
        names = [i for i in roles[role.what] if i.isidentifier() and i != holder and i not in out.values()]
        hidden = [i for i in names if is_withheld(i)]
        out[role.name] = rng.choice(hidden or names or [role.name])
    return out


def _left_out() -> list[dict[str, str]]:
    lines = (rules_directory() / rows.FOLDER / LEFT_OUT).read_text(encoding="utf-8").splitlines()
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t"))) for line in lines[1:]]


# --- figures -------------------------------------------------------------------------------------


def summary(counted: Mapping[str, Counter[str]], share: float, taken: int, left: int, seed: int) -> dict[str, Any]:
    """``share``: of all forms, those that were written. Of the laws left out the wrong forms count in proportion."""
    by_field = {name: _figures(c, share) for name, c in sorted(counted.items())}
    total: Counter[str] = Counter()
    for c in counted.values():
        total += c
    return {
        "laws": {"taken in": taken, "left out": left}, "seed": seed, "share": round(share, 3),
        "all": _figures(total, share), "fields": by_field,
    }  # fmt: skip


def _figures(c: Counter[str], share: float) -> dict[str, Any]:
    wrong = c["wrong"] + round(c["left out"] * share)
    fine = sum(c[k] for k in KINDS[1:])
    alarmed = {k: c[f"{k}: reported"] for k in KINDS[1:]}
    return {
        "wrong": wrong, "reported": c["wrong: reported"], "recall": _ratio(c["wrong: reported"], wrong),
        "fine": fine, "alarmed": alarmed, "alarms": _ratio(sum(alarmed.values()), fine),
    }  # fmt: skip


def _ratio(some: int, of: int) -> float:
    return round(some / of, 4) if of else 0.0


def _show(console: Any, made: dict[str, Any]) -> None:
    table = Table("field", "wrong forms", "reported", "%", "right and silent", "alarmed", "%")
    for name, f in [*made["fields"].items(), ("all", made["all"])]:
        table.add_row(
            name, str(f["wrong"]), str(f["reported"]), f"{100 * f['recall']:.0f}",
            str(f["fine"]), str(sum(f["alarmed"].values())), f"{100 * f['alarms']:.1f}",
        )  # fmt: skip
    console.print(table)
    before = read_json(RECORDED)
    if before is not None:
        was = before["all"]
        console.print(f"recorded: {100 * was['recall']:.1f} % reported, {100 * was['alarms']:.2f} % alarmed")
    console.print(
        f"{made['laws']['taken in']} laws taken in, {made['laws']['left out']} left out; seed {made['seed']}, "
        f"{100 * made['share']:.0f} % of their forms: {100 * made['all']['recall']:.1f} % of the wrong ones reported, "
        f"{100 * made['all']['alarms']:.2f} % of the others alarmed"
    )
