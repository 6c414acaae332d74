"""What a repository leaves out: ``.gitignore`` and ``.ignore`` files, and ``.git/info/exclude``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache

from vaelint import files


@dataclass(frozen=True)
class Rule:
    pattern: re.Pattern[str]
    keeps: bool  # `!pattern`
    folders: bool  # `pattern/`


class Ignored:
    """Asked of a path whose folders are known not to be ignored: so a search that goes down needs no more.

    ``.gitignore`` counts within a repository alone, ``.ignore`` everywhere, as in Ruff.
    """

    def __init__(self) -> None:
        self._rules: dict[str, tuple[tuple[str, tuple[Rule, ...]], ...]] = {}

    def __call__(self, path: str, is_folder: bool) -> bool:
        """``path`` is absolute."""
        for base, rules in self._above(os.path.dirname(path)):  # noqa: PTH120
            relative = os.path.relpath(path, base).replace(os.sep, "/")
            for rule in reversed(rules):
                if (is_folder or not rule.folders) and rule.pattern.fullmatch(relative):
                    return not rule.keeps
        return False

    def _above(self, folder: str) -> tuple[tuple[str, tuple[Rule, ...]], ...]:
        """The rules that hold in a folder, those of the nearest file first."""
        if folder not in self._rules:
            own = [(folder, _read(os.path.join(folder, ".ignore")))]  # noqa: PTH118
            if _repository(folder) is not None:
                own.append((folder, _read(os.path.join(folder, ".gitignore"))))  # noqa: PTH118
            if os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118
                own.append((folder, _read(os.path.join(folder, ".git", "info", "exclude"))))  # noqa: PTH118
            parent = os.path.dirname(folder)  # noqa: PTH120
            further = self._above(parent) if parent != folder else ()
            self._rules[folder] = (*((base, rules) for base, rules in own if rules), *further)
        return self._rules[folder]


@cache
def _repository(folder: str) -> str | None:
    """The root of the repository that a folder is in."""
    if os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118
        return folder
    parent = os.path.dirname(folder)  # noqa: PTH120
    return _repository(parent) if parent != folder else None


def _read(path: str) -> tuple[Rule, ...]:
    try:
        text = files.read(path).decode("utf-8", "replace")
    except OSError:
        return ()
    made = (_rule(line) for line in text.splitlines())
    return tuple(rule for rule in made if rule is not None)


def _rule(line: str) -> Rule | None:
    """https://git-scm.com/docs/gitignore#_pattern_format"""
    line = re.sub(r"(?<!\\) +$", "", line)
    if not line or line.startswith("#"):
        return None
    keeps = line.startswith("!")
    line = line[1:] if keeps or line.startswith((r"\#", r"\!")) else line
    folders, line = line.endswith("/"), line.rstrip("/")
    anchored = "/" in line
    line = line.lstrip("/")
    if not line:
        return None
    try:
        return Rule(re.compile(("" if anchored else "(?:.*/)?") + _translated(line), re.S), keeps, folders)
    except re.error:  # a range that is none, such as `[z-a]`: git matches nothing with it
        return None


def _translated(pattern: str) -> str:
    out, i = "", 0
    while i < len(pattern):
        if pattern.startswith("**/", i) and (i == 0 or pattern[i - 1] == "/"):
            out, i = out + "(?:.*/)?", i + 3
        elif pattern[i:] == "**" and (i == 0 or pattern[i - 1] == "/"):
            out, i = out + ".+", i + 2
        elif pattern[i] == "*":
            out, i = out + "[^/]*", i + 1
        elif pattern[i] == "?":
            out, i = out + "[^/]", i + 1
        elif pattern[i] == "[" and (end := pattern.find("]", i + 2)) > 0:
            inner = pattern[i + 1 : end].replace("\\", r"\\")
            out, i = out + f"[{'^' + inner[1:] if inner[0] in '!^' else inner}]", end + 1
        else:
            escaped = pattern[i] == "\\" and i + 1 < len(pattern)
            i += escaped
            out, i = out + re.escape(pattern[i]), i + 1
    return out
