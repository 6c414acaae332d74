"""What a change did to real code: this run of the corpus against the one that is recorded."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console

SHOWN = 40  # objectives listed at most


def place(f: dict[str, Any]) -> str:
    return f"{f['code']} {f['confidence']} {f['package']} {f['file']}:{f['row']} in {f['function']}"


def differ(console: Console, before: dict[str, Any], now: dict[str, Any]) -> None:
    """Totals, findings that came and went, status counts of packages, reasons."""
    console.print(f"Against the recorded run ({before['tool']} → {now['tool']}):")
    for name, total in now["totals"].items():
        if name not in ("seconds", "megabytes") and before["totals"].get(name) != total:
            console.print(f"  {name}: {before['totals'].get(name)} → {total}", markup=False)
    old = {f["fingerprint"]: f for f in before["findings"]}
    new = {f["fingerprint"]: f for f in now["findings"]}
    for mark, some, other in (("+", new, old), ("-", old, new)):
        for fingerprint, f in some.items():
            if fingerprint not in other:
                console.print(f"  {mark} {f['verdict'] or 'unjudged'} {place(f)}: {f['line'][:100]}", markup=False)
    for name, total in now["packages"].items():
        was = before["packages"].get(name, {})
        keys = ("consistent", "by-name", "intended", "wrong", "unresolved")
        if any(was.get(k, 0) != total[k] for k in keys):
            told = ", ".join(f"{k} {was.get(k, 0)} → {total[k]}" for k in keys if was.get(k, 0) != total[k])
            console.print(f"  {name}: {told}", markup=False)
    reasons = {r["reason"]: r["n"] for r in before["reasons"]}
    for r in now["reasons"]:
        if reasons.get(r["reason"]) != r["n"]:
            console.print(f"  {reasons.get(r['reason'], 0)} → {r['n']} {r['reason']}", markup=False)


def changes(before: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(status before, status now, place) of each objective that came, went or changed; by package, raw results.

    An objective is known by its file, function and line; the like in one function by their order.
    """
    old, new = _numbered(before), _numbered(now)
    out = []
    for key in dict.fromkeys([*old, *new]):
        was, here = old.get(key), new.get(key)
        if (was and was["status"]) != (here and here["status"]):
            shown = here or was
            assert shown is not None
            where = f"{key[0]} {shown['file']}:{shown['row']} {shown['line'][:80]} {shown['reason'][:80]}"
            out.append((was["status"] if was else "unseen", here["status"] if here else "unseen", where))
    return sorted(out)


def objectives(console: Console, before: dict[str, Any], now: dict[str, Any]) -> None:
    both = {name for name in now if name in before}
    made = changes({n: before[n] for n in both}, {n: now[n] for n in both})
    counts = Counter((was, here) for was, here, _ in made)
    for (was, here), n in counts.most_common():
        console.print(f"  objectives {was} → {here}: {n}", markup=False)
    for was, here, where in made[:SHOWN]:
        console.print(f"    {was} → {here}: {where.strip()}", markup=False)


def _numbered(raw: dict[str, Any]) -> dict[tuple[str, str, str, str, int], dict[str, Any]]:
    seen: Counter[tuple[str, str, str, str]] = Counter()
    out: dict[tuple[str, str, str, str, int], dict[str, Any]] = {}
    for package, r in raw.items():
        for o in r["objectives"]:
            key = (package, o["file"], o["function"], o["line"])
            seen[key] += 1
            out[(*key, seen[key])] = o
    return out
