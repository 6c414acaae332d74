"""Reads one rule file. Everything wrong in it is told with the file, the entry and the reason.

A file gives ``library``, ``roots`` (the top-level names it is imported by), ``docs``, ``[aliases]`` (prefix =
canonical prefix), ``imported_as`` (what people bind by ``import … as`` = what it is), ``[[function]]``, ``[[method]]``,
``[[selector]]`` and ``[[override]]`` tables. Their keys are the fields of ``Entry``, ``Method``, ``Selector`` and
``Override``, with ``names`` in place of ``name``;
``"scipy.stats.{norm,t}.logpdf"`` stands for both, and ``{@continuous}`` for all that ``[lists]`` has under that key.
``versions = true`` marks names that only some versions of the library have; a range (``">=0.2,<1"``) says which.
``keywords`` are parameters that are passed by name alone. ``proof`` and ``[proof]`` say how an entry is tried on the
real library, ``unproved`` why it is not: see ``Proof``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from vaelint import files
from vaelint.knowledge import compiled
from vaelint.knowledge.schema import KINDS, MAKES, PROOFS, Entry, Method, Override, Proof, Selector, Trials
from vaelint.sense import Pass, Sense

Table = dict[str, Any]
T = TypeVar("T")

_ON = ("tensor", "distribution", "any")
_DIRECTIONS = ("minimize", "maximize")


class RuleError(Exception):
    """A rule file says something that cannot be meant."""

    def __init__(self, path: Path, entry: str, reason: str) -> None:
        super().__init__(f"{path}: {entry}: {reason}")
        self.path = path
        self.entry = entry
        self.reason = reason


@dataclass(slots=True)
class Library:
    """What one file says. ``functions`` holds, for each name, an entry that all of its group share."""

    name: str
    roots: tuple[str, ...]
    docs: str
    path: Path
    aliases: dict[str, str] = field(default_factory=dict)
    imported_as: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Entry] = field(default_factory=dict)
    methods: dict[tuple[str, str], Method] = field(default_factory=dict)
    selectors: dict[str, Selector] = field(default_factory=dict)
    overrides: dict[tuple[str, str], Override] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)  # names that not every version has
    ranges: dict[str, str] = field(default_factory=dict)  # of these, the versions that have them, where they are told
    trials: Trials = field(default_factory=Trials)
    proofs: dict[str, Proof] = field(default_factory=dict)  # by the name of a function or selector

    def entry(self, name: str) -> Entry | None:
        shared = self.functions.get(name)
        return replace(shared, name=name) if shared is not None else None

    def selector(self, name: str) -> Selector | None:
        shared = self.selectors.get(name)
        return replace(shared, name=name) if shared is not None else None


def parse_toml(path: Path) -> Table:
    known = compiled.table(path)
    if known is not None:
        return known
    try:
        return compiled.parsed(files.read(path).decode("utf-8"))
    except (OSError, UnicodeDecodeError) as e:
        raise RuleError(path, "file", f"cannot be read: {e}") from e
    except (ValueError, RecursionError) as e:
        raise RuleError(path, "file", f"is not TOML: {e}") from e


def expand(name: str, lists: dict[str, tuple[str, ...]]) -> list[str]:
    """``a.{b,c}.d`` is ``a.b.d`` and ``a.c.d``; ``{@l}`` stands for what ``lists`` has under ``l``."""
    before, brace, rest = name.partition("{")
    if not brace:
        return [name]
    inside, closed, after = rest.partition("}")
    if not closed:
        raise ValueError(f"`{name}` has an open brace")
    parts: list[str] = []
    for part in map(str.strip, inside.split(",")):
        if part.startswith("@") and part[1:] not in lists:
            raise ValueError(f"`{name}` uses a list `{part[1:]}` that the file does not have under [lists]")
        parts += lists[part[1:]] if part.startswith("@") else (part,)
    tails = expand(after, lists)
    return [before + part + tail for part in parts for tail in tails]


def read(path: Path) -> Library:
    table = parse_toml(path)
    top = Reader(path, "top level", table, _TOP)
    library = Library(top.text("library", required=True), top.texts("roots"), top.text("docs"), path)
    library.aliases = top.words("aliases", str)
    for name in library.aliases:
        _rooted(library, top, name)
    library.imported_as = top.words("imported_as", str)
    lists = Reader(path, "lists", top.section("lists"), top.section("lists"))
    library.lists = {key: lists.texts(key) for key in lists.table}
    library.trials = _trials(path, top.section("proof"))
    for i, raw in enumerate(top.tables("function"), 1):
        _function(library, Reader(path, _label("function", i, raw), raw, _FUNCTION))
    for i, raw in enumerate(top.tables("method"), 1):
        _method(library, Reader(path, _label("method", i, raw), raw, _METHOD))
    for i, raw in enumerate(top.tables("selector"), 1):
        _selector(library, Reader(path, _label("selector", i, raw), raw, _SELECTOR))
    for i, raw in enumerate(top.tables("override"), 1):
        _override(library, Reader(path, _label("override", i, raw), raw, ("names", "method", "direction", "url")))
    return library


_TOP = (
    "library", "roots", "docs", "aliases", "imported_as", "lists", "proof", "function", "method", "selector",
    "override",
)  # fmt: skip
_FUNCTION = (
    "names", "params", "sense", "kind", "passes", "needs", "turned_in", "makes", "of", "direction",
    "direction_flag", "minimizes", "maximizes", "aux", "keys", "keywords", "field", "part", "ranks", "value", "calls",
    "url", "versions", "proof", "unproved",
)  # fmt: skip
_METHOD = ("names", "on", "passes", "sense", "kind", "makes", "url")
_SELECTOR = (
    "names", "params", "metric", "mode", "minimize", "maximize", "default", "auto", "objective", "result", "takes",
    "direction", "reports", "url", "versions", "proof", "unproved",
)  # fmt: skip


def _function(library: Library, r: Reader) -> None:
    shared = Entry(
        name="",
        library=library.name,
        params=r.texts("params"),
        sense=r.word("sense", Sense),
        kind=r.one_of("kind", KINDS),
        passes=r.words("passes", Pass),
        needs=r.words("needs", Sense),
        turned_in=r.text("turned_in"),
        makes=r.one_of("makes", MAKES),
        of=r.text("of"),
        direction=r.one_of("direction", _DIRECTIONS) or "minimize",
        direction_flag=r.text("direction_flag"),
        minimizes=r.text("minimizes"),
        maximizes=r.text("maximizes"),
        aux=r.text("aux"),
        keys=r.text("keys"),
        field=r.flag("field"),
        part=r.number("part") if "part" in r.table else -1,
        ranks=r.texts("ranks"),
        url=r.text("url") or library.docs,
    )
    _check_params(r, shared, r.texts("keywords"))
    names = r.names(library.lists)
    values, calls = _by_name(r, "value", names), _by_name(r, "calls", names)
    if (shared.makes == "function") != bool(calls):
        raise r.error('`makes = "function"` and `calls` go together')
    for name in names:
        _rooted(library, r, name)
        if name in library.functions:
            raise r.error(f"`{name}` is a duplicate: an entry before this one has it")
        library.functions[name] = shared
        if name in values or name in calls:
            library.functions[name] = replace(shared, value=values.get(name, ""), calls=calls.get(name, ""))
        _told(library, r, name)


def _by_name(r: Reader, key: str, names: Sequence[str]) -> dict[str, str]:
    """What each name computes or calls: one text for all, or a table by what the names end with; not parsed here."""
    out: dict[str, str] = {}
    for end, text in r.choices(key).items():
        ended = [n for n in names if end == "*" or n.endswith(f".{end}")]
        if not ended:
            raise r.error(f"has a {key} of `{end}`, which is not among `names`")
        out |= dict.fromkeys(ended, text)
    return out


def _check_params(r: Reader, e: Entry, keywords: tuple[str, ...]) -> None:
    named = [*e.passes, *(() if e.makes == "loss" else e.needs), e.of, e.minimizes, e.maximizes]
    for param in named:
        if param and param not in ("*", *e.params, *keywords):
            raise r.error(f"speaks of the parameter `{param}`, which is not among `params`")
    if (e.makes in ("losses", "results")) != bool(e.keys):
        raise r.error('`makes = "losses"` or `"results"` and `keys` go together')
    if e.sense is None and not (e.passes or e.needs or e.makes or e.minimizes or e.maximizes):
        raise r.error("says nothing: give one of sense, passes, needs, makes, minimizes, maximizes")


def _method(library: Library, r: Reader) -> None:
    on = r.one_of("on", _ON)
    if not on:
        raise r.error("has no `on`")
    passes, sense = r.word("passes", Pass), r.word("sense", Sense)
    kind, makes, url = r.one_of("kind", KINDS), r.one_of("makes", MAKES), r.text("url") or library.docs
    if passes is None and sense is None and not makes:
        raise r.error("says nothing: give one of passes, sense, makes")
    for name in r.names(library.lists):
        if (name, on) in library.methods:
            raise r.error(f"`{name}` is a duplicate: an entry before this one has it")
        library.methods[name, on] = Method(name, on, library.name, passes, sense, kind, makes, url)


def _selector(library: Library, r: Reader) -> None:
    made = Selector(
        name="",
        library=library.name,
        params=r.texts("params"),
        metric=r.text("metric"),
        mode=r.text("mode"),
        minimize=r.texts("minimize"),
        maximize=r.texts("maximize"),
        default=tuple(r.choices("default", _DIRECTIONS).items()),
        auto=r.texts("auto"),
        objective=r.text("objective"),
        result=r.text("result"),
        takes=r.numbers("takes"),
        direction=r.one_of("direction", _DIRECTIONS),
        reports=r.flag("reports"),
        url=r.text("url") or library.docs,
    )
    if not (made.metric or made.objective or made.takes):
        raise r.error("selects by nothing: give one of metric, objective, takes")
    if not (made.mode or made.direction or made.reports):
        raise r.error("does not say which way: give `mode`, `direction` or `reports`")
    if made.mode and not (made.minimize and made.maximize):
        raise r.error("has a `mode`, but not the values that `minimize` and `maximize`")
    for name in r.names(library.lists):
        _rooted(library, r, name)
        if name in library.selectors:
            raise r.error(f"`{name}` is a duplicate: a selector before this one has it")
        library.selectors[name] = made
        _told(library, r, name)


def _override(library: Library, r: Reader) -> None:
    method, direction = r.text("method", required=True), r.one_of("direction", _DIRECTIONS)
    if not direction:
        raise r.error("has no `direction`")
    for name in r.names(library.lists):
        _rooted(library, r, name)
        library.overrides[name, method] = Override(name, method, direction, library.name, r.text("url") or library.docs)


def _trials(path: Path, table: Table) -> Trials:
    r = Reader(path, "proof", table, ("packages", "setup", "calls"))
    calls = Reader(path, "proof.calls", r.section("calls"), r.section("calls"))
    return Trials(
        r.texts("packages"), r.text("setup"), {key: _call(calls, key, calls.table[key]) for key in calls.table}
    )


def _call(r: Reader, key: str, call: object) -> dict[str, str]:
    if not isinstance(call, dict) or not all(isinstance(x, str) for x in call.values()):
        raise r.error(f"`{key}` must be a table of strings")
    for word in call:
        if word not in PROOFS:
            raise r.error(f"`{key}` has an unknown word `{word}`{_near(word, PROOFS)}")
    return call


def _shared(library: Library, r: Reader, name: object) -> dict[str, str]:
    calls = library.trials.calls
    if not isinstance(name, str) or name not in calls:
        raise r.error(f"`proof` names `{name}`, which is not in [proof.calls]{_near(str(name), calls)}")
    return calls[name]


def _told(library: Library, r: Reader, name: str) -> None:
    """What an entry tells of itself, not of what it means: in which versions it is, and how that was proved."""
    versions = r.table.get("versions", False)
    if isinstance(versions, str):
        library.ranges[name] = versions
    if versions if isinstance(versions, str) else r.flag("versions"):
        library.optional.add(name)
    given, why = r.table.get("proof"), r.text("unproved")
    if given is None and not why:
        return
    chosen = [] if given is None else given if isinstance(given, list) else [given]
    calls = tuple(_call(r, "proof", x) if isinstance(x, dict) else _shared(library, r, x) for x in chosen)
    library.proofs[name] = Proof(calls, why)


def _rooted(library: Library, r: Reader, name: str) -> None:
    if name.partition(".")[0] not in library.roots:
        raise r.error(f"`{name}` does not begin with one of the file's `roots`: {', '.join(library.roots) or 'none'}")


def _label(what: str, number: int, raw: Table) -> str:
    names = raw.get("names")
    first = names[0] if isinstance(names, list) and names else ""
    return f"{what} {number}" + (f" ({first})" if first else "")


class Reader:
    """Takes values out of a table; each method says what it wanted when it gets something else."""

    def __init__(self, path: Path, entry: str, table: Table, keys: Iterable[str]) -> None:
        self.path, self.entry, self.table = path, entry, table
        for key in table:
            if key not in keys:
                raise self.error(f"unknown key `{key}`{_near(key, keys)}")

    def error(self, reason: str) -> RuleError:
        return RuleError(self.path, self.entry, reason)

    def text(self, key: str, *, required: bool = False) -> str:
        value = self.table.get(key, "")
        if not isinstance(value, str):
            raise self.error(f"`{key}` must be a string, not {_type(value)}")
        if required and not value:
            raise self.error(f"has no `{key}`")
        return value

    def flag(self, key: str) -> bool:
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            raise self.error(f"`{key}` must be true or false, not {_type(value)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
            raise self.error(f"`{key}` must be a list of strings")
        return tuple(value)

    def names(self, lists: dict[str, tuple[str, ...]]) -> list[str]:
        given = self.texts("names")
        if not given:
            raise self.error("has no `names`")
        try:
            return [name for x in given for name in expand(x, lists)]
        except ValueError as e:
            raise self.error(str(e)) from e

    def tables(self, key: str) -> list[Table]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(x, dict) for x in value):
            raise self.error(f"`{key}` must be written [[{key}]]")
        return value

    def section(self, key: str) -> Table:
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            raise self.error(f"`{key}` must be written [{key}]")
        return value

    def one_of(self, key: str, known: tuple[str, ...]) -> str:
        value = self.text(key)
        if value and value not in known:
            raise self.error(f"`{key}` has an unknown word `{value}`{_near(value, known)}")
        return value

    def choices(self, key: str, known: tuple[str, ...] = ()) -> dict[str, str]:
        """A table of words of ``known``, or any; one word alone stands for ``{ "*" = word }``."""
        value = self.table.get(key, {})
        if isinstance(value, str):
            value = {"*": value}
        if not isinstance(value, dict):
            raise self.error(f"`{key}` must be a word or a table of words, not {_type(value)}")
        for word in value.values():
            if not isinstance(word, str) or (known and word not in known):
                raise self.error(f"`{key}` has an unknown word `{word}`{_near(str(word), known)}")
        return value

    def number(self, key: str) -> int:
        value = self.table.get(key)
        if value is None:
            raise self.error(f"has no `{key}`")
        if type(value) is not int or value < 0:
            raise self.error(f"`{key}` must be a whole number, from 0")
        return value

    def numbers(self, key: str) -> dict[str, int]:
        value = self.table.get(key, {})
        if not isinstance(value, dict) or not all(type(x) is int and x >= 0 for x in value.values()):
            raise self.error(f"`{key}` must be a table of positions, from 0")
        return value

    def word(self, key: str, kind: Callable[[str], T]) -> T | None:
        value = self.text(key)
        return self._word(key, value, kind) if value else None

    def words(self, key: str, kind: Callable[[str], T]) -> dict[str, T]:
        value = self.table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(x, str) for x in value.values()):
            raise self.error(f"`{key}` must be a table of strings")
        return {name: self._word(key, x, kind) for name, x in value.items()}

    def _word(self, key: str, value: str, kind: Callable[[str], T]) -> T:
        try:
            return kind(value)
        except ValueError:
            known = [x.value for x in kind] if isinstance(kind, type) and issubclass(kind, (Sense, Pass)) else []
            raise self.error(f"`{key}` has an unknown word `{value}`{_near(value, known)}") from None


def _type(value: object) -> str:
    return f"a {type(value).__name__}"


def _near(word: str, known: Iterable[str]) -> str:
    known = tuple(known)
    close = get_close_matches(word, known, 1)
    if close:
        return f" (did you mean `{close[0]}`?)"
    return f" (known: {', '.join(known)})" if known else ""
