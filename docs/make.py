"""Makes what is made in the documents: the list of keys, the JSON schema, and vaelint's answers in the pages.

``python docs/make.py`` writes them, ``python docs/make.py --check`` exits with 1 if any is out of date.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from click.testing import CliRunner  # noqa: E402

from vaelint.checks import all_checks  # noqa: E402
from vaelint.cli import main  # noqa: E402
from vaelint.config import schema  # noqa: E402

DOCS = ROOT / "docs"
WIDTH = 100

# A program in a page: its name stands in a comment before it, so that a reader sees the code alone.
_PROGRAM = re.compile(
    r"<!-- file: (?P<name>[\w./-]+)(?: from: (?P<base>[\w./-]+))? -->\n```(?:python|yaml|diff)\n(?P<text>.*?)```\n",
    re.S,
)
# What vaelint answers to a command, with what it said when the page was made.
_ANSWER = re.compile(
    r"(?P<head><!-- answer: (?P<command>vaelint [^\n]*?) -->\n)(?:```console\n.*?```\n)?(?P<tail><!-- end -->\n)", re.S
)


# Where a page says how often findings are right.
_FIGURES = re.compile(r"(?P<head><!-- figures: made by docs/make.py -->\n)[^<]*(?P<tail><!-- end -->\n)")
_ROUNDS = 3  # the last of them, each on code that had no part in the making


_IN_ENGLISH = (
    "In {files:,} files of {packages} released packages that it was written with, {known} of {of_known} findings are "
    "right; of {clean} clean files with labels it reports {false_alarms}. On code that nobody had read before, {right} "
    "of {unread} findings were right in the last {rounds} rounds ([bench/UNREAD.md](bench/UNREAD.md), also for what it "
    "misses). Look before you edit."
)
_IN_CHINESE = (
    "在开发时所用的 {packages} 个已发布的包、共 {files:,} 个文件中，\n"
    "{of_known} 条报告里有 {known} 条正确；在 {clean} 个标注为无误的文件上误报 {false_alarms} 条。"
    "在从未有人读过的代码上，\n最近 {rounds} 轮的 {unread} 条报告里有 {right} 条正确"
    "（见 [bench/UNREAD.md](bench/UNREAD.md)，其中也有漏报的情况）。修改之前请先看代码。"
)


def figures(text: str = _IN_ENGLISH) -> str:
    """What was measured: on the packages that the checks were written with, and on code that nobody had read."""
    record = json.loads((ROOT / "vaelint/report/measured.json").read_text("utf-8"))
    known = {verdict: sum(c.get(verdict, 0) for c in record["codes"].values()) for verdict in ("right", "wrong")}
    files, packages = record["corpus"]["files"], record["corpus"]["packages"]
    rows = [r.split("\t") for r in (ROOT / "bench/unread.tsv").read_text("utf-8").splitlines()]
    at, round_ = rows[0].index("verdict"), rows[0].index("round")
    last = sorted({int(r[round_]) for r in rows[1:]})[-_ROUNDS:]
    unread = [r[at] for r in rows[1:] if int(r[round_]) in last]
    right, wrong = sum(v in ("bug", "naming") for v in unread), unread.count("wrong")
    cases = record["cases"]
    none = "none" if text is _IN_ENGLISH else 0
    said = text.format(
        files=files,
        packages=packages,
        known=known["right"],
        of_known=known["right"] + known["wrong"],
        clean=cases["clean"],
        false_alarms=cases["false_alarms"] or none,
        right=right,
        unread=right + wrong,
        rounds=_ROUNDS,
    )
    rows = textwrap.wrap(said, 122, break_on_hyphens=False) if text is _IN_ENGLISH else [said]
    return "\n".join(rows) + "\n"


def documents() -> Iterator[tuple[Path, str]]:
    """Each made file, with what it should hold."""
    yield schema.FILE, json.dumps(schema.made(), indent=2, ensure_ascii=False) + "\n"
    page = DOCS / "configuration.md"
    text = page.read_text("utf-8")
    begin = "<!-- keys: made by docs/make.py -->\n"
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition("<!-- end -->\n")
    yield page, f"{head}{begin}\n{schema.page()}\n<!-- end -->\n{tail}"
    yield DOCS / "checks.md", _checks()
    for path in sorted(DOCS.glob("signs-of-*.md")):
        yield path, answered(path.read_text("utf-8"))
    for name, language in (("README.md", _IN_ENGLISH), ("README.zh-CN.md", _IN_CHINESE)):
        readme = ROOT / name
        made = figures(language)
        yield (
            readme,
            _FIGURES.sub(lambda m, made=made: m["head"] + made + m["tail"], answered(readme.read_text("utf-8"))),
        )


def _checks() -> str:
    """What `vaelint explain` says of each check, with a link for each code."""
    checks = sorted(all_checks(), key=lambda check: check.code)
    out = ["# Checks\n", "Made by `docs/make.py` of what `vaelint explain` says.\n"]
    out += [f"- [{c.code}](#{c.code.lower()}) {c.name}: {c.summary}" for c in checks]
    for check in checks:
        doc = check.doc.strip().replace("\n## ", "\n### ")
        doc = "#" + doc if doc.startswith("## ") else doc
        out.append(f'\n<a id="{check.code.lower()}"></a>\n\n## {check.name} ({check.code})\n\n{doc}')
    return "\n".join(out) + "\n"


def programs(text: str) -> dict[str, str]:
    """The programs of a page, by name; of one that is given by its difference from another, the whole."""
    out: dict[str, str] = {}
    for m in _PROGRAM.finditer(text):
        out[m["name"]] = m["text"] if m["base"] is None else _changed(out[m["base"]], m["text"], m["name"])
    return out


def _changed(program: str, difference: str, name: str) -> str:
    """With each block of rows that begin with `-` replaced by the rows with `+` behind it."""
    for block in re.findall(r"(?:^-.*\n)+(?:^\+.*\n)*", difference, re.M):
        rows = block.splitlines(keepends=True)
        old = "".join(row[1:] for row in rows if row.startswith("-"))
        if program.count(old) != 1:
            raise ValueError(f"{name}: not one place is `{old.strip()}`")
        program = program.replace(old, "".join(row[1:] for row in rows if row.startswith("+")))
    return program


def answered(text: str) -> str:
    """A page with vaelint's answers to its commands, run where its programs are."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for file, program in programs(text).items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(program, "utf-8")
        return _ANSWER.sub(lambda m: m["head"] + _block(m["command"], folder) + m["tail"], text)


def _block(command: str, folder: Path) -> str:
    """The command, and what it answers in a terminal of that width where the programs are."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        shown = CliRunner(env={"VAELINT_WIDTH": str(WIDTH), "NO_COLOR": "1"}).invoke(main, command.split()[1:])
    finally:
        os.chdir(here)
    return f"```console\n$ {command}\n{shown.output.rstrip()}\n```\n"


def run(check: bool) -> int:
    late = []
    for path, text in documents():
        if not path.exists() or path.read_text("utf-8") != text:
            late.append(path)
            if not check:
                path.write_text(text, "utf-8")
    for path in late:
        sys.stdout.write(f"{'out of date' if check else 'made'}: {path.relative_to(ROOT)}\n")
    return 1 if check and late else 0


if __name__ == "__main__":
    sys.exit(run("--check" in sys.argv[1:]))
