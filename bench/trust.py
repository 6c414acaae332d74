"""docs/TRUST.md: what was tried, each part written by the bench that tried it."""

from __future__ import annotations

from bench.places import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "TRUST.md"
# By name: the text before the table. The order is that of the document.
PARTS = {
    "fuzz": """\
By `python -m bench fuzz --count N --record`: real files with tokens, rows or bytes changed, and files made to be
hostile, each in a folder beside a file with a mistake, which has to be found whatever stands beside it; and programs of
the analysis' own language that no text was parsed for. Nothing of it depends on the machine but the last two rows.
""",
    "read": """\
By `python -m bench read --record FOLDER…`: code that has nothing to do with machine learning, where a finding is a
false alarm until it has been read (`bench/read.tsv` has the verdicts). Nothing of it depends on the machine but the
time.
""",
    "same": """\
By `python -m bench same --record FOLDER…`: the same command over the same code, with the files in other orders, by
other numbers of processes, with other seeds of hashes.
""",
    "warm": """\
By `python -m bench warm --record FOLDER…`: copies of real repositories, each run without a cache and with one: new,
warm, after one file has changed, after a quarter of them has changed or gone, with a third of the entries damaged, with
the cache of another user. Answers are compared byte by byte. All but the seconds is the same on any machine.
""",
    "tested": """\
By `python -m bench tested --record`: each operator, constant, condition and statement of what everything else rests on,
one small edit at a time, for which one of the module's own tests has to fail. What changes nothing that could be seen
is explained in `bench/tested.py`.
""",
}
KNOWN = """
## What is known and left

- The parser (libcst) takes time with the square of the length of a flat sum. One of up to 3,000 operators is given to
  it, which costs some seconds; a longer one is not parsed, and the place is named.
- A file that takes more steps than the largest real ones is followed in part, and it says from which function on:
  chains of thousands of functions, methods or classes that each call the next are, after four to five seconds.
- Loops in each other are followed twice each: from about twelve levels on a function is given up, by name, after the
  steps that a function may take, which are two to three seconds.
- An edit is offered only after the file has been looked at with it made. Of a file that takes many steps fewer edits
  are tried, and those that are not are not offered. A file with a thousand mistakes still costs more than five seconds.
"""
_TITLES = {
    "fuzz": "Files made to break it",
    "read": "Code that has no losses",
    "same": "One answer",
    "warm": "What a cache keeps",
    "tested": "What the tests notice",
}


def write(part: str, table: str, *, adds: bool = False) -> None:
    """Put a table into its part of the document; the other parts stay.

    ``adds``: rows stand for those that begin alike, and the other rows stay as well.
    """
    held = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else ""
    out = "# What was tried\n"
    for name, title in _TITLES.items():
        begin, kept = f"\n## {title}\n\n{PARTS[name]}\n", ""
        if f"## {title}\n" in held:
            kept = held.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
            kept = kept.split(KNOWN)[0]
            kept = kept[kept.index("\n|") + 1 :].rstrip("\n") + "\n"
        shown = _added(kept if adds else "", table) if name == part else kept
        out += begin + shown if shown else ""
    DOCUMENT.write_text(out + KNOWN, "utf-8")


def _first(row: str) -> str:
    """The first cell of a row; a line that is none stands for itself."""
    return row.split("|")[1] if "|" in row else row


def _added(kept: str, table: str) -> str:
    """A table with the rows of another one, in the place of those with the same first cell."""
    rows = {_first(row): row for row in table.splitlines()}
    old = [rows.pop(_first(row), row) for row in kept.splitlines()]
    return "".join(f"{row}\n" for row in (*old, *rows.values()))
