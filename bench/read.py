"""vaelint over code that has no losses: it must not crash, and what it reports there has been read by a person."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

from bench import ledger, trust
from bench.corpus import analyse
from bench.places import HERE, cache_folder, read_json, tool_version, write_json

VERDICTS = HERE / "read.tsv"  # as bench/ledger.tsv; missing while nothing was found
_COLUMNS = ("folder", "files", "rows", "crashes", "notes", "findings", "right", "wrong", "hidden", "processor time")


def run(folders: tuple[Path, ...], cache: Path | None, record: bool) -> int:
    """A row for each folder, named as it is; 1 if anything crashed or a finding has no verdict.

    Raw results are kept by the version of the tool and the name of the folder: a stopped run goes on.
    """
    kept = cache_folder(cache) / "read" / tool_version()
    verdicts = ledger.read(VERDICTS)
    rows, failed = [], False
    for folder in folders:
        file = kept / f"{folder.name}.json"
        raw = read_json(file)
        if raw is None:
            before = _processor()
            raw = analyse(folder)
            raw["processor"] = _processor() - before
            write_json(file, raw)
        crashes = [raw["crash"]] if raw["crash"] else [p["message"] for p in raw["problems"] if p["ours"]]
        shown = [f for f in raw["findings"] if f["confidence"] != "possible"]
        judged = [verdicts.get(ledger.key_of(folder.name, f).fingerprint) for f in shown]
        right, _, wrong, _ = ledger.precision(v.verdict for v in judged if v is not None)
        for f, verdict in zip(shown, judged):
            if verdict is None:
                _say(f"no verdict: {folder.name} {f['file']}:{f['row']} {f['code']} {f['message']}")
        for message in crashes:
            _say(f"crash: {folder.name} {message}")
        failed |= bool(crashes) or None in judged
        counts = (len(crashes), len(raw["problems"]), len(shown), right, wrong, len(raw["findings"]) - len(shown))
        rows.append(
            [folder.name, str(raw["files"]), str(_rows(folder)), *map(str, counts), f"{raw['processor']:.0f} s"]
        )
        _say(" ".join(rows[-1]))
    table = _table(rows)
    _say(table)
    if record:
        trust.write("read", table, adds=True)
    return int(failed)


def _table(rows: list[list[str]]) -> str:
    made: list[Any] = [_COLUMNS, ["---"] * len(_COLUMNS), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in made)


def _rows(folder: Path) -> int:
    return sum(p.read_bytes().count(b"\n") for p in folder.rglob("*.py") if p.is_file())


def _processor() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
