"""Finds the rule files. Only their heads are read here; ``Knowledge`` parses the rest when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from vaelint.knowledge import compiled
from vaelint.knowledge.base import Knowledge
from vaelint.knowledge.lexicon import Lexicon
from vaelint.knowledge.library import Library, Reader, RuleError, parse_toml, read
from vaelint.knowledge.metrics import Metrics
from vaelint.sense import Sense

NAMES = "names.toml"
METRICS = "metrics.toml"
_WORDS = (NAMES, METRICS)  # files of words, not of a library
_ROLES = "roles.toml"  # words of laws, which `vaelint.laws` reads
VOCABULARY = "vocabulary.toml"  # words of identifiers, which `vaelint.knowledge.vocabulary` reads

_ROOTS = re.compile(r"^roots\s*=\s*\[([^\]]*)\]", re.MULTILINE)
_QUOTED = re.compile(r"[\"']([^\"']+)[\"']")


def load(extra: Sequence[Path] = (), words: Sequence[tuple[str, str]] = ()) -> Knowledge:
    """The shipped rules, and the user's: files, or directories of files, of the same form.

    ``words`` are pairs of a word and the sense that a value of that name is claimed to have.

    What the user's files say goes before what the shipped ones do. They are read whole and at once, so that a
    mistake in one is told at the start.
    """
    return _load(tuple(path.resolve() for path in extra), tuple(words))


@lru_cache(maxsize=8)
def _load(extra: tuple[Path, ...], words: tuple[tuple[str, str], ...]) -> Knowledge:
    shipped = rules_directory()
    index: dict[str, list[Path]] = {}
    always: list[Path] = []
    everything: list[Path] = []
    for path in sorted(shipped.glob("*.toml")):
        if path.name in (*_WORDS, _ROLES, VOCABULARY):
            continue
        roots, has_methods = _head(path)
        everything.append(path)
        for root in roots:
            index.setdefault(root, []).append(path)
        if has_methods:
            always.append(path)
    names = {name: [shipped / name] for name in _WORDS}
    parsed: list[Library] = []
    for path in _files(extra):
        if path.name in _WORDS:
            names[path.name].append(path)
            continue
        library = read(path)
        parsed.append(library)
        everything.append(path)
        always.append(path)
        for root in library.roots:
            index.setdefault(root, []).append(path)
    lexicon = Lexicon.read(names[NAMES])
    for word, sense in words:
        lexicon.add(word, Sense(sense))
    return Knowledge(index, always, everything, lexicon, parsed, Metrics.read(names[METRICS]))


@lru_cache(maxsize=1)
def rules_directory() -> Path:
    """``vaelint/rules`` in an installed wheel, ``rules`` of the repository in a checkout."""
    for place in (compiled.SHIPPED, compiled.CHECKOUT):
        if (place / NAMES).is_file():
            return place
    raise RuleError(compiled.SHIPPED, "directory", f"holds no {NAMES}: the installation is broken")


def _head(path: Path) -> tuple[Sequence[str], bool]:
    """The top-level names that a shipped file speaks of, and whether it has methods: without reading it whole."""
    made = compiled.of(path.parent)
    if made is not None and path.name in made.heads:
        head = made.heads[path.name]
        return head.roots, head.has_methods
    text = path.read_text(encoding="utf-8")
    found = _ROOTS.search(text)
    return _QUOTED.findall(found[1]) if found else [], "[[method]]" in text


def _files(extra: tuple[Path, ...]) -> Iterator[Path]:
    for path in extra:
        if path.is_dir():
            yield from sorted(path.glob("*.toml"))
        else:
            yield path


def spoken() -> tuple[str, ...]:
    """The parts of a text by which it speaks of metrics and errors, in lower case: code without any has none."""
    path = rules_directory() / METRICS
    table = parse_toml(path)
    return Reader(path, "top level", table, table).texts("spoken")
